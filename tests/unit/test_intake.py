"""From a request's bytes to events for the store: located, masked, or refused by field."""

import json
from datetime import UTC, datetime

import pytest
from prcoords import wgs_bd, wgs_gcj

from dashboard.clock import iso
from dashboard.domain import events as stored
from dashboard.domain.events import Spot
from feeds import schema
from feeds.decoding import BatchRefused, BatchTooLarge, decode, identities_to_look_up
from feeds.intake import Intake
from feeds.masking import MOBILE_MASK
from feeds.places import Known
from tests.conftest import NOON

MAX_EVENTS, MAX_EVENT_BYTES = 100, 2_000
NOTHING_KNOWN = Known({}, {})
PLACE_IN_ALA = (102.8334, 25.0161)


@pytest.fixture(scope="session")
def intake(region, classes):
    return Intake(region, classes)


@pytest.fixture(scope="session")
def grid(region):
    return region.grids[42]


@pytest.fixture
def take(intake):
    def take(*events, known=NOTHING_KNOWN, area=None, sequence=None):
        body = json.dumps({"sequence": sequence, "events": events}).encode()
        return intake.prepare(*decode(body, MAX_EVENTS, MAX_EVENT_BYTES), known, area, NOON)

    return take


DATA = {
    "camera.registered": {"camera": "C1", "name": "Gate", "ownership": "public", "site": "road"},
    "camera.status": {"camera": "C1", "status": "online"},
    "camera.rollup": {"grid": "GRID", "online": 1, "offline": 2, "fault": 3, "maintenance": 4},
    "incident.reported": {"incident": "I1", "class": "05-06", "title": "水", "channel": "hotline"},
    "incident.moved": {"incident": "I1", "action": "close", "by": "desk"},
    "staff.checked_in": {"staff": "S1", "role": "police", "activity": "patrol"},
    "resource.exchanged": {"resource": "people", "rows": 10, "rejected": 0},
    "feed.heartbeat": {"sent": 10},
}
STORED = {
    "camera.registered": stored.CameraRegistered,
    "camera.status": stored.CameraState,
    "camera.rollup": stored.CameraRollup,
    "incident.reported": stored.IncidentReported,
    "incident.moved": stored.IncidentMoved,
    "staff.checked_in": stored.StaffCheckedIn,
    "resource.exchanged": stored.ResourceExchanged,
    "feed.heartbeat": stored.FeedHeartbeat,
}


def event(kind, grid, identity="e1", data=None, **more):
    content = {k: grid.code if v == "GRID" else v for k, v in DATA[kind].items()}
    content = without_gaps(content | (data or {}))
    found = {"id": identity, "type": kind, "time": iso(NOON), "area": grid.code, "data": content}
    return without_gaps(found | more)


def without_gaps(fields):
    """A field given as ... is left out."""
    return {key: value for key, value in fields.items() if value is not ...}


def refusal(prepared):
    (found,) = prepared.rejections
    assert not prepared.events
    return found


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


# ---- places ----------------------------------------------------------------------------------


@pytest.mark.parametrize("datum", [..., "wgs84", "gcj02", "bd09"])
def test_a_point_lands_in_its_grid_from_any_datum(take, grid, datum):
    lon, lat = grid.label
    if datum == "gcj02":
        lat, lon = wgs_gcj((lat, lon))
    elif datum == "bd09":
        lat, lon = wgs_bd((lat, lon))
    point = event("camera.registered", grid, lon=lon, lat=lat, datum=datum, area=...)
    (found,) = take(point).events
    assert found.grid == grid.code
    assert (found.lon, found.lat) == pytest.approx(grid.label, abs=2e-6)


def test_a_point_wins_over_an_area(take, grid, region):
    lon, lat = grid.label
    (found,) = take(event("staff.checked_in", region.grids[0], lon=lon, lat=lat)).events
    assert found.grid == grid.code


def test_a_higher_tier_is_refused_by_name(take, grid, region):
    for area in region.lineage(grid.code)[:-1]:
        found = refusal(take(event("staff.checked_in", grid, area=area.code)))
        assert found.field == "area"
        assert f"is the {area.tier} {area.name}" in found.reason
        assert "expected a grid's code, or lon and lat" in found.reason


@pytest.mark.parametrize(
    ("point", "where"),
    [
        (PLACE_IN_ALA, "in 阿拉街道"),
        ((116.4, 39.9), "in no area the pack names"),
        ((0.0, 0.0), "in no area the pack names"),
        ((180.0, -90.0), "in no area the pack names"),
    ],
)
@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_what_lies_outside_is_refused_and_told_where_it_lies(take, grid, point, where, datum):
    lon, lat = point
    found = refusal(take(event("staff.checked_in", grid, lon=lon, lat=lat, datum=datum)))
    assert (found.field, found.reason) == ("lon", f"outside the region: {where}")


def test_a_known_camera_and_incident_need_no_place(take, grid):
    known = Known({"C1": Spot(NOON, grid.code)}, {"I1": Spot(NOON, grid.code)})
    events = [
        event("camera.status", grid, "a", area=...),
        event("incident.moved", grid, "b", area=...),
    ]
    assert len(take(*events, known=known).events) == 2
    prepared = take(*events)
    assert [found.field for found in prepared.rejections] == ["data.camera", "data.incident"]
    assert all("report it first" in found.reason for found in prepared.rejections)


def test_what_a_batch_reports_is_known_to_the_rest_of_it(take, grid):
    prepared = take(
        event("camera.registered", grid, "a"),
        event("incident.reported", grid, "b"),
        event("camera.status", grid, "c", area=...),
        event("incident.moved", grid, "d", area=...),
    )
    assert prepared.identities == ["a", "b", "c", "d"]


def test_only_the_cameras_and_incidents_named_without_a_report_are_looked_up(grid):
    events = [event(kind, grid, kind) for kind in schema.EVENT_TYPES]
    _, decoded = decode(json.dumps({"events": events}).encode(), MAX_EVENTS, MAX_EVENT_BYTES)
    assert identities_to_look_up(decoded) == ({"C1"}, {"I1"})


def test_a_batch_tells_where_new_cameras_and_incidents_stand(take, grid):
    prepared = take(event("camera.registered", grid, "a"), event("incident.reported", grid, "b"))
    spot = Spot(NOON, grid.code)
    assert (prepared.cameras, prepared.incidents) == ({"C1": spot}, {"I1": spot})


@pytest.mark.parametrize("kind", ["camera.registered", "incident.reported"])
def test_of_two_places_told_in_a_batch_the_newer_holds(take, grid, region, kind):
    other = region.grids[500]
    late = event(kind, other, "late", time=iso(NOON - 1_000))
    prepared = take(event(kind, grid, "new"), late)
    assert [*prepared.cameras.values(), *prepared.incidents.values()] == [Spot(NOON, grid.code)]
    prepared.drop(frozenset({0}))
    told = [*prepared.cameras.values(), *prepared.incidents.values()]
    assert told == [Spot(NOON - 1_000, other.code)]


def test_a_late_registration_does_not_open_a_camera_to_the_feed_of_its_old_grid(take, grid, region):
    known = Known({"C1": Spot(NOON, region.grids[500].code)}, {})
    late = event("camera.registered", grid, "late", time=iso(NOON - 1_000))
    status = event("camera.status", grid, "status", area=...)
    prepared = take(late, status, known=known, area=region.lineage(grid.code)[1].code)
    assert [(r.index, r.field) for r in prepared.rejections] == [(1, "data.camera")]


@pytest.mark.parametrize("depth", range(4))
def test_a_feed_may_report_inside_its_area_at_any_tier(take, grid, region, depth):
    own = region.lineage(grid.code)[depth].code
    prepared = take(*(event(k, grid, k) for k in schema.EVENT_TYPES), area=own)
    assert prepared.rejections == []


def test_what_lies_outside_the_feeds_area_is_refused_and_counted(take, grid, region):
    other = region.grids[500]
    known = Known({"C1": Spot(NOON, other.code)}, {"I1": Spot(NOON, other.code)})
    prepared = take(
        *(event(kind, other, kind) for kind in schema.EVENT_TYPES),
        known=known,
        area=region.lineage(grid.code)[1].code,
    )
    assert prepared.n_elsewhere == len(prepared.rejections) == 6
    assert all("outside the area this feed may report for" in r.reason for r in prepared.rejections)
    assert prepared.identities == ["resource.exchanged", "feed.heartbeat"]


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
