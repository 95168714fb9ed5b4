"""What a hand-over lists and why: both sides of each limit, promises kept and not."""

import pytest

from dashboard.clock import DAY_MS
from dashboard.domain.areas import Tier
from dashboard.domain.deadlines import Deadline
from dashboard.domain.events import IncidentAction as Do
from dashboard.domain.events import IncidentMoved
from dashboard.domain.handover import (
    COUNTED_MS,
    SHIFT_MS,
    Handover,
    HandoverState,
    Seen,
    Totals,
    Why,
    done_in,
    first_act_ms,
    n_ended,
    n_reported,
    objection_to_signing,
    of_departments,
    of_officers,
    reasons,
    unanswered,
    urgent,
)
from dashboard.domain.incident_classes import ClockType, Limit
from dashboard.domain.incident_life import IncidentState as S
from dashboard.domain.standing import Reason, Standing
from tests.conftest import NOON

LIMIT = Limit(1, ClockType.NATURAL_DAY, 1)
FAR = NOON + 30 * DAY_MS
TEAMS = {"team": frozenset({"team", "roads"}), "道路": frozenset({"道路", "roads"})}


def units(name):
    return TEAMS.get(name, frozenset(() if name is None else (name,)))


def standing(state=S.REPORTED, due_ms=FAR, left_ms=None, tier=Tier.DISTRICT, **more):
    marks = (None, None, None)
    due = Deadline(due_ms=due_ms, marks_ms=marks, left_ms=left_ms, is_provisional=False)
    return Standing(state=state, tier=tier, limit=LIMIT, deadline=due, **more)


def seen(identity="1", priority=4, first_ms=NOON - DAY_MS, **more):
    return Seen(
        id=identity,
        title="Water",
        grid="g",
        priority=priority,
        first_ms=first_ms,
        standing=standing(**more),
    )


def move(action, at_ms=NOON, department=None, **more):
    return IncidentMoved(f"{action}{at_ms}", at_ms, "1", Do(action), "li", None, department, **more)


def why(tier=Tier.DISTRICT, **more):
    return reasons(seen(**more), tier, NOON)


# ---- why a case is listed ----------------------------------------------------------------------


def test_what_is_far_from_its_limit_is_not_listed():
    assert why() == ()


@pytest.mark.parametrize(
    ("due_ms", "expected"),
    [
        (NOON - 1, (Why.OVERDUE,)),
        (NOON, (Why.DUE_SOON,)),
        (NOON + SHIFT_MS, (Why.DUE_SOON,)),
        (NOON + SHIFT_MS + 1, ()),
    ],
)
def test_both_ends_of_the_next_shift(due_ms, expected):
    assert why(due_ms=due_ms) == expected


@pytest.mark.parametrize(("priority", "expected"), [(1, True), (2, True), (3, False), (4, False)])
def test_the_two_gravest_priorities_are_listed(priority, expected):
    assert (why(priority=priority) == (Why.PRIORITY,)) is expected


def test_a_returned_and_a_suspended_case_are_listed_without_a_deadline():
    assert why(state=S.RETURNED) == (Why.RETURNED,)
    assert why(state=S.SUSPENDED, due_ms=None, left_ms=1) == (Why.SUSPENDED,)


@pytest.mark.parametrize("state", [S.CLOSED, S.REJECTED, S.CANCELLED])
def test_what_has_ended_is_not_listed_however_late(state):
    assert why(state=state, due_ms=NOON - DAY_MS, priority=1) == ()


@pytest.mark.parametrize(
    ("tier", "acknowledged", "expected"),
    [
        (Tier.DISTRICT, False, (Why.ESCALATED,)),
        (Tier.DISTRICT, True, ()),
        (Tier.STREET, False, ()),  # it has left the street's desk
    ],
)
def test_what_came_up_is_the_higher_desks(tier, acknowledged, expected):
    assert why(tier, escalated=True, acknowledged=acknowledged) == expected


@pytest.mark.parametrize(("at_ms", "expected"), [(NOON, (Why.ESCALATED,)), (NOON + 1, ())])
def test_what_comes_up_by_itself_is_listed_from_its_instant_on(at_ms, expected):
    case = {"tier": Tier.STREET, "acknowledged": True}
    held = seen(coming=[(at_ms, Reason.MARK_80)], **case)
    assert reasons(held, Tier.DISTRICT, NOON) == expected


def test_all_reasons_are_told_the_gravest_first():
    found = why(due_ms=NOON - 1, priority=1, state=S.RETURNED, escalated=True)
    assert found == (Why.OVERDUE, Why.ESCALATED, Why.RETURNED, Why.PRIORITY)


def test_priority_goes_before_the_deadline_and_a_paused_clock_comes_last():
    cases = [
        seen("paused", 1, state=S.SUSPENDED, due_ms=None),
        seen("late", 2, due_ms=NOON - 1),
        seen("later", 1, due_ms=NOON + 2),
        seen("soon", 1, due_ms=NOON + 1),
    ]
    found = urgent(cases, Tier.DISTRICT, NOON)
    assert [item.id for item in found] == ["soon", "later", "paused", "late"]
    assert [item.overdue for item in found] == [False, False, False, True]


# ---- promises ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (S.DISPATCHED, True),
        (S.HANDLING, True),
        (S.SUSPENDED, True),
        (S.HANDLED, False),  # it did what it promised
        (S.INSPECTED, False),
        (S.CLOSED, False),
    ],
)
def test_a_department_owes_what_it_has_in_hand(state, expected):
    case = seen(state=state, department="roads")
    assert bool(of_departments([case], NOON)) is expected
    assert of_departments([seen(state=state)], NOON) == []


def test_promises_of_departments_are_in_the_order_they_fall_due():
    cases = [
        seen(name, state=S.HANDLING, department="roads", due_ms=due_ms)
        for name, due_ms in (("none", None), ("far", FAR), ("late", NOON - 1))
    ]
    assert [item.id for item in of_departments(cases, NOON)] == ["late", "far", "none"]


def whistle(*called, at_ms=NOON):
    return move("whistle", at_ms, called=called, kind="daily")


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([], ("roads", "water")),
        ([move("accept", NOON - 1, "roads")], ("roads", "water")),  # before it was called
        ([move("accept", NOON, "roads")], ("water",)),
        ([move("accept", NOON + 1, "team")], ("water",)),  # a team answers for its department
        ([move("accept", NOON + 1, "道路")], ("water",)),
        ([move("accept", NOON + 1, "parks")], ("roads", "water")),
        ([move("dispatch", NOON + 1, "roads")], ("roads", "water")),  # not its own step
        ([move("return", NOON + 1, "roads"), move("handle", NOON + 2, "water")], ()),
    ],
)
def test_a_whistle_waits_for_each_department_it_called(moves, expected):
    assert unanswered(whistle("roads", "water"), moves, units) == expected


def acts(began_ms=NOON - 1, **more):
    found = of_officers([seen(**more)], began_ms, NOON + 10, units)
    return [(act.action, act.awaited, act.earlier) for act in found]


def test_an_answered_whistle_and_one_of_an_ended_case_need_no_follow_up():
    call = whistle("roads")
    assert acts(whistles=[call], moves=[call]) == [("whistle", ("roads",), False)]
    assert acts(whistles=[call], moves=[call, move("accept", NOON + 1, "roads")]) == []
    assert acts(whistles=[call], moves=[call], state=S.CLOSED) == []


@pytest.mark.parametrize(
    ("state", "expected"), [(S.HANDLING, True), (S.HANDLED, False), (S.CLOSED, False)]
)
def test_a_pressed_case_is_followed_until_it_is_handled(state, expected):
    assert bool(acts(state=state, supervised=move("supervise"))) is expected


def test_a_suspension_tells_what_is_left():
    case = seen(state=S.SUSPENDED, suspended=move("suspend"), due_ms=None, left_ms=7)
    [act] = of_officers([case], NOON, NOON + 1, units)
    assert (act.action, act.left_ms, act.due_ms, act.by) == ("suspend", 7, None, "li")


@pytest.mark.parametrize(("began_ms", "earlier"), [(NOON, False), (NOON + 1, True)])
def test_a_promise_of_an_earlier_shift_stays_and_is_marked(began_ms, earlier):
    found = acts(began_ms, supervised=move("supervise", NOON))
    assert found == [("supervise", (), earlier)]


def test_this_shifts_promises_come_first():
    old = seen("old", supervised=move("supervise", NOON - 2))
    new = seen("new", supervised=move("supervise", NOON))
    found = of_officers([old, new], NOON - 1, NOON + 1, units)
    assert [act.id for act in found] == ["new", "old"]


# ---- what was done -----------------------------------------------------------------------------


def test_acts_are_counted_from_the_beginning_to_before_the_end():
    moves = [move("file", at_ms) for at_ms in (NOON - 1, NOON, NOON + 9, NOON + 10)]
    [done] = done_in([seen(moves=moves)], NOON, NOON + 10)
    assert (done.action, done.at_desk, done.elsewhere) == ("file", 0, 2)


def test_acts_here_and_elsewhere_are_told_apart_the_most_frequent_first():
    moves = [move("close"), move("file", at_desk=True), move("file", NOON + 1)]
    found = done_in([seen(moves=moves)], NOON, NOON + 10)
    assert [(d.action, d.at_desk, d.elsewhere) for d in found] == [
        ("file", 1, 1),
        ("close", 0, 1),
    ]


@pytest.mark.parametrize(("at_ms", "n"), [(NOON - 1, 0), (NOON, 1), (NOON + 9, 1), (NOON + 10, 0)])
def test_reports_and_ends_are_counted_within_the_shift(at_ms, n):
    assert n_reported([seen(first_ms=at_ms)], NOON, NOON + 10) == n
    assert n_ended([seen(state=S.CLOSED, ended_ms=at_ms)], NOON, NOON + 10) == n


def test_the_first_shift_begins_with_the_first_act_that_can_be_counted():
    old, first = move("file", NOON - COUNTED_MS - 1), move("file", NOON - COUNTED_MS)
    assert first_act_ms([seen(moves=[old, first])], NOON) == first.observed_ms
    assert first_act_ms([seen(moves=[old])], NOON) == NOON
    assert first_act_ms([], NOON) == NOON


# ---- signatures --------------------------------------------------------------------------------


def handover(**more):
    return Handover(
        id="a-1",
        area="a",
        tier=Tier.DISTRICT,
        handed_by="li.na",
        began_ms=NOON - SHIFT_MS,
        counted_ms=NOON - SHIFT_MS,
        at_ms=NOON,
        note="",
        state=HandoverState.HANDED,
        version=1,
        counts={},
        priorities={},
        tiers={},
        totals=Totals(urgent=0, departments=0, officers=0),
        n_reported=0,
        n_ended=0,
        done=(),
        **more,
    )


def test_nobody_signs_their_own_and_nothing_is_signed_twice():
    held = handover()
    assert objection_to_signing(held, "wang.fang") is None
    assert "own" in (objection_to_signing(held, "li.na") or "")
    signed = held.signed("wang.fang", NOON + 1, "ok")
    assert (signed.version, signed.signed_by, signed.signed_ms) == (2, "wang.fang", NOON + 1)
    assert "signed" in (objection_to_signing(signed, "zhao.lei") or "")
    assert "withdrawn" in (objection_to_signing(held.withdrawn("li.na", NOON), "zhao.lei") or "")
