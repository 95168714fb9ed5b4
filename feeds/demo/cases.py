"""Which incidents a made-up day brings: how many, of which class, where, and how long they last."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dashboard.clock import DAY_MS
from dashboard.domain.areas import Area
from dashboard.domain.deadlines import due_ms
from dashboard.domain.incident_classes import ClockType, IncidentClass, Limit, priority_of
from feeds.demo.world import HOUR_MS, HOURS, RHYTHM, World

# Reported a day in Guandu, by priority; with how long they last some 1 / 40 / 135 / 658 are open.
# Every P1 rings, of the P2 those near their limit and those past it: 5 / 15 / 80 % by priority.
PER_DAY = {1: 8, 2: 240, 3: 255, 4: 290}
# What collectors and callers tell of most; every other class of the pack comes up once in a while.
COMMON = {
    "01-10": 9, "01-12": 9, "01-36": 11, "01-13": 9, "01-35": 8, "01-92": 8, "01-28": 5,
    "01-29": 3, "01-11": 7, "01-30": 4, "01-14": 4, "01-80": 4, "02-01": 11, "02-06": 4,
    "02-03": 3, "02-02": 3, "03-01": 7, "03-02": 4, "03-04": 6, "03-06": 4, "04-01": 10,
    "04-05": 12, "04-06": 14, "04-10": 14, "04-93": 10, "04-96": 4, "04-02": 3, "05-03": 12,
    "05-01": 6, "05-02": 1, "05-04": 0.1, "05-06": 0.5, "05-07": 0.1, "01-22": 0.3,
    "01-83": 0.5, "05-95": 0.3,
}  # fmt: skip
FLOOD = "05-06"
DRAIN = "05-03"
RAINY = 0.25  # share of the days with a cloudburst, as in the months of the monsoon
FLOODS = (18, 34)  # cases of one rain
RAIN_HOURS = (12.0, 21.0)  # its beginning, Shanghai time
RAIN_H = (1.7, 3.2)
FLOODED_GRIDS = 70  # round the heaviest rain
OVERDUE = {1: 0.2, 2: 0.12, 3: 0.1, 4: 0.05}  # share that is not done within its limit
# Longest expected work, hours, where a weekend stretches the limit.
LONGEST_H = {
    ClockType.URGENT_HOUR: 12,
    ClockType.WORK_HOUR: 22,
    ClockType.NATURAL_DAY: 72,
    ClockType.WORK_DAY: 32,
}
LONGEST_DAYS = 15
URGENT = 1  # priority
CHANNELS = {"collector": 62, "public": 8, "hotline": 16, "video": 8, "leader": 1, "transfer": 5}
_CHANNELS, _CHANNEL_WEIGHTS = list(CHANNELS), list(CHANNELS.values())


@dataclass(frozen=True, slots=True)
class Case:
    """One incident as it will go: reported, and over when its last step is done."""

    id: str
    cls: IncidentClass
    grid: int  # counted from the first grid
    channel: str
    reported_ms: int
    ends_ms: int
    depth_cm: int | None = None  # of water on a road


class Cases:
    """The incidents of any day, the same whenever that day is looked at."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._calendar = world.classes.calendar
        self._load = self._grid_load()

    def day(self, day_ms: int, name: str) -> list[Case]:
        """All cases reported on the day that begins at `day_ms`, by time; `name` is its date."""
        dice = self._world.chance("incidents", name)
        drawn = list(self._routine(day_ms, dice)) + list(self._rain(day_ms, dice))
        drawn.sort(key=lambda case: (case[1], case[2]))
        return [
            self._case(f"{name}-{self._world.seed}-{number:04d}", case, dice)
            for number, case in enumerate(drawn, start=1)
        ]

    def _routine(
        self, day_ms: int, dice: random.Random
    ) -> Iterator[tuple[IncidentClass, int, int, int | None]]:
        n_grids = len(self._world.region.grids)
        for priority, per_day in PER_DAY.items():
            held = self._classes[priority]
            if not held:
                continue
            classes, weights = zip(*held, strict=True)
            count = max(0, round(dice.gauss(per_day, per_day**0.5) * self._world.scale))
            hours = dice.choices(range(HOURS), _rhythm(priority), k=count)
            grids = dice.choices(range(n_grids), self._load, k=count)
            for cls, hour, grid in zip(
                dice.choices(classes, weights, k=count), hours, grids, strict=True
            ):
                yield cls, day_ms + int((hour + dice.random()) * HOUR_MS), grid, None

    def _rain(
        self, day_ms: int, dice: random.Random
    ) -> Iterator[tuple[IncidentClass, int, int, int | None]]:
        """Some days a cloudburst over one spot: roads under water and blocked drains round it."""
        flood, drain = self._world.classes.find(FLOOD), self._world.classes.find(DRAIN)
        if dice.random() >= RAINY or flood is None:
            return
        centre = dice.choice(self._world.region.grids)
        near = self._near(centre)
        begins_ms = day_ms + int(dice.uniform(*RAIN_HOURS) * HOUR_MS)
        lasts_ms = dice.uniform(*RAIN_H) * HOUR_MS
        for _ in range(max(2, round(dice.randint(*FLOODS) * self._world.scale))):
            at_ms = begins_ms + int(dice.betavariate(2, 3) * lasts_ms)
            grid = near[int(dice.betavariate(1, 2.5) * len(near))]
            if drain is not None and dice.random() < 0.12:
                yield drain, at_ms, grid, None
            else:
                yield flood, at_ms, grid, 5 * dice.randint(2, 12)

    def _case(
        self, identity: str, drawn: tuple[IncidentClass, int, int, int | None], dice: random.Random
    ) -> Case:
        cls, reported_ms, grid, depth_cm = drawn
        channel = dice.choices(_CHANNELS, _CHANNEL_WEIGHTS)[0]
        lasts_ms = self._lasts_ms(cls, reported_ms, dice)
        return Case(identity, cls, grid, channel, reported_ms, reported_ms + lasts_ms, depth_cm)

    def _lasts_ms(self, cls: IncidentClass, reported_ms: int, dice: random.Random) -> int:
        """Most are done within their limit, some late. Weekends do not make people idle."""
        limit = cls.governing_limit
        allowed_ms = due_ms(reported_ms, limit, self._calendar) - reported_ms
        allowed_ms = min(allowed_ms, _longest_ms(limit))
        if dice.random() < OVERDUE[priority_of(cls)]:
            part = dice.uniform(1.05, 2.6)
        else:
            part = 0.98 - 0.5 * dice.betavariate(1.2, 3)
        return int(min(allowed_ms * part, LONGEST_DAYS * DAY_MS))

    @cached_property
    def _classes(self) -> dict[int, list[tuple[IncidentClass, float]]]:
        """Classes of the pack by priority, with how often each comes up."""
        own = next(iter(self._world.classes.values())).system
        found: dict[int, list[tuple[IncidentClass, float]]] = {priority: [] for priority in PER_DAY}
        for cls in self._world.classes.values():
            if cls.system == own:
                found[priority_of(cls)].append((cls, COMMON.get(cls.code, 1.0)))
        return found

    def _grid_load(self) -> list[float]:
        """Grids differ, and small ones are the dense ones."""
        dice = self._world.chance("load")
        return [
            dice.lognormvariate(0, 0.5) / max(area.km2, 0.05) ** 0.25
            for area in self._world.region.grids
        ]

    def _near(self, centre: Area) -> list[int]:
        """Grids counted from the first grid, nearest first."""
        lon, lat = centre.label
        grids = self._world.region.grids
        nearest = sorted(
            range(len(grids)),
            key=lambda i: (grids[i].label[0] - lon) ** 2 + (grids[i].label[1] - lat) ** 2,
        )
        return nearest[:FLOODED_GRIDS]


def _rhythm(priority: int) -> list[float]:
    """Routine cases follow the patrols; half of what is urgent happens at any hour."""
    steady = sum(RHYTHM) / HOURS if priority <= URGENT else 0.0
    return [steady + busy for busy in RHYTHM]


def _longest_ms(limit: Limit) -> int:
    hours = LONGEST_H[limit.clock]
    if limit.clock is ClockType.WORK_DAY:
        hours *= limit.amount
    return hours * HOUR_MS
