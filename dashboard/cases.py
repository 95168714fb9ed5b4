"""What is said of a case: as a row of a queue, and whole, with what this asker may do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dashboard.clock import iso
from dashboard.domain.areas import Area, Region
from dashboard.domain.casework import Case, Objection, lower_tiers, objection, undoable
from dashboard.domain.deadlines import open_ms
from dashboard.domain.departments import Department, Departments, recommend, unit_chain
from dashboard.domain.events import IncidentAction as Do
from dashboard.domain.events import IncidentMoved, IncidentReported
from dashboard.domain.incident_classes import Limit
from dashboard.domain.incident_life import ENDED, NEEDS, NEXT_STEP, RESULTS, TRANSITIONS
from dashboard.domain.incidents import Incident
from dashboard.domain.rights import Principal, Right, Role, reaches
from dashboard.domain.standing import Standing
from dashboard.domain.systems import ServiceSystem, Systems
from dashboard.domain.tiers import COMMAND
from dashboard.domain.whistles import Limits
from dashboard.nearby import cameras_near
from dashboard.queries import LivePicture
from dashboard.queues import Seen, came_to, clocks, look, look_as_department
from dashboard.whistle_rows import WhistleRows

SIMILAR_SHOWN: Final = 20
RECOMMENDED: Final = 8


@dataclass(frozen=True, slots=True)
class Pack:
    """What of the region pack cases are read with."""

    departments: Departments
    systems: Systems
    whistles: Limits


class Cases:
    """Reads one web process's picture."""

    def __init__(self, picture: LivePicture, pack: Pack) -> None:
        self.picture = picture
        self._pack = pack
        self.whistles = WhistleRows(picture, pack.departments, pack.whistles)

    @property
    def region(self) -> Region:
        return self.picture.region

    def find(self, identity: str) -> Incident | None:
        return self.picture.incidents.by_id.get(identity)

    def may_see(self, asker: Principal, incident: Incident) -> bool:
        """Whether the case lies in the asker's area; a department sees what came to it."""
        if incident.report is None:
            return False
        if not asker.may(Right.SEE_CASE, self.region, incident.report.grid):
            return False
        if asker.role is not Role.DEPARTMENT:
            return True
        return came_to(self.case(incident, incident.first_ms).standing, self.units(asker))

    def units(self, asker: Principal) -> frozenset[str]:
        """Ids and names of a department and its teams: outside systems call them by name."""
        known = self._pack.departments
        own = [one for one in known.values() if known.is_within(one.id, asker.department)]
        return frozenset(text for one in own for text in (one.id, one.name))

    def look(self, asker: Principal, area: Area, now_ms: int) -> Seen:
        """The queues of an area as the asker may see them."""
        if asker.role is Role.DEPARTMENT:
            return look_as_department(self.picture, area, now_ms, self.units(asker))
        return look(self.picture, area, now_ms)

    def case(self, incident: Incident, now_ms: int) -> Case:
        """What a decision is made on; the incident may be one that is only thought of.

        Raises ValueError before its report is here.
        """
        if incident.report is None:
            raise ValueError(f"incident {incident.id!r} was not reported yet")
        incidents = self.picture.incidents
        if incidents.by_id.get(incident.id) is incident:
            held = incidents.standing[incident.id]
        else:
            held = incidents.stand(incident)
        unit = self._unit(held.department)
        return Case(
            report=incident.report,
            moves=incident.moves,
            standing=held,
            now_ms=now_ms,
            units=() if unit is None else unit_chain(unit),
        )

    def told(self, incident: Incident) -> dict[str, Any]:
        """What the audit trail says of a case before and after a step."""
        held = self.case(incident, incident.first_ms).standing
        due_ms = held.deadline.due_ms
        return {
            "state": held.state.value,
            "tier": held.tier.value,
            "department": held.department,
            "due_at": None if due_ms is None else iso(due_ms),
        }

    # ---- one row -----------------------------------------------------------------------------

    def row(self, incident: Incident, case: Case) -> dict[str, Any]:
        """One case as a queue shows it."""
        held = case.standing
        row = self.picture.incident_row(incident, held)
        if held.state in ENDED:
            return row | self._who(incident, held)
        return row | self._who(incident, held) | self._clock(case)

    def bit_of(self, system: str) -> np.uint32:
        """Of a service system in the column `systems`; 0 for one that there is not."""
        names = list(self._pack.systems)
        return np.uint32(1 << names.index(system) if system in names else 0)

    def system_of(self, incident: Incident) -> ServiceSystem:
        """The service system that its class belongs to."""
        return self._pack.systems.of(self.code(incident))

    def departments_of(self, asker: Principal) -> list[dict[str, Any]]:
        """Those whose area lies in the asker's or holds it."""
        region, load = self.region, self.load()
        return [
            {
                "id": one.id,
                "name": one.name,
                "name_en": one.name_en,
                "kind": one.kind.value,
                "parent": one.parent,
                "area": one.area,
                "takes": one.takes,
                "load": load.get(one.id, 0),
                "needs_whistle": one.needs_whistle,
            }
            for one in self._pack.departments.values()
            if reaches(region, asker.area, one.area) or reaches(region, one.area, asker.area)
        ]

    def code(self, incident: Incident) -> str:
        """Of its class, with the letter of its kind; as it came for an unknown class."""
        cls, report = self.picture.incidents.class_of(incident), incident.report
        return cls.service_code if cls else "" if report is None else report.class_code

    def _who(self, incident: Incident, held: Standing) -> dict[str, Any]:
        return {
            "system": self.system_of(incident).id,
            "department": held.department,
            "department_name": self._name(held.department),
            "department_name_en": self._name(held.department, english=True),
            "n_returns": held.n_returns,
            "n_reworks": held.n_reworks,
            "n_extensions": held.n_extensions,
            "supervised": held.supervised is not None,
            "appeal": None if held.appeal is None else held.appeal.value,
            "next": NEXT_STEP[held.state].value if held.state in NEXT_STEP else None,
        }

    def _clock(self, case: Case) -> dict[str, Any]:
        held, now_ms = case.standing, case.now_ms
        due = held.deadline
        return {
            "tier": held.tier_at(now_ms).value,
            "acknowledged": held.is_acknowledged_at(now_ms),
            "escalated": held.is_escalated_at(now_ms),
            "overdue": due.due_ms is not None and due.due_ms < now_ms,
            "clock": held.limit.clock.value,
            "marks_at": [None if mark is None else iso(mark) for mark in due.marks_ms],
            "left_ms": due.left_ms,
            "provisional": due.is_provisional,
        }

    def _unit(self, department: str | None) -> Department | None:
        """By its id; outside systems call departments by their names."""
        known = self._pack.departments
        return known.get(department or "") or known.named(department or "")

    def _name(self, department: str | None, *, english: bool = False) -> str | None:
        """A department's name by its id; what an outside system called one stays as it is."""
        known = self._unit(department)
        if known is None:
            return department
        return known.name_en if english else known.name

    # ---- one case whole ----------------------------------------------------------------------

    def whole(self, incident: Incident, asker: Principal, now_ms: int) -> dict[str, Any]:
        """Everything but the audit trail. Raises ValueError before its report is here."""
        case = self.case(incident, now_ms)
        report, held = case.report, case.standing
        return {
            **self.row(incident, case),
            "feed": incident.feed,
            "text": report.text,
            "photos": list(report.photos),
            "severity": report.severity,
            "as_of": self.picture.as_of(),
            "system_name": self.system_of(incident).name,
            "system_name_en": self.system_of(incident).name_en,
            **self._time_left(held, now_ms),
            "limit": self._limit(incident, held.limit),
            "conditions": self._conditions(incident),
            "confirmed": held.confirmed,
            "inspected": held.inspected,
            "paused_by": None if held.suspended is None else self.move(held.suspended),
            "history": [self.move(move) for move in incident.moves],
            "escalations": [
                {"at": iso(up.at_ms), "reason": up.reason.value, "tier": up.tier.value}
                for up in held.escalations_at(now_ms)
            ],
            "similar": self._similar(incident.id, asker),
            "cameras": cameras_near(self.picture, report),
            "recommended": self.recommended(incident, report),
            "actions": self.actions(asker, case),
            "undo": self._undo(asker, case),
            "whistles": self.whistles.of_case(asker, case, self.units(asker)),
        }

    def _time_left(self, held: Standing, now_ms: int) -> dict[str, Any]:
        """Open time left on the case's own clock, and why that clock stands still now."""
        calendar, due_ms = self.picture.classes.calendar, held.deadline.due_ms
        left_ms = None if due_ms is None else open_ms(now_ms, due_ms, held.limit, calendar)
        still = clocks(calendar, now_ms)[held.limit.clock.value]
        return {"open_left_ms": left_ms, "standstill": still}

    def _limit(self, incident: Incident, limit: Limit) -> dict[str, Any]:
        cls = self.picture.incidents.class_of(incident)
        return {
            "amount": limit.amount,
            "clock": limit.clock.value,
            "condition": limit.condition,
            "assumed": cls is None or cls.is_limit_assumed,
        }

    def _conditions(self, incident: Incident) -> list[dict[str, Any]]:
        """The filing conditions of its class, for filing under one of them."""
        cls = self.picture.incidents.class_of(incident)
        return [
            {
                "condition": limit.condition,
                "text": limit.text,
                "amount": limit.amount,
                "clock": limit.clock.value,
            }
            for limit in (() if cls is None else cls.limits)
        ]

    def move(self, move: IncidentMoved) -> dict[str, Any]:
        return {
            "id": move.id,
            "at": iso(move.observed_ms),
            "action": move.action.value,
            "by": move.by,
            "at_desk": move.at_desk,
            "note": move.note,
            "department": move.department,
            "department_name": self._name(move.department),
            "department_name_en": self._name(move.department, english=True),
            "result": move.result,
            "tier": move.tier,
            "condition": move.condition,
            "kind": move.kind,
            "called": [
                {"id": one, "name": self._name(one), "name_en": self._name(one, english=True)}
                for one in move.called
            ],
            "undoes": move.undoes,
            "whistle": move.whistle,
            "step": move.step,
        }

    def _similar(self, identity: str, asker: Principal) -> dict[str, Any]:
        """Those the asker may see; others would tell of places outside."""
        incidents = self.picture.incidents
        ids = [
            other
            for other in self.picture.incidents.similar(identity)
            if self.may_see(asker, self.picture.incidents.by_id[other])
        ]
        items = [self.picture.incident_row(incidents.by_id[other]) for other in ids]
        return {"total": len(ids), "items": items[:SIMILAR_SHOWN]}

    def recommended(self, incident: Incident, report: IncidentReported) -> list[dict[str, Any]]:
        """Departments for a dispatch, the best first."""
        place = None if report.lon is None or report.lat is None else (report.lon, report.lat)
        code, load = self.code(incident), self.load()
        found = recommend(self._pack.departments, code, place, report.grid, self.region, load)
        return [
            {
                "department": one.department.id,
                "name": one.department.name,
                "name_en": one.department.name_en,
                "distance_m": None if one.distance_m is None else round(one.distance_m),
                "load": one.load,
                "full": one.is_full,
                "needs_whistle": one.needs_whistle,
            }
            for one in found[:RECOMMENDED]
        ]

    def load(self) -> Mapping[str, int]:
        """Open cases in hand, by department."""
        table, found = self.picture.incidents.table, dict[str, int]()
        standing = self.picture.incidents.standing
        for number in np.flatnonzero(table.rows["open"]).tolist():
            department = standing[table.ids[number]].department
            if department is not None:
                found[department] = found.get(department, 0) + 1
        return found

    # ---- what a step may name ------------------------------------------------------------------

    def conditions(self, incident: Incident) -> list[int]:
        """Numbers of the filing conditions of its class."""
        return [row["condition"] for row in self._conditions(incident)]

    def departments_for(self, case: Case) -> list[str]:
        """Ids of the departments that work where the case is."""
        grid = case.report.grid
        return [
            one.id
            for one in self._pack.departments.values()
            if self.region.is_within(grid, one.area)
        ]

    def objection_to_department(
        self, asker: Principal, case: Case, department: str | None
    ) -> Objection | None:
        """A street whistles for the district's departments; it cannot send them."""
        one = self._pack.departments.get(department or "")
        if one is None or not one.needs_whistle:
            return None
        if self.region.by_code[asker.area].tier is COMMAND[0]:
            return None
        return Objection("needs_whistle", f"{one.name} answers the district; whistle for it")

    # ---- what may be done --------------------------------------------------------------------

    def actions(self, asker: Principal, case: Case) -> list[dict[str, Any]]:
        """Every action with what stands against it, the step of the main line first."""
        first = NEXT_STEP.get(case.standing.state)
        every = sorted(_ACTIONS, key=lambda action: action is not first)
        return [self._action(asker, case, action) for action in every]

    def possible(self, asker: Principal, case: Case) -> list[str]:
        """Names of the actions that nothing stands against."""
        return [row["action"] for row in self.actions(asker, case) if row["allowed"]]

    def _action(self, asker: Principal, case: Case, action: Do) -> dict[str, Any]:
        against = objection(asker, self.region, case, action)
        row: dict[str, Any] = {"action": action.value, "needs": list(NEEDS.get(action, ()))}
        if action in RESULTS:
            row["results"] = [result.value for result in RESULTS[action]]
        if action is Do.ASSIGN:
            row["tiers"] = [tier.value for tier in lower_tiers(case)]
        return row | _against(against)

    def _undo(self, asker: Principal, case: Case) -> dict[str, Any] | None:
        move = undoable(asker, case)
        return None if move is None else {"action": move.action.value, "at": iso(move.observed_ms)}


_ACTIONS: Final = tuple(dict.fromkeys(action for _, action in TRANSITIONS))


def _against(against: Objection | None) -> dict[str, Any]:
    if against is None:
        return {"allowed": True}
    return {"allowed": False, "code": against.code, "reason": against.reason}
