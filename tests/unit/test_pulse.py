"""How a day goes, against the same day counted case by case."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard.clock import DAY_MS, local_day_start_ms
from dashboard.domain.incident_rows import BLANK, NEVER
from dashboard.domain.pulse import HOUR_MS, HOURS, WEEK_MS, pulse

NOW = 1_784_097_127_000  # 2026-07-15T14:32:07+08:00
MIDNIGHT = local_day_start_ms(NOW)
BEFORE = MIDNIGHT - WEEK_MS
MINUTE_MS = 60_000

CASES = st.lists(
    st.tuples(
        st.integers(0, 5),  # grid
        st.integers(NOW - 8 * DAY_MS, NOW),  # reported
        st.one_of(st.none(), st.integers(0, 8 * DAY_MS)),  # how long it lasted
        st.booleans(),  # closed, else rejected
        st.integers(-2 * DAY_MS, 2 * DAY_MS),  # deadline, from its end or from now
    ),
    max_size=60,
)


def rows_of(region, cases):
    rows = np.repeat(BLANK, len(cases))
    for row, (grid, reported, lasted, closed, due) in zip(rows, cases, strict=True):
        ended = NEVER if lasted is None else min(reported + lasted, NOW)
        row["grid"] = region.first_grid + 97 * grid
        row["reported_ms"], row["ended_ms"] = reported, ended
        row["open"], row["closed"] = lasted is None, lasted is not None and closed
        row["due_ms"] = (NOW if ended == NEVER else ended) + due
    return rows


@given(CASES)
@hypothesis_settings(deadline=None)
def test_every_number_is_what_counting_case_by_case_gives(region, cases):
    rows = rows_of(region, cases)
    found = pulse(region, rows, NOW)
    for area in (region.root, *region.children(region.root.code)[:3]):
        mine = [r for r in rows if region.is_within(region.areas[r["grid"]].code, area.code)]
        at = area.index
        for hour in range(HOURS):
            start = MIDNIGHT + hour * HOUR_MS
            assert found.today.reported[at, hour] == within(mine, "reported_ms", start)
            assert found.today.closed[at, hour] == within(closed(mine), "ended_ms", start)
        assert found.open_at_midnight[at] == open_at(mine, MIDNIGHT)
        assert found.open_a_week_ago[at] == open_at(mine, NOW - WEEK_MS)
        assert found.open_day[at].tolist() == [
            open_at(mine, NOW - NOW % HOUR_MS - hour * HOUR_MS) for hour in range(23, -1, -1)
        ]
        today = [r for r in closed(mine) if r["ended_ms"] >= MIDNIGHT]
        assert found.closed_in_time[at] == sum(r["ended_ms"] <= r["due_ms"] for r in today)
        late = [r["due_ms"] for r in mine if r["open"] and r["due_ms"] < NOW]
        assert found.oldest_due_ms[at] == min(late, default=0)
        assert found.so_far[at].tolist() == [
            sum(BEFORE <= r["reported_ms"] < NOW - WEEK_MS for r in mine),
            sum(BEFORE <= r["ended_ms"] < NOW - WEEK_MS for r in closed(mine)),
        ]


def within(rows, column, start):
    return sum(start <= row[column] < start + HOUR_MS for row in rows)


def closed(rows):
    return [row for row in rows if row["closed"]]


def open_at(rows, at_ms):
    return sum(r["reported_ms"] <= at_ms and (r["open"] or r["ended_ms"] > at_ms) for r in rows)


@given(CASES)
@hypothesis_settings(deadline=None, max_examples=30)
def test_the_sums_of_the_children_are_the_areas(region, cases):
    found = pulse(region, rows_of(region, cases), NOW)
    for table in (found.today.reported, found.today.closed, found.open_day, found.so_far):
        for area in (region.root, *region.children(region.root.code)):
            children = [child.index for child in region.children(area.code)]
            assert (table[children].sum(axis=0) == table[area.index]).all()


def test_a_day_of_which_nothing_is_known_is_not_a_day_of_none(region):
    still_open = rows_of(region, [(0, BEFORE + HOUR_MS, None, False, 0)])
    assert pulse(region, still_open, NOW).week_ago is None
    ended = rows_of(region, [(0, BEFORE + HOUR_MS, MINUTE_MS, True, 0)])
    held = pulse(region, ended, NOW)
    assert held.week_ago is not None
    assert held.week_ago.reported[0].tolist() == [0, 1, *[0] * 22]
    assert held.week_ago.closed[0, 1] == 1


def test_what_was_never_reported_counts_nowhere(region):
    rows = rows_of(region, [(0, NOW - HOUR_MS, None, False, -HOUR_MS)])
    rows["grid"] = -1
    found = pulse(region, rows, NOW)
    assert found.today.reported.sum() == found.open_day.sum() == found.oldest_due_ms.sum() == 0


@pytest.mark.parametrize("edge", [0, -1])
def test_midnight_in_shanghai_parts_the_days(region, edge):
    found = pulse(region, rows_of(region, [(0, MIDNIGHT + edge, None, False, 0)]), NOW)
    assert found.today.reported[0].sum() == 1 + edge
    assert found.open_at_midnight[0] == 1
