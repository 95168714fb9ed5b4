"""From a request's bytes to checked events; what cannot be decoded is told event by event."""

import re
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dashboard.domain import events as stored
from feeds import schema
from feeds.privacy import is_about_people


class BatchRefused(Exception):
    """The body as a whole is not a batch: `field` and `reason` say why."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(f"{field_name or 'body'}: {reason}")
        self.field = field_name
        self.reason = reason


class BatchTooLarge(BatchRefused):
    """More events than a batch may carry."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One event that cannot be accepted: its place in the batch, the field, what was expected."""

    index: int
    id: str | None
    field: str
    reason: str


@dataclass(slots=True)
class Prepared:
    """What a batch comes to: `identities` pair with `events`, the maps say where new things are."""

    sequence: int | None
    n_events: int
    events: list[stored.Event] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)
    cameras: dict[str, stored.Spot] = field(default_factory=dict)
    incidents: dict[str, stored.Spot] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    n_private: int = 0
    n_repeated: int = 0
    n_elsewhere: int = 0  # rejected for lying outside the feed's own area

    def drop(self, repeated: frozenset[int]) -> None:
        """Take out events that landed before, by their positions, and what they told of places."""
        kept = [position for position in range(len(self.events)) if position not in repeated]
        self.events = [self.events[position] for position in kept]
        self.identities = [self.identities[position] for position in kept]
        self.cameras, self.incidents = {}, {}
        for event in self.events:
            if isinstance(event, PLACING):
                note_spot(event, self.cameras, self.incidents)
        self.n_repeated += len(repeated)


PLACING = (stored.CameraRegistered, stored.DeviceRegistered, stored.IncidentReported)
Placing = stored.CameraRegistered | stored.DeviceRegistered | stored.IncidentReported
ABOUT_INCIDENTS = (stored.IncidentReported, stored.IncidentMoved)


def touched_incidents(events: Iterable[stored.Event]) -> list[str]:
    """The incidents that events tell of, each once."""
    found = (event.incident for event in events if isinstance(event, ABOUT_INCIDENTS))
    return list(dict.fromkeys(found))


def device_key(identity: str) -> str:
    """What the registry of cameras calls another device: no camera's name is that long."""
    return f"{'device':<{schema.NAME_MAX}}/{identity}"


def note_spot(
    event: Placing,
    cameras: MutableMapping[str, Any],
    incidents: MutableMapping[str, Any],
) -> None:
    """Where the event says that a camera or incident is; of two words the newer holds."""
    if isinstance(event, stored.CameraRegistered):
        spots, name = cameras, event.camera
    elif isinstance(event, stored.DeviceRegistered):
        spots, name = cameras, device_key(event.device)
    else:
        spots, name = incidents, event.incident
    told = stored.Spot(event.observed_ms, event.grid)
    spots[name] = max(told, spots.get(name) or told)


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
    """Field and reason, as in `Expected `str`, got `int` - at `$.data.camera``."""
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
    if reason.startswith("Invalid enum value") and path in schema.CHOICES:
        reason += f"; expected one of {', '.join(schema.CHOICES[path])}"
    return path, reason


def identities_to_look_up(decoded: Decoded) -> tuple[set[str], set[str]]:
    """Cameras and incidents whose place the store must tell: the registry decides over events."""
    cameras: set[str] = set()
    incidents: set[str] = set()
    for _, event in decoded:
        kind = type(event)
        if kind is schema.CameraStatusIn:
            cameras.add(event.data.camera)  # type: ignore[union-attr]  # kind tells, mypy cannot see it
        elif kind is schema.DeviceStatusIn:
            cameras.add(device_key(event.data.device))  # type: ignore[union-attr]  # as above
        elif kind is schema.IncidentMovedIn:
            incidents.add(event.data.incident)  # type: ignore[union-attr]  # as above
    return cameras, incidents
