"""When a case falls due: its limit counted on the clock it is stated in, Shanghai time."""

from datetime import date
from functools import lru_cache
from typing import Protocol

import chinese_calendar

from dashboard.clock import DAY_MS
from dashboard.domain.incident_classes import ClockType, Limit

HOUR_MS = 3_600_000
SHANGHAI_OFFSET_MS = 8 * HOUR_MS  # no summer time since 1991
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SATURDAY = 5

# Open hours of a working day, milliseconds after midnight.
WORK_HOURS = ((8 * HOUR_MS, 12 * HOUR_MS), (14 * HOUR_MS, 18 * HOUR_MS))
WHOLE_DAY = ((0, DAY_MS),)


class WorkCalendar(Protocol):
    """Which days are worked."""

    def is_working_day(self, day: int) -> bool:
        """`day`: days since 1970-01-01 in Shanghai."""
        ...


class ChinaCalendar:
    """Statutory holidays and 调休 days; in years not yet announced only weekends are free."""

    def is_working_day(self, day: int) -> bool:
        return _is_worked(day)


CHINA = ChinaCalendar()


def due_ms(reported_ms: int, limit: Limit, calendar: WorkCalendar = CHINA) -> int:
    """The instant the limit is used up, for a case whose clock starts at `reported_ms`.

    A work_day is 24 hours of working days: reported on Friday at 10:00, a limit of 1 ends on Monday
    at 10:00; reported on Saturday, it ends with Monday.
    """
    match limit.clock:
        case ClockType.URGENT_HOUR:
            return reported_ms + limit.amount * HOUR_MS
        case ClockType.NATURAL_DAY:
            return reported_ms + limit.amount * DAY_MS
        case ClockType.WORK_HOUR:
            return _open_time_ends(reported_ms, limit.amount * HOUR_MS, WORK_HOURS, calendar)
        case ClockType.WORK_DAY:
            return _open_time_ends(reported_ms, limit.amount * DAY_MS, WHOLE_DAY, calendar)


def _open_time_ends(
    start_ms: int, left_ms: int, spans: tuple[tuple[int, int], ...], calendar: WorkCalendar
) -> int:
    """The instant `left_ms` of open time have passed since `start_ms`."""
    day, in_day_ms = divmod(start_ms + SHANGHAI_OFFSET_MS, DAY_MS)
    while True:
        if calendar.is_working_day(day):
            for opens, closes in spans:
                begin = max(opens, in_day_ms)
                if left_ms <= closes - begin:
                    return day * DAY_MS + begin + left_ms - SHANGHAI_OFFSET_MS
                left_ms -= max(0, closes - begin)
        day, in_day_ms = day + 1, 0


@lru_cache(maxsize=4096)
def _is_worked(day: int) -> bool:
    local = date.fromordinal(EPOCH_ORDINAL + day)
    try:
        return bool(chinese_calendar.is_workday(local))
    except NotImplementedError:  # a year it has no data for
        return local.weekday() < SATURDAY
