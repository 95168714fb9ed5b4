"""Loads and checks the departments and duty teams of a region pack."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dashboard.domain.areas import NOWHERE, Region
from dashboard.domain.class_patterns import first_without_code, is_pattern
from dashboard.domain.departments import Department, Departments, UnitKind
from dashboard.domain.incident_classes import Classes
from dashboard.errors import RegionError
from dashboard.pack_file import Position, Text, read_file, refuse_repeats

DEPARTMENTS = "departments.json"

UnitId = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]


class DepartmentEntry(msgspec.Struct, frozen=True):
    """One unit as the file has it; `base` is [longitude, latitude], WGS-84 degrees."""

    id: UnitId
    name: Text
    name_en: Text
    kind: UnitKind
    parent: str | None
    area: Text
    base: Position
    competences: list[Text]
    takes: Annotated[int, Meta(ge=1)]
    needs_whistle: bool
    fallback: bool = False


class DepartmentsFile(msgspec.Struct, frozen=True):
    """`departments`: entries of their own, so that a wrong one is named by its id."""

    departments: Annotated[list[Any], Meta(min_length=1)]


def load_departments(folder: Path, region: Region) -> Departments:
    """The units of departments.json in its order; `region` is the same pack's.

    Raises RegionError naming file and entry, what is wrong and what was expected.
    """
    raws = read_file(folder / DEPARTMENTS, DepartmentsFile).departments
    entries = [_entry(position, raw) for position, raw in enumerate(raws)]
    refuse_repeats(DEPARTMENTS, (entry.id for entry in entries))
    by_id = {entry.id: entry for entry in entries}
    for entry in entries:
        _check_parent(entry, by_id)
        _check_place(entry, region)
        _check_competences(entry)
    if not any(entry.fallback and entry.area == region.root.code for entry in entries):
        reason = f"no unit for {region.root.code} is a fallback; expected at least one"
        raise RegionError(DEPARTMENTS, reason)
    return Departments(_department(entry) for entry in entries)


def check_against(departments: Departments, classes: Classes) -> None:
    """Every competence names classes that the pack has. Raises RegionError."""
    codes = [item.code for item in classes.values()]
    for unit in departments.values():
        stray = first_without_code(unit.competences, codes)
        if stray is not None:
            raise _refusal(unit.id, f"competence {stray} matches no class; expected at least one")


def _entry(position: int, raw: Any) -> DepartmentEntry:
    """Raises RegionError naming the entry by its id where it has one, else by its place."""
    try:
        return msgspec.convert(raw, DepartmentEntry)
    except msgspec.ValidationError as error:
        held = raw.get("id") if isinstance(raw, dict) else None
        name = held if isinstance(held, str) and held else f"entry {position}"
        raise _refusal(name, str(error)) from error


def _check_parent(entry: DepartmentEntry, by_id: Mapping[str, DepartmentEntry]) -> None:
    if entry.parent is None:
        return
    if entry.kind is UnitKind.DEPARTMENT:
        raise _refusal(entry.id, f"a department has no parent; this one has {entry.parent}")
    parent = by_id.get(entry.parent)
    if parent is None:
        raise _refusal(entry.id, f"its parent {entry.parent} does not exist; expected a department")
    if parent.kind is not UnitKind.DEPARTMENT:
        raise _refusal(entry.id, f"its parent {parent.id} is a team; expected a department")


def _check_place(entry: DepartmentEntry, region: Region) -> None:
    if entry.area not in region.by_code:
        raise _refusal(entry.id, f"its area {entry.area} does not exist; expected an area's code")
    lon, lat = entry.base
    is_inside = region.locate(lon, lat)[0] != NOWHERE
    if not is_inside and region.outside_name(lon, lat) is None:
        expected = "expected a point in the region or its context"
        raise _refusal(entry.id, f"its base {list(entry.base)} lies elsewhere; {expected}")


def _check_competences(entry: DepartmentEntry) -> None:
    place = f"{DEPARTMENTS}: {entry.id}: competences"
    refuse_repeats(place, entry.competences)
    for pattern in entry.competences:
        if not is_pattern(pattern):
            expected = "expected a class code, or the beginning of some and a star"
            raise RegionError(place, f"{pattern!r} is no pattern; {expected}")


def _refusal(entry: str, reason: str) -> RegionError:
    return RegionError(f"{DEPARTMENTS}: {entry}", reason)


def _department(entry: DepartmentEntry) -> Department:
    fields = {name: getattr(entry, name) for name in entry.__struct_fields__}
    return Department(**{**fields, "competences": tuple(entry.competences)})
