"""A source of events: who it is, what it may report for, and how alive it is."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

STALE_FLOOR_MS = 60_000


class FeedKind(StrEnum):
    """Where a feed's events come from; anything but LIVE is said on every screen."""

    LIVE = "live"
    SIMULATED = "simulated"
    RECORDED = "recorded"


class Freshness(IntEnum):
    """How far a number can be trusted to be of now; higher is worse."""

    LIVE = 0
    LATE = 1
    STALE = 2
    LOST = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """`area` bounds what it may report for (None: the region); reports come every `period_s`."""

    name: str
    kind: FeedKind
    title: str
    title_en: str
    area: str | None
    period_s: int
    label: str | None
    created_ms: int
    revoked_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCounts:
    """What the intake counted since the feed was added; `last_ms` is None before a first batch."""

    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    private: int = 0
    last_ms: int | None = None
    sent: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """How alive a feed is, and when it was last heard (None: never)."""

    rank: Freshness
    last_ms: int | None


UNHEARD = Heard(Freshness.LOST, None)


def freshness(last_ms: int | None, period_s: int, now_ms: int) -> Freshness:
    """Live for 1 period, late for 3 (60 s at least), stale for 10 (120 s at least), then lost."""
    if last_ms is None:
        return Freshness.LOST
    silence_ms = now_ms - last_ms
    period_ms = period_s * 1000
    if silence_ms <= period_ms:
        return Freshness.LIVE
    if silence_ms <= max(3 * period_ms, STALE_FLOOR_MS):
        return Freshness.LATE
    if silence_ms <= max(10 * period_ms, 2 * STALE_FLOOR_MS):
        return Freshness.STALE
    return Freshness.LOST
