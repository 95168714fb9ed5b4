"""Incident classes with their time limits: data of the region pack, found by code."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.domain.work_calendar import CHINA, WorkCalendar

Key = tuple[str, str, str]  # system, version, code
LOWEST_PRIORITY = 4


class ClockType(StrEnum):
    """How time is counted, most urgent first."""

    URGENT_HOUR = "urgent_hour"  # 紧急工作时: without a break, nights and holidays too
    WORK_HOUR = "work_hour"  # 工作时: the opening hours of working days
    NATURAL_DAY = "natural_day"  # 自然日, 紧急工作日: without a break
    WORK_DAY = "work_day"  # 工作日: without weekends and holidays, with 调休 days


class Kind(StrEnum):
    """The two code tables of city management."""

    EVENT = "event"  # 事件: something happens
    FACILITY = "facility"  # 部件: something of the city's own is broken


URGENCY = {clock: rank for rank, clock in enumerate(ClockType)}
# As in an Open311 service_code: "E-01-10", "P-01-50" (P for part, 部件).
PREFIX = {Kind.EVENT: "E-", Kind.FACILITY: "P-"}


@dataclass(frozen=True, slots=True)
class Limit:
    """Time to handle a case: `amount` units of `clock`; `condition` counts from 1 in the class.

    `text` and `text_en` say when the filing condition is met, None where no source tells.
    `published` is the limit as the source prints it, such as 4小时, None when it is the pack's own.
    """

    amount: int
    clock: ClockType
    condition: int
    text: str | None = field(default=None, compare=False)
    text_en: str | None = field(default=None, compare=False)
    published: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClass:
    """A kind of incident; its code means nothing without system and version.

    `limits` is empty where none is published; then `default_limit` of its code system holds.
    """

    system: str
    version: str
    code: str
    name: str
    name_en: str
    limits: tuple[Limit, ...]
    kind: Kind = Kind.EVENT
    default_limit: Limit | None = None

    def __post_init__(self) -> None:
        """Raises ValueError when it has no limit at all."""
        if not self.limits and self.default_limit is None:
            raise ValueError(f"class {self.code} has no limit and no default one")

    @property
    def is_limit_assumed(self) -> bool:
        """The limit that counts is the pack's own, published nowhere: screens should say so."""
        default = self.default_limit
        return not self.limits and default is not None and default.published is None

    @property
    def governing_limit(self) -> Limit:
        """The most urgent one: counts while no source says which filing condition was met."""
        if self.default_limit is not None and not self.limits:
            return self.default_limit
        return min(self.limits, key=lambda limit: (URGENCY[limit.clock], limit.amount))

    @property
    def service_code(self) -> str:
        """Code with the letter of its kind, as in `E-01-10`; `Classes.find` takes it back."""
        return PREFIX[self.kind] + self.code


class Classes(Mapping[Key, IncidentClass]):
    """All classes of a pack; those of its own code system come first."""

    def __init__(self, classes: Iterable[IncidentClass], calendar: WorkCalendar = CHINA) -> None:
        """`calendar` is the one their limits count on. Raises ValueError when there are none."""
        self.calendar = calendar
        self._by_key = {(item.system, item.version, item.code): item for item in classes}
        # (system, version), the pack's own first; a code system is of one kind
        self._kinds = {key[:2]: item.kind for key, item in self._by_key.items()}
        if not self._kinds:
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
        """Without `system` the pack's own is meant, without `version` its first one.

        A code such as `P-01-50` is looked for in the first system of its kind.
        """
        own_system = next(iter(self._kinds))[0]
        found = self._find(code, system or own_system, version)
        return found or self._find_prefixed(code, system, version)

    def _find(self, code: str, system: str, version: str | None) -> IncidentClass | None:
        for held_system, held_version in self._kinds:
            if held_system == system and version in (None, held_version):
                return self._by_key.get((held_system, held_version, code))
        return None

    def _find_prefixed(
        self, code: str, system: str | None, version: str | None
    ) -> IncidentClass | None:
        for (held_system, _), kind in self._kinds.items():
            if code.startswith(PREFIX[kind]) and system in (None, held_system):
                return self._find(code.removeprefix(PREFIX[kind]), held_system, version)
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
