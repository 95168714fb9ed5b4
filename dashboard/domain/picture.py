"""What the board tells the web: the whole picture once, then what changed, tick by tick."""

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.domain.alerts import Alert, AlertNews, Mute
from dashboard.domain.board import AGE_DTYPE, GROUPS
from dashboard.domain.cameras import STATE_DTYPE, CameraRow
from dashboard.domain.devices import Device
from dashboard.domain.incidents import Incident

TOPIC_DTYPE = np.dtype([("topic", "<i4"), ("sequence", "<i8")])
CELL_DTYPE = np.dtype([("area", "<i4"), ("metric", "<i2"), ("value", "<i4")])
FRESH_DTYPE = np.dtype([("area", "<i4"), ("ages", AGE_DTYPE, (len(GROUPS),))])
CAMERA_DTYPE = np.dtype([("number", "<i4"), *STATE_DTYPE.descr])


class FeedRow(msgspec.Struct, frozen=True):
    """One feed as a screen shows it."""

    name: str
    title: str
    title_en: str
    kind: str
    label: str | None
    area: str | None
    freshness: str
    last_at: str | None
    period_s: int
    accepted: int
    rejected: int
    duplicates: int
    dropped_private: int
    rate_per_min: int


class FeedsPicture(msgspec.Struct, frozen=True):
    """Every feed that may report or has reported, and how many person events were dropped today."""

    feeds: tuple[FeedRow, ...] = ()
    dropped_private_today: int = 0


class Picture(msgspec.Struct, frozen=True, array_like=True):
    """Every area's numbers at one tick. Topic i is area i, the one after the last the feeds."""

    tick: int
    as_of_ms: int
    topics: bytes  # int64 sequence by topic
    metrics: bytes  # int32, (areas, metrics)
    fresh: bytes  # AGE_DTYPE, (areas, groups)
    feeds: FeedsPicture
    areas: tuple[str, ...]  # codes by index, so that a picture of another pack is noticed


class Delta(msgspec.Struct, frozen=True, array_like=True):
    """What one tick changed; the byte fields are records of the types above."""

    tick: int
    as_of_ms: int
    reload: bool  # the board started anew: load the whole picture again
    topics: bytes = b""
    cells: bytes = b""
    fresh: bytes = b""
    registered: tuple[CameraRow, ...] = ()
    states: bytes = b""
    incidents: tuple[Incident, ...] = ()
    gone: tuple[str, ...] = ()
    feeds: FeedsPicture | None = None
    alerts: tuple[Alert, ...] = ()
    alerts_gone: tuple[str, ...] = ()
    news: tuple[AlertNews, ...] = ()
    judged_ms: int = 0  # the last round over all rules that came to its end
    mutes: dict[str, Mute] | None = None  # by area, at the beat
    devices: tuple[Device, ...] = ()


def cells_between(
    before: npt.NDArray[np.int32], after: npt.NDArray[np.int32]
) -> npt.NDArray[np.void]:
    """The numbers that differ, as CELL_DTYPE; both tables are (areas, metrics)."""
    areas, metrics = np.nonzero(before != after)
    cells = np.empty(len(areas), dtype=CELL_DTYPE)
    cells["area"], cells["metric"], cells["value"] = areas, metrics, after[areas, metrics]
    return cells


def fresh_between(
    before: npt.NDArray[np.void], after: npt.NDArray[np.void]
) -> npt.NDArray[np.void]:
    """The areas whose ages differ, as FRESH_DTYPE; both tables are AGE_DTYPE (areas, groups)."""
    areas = np.flatnonzero((before != after).any(axis=1))
    rows = np.empty(len(areas), dtype=FRESH_DTYPE)
    rows["area"], rows["ages"] = areas, after[areas]
    return rows
