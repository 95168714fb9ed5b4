"""Sends made-up or recorded events through the intake, as any outside source would."""

import asyncio
import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.domain.feeds import Feed, FeedKind
from dashboard.errors import OneMapError, StoreAway, UnknownFeed
from dashboard.setting_values import reached_at
from dashboard.store.feeds import FeedStore
from feeds import demo as simulation
from feeds import replay as recordings
from feeds.demo import World
from feeds.sender import Door, create_client

log = logging.getLogger(__name__)

LOCK_FILE = "demo.lock"
LOOK_S = 1.0  # how soon the demo gives way to a live feed


class DemoRuns(OneMapError):
    def __init__(self) -> None:
        super().__init__(
            "a demo runs already; to run this one, start the others with ONEMAP_DEMO=off"
        )


class NothingRuns(OneMapError):
    def __init__(self, url: str) -> None:
        super().__init__(f"no gateway answers at {url}: start `python app.py` first")
        self.url = url


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """A second demo would take the first one's tokens away. Raises DemoRuns."""
    with (data / LOCK_FILE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoRuns from error
        yield


async def demo(settings: Settings, redis: Any, clock: Clock, world: World) -> None:
    """Register the demo's feeds, each with a new token, and play from now on."""
    feeds = FeedStore(redis)
    tokens = {feed.name: await feeds.add(_feed(feed, clock)) for feed in simulation.FEEDS}
    world = replace(world, start_ms=clock.now_ms())
    departments = simulation.Departments(redis, world, clock)
    await simulation.run(intake_url(settings), tokens, world, clock, departments)


async def demo_while_idle(settings: Settings, redis: Any, clock: Clock, world: World) -> None:
    """Plays until a live feed is added; then the demo's own feeds are revoked."""
    feeds = FeedStore(redis)
    while True:
        await _until(feeds, has_live=False)
        playing = asyncio.create_task(demo(settings, redis, clock, world))
        watching = asyncio.create_task(_until(feeds, has_live=True))
        try:
            await asyncio.wait({playing, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            playing.cancel()
        with suppress(asyncio.CancelledError):
            await playing
        log.info("a live feed is configured: the demo stops")
        await _revoke_all(feeds, clock)


async def _until(feeds: FeedStore, *, has_live: bool) -> None:
    """Looks every LOOK_S seconds; an absent store is waited for."""
    while True:
        try:
            if await feeds.has_live() is has_live:
                return
        except StoreAway as error:
            log.info("waiting: %s", error)
        await asyncio.sleep(LOOK_S)


async def _revoke_all(feeds: FeedStore, clock: Clock) -> None:
    ours = {feed.name for feed in simulation.FEEDS}
    for feed in await feeds.list():
        if feed.name in ours and feed.revoked_ms is None:
            with suppress(UnknownFeed):  # forgotten meanwhile
                await feeds.revoke(feed.name, clock.now_ms())


@dataclass(frozen=True, slots=True)
class Play:
    """A recording of the region pack, played `speed` times as fast as it happened."""

    name: str
    speed: float


async def replay(settings: Settings, redis: Any, clock: Clock, play: Play) -> recordings.Outcome:
    """Returns when every event is answered. Raises NothingRuns or RecordingUnusable."""
    recording = recordings.load(recordings.find(settings.region, play.name))
    url = intake_url(settings)
    if not await _answers(url):
        raise NothingRuns(url)
    token = await FeedStore(redis).add(_recorded_feed(recording, clock))
    return await recordings.play(Door(url, token), recording, play.speed, clock)


async def _answers(url: str) -> bool:
    async with create_client() as client:
        try:
            return (await client.get(url + "/healthz")).is_success
        except httpx.TransportError:
            return False


def _recorded_feed(recording: recordings.Recording, clock: Clock) -> Feed:
    return Feed(
        name=recording.feed_name,
        kind=FeedKind.RECORDED,
        title=recording.header.title,
        title_en=recording.header.title_en,
        area=None,
        period_s=recordings.PERIOD_S,
        label=recording.header.date,
        created_ms=clock.now_ms(),
        revoked_ms=None,
    )


def _feed(described: simulation.Feed, clock: Clock) -> Feed:
    return Feed(
        name=described.name,
        kind=FeedKind(described.kind),
        title=described.title,
        title_en=described.title_en,
        area=described.area,
        period_s=described.period_s,
        label=None,
        created_ms=clock.now_ms(),
        revoked_ms=None,
    )


def intake_url(settings: Settings) -> str:
    host = reached_at(settings.host)
    place = f"[{host}]" if ":" in host else host
    return f"http://{place}:{settings.gateway_port}"
