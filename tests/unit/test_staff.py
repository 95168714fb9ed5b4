"""Grid staff as cover: on duty, grids covered, check-ins of the last hour, nothing kept longer."""

import pytest

from dashboard.domain.board import Board, Limits
from dashboard.domain.events import Activity, Chunk, Role, StaffCheckedIn
from dashboard.domain.metrics import COLUMN
from dashboard.domain.staff import FORGET_MS, MINUTE_MS
from tests.conftest import NOON

DUTY_MS, COVER_MS = 1_800_000, 7_200_000
LIMITS = Limits(camera_stale_ms=1, on_duty_ms=DUTY_MS, cover_ms=COVER_MS, due_soon_ms=1)


@pytest.fixture
def board(region, classes):
    return Board(region, classes)


def check_in(board, staff, grid, at_ms=NOON):
    code = board.region.grids[grid].code
    event = StaffCheckedIn(
        f"{staff}{at_ms}{grid}", at_ms, staff, code, Role.GRID_WORKER, Activity.PATROL, None
    )
    return board.fold([Chunk("feed", NOON, (event,))])


def number(board, name, grid=None, now_ms=NOON):
    index = 0 if grid is None else board.region.grids[grid].index
    return int(board.measure(now_ms, LIMITS)[index, COLUMN[name]])


@pytest.mark.parametrize(("silence_ms", "on_duty"), [(0, 1), (DUTY_MS, 1), (DUTY_MS + 1, 0)])
def test_somebody_is_on_duty_for_a_while_after_a_check_in(board, silence_ms, on_duty):
    check_in(board, "x", 3, NOON - silence_ms)
    assert number(board, "staff_on_duty", 3) == on_duty


@pytest.mark.parametrize(("silence_ms", "covered"), [(COVER_MS, 1), (COVER_MS + 1, 0)])
def test_a_check_in_covers_its_grid_for_a_while(board, silence_ms, covered):
    check_in(board, "x", 3, NOON - silence_ms)
    assert number(board, "grids_covered", 3) == covered


def test_somebody_stands_in_one_grid_at_a_time_and_leaves_cover_behind(board):
    check_in(board, "x", 3, NOON - 2)
    check_in(board, "x", 4, NOON - 1)
    assert [number(board, "staff_on_duty", grid) for grid in (3, 4, None)] == [0, 1, 1]
    assert [number(board, "grids_covered", grid) for grid in (3, 4, None)] == [1, 1, 2]


def test_a_late_check_in_does_not_call_anybody_back(board):
    check_in(board, "x", 4)
    check_in(board, "x", 3, NOON - 1)
    assert number(board, "staff_on_duty", 4) == 1
    assert number(board, "checkins_last_hour") == 2


def test_check_ins_count_for_an_hour(board):
    for minutes in (0, 30, 60, 61, 120):
        check_in(board, "x", 3, NOON - minutes * MINUTE_MS)
    assert number(board, "checkins_last_hour", 3) == 3
    assert number(board, "checkins_last_hour", 3, NOON + 31 * MINUTE_MS) == 1


def test_minutes_past_the_hour_are_forgotten_and_named(board):
    check_in(board, "x", 3, NOON - 61 * MINUTE_MS)
    check_in(board, "x", 3, NOON - 60 * MINUTE_MS)
    gone, minutes = board.staff.forget_old(NOON)
    assert gone == []
    assert minutes == [NOON // MINUTE_MS - 61]
    assert list(board.staff.checkins) == [NOON // MINUTE_MS - 60]


def test_staff_not_seen_for_a_day_are_forgotten_and_named(board):
    check_in(board, "old", 3, NOON - FORGET_MS - 1)
    check_in(board, "new", 4, NOON - FORGET_MS)
    assert board.staff.forget_old(NOON)[0] == ["old"]
    assert board.staff.table.ids == ["new"]


def test_a_grid_of_another_pack_is_ignored(board):
    event = StaffCheckedIn("1", NOON, "x", "999", Role.OTHER, Activity.VISIT, None)
    board.fold([Chunk("feed", NOON, (event,))])
    assert number(board, "staff_on_duty") == 0
