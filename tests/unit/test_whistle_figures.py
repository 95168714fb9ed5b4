"""How departments answered, counted by hand."""

import pytest

from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.whistle_figures import (
    LEAST_SAMPLES,
    blown_in,
    department_figures,
    times,
    whistle_rate,
)
from dashboard.domain.whistles import MINUTE_MS, ClockName, Within, whistles_of
from tests.cases import move
from tests.conftest import NOON

LIMITS = dict.fromkeys(WhistleKind, Within(30, 60, 120))


def whistle(number, answered_after=None, marks=None):
    """Blown at NOON; the department answers after so many minutes."""
    name = f"w{number}"
    moves = [move("whistle", NOON, id=name, kind="daily", called=("a",))]
    later = {"whistle": name, "department": "a"}
    if answered_after is not None:
        at_ms = NOON + answered_after * MINUTE_MS
        moves.append(move("whistle", at_ms, id=f"{name}a", step="acknowledge", **later))
    if marks is not None:
        moves.append(move("whistle", NOON + 200 * MINUTE_MS, step="withdraw", whistle=name))
        rated = {"step": "rate", "speed": marks[0], "quality": marks[1]}
        moves.append(move("whistle", NOON + 201 * MINUTE_MS, **later, **rated))
    (found,) = whistles_of(moves, LIMITS, "", "")
    return found


def test_a_call_counts_once_it_was_answered_or_its_limit_is_over():
    whistles = [whistle(1, 30), whistle(2, 31), whistle(3)]
    for minutes, judged in ((10, 2), (30, 2), (31, 3)):
        (row,) = department_figures(whistles, NOON + minutes * MINUTE_MS)
        assert (row.called, row.answered, row.on_time, row.judged) == (3, 2, 1, judged)


@pytest.mark.parametrize("n", [LEAST_SAMPLES - 1, LEAST_SAMPLES])
def test_no_rate_is_said_of_too_few(n):
    whistles = [whistle(i, 40 if i == 0 else 10) for i in range(n)]
    (row,) = department_figures(whistles, NOON + 50 * MINUTE_MS)
    few = n < LEAST_SAMPLES
    assert row.on_time_rate == (None if few else pytest.approx((n - 1) / n))
    assert row.answer_rate == (None if few else 1.0)
    assert whistle_rate(3, n) == (None if few else pytest.approx(3 / n))


def test_times_are_those_that_were_really_there():
    assert times([]) == times(())
    assert times([]).median is None
    found = times([float(n) for n in range(10, 0, -1)])
    assert (found.n, found.median, found.p90) == (10, 5.0, 9.0)


def test_marks_are_averaged_with_their_number():
    (row,) = department_figures([whistle(1, 5, (5, 2)), whistle(2, 5, (2, 2))], NOON)
    assert (row.speed.n, row.speed.mean, row.quality.mean) == (2, 3.5, 2.0)
    assert row.minutes[ClockName.ACKNOWLEDGE].median == 5.0
    assert row.minutes[ClockName.ARRIVE].n == 0


def test_a_period_begins_with_its_first_instant_and_ends_before_its_last():
    one = whistle(1)
    assert blown_in([one], NOON, NOON + 1) == [one]
    assert blown_in([one], NOON + 1, NOON + 2) == blown_in([one], NOON - 1, NOON) == []
