"""Similar cases: the same class within 50 m and 24 hours; and how they fold into one row.

A fold is decided anew from the cases that are open, in the order of their reports, so the order in
which they arrived is nothing to it: the first reported is a primary, and each later one joins the
first reported primary that it is similar to, or is a primary itself. Nothing is similar to a mere
member, so a fold cannot go on for days by a chain, and an ended case, which is not among them,
swallows nothing.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from dashboard.clock import DAY_MS
from dashboard.domain.places import distance_m

NEAR_M: Final = 50.0
WITHIN_MS: Final = DAY_MS
NEAR_KEPT: Final = 64
CLUSTER: Final = 5  # so many similar cases, the case itself included, go up a tier
CELL_LAT: Final = NEAR_M / 111_320.0  # degrees
CELL_LON: Final = CELL_LAT / math.cos(math.radians(60.0))  # at least NEAR_M wide up to 60° north

Cell = tuple[str, int, int]
Spot = tuple[str, float, float, int]  # class, lon, lat, reported ms


class SimilarCases:
    """Finds them by cells of the map; a case whose place is not known has none."""

    def __init__(self, kept: int = NEAR_KEPT) -> None:
        """`kept`: so many similar ones are remembered of a case; a crowd is searched anew."""
        self._kept = kept
        self._spots: dict[str, Spot] = {}
        self._cells: dict[Cell, set[str]] = {}
        self._near: dict[str, set[str]] = {}  # similar ones, of those that have few
        self._crowded: set[str] = set()  # those that had more at once
        self.n_changes = 0

    def put(self, identity: str, spot: Spot | None) -> list[str]:
        """Enter a case, or move it; None takes it out. Those it is similar to as of now."""
        if self._spots.get(identity) == spot:
            return []
        self.n_changes += 1
        self._part(identity)
        if (held := self._spots.pop(identity, None)) is not None:
            self._cells[_cell(held)].discard(identity)
        if spot is not None:
            self._spots[identity] = spot
            self._cells.setdefault(_cell(spot), set()).add(identity)
        joined = self.of(identity)
        if joined:
            self._near[identity] = set()
        for other in joined:
            self._meet(identity, other)
            self._meet(other, identity)
        return joined

    def _part(self, identity: str) -> None:
        """Those it was similar to forget it."""
        before = self.of(identity) if identity in self._crowded else self._near.get(identity, ())
        for other in before:
            if other in self._near:
                self._near[other].discard(identity)
        self._crowded.discard(identity)
        self._near.pop(identity, None)

    def _meet(self, one: str, other: str) -> None:
        """A crowd is looked up by its cells: pairs of thousands at one place would be millions."""
        if one in self._crowded:
            return
        near = self._near.setdefault(one, set())
        near.add(other)
        if len(near) > self._kept:
            self._crowded.add(one)
            del self._near[one]

    def is_paired(self, identity: str) -> bool:
        """Whether it has or had a similar case since it was entered."""
        return identity in self._near or identity in self._crowded

    def folds(self, identities: Sequence[str], groups: Sequence[int]) -> dict[str, str]:
        """The primary of each of these that folds with another, the primary's own included.

        Only those of one of `groups`, given for each, fold with each other.
        """
        spots = self._spots
        entries = sorted(
            (spots[one][3], one, group)
            for one, group in zip(identities, groups, strict=True)
            if one in spots
        )
        leaders: dict[str, int] = {}  # the group of each
        by_cell: dict[Cell, list[str]] = {}
        found: dict[str, str] = {}
        for _, one, group in entries:
            around = self._near[one] if one in self._near else self._leaders_near(one, by_cell)
            primary = self._first([other for other in around if leaders.get(other) == group])
            if primary is not None:
                found[one] = found[primary] = primary
                continue
            leaders[one] = group
            if self._crowded:
                by_cell.setdefault(_cell(spots[one]), []).append(one)
        return found

    def _first(self, identities: Sequence[str]) -> str | None:
        """The first reported."""
        if len(identities) < 2:
            return identities[0] if identities else None
        return min(identities, key=lambda one: (self._spots[one][3], one))

    def _leaders_near(self, one: str, by_cell: dict[Cell, list[str]]) -> list[str]:
        """The same from cells as from pairs."""
        if one not in self._crowded:
            return []
        spot = self._spots[one]
        return [
            leader
            for cell in _cells_around(spot)
            for leader in by_cell.get(cell, ())
            if self._is_similar(spot, self._spots[leader])
        ]

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
        for cell in _cells_around(spot):
            yield from self._cells.get(cell, ())

    def _is_similar(self, spot: Spot, other: Spot) -> bool:
        if abs(spot[3] - other[3]) > WITHIN_MS:
            return False
        return distance_m(spot[1:3], other[1:3]) <= NEAR_M


def _cell(spot: Spot) -> Cell:
    return spot[0], math.floor(spot[1] / CELL_LON), math.floor(spot[2] / CELL_LAT)


def _cells_around(spot: Spot) -> Iterator[Cell]:
    """Those that hold everything within NEAR_M."""
    name, x, y = _cell(spot)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            yield name, x + dx, y + dy
