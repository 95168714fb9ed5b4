"""Feeds and their tokens.

A token is shown once and kept as its SHA-256; it is 256 random bits, so no salt is needed.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

import msgspec
from redis.asyncio import Redis

from dashboard.domain.accounts import hash_secret, new_secret
from dashboard.domain.feeds import Feed, FeedCounts, FeedKind
from dashboard.errors import UnknownFeed
from dashboard.store import keys
from dashboard.store.client import reported

TOKEN_PREFIX = "omf_"  # noqa: S105  # a prefix that lets leaked tokens be searched for, no secret

Write = tuple[str | bytes, ...]  # a command of the store

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Feed)


class FeedStore:
    """Adds, lists and revokes feeds; finds the feed of a token."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, feed: Feed) -> str:
        """The new token. A feed of that name gets a new token and the old one stops working."""
        token, writes = await self.adding(feed)
        await self._write(writes)
        return token

    async def adding(self, feed: Feed) -> tuple[str, tuple[Write, ...]]:
        """The new token, and what has to be written for it to work. Raises StoreAway."""
        token = new_secret(TOKEN_PREFIX)
        return token, (
            *await self._dropping_tokens(feed.name),
            ("HSET", keys.FEED_TOKENS, hash_secret(token), feed.name),
            ("HSET", keys.FEEDS, feed.name, _encoder.encode(feed)),
        )

    async def _dropping_tokens(self, name: str) -> tuple[Write, ...]:
        with reported():
            stale = await self._token_hashes(name)
        return tuple(("HDEL", keys.FEED_TOKENS, token) for token in stale)

    async def _write(self, writes: Iterable[Write]) -> None:
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                for write in writes:
                    pipe.execute_command(*write)
                await pipe.execute()

    async def _token_hashes(self, name: str) -> list[bytes]:
        tokens = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.FEED_TOKENS))
        return [token for token, owner in tokens.items() if owner.decode() == name]

    async def revoke(self, name: str, now_ms: int) -> None:
        """The token dies within a second; what was reported stays. Raises UnknownFeed."""
        await self._write(await self.revoking(name, now_ms))

    async def revoking(self, name: str, now_ms: int) -> tuple[Write, ...]:
        """What has to be written for it. Raises UnknownFeed, StoreAway."""
        with reported():
            body = cast("bytes | None", await self._redis.hget(keys.FEEDS, name))
        if body is None:
            raise UnknownFeed(name)
        revoked = replace(_decoder.decode(body), revoked_ms=now_ms)
        return (
            *await self._dropping_tokens(name),
            ("HSET", keys.FEEDS, name, _encoder.encode(revoked)),
        )

    async def list(self) -> tuple[Feed, ...]:
        """Every feed, revoked ones too, in the order they were added."""
        with reported():
            rows = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.FEEDS))
        feeds = (_decoder.decode(body) for body in rows.values())
        return tuple(sorted(feeds, key=lambda feed: (feed.created_ms, feed.name)))

    async def find_by_token(self, token: str) -> Feed | None:
        """The feed that may speak with this token, None for an unknown or revoked one."""
        with reported():
            name = cast(
                "bytes | None", await self._redis.hget(keys.FEED_TOKENS, hash_secret(token))
            )
            body = (
                None
                if name is None
                else cast("bytes | None", await self._redis.hget(keys.FEEDS, name.decode()))
            )
        feed = None if body is None else _decoder.decode(body)
        return None if feed is None or feed.revoked_ms is not None else feed

    async def has_live(self) -> bool:
        """True once a real source was added, revoked or not: no simulation may mix with it."""
        return any(feed.kind is FeedKind.LIVE for feed in await self.list())

    async def counts(self) -> dict[str, FeedCounts]:
        """Counts by feed name, as of the last append."""
        with reported():
            rows = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.FEED_COUNTS))
        found: dict[str, dict[str, int]] = {}
        for row, value in rows.items():
            name, _, what = row.decode().rpartition(":")
            found.setdefault(name, {})[what] = int(value)
        return {name: FeedCounts(**counted) for name, counted in found.items()}

    async def private_on(self, day: str) -> int:
        """Person events dropped on a Shanghai date such as `2026-11-22`."""
        with reported():
            return int(cast("bytes | None", await self._redis.hget(keys.PRIVATE_DAYS, day)) or 0)
