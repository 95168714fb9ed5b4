"""Incident classes with their time limits: data of the region pack, found by code."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

Key = tuple[str, str, str]  # system, version, code
LOWEST_PRIORITY = 4


class ClockType(StrEnum):
    """How time is counted, most urgent first."""

    URGENT_HOUR = "urgent_hour"  # 紧急工作时: without a break, nights and holidays too
    WORK_HOUR = "work_hour"  # 工作时: the opening hours of working days
    NATURAL_DAY = "natural_day"  # 自然日, 紧急工作日: without a break
    WORK_DAY = "work_day"  # 工作日: without weekends and holidays, with 调休 days


URGENCY = {clock: rank for rank, clock in enumerate(ClockType)}


@dataclass(frozen=True, slots=True)
class Limit:
    """Time to handle a case: `amount` units of `clock`; `condition` counts from 1 in the class."""

    amount: int
    clock: ClockType
    condition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClass:
    """A kind of incident; its code means nothing without system and version."""

    system: str
    version: str
    code: str
    name: str
    name_en: str
    limits: tuple[Limit, ...]

    @property
    def governing_limit(self) -> Limit:
        """The most urgent one: counts while no source says which filing condition was met."""
        return min(self.limits, key=lambda limit: (URGENCY[limit.clock], limit.amount))


class Classes(Mapping[Key, IncidentClass]):
    """All classes of a pack; those of its own code system come first."""

    def __init__(self, classes: Iterable[IncidentClass]) -> None:
        """Raises ValueError when there are none."""
        self._by_key = {(item.system, item.version, item.code): item for item in classes}
        self._systems = tuple(dict.fromkeys(key[:2] for key in self._by_key))
        if not self._systems:
            raise ValueError("a pack needs at least one incident class")

    def __getitem__(self, key: Key) -> IncidentClass:
        return self._by_key[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def find(
        self, code: str, system: str | None = None, version: str | None = None
    ) -> IncidentClass | None:
        """Without `system` the pack's own is meant, without `version` its first one."""
        wanted = system or self._systems[0][0]
        for held_system, held_version in self._systems:
            if held_system == wanted and version in (None, held_version):
                return self._by_key.get((held_system, held_version, code))
        return None


def priority_of(cls: IncidentClass | None, severity: int | None = None) -> int:
    """1 (most urgent) to 4: the governing limit's or the severity's, whichever is more urgent.

    `severity` is 1 (特别重大) to 4 (一般); None for a routine case. An unknown class
    weighs nothing.
    """
    by_severity = {1: 1, 2: 1, 3: 2}.get(severity or 0, LOWEST_PRIORITY)
    return min(by_severity, LOWEST_PRIORITY if cls is None else _priority(cls.governing_limit))


def _priority(limit: Limit) -> int:
    if limit.clock is ClockType.URGENT_HOUR:
        return 1 if limit.amount <= 1 else 2
    return 3 if limit.clock is ClockType.WORK_HOUR else LOWEST_PRIORITY
