"""The reading API over HTTP: JSON of the same picture that the pages show."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.asyncio import Redis

from dashboard.answers import ROUTES
from dashboard.clock import iso
from dashboard.config import Settings
from dashboard.domain.areas import Area, Tier
from dashboard.domain.cameras import OWNER_CODE, STATUS_CODE, UNKNOWN
from dashboard.domain.events import CameraStatus, Ownership
from dashboard.domain.incident_life import IncidentState
from dashboard.domain.incident_rows import STATE_CODE
from dashboard.domain.rights import Principal, Right
from dashboard.doorkeeper import Asker, require
from dashboard.live import Hub
from dashboard.queries import LivePicture
from dashboard.replies import RETRY, json_reply
from dashboard.store.audit import AuditLog
from dashboard.store.client import is_reachable

PAGE_MAX = 1_000
TICKING_MS = 5_000
NOTED_CHARS = 200  # of an identity that was asked for
PACK_FILES = {
    "areas.geojson": "application/geo+json",
    "context.geojson": "application/geo+json",
    "pack.json": "application/json",
}

Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="most items in one answer")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the answer before")]
StatusWord = Literal["online", "offline", "fault", "maintenance", "unknown"]

_CURSOR = re.compile(r"(-?[0-9]{1,18}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    limit: Limit = 100
    cursor: Cursor = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents are asked for."""

    area: str | None = None
    state: IncidentState | None = None
    priority: Annotated[int | None, Query(ge=1, le=4)] = None
    overdue: bool | None = None


class Reader:
    """Answers over one web process's picture."""

    def __init__(self, hub: Hub, redis: Redis, audit: AuditLog) -> None:
        self._hub = hub
        self._redis = redis
        self._audit = audit

    @property
    def _picture(self) -> LivePicture:
        """Raises HTTPException before the first one is here: zeros would look like numbers."""
        if self._hub.picture.as_of_ms is None:
            raise HTTPException(503, "no numbers yet: the store or the board is away", RETRY)
        return self._hub.picture

    def _area(self, code: str, asker: Principal) -> Area:
        """An area the asker may see. Raises HTTPException: 404 no such area, 403 another's."""
        region = self._picture.region
        area = region.by_code.get(code)
        if area is None:
            raise HTTPException(404, f"{code!r} is not an area of {region.name}")
        require(asker, Right.SEE, region, code)
        return area

    async def area(self, code: str, asker: Asker) -> Response:
        """One area's numbers and its children's; `as_of` is the moment they are of.

        What is not live is older: `as_of_by` says of when, for cameras, incidents and staff; null
        while live, or never heard.
        """
        area = self._area(code, asker)
        picture = self._picture
        children = [picture.area_row(child) for child in picture.region.children(code)]
        return json_reply(
            {**picture.area_row(area), "as_of": picture.as_of(), "children": children}
        )

    async def cameras(
        self,
        code: str,
        asker: Asker,
        page: Annotated[Page, Depends()],
        status: StatusWord | None = None,
        ownership: Ownership | None = None,
    ) -> Response:
        """The area's cameras as devices, in the order of their identifiers."""
        picture, area = self._picture, self._area(code, asker)
        numbers = picture.camera_numbers(area)
        if status is not None:
            wanted = UNKNOWN if status == "unknown" else STATUS_CODE[CameraStatus(status)]
            numbers = numbers[picture.camera_states()[numbers] == wanted]
        if ownership is not None:
            numbers = numbers[picture.cameras.table.rows["owner"][numbers] == OWNER_CODE[ownership]]
        ordered = sorted(numbers.tolist(), key=lambda number: picture.cameras.registered[number].id)
        after = page.cursor or ""
        rest = [n for n in ordered if picture.cameras.registered[n].id > after]
        items = [self._camera(number) for number in rest[: page.limit]]
        following = items[-1]["camera"] if len(rest) > page.limit else None
        return json_reply(
            {"total": len(ordered), "as_of": picture.as_of(), "items": items, "next": following}
        )

    def _camera(self, number: int) -> dict[str, Any]:
        row = self._picture.cameras.registered[number]
        camera, name, lon, lat, ownership, status, seen_ms = self._picture.camera_mark(number)
        return {
            "camera": camera,
            "name": name,
            "area": row.grid,
            "ownership": ownership,
            "site": row.site,
            "gb_code": row.gb_code,
            "lon": lon,
            "lat": lat,
            "status": status,
            "seen_at": None if seen_ms is None else iso(seen_ms),
        }

    async def incidents(
        self,
        asker: Asker,
        page: Annotated[Page, Depends()],
        wanted: Annotated[Wanted, Depends()],
    ) -> Response:
        """Incidents by deadline: the open ones, or those in `state`, ended lately or not.

        Without `area` those of the asker's own.
        """
        picture = self._picture
        area, priority, overdue = wanted.area or asker.area, wanted.priority, wanted.overdue
        numbers = self._incident_numbers(self._area(area, asker), wanted.state)
        rows = picture.incidents.table.rows
        if priority is not None:
            numbers = numbers[rows["priority"][numbers] == priority]
        if overdue is not None:
            now_ms = picture.as_of_ms or picture.clock.now_ms()
            late = (rows["due_ms"] < now_ms) & rows["open"] & ~rows["suspended"]
            numbers = numbers[late[numbers] == overdue]
        ids = picture.incidents.table.ids
        ordered = sorted((int(rows["due_ms"][n]), ids[n]) for n in numbers.tolist())
        after = _incident_cursor(page.cursor)
        rest = [key for key in ordered if after is None or key > after]
        held = picture.incidents.by_id
        items = [picture.incident_row(held[identity]) for _, identity in rest[: page.limit]]
        following = "{}:{}".format(*rest[page.limit - 1]) if len(rest) > page.limit else None
        return json_reply(
            {"total": len(ordered), "as_of": picture.as_of(), "items": items, "next": following}
        )

    def _incident_numbers(self, area: Area, state: IncidentState | None) -> Any:
        picture = self._picture
        if state is None:
            return picture.incident_numbers(area)
        inside = np.flatnonzero(picture.within(picture.incidents.table.rows["grid"], area))
        states = picture.incidents.table.rows["state"]
        return inside[states[inside] == STATE_CODE[state]]

    async def feeds(self, asker: Asker) -> Response:
        """The feeds that matter to the asker's area, with age and counts.

        Counts of a feed that also reports for other areas are null.
        """
        picture = self._picture
        feeds = picture.feeds_of(picture.region.by_code[asker.area])
        return json_reply({**feeds, "as_of": picture.as_of()})

    async def health(self) -> Response:
        """Alive: this process answers."""
        return json_reply({"status": "ok"})

    async def ready(self) -> Response:
        """Able to serve: the store answers and the board ticks."""
        picture = self._hub.picture
        store = await is_reachable(self._redis)
        age_ms = None if picture.as_of_ms is None else picture.clock.now_ms() - picture.as_of_ms
        ticking = age_ms is not None and age_ms <= TICKING_MS
        body = {
            "ready": store and ticking,
            "store": store,
            "board": ticking,
            "as_of": picture.as_of(),
        }
        return json_reply(body, 200 if store and ticking else 503)

    async def prometheus(self, asker: Asker) -> Response:
        """Numbers of the asker's area and of its feeds, for Prometheus."""
        registry = CollectorRegistry()
        registry.register(_Numbers(self._hub, asker.area))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Numbers:
    """Collects what the picture holds at the moment Prometheus asks."""

    def __init__(self, hub: Hub, area: str) -> None:
        self._hub = hub
        self._scope = hub.region.by_code[area]

    def collect(self) -> Iterator[Metric]:
        picture = self._hub.picture
        if self._scope is picture.region.root:
            n_clients = self._hub.n_clients
            yield GaugeMetricFamily("onemap_live_clients", "Browsers connected", n_clients)
        if picture.as_of_ms is None:
            return
        age_s = (picture.clock.now_ms() - picture.as_of_ms) / 1000
        yield GaugeMetricFamily("onemap_picture_age_seconds", "Age of the numbers shown", age_s)
        numbers = GaugeMetricFamily(
            "onemap_area", "Numbers by area, down to streets", labels=["area", "metric"]
        )
        for area in picture.region.areas:
            is_shown = area is self._scope or area.tier in (Tier.DISTRICT, Tier.STREET)
            if is_shown and picture.region.is_within(area.code, self._scope.code):
                for name, value in picture.area_metrics(area.index).items():
                    numbers.add_metric([area.code, name], value)
        yield numbers
        yield from self._feeds(picture)

    def _feeds(self, picture: LivePicture) -> Iterable[Metric]:
        counts = GaugeMetricFamily(
            "onemap_feed_events", "Events since the feed was added", labels=["feed", "what"]
        )
        for feed in picture.feeds_of(self._scope)["feeds"]:
            for what in ("accepted", "rejected", "duplicates", "dropped_private"):
                if feed[what] is not None:
                    counts.add_metric([feed["name"], what], feed[what])
        yield counts


class PackFiles:
    """The region pack's shapes and description, as they lie in its folder."""

    def __init__(self, folder: Path) -> None:
        self._bodies = {name: (folder / name).read_bytes() for name in PACK_FILES}
        self._tags = {
            name: f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            for name, body in self._bodies.items()
        }

    async def get(
        self, name: Literal["areas.geojson", "context.geojson", "pack.json"], request: Request
    ) -> Response:
        """Unchanged as long as the pack is: ask again with If-None-Match."""
        headers = {"ETag": self._tags[name], "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match", "").removeprefix("W/") == self._tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(self._bodies[name], headers=headers, media_type=PACK_FILES[name])


def _incident_cursor(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise HTTPException(422, "cursor: expected the `next` of the answer before")
    return int(found[1]), found[2]


def router(settings: Settings, hub: Hub, redis: Redis, audit: AuditLog) -> APIRouter:
    reader = Reader(hub, redis, audit)
    routes = APIRouter()
    for path, answer in (
        ("/api/areas/{code}", reader.area),
        ("/api/areas/{code}/cameras", reader.cameras),
        ("/api/incidents", reader.incidents),
        ("/api/feeds", reader.feeds),
        ("/healthz", reader.health),
        ("/readyz", reader.ready),
        ("/metrics", reader.prometheus),
        ("/region/{name}", PackFiles(settings.region).get),
    ):
        routes.add_api_route(path, answer, response_class=Response, **ROUTES[path])
    return routes
