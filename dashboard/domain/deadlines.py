"""When a case falls due: its limit counted on the clock it is stated in, Shanghai time.

The four clocks, their opening hours and "an extension is the original limit once more" are those of
a city's running system (github.com/zhcg2026/smart_cityguard, database/init.sql).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.clock import DAY_MS
from dashboard.domain.incident_classes import ClockType, Limit
from dashboard.domain.work_calendar import CHINA, WorkCalendar, is_weekend

HOUR_MS = 3_600_000
SHANGHAI_OFFSET_MS = 8 * HOUR_MS  # no summer time since 1991
FOREVER_MS = 2**62
MARKS_PERCENT = (50, 80, 100)

Spans = tuple[tuple[int, int], ...]
Marks = tuple[int | None, int | None, int | None]

# Open hours of a working day, milliseconds after midnight.
WORK_HOURS: Spans = ((8 * HOUR_MS, 12 * HOUR_MS), (14 * HOUR_MS, 18 * HOUR_MS))
WHOLE_DAY: Spans = ((0, DAY_MS),)
NO_SPANS: Spans = ()

UNIT_MS = {
    ClockType.URGENT_HOUR: HOUR_MS,
    ClockType.WORK_HOUR: HOUR_MS,
    ClockType.NATURAL_DAY: DAY_MS,
    ClockType.WORK_DAY: DAY_MS,
}
# None: the clock never stands still.
SPANS: dict[ClockType, Spans | None] = {
    ClockType.URGENT_HOUR: None,
    ClockType.WORK_HOUR: WORK_HOURS,
    ClockType.NATURAL_DAY: None,
    ClockType.WORK_DAY: WHOLE_DAY,
}


class Standstill(StrEnum):
    """Why a clock stands still by itself."""

    OUTSIDE_HOURS = "outside_hours"  # night or noon of a working day
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Pause:
    """A clock that stands still and goes on at `resumes_ms` (milliseconds since the epoch).

    `is_provisional`: a day of a year without a published calendar was looked at to say so.
    """

    reason: Standstill
    resumes_ms: int
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a case falls due as its clock stands. Instants are milliseconds since the epoch.

    `due_ms` is None while the case is suspended and `left_ms` None while it is not: `left_ms` is
    the open time left, negative when the case was overdue before. `marks_ms` are the instants at
    which 50, 80 and 100 % of the allowed open time are used up, None for one not reached before an
    open suspension. `is_provisional`: a day of a year without a published calendar was counted.
    """

    due_ms: int | None
    left_ms: int | None
    marks_ms: Marks
    is_provisional: bool


def deadline(
    start_ms: int,
    limit: Limit,
    calendar: WorkCalendar,
    *,
    pauses: Sequence[tuple[int, int | None]] = (),
    n_extensions: int = 0,
) -> Deadline:
    """The deadline of a case whose clock starts at `start_ms`.

    `pauses` are suspensions as (begin, end), end None when it still lasts; in order, not
    overlapping; what lies before `start_ms` changes nothing. Each extension adds the whole limit.
    """
    allowed_ms = allowed_open_ms(limit, n_extensions)
    is_paused = bool(pauses) and pauses[-1][1] is None
    marks = tuple(allowed_ms * percent // 100 for percent in MARKS_PERCENT)
    count = _Count(SPANS[limit.clock], calendar, marks, ends_with_marks=not is_paused)
    at_ms = start_ms
    for begin_ms, end_ms in pauses:
        count.run(at_ms, begin_ms)
        at_ms = max(at_ms, FOREVER_MS if end_ms is None else end_ms)
    count.run(at_ms, FOREVER_MS)
    met = [*count.met_ms, None, None, None]
    return Deadline(
        due_ms=None if is_paused else met[2],
        left_ms=allowed_ms - count.counted_ms if is_paused else None,
        marks_ms=(met[0], met[1], met[2]),
        is_provisional=count.is_provisional,
    )


def due_ms(reported_ms: int, limit: Limit, calendar: WorkCalendar = CHINA) -> int:
    """The instant the limit is used up, for a case never suspended or extended.

    A work_day is 24 hours of working days: reported on Friday at 10:00, a limit of 1 ends on Monday
    at 10:00; reported on Saturday, it ends with Monday.
    """
    count = _Count(SPANS[limit.clock], calendar, (allowed_open_ms(limit),))
    count.run(reported_ms, FOREVER_MS)
    return count.met_ms[0]


def allowed_open_ms(limit: Limit, n_extensions: int = 0) -> int:
    """Milliseconds of open time the limit allows, on its own clock."""
    return limit.amount * UNIT_MS[limit.clock] * (1 + n_extensions)


def open_ms(start_ms: int, end_ms: int, limit: Limit, calendar: WorkCalendar) -> int:
    """Milliseconds that count on the limit's clock between two instants, 0 when there are none."""
    count = _Count(SPANS[limit.clock], calendar, (), ends_with_marks=False)
    count.run(start_ms, end_ms)
    return count.counted_ms


def pause_of(now_ms: int, limit: Limit, calendar: WorkCalendar) -> Pause | None:
    """Why the limit's clock stands still at `now_ms` and when it goes on; None while it runs.

    A weekend day next to a free weekday belongs to that holiday.
    """
    spans = SPANS[limit.clock]
    if spans is None:
        return None
    count = _Count(spans, calendar, (1,))
    count.run(now_ms, FOREVER_MS)
    resumes_ms = count.met_ms[0] - 1
    if resumes_ms == now_ms:
        return None
    day = (now_ms + SHANGHAI_OFFSET_MS) // DAY_MS
    return Pause(_reason(day, calendar), resumes_ms, count.is_provisional)


@dataclass(slots=True)
class _Count:
    """A walk along one clock: open time counted, marks (open milliseconds, ascending) met."""

    spans: Spans | None
    calendar: WorkCalendar
    marks: tuple[int, ...]
    ends_with_marks: bool = True
    counted_ms: int = 0
    met_ms: list[int] = field(default_factory=list)
    is_provisional: bool = False

    @property
    def is_over(self) -> bool:
        return self.ends_with_marks and len(self.met_ms) == len(self.marks)

    def run(self, begin_ms: int, end_ms: int) -> None:
        """Count what is open from `begin_ms` to `end_ms`, or to the last mark."""
        if begin_ms >= end_ms:
            return
        if self.spans is None:
            self._take(begin_ms, end_ms)
        else:
            self._run_days(begin_ms + SHANGHAI_OFFSET_MS, end_ms + SHANGHAI_OFFSET_MS, self.spans)

    def _run_days(self, begin_ms: int, end_ms: int, spans: Spans) -> None:
        """Instants on Shanghai's wall clock."""
        day = begin_ms // DAY_MS
        while day * DAY_MS < end_ms and not self.is_over:
            self.is_provisional |= not self.calendar.is_published(day)
            if self.calendar.is_working_day(day):
                for opens, closes in spans:
                    first = max(begin_ms, day * DAY_MS + opens)
                    last = min(end_ms, day * DAY_MS + closes)
                    if first < last:
                        self._take(first - SHANGHAI_OFFSET_MS, last - SHANGHAI_OFFSET_MS)
            day += 1

    def _take(self, begin_ms: int, end_ms: int) -> None:
        """All of it is open. A mark used up with the end of a span is met there."""
        after_ms = self.counted_ms + end_ms - begin_ms
        while len(self.met_ms) < len(self.marks) and self.marks[len(self.met_ms)] <= after_ms:
            self.met_ms.append(begin_ms + self.marks[len(self.met_ms)] - self.counted_ms)
        self.counted_ms = after_ms


def _reason(day: int, calendar: WorkCalendar) -> Standstill:
    if calendar.is_working_day(day):
        return Standstill.OUTSIDE_HOURS
    return Standstill.HOLIDAY if _is_in_holiday(day, calendar) else Standstill.WEEKEND


def _is_in_holiday(day: int, calendar: WorkCalendar) -> bool:
    """A weekday lies in the unbroken run of free days round `day`."""
    for step in (-1, 1):
        near = day
        while not calendar.is_working_day(near):
            if not is_weekend(near):
                return True
            near += step
    return False
