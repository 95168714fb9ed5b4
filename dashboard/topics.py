"""What a screen looks at: a topic makes its snapshot and deltas once for all browsers."""

from collections import deque
from typing import Any, Protocol

import msgspec
import numpy as np

from dashboard.domain.areas import Area
from dashboard.domain.feeds import Freshness
from dashboard.domain.metrics import CAMERA_STATES, COLUMN, RATE_INPUTS, rates
from dashboard.domain.rights import Right
from dashboard.queries import CAMERA_TIERS, MARKED_PRIORITY, LivePicture, Touched

PAUSED = "~"  # in place of a deadline: after every other
FRAMES_KEPT = 120  # two minutes at rest: a browser that was away so long gets a snapshot
IDLE_MS = 60_000
INCIDENTS_SHOWN = 500
CAMERAS_SHOWN = 5_000

_encoder = msgspec.json.Encoder()


class Topic(Protocol):
    """One numbered sequence of frames. `number` is its place among the board's topics.

    All that its frames tell is of `scope`: who has `right` in that area may have them.
    """

    number: int
    scope: Area
    right: Right

    def begin(self, picture: LivePicture) -> None:
        """Forget everything: the picture was loaded anew."""

    def snapshot(self, picture: LivePicture) -> bytes: ...

    def frame(self, picture: LivePicture, touched: Touched) -> bytes: ...

    def resume(self, picture: LivePicture, since: int | None) -> list[bytes]: ...

    def used(self, now_ms: int) -> None: ...

    def is_idle(self, now_ms: int) -> bool: ...


class NumberedTopic:
    """What every topic shares: numbering, frames kept for resuming, the time of last use."""

    right = Right.SEE

    def __init__(self, name: str, number: int, scope: Area) -> None:
        self.name = name
        self.number = number
        self.scope = scope
        self._frames: deque[tuple[int, bytes]] = deque(maxlen=FRAMES_KEPT)
        self._used_ms = 0
        self._snapshot: tuple[tuple[int, Freshness], bytes] | None = None
        self._told_age = Freshness.LIVE

    def begin(self, picture: LivePicture) -> None:
        self._frames.clear()
        self._snapshot = None
        self._told_age = Freshness.LIVE

    def used(self, now_ms: int) -> None:
        self._used_ms = now_ms

    def is_idle(self, now_ms: int) -> bool:
        return now_ms - self._used_ms > IDLE_MS

    def snapshot(self, picture: LivePicture) -> bytes:
        """Serialized once a tick, however many browsers ask; again when it has aged since."""
        of = (picture.tick, picture.age_rank())
        if self._snapshot is None or self._snapshot[0] != of:
            body = self._head(picture) | {"snapshot": self._content(picture)}
            self._snapshot = (of, _encoder.encode(body))
            self._told_age = max(self._told_age, of[1])
        return self._snapshot[1]

    def frame(self, picture: LivePicture, touched: Touched) -> bytes:
        body = self._head(picture) | {"delta": self._change(picture, touched)}
        self._told_age = picture.age_rank()
        text = _encoder.encode(body)
        self._frames.append((int(picture.topics[self.number]), text))
        return text

    def resume(self, picture: LivePicture, since: int | None) -> list[bytes]:
        """The frames after `since` if all are still kept, else a snapshot."""
        current = int(picture.topics[self.number])
        if since is not None and since <= current:
            missed = [text for sequence, text in self._frames if sequence > since]
            if len(missed) == current - since:
                return missed
        return [self.snapshot(picture)]

    def _head(self, picture: LivePicture) -> dict[str, Any]:
        sequence = int(picture.topics[self.number])
        return {"topic": self.name, "sequence": sequence, "as_of": picture.as_of()}

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        raise NotImplementedError

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        raise NotImplementedError


class FeedsTopic(NumberedTopic):
    """The feeds that matter to an area, with age and counts; short enough to be sent whole."""

    def __init__(self, number: int, scope: Area) -> None:
        super().__init__("feeds", number, scope)

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        return picture.feeds_of(self.scope)

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        return self._content(picture) if touched.feeds else {}


class AreaTopic(NumberedTopic):
    """One area: its numbers, its children's, and the marks that its map shows."""

    def __init__(self, area: Area) -> None:
        super().__init__(f"area/{area.code}", area.index, area)
        self.area = area
        self._shown: set[str] = set()
        self._states: dict[int, str] = {}  # of the cameras shown, by number
        self._origins: list[dict[str, Any]] = []

    def begin(self, picture: LivePicture) -> None:
        super().begin(picture)
        self._shown = set(self._most_urgent(picture))
        self._states = self._camera_states(picture)
        self._origins = picture.origins(self.area)

    def _most_urgent(self, picture: LivePicture) -> list[str]:
        numbers = picture.incident_numbers(self.area, MARKED_PRIORITY[self.area.tier])
        ids = picture.incidents.table.ids
        return [ids[number] for number in numbers[:INCIDENTS_SHOWN].tolist()]

    def _n_marked(self, picture: LivePicture) -> int:
        """How many incidents the map would show if there were room for all."""
        metrics = picture.metrics[self.area.index]
        columns = [
            COLUMN[f"incidents_open_p{p}"] for p in range(1, MARKED_PRIORITY[self.area.tier] + 1)
        ]
        return int(metrics[columns].sum())

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        incidents = [picture.incident_row(picture.incidents.by_id[i]) for i in self._shown]
        incidents.sort(key=lambda row: (row["due_at"] or PAUSED, row["id"]))
        total = max(self._n_marked(picture), len(incidents))
        return {
            "area": picture.area_row(self.area),
            "lineage": picture.lineage(self.area),
            "children": [
                picture.area_row(area) for area in picture.region.children(self.area.code)
            ],
            "incidents": {"shown": len(incidents), "total": total, "items": incidents},
            "cameras": self._cameras(picture),
            "origins": picture.origins(self.area),
        }

    def _cameras(self, picture: LivePicture) -> dict[str, Any] | None:
        if self.area.tier not in CAMERA_TIERS:
            return None
        numbers = picture.camera_numbers(self.area)
        items = [picture.camera_mark(number) for number in numbers[:CAMERAS_SHOWN].tolist()]
        return {"shown": len(items), "total": len(numbers), "items": items}

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        change: dict[str, Any] = {}
        if areas := self._area_changes(picture, touched):
            change["areas"] = areas
        if incidents := self._incident_changes(picture, touched):
            change["incidents"] = incidents
            change["incidents_total"] = max(self._n_marked(picture), len(self._shown))
        if self.area.tier in CAMERA_TIERS and (cameras := self._camera_changes(picture, touched)):
            change["cameras"] = cameras
        origins = picture.origins(self.area)
        if origins != self._origins:
            change["origins"] = self._origins = origins
        return change

    def _area_changes(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        changes = {}
        aged = self._told_age is not picture.age_rank()  # some have a snapshot that says otherwise
        for area in (self.area, *picture.region.children(self.area.code)):
            cells = touched.cells.get(area.index)
            change: dict[str, Any] = {}
            if cells:
                change = {"metrics": cells}
                if not RATE_INPUTS.isdisjoint(cells):
                    change["rates"] = rates(picture.area_metrics(area.index))
            if aged or area.index in touched.fresh:
                change |= picture.area_freshness(area.index)
            if change:
                changes[area.code] = change
        return changes

    def _incident_changes(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        """What was told of the incidents shown, and None for those that gave way to others."""
        told = {identity for identity, _ in touched.incidents}
        if not any(i in self._shown or picture.marked(i, self.area) for i in told):
            return {}
        wanted = set(self._most_urgent(picture))
        changes: dict[str, Any] = dict.fromkeys(self._shown - wanted)
        for identity in (wanted - self._shown) | (wanted & told):
            changes[identity] = picture.incident_row(picture.incidents.by_id[identity])
        self._shown = wanted
        return changes

    def _camera_states(self, picture: LivePicture) -> dict[int, str]:
        if self.area.tier not in CAMERA_TIERS:
            return {}
        numbers = picture.camera_numbers(self.area)
        codes = picture.camera_states()[numbers]
        return {n: CAMERA_STATES[c] for n, c in zip(numbers.tolist(), codes.tolist(), strict=True)}

    def _camera_changes(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        """What was told of the area's cameras, which fell silent, and None for those that left."""
        numbers = self._told_cameras(picture, touched)
        if touched.beat:
            states = self._camera_states(picture)
            numbers |= {n for n, state in states.items() if self._states.get(n) != state}
        grids = picture.cameras.table.rows["grid"]
        moved = np.array(sorted(touched.registered & self._states.keys()), dtype=np.int64)
        gone = set(moved[~picture.within(grids[moved], self.area)].tolist())
        changes: dict[str, Any] = {}
        for number in gone:
            del self._states[number]
            changes[picture.cameras.registered[number].id] = None
        for number in numbers - gone:
            mark = picture.camera_mark(number)
            changes[mark[0]] = mark
            self._states[number] = mark[5]
        return changes

    def _told_cameras(self, picture: LivePicture, touched: Touched) -> set[int]:
        region = picture.region
        numbers: set[int] = set()
        for grid, told in touched.cameras.items():
            if grid >= 0 and region.is_within(region.areas[grid].code, self.area.code):
                numbers |= told & picture.cameras.registered.keys()
        return numbers


def changed_by_key(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What is new or different by its key, and None for what is no more."""
    gone = dict.fromkeys(before.keys() - now.keys())
    return gone | {key: value for key, value in now.items() if before.get(key) != value}
