"""The board as a pure fold: order, repeats and batches change nothing, and every tier adds up."""

import json
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.clock import DAY_MS
from dashboard.domain import events as ev
from dashboard.domain.board import NEVER, Board, Limits
from dashboard.domain.cameras import STATUS_CODE
from dashboard.domain.feeds import Freshness, Heard
from dashboard.domain.metrics import CAMERA_STATES, COLUMN, METRICS, OWNERSHIPS
from feeds.decoding import decode
from feeds.intake import Intake
from feeds.places import Known
from tests.conftest import NOON
from tests.random_day import random_events

LIMITS = Limits(
    camera_stale_ms=3_600_000, on_duty_ms=1_800_000, cover_ms=7_200_000, due_soon_ms=3_600_000
)
FEEDS = ("north", "south")
CLASSES = ("05-06", "01-10", "02-01", "nowhere")
# Few things, few moments and few grids, so that reports meet, tie and overtake one another.
MOMENTS = st.sampled_from([NOON - age for age in (0, 60_000, 3_000_000, 2 * DAY_MS)])
COUNTS = st.integers(0, 5)
names = st.sampled_from

quick = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="session")
def grids(region):
    """Two of one community, one of another street."""
    community = next(area for area in region.areas if len(region.children(area.code)) >= 3)
    while region.children(community.code)[0].tier != "grid":
        community = region.children(community.code)[0]
    near = [grid.code for grid in region.children(community.code)[:2]]
    return [*near, region.grids[300].code]


def built(kind, **fields):
    """Events of one kind; the id comes later, what is not given is None."""
    blank = dict.fromkeys((f for f in kind.__struct_fields__ if f not in fields), st.none())
    return st.builds(kind, **(blank | {"id": st.just(""), "observed_ms": MOMENTS} | fields))


def camera_events(places):
    cameras, owners = names("AB"), names(list(ev.Ownership))
    registered = built(
        ev.CameraRegistered,
        camera=cameras,
        grid=places,
        name=names(["Gate", "Bridge"]),
        ownership=owners,
        site=st.just("road"),
        lon=names([None, 102.75]),
    )
    state = built(ev.CameraState, camera=cameras, status=names(list(ev.CameraStatus)))
    counts = dict.fromkeys(("online", "offline", "fault", "maintenance"), COUNTS)
    return registered, state, built(ev.CameraRollup, grid=places, ownership=owners, **counts)


def incident_events(places):
    cases = names("12")
    reported = built(
        ev.IncidentReported,
        incident=cases,
        grid=places,
        class_code=names(CLASSES),
        title=names(["Water", "Waste"]),
        channel=names(list(ev.Channel)),
        priority=names([None, 1, 2, 3, 4]),
        severity=names([None, 1, 4]),
        photos=st.just(()),
    )
    actions = names(list(ev.IncidentAction))
    return reported, built(ev.IncidentMoved, incident=cases, action=actions, by=st.just("desk"))


def other_events(places):
    check_in = built(
        ev.StaffCheckedIn,
        staff=names("xy"),
        grid=places,
        role=names(list(ev.Role)),
        activity=names(list(ev.Activity)),
    )
    exchange = built(ev.ResourceExchanged, resource=names("pq"), rows=COUNTS, rejected=COUNTS)
    return check_in, exchange, built(ev.FeedHeartbeat, sent=COUNTS)


def events(grids):
    places = names([*grids, *grids, "000000000000000"])  # as a pack of another year left it
    return st.one_of(*camera_events(places), *incident_events(places), *other_events(places))


@st.composite
def histories(draw, grids):
    """Events as the intake lets them through, each with an id of its own."""
    found = draw(st.lists(events(grids), min_size=12, max_size=40))
    return [replace(event, id=f"e{i:03}") for i, event in enumerate(found)]


def once_or_more(history, random):
    """Any order, with repeats; those of check-ins are stopped at the door, as they are counted."""
    repeats = [event for event in history if not isinstance(event, ev.StaffCheckedIn)]
    shuffled = [*history, *(random.choices(repeats, k=len(history)) if repeats else ())]
    random.shuffle(shuffled)
    return shuffled


def chunked(history, random):
    rest = list(history)
    while rest:
        n = random.randint(1, len(rest))
        yield ev.Chunk(random.choice(FEEDS), NOON, tuple(rest[:n]))
        del rest[:n]


def folded(region, classes, chunks):
    board = Board(region, classes)
    board.fold(list(chunks))
    return board


def measured(board):
    return board.measure(NOON, LIMITS)


def assert_adds_up(region, table):
    for area in region.areas:
        if children := region.children(area.code):
            below = table[[child.index for child in children]].sum(axis=0)
            wrong = np.flatnonzero(table[area.index] != below)
            assert not wrong.size, f"{area.code}: {[METRICS[i] for i in wrong]}"
    column = {name: table[:, index] for name, index in COLUMN.items()}
    states = [column[f"cameras_{state}"] for state in CAMERA_STATES]
    assert (sum(states) == column["cameras_total"]).all()
    owners = [column[f"cameras_total_{owner}"] for owner in OWNERSHIPS]
    assert (sum(owners) == column["cameras_total"]).all()
    for state in CAMERA_STATES:
        split = [column[f"cameras_{state}_{owner}"] for owner in OWNERSHIPS]
        assert (sum(split) == column[f"cameras_{state}"]).all()
    priorities = [column[f"incidents_open_p{p}"] for p in (1, 2, 3, 4)]
    assert (sum(priorities) == column["incidents_open"]).all()
    assert (
        column["incidents_overdue"] + column["incidents_due_soon"] <= column["incidents_open"]
    ).all()
    assert (table >= 0).all()


@quick
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_every_tier_adds_up_after_every_fold(region, classes, grids, data, random):
    board = Board(region, classes)
    for chunk in chunked(once_or_more(data.draw(histories(grids)), random), random):
        board.fold([chunk])
        assert_adds_up(region, measured(board))


@quick
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_order_repeats_and_batches_do_not_matter(region, classes, grids, data, random):
    history = data.draw(histories(grids))
    straight = folded(region, classes, [ev.Chunk("north", NOON, tuple(history))])
    board = folded(region, classes, chunked(once_or_more(history, random), random))
    assert (measured(board) == measured(straight)).all()
    assert board.resources == straight.resources
    assert _stories(board) == _stories(straight)
    assert _devices(board) == _devices(straight)


def _devices(board):
    """Cameras and what they hang on, without numbers and the feed that spoke first."""
    rows, above = board.cameras.registered.values(), board.cameras.devices.by_id.values()
    network = {row.id: replace(row, feed="") for row in above}
    return {row.id: replace(row, number=0) for row in rows}, network


def _stories(board):
    """Incidents and how they stand, without the feed that spoke first and how often they came."""
    told = {"feed": "", "version": 0, "head": ""}
    cases = board.incidents.by_id.items()
    return {i: (replace(case, **told), board.incidents.standing[i]) for i, case in cases}


@pytest.mark.parametrize("seed", range(60))
def test_a_crowded_history_in_any_order_comes_to_one_board(region, classes, grids, seed):
    random = Random(seed)
    posted = json.dumps({"events": random_events(random, grids, 150)}).encode()
    intake = Intake(region, classes)
    history = intake.prepare(*decode(posted, 1_000, 16_384), Known({}, {}), None, NOON).events
    straight = folded(region, classes, [ev.Chunk("north", NOON, tuple(history))])
    board = folded(region, classes, chunked(once_or_more(history, random), random))
    assert (measured(board) == measured(straight)).all()
    assert _stories(board) == _stories(straight)
    assert _devices(board) == _devices(straight)
    assert_adds_up(region, measured(board))


@quick
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_of_reports_of_one_instant_the_order_does_not_matter(region, classes, grids, data, random):
    history = data.draw(histories(grids))
    tied = [replace(event, observed_ms=NOON) for event in history]
    straight = folded(region, classes, [ev.Chunk("north", NOON, tuple(tied))])
    random.shuffle(tied)
    shuffled = folded(region, classes, chunked(tied, random))
    assert (measured(shuffled) == measured(straight)).all()


@quick
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_a_fold_in_one_go_and_in_pieces_changes_the_same(region, classes, grids, data, random):
    chunks = list(chunked(data.draw(histories(grids)), random))
    whole, pieces = Board(region, classes), Board(region, classes)
    at_once, changes = whole.fold(chunks), None
    for chunk in chunks:
        step = pieces.fold([chunk])
        if changes is None:
            changes = step
        else:
            changes.add(step)
    if changes is not None:
        assert changes.registered == at_once.registered
        assert changes.incidents == at_once.incidents
        assert set(changes.state_numbers()) == set(at_once.state_numbers())
    assert (measured(whole) == measured(pieces)).all()


@quick
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_cameras_are_counted_as_a_plain_loop_would(region, classes, grids, data, random):
    history = data.draw(histories(grids))
    board = folded(region, classes, chunked(once_or_more(history, random), random))
    singles, states = {}, {}
    for event in history:
        if isinstance(event, ev.CameraRegistered):
            rank = (event.observed_ms, event.grid, event.ownership, event.name)
            singles[event.camera] = max(singles.get(event.camera, rank), rank)
        elif isinstance(event, ev.CameraState):
            rank = (event.observed_ms, STATUS_CODE[event.status])
            states[event.camera] = max(states.get(event.camera, rank), rank)
    table = measured(board)
    held = [event.grid for event in history if isinstance(event, ev.CameraRollup)]
    for grid in set(grids) - set(held):
        here = [camera for camera, rank in singles.items() if rank[1] == grid]
        online = [
            camera
            for camera in here
            if (rank := states.get(camera)) is not None
            and rank[1] == STATUS_CODE[ev.CameraStatus.ONLINE]
            and NOON - rank[0] <= LIMITS.camera_stale_ms
        ]
        row = table[region.by_code[grid].index]
        assert row[COLUMN["cameras_total"]] == len(here)
        assert row[COLUMN["cameras_online"]] == len(online)


def test_an_empty_board_counts_its_grids_and_nothing_else(region, classes):
    table = measured(Board(region, classes))
    assert table[0, COLUMN["grids_total"]] == len(region.grids)
    assert table[0].sum() == len(region.grids)


# ---- freshness -------------------------------------------------------------------------------


def registered(camera, grid):
    return ev.CameraRegistered(
        f"r-{camera}", NOON, camera, grid, camera, ev.Ownership.PUBLIC, "road", None, None, None
    )


def heard(by_feed, last_ms=NOON):
    return {name: Heard(rank, last_ms) for name, rank in by_feed.items()}


def camera_rank(board, region, code, by_feed):
    return board.freshness(heard(by_feed))["rank"][region.by_code[code].index, 0]


def test_an_area_is_as_fresh_as_the_worst_feed_behind_its_cameras(region, classes, grids):
    board = folded(
        region,
        classes,
        [
            ev.Chunk("north", NOON, (registered("A", grids[0]),)),
            ev.Chunk("south", NOON, (registered("B", grids[1]),)),
        ],
    )
    by_feed = {"north": Freshness.LIVE, "south": Freshness.STALE}
    assert camera_rank(board, region, grids[0], by_feed) == Freshness.LIVE
    assert camera_rank(board, region, grids[1], by_feed) == Freshness.STALE
    assert camera_rank(board, region, region.root.code, by_feed) == Freshness.STALE


def test_a_feed_behind_few_of_an_areas_cameras_does_not_grey_it(region, classes, grids):
    many = tuple(registered(f"many-{i}", grids[0]) for i in range(99))
    board = folded(
        region,
        classes,
        [ev.Chunk("north", NOON, many), ev.Chunk("south", NOON, (registered("one", grids[0]),))],
    )
    by_feed = {"north": Freshness.LIVE, "south": Freshness.LOST}
    assert camera_rank(board, region, grids[0], by_feed) == Freshness.LIVE


def test_where_nothing_was_reported_an_area_takes_its_parents_word(region, classes, grids):
    board = folded(region, classes, [ev.Chunk("north", NOON, (registered("A", grids[0]),))])
    assert camera_rank(board, region, grids[-1], {"north": Freshness.LATE}) == Freshness.LATE


def test_a_revoked_feed_leaves_its_numbers_lost(region, classes, grids):
    board = folded(region, classes, [ev.Chunk("gone", NOON, (registered("A", grids[0]),))])
    assert camera_rank(board, region, grids[0], {"other": Freshness.LIVE}) == Freshness.LOST


@pytest.fixture
def as_of(region, classes, grids):
    """The moment told of the cameras of the first grid, another one and the region."""

    def as_of(**by_feed):
        feeds = sorted(by_feed)
        chunks = [
            ev.Chunk(feed, NOON, (registered(feed, grids[min(i, 1)]),))
            for i, feed in enumerate(feeds)
        ]
        board = folded(region, classes, chunks)
        told = board.freshness({name: Heard(*of) for name, of in by_feed.items()})["last_ms"]
        return tuple(
            int(told[region.by_code[code].index, 0])
            for code in (grids[0], grids[1], grids[-1], region.root.code)
        )

    return as_of


def test_a_live_number_is_of_now_and_a_stale_one_of_its_feeds_last_report(as_of):
    told = as_of(north=(Freshness.LIVE, NOON), south=(Freshness.STALE, NOON - 90_000))
    assert told == (0, NOON - 90_000, NOON - 90_000, NOON - 90_000)
    assert as_of(north=(Freshness.LIVE, NOON)) == (0, 0, 0, 0)


def test_only_feeds_of_the_worst_word_tell_the_moment_and_the_oldest_of_them(as_of):
    told = as_of(
        north=(Freshness.LATE, NOON - 900_000),  # a slow feed: late, though silent the longest
        south=(Freshness.LOST, NOON - 500_000),
        west=(Freshness.LOST, NOON - 700_000),
    )
    assert told == (NOON - 900_000, NOON - 700_000, NOON - 700_000, NOON - 700_000)


def test_of_a_feed_never_heard_there_is_no_moment(as_of):
    assert as_of(north=(Freshness.LOST, None)) == (0, 0, 0, 0)


def test_a_quiet_group_is_of_the_last_report_of_its_freshest_feed(region, classes):
    orphan = ev.IncidentMoved("m", NOON, "I", ev.IncidentAction.CLOSE, "desk", None, None)
    chunks = [ev.Chunk(feed, NOON, (orphan,)) for feed in ("a", "b", "c")]
    board = folded(region, classes, chunks)
    told = board.freshness(
        {
            "a": Heard(Freshness.LATE, NOON - 50_000),
            "b": Heard(Freshness.LATE, NOON - 30_000),
            "c": Heard(Freshness.STALE, NOON - 10_000),
        }
    )
    assert set(told["last_ms"][:, 1].tolist()) == {NOON - 30_000}


def test_a_group_that_no_feed_ever_reported_is_not_a_count_of_zero(region, classes, grids):
    board = folded(region, classes, [ev.Chunk("north", NOON, (registered("A", grids[0]),))])
    cameras, incidents, staff = board.freshness(heard({"north": Freshness.LIVE}))["rank"][0]
    assert (cameras, incidents, staff) == (Freshness.LIVE, NEVER, NEVER)


def test_a_quiet_group_is_as_fresh_as_the_feed_that_would_report_it(region, classes, grids):
    orphan = ev.IncidentMoved("m", NOON, "I", ev.IncidentAction.CLOSE, "desk", None, None)
    board = folded(region, classes, [ev.Chunk("hotline", NOON, (orphan,))])
    assert board.freshness(heard({"hotline": Freshness.LATE}))["rank"][0, 1] == Freshness.LATE


def test_what_was_exchanged_last_of_a_resource_holds(region, classes):
    older = ev.ResourceExchanged("b", NOON - 1, "people", 10, 0, None)
    newer = ev.ResourceExchanged("a", NOON, "people", 20, 1, "2")
    board = folded(region, classes, [ev.Chunk("north", NOON, (newer, older))])
    assert board.resources == {"people": newer}
