"""Deadlines on the four clocks, against days of the real calendar of 2026."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.clock import DAY_MS, SHANGHAI, from_ms, to_ms
from dashboard.domain.deadlines import (
    HOUR_MS,
    SHANGHAI_OFFSET_MS,
    WORK_HOURS,
    due_ms,
)
from dashboard.domain.incident_classes import ClockType, Limit
from dashboard.domain.work_calendar import ChinaCalendar

URGENT, WORK_HOUR = ClockType.URGENT_HOUR, ClockType.WORK_HOUR
NATURAL, WORK_DAY = ClockType.NATURAL_DAY, ClockType.WORK_DAY
CALENDAR = ChinaCalendar()
UNHURRIED = settings(deadline=None)  # a busy machine is no failure
INSTANT = st.integers(
    to_ms(datetime(2020, 1, 1, tzinfo=SHANGHAI)), to_ms(datetime(2029, 12, 31, tzinfo=SHANGHAI))
)
LIMIT = st.builds(Limit, st.integers(1, 40), st.sampled_from(ClockType), st.just(1))


def moment(text):
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def day_number(text):
    return (moment(text) + SHANGHAI_OFFSET_MS) // DAY_MS


def is_worked(ms):
    return CALENDAR.is_working_day((ms + SHANGHAI_OFFSET_MS) // DAY_MS)


@pytest.mark.parametrize(
    ("reported", "amount", "clock", "expected"),
    [
        # nights, weekends and holidays count
        ("2026-10-01T23:30", 2, URGENT, "2026-10-02T01:30"),
        ("2026-10-01T23:30", 2, NATURAL, "2026-10-03T23:30"),
        # within the morning, over noon, over the night, over the weekend
        ("2026-11-20T08:30", 2, WORK_HOUR, "2026-11-20T10:30"),
        ("2026-11-20T11:00", 2, WORK_HOUR, "2026-11-20T15:00"),
        ("2026-11-19T17:00", 2, WORK_HOUR, "2026-11-20T09:00"),
        ("2026-11-20T17:00", 4, WORK_HOUR, "2026-11-23T11:00"),
        # outside working hours the clock has not started
        ("2026-11-20T06:00", 4, WORK_HOUR, "2026-11-20T12:00"),
        ("2026-11-20T12:30", 4, WORK_HOUR, "2026-11-20T18:00"),
        ("2026-11-20T18:00", 4, WORK_HOUR, "2026-11-23T12:00"),
        ("2026-11-21T10:00", 4, WORK_HOUR, "2026-11-23T12:00"),
        # a limit that ends with a span ends there, not at the next opening
        ("2026-11-20T08:00", 4, WORK_HOUR, "2026-11-20T12:00"),
        ("2026-11-20T08:00", 8, WORK_HOUR, "2026-11-20T18:00"),
        # working days: over a weekend, from a weekend
        ("2026-11-18T10:00", 1, WORK_DAY, "2026-11-19T10:00"),
        ("2026-11-20T10:00", 1, WORK_DAY, "2026-11-23T10:00"),
        ("2026-11-21T10:00", 1, WORK_DAY, "2026-11-24T00:00"),
        ("2026-11-20T10:00", 5, WORK_DAY, "2026-11-27T10:00"),
        ("2026-11-20T00:00", 1, WORK_DAY, "2026-11-21T00:00"),
        # National Day, 1 to 7 October; Saturday 10 October is worked instead
        ("2026-09-30T10:00", 1, WORK_DAY, "2026-10-08T10:00"),
        ("2026-10-09T10:00", 1, WORK_DAY, "2026-10-10T10:00"),
        ("2026-10-09T17:00", 2, WORK_HOUR, "2026-10-10T09:00"),
        # 2035 is not announced: its National Day, a Monday, counts as worked
        ("2035-09-28T10:00", 1, WORK_DAY, "2035-10-01T10:00"),
        ("2035-10-01T10:00", 2, WORK_HOUR, "2035-10-01T12:00"),
    ],
)
def test_due(reported, amount, clock, expected):
    due = due_ms(moment(reported), Limit(amount, clock, 1), CALENDAR)
    assert from_ms(due) == from_ms(moment(expected))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-10-01", False),
        ("2026-10-10", True),
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2035-10-01", True),
        ("2035-10-06", False),
        ("1999-10-01", True),
    ],
)
def test_the_calendar_knows_holidays_and_worked_weekends(day, expected):
    assert CALENDAR.is_working_day(day_number(day)) is expected


@UNHURRIED
@given(INSTANT, LIMIT)
def test_a_deadline_lies_after_the_report(reported_ms, limit):
    unit_ms = HOUR_MS if limit.clock in (URGENT, WORK_HOUR) else DAY_MS
    assert due_ms(reported_ms, limit, CALENDAR) >= reported_ms + limit.amount * unit_ms


@UNHURRIED
@given(INSTANT, st.integers(0, 30 * DAY_MS), LIMIT)
def test_a_later_report_is_never_due_earlier(reported_ms, later_ms, limit):
    first = due_ms(reported_ms, limit, CALENDAR)
    assert first <= due_ms(reported_ms + later_ms, limit, CALENDAR)


@UNHURRIED
@given(INSTANT, LIMIT)
def test_a_unit_more_is_due_later(reported_ms, limit):
    more = Limit(limit.amount + 1, limit.clock, 1)
    assert due_ms(reported_ms, limit, CALENDAR) < due_ms(reported_ms, more, CALENDAR)


@UNHURRIED
@given(INSTANT, st.integers(1, 40))
def test_work_hours_fall_due_in_work_hours(reported_ms, amount):
    due = due_ms(reported_ms, Limit(amount, WORK_HOUR, 1), CALENDAR)
    in_day_ms = (due + SHANGHAI_OFFSET_MS) % DAY_MS
    assert is_worked(due)
    assert any(opens < in_day_ms <= closes for opens, closes in WORK_HOURS)


@UNHURRIED
@given(INSTANT, st.integers(1, 15))
def test_work_days_count_as_many_working_days_as_the_limit(reported_ms, amount):
    """Counted the slow way: whole hours of working days between report and deadline."""
    reported_ms -= reported_ms % HOUR_MS
    due = due_ms(reported_ms, Limit(amount, WORK_DAY, 1), CALENDAR)
    hours = sum(is_worked(ms) for ms in range(reported_ms, due, HOUR_MS))
    assert hours == amount * timedelta(days=1) / timedelta(hours=1)
