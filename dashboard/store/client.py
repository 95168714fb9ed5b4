"""One way to connect: bytes in, bytes out, short time limits so that an absent store is noticed."""

import contextlib
from collections.abc import Iterator

from redis.asyncio import Redis
from redis.exceptions import BusyLoadingError, ConnectionError, OutOfMemoryError, ReadOnlyError, TimeoutError

from dashboard.errors import StoreAway, StoreFull

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 10.0


def connect(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; nothing is sent until the first command."""
    return Redis.from_url(
        url,
        decode_responses=False,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        max_connections=64,
    )


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Turns the library's errors into ours; anything else is a bug and stays loud."""
    try:
        yield
    except OutOfMemoryError as error:
        raise StoreFull(f"the store has no memory left: {error}") from error
    except (ConnectionError, TimeoutError, BusyLoadingError, ReadOnlyError, OSError) as error:
        raise StoreAway(f"the store does not answer: {error}") from error


async def is_reachable(redis: Redis) -> bool:
    try:
        with reported():
            await redis.ping()
    except StoreAway:
        return False
    return True
