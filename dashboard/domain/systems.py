"""The service systems (体系) of a district: each one filter of the map, one queue, a few KPIs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dashboard.domain.class_patterns import closest
from dashboard.domain.events import Channel
from dashboard.domain.metrics import METRICS, rates

CODES_KEPT = 4_096
# of the cases of one system
CASE_KPIS = ("open", "overdue", "reported_today", "closed_today", "on_time_rate", "whistles")
# of an area, whatever the system; `on_time_rate` is always of the system's queue
_RATES = rates(dict.fromkeys(METRICS, 0))
AREA_KPIS = (*METRICS, *(rate for rate in _RATES if rate not in CASE_KPIS))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSystem:
    """One system; `classes` are patterns of class codes (dashboard.domain.class_patterns).

    Cases that come by one of `channels`, or with a whistle where `whistled`, stand in its queue
    besides the one their class belongs to. `rest` takes the classes that no other names. `kpis` are
    ids of CASE_KPIS (of the cases in its queue) or AREA_KPIS (of the area as a whole), to be
    shown in this order.
    """

    id: str
    name: str
    name_en: str
    status: str
    rests_on: tuple[str, ...]
    classes: tuple[str, ...]
    channels: tuple[Channel, ...]
    whistled: bool
    kpis: tuple[str, ...]
    rest: bool


class Systems(Mapping[str, ServiceSystem]):
    """All systems of a pack by id, in the pack's order."""

    def __init__(self, systems: Iterable[ServiceSystem]) -> None:
        """Raises ValueError unless exactly one takes the rest."""
        self._systems = {system.id: system for system in systems}
        rest = [system for system in self._systems.values() if system.rest]
        if len(rest) != 1:
            raise ValueError(f"{len(rest)} systems take the rest; expected 1")
        self._rest = rest[0]
        self.naming = lru_cache(CODES_KEPT)(self._naming)  # a queue asks for each of its cases

    def __getitem__(self, system_id: str) -> ServiceSystem:
        return self._systems[system_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._systems)

    def __len__(self) -> int:
        return len(self._systems)

    def of(self, class_code: str) -> ServiceSystem:
        """The one system that a class belongs to; the one of the rest for an unknown class.

        Of several that match the one that spells out most of the code, then the first.
        """
        found = self.naming(class_code)
        return found[0] if found else self._rest

    def _naming(self, class_code: str) -> tuple[ServiceSystem, ...]:
        """Those that name the class in a pattern, the closest first."""
        close = {name: closest(system.classes, class_code) for name, system in self.items()}
        found = [(name, one) for name, one in close.items() if one is not None]
        found.sort(key=lambda pair: -pair[1])  # which keeps the pack's order among equals
        return tuple(self[name] for name, _ in found)

    def all_of(
        self, class_code: str, channel: Channel | None = None, *, is_whistled: bool = False
    ) -> tuple[ServiceSystem, ...]:
        """Every system whose queue a case stands in; the one of its class comes first."""
        home = self.of(class_code)
        others = (
            system
            for system in self.values()
            if channel in system.channels or (is_whistled and system.whistled)
        )
        return (home, *(system for system in others if system is not home))
