"""Process: tells the outlets what the alert log says; a slow one delays no other."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from redis.asyncio import Redis

from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.domain.areas import Region
from dashboard.domain.outlets import Outlet
from dashboard.errors import SeatLost, StoreAway, StoreFull
from dashboard.outlet_worker import Fields, Kit, Worker, end_all
from dashboard.pack_file import read_file
from dashboard.senders.web import tls
from dashboard.store import keys
from dashboard.store.alert_log import AlertLog
from dashboard.store.audit import AuditLog
from dashboard.store.feeds import FeedStore
from dashboard.store.outlets import Deliveries, OutletGone, OutletStore
from dashboard.store.seat import Seat

log = logging.getLogger(__name__)

RULES_FILE = "alert_rules.json"
LOOK_S = 1.0
RETRY_S = 0.5
END_EVERY_S = 5.0  # longer than a worker takes to end its own parts
REST_S = 10.0  # until an outlet whose work failed by a fault of ours is taken up again


class _Rule(msgspec.Struct):
    """As much of a rule as is of use here; the board checks the rest."""

    id: str
    cap: dict[str, Any] | None = None


class _Rules(msgspec.Struct):
    rules: list[_Rule] = []


def cap_of_pack(folder: Path) -> Fields:
    """What the pack's rules tell the public, by rule. Raises RegionError."""
    path = folder / RULES_FILE
    if not path.exists():
        return {}
    return {rule.id: rule.cap for rule in read_file(path, _Rules).rules if rule.cap}


def create_kit(settings: Settings, region: Region, redis: Redis, clock: Clock) -> Kit:
    """Raises RegionError."""
    return Kit(
        settings=settings,
        region=region,
        clock=clock,
        log=AlertLog(redis),
        store=OutletStore(redis),
        feeds=FeedStore(redis),
        audit=AuditLog(redis, settings.secret, clock),
        tls=tls(),
        pack_cap=cap_of_pack(settings.region),
    )


class Notifier:
    """Keeps one worker an outlet at work."""

    def __init__(self, kit: Kit, redis: Redis) -> None:
        self._kit = kit
        self.seat = Seat(redis, keys.NOTIFIER_SEAT)
        self._deliveries = Deliveries(redis, self.seat)
        self._working: dict[str, tuple[Outlet, asyncio.Task[None]]] = {}
        self._resting: dict[str, float] = {}  # name -> loop time

    async def run(self) -> None:
        """For ever, as the only one. Raises SeatLost, StoreAway, StoreFull."""
        await self._stand_by()
        await self.seat.take()
        log.info("notifier starts")
        try:
            while True:
                await self.seat.keep()
                await self._look({outlet.name: outlet for outlet in await self._kit.store.list()})
                await asyncio.sleep(LOOK_S)
        finally:
            await self._end(list(self._working))

    async def _stand_by(self) -> None:
        told = False
        while other := await self.seat.other():
            if not told:
                log.warning("%s is the notifier of this store; this one stands by", other)
                told = True
            await asyncio.sleep(LOOK_S)

    async def _look(self, outlets: Mapping[str, Outlet]) -> None:
        """Start who is new, end who was changed or removed."""
        ended = [n for n, (outlet, task) in self._working.items() if self._is_over(n, task)]
        changed = [n for n, (outlet, _) in self._working.items() if outlets.get(n) != outlet]
        await self._end([*ended, *changed])
        now_s = asyncio.get_running_loop().time()
        for name, outlet in outlets.items():
            rests = self._resting.get(name, 0) > now_s
            if name not in self._working and outlet.paused_ms is None and not rests:
                worker = Worker(self._kit, self._deliveries, outlet)
                self._working[name] = outlet, asyncio.create_task(worker.run())

    def _is_over(self, name: str, task: "asyncio.Task[None]") -> bool:
        """Whether a worker ended. Raises SeatLost, StoreAway, StoreFull when it was for that."""
        if not task.done() or task.cancelled():
            return task.done()
        error = task.exception()
        if isinstance(error, SeatLost | StoreAway | StoreFull):
            raise error
        if not isinstance(error, OutletGone):
            log.error("outlet %s failed and is taken up again", name, exc_info=error)
            self._resting[name] = asyncio.get_running_loop().time() + REST_S
        return True

    async def _end(self, names: list[str]) -> None:
        tasks = [self._working.pop(name)[1] for name in dict.fromkeys(names)]
        await end_all(tasks, END_EVERY_S)


async def run(settings: Settings, region: Region, redis: Redis, clock: Clock) -> None:
    """Deliver for ever; after a lost store go on from what is written there.

    While another notifier works on the same store this one stands by. Raises RegionError.
    """
    kit, told = create_kit(settings, region, redis, clock), False
    while True:
        notifier = Notifier(kit, redis)
        try:
            await notifier.run()
        except (StoreAway, StoreFull, SeatLost) as error:
            log.log(logging.DEBUG if told else logging.WARNING, "notifier waits: %s", error)
            told = True
            await asyncio.sleep(RETRY_S)
        except asyncio.CancelledError:
            with suppress(StoreAway):
                await notifier.seat.leave()
            raise
