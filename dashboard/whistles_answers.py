"""What the API of whistles takes and answers, for OpenAPI, as dashboard/answers.py does."""

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
    Latitude,
    Longitude,
    Moment,
    Problem,
    Unusable,
    WrongField,
)
from dashboard.commands import CALLED_MAX, KEY_MAX, NOTE_MAX
from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.whistle_life import PartState, Step, WhistleState
from dashboard.domain.whistles import ClockName

Mark = Annotated[int, Field(ge=1, le=5)]


class WhistleDue(TypedDict):
    """The clock that runs; `used` is its share in percent, over 100 when it is overdue."""

    clock: ClockName
    due_at: Moment
    used: Count
    overdue: bool


class WhistleReply(TypedDict):
    """The four elements of an answer; `at` is when it was taken up."""

    at: Moment
    by: str
    contact: str | None
    measures: str | None
    promised_at: Moment | None


class Ratings(TypedDict):
    speed: Mark
    quality: Mark


class CalledPart(TypedDict):
    """One called department; `missed` are its clocks that ran out."""

    department: str
    name: str
    name_en: str
    state: PartState
    version: Count
    acknowledged_at: Moment | None
    arrived_at: Moment | None
    handling_at: Moment | None
    done_at: Moment | None
    answer: WhistleReply | None
    due: WhistleDue | None
    missed: list[ClockName]
    ratings: Ratings | None


class WhistleEscalation(TypedDict):
    """A clock ran out: from here on it is with the district too."""

    at: Moment
    department: str
    clock: ClockName


class WhistleAction(TypedDict):
    action: Step
    needs: list[str]
    allowed: bool
    code: NotRequired[str]
    reason: NotRequired[str]


class WhistleRow(TypedDict):
    """`title_en` is the English name of the case's class."""

    id: str
    incident: str
    title: str
    title_en: str | None
    area: str
    lon: Longitude | None
    lat: Latitude | None
    kind: WhistleKind
    state: WhistleState
    version: Count
    called: list[CalledPart]
    note: str | None
    drafted_by: str | None
    drafted_at: Moment | None
    approved_by: str | None
    approved_at: Moment | None
    blown_at: Moment | None
    reminded_at: Moment | None
    withdrawn_at: Moment | None
    ended_note: str | None
    escalated: bool
    escalations: list[WhistleEscalation]
    actions: list[WhistleAction]


class WhistlesAnswer(TypedDict):
    """`counts` are by state, before the filter by state."""

    as_of: Moment
    area: str
    counts: dict[str, Count]
    total: Count
    offset: Count
    items: list[WhistleRow]


class MinutesRow(TypedDict):
    n: Count
    median: float | None
    p90: float | None


class MeanRow(TypedDict):
    n: Count
    mean: float | None


class DepartmentRow(TypedDict):
    """`judged` are calls that were answered or whose limit is over; the rates are of those."""

    department: str
    name: str
    name_en: str
    called: Count
    answered: Count
    on_time: Count
    judged: Count
    arrived: Count
    done: Count
    answer_rate: float | None
    on_time_rate: float | None
    minutes: dict[str, MinutesRow]
    speed: MeanRow
    quality: MeanRow


WhistleFigures = TypedDict(
    "WhistleFigures",
    {
        "as_of": Moment,
        "area": str,
        "from": Moment,
        "to": Moment,
        "least_samples": Count,
        "n_whistles": Count,
        "n_cases": Count,
        "whistles_per_case": float | None,
        "departments": list[DepartmentRow],
    },
)


class Begun(TypedDict):
    version: Count
    at: Moment
    whistle: WhistleRow


class StepDone(Begun):
    step: Step


class Winner(TypedDict):
    step: Step
    by: str
    at: Moment
    department: str | None


class WhistleBeaten(TypedDict):
    """Somebody else took a step first."""

    code: Literal["outrun"]
    detail: str
    winner: Winner | None
    whistle: WhistleRow


class WhistleNotNow(TypedDict):
    """Not possible now, or not for the asker; `possible` says what is."""

    code: str
    detail: str
    possible: list[str]


_WORD: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
_SAID: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": NOTE_MAX}
_KEY: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": KEY_MAX,
    "description": "names this click: sent again it is done once",
}
_NOTE: dict[str, Any] = {"type": "string", "maxLength": NOTE_MAX}
_MARK: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 5}


def _body(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


_NEW = _body(
    ["incident", "kind", "called", "key"],
    {
        "incident": {"type": "string", "minLength": 1, "maxLength": 128},
        "kind": {"type": "string", "enum": list(WhistleKind)},
        "called": {"type": "array", "minItems": 1, "maxItems": CALLED_MAX, "items": _WORD},
        "key": _KEY,
        "note": _NOTE,
        "approve": {"type": "boolean", "description": "blow at once, by who may approve"},
    },
)
_STEP = _body(
    ["step", "version", "key"],
    {
        "step": {"type": "string", "enum": list(Step)},
        "version": {
            "type": "integer",
            "minimum": 0,
            "description": "of the whistle as it was seen; for a department's step of its part",
        },
        "key": _KEY,
        "note": _NOTE,
        "department": _WORD,
        "contact": _SAID,
        "measures": _SAID,
        "promised_at": {"type": "string", "format": "date-time"},
        "speed": _MARK,
        "quality": _MARK,
    },
)
_ACTING: dict[int, Any] = {
    404: {"model": Problem | WrongField, "description": "Nothing of that name in the area"},
    409: {"model": WhistleBeaten | WhistleNotNow, "description": "Somebody was first, or not now"},
    422: {"model": WrongField | Unusable, "description": "A field that cannot be used"},
    **BY_THE_DOOR,
    403: {
        "model": WhistleNotNow | Problem,
        "description": "Not this role's, tier's or department's, or another site's request",
        "content": TEXT,
    },
}


def _read(model: Any, what: str, missing: str) -> Description:
    return {
        "dependencies": ASKER,
        "responses": {
            200: {"model": model, "description": what},
            404: {"model": Problem, "description": missing},
            **BY_THE_DOOR,
            **UNUSABLE,
        },
    }


WHISTLE_ROUTES: dict[tuple[str, str], Description] = {
    ("GET", "/api/whistles"): _read(WhistlesAnswer, "One page of whistles", "No such area"),
    ("GET", "/api/whistles/figures"): _read(WhistleFigures, "Figures", "No such area"),
    ("GET", "/api/whistles/{whistle:path}"): _read(WhistleRow, "The whistle", "No such whistle"),
    ("POST", "/api/whistles"): {
        "dependencies": ASKER,
        "openapi_extra": _NEW,
        "status_code": 201,
        "responses": {201: {"model": Begun, "description": "Drafted, or blown"}, **_ACTING},
    },
    ("POST", "/api/whistles/{whistle:path}/actions"): {
        "dependencies": ASKER,
        "openapi_extra": _STEP,
        "responses": {200: {"model": StepDone, "description": "Done"}, **_ACTING},
    },
}
