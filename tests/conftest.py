"""Fixtures shared by all tests: a real store, the region that ships, and a clock that stands."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from dashboard.clock import FixedClock
from dashboard.config import Settings
from dashboard.domain.areas import Region
from dashboard.domain.incident_classes import Classes
from dashboard.limits_pack import load_classes
from dashboard.region import load_region
from dashboard.setting_values import REGIONS
from dashboard.store.client import connect
from dashboard.store.embedded import temporary_store
from tests.browser_setup import find_chromium

NOON = 1_795_320_000_000  # 2026-11-22T12:00:00+08:00


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory) -> Iterator[str]:
    """A real embedded Valkey on a folder of its own."""
    with temporary_store(tmp_path_factory.mktemp("store")) as url:
        yield url


@pytest.fixture
async def redis(valkey_url) -> AsyncIterator[Redis]:
    """An empty store and a client of it."""
    client = connect(valkey_url)
    await client.flushall()
    await client.function_flush()
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Every setting at its default, and a data folder of its own."""
    return Settings.from_env({"ONEMAP_DATA": str(tmp_path)})


@pytest.fixture(scope="session")
def region() -> Region:
    return load_region(REGIONS / "guandu")


@pytest.fixture(scope="session")
def classes() -> Classes:
    return load_classes(REGIONS / "guandu")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium that browser tests drive; without one they are skipped, and say so."""
    path = find_chromium()
    if path is None:
        pytest.skip("NOT RUN: no Chromium on this machine")
    return path
