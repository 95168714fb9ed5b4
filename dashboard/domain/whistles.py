"""Whistles (吹哨报到) as the moves of their case tell of them: states, clocks, and who may do what.

Pure: what a clock has come to is worked out for an instant, so there is no timer to miss one.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dashboard.domain.areas import Region, Tier
from dashboard.domain.casework import Case, Objection
from dashboard.domain.casework import objection as objection_to_case
from dashboard.domain.events import IncidentAction, IncidentMoved
from dashboard.domain.incident_life import ENDED as CASE_ENDED
from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.rights import Principal, Right, Role
from dashboard.domain.whistle_life import (
    DEPARTMENT_STEPS,
    ENDED,
    OPENING,
    PART_LANDS,
    PART_RANK,
    PART_TRANSITIONS,
    TRANSITIONS,
    PartState,
    Step,
    WhistleState,
    possible,
    step_of,
    whistle_id,
)

MINUTE_MS: Final = 60_000


class ClockName(StrEnum):
    """What a called department has a limit for; each counts from the instant of the blow."""

    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    FINISH = "finish"


RUNNING: Final[Mapping[PartState, ClockName]] = {
    PartState.CALLED: ClockName.ACKNOWLEDGE,
    PartState.ACKNOWLEDGED: ClockName.ARRIVE,
    PartState.ON_SCENE: ClockName.FINISH,
    PartState.HANDLING: ClockName.FINISH,
}


@dataclass(frozen=True, slots=True)
class Within:
    """Minutes of wall clock from the blow."""

    acknowledge: int
    arrive: int
    finish: int

    def due_ms(self, blown_ms: int, clock: ClockName) -> int:
        minutes: int = getattr(self, clock.value)
        return blown_ms + minutes * MINUTE_MS


Limits = Mapping[WhistleKind, Within]


@dataclass(slots=True)
class Part:
    """One called department. `version` counts its own steps; `marks` are (speed, quality)."""

    department: str
    state: PartState = PartState.CALLED
    version: int = 0
    acknowledged_ms: int | None = None
    arrived_ms: int | None = None
    handling_ms: int | None = None
    done_ms: int | None = None
    answer: IncidentMoved | None = None
    marks: tuple[int, int] | None = None

    def met_ms(self, clock: ClockName) -> int | None:
        """When it did what a clock waits for."""
        return {
            ClockName.ACKNOWLEDGE: self.acknowledged_ms,
            ClockName.ARRIVE: self.arrived_ms,
            ClockName.FINISH: self.done_ms,
        }[clock]


@dataclass(frozen=True, slots=True)
class Due:
    """The clock that runs for a department at an instant; `used` is its share in percent."""

    clock: ClockName
    due_ms: int
    used: int
    is_overdue: bool


@dataclass(slots=True)
class Whistle:
    """One whistle as of its last step; `version` counts all of its steps."""

    id: str
    incident: str
    title: str
    grid: str
    kind: WhistleKind
    within: Within
    parts: dict[str, Part]
    state: WhistleState = WhistleState.DRAFTED
    version: int = 0
    note: str | None = None
    drafted: IncidentMoved | None = None
    approved: IncidentMoved | None = None
    blown: IncidentMoved | None = None
    ended: IncidentMoved | None = None  # withdrawn or cancelled
    reminded_ms: int | None = None
    moves: list[IncidentMoved] = field(default_factory=list)

    def due(self, part: Part, now_ms: int) -> Due | None:
        """None before the blow, once it is done, and after the whistle was withdrawn."""
        clock = RUNNING.get(part.state)
        if self.state is not WhistleState.BLOWN or self.blown is None or clock is None:
            return None
        blown_ms = self.blown.observed_ms
        due_ms = self.within.due_ms(blown_ms, clock)
        used = max(0, 100 * (now_ms - blown_ms)) // (due_ms - blown_ms)
        return Due(clock, due_ms, used, now_ms > due_ms)

    def missed(self, now_ms: int) -> list[tuple[int, str, ClockName]]:
        """(instant, department, clock) of every clock that ran out so far, by time.

        At each of them the whistle went to the district.
        """
        if self.blown is None:
            return []
        until_ms = now_ms if self.ended is None else min(now_ms, self.ended.observed_ms)
        found = []
        for part in self.parts.values():
            for clock in ClockName:
                due_ms, met_ms = (
                    self.within.due_ms(self.blown.observed_ms, clock),
                    part.met_ms(clock),
                )
                if due_ms < (until_ms if met_ms is None else min(met_ms, until_ms)):
                    found.append((due_ms, part.department, clock))
        return sorted(found)


# ---- from the moves of a case ------------------------------------------------------------------


def whistles_of(
    moves: Iterable[IncidentMoved], limits: Limits, title: str, grid: str
) -> list[Whistle]:
    """A case's whistles, the oldest first. `moves` by time, without those taken back."""
    found: dict[str, Whistle] = {}
    for move in moves:
        if move.action is not IncidentAction.WHISTLE:
            continue
        name = whistle_id(move)
        if name not in found and step_of(move) in OPENING:
            kind = WhistleKind(move.kind or WhistleKind.DAILY)
            parts = {one: Part(one) for one in move.called}
            found[name] = Whistle(
                name, move.incident, title, grid, kind, limits[kind], parts, note=move.note
            )
        if name in found:
            _take(found[name], move)
    return list(found.values())


def _take(held: Whistle, move: IncidentMoved) -> None:
    step = step_of(move)
    held.version += 1
    held.moves.append(move)
    held.drafted = held.drafted or move
    if step in DEPARTMENT_STEPS:
        _take_part(held, step, move)
        return
    if step is not Step.DRAFT:
        held.state = TRANSITIONS.get((held.state, step), held.state)
    match step:
        case Step.APPROVE:
            held.approved = move
        case Step.BLOW:
            held.blown, held.approved = move, held.approved or move
        case Step.WITHDRAW | Step.CANCEL:
            held.ended = move
        case Step.REMIND:
            held.reminded_ms = move.observed_ms
        case Step.RATE:
            _rate(held, move)


def _take_part(held: Whistle, step: Step, move: IncidentMoved) -> None:
    """What was done elsewhere was lawful there; a step told late takes nothing back."""
    part = held.parts.get(move.department or "")
    if part is None:
        return
    part.version += 1
    if PART_RANK[PART_LANDS[step]] > PART_RANK[part.state]:
        part.state = PART_LANDS[step]
    name = _INSTANTS[step]
    if getattr(part, name) is None:
        setattr(part, name, move.observed_ms)
    if step is Step.ACKNOWLEDGE:
        part.answer = part.answer or move


_INSTANTS: Final = {
    Step.ACKNOWLEDGE: "acknowledged_ms",
    Step.ARRIVE: "arrived_ms",
    Step.HANDLE: "handling_ms",
    Step.FINISH: "done_ms",
}


def _rate(held: Whistle, move: IncidentMoved) -> None:
    part = held.parts.get(move.department or "")
    if part is not None and move.speed is not None and move.quality is not None:
        part.marks = (move.speed, move.quality)
    if held.state is WhistleState.WITHDRAWN and all(one.marks for one in held.parts.values()):
        held.state = WhistleState.ARCHIVED


# ---- who may do what ---------------------------------------------------------------------------

RIGHTS: Final[Mapping[Step, Right]] = {
    Step.DRAFT: Right.COMMAND,
    Step.APPROVE: Right.APPROVE,
    Step.BLOW: Right.COMMAND,
    **dict.fromkeys(DEPARTMENT_STEPS, Right.HANDLE),
    Step.REMIND: Right.COMMAND,
    Step.WITHDRAW: Right.INSPECT,
    Step.RATE: Right.INSPECT,
    Step.ARCHIVE: Right.INSPECT,
    Step.CANCEL: Right.COMMAND,
}
BY_STREET: Final = frozenset({Step.APPROVE, Step.WITHDRAW, Step.RATE, Step.ARCHIVE})
_STREET_UP: Final = (Tier.STREET, Tier.DISTRICT)


def is_street(asker: Principal, region: Region) -> bool:
    """Whether it speaks for a street or the district."""
    return region.by_code[asker.area].tier in _STREET_UP


def may_blow_at_once(asker: Principal, region: Region, kind: WhistleKind, grid: str) -> bool:
    """An emergency waits for nobody; else whoever may approve needs nobody else's approval."""
    if kind is WhistleKind.EMERGENCY:
        return asker.may(Right.COMMAND, region, grid)
    return asker.may(Right.APPROVE, region, grid) and is_street(asker, region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A step that is asked for: `units` are the ids and names that the asker's department and its
    teams go by, `note` what was written to it."""

    step: Step
    department: str | None = None
    units: Container[str] = ()
    note: str | None = None


def objection(
    asker: Principal, region: Region, case: Case, whistle: Whistle | None, asked: Asked
) -> Objection | None:
    """The first thing that stands against a step; None when it may be taken.

    `whistle` None: one is about to be drafted (or blown at once).
    """
    if whistle is None:
        return objection_to_case(asker, region, case, IncidentAction.WHISTLE)
    return (
        _of_state(whistle, asked.step)
        or _of_post(asker, region, whistle, asked.step)
        or _of_part(whistle, asked)
        or _of_whistle(case, whistle, asked)
    )


def _of_state(whistle: Whistle, step: Step) -> Objection | None:
    if (whistle.state, step) in TRANSITIONS:
        return None
    words = ", ".join(possible(whistle.state)) or "nothing"
    said = f"{step} is not possible while a whistle is {whistle.state}; possible: {words}"
    return Objection("state", said)


def _of_post(asker: Principal, region: Region, whistle: Whistle, step: Step) -> Objection | None:
    right = RIGHTS[step]
    if not asker.may(right, region, whistle.grid):
        return Objection("role", f"a {asker.role} may not {step} a whistle here", True)
    emergency = whistle.kind is WhistleKind.EMERGENCY
    needs_street = step in BY_STREET or (step is Step.BLOW and not emergency)
    if needs_street and not is_street(asker, region):
        return Objection("tier", f"the street decides on {step}; yours lies below it", True)
    return None


def _of_part(whistle: Whistle, asked: Asked) -> Objection | None:
    if asked.step not in DEPARTMENT_STEPS and asked.step is not Step.RATE:
        return None
    part = whistle.parts.get(asked.department or "")
    if part is None:
        called = ", ".join(whistle.parts)
        return Objection("not_called", f"{asked.department!r} is not called; called: {called}")
    if asked.step is Step.RATE:
        return _of_rating(part)
    if part.department not in asked.units:
        return Objection("department", "a department answers for itself alone", True)
    if (part.state, asked.step) in PART_TRANSITIONS:
        return None
    ways = ", ".join(step for held, step in PART_TRANSITIONS if held is part.state) or "nothing"
    return Objection("part", f"{part.department} is {part.state}; possible: {ways}")


def _of_rating(part: Part) -> Objection | None:
    if part.marks is None:
        return None
    return Objection("rated_before", f"{part.department} was rated already")


def _of_whistle(case: Case, whistle: Whistle, asked: Asked) -> Objection | None:
    if asked.step is Step.BLOW:
        return _of_blow(case, whistle)
    open_parts = [p.department for p in whistle.parts.values() if p.state is not PartState.DONE]
    if asked.step is Step.WITHDRAW and open_parts and not asked.note:
        listed = ", ".join(open_parts)
        return Objection("not_done", f"not done yet: {listed}; withdrawing all the same needs why")
    return None


def _of_blow(case: Case, whistle: Whistle) -> Objection | None:
    if case.standing.state in CASE_ENDED:
        return Objection("case_ended", f"the case is {case.standing.state}")
    emergency = whistle.kind is WhistleKind.EMERGENCY
    if whistle.state is WhistleState.APPROVED or emergency:
        return None
    return Objection("approve_first", f"a {whistle.kind} whistle is approved before it is blown")


def part_of(whistle: Whistle, units: Container[str]) -> str | None:
    """The called department that is one of `units`; None where it is not exactly one."""
    own = [name for name in whistle.parts if name in units]
    return own[0] if len(own) == 1 else None


def is_seen_by(asker: Principal, whistle: Whistle, units: Container[str]) -> bool:
    """Desks see all; a department those that were blown for it."""
    if asker.role is not Role.DEPARTMENT:
        return True
    return whistle.blown is not None and any(name in units for name in whistle.parts)


# ---- what an alert asks ------------------------------------------------------------------------


def unanswered(
    whistles: Sequence[Whistle], now_ms: int
) -> list[tuple[str, str, int, str, str, str]]:
    """(whistle, department, share used of the clock that runs in percent, clock, title, grid)."""
    return [
        (held.id, part.department, due.used, due.clock.value, held.title, held.grid)
        for held in whistles
        if held.state not in ENDED
        for part in held.parts.values()
        if (due := held.due(part, now_ms)) is not None
    ]
