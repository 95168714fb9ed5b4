"""The current picture of a region: events in any order come to one state, measured at one instant.

`fold` takes no clock and the newest `observed_ms` wins: replays and disorder change nothing.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.domain import events as ev
from dashboard.domain.areas import Region
from dashboard.domain.cameras import Cameras
from dashboard.domain.events import Chunk, Ownership, ResourceExchanged
from dashboard.domain.feeds import UNHEARD, Freshness, Heard
from dashboard.domain.incident_classes import Classes
from dashboard.domain.incidents import Incidents
from dashboard.domain.metrics import METRICS
from dashboard.domain.sites import Sites
from dashboard.domain.staff import Staff

GROUPS = ("cameras", "incidents", "staff")
NEVER = -1  # in place of a Freshness: no feed ever reported anything of this group
GROUP_OF: dict[type, str] = {
    ev.CameraRegistered: "cameras",
    ev.CameraState: "cameras",
    ev.CameraRollup: "cameras",
    ev.IncidentReported: "incidents",
    ev.IncidentMoved: "incidents",
    ev.StaffCheckedIn: "staff",
}
AGE_DTYPE = np.dtype([("rank", "i1"), ("last_ms", "<i8")])
FEED_SHARE = 0.05  # an area is as fresh as the worst feed behind this share of its members


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long things count as true without being confirmed, in milliseconds."""

    camera_stale_ms: int
    on_duty_ms: int
    cover_ms: int
    due_soon_ms: int


@dataclass(slots=True)
class Changes:
    """What a fold touched, by number or identity, so that only that is written and sent."""

    registered: set[int] = field(default_factory=set)
    states: list[npt.NDArray[np.int64]] = field(default_factory=list)
    rollups: set[tuple[str, Ownership]] = field(default_factory=set)
    incidents: set[str] = field(default_factory=set)
    staff: set[str] = field(default_factory=set)
    minutes: set[int] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)

    def add(self, other: "Changes") -> None:
        self.registered |= other.registered
        self.states += other.states
        self.rollups |= other.rollups
        self.incidents |= other.incidents
        self.staff |= other.staff
        self.minutes |= other.minutes
        self.resources |= other.resources
        self.devices |= other.devices

    def state_numbers(self) -> npt.NDArray[np.int64]:
        """Camera numbers whose state was changed or confirmed, each once."""
        return (
            np.unique(np.concatenate(self.states)) if self.states else np.zeros(0, dtype=np.int64)
        )


class Board:
    """State of one shard; `fold` changes it, `measure` reads it."""

    def __init__(self, region: Region, classes: Classes, sites: Sites | None = None) -> None:
        self.region = region
        self.sites = sites or Sites()
        self.cameras = Cameras(region, self.sites)
        self.incidents = Incidents(region, classes)
        self.staff = Staff(region)
        self.resources: dict[str, ResourceExchanged] = {}
        self.feed_number: dict[str, int] = {}
        self.reporters: dict[str, set[str]] = {group: set() for group in GROUPS}

    def number_feed(self, name: str) -> int:
        return self.feed_number.setdefault(name, len(self.feed_number))

    def fold(self, chunks: list[Chunk]) -> Changes:
        """Take in batches; what they changed."""
        changes = Changes()
        for chunk in chunks:
            self._fold_one(chunk, changes)
        if changes.incidents:
            self.incidents.index(changes.incidents, self.feed_number)
        return changes

    def _fold_one(self, chunk: Chunk, changes: Changes) -> None:
        by_type: dict[type, list[Any]] = {}
        for event in chunk.events:
            by_type.setdefault(type(event), []).append(event)
        self._fold_cameras(by_type, self.number_feed(chunk.feed), changes)
        if found := by_type.get(ev.DeviceRegistered):
            changes.devices |= self.cameras.devices.register(found, chunk.feed)
        if found := by_type.get(ev.DeviceState):
            changes.devices |= self.cameras.devices.observe(found, chunk.feed)
        self._fold_incidents(by_type, chunk, changes)
        # Our own desk is no feed: it neither falls silent nor stands behind numbers.
        for kind in by_type if chunk.feed != ev.DESK else ():
            if group := GROUP_OF.get(kind):
                self.reporters[group].add(chunk.feed)
        if found := by_type.get(ev.StaffCheckedIn):
            changes.minutes |= self.staff.check_in(found, self.feed_number[chunk.feed])
            changes.staff.update(event.staff for event in found)
        if found := by_type.get(ev.ResourceExchanged):
            changes.resources |= self._exchange(found)

    def _fold_incidents(
        self, by_type: dict[type, list[Any]], chunk: Chunk, changes: Changes
    ) -> None:
        if found := by_type.get(ev.IncidentReported):
            at = chunk.position, chunk.received_ms
            changes.incidents |= self.incidents.report(found, chunk.feed, *at)
        if found := by_type.get(ev.IncidentMoved):
            changes.incidents |= self.incidents.move(found, chunk.feed, chunk.position)

    def _fold_cameras(self, by_type: dict[type, list[Any]], feed: int, changes: Changes) -> None:
        if found := by_type.get(ev.CameraRegistered):
            changes.registered |= self.cameras.register(found, feed)
        if found := by_type.get(ev.CameraState):
            changes.states.append(self.cameras.observe(found, feed))
        if found := by_type.get(ev.CameraRollup):
            changes.rollups |= self.cameras.roll_up(found)

    def _exchange(self, events: list[ResourceExchanged]) -> set[str]:
        changed = set()
        for event in events:
            held = self.resources.get(event.resource)
            if held is None or (held.observed_ms, held.id) < (event.observed_ms, event.id):
                self.resources[event.resource] = event
                changed.add(event.resource)
        return changed

    def measure(self, now_ms: int, limits: Limits) -> npt.NDArray[np.int32]:
        """Every metric of every area, shape (areas, metrics): grids counted, tiers above summed."""
        table = np.zeros((len(self.region.areas), len(METRICS)), dtype=np.int32)
        self.cameras.measure(table, now_ms, limits.camera_stale_ms)
        self.incidents.measure(table, now_ms, limits.due_soon_ms)
        self.staff.measure(table, now_ms, limits.on_duty_ms, limits.cover_ms)
        self.region.roll_up(table)
        return table

    def freshness(self, by_feed: dict[str, Heard]) -> npt.NDArray[np.void]:
        """Worst freshness of the feeds behind each group of numbers, shape (areas, groups).

        A feed counts where it stands behind at least FEED_SHARE of the group's members in the area.
        Where nothing is known an area takes its parent's word, and the region's is the best of the
        feeds that ever reported to the group: NEVER when there is none, as 0 is then not a count.

        With it goes the last report of the longest silent of the feeds that decide it; 0 while
        they are live, so that it stands still while they report, and where none was ever heard.
        """
        feeds = np.zeros(max(len(self.feed_number), 1), dtype=AGE_DTYPE)
        feeds["rank"] = Freshness.LOST
        for name, number in self.feed_number.items():
            feeds[number] = _age(by_feed.get(name, UNHEARD))
        tables = (self.cameras.table.rows, self.incidents.table.rows, self.staff.table.rows)
        columns = []
        for group, rows in zip(GROUPS, tables, strict=True):
            reported = [by_feed.get(name, UNHEARD) for name in self.reporters[group]]
            best = min(
                reported, key=lambda heard: (heard.rank, -(heard.last_ms or 0)), default=None
            )
            counts = self._standing_behind(rows["grid"], rows["feed"], len(feeds))
            columns.append(self._worst(counts, feeds, best))
        return np.stack(columns, axis=1)

    def _standing_behind(
        self, grids: npt.NDArray[np.int32], feeds: npt.NDArray[np.int16], n_feeds: int
    ) -> npt.NDArray[np.bool_]:
        """Which feeds count in which area, shape (areas, feeds)."""
        n_areas = len(self.region.areas)
        placed = (grids >= 0) & (feeds >= 0)
        cells = grids[placed].astype(np.int64) * n_feeds + feeds[placed]
        members = (
            np.bincount(cells, minlength=n_areas * n_feeds)
            .reshape(n_areas, n_feeds)
            .astype(np.int32)
        )
        self.region.roll_up(members)
        total = members.sum(axis=1)
        counts: npt.NDArray[np.bool_] = members >= np.maximum(total * FEED_SHARE, 1)[:, None]
        return counts

    def _worst(
        self, counts: npt.NDArray[np.bool_], feeds: npt.NDArray[np.void], best: Heard | None
    ) -> npt.NDArray[np.void]:
        worst = np.zeros(len(counts), dtype=AGE_DTYPE)
        worst["rank"] = np.where(counts, feeds["rank"], NEVER).max(axis=1)
        deciding = counts & (feeds["rank"] == worst["rank"][:, None])
        oldest_ms = np.where(deciding, feeds["last_ms"], np.iinfo(np.int64).max).min(axis=1)
        worst["last_ms"] = np.where(worst["rank"] > Freshness.LIVE, oldest_ms, 0)
        if worst["rank"][0] == NEVER and best is not None:
            worst[0] = _age(best)
        for index, parent in enumerate(self.region.parent_index.tolist()):
            if worst["rank"][index] == NEVER:
                worst[index] = worst[parent]
        return worst


def _age(heard: Heard) -> tuple[int, int]:
    """A row of AGE_DTYPE."""
    return heard.rank, 0 if heard.rank is Freshness.LIVE else heard.last_ms or 0
