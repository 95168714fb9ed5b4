"""Grid staff: who is on duty in which grid and checks in there, hour by hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.domain.areas import Area, Tier
from feeds.demo.feeds import TERMINALS
from feeds.demo.world import HOUR_MS, Due, World, hour_of

BACKLOG_HOURS = 2  # a check-in covers its grid that long
ACTIVITIES = ("patrol", "visit", "check", "training")
OFTEN = {"patrol": 58, "visit": 22, "check": 18, "training": 2}


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours from `begin` to before `end`, and how many rounds an hour."""

    begin: int
    end: int
    per_hour: int


# Around the clock: by day everyone, in the evening and at night fewer rounds.
SHIFTS = (
    Shift(0, 7, 2),
    Shift(7, 8, 3),
    Shift(8, 12, 5),
    Shift(12, 14, 3),
    Shift(14, 18, 5),
    Shift(18, 22, 3),
    Shift(22, 24, 2),
)
# Grids nobody came to (缺岗): drawn anew every eight hours, one half of them four hours after the
# other, so that some are always past the time a check-in covers.
ABSENT = 0.009  # of all grids, in each half
WATCH_MS = 8 * HOUR_MS
HALVES_MS = (0, 4 * HOUR_MS)


@dataclass(frozen=True, slots=True)
class Post:
    """One post of the "1+5+X" model; it makes `share` of the rounds through its grids."""

    staff: str
    role: str
    grids: tuple[int, ...]
    share: float


class Staff:
    """The check-ins of a world; each hour is drawn by itself, the same whenever it is looked at."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._posts = _posts(world)

    def backlog(self) -> Iterator[Due]:
        """The last hours before the start: who is on duty, which grids are covered."""
        hour_ms = _hour_start(self._world.start_ms)
        for back in range(BACKLOG_HOURS, -1, -1):
            yield from (due for due in self._hour(hour_ms - back * HOUR_MS) if due.offset_s <= 0)

    def live(self) -> Iterator[Due]:
        """In order of time, for ever."""
        hour_ms = _hour_start(self._world.start_ms)
        while True:
            yield from (due for due in self._hour(hour_ms) if due.offset_s > 0)
            hour_ms += HOUR_MS

    def _hour(self, hour_ms: int) -> list[Due]:
        shift = _shift_at(hour_ms)
        dice = self._world.chance("staff", hour_ms)
        absent = self._absent(hour_ms)
        found: list[Due] = []
        for post in self._posts:
            for turn in range(shift.per_hour):
                # Each round in its own part of the hour: no grid is left for longer than two.
                part_ms = HOUR_MS / shift.per_hour
                at_ms = int(hour_ms + (turn + dice.random()) * part_ms)
                grid = dice.choice(post.grids)
                activity = dice.choices(ACTIVITIES, list(OFTEN.values()))[0]
                skipped = dice.random() >= post.share
                if not skipped and grid not in absent:
                    place = self._world.point(grid, dice)
                    found.append(self._check_in(at_ms, post, place, activity))
        found.sort(key=lambda due: due.offset_s)
        return found

    def _absent(self, hour_ms: int) -> set[int]:
        """Grids without cover in this hour."""
        n = len(self._world.region.grids)
        found: set[int] = set()
        for half_ms in HALVES_MS:
            dice = self._world.chance("absent", half_ms, (hour_ms + half_ms) // WATCH_MS)
            found.update(dice.sample(range(n), round(n * ABSENT)))
        return found

    def _check_in(self, at_ms: int, post: Post, place: dict[str, Any], activity: str) -> Due:
        identity = f"{post.staff}-{at_ms:x}{self._world.tag(at_ms)}"
        minutes = 5 + int(self._world.mixed(identity) * 35)
        data = {"staff": post.staff, "role": post.role, "activity": activity, "minutes": minutes}
        event = {"type": "staff.checked_in", "id": identity, **place, "data": data}
        return Due(self._world.offset_s(at_ms), TERMINALS, event)


def _posts(world: World) -> list[Post]:
    """A worker in every grid; leaders, police and others of a community go round its grids."""
    region = world.region
    dice = world.chance("posts")
    posts = [
        Post(f"w{number:04d}", "grid_worker", (number,), 1.0) for number in range(len(region.grids))
    ]
    communities = [area for area in region.areas if area.tier is Tier.COMMUNITY]
    for number, community in enumerate(communities):
        grids = tuple(child.index - region.first_grid for child in region.children(community.code))
        posts += _community_posts(number, community, grids, dice.random())
    return posts


def _community_posts(
    number: int, community: Area, grids: tuple[int, ...], luck: float
) -> list[Post]:
    posts = [
        Post(f"l{number:03d}", "grid_leader", grids, 0.6),
        Post(f"p{number:03d}", "police", grids, 0.5),
    ]
    if luck < 0.6:
        posts.append(Post(f"m{number:03d}", "mediator", grids, 0.25))
    if luck > 0.3 and community.km2 < 2:
        posts.append(Post(f"v{number:03d}", "volunteer", grids, 0.3))
    return posts


def _shift_at(at_ms: int) -> Shift:
    hour = hour_of(at_ms)
    return next(shift for shift in SHIFTS if shift.begin <= hour < shift.end)


def _hour_start(at_ms: int) -> int:
    return at_ms - at_ms % HOUR_MS
