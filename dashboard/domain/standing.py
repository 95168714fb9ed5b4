"""Where a case stands: its moves walked in the order of their times, with what its clock did.

Pure, and the same for the board, every web process and the command that decides on a click.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dashboard.domain.areas import Tier
from dashboard.domain.deadlines import Deadline, deadline
from dashboard.domain.events import IncidentAction as Do
from dashboard.domain.events import IncidentMoved, IncidentReported
from dashboard.domain.incident_classes import ClockType, IncidentClass, Limit
from dashboard.domain.incident_life import ENDED, LANDS, IncidentState, Result
from dashboard.domain.tiers import RANK, above, first_tier
from dashboard.domain.whistle_life import is_blowing, is_of_department
from dashboard.domain.work_calendar import WorkCalendar

UNKNOWN_CLASS: Final = Limit(amount=1, clock=ClockType.NATURAL_DAY, condition=1)
SECOND_RETURN, THIRD_REWORK = 2, 3
# They arrange the list; nobody has seen to a case by them.
ARRANGING: Final = frozenset({Do.UNFOLD, Do.FOLD})
BY_DEPARTMENT: Final = frozenset({Do.ACCEPT, Do.HANDLE, Do.RETURN, Do.APPEAL})


class Reason(StrEnum):
    """Why a case went up a tier."""

    OFFICER = "officer"
    MARK_80 = "mark_80"
    MARK_100 = "mark_100"
    SECOND_RETURN = "second_return"
    THIRD_REWORK = "third_rework"
    CLUSTER = "cluster"  # five similar cases in a day within 50 m


class Appeal(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Escalation:
    """A case went up to `tier` at an instant."""

    at_ms: int
    reason: Reason
    tier: Tier


@dataclass(slots=True)
class Standing:
    """One case as of its last move. `coming` are escalations still ahead if nothing is done.

    Each of `coming` lifts the case one tier at its instant, unless it is with the district.
    """

    state: IncidentState
    tier: Tier
    limit: Limit
    deadline: Deadline
    before: IncidentState = IncidentState.REPORTED  # the state a suspension left
    department: str | None = None  # that has it in hand
    confirmed: str | None = None
    inspected: str | None = None
    appeal: Appeal | None = None
    n_returns: int = 0
    n_reworks: int = 0
    n_extensions: int = 0
    n_suspensions: int = 0
    acknowledged: bool = False  # since it came to its tier
    since_ms: int | None = None  # when it came to its tier; None: it was reported there
    escalated: bool = False  # came to its tier from below
    apart: bool = False  # an officer took it out of its fold
    ended_ms: int | None = None
    supervised: IncidentMoved | None = None
    suspended: IncidentMoved | None = None
    whistles: list[IncidentMoved] = field(default_factory=list)  # the moves that blew one
    has_whistles: bool = False  # drafts too
    escalations: list[Escalation] = field(default_factory=list)
    coming: list[tuple[int, Reason]] = field(default_factory=list)
    moves: list[IncidentMoved] = field(default_factory=list)  # without those taken back

    @property
    def is_exempt(self) -> bool:
        """An upheld appeal: it counts as on time, and what happened stays visible."""
        return self.appeal is Appeal.UPHELD

    def tier_at(self, now_ms: int) -> Tier:
        """The tier that holds it, with the escalations that have come since its last move."""
        return above(self.tier, sum(at_ms <= now_ms for at_ms, _ in self.coming))

    def is_acknowledged_at(self, now_ms: int) -> bool:
        return self.acknowledged and self.tier_at(now_ms) is self.tier

    def is_escalated_at(self, now_ms: int) -> bool:
        """Whether it came up to its tier and nobody there has seen to it."""
        lifted = self.tier_at(now_ms) is not self.tier
        return lifted or (self.escalated and not self.acknowledged)

    def escalations_at(self, now_ms: int) -> list[Escalation]:
        """All so far, in order of time."""
        found, tier = list(self.escalations), self.tier
        for at_ms, reason in self.coming:
            if at_ms <= now_ms and tier is not above(tier):
                tier = above(tier)
                found.append(Escalation(at_ms, reason, tier))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a case. `report` is None when a move arrived before it; `moves` by time.

    `cluster_ms`: when it became one of five similar cases, None if it is not.
    """

    report: IncidentReported | None
    moves: Sequence[IncidentMoved]
    first_ms: int
    priority: int
    cls: IncidentClass | None
    cluster_ms: int | None = None


def standing_of(told: Told, calendar: WorkCalendar) -> Standing:
    """Where a case stands after its last move."""
    return _Walk(told, calendar).standing()


class _Walk:
    """Goes through a case's moves once; escalations fall in between at their own instants."""

    def __init__(self, told: Told, calendar: WorkCalendar) -> None:
        taken_back = {move.undoes for move in told.moves if move.action is Do.UNDO}
        self._moves = [m for m in told.moves if m.action is not Do.UNDO and m.id not in taken_back]
        self._first_ms = told.first_ms
        self._calendar = calendar
        self._pauses: list[tuple[int, int | None]] = []
        self._crossed: set[Reason] = set()
        self._cluster_ms = told.cluster_ms
        limit, report = _limit_of(told.cls, self._moves), told.report
        self._held = Standing(
            state=IncidentState.REPORTED,
            tier=Tier.COMMUNITY if report is None else first_tier(report.channel, told.priority),
            limit=limit,
            deadline=deadline(told.first_ms, limit, calendar),
            moves=self._moves,
        )

    def standing(self) -> Standing:
        held = self._held
        for move in self._moves:
            self._cross(move.observed_ms)
            self._take(move)
        if held.state not in ENDED:
            held.coming = self._ahead()
        return held

    def _ahead(self) -> list[tuple[int, Reason]]:
        """Escalations not reached so far, by time."""
        _, mark_80, mark_100 = self._held.deadline.marks_ms
        known = (
            (mark_80, Reason.MARK_80),
            (mark_100, Reason.MARK_100),
            (self._cluster_ms, Reason.CLUSTER),
        )
        ahead = [(ms, why) for ms, why in known if ms is not None and why not in self._crossed]
        return sorted(ahead)

    def _cross(self, until_ms: int) -> None:
        """Take the escalations that came before the next move."""
        if self._held.state in ENDED:
            return
        for at_ms, reason in self._ahead():
            if at_ms <= until_ms:
                self._crossed.add(reason)
                self._lift(at_ms, reason)

    def _lift(self, at_ms: int, reason: Reason) -> None:
        held, higher = self._held, above(self._held.tier)
        if higher is not held.tier:
            held.tier, held.escalated, held.acknowledged = higher, True, False
            held.since_ms = at_ms
            held.escalations.append(Escalation(at_ms, reason, higher))

    def _take(self, move: IncidentMoved) -> None:
        held, state = self._held, self._held.state
        if move.action not in BY_DEPARTMENT | ARRANGING and not is_of_department(move):
            held.acknowledged = True
        held.state = _state_after(held, move)
        if state is not held.state:
            self._left(state, move)
        if take := _TAKERS.get(move.action):
            take(self, move)

    def _left(self, state: IncidentState, move: IncidentMoved) -> None:
        """The state changed: a clock may stop or go on, a case may end."""
        held = self._held
        if held.state is IncidentState.SUSPENDED:
            held.before, held.suspended = state, move
            held.n_suspensions += 1
            self._pauses.append((move.observed_ms, None))
            self._count_time()
        elif state is IncidentState.SUSPENDED:
            held.suspended = None
            self._pauses[-1] = (self._pauses[-1][0], move.observed_ms)
            self._count_time()
        held.ended_ms = move.observed_ms if held.state in ENDED else None

    def _count_time(self) -> None:
        held = self._held
        held.deadline = deadline(
            self._first_ms,
            held.limit,
            self._calendar,
            pauses=self._pauses,
            n_extensions=held.n_extensions,
        )

    # ---- what single actions leave behind --------------------------------------------------------

    def _confirm(self, move: IncidentMoved) -> None:
        self._held.confirmed = move.result

    def _dispatch(self, move: IncidentMoved) -> None:
        self._held.department, self._held.inspected = move.department, None

    def _accept(self, move: IncidentMoved) -> None:
        self._held.department = self._held.department or move.department or move.by

    def _solve(self, _move: IncidentMoved) -> None:
        self._held.department = None

    def _return(self, move: IncidentMoved) -> None:
        self._held.department = None
        self._held.n_returns += 1
        if self._held.n_returns == SECOND_RETURN:
            self._lift(move.observed_ms, Reason.SECOND_RETURN)

    def _handle(self, _move: IncidentMoved) -> None:
        self._held.inspected = None

    def _inspect(self, move: IncidentMoved) -> None:
        self._held.inspected = move.result or Result.PASSED

    def _rework(self, move: IncidentMoved) -> None:
        self._held.inspected = Result.FAILED
        self._held.n_reworks += 1
        if self._held.n_reworks == THIRD_REWORK:
            self._lift(move.observed_ms, Reason.THIRD_REWORK)

    def _extend(self, _move: IncidentMoved) -> None:
        self._held.n_extensions += 1
        self._count_time()

    def _escalate(self, move: IncidentMoved) -> None:
        self._lift(move.observed_ms, Reason.OFFICER)

    def _assign(self, move: IncidentMoved) -> None:
        held = self._held
        if move.tier in RANK:
            held.tier, held.escalated, held.acknowledged = Tier(move.tier), False, False
            held.since_ms = move.observed_ms

    def _appeal(self, _move: IncidentMoved) -> None:
        self._held.appeal = Appeal.OPEN

    def _judge(self, move: IncidentMoved) -> None:
        upheld = move.result == Result.UPHELD
        self._held.appeal = Appeal.UPHELD if upheld else Appeal.DISMISSED

    def _supervise(self, move: IncidentMoved) -> None:
        self._held.supervised = move

    def _whistle(self, move: IncidentMoved) -> None:
        self._held.has_whistles = True
        if is_blowing(move):
            self._held.whistles.append(move)

    def _arrange(self, move: IncidentMoved) -> None:
        self._held.apart = move.action is Do.UNFOLD


_TAKERS: Final = {
    Do.CONFIRM: _Walk._confirm,
    Do.DISPATCH: _Walk._dispatch,
    Do.ACCEPT: _Walk._accept,
    Do.SOLVE: _Walk._solve,
    Do.RETURN: _Walk._return,
    Do.HANDLE: _Walk._handle,
    Do.INSPECT: _Walk._inspect,
    Do.REWORK: _Walk._rework,
    Do.EXTEND: _Walk._extend,
    Do.ESCALATE: _Walk._escalate,
    Do.ASSIGN: _Walk._assign,
    Do.APPEAL: _Walk._appeal,
    Do.JUDGE: _Walk._judge,
    Do.SUPERVISE: _Walk._supervise,
    Do.WHISTLE: _Walk._whistle,
    Do.UNFOLD: _Walk._arrange,
    Do.FOLD: _Walk._arrange,
}


def _limit_of(cls: IncidentClass | None, moves: Sequence[IncidentMoved]) -> Limit:
    """That of the filing condition the desk named; the most urgent one while none is named."""
    if cls is None:
        return UNKNOWN_CLASS
    named = {move.condition for move in moves if move.action is Do.FILE}
    met = [limit for limit in cls.limits if limit.condition in named]
    return met[-1] if met else cls.governing_limit


def _state_after(held: Standing, move: IncidentMoved) -> IncidentState:
    """What was done elsewhere was lawful there, so the newest word holds."""
    if move.action is Do.RESUME:
        suspended = held.state is IncidentState.SUSPENDED
        return held.before if suspended else IncidentState.HANDLING
    if move.action is Do.INSPECT and move.result not in (None, Result.PASSED):
        return held.state
    return LANDS.get(move.action, held.state)
