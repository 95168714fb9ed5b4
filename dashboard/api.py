"""The reading API over HTTP: JSON of the same picture that the pages show."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.asyncio import Redis
from swagger_ui_bundle import swagger_ui_path

from dashboard.answers import ROUTES
from dashboard.clock import iso
from dashboard.config import Settings
from dashboard.domain.areas import Area, Tier
from dashboard.domain.cameras import OWNER_CODE, STATUS_CODE, UNKNOWN
from dashboard.domain.events import CameraStatus, Ownership
from dashboard.domain.incidents import IncidentState
from dashboard.live import Hub
from dashboard.queries import LivePicture
from dashboard.store.client import is_reachable

PAGE_MAX = 1_000
TICKING_MS = 5_000
RETRY = {"Retry-After": "1"}
PACK_FILES = {
    "areas.geojson": "application/geo+json",
    "context.geojson": "application/geo+json",
    "pack.json": "application/json",
}

Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="most items in one answer")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the answer before")]
StatusWord = Literal["online", "offline", "fault", "maintenance", "unknown"]

_CURSOR = re.compile(r"(-?[0-9]{1,18}):(.+)", re.DOTALL)
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    limit: Limit = 100
    cursor: Cursor = None


class Reader:
    """Answers over one web process's picture."""

    def __init__(self, settings: Settings, hub: Hub, redis: Redis) -> None:
        self._settings = settings
        self._hub = hub
        self._redis = redis

    @property
    def _picture(self) -> LivePicture:
        """Raises HTTPException before the first one is here: zeros would look like numbers."""
        if self._hub.picture.as_of_ms is None:
            raise HTTPException(503, "no numbers yet: the store or the board is away", RETRY)
        return self._hub.picture

    def _area(self, code: str) -> Area:
        area = self._picture.region.by_code.get(code)
        if area is None:
            raise HTTPException(404, f"{code!r} is not an area of {self._picture.region.name}")
        return area

    async def area(self, code: str) -> Response:
        """One area's numbers and its children's; `as_of` is the moment they are of.

        What is not live is older: `as_of_by` says of when, for cameras, incidents and staff; null
        while live, or never heard.
        """
        area = self._area(code)
        picture = self._picture
        children = [picture.area_row(child) for child in picture.region.children(code)]
        return _json({**picture.area_row(area), "as_of": picture.as_of(), "children": children})

    async def cameras(
        self,
        code: str,
        page: Annotated[Page, Depends()],
        status: StatusWord | None = None,
        ownership: Ownership | None = None,
    ) -> Response:
        """The area's cameras as devices, in the order of their identifiers."""
        picture, area = self._picture, self._area(code)
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
        return _json(
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
        page: Annotated[Page, Depends()],
        area: str | None = None,
        state: IncidentState | None = None,
        priority: Annotated[int | None, Query(ge=1, le=4)] = None,
        overdue: bool | None = None,
    ) -> Response:
        """Incidents by deadline: the open ones, or those in `state`, ended lately or not."""
        picture = self._picture
        numbers = self._incident_numbers(self._area(area or picture.region.root.code), state)
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
        return _json(
            {"total": len(ordered), "as_of": picture.as_of(), "items": items, "next": following}
        )

    def _incident_numbers(self, area: Area, state: IncidentState | None) -> Any:
        picture = self._picture
        if state is None:
            return picture.incident_numbers(area)
        inside = np.flatnonzero(picture.within(picture.incidents.table.rows["grid"], area))
        ids, by_id = picture.incidents.table.ids, picture.incidents.by_id
        return np.array(
            [n for n in inside.tolist() if by_id[ids[n]].state is state], dtype=np.int64
        )

    async def incident(self, incident: str) -> Response:
        """One case with its history."""
        found = self._picture.incident_detail(incident)
        if found is None:
            raise HTTPException(404, f"no incident {incident!r} is open or ended lately")
        return _json(found)

    async def feeds(self) -> Response:
        """Every feed with its age and counts."""
        picture = self._picture
        return _json({**msgspec.to_builtins(picture.feeds), "as_of": picture.as_of()})

    async def health(self) -> Response:
        """Alive: this process answers."""
        return _json({"status": "ok"})

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
        return _json(body, 200 if store and ticking else 503)

    async def prometheus(self) -> Response:
        """Numbers of the region and of every feed, for Prometheus."""
        registry = CollectorRegistry()
        registry.register(_Numbers(self._hub))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Numbers:
    """Collects what the picture holds at the moment Prometheus asks."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        picture = self._hub.picture
        yield GaugeMetricFamily("onemap_live_clients", "Browsers connected", self._hub.n_clients)
        if picture.as_of_ms is None:
            return
        age_s = (picture.clock.now_ms() - picture.as_of_ms) / 1000
        yield GaugeMetricFamily("onemap_picture_age_seconds", "Age of the numbers shown", age_s)
        numbers = GaugeMetricFamily(
            "onemap_area", "Numbers by area, down to streets", labels=["area", "metric"]
        )
        for area in picture.region.areas:
            if area.tier in (Tier.DISTRICT, Tier.STREET):
                for name, value in picture.area_metrics(area.index).items():
                    numbers.add_metric([area.code, name], value)
        yield numbers
        yield from self._feeds(picture)

    def _feeds(self, picture: LivePicture) -> Iterable[Metric]:
        counts = GaugeMetricFamily(
            "onemap_feed_events", "Events since the feed was added", labels=["feed", "what"]
        )
        for feed in picture.feeds.feeds:
            for what in ("accepted", "rejected", "duplicates", "dropped_private"):
                counts.add_metric([feed.name, what], getattr(feed, what))
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


SWAGGER_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}


async def docs_page() -> HTMLResponse:
    """The API's description for people, from this machine alone."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="One Map API",
        swagger_js_url="/api/docs/swagger-ui-bundle.js",
        swagger_css_url="/api/docs/swagger-ui.css",
        swagger_favicon_url="data:,",
    )


async def docs_file(name: Literal["swagger-ui-bundle.js", "swagger-ui.css"]) -> FileResponse:
    return FileResponse(Path(swagger_ui_path) / name, media_type=SWAGGER_FILES[name])


def _json(body: Any, status: int = 200) -> Response:
    return Response(
        _encoder.encode(body), status, {"Cache-Control": "no-store"}, "application/json"
    )


def _incident_cursor(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise HTTPException(422, "cursor: expected the `next` of the answer before")
    return int(found[1]), found[2]


def router(settings: Settings, hub: Hub, redis: Redis) -> APIRouter:
    reader = Reader(settings, hub, redis)
    routes = APIRouter()
    for path, answer in (
        ("/api/areas/{code}", reader.area),
        ("/api/areas/{code}/cameras", reader.cameras),
        ("/api/incidents", reader.incidents),
        ("/api/incidents/{incident:path}", reader.incident),
        ("/api/feeds", reader.feeds),
        ("/healthz", reader.health),
        ("/readyz", reader.ready),
        ("/metrics", reader.prometheus),
        ("/region/{name}", PackFiles(settings.region).get),
    ):
        routes.add_api_route(path, answer, response_class=Response, **ROUTES[path])
    routes.add_api_route("/api/docs", docs_page, include_in_schema=False)
    routes.add_api_route("/api/docs/{name}", docs_file, include_in_schema=False)
    return routes
