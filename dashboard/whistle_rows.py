"""What is said of whistles: as rows of a list and with a case, with what this asker may do."""

from collections.abc import Container, Iterator
from typing import Any, Final

from dashboard.clock import iso
from dashboard.domain.casework import Case, Objection
from dashboard.domain.departments import Department, Departments
from dashboard.domain.events import IncidentMoved
from dashboard.domain.incidents import Incident
from dashboard.domain.rights import Principal, Role
from dashboard.domain.whistle_life import DEPARTMENT_STEPS, NEEDS, Step, step_of
from dashboard.domain.whistles import (
    Asked,
    ClockName,
    Limits,
    Part,
    Whistle,
    is_seen_by,
    objection,
    part_of,
    whistles_of,
)
from dashboard.queries import LivePicture

STEPS: Final = tuple(step for step in Step if step is not Step.DRAFT)


class WhistleRows:
    """Reads the whistles of one web process's picture."""

    def __init__(self, picture: LivePicture, departments: Departments, limits: Limits) -> None:
        self._picture = picture
        self._departments = departments
        self._limits = limits

    def of(self, case: Case) -> list[Whistle]:
        """A case's whistles, the oldest first."""
        report, moves = case.report, case.standing.moves
        return whistles_of(moves, self._limits, report.title, report.grid)

    def department(self, unit: str) -> Department | None:
        return self._departments.get(unit)

    def with_whistles(self) -> Iterator[Incident]:
        """Reported cases with a whistle, drafts too."""
        incidents = self._picture.incidents
        for identity in sorted(incidents.whistled):
            incident = incidents.by_id[identity]
            if incident.report is not None:
                yield incident

    # ---- rows --------------------------------------------------------------------------------

    def of_case(self, asker: Principal, case: Case, units: Container[str]) -> list[dict[str, Any]]:
        """Rows of those that the asker may see; `units` as in Asked."""
        return [
            self.row(asker, case, held, units)
            for held in self.of(case)
            if is_seen_by(asker, held, units)
        ]

    def row(
        self, asker: Principal, case: Case, held: Whistle, units: Container[str]
    ) -> dict[str, Any]:
        now_ms, missed = case.now_ms, held.missed(case.now_ms)
        withdrawn = held.ended if held.ended and step_of(held.ended) is Step.WITHDRAW else None
        return {
            "id": held.id,
            "incident": held.incident,
            "title": held.title,
            "title_en": self._class_name(held.incident),
            "area": held.grid,
            "lon": case.report.lon,
            "lat": case.report.lat,
            "kind": held.kind.value,
            "state": held.state.value,
            "version": held.version,
            "called": [self._part(held, part, now_ms) for part in held.parts.values()],
            "note": held.note,
            **_who("drafted", held.drafted),
            **_who("approved", held.approved),
            "blown_at": _at(held.blown),
            "reminded_at": _instant(held.reminded_ms),
            "withdrawn_at": _at(withdrawn),
            "ended_note": None if held.ended is None else held.ended.note,
            "escalated": bool(missed),
            "escalations": [
                {"at": iso(at_ms), "department": name, "clock": clock.value}
                for at_ms, name, clock in missed
            ],
            "actions": [self._action(asker, case, held, step, units) for step in STEPS],
        }

    def _class_name(self, identity: str) -> str | None:
        """Of the case's class in English, which stands for a title that was written in Chinese."""
        incident = self._picture.incidents.by_id.get(identity)
        cls = None if incident is None else self._picture.incidents.class_of(incident)
        return None if cls is None else cls.name_en

    def _part(self, held: Whistle, part: Part, now_ms: int) -> dict[str, Any]:
        due = held.due(part, now_ms)
        known = self._departments.get(part.department)
        return {
            "department": part.department,
            "name": part.department if known is None else known.name,
            "name_en": part.department if known is None else known.name_en,
            "state": part.state.value,
            "version": part.version,
            "acknowledged_at": _instant(part.acknowledged_ms),
            "arrived_at": _instant(part.arrived_ms),
            "handling_at": _instant(part.handling_ms),
            "done_at": _instant(part.done_ms),
            "answer": _answer(part.answer),
            "due": due
            and {
                "clock": due.clock.value,
                "due_at": iso(due.due_ms),
                "used": due.used,
                "overdue": due.is_overdue,
            },
            "missed": [clock.value for clock in self._missed(held, part, now_ms)],
            "ratings": part.marks and {"speed": part.marks[0], "quality": part.marks[1]},
        }

    def _missed(self, held: Whistle, part: Part, now_ms: int) -> list[ClockName]:
        return [clock for _, name, clock in held.missed(now_ms) if name == part.department]

    def _action(
        self, asker: Principal, case: Case, held: Whistle, step: Step, units: Container[str]
    ) -> dict[str, Any]:
        against = self.against(asker, case, held, step, units)
        row: dict[str, Any] = {"action": step.value, "needs": list(NEEDS.get(step, ()))}
        if against is None:
            return row | {"allowed": True}
        return row | {"allowed": False, "code": against.code, "reason": against.reason}

    def against(
        self, asker: Principal, case: Case, held: Whistle, step: Step, units: Container[str]
    ) -> Objection | None:
        """For a button: of its own part, or of the first one that has no marks yet."""
        department = None
        if step in DEPARTMENT_STEPS and asker.role is Role.DEPARTMENT:
            department = part_of(held, units)
        elif step is Step.RATE:
            unrated = (part.department for part in held.parts.values() if part.marks is None)
            department = next(unrated, next(iter(held.parts), None))
        asked = Asked(step=step, department=department, units=units)
        return objection(asker, self._picture.region, case, held, asked)

    def possible(
        self, asker: Principal, case: Case, held: Whistle, units: Container[str]
    ) -> list[str]:
        """Names of the steps that nothing stands against."""
        found = (s for s in STEPS if self.against(asker, case, held, s, units) is None)
        return [step.value for step in found]


def told(move: IncidentMoved) -> dict[str, Any]:
    """One step, as a loser is told of the winner's."""
    return {
        "step": step_of(move).value,
        "by": move.by,
        "at": iso(move.observed_ms),
        "department": move.department,
    }


def _answer(move: IncidentMoved | None) -> dict[str, Any] | None:
    """The four elements of an answer; the time it was taken up is the instant of the step."""
    if move is None:
        return None
    return {
        "at": iso(move.observed_ms),
        "by": move.by,
        "contact": move.contact,
        "measures": move.measures,
        "promised_at": _instant(move.promised_ms),
    }


def _who(name: str, move: IncidentMoved | None) -> dict[str, Any]:
    return {f"{name}_by": None if move is None else move.by, f"{name}_at": _at(move)}


def _at(move: IncidentMoved | None) -> str | None:
    return None if move is None else iso(move.observed_ms)


def _instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)
