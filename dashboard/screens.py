"""Walls as one web process knows them: their orders, told within LOOK_S, and signs of life."""

import asyncio
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis

from dashboard.clock import Clock, iso
from dashboard.domain.rights import Principal, Role
from dashboard.domain.walls import Order, Sign, health
from dashboard.errors import StoreAway
from dashboard.store.walls import WallStore

LOOK_S = 0.5


class Screens:
    """One web process's copy of the orders. `version`: of the program, for a wall to compare."""

    def __init__(self, redis: Redis, clock: Clock, version: str) -> None:
        self.store = WallStore(redis)
        self._clock = clock
        self._orders: dict[str, Order] = {}
        self.version = version

    def told(self, principal: Principal) -> dict[str, Any]:
        """What the screen of this display is to know; whoever is no display has no orders."""
        order = self._orders.get(principal.name) if principal.role is Role.WALL else None
        order = order or Order()
        return {"version": self.version, "scene": order.scene, "skips": order.skips, "by": order.by}

    async def run(self, changed: Callable[[set[str]], None]) -> None:
        """Look for new orders for ever; `changed` is told the names of displays."""
        while True:
            await self.look(changed)
            await asyncio.sleep(LOOK_S)

    async def look(self, changed: Callable[[set[str]], None]) -> None:
        try:
            orders = await self.store.orders()
        except StoreAway:
            return
        either = orders.keys() | self._orders.keys()
        moved = {name for name in either if orders.get(name) != self._orders.get(name)}
        self._orders = orders
        if moved:
            changed(moved)

    async def signs(self) -> dict[str, list[dict[str, Any]]]:
        """The last sign of life of every screen, by display. Raises StoreAway."""
        now_ms = self._clock.now_ms()
        held = await self.store.signs(now_ms)
        return {name: [self._row(sign, now_ms) for sign in signs] for name, signs in held.items()}

    def _row(self, sign: Sign, now_ms: int) -> dict[str, Any]:
        return {
            "screen": sign.screen,
            "seen_at": iso(sign.at_ms),
            "health": health(sign, now_ms),
            "scene": sign.scene,
            "state": sign.state,
            "fps": sign.fps,
            "heap_mb": sign.heap_mb,
            "frozen_s": sign.frozen_s,
            "up_s": sign.up_s,
            "version": sign.version,
            "current": sign.version == self.version,
            "width": sign.width,
            "height": sign.height,
        }
