"""Loads and checks a pack's incident classes, time limits and the calendar they count on."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dashboard.domain.incident_classes import Classes, ClockType, IncidentClass, Kind, Limit
from dashboard.domain.work_calendar import ChinaCalendar, day_of, is_weekend
from dashboard.errors import RegionError
from dashboard.pack_file import Text, read_file, refuse_repeats

CLASSES, CALENDAR = "classes.json", "calendar.json"


class LimitEntry(msgspec.Struct, frozen=True):
    amount: Annotated[int, Meta(ge=1)]
    clock: ClockType
    published: Text | None = None
    text: Text | None = None
    text_en: Text | None = None


class ClassEntry(msgspec.Struct, frozen=True):
    code: Text
    name: Text
    name_en: Text
    limits: list[LimitEntry]


class CodeSystemEntry(msgspec.Struct, frozen=True):
    system: Text
    version: Text
    classes: Annotated[list[ClassEntry], Meta(min_length=1)]
    kind: Kind = Kind.EVENT
    default_limit: LimitEntry | None = None


class ClassesFile(msgspec.Struct, frozen=True):
    code_systems: Annotated[list[CodeSystemEntry], Meta(min_length=1)]


class YearEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole year as announced: what is not named is worked on weekdays and free on weekends."""

    year: Annotated[int, Meta(ge=1970, le=9999)]
    source: Text
    free: Annotated[list[date], Meta(min_length=1)]
    worked: list[date]


class DayEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A single day that differs from what is announced."""

    day: date
    is_worked: bool
    reason: Text


class CalendarFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Unknown fields are refused: a misspelt one would leave days out in silence."""

    years: list[YearEntry] = []
    days: list[DayEntry] = []


def load_classes(folder: Path) -> Classes:
    """The classes of `classes.json` on the calendar of the pack; its own code system comes first.

    Raises RegionError naming file, field and what was expected.
    """
    systems = read_file(folder / CLASSES, ClassesFile).code_systems
    refuse_repeats(CLASSES, (f"{system.system}/{system.version}" for system in systems))
    for place, system in enumerate(systems):
        refuse_repeats(CLASSES, (entry.code for entry in system.classes))
        _refuse_no_limit(f"$.code_systems[{place}]", system)
    classes = (_class_of(system, entry) for system in systems for entry in system.classes)
    return Classes(classes, load_calendar(folder))


def load_calendar(folder: Path) -> ChinaCalendar:
    """The published calendar with what `calendar.json` adds; a pack may come without that file.

    Raises RegionError naming file, field and what was expected.
    """
    if not (folder / CALENDAR).exists():
        return ChinaCalendar()
    told = read_file(folder / CALENDAR, CalendarFile)
    refuse_repeats(f"{CALENDAR}: years", (str(entry.year) for entry in told.years))
    refuse_repeats(f"{CALENDAR}: days", (str(entry.day) for entry in told.days))
    years = {
        entry.year: _days_of(f"years[{place}]", entry) for place, entry in enumerate(told.years)
    }
    return ChinaCalendar(years, {day_of(entry.day): entry.is_worked for entry in told.days})


def summary(classes: Classes, years: Iterable[int]) -> str:
    """What `region check` says of the classes and of the years with a published calendar."""
    facilities = [item for item in classes.values() if item.kind is Kind.FACILITY]
    assumed = sum(item.is_limit_assumed for item in classes.values())
    conditions = sum(len(item.limits) for item in classes.values())
    return (
        f"{len(classes) - len(facilities)} event classes, {len(facilities)} facility classes, "
        f"{conditions} filing conditions with a time limit, {assumed} classes on an assumed one; "
        f"calendar {_spans(years)}"
    )


def _refuse_no_limit(field: str, system: CodeSystemEntry) -> None:
    for position, entry in enumerate(system.classes):
        if not entry.limits and system.default_limit is None:
            reason = (
                f"Expected a limit of class {entry.code} or a `default_limit` of its code system, "
                f"got neither - at `{field}.classes[{position}].limits`"
            )
            raise RegionError(CLASSES, reason)


def _class_of(system: CodeSystemEntry, entry: ClassEntry) -> IncidentClass:
    default = system.default_limit
    return IncidentClass(
        system=system.system,
        version=system.version,
        code=entry.code,
        name=entry.name,
        name_en=entry.name_en,
        limits=tuple(_limit(limit, n) for n, limit in enumerate(entry.limits, start=1)),
        kind=system.kind,
        default_limit=None if default is None else _limit(default, 1),
    )


def _limit(entry: LimitEntry, condition: int) -> Limit:
    return Limit(entry.amount, entry.clock, condition, entry.text, entry.text_en, entry.published)


def _days_of(place: str, entry: YearEntry) -> dict[int, bool]:
    """Days of a year that are free or worked against the week. Raises RegionError."""
    refuse_repeats(f"{CALENDAR}: {place}", (str(day) for day in (*entry.free, *entry.worked)))
    for name, days in (("free", entry.free), ("worked", entry.worked)):
        for position, day in enumerate(days):
            if day.year != entry.year:
                _refuse_day(f"{place}.{name}[{position}]", day, f"a day of {entry.year}")
    for position, day in enumerate(entry.worked):
        if not is_weekend(day_of(day)):
            _refuse_day(f"{place}.worked[{position}]", day, "a Saturday or Sunday")
    free = {day_of(day): False for day in entry.free}
    return free | {day_of(day): True for day in entry.worked}


def _refuse_day(field: str, day: date, expected: str) -> None:
    raise RegionError(CALENDAR, f"Expected {expected}, got {day} - at `$.{field}`")


def _spans(years: Iterable[int]) -> str:
    """[2024, 2025, 2027] as `2024-2025, 2027`."""
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], year]
        else:
            spans.append([year])
    return ", ".join("-".join(map(str, span)) for span in spans)
