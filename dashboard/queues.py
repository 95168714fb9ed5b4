"""The queues of the duty desk: each open case of an area lies in one, as seen from its tier.

All is arithmetic on the picture's columns: 20,000 cases are filtered or sorted in milliseconds.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.clock import iso
from dashboard.domain.areas import Area, Tier
from dashboard.domain.deadlines import pause_of
from dashboard.domain.events import IncidentAction
from dashboard.domain.incident_classes import ClockType, Limit
from dashboard.domain.incident_life import WITH_DEPARTMENT, IncidentState
from dashboard.domain.incident_rows import NEVER, STATE_CODE
from dashboard.domain.standing import Standing
from dashboard.domain.tiers import COMMAND, RANK
from dashboard.domain.work_calendar import WorkCalendar
from dashboard.queries import LivePicture

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Queue(StrEnum):
    """The first five share out the open cases; the others look across them."""

    TODO = "todo"  # held by the asker's tier, whose step is next
    ESCALATED = "escalated"  # came up to the asker's tier, and nobody there has seen to it
    RETURNED = "returned"  # sent back by a department
    WAITING = "waiting"  # on a department, an end of the suspension, or a higher tier
    BELOW = "below"  # held by a tier below
    ALL = "all"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"


SHARES: Final = (Queue.TODO, Queue.ESCALATED, Queue.RETURNED, Queue.WAITING, Queue.BELOW)
_OTHERS_STEP: Final = [
    STATE_CODE[state] for state in (*sorted(WITH_DEPARTMENT), IncidentState.SUSPENDED)
]


class Sort(StrEnum):
    URGENCY = "urgency"  # priority, then deadline
    DUE = "due"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Seen:
    """An area's open cases at one instant: row numbers, and the queue of each as its place in
    SHARES."""

    numbers: Numbers
    shares: npt.NDArray[np.int8]
    tiers: npt.NDArray[np.int8]
    overdue: Mask
    suspended: Mask

    def counts(self) -> dict[str, int]:
        """Cases of every queue."""
        shared = np.bincount(self.shares, minlength=len(SHARES)).tolist()
        found = {queue.value: n for queue, n in zip(SHARES, shared, strict=True)}
        return found | {
            Queue.ALL.value: len(self.numbers),
            Queue.OVERDUE.value: int(self.overdue.sum()),
            Queue.SUSPENDED.value: int(self.suspended.sum()),
        }

    def share_names(self) -> list[str]:
        """The queue of each of `numbers`."""
        return [SHARES[share].value for share in self.shares.tolist()]

    def tier_counts(self) -> dict[str, int]:
        """Cases by the tier that holds them; they add up to all."""
        held = np.bincount(self.tiers, minlength=len(COMMAND)).tolist()
        return {tier.value: n for tier, n in zip(COMMAND, held, strict=True)}

    def within(self, queue: Queue) -> Mask:
        """Which of `numbers` lie in a queue."""
        match queue:
            case Queue.ALL:
                return np.ones(len(self.numbers), dtype=bool)
            case Queue.OVERDUE:
                return self.overdue
            case Queue.SUSPENDED:
                return self.suspended
            case _:
                found: Mask = self.shares == SHARES.index(queue)
                return found


def command_tier(area: Area) -> Tier:
    """The tier whose queue an area's officers work on; a grid's see their community's."""
    return Tier.COMMUNITY if area.tier is Tier.GRID else area.tier


def look(picture: LivePicture, area: Area, now_ms: int) -> Seen:
    """Share out the area's open cases."""
    table = picture.incidents.table.rows
    numbers = np.flatnonzero(picture.within(table["grid"], area) & table["open"])
    rows = table[numbers]
    tiers = picture.incidents.tiers(now_ms)[numbers]
    mine, rank = tiers == RANK[command_tier(area)], RANK[command_tier(area)]
    lifted = tiers != rows["tier"]
    escalated = mine & (lifted | (rows["escalated"] & ~rows["acknowledged"]))
    returned = mine & (rows["state"] == STATE_CODE[IncidentState.RETURNED])
    waiting = (mine & np.isin(rows["state"], _OTHERS_STEP)) | (tiers < rank)
    shares = np.select(
        [escalated, returned, waiting, tiers > rank],
        [SHARES.index(q) for q in (Queue.ESCALATED, Queue.RETURNED, Queue.WAITING, Queue.BELOW)],
        SHARES.index(Queue.TODO),
    ).astype(np.int8)
    late = ~rows["suspended"] & (rows["due_ms"] < now_ms)
    return Seen(numbers, shares, tiers, late, rows["suspended"].copy())


def look_as_department(
    picture: LivePicture, area: Area, now_ms: int, units: Container[str]
) -> Seen:
    """The same for a department: of the open cases only those that came to one of its `units`.

    What is with it and waits for its step is to be done; the rest waits on others.
    """
    seen = look(picture, area, now_ms)
    ids, held = picture.incidents.table.ids, picture.incidents.standing
    standings = [held[ids[number]] for number in seen.numbers.tolist()]
    kept = np.array([came_to(one, units) for one in standings], dtype=bool)
    todo, waiting = SHARES.index(Queue.TODO), SHARES.index(Queue.WAITING)
    shares = [
        todo if one.state in WITH_DEPARTMENT and one.department in units else waiting
        for one in standings
    ]
    return Seen(
        seen.numbers[kept],
        np.array(shares, dtype=np.int8)[kept],
        seen.tiers[kept],
        seen.overdue[kept],
        seen.suspended[kept],
    )


def came_to(held: Standing, units: Container[str]) -> bool:
    """Whether a case was dispatched to one of `units`, or a whistle called one of them."""
    called = (one for whistle in held.whistles for one in whistle.called)
    sent = (m.department for m in held.moves if m.action is IncidentAction.DISPATCH)
    return any(one in units for one in (*called, *sent))


def ordered(picture: LivePicture, numbers: Numbers, sort: Sort) -> Numbers:
    """Row numbers in the order of a list; a paused clock comes after every running one."""
    rows = picture.incidents.table.rows[numbers]
    return numbers[order_of(Columns(rows["priority"], rows["due_ms"], rows["reported_ms"]), sort)]


class Columns(NamedTuple):
    """What a list is sorted by, a value for each of its rows."""

    priority: npt.NDArray[Any]
    due_ms: npt.NDArray[Any]  # NEVER while its clock is paused
    reported_ms: npt.NDArray[Any]


def order_of(columns: Columns, sort: Sort) -> Numbers:
    """Places of the rows in the order of a list."""
    priority, due_ms, reported_ms = columns
    paused = due_ms == NEVER
    order: Callable[[], Numbers] = {
        Sort.URGENCY: lambda: np.lexsort((reported_ms, due_ms, paused, priority)),
        Sort.DUE: lambda: np.lexsort((reported_ms, due_ms, paused)),
        Sort.NEWEST: lambda: np.argsort(-reported_ms, kind="stable"),
        Sort.OLDEST: lambda: np.argsort(reported_ms, kind="stable"),
    }[sort]
    return order()


def clocks(calendar: WorkCalendar, now_ms: int) -> dict[str, Any]:
    """Why the clock of each type stands still now and until when; null while it runs."""
    found: dict[str, Any] = {}
    for clock in ClockType:
        pause = pause_of(now_ms, Limit(1, clock, 1), calendar)
        found[clock.value] = pause and {
            "reason": pause.reason.value,
            "until": iso(pause.resumes_ms),
            "provisional": pause.is_provisional,
        }
    return found
