"""Areas of a region in four tiers, joined by parent links; codes are opaque strings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Int32s = NDArray[np.int32]
Shapes = NDArray[np.object_]
NOWHERE = -1


class Tier(StrEnum):
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"


TIERS: tuple[Tier, ...] = tuple(Tier)  # from the root down
DEPTH = {tier: depth for depth, tier in enumerate(TIERS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One area; `index` is its row in every table, `label` a point inside, WGS-84 degrees."""

    index: int
    code: str
    parent: str | None
    tier: Tier
    name: str
    name_en: str
    label: tuple[float, float]
    km2: float
    geometry_source: str


@dataclass(frozen=True, slots=True)
class Outside:
    """A named neighbour of the region: a delegated street, a lake, another district."""

    name: str
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Identity:
    """What a region is called."""

    id: str
    name: str
    name_en: str


class Region:
    """The areas of one district, checked by `dashboard.region`; read-only once made.

    `areas` stand district, streets, communities, grids, each tier sorted by code.
    `parent_index` has NOWHERE for the root. `ancestors` is (areas, 4): the area's own index at its
    own tier, NOWHERE below it.
    """

    def __init__(
        self,
        identity: Identity,
        areas: Sequence[Area],
        grid_shapes: Sequence[shapely.Geometry],
        outside: Sequence[Outside] = (),
    ) -> None:
        """`grid_shapes` in the order of the grids; `outside` in the order it is to be asked."""
        self.id, self.name, self.name_en = identity.id, identity.name, identity.name_en
        self.areas = tuple(areas)
        self.by_code = {area.code: area for area in self.areas}
        self.root = self.areas[0]
        self.first_grid = len(self.areas) - len(grid_shapes)
        self.grids = self.areas[self.first_grid :]
        self.parent_index = _parent_index(self.areas, self.by_code)
        self.ancestors = _ancestors(self.areas, self.parent_index)
        self._children = _children(self.areas)
        self._sums = _sums(self.areas, self.parent_index)
        self._grid_shapes = _prepared(grid_shapes)
        self._tree = shapely.STRtree(self._grid_shapes)
        self._outside_names = [place.name for place in outside]
        self._outside_shapes = _prepared([place.shape for place in outside])

    def children(self, code: str) -> tuple[Area, ...]:
        """Sorted by code; none for a grid. Raises KeyError for an unknown code."""
        return self._children[code]

    def lineage(self, code: str) -> tuple[Area, ...]:
        """Root first, the area itself last. Raises KeyError for an unknown code."""
        indexes = self.ancestors[self.by_code[code].index]
        return tuple(self.areas[index] for index in indexes if index != NOWHERE)

    def is_within(self, code: str, ancestor: str) -> bool:
        """An area lies within itself. Raises KeyError for an unknown code."""
        above = self.by_code[ancestor]
        return bool(self.ancestors[self.by_code[code].index, DEPTH[above.tier]] == above.index)

    def grid_shape(self, index: int) -> shapely.Geometry:
        """The shape of the grid at `index`, WGS-84 degrees."""
        return self._grid_shapes[index - self.first_grid]

    def locate(self, lons: ArrayLike, lats: ArrayLike) -> Int32s:
        """Index of the grid that holds each WGS-84 point, NOWHERE outside.

        A point on a border is inside, and of the grids it touches the first has it.
        """
        xs, ys = (
            np.atleast_1d(np.asarray(lons, np.float64)),
            np.atleast_1d(np.asarray(lats, np.float64)),
        )
        points, grids = self._tree.query(shapely.points(xs, ys))
        inside = shapely.intersects_xy(self._grid_shapes[grids], xs[points], ys[points])
        points, grids = points[inside], grids[inside]
        first = np.lexsort(
            (-grids, points)
        )  # the last assignment wins: the lowest index comes last
        found = np.full(len(xs), NOWHERE, np.int32)
        found[points[first]] = grids[first] + self.first_grid
        return found

    def outside_name(self, lon: float, lat: float) -> str | None:
        """The neighbour that holds a WGS-84 point outside the region; None where none is known."""
        holding = np.flatnonzero(shapely.intersects_xy(self._outside_shapes, lon, lat))
        return self._outside_names[holding[0]] if len(holding) else None

    def roll_up(self, table: NDArray[np.integer]) -> None:
        """Fill the rows above the grids with the sums of their children, in place.

        `table` is (areas, k) with the grid rows filled; what its other rows held is lost.
        """
        for rows, starts, parents in self._sums:
            table[parents] = np.add.reduceat(table[rows], starts, axis=0)


def _prepared(shapes: Sequence[shapely.Geometry]) -> Shapes:
    """An own copy of the shapes, prepared for many point-in-polygon questions."""
    array = np.array(list(shapes), dtype=object)
    shapely.prepare(array)
    return array


def _parent_index(areas: Iterable[Area], by_code: dict[str, Area]) -> Int32s:
    parents = [NOWHERE if area.parent is None else by_code[area.parent].index for area in areas]
    return np.array(parents, np.int32)


def _ancestors(areas: Sequence[Area], parent_index: Int32s) -> Int32s:
    """Parents stand before their children, so each row is its parent's and one more."""
    table = np.full((len(areas), len(TIERS)), NOWHERE, np.int32)
    for area in areas:
        if area.parent is not None:
            table[area.index] = table[parent_index[area.index]]
        table[area.index, DEPTH[area.tier]] = area.index
    return table


def _children(areas: Iterable[Area]) -> dict[str, tuple[Area, ...]]:
    held: dict[str, list[Area]] = {}
    for area in areas:
        held[area.code] = []
        if area.parent is not None:
            held[area.parent].append(area)
    return {code: tuple(children) for code, children in held.items()}


def _sums(
    areas: Sequence[Area], parent_index: Int32s
) -> list[tuple[Int32s | slice, NDArray[np.intp], Int32s]]:
    """Per tier from the grids up: rows grouped by parent, where each group starts, its parent."""
    sums: list[tuple[Int32s | slice, NDArray[np.intp], Int32s]] = []
    for tier in reversed(TIERS[1:]):
        rows = np.array([area.index for area in areas if area.tier is tier], np.int32)
        rows = rows[np.argsort(parent_index[rows], kind="stable")]
        parents, starts = np.unique(parent_index[rows], return_index=True)
        whole = bool(np.all(np.diff(rows) == 1))  # a slice is a view, an index list a copy
        taken = slice(int(rows[0]), int(rows[-1]) + 1) if whole else rows
        sums.append((taken, starts, parents))
    return sums
