"""From a request's bytes to events for the store: located, masked, or refused by field."""

import json
from datetime import UTC, datetime

import pytest

from dashboard.clock import iso
from dashboard.domain import events as stored
from dashboard.domain.events import Spot
from dashboard.domain.masking import MOBILE_MASK
from feeds import schema
from feeds.decoding import BatchRefused, BatchTooLarge, decode
from feeds.places import Known
from tests.conftest import NOON
from tests.wire import MAX_EVENT_BYTES, MAX_EVENTS, event, refusal, without_gaps

STORED = {
    "camera.registered": stored.CameraRegistered,
    "camera.status": stored.CameraState,
    "camera.rollup": stored.CameraRollup,
    "incident.reported": stored.IncidentReported,
    "incident.moved": stored.IncidentMoved,
    "staff.checked_in": stored.StaffCheckedIn,
    "resource.exchanged": stored.ResourceExchanged,
    "feed.heartbeat": stored.FeedHeartbeat,
    "device.registered": stored.DeviceRegistered,
    "device.status": stored.DeviceState,
}


@pytest.mark.parametrize("kind", schema.EVENT_TYPES)
def test_every_type_of_event_is_accepted(take, grid, kind):
    prepared = take(event(kind, grid), sequence=17)
    assert prepared.rejections == []
    (found,) = prepared.events
    assert type(found) is STORED[kind]
    assert (found.id, found.observed_ms) == ("e1", NOON)
    assert (prepared.sequence, prepared.n_events, prepared.identities) == (17, 1, ["e1"])


@pytest.mark.parametrize("kind", schema.EVENT_TYPES)
def test_what_is_accepted_survives_the_store(take, grid, kind):
    (found,) = take(event(kind, grid)).events
    chunk = stored.decode_chunk(stored.encode_chunk("feed", NOON, [found]))
    assert chunk == stored.Chunk("feed", NOON, (found,))


WRONG = [
    ("camera.registered", {"camera": ...}, "data.camera", "missing required field"),
    ("camera.registered", {"camera": 5}, "data.camera", "Expected `str`"),
    ("camera.registered", {"camera": ""}, "data.camera", "length >= 1"),
    ("camera.registered", {"camera": "c" * 65}, "data.camera", "length <= 64"),
    ("camera.registered", {"name": "n" * 201}, "data.name", "length <= 200"),
    ("camera.registered", {"ownership": "mine"}, "data.ownership", "one of public, social"),
    ("camera.registered", {"site": None}, "data.site", "Expected `str`"),
    ("camera.registered", {"gb_code": "123"}, "data.gb_code", "[0-9]{18}|[0-9]{20}"),
    (
        "camera.status",
        {"status": "on"},
        "data.status",
        "one of online, offline, fault, maintenance",
    ),
    ("camera.status", {"reason": "r" * 501}, "data.reason", "length <= 500"),
    ("camera.registered", {"upstream": ""}, "data.upstream", "length >= 1"),
    ("device.registered", {"device": ...}, "data.device", "missing required field"),
    ("device.registered", {"kind": "router"}, "data.kind", "one of recorder, switch, network"),
    ("device.registered", {"name": "n" * 201}, "data.name", "length <= 200"),
    ("device.registered", {"upstream": "u" * 65}, "data.upstream", "length <= 64"),
    ("device.registered", {"upstream": "N1"}, "data.upstream", "expected another one"),
    ("device.status", {"status": "gone"}, "data.status", "one of online, offline, fault"),
    ("device.status", {"device": 5}, "data.device", "Expected `str`"),
    ("camera.rollup", {"online": -1}, "data.online", ">= 0"),
    ("camera.rollup", {"online": 1.5}, "data.online", "Expected `int`"),
    ("camera.rollup", {"offline": 10**10}, "data.offline", "<= 1000000000"),
    ("camera.rollup", {"grid": "nowhere"}, "data.grid", "expected a grid's code"),
    ("camera.rollup", {"ownership": "x"}, "data.ownership", "one of public, social"),
    ("incident.reported", {"class": "99-99"}, "data.class", "expected one such as '05-06'"),
    ("incident.reported", {"class": {"code": ""}}, "data.class.code", "length >= 1"),
    ("incident.reported", {"channel": "fax"}, "data.channel", "one of collector, public, hotline"),
    ("incident.reported", {"priority": 5}, "data.priority", "<= 4"),
    ("incident.reported", {"severity": 0}, "data.severity", ">= 1"),
    ("incident.reported", {"text": "t" * 4_001}, "", "expected at most 2000"),
    ("incident.reported", {"photos": ["p"] * 11}, "data.photos", "length <= 10"),
    ("incident.reported", {"photos": [1]}, "data.photos[0]", "Expected `str`"),
    ("incident.moved", {"action": "burn"}, "data.action", "one of file, reject, dispatch"),
    ("incident.moved", {"by": ...}, "data.by", "missing required field"),
    ("incident.moved", {"at": "yesterday"}, "data.at", "RFC3339"),
    ("staff.checked_in", {"role": "king"}, "data.role", "one of grid_leader, grid_worker"),
    ("staff.checked_in", {"activity": "nap"}, "data.activity", "one of patrol, visit, check"),
    ("staff.checked_in", {"minutes": 1_441}, "data.minutes", "<= 1440"),
    ("resource.exchanged", {"rows": "ten"}, "data.rows", "Expected `int`"),
    ("resource.exchanged", {"period_s": 0}, "data.period_s", ">= 1"),
    ("resource.exchanged", {"period_s": 31_622_401}, "data.period_s", "<= 31622400"),
    ("feed.heartbeat", {"dropped": -1}, "data.dropped", ">= 0"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]}-{case[2]}")
def test_a_wrong_value_is_refused_with_its_field_and_what_was_expected(take, grid, case):
    kind, data, field, expected = case
    good = event("feed.heartbeat", grid, "good")
    prepared = take(good, event(kind, grid, "bad", data))
    (found,) = prepared.rejections
    assert (found.index, found.field) == (1, field)
    assert found.id in ("bad", None)
    assert expected in found.reason
    assert prepared.identities == ["good"]


@pytest.mark.parametrize(
    ("more", "field", "expected"),
    [
        ({"id": ...}, "id", "missing required field"),
        ({"id": "i" * 129}, "id", "length <= 128"),
        ({"id": 7}, "id", "Expected `str`"),
        ({"type": ...}, "type", "missing required field"),
        ({"type": "weather.rain"}, "type", "expected one of camera.registered, camera.status"),
        ({"source": "s" * 65}, "source", "length <= 64"),
        ({"time": "2026-11-22T12:00:00"}, "time", "timezone"),
        ({"time": 5}, "time", "datetime"),
        ({"time": iso(NOON + 301_000)}, "time", "301 s ahead; expected at most 300 s"),
        ({"time": "1999-12-31T00:00:00Z"}, "time", "before 2000"),
        ({"data": ...}, "data", "missing required field"),
        ({"data": []}, "data", "Expected `object`"),
        ({"datum": "cgcs"}, "datum", "one of wgs84, gcj02, bd09"),
        ({"lon": 181, "lat": 25}, "lon", "<= 180"),
        ({"lon": 102.7, "lat": "25"}, "lat", "Expected `float"),
        ({"lon": 102.7}, "lat", "expected lon and lat together"),
        ({"lat": 25.0}, "lon", "expected lon and lat together"),
        ({"area": ...}, "area", "expected a grid's code in area, or lon and lat"),
        ({"area": "530000"}, "area", "'530000' is not an area of 官渡区; expected a grid's code"),
    ],
)
def test_a_wrong_envelope_is_refused_with_its_field_and_what_was_expected(
    take, grid, more, field, expected
):
    found = refusal(take(without_gaps(event("staff.checked_in", grid) | more)))
    assert (found.index, found.field) == (0, field)
    assert expected in found.reason


@pytest.mark.parametrize("broken", [5, "text", None, [], [1], True])
def test_an_event_that_is_no_object_is_refused(take, grid, broken):
    prepared = take(event("feed.heartbeat", grid), broken)
    (found,) = prepared.rejections
    assert (found.index, found.id) == (1, None)
    assert "object" in found.reason
    assert len(prepared.events) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"null", ""),
        (b"[]", ""),
        (b"{}", "events"),
        (b'{"events": 5}', "events"),
        (b'{"events": [], "sequence": -1}', "sequence"),
        (b'{"events": [], "sequence": "17"}', "sequence"),
        (b'{"events": [], "sequence": 1e30}', "sequence"),
        (b'{"events": [NaN]}', ""),
        (b'{"events": [{"id": "\xff"}', ""),
        (b"\xff\xfe{}", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(body, field):
    with pytest.raises(BatchRefused) as refused:
        decode(body, MAX_EVENTS, MAX_EVENT_BYTES)
    assert refused.value.field == field
    assert refused.value.reason


def test_too_many_events_are_refused_whether_they_are_sound_or_not(grid):
    for one in (event("feed.heartbeat", grid), {"broken": True}):
        body = json.dumps({"events": [one] * (MAX_EVENTS + 1)}).encode()
        with pytest.raises(BatchTooLarge, match="101 events; expected at most 100"):
            decode(body, MAX_EVENTS, MAX_EVENT_BYTES)


def test_an_event_too_long_is_refused_alone(take, grid):
    long = event("feed.heartbeat", grid, "long", padding="x" * MAX_EVENT_BYTES)
    prepared = take(event("feed.heartbeat", grid), long)
    (found,) = prepared.rejections
    assert found.index == 1
    assert "expected at most 2000 an event" in found.reason


def test_unknown_fields_are_ignored_and_never_stored(take, grid):
    data = {"owner_name": "somebody", "phone": "13812345678"}
    (found,) = take(event("camera.registered", grid, data=data, extra=1)).events
    assert b"somebody" not in stored.encode_chunk("feed", NOON, [found])


# ---- identity, time, privacy -----------------------------------------------------------------


def test_an_id_repeated_within_a_batch_counts_once(take, grid):
    one = event("feed.heartbeat", grid, "same")
    prepared = take(one, one, {**one, "source": "other"}, {**one, "source": "other"})
    assert prepared.n_repeated == 2
    assert prepared.identities == ["same", "other\x1fsame"]


def test_a_refused_event_does_not_use_up_its_id(take, grid):
    bad = event("camera.rollup", grid, "same", {"grid": "nowhere"})
    prepared = take(bad, event("camera.rollup", grid, "same"))
    assert (len(prepared.events), len(prepared.rejections)) == (1, 1)


def test_an_event_without_a_time_is_of_the_moment_it_came(take, grid):
    (found,) = take(event("feed.heartbeat", grid, time=...)).events
    assert found.observed_ms == NOON


def test_a_move_is_of_the_moment_it_names(take, grid):
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    (found,) = take(event("incident.moved", grid, data={"at": at.isoformat()})).events
    assert found.observed_ms == at.timestamp() * 1000


@pytest.mark.parametrize("ahead_s", [0, 300])
def test_a_clock_a_little_ahead_is_forgiven(take, grid, ahead_s):
    prepared = take(event("feed.heartbeat", grid, time=iso(NOON + ahead_s * 1000)))
    assert prepared.rejections == []


def test_events_about_people_are_dropped_and_counted(take, grid):
    alarm = {"id": "a", "type": "camera.alarm", "data": {"method": 5, "alarm_type": 6}}
    face = {"id": "b", "type": "face.matched", "data": {"name": "somebody"}}
    water = {"id": "c", "type": "camera.alarm", "data": {"method": 5, "alarm_type": 1}}
    prepared = take(alarm, face, water, event("feed.heartbeat", grid))
    assert prepared.n_private == 2
    assert [(r.index, r.field) for r in prepared.rejections] == [(2, "type")]
    assert len(prepared.events) == 1


def test_every_free_text_is_masked(take, grid):
    call = "打13812345678"
    known = Known({"C1": Spot(NOON, grid.code)}, {"I1": Spot(NOON, grid.code)})
    prepared = take(
        event("camera.registered", grid, "a", {"name": call, "site": call}),
        event("camera.status", grid, "b", {"reason": call}),
        event("incident.reported", grid, "c", {"title": call, "text": call}),
        event("incident.moved", grid, "d", {"by": call, "note": call, "department": call}),
        known=known,
    )
    text = stored.encode_chunk("feed", NOON, prepared.events).decode(errors="replace")
    assert "13812345678" not in text
    assert text.count(MOBILE_MASK) == 8
