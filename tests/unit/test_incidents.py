"""Incidents: a life told out of order, its clock, and what is forgotten when."""

import itertools

import pytest

from dashboard.clock import DAY_MS
from dashboard.domain.board import Board, Limits
from dashboard.domain.deadlines import due_ms
from dashboard.domain.events import (
    Channel,
    Chunk,
    IncidentAction,
    IncidentMoved,
    IncidentReported,
)
from dashboard.domain.incident_life import ENDED, LANDS, IncidentState
from dashboard.domain.incidents import ENDED_KEPT_DAYS, MOVES_KEPT
from dashboard.domain.metrics import COLUMN
from tests.conftest import NOON

SOON_MS = 3_600_000
LIMITS = Limits(camera_stale_ms=1, on_duty_ms=1, cover_ms=1, due_soon_ms=SOON_MS)
FLOOD = "05-06"


@pytest.fixture
def board(region, classes):
    return Board(region, classes)


def reported(board, incident="1", at_ms=NOON, class_code=FLOOD, priority=None, **more):
    fields = {"severity": None, "title": "Water", "grid": board.region.grids[5].code} | more
    return IncidentReported(
        f"r{at_ms}",
        at_ms,
        incident,
        fields["grid"],
        None,
        None,
        class_code,
        fields["title"],
        Channel.HOTLINE,
        priority,
        fields["severity"],
        None,
        (),
        None,
        None,
    )


def moved(action, at_ms=NOON, incident="1"):
    action = IncidentAction(action)
    return IncidentMoved(f"{action}{at_ms}", at_ms, incident, action, "desk", None, None)


def fold(board, *events):
    return board.fold([Chunk("feed", NOON, events)])


def numbers(board, now_ms=NOON):
    row = board.measure(now_ms, LIMITS)[0]
    return {
        name.removeprefix("incidents_"): int(row[column])
        for name, column in COLUMN.items()
        if name.startswith("incidents") and row[column]
    }


def test_the_actions_lead_to_every_state():
    assert set(LANDS.values()) | {IncidentState.REPORTED} == set(IncidentState)


@pytest.mark.parametrize("action", [a for a in IncidentAction if a is not IncidentAction.RESUME])
def test_the_newest_action_tells_the_state(board, action):
    fold(board, reported(board, at_ms=NOON - 2), moved("file", NOON - 1), moved(action))
    held = board.incidents.standing["1"]
    assert held.state is LANDS.get(action, IncidentState.FILED)
    assert held.ended_ms == (NOON if held.state in ENDED else None)
    assert ("open" in numbers(board)) == (held.state not in ENDED)


def test_a_life_told_in_any_order_is_the_same_life(board, region, classes):
    life = [
        reported(board, at_ms=NOON - 4),
        moved("file", NOON - 3),
        moved("dispatch", NOON - 2),
        moved("close", NOON - 1),
    ]
    found = set()
    for order in itertools.permutations(life):
        other = Board(region, classes)
        for event in order:
            fold(other, event)
        found.add(other.incidents.by_id["1"])
    assert len(found) == 1


def test_a_move_before_its_report_waits_for_it(board):
    fold(board, moved("dispatch"))
    assert numbers(board) == {}
    fold(board, reported(board, at_ms=NOON - 9))
    assert numbers(board)["open"] == 1
    assert board.incidents.standing["1"].state is IncidentState.DISPATCHED


def test_the_newest_report_describes_a_case_and_the_earliest_starts_its_clock(board, classes):
    fold(board, reported(board, title="New"), reported(board, at_ms=NOON - 60_000, title="Old"))
    case = board.incidents.by_id["1"]
    assert case.report.title == "New"
    assert case.first_ms == NOON - 60_000
    assert case.due_ms == due_ms(NOON - 60_000, classes.find(FLOOD).governing_limit)


def test_the_sources_priority_wins_over_the_classes(board):
    fold(board, reported(board, "1", priority=4), reported(board, "2", severity=1))
    assert board.incidents.by_id["1"].priority == 4
    assert board.incidents.by_id["2"].priority == 1


def test_a_class_the_pack_does_not_know_has_a_day_and_the_lowest_priority(board):
    fold(board, reported(board, class_code="99-99"))
    case = board.incidents.by_id["1"]
    assert (case.priority, case.due_ms) == (4, NOON + DAY_MS)


def test_overdue_and_due_soon_follow_the_clock_and_stop_when_suspended(board):
    fold(board, reported(board, class_code="99-99"))
    due = NOON + DAY_MS
    assert "due_soon" not in numbers(board, due - SOON_MS)
    assert numbers(board, due - SOON_MS + 1)["due_soon"] == 1
    assert "overdue" not in numbers(board, due)
    assert numbers(board, due + 1)["overdue"] == 1
    fold(board, moved("suspend", due))
    assert "overdue" not in numbers(board, due + 1)
    fold(board, moved("resume", due + 2))
    assert numbers(board, due + 3)["overdue"] == 1


def test_todays_numbers_are_of_shanghais_day(board):
    midnight = NOON - DAY_MS // 2
    fold(board, reported(board, "1", midnight - 1), reported(board, "2", midnight))
    fold(board, moved("close", midnight - 1, "1"), moved("close", midnight, "2"))
    found = numbers(board)
    assert (found["reported_today"], found["closed_today"]) == (1, 1)


def test_a_rejected_case_is_not_closed(board):
    fold(board, reported(board, at_ms=NOON - 1), moved("reject"))
    assert "closed_today" not in numbers(board)


def test_on_time_is_of_the_cases_due_today(board):
    yesterday = NOON - DAY_MS
    for incident in ("on time", "late", "open"):
        fold(board, reported(board, incident, yesterday, "99-99"))
    fold(board, moved("close", NOON, "on time"), moved("close", NOON + 1, "late"))
    found = numbers(board, NOON + 2)
    assert (found["due_today"], found["closed_on_time_today"]) == (3, 1)


def test_a_case_due_later_today_has_not_missed_its_deadline(board):
    fold(board, reported(board, "1", NOON, "05-06"))
    due = board.incidents.by_id["1"].due_ms
    assert "due_today" not in numbers(board, due)
    assert numbers(board, due + 1)["due_today"] == 1


def test_what_ended_long_ago_is_forgotten_and_named(board):
    old, recent = NOON - (ENDED_KEPT_DAYS + 3) * DAY_MS, NOON - ENDED_KEPT_DAYS * DAY_MS
    fold(board, reported(board, "old", old, "99-99"), moved("close", old + 1, "old"))
    fold(board, reported(board, "lately", old, "99-99"), moved("close", recent, "lately"))
    fold(board, reported(board, "open", old, "99-99"), moved("file", old, "orphan"))
    assert sorted(board.incidents.forget_old(NOON)) == ["old", "orphan"]
    assert sorted(board.incidents.by_id) == ["lately", "open"]
    assert numbers(board)["open"] == 1
    assert board.incidents.forget_old(NOON) == []


def test_the_history_of_one_case_is_bounded_and_keeps_the_newest(board):
    fold(board, *(moved("handle", NOON + i) for i in range(MOVES_KEPT + 10)))
    moves = board.incidents.by_id["1"].moves
    assert len(moves) == MOVES_KEPT
    assert moves[-1].observed_ms == NOON + MOVES_KEPT + 9
