"""How a day goes: reports and closes hour by hour, and what was open at an instant.

Counted over the incidents that are kept, so it reaches back seven whole days: as far as the same
weekday of the week before.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.clock import DAY_MS, local_day_start_ms
from dashboard.domain.areas import Region

HOURS: Final = 24
HOUR_MS: Final = 3_600_000
WEEK_MS: Final = 7 * DAY_MS
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of every area: `reported` and `closed` by the hour, each (areas, 24)."""

    reported: Counts
    closed: Counts


@dataclass(frozen=True, slots=True)
class Pulse:
    """Today and the same weekday a week ago, of every area by its index.

    `week_ago` is None where nothing ended on that day: then nothing is known of it, which is not
    none. `so_far` is (areas, 2): reported and closed on that day until the time it is now.
    `open_day` is (areas, 24): what was open at each of the last 24 full hours, the oldest first.
    """

    today: Day
    week_ago: Day | None
    so_far: Counts
    open_at_midnight: Counts
    open_a_week_ago: Counts
    open_day: Counts
    closed_in_time: Counts
    oldest_due_ms: npt.NDArray[np.int64]  # (areas,) of the open ones past it; 0 where there is none


def pulse(region: Region, rows: npt.NDArray[np.void], now_ms: int) -> Pulse:
    """`rows` are of the table of incidents (`incident_rows.DTYPE`)."""
    rows = rows[rows["grid"] >= 0]
    midnight = local_day_start_ms(now_ms)
    before = midnight - WEEK_MS
    ended_then = (rows["ended_ms"] >= before) & (rows["ended_ms"] < before + DAY_MS)
    reported_then = _between(rows["reported_ms"], before, now_ms - WEEK_MS)
    closed_then = rows["closed"] & _between(rows["ended_ms"], before, now_ms - WEEK_MS)
    full_hour = now_ms - now_ms % HOUR_MS
    opens = [full_hour - hour * HOUR_MS for hour in reversed(range(HOURS))]
    in_time = (rows["ended_ms"] <= rows["due_ms"]) | rows["exempt"]
    today = rows["closed"] & (rows["ended_ms"] >= midnight)
    counted = _counted(
        region,
        rows["grid"],
        [
            reported_then,
            closed_then,
            _open_at(rows, midnight),
            _open_at(rows, now_ms - WEEK_MS),
            today & in_time,
            *(_open_at(rows, at_ms) for at_ms in opens),
        ],
    )
    return Pulse(
        today=_day(region, rows, midnight),
        week_ago=_day(region, rows, before) if ended_then.any() else None,
        so_far=counted[:, :2],
        open_at_midnight=counted[:, 2],
        open_a_week_ago=counted[:, 3],
        closed_in_time=counted[:, 4],
        open_day=counted[:, 5:],
        oldest_due_ms=_oldest(region, rows, now_ms),
    )


def _between(times: npt.NDArray[np.int64], start_ms: int, end_ms: int) -> npt.NDArray[np.bool_]:
    return (times >= start_ms) & (times < end_ms)


def _open_at(rows: npt.NDArray[np.void], at_ms: int) -> npt.NDArray[np.bool_]:
    """Reported by then and not ended then."""
    still = rows["open"] | (rows["ended_ms"] > at_ms)
    is_open: npt.NDArray[np.bool_] = (rows["reported_ms"] <= at_ms) & still
    return is_open


def _counted(
    region: Region, grids: npt.NDArray[np.int32], masks: list[npt.NDArray[np.bool_]]
) -> Counts:
    """How many rows of each mask lie in each area, shape (areas, masks)."""
    table = np.zeros((len(region.areas), len(masks)), dtype=np.int32)
    first, n_grids = region.first_grid, len(region.grids)
    for column, mask in enumerate(masks):
        table[first:, column] = np.bincount(grids[mask] - first, minlength=n_grids)
    region.roll_up(table)
    return table


def _day(region: Region, rows: npt.NDArray[np.void], start_ms: int) -> Day:
    closed_ms = np.where(rows["closed"], rows["ended_ms"], -1)
    return Day(
        _by_hour(region, rows["grid"], rows["reported_ms"], start_ms),
        _by_hour(region, rows["grid"], closed_ms, start_ms),
    )


def _by_hour(
    region: Region, grids: npt.NDArray[np.int32], times: npt.NDArray[np.int64], start_ms: int
) -> Counts:
    of_day = _between(times, start_ms, start_ms + DAY_MS)
    hours = (times[of_day] - start_ms) // HOUR_MS
    cells = (grids[of_day] - region.first_grid) * HOURS + hours
    table = np.zeros((len(region.areas), HOURS), dtype=np.int32)
    counts = np.bincount(cells, minlength=len(region.grids) * HOURS)
    table[region.first_grid :] = counts.reshape(-1, HOURS)
    region.roll_up(table)
    return table


def _oldest(region: Region, rows: npt.NDArray[np.void], now_ms: int) -> npt.NDArray[np.int64]:
    """The deadline of the case of each area that is past it longest."""
    none = np.iinfo(np.int64).max
    oldest = np.full(len(region.areas), none, dtype=np.int64)
    late = rows["open"] & ~rows["suspended"] & (rows["due_ms"] < now_ms)
    for column in region.ancestors[rows["grid"][late]].T:
        np.minimum.at(oldest, column, rows["due_ms"][late])
    oldest[oldest == none] = 0
    return oldest
