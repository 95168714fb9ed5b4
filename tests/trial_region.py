"""A district that is not Guandu: 25 square grids in one community, no codes of digits."""

import itertools

import shapely

from dashboard.domain.areas import Area, Identity, Region, Tier

DEGREES = 0.004  # side of a grid
SIDE = 5  # grids in a row
WEST, SOUTH = 110.0, 30.0
NAMES = {"name": "试", "name_en": "Trial", "km2": 0.17, "geometry_source": "test"}


def trial_region() -> Region:
    areas, parent = [], None
    for index, tier in enumerate((Tier.DISTRICT, Tier.STREET, Tier.COMMUNITY)):
        code = "T" if parent is None else f"{parent}-x"
        place = {"code": code, "parent": parent, "tier": tier}
        areas.append(Area(index=index, label=_middle(0, 0), **place, **NAMES))
        parent = code
    shapes = []
    for row, column in itertools.product(range(SIDE), repeat=2):
        west, south = WEST + column * DEGREES, SOUTH + row * DEGREES
        shapes.append(shapely.box(west, south, west + DEGREES, south + DEGREES))
        place = {"code": f"{parent}-{row}{column}", "parent": parent, "tier": Tier.GRID}
        areas.append(Area(index=len(areas), label=_middle(row, column), **place, **NAMES))
    return Region(Identity("trial", "试区", "Trial"), areas, shapes)


def _middle(row: int, column: int) -> tuple[float, float]:
    return WEST + (column + 0.5) * DEGREES, SOUTH + (row + 0.5) * DEGREES
