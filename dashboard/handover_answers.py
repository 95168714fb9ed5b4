"""What the API of hand-overs takes and answers, for OpenAPI, as dashboard/answers.py does.

tests/integration/test_handover_api.py holds the real answers against these shapes.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.answers import (
    ASKER,
    BY_THE_DOOR,
    UNUSABLE,
    Count,
    Description,
    FreshnessWord,
    Moment,
    Priority,
    Problem,
    Statuses,
    Unusable,
    WrongField,
)
from dashboard.audit_api import Time
from dashboard.desk_answers import CommandTier
from dashboard.domain.events import IncidentAction
from dashboard.domain.handover import NOTE_MAX, HandoverState, Why
from dashboard.domain.incident_life import IncidentState

Note = Annotated[str, Field(max_length=NOTE_MAX)]
Version = Annotated[int, Field(ge=1, description="of the hand-over as it was seen")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewHandover(_Body):
    """`as_of` is that of the draft that was seen; `area` the asker's own when left out."""

    area: Annotated[str, Field(max_length=64)] | None = None
    note: Note = ""
    as_of: Time


class Signature(_Body):
    version: Version
    note: Note | None = None


class Withdrawal(_Body):
    version: Version


class DoneRow(TypedDict):
    action: IncidentAction
    at_desk: Count
    elsewhere: Count


class TotalsRow(TypedDict):
    """How many cases there are for each list; a list shows the first 200."""

    urgent: Count
    departments: Count
    officers: Count


_From = TypedDict("_From", {"from": str})


class _Row(_From):
    area: str
    tier: CommandTier
    began_at: Moment
    counted_from: Moment
    at: Moment
    note: str
    counts: Annotated[dict[str, Count], Field(description="Cases of every queue")]
    priorities: Annotated[dict[str, Count], Field(description="Open cases by priority, 1 to 4")]
    tiers: Annotated[dict[str, Count], Field(description="Open cases by the tier they are with")]
    totals: TotalsRow
    reported: Count
    ended: Count
    done: list[DoneRow]
    origins: Annotated[list[str], Field(description="simulated, recorded: what is not real")]
    to: str | None
    signed_at: Moment | None
    signed_note: str | None
    withdrawn_by: str | None
    withdrawn_at: Moment | None
    may_sign: bool
    may_withdraw: bool


class HandoverRow(_Row):
    """`from` handed over what was true at `at`; `to` signed for it.

    The shift began at `began_at`; what was done in it is counted since `counted_from`.
    """

    id: str
    state: HandoverState
    version: Version


class ListedCase(TypedDict):
    """`due_at` is null while the clock is paused; then `left_ms` says what is left."""

    id: str
    title: str
    area: str
    priority: Priority
    state: IncidentState
    tier: CommandTier
    due_at: Moment | None
    left_ms: int | None
    overdue: bool
    department: str | None
    department_name: str | None
    department_name_en: str | None


class UrgentCase(ListedCase):
    why: list[Why]


class AwaitedUnit(TypedDict):
    id: str
    name: str
    name_en: str


class OfficersAct(ListedCase):
    """Of a case: who did what when; `awaited` are called units that have not answered."""

    at: Moment
    by: str
    action: IncidentAction
    note: str | None
    awaited: list[AwaitedUnit]
    earlier: bool


class _Lists(TypedDict):
    urgent: list[UrgentCase]
    departments: list[ListedCase]
    officers: list[OfficersAct]


class WholeHandover(HandoverRow, _Lists):
    """As it was handed over; nothing in it changes but the signature."""


class Draft(_Row, _Lists):
    """`as_of` goes into the request that hands over; `waiting` has to be signed before."""

    id: Annotated[str | None, Field(description="null: it has none before it is handed over")]
    state: Literal["draft"]
    version: Annotated[int, Field(ge=0, le=0)]
    as_of: Moment
    freshness: FreshnessWord
    waiting: HandoverRow | None


class HandoversAnswer(TypedDict):
    area: str
    total: Count
    waiting: HandoverRow | None
    items: Annotated[list[HandoverRow], Field(description="Newest first")]


class Moved(WrongField):
    """Somebody was first; `handover` says who."""

    handover: HandoverRow | None


def _told(status: int, answer: type, text: str, more: Statuses) -> Description:
    found: Statuses = {status: {"model": answer, "description": text}}
    return {"dependencies": ASKER, "responses": found | BY_THE_DOOR | UNUSABLE | more}


_NO_AREA: Statuses = {404: {"model": Problem, "description": "No such area"}}
_NONE: Statuses = {404: {"model": WrongField, "description": "No such hand-over in the area"}}
_WRITES: Statuses = {
    400: {"model": Problem, "description": "A body that cannot be read, as bytes or as text"},
    409: {"model": Moved, "description": "Somebody was first"},
    422: {"model": WrongField | Unusable, "description": "A field that cannot be used"},
}

HANDOVER_ROUTES: dict[tuple[str, str], Description] = {
    ("GET", "/api/handovers"): _told(200, HandoversAnswer, "Earlier ones", _NO_AREA),
    ("GET", "/api/handovers/draft"): _told(200, Draft, "As it would be now", _NO_AREA),
    ("GET", "/api/handovers/{handover}"): _told(200, WholeHandover, "As it was", _NONE),
    ("POST", "/api/handovers"): {
        **_told(201, HandoverRow, "Handed over", _NO_AREA | _WRITES),
        "status_code": 201,
    },
    ("POST", "/api/handovers/{handover}/sign"): _told(200, HandoverRow, "Signed", _NONE | _WRITES),
    ("POST", "/api/handovers/{handover}/withdraw"): _told(
        200, HandoverRow, "Taken back", _NONE | _WRITES
    ),
}
