"""How much the intake takes at once: bytes in work for all feeds, events a second for each."""

import asyncio
from collections import deque
from dataclasses import dataclass

BURST = 2.0
FEEDS_REMEMBERED = 10_000


class Turnstile:
    """Counts the bytes of bodies in work; one that would pass the bound comes again, or waits."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self.bytes_in_work = 0

    def enter(self, n_bytes: int) -> bool:
        if self.bytes_in_work + n_bytes > self._max_bytes:
            return False
        self.bytes_in_work += n_bytes
        return True

    async def wait(self, n_bytes: int) -> int:
        """Enter in turn; the bytes counted: more than the bound passes alone."""
        n_bytes = min(n_bytes, self._max_bytes)
        if not self._waiting and self.enter(n_bytes):
            return n_bytes
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((n_bytes, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had entered already
                self.leave(n_bytes)
            raise
        return n_bytes

    def leave(self, n_bytes: int) -> None:
        self.bytes_in_work -= n_bytes
        while self._waiting:
            n_next, turn = self._waiting[0]
            if not turn.cancelled():
                if not self.enter(n_next):
                    return
                turn.set_result(None)
            self._waiting.popleft()


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_ms: int


class Buckets:
    """One token bucket a feed: `rate_per_s` events a second, bursts of twice that."""

    def __init__(self, rate_per_s: int) -> None:
        self._rate_per_s = rate_per_s
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, feed: str, n_events: int, now_ms: int) -> float:
        """0 when the events may pass (and are counted), else the seconds after which they may."""
        full = self._rate_per_s * BURST
        if len(self._buckets) >= FEEDS_REMEMBERED:
            self._buckets.clear()
        bucket = self._buckets.setdefault(feed, _Bucket(full, now_ms))
        elapsed_s = max(now_ms - bucket.at_ms, 0) / 1000
        bucket.tokens = min(full, bucket.tokens + elapsed_s * self._rate_per_s)
        bucket.at_ms = now_ms
        needed = min(n_events, full)
        if bucket.tokens < needed:
            return (needed - bucket.tokens) / self._rate_per_s
        bucket.tokens -= needed
        return 0.0
