"""Process: plays the made-up day through the intake, as six outside sources would."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.clock import Clock, iso
from feeds.demo.departments import Departments, event_of
from feeds.demo.feeds import CITY, FEEDS, Feed
from feeds.demo.silences import silence_s
from feeds.demo.timeline import Source, Sources
from feeds.demo.world import Due, World
from feeds.sender import Door, Pace, Sender, create_client

log = logging.getLogger(__name__)

PACE = Pace(buffer_events=50_000, batch_events=1_000, linger_s=0.25)
BEATS_PER_PERIOD = 2  # one lost beat does not make a feed late
YIELD_EVERY = 100  # events, when many are due at once
FAREWELL_S = 3.0
MOVED = "incident.moved"
SLACK_S = 0.02  # what is due so soon goes out with the rest


class _Considerate:
    """A sender of the script, which is silent about cases that the desk has taken over."""

    def __init__(self, sender: Sender, departments: Departments) -> None:
        self._sender = sender
        self._departments = departments
        self.drained = sender.drained

    async def put(self, event: Mapping[str, Any]) -> None:
        if not self._is_the_desks(event):
            await self._sender.put(event)

    def offer(self, event: Mapping[str, Any]) -> None:
        if not self._is_the_desks(event):
            self._sender.offer(event)

    def _is_the_desks(self, event: Mapping[str, Any]) -> bool:
        return event["type"] == MOVED and self._departments.has(event["data"]["incident"])


Senders = Mapping[str, _Considerate]


async def run(
    url: str, tokens: Mapping[str, str], world: World, clock: Clock, departments: Departments
) -> None:
    """Play until cancelled. `url` is the gateway's, `tokens` has one for each of FEEDS by name."""
    sources = Sources.of(world)
    await departments.begin()
    async with create_client() as client, asyncio.TaskGroup() as lines:
        senders: dict[str, Sender] = {}
        for feed in FEEDS:
            sender = Sender(client, Door(url, tokens[feed.name], feed.name), clock, PACE)
            senders[feed.name] = sender
            lines.create_task(sender.run())
            lines.create_task(_beat(feed, sender, world, clock))
            lines.create_task(_fall_silent(feed, sender, world, clock))
        lines.create_task(departments.follow())
        lines.create_task(_answer(departments, senders[CITY], world))
        senders_of = {name: _Considerate(one, departments) for name, one in senders.items()}
        try:
            await _play(sources, senders_of, world, clock)
        finally:
            if world.speed != 1.0:
                await _leave(sources, senders, clock)


async def _play(sources: Sources, senders: Senders, world: World, clock: Clock) -> None:
    """The picture of the start first, then what happens; the days before in between."""
    await asyncio.gather(*(_fill(part.backlog(), senders, world) for part in sources.all))
    await asyncio.gather(*(sender.drained() for sender in senders.values()))
    log.info("the backlog is told after %.1f s", (clock.now_ms() - world.start_ms) / 1000)
    async with asyncio.TaskGroup() as parts:
        for part in sources.all:
            parts.create_task(_tell(part, senders, world, clock))
        parts.create_task(_add(sources.history(), senders, world))


async def _answer(departments: Departments, sender: Sender, world: World) -> None:
    """Departments tell through the city's system what they do with what the desk gave them."""

    def name_of(department: str) -> str:
        known = world.departments.get(department)
        return department if known is None else known.name

    async for answer in departments.answers():
        await sender.put(event_of(answer, name_of))


async def _leave(sources: Sources, senders: Mapping[str, Sender], clock: Clock) -> None:
    """Call off what nobody will ever end, unless the intake does not answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_S):
            for due in sources.farewell():
                await senders[due.feed].put({**due.event, "time": iso(clock.now_ms())})
            for sender in senders.values():
                sender.release()
                await sender.drained()


async def _fill(past: Iterator[Due], senders: Senders, world: World) -> None:
    """As fast as it is taken."""
    for number, due in enumerate(past):
        await senders[due.feed].put(_timed(due, world))
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)


async def _add(past: Iterator[Due], senders: Senders, world: World) -> None:
    """Batch after batch, so that what happens meanwhile finds room."""
    for number, due in enumerate(past):
        sender = senders[due.feed]
        await sender.put(_timed(due, world))
        if number % PACE.batch_events == 0:
            await sender.drained()


async def _tell(source: Source, senders: Senders, world: World, clock: Clock) -> None:
    """Each event when it is due."""
    for number, due in enumerate(source.live()):
        wait_s = (_at_ms(due, world) - clock.now_ms()) / 1000
        if wait_s > SLACK_S or number % YIELD_EVERY == 0:
            await asyncio.sleep(max(0.0, wait_s))
        senders[due.feed].offer(_timed(due, world))


def _timed(due: Due, world: World) -> dict[str, object]:
    return {**due.event, "time": iso(_at_ms(due, world))}


def _at_ms(due: Due, world: World) -> int:
    """On the clock: what lies before the start keeps its time, the rest is denser by the speed."""
    offset_s = due.offset_s if due.offset_s <= 0 else due.offset_s / world.speed
    return world.start_ms + round(offset_s * 1000)


async def _beat(feed: Feed, sender: Sender, world: World, clock: Clock) -> None:
    """Say regularly that the source is alive, with its own counts; a silent one does not."""
    number = 0
    while True:
        if not sender.is_held:
            number += 1
            data = {"sent": sender.counts.sent, "dropped": sender.counts.dropped}
            identity = f"{world.run}-beat-{number}"
            beat = {"type": "feed.heartbeat", "id": identity, "data": data}
            await sender.put({**beat, "time": iso(clock.now_ms())})
        await asyncio.sleep(feed.period_s / BEATS_PER_PERIOD)


async def _fall_silent(feed: Feed, sender: Sender, world: World, clock: Clock) -> None:
    """Now and then a line goes down; what was held back meanwhile is delivered afterwards."""
    while True:
        wait_s, lasts_s = silence_s(world, feed.name, clock.now_ms())
        await asyncio.sleep(wait_s)
        if lasts_s:
            log.info("%s falls silent for %.0f s", feed.name, lasts_s)
            sender.hold()
            await asyncio.sleep(lasts_s)
            sender.release()
