"""From a request's bytes to events for the store: decode, check, convert to WGS-84, locate, mask.

Pure but for the clock it is handed. Nothing here writes, so a batch can be prepared again when it
is retried.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from prcoords import bd_wgs_bored, gcj_wgs_bored

from dashboard.clock import to_ms
from dashboard.domain import events as stored
from dashboard.domain.areas import Region, Tier
from dashboard.domain.incident_classes import Classes
from feeds import schema
from feeds.masking import mask
from feeds.privacy import is_about_people

FUTURE_LIMIT_MS = 300_000
# All of China, within prcoords' own box: at the poles it fails, and elsewhere it warns every time.
CHINA_LON, CHINA_LAT = (73.0, 136.0), (3.0, 54.5)
PAST_LIMIT_MS = 946_684_800_000  # 2000-01-01: an earlier time is a device that lost its clock


class BatchRefused(Exception):
    """The body as a whole is not a batch: `field` and `reason` say why."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(f"{field_name or 'body'}: {reason}")
        self.field = field_name
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rejection:
    """One event that cannot be accepted: its place in the batch, the field, what was expected."""

    index: int
    id: str | None
    field: str
    reason: str


@dataclass(slots=True)
class Prepared:
    """What a batch comes to. `identities` pairs with `events`; the two maps tell where new things
    stand.
    """

    sequence: int | None
    n_events: int
    events: list[stored.Event] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)
    cameras: dict[str, str] = field(default_factory=dict)
    incidents: dict[str, str] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    n_private: int = 0
    n_repeated: int = 0
    n_elsewhere: int = 0  # rejected for lying outside the feed's own area


@dataclass(frozen=True, slots=True)
class Known:
    """Grids of the cameras and incidents that a batch names without saying where they are."""

    cameras: Mapping[str, str | None]
    incidents: Mapping[str, str | None]


class _Refusal(Exception):
    def __init__(self, field_name: str, reason: str, *, elsewhere: bool = False) -> None:
        super().__init__(reason)
        self.field = field_name
        self.reason = reason
        self.elsewhere = elsewhere


_batch_decoder = msgspec.json.Decoder(schema.BatchIn)
_raw_batch_decoder = msgspec.json.Decoder(schema.RawBatchIn)
_event_decoder = msgspec.json.Decoder(schema.EventIn)
_any_event_decoder = msgspec.json.Decoder(schema.AlarmIn)
_PATH = re.compile(r" - at `\$\.?(?:events\[\d+\]|\[\.\.\.\])?\.?(.*)`$")

# Text that is not UTF-8 is told by Python, not by msgspec.
UNDECODABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)

Decoded = list[tuple[int, schema.EventIn]]


def decode(body: bytes, max_events: int, max_event_bytes: int) -> tuple[Prepared, Decoded]:
    """The batch's events with their indexes, and a `Prepared` that holds what was refused already.

    Raises BatchRefused when the body is no batch at all.
    """
    try:
        batch = _batch_decoder.decode(body)
    except UNDECODABLE:
        return _decode_one_by_one(body, max_events, max_event_bytes)
    _check_size(len(batch.events), max_events)
    if len(body) > max_event_bytes and _longest_event(body) > max_event_bytes:
        return _decode_one_by_one(body, max_events, max_event_bytes)
    return Prepared(batch.sequence, len(batch.events)), list(enumerate(batch.events))


def _longest_event(body: bytes) -> int:
    """Bytes of the longest event; cheap next to decoding each one alone."""
    events = _raw_batch_decoder.decode(body).events
    return max((len(memoryview(raw)) for raw in events), default=0)


def _check_size(n_events: int, max_events: int) -> None:
    if n_events > max_events:
        raise BatchTooLarge(
            "events", f"{n_events} events; expected at most {max_events} in a batch"
        )


class BatchTooLarge(BatchRefused):
    """More events than a batch may carry."""


def _decode_one_by_one(
    body: bytes, max_events: int, max_event_bytes: int
) -> tuple[Prepared, Decoded]:
    try:
        batch = _raw_batch_decoder.decode(body)
    except UNDECODABLE as error:
        raise BatchRefused(*_place(error)) from error
    _check_size(len(batch.events), max_events)
    prepared = Prepared(batch.sequence, len(batch.events))
    decoded: Decoded = []
    for index, raw in enumerate(batch.events):
        if len(bytes(raw)) > max_event_bytes:
            reason = f"{len(bytes(raw))} bytes; expected at most {max_event_bytes} an event"
            prepared.rejections.append(Rejection(index, None, "", reason))
            continue
        try:
            decoded.append((index, _event_decoder.decode(raw)))
        except UNDECODABLE as error:
            _refuse_undecodable(prepared, index, raw, error)
    return prepared, decoded


def _refuse_undecodable(prepared: Prepared, index: int, raw: msgspec.Raw, error: Exception) -> None:
    """Count a person event that is dropped; say of anything else what is wrong with it."""
    try:
        event = _any_event_decoder.decode(raw)
    except UNDECODABLE:
        event = schema.AlarmIn()
    if is_about_people(event):
        prepared.n_private += 1
        return
    if event.type is not None and event.type not in schema.EVENT_TYPES:
        name, reason = (
            "type",
            f"{event.type[:64]!r} is not carried; expected one of {', '.join(schema.EVENT_TYPES)}",
        )
    else:
        name, reason = _place(error)
    prepared.rejections.append(Rejection(index, event.id[:128] if event.id else None, name, reason))


def _place(error: Exception) -> tuple[str, str]:
    """Field path and reason from msgspec's message, as in `Expected `str`, got `int` - at
    `$.data.camera``.
    """
    if isinstance(error, RecursionError):
        return "", "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "", "not UTF-8 text"
    message = str(error)
    found = _PATH.search(message)
    if found is None:
        missing = re.search(r"missing required field `([^`]+)`", message)
        return (missing.group(1) if missing else "", message)
    reason = message[: found.start()]
    missing = re.search(r"missing required field `([^`]+)`", reason)
    path = ".".join(part for part in (found.group(1), missing.group(1) if missing else "") if part)
    return path, reason


def identities_to_look_up(decoded: Decoded) -> tuple[set[str], set[str]]:
    """Cameras and incidents whose place the store must tell, because the registry decides over the
    event.
    """
    cameras: set[str] = set()
    incidents: set[str] = set()
    for _, event in decoded:
        kind = type(event)
        if kind is schema.CameraStatusIn:
            cameras.add(event.data.camera)  # type: ignore[union-attr]  # kind tells, mypy cannot see it
        elif kind is schema.IncidentMovedIn:
            incidents.add(event.data.incident)  # type: ignore[union-attr]  # as above
    return cameras, incidents


class Intake:
    """Checks and converts decoded events for one region."""

    def __init__(self, region: Region, classes: Classes) -> None:
        self._region = region
        self._classes = classes
        self._grid_codes = frozenset(area.code for area in region.grids)
        self._allowed: dict[str, frozenset[str]] = {
            area.code: frozenset(
                grid.code for grid in region.grids if region.is_within(grid.code, area.code)
            )
            for area in region.areas
            if area.tier is not Tier.GRID
        }

    def prepare(
        self, prepared: Prepared, decoded: Decoded, known: Known, feed_area: str | None, now_ms: int
    ) -> Prepared:
        """Fill `prepared` from the decoded events; what cannot be accepted becomes a rejection."""
        places = self._places(decoded)
        allowed = self._grid_codes_of(feed_area)
        repeats: set[str] = set()
        for position, (index, event) in enumerate(decoded):
            identity = event.id if event.source is None else f"{event.source}\x1f{event.id}"
            if identity in repeats:
                prepared.n_repeated += 1
                continue
            try:
                converted = self._convert(event, places[position], known, allowed, now_ms)
            except _Refusal as refusal:
                prepared.n_elsewhere += refusal.elsewhere
                prepared.rejections.append(
                    Rejection(index, event.id, refusal.field, refusal.reason)
                )
                continue
            repeats.add(identity)
            prepared.events.append(converted)
            prepared.identities.append(identity)
            if isinstance(converted, stored.CameraRegistered):
                prepared.cameras[converted.camera] = converted.grid
            elif isinstance(converted, stored.IncidentReported):
                prepared.incidents[converted.incident] = converted.grid
        return prepared

    def _grid_codes_of(self, area: str | None) -> frozenset[str]:
        if area is None:
            return self._grid_codes
        return self._allowed.get(area) or frozenset({area})

    def _places(self, decoded: Decoded) -> list["Place | None"]:
        """Where each event says it is: a grid code, or why there is none. One batch call of the
        index.
        """
        places: list[Place | None] = [None] * len(decoded)
        points: list[tuple[int, float, float]] = []
        for position, (_, event) in enumerate(decoded):
            if event.lon is not None and event.lat is not None:
                points.append((position, *_to_wgs84(event.lon, event.lat, event.datum)))
            elif event.lon is not None or event.lat is not None:
                places[position] = Place(
                    field="lat" if event.lat is None else "lon",
                    reason="is missing; expected lon and lat together",
                )
            elif event.area is not None:
                places[position] = self._named_place(event.area)
        if points:
            found = self._region.locate(
                np.array([p[1] for p in points]), np.array([p[2] for p in points])
            )
            for (position, lon, lat), index in zip(points, found.tolist(), strict=True):
                places[position] = self._point_place(lon, lat, index)
        return places

    def _named_place(self, code: str) -> "Place":
        area = self._region.by_code.get(code)
        if area is None:
            return Place(
                field="area",
                reason=f"{code!r} is not an area of {self._region.name}; expected a grid's code",
            )
        if area.tier is not Tier.GRID:
            return Place(
                field="area",
                reason=f"{code!r} is the {area.tier.value} {area.name}; expected a grid's code, or lon and lat",
                code=code,
            )
        return Place(grid=code)

    def _point_place(self, lon: float, lat: float, index: int) -> "Place":
        if index < 0:
            holder = self._region.outside_name(lon, lat)
            where = f"in {holder}" if holder else "in no area the pack names"
            return Place(field="lon", reason=f"outside the region: {where}")
        return Place(grid=self._region.areas[index].code, lon=lon, lat=lat)

    def _convert(
        self,
        event: schema.EventIn,
        place: "Place | None",
        known: Known,
        allowed: frozenset[str],
        now_ms: int,
    ) -> stored.Event:
        observed_ms = _observed_ms(event.time, "time", now_ms)
        located = Located(place, known, allowed, self._region)
        return _CONVERTERS[type(event)](event, observed_ms, located, self._classes, now_ms)


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where an event says it is: a grid, or the field and reason why that is not known."""

    grid: str | None = None
    lon: float | None = None
    lat: float | None = None
    field: str = "area"
    reason: str = ""
    code: str | None = None


class Located(msgspec.Struct, frozen=True):
    """Answers "in which grid" for one event, or refuses."""

    place: Place | None
    known: Known
    allowed: frozenset[str]
    region: Region

    def grid(self) -> str:
        """The grid the event names by code or point."""
        if self.place is None:
            raise _Refusal("area", "no place given; expected a grid's code in area, or lon and lat")
        if self.place.grid is None:
            raise _Refusal(self.place.field, self.place.reason)
        return self.permit(self.place.grid, self.place.field if self.place.lon is None else "lon")

    def grid_of_known(self, grid: str | None, field_name: str) -> None:
        """The registry's word, when there is one, else the event's own; both must lie in the feed's
        area.
        """
        if grid is not None:
            self.permit(grid, field_name)
        elif self.place is None:
            raise _Refusal(
                field_name,
                "not known here; report it first, or say where it is in area or lon and lat",
            )
        else:
            self.grid()

    def permit(self, grid: str, field_name: str) -> str:
        if grid not in self.allowed:
            raise _Refusal(
                field_name, f"{grid} lies outside the area this feed may report for", elsewhere=True
            )
        return grid


def _to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Degrees; outside China, where the shifted datums mean nothing, the point as it came."""
    (west, east), (south, north) = CHINA_LON, CHINA_LAT
    if datum == "wgs84" or not (west < lon < east and south < lat < north):
        return lon, lat
    converted = (gcj_wgs_bored if datum == "gcj02" else bd_wgs_bored)((lat, lon), check_china=False)
    return converted.lon, converted.lat


def _observed_ms(moment: object, field_name: str, now_ms: int) -> int:
    if moment is None:
        return now_ms
    observed_ms = to_ms(moment)  # type: ignore[arg-type]  # a Moment, checked by the decoder
    if observed_ms > now_ms + FUTURE_LIMIT_MS:
        limit_s = FUTURE_LIMIT_MS // 1000
        raise _Refusal(
            field_name,
            f"lies {(observed_ms - now_ms) // 1000} s ahead; expected at most {limit_s} s",
        )
    if observed_ms < PAST_LIMIT_MS:
        raise _Refusal(field_name, "lies before 2000; expected the time of the observation")
    return observed_ms


def _masked(text: str | None) -> str | None:
    return None if text is None else mask(text)


def _camera_registered(
    event: schema.CameraRegisteredIn,
    observed_ms: int,
    located: Located,
    classes: Classes,
    now_ms: int,
) -> stored.CameraRegistered:
    data = event.data
    grid = located.grid()
    place = located.place
    lon, lat = (place.lon, place.lat) if place else (None, None)
    return stored.CameraRegistered(
        event.id,
        observed_ms,
        data.camera,
        grid,
        mask(data.name),
        data.ownership,
        mask(data.site),
        data.gb_code,
        lon,
        lat,
    )


def _camera_status(
    event: schema.CameraStatusIn, observed_ms: int, located: Located, classes: Classes, now_ms: int
) -> stored.CameraState:
    data = event.data
    located.grid_of_known(located.known.cameras.get(data.camera), "data.camera")
    return stored.CameraState(event.id, observed_ms, data.camera, data.status, _masked(data.reason))


def _camera_rollup(
    event: schema.CameraRollupIn, observed_ms: int, located: Located, classes: Classes, now_ms: int
) -> stored.CameraRollup:
    data = event.data
    area = located.region.by_code.get(data.grid)
    if area is None or area.tier is not Tier.GRID:
        raise _Refusal("data.grid", f"{data.grid!r} is not a grid of {located.region.name}")
    grid = located.permit(data.grid, "data.grid")
    counts = (data.online, data.offline, data.fault, data.maintenance)
    return stored.CameraRollup(event.id, observed_ms, grid, data.ownership, *counts)


def _incident_reported(
    event: schema.IncidentReportedIn,
    observed_ms: int,
    located: Located,
    classes: Classes,
    now_ms: int,
) -> stored.IncidentReported:
    data = event.data
    ref = (
        data.cls
        if isinstance(data.cls, schema.IncidentClassRef)
        else schema.IncidentClassRef(code=data.cls)
    )
    if classes.find(ref.code, ref.system, ref.version) is None:
        raise _Refusal(
            "data.class",
            f"{ref.code!r} is not a class of this region's code system; expected one such as '05-06'",
        )
    grid = located.grid()
    place = located.place
    lon, lat = (place.lon, place.lat) if place else (None, None)
    return stored.IncidentReported(
        event.id,
        observed_ms,
        data.incident,
        grid,
        ref.system,
        ref.version,
        ref.code,
        mask(data.title),
        data.channel,
        data.priority,
        data.severity,
        _masked(data.text),
        tuple(data.photos),
        lon,
        lat,
    )


def _incident_moved(
    event: schema.IncidentMovedIn, observed_ms: int, located: Located, classes: Classes, now_ms: int
) -> stored.IncidentMoved:
    data = event.data
    located.grid_of_known(located.known.incidents.get(data.incident), "data.incident")
    moved_ms = observed_ms if data.at is None else _observed_ms(data.at, "data.at", now_ms)
    return stored.IncidentMoved(
        event.id,
        moved_ms,
        data.incident,
        data.action,
        mask(data.by),
        _masked(data.note),
        _masked(data.department),
    )


def _staff_checked_in(
    event: schema.StaffCheckedInIn,
    observed_ms: int,
    located: Located,
    classes: Classes,
    now_ms: int,
) -> stored.StaffCheckedIn:
    data = event.data
    return stored.StaffCheckedIn(
        event.id, observed_ms, data.staff, located.grid(), data.role, data.activity, data.minutes
    )


def _resource_exchanged(
    event: schema.ResourceExchangedIn,
    observed_ms: int,
    located: Located,
    classes: Classes,
    now_ms: int,
) -> stored.ResourceExchanged:
    data = event.data
    return stored.ResourceExchanged(
        event.id, observed_ms, data.resource, data.rows, data.rejected, data.schema_version
    )


def _feed_heartbeat(
    event: schema.FeedHeartbeatIn, observed_ms: int, located: Located, classes: Classes, now_ms: int
) -> stored.FeedHeartbeat:
    return stored.FeedHeartbeat(event.id, observed_ms, event.data.sent, event.data.dropped)


_CONVERTERS: dict[type, Callable[..., stored.Event]] = {
    schema.CameraRegisteredIn: _camera_registered,
    schema.CameraStatusIn: _camera_status,
    schema.CameraRollupIn: _camera_rollup,
    schema.IncidentReportedIn: _incident_reported,
    schema.IncidentMovedIn: _incident_moved,
    schema.StaffCheckedInIn: _staff_checked_in,
    schema.ResourceExchangedIn: _resource_exchanged,
    schema.FeedHeartbeatIn: _feed_heartbeat,
}
