"""Which days are worked in China: weekends, statutory holidays, 调休 days, a pack's own days."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Protocol

import chinese_calendar

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SATURDAY = 5
BASE_YEARS = frozenset(day.year for day in chinese_calendar.holidays)


class WorkCalendar(Protocol):
    """Which days are worked, and which of them are certain. `day`: days since 1970-01-01 there."""

    def is_working_day(self, day: int) -> bool: ...

    def is_published(self, day: int) -> bool:
        """False: nobody has announced that year's holidays, so only weekends are taken as free."""
        ...


class ChinaCalendar:
    """The State Council's yearly notices as `chinesecalendar` has them, and what a pack adds.

    `years`: for each year a pack brings itself, its days that differ from the week: true when
    worked, false when free. Such a year replaces what `chinesecalendar` knows of it. `days`: single
    days that go before either; they make the day certain, not its year.
    Both are keyed by days since 1970-01-01 in Shanghai.
    """

    def __init__(
        self,
        years: Mapping[int, Mapping[int, bool]] | None = None,
        days: Mapping[int, bool] | None = None,
    ) -> None:
        years = years or {}
        self.published_years = tuple(sorted(BASE_YEARS.union(years)))
        self._told: dict[int, bool] = {}
        for year, told in years.items():
            self._told |= {day: _is_weekday(day) for day in _days_of(year)} | dict(told)
        self._told |= days or {}

    def is_working_day(self, day: int) -> bool:
        told = self._told.get(day)
        return _is_worked(day) if told is None else told

    def is_published(self, day: int) -> bool:
        return day in self._told or _is_in_base(day)


CHINA = ChinaCalendar()


def day_of(local: date) -> int:
    """Days since 1970-01-01."""
    return local.toordinal() - EPOCH_ORDINAL


def is_weekend(day: int) -> bool:
    """Saturday or Sunday, whether worked or not. `day`: days since 1970-01-01."""
    return not _is_weekday(day)


def _is_weekday(day: int) -> bool:
    return (EPOCH_ORDINAL + day - 1) % 7 < SATURDAY


def _days_of(year: int) -> Iterable[int]:
    return range(day_of(date(year, 1, 1)), day_of(date(year, 12, 31)) + 1)


@lru_cache(maxsize=4096)
def _is_in_base(day: int) -> bool:
    return date.fromordinal(EPOCH_ORDINAL + day).year in BASE_YEARS


@lru_cache(maxsize=4096)
def _is_worked(day: int) -> bool:
    if not _is_in_base(day):
        return _is_weekday(day)
    return bool(chinese_calendar.is_workday(date.fromordinal(EPOCH_ORDINAL + day)))
