"""The append in a real store: a batch and an event land once, whatever is repeated or raced."""

import asyncio

import pytest

from dashboard.domain.events import Chunk, FeedHeartbeat, Spot, encode_chunk
from dashboard.domain.feeds import FeedCounts
from dashboard.errors import SequenceTooOld, StoreAway, StoreFull
from dashboard.store import keys
from dashboard.store.client import connect, is_reachable
from dashboard.store.feeds import FeedStore
from dashboard.store.streams import Batch, EventStream, stream_order
from tests.conftest import NOON

START = "0-0"


@pytest.fixture
def stream(redis):
    return EventStream(redis)


def beat(identity):
    return FeedHeartbeat(identity, NOON, 1, None)


def batch(*identities, sequence=None, feed="north", at_ms=NOON, **more):
    fields = {"cameras": {}, "incidents": {}, "rejected": b"", "n_rejected": 0, "n_private": 0}
    events = [beat(identity) for identity in identities]
    return Batch(
        feed=feed,
        received_ms=at_ms,
        day="2026-11-22",
        sequence=sequence,
        chunk=encode_chunk(feed, at_ms, events) if events else None,
        identities=list(identities),
        **(fields | more),
    )


async def landed(stream):
    chunks = await stream.read_after(START, 10_000, 1)
    return [event.id for _, chunk in chunks for event in chunk.events]


async def test_a_batch_is_one_entry_and_is_read_back_as_it_was_sent(stream):
    appended = await stream.append(batch("a", "b"))
    assert (appended.accepted, appended.duplicate, appended.repeated) == (2, False, ())
    ((position, chunk),) = await stream.read_after(START, 10, 1)
    assert chunk == Chunk("north", NOON, (beat("a"), beat("b")), position)
    assert await stream.read_after(position, 10, 1) == []


async def test_batches_are_read_in_the_order_they_were_appended(stream):
    for number in range(20):
        await stream.append(batch(str(number)))
    first = await stream.read_after(START, 7, 1)
    rest = await stream.read_after(first[-1][0], 100, 1)
    assert [chunk.events[0].id for _, chunk in first + rest] == [str(i) for i in range(20)]
    positions = [stream_order(position) for position, _ in first + rest]
    assert positions == sorted(positions)


async def test_a_repeated_number_lands_once_and_is_answered_as_before(stream):
    await stream.append(batch("a", "b", sequence=7))
    again = await stream.append(batch("a", "b", sequence=7))
    other = await stream.append(batch("c", sequence=7))  # the number decides, not the content
    assert (again.duplicate, again.accepted) == (other.duplicate, other.accepted) == (True, 2)
    assert await landed(stream) == ["a", "b"]


async def test_the_same_number_of_two_feeds_are_two_batches(stream):
    await stream.append(batch("a", sequence=1))
    await stream.append(batch("a", sequence=1, feed="south"))
    assert await landed(stream) == ["a", "a"]


async def test_numbers_may_come_in_any_order_within_the_window(stream):
    for sequence in (5, 3, 9, 4):
        assert not (await stream.append(batch(str(sequence), sequence=sequence))).duplicate
    assert (await stream.append(batch("3", sequence=3))).duplicate
    assert await landed(stream) == ["5", "3", "9", "4"]


async def test_a_number_below_the_window_is_refused_and_the_window_is_bounded(
    stream, redis, monkeypatch
):
    monkeypatch.setattr(keys, "SEQUENCES_KEPT", 8)
    for sequence in range(10, 30):
        await stream.append(batch(str(sequence), sequence=sequence))
    with pytest.raises(SequenceTooOld) as refused:
        await stream.append(batch("late", sequence=21))
    assert (refused.value.sequence, refused.value.oldest) == (21, 22)
    assert (await stream.append(batch("22", sequence=22))).duplicate
    assert await redis.zcard(keys.sequences("north")) == 8
    assert await redis.hlen(keys.sequence_counts("north")) == 8
    assert "late" not in await landed(stream)


async def test_large_numbers_are_told_apart(stream):
    for sequence in (2**53, 2**53 - 1, 2**53 - 2):
        assert not (await stream.append(batch(str(sequence), sequence=sequence))).duplicate
    assert (await stream.append(batch("x", sequence=2**53))).duplicate


async def test_ids_seen_before_are_named_and_nothing_is_written(stream):
    await stream.append(batch("a", "b"))
    appended = await stream.append(batch("x", "b", "y", "a", sequence=1))
    assert appended.repeated == (1, 3)
    assert await landed(stream) == ["a", "b"]
    assert not (await stream.append(batch("x", "y", sequence=1))).duplicate
    assert await landed(stream) == ["a", "b", "x", "y"]


async def test_ids_are_remembered_over_the_edge_of_a_bucket_and_then_forgotten(stream):
    await stream.append(batch("a"))
    later = NOON + keys.SEEN_BUCKET_MS
    assert (await stream.append(batch("a", at_ms=later))).repeated == (0,)
    assert (await stream.append(batch("a", at_ms=later + keys.SEEN_BUCKET_MS))).repeated == ()


async def test_the_memory_of_ids_expires(stream, redis):
    await stream.append(batch("a"))
    key = keys.seen(f"north:{NOON // keys.SEEN_BUCKET_MS}")
    assert 0 < await redis.pttl(key) <= 2 * keys.SEEN_BUCKET_MS


async def test_two_racing_appends_of_one_id_land_it_once(stream, redis):
    racing = [EventStream(redis).append(batch("same", f"own{i}")) for i in range(20)]
    answers = await asyncio.gather(*racing)
    assert sum(answer.accepted for answer in answers) == 2
    assert sorted(answer.repeated for answer in answers) == [(), *[(0,)] * 19]
    assert (await landed(stream)).count("same") == 1


async def test_two_racing_appends_of_one_number_land_once(stream, redis):
    racing = [EventStream(redis).append(batch("a", sequence=1)) for _ in range(20)]
    answers = await asyncio.gather(*racing)
    assert [answer.accepted for answer in answers] == [1] * 20
    assert sum(answer.duplicate for answer in answers) == 19
    assert await landed(stream) == ["a"]


async def test_a_batch_of_thousands_lands_whole(stream):
    names = [f"e{i}" for i in range(5_000)]
    spot = Spot(NOON, "530111001001001")
    places = {f"C{i}": spot for i in range(5_000)}
    assert (await stream.append(batch(*names, cameras=places))).accepted == 5_000
    assert (await stream.append(batch(*names))).repeated == tuple(range(5_000))
    cameras, _ = await stream.places(["C0", "C4999"], [])
    assert cameras == {"C0": spot, "C4999": spot}


async def test_a_batch_without_events_leaves_no_entry_but_its_counts(stream, redis):
    await stream.append(batch(sequence=3, rejected=b'{"a": 1}', n_rejected=2, n_private=5))
    assert await landed(stream) == []
    assert await stream.rejected(10) == [b'{"a": 1}']
    counts = (await FeedStore(redis).counts())["north"]
    assert (counts.accepted, counts.rejected, counts.private) == (0, 2, 5)
    assert (await stream.append(batch(sequence=3))).duplicate


async def test_what_was_refused_is_kept_newest_first_and_bounded(stream, redis, monkeypatch):
    monkeypatch.setattr(keys, "REJECTED_MAXLEN", 100)
    for number in range(500):
        await stream.append(batch(rejected=str(number).encode(), n_rejected=1))
    assert await stream.rejected(3) == [b"499", b"498", b"497"]
    assert await redis.xlen(keys.REJECTED) <= 300  # the store trims whole nodes


async def test_counts_add_up_over_accepted_refused_and_repeated(stream, redis):
    await stream.append(batch("a", "b", sequence=1, n_rejected=1))
    await stream.append(batch("a", "b", sequence=1, n_rejected=1, at_ms=NOON + 5))
    await stream.append(batch("c", sequence=2, n_private=1))
    await stream.append(batch("d", feed="south"))
    counts = await FeedStore(redis).counts()
    assert counts["north"] == FeedCounts(
        accepted=3, rejected=1, duplicates=1, private=1, last_ms=NOON
    )
    assert counts["south"].accepted == 1
    assert await FeedStore(redis).private_on("2026-11-22") == 1


async def test_places_tell_where_cameras_and_incidents_stand(stream):
    gate, case = Spot(NOON, "g1"), Spot(NOON, "g2")
    await stream.append(batch("a", cameras={"C1": gate}, incidents={"I1": case}))
    assert await stream.places(["C1", "C2"], ["I1"]) == ({"C1": gate, "C2": None}, {"I1": case})
    assert await stream.places([], ["I2"]) == ({}, {"I2": None})


@pytest.mark.parametrize(
    ("later", "holds"),
    [
        (Spot(NOON - 1, "g9"), Spot(NOON, "g2")),
        (Spot(NOON + 1, "g1"), Spot(NOON + 1, "g1")),
        (Spot(NOON, "g1"), Spot(NOON, "g2")),
        (Spot(NOON, "g3"), Spot(NOON, "g3")),
    ],
)
async def test_the_newer_place_holds_in_whatever_order_they_arrive(stream, later, holds):
    for identity, spot in (("a", Spot(NOON, "g2")), ("b", later)):
        await stream.append(batch(identity, cameras={"T": spot}, incidents={"T": spot}))
    assert await stream.places(["T"], ["T"]) == ({"T": holds}, {"T": holds})


async def test_a_trimmed_stream_forgets_the_oldest_and_says_so(stream):
    assert await stream.first_position() is None
    assert await stream.size_bytes() == 0
    for number in range(500):
        await stream.append(batch(f"{number}-{'x' * 100}"))
    positions = [position for position, _ in await stream.read_after(START, 1_000, 1)]
    size = await stream.size_bytes()
    assert await stream.trim(positions[400]) > 0
    assert stream_order(await stream.first_position()) <= stream_order(positions[400])
    assert await stream.size_bytes() < size


async def test_a_full_store_refuses_and_writes_nothing(stream, redis):
    await redis.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(StoreFull):
            await stream.append(batch("a"))
    finally:
        await redis.config_set("maxmemory", "0")
    assert await landed(stream) == []
    assert (await stream.append(batch("a"))).accepted == 1


async def test_an_absent_store_is_told_as_such(tmp_path):
    nowhere = connect(f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(StoreAway):
        await EventStream(nowhere).append(batch("a"))
    with pytest.raises(StoreAway):
        await EventStream(nowhere).read_after(START, 1, 1)
    assert not await is_reachable(nowhere)
    await nowhere.aclose()


async def test_a_store_that_forgot_the_script_is_taught_it_again(stream, redis):
    await stream.append(batch("a"))
    await redis.script_flush()
    assert (await stream.append(batch("b"))).accepted == 1
