"""The board's checkpoint in a real store: loaded as it was saved, it goes on the same."""

import json
import random
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from dashboard.board import BoardProcess, limits_of
from dashboard.clock import DAY_MS, iso
from dashboard.domain.board import GROUPS, Board
from dashboard.domain.events import encode_chunk
from dashboard.domain.feeds import FeedKind, Freshness, Heard
from dashboard.domain.incidents import ENDED_KEPT_DAYS
from dashboard.domain.metrics import COLUMN, METRICS
from dashboard.domain.outages import outages
from dashboard.domain.picture import Delta, FeedsPicture, Picture
from dashboard.store import keys
from dashboard.store.feeds import FeedStore
from dashboard.store.seat import Seat
from dashboard.store.state import START, Save, StateStore
from dashboard.store.streams import Batch, EventStream, stream_order
from feeds.decoding import decode
from feeds.intake import Intake
from feeds.places import Known
from tests.conftest import NOON
from tests.random_day import random_events
from tests.stage import feed

FEEDS = ("north", "south")
HEARD = {
    "north": Heard(Freshness.LIVE, NOON),
    "south": Heard(Freshness.STALE, NOON - 90_000),
}
KEPT = (keys.EVENTS, keys.FEEDS, keys.FEED_COUNTS)


@pytest.fixture(scope="session")
def intake(region, classes):
    return Intake(region, classes)


@pytest.fixture(scope="session")
def grids(region):
    return [grid.code for grid in region.grids[:300:60]]


@pytest.fixture
def append(redis, intake):
    """Prepares wire events as the gateway does and appends them as one chunk."""
    stream = EventStream(redis)

    async def append(feed, events):
        body = json.dumps({"events": events}).encode()
        prepared = intake.prepare(*decode(body, 1_000, 16_384), Known({}, {}), None, NOON)
        assert prepared.rejections == []
        await stream.append(
            Batch(
                feed=feed,
                received_ms=NOON,
                day="2026-11-22",
                sequence=None,
                chunk=encode_chunk(feed, NOON, prepared.events),
                identities=prepared.identities,
                cameras=prepared.cameras,
                incidents=prepared.incidents,
                rejected=b"",
                n_rejected=0,
                n_private=0,
            )
        )

    return append


@pytest.fixture
def new_process(settings, region, classes, redis, clock):
    async def new_process(settings=settings):
        process = BoardProcess(settings, Board(region, classes), redis, clock)
        await process.start()
        return process

    return new_process


async def caught_up(process):
    """Tick until the stream has nothing left."""
    position = None
    while position != process.position:
        position = process.position
        await process.tick(1)


def chunks_of(generator, grids, n_events=120):
    rest = random_events(generator, grids, n_events)
    while rest:
        size = generator.randint(1, 20)
        yield generator.choice(FEEDS), rest[:size]
        rest = rest[size:]


def assert_same(board, other, settings, now_ms=NOON):
    limits = limits_of(settings)
    table, others = board.measure(now_ms, limits), other.measure(now_ms, limits)
    different = np.flatnonzero((table != others).any(axis=0))
    assert [METRICS[column] for column in different] == []
    fresh, others_fresh = board.freshness(HEARD), other.freshness(HEARD)
    different = np.flatnonzero((fresh != others_fresh).any(axis=0))
    assert [GROUPS[column] for column in different] == []
    assert board.incidents.by_id == other.incidents.by_id
    assert board.cameras.registered == other.cameras.registered
    assert board.cameras.devices.by_id == other.cameras.devices.by_id
    assert _counted_behind(board) == _counted_behind(other)
    assert board.resources == other.resources


def _counted_behind(board):
    """By device: cameras expected behind it and those of them offline."""
    cameras = board.cameras
    expected, offline = outages(cameras, NOON, DAY_MS).by_device(cameras)
    pairs = zip(expected.tolist(), offline.tolist(), strict=True)
    return dict(zip(cameras.devices.ids, pairs, strict=True))


@pytest.fixture
def fold_all(append, new_process, clock):
    """Fold a history chunk by chunk, from one checkpoint to the next; `lives` processes do it."""

    async def fold_all(chunks, lives=1):
        process = await new_process()
        for number, (name, events) in enumerate(chunks):
            await append(name, events)
            clock.move(1)
            await process.tick(1)
            if lives > 1 and number % lives == 0:  # with nothing in memory
                process = await new_process()
        await caught_up(process)
        return process

    return fold_all


@pytest.mark.parametrize("seed", range(4))
async def test_a_loaded_board_is_the_saved_one_and_goes_on_the_same(
    fold_all, append, new_process, settings, redis, grids, seed
):
    generator = random.Random(seed)
    process = await fold_all(chunks_of(generator, grids))
    loaded = await new_process()
    assert loaded.position == process.position
    assert_same(loaded.board, process.board, settings)
    for name, events in chunks_of(generator, grids):
        await append(name, [{**event, "id": "later" + event["id"]} for event in events])
    chunks = [chunk for _, chunk in await EventStream(redis).read_after(loaded.position, 1_000, 1)]
    for goes_on in (process, loaded):
        goes_on.board.fold(chunks)
    assert_same(loaded.board, process.board, settings)


async def test_a_data_folder_from_before_the_devices_still_loads(
    fold_all, new_process, settings, redis, grids
):
    process = await fold_all(chunks_of(random.Random(1), grids))
    held = {row.id: row for row in process.board.cameras.registered.values()}
    for name, row in (await redis.hgetall(keys.CAMERAS)).items():
        await redis.hset(
            keys.CAMERAS, name, msgspec.msgpack.encode(msgspec.msgpack.decode(row)[:-1])
        )
    await redis.delete(keys.DEVICES)
    loaded = await new_process()
    rows = loaded.board.cameras.registered.values()
    assert {row.id: row for row in rows} == {
        name: msgspec.structs.replace(row, upstream=None) for name, row in held.items()
    }
    assert len(loaded.board.cameras.devices.by_id) == 0
    table = loaded.board.measure(NOON, limits_of(settings))
    assert (table == process.board.measure(NOON, limits_of(settings))).all()


@pytest.mark.parametrize("seed", range(4))
async def test_replaying_the_stream_from_the_start_gives_the_same_board(
    fold_all, new_process, settings, redis, grids, seed
):
    restarted = await fold_all(chunks_of(random.Random(seed), grids), lives=3)
    for key in await redis.keys("*"):
        if key.decode() not in KEPT:
            await redis.delete(key)
    replayed = await new_process()
    assert replayed.position == START
    await caught_up(replayed)
    assert replayed.position == restarted.position
    assert_same(replayed.board, restarted.board, settings)


async def test_the_saved_picture_is_what_the_board_measured(fold_all, redis, grids):
    process = await fold_all(chunks_of(random.Random(1), grids))
    whole = await StateStore(redis).whole_picture(0)
    metrics = np.frombuffer(whole.picture.metrics, dtype=np.int32).reshape(-1, len(METRICS))
    assert (metrics == process.metrics).all()
    assert metrics[0, COLUMN["cameras_total"]] > 0
    assert whole.picture.tick == process.tick_number
    assert {row.number: row for row in whole.cameras} == process.board.cameras.registered
    assert {case.id: case for case in whole.incidents} == process.board.incidents.by_id


async def test_deltas_are_numbered_without_a_gap_over_a_restart(
    append, new_process, redis, clock, grids
):
    for _ in range(2):
        process = await new_process()
        for _ in range(3):
            clock.move(1)
            await append("north", random_events(random.Random(2), grids, 5))
            await process.tick(1)
            await redis.delete(*await redis.keys("*seen*"))  # the same ids may come again
    deltas = await StateStore(redis).deltas_after(0, 1)
    assert [delta.tick for delta in deltas] == [1, 2, 3, 4, 5, 6]
    assert [delta.reload for delta in deltas] == [True, False, False, True, False, False]
    topics = np.frombuffer((await new_process())._topics.tobytes(), dtype=np.int64)
    assert (topics == 6).all()


async def test_a_tick_without_events_speaks_once_a_second_and_not_sooner(new_process, redis, clock):
    process = await new_process()
    await process.tick(1)
    await process.tick(1)
    assert process.tick_number == 1
    clock.move(1)
    await process.tick(1)
    assert process.tick_number == 2


async def test_what_is_forgotten_is_forgotten_in_the_store_too(
    append, new_process, redis, clock, grids
):
    old = iso(NOON - (ENDED_KEPT_DAYS + 2) * DAY_MS)
    data = {"incident": "old", "class": "05-06", "title": "Water", "channel": "hotline"}
    moved = {"incident": "old", "action": "close", "by": "desk"}
    staff = {"staff": "S1", "role": "police", "activity": "patrol"}
    where = {"time": old, "area": grids[0]}
    await append(
        "north",
        [
            {"id": "1", "type": "incident.reported", "data": data, **where},
            {"id": "2", "type": "incident.moved", "data": moved, **where},
            {"id": "3", "type": "staff.checked_in", "data": staff, **where},
        ],
    )
    process = await new_process()
    clock.move(2)
    await caught_up(process)
    incidents = (keys.INCIDENTS, keys.INCIDENT_GRIDS, keys.INCIDENT_HEADS)
    for key in (*incidents, keys.STAFF, keys.CHECKINS):
        assert await redis.hlen(key) == 0, key


async def test_the_feeds_picture_tells_age_counts_and_what_was_dropped(
    append, new_process, redis, clock, grids
):
    await FeedStore(redis).add(feed("north", FeedKind.SIMULATED))
    await append("north", random_events(random.Random(3), grids, 10))
    await redis.hset(keys.PRIVATE_DAYS, "2026-11-22", 4)
    clock.move(61)
    process = await new_process()
    await process.tick(1)
    whole = await StateStore(redis).whole_picture(0)
    (row,) = whole.picture.feeds.feeds
    assert (row.name, row.kind, row.freshness, row.accepted) == ("north", "simulated", "late", 10)
    assert row.last_at == iso(NOON)
    assert whole.picture.feeds.dropped_private_today == 4


async def test_an_empty_store_has_no_picture_and_starts_a_board_at_the_beginning(
    redis, region, classes
):
    store = StateStore(redis)
    assert await store.whole_picture(0) is None
    assert await store.deltas_after(0, 1) == []
    loaded = await store.load(Board(region, classes))
    assert (loaded.position, loaded.tick) == (START, 0)


async def test_a_picture_of_another_pack_is_told_by_its_areas(redis, region, classes):
    store, board = StateStore(redis), Board(region, classes)
    picture = Picture(7, NOON, b"", b"", b"", FeedsPicture(), ("elsewhere",))
    delta = Delta(7, NOON, True)
    seat = Seat(redis)
    await seat.take()
    save = Save(seat.holder, delta, b"", "5-0", position="5-0", picture=picture)
    await store.save(board, save)
    loaded = await store.load(Board(region, classes))
    assert (loaded.areas, loaded.tick, loaded.position) == (("elsewhere",), 7, "5-0")


async def test_a_stream_past_half_its_bound_forgets_only_what_the_checkpoint_holds(
    append, new_process, settings, redis, clock, grids
):
    small = replace(settings, store_max_bytes=20_000)
    process = await new_process(small)
    for number in range(300):
        events = random_events(random.Random(number), grids, 5)
        await append("north", [{**event, "id": f"{number}{event['id']}"} for event in events])
    stream = EventStream(redis)
    first = await stream.first_position()
    for _ in range(4):
        clock.move(11)
        await caught_up(process)
    assert stream_order(await stream.first_position()) > stream_order(first)
    again = await new_process(small)
    assert again.position == process.position
    assert_same(again.board, process.board, small)


async def test_what_no_checkpoint_holds_is_never_forgotten(
    append, new_process, settings, redis, clock, grids
):
    settings = replace(settings, store_max_bytes=1_000, checkpoint_s=3_600)
    process = await new_process(settings)
    await process.tick(1)
    for number in range(100):
        await append("north", [{**random_events(random.Random(1), grids, 1)[0], "id": str(number)}])
    first = await EventStream(redis).first_position()
    clock.move(11)
    await caught_up(process)
    assert await EventStream(redis).first_position() == first
