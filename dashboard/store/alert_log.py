"""The alert log in the store: what the board told of its alerts, in order."""

from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from dashboard.domain.alerts import AlertNews
from dashboard.store import keys
from dashboard.store.client import entries_of, reported

READ_AT_ONCE = 500  # entries

_decode = msgspec.msgpack.Decoder(list[AlertNews]).decode

Told = tuple[str, tuple[AlertNews, ...]]


class AlertLog:
    """Reads what the board wrote."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def after(self, position: str, block_ms: int) -> list[Told]:
        """The next entries, oldest first; waits for them up to `block_ms`. Raises StoreAway."""
        with reported():
            answer = await self._redis.xread(
                {keys.ALERT_LOG: position}, count=READ_AT_ONCE, block=block_ms
            )
        return [_told(entry) for entry in entries_of(answer)]

    async def since(self, ms: int) -> list[AlertNews]:
        """What was told from an instant on. Raises StoreAway."""
        with reported():
            rows = cast("list[Any]", await self._redis.xrange(keys.ALERT_LOG))
        every = [news for row in rows for news in _told(row)[1]]
        return [news for news in every if news.at_ms >= ms]

    async def last_position(self) -> str:
        """Where the log ends now; "0-0" while it is empty. Raises StoreAway."""
        with reported():
            rows = cast("list[Any]", await self._redis.xrevrange(keys.ALERT_LOG, count=1))
        return rows[0][0].decode() if rows else "0-0"


def _told(entry: tuple[bytes, dict[bytes, bytes]]) -> Told:
    return entry[0].decode(), tuple(_decode(entry[1][b"n"]))
