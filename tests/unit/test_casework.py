"""Who may take which step: role, tier, area, department, and ten seconds to take it back."""

import pytest

from dashboard.domain.areas import Tier
from dashboard.domain.casework import RIGHT_OF, UNDO_MS, lower_tiers, objection, undoable
from dashboard.domain.events import Channel, IncidentAction
from dashboard.domain.incident_life import TRANSITIONS
from dashboard.domain.rights import PERSONAL, TABLE, Role
from dashboard.domain.tiers import COMMAND
from tests.cases import (
    COMMUNITY,
    DEPARTMENT,
    DISTRICT,
    GRID,
    OTHER_STREET,
    STREET,
    WAY_TO,
    case,
    post,
    report,
)

Do = IncidentAction
DISPATCHED = ("file", "dispatch")
# of states in which each action is lawful, one
SOMEWHERE = {action: state for state, action in reversed(TRANSITIONS)}


def code(region, asker, held, action):
    found = objection(asker, region, held, action)
    return None if found is None else found.code


@pytest.mark.parametrize("role", PERSONAL)
@pytest.mark.parametrize("action", SOMEWHERE)
def test_a_step_needs_its_right(region, classes, role, action):
    way = WAY_TO[SOMEWHERE[action]] + (("appeal",) if action is Do.JUDGE else ())
    asker = post(role, department=DEPARTMENT if role is Role.DEPARTMENT else "")
    found = objection(asker, region, case(classes, *way, priority=2), action)
    if RIGHT_OF[action] in TABLE[role]:
        assert found is None or not found.is_forbidden
    else:
        assert (found.code, found.is_forbidden) == ("role", True)


def test_every_action_has_a_right():
    assert set(RIGHT_OF) == set(IncidentAction)


@pytest.mark.parametrize("area", [DISTRICT, STREET, COMMUNITY, GRID])
@pytest.mark.parametrize(
    ("channel", "holder"),
    [
        (Channel.LEADER, Tier.DISTRICT),
        (Channel.TRANSFER, Tier.STREET),
        (Channel.COLLECTOR, Tier.COMMUNITY),
    ],
)
def test_a_post_works_on_what_its_tier_holds_or_one_below(region, classes, area, channel, holder):
    from_top = [Tier.DISTRICT, Tier.STREET, Tier.COMMUNITY, Tier.GRID]
    tier = region.by_code[area].tier
    held = case(classes, reported=report(channel))
    found = code(region, post(Role.OFFICER, area), held, Do.FILE)
    is_above = from_top.index(tier) <= from_top.index(holder)
    assert found == (None if is_above else "tier")


def test_an_area_elsewhere_has_no_say(region, classes):
    assert code(region, post(Role.OFFICER, OTHER_STREET), case(classes), Do.FILE) == "role"


def test_the_grid_solves_what_its_community_holds_and_nothing_else(region, classes):
    grid = post(Role.OFFICER, GRID)
    assert code(region, grid, case(classes), Do.SOLVE) is None
    assert code(region, grid, case(classes), Do.FILE) == "tier"
    by_street = case(classes, reported=report(Channel.TRANSFER))
    assert code(region, grid, by_street, Do.SOLVE) == "not_in_grid"


def test_an_escalation_by_the_clock_takes_a_case_out_of_the_communitys_hands(region, classes):
    held = case(classes, "file")
    mark_ms = held.standing.coming[0][0]
    officer = post(Role.OFFICER, COMMUNITY)
    for now_ms, expected in ((mark_ms - 1, None), (mark_ms, "tier")):
        at = case(classes, "file", now_ms=now_ms)
        assert code(region, officer, at, Do.DISPATCH) == expected


@pytest.mark.parametrize(
    ("own", "units", "expected"),
    [
        (DEPARTMENT, (DEPARTMENT,), None),
        (DEPARTMENT, ("paishui-2", DEPARTMENT), None),  # a team of the department has it
        ("paishui-2", (DEPARTMENT,), "department"),
        ("chengguan", (DEPARTMENT,), "department"),
        (DEPARTMENT, (), "department"),
    ],
)
def test_a_department_answers_for_itself_and_its_teams(region, classes, own, units, expected):
    held = case(classes, *DISPATCHED, units=units)
    assert code(region, post(Role.DEPARTMENT, department=own), held, Do.ACCEPT) == expected


def test_a_department_far_below_answers_whatever_tier_holds_the_case(region, classes):
    held = case(classes, *DISPATCHED, reported=report(Channel.LEADER))
    asker = post(Role.DEPARTMENT, GRID, department=DEPARTMENT)
    assert code(region, asker, held, Do.ACCEPT) is None


def test_up_ends_with_the_district_and_down_with_the_community(region, classes):
    top = case(classes, reported=report(Channel.LEADER))
    bottom = case(classes)
    assert code(region, post(), top, Do.ESCALATE) == "top"
    assert code(region, post(), bottom, Do.ASSIGN) == "bottom"
    assert lower_tiers(top) == COMMAND[1:]
    assert lower_tiers(bottom) == ()


@pytest.mark.parametrize(
    ("name", "later_ms", "at_desk", "expected"),
    [
        ("chen", UNDO_MS, True, None),
        ("chen", UNDO_MS + 1, True, "undo_late"),
        ("li", 0, True, "undo_not_yours"),
        ("chen", 0, False, "undo_not_yours"),  # an outside system may write any name
    ],
)
def test_a_step_is_taken_back_by_its_own_officer_in_ten_seconds(
    region, classes, name, later_ms, at_desk, expected
):
    steps = ("file", ("dispatch", {"at_desk": at_desk}))
    last_ms = case(classes, *steps).moves[-1].observed_ms
    held = case(classes, *steps, now_ms=last_ms + later_ms)
    assert code(region, post(name=name), held, Do.UNDO) == expected
    assert (undoable(post(name=name), held) is None) == (expected is not None)


def test_what_was_taken_back_is_not_taken_back_again(region, classes):
    steps = (("file", {"id": "f"}), ("undo", {"undoes": "f"}))
    assert code(region, post(), case(classes, *steps), Do.UNDO) == "undo_not_yours"
    assert code(region, post(), case(classes), Do.UNDO) == "undo_not_yours"
