"""Handing over a shift (交接班): what is open, what was promised, what was done, who signed.

Pure: cases in, lists and counts out. A draft is what is true now; once handed over it is frozen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from dashboard.clock import DAY_MS
from dashboard.domain.areas import Tier
from dashboard.domain.events import IncidentMoved
from dashboard.domain.incident_life import ENDED, WITH_DEPARTMENT, IncidentState
from dashboard.domain.standing import BY_DEPARTMENT, Standing
from dashboard.domain.whistle_life import is_ending, is_of_department, whistle_id

SHIFT_MS: Final = 8 * 3_600_000  # the next shift: what falls due in it is listed
COUNTED_MS: Final = 7 * DAY_MS  # ended cases are kept so long, so no older act can be counted
URGENT_PRIORITY: Final = 2
LISTED_MAX: Final = 200  # items of a list; its total is always told
NOTE_MAX: Final = 2_000

_DONE: Final = ENDED | {IncidentState.HANDLED, IncidentState.INSPECTED}
Units = Callable[[str | None], frozenset[str]]  # ids a department's name stands for


class HandoverState(StrEnum):
    HANDED = "handed"  # waits for the next officer's signature
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class Why(StrEnum):
    """Why a case is listed."""

    OVERDUE = "overdue"
    ESCALATED = "escalated"  # came up to this tier, and nobody here has seen to it
    RETURNED = "returned"
    DUE_SOON = "due_soon"  # within the next shift
    PRIORITY = "priority"  # P1 or P2
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One case of the area as it stands. `grid` is the code of its place."""

    id: str
    title: str
    grid: str
    priority: int
    first_ms: int
    standing: Standing
    department_name: str | None = None
    department_name_en: str | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it was listed. `due_ms` is None while its clock is paused, `left_ms` else."""

    id: str
    title: str
    area: str
    priority: int
    state: str
    tier: Tier
    due_ms: int | None
    left_ms: int | None
    overdue: bool
    department: str | None
    department_name: str | None
    department_name_en: str | None


class Urgent(Item, frozen=True, kw_only=True):
    why: tuple[Why, ...]


class Act(Item, frozen=True, kw_only=True):
    """What an officer set going and must be seen to. `awaited` are called units without an answer.

    `earlier`: from before this shift, and still open.
    """

    at_ms: int
    by: str
    action: str
    note: str | None
    awaited: tuple[str, ...]
    earlier: bool


class Lists(msgspec.Struct, frozen=True, kw_only=True):
    """The first LISTED_MAX of each; how many there are is in Totals."""

    urgent: tuple[Urgent, ...] = ()
    departments: tuple[Item, ...] = ()
    officers: tuple[Act, ...] = ()


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    urgent: int
    departments: int
    officers: int


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Acts of one kind in the shift: here, and as outside systems told of them."""

    action: str
    at_desk: int
    elsewhere: int


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-over without its lists. All times in ms since the epoch.

    `began_ms` is the end of the last signed one of the area, or the first act known; acts are
    counted from `counted_ms`, later only where a shift is longer than COUNTED_MS. `handed_by` is
    the account that handed over, `signed_by` the one that took it. `counts` are cases of every
    queue, `priorities` open cases by "1" to "4", `tiers` those by the tier that holds them.
    """

    id: str
    area: str
    tier: Tier
    handed_by: str
    began_ms: int
    counted_ms: int
    at_ms: int
    note: str
    state: HandoverState
    version: int
    counts: dict[str, int]
    priorities: dict[str, int]
    tiers: dict[str, int]
    totals: Totals
    n_reported: int
    n_ended: int
    done: tuple[Done, ...]
    origins: tuple[str, ...] = ()  # kinds of feeds that are not real: simulated, recorded
    signed_by: str | None = None
    signed_ms: int | None = None
    signed_note: str | None = None
    withdrawn_by: str | None = None
    withdrawn_ms: int | None = None

    def signed(self, by: str, at_ms: int, note: str | None) -> "Handover":
        return self._with(
            state=HandoverState.SIGNED, signed_by=by, signed_ms=at_ms, signed_note=note
        )

    def withdrawn(self, by: str, at_ms: int) -> "Handover":
        return self._with(state=HandoverState.WITHDRAWN, withdrawn_by=by, withdrawn_ms=at_ms)

    def _with(self, **changed: Any) -> "Handover":
        return msgspec.structs.replace(self, version=self.version + 1, **changed)


def objection_to_signing(held: Handover, name: str) -> str | None:
    """Why an account may not sign; that it has rights in the area is asked elsewhere."""
    if held.state is not HandoverState.HANDED:
        return f"this hand-over is {held.state} already"
    return "nobody signs a hand-over of their own" if held.handed_by == name else None


# ---- what is open ------------------------------------------------------------------------------


def reasons(case: Seen, tier: Tier, now_ms: int) -> tuple[Why, ...]:
    """Why an open case is listed for a desk of `tier`, the gravest first; empty: it is not."""
    held, due_ms = case.standing, case.standing.deadline.due_ms
    if held.state in ENDED:
        return ()
    came_up = held.is_escalated_at(now_ms) and held.tier_at(now_ms) is tier
    found = {
        Why.OVERDUE: due_ms is not None and due_ms < now_ms,
        Why.ESCALATED: came_up,
        Why.RETURNED: held.state is IncidentState.RETURNED,
        Why.DUE_SOON: due_ms is not None and now_ms <= due_ms <= now_ms + SHIFT_MS,
        Why.PRIORITY: case.priority <= URGENT_PRIORITY,
        Why.SUSPENDED: held.state is IncidentState.SUSPENDED,
    }
    return tuple(why for why, holds in found.items() if holds)


def urgent(cases: Iterable[Seen], tier: Tier, now_ms: int) -> list[Urgent]:
    """By priority, then by deadline; a paused clock comes after every running one."""
    found = [
        Urgent(**_told(case, now_ms), why=why)
        for case in cases
        if (why := reasons(case, tier, now_ms))
    ]
    return sorted(found, key=lambda item: (item.priority, *_by_due(item)))


# ---- what was promised -------------------------------------------------------------------------


def of_departments(cases: Iterable[Seen], now_ms: int) -> list[Item]:
    """Cases a department has in hand, also while they are suspended; the first due first."""
    held = WITH_DEPARTMENT | {IncidentState.SUSPENDED}
    found = [
        Item(**_told(case, now_ms))
        for case in cases
        if case.standing.department is not None and case.standing.state in held
    ]
    return sorted(found, key=_by_due)


def of_officers(cases: Iterable[Seen], began_ms: int, now_ms: int, units: Units) -> list[Act]:
    """Whistles without an answer, cases pressed and suspended: this shift's first, by time.

    What was set going earlier stays until it is seen to: a promise does not end with a shift.
    """
    found = [
        Act(
            **_told(case, now_ms),
            at_ms=move.observed_ms,
            by=move.by,
            action=move.action.value,
            note=move.note,
            awaited=awaited,
            earlier=move.observed_ms < began_ms,
        )
        for case in cases
        for move, awaited in _follow_ups(case.standing, units)
    ]
    return sorted(found, key=lambda act: (act.earlier, act.at_ms, act.id))


def _follow_ups(held: Standing, units: Units) -> list[tuple[IncidentMoved, tuple[str, ...]]]:
    if held.state in ENDED:
        return []
    found = [(whistle, unanswered(whistle, held.moves, units)) for whistle in held.whistles]
    waiting = [(whistle, awaited) for whistle, awaited in found if awaited]
    if held.supervised is not None and held.state not in _DONE:
        waiting.append((held.supervised, ()))
    if held.suspended is not None:
        waiting.append((held.suspended, ()))
    return waiting


def unanswered(
    whistle: IncidentMoved, moves: Sequence[IncidentMoved], units: Units
) -> tuple[str, ...]:
    """Called departments that have not taken a step since; a team answers for its department."""
    if any(is_ending(move) and whistle_id(move) == whistle_id(whistle) for move in moves):
        return ()
    answered = {
        unit
        for move in moves
        if (move.action in BY_DEPARTMENT and move.observed_ms >= whistle.observed_ms)
        or (is_of_department(move) and whistle_id(move) == whistle_id(whistle))
        for unit in units(move.department)
    }
    return tuple(called for called in whistle.called if called not in answered)


# ---- what was done -----------------------------------------------------------------------------


def done_in(cases: Iterable[Seen], since_ms: int, until_ms: int) -> tuple[Done, ...]:
    """Moves of the time from `since_ms` to before `until_ms`, by kind; the most frequent first.

    What was taken back was not done.
    """
    here, elsewhere = Counter[str](), Counter[str]()
    for case in cases:
        for move in case.standing.moves:
            if since_ms <= move.observed_ms < until_ms:
                (here if move.at_desk else elsewhere)[move.action.value] += 1
    kinds = sorted(here | elsewhere, key=lambda kind: (-here[kind] - elsewhere[kind], kind))
    return tuple(Done(action=k, at_desk=here[k], elsewhere=elsewhere[k]) for k in kinds)


def n_reported(cases: Iterable[Seen], since_ms: int, until_ms: int) -> int:
    return sum(since_ms <= case.first_ms < until_ms for case in cases)


def n_ended(cases: Iterable[Seen], since_ms: int, until_ms: int) -> int:
    ends = (case.standing.ended_ms for case in cases)
    return sum(end is not None and since_ms <= end < until_ms for end in ends)


def first_act_ms(cases: Iterable[Seen], now_ms: int) -> int:
    """When the first shift of an area began: its first act that can be counted; else now."""
    times = (move.observed_ms for case in cases for move in case.standing.moves)
    return min((ms for ms in times if now_ms - COUNTED_MS <= ms < now_ms), default=now_ms)


def _told(case: Seen, now_ms: int) -> dict[str, Any]:
    held = case.standing
    due_ms = held.deadline.due_ms
    return {
        "id": case.id,
        "title": case.title,
        "area": case.grid,
        "priority": case.priority,
        "state": held.state.value,
        "tier": held.tier_at(now_ms),
        "due_ms": due_ms,
        "left_ms": held.deadline.left_ms,
        "overdue": due_ms is not None and due_ms < now_ms,
        "department": held.department,
        "department_name": case.department_name,
        "department_name_en": case.department_name_en,
    }


def _by_due(item: Item) -> tuple[bool, int, str]:
    return item.due_ms is None, item.due_ms or 0, item.id
