"""The demo and the recordings: one at a time, announced as what they are."""

import asyncio
import contextlib
import socket

import pytest

from dashboard.config import Settings
from dashboard.domain.feeds import FeedKind
from dashboard.store.feeds import FeedStore
from feeds import rehearsal
from feeds.demo import FEEDS, World
from feeds.replay import RecordingUnusable
from tests.stage import feed


@pytest.fixture
def alone(tmp_path):
    """Settings whose gateway nobody is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    return Settings.from_env({"ONEMAP_DATA": str(tmp_path), "ONEMAP_GATEWAY_PORT": port})


async def until(condition):
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110 (the store tells nobody)
            await asyncio.sleep(0.02)


def test_a_second_demo_on_the_same_folder_is_refused(tmp_path):
    with rehearsal.only_one(tmp_path):
        second = rehearsal.only_one(tmp_path)
        with pytest.raises(rehearsal.DemoRuns, match="ONEMAP_DEMO=off"):
            second.__enter__()
    with rehearsal.only_one(tmp_path):
        pass


async def test_a_replay_without_a_gateway_says_what_to_start(alone, redis, clock):
    play = rehearsal.Play("floods-2026-08-18", 60)
    with pytest.raises(rehearsal.NothingRuns, match="python app"):
        await rehearsal.replay(alone, redis, clock, play)
    assert await FeedStore(redis).list() == ()


async def test_an_unknown_recording_is_named_with_those_there_are(alone, redis, clock):
    with pytest.raises(RecordingUnusable, match="floods-2026-08-18"):
        await rehearsal.replay(alone, redis, clock, rehearsal.Play("floods-1990", 60))


async def test_the_demo_plays_until_a_live_feed_is_added_and_never_again(
    alone, redis, clock, region, classes, monkeypatch
):
    monkeypatch.setattr(rehearsal, "LOOK_S", 0.02)
    feeds = FeedStore(redis)
    world = World(region, classes, clock.now_ms())
    playing = asyncio.create_task(rehearsal.demo_while_idle(alone, redis, clock, world))

    async def demo_feeds():
        return [feed for feed in await feeds.list() if feed.kind is FeedKind.SIMULATED]

    async def all_play():
        found = await demo_feeds()
        return len(found) == len(FEEDS) and all(feed.revoked_ms is None for feed in found)

    async def none_plays():
        return all(feed.revoked_ms is not None for feed in await demo_feeds())

    await until(all_play)
    await feeds.add(feed("terminals"))
    await until(none_plays)
    await feeds.revoke("terminals", clock.now_ms())
    await asyncio.sleep(0.1)
    assert await none_plays()
    playing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await playing
