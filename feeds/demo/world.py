"""The made-up district: which region, how large, how fast; all its chance comes from the seed."""

import math
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.clock import DAY_MS, SHANGHAI, from_ms, local_day_start_ms
from dashboard.domain.areas import Area, Region
from dashboard.domain.departments import Departments
from dashboard.domain.incident_classes import Classes
from dashboard.domain.sites import Sites

HOUR_MS = 3_600_000
GUANDU_GRIDS = 570  # the numbers of the demo are Guandu's; another district has its share
POINTS_PER_GRID = 12
ROUNDS = 24  # of guesses until a point lies in its grid
DEGREE_KM = 111.32  # of latitude

# How busy each hour is, Shanghai time: two shifts, an evening, a quiet night.
RHYTHM = (
    12, 8, 6, 5, 6, 14, 30, 62, 96, 104, 98, 84,
    50, 60, 92, 98, 92, 80, 62, 58, 52, 40, 28, 18,
)  # fmt: skip
HOURS = len(RHYTHM)

Points = list[tuple[float, float]]


class Due(NamedTuple):
    """What happens `offset_s` seconds after the start; before it when negative.

    `event` has no time yet: when that is on the clock depends on the speed.
    """

    offset_s: float
    feed: str
    event: Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """A district to play. The day is a function of `seed`, region and start, and of nothing else.

    `speed` is how many seconds of the made-up day pass in one real second.
    """

    region: Region
    classes: Classes
    start_ms: int
    seed: int = 1
    speed: float = 1.0
    departments: Departments = field(default_factory=lambda: Departments(()))
    sites: Sites = field(default_factory=Sites)

    @property
    def scale(self) -> float:
        """Size of this district beside Guandu's."""
        return len(self.region.grids) / GUANDU_GRIDS

    @property
    def run(self) -> str:
        """Names this run in ids of what another run would not repeat."""
        return f"{self.start_ms:x}"

    def tag(self, at_ms: float) -> str:
        """Suffix for ids of what is tied to the calendar.

        What lies before the start, and all of a day in real time, is the same in every run with
        this seed and has the same ids, so that starting again doubles nothing; what runs faster
        than the clock belongs to its run alone.
        """
        return "" if self.speed == 1.0 or at_ms <= self.start_ms else f"-{self.run}"

    def chance(self, *of: object) -> random.Random:
        """Dice for one purpose, the same for the same seed on every machine."""
        name = "/".join(map(str, (self.seed, self.region.id, *of)))
        return random.Random(name)  # noqa: S311  # a made-up day, nothing secret

    def mixed(self, *of: object) -> float:
        """A number in 0..1 for one purpose, cheaper than dice."""
        name = "/".join(map(str, (self.seed, *of)))
        return zlib.crc32(name.encode()) / 2**32

    def offset_s(self, at_ms: float) -> float:
        return (at_ms - self.start_ms) / 1000

    @cached_property
    def points(self) -> list[Points]:
        """For each grid, some places in it, WGS-84."""
        n = len(self.region.grids)
        lons, lats = self.scatter(np.repeat(np.arange(n), POINTS_PER_GRID), "points")
        pairs = list(zip(lons.tolist(), lats.tolist(), strict=True))
        return [pairs[i : i + POINTS_PER_GRID] for i in range(0, len(pairs), POINTS_PER_GRID)]

    def point(self, grid: int, dice: random.Random) -> dict[str, Any]:
        """A place in a grid (counted from the first grid) as an event says it."""
        lon, lat = dice.choice(self.points[grid])
        return {"lon": lon, "lat": lat}

    def scatter(
        self, grids: npt.NDArray[np.intp], purpose: str
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """A place in each of the given grids, by guess and check; else the grid's label."""
        dice = np.random.default_rng([self.seed & 0xFFFF_FFFF, zlib.crc32(purpose.encode())])
        labels = np.array([area.label for area in self.region.grids])
        spread = np.array([_spread(area) for area in self.region.grids])
        found = labels[grids]
        left = np.arange(len(grids))
        for _ in range(ROUNDS):
            reach = dice.normal(size=(len(left), 2)) * spread[grids[left]]
            guess = np.round(labels[grids[left]] + reach, 6)
            held = self.region.locate(guess[:, 0], guess[:, 1]) - self.region.first_grid
            inside = held == grids[left]
            found[left[inside]] = guess[inside]
            left = left[~inside]
        return found[:, 0], found[:, 1]


def _spread(area: Area) -> tuple[float, float]:
    """Half the width of a square of the same size, in degrees."""
    degrees = math.sqrt(area.km2) / 2 / DEGREE_KM
    return degrees / math.cos(math.radians(area.label[1])), degrees


def hour_of(at_ms: float) -> int:
    """Hour of the day in Shanghai."""
    return from_ms(int(at_ms)).astimezone(SHANGHAI).hour


def rhythm(at_ms: float) -> float:
    """How busy the hour is beside the day's mean."""
    return RHYTHM[hour_of(at_ms)] * HOURS / sum(RHYTHM)


def day_start_ms(at_ms: float, days_before: int = 0) -> int:
    """Midnight in Shanghai; there has been no summer time since 1991."""
    return local_day_start_ms(int(at_ms)) - days_before * DAY_MS
