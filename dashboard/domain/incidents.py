"""Incidents (案卷) as outside systems report and move them: open ones and those ended lately."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.clock import DAY_MS, local_day_start_ms
from dashboard.domain.areas import Region
from dashboard.domain.deadlines import due_ms
from dashboard.domain.events import IncidentAction, IncidentMoved, IncidentReported
from dashboard.domain.incident_classes import Classes, priority_of
from dashboard.domain.metrics import COLUMN
from dashboard.domain.table import Table

MOVES_KEPT = 64
NEVER = -1


class IncidentState(StrEnum):
    REPORTED = "reported"
    FILED = "filed"
    REJECTED = "rejected"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    HANDLED = "handled"
    INSPECTED = "inspected"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ENDED = frozenset({IncidentState.REJECTED, IncidentState.CLOSED, IncidentState.CANCELLED})

# Where an action leaves a case. The outside system judged it lawful; its newest word holds.
STATE_AFTER: dict[IncidentAction, IncidentState] = {
    IncidentAction.FILE: IncidentState.FILED,
    IncidentAction.REJECT: IncidentState.REJECTED,
    IncidentAction.DISPATCH: IncidentState.DISPATCHED,
    IncidentAction.ACCEPT: IncidentState.HANDLING,
    IncidentAction.HANDLE: IncidentState.HANDLED,
    IncidentAction.RETURN: IncidentState.RETURNED,
    IncidentAction.INSPECT: IncidentState.INSPECTED,
    IncidentAction.REWORK: IncidentState.HANDLING,
    IncidentAction.SUSPEND: IncidentState.SUSPENDED,
    IncidentAction.RESUME: IncidentState.HANDLING,
    IncidentAction.CLOSE: IncidentState.CLOSED,
    IncidentAction.FORCE_CLOSE: IncidentState.CLOSED,
    IncidentAction.CANCEL: IncidentState.CANCELLED,
}

_ROW_DTYPE = np.dtype(
    [
        ("grid", "<i4"),  # area index, -1 until reported in a grid of this region
        ("priority", "i1"),
        ("open", "?"),
        ("closed", "?"),  # ended by closing, not by rejection or cancelling
        ("suspended", "?"),
        ("reported_ms", "<i8"),
        ("due_ms", "<i8"),
        ("ended_ms", "<i8"),
        ("heard_ms", "<i8"),  # newest observation of any kind
        ("feed", "<i2"),
    ]
)
_BLANK = np.array([(-1, 4, False, False, False, NEVER, NEVER, NEVER, NEVER, -1)], dtype=_ROW_DTYPE)


class Incident(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One case as stored and sent. `report` is None when a move arrived before the report."""

    id: str
    feed: str
    report: IncidentReported | None
    moves: tuple[IncidentMoved, ...]
    first_ms: int
    priority: int
    due_ms: int

    @property
    def state(self) -> IncidentState:
        return STATE_AFTER[self.moves[-1].action] if self.moves else IncidentState.REPORTED

    @property
    def ended_ms(self) -> int | None:
        """When it was closed, rejected or cancelled; None while it is open."""
        return self.moves[-1].observed_ms if self.state in ENDED else None


class Incidents:
    """The fold of reports and moves. Any order and any repetition comes to the same cases."""

    def __init__(self, region: Region, classes: Classes) -> None:
        self._region = region
        self._classes = classes
        self.table = Table(_BLANK)
        self.by_id: dict[str, Incident] = {}

    def report(self, events: Sequence[IncidentReported], feed: str) -> set[str]:
        """The newest report describes a case, the earliest starts its clock; changed ids."""
        changed = set()
        for event in events:
            held = self.by_id.get(event.incident)
            before = None if held is None else held.report
            first = event if before is None or _rank(before) < _rank(event) else before
            first_ms = (
                event.observed_ms
                if before is None or held is None
                else min(held.first_ms, event.observed_ms)
            )
            moves = () if held is None else held.moves
            incident = self._incident(
                event.incident, feed if held is None else held.feed, first, moves, first_ms
            )
            if incident != held:
                self.by_id[event.incident] = incident
                changed.add(event.incident)
        return changed

    def move(self, events: Sequence[IncidentMoved], feed: str) -> set[str]:
        """Moves in the order of their own times; ids that changed."""
        changed = set()
        for event in events:
            held = self.by_id.get(event.incident)
            known = () if held is None else held.moves
            if event in known:
                continue
            moves = tuple(sorted((*known, event), key=_rank))[-MOVES_KEPT:]
            if held is None:
                held = Incident(event.incident, feed, None, (), NEVER, 4, NEVER)
            self.by_id[event.incident] = msgspec.structs.replace(held, moves=moves)
            changed.add(event.incident)
        return changed

    def _incident(
        self,
        identity: str,
        feed: str,
        report: IncidentReported,
        moves: tuple[IncidentMoved, ...],
        first_ms: int,
    ) -> Incident:
        known = self._classes.find(report.class_code, report.class_system, report.class_version)
        priority = report.priority or (4 if known is None else priority_of(known, report.severity))
        deadline = first_ms + DAY_MS if known is None else due_ms(first_ms, known.governing_limit)
        return Incident(identity, feed, report, moves, first_ms, priority, deadline)

    def index(self, changed: set[str], feed_number: dict[str, int]) -> None:
        """Bring the columns up to date with `by_id` for these ids."""
        numbers = self.table.numbers(sorted(changed))
        rows = self.table.rows
        for number in numbers.tolist():
            incident = self.by_id[self.table.ids[number]]
            record = rows[number]
            report, state = incident.report, incident.state
            area = None if report is None else self._region.by_code.get(report.grid)
            moved_ms = incident.moves[-1].observed_ms if incident.moves else NEVER
            record["grid"] = -1 if area is None else area.index
            record["priority"] = incident.priority
            record["open"] = state not in ENDED
            record["closed"] = state is IncidentState.CLOSED
            record["suspended"] = state is IncidentState.SUSPENDED
            record["reported_ms"] = incident.first_ms
            record["due_ms"] = incident.due_ms
            record["ended_ms"] = NEVER if incident.ended_ms is None else incident.ended_ms
            record["heard_ms"] = max(moved_ms, incident.first_ms)
            record["feed"] = feed_number[incident.feed]

    def forget_old(self, now_ms: int) -> list[str]:
        """Drop what ended before yesterday and is not due today; orphan moves as old go too."""
        rows = self.table.rows
        today = local_day_start_ms(now_ms)
        old = (rows["heard_ms"] < today - DAY_MS) & (rows["due_ms"] < today)
        finished = ~rows["open"] | (rows["grid"] < 0)
        if not (old & finished).any():
            return []
        gone = self.table.keep(~(old & finished))
        for identity in gone:
            del self.by_id[identity]
        return gone

    def measure(self, table: npt.NDArray[np.int32], now_ms: int, soon_ms: int) -> None:
        """Write the incident columns of every grid into `table`, shape (areas, metrics)."""
        rows = self.table.rows
        today = local_day_start_ms(now_ms)
        opened, due = rows["open"], rows["due_ms"]
        running = opened & ~rows["suspended"]
        # Fell due so far: a case whose deadline is still to come today has not missed it.
        due_today = (due >= today) & (due < now_ms) & (opened | rows["closed"])
        closed = rows["closed"]
        columns = {
            "incidents_open": opened,
            **{f"incidents_open_p{p}": opened & (rows["priority"] == p) for p in (1, 2, 3, 4)},
            "incidents_overdue": running & (due < now_ms),
            "incidents_due_soon": running & (due >= now_ms) & (due < now_ms + soon_ms),
            "incidents_reported_today": rows["reported_ms"] >= today,
            "incidents_closed_today": closed & (rows["ended_ms"] >= today),
            "incidents_due_today": due_today,
            "incidents_closed_on_time_today": due_today & closed & (rows["ended_ms"] <= due),
        }
        first, n_grids = self._region.first_grid, len(self._region.grids)
        placed = rows["grid"] >= 0
        for name, mask in columns.items():
            grids = rows["grid"][placed & mask] - first
            table[first:, COLUMN[name]] = np.bincount(grids, minlength=n_grids)


def _rank(event: IncidentReported | IncidentMoved) -> tuple[int, str]:
    return event.observed_ms, event.id
