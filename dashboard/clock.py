"""Time in one place: aware UTC inside, Asia/Shanghai on screen."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_MS = 86_400_000


class Clock(Protocol):
    """Where the present comes from; a test brings its own."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return to_ms(datetime.now(UTC))


class FixedClock:
    """A clock that stands until it is moved."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def move(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)


def to_ms(moment: datetime) -> int:
    """Aware datetime to milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """Milliseconds since the epoch to aware UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def iso(ms: int) -> str:
    """RFC 3339 with milliseconds, as in `2026-11-22T06:32:07.123Z`."""
    return from_ms(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_day_start_ms(now_ms: int) -> int:
    """Midnight in Shanghai of the day that `now_ms` lies in."""
    local = from_ms(now_ms).astimezone(SHANGHAI)
    return to_ms(local.replace(hour=0, minute=0, second=0, microsecond=0))


def local_day(now_ms: int) -> str:
    """The date in Shanghai, as `2026-11-22`."""
    return from_ms(now_ms).astimezone(SHANGHAI).date().isoformat()
