"""Stored events are arrays: their fields' places are a promise to every stream already written."""

import msgspec
import pytest

from dashboard.domain import events as ev
from tests.conftest import NOON

# What stands in streams of programs that run today. Only ever add at the end, with a default.
PLACES = {
    ev.CameraRegistered: "id observed_ms camera grid name ownership site gb_code lon lat",
    ev.CameraState: "id observed_ms camera status reason",
    ev.CameraRollup: "id observed_ms grid ownership online offline fault maintenance",
    ev.IncidentReported: (
        "id observed_ms incident grid class_system class_version class_code title channel"
        " priority severity text photos lon lat"
    ),
    ev.IncidentMoved: "id observed_ms incident action by note department",
    ev.StaffCheckedIn: "id observed_ms staff grid role activity minutes",
    ev.ResourceExchanged: "id observed_ms resource rows rejected schema_version",
    ev.FeedHeartbeat: "id observed_ms sent dropped",
    ev.DeviceRegistered: "id observed_ms device grid kind name upstream lon lat",
    ev.DeviceState: "id observed_ms device status reason",
    ev.AlertActed: "id observed_ms alert action by note until_ms assignee incident",
}


@pytest.mark.parametrize("kind", PLACES, ids=lambda kind: kind.__name__)
def test_a_stored_field_keeps_its_place(kind):
    promised = tuple(PLACES[kind].split())
    assert kind.__struct_fields__[: len(promised)] == promised
    added = kind.__struct_fields__[len(promised) :]
    assert len(kind.__struct_defaults__) >= len(added)


def test_every_type_has_a_tag_of_its_own():
    tags = [kind.__struct_config__.tag for kind in PLACES]
    assert sorted(tags) == sorted(ev.Tag)


def test_a_chunk_is_read_as_it_was_written():
    events = [ev.FeedHeartbeat("a", NOON, 1, None), ev.CameraState("b", NOON, "C", "online", None)]
    chunk = ev.decode_chunk(ev.encode_chunk("north", NOON, events))
    assert (chunk.feed, chunk.received_ms) == ("north", NOON)
    assert [event.id for event in chunk.events] == ["a", "b"]
    assert chunk.events[1].status is ev.CameraStatus.ONLINE


def test_a_chunk_of_another_shape_is_not_read():
    with pytest.raises(msgspec.DecodeError):
        ev.decode_chunk(msgspec.msgpack.encode(["north", NOON, [[99, "a", NOON]]]))
