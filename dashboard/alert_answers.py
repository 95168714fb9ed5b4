"""What the alerts' API takes and answers, for OpenAPI, as dashboard/answers.py does.

tests/integration/test_openapi.py holds the real answers against these shapes.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.alert_commands import ID_MAX, KEY_MAX, MANY_MAX, NAME_MAX, NOTE_MAX
from dashboard.answers import (
    ASKER,
    BY_THE_DOOR,
    TEXT,
    UNUSABLE,
    Count,
    Description,
    Moment,
    Problem,
    Statuses,
    Unusable,
    WrongField,
)
from dashboard.domain.alert_rules import Kind, Unit
from dashboard.domain.alerts import MUTE_MAX_MS, AlertAction, AlertState, What

CommandTier = Literal["district", "street", "community"]
Priority = Annotated[int, Field(ge=1, le=4)]
Number = Annotated[float, Field(ge=0)]


class AlertShelf(TypedDict):
    by: str
    at: Moment
    until: Moment
    reason: str


class AlertOut(TypedDict):
    by: str
    at: Moment
    reason: str


class AlertRow(TypedDict):
    """One alert; `value` as it was raised and `threshold` in `unit`. `group` is its fold's key."""

    id: str
    rule: str
    rule_version: Count
    rule_name: str
    rule_name_en: str
    kind: Kind
    source: str
    title: str
    title_en: str
    area: str
    lon: float | None
    lat: float | None
    priority: Priority
    tier: CommandTier
    state: AlertState
    active: bool
    value: float
    threshold: float
    unit: Unit
    raised_at: Moment
    rang_at: Moment
    cleared_at: Moment | None
    acknowledged_at: Moment | None
    acknowledged_by: str | None
    assignee: str | None
    shelved: AlertShelf | None
    out: AlertOut | None
    suppressed_by: str | None
    n_raised: Count
    n_again: Count
    n_activations: Count
    chattering: bool
    stale: bool
    incident: str | None
    version: Count
    group: str


class AlertFirst(TypedDict):
    id: str
    title: str
    title_en: str
    raised_at: Moment


class AlertGroup(TypedDict):
    """Alerts folded by cause, else by rule, place and time; `cause` is the alert of the cause.

    `area` holds all of them; `at`, `lon` and `lat` are where the one is that it is called by.
    """

    key: str
    rule: str
    rule_name: str
    rule_name_en: str
    kind: Kind
    cause: str | None
    n: Count
    n_unacknowledged: Count
    n_suppressed: Count
    n_chattering: Count
    states: dict[str, Count]
    priority: Priority
    tier: CommandTier
    state: AlertState
    area: str
    title: str
    title_en: str
    first: AlertFirst
    last_at: Moment
    at: str
    lon: float | None
    lat: float | None
    cameras: Count | None
    incidents: list[str]
    ids: list[str]


class FloodState(TypedDict):
    """More than ten in ten minutes, until fewer than five."""

    on: bool
    since: Moment | None
    n_10_min: Count


class AlertsAnswer(TypedDict):
    """`counts` are by state and of the whole desk, before any filter; either groups or items."""

    as_of: Moment
    area: str
    tier: CommandTier
    judged_at: Moment
    flood: FloodState
    counts: dict[str, Count]
    unacknowledged_by_priority: dict[str, Count]
    total: Count
    offset: Count
    total_groups: NotRequired[Count]
    groups: NotRequired[list[AlertGroup]]
    items: NotRequired[list[AlertRow]]


class AlertLine(TypedDict):
    """One line of the alert log; `rang`: it called for an officer."""

    n: Count
    at: Moment
    what: What
    rang: bool
    tier: CommandTier
    by: str | None
    note: str | None
    value: float | None
    rule_version: Count


class AlertActionRow(TypedDict):
    action: AlertAction
    needs: list[str]
    allowed: bool
    code: NotRequired[str]
    reason: NotRequired[str]


class AlertChildren(TypedDict):
    total: Count
    items: list[AlertRow]


class AlertCameras(TypedDict):
    """`items` are [id, name, lon, lat, ownership, status, seen ms]."""

    total: Count
    online: Count
    items: list[list[Any]]


class WholeAlert(AlertRow):
    response: str
    response_en: str
    as_of: Moment
    children: Annotated[AlertChildren, Field(description="Suppressed by design, as this is why")]
    cameras: AlertCameras | None
    history: Annotated[list[AlertLine], Field(description="Of the last day, oldest first")]
    actions: list[AlertActionRow]


class AlertActionAnswer(TypedDict):
    """`alert` null: it is normal now, and not listed any more."""

    action: AlertAction
    version: Count
    at: Moment
    alert: WholeAlert | None


class AlertBeaten(TypedDict):
    code: Literal["outrun"]
    detail: str
    winner: AlertLine | None
    alert: WholeAlert | None


class AlertNotNow(TypedDict):
    code: str
    detail: str
    possible: list[AlertAction]


class ManyResult(TypedDict):
    id: str
    status: Literal[200, 403, 404, 409, 422]
    code: NotRequired[str]
    version: NotRequired[Count]


class ManyAnswer(TypedDict):
    done: Count
    results: list[ManyResult]


class MuteState(TypedDict):
    by: str
    at: Moment
    until: Moment


class MuteAnswer(TypedDict):
    mute: MuteState | None


class PerOfficer(TypedDict):
    n_10_min: Number
    n_hour: Number
    n_day: Number


class BadActor(TypedDict):
    """A source that rings often, chatters, is gone within a minute, or stays for more than a
    day."""

    alert: str
    listed: bool
    rule: str
    rule_name: str
    rule_name_en: str
    title: str
    title_en: str
    area: str
    priority: Priority
    n_24h: Count
    n_chattering_24h: Count
    n_fleeting_24h: Count
    stale: bool


class FloodShare(FloodState):
    share_24h: Number


class LoadAnswer(TypedDict):
    """`targets` are [very likely acceptable, maximum manageable] for each officer."""

    area: str
    tier: CommandTier
    as_of: Moment
    judged_at: Moment
    seats: Count
    n_10_min: Count
    n_hour: Count
    n_day: Count
    per_officer: PerOfficer
    targets: dict[str, list[float]]
    max_10_min_24h: Count
    share_top_ten: float | None
    priorities: dict[str, float] | None
    priority_targets: dict[str, float]
    n_chattering: Count
    n_fleeting: Count
    n_stale: Count
    n_standing: Count
    n_shelved: Count
    flood: FloodShare
    n_bad_actors: Count
    bad_actors: list[BadActor]


def body(required: list[str], properties: dict[str, Any]) -> Description:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


_ID = {"type": "string", "minLength": 1, "maxLength": ID_MAX}
_VERSION = {"type": "integer", "minimum": 1, "description": "of the alert as it was seen"}
_CLICK: dict[str, Any] = {
    "action": {"type": "string", "enum": list(AlertAction)},
    "key": {
        "type": "string",
        "minLength": 1,
        "maxLength": KEY_MAX,
        "description": "names this click: sent again it is done once",
    },
    "note": {"type": "string", "nullable": True, "maxLength": NOTE_MAX},
    "until": {
        "type": "string",
        "nullable": True,
        "format": "date-time",
        "description": "end of a shelf",
    },
    "assignee": {"type": "string", "nullable": True, "minLength": 1, "maxLength": NAME_MAX},
}
_MANY: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": MANY_MAX,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "version"],
        "properties": {"id": _ID, "version": _VERSION},
    },
}
_MUTE: dict[str, Any] = {
    "area": {"type": "string", "minLength": 1, "maxLength": NAME_MAX},
    "minutes": {"type": "integer", "minimum": 0, "maximum": MUTE_MAX_MS // 60_000},
    "key": _CLICK["key"],
}
WRONG_FIELD: Statuses = {422: {"model": WrongField | Unusable, "description": "A field's problem"}}
_NO_AREA: Statuses = {404: {"model": Problem, "description": "No such area"}}
_NOT_YOURS: Statuses = {
    403: {
        "model": AlertNotNow | Problem,
        "description": "Not this role's or tier's, or another site's request",
        "content": TEXT,
    }
}


def route(model: Any, description: str, **more: Any) -> Description:
    statuses = {200: {"model": model, "description": description}} | BY_THE_DOOR | UNUSABLE
    return {"dependencies": ASKER, "responses": statuses | more.pop("statuses", {}), **more}


ALERT_ROUTES: dict[tuple[str, str], Description] = {
    ("GET", "/api/alerts"): route(AlertsAnswer, "One page of a desk's alerts", statuses=_NO_AREA),
    ("GET", "/api/alerts/load"): route(LoadAnswer, "The desk's load", statuses=_NO_AREA),
    ("GET", "/api/alerts/{alert:path}"): route(
        WholeAlert,
        "The alert",
        statuses={404: {"model": Problem, "description": "No such alert is listed"}},
    ),
    ("POST", "/api/alerts/{alert:path}/actions"): route(
        AlertActionAnswer,
        "Done, and how the alert is now",
        openapi_extra=body(["action", "version", "key"], {"version": _VERSION, **_CLICK}),
        statuses={
            404: {"model": Problem | WrongField, "description": "No such alert in the area"},
            409: {
                "model": AlertBeaten | AlertNotNow,
                "description": "It changed first, or not now",
            },
            **WRONG_FIELD,
            **_NOT_YOURS,
        },
    ),
    ("POST", "/api/alerts/actions"): route(
        ManyAnswer,
        "What became of each",
        openapi_extra=body(["action", "key", "alerts"], {"alerts": _MANY, **_CLICK}),
        statuses=WRONG_FIELD,
    ),
    ("POST", "/api/alerts/mute"): route(
        MuteAnswer,
        "Until when the desks of the area are silent",
        openapi_extra=body(["area", "minutes", "key"], _MUTE),
        statuses=WRONG_FIELD | _NO_AREA,
    ),
}
