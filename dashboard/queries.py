"""What a screen or a program may ask: answered from the web process's copy of the picture.

The copy is kept when the store goes away, and every answer says of when it is.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.alert_book import AlertBook, Changed
from dashboard.clock import Clock, iso
from dashboard.config import Settings
from dashboard.domain.areas import Area, Region, Tier
from dashboard.domain.board import AGE_DTYPE, GROUPS, NEVER
from dashboard.domain.cameras import UNKNOWN, CameraRow, Cameras
from dashboard.domain.feeds import Freshness
from dashboard.domain.incident_classes import Classes
from dashboard.domain.incident_rows import NEVER as PAUSED_MS
from dashboard.domain.incidents import Incident, Incidents
from dashboard.domain.metrics import CAMERA_STATES, METRICS, OWNERSHIPS, rates
from dashboard.domain.picture import (
    CAMERA_DTYPE,
    CELL_DTYPE,
    FRESH_DTYPE,
    TOPIC_DTYPE,
    Delta,
    FeedsPicture,
)
from dashboard.domain.rights import reaches
from dashboard.domain.sites import Sites
from dashboard.domain.standing import Standing
from dashboard.domain.systems import Systems
from dashboard.store.state import WholePicture

LATE_MS, STALE_MS, LOST_MS = 5_000, 15_000, 120_000  # age of the whole picture
MARKED_PRIORITY = {Tier.DISTRICT: 2, Tier.STREET: 3, Tier.COMMUNITY: 4, Tier.GRID: 4}
CAMERA_TIERS = frozenset({Tier.COMMUNITY, Tier.GRID})
FEED_COUNTS = ("accepted", "rejected", "duplicates", "dropped_private", "rate_per_min")


@dataclass(slots=True)
class Touched:
    """What one delta changed, ready to be looked up by area."""

    sequences: dict[int, int] = field(default_factory=dict)
    cells: dict[int, dict[str, int]] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)
    incidents: list[tuple[str, int]] = field(default_factory=list)  # id, grid index
    cameras: dict[int, set[int]] = field(default_factory=dict)  # grid index to camera numbers
    registered: set[int] = field(default_factory=set)  # camera numbers, perhaps in a new grid
    alerts: Changed = field(default_factory=Changed)
    beat: bool = False  # once a second: what only time changes has to be looked at
    feeds: bool = False


class LivePicture:
    """Every number, open incident and camera of the region, as of the last tick that was read."""

    def __init__(self, settings: Settings, region: Region, classes: Classes, clock: Clock) -> None:
        self.sites = Sites()
        self.region = region
        self.classes = classes
        self.clock = clock
        self.systems: Systems | None = None
        self._camera_stale_ms = settings.camera_stale_s * 1000
        self._clear()

    def _clear(self) -> None:
        n_areas = len(self.region.areas)
        self.tick = 0
        self.as_of_ms: int | None = None
        self.topics: npt.NDArray[np.int64] = np.zeros(n_areas + 1, dtype=np.int64)
        self.metrics: npt.NDArray[np.int32] = np.zeros((n_areas, len(METRICS)), dtype=np.int32)
        self.fresh: npt.NDArray[np.void] = np.zeros((n_areas, len(GROUPS)), dtype=AGE_DTYPE)
        self.fresh["rank"] = Freshness.LOST
        self.feeds = FeedsPicture()
        self.cameras = Cameras(self.region, self.sites)
        self.incidents = Incidents(self.region, self.classes, self.systems)
        self.alerts = AlertBook(self.region)
        self._feed_number: dict[str, int] = {}

    def look_at(self, sites: Sites) -> None:
        """Say which sites are marked; to be called before the first picture is here."""
        self.sites = sites
        self._clear()

    def file_under(self, systems: Systems) -> None:
        """Say which systems each case stands in; to be called before the first picture is here."""
        self.systems = systems
        self._clear()

    @property
    def feeds_topic(self) -> int:
        return len(self.region.areas)

    def load(self, whole: WholePicture) -> bool:
        """Take over a saved picture; False when it is of another region pack."""
        picture = whole.picture
        shape = (len(self.region.areas), len(METRICS))
        if picture.areas != tuple(area.code for area in self.region.areas):
            return False
        if len(picture.metrics) != self.metrics.nbytes:  # saved by a program with fewer numbers
            return False
        self._clear()
        self.tick, self.as_of_ms = picture.tick, picture.as_of_ms
        self.topics = np.frombuffer(picture.topics, dtype=np.int64).copy()
        self.metrics = np.frombuffer(picture.metrics, dtype=np.int32).reshape(shape).copy()
        self.fresh = np.frombuffer(picture.fresh, dtype=AGE_DTYPE).reshape(self.fresh.shape).copy()
        self.feeds = picture.feeds
        self._register(sorted(whole.cameras, key=lambda row: row.number))
        self._put_states(_saved_states(whole.camera_states))
        self._put_incidents(whole.incidents)
        self.cameras.devices.put(whole.devices)
        self.alerts.load(whole.alerts, whole.mutes, whole.news)
        return True

    def apply(self, delta: Delta) -> Touched:
        """Bring the picture to the delta's tick; what that changed."""
        touched = Touched(beat=delta.feeds is not None)
        self.tick, self.as_of_ms = delta.tick, delta.as_of_ms
        topics = np.frombuffer(delta.topics, dtype=TOPIC_DTYPE)
        self.topics[topics["topic"]] = topics["sequence"]
        touched.sequences = dict(
            zip(topics["topic"].tolist(), topics["sequence"].tolist(), strict=True)
        )
        cells = np.frombuffer(delta.cells, dtype=CELL_DTYPE)
        self.metrics[cells["area"], cells["metric"]] = cells["value"]
        for area, metric, value in cells.tolist():
            touched.cells.setdefault(area, {})[METRICS[metric]] = value
        fresh = np.frombuffer(delta.fresh, dtype=FRESH_DTYPE)
        self.fresh[fresh["area"]] = fresh["ages"]
        touched.fresh = set(fresh["area"].tolist())
        if delta.feeds is not None:
            touched.feeds, self.feeds = delta.feeds != self.feeds, delta.feeds
        self._apply_cameras(delta, touched)
        self._apply_incidents(delta, touched)
        touched.alerts = self.alerts.apply(delta)
        return touched

    def _apply_cameras(self, delta: Delta, touched: Touched) -> None:
        self.cameras.devices.put(delta.devices)
        self._register(list(delta.registered))
        states = np.frombuffer(delta.states, dtype=CAMERA_DTYPE)
        self._put_states(states)
        touched.registered = {row.number for row in delta.registered}
        numbers = touched.registered | set(states["number"].tolist())
        grids = self.cameras.table.rows["grid"]
        for number in numbers:
            touched.cameras.setdefault(int(grids[number]), set()).add(number)

    def _apply_incidents(self, delta: Delta, touched: Touched) -> None:
        table = self.incidents.table
        for identity in sorted(self._put_incidents(list(delta.incidents))):
            grid = int(table.rows["grid"][table.number_of[identity]])
            touched.incidents.append((identity, grid))
        self.incidents.drop(delta.gone)

    def _register(self, rows: list[CameraRow]) -> None:
        if rows:
            self._number(max(row.number for row in rows))
            self.cameras.put(rows)

    def _number(self, number: int) -> None:
        """Columns are addressed by the board's numbers; identities live in the registered rows."""
        for new in range(len(self.cameras.table), number + 1):
            self.cameras.table.number(str(new))

    def _put_states(self, states: npt.NDArray[np.void]) -> None:
        if not len(states):
            return
        self._number(int(states["number"].max()))
        columns = [
            states[name].astype(np.int64) for name in ("number", "status", "status_ms", "feed")
        ]
        self.cameras.put_states(*columns)

    def _put_incidents(self, incidents: list[Incident]) -> set[str]:
        for incident in incidents:
            self.incidents.by_id[incident.id] = incident
            self._feed_number.setdefault(incident.feed, len(self._feed_number))
        if not incidents:
            return set()
        return self.incidents.index({incident.id for incident in incidents}, self._feed_number)

    # ---- age ---------------------------------------------------------------------------------

    def age_rank(self) -> Freshness:
        """How far the picture as a whole can be trusted to be of now."""
        if self.as_of_ms is None:
            return Freshness.LOST
        age_ms = self.clock.now_ms() - self.as_of_ms
        limits = ((LATE_MS, Freshness.LIVE), (STALE_MS, Freshness.LATE), (LOST_MS, Freshness.STALE))
        return next((rank for limit, rank in limits if age_ms <= limit), Freshness.LOST)

    def as_of(self) -> str | None:
        return None if self.as_of_ms is None else iso(self.as_of_ms)

    # ---- areas -------------------------------------------------------------------------------

    def area_row(self, area: Area) -> dict[str, Any]:
        """One area with its numbers, as both the API and the live socket say it."""
        metrics = self.area_metrics(area.index)
        return {
            "code": area.code,
            "name": area.name,
            "name_en": area.name_en,
            "tier": area.tier.value,
            "parent": area.parent,
            "label": area.label,
            **self.area_freshness(area.index),
            "metrics": metrics,
            "rates": rates(metrics),
        }

    def area_metrics(self, index: int) -> dict[str, int]:
        return dict(zip(METRICS, self.metrics[index].tolist(), strict=True))

    def area_freshness(self, index: int) -> dict[str, Any]:
        """Worst of the groups ever reported, and each group's own; never above the picture's.

        What is not live says of when it is: None where no feed was ever heard.
        """
        age = self.age_rank()
        held, last_ms = (self.fresh[name][index].tolist() for name in ("rank", "last_ms"))
        ranks = [Freshness.LOST if rank == NEVER else max(age, Freshness(rank)) for rank in held]
        reported = [rank for rank, saved in zip(ranks, held, strict=True) if saved != NEVER]
        as_of = [self._as_of(*of) for of in zip(ranks, held, last_ms, strict=True)]
        return {
            "freshness": max(reported, default=Freshness.LOST).word,
            "freshness_by": {group: rank.word for group, rank in zip(GROUPS, ranks, strict=True)},
            "as_of_by": dict(zip(GROUPS, as_of, strict=True)),
        }

    def _as_of(self, rank: Freshness, held: int, last_ms: int) -> str | None:
        """Of when numbers that are not live are: of their feeds' last report, or the picture's."""
        if rank is Freshness.LIVE:
            return None
        if held == Freshness.LIVE:
            return self.as_of()
        return iso(last_ms) if last_ms else None

    def lineage(self, area: Area) -> list[dict[str, str]]:
        """From the root down, the area itself left out."""
        above = self.region.lineage(area.code)[:-1]
        return [
            {"code": a.code, "name": a.name, "name_en": a.name_en, "tier": a.tier.value}
            for a in above
        ]

    def origins(self, area: Area) -> list[dict[str, Any]]:
        """Feeds that are not real and have delivered for the area: every screen must say so."""
        found = {
            (feed.kind, feed.label)
            for feed in self.feeds.feeds
            if feed.kind != "live" and feed.accepted and self._touch(feed.area, area.code)
        }
        return [{"kind": kind, "label": label} for kind, label in sorted(found, key=str)]

    def feeds_of(self, scope: Area) -> dict[str, Any]:
        """Feeds that report for the area: their age, and counts of those that report for no other.

        A count of a wider feed would tell of places outside, so it is None.
        """
        whole: dict[str, Any] = msgspec.to_builtins(self.feeds)
        if scope is self.region.root:
            return whole
        rows = []
        for row in whole["feeds"]:
            area = row["area"] or self.region.root.code
            if reaches(self.region, scope.code, area):
                rows.append(row)
            elif reaches(self.region, area, scope.code):
                rows.append(row | dict.fromkeys(FEED_COUNTS))
        return {"feeds": rows, "dropped_private_today": None}

    def _touch(self, feed_area: str | None, area: str) -> bool:
        """Whether a feed may report for a place in the area."""
        of = feed_area or self.region.root.code
        return reaches(self.region, of, area) or reaches(self.region, area, of)

    # ---- incidents ---------------------------------------------------------------------------

    def incident_numbers(self, area: Area, max_priority: int = 4) -> npt.NDArray[np.int64]:
        """Row numbers of the area's open incidents up to a priority, most urgent first."""
        rows = self.incidents.table.rows
        wanted = self.within(rows["grid"], area) & rows["open"] & (rows["priority"] <= max_priority)
        numbers = np.flatnonzero(wanted)
        due_ms = rows["due_ms"][numbers]
        return numbers[np.lexsort((rows["reported_ms"][numbers], due_ms, due_ms == PAUSED_MS))]

    def within(self, grids: npt.NDArray[np.int32], area: Area) -> npt.NDArray[np.bool_]:
        """Which of these grid indexes lie in the area."""
        placed = grids >= 0
        column = list(Tier).index(area.tier)
        inside: npt.NDArray[np.bool_] = self.region.ancestors[grids, column] == area.index
        return placed & inside

    def marked(self, identity: str, area: Area) -> bool:
        """True when the area's map shows this incident."""
        table = self.incidents.table
        number = table.number_of.get(identity)
        if number is None:
            return False
        row = table.rows[number]
        inside = bool(self.within(table.rows["grid"][number : number + 1], area)[0])
        return inside and bool(row["open"]) and int(row["priority"]) <= MARKED_PRIORITY[area.tier]

    def incident_row(self, incident: Incident, held: Standing | None = None) -> dict[str, Any]:
        """One case without its history; `held` None: as it stands in this picture."""
        report = incident.report
        found = report and self.classes.find(
            report.class_code, report.class_system, report.class_version
        )
        held = held or self.incidents.standing[incident.id]
        due_ms = held.deadline.due_ms
        return {
            "id": incident.id,
            "class": report.class_code if report else None,
            "service_code": found.service_code if found else None,
            "class_name": found.name if found else None,
            "class_name_en": found.name_en if found else None,
            "title": report.title if report else None,
            "state": held.state.value,
            "priority": incident.priority,
            "area": report.grid if report else None,
            "lon": report.lon if report else None,
            "lat": report.lat if report else None,
            "channel": report.channel.value if report else None,
            "reported_at": iso(incident.first_ms) if report else None,
            "due_at": iso(due_ms) if report and due_ms is not None else None,
            "closed_at": None if held.ended_ms is None else iso(held.ended_ms),
            "version": incident.version,
            "systems": self.systems_of(incident.id),
        }

    def systems_of(self, identity: str) -> list[str]:
        """Ids of the systems in whose queue a case stands, its home first."""
        number = self.incidents.table.number_of.get(identity)
        if self.systems is None or number is None:
            return []
        row = self.incidents.table.rows[number]
        names, home, bits = list(self.systems), int(row["home"]), int(row["systems"])
        also = [name for i, name in enumerate(names) if bits >> i & 1 and i != home]
        return [names[home], *also]

    # ---- cameras -----------------------------------------------------------------------------

    def camera_numbers(self, area: Area) -> npt.NDArray[np.int64]:
        """Numbers of the registered cameras in the area."""
        return np.flatnonzero(self.within(self.cameras.table.rows["grid"], area))

    def camera_states(self) -> npt.NDArray[np.int8]:
        now_ms = self.clock.now_ms() if self.as_of_ms is None else self.as_of_ms
        return self.cameras.effective_states(now_ms, self._camera_stale_ms)

    def camera_mark(self, number: int) -> list[Any]:
        """[id, name, lon, lat, ownership, status, seen_at_ms]; unknown once silent too long."""
        row = self.cameras.registered[number]
        record = self.cameras.table.rows[number]
        now_ms = self.clock.now_ms() if self.as_of_ms is None else self.as_of_ms
        seen_ms, status = int(record["status_ms"]), int(record["status"])
        if status < 0 or now_ms - seen_ms > self._camera_stale_ms:
            status = UNKNOWN
        owner = OWNERSHIPS[int(record["owner"])]
        return [
            row.id,
            row.name,
            row.lon,
            row.lat,
            owner,
            CAMERA_STATES[status],
            seen_ms if seen_ms >= 0 else None,
        ]


def _saved_states(states: Any) -> npt.NDArray[np.void]:
    """Rows of the checkpoint's hash as the records a delta carries."""
    records = np.empty(len(states), dtype=CAMERA_DTYPE)
    size = CAMERA_DTYPE.itemsize - 4
    packed = np.frombuffer(
        b"".join(body[:size] for body in states.values()), dtype=np.dtype(CAMERA_DTYPE.descr[1:])
    )
    records["number"] = np.fromiter(states, dtype=np.int64, count=len(states))
    for name in ("status", "status_ms", "feed"):
        records[name] = packed[name]
    return records
