"""Fixtures shared by all tests: a real store, the region that ships, and a clock that stands."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from dashboard.clock import FixedClock
from dashboard.store.embedded import temporary_store

NOON = 1_795_320_000_000  # 2026-11-22T12:00:00+08:00


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory) -> Iterator[str]:
    """A real embedded Valkey on a folder of its own."""
    with temporary_store(tmp_path_factory.mktemp("store")) as url:
        yield url


@pytest.fixture
async def redis(valkey_url) -> AsyncIterator[Redis]:
    """An empty store and a client of it."""
    client = Redis.from_url(valkey_url)
    await client.flushall()
    await client.function_flush()
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)
