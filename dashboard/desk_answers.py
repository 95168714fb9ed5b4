"""What the duty desk's API takes and answers, for OpenAPI, as dashboard/answers.py does.

tests/integration/test_openapi.py holds the real answers against these shapes.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.answers import (
    ASKER,
    BY_THE_DOOR,
    TEXT,
    UNUSABLE,
    Count,
    Description,
    IncidentRow,
    Moment,
    Problem,
    Unusable,
    WrongField,
)
from dashboard.commands import CALLED_MAX, KEY_MAX, NOTE_MAX
from dashboard.domain.events import IncidentAction
from dashboard.domain.incident_classes import ClockType
from dashboard.domain.incident_life import Result, WhistleKind
from dashboard.domain.standing import Appeal, Reason
from dashboard.queues import Queue
from dashboard.whistles_answers import WhistleRow

CommandTier = Literal["district", "street", "community"]


class CaseRow(IncidentRow):
    """A case as the desk shows it. What is of its clock is left out once it has ended.

    `next` is the step of the main line that it waits for; `marks_at` when 50, 80 and 100 % of the
    limit are used up; `left_ms` what is left of it while it is suspended; `provisional` when a year
    without a published calendar was counted.
    """

    system: str
    department: str | None
    department_name: str | None
    department_name_en: str | None
    n_returns: Count
    n_reworks: Count
    n_extensions: Count
    supervised: bool
    appeal: Appeal | None
    next: IncidentAction | None
    tier: NotRequired[CommandTier]
    acknowledged: NotRequired[bool]
    escalated: NotRequired[bool]
    overdue: NotRequired[bool]
    clock: NotRequired[ClockType]
    marks_at: NotRequired[list[Moment | None]]
    left_ms: NotRequired[int | None]
    provisional: NotRequired[bool]


class Inside(TypedDict):
    """What a row of several similar cases holds, its own case included."""

    total: Count
    ids: Annotated[list[str], Field(max_length=50, description="its own first")]
    priority: Annotated[int, Field(ge=1, le=4, description="the highest")]
    due_at: Annotated[Moment | None, Field(description="the earliest")]
    unacknowledged: Count
    channels: dict[str, Count]


class QueueRow(CaseRow):
    """`fold` is the primary of the similar cases it lies among, in a folded list; `inside` what
    the row holds, null for a case alone."""

    queue: Queue
    fold: NotRequired[str | None]
    inside: NotRequired[Inside | None]


class Standstill(TypedDict):
    reason: Literal["outside_hours", "weekend", "holiday"]
    until: Moment
    provisional: bool


class QueueAnswer(TypedDict):
    """`counts` are of every queue, `tiers` of the tiers that hold the cases: both before any
    filter. `clocks` says why the clock of a type stands still now."""

    as_of: Moment
    area: str
    tier: CommandTier
    queue: Queue
    counts: dict[str, Count]
    tiers: dict[str, Count]
    clocks: dict[str, Standstill | None]
    total: Annotated[Count, Field(description="rows: of a folded list fewer than cases")]
    total_cases: Count
    offset: Count
    items: list[QueueRow]


class CalledDepartment(TypedDict):
    id: str
    name: str | None
    name_en: str | None


class CaseMove(TypedDict):
    id: str
    at: Moment
    action: IncidentAction
    by: str
    at_desk: bool
    note: str | None
    department: str | None
    department_name: str | None
    department_name_en: str | None
    result: str | None
    tier: str | None
    condition: int | None
    kind: str | None
    called: list[CalledDepartment]
    undoes: str | None
    whistle: str | None
    step: str | None


class CaseLimit(TypedDict):
    """`assumed`: none is published for the class; the pack's own holds."""

    amount: int
    clock: ClockType
    condition: int
    assumed: bool


class Condition(TypedDict):
    condition: int
    text: str | None
    amount: int
    clock: ClockType


class CaseEscalation(TypedDict):
    at: Moment
    reason: Reason
    tier: CommandTier


class SimilarCases(TypedDict):
    total: Count
    items: list[IncidentRow]


class NearbyCameras(TypedDict):
    """`items` are [id, name, lon, lat, ownership, status, seen ms]."""

    within_m: float
    total: Count
    online: Count
    items: list[list[Any]]


class RecommendedDepartment(TypedDict):
    department: str
    name: str
    name_en: str
    distance_m: Count | None
    load: Count
    full: bool
    needs_whistle: bool


class ActionRow(TypedDict):
    """One action; `code` and `reason` say why it is not allowed."""

    action: IncidentAction
    needs: list[str]
    allowed: bool
    code: NotRequired[str]
    reason: NotRequired[str]
    results: NotRequired[list[Result]]
    tiers: NotRequired[list[CommandTier]]


class Undo(TypedDict):
    action: IncidentAction
    at: Moment


class Case(CaseRow):
    feed: str
    text: str | None
    photos: list[str]
    severity: Annotated[int, Field(ge=1, le=4)] | None
    as_of: Moment
    system_name: str
    system_name_en: str
    open_left_ms: Annotated[int | None, Field(ge=0, description="of open time; null: suspended")]
    standstill: Standstill | None
    limit: CaseLimit
    conditions: list[Condition]
    confirmed: str | None
    inspected: str | None
    paused_by: CaseMove | None
    history: Annotated[list[CaseMove], Field(description="Oldest first")]
    escalations: list[CaseEscalation]
    similar: SimilarCases
    cameras: NearbyCameras | None
    recommended: list[RecommendedDepartment]
    actions: list[ActionRow]
    undo: Undo | None
    whistles: Annotated[list[WhistleRow], Field(description="Oldest first")]


class TrailEntry(TypedDict):
    n: Count
    at: Moment
    actor: str
    role: str
    action: str
    outcome: str
    detail: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Fold(TypedDict):
    primary: str
    total: Count
    members: Annotated[list[QueueRow], Field(max_length=50, description="The primary first")]


class CaseAnswer(Case):
    fold: Fold | None
    trail: Annotated[list[TrailEntry], Field(description="Audit entries, newest first")]


class ActionAnswer(TypedDict):
    """`undo_until`: so long the asker can take the step back, if nobody goes on with it."""

    action: IncidentAction
    version: Count
    at: Moment
    undo_until: Moment | None
    incident: Case


class Beaten(TypedDict):
    """Somebody else moved the case first."""

    code: Literal["outrun"]
    detail: str
    winner: CaseMove | None
    incident: Case | None


class NotNow(TypedDict):
    """The case does not allow the step now, or not for the asker; `possible` says what it does."""

    code: str
    detail: str
    possible: list[IncidentAction]


class DepartmentRow(TypedDict):
    id: str
    name: str
    name_en: str
    kind: Literal["department", "team"]
    parent: str | None
    area: str
    takes: Count
    load: Count
    needs_whistle: bool


class DepartmentsAnswer(TypedDict):
    departments: list[DepartmentRow]


_WORD: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
_WISH = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["action", "version", "key"],
                    "properties": {
                        "action": {"type": "string", "enum": list(IncidentAction)},
                        "version": {
                            "type": "integer",
                            "minimum": 1,
                            "description": "of the case as it was seen",
                        },
                        "key": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": KEY_MAX,
                            "description": "names this click: sent again it is done once",
                        },
                        "note": {"type": "string", "maxLength": NOTE_MAX},
                        "department": _WORD,
                        "result": {"type": "string", "enum": list(Result)},
                        "tier": {"type": "string", "enum": ["street", "community"]},
                        "condition": {"type": "integer", "minimum": 1},
                        "kind": {"type": "string", "enum": list(WhistleKind)},
                        "called": {"type": "array", "maxItems": CALLED_MAX, "items": _WORD},
                    },
                }
            }
        },
    }
}
_NO_CASE = {404: {"model": Problem | WrongField, "description": "No such case in the area"}}

DESK_ROUTES: dict[tuple[str, str], Description] = {
    ("GET", "/api/queue"): {
        "dependencies": ASKER,
        "responses": {
            200: {"model": QueueAnswer, "description": "One page of a queue"},
            404: {"model": Problem, "description": "No such area"},
            **BY_THE_DOOR,
            **UNUSABLE,
        },
    },
    ("GET", "/api/departments"): {
        "dependencies": ASKER,
        "responses": {
            200: {"model": DepartmentsAnswer, "description": "Departments and duty teams"},
            **BY_THE_DOOR,
        },
    },
    ("GET", "/api/incidents/{incident:path}"): {
        "dependencies": ASKER,
        "responses": {
            200: {"model": CaseAnswer, "description": "The incident"},
            404: {"model": Problem, "description": "No such incident is open or ended lately"},
            **BY_THE_DOOR,
            **UNUSABLE,
        },
    },
    ("POST", "/api/incidents/{incident:path}/actions"): {
        "dependencies": ASKER,
        "openapi_extra": _WISH,
        "responses": {
            200: {"model": ActionAnswer, "description": "Done, and how the case is now"},
            409: {"model": Beaten | NotNow, "description": "Somebody was first, or not now"},
            422: {"model": WrongField | Unusable, "description": "A field that cannot be used"},
            **_NO_CASE,
            **BY_THE_DOOR,
            403: {
                "model": NotNow | Problem,
                "description": "Not this role's, tier's or department's, or another site's request",
                "content": TEXT,
            },
        },
    },
}
