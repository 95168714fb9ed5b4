"""The outlets over HTTP: how each fares; where it leads is for administrators."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field
from redis.asyncio import Redis
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.answers import ASKER, BY_THE_DOOR, Count, Description, Moment, Statuses
from dashboard.clock import Clock, iso
from dashboard.domain.areas import Region
from dashboard.domain.outlets import Health, Lost, Outlet
from dashboard.domain.rights import Principal, Right, reaches
from dashboard.doorkeeper import Asker
from dashboard.replies import json_reply
from dashboard.store.outlets import OutletStore

LOST_SHOWN = 20


class LostRow(TypedDict):
    """One piece of news that was given up."""

    alert: str
    what: str
    at: Moment
    lost_at: Moment
    attempts: Count
    error: str


class OutletSetting(TypedDict):
    """`area` null: the whole region; `rules` empty: all; `missed` were gone from the log before
    the outlet was told; `lost` are the last of those that were given up."""

    target: str
    area: str | None
    priority: Annotated[int, Field(ge=1, le=4)]
    whats: list[str]
    rules: list[str]
    lang: Literal["zh", "en"]
    drill: bool
    created_at: Moment
    paused_at: Moment | None
    paused_why: str | None
    error: str
    error_at: Moment | None
    attempts: Count
    n_delivered: Count
    n_waiting: Count
    n_lost: Count
    n_missed: Count
    lost: list[LostRow]


class OutletRow(TypedDict):
    """Ages in seconds; null: never, or nothing waits. `setting` is null unless the asker
    administers the outlet's area."""

    name: str
    kind: Literal["webhook", "email", "cap"]
    state: Literal["ok", "late", "failing", "paused"]
    delivered_age_s: Annotated[float | None, Field(ge=0)]
    oldest_age_s: Annotated[float | None, Field(ge=0)]
    setting: OutletSetting | None


class OutletsAnswer(TypedDict):
    as_of: Moment
    outlets: list[OutletRow]


class OutletsApi:
    """Answers from the store."""

    def __init__(self, redis: Redis, region: Region, clock: Clock) -> None:
        self._store = OutletStore(redis)
        self._region = region
        self._clock = clock

    async def read(self, asker: Asker) -> Response:
        """Every outlet that is told of the asker's area, or of a part of it.

        An outlet that is `late` has news that waits for more than five minutes, or nobody delivers
        at all; one that is `failing` did not take the last attempt.
        """
        now_ms, health = self._clock.now_ms(), await self._store.health()
        rows = [
            await self._row(outlet, health.get(outlet.name, Health()), asker, now_ms)
            for outlet in await self._store.list()
            if self._concerns(outlet, asker)
        ]
        return json_reply({"as_of": iso(now_ms), "outlets": rows})

    def _concerns(self, outlet: Outlet, asker: Principal) -> bool:
        area, region = self._area(outlet), self._region
        return reaches(region, area, asker.area) or reaches(region, asker.area, area)

    def _area(self, outlet: Outlet) -> str:
        return outlet.area or self._region.root.code

    async def _row(
        self, outlet: Outlet, health: Health, asker: Principal, now_ms: int
    ) -> dict[str, Any]:
        row: dict[str, Any] = {
            "name": outlet.name,
            "kind": outlet.kind,
            "state": health.state(outlet, now_ms),
            "delivered_age_s": _age_s(health.delivered_ms, now_ms),
            "oldest_age_s": _age_s(health.oldest_ms, now_ms),
            "setting": None,
        }
        if asker.may(Right.ADMINISTER, self._region, self._area(outlet)):
            row["setting"] = _setting(outlet, health, await self._store.lost(outlet.name))
        return row


def _setting(outlet: Outlet, health: Health, lost: tuple[Lost, ...]) -> dict[str, Any]:
    return {
        "target": outlet.target,
        "area": outlet.area,
        "priority": outlet.priority,
        "whats": outlet.whats,
        "rules": outlet.rules,
        "lang": outlet.lang,
        "drill": outlet.drill,
        "created_at": iso(outlet.created_ms),
        "paused_at": _iso(outlet.paused_ms),
        "paused_why": outlet.paused_why,
        "error": health.error,
        "error_at": _iso(health.error_ms),
        "attempts": health.attempts,
        "n_delivered": health.n_delivered,
        "n_waiting": health.waiting,
        "n_lost": health.lost,
        "n_missed": health.missed,
        "lost": [_lost_row(row) for row in lost[:LOST_SHOWN]],
    }


def _lost_row(row: Lost) -> dict[str, Any]:
    return {
        "alert": row.alert,
        "what": row.what,
        "at": iso(row.at_ms),
        "lost_at": iso(row.lost_ms),
        "attempts": row.attempts,
        "error": row.error,
    }


def _iso(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def _age_s(ms: int | None, now_ms: int) -> float | None:
    return None if ms is None else max(now_ms - ms, 0) / 1000


def router(redis: Redis, region: Region, clock: Clock) -> APIRouter:
    outlets, routes = OutletsApi(redis, region, clock), APIRouter()
    found: Statuses = {
        200: {"model": OutletsAnswer, "description": "Every outlet that concerns the asker"}
    }
    told: Description = {"dependencies": ASKER, "responses": found | BY_THE_DOOR}
    routes.add_api_route("/api/outlets", outlets.read, response_class=Response, **told)
    return routes
