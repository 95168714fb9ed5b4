"""Walls over HTTP: what each shows and how it fares, orders to it, and its own signs of life."""

from typing import Any

from fastapi import APIRouter, Request, Response
from redis.asyncio import Redis

from dashboard.clock import iso
from dashboard.directory import Directory
from dashboard.domain.accounts import Display
from dashboard.domain.rights import Principal, Right, Role
from dashboard.domain.walls import Order, Sign, WallDo, after, objection_to_scene
from dashboard.doorkeeper import Asker
from dashboard.errors import Conflict, Missing, Refused, Stale
from dashboard.live import Hub
from dashboard.once import actor_once, once_route
from dashboard.replies import empty_reply, json_reply
from dashboard.store.audit import AuditLog
from dashboard.store.walls import WallStore
from dashboard.walls_answers import WALL_ROUTES, SignOfLife, WallOrder

TRIES = 5  # of an order that does not say what it was decided on


class WallsApi:
    """Answers over the store; who may direct a wall may read how it fares."""

    def __init__(self, hub: Hub, directory: Directory, audit: AuditLog, store: WallStore) -> None:
        self._hub = hub
        self._screens = hub.screens
        self._directory = directory
        self._audit = audit
        self._store = store

    async def read(self, asker: Asker) -> Response:
        """Every wall of the asker's area: what it was told to show, and its last signs of life."""
        orders, signs = await self._store.orders(), await self._screens.signs()
        held = self._directory.register.displays.values()
        items = [
            wall_row(one, orders.get(one.name), signs.get(one.name, []))
            for one in sorted(held, key=lambda one: one.name)
            if one.revoked_ms is None and self._may_direct(asker, one)
        ]
        return json_reply({"total": len(items), "items": items})

    async def order(self, name: str, body: WallOrder, asker: Asker, request: Request) -> Response:
        """Show a scene until it is released, skip to the next, or go back to the playlist."""
        wall = self._wall(asker, name)
        if (body.do is WallDo.SHOW) != (body.scene is not None):
            expected = "expected with show" if body.do is WallDo.SHOW else "goes with show alone"
            raise Refused("scene", expected)
        if body.scene is not None:
            reason = objection_to_scene(self._directory.region, body.scene, wall.area)
            if reason is not None:
                raise Refused("scene", reason)
        return await self._give(wall, body, asker, request)

    async def _give(
        self, wall: Display, body: WallOrder, asker: Principal, request: Request
    ) -> Response:
        """The last word counts: an order that another outran is given on top of it."""
        for _ in range(TRIES):
            held = (await self._store.orders()).get(wall.name, Order())
            new = after(held, body.do, body.scene, asker.name, self._hub.clock.now_ms())
            signs = (await self._screens.signs()).get(wall.name, [])
            answer = json_reply(wall_row(wall, new, signs))
            actor = await actor_once(request, answer)
            try:
                await self._store.give(self._audit, actor, (wall.name, wall.area), (held, new))
            except Conflict:
                continue
            await self._hub.look_at_orders()
            return answer
        raise Stale("wall", wall.name)

    async def alive(self, body: SignOfLife, asker: Asker) -> Response:
        """A sign of life; of a browser that is no display it is not kept."""
        if asker.role is Role.WALL:
            told = body.model_dump()
            sign = Sign(display=asker.name, at_ms=self._hub.clock.now_ms(), **told)
            await self._store.heard(sign)
        return empty_reply()

    def _wall(self, asker: Principal, name: str) -> Display:
        """One of another area is answered as one that does not exist. Raises Missing."""
        held = self._directory.register.displays.get(name)
        if held is None or held.revoked_ms is not None or not self._may_direct(asker, held):
            raise Missing("wall", name)
        return held

    def _may_direct(self, asker: Principal, wall: Display) -> bool:
        return asker.may(Right.DIRECT, self._directory.region, wall.area)


def wall_row(wall: Display, order: Order | None, signs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": wall.name,
        "area": wall.area,
        "order": order
        and {
            "did": order.did.value,
            "scene": order.scene,
            "by": order.by,
            "at": iso(order.at_ms),
        },
        "signs": signs,
    }


def router(hub: Hub, directory: Directory, audit: AuditLog, redis: Redis) -> APIRouter:
    api = WallsApi(hub, directory, audit, WallStore(redis))
    routes = APIRouter(route_class=once_route(audit.answer))
    for method, path, answer in (
        ("GET", "/api/walls", api.read),
        ("POST", "/api/walls/{name}/order", api.order),
        ("POST", "/api/screen", api.alive),
    ):
        told = WALL_ROUTES[method, path]
        routes.add_api_route(path, answer, methods=[method], response_class=Response, **told)
    return routes
