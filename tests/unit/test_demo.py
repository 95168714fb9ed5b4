"""The made-up day: one for each seed, plausible in its numbers, taken by the intake."""

import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from dashboard.clock import DAY_MS, SHANGHAI, from_ms, iso, local_day_start_ms
from dashboard.domain.areas import Region
from dashboard.domain.board import Board, Limits
from dashboard.domain.deadlines import due_ms
from dashboard.domain.events import Chunk
from dashboard.domain.incident_classes import priority_of
from dashboard.domain.metrics import COLUMN
from dashboard.sites import load_sites
from feeds.decoding import decode
from feeds.demo import FEEDS, World, timeline
from feeds.demo.cameras import PUBLIC, SOCIAL, Cameras
from feeds.demo.exchange import Exchange
from feeds.demo.incidents import Incidents
from feeds.demo.silences import GRACE_S, silence_s
from feeds.demo.staff import Staff
from feeds.demo.world import GUANDU_GRIDS, HOUR_MS, hour_of
from feeds.intake import Intake
from feeds.places import Known
from tests.trial_region import trial_region

ROOT = Path(__file__).resolve().parents[2]
WEDNESDAY = 1_795_584_600_000  # 2026-11-25T13:30:00+08:00
LIMITS = Limits(
    camera_stale_ms=93_600_000, on_duty_ms=1_800_000, cover_ms=7_200_000, due_soon_ms=3_600_000
)


@pytest.fixture(scope="module")
def small() -> Region:
    return trial_region()


@pytest.fixture
def world(region, classes) -> World:
    return World(region, classes, WEDNESDAY)


def until(dues, seconds):
    return list(itertools.takewhile(lambda due: due.offset_s <= seconds, dues))


def first_hour(world):
    """Backlog, history and one hour."""
    return until(timeline(world), 3_600)


def wire(world, dues):
    """As the process sends them at speed 1."""
    return [{**due.event, "time": iso(world.start_ms + round(due.offset_s * 1000))} for due in dues]


def prepared(world, dues):
    body = msgspec.json.encode({"events": wire(world, dues)})
    batch, decoded = decode(body, len(dues), len(body))
    intake = Intake(world.region, world.classes)
    return intake.prepare(batch, decoded, Known({}, {}), None, WEDNESDAY + 2 * DAY_MS)


def measured(world, dues, now_ms):
    """The district's row of the board after these events."""
    board = Board(world.region, world.classes)
    board.fold([Chunk("demo", now_ms, tuple(prepared(world, dues).events))])
    row = board.measure(now_ms, LIMITS)[0]
    return {name: int(row[column]) for name, column in COLUMN.items()}


def test_the_same_seed_and_start_give_the_same_day(small, classes):
    runs = [first_hour(World(small, classes, WEDNESDAY)) for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("source", [Staff, Incidents, Cameras])
def test_another_seed_gives_another_day(small, classes, source):
    def told(seed):
        part = source(World(small, classes, WEDNESDAY, seed))
        return [*part.backlog(), *until(part.live(), 7_200)]

    assert told(1) != told(2)


def test_what_happens_after_the_start_comes_in_order_of_time(small, classes):
    dues = until(timeline(World(small, classes, WEDNESDAY)), DAY_MS / 1000)
    offsets = [due.offset_s for due in dues if due.offset_s > 0]
    assert offsets == sorted(offsets)
    assert {due.feed for due in dues} == {feed.name for feed in FEEDS}


def test_a_day_has_half_a_million_records(small, classes):
    world = World(small, classes, WEDNESDAY)
    dues = [due for due in until(timeline(world), DAY_MS / 1000) if due.offset_s > 0]
    beats = sum(2 * DAY_MS / 1000 / feed.period_s for feed in FEEDS)
    a_day = len(dues) / world.scale + beats
    assert 440_000 < a_day < 560_000


def test_a_day_has_its_rhythm(small, classes):
    dues = until(timeline(World(small, classes, WEDNESDAY)), DAY_MS / 1000)
    hours = Counter(hour_of(WEDNESDAY + due.offset_s * 1000) for due in dues if due.offset_s > 0)
    assert min(hours[h] for h in (9, 10, 15, 16)) > 4 * max(hours[h] for h in (2, 3, 4))
    assert hours[12] < hours[10]


def test_every_event_is_taken_by_the_intake_but_those_about_people(small, classes):
    world = World(small, classes, WEDNESDAY)
    dues = until(timeline(world), DAY_MS / 1000)
    result = prepared(world, dues)
    alarms = sum(due.event["type"] == "camera.alarm" for due in dues)
    assert result.rejections == []
    assert result.n_private == alarms > 100
    assert result.n_repeated == 0
    assert len(result.events) == len(dues) - alarms


def test_guandu_has_its_cameras_each_in_its_grid(world):
    devices = Cameras(world).devices
    assert Counter(camera.kind for camera in devices) == {PUBLIC: 6_000, SOCIAL: 42_000}
    assert len({camera.id for camera in devices}) == 48_000
    found = world.region.locate([c.lon for c in devices], [c.lat for c in devices])
    assert np.array_equal(found - world.region.first_grid, [c.grid for c in devices])
    code = devices[0].id
    assert code.startswith("53011100")
    assert (len(code), code[10:13]) == (20, "132")


def test_at_the_start_the_usual_share_of_cameras_is_online(world):
    backlog = list(Cameras(world).backlog())
    assert sum(due.event["type"] == "camera.registered" for due in backlog) == 48_000
    told = Counter(
        (due.feed, due.event["data"]["status"])
        for due in backlog
        if due.event["type"] == "camera.status"
    )
    for kind, low, high in ((PUBLIC, 0.980, 0.988), (SOCIAL, 0.938, 0.952)):
        expected = kind.count - told[kind.feed, "maintenance"]
        assert low < told[kind.feed, "online"] / expected < high


def test_the_share_of_cameras_online_stays(small, classes):
    """A made-up maintenance department keeps up, day after day."""
    cameras = Cameras(World(small, classes, WEDNESDAY))
    states = {}
    for due in itertools.chain(cameras.backlog(), until(cameras.live(), 3 * DAY_MS / 1000)):
        if due.event["type"] == "camera.status":
            states[due.event["data"]["camera"]] = due.event["data"]["status"]
    online = sum(state == "online" for state in states.values()) / len(states)
    assert 0.91 < online < 0.98


def test_a_cut_takes_the_cameras_of_one_device_and_gives_them_back(small, classes):
    cameras = Cameras(World(small, classes, WEDNESDAY))
    behind = {device.id: device.cameras for device in cameras.network.devices}
    cuts = {}
    back = set()
    for due in until(cameras.live(), 40 * DAY_MS / 1000):
        data = due.event["data"]
        if due.event["type"] == "device.status" and data["status"] == "offline":
            cuts[data["device"]] = (due.offset_s, set())
        elif due.event["type"] == "device.status":
            back.add(data["device"])
        for device, (at_s, gone) in cuts.items():
            if "camera" in data and due.offset_s == at_s and data["status"] == "offline":
                gone.add((device, data["camera"]))
    assert cuts
    assert back
    for device, (_, gone) in cuts.items():
        hung = {(device, cameras.devices[number].id) for number in behind[device]}
        assert len(gone) > len(hung) / 2
        assert gone <= hung


def test_every_camera_hangs_on_a_recorder_and_that_on_a_switch(small, classes):
    cameras = Cameras(World(small, classes, WEDNESDAY))
    kinds = {device.id: device.kind for device in cameras.network.devices}
    above = {device.id: device.upstream for device in cameras.network.devices}
    chain = ("recorder", "switch", "network", "power")
    for number in range(len(cameras.devices)):
        at, told = cameras.network.upstream[number], []
        while at is not None:
            told.append(kinds[at])
            at = above[at]
        assert tuple(told) == chain


def test_marked_sites_are_seen_by_cameras_of_their_grid(world, region):
    sites = load_sites(ROOT / "dashboard" / "regions" / "guandu", region)
    cameras = Cameras(replace(world, sites=sites))
    seen = Counter(camera.site for camera in cameras.devices if camera.site in sites)
    assert set(seen) == set(sites)
    assert max(seen.values()) <= 3
    for camera in cameras.devices:
        if camera.site in sites:
            assert region.grids[camera.grid].code == sites[camera.site].area


def test_every_camera_is_heard_of_within_a_day(small, classes):
    cameras = Cameras(World(small, classes, WEDNESDAY))
    heard = {
        due.event["data"]["camera"]
        for due in until(cameras.live(), DAY_MS / 1000)
        if due.event["type"] == "camera.status"
    }
    assert heard == {camera.id for camera in cameras.devices}


def test_the_picture_at_the_start_is_a_plausible_afternoon(world):
    past = [*Staff(world).backlog(), *Incidents(world).backlog()]
    assert all(due.offset_s <= 0 for due in past)
    numbers = measured(world, past, WEDNESDAY)
    assert 600 < numbers["incidents_open"] < 1_050
    assert numbers["incidents_open_p1"] <= 12
    assert 8 <= numbers["incidents_open_p2"] <= 80
    assert 30 <= numbers["incidents_open_p3"] <= 280
    assert numbers["incidents_open_p4"] > 0.65 * numbers["incidents_open"]
    assert 10 < numbers["incidents_overdue"] < 90
    assert numbers["incidents_closed_today"] > 0
    assert 200 < numbers["incidents_reported_today"] < 600
    assert GUANDU_GRIDS - 20 <= numbers["grids_covered"] < GUANDU_GRIDS
    assert 400 < numbers["staff_on_duty"] < 1_200
    assert 1_500 < numbers["checkins_last_hour"] < 6_000


def days_of(world, n):
    """Cases of n days, by date."""
    cases = Incidents(world)._cases
    found = {}
    for later in range(n):
        day_ms = local_day_start_ms(WEDNESDAY + later * DAY_MS)
        found[from_ms(day_ms).astimezone(SHANGHAI).date().isoformat()] = cases.day(
            day_ms, str(later)
        )
    return found


def test_a_day_brings_some_750_incidents(world):
    for date, cases in days_of(world, 8).items():
        assert 600 < len(cases) < 950
        assert {
            from_ms(case.reported_ms).astimezone(SHANGHAI).date().isoformat() for case in cases
        } == {date}
        dry = [case for case in cases if not case.depth_cm]
        urgent = sum(priority_of(case.cls) == 1 for case in dry)
        assert urgent < 0.06 * len(dry)


def test_some_days_bring_one_rain_over_one_spot(world):
    rains = [
        floods
        for cases in days_of(world, 40).values()
        if (floods := [case for case in cases if case.depth_cm])
    ]
    assert 4 <= len(rains) <= 18  # one day in four
    for floods in rains:
        assert 12 <= len(floods) <= 34
        assert max(f.reported_ms for f in floods) - min(f.reported_ms for f in floods) < 4 * HOUR_MS
        labels = np.array([world.region.grids[f.grid].label for f in floods])
        assert np.ptp(labels[:, 0]) < 0.12


def test_incidents_go_through_their_whole_life(world):
    seen = Counter()
    last = {}
    for due in Incidents(world).history():
        data = due.event["data"]
        action = data.get("action", "report")
        seen[action] += 1
        assert (action == "report") is (data["incident"] not in last)
        assert last.get(data["incident"], (-9e9, ""))[0] <= due.offset_s
        last[data["incident"]] = (due.offset_s, action)
    assert {action for _, action in last.values()} == {"close", "force_close", "reject"}
    assert set(seen) == {
        *("report", "file", "dispatch", "accept", "handle", "inspect", "close"),
        *("reject", "return", "rework", "suspend", "resume", "force_close", "supervise"),
    }
    assert seen["return"] > 0.03 * seen["report"]


def test_what_is_urgent_and_late_is_pressed_once_and_not_at_once(world):
    reported, pressed = {}, Counter()
    for due in Incidents(world).history():
        data = due.event["data"]
        if "action" not in data:
            code = data["class"]["code"]
            reported[data["incident"]] = due.offset_s, world.classes.find(code)
        elif data["action"] == "supervise":
            offset_s, cls = reported[data["incident"]]
            started_ms, at_ms = (world.start_ms + round(1000 * s) for s in (offset_s, due.offset_s))
            late_ms = at_ms - due_ms(started_ms, cls.governing_limit, world.classes.calendar)
            assert priority_of(cls) <= 2
            assert 7 * 60_000 < late_ms < 26 * 60_000
            pressed[data["incident"]] += 1
    assert set(pressed.values()) == {1}


@pytest.mark.parametrize("later_s", [5 * 60, 26 * 3_600])
def test_starting_again_doubles_nothing(small, classes, later_s):
    """A run that ends and one that starts later tell the same events of what both know of."""

    def told(start_ms, seconds):
        world = World(small, classes, start_ms)
        parts = [part(world) for part in (Staff, Incidents, Exchange)]
        past = [due for part in parts for due in part.backlog()]
        past += parts[1].history()
        return past + [due for part in parts for due in until(part.live(), seconds)]

    later_ms = WEDNESDAY + later_s * 1000
    world = World(small, classes, WEDNESDAY)
    first = told(WEDNESDAY, later_s)
    shifted = [due._replace(offset_s=due.offset_s + later_s) for due in told(later_ms, 0)]
    by_id = {due.event["id"]: due for due in first}
    assert sum(due.event["id"] in by_id for due in shifted) > 50
    assert all(by_id.get(due.event["id"], due).event == due.event for due in shifted)
    together = {due.event["id"]: due for due in first + shifted}.values()
    assert measured(world, list(together), later_ms) == measured(world, first, later_ms)


def test_a_fast_day_does_not_use_up_the_ids_of_the_real_one(small, classes):
    def ids(speed):
        world = World(small, classes, WEDNESDAY, speed=speed)
        parts = [part(world) for part in (Staff, Incidents, Exchange)]
        past = {due.event["id"] for part in parts for due in part.backlog()}
        return past, {due.event["id"] for part in parts for due in until(part.live(), 7_200)}

    (past, live), (fast_past, fast_live) = ids(1.0), ids(60.0)
    assert past == fast_past
    assert not live & fast_live


def test_a_feed_falls_silent_now_and_then_but_not_at_the_start(world):
    silences = {feed.name: [] for feed in FEEDS}
    for feed in silences:
        now_ms = WEDNESDAY
        while now_ms < WEDNESDAY + 2 * DAY_MS:
            wait_s, lasts_s = silence_s(world, feed, now_ms)
            assert wait_s + lasts_s > 0
            if lasts_s:
                assert now_ms + wait_s * 1000 >= WEDNESDAY + GRACE_S * 1000
                silences[feed].append(lasts_s)
            now_ms += round((wait_s + lasts_s) * 1000)
    assert 40 < sum(map(len, silences.values())) < 96
    assert max(silences, key=lambda feed: len(silences[feed])) == "hotline-12345"
