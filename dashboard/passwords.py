"""Passwords: argon2id in a thread of its own, a few at a time, and as long for a name unknown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboard.errors import TooBusy

AT_ONCE = 2  # each takes 64 MiB and a core for some 50 ms
WAITING_MAX = 64

_hasher = PasswordHasher()  # RFC 9106, low-memory: t=3, m=64 MiB, p=4


def hash_password(password: str) -> str:
    return _hasher.hash(password)


@cache
def _nobodys() -> str:
    return _hasher.hash("what no password is compared with")


class PasswordCheck:
    """Compares without holding up the event loop."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)
        self._n_waiting = 0

    async def hash(self, password: str) -> str:
        """Raises TooBusy."""
        async with self._turn():
            return await asyncio.to_thread(hash_password, password)

    async def fits(self, held: str | None, password: str) -> bool:
        """Takes as long when there is nothing to compare with. Raises TooBusy."""
        async with self._turn():
            return await asyncio.to_thread(_fits, held, password)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._n_waiting >= WAITING_MAX:
            raise TooBusy
        self._n_waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._n_waiting -= 1
        try:
            yield
        finally:
            self._room.release()


def _fits(held: str | None, password: str) -> bool:
    try:
        _hasher.verify(held or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(held)
