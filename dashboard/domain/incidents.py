"""Incidents (案卷): open ones and those ended lately, as reports and moves tell of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.clock import DAY_MS, local_day_start_ms
from dashboard.domain.areas import Region
from dashboard.domain.events import IncidentMoved, IncidentReported
from dashboard.domain.incident_classes import Classes, IncidentClass, priority_of
from dashboard.domain.incident_life import ENDED, WITH_DEPARTMENT, IncidentState
from dashboard.domain.incident_rows import BLANK, FAR, N_COMING, NEVER, STATE_CODE
from dashboard.domain.metrics import COLUMN
from dashboard.domain.similar import SimilarCases
from dashboard.domain.standing import Standing, Told, standing_of
from dashboard.domain.systems import Systems
from dashboard.domain.table import Table
from dashboard.domain.tiers import COMMAND, RANK

MOVES_KEPT = 256  # of a case: five whistles for eight departments each take 200 steps and more
ENDED_KEPT_DAYS = 7  # whole days a case stays after its end: so long it can be appealed
FOLDS_KEPT = 32  # answers: one an area that is looked at, while nothing changes
_WITH_DEPARTMENT = [STATE_CODE[state] for state in WITH_DEPARTMENT]


class Incident(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One case as stored and sent. `report` is None when a move arrived before the report.

    `version` counts what was heard of it, `head` is the position in the stream of the last; the
    store holds the same, so that an act decided on an older picture is refused.
    """

    id: str
    feed: str
    report: IncidentReported | None
    moves: tuple[IncidentMoved, ...]
    first_ms: int
    priority: int
    due_ms: int  # NEVER while suspended
    version: int = 1
    head: str = ""
    came_ms: int = NEVER  # when its first report was here


@dataclass(frozen=True, slots=True)
class Folds:
    """Row numbers of the cases that fold, and of the primary of each; similar.py says how."""

    members: npt.NDArray[np.int64]
    primaries: npt.NDArray[np.int64]


class Incidents:
    """The fold of reports and moves. Any order and any repetition comes to the same cases."""

    def __init__(self, region: Region, classes: Classes, systems: Systems | None = None) -> None:
        """Without `systems` no case is filed under any: the board counts areas alone."""
        self._region = region
        self._classes = classes
        self._systems = systems
        self._bit = {name: place for place, name in enumerate(systems or ())}
        self._similar = SimilarCases()
        self._folds: dict[tuple[int, bytes, bytes], Folds] = {}
        self.table = Table(BLANK)
        self.by_id: dict[str, Incident] = {}
        self.standing: dict[str, Standing] = {}
        self.whistled: set[str] = set()  # ids of cases with a whistle, drafts too
        self._clustered: set[str] = set()  # open cases of a cluster

    def report(
        self,
        events: Sequence[IncidentReported],
        feed: str,
        head: str = "",
        received_ms: int = NEVER,
    ) -> set[str]:
        """The newest report describes a case, the earliest starts its clock; ids told of."""
        for event in events:
            held = self.by_id.get(event.incident)
            if held is None:
                held = Incident(event.incident, feed, None, (), NEVER, 4, NEVER, 0)
            before = held.report
            newest = event if before is None or _rank(before) < _rank(event) else before
            self.by_id[event.incident] = msgspec.structs.replace(
                held,
                report=newest,
                first_ms=event.observed_ms
                if before is None
                else min(held.first_ms, event.observed_ms),
                priority=self._priority(newest),
                version=held.version + 1,
                head=head,
                came_ms=received_ms if before is None else held.came_ms,
            )
        return {event.incident for event in events}

    def move(self, events: Sequence[IncidentMoved], feed: str, head: str = "") -> set[str]:
        """Moves in the order of their own times; ids told of."""
        for event in events:
            held = self.by_id.get(event.incident)
            if held is None:
                held = Incident(event.incident, feed, None, (), NEVER, 4, NEVER, 0)
            self.by_id[event.incident] = moved(held, event, head)
        return {event.incident for event in events}

    def class_of(self, incident: Incident) -> IncidentClass | None:
        report = incident.report
        if report is None:
            return None
        return self._classes.find(report.class_code, report.class_system, report.class_version)

    def clusters(self) -> list[tuple[str, int]]:
        """Of every cluster of similar open cases the first reported and how many they are."""
        left = set(self._clustered)
        found = []
        for identity in sorted(self._clustered, key=lambda one: (self.by_id[one].first_ms, one)):
            if identity in left:
                inside = [one for one in self._similar.of(identity) if self._is_open(one)]
                left.difference_update(inside)
                found.append((identity, 1 + len(inside)))
        return found

    def grid_of(self, identity: str) -> str | None:
        """The code of the grid it is in; None before its report is here."""
        report = self.by_id[identity].report
        return None if report is None else report.grid

    def _is_open(self, identity: str) -> bool:
        return self.standing[identity].state not in ENDED

    def similar(self, identity: str) -> list[str]:
        """Cases of the same class within 50 m and 24 hours."""
        return self._similar.of(identity)

    def folds(self, numbers: npt.NDArray[np.int64], groups: npt.NDArray[np.int8]) -> Folds:
        """How the open ones among these rows fold; only cases of the same of `groups` do."""
        rows = self.table.rows
        wanted = rows["paired"][numbers] & ~rows["apart"][numbers] & rows["open"][numbers]
        numbers, groups = numbers[wanted], groups[wanted]
        asked = (self._similar.n_changes, numbers.tobytes(), groups.tobytes())
        if asked not in self._folds:
            while len(self._folds) >= FOLDS_KEPT:
                del self._folds[next(iter(self._folds))]
            names = [self.table.ids[number] for number in numbers.tolist()]
            found = self._similar.folds(names, groups.tolist())
            self._folds[asked] = Folds(
                self.table.numbers(list(found)), self.table.numbers(list(found.values()))
            )
        return self._folds[asked]

    def _priority(self, report: IncidentReported) -> int:
        known = self._classes.find(report.class_code, report.class_system, report.class_version)
        return report.priority or (4 if known is None else priority_of(known, report.severity))

    def stand(self, incident: Incident) -> Standing:
        """Where a case stands, whether or not it is held here."""
        told = Told(
            report=incident.report,
            moves=incident.moves,
            first_ms=incident.first_ms,
            priority=incident.priority,
            cls=self.class_of(incident),
            cluster_ms=self._similar.cluster_ms(incident.id),
        )
        return standing_of(told, self._classes.calendar)

    def index(self, changed: Iterable[str], feed_number: dict[str, int]) -> set[str]:
        """Bring standing and columns up to date with `by_id`; ids of all cases that stand anew.

        A case that completes a cluster lifts the others too.
        """
        told = set(changed)
        joined: set[str] = set()
        for identity in told:
            joined.update(self._similar.put(identity, self._spot(self.by_id[identity])))
        beside = {
            other
            for identity in told
            if self._similar.cluster_ms(identity) is not None
            for other in self._similar.of(identity)
        }
        anew = sorted(told | beside)
        numbers = self.table.numbers(anew)
        for identity, number in zip(anew, numbers.tolist(), strict=True):
            self._index_one(identity, number, feed_number)
        self.table.rows["paired"][self.table.numbers([*joined])] = True
        return told | beside

    def _spot(self, incident: Incident) -> tuple[str, float, float, int] | None:
        report = incident.report
        if report is None or report.lon is None or report.lat is None:
            return None
        cls = self.class_of(incident)
        name = report.class_code if cls is None else f"{cls.system}/{cls.version}/{cls.code}"
        return name, report.lon, report.lat, incident.first_ms

    def _index_one(self, identity: str, number: int, feed_number: dict[str, int]) -> None:
        incident = self.by_id[identity]
        held = self.standing[identity] = self.stand(incident)
        (self.whistled.add if held.has_whistles else self.whistled.discard)(identity)
        in_cluster = held.state not in ENDED and self._similar.cluster_ms(identity) is not None
        (self._clustered.add if in_cluster else self._clustered.discard)(identity)
        due_ms = NEVER if held.deadline.due_ms is None else held.deadline.due_ms
        if due_ms != incident.due_ms:
            incident = msgspec.structs.replace(incident, due_ms=due_ms)
            self.by_id[identity] = incident
        area = None if incident.report is None else self._region.by_code.get(incident.report.grid)
        moved_ms = incident.moves[-1].observed_ms if incident.moves else NEVER
        coming = [at_ms for at_ms, _ in held.coming]
        self.table.rows[number] = (
            -1 if area is None else area.index,
            incident.priority,
            held.state not in ENDED,
            held.state is IncidentState.CLOSED,
            held.state is IncidentState.SUSPENDED,
            incident.first_ms,
            due_ms,
            NEVER if held.ended_ms is None else held.ended_ms,
            incident.came_ms,
            NEVER if held.since_ms is None else held.since_ms,
            max(moved_ms, incident.first_ms),
            feed_number[incident.feed],
            STATE_CODE[held.state],
            RANK[held.tier],
            coming + [FAR] * (N_COMING - len(coming)),
            [FAR if mark is None else mark for mark in held.deadline.marks_ms],
            held.acknowledged,
            held.escalated,
            held.supervised is not None,
            held.is_exempt,
            *self._filed(incident, held),
            *_whistles(held),
            held.apart,
            self._similar.is_paired(identity),
        )

    def service_code(self, incident: Incident) -> str:
        """The code that departments and systems know its class by."""
        cls, report = self.class_of(incident), incident.report
        return cls.service_code if cls else "" if report is None else report.class_code

    def _filed(self, incident: Incident, held: Standing) -> tuple[int, int]:
        """The place of its home among the systems, and a bit for each in whose queue it stands."""
        if self._systems is None:
            return -1, 0
        channel = None if incident.report is None else incident.report.channel
        code, is_whistled = self.service_code(incident), bool(held.whistles)
        places = [
            self._bit[one.id]
            for one in self._systems.all_of(code, channel, is_whistled=is_whistled)
        ]
        return places[0], sum(1 << place for place in places)

    def drop(self, identities: Sequence[str]) -> None:
        """Forget cases."""
        gone = [identity for identity in identities if identity in self.by_id]
        if not gone:
            return
        mask = np.ones(len(self.table), dtype=bool)
        mask[self.table.numbers(gone)] = False
        self.table.keep(mask)
        for identity in gone:
            del self.by_id[identity]
            del self.standing[identity]
            self.whistled.discard(identity)
            self._clustered.discard(identity)
            self._similar.put(identity, None)
        self._similar.n_changes += 1  # row numbers are others now

    def forget_old(self, now_ms: int) -> list[str]:
        """Drop what ended more than a week ago and is not due today; orphan moves as old too."""
        rows = self.table.rows
        today = local_day_start_ms(now_ms)
        old = (rows["heard_ms"] < today - ENDED_KEPT_DAYS * DAY_MS) & (rows["due_ms"] < today)
        finished = ~rows["open"] | (rows["grid"] < 0)
        gone = [self.table.ids[number] for number in np.flatnonzero(old & finished).tolist()]
        self.drop(gone)
        return gone

    def tiers(self, now_ms: int) -> npt.NDArray[np.int8]:
        """Place in COMMAND of the tier that holds each case at an instant."""
        rows = self.table.rows
        lifted = (rows["coming_ms"] <= now_ms).sum(axis=1)
        held: npt.NDArray[np.int8] = np.maximum(rows["tier"] - lifted, 0).astype(np.int8)
        return held

    def counted(self, now_ms: int) -> dict[str, npt.NDArray[np.bool_]]:
        """Which cases, by row, each number of work counts: areas and systems count alike."""
        rows = self.table.rows
        today = local_day_start_ms(now_ms)
        opened, due, closed = rows["open"], rows["due_ms"], rows["closed"]
        # Fell due so far: a case whose deadline is still to come today has not missed it.
        due_today = (due >= today) & (due < now_ms) & (opened | closed)
        in_time = (rows["ended_ms"] <= due) | rows["exempt"]
        return {
            "open": opened,
            "overdue": self.overdue(now_ms),
            "reported_today": rows["reported_ms"] >= today,
            "closed_today": closed & (rows["ended_ms"] >= today),
            "due_today": due_today,
            "closed_on_time_today": due_today & closed & in_time,
        }

    def overdue(self, now_ms: int) -> npt.NDArray[np.bool_]:
        """Which cases, by row, are open past their limit."""
        rows = self.table.rows
        late: npt.NDArray[np.bool_] = rows["open"] & ~rows["suspended"] & (rows["due_ms"] < now_ms)
        return late

    def waiting(self, now_ms: int) -> npt.NDArray[np.int64]:
        """Since when each case, by row, waits for its tier to acknowledge it; NEVER: it does not.

        What was acknowledged below begins anew above, and what was reported late nobody could
        acknowledge before it was here.
        """
        rows = self.table.rows
        steps = rows["tier"] - self.tiers(now_ms)
        last = np.maximum(steps - 1, 0)[:, np.newaxis]
        lifted_ms = np.take_along_axis(rows["coming_ms"], last, axis=1)[:, 0]
        told_ms = np.maximum(np.maximum(rows["reported_ms"], rows["came_ms"]), rows["since_ms"])
        waits = rows["open"] & (~rows["acknowledged"] | (steps > 0))
        since: npt.NDArray[np.int64] = np.where(steps > 0, lifted_ms, told_ms)
        return np.where(waits, since, NEVER)

    def used(self, now_ms: int) -> npt.NDArray[np.float32]:
        """Percent of its limit that each case has used up; 0 while its clock stands still.

        From mark to mark in proportion: between them a clock may stand still by itself.
        """
        rows = self.table.rows
        marks, started = rows["marks_ms"], rows["reported_ms"]
        used = np.zeros(len(rows), dtype=np.float32)
        for low, high, begin, end in (
            (0, 50, started, marks[:, 0]),
            (50, 80, marks[:, 0], marks[:, 1]),
            (80, 100, marks[:, 1], marks[:, 2]),
        ):
            within = (begin <= now_ms) & (end != FAR)
            part = (now_ms - begin[within]) / np.maximum(end[within] - begin[within], 1)
            used[within] = low + (high - low) * np.minimum(part, 1)
        return used

    def measure(self, table: npt.NDArray[np.int32], now_ms: int, soon_ms: int) -> None:
        """Write the incident columns of every grid into `table`, shape (areas, metrics)."""
        rows = self.table.rows
        opened, due = rows["open"], rows["due_ms"]
        running = opened & ~rows["suspended"]
        tiers = self.tiers(now_ms)
        with_department = np.isin(rows["state"], _WITH_DEPARTMENT)
        columns = {
            **{f"incidents_{name}": mask for name, mask in self.counted(now_ms).items()},
            **{f"incidents_open_p{p}": opened & (rows["priority"] == p) for p in (1, 2, 3, 4)},
            "incidents_due_soon": running & (due >= now_ms) & (due < now_ms + soon_ms),
            **{f"incidents_at_{tier}": opened & (tiers == RANK[tier]) for tier in COMMAND},
            "incidents_with_department": opened & with_department,
            "incidents_returned": opened & (rows["state"] == STATE_CODE[IncidentState.RETURNED]),
            "incidents_suspended": opened & rows["suspended"],
        }
        first, n_grids = self._region.first_grid, len(self._region.grids)
        placed = rows["grid"] >= 0
        for name, mask in columns.items():
            grids = rows["grid"][placed & mask] - first
            table[first:, COLUMN[name]] = np.bincount(grids, minlength=n_grids)


def moved(incident: Incident, event: IncidentMoved, head: str) -> Incident:
    """A case with one more move; of those kept, told twice is told once."""
    moves = incident.moves
    if event not in moves:
        moves = tuple(sorted((*moves, event), key=_rank))[-MOVES_KEPT:]
    return msgspec.structs.replace(incident, moves=moves, version=incident.version + 1, head=head)


def _whistles(held: Standing) -> tuple[int, int]:
    """When the last was, and how many there were on that day in Shanghai."""
    if not held.whistles:
        return NEVER, 0
    last_ms = max(move.observed_ms for move in held.whistles)
    day = local_day_start_ms(last_ms)
    return last_ms, sum(move.observed_ms >= day for move in held.whistles)


def _rank(event: IncidentReported | IncidentMoved) -> tuple[int, str]:
    return event.observed_ms, event.id
