"""A seat: of all processes that could do one work, only who sits there may write."""

import os
import secrets
import socket
from contextlib import suppress
from typing import cast

from redis.asyncio import Redis

from dashboard.errors import SeatLost, StoreAway
from dashboard.store import keys
from dashboard.store.client import reported

HELD_MS = 15_000  # without a sign of life; on one machine a process that ended is noticed at once

_LEAVE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""

# one that expired while nobody else sat down is taken again
_KEEP = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
"""


class Seat:
    """Who took it last holds it: one that was paused meanwhile can write nothing any more."""

    def __init__(self, redis: Redis, key: str = keys.SEAT) -> None:
        """`key`: the board's seat, or another process's."""
        self._redis = redis
        self._key = key
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"

    async def other(self) -> str | None:
        """Another process that sits there and lives, as far as can be told. Raises StoreAway."""
        with reported():
            held = cast("bytes | None", await self._redis.get(self._key))
        name = "" if held is None else held.decode()
        return name if name and _lives(name) else None

    async def take(self) -> None:
        """Raises StoreAway."""
        with reported():
            await self._redis.set(self._key, self.holder, px=HELD_MS)

    async def keep(self) -> None:
        """A sign of life. Raises SeatLost when another sits there, StoreAway."""
        with reported():
            held = await self._redis.eval(_KEEP, 1, self._key, self.holder, HELD_MS)
        if held is not None:
            raise SeatLost(cast("bytes", held).decode())

    async def leave(self) -> None:
        """Let the next one sit down at once; with the store away there is nothing to leave."""
        with suppress(StoreAway), reported():
            await self._redis.eval(_LEAVE, 1, self._key, self.holder)


def _lives(name: str) -> bool:
    """Of another machine nothing is known until its sign of life is too old."""
    host, pid, _ = name.rsplit("/", 2)
    if host != socket.gethostname():
        return True
    if int(pid) == os.getpid():
        return False  # an earlier one of this very process
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
