"""Similar cases: the same class within 50 m and 24 hours."""

import math
from collections.abc import Iterator
from typing import Final

from dashboard.clock import DAY_MS
from dashboard.domain.places import distance_m

NEAR_M: Final = 50.0
WITHIN_MS: Final = DAY_MS
CLUSTER: Final = 5  # so many similar cases, the case itself included, go up a tier
CELL_LAT: Final = NEAR_M / 111_320.0  # degrees
CELL_LON: Final = CELL_LAT / math.cos(math.radians(60.0))  # at least NEAR_M wide up to 60° north

Cell = tuple[str, int, int]
Spot = tuple[str, float, float, int]  # class, lon, lat, reported ms


class SimilarCases:
    """Finds them by cells of the map; a case whose place is not known has none."""

    def __init__(self) -> None:
        self._spots: dict[str, Spot] = {}
        self._cells: dict[Cell, set[str]] = {}

    def put(self, identity: str, spot: Spot | None) -> None:
        """Enter a case, or move it; None takes it out."""
        if self._spots.get(identity) == spot:
            return
        if (held := self._spots.pop(identity, None)) is not None:
            self._cells[_cell(held)].discard(identity)
        if spot is not None:
            self._spots[identity] = spot
            self._cells.setdefault(_cell(spot), set()).add(identity)

    def of(self, identity: str) -> list[str]:
        """Identities of the cases similar to one, by the time of their reports."""
        spot = self._spots.get(identity)
        if spot is None:
            return []
        found = [other for other in self._around(spot) if other != identity]
        near = [other for other in found if self._is_similar(spot, self._spots[other])]
        return sorted(near, key=lambda other: (self._spots[other][3], other))

    def cluster_ms(self, identity: str) -> int | None:
        """When the case became one of CLUSTER similar ones in a day; None when it is not."""
        spot = self._spots.get(identity)
        if spot is None:
            return None
        times = sorted([spot[3], *(self._spots[other][3] for other in self.of(identity))])
        for first, last in zip(times, times[CLUSTER - 1 :], strict=False):
            if last - first <= WITHIN_MS:
                return max(last, spot[3])
        return None

    def _around(self, spot: Spot) -> Iterator[str]:
        name, x, y = _cell(spot)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                yield from self._cells.get((name, x + dx, y + dy), ())

    def _is_similar(self, spot: Spot, other: Spot) -> bool:
        if abs(spot[3] - other[3]) > WITHIN_MS:
            return False
        return distance_m(spot[1:3], other[1:3]) <= NEAR_M


def _cell(spot: Spot) -> Cell:
    return spot[0], math.floor(spot[1] / CELL_LON), math.floor(spot[2] / CELL_LAT)
