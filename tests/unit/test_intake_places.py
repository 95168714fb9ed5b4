"""Where events are: by point, by code, by what is known; and where a feed may report."""

import json

import pytest
from prcoords import wgs_bd, wgs_gcj

from dashboard.clock import iso
from dashboard.domain.events import Spot
from feeds import schema
from feeds.decoding import decode, device_key, identities_to_look_up
from feeds.places import Known
from tests.conftest import NOON
from tests.wire import MAX_EVENT_BYTES, MAX_EVENTS, event, refusal

PLACE_IN_ALA = (102.8334, 25.0161)


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
    assert identities_to_look_up(decoded) == ({"C1", device_key("N1")}, {"I1"})


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
    spot = Spot(NOON, other.code)
    known = Known({"C1": spot, device_key("N1"): spot}, {"I1": spot})
    prepared = take(
        *(event(kind, other, kind) for kind in schema.EVENT_TYPES),
        known=known,
        area=region.lineage(grid.code)[1].code,
    )
    assert prepared.n_elsewhere == len(prepared.rejections) == 8
    assert all("outside the area this feed may report for" in r.reason for r in prepared.rejections)
    assert prepared.identities == ["resource.exchanged", "feed.heartbeat"]
