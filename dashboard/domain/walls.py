"""What a wall is told to show, and what it tells of itself."""

from enum import StrEnum
from typing import Final

import msgspec

from dashboard.domain.areas import Region
from dashboard.domain.playlist import SceneKind
from dashboard.domain.rights import reaches

SILENT_MS: Final = 30_000  # six signs missed
FROZEN_S: Final = 10  # the page did nothing for so long, though its watchdog speaks


class WallDo(StrEnum):
    """What an operator does to a wall."""

    SHOW = "show"  # a scene stays until it is released
    SKIP = "skip"  # to the next scene
    RELEASE = "release"  # back to the playlist


class Order(msgspec.Struct, frozen=True):
    """What a display was told last. `skips` counts up, so that each skip is done once."""

    did: WallDo = WallDo.RELEASE
    scene: str | None = None
    skips: int = 0
    by: str = ""
    at_ms: int = 0


def after(held: Order, do: WallDo, scene: str | None, by: str, now_ms: int) -> Order:
    """The order once `do` was done; `scene` is of SHOW alone."""
    shown = {WallDo.SHOW: scene, WallDo.SKIP: None, WallDo.RELEASE: None}[do]
    return Order(do, shown, held.skips + (do is WallDo.SKIP), by, now_ms)


def objection_to_scene(region: Region, scene: str, area: str) -> str | None:
    """Why a wall of `area` cannot show it; None when it can. A scene is KIND/CODE."""
    kind, _, code = scene.partition("/")
    if kind not in set(SceneKind):
        return f"expected KIND/CODE with one of {', '.join(SceneKind)}"
    if not reaches(region, area, code):
        return f"{code!r} is not an area of this wall"
    if region.by_code[code].tier == "grid":
        return "a wall shows a district, a street or a community"
    return None


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One sign of life. `frozen_s`: since when the page itself did nothing; its watchdog speaks."""

    display: str
    screen: str
    at_ms: int
    scene: str
    state: str
    fps: int
    heap_mb: int | None
    frozen_s: int
    version: str
    width: int
    height: int
    up_s: int


def health(sign: Sign, now_ms: int) -> str:
    """alive; frozen: its page stands still; silent: nothing was heard of it lately."""
    if now_ms - sign.at_ms > SILENT_MS:
        return "silent"
    return "frozen" if sign.frozen_s >= FROZEN_S else "alive"
