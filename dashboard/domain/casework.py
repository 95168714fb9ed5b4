"""Who may take which step of a case now: its state, the post that asks, and the tier it is held by.

One question, `objection`, decides what a click does, which buttons can be pressed and what the
others say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dashboard.domain.areas import Region, Tier
from dashboard.domain.events import Channel, IncidentMoved, IncidentReported
from dashboard.domain.events import IncidentAction as Do
from dashboard.domain.incident_life import TRANSITIONS, Result, possible, sentence
from dashboard.domain.rights import Principal, Right, Role
from dashboard.domain.standing import Appeal, Standing
from dashboard.domain.tiers import COMMAND, RANK, commands

EXTENSIONS_MAX: Final = 2
SUSPENSIONS_MAX: Final = 1
UNDO_MS: Final = 10_000
# Nobody of ours saw what these tell of, so somebody looks before it is filed.
TO_CONFIRM: Final = frozenset({Channel.PUBLIC, Channel.HOTLINE})

RIGHT_OF: Final[Mapping[Do, Right]] = {
    Do.ACKNOWLEDGE: Right.REGISTER,
    Do.CONFIRM: Right.REGISTER,
    Do.FILE: Right.REGISTER,
    Do.REJECT: Right.REGISTER,
    Do.SOLVE: Right.COMMAND,
    Do.DISPATCH: Right.COMMAND,
    Do.WHISTLE: Right.COMMAND,
    Do.ESCALATE: Right.COMMAND,
    Do.ASSIGN: Right.COMMAND,
    Do.UNFOLD: Right.COMMAND,
    Do.FOLD: Right.COMMAND,
    Do.ACCEPT: Right.HANDLE,
    Do.HANDLE: Right.HANDLE,
    Do.RETURN: Right.HANDLE,
    Do.APPEAL: Right.HANDLE,
    Do.INSPECT: Right.INSPECT,
    Do.REWORK: Right.INSPECT,
    Do.CLOSE: Right.INSPECT,
    Do.SUSPEND: Right.APPROVE,
    Do.RESUME: Right.APPROVE,
    Do.EXTEND: Right.APPROVE,
    Do.CANCEL: Right.APPROVE,
    Do.JUDGE: Right.APPROVE,
    Do.SUPERVISE: Right.SUPERVISE,
    Do.FORCE_CLOSE: Right.SUPERVISE,
    Do.UNDO: Right.SEE_CASE,  # of one's own last move
}


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a step cannot be taken: `code` for the screen's own words, `reason` in English.

    `is_forbidden`: it is not for this asker; else the case itself does not allow it now.
    """

    code: str
    reason: str
    is_forbidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What there is to decide on. `moves` are all of them, those taken back included; `units` the
    department that has it in hand and the one that this belongs to."""

    report: IncidentReported
    moves: tuple[IncidentMoved, ...]
    standing: Standing
    now_ms: int
    units: tuple[str, ...] = ()


def objection(asker: Principal, region: Region, case: Case, action: Do) -> Objection | None:
    """The first thing that stands against it; None when it may be done."""
    if action is Do.UNDO:
        return _of_undo(asker, case)
    return (
        _of_state(case.standing, action)
        or _of_post(asker, region, case, action)
        or _of_case(case, action)
    )


def undoable(asker: Principal, case: Case) -> IncidentMoved | None:
    """The asker's own last move, while it can be taken back."""
    last = case.moves[-1] if case.moves else None
    if last is None or _of_undo(asker, case) is not None:
        return None
    return last


def _of_state(held: Standing, action: Do) -> Objection | None:
    if (held.state, action) in TRANSITIONS:
        return None
    return Objection("state", sentence(held.state, action, possible(held.state)))


def _of_post(asker: Principal, region: Region, case: Case, action: Do) -> Objection | None:
    if not asker.may(RIGHT_OF[action], region, case.report.grid):
        return Objection("role", f"a {asker.role} may not {action} a case here", True)
    if RIGHT_OF[action] is Right.HANDLE:
        return _of_department(asker, case, action)
    holder, tier = case.standing.tier_at(case.now_ms), region.by_code[asker.area].tier
    if commands(tier, holder) or (action is Do.SOLVE and tier is Tier.GRID):
        return None
    return Objection("tier", f"the {holder} holds this case; it is above your {tier}", True)


def _of_department(asker: Principal, case: Case, action: Do) -> Objection | None:
    """A department speaks for itself; only it knows what was done."""
    if asker.role is not Role.DEPARTMENT or asker.department in case.units:
        return None
    return Objection("department", f"this case is not with your department, so no {action}", True)


def _of_case(case: Case, action: Do) -> Objection | None:
    check = _CHECKS.get(action)
    return None if check is None else check(case)


def _of_filing(case: Case) -> Objection | None:
    confirmed = case.standing.confirmed
    if confirmed == Result.NOT_FOUND:
        return Objection("not_found", "the confirmation found nothing; reject it, or confirm again")
    if confirmed is None and case.report.channel in TO_CONFIRM:
        return Objection("confirm_first", "a report from outside is confirmed before it is filed")
    return None


def _of_solving(case: Case) -> Objection | None:
    holder = case.standing.tier_at(case.now_ms)
    if holder is Tier.COMMUNITY:
        return None
    return Objection("not_in_grid", f"the {holder} holds it; only the grid's own community solves")


def _of_suspension(case: Case) -> Objection | None:
    if case.standing.n_suspensions < SUSPENSIONS_MAX:
        return None
    return Objection("suspended_before", f"a case is suspended at most {SUSPENSIONS_MAX} time")


def _of_extension(case: Case) -> Objection | None:
    if case.standing.n_extensions < EXTENSIONS_MAX:
        return None
    return Objection("extended_before", f"a case is extended at most {EXTENSIONS_MAX} times")


def _of_appeal(case: Case) -> Objection | None:
    if case.standing.appeal is None:
        return None
    return Objection("appealed_before", "a case is appealed once")


def _of_judgement(case: Case) -> Objection | None:
    if case.standing.appeal is Appeal.OPEN:
        return None
    return Objection("no_appeal", "there is no open appeal to judge")


def _of_escalation(case: Case) -> Objection | None:
    if case.standing.tier_at(case.now_ms) is not COMMAND[0]:
        return None
    return Objection("top", "the district holds it already; there is no tier above")


def _of_assignment(case: Case) -> Objection | None:
    if case.standing.tier_at(case.now_ms) is not COMMAND[-1]:
        return None
    return Objection("bottom", "the community holds it already; there is no tier below")


def _of_unfolding(case: Case) -> Objection | None:
    if not case.standing.apart:
        return None
    return Objection("apart", "an officer has taken this case out before; it stands alone")


def _of_folding(case: Case) -> Objection | None:
    if case.standing.apart:
        return None
    return Objection("not_apart", "no officer has taken this case out; there is no way back")


_CHECKS: Final = {
    Do.FILE: _of_filing,
    Do.SOLVE: _of_solving,
    Do.SUSPEND: _of_suspension,
    Do.EXTEND: _of_extension,
    Do.APPEAL: _of_appeal,
    Do.JUDGE: _of_judgement,
    Do.ESCALATE: _of_escalation,
    Do.ASSIGN: _of_assignment,
    Do.UNFOLD: _of_unfolding,
    Do.FOLD: _of_folding,
}


def lower_tiers(case: Case) -> tuple[Tier, ...]:
    """Those an assignment may lead to."""
    return COMMAND[RANK[case.standing.tier_at(case.now_ms)] + 1 :]


def _of_undo(asker: Principal, case: Case) -> Objection | None:
    last = case.moves[-1] if case.moves else None
    if last is None or not last.at_desk or last.by != asker.name or last.action is Do.UNDO:
        return Objection("undo_not_yours", "the last move of this case is not yours to take back")
    if case.now_ms - last.observed_ms > UNDO_MS:
        return Objection("undo_late", f"a move can be taken back for {UNDO_MS // 1000} s")
    return None
