"""What the demo's cameras hang on: recorders, a switch a community, network and power a street."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.domain.areas import Area, Region, Tier

CAMERAS_PER_RECORDER = 32
# Of each kind how often one goes, a day in Guandu, and for how long in minutes.
CUTS = {"recorder": (5.0, (8, 70)), "switch": (1.0, (8, 70)), "power": (0.15, (15, 60))}


class Hung(Protocol):
    """A camera as far as the network cares: which grid it is in, counted from the first."""

    @property
    def grid(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Device:
    """One device; `cameras` are the numbers of all that hang on it, whatever lies between."""

    id: str
    kind: str
    name: str
    grid: int
    upstream: str | None
    cameras: tuple[int, ...]

    def registration(self, run: str, area: str) -> dict[str, Any]:
        data = {"device": self.id, "kind": self.kind, "name": self.name}
        if self.upstream is not None:
            data["upstream"] = self.upstream
        identity = f"{self.id}-{run}"
        return {"type": "device.registered", "id": identity, "area": area, "data": data}

    def status(self, identity: str, area: str, status: str, reason: str | None) -> dict[str, Any]:
        data = {"device": self.id, "status": status}
        if reason is not None:
            data["reason"] = reason
        return {"type": "device.status", "id": identity, "area": area, "data": data}


class Network:
    """The devices of a world, the farthest first, and which one each camera hangs on."""

    def __init__(self, region: Region, cameras: Sequence[Hung]) -> None:
        self._region = region
        self.devices: list[Device] = []
        self.upstream: dict[int, str] = {}
        by_grid: dict[int, list[int]] = {}
        for number, camera in enumerate(cameras):
            by_grid.setdefault(camera.grid, []).append(number)
        for area in region.areas:
            if area.tier is Tier.STREET:
                self._add_above(area, by_grid, ("power", "供电"), None)
                self._add_above(area, by_grid, ("network", "网络汇聚"), f"power-{area.code}")
            elif area.tier is Tier.COMMUNITY:
                self._add_above(area, by_grid, ("switch", "汇聚交换机"), f"network-{area.parent}")
        for grid, numbers in sorted(by_grid.items()):
            self._add_recorders(grid, numbers)

    def of_kind(self, kind: str) -> list[Device]:
        return [device for device in self.devices if device.kind == kind]

    def _add_above(
        self,
        area: Area,
        by_grid: Mapping[int, list[int]],
        named: tuple[str, str],
        upstream: str | None,
    ) -> None:
        kind, word = named
        first = self._region.first_grid
        grids = [g.index - first for g in self._region.grids if self._is_in(g, area)]
        numbers = tuple(n for grid in grids for n in by_grid.get(grid, ()))
        name = f"{area.name}{word}"
        self.devices.append(Device(f"{kind}-{area.code}", kind, name, grids[0], upstream, numbers))

    def _is_in(self, grid: Area, area: Area) -> bool:
        return self._region.is_within(grid.code, area.code)

    def _add_recorders(self, grid: int, numbers: list[int]) -> None:
        area = self._region.grids[grid]
        for place, first in enumerate(range(0, len(numbers), CAMERAS_PER_RECORDER), start=1):
            hung = tuple(numbers[first : first + CAMERAS_PER_RECORDER])
            identity = f"nvr-{area.code}-{place}"
            switch = f"switch-{area.parent}"
            name = f"{area.name}录像机{place}"
            self.devices.append(Device(identity, "recorder", name, grid, switch, hung))
            self.upstream.update(dict.fromkeys(hung, identity))
