"""Working days of the published years, of years nobody announced, and what a pack adds."""

from datetime import date

import pytest

from dashboard.domain.work_calendar import BASE_YEARS, CHINA, ChinaCalendar, day_of, is_weekend


@pytest.mark.parametrize(
    ("text", "is_worked"),
    [
        ("2026-10-01", False),
        ("2026-10-10", True),
        ("2026-09-20", True),
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2035-10-01", True),
        ("2035-10-06", False),
        ("1999-10-01", True),
        ("1999-10-02", False),
    ],
)
def test_holidays_and_worked_weekends(text, is_worked):
    assert CHINA.is_working_day(day_of(date.fromisoformat(text))) is is_worked


@pytest.mark.parametrize(
    ("text", "is_published"),
    [
        ("2003-12-31", False),
        ("2004-01-01", True),
        (f"{max(BASE_YEARS)}-12-31", True),
        (f"{max(BASE_YEARS) + 1}-01-01", False),
    ],
)
def test_a_year_is_published_or_not(text, is_published):
    assert CHINA.is_published(day_of(date.fromisoformat(text))) is is_published


def test_the_days_of_a_week():
    thursday = day_of(date(1970, 1, 1))
    assert thursday == 0
    assert [is_weekend(day) for day in range(-5, 7)] == [d % 7 in (2, 3) for d in range(-5, 7)]


def test_a_year_from_elsewhere_stands_for_the_whole_year():
    friday, saturday = day_of(date(2035, 10, 5)), day_of(date(2035, 10, 6))
    calendar = ChinaCalendar({2035: {friday: False, saturday: True}})
    assert [calendar.is_working_day(friday + n) for n in range(-1, 4)] == [
        True, False, True, False, True,
    ]  # fmt: skip
    assert [calendar.is_published(day_of(date(2035, *day))) for day in ((1, 1), (12, 31))] == [
        True,
        True,
    ]
    assert not calendar.is_published(day_of(date(2036, 1, 1)))
    assert calendar.published_years == (*sorted(BASE_YEARS), 2035)


def test_calendars_do_not_share_their_days():
    day = day_of(date(2026, 11, 20))
    assert not ChinaCalendar(days={day: False}).is_working_day(day)
    assert ChinaCalendar().is_working_day(day)
