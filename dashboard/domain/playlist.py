"""What a wall shows: its scenes in their order, and how long each stays."""

from dataclasses import dataclass
from enum import StrEnum


class SceneKind(StrEnum):
    AREA = "area"  # the situation of one area: district, street or community
    ALERTS = "alerts"  # alerts and whistles
    CAMERAS = "cameras"  # cameras as devices
    COVER = "cover"  # which grids have somebody in them
    WEEKDAY = "weekday"  # today beside the same weekday a week ago


class SceneOf(StrEnum):
    """Which areas an entry stands for: the wall's own, or each one right below it."""

    TOP = "top"
    CHILDREN = "children"


@dataclass(frozen=True, slots=True)
class Entry:
    scene: SceneKind
    of: SceneOf
    dwell_s: int


@dataclass(frozen=True, slots=True)
class Playlist:
    """`hold_s`: how long a new priority 1 incident keeps the wall at its place."""

    entries: tuple[Entry, ...]
    hold_s: int
