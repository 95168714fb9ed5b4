"""The life of a case (案卷) as one table; buttons, checks, tests and documents are made of it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from dashboard.domain.events import IncidentAction as Do


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


_S = IncidentState
ENDED: Final = frozenset({_S.REJECTED, _S.CLOSED, _S.CANCELLED})
OPEN: Final = tuple(state for state in _S if state not in ENDED)
WITH_DEPARTMENT: Final = frozenset({_S.DISPATCHED, _S.HANDLING})

SAME: Final = None  # the state stays
BEFORE: Final = "before"  # back to the state that was left
After = IncidentState | str | None

# What leads from where to where. All that is not in here is refused.
_MAIN_LINE: dict[tuple[IncidentState, Do], After] = {
    (_S.REPORTED, Do.CONFIRM): SAME,
    (_S.REPORTED, Do.FILE): _S.FILED,
    (_S.REPORTED, Do.REJECT): _S.REJECTED,
    (_S.REPORTED, Do.SOLVE): _S.HANDLED,
    (_S.FILED, Do.SOLVE): _S.HANDLED,
    (_S.FILED, Do.DISPATCH): _S.DISPATCHED,
    (_S.DISPATCHED, Do.DISPATCH): _S.DISPATCHED,  # to another, before it was accepted
    (_S.DISPATCHED, Do.ACCEPT): _S.HANDLING,
    (_S.DISPATCHED, Do.RETURN): _S.RETURNED,
    (_S.HANDLING, Do.RETURN): _S.RETURNED,
    (_S.RETURNED, Do.DISPATCH): _S.DISPATCHED,  # a returned case takes no further step than this
    (_S.HANDLING, Do.HANDLE): _S.HANDLED,
    (_S.HANDLED, Do.INSPECT): _S.INSPECTED,  # when it passes; else it stays handled
    (_S.HANDLED, Do.REWORK): _S.HANDLING,
    (_S.INSPECTED, Do.REWORK): _S.HANDLING,
    (_S.INSPECTED, Do.CLOSE): _S.CLOSED,
    (_S.SUSPENDED, Do.RESUME): BEFORE,
    (_S.CLOSED, Do.APPEAL): SAME,
    (_S.CLOSED, Do.JUDGE): SAME,
}
_FILED_ON: Final = (
    _S.FILED, _S.DISPATCHED, _S.HANDLING, _S.RETURNED, _S.HANDLED, _S.INSPECTED,
)  # fmt: skip
_WORKED_ON: Final = (_S.FILED, _S.DISPATCHED, _S.HANDLING, _S.RETURNED)
_RUNNING: Final = tuple(state for state in OPEN if state is not _S.SUSPENDED)

TRANSITIONS: Final[Mapping[tuple[IncidentState, Do], After]] = {
    **_MAIN_LINE,
    **{(state, Do.SUSPEND): _S.SUSPENDED for state in _WORKED_ON},
    **{(state, Do.EXTEND): SAME for state in _WORKED_ON},
    **{(state, Do.FORCE_CLOSE): _S.CLOSED for state in (*_FILED_ON, _S.SUSPENDED)},
    **{(state, Do.CANCEL): _S.CANCELLED for state in OPEN},
    **{(state, Do.SUPERVISE): SAME for state in OPEN},
    **{(state, Do.ACKNOWLEDGE): SAME for state in OPEN},
    **{(state, Do.WHISTLE): SAME for state in _RUNNING},
    **{(state, Do.ESCALATE): SAME for state in _RUNNING},
    **{(state, Do.ASSIGN): SAME for state in _RUNNING},
    **{(state, Do.UNFOLD): SAME for state in OPEN},
    **{(state, Do.FOLD): SAME for state in OPEN},
}

# The step of the main line that each state waits for: what Enter does at the desk.
NEXT_STEP: Final[Mapping[IncidentState, Do]] = {
    _S.REPORTED: Do.FILE,
    _S.FILED: Do.DISPATCH,
    _S.RETURNED: Do.DISPATCH,
    _S.DISPATCHED: Do.ACCEPT,
    _S.HANDLING: Do.HANDLE,
    _S.HANDLED: Do.INSPECT,
    _S.INSPECTED: Do.CLOSE,
    _S.SUSPENDED: Do.RESUME,
    _S.CLOSED: Do.APPEAL,
}

# Where a move of an outside system leads, whatever came before: it was lawful there.
LANDS: Final[Mapping[Do, IncidentState]] = {
    action: after for (_, action), after in TRANSITIONS.items() if isinstance(after, IncidentState)
}


class Result(StrEnum):
    """What a task found. Cities swap the Chinese words of the two tasks, so none is used here."""

    EXISTS = "exists"
    NOT_FOUND = "not_found"
    PASSED = "passed"
    FAILED = "failed"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    UNABLE = "unable"  # it could not be looked at


RESULTS: Final[Mapping[Do, tuple[Result, ...]]] = {
    Do.CONFIRM: (Result.EXISTS, Result.NOT_FOUND, Result.UNABLE),
    Do.INSPECT: (Result.PASSED, Result.FAILED, Result.UNABLE),
    Do.JUDGE: (Result.UPHELD, Result.DISMISSED),
}


class WhistleKind(StrEnum):
    DAILY = "daily"  # 日常哨
    HARD = "hard"  # 攻坚哨
    EMERGENCY = "emergency"  # 应急哨


# Fields an action cannot do without.
NEEDS: Final[Mapping[Do, tuple[str, ...]]] = {
    Do.CONFIRM: ("result",),
    Do.REJECT: ("note",),
    Do.SOLVE: ("note",),
    Do.DISPATCH: ("department",),
    Do.RETURN: ("note",),
    Do.INSPECT: ("result",),
    Do.REWORK: ("note",),
    Do.SUSPEND: ("note",),
    Do.EXTEND: ("note",),
    Do.FORCE_CLOSE: ("note",),
    Do.CANCEL: ("note",),
    Do.APPEAL: ("note",),
    Do.JUDGE: ("result", "note"),
    Do.WHISTLE: ("called", "kind"),
    Do.ESCALATE: ("note",),
    Do.ASSIGN: ("tier",),
}


def after(
    state: IncidentState, action: Do, result: str | None, before: IncidentState
) -> IncidentState:
    """Where an action of TRANSITIONS leads. `before` is the state a suspension left.

    Raises KeyError for a pair that is not in the table.
    """
    if action is Do.INSPECT and result not in (None, Result.PASSED):
        return state
    target = TRANSITIONS[state, action]
    if target is BEFORE:
        return before
    return state if target is SAME else IncidentState(target)


def possible(state: IncidentState) -> tuple[Do, ...]:
    """What the table allows in a state, the step of the main line first."""
    found = [action for held, action in TRANSITIONS if held is state]
    return tuple(sorted(found, key=lambda action: action is not NEXT_STEP.get(state)))


def sentence(state: IncidentState, action: Do, allowed: Iterable[Do]) -> str:
    """Why an action is refused and what is possible instead."""
    words = ", ".join(allowed) or "nothing"
    return f"{action} is not possible while a case is {state}; possible: {words}"
