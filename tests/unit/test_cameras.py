"""Cameras: registrations, states, counts per grid, and what silence makes of them."""

import pytest

from dashboard.domain.board import Board, Limits
from dashboard.domain.events import (
    CameraRegistered,
    CameraRollup,
    CameraState,
    CameraStatus,
    Chunk,
    Ownership,
)
from dashboard.domain.metrics import COLUMN
from tests.conftest import NOON

STALE_MS = 3_600_000
LIMITS = Limits(camera_stale_ms=STALE_MS, on_duty_ms=1, cover_ms=1, due_soon_ms=1)


@pytest.fixture
def board(region, classes):
    return Board(region, classes)


@pytest.fixture
def grid(region):
    return region.grids[7].code


def registered(camera, grid, at_ms=NOON, **more):
    fields = {"name": camera, "ownership": Ownership.PUBLIC, "site": "", "gb_code": None}
    fields |= {"lon": None, "lat": None} | more
    return CameraRegistered(f"r{at_ms}", at_ms, camera, grid, **fields)


def state(camera, status, at_ms=NOON):
    return CameraState(f"s{at_ms}", at_ms, camera, CameraStatus(status), None)


def rollup(grid, counts, at_ms=NOON, ownership=Ownership.SOCIAL):
    return CameraRollup(f"u{at_ms}", at_ms, grid, ownership, *counts)


def numbers(board, code, now_ms=NOON):
    row = board.measure(now_ms, LIMITS)[board.region.by_code[code].index]
    found = {name: int(row[column]) for name, column in COLUMN.items() if "cameras" in name}
    return {name: value for name, value in found.items() if value and "total" not in name}


def fold(board, *events):
    return board.fold([Chunk("feed", NOON, events)])


def test_a_camera_counts_once_it_is_registered_and_not_before(board, grid):
    fold(board, state("A", "online"))
    assert numbers(board, grid) == {}
    fold(board, registered("A", grid, NOON - 5))
    assert numbers(board, grid) == {"cameras_online": 1, "cameras_online_public": 1}


def test_a_registered_camera_without_a_word_is_unknown(board, grid):
    fold(board, registered("A", grid, ownership=Ownership.SOCIAL))
    assert numbers(board, grid) == {"cameras_unknown": 1, "cameras_unknown_social": 1}


@pytest.mark.parametrize(
    ("silence_ms", "expected"), [(STALE_MS, "offline"), (STALE_MS + 1, "unknown")]
)
def test_silence_makes_any_state_unknown_past_the_limit(board, grid, silence_ms, expected):
    fold(board, registered("A", grid), state("A", "offline", NOON - silence_ms))
    assert numbers(board, grid)[f"cameras_{expected}"] == 1


def test_a_confirmation_keeps_a_camera_known(board, grid):
    fold(
        board, registered("A", grid), state("A", "fault", NOON - 2 * STALE_MS), state("A", "fault")
    )
    assert numbers(board, grid)["cameras_fault"] == 1


def test_an_older_report_changes_nothing(board, grid):
    fold(board, registered("A", grid), state("A", "online"))
    changes = fold(board, state("A", "offline", NOON - 1))
    assert changes.state_numbers().tolist() == []
    assert numbers(board, grid)["cameras_online"] == 1


def test_of_two_reports_of_one_instant_the_worse_holds(board, grid):
    fold(board, registered("A", grid), state("A", "offline"))
    fold(board, state("A", "online"))
    assert numbers(board, grid)["cameras_offline"] == 1


def test_a_camera_that_moves_leaves_its_old_grid(board, region, grid):
    other = region.grids[99].code
    fold(board, registered("A", grid), state("A", "online"))
    changes = fold(board, registered("A", other, NOON + 1, lon=102.75, lat=25.0))
    assert changes.registered == {0}
    assert numbers(board, grid) == {}
    assert numbers(board, other)["cameras_online"] == 1


def test_a_registration_that_says_the_same_changes_nothing(board, grid):
    fold(board, registered("A", grid))
    assert fold(board, registered("A", grid)).registered == set()


def test_counts_of_a_grid_hold_where_no_single_camera_stands(board, grid):
    fold(board, rollup(grid, (5, 2, 1, 0)))
    counted = {"cameras_online": 5, "cameras_offline": 2, "cameras_fault": 1}
    assert numbers(board, grid) == counted | {f"{k}_social": v for k, v in counted.items()}
    fold(board, registered("A", grid, ownership=Ownership.SOCIAL), state("A", "online"))
    assert numbers(board, grid) == {"cameras_online": 1, "cameras_online_social": 1}


def test_counts_of_one_ownership_leave_the_other_alone(board, grid):
    fold(board, rollup(grid, (5, 0, 0, 0)), registered("A", grid), state("A", "online"))
    expected = {"cameras_online": 6, "cameras_online_social": 5, "cameras_online_public": 1}
    assert numbers(board, grid) == expected


def test_old_counts_become_unknown_but_keep_their_sum(board, grid):
    fold(board, rollup(grid, (5, 2, 1, 3), NOON - STALE_MS - 1))
    assert numbers(board, grid) == {"cameras_unknown": 11, "cameras_unknown_social": 11}


def test_the_newest_counts_of_a_grid_hold(board, grid):
    fold(board, rollup(grid, (5, 0, 0, 0)), rollup(grid, (9, 0, 0, 0), NOON - 1))
    assert numbers(board, grid)["cameras_online"] == 5


def test_a_camera_of_a_grid_the_pack_no_longer_has_is_kept_but_not_counted(board, region):
    fold(board, registered("A", "999"), state("A", "online"), rollup("999", (1, 1, 1, 1)))
    assert numbers(board, region.root.code) == {}
    assert board.cameras.registered[0].grid == "999"
