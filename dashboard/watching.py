"""Who has which case open: told to the other desks, kept nowhere.

Within one web process it is known at once; from other processes within LOOK_S, over a hash in the
store where each writes its own line and forgets those of processes that are gone.
"""

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping
from typing import cast

import msgspec
from redis.asyncio import Redis

from dashboard.clock import Clock
from dashboard.errors import StoreAway
from dashboard.store import keys
from dashboard.store.client import reported

LOOK_S = 1.0
TOLD_MS, GONE_MS = 5_000, 15_000


class _Line(msgspec.Struct, frozen=True, array_like=True):
    """What one process tells: when, and the names by case."""

    at_ms: int
    open: dict[str, list[str]]


_encode = msgspec.msgpack.Encoder().encode
_line = msgspec.msgpack.Decoder(_Line)


class Watching:
    """One web process's knowledge of who looks at what."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._process = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._here: dict[object, tuple[str, str]] = {}  # viewer -> case, name
        self._elsewhere: dict[str, frozenset[str]] = {}
        self._told: tuple[int, dict[str, list[str]]] = (0, {})

    def look_at(self, viewer: object, name: str, case: str | None) -> set[str]:
        """A viewer opened a case, or closed the one it had; cases whose names may have changed."""
        before = self._here.pop(viewer, None)
        if case is not None:
            self._here[viewer] = (case, name)
        return {one for one in (before and before[0], case) if one is not None}

    def names(self, case: str) -> list[str]:
        """Of all who have it open, in order, each once."""
        here = {name for held, name in self._here.values() if held == case}
        return sorted(here | self._elsewhere.get(case, frozenset()))

    def cases(self) -> set[str]:
        """Those that somebody has open."""
        return {case for case, _ in self._here.values()} | self._elsewhere.keys()

    async def run(self, changed: Callable[[set[str]], None]) -> None:
        """Exchange with the other processes for ever; `changed` is told of cases."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._tell()
                lines = await self._lines()
            except StoreAway:
                lines = {}
            changed(self._learn(lines))

    async def _tell(self) -> None:
        mine: dict[str, list[str]] = {}
        for case, name in self._here.values():
            mine.setdefault(case, []).append(name)
        now_ms = self._clock.now_ms()
        if mine != self._told[1] or (mine and now_ms - self._told[0] > TOLD_MS):
            line = _encode(_Line(now_ms, mine))
            with reported():
                await self._redis.hset(keys.WATCHING, self._process, line)
            self._told = (now_ms, mine)

    async def _lines(self) -> dict[str, _Line]:
        """What other processes told lately; lines of those that are gone are taken out."""
        with reported():
            held = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.WATCHING))
            lines = {name.decode(): _line.decode(body) for name, body in held.items()}
            old = [n for n, line in lines.items() if self._clock.now_ms() - line.at_ms > GONE_MS]
            if old:
                await self._redis.hdel(keys.WATCHING, *old)
        return {n: line for n, line in lines.items() if n != self._process and n not in old}

    def _learn(self, lines: Mapping[str, _Line]) -> set[str]:
        found: dict[str, set[str]] = {}
        for line in lines.values():
            for case, names in line.open.items():
                found.setdefault(case, set()).update(names)
        before, self._elsewhere = self._elsewhere, {c: frozenset(n) for c, n in found.items()}
        either = before.keys() | self._elsewhere.keys()
        return {case for case in either if before.get(case) != self._elsewhere.get(case)}
