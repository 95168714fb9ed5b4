"""Outlets: where news of alerts goes outside the program, what each is told, and how it fares.

Pure: the process that delivers is `dashboard.outlets`.
"""

import hashlib
import hmac
import random
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from dashboard.clock import DAY_MS
from dashboard.domain.alerts import AlertNews, What
from dashboard.domain.areas import Region
from dashboard.domain.rights import reaches

MAX_OUTLETS = 32
MAX_ADDRESSES = 20
GIVE_UP_MS = 2 * DAY_MS  # after the news
FIRST_PAUSE_MS = 1_000
LONGEST_PAUSE_MS = 15 * 60_000
DIGEST_MS = 60_000  # that mail about what is not of priority 1 waits for more
LATE_MS = 5 * 60_000  # that the oldest waits
SILENT_MS = 60_000  # without a sign of life of the process that delivers
DEFAULT_WHATS = ("raised", "again", "cleared")
WHATS = (*DEFAULT_WHATS, *(what.value for what in What if what not in DEFAULT_WHATS))

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251})")
_NOT_SHOWN = re.compile(r"[\x00-\x20\x7f]")


class OutletKind(StrEnum):
    WEBHOOK = "webhook"  # JSON, posted
    EMAIL = "email"
    CAP = "cap"  # CAP 1.2 for the public's systems: posted, or a file in a folder


class OutletState(StrEnum):
    OK = "ok"
    LATE = "late"  # something waits for long, or nobody delivers
    FAILING = "failing"  # the last attempt failed
    PAUSED = "paused"


class Outlet(msgspec.Struct, frozen=True, kw_only=True):
    """`target`: a URL, or addresses with commas between. `area` None: the whole region; `priority`
    is the least urgent it is told of; `rules` empty: of all. `drill`: CAP says Exercise.
    """

    name: str
    kind: OutletKind
    target: str
    created_ms: int
    area: str | None = None
    priority: int = 4
    whats: tuple[str, ...] = DEFAULT_WHATS
    rules: tuple[str, ...] = ()
    lang: str = "zh"
    drill: bool = False
    paused_ms: int | None = None
    paused_why: str | None = None

    def wants(self, news: AlertNews, region: Region) -> bool:
        """Whether its filter lets the news through."""
        return (
            news.priority <= self.priority
            and news.what in self.whats
            and (not self.rules or news.rule in self.rules)
            and (self.area is None or reaches(region, self.area, news.area))
        )

    def secret(self, program_secret: str) -> str:
        """What its deliveries are signed with; derived, so that it need not be stored."""
        told = f"outlet\n{self.name}\n{self.created_ms}".encode()
        return "oms_" + hmac.new(program_secret.encode(), told, hashlib.sha256).hexdigest()

    @property
    def is_folder(self) -> bool:
        return self.target.startswith("file:")

    @property
    def place(self) -> str:
        """The target without what may be secret in it: for logs, audit trail and errors."""
        if self.kind is OutletKind.EMAIL:
            n = len(addresses(self.target))
            return "1 address" if n == 1 else f"{n} addresses"
        parts = urlsplit(self.target)
        return "a folder" if self.is_folder else f"{parts.scheme}://{_host(parts)}"


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """News on its way to one outlet: tried next at `due_ms`. `made_up`: simulated or played back
    events were delivered for its area when it was told."""

    news: AlertNews
    due_ms: int
    made_up: bool = False
    attempts: int = 0
    error: str = ""


class Lost(msgspec.Struct, frozen=True):
    """What an outlet was never told, and why."""

    n: int
    alert: str
    what: str
    at_ms: int
    lost_ms: int
    attempts: int
    error: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How an outlet fares. `at_ms`: when that was said; `missed` were gone from the log before the
    outlet was told, `lost` were given up; `attempts` are those that failed since the last success,
    `error` is what the last of them said, at `error_ms`.
    """

    at_ms: int = 0
    delivered_ms: int | None = None
    n_delivered: int = 0
    waiting: int = 0
    oldest_ms: int | None = None
    attempts: int = 0
    error: str = ""
    error_ms: int | None = None
    lost: int = 0
    missed: int = 0

    def state(self, outlet: Outlet, now_ms: int) -> OutletState:
        if outlet.paused_ms is not None:
            return OutletState.PAUSED
        if self.attempts:
            return OutletState.FAILING
        silent = now_ms - max(self.at_ms, outlet.created_ms) > SILENT_MS
        waits = self.oldest_ms is not None and now_ms - self.oldest_ms > LATE_MS
        return OutletState.LATE if silent or waits else OutletState.OK


def delivery_id(outlet: Outlet, news: AlertNews) -> str:
    """The same for every attempt, so that whoever gets one twice can tell."""
    return f"{outlet.name}.{news.n}.{news.at_ms}"


def place_in_queue(news: AlertNews) -> tuple[int, int]:
    """Numbers start again when a made-up day is forgotten; instants do not."""
    return news.at_ms, news.n


def pause_ms(attempts: int, chance: float) -> int:
    """Until the next attempt after `attempts` that failed: twice as long each time, up to 15
    minutes; `chance` 0 to 1 takes off up to a half, so that many do not come at once."""
    longest: int = min(FIRST_PAUSE_MS << min(attempts - 1, 20), LONGEST_PAUSE_MS)
    return round(longest * (1 - chance / 2))


def retried(item: Waiting, now_ms: int, error: str, chance: random.Random) -> Waiting:
    """An attempt failed."""
    attempts = item.attempts + 1
    due_ms = now_ms + pause_ms(attempts, chance.random())
    return msgspec.structs.replace(item, attempts=attempts, due_ms=due_ms, error=error)


def first_due_ms(outlet: Outlet, news: AlertNews, now_ms: int) -> int:
    """Mail waits a little for more of it, unless it is urgent."""
    waits = outlet.kind is OutletKind.EMAIL and news.priority > 1
    return now_ms + DIGEST_MS if waits else now_ms


def next_up(items: Sequence[Waiting], now_ms: int) -> Waiting | None:
    """The one to try now: due for the longest, and the first of its alert. `items` by number."""
    first: dict[str, Waiting] = {}
    for item in items:
        first.setdefault(item.news.alert, item)
    due = [item for item in first.values() if item.due_ms <= now_ms]
    return min(due, key=lambda item: item.due_ms, default=None)


def mailed_with(items: Sequence[Waiting], chosen: Waiting) -> list[Waiting]:
    """What goes in one mail with `chosen`: all of the alert if it is urgent, else all there is
    that has not failed by itself. `items` by number."""
    if chosen.news.priority == 1:
        return [item for item in items if item.news.alert == chosen.news.alert]
    urgent = {item.news.alert for item in items if item.news.priority == 1}
    return [item for item in items if item.news.alert not in urgent]


# ---- what cannot be an outlet --------------------------------------------------------------------


def addresses(target: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in target.split(",") if word.strip())


def objection_to_outlet(outlet: Outlet, region: Region) -> tuple[str, str] | None:
    """(field, what is wrong and what is expected); None: it can be one."""
    found = (
        ("NAME", _objection_to_name(outlet.name)),
        ("TARGET", objection_to_target(outlet.kind, outlet.target)),
        ("--area", _objection_to_area(outlet.area, region)),
        ("--priority", None if 1 <= outlet.priority <= 4 else "expected 1 to 4"),
        ("--what", _objection_to_whats(outlet.whats)),
        ("--lang", None if outlet.lang in ("zh", "en") else "expected zh or en"),
    )
    return next(((field, wrong) for field, wrong in found if wrong is not None), None)


def _objection_to_name(name: str) -> str | None:
    if _NAME.fullmatch(name) is None:
        return f"{name!r} cannot be a name: 1 to 64 letters, digits, dots, dashes, underscores"
    return None


def _objection_to_area(area: str | None, region: Region) -> str | None:
    if area is not None and area not in region.by_code:
        return f"there is no area {area!r} in the region pack"
    return None


def _objection_to_whats(whats: Sequence[str]) -> str | None:
    wrong = [what for what in whats if what not in WHATS]
    if not wrong and whats:
        return None
    named = wrong[0] if wrong else ""
    return f"{named!r} is nothing that is told of an alert: {', '.join(WHATS)}"


def objection_to_target(kind: OutletKind, target: str) -> str | None:
    """The target itself is not repeated: there may be a secret in it."""
    if kind is OutletKind.EMAIL:
        return _objection_to_addresses(addresses(target))
    if _NOT_SHOWN.search(target):
        return "a URL has no spaces or control characters"
    try:
        parts = urlsplit(target)
        has_port = parts.port != 0
    except ValueError:
        return "it is not a URL: expected http:// or https:// and a host"
    if kind is OutletKind.CAP and parts.scheme == "file":
        return _objection_to_folder(parts)
    return _objection_to_url(parts, has_port=has_port, kind=kind)


def _objection_to_url(parts: SplitResult, *, has_port: bool, kind: OutletKind) -> str | None:
    if parts.scheme not in ("http", "https"):
        more = ", or file:/// and a folder" if kind is OutletKind.CAP else ""
        return f"the scheme {parts.scheme!r} is not used: expected http:// or https://{more}"
    if not parts.hostname or not has_port:
        return "a host is missing: expected http:// or https:// and a host"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "a URL with a user, a password or a fragment is not used"
    return None


def _objection_to_addresses(found: Sequence[str]) -> str | None:
    if not 1 <= len(found) <= MAX_ADDRESSES:
        return f"expected 1 to {MAX_ADDRESSES} mail addresses with commas between"
    wrong = [address for address in found if _ADDRESS.fullmatch(address) is None]
    return f"{wrong[0]!r} is not a mail address" if wrong else None


def _objection_to_folder(parts: SplitResult) -> str | None:
    path = unquote(parts.path)
    if parts.netloc or parts.query or parts.fragment or not path.startswith("/"):
        return "expected file:/// and a folder of this machine"
    if "\x00" in path or ".." in PurePosixPath(path).parts or path == "/":
        return "expected file:/// and a folder without .. in it"
    return None


def folder_of(target: str) -> str:
    """The path in a file URL."""
    return unquote(urlsplit(target).path)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    return named if parts.port is None else f"{named}:{parts.port}"
