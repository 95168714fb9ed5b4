"""Grid staff as cover: who was last seen in which grid, check-ins per grid, and no trails."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dashboard.domain.areas import Region
from dashboard.domain.events import StaffCheckedIn
from dashboard.domain.metrics import COLUMN
from dashboard.domain.table import Table, column, newest

MINUTE_MS = 60_000
MINUTES_KEPT = 61  # the last hour and the running minute
FORGET_MS = 86_400_000

STAFF_DTYPE = np.dtype([("grid", "<i4"), ("seen_ms", "<i8"), ("feed", "<i2")])
_BLANK = np.array([(-1, -1, -1)], dtype=STAFF_DTYPE)


class Staff:
    """The last place of each (opaque) staff id, counted per grid only."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self.table = Table(_BLANK)
        self.covered_ms: npt.NDArray[np.int64] = np.full(len(region.grids), -1, dtype=np.int64)
        self.checkins: dict[int, npt.NDArray[np.int32]] = {}

    def check_in(self, events: Sequence[StaffCheckedIn], feed: int) -> set[int]:
        """Newest place wins, every check-in counts in its minute; the minutes that changed."""
        by_code, first = self._region.by_code, self._region.first_grid
        placed = [event for event in events if event.grid in by_code]
        n = len(placed)
        numbers = self.table.numbers([event.staff for event in placed])
        times = column((event.observed_ms for event in placed), n)
        grids = column((by_code[event.grid].index for event in placed), n)
        last = newest(numbers, times, grids)
        self.put(numbers[last], grids[last], times[last], feed)
        np.maximum.at(self.covered_ms, grids - first, times)
        return self._count(grids - first, times // MINUTE_MS)

    def put(
        self,
        numbers: npt.NDArray[np.int64],
        grids: npt.NDArray[np.int64],
        times: npt.NDArray[np.int64],
        feed: int,
    ) -> None:
        """Write places where they are newer; each number at most once."""
        rows = self.table.rows
        held_ms, held = rows["seen_ms"][numbers], rows["grid"][numbers]
        newer = (times > held_ms) | ((times == held_ms) & (grids > held))
        numbers = numbers[newer]
        rows["grid"][numbers] = grids[newer]
        rows["seen_ms"][numbers] = times[newer]
        rows["feed"][numbers] = feed

    def _count(self, grids: npt.NDArray[np.int64], minutes: npt.NDArray[np.int64]) -> set[int]:
        changed = set(np.unique(minutes).tolist())
        n_grids = len(self._region.grids)
        for minute in changed:
            counts = np.bincount(grids[minutes == minute], minlength=n_grids).astype(np.int32)
            held = self.checkins.get(minute)
            self.checkins[minute] = counts if held is None else held + counts
        return changed

    def forget_old(self, now_ms: int) -> tuple[list[str], list[int]]:
        """Drop minutes past the hour and staff not seen for a day; what was dropped."""
        oldest = now_ms // MINUTE_MS - MINUTES_KEPT + 1
        minutes = [minute for minute in self.checkins if minute < oldest]
        for minute in minutes:
            del self.checkins[minute]
        recent = self.table.rows["seen_ms"] >= now_ms - FORGET_MS
        return ([] if recent.all() else self.table.keep(recent)), minutes

    def measure(
        self, table: npt.NDArray[np.int32], now_ms: int, on_duty_ms: int, cover_ms: int
    ) -> None:
        """Write the staff columns of every grid into `table`, shape (areas, metrics)."""
        first, n_grids = self._region.first_grid, len(self._region.grids)
        rows = self.table.rows
        on_duty = (rows["grid"] >= 0) & (rows["seen_ms"] >= now_ms - on_duty_ms)
        table[first:, COLUMN["staff_on_duty"]] = np.bincount(
            rows["grid"][on_duty] - first, minlength=n_grids
        )
        table[first:, COLUMN["grids_total"]] = 1
        table[first:, COLUMN["grids_covered"]] = self.covered_ms >= now_ms - cover_ms
        oldest, newest_minute = now_ms // MINUTE_MS - MINUTES_KEPT + 1, now_ms // MINUTE_MS
        within = [
            counts
            for minute, counts in self.checkins.items()
            if oldest <= minute <= newest_minute + 5
        ]
        table[first:, COLUMN["checkins_last_hour"]] = sum(within) if within else 0
