"""The life of a whistle (吹哨报到) and of each department it calls, as tables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from dashboard.domain.events import IncidentAction, IncidentMoved


class WhistleState(StrEnum):
    DRAFTED = "drafted"
    APPROVED = "approved"
    BLOWN = "blown"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class PartState(StrEnum):
    """Where one called department stands."""

    CALLED = "called"
    ACKNOWLEDGED = "acknowledged"
    ON_SCENE = "on_scene"
    HANDLING = "handling"
    DONE = "done"


class Step(StrEnum):
    DRAFT = "draft"
    APPROVE = "approve"
    BLOW = "blow"
    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    HANDLE = "handle"
    FINISH = "finish"
    REMIND = "remind"
    WITHDRAW = "withdraw"
    RATE = "rate"
    ARCHIVE = "archive"
    CANCEL = "cancel"


_W, _P = WhistleState, PartState
ENDED: Final = frozenset({_W.WITHDRAWN, _W.ARCHIVED, _W.CANCELLED})
DEPARTMENT_STEPS: Final = (Step.ACKNOWLEDGE, Step.ARRIVE, Step.HANDLE, Step.FINISH)
OPENING: Final = frozenset({Step.DRAFT, Step.BLOW})  # what a whistle's first move may be

# What leads from where to where; a whistle that is blown at once was never drafted. All that is not
# in here is refused. The last rating archives it.
TRANSITIONS: Final[Mapping[tuple[WhistleState, Step], WhistleState]] = {
    (_W.DRAFTED, Step.APPROVE): _W.APPROVED,
    (_W.DRAFTED, Step.BLOW): _W.BLOWN,  # an emergency alone: it waits for nobody
    (_W.DRAFTED, Step.CANCEL): _W.CANCELLED,
    (_W.APPROVED, Step.BLOW): _W.BLOWN,
    (_W.APPROVED, Step.CANCEL): _W.CANCELLED,
    **{(_W.BLOWN, step): _W.BLOWN for step in (*DEPARTMENT_STEPS, Step.REMIND)},
    (_W.BLOWN, Step.WITHDRAW): _W.WITHDRAWN,
    (_W.WITHDRAWN, Step.RATE): _W.WITHDRAWN,
    (_W.WITHDRAWN, Step.ARCHIVE): _W.ARCHIVED,
}
PART_TRANSITIONS: Final[Mapping[tuple[PartState, Step], PartState]] = {
    (_P.CALLED, Step.ACKNOWLEDGE): _P.ACKNOWLEDGED,
    (_P.ACKNOWLEDGED, Step.ARRIVE): _P.ON_SCENE,
    (_P.ON_SCENE, Step.HANDLE): _P.HANDLING,
    (_P.ON_SCENE, Step.FINISH): _P.DONE,
    (_P.HANDLING, Step.FINISH): _P.DONE,
}
PART_LANDS: Final[Mapping[Step, PartState]] = {
    step: after for (_, step), after in PART_TRANSITIONS.items()
}
PART_RANK: Final = {state: rank for rank, state in enumerate(PartState)}

# Fields a step cannot do without. Of the four elements of an answer the time it was taken up is the
# instant of the step itself.
NEEDS: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.ACKNOWLEDGE: ("contact", "measures", "promised_at"),
    Step.RATE: ("department", "speed", "quality"),
    Step.CANCEL: ("note",),
}


def whistle_id(move: IncidentMoved) -> str:
    """That of the whistle a move of action `whistle` belongs to: the id of its first move."""
    return move.whistle or move.id


def step_of(move: IncidentMoved) -> Step:
    """Moves from before whistles had steps blew one at once. Raises ValueError: unknown step."""
    return Step.BLOW if move.step is None else Step(move.step)


def is_blowing(move: IncidentMoved) -> bool:
    return move.action is IncidentAction.WHISTLE and move.step in (None, Step.BLOW)


def is_of_department(move: IncidentMoved) -> bool:
    return move.action is IncidentAction.WHISTLE and move.step in DEPARTMENT_STEPS


def is_ending(move: IncidentMoved) -> bool:
    """Whether it withdraws a whistle or calls it off."""
    return move.action is IncidentAction.WHISTLE and move.step in (Step.WITHDRAW, Step.CANCEL)


def possible(state: WhistleState) -> tuple[Step, ...]:
    """What the table allows in a state."""
    return tuple(step for held, step in TRANSITIONS if held is state)
