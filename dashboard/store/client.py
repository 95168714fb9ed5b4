"""One way to connect: bytes in, bytes out, short time limits so that an absent store is noticed."""

import asyncio
import builtins
import contextlib
import re
from collections.abc import Iterator
from typing import Any

from redis.asyncio import (
    BlockingConnectionPool,
    Connection,
    Redis,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
    WatchError,
)

from dashboard.errors import StoreAway, StoreFull

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 10.0
PING_TIMEOUT_S = 1.0
MAX_CONNECTIONS = 64  # a process
# Refusals that pass, as when the disk is full or a script runs long: the write did not happen.
# In a pipeline the library puts the command in front.
PASSING = re.compile(
    r"""(?:^|error: \(['"])(?:MISCONF|BUSY|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MASTERDOWN)\b"""
)


class _Line(AbstractConnection):
    """The library sends with `asyncio.wait_for`, and in Python 3.11 that forgets a cancellation
    which comes just as it ends: a process told to stop would go on. `asyncio.timeout` does not."""

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        limit_s, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(limit_s):
                await super().send_packed_command(command, check_health)
        except builtins.TimeoutError as error:
            raise TimeoutError("the store took nothing in time") from error
        finally:
            self.socket_timeout = limit_s


class _TcpLine(_Line, Connection):
    pass


class _TlsLine(_Line, SSLConnection):
    pass


class _UnixLine(_Line, UnixDomainSocketConnection):
    pass


_LINES = {Connection: _TcpLine, SSLConnection: _TlsLine, UnixDomainSocketConnection: _UnixLine}


def connect(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; sends nothing before the first command."""
    pool = BlockingConnectionPool.from_url(  # past the bound callers wait; an error would be a 503
        url,
        decode_responses=False,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        max_connections=MAX_CONNECTIONS,
        timeout=ANSWER_TIMEOUT_S,
    )
    pool.connection_class = _LINES[pool.connection_class]
    return Redis.from_pool(pool)


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Turns the library's errors into ours; anything else is a bug and stays loud."""
    try:
        yield
    except OutOfMemoryError as error:
        raise StoreFull(f"the store has no memory left: {error}") from error
    except (ConnectionError, TimeoutError, BusyLoadingError, ReadOnlyError, OSError) as error:
        raise StoreAway(f"the store does not answer: {error}") from error
    except WatchError as error:  # the library says so too when the connection ended meanwhile
        raise StoreAway("the store went away amid a transaction") from error
    except ResponseError as error:
        if not PASSING.search(str(error)):
            raise
        raise StoreAway(f"the store takes nothing just now: {error}") from error


async def is_reachable(redis: Redis) -> bool:
    try:
        with reported():
            async with asyncio.timeout(PING_TIMEOUT_S):
                await redis.ping()
    except StoreAway:
        return False
    return True


def entries_of(answer: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Entries of the only stream in an XREAD answer; redis-py 8 gives a dict of nested lists."""
    if not answer:
        return []
    batches = next(iter(answer.values())) if isinstance(answer, dict) else answer[0][1]
    if (
        batches
        and isinstance(batches[0], list)
        and batches[0]
        and isinstance(batches[0][0], list | tuple)
    ):
        batches = batches[0]
    return [(entry[0], entry[1]) for entry in batches]
