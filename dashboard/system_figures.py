"""Numbers of the service systems in an area: arithmetic on the picture's columns, no loop over
cases.

A case has one home, the system of its class, and may stand in the queues of others too. The cases
at home add up over the systems to the area's; a queue's numbers do not, and say how many of them
are at home elsewhere.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.clock import local_day_start_ms
from dashboard.domain.areas import Area, Tier
from dashboard.domain.metrics import RATE_PARTS, rates
from dashboard.domain.systems import CASE_KPIS, ServiceSystem, Systems
from dashboard.queries import LivePicture

PRIORITIES: Final = (1, 2, 3, 4)
ON_TIME: Final = "on_time_rate"

Counts = npt.NDArray[np.int64]
Parts = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """One system in one area. `home`: of the cases of its own classes; `queue`: of all that stand
    in its queue. Both have open, overdue, reported_today, closed_today, due_today,
    closed_on_time_today, open_p1 to open_p4 and whistles, the whistles of today."""

    system: ServiceSystem
    home: dict[str, int]
    queue: dict[str, int]

    @property
    def on_time_rate(self) -> float | None:
        """Of the queue's cases that fell due today the share closed in time, None without any."""
        due = self.queue["due_today"]
        return round(self.queue["closed_on_time_today"] / due, 6) if due else None

    def by_priority(self) -> list[int]:
        """Open cases of the queue, priority 1 first."""
        return [self.queue[f"open_p{priority}"] for priority in PRIORITIES]

    def row(self, area_metrics: dict[str, int]) -> dict[str, Any]:
        """As the API and the live socket say it; `area_metrics` are those of the same area."""
        return {
            "open": self.home["open"],
            "also": self.queue["open"] - self.home["open"],
            "open_by_priority": self.by_priority(),
            "kpis": [self._kpi(name, area_metrics) for name in self.system.kpis],
        }

    def _kpi(self, name: str, area_metrics: dict[str, int]) -> dict[str, Any]:
        if name == ON_TIME:
            return {"id": name, "value": self.on_time_rate, "n": self.queue["due_today"]}
        if name in CASE_KPIS:
            value = self.queue[name]
            return {"id": name, "value": value, "also": value - self.home[name]}
        if name in area_metrics:
            return {"id": name, "value": area_metrics[name]}
        whole, left_out = RATE_PARTS[name]
        n = area_metrics[whole] - (area_metrics[left_out] if left_out else 0)
        return {"id": name, "value": rates(area_metrics)[name], "n": n}


def figures(picture: LivePicture, systems: Systems, area: Area) -> list[SystemFigures]:
    """Every system in an area as of the picture's moment, in the pack's order."""
    rows = picture.incidents.table.rows
    inside = np.flatnonzero(picture.within(rows["grid"], area))
    names, counted = _counted(picture, inside)
    places = np.arange(len(systems), dtype=np.uint32)[:, None]
    at_home = rows["home"][inside] == places
    in_queue = rows["systems"][inside] >> places & 1
    home, queue = (_sums(cases, counted) for cases in (at_home, in_queue))
    return [
        SystemFigures(system, _named(names, home[place]), _named(names, queue[place]))
        for place, system in enumerate(systems.values())
    ]


def _counted(picture: LivePicture, inside: Counts) -> tuple[list[str], Parts]:
    """Names of the numbers, and what each of the cases `inside` adds to them, one row a number."""
    now_ms = picture.as_of_ms or picture.clock.now_ms()
    rows = picture.incidents.table.rows
    masks = {name: mask[inside] for name, mask in picture.incidents.counted(now_ms).items()}
    priorities = rows["priority"][inside]
    masks |= {f"open_p{p}": masks["open"] & (priorities == p) for p in PRIORITIES}
    is_today = rows["whistled_ms"] >= local_day_start_ms(now_ms)
    whistles = np.where(is_today, rows["n_whistles"], 0)[inside]
    return [*masks, "whistles"], np.array([*masks.values(), whistles], dtype=np.float32)


def _sums(cases: npt.NDArray[Any], counted: Parts) -> Counts:
    """One row a system. A product of matrices: exact, as no sum comes near 2 ** 24."""
    return (cases.astype(np.float32) @ counted.T).astype(np.int64)


def _named(names: list[str], counts: Counts) -> dict[str, int]:
    return dict(zip(names, counts.tolist(), strict=True))


def open_by_child(
    picture: LivePicture, systems: Systems, area: Area
) -> dict[str, dict[str, list[int]]]:
    """Open cases in each system's queue by priority, for the children where there are any."""
    tiers = list(Tier)
    if area.tier is tiers[-1]:
        return {}
    rows = picture.incidents.table.rows
    inside = np.flatnonzero(picture.within(rows["grid"], area) & rows["open"])
    child = picture.region.ancestors[rows["grid"][inside], tiers.index(area.tier) + 1]
    slot = child.astype(np.int64) * len(PRIORITIES) + rows["priority"][inside] - 1
    systems_of = rows["systems"][inside]
    found: dict[str, dict[str, list[int]]] = {}
    size = len(picture.region.areas) * len(PRIORITIES)
    for place, name in enumerate(systems):
        held = systems_of >> np.uint32(place) & 1
        counts = np.bincount(slot[held == 1], minlength=size).reshape(-1, len(PRIORITIES))
        for index in np.flatnonzero(counts.any(axis=1)).tolist():
            code = picture.region.areas[index].code
            found.setdefault(code, {})[name] = counts[index].tolist()
    return found


def system_rows(picture: LivePicture, systems: Systems, area: Area) -> dict[str, dict[str, Any]]:
    """The numbers of every system by its id, as the API and the live socket say them."""
    metrics = picture.area_metrics(area.index)
    return {one.system.id: one.row(metrics) for one in figures(picture, systems, area)}
