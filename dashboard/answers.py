"""What the reading API answers: every route's description, statuses and shapes, for OpenAPI.

The handlers answer with bytes they encode themselves, so nothing here runs when a page is asked
for; tests/integration/test_openapi.py holds the real answers against these shapes.
"""

from typing import Annotated, Any, Literal, NotRequired

from fastapi import Security
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.domain.events import Channel, Ownership
from dashboard.domain.incident_life import IncidentState
from dashboard.domain.metrics import METRICS
from dashboard.domain.systems import AREA_KPIS, CASE_KPIS
from dashboard.doorkeeper import PLAIN_COOKIE, SECURE_COOKIE

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Priority = Annotated[int, Field(ge=1, le=4, description="1 is the most urgent")]
FreshnessWord = Literal["live", "late", "stale", "lost"]
TierWord = Literal["district", "street", "community", "grid"]
Next = Annotated[str | None, Field(description="`cursor` of the next page; null on the last")]
Metrics = Annotated[
    dict[str, Count],
    Field(
        description="Additive numbers: an area's are the sums of its children's",
        json_schema_extra={
            "properties": {name: {"type": "integer", "minimum": 0} for name in METRICS},
            "required": list(METRICS),
            "additionalProperties": False,
        },
    ),
]


class Rates(TypedDict):
    """Shares from the area's sums; null without a denominator."""

    camera_online_rate: Share | None
    on_time_rate: Share | None


class FreshnessBy(TypedDict):
    cameras: FreshnessWord
    incidents: FreshnessWord
    staff: FreshnessWord


class AsOfBy(TypedDict):
    """Of when numbers that are not live are; null while live, or never heard."""

    cameras: Moment | None
    incidents: Moment | None
    staff: Moment | None


class AreaRow(TypedDict):
    code: str
    name: str
    name_en: str
    tier: TierWord
    parent: str | None
    label: Annotated[
        list[float],
        Field(min_length=2, max_length=2, description="A point inside: [longitude, latitude]"),
    ]
    freshness: FreshnessWord
    freshness_by: FreshnessBy
    as_of_by: AsOfBy
    metrics: Metrics
    rates: Rates


class AreaAnswer(AreaRow):
    as_of: Moment
    children: list[AreaRow]


class Camera(TypedDict):
    camera: str
    name: str
    area: str
    ownership: Ownership
    site: str
    gb_code: str | None
    lon: Longitude | None
    lat: Latitude | None
    status: Literal["online", "offline", "fault", "maintenance", "unknown"]
    seen_at: Moment | None


class CamerasAnswer(TypedDict):
    total: Count
    as_of: Moment
    items: list[Camera]
    next: Next


_WithClass = TypedDict("_WithClass", {"class": str | None})


class IncidentRow(_WithClass):
    """`service_code` tells events from facilities: E-01-10, P-01-50; null for an unknown class."""

    id: str
    service_code: str | None
    class_name: str | None
    class_name_en: str | None
    title: str | None
    state: IncidentState
    priority: Priority
    area: str | None
    lon: Longitude | None
    lat: Latitude | None
    channel: Channel | None
    reported_at: Moment | None
    due_at: Moment | None
    closed_at: Moment | None
    version: Count
    systems: Annotated[list[str], Field(description="in whose queues it stands, its home first")]


class IncidentsAnswer(TypedDict):
    total: Count
    as_of: Moment
    items: list[IncidentRow]
    next: Next


class SystemKpi(TypedDict):
    """`value` is a count, or a share that is null without a denominator, which is `n`. Of the
    cases that a count is of, `also` are at home in another system."""

    id: Annotated[str, Field(json_schema_extra={"enum": [*CASE_KPIS, *AREA_KPIS]})]
    value: Count | Share | None
    n: NotRequired[Count]
    also: NotRequired[Count]


class SystemRow(TypedDict):
    """`open`: cases whose home it is, which add up over the systems to the area's. `also`: cases
    at home elsewhere that stand in its queue too. `open_by_priority`: of its queue, 1 first."""

    id: str
    name: str
    name_en: str
    status: Literal["official", "proposal"]
    rests_on: list[str]
    open: Count
    also: Count
    open_by_priority: Annotated[list[Count], Field(min_length=4, max_length=4)]
    kpis: Annotated[list[SystemKpi], Field(min_length=3, max_length=5)]


class SystemsAnswer(TypedDict):
    as_of: Moment
    area: str
    systems: list[SystemRow]


class Feed(TypedDict):
    """One feed; the counts are since it was added, null where it also reports for other areas."""

    name: str
    title: str
    title_en: str
    kind: Literal["live", "simulated", "recorded"]
    label: str | None
    area: str | None
    freshness: FreshnessWord
    last_at: Moment | None
    period_s: Count
    accepted: Count | None
    rejected: Count | None
    duplicates: Count | None
    dropped_private: Count | None
    rate_per_min: Count | None


class FeedsAnswer(TypedDict):
    feeds: list[Feed]
    dropped_private_today: Count | None
    as_of: Moment


class ReadyAnswer(TypedDict):
    ready: bool
    store: bool
    board: bool
    as_of: Moment | None


class HealthAnswer(TypedDict):
    status: Literal["ok"]


class Problem(TypedDict):
    detail: str


class WrongField(TypedDict):
    """`field` is what was wrong, empty for none in particular."""

    field: str
    reason: str


class WrongValue(TypedDict):
    """Which value was wrong, and how."""

    loc: list[str | int]
    msg: str
    type: str


class Unusable(TypedDict):
    detail: list[WrongValue] | str


Description = dict[str, Any]
Statuses = dict[int, Description]
TEXT = {"text/plain": {"schema": {"type": "string"}}}
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
# By what stands before every route
_TURNED_AWAY: Statuses = {
    403: {"description": "Another site's request", "content": TEXT},
    413: {"description": "A body where none is expected", "content": TEXT},
    431: {"description": "Too many bytes of headers", "content": TEXT},
}
BY_THE_DOOR: Statuses = _TURNED_AWAY | {
    401: {
        "model": Problem,
        "description": "Not signed in, or an unknown or ended session or token",
        "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    },
    403: {
        "model": Problem,
        "description": "The role or the area does not allow it, or another site's request",
        "content": TEXT,
    },
    503: {
        "model": Problem | WrongField,
        "description": "The store is away, busy or not to be trusted, or there are no numbers yet",
        "headers": RETRY_AFTER,
    },
}
UNUSABLE: Statuses = {422: {"model": Unusable, "description": "A value that cannot be used"}}
OPEN_TO_ALL: Description = {"security": []}


def _cookie(name: str, scheme: str, description: str) -> Any:
    return Security(
        APIKeyCookie(name=name, scheme_name=scheme, description=description, auto_error=False)
    )


ASKER = (
    _cookie(PLAIN_COOKIE, "session", "Of a browser that came over plain HTTP"),
    _cookie(SECURE_COOKIE, "sessionOverTLS", "Of a browser that came over TLS"),
    Security(HTTPBearer(scheme_name="accountToken", auto_error=False)),
)


def _read(answer: type, description: str, missing: str = "") -> Description:
    """A route over the picture; `missing` says what a 404 means, if there can be one."""
    found = {200: {"model": answer, "description": description}}
    absent = {404: {"model": Problem, "description": missing}} if missing else {}
    statuses = found | BY_THE_DOOR | absent | UNUSABLE
    return {"dependencies": ASKER, "responses": statuses}


NO_AREA = "No such area"
SYSTEM_ROUTES: dict[str, Description] = {
    "/api/systems": _read(SystemsAnswer, "Every service system", NO_AREA),
}
ROUTES: dict[str, Description] = {
    "/api/areas/{code}": _read(AreaAnswer, "The area and its children", NO_AREA),
    "/api/areas/{code}/cameras": _read(CamerasAnswer, "One page of cameras", NO_AREA),
    "/api/incidents": _read(IncidentsAnswer, "One page of incidents", NO_AREA),
    "/api/feeds": _read(FeedsAnswer, "Every feed"),
    "/healthz": {
        "openapi_extra": OPEN_TO_ALL,
        "responses": {200: {"model": HealthAnswer, "description": "Alive"}} | _TURNED_AWAY,
    },
    "/readyz": {
        "openapi_extra": OPEN_TO_ALL,
        "responses": {
            200: {"model": ReadyAnswer, "description": "Able to serve"},
            503: {"model": ReadyAnswer, "description": "The store or the board is away"},
        }
        | _TURNED_AWAY,
    },
    "/metrics": {
        "dependencies": ASKER,
        "responses": {
            200: {"description": "Prometheus's text format", "content": TEXT},
            **BY_THE_DOOR,
        },
    },
    "/region/{name}": {
        "dependencies": ASKER,
        "responses": {
            200: {
                "description": "The file",
                "content": {
                    kind: {"schema": {"type": "object"}}
                    for kind in ("application/geo+json", "application/json")
                },
                "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
            },
            304: {
                "description": "Unchanged since the ETag given in If-None-Match",
                "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
            },
            **BY_THE_DOOR,
            **UNUSABLE,
        },
    },
}
