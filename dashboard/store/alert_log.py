"""The alert log: every change of every alert in order, for screens, figures and notifications."""

from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from dashboard.domain.alerts import AlertNews
from dashboard.store import keys
from dashboard.store.client import entries_of, reported

READ_AT_ONCE = 500

_news = msgspec.msgpack.Decoder(tuple[AlertNews, ...])
_encode = msgspec.msgpack.Encoder().encode

News = tuple[AlertNews, ...]


def encode_news(news: list[AlertNews]) -> bytes:
    return _encode(news)


def decode_entries(entries: list[Any]) -> list[tuple[str, News]]:
    """Position and news of each entry of a range of the stream."""
    return [(position.decode(), _news.decode(fields[b"n"])) for position, fields in entries]


class AlertLog:
    """Reads the log. Each entry holds the news of one round of the rules."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def after(self, position: str, block_ms: int) -> list[tuple[str, News]]:
        """Entries after a position ("0-0": all that are kept); waits for the first.

        Raises StoreAway.
        """
        with reported():
            answer = cast(
                "dict[bytes, Any]",
                await self._redis.xread(
                    {keys.ALERT_LOG: position}, count=READ_AT_ONCE, block=block_ms
                ),
            )
        return decode_entries(entries_of(answer))

    async def since(self, ms: int) -> list[AlertNews]:
        """All news from an instant on, oldest first. Raises StoreAway."""
        with reported():
            entries = cast("list[Any]", await self._redis.xrange(keys.ALERT_LOG, str(ms), "+"))
        return [line for _, news in decode_entries(entries) for line in news]

    async def last_position(self) -> str:
        """Where the log ends now; "0-0" while it is empty. Raises StoreAway."""
        with reported():
            entries = cast("list[Any]", await self._redis.xrevrange(keys.ALERT_LOG, count=1))
        return entries[0][0].decode() if entries else "0-0"
