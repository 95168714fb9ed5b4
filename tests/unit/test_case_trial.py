"""A rule about cases, tried on what is kept of them: it would have raised when the rule does."""

import pytest

from dashboard.domain.alert_rules import Kind
from dashboard.domain.board import Board
from dashboard.domain.case_trial import Span, case_trial
from dashboard.domain.events import Chunk
from dashboard.domain.sites import Sites
from dashboard.whistles import load_whistle_limits
from tests.alerts import rule
from tests.cases import GRID, move, report
from tests.conftest import NOON
from tests.unit.test_alert_measures import GUANDU, MINUTE, MONDAY_14

WEEK = 7 * 24 * 60 * MINUTE
LIMIT = 240 * MINUTE  # of class 01-10: four working hours, until 18:00


@pytest.fixture
def kept(region, classes):
    return Kept(region, classes)


class Kept:
    """A board that heard of cases, and the trials of rules on it."""

    def __init__(self, region, classes):
        self.region = region
        self.board = Board(region, classes, Sites([]))
        self._n = 0

    def fold(self, *events, at_ms=NOON):
        self._n += 1
        self.board.fold([Chunk("north", at_ms, tuple(events), f"{self._n}-0")])

    def tried(self, kind, threshold, now_ms, **more):
        """Instants and sources, with when it was over."""
        one = rule("tried", kind=kind, threshold=threshold, **more)
        span = Span(now_ms - WEEK, now_ms)
        limits = load_whistle_limits(GUANDU)
        found = case_trial(one, self.board.incidents, self.region, span, limits)
        return [(raised.at_ms, raised.source, raised.end_ms) for raised in found]


def of_case(**more):
    return report(at_ms=MONDAY_14, incident="1", grid=GRID, **({"priority": 2} | more))


def test_a_case_near_its_limit_is_raised_at_its_share_of_it(kept):
    kept.fold(of_case())
    reached = MONDAY_14 + round(LIMIT * 0.8)
    assert kept.tried(Kind.INCIDENT_AT_LIMIT, 80, reached - 1) == []
    assert kept.tried(Kind.INCIDENT_AT_LIMIT, 80, reached) == [(reached, "1", None)]
    late = MONDAY_14 + LIMIT
    assert kept.tried(Kind.INCIDENT_AT_LIMIT, 80, late) == [(reached, "1", late)]


def test_a_late_case_is_raised_at_its_limit_until_somebody_presses_it(kept):
    kept.fold(of_case())
    late = MONDAY_14 + LIMIT
    assert kept.tried(Kind.INCIDENT_OVERDUE, 0, late - 1) == []
    assert kept.tried(Kind.INCIDENT_OVERDUE, 0, late) == [(late, "1", None)]
    after = late + 30 * MINUTE
    assert kept.tried(Kind.INCIDENT_OVERDUE, 30, after, on_delay_s=60) == []
    assert kept.tried(Kind.INCIDENT_OVERDUE, 30, after) == [(after, "1", None)]
    kept.fold(move("supervise", after, incident="1"))
    assert kept.tried(Kind.INCIDENT_OVERDUE, 0, after) == [(late, "1", after)]
    assert kept.tried(Kind.INCIDENT_OVERDUE, 30, after) == []  # pressed just in time


@pytest.mark.parametrize("action", ["supervise", "cancel"])
def test_what_was_pressed_or_ended_before_its_limit_is_not_raised(kept, action):
    kept.fold(of_case())
    kept.fold(move(action, MONDAY_14 + LIMIT - 1, incident="1"))
    assert kept.tried(Kind.INCIDENT_OVERDUE, 0, MONDAY_14 + 2 * LIMIT) == []


def test_cases_that_are_not_urgent_are_not_raised(kept):
    kept.fold(of_case(priority=3))
    for kind in (Kind.INCIDENT_AT_LIMIT, Kind.INCIDENT_OVERDUE):
        assert kept.tried(kind, 0, MONDAY_14 + 2 * LIMIT) == []
        assert len(kept.tried(kind, 0, MONDAY_14 + 2 * LIMIT, parameters={"max_priority": 3})) == 1


@pytest.mark.parametrize("lag_ms", [0, 20 * MINUTE])
def test_a_p1_is_raised_so_long_after_it_came(kept, lag_ms):
    kept.fold(of_case(priority=1), at_ms=MONDAY_14 + lag_ms)
    due = MONDAY_14 + lag_ms + 5 * MINUTE
    assert kept.tried(Kind.P1_UNACKNOWLEDGED, 5, due - 1) == []
    assert kept.tried(Kind.P1_UNACKNOWLEDGED, 5, due) == [(due, "1", None)]
    kept.fold(move("acknowledge", due + MINUTE, incident="1"))
    assert kept.tried(Kind.P1_UNACKNOWLEDGED, 5, due + MINUTE) == [(due, "1", due + MINUTE)]
    assert kept.tried(Kind.P1_UNACKNOWLEDGED, 6, due + MINUTE) == []


def test_a_called_department_is_raised_when_each_of_its_clocks_is_used_up(kept):
    kept.fold(report(incident="1", grid=GRID, priority=2))
    blown = move("whistle", NOON, incident="1", kind="emergency", called=("paishui",))
    kept.fold(blown)
    limits = load_whistle_limits(GUANDU)
    (kind,) = [k for k in limits if k.value == "emergency"]
    due = NOON + limits[kind].acknowledge * MINUTE
    assert kept.tried(Kind.WHISTLE_UNANSWERED, 100, due - 1) == []
    assert [one[0] for one in kept.tried(Kind.WHISTLE_UNANSWERED, 100, due)] == [due]
    assert kept.tried(Kind.WHISTLE_UNANSWERED, 50, due)[0][0] == NOON + (due - NOON) // 2


@pytest.mark.parametrize(("n", "found"), [(4, []), (5, ["0"])])
def test_a_cluster_is_raised_once_under_its_first_case(kept, n, found):
    for place in range(n):
        kept.fold(report(at_ms=NOON + place, incident=f"{place}", grid=GRID, lon=102.71, lat=25.01))
    tried = kept.tried(Kind.SIMILAR_CLUSTER, 5, NOON + MINUTE)
    assert [source for _, source, _ in tried] == found
    assert all(at_ms == NOON + 4 for at_ms, _, _ in tried)


def test_a_rule_of_one_area_is_tried_there_alone(kept):
    kept.fold(of_case())
    now_ms = MONDAY_14 + 2 * LIMIT
    assert len(kept.tried(Kind.INCIDENT_OVERDUE, 0, now_ms, area="530111001")) == 1
    assert kept.tried(Kind.INCIDENT_OVERDUE, 0, now_ms, area="530111002") == []
