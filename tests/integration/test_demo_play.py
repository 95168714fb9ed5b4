"""The demo as a process: through the real intake into a real store."""

import asyncio
import contextlib
from collections import Counter

import pytest
from fastapi import FastAPI

from dashboard.clock import SystemClock
from dashboard.config import Settings
from dashboard.domain.events import (
    CameraRegistered,
    FeedHeartbeat,
    IncidentMoved,
    IncidentReported,
    decode_chunk,
)
from dashboard.domain.feeds import Feed, FeedKind
from dashboard.store import keys
from dashboard.store.feeds import FeedStore
from feeds import demo
from feeds.gateway import create_gateway
from tests.serving import serving
from tests.trial_region import trial_region

HURRY = 20_000.0
ENDING = {"close", "force_close", "reject", "cancel"}


@pytest.fixture
async def gateway(tmp_path, classes, redis):
    settings = Settings.from_env({"ONEMAP_DATA": str(tmp_path)})
    gateway = create_gateway(settings, trial_region(), classes, redis, SystemClock())
    app = FastAPI()
    app.include_router(gateway.router())
    async with serving(app) as url:
        yield url


async def add(store, feed):
    common = {"area": feed.area, "label": None, "created_ms": 0, "revoked_ms": None}
    names = {"title": feed.title, "title_en": feed.title_en}
    kind = FeedKind(feed.kind)
    return await store.add(
        Feed(name=feed.name, kind=kind, period_s=feed.period_s, **names, **common)
    )


@contextlib.asynccontextmanager
async def playing(url, tokens, classes, speed, redis):
    world = demo.World(trial_region(), classes, SystemClock().now_ms(), speed=speed)
    departments = demo.Departments(redis, world, SystemClock())
    task = asyncio.create_task(demo.run(url, tokens, world, SystemClock(), departments))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def chunks(redis):
    entries = await redis.xrange(keys.EVENTS)
    return [decode_chunk(body) for _, fields in entries for body in fields.values()]


async def until(redis, task, is_enough):
    """Looks again with every batch that lands; the test's own limit of time ends it otherwise."""
    async with asyncio.timeout(30):
        last = "0"
        while not is_enough(await chunks(redis)):
            assert not task.done()
            entries = await redis.xread({keys.EVENTS: last}, block=1_000)
            last = entries[0][1][-1][0] if entries else last


def of_type(found, kind):
    return [event for chunk in found for event in chunk.events if isinstance(event, kind)]


async def test_all_six_feeds_tell_of_the_district_and_nothing_is_refused(gateway, classes, redis):
    store = FeedStore(redis)
    tokens = {feed.name: await add(store, feed) for feed in demo.FEEDS}

    def is_enough(found):
        live = [chunk for chunk in found if chunk.feed == demo.FEEDS[3].name]
        return len(of_type(found, CameraRegistered)) == 2_105 and len(live) > 5

    async with playing(gateway, tokens, classes, HURRY, redis) as task:
        await until(redis, task, is_enough)
    found = await chunks(redis)
    beats = Counter(
        chunk.feed for chunk in found for event in chunk.events if isinstance(event, FeedHeartbeat)
    )
    assert set(beats) == {feed.name for feed in demo.FEEDS}
    assert await redis.xlen(keys.REJECTED) == 0


async def test_a_fast_day_calls_off_what_it_leaves_open(gateway, classes, redis):
    tokens = {feed.name: await add(FeedStore(redis), feed) for feed in demo.FEEDS}

    def own(found):
        return [e for e in of_type(found, IncidentReported) if e.incident.count("-") == 3]

    async with playing(gateway, tokens, classes, HURRY, redis) as task:
        await until(redis, task, lambda found: len(own(found)) > 30)
    found = await chunks(redis)
    moves = of_type(found, IncidentMoved)
    ended = {move.incident for move in moves if move.action in ENDING}
    assert {report.incident for report in own(found)} <= ended
    assert any(move.action == "cancel" for move in moves)


async def test_a_second_run_registers_the_same_devices(gateway, classes, redis):
    registered = []
    for _ in range(2):
        await redis.delete(keys.EVENTS)
        tokens = {feed.name: await add(FeedStore(redis), feed) for feed in demo.FEEDS}
        async with playing(gateway, tokens, classes, 1.0, redis) as task:
            await until(redis, task, lambda found: len(of_type(found, CameraRegistered)) == 2_105)
        events = of_type(await chunks(redis), CameraRegistered)
        registered.append({(e.camera, e.grid, e.lon, e.lat, e.name) for e in events})
    assert registered[0] == registered[1]
