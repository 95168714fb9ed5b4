"""A sender against a real HTTP peer that fails, limits and refuses on purpose."""

import asyncio
import json
from contextlib import asynccontextmanager
from email.utils import format_datetime

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from dashboard.clock import FixedClock, SystemClock, from_ms
from feeds.sender import Door, Pace, Sender, create_client
from tests.serving import serving

QUICK = Pace(linger_s=0.0, first_pause_s=0.001, longest_pause_s=0.01, batch_events=10)


class Peer:
    """Answers like the intake, after playing the faults in turn; "late" stores, then fails."""

    def __init__(self, faults=(), max_events=1_000):
        self.faults = list(faults)
        self.max_events = max_events
        self.requests = []  # (sequence, ids)
        self.stored = {}  # sequence -> ids
        self.at_s = []
        self.tokens = set()

    async def answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        ids = [event["id"] for event in body["events"]]
        self.requests.append((body.get("sequence"), ids))
        self.at_s.append(asyncio.get_running_loop().time())
        self.tokens.add(request.headers["authorization"])
        if len(ids) > self.max_events:
            return JSONResponse({"reason": "too large"}, 413)
        if self.faults:
            fault = self.faults.pop(0)
            if fault == "late":  # stored, but the acknowledgement is lost
                self.stored[body.get("sequence")] = ids
                return Response("gateway lost", 502)
            if fault is not None:
                return fault
        duplicate = body.get("sequence") in self.stored
        self.stored[body.get("sequence")] = ids
        bad = [i for i, event in enumerate(body["events"]) if event.get("bad")]
        rejected = [{"index": i, "id": ids[i], "field": "data", "reason": "bad"} for i in bad]
        accepted = 0 if duplicate else len(ids) - len(bad)
        return JSONResponse({"accepted": accepted, "duplicate": duplicate, "rejected": rejected})


def app_of(peer):
    app = FastAPI()
    app.post("/feeds/events")(peer.answer)
    return app


@asynccontextmanager
async def sending(url, clock=None, pace=QUICK, on_rejected=None):
    async with create_client() as client:
        sender = Sender(client, Door(url, "secret"), clock or SystemClock(), pace, on_rejected)
        task = asyncio.create_task(sender.run())
        try:
            yield sender
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def deliver(peer, events, **options):
    async with asyncio.timeout(20), serving(app_of(peer)) as url, sending(url, **options) as sender:
        for event in events:
            await sender.put(event)
        await sender.drained()
        return sender


def numbered(n):
    return [{"id": str(i)} for i in range(n)]


def landed(peer):
    return [identity for ids in peer.stored.values() for identity in ids]


async def test_everything_arrives_once_in_order_under_rising_numbers():
    peer = Peer()
    sender = await deliver(peer, numbered(95))
    assert landed(peer) == [str(i) for i in range(95)]
    assert list(peer.stored) == sorted(peer.stored)
    assert sender.counts.accepted == 95
    assert peer.tokens == {"Bearer secret"}


async def test_what_was_not_acknowledged_is_sent_again_under_the_same_number():
    faults = [
        Response(status_code=500),
        "late",
        Response("<html>a proxy</html>"),
        Response(status_code=401),
    ]
    peer = Peer(faults)
    await deliver(peer, numbered(5))
    assert len(peer.requests) == 5
    assert len(set(map(str, peer.requests))) == 1
    assert landed(peer) == [str(i) for i in range(5)]


async def test_trouble_is_logged_once_and_so_is_its_end(caplog):
    await deliver(Peer([Response("full", 503) for _ in range(5)]), numbered(1))
    assert [record.getMessage() for record in caplog.records if record.name == "feeds.sender"] == [
        "feed: the intake says 503: full",
        "feed: the intake answers again",
    ]


async def test_refusals_nobody_asked_for_are_logged_once_a_batch(caplog):
    await deliver(Peer(), [{"id": str(i), "bad": True} for i in range(9)])
    assert [record.getMessage() for record in caplog.records if record.name == "feeds.sender"] == [
        "feed: 9 events refused, the first 0: data bad"
    ]


async def test_a_source_that_starts_before_the_intake_waits_for_it():
    peer = Peer()
    async with asyncio.timeout(20):
        async with serving(app_of(peer)) as url:
            pass
        async with sending(url) as sender:
            await sender.put({"id": "early"})
            await asyncio.sleep(0.05)
            assert not sender.counts.sent
            async with serving(app_of(peer), port=int(url.rsplit(":", 1)[1])):
                await sender.drained()
    assert landed(peer) == ["early"]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_named_retry_time_is_kept(status):
    peer = Peer([Response(status_code=status, headers={"Retry-After": "0.2"})])
    await deliver(peer, numbered(1))
    assert peer.at_s[1] - peer.at_s[0] >= 0.2


async def test_a_retry_time_may_be_a_date():
    clock = FixedClock(1_763_800_000_000)
    moment = format_datetime(from_ms(clock.now_ms() + 1_000), usegmt=True)
    clock.move(0.8)
    peer = Peer([Response(status_code=503, headers={"Retry-After": moment})])
    await deliver(peer, numbered(1), clock=clock)
    assert peer.at_s[1] - peer.at_s[0] >= 0.2


async def test_a_batch_that_is_too_large_is_split_and_every_part_has_its_own_number():
    peer = Peer(max_events=3)
    sender = await deliver(peer, numbered(10))
    assert landed(peer) == [str(i) for i in range(10)]
    assert max(len(ids) for ids in peer.stored.values()) <= 3
    assert sender.counts.accepted == 10


async def test_a_single_event_that_is_too_large_is_given_up_and_told():
    told = []
    peer = Peer(max_events=0)
    sender = await deliver(peer, numbered(2), on_rejected=told.append)
    assert [rejection.id for rejection in told] == ["0", "1"]
    assert sender.counts.rejected == 2


async def test_refused_events_are_told_with_their_reason():
    told = []
    sender = await deliver(Peer(), [{"id": "a"}, {"id": "b", "bad": True}], on_rejected=told.append)
    assert [(r.id, r.field, r.reason) for r in told] == [("b", "data", "bad")]
    assert (sender.counts.accepted, sender.counts.rejected) == (1, 1)


async def test_a_batch_refused_as_a_whole_is_told_and_does_not_block_the_next():
    told = []
    peer = Peer([Response("not this shape", 422)])
    await deliver(peer, numbered(15), on_rejected=told.append)
    assert [r.id for r in told] == [str(i) for i in range(10)]
    assert landed(peer) == [str(i) for i in range(10, 15)]


async def test_a_number_too_old_to_be_remembered_is_left_out():
    peer = Peer([JSONResponse({"field": "sequence", "reason": "too old"}, 422)])
    await deliver(peer, numbered(1))
    assert [sequence is None for sequence, _ in peer.requests] == [False, True]
    assert landed(peer) == ["0"]


async def test_a_full_buffer_drops_the_oldest_and_says_how_many():
    pace = Pace(buffer_events=10, linger_s=0.0)
    peer = Peer()
    async with asyncio.timeout(20), serving(app_of(peer)) as url, sending(url, pace=pace) as sender:
        for event in numbered(25):
            sender.offer(event)
        await sender.drained()
    assert landed(peer) == [str(i) for i in range(15, 25)]
    assert sender.counts.dropped == 15


async def test_a_held_sender_is_silent_and_then_delivers_what_came():
    peer = Peer()
    async with asyncio.timeout(20), serving(app_of(peer)) as url, sending(url) as sender:
        sender.hold()
        await sender.put({"id": "kept"})
        await asyncio.sleep(0.05)
        assert not peer.requests
        sender.release()
        await sender.drained()
    assert landed(peer) == ["kept"]


async def test_a_later_run_numbers_its_batches_above_the_earlier_one():
    clock = FixedClock(1_763_800_000_000)
    peer = Peer()
    await deliver(peer, numbered(50), clock=clock)
    clock.move(1)
    await deliver(peer, [{"id": "next"}], clock=clock)
    assert len(peer.stored) == 6
    assert list(peer.stored) == sorted(peer.stored)
