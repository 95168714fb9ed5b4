"""The intake's shapes: what a source may send, with the bounds that a value is checked against.

Envelope names follow CloudEvents 1.0 (https://github.com/cloudevents/spec); unknown fields are
ignored and never stored, so no schema here has a place for a person.
"""

from datetime import datetime
from typing import Annotated, Literal, get_args

from msgspec import Meta, Raw, Struct, field

from dashboard.domain.events import (
    Activity,
    CameraStatus,
    Channel,
    DeviceKind,
    Ownership,
    Role,
)
from dashboard.domain.incident_life import Result

Id = Annotated[str, Meta(min_length=1, max_length=128)]
NAME_MAX = 64
Name = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
Note = Annotated[str, Meta(max_length=500)]
Text = Annotated[str, Meta(max_length=4_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Datum = Literal["wgs84", "gcj02", "bd09"]


class Envelope(Struct, frozen=True, kw_only=True, tag_field="type", gc=False):
    """What every event carries; degrees in the datum named; no `time` means on receipt."""

    id: Id
    source: Name | None = None
    time: Moment | None = None
    area: Name | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    datum: Datum = "wgs84"


class CameraRegisteredData(Struct, frozen=True, kw_only=True, gc=False):
    camera: Name
    name: Title
    ownership: Ownership
    site: Annotated[str, Meta(max_length=200)]
    gb_code: Annotated[str, Meta(pattern="^([0-9]{18}|[0-9]{20})$")] | None = None
    upstream: Name | None = None


class CameraStatusData(Struct, frozen=True, kw_only=True, gc=False):
    camera: Name
    status: CameraStatus
    reason: Note | None = None


class CameraRollupData(Struct, frozen=True, kw_only=True, gc=False):
    grid: Name
    online: Count
    offline: Count
    fault: Count
    maintenance: Count
    ownership: Ownership = Ownership.SOCIAL


class DeviceRegisteredData(Struct, frozen=True, kw_only=True, gc=False):
    """`upstream` is the device that this one hangs on; it may be registered later."""

    device: Name
    kind: DeviceKind
    name: Title
    upstream: Name | None = None


class DeviceStatusData(Struct, frozen=True, kw_only=True, gc=False):
    device: Name
    status: CameraStatus
    reason: Note | None = None


class IncidentReportedData(Struct, frozen=True, kw_only=True, gc=False):
    incident: Name
    cls: "Name | IncidentClassRef" = field(name="class")
    title: Title
    channel: Channel
    priority: Annotated[int, Meta(ge=1, le=4)] | None = None
    severity: Annotated[int, Meta(ge=1, le=4)] | None = None
    text: Text | None = None
    photos: Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=10)] = []


class IncidentClassRef(Struct, frozen=True, kw_only=True, gc=False):
    """A class named with its code system, as codes differ between systems and versions."""

    code: Name
    system: Name | None = None
    version: Name | None = None


# Not acknowledge, assign and undo: those are our own officers' alone. Of a whistle a department
# reports its own steps.
FedAction = Literal[
    "file", "reject", "dispatch", "accept", "handle", "return", "inspect", "rework", "suspend",
    "resume", "close", "force_close", "cancel", "confirm", "solve", "extend", "appeal", "judge",
    "supervise", "escalate", "whistle",
]  # fmt: skip


# A department's part of a whistle (dashboard.domain.whistle_life).
FedStep = Literal["acknowledge", "arrive", "handle", "finish"]


class IncidentMovedData(Struct, frozen=True, kw_only=True, gc=False):
    """`result` is what a confirmation, an inspection or a judged appeal found.

    `whistle` is the id of the one that a `step` of action whistle answers.
    """

    incident: Name
    action: FedAction
    result: Result | None = None
    by: Name
    note: Note | None = None
    department: Name | None = None
    at: Moment | None = None
    whistle: Id | None = None
    step: FedStep | None = None
    contact: Note | None = None
    measures: Note | None = None
    promised_at: Moment | None = None


class StaffCheckedInData(Struct, frozen=True, kw_only=True, gc=False):
    staff: Name
    role: Role
    activity: Activity
    minutes: Annotated[int, Meta(ge=0, le=1_440)] | None = None


class ResourceExchangedData(Struct, frozen=True, kw_only=True, gc=False):
    resource: Name
    rows: Count
    rejected: Count
    schema_version: Name | None = None
    period_s: Annotated[int, Meta(ge=1, le=31_622_400)] | None = None


class FeedHeartbeatData(Struct, frozen=True, kw_only=True, gc=False):
    sent: Count
    dropped: Count | None = None


class CameraRegisteredIn(Envelope, frozen=True, kw_only=True, tag="camera.registered"):
    data: CameraRegisteredData


class CameraStatusIn(Envelope, frozen=True, kw_only=True, tag="camera.status"):
    data: CameraStatusData


class CameraRollupIn(Envelope, frozen=True, kw_only=True, tag="camera.rollup"):
    data: CameraRollupData


class DeviceRegisteredIn(Envelope, frozen=True, kw_only=True, tag="device.registered"):
    data: DeviceRegisteredData


class DeviceStatusIn(Envelope, frozen=True, kw_only=True, tag="device.status"):
    data: DeviceStatusData


class IncidentReportedIn(Envelope, frozen=True, kw_only=True, tag="incident.reported"):
    data: IncidentReportedData


class IncidentMovedIn(Envelope, frozen=True, kw_only=True, tag="incident.moved"):
    data: IncidentMovedData


class StaffCheckedInIn(Envelope, frozen=True, kw_only=True, tag="staff.checked_in"):
    data: StaffCheckedInData


class ResourceExchangedIn(Envelope, frozen=True, kw_only=True, tag="resource.exchanged"):
    data: ResourceExchangedData


class FeedHeartbeatIn(Envelope, frozen=True, kw_only=True, tag="feed.heartbeat"):
    data: FeedHeartbeatData


EventIn = (
    CameraRegisteredIn
    | CameraStatusIn
    | CameraRollupIn
    | IncidentReportedIn
    | IncidentMovedIn
    | StaffCheckedInIn
    | ResourceExchangedIn
    | FeedHeartbeatIn
    | DeviceRegisteredIn
    | DeviceStatusIn
)
EVENT_TYPES = (
    "camera.registered",
    "camera.status",
    "camera.rollup",
    "incident.reported",
    "incident.moved",
    "staff.checked_in",
    "resource.exchanged",
    "feed.heartbeat",
    "device.registered",
    "device.status",
)

CHOICES: dict[str, tuple[str, ...]] = {
    "type": EVENT_TYPES,
    "datum": get_args(Datum),
    "data.ownership": tuple(Ownership),
    "data.status": tuple(CameraStatus),
    "data.channel": tuple(Channel),
    "data.kind": tuple(DeviceKind),
    "data.action": get_args(FedAction),
    "data.result": tuple(Result),
    "data.step": get_args(FedStep),
    "data.role": tuple(Role),
    "data.activity": tuple(Activity),
}

Sequence = Annotated[int, Meta(ge=0, le=2**53)]


class BatchIn(Struct, frozen=True):
    """The way in when everything is well-formed: one decode for the whole batch."""

    events: list[EventIn]
    sequence: Sequence | None = None


class RawBatchIn(Struct, frozen=True):
    """The way in when something is not: events decoded one by one, so none spoils the rest."""

    events: list[Raw]
    sequence: Sequence | None = None


class AlarmIn(Struct, frozen=True):
    """As much of an unknown event as is needed to say what it was; see `privacy.py`."""

    id: str | None = None
    type: str | None = None
    data: Raw = Raw(b"{}")
