"""Every path of the life of a case is walked, and everything beside it is refused."""

import pytest

from dashboard.domain.casework import RIGHT_OF, objection
from dashboard.domain.events import Channel, IncidentAction
from dashboard.domain.incident_life import (
    BEFORE,
    ENDED,
    NEEDS,
    NEXT_STEP,
    SAME,
    TRANSITIONS,
    IncidentState,
    after,
    possible,
)
from dashboard.domain.rights import Role
from tests.cases import DEPARTMENT, DISPATCHED, HANDLED, WAY_TO, case, post, report, stand

Do, S = IncidentAction, IncidentState
# What else must have happened before an action makes sense.
FIRST = {Do.JUDGE: ("appeal",), Do.FOLD: ("unfold",)}
FIELDS = {
    Do.CONFIRM: {"result": "exists"},
    Do.INSPECT: {"result": "passed"},
    Do.JUDGE: {"result": "upheld"},
    Do.ASSIGN: {"tier": "community"},
    Do.WHISTLE: {"kind": "daily", "called": (DEPARTMENT,)},
}


def asker_for(action):
    """A post that has the right, at the highest tier."""
    is_departments = RIGHT_OF[action].value == "handle"
    role = Role.DEPARTMENT if is_departments else Role.ADMINISTRATOR
    return post(role, department=DEPARTMENT if is_departments else "")


def test_every_state_is_reached_and_left_by_the_table():
    assert set(WAY_TO) == set(S)
    assert {state for state, _ in TRANSITIONS} == set(S) - {S.REJECTED, S.CANCELLED}
    targets = {target for target in TRANSITIONS.values() if isinstance(target, S)}
    assert targets | {S.REPORTED} == set(S)


@pytest.mark.parametrize("state", S)
def test_the_way_to_a_state_comes_to_it(classes, state):
    held = case(classes, *WAY_TO[state]).standing
    assert held.state is state
    assert (held.ended_ms is not None) == (state in ENDED)


@pytest.mark.parametrize(("state", "action"), TRANSITIONS)
def test_every_path_of_the_table_is_walked(region, classes, state, action):
    way = (*WAY_TO[state], *FIRST.get(action, ()))
    held_by_street = {"reported": report(priority=2), "priority": 2}
    begun = case(classes, *way, **({} if action is Do.SOLVE else held_by_street))
    assert objection(asker_for(action), region, begun, action) is None
    walked = case(classes, *way, (action, FIELDS.get(action, {}))).standing
    target = TRANSITIONS[state, action]
    expected = {SAME: state, BEFORE: S.DISPATCHED}.get(target, target)
    assert walked.state is expected
    assert after(state, action, FIELDS.get(action, {}).get("result"), S.DISPATCHED) is expected


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", [one for one in Do if one is not Do.UNDO])
def test_every_pair_beside_the_table_is_refused_and_told_what_is_possible(
    region, classes, state, action
):
    if (state, action) in TRANSITIONS:
        return
    found = objection(asker_for(action), region, case(classes, *WAY_TO[state]), action)
    assert found is not None
    assert found.code == "state"
    listed = ", ".join(possible(state)) or "nothing"
    assert found.reason == (f"{action} is not possible while a case is {state}; possible: {listed}")
    with pytest.raises(KeyError):
        after(state, action, None, S.DISPATCHED)


def test_the_step_of_the_main_line_comes_first():
    for state, step in NEXT_STEP.items():
        assert possible(state)[0] is step


def test_a_returned_case_does_not_jump_steps(region, classes):
    returned = case(classes, *WAY_TO[S.RETURNED])
    main_line = (Do.FILE, Do.ACCEPT, Do.HANDLE, Do.INSPECT, Do.CLOSE)
    for action in main_line:
        assert objection(asker_for(action), region, returned, action).code == "state"
    assert objection(post(), region, returned, Do.DISPATCH) is None


@pytest.mark.parametrize("result", ["failed", "unable"])
def test_an_inspection_that_does_not_pass_leaves_it_handled(classes, result):
    held = case(classes, *HANDLED, ("inspect", {"result": result})).standing
    assert (held.state, held.inspected) == (S.HANDLED, result)
    assert after(S.HANDLED, Do.INSPECT, result, S.REPORTED) is S.HANDLED


def test_what_was_handled_anew_is_inspected_anew(classes):
    held = case(classes, *HANDLED, "rework", "handle").standing
    assert (held.state, held.inspected, held.n_reworks) == (S.HANDLED, None, 1)


@pytest.mark.parametrize("channel", [Channel.PUBLIC, Channel.HOTLINE])
def test_what_nobody_of_ours_saw_is_confirmed_before_it_is_filed(region, classes, channel):
    reported = report(channel)

    def against(*steps):
        found = objection(post(), region, case(classes, *steps, reported=reported), Do.FILE)
        return None if found is None else found.code

    assert against() == "confirm_first"
    assert against(("confirm", {"result": "exists"})) is None
    assert against(("confirm", {"result": "unable"})) is None
    assert against(("confirm", {"result": "not_found"})) == "not_found"
    again = (("confirm", {"result": "not_found"}), ("confirm", {"result": "exists"}))
    assert against(*again) is None


@pytest.mark.parametrize("channel", [Channel.COLLECTOR, Channel.VIDEO, Channel.LEADER])
def test_what_ours_saw_needs_no_confirmation(region, classes, channel):
    assert objection(post(), region, case(classes, reported=report(channel)), Do.FILE) is None


def test_a_case_is_suspended_once_extended_twice_and_appealed_once(region, classes):
    def code(action, *steps, asker=None):
        found = objection(asker or post(), region, case(classes, *steps), action)
        return None if found is None else found.code

    assert code(Do.SUSPEND, *DISPATCHED, "suspend", "resume") == "suspended_before"
    assert code(Do.EXTEND, *DISPATCHED, "extend") is None
    assert code(Do.EXTEND, *DISPATCHED, "extend", "extend") == "extended_before"
    department = asker_for(Do.APPEAL)
    closed = WAY_TO[S.CLOSED]
    assert code(Do.APPEAL, *closed, asker=department) is None
    assert code(Do.APPEAL, *closed, "appeal", asker=department) == "appealed_before"
    assert code(Do.JUDGE, *closed) == "no_appeal"
    judged = (*closed, "appeal", ("judge", {"result": "dismissed"}))
    assert code(Do.JUDGE, *judged) == "no_appeal"


@pytest.mark.parametrize(("result", "exempt"), [("upheld", True), ("dismissed", False)])
def test_an_appeal_leaves_a_case_closed_when_it_was(classes, result, exempt):
    way = (*WAY_TO[S.CLOSED], "appeal", ("judge", {"result": result}))
    held = case(classes, *way).standing
    assert (held.state, held.appeal, held.is_exempt) == (S.CLOSED, result, exempt)
    assert held.ended_ms == case(classes, *WAY_TO[S.CLOSED]).standing.ended_ms


def test_what_an_outside_system_did_was_lawful_there(classes):
    held = stand(classes, [], report())
    assert held.state is S.REPORTED
    jumped = case(classes, ("close", {"at_desk": False})).standing
    assert jumped.state is S.CLOSED


def test_every_field_that_is_needed_is_of_an_action():
    assert set(NEEDS) <= {action for _, action in TRANSITIONS}
    assert NEEDS[Do.DISPATCH] == ("department",)
