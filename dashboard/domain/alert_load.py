"""How much the alerts ask of the officers, beside the standard (ISA-18.2 / EEMUA 191).

Everything is counted from the alert log: an annunciation is a line of it that rang.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dashboard.domain.alert_rules import OF_THE_QUEUE, Kind
from dashboard.domain.alerts import FLEETING_MS, AlertNews, What

MINUTE_MS: Final = 60_000
TEN_MIN_MS: Final = 600_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
FLOOD_BEGINS, FLOOD_ENDS = 10, 5  # more than ten in ten minutes, until fewer than five
TOP: Final = 10
BAD_ACTORS: Final = 20

# Per officer: very likely acceptable, maximum manageable (ISA-18.2, table of section 16).
TARGETS: Final = {
    "n_10_min": (1, 2),
    "n_hour": (6, 12),
    "n_day": (144, 288),
    "max_10_min": (10, 10),
    "share_top_ten": (0.05, 0.05),
    "n_stale": (5, 5),
    "n_chattering": (0, 0),
    "n_fleeting": (0, 0),
    "flood_share": (0.01, 0.01),
}
PRIORITY_SHARES: Final[dict[int, float]] = {
    3: 0.80,
    2: 0.15,
    1: 0.05,
}  # the standard's low, medium and high


@dataclass(frozen=True, slots=True)
class Flood:
    """`since_ms` None: there is none. `n_10_min`: annunciations of the last ten minutes."""

    since_ms: int | None
    n_10_min: int

    @property
    def is_on(self) -> bool:
        return self.since_ms is not None


class Spell(NamedTuple):
    begin_ms: int
    end_ms: int | None  # None: it lasts


def flood_spells(rang_ms: Sequence[int], now_ms: int) -> list[Spell]:
    """When it was flooding; `rang_ms` ascending. An annunciation counts for ten minutes.

    It begins with the annunciation that makes them more than ten and ends as soon as those of the
    last ten minutes are fewer than five: the same whenever and by whomever it is computed.
    """
    window: deque[int] = deque()
    spells: list[Spell] = []
    since: int | None = None

    def leave(until_ms: int) -> None:
        nonlocal since
        while window and window[0] + TEN_MIN_MS <= until_ms:
            end_ms = window.popleft() + TEN_MIN_MS
            if since is not None and len(window) < FLOOD_ENDS:
                spells.append(Spell(since, end_ms))
                since = None

    for at_ms in rang_ms:
        leave(at_ms)
        window.append(at_ms)
        if since is None and len(window) > FLOOD_BEGINS:
            since = at_ms
    leave(now_ms)
    return [*spells, Spell(since, None)] if since is not None else spells


def flood(rang_ms: Sequence[int], now_ms: int) -> Flood:
    """As it stands now; `rang_ms` of the last day, ascending."""
    spells = flood_spells(rang_ms, now_ms)
    lasts = bool(spells) and spells[-1].end_ms is None
    recent = sum(at_ms > now_ms - TEN_MIN_MS for at_ms in rang_ms)
    return Flood(spells[-1].begin_ms if lasts else None, recent)


def most_in_10_min(rang_ms: Sequence[int]) -> int:
    """The largest number of annunciations within any ten minutes."""
    window: deque[int] = deque()
    most = 0
    for at_ms in rang_ms:
        window.append(at_ms)
        while window[0] + TEN_MIN_MS <= at_ms:
            window.popleft()
        most = max(most, len(window))
    return most


def top_share(news: Iterable[AlertNews]) -> float | None:
    """Share of the annunciations that the ten loudest sources made; None where nothing rang."""
    by_source = Counter(line.alert for line in news if line.rang)
    total = by_source.total()
    return sum(n for _, n in by_source.most_common(TOP)) / total if total else None


def priority_shares(news: Iterable[AlertNews]) -> dict[int, float] | None:
    """Share of the annunciations by priority 1 to 4; None where nothing rang."""
    by_priority = Counter(line.priority for line in news if line.rang)
    total = by_priority.total()
    return {p: by_priority[p] / total for p in (1, 2, 3, 4)} if total else None


# A case that is taken up or done ends these: that it went quickly is what was asked for.
ENDED_BY_WORK: Final = frozenset({*OF_THE_QUEUE, Kind.WHISTLE_UNANSWERED})


def fleeting(news: Iterable[AlertNews]) -> Counter[str]:
    """How often each alert was gone within a minute of its raising, and not for being answered."""
    raised: dict[str, int] = {}
    found: Counter[str] = Counter()
    for line in news:
        if line.kind in ENDED_BY_WORK:
            continue
        if line.what is What.RAISED:
            raised[line.alert] = line.at_ms
        elif line.what is What.CLEARED:
            at_ms = raised.pop(line.alert, None)
            if at_ms is not None and line.at_ms - at_ms <= FLEETING_MS:
                found[line.alert] += 1
    return found


@dataclass(frozen=True, slots=True)
class Rate:
    """Annunciations of one desk."""

    n_10_min: int
    n_hour: int
    n_day: int

    def per_officer(self, seats: int) -> dict[str, float]:
        return {
            "n_10_min": self.n_10_min / seats,
            "n_hour": self.n_hour / seats,
            "n_day": self.n_day / seats,
        }


def rate(rang_ms: Sequence[int], now_ms: int) -> Rate:
    """Counts of the spans that end now; `rang_ms` of the last day."""
    n_10_min, n_hour, n_day = (
        sum(at_ms > now_ms - span_ms for at_ms in rang_ms)
        for span_ms in (TEN_MIN_MS, HOUR_MS, DAY_MS)
    )
    return Rate(n_10_min, n_hour, n_day)
