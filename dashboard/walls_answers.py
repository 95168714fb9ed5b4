"""What the API of walls takes and answers, for OpenAPI, as dashboard/answers.py does."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.answers import Count, Description, Moment
from dashboard.domain.playlist import SceneKind
from dashboard.domain.walls import WallDo
from dashboard.office_answers import (
    NO_BODY,
    REFUSED,
    STALE,
    UNREADABLE,
    SignRow,
    answers,
    found,
    missing,
)

SCENE = f"KIND/CODE: one of {', '.join(SceneKind)}, and an area of the wall"
Screen = Annotated[str, Field(pattern="^[0-9a-z]{8,40}$", description="One browser's own name")]
Line = Annotated[str, Field(max_length=80)]
Seconds = Annotated[int, Field(ge=0, le=10_000_000)]
Pixels = Annotated[int, Field(ge=1, le=100_000)]


class WallOrder(BaseModel):
    """`scene` is needed to show one, and for nothing else."""

    model_config = ConfigDict(extra="forbid")

    do: WallDo
    scene: Annotated[Line | None, Field(description=SCENE)] = None


class SignOfLife(BaseModel):
    """What a wall's watchdog tells every five seconds.

    `frozen_s`: for how long the page itself has done nothing. `scene`: as in an order.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    screen: Screen
    scene: Line
    state: Literal["connecting", "live", "late", "cut"]
    fps: Annotated[int, Field(ge=0, le=1_000)]
    heap_mb: Annotated[int | None, Field(ge=0, le=1_000_000)]
    frozen_s: Seconds
    version: Line
    width: Pixels
    height: Pixels
    up_s: Seconds


class OrderRow(TypedDict):
    """What the wall was told last; `scene` null: it goes through its playlist."""

    did: WallDo
    scene: str | None
    by: str
    at: Moment


class WallRow(TypedDict):
    name: str
    area: str
    order: OrderRow | None
    signs: Annotated[list[SignRow], Field(description="Of its screens, heard last first")]


class WallsAnswer(TypedDict):
    total: Count
    items: list[WallRow]


WALL_ROUTES: dict[tuple[str, str], Description] = {
    ("GET", "/api/walls"): answers(found(200, WallsAnswer, "Walls of your area, by name")),
    ("POST", "/api/walls/{name}/order"): answers(
        found(200, WallRow, "The wall, with its new order"),
        UNREADABLE,
        REFUSED,
        STALE,
        missing("wall"),
    ),
    ("POST", "/api/screen"): answers(NO_BODY, UNREADABLE, REFUSED),
}
