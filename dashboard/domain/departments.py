"""Departments and duty teams of a region pack, and which of them a case should go to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dashboard.domain.areas import DEPTH, Region
from dashboard.domain.class_patterns import closest
from dashboard.domain.places import Place, distance_m
from dashboard.domain.rights import reaches

FULL_LOAD_M = 3_000  # how much farther away a unit seems with all its hands full: a choice


class UnitKind(StrEnum):
    DEPARTMENT = "department"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department or a duty team: a unit that takes cases.

    `area` is the code of the area that it works for, `base` where it sets out from, `takes` how
    many cases in hand at once are its full load. `competences` are patterns of class codes
    (dashboard.domain.class_patterns). A street does not dispatch to a unit that `needs_whistle`:
    it whistles for it (吹哨). A `fallback` takes what nobody else is competent for.
    """

    id: str
    name: str
    name_en: str
    kind: UnitKind
    parent: str | None
    area: str
    base: Place
    competences: tuple[str, ...]
    takes: int
    needs_whistle: bool
    fallback: bool = False


class Departments(Mapping[str, Department]):
    """All units of a pack by id, in the pack's order."""

    def __init__(self, units: Iterable[Department]) -> None:
        self._units = {unit.id: unit for unit in units}
        self._by_name = {unit.name: unit for unit in self._units.values()}

    def __getitem__(self, unit_id: str) -> Department:
        return self._units[unit_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._units)

    def __len__(self) -> int:
        return len(self._units)

    def named(self, name: str) -> Department | None:
        """By its Chinese name."""
        return self._by_name.get(name)

    def is_within(self, unit_id: str, department: str) -> bool:
        """Whether a unit is that department or one of its teams; false for unknown ids."""
        unit = self._units.get(unit_id)
        return unit is not None and department in self._units and department in unit_chain(unit)


def unit_chain(unit: Department) -> tuple[str, ...]:
    """The unit's own id, and its department's after it."""
    return (unit.id,) if unit.parent is None else (unit.id, unit.parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A unit that a case may go to. `distance_m` from its base, None where no place is known.

    `load` is the cases it has in hand now. `closeness` tells how closely its competences spell out
    the class, 0 for a fallback.
    """

    department: Department
    distance_m: int | None
    load: int
    is_full: bool
    needs_whistle: bool
    closeness: int


def recommend(  # noqa: PLR0913, PLR0917  # what, where and who: all six decide
    departments: Departments,
    class_code: str,
    place: Place | None,
    grid: str,
    region: Region,
    load: Mapping[str, int],
) -> list[Recommendation]:
    """Who a case should go to, best first; never empty for a pack that was checked.

    `grid` is the code of the case's grid (or of a larger area), `place` its point, `load` the cases
    in hand by unit id (none: 0). Units whose area does not hold the grid are left out. First come
    those whose pattern spells out most of the class; among them the lowest
    `distance_m + FULL_LOAD_M * load / takes` (without a place: `load / takes`), then the id. Where
    nobody is competent come the fallbacks, those of the smallest area first, then by the same
    formula. Raises KeyError for a `grid` that the region lacks.
    """
    at = region.by_code[grid].code
    near = [unit for unit in departments.values() if reaches(region, unit.area, at)]
    found = [
        _recommendation(unit, place, load.get(unit.id, 0), close)
        for unit in near
        if (close := closest(unit.competences, class_code)) is not None
    ]
    if found:
        return sorted(found, key=lambda one: (-one.closeness, *_effort(one)))
    rest = [_recommendation(unit, place, load.get(unit.id, 0), 0) for unit in near if unit.fallback]
    return sorted(rest, key=lambda one: (-_depth(region, one), *_effort(one)))


def _recommendation(unit: Department, place: Place | None, load: int, close: int) -> Recommendation:
    return Recommendation(
        department=unit,
        distance_m=None if place is None else round(distance_m(place, unit.base)),
        load=load,
        is_full=load >= unit.takes,
        needs_whistle=unit.needs_whistle,
        closeness=close,
    )


def _effort(one: Recommendation) -> tuple[float, str]:
    share = one.load / one.department.takes
    return (one.distance_m or 0) + FULL_LOAD_M * share, one.department.id


def _depth(region: Region, one: Recommendation) -> int:
    return DEPTH[region.by_code[one.department.area].tier]
