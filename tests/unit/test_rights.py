"""Who may do what, cell by cell, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.rights import PERSONAL, TABLE, Principal, Right, Role, reaches

DISTRICT, STREET, OTHER_STREET = "530111", "530111001", "530111002"
COMMUNITY, GRID = "530111001001", "530111001001001"

# written out once more, so that a slip in the table is a slip in two places
MAY = {
    Role.VIEWER: {"see"},
    Role.OFFICER: {"see", "see_case", "see_alert", "register", "command", "inspect", "direct"},
    Role.DISPATCHER: {
        "see",
        "see_case",
        "see_alert",
        "export",
        "register",
        "command",
        "inspect",
        "approve",
        "direct",
    },
    Role.DEPARTMENT: {"see", "see_case", "handle"},
    Role.LEADER: {"see", "see_case", "see_alert", "export", "approve", "supervise", "direct"},
    Role.ADMINISTRATOR: {
        "see",
        "see_case",
        "see_alert",
        "export",
        "administer",
        "audit",
        "register",
        "command",
        "inspect",
        "approve",
        "supervise",
        "direct",
    },
    Role.WALL: {"see"},
    Role.FEED: {"report"},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_every_cell_of_the_table(region, role, right):
    principal = Principal("li.na", role, DISTRICT, department="paishui")
    assert principal.may(right, region) == (right.value in MAY[role])
    assert principal.may(right, region, GRID) == (right.value in MAY[role])
    assert (right in principal.rights) == (right.value in MAY[role])


@pytest.mark.parametrize("role", PERSONAL)
def test_only_the_role_department_needs_one_to_see_cases(region, role):
    principal = Principal("li.na", role, DISTRICT)
    missing = {"see_case", "handle"} if role is Role.DEPARTMENT else set()
    assert {right.value for right in principal.rights} == MAY[role] - missing
    assert principal.may(Right.SEE_CASE, region, GRID) == ("see_case" in MAY[role] - missing)


def test_the_table_has_every_role_and_nobody_else():
    assert TABLE.keys() == set(Role) == MAY.keys()


def test_machines_are_not_persons():
    assert set(Role) - set(PERSONAL) == {Role.WALL, Role.FEED}


def test_no_machine_reads_a_case_or_administers():
    for role in (Role.WALL, Role.FEED):
        assert TABLE[role].isdisjoint({Right.SEE_CASE, Right.EXPORT, Right.ADMINISTER, Right.AUDIT})


@pytest.mark.parametrize(
    ("scope", "area", "expected"),
    [
        (DISTRICT, DISTRICT, True),
        (DISTRICT, GRID, True),
        (STREET, STREET, True),
        (STREET, COMMUNITY, True),
        (STREET, GRID, True),
        (STREET, DISTRICT, False),
        (STREET, OTHER_STREET, False),
        (GRID, COMMUNITY, False),
        (DISTRICT, "", False),
        (DISTRICT, "999", False),
        ("999", "999", False),
        ("", DISTRICT, False),
        (STREET, STREET + " ", False),
        ("530111", "5301110", False),
    ],
)
def test_a_scope_reaches_down_never_up_or_sideways(region, scope, area, expected):
    assert reaches(region, scope, area) is expected
    assert Principal("li.na", Role.VIEWER, scope).may(Right.SEE, region, area) is expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_code_that_the_region_lacks_opens_nothing(region, scope, area):
    if scope not in region.by_code or area not in region.by_code:
        assert not reaches(region, scope, area)


def test_an_area_reaches_exactly_what_lies_below_it(region):
    inside = {area.code for area in region.areas if reaches(region, STREET, area.code)}
    assert inside == {area.code for area in region.areas if area.code.startswith(STREET)}
    assert len(inside) > 10
