"""The one place for settings: environment variables with defaults, checked once at the start."""

import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard import setting_values as read
from dashboard.domain.rights import PERSONAL
from dashboard.errors import SettingError
from dashboard.setting_values import MIN_SECRET_LENGTH, GroupRight, Network

KEPT_FILE = "secret"  # in the data folder
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: `parse` raises ValueError on anything but `expected`."""

    name: str
    default: str
    expected: str
    meaning: str
    parse: Callable[[str], Any]
    hidden: bool = False  # the value must not reach a log

    @property
    def attribute(self) -> str:
        return self.name.removeprefix("ONEMAP_").lower()

    def read(self, environ: Mapping[str, str]) -> Any:
        """An unset or empty variable counts as the default. Raises SettingError."""
        text = environ.get(self.name, "").strip() or self.default
        if not text:
            return None
        try:
            return self.parse(text)
        except ValueError as error:
            shown = "(not shown)" if self.hidden else text
            raise SettingError(self.name, shown, self.expected) from error


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything an operator may choose; names are the variables without ONEMAP_, in lower case."""

    host: str
    port: int
    gateway_port: int
    data: Path
    region: Path
    demo: bool
    lang: str
    names: tuple[str, ...]
    proxies: tuple[Network, ...]
    frame_ancestors: str
    session_idle_s: int
    session_s: int
    secret: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    max_batch_events: int
    max_batch_bytes: int
    max_event_bytes: int
    feed_rate_per_s: int
    intake_memory_bytes: int
    store_max_bytes: int
    tick_ms: int
    checkpoint_s: float
    camera_stale_s: int
    staff_on_duty_s: int
    grid_cover_s: int
    due_soon_s: int
    oidc_issuer: str | None
    oidc_client_id: str | None
    oidc_client_secret: str | None = field(repr=False)
    oidc_groups_claim: str
    oidc_name: str
    oidc_rights: tuple[GroupRight, ...]
    smtp: str | None = field(repr=False)
    mail_from: str | None
    cap_sender: str | None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Creates the data folder and, once, the secret in it. Raises SettingError."""
        values = {setting.attribute: setting.read(environ) for setting in SETTINGS}
        values |= {name: () for name in ("names", "proxies") if values[name] is None}
        values["gateway_port"] = _gateway_port(values["port"], values["gateway_port"])
        _check_listening(values)
        values["oidc_rights"] = values["oidc_rights"] or ()
        _check_oidc(values)
        values["secret"] = values["secret"] or _kept_secret(values["data"])
        return cls(**values)


def _check_listening(values: Mapping[str, Any]) -> None:
    """Passwords and tokens may not cross a network in the clear. Raises SettingError."""
    if not read.is_loopback(values["host"]) and not values["proxies"]:
        raise SettingError("ONEMAP_HOST", values["host"], BEYOND_LOOPBACK)


def _gateway_port(port: int, given: int | None) -> int:
    chosen = port + 1 if given is None else given
    if chosen == port or chosen > 65_535:
        raise SettingError("ONEMAP_GATEWAY_PORT", str(chosen), "a free port other than ONEMAP_PORT")
    return chosen


def _check_oidc(values: Mapping[str, Any]) -> None:
    """An identity provider without these could let nobody in."""
    if values["oidc_issuer"] is None:
        return
    for name, expected in OIDC_NEEDS.items():
        if not values[name]:
            raise SettingError(f"ONEMAP_{name.upper()}", "", expected + ", with ONEMAP_OIDC_ISSUER")


def _kept_secret(data: Path) -> str:
    """Read the secret from the data folder; the first process to come writes it (mode 0600)."""
    path = data / KEPT_FILE
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        return read.secret(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        expected = f"a folder this user may write to ({error.strerror})"
        raise SettingError("ONEMAP_DATA", str(data), expected) from error
    except ValueError as error:
        expected = f"at least {MIN_SECRET_LENGTH} characters in that file, or no such file"
        raise SettingError("ONEMAP_SECRET", str(path), expected) from error


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all: a link that exists already means another process was first."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _count(name: str, default: int, meaning: str, minimum: int = 1) -> Setting:
    expected = f"a whole number, at least {minimum}"
    return Setting(name, str(default), expected, meaning, read.at_least(minimum))


BEYOND_LOOPBACK = (
    "a loopback address such as 127.0.0.1, or ONEMAP_PROXIES with the addresses of the TLS proxy "
    "that alone may come from elsewhere (docs/security.md)"
)

RIGHTS_EXPECTED = (
    "GROUP=ROLE:AREA, separated by commas; roles: "
    + ", ".join(PERSONAL)
    + "; area: a code of the region, * or none for all of it"
)
OIDC_NEEDS = {
    "oidc_client_id": "the name this program has at the identity provider",
    "oidc_rights": RIGHTS_EXPECTED,
}

SETTINGS: tuple[Setting, ...] = (
    Setting("ONEMAP_HOST", "127.0.0.1", "an IP address", "address to listen on", read.host),
    Setting(
        "ONEMAP_PORT",
        "8050",
        "a port, 1 to 65535",
        "port of the pages and the API",
        read.port,
    ),
    Setting(
        "ONEMAP_GATEWAY_PORT",
        "",
        "a port, 1 to 65535",
        "port of the gateway process (unset: ONEMAP_PORT + 1)",
        read.port,
    ),
    Setting("ONEMAP_DATA", "data", "a folder", "folder for everything written", read.folder),
    Setting(
        "ONEMAP_REGION",
        "guandu",
        "the name of a pack in dashboard/regions, or a region pack's folder",
        "region pack",
        read.region,
    ),
    Setting("ONEMAP_DEMO", "on", "on or off", "a made-up day until a feed is added", read.switch),
    Setting(
        "ONEMAP_LANG",
        "zh",
        "zh, en or browser",
        "language of the screens; browser: each browser's own",
        read.one_of("zh", "en", "browser"),
    ),
    Setting(
        "ONEMAP_NAMES",
        "",
        "host names, separated by commas",
        "host names that browsers use for it, besides its address",
        read.words(read.host_name),
    ),
    Setting(
        "ONEMAP_PROXIES",
        "",
        "addresses or networks such as 10.0.0.0/24, separated by commas",
        "TLS proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
        read.words(ipaddress.ip_network),
    ),
    Setting(
        "ONEMAP_FRAME_ANCESTORS",
        "none",
        "none, or origins such as https://portal.example.cn, separated by spaces",
        "pages of other sites that may show it in a frame",
        read.sources,
    ),
    _count("ONEMAP_SESSION_IDLE_S", 7_200, "seconds without a request until a session ends", 60),
    _count("ONEMAP_SESSION_S", 57_600, "seconds after signing in until a session ends", 60),
    Setting(
        "ONEMAP_SECRET",
        "",
        f"at least {MIN_SECRET_LENGTH} characters",
        "seals the audit trail, protects cookies (unset: generated, kept in the data folder)",
        read.secret,
        hidden=True,
    ),
    Setting(
        "REDIS_URL",
        "",
        "redis://, rediss:// or unix:// and a place",
        "an outside Redis or Valkey (unset: embedded Valkey in the data folder)",
        read.redis_url,
        hidden=True,
    ),
    _count("ONEMAP_MAX_BATCH_EVENTS", 5_000, "events a batch may hold"),
    _count("ONEMAP_MAX_BATCH_BYTES", 4 * MIB, "bytes a batch may have", 1_024),
    _count("ONEMAP_MAX_EVENT_BYTES", 16 * 1024, "bytes an event may have", 256),
    _count("ONEMAP_FEED_RATE_PER_S", 100_000, "events a second a feed may send (bursts: twice)"),
    _count("ONEMAP_INTAKE_MEMORY_BYTES", 64 * MIB, "bytes of batches in work at once", MIB),
    _count("ONEMAP_STORE_MAX_BYTES", 2_048 * MIB, "bytes of events the store keeps", MIB),
    _count("ONEMAP_TICK_MS", 40, "shortest pause between two rounds of the board, in ms"),
    Setting(
        "ONEMAP_CHECKPOINT_S",
        "1.0",
        "seconds, 0.05 to 3600",
        "seconds between two checkpoints of the board",
        read.seconds,
    ),
    _count("ONEMAP_CAMERA_STALE_S", 93_600, "seconds until a silent camera counts as stale"),
    _count("ONEMAP_STAFF_ON_DUTY_S", 1_800, "seconds on duty after a check-in"),
    _count("ONEMAP_GRID_COVER_S", 7_200, "seconds a check-in covers its grid"),
    _count("ONEMAP_DUE_SOON_S", 3_600, "seconds before its limit an incident is due soon"),
    Setting(
        "ONEMAP_OIDC_ISSUER",
        "",
        "https:// and a host (http:// on this machine only), without user, query or fragment",
        "identity provider to sign in with, by OpenID Connect (unset: none)",
        read.issuer,
    ),
    Setting(
        "ONEMAP_OIDC_CLIENT_ID",
        "",
        OIDC_NEEDS["oidc_client_id"],
        "name of this program at the identity provider",
        str,
    ),
    Setting(
        "ONEMAP_OIDC_CLIENT_SECRET",
        "",
        "the secret the identity provider gave",
        "secret of this program at the identity provider (unset: a public client)",
        str,
        hidden=True,
    ),
    Setting(
        "ONEMAP_OIDC_GROUPS_CLAIM",
        "groups",
        "the name of a claim",
        "claim that names a person's groups",
        str,
    ),
    Setting(
        "ONEMAP_OIDC_NAME",
        "统一身份认证",
        "the words on the button, at most 40 characters",
        "name of the identity provider on the sign-in page",
        read.short,
    ),
    Setting(
        "ONEMAP_OIDC_RIGHTS",
        "",
        RIGHTS_EXPECTED,
        "which group makes whom: GROUP=ROLE:AREA, the first match wins",
        read.group_rights,
    ),
    Setting(
        "ONEMAP_SMTP",
        "",
        "smtp:// or smtps://, a host, and before it user:password@ where the server asks for it",
        "mail server for outlets that send mail (unset: none)",
        read.smtp_url,
        hidden=True,
    ),
    Setting(
        "ONEMAP_MAIL_FROM",
        "",
        "a mail address",
        "sender of that mail",
        read.mail_address,
    ),
    Setting(
        "ONEMAP_CAP_SENDER",
        "",
        "a name without spaces, commas, < and &, such as onemap@guandu.example.cn",
        "`sender` of CAP messages, unique in the world by agreement (unset: none are sent)",
        read.cap_sender,
    ),
)
