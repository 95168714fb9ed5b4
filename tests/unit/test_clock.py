"""Time in one place: UTC inside, Shanghai's days."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboard.clock import (
    DAY_MS,
    FixedClock,
    SystemClock,
    from_ms,
    iso,
    local_day,
    local_day_start_ms,
    to_ms,
)
from tests.conftest import NOON

MIDNIGHT = NOON - 12 * 3_600_000


def test_a_fixed_clock_stands_until_it_is_moved():
    clock = FixedClock(NOON)
    assert clock.now_ms() == clock.now_ms() == NOON
    clock.move(1.5)
    assert clock.now_ms() == NOON + 1_500


def test_the_systems_clock_goes_forward():
    first = SystemClock().now_ms()
    assert first > NOON - 10 * 365 * DAY_MS
    assert SystemClock().now_ms() >= first


def test_moments_survive_the_way_there_and_back():
    east = datetime(2026, 11, 22, 12, 0, 0, 123_000, timezone(timedelta(hours=8)))
    assert to_ms(east) == NOON + 123
    assert from_ms(NOON + 123) == east
    assert from_ms(NOON).tzinfo is UTC


def test_moments_are_written_as_rfc_3339_with_milliseconds():
    assert iso(NOON + 7) == "2026-11-22T04:00:00.007Z"


@pytest.mark.parametrize(
    ("moment", "day", "start"),
    [
        (NOON, "2026-11-22", MIDNIGHT),
        (MIDNIGHT, "2026-11-22", MIDNIGHT),
        (MIDNIGHT - 1, "2026-11-21", MIDNIGHT - DAY_MS),
        (MIDNIGHT + DAY_MS - 1, "2026-11-22", MIDNIGHT),
    ],
)
def test_a_day_is_shanghais(moment, day, start):
    assert local_day(moment) == day
    assert local_day_start_ms(moment) == start
