"""What happened, one type each, as it lies in the store: located, masked, in UTC milliseconds.

`observed_ms` is the source's own clock and decides which of two reports is newer; `grid` is a
grid's code. The arrays are positional on the wire, so a field may only ever be added at the end,
with a default.
"""

from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

import msgspec


class Ownership(StrEnum):
    PUBLIC = "public"
    SOCIAL = "social"


class CameraStatus(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"
    FAULT = "fault"
    MAINTENANCE = "maintenance"


class DeviceKind(StrEnum):
    """What cameras hang on, from the nearest to the farthest."""

    RECORDER = "recorder"  # NVR, edge gateway
    SWITCH = "switch"
    NETWORK = "network"
    POWER = "power"


class Channel(StrEnum):
    COLLECTOR = "collector"
    PUBLIC = "public"
    HOTLINE = "hotline"
    VIDEO = "video"
    LEADER = "leader"
    TRANSFER = "transfer"


class IncidentAction(StrEnum):
    """What happens to a case; `domain/incident_life.py` says when it may."""

    ACKNOWLEDGE = "acknowledge"  # an officer has seen it
    CONFIRM = "confirm"  # before filing: was it there?
    FILE = "file"
    REJECT = "reject"
    SOLVE = "solve"  # handled by the grid itself, without a department
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    HANDLE = "handle"
    RETURN = "return"
    INSPECT = "inspect"  # before closing: was it done?
    REWORK = "rework"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    CLOSE = "close"
    FORCE_CLOSE = "force_close"
    CANCEL = "cancel"
    APPEAL = "appeal"
    JUDGE = "judge"  # an appeal
    SUPERVISE = "supervise"
    WHISTLE = "whistle"
    ESCALATE = "escalate"  # up one tier of command
    ASSIGN = "assign"  # down to a tier of command
    UNFOLD = "unfold"  # out of the row of its similar cases: it stands alone in the queue
    FOLD = "fold"  # back among them
    UNDO = "undo"  # the move before, by whoever made it


class Role(StrEnum):
    """A grid post under the "1+5+X" model; the source's own word is mapped by its feed."""

    GRID_LEADER = "grid_leader"
    GRID_WORKER = "grid_worker"
    POLICE = "police"
    BUILDING_LEADER = "building_leader"
    MEDIATOR = "mediator"
    PARTY_MEMBER = "party_member"
    PROPERTY = "property"
    VOLUNTEER = "volunteer"
    OTHER = "other"


class Activity(StrEnum):
    PATROL = "patrol"
    VISIT = "visit"
    CHECK = "check"
    TRAINING = "training"


class Tag(IntEnum):
    """First element of a stored event."""

    CAMERA_REGISTERED = 1
    CAMERA_STATE = 2
    CAMERA_ROLLUP = 3
    INCIDENT_REPORTED = 4
    INCIDENT_MOVED = 5
    STAFF_CHECKED_IN = 6
    RESOURCE_EXCHANGED = 7
    FEED_HEARTBEAT = 8
    DEVICE_REGISTERED = 9
    DEVICE_STATE = 10
    ALERT_ACTED = 11


class CameraRegistered(
    msgspec.Struct, frozen=True, array_like=True, tag=int(Tag.CAMERA_REGISTERED)
):
    """A camera exists at a place, WGS-84 degrees."""

    id: str
    observed_ms: int
    camera: str
    grid: str
    name: str
    ownership: Ownership
    site: str
    gb_code: str | None
    lon: float | None
    lat: float | None
    upstream: str | None = None  # the device that it hangs on


class CameraState(
    msgspec.Struct, frozen=True, array_like=True, gc=False, tag=int(Tag.CAMERA_STATE)
):
    """A camera's state changed or was confirmed."""

    id: str
    observed_ms: int
    camera: str
    status: CameraStatus
    reason: str | None


class CameraRollup(
    msgspec.Struct, frozen=True, array_like=True, gc=False, tag=int(Tag.CAMERA_ROLLUP)
):
    """Counts of one grid's cameras, from a gateway that does not send single ones."""

    id: str
    observed_ms: int
    grid: str
    ownership: Ownership
    online: int
    offline: int
    fault: int
    maintenance: int


class IncidentReported(
    msgspec.Struct, frozen=True, array_like=True, tag=int(Tag.INCIDENT_REPORTED)
):
    """A case enters the queue. `priority` and `severity` are the source's, None if not given."""

    id: str
    observed_ms: int
    incident: str
    grid: str
    class_system: str | None
    class_version: str | None
    class_code: str
    title: str
    channel: Channel
    priority: int | None
    severity: int | None
    text: str | None
    photos: tuple[str, ...]
    lon: float | None
    lat: float | None


class IncidentMoved(
    msgspec.Struct, frozen=True, array_like=True, gc=False, tag=int(Tag.INCIDENT_MOVED)
):
    """A case was moved, by an outside system or at the desk; `observed_ms` is when.

    `result` is what a confirmation, an inspection or a judged appeal found, `tier` where an
    assignment leads, `condition` which filing condition was met, `kind` of which kind a whistle is,
    `called` the departments it calls, `undoes` the id of the move taken back.

    A whistle is named by the id of its first move; `whistle` is that of the one a later `step`
    (dashboard.domain.whistle_life) belongs to. `speed` and `quality` are marks from 1 to 5;
    `contact`, `measures` and `promised_ms` say with whom a department that answers has spoken, what
    it does and by when.
    """

    id: str
    observed_ms: int
    incident: str
    action: IncidentAction
    by: str
    note: str | None
    department: str | None
    result: str | None = None
    tier: str | None = None
    condition: int | None = None
    kind: str | None = None
    called: tuple[str, ...] = ()
    undoes: str | None = None
    at_desk: bool = False  # by one of our officers, whose account `by` is; no feed can say so
    whistle: str | None = None
    step: str | None = None  # of a whistle; without one it was blown at once
    speed: int | None = None
    quality: int | None = None
    contact: str | None = None
    measures: str | None = None
    promised_ms: int | None = None


class StaffCheckedIn(
    msgspec.Struct, frozen=True, array_like=True, gc=False, tag=int(Tag.STAFF_CHECKED_IN)
):
    """A grid worker was in a grid. The point itself is not kept: cover is counted per grid."""

    id: str
    observed_ms: int
    staff: str
    grid: str
    role: Role
    activity: Activity
    minutes: int | None


class ResourceExchanged(
    msgspec.Struct, frozen=True, array_like=True, tag=int(Tag.RESOURCE_EXCHANGED)
):
    """One delivery of a data resource, in rows."""

    id: str
    observed_ms: int
    resource: str
    rows: int
    rejected: int
    schema_version: str | None
    period_s: int | None = None  # the longest between two deliveries in good health


class FeedHeartbeat(
    msgspec.Struct, frozen=True, array_like=True, gc=False, tag=int(Tag.FEED_HEARTBEAT)
):
    """The source is alive; `sent` and `dropped` are its own counts."""

    id: str
    observed_ms: int
    sent: int
    dropped: int | None


class DeviceRegistered(
    msgspec.Struct, frozen=True, array_like=True, tag=int(Tag.DEVICE_REGISTERED)
):
    """A recorder, switch, network or power supply that cameras hang on; `upstream` is what it hangs
    on itself."""

    id: str
    observed_ms: int
    device: str
    grid: str
    kind: DeviceKind
    name: str
    upstream: str | None
    lon: float | None
    lat: float | None


class DeviceState(
    msgspec.Struct, frozen=True, array_like=True, gc=False, tag=int(Tag.DEVICE_STATE)
):
    """A device's own state changed or was confirmed."""

    id: str
    observed_ms: int
    device: str
    status: CameraStatus
    reason: str | None


class AlertActed(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=int(Tag.ALERT_ACTED)):
    """An officer did something to an alert, or muted an area's desks; no feed can say so.

    `action` is one of `domain/alerts.py`; MUTE has an area's code in place of an alert. `until_ms`
    is the end of a shelf or a mute, `incident` the case that was raised.
    """

    id: str
    observed_ms: int
    alert: str
    action: str
    by: str
    note: str | None = None
    until_ms: int | None = None
    assignee: str | None = None
    incident: str | None = None


MUTE = "mute"


Event = (
    CameraRegistered
    | CameraState
    | CameraRollup
    | IncidentReported
    | IncidentMoved
    | StaffCheckedIn
    | ResourceExchanged
    | FeedHeartbeat
    | DeviceRegistered
    | DeviceState
    | AlertActed
)


class Spot(NamedTuple):
    """Where a camera or incident is by a report of this moment; the newer is the greater."""

    observed_ms: int
    grid: str


DESK = "@desk"  # in place of a feed: what our own officers did; no feed can have the name


class Chunk(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One batch as the store has it: one stream entry. `position` is its place there."""

    feed: str
    received_ms: int
    events: tuple[Event, ...]
    position: str = ""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Chunk)


def encode_chunk(feed: str, received_ms: int, events: list[Any]) -> bytes:
    return _encoder.encode((feed, received_ms, events))


def decode_chunk(body: bytes, position: str = "") -> Chunk:
    return msgspec.structs.replace(_decoder.decode(body), position=position)
