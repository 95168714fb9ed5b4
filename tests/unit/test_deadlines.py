"""Deadlines, suspensions and extensions on the four clocks, on days of the calendar of 2026."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.clock import DAY_MS, SHANGHAI, from_ms, to_ms
from dashboard.domain.deadlines import (
    HOUR_MS,
    SHANGHAI_OFFSET_MS,
    WORK_HOURS,
    Pause,
    Standstill,
    deadline,
    due_ms,
    open_ms,
    pause_of,
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


def spell(ms):
    """Shanghai time without a zone, as `moment` takes it."""
    return None if ms is None else from_ms(ms).astimezone(SHANGHAI).isoformat("T", "minutes")[:16]


def suspended(*pauses):
    return [(moment(begin), None if end is None else moment(end)) for begin, end in pauses]


def is_worked(ms):
    return CALENDAR.is_working_day((ms + SHANGHAI_OFFSET_MS) // DAY_MS)


# Days of 2026 are those of the State Council's notice 国办发明电〔2025〕7号 of 2025-11-04,
# https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm, as `chinesecalendar` has them.
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
        # Spring Festival, 15 to 23 February, from the worked Saturday before it
        ("2026-02-14T16:00", 2, URGENT, "2026-02-14T18:00"),
        ("2026-02-14T16:00", 4, WORK_HOUR, "2026-02-24T10:00"),
        ("2026-02-14T16:00", 2, NATURAL, "2026-02-16T16:00"),
        ("2026-02-14T16:00", 1, WORK_DAY, "2026-02-24T16:00"),
        # Saturday 19 September is free, Sunday 20 September worked (调休)
        ("2026-09-18T16:00", 4, URGENT, "2026-09-18T20:00"),
        ("2026-09-18T16:00", 4, WORK_HOUR, "2026-09-20T10:00"),
        ("2026-09-18T16:00", 1, NATURAL, "2026-09-19T16:00"),
        ("2026-09-18T16:00", 1, WORK_DAY, "2026-09-20T16:00"),
        # a plain weekend
        ("2026-11-20T23:00", 2, URGENT, "2026-11-21T01:00"),
        ("2026-11-20T16:00", 1, NATURAL, "2026-11-21T16:00"),
        # 2035 is not announced: its National Day, a Monday, counts as worked
        ("2035-09-28T10:00", 1, WORK_DAY, "2035-10-01T10:00"),
        ("2035-10-01T10:00", 2, WORK_HOUR, "2035-10-01T12:00"),
    ],
)
def test_due(reported, amount, clock, expected):
    due = due_ms(moment(reported), Limit(amount, clock, 1), CALENDAR)
    assert from_ms(due) == from_ms(moment(expected))
    assert deadline(moment(reported), Limit(amount, clock, 1), CALENDAR).due_ms == due


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


# --- suspended and extended


@pytest.mark.parametrize(
    ("start", "amount", "clock", "pauses", "due"),
    [
        # before the clock starts, and up to its start
        ("2026-11-23T10:00", 2, URGENT, [("2026-11-23T08:00", "2026-11-23T09:00")], "T12:00"),
        ("2026-11-23T10:00", 2, URGENT, [("2026-11-23T08:00", "2026-11-23T10:00")], "T12:00"),
        # over its start, from its start
        ("2026-11-23T10:00", 2, URGENT, [("2026-11-23T08:00", "2026-11-23T11:00")], "T13:00"),
        ("2026-11-23T10:00", 2, URGENT, [("2026-11-23T10:00", "2026-11-23T10:30")], "T12:30"),
        # after it fell due
        ("2026-11-23T10:00", 2, URGENT, [("2026-11-23T12:00", "2026-11-23T15:00")], "T12:00"),
        ("2026-11-23T10:00", 2, URGENT, [("2026-11-23T13:00", "2026-11-23T15:00")], "T12:00"),
        # of no length
        ("2026-11-23T10:00", 2, URGENT, [("2026-11-23T11:00", "2026-11-23T11:00")], "T12:00"),
        # over noon, where the clock stands anyway; half in, half out
        ("2026-11-23T11:00", 2, WORK_HOUR, [("2026-11-23T12:00", "2026-11-23T14:00")], "T15:00"),
        ("2026-11-23T11:00", 2, WORK_HOUR, [("2026-11-23T11:30", "2026-11-23T13:00")], "T15:30"),
        # over night
        (
            "2026-11-23T16:00", 4, WORK_HOUR, [("2026-11-23T17:00", "2026-11-24T09:00")],
            "2026-11-24T12:00",
        ),
        (
            "2026-11-23T16:00", 4, WORK_HOUR, [("2026-11-23T18:30", "2026-11-24T07:30")],
            "2026-11-24T10:00",
        ),
        # over a holiday, and inside one
        (
            "2026-09-29T10:00", 2, WORK_DAY, [("2026-09-30T10:00", "2026-10-08T10:00")],
            "2026-10-09T10:00",
        ),
        (
            "2026-09-30T10:00", 1, WORK_DAY, [("2026-10-01T00:00", "2026-10-07T12:00")],
            "2026-10-08T10:00",
        ),
        (
            "2026-02-14T16:00", 4, WORK_HOUR, [("2026-02-14T17:00", "2026-02-24T09:00")],
            "2026-02-24T12:00",
        ),
        # again and again
        (
            "2026-11-23T10:00", 1, NATURAL,
            [
                ("2026-11-23T11:00", "2026-11-23T13:00"),
                ("2026-11-23T13:00", "2026-11-23T14:00"),
                ("2026-11-24T01:00", "2026-11-24T04:00"),
            ],
            "2026-11-24T16:00",
        ),
        # a suspension of a year
        (
            "2025-11-20T10:00", 1, WORK_DAY, [("2025-11-20T12:00", "2026-11-20T12:00")],
            "2026-11-23T10:00",
        ),
    ],
)  # fmt: skip
def test_what_was_left_is_kept(start, amount, clock, pauses, due):
    held = deadline(moment(start), Limit(amount, clock, 1), CALENDAR, pauses=suspended(*pauses))
    assert spell(held.due_ms) == (due if len(due) == 16 else start[:10] + due)
    assert (held.left_ms, held.marks_ms[2]) == (None, held.due_ms)


@pytest.mark.parametrize(
    ("pauses", "left_h", "marks"),
    [
        ([("2026-11-23T09:00", None)], 4, (None, None, None)),
        ([("2026-11-23T10:00", None)], 4, (None, None, None)),
        ([("2026-11-23T11:30", None)], 2.5, (None, None, None)),
        ([("2026-11-23T12:00", None)], 2, ("2026-11-23T12:00", None, None)),
        ([("2026-11-23T13:30", None)], 0.5, ("2026-11-23T12:00", "2026-11-23T13:12", None)),
        (
            [("2026-11-23T14:00", None)],
            0,
            ("2026-11-23T12:00", "2026-11-23T13:12", "2026-11-23T14:00"),
        ),
        (
            [("2026-11-23T17:00", None)],
            -3,
            ("2026-11-23T12:00", "2026-11-23T13:12", "2026-11-23T14:00"),
        ),
        (
            [("2026-11-23T11:00", "2026-11-23T12:00"), ("2026-11-23T13:30", None)],
            1.5,
            ("2026-11-23T13:00", None, None),
        ),
        (
            [("2026-11-23T15:00", "2026-11-23T16:00"), ("2026-11-23T17:00", None)],
            -2,
            ("2026-11-23T12:00", "2026-11-23T13:12", "2026-11-23T14:00"),
        ),
    ],
)
def test_a_suspended_case_is_due_at_no_instant(pauses, left_h, marks):
    held = deadline(
        moment("2026-11-23T10:00"), Limit(4, URGENT, 1), CALENDAR, pauses=suspended(*pauses)
    )
    assert (held.due_ms, held.left_ms) == (None, left_h * HOUR_MS)
    assert tuple(spell(mark) for mark in held.marks_ms) == marks


def test_a_weekend_suspension_leaves_open_time_only():
    held = deadline(
        moment("2026-11-20T16:00"),
        Limit(4, WORK_HOUR, 1),
        CALENDAR,
        pauses=suspended(("2026-11-22T12:00", None)),
    )
    assert (held.due_ms, held.left_ms) == (None, 2 * HOUR_MS)


@pytest.mark.parametrize(
    ("n_extensions", "marks"),
    [
        (0, ("2026-11-23T22:00", "2026-11-24T05:12", "2026-11-24T10:00")),
        (1, ("2026-11-24T10:00", "2026-11-25T00:24", "2026-11-25T10:00")),
        (2, ("2026-11-24T22:00", "2026-11-25T19:36", "2026-11-26T10:00")),
    ],
)
def test_an_extension_is_the_limit_once_more(n_extensions, marks):
    start, limit = moment("2026-11-23T10:00"), Limit(1, WORK_DAY, 1)
    held = deadline(start, limit, CALENDAR, n_extensions=n_extensions)
    assert tuple(spell(mark) for mark in held.marks_ms) == marks
    assert spell(held.due_ms) == marks[2]


def test_extended_while_suspended():
    pauses = suspended(("2026-11-23T13:00", None))
    start, limit = moment("2026-11-23T10:00"), Limit(2, URGENT, 1)
    left = [
        deadline(start, limit, CALENDAR, pauses=pauses, n_extensions=n).left_ms for n in (0, 1, 2)
    ]
    assert left == [-HOUR_MS, HOUR_MS, 3 * HOUR_MS]


@pytest.mark.parametrize(
    ("start", "amount", "clock", "marks"),
    [
        ("2026-11-23T08:00", 10, WORK_HOUR, ("23T15:00", "23T18:00", "24T10:00")),
        ("2026-11-20T08:00", 16, WORK_HOUR, ("20T18:00", "23T14:48", "23T18:00")),
        ("2026-11-20T00:00", 2, WORK_DAY, ("21T00:00", "23T14:24", "24T00:00")),
    ],
)
def test_marks_used_up_with_an_opening_are_met_at_its_end(start, amount, clock, marks):
    held = deadline(moment(start), Limit(amount, clock, 1), CALENDAR)
    assert tuple(spell(mark)[8:] for mark in held.marks_ms) == marks


# --- years without a calendar


@pytest.mark.parametrize(
    ("start", "clock", "expected"),
    [
        ("2035-12-28T10:00", WORK_DAY, ("2035-12-31T10:00", True)),
        ("2035-12-28T10:00", WORK_HOUR, ("2035-12-28T11:00", True)),
        ("2035-12-28T10:00", NATURAL, ("2035-12-29T10:00", False)),
        ("2035-12-28T10:00", URGENT, ("2035-12-28T11:00", False)),
    ],
)
def test_a_year_without_a_calendar_makes_it_provisional(start, clock, expected):
    held = deadline(moment(start), Limit(1, clock, 1), CALENDAR)
    assert (spell(held.due_ms), held.is_provisional) == expected


@pytest.mark.parametrize(
    ("start", "pauses", "due", "is_provisional"),
    [
        ("2026-12-30T10:00", [], "2026-12-31T10:00", False),
        ("2026-12-31T00:00", [], "2027-01-01T00:00", False),
        ("2026-12-31T10:00", [], "2027-01-01T10:00", True),
        ("2026-12-31T10:00", [("2026-12-31T18:00", None)], None, False),
        ("2026-12-31T10:00", [("2027-01-01T00:00", None)], None, False),
        ("2026-12-31T10:00", [("2026-12-31T18:00", "2027-01-04T08:00")], "2027-01-05T00:00", True),
    ],
)
def test_only_days_that_were_counted_make_it_provisional(start, pauses, due, is_provisional):
    announced_to_2026 = Announced(2026)
    held = deadline(
        moment(start), Limit(1, WORK_DAY, 1), announced_to_2026, pauses=suspended(*pauses)
    )
    assert (spell(held.due_ms), held.is_provisional) == (due, is_provisional)


class Announced(ChinaCalendar):
    """The calendar as it was before a later year was announced."""

    def __init__(self, last_year):
        super().__init__()
        self._end = (moment(f"{last_year + 1}-01-01T00:00") + SHANGHAI_OFFSET_MS) // DAY_MS

    def is_published(self, day):
        return day < self._end and super().is_published(day)

    def is_working_day(self, day):
        return super().is_working_day(day) if day < self._end else (day + 3) % 7 < 5


# --- what counts, and when nothing does


@pytest.mark.parametrize(
    ("start", "end", "clock", "hours"),
    [
        ("2026-11-20T16:00", "2026-11-23T10:00", WORK_HOUR, 4),
        ("2026-11-20T16:00", "2026-11-23T10:00", WORK_DAY, 18),
        ("2026-11-20T16:00", "2026-11-23T10:00", URGENT, 66),
        ("2026-11-20T16:00", "2026-11-23T10:00", NATURAL, 66),
        ("2026-11-21T00:00", "2026-11-23T00:00", WORK_DAY, 0),
        ("2026-11-20T16:00", "2026-11-20T16:00", URGENT, 0),
        ("2026-11-20T17:00", "2026-11-20T16:00", URGENT, 0),
    ],
)
def test_open_time_between_two_instants(start, end, clock, hours):
    assert open_ms(moment(start), moment(end), Limit(1, clock, 1), CALENDAR) == hours * HOUR_MS


@UNHURRIED
@given(INSTANT, LIMIT)
def test_from_report_to_deadline_the_limit_is_open(reported_ms, limit):
    unit_ms = HOUR_MS if limit.clock in (URGENT, WORK_HOUR) else DAY_MS
    due = due_ms(reported_ms, limit, CALENDAR)
    assert open_ms(reported_ms, due, limit, CALENDAR) == limit.amount * unit_ms


@pytest.mark.parametrize(
    ("now", "clock", "expected"),
    [
        ("2026-11-20T19:00", WORK_HOUR, (Standstill.OUTSIDE_HOURS, "2026-11-23T08:00")),
        ("2026-11-20T03:00", WORK_HOUR, (Standstill.OUTSIDE_HOURS, "2026-11-20T08:00")),
        ("2026-11-20T12:00", WORK_HOUR, (Standstill.OUTSIDE_HOURS, "2026-11-20T14:00")),
        ("2026-11-20T11:59", WORK_HOUR, None),
        ("2026-11-20T14:00", WORK_HOUR, None),
        ("2026-11-20T03:00", WORK_DAY, None),
        ("2026-11-21T10:00", WORK_HOUR, (Standstill.WEEKEND, "2026-11-23T08:00")),
        ("2026-11-21T10:00", WORK_DAY, (Standstill.WEEKEND, "2026-11-23T00:00")),
        ("2026-11-21T10:00", URGENT, None),
        ("2026-11-21T10:00", NATURAL, None),
        # the Sunday that begins the Spring Festival, its middle Saturday, and National Day
        ("2026-02-15T10:00", WORK_HOUR, (Standstill.HOLIDAY, "2026-02-24T08:00")),
        ("2026-02-21T10:00", WORK_DAY, (Standstill.HOLIDAY, "2026-02-24T00:00")),
        ("2026-10-01T10:00", WORK_DAY, (Standstill.HOLIDAY, "2026-10-08T00:00")),
        # Dragon Boat Festival, Friday to Sunday
        ("2026-06-20T10:00", WORK_HOUR, (Standstill.HOLIDAY, "2026-06-22T08:00")),
        # worked weekend days, and the free Saturday before one
        ("2026-10-10T10:00", WORK_HOUR, None),
        ("2026-09-20T10:00", WORK_DAY, None),
        ("2026-09-19T10:00", WORK_DAY, (Standstill.WEEKEND, "2026-09-20T00:00")),
    ],
)
def test_why_a_clock_stands_still(now, clock, expected):
    pause = pause_of(moment(now), Limit(1, clock, 1), CALENDAR)
    told = None if pause is None else (pause.reason, spell(pause.resumes_ms))
    assert told == expected
    assert pause is None or pause.is_provisional is False


def test_a_standstill_in_a_year_without_a_calendar_is_provisional():
    now = moment("2035-10-06T10:00")
    assert pause_of(now, Limit(1, WORK_DAY, 1), CALENDAR) == Pause(
        Standstill.WEEKEND, moment("2035-10-08T00:00"), is_provisional=True
    )


# --- counted the slow way, minute by minute

MINUTE_MS = 60_000
NEAR_HOLIDAYS = st.sampled_from(
    ["2026-02-12", "2026-02-13", "2026-02-27", "2026-09-17", "2026-09-29", "2026-12-29"]
)
CUTS = st.lists(st.integers(-600, 14_000), max_size=6, unique=True).map(sorted)


def is_open(ms, clock, calendar):
    if clock in (URGENT, NATURAL):
        return True
    day, in_day_ms = divmod(ms + SHANGHAI_OFFSET_MS, DAY_MS)
    in_hours = in_day_ms // HOUR_MS in (8, 9, 10, 11, 14, 15, 16, 17)
    return calendar.is_working_day(day) and (clock is WORK_DAY or in_hours)


def slowly(start_ms, limit, pauses, n_extensions):
    """(due, left, marks, provisional) as a `Deadline` has them, by a look at every minute."""
    unit_minutes = 60 if limit.clock in (URGENT, WORK_HOUR) else 24 * 60
    allowed = limit.amount * unit_minutes * (1 + n_extensions)
    wanted = {allowed // 2: 0, allowed * 4 // 5: 1, allowed: 2}
    is_paused = bool(pauses) and pauses[-1][1] is None
    marks, counted, now, is_provisional = [None] * 3, 0, start_ms, False
    while (is_paused and now < pauses[-1][0]) or (not is_paused and marks[2] is None):
        if not any(begin <= now and (end is None or now < end) for begin, end in pauses):
            if limit.clock in (WORK_HOUR, WORK_DAY):
                day = (now + SHANGHAI_OFFSET_MS) // DAY_MS
                is_provisional |= not CALENDAR.is_published(day)
            if is_open(now, limit.clock, CALENDAR):
                counted += 1
                if counted in wanted:
                    marks[wanted[counted]] = now + MINUTE_MS
        now += MINUTE_MS
    left_ms = (allowed - counted) * MINUTE_MS if is_paused else None
    return None if is_paused else marks[2], left_ms, tuple(marks), is_provisional


@settings(deadline=None, max_examples=150)
@given(NEAR_HOLIDAYS, st.integers(0, 1439), st.sampled_from(ClockType), CUTS, st.data())
def test_minute_by_minute_it_comes_to_the_same(day, minute, clock, cuts, data):
    start_ms = moment(f"{day}T00:00") + minute * MINUTE_MS
    amount = data.draw(st.integers(1, 24 if clock in (URGENT, WORK_HOUR) else 5))
    n_extensions = data.draw(st.integers(0, 2))
    limit = Limit(amount, clock, 1)
    at_ms = [start_ms + cut * MINUTE_MS for cut in cuts]
    pauses = list(zip(at_ms[::2], [*at_ms[1::2], None], strict=False))
    held = deadline(start_ms, limit, CALENDAR, pauses=pauses, n_extensions=n_extensions)
    expected = slowly(start_ms, limit, pauses, n_extensions)
    assert (held.due_ms, held.left_ms, held.marks_ms, held.is_provisional) == expected
