"""The front door on a real socket, in front of a real store: every status, and nothing twice."""

import asyncio
import json
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from websockets.asyncio.client import connect as connect_socket
from websockets.exceptions import InvalidStatus

from dashboard.clock import iso
from dashboard.server import create_server, protect
from dashboard.store.client import connect
from dashboard.store.embedded import temporary_store
from dashboard.store.feeds import FeedStore
from dashboard.store.streams import EventStream
from feeds.gateway import create_gateway
from tests.conftest import NOON
from tests.serving import serving
from tests.stage import feed

START = "0-0"


class Door:
    """One running gateway, a client of it, and the token of one feed."""

    def __init__(self, url, client, redis, token):
        self.url = url
        self.redis = redis
        self.token = token
        self._client = client

    async def post(self, events, sequence=None, **options):
        body = {"events": events, "sequence": sequence}
        return await self.post_bytes(json.dumps(body).encode(), **options)

    async def post_bytes(self, body, token=None, **headers):
        headers = {"Authorization": f"Bearer {token or self.token}"} | headers
        return await self._client.post(f"{self.url}/feeds/events", content=body, headers=headers)

    def socket(self, token=None):
        return connect_socket(
            self.url.replace("http", "ws") + "/feeds/ws",
            additional_headers={"Authorization": f"Bearer {token or self.token}"},
            proxy=None,
        )

    async def kept(self):
        """What was refused event by event."""
        return [json.loads(row) for row in await EventStream(self.redis).rejected(10)]

    async def landed(self):
        chunks = await EventStream(self.redis).read_after(START, 10_000, 1)
        return [event.id for _, chunk in chunks for event in chunk.events]


@pytest.fixture
def opened(settings, region, classes, clock):
    @asynccontextmanager
    async def opened(redis, **limits):
        chosen = replace(settings, **limits)
        gateway = create_gateway(chosen, region, classes, redis, clock)
        app = create_server([gateway.router()], [])
        protect(app, chosen, None)
        token = await FeedStore(redis).add(feed("north"))
        options = {"ws": gateway.sockets}
        async with serving(app, **options) as url, httpx.AsyncClient(trust_env=False) as client:
            yield Door(url, client, redis, token)

    return opened


@pytest.fixture
async def door(opened, redis):
    async with opened(redis) as door:
        yield door


def beat(identity, **more):
    return {"id": identity, "type": "feed.heartbeat", "time": iso(NOON), "data": {"sent": 1}} | more


async def test_a_batch_is_answered_when_the_store_has_it(door):
    answer = await door.post([beat("a"), beat("b")], sequence=17)
    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 2,
        "duplicate": False,
        "sequence": 17,
        "repeated": 0,
        "dropped_private": 0,
        "rejected": [],
    }
    assert await door.landed() == ["a", "b"]


async def test_a_batch_sent_twice_lands_once(door):
    for duplicate in (False, True, True):
        answer = (await door.post([beat("a"), beat("b")], sequence=1)).json()
        assert (answer["duplicate"], answer["accepted"]) == (duplicate, 2)
    assert await door.landed() == ["a", "b"]


async def test_an_event_sent_twice_lands_once_and_the_rest_of_its_batch_lands(door):
    await door.post([beat("a"), beat("b")])
    answer = (await door.post([beat("b"), beat("c"), beat("c")])).json()
    assert (answer["accepted"], answer["repeated"]) == (1, 2)
    assert await door.landed() == ["a", "b", "c"]


async def test_racing_posts_of_the_same_events_land_them_once(door):
    events = [beat(str(i)) for i in range(50)]
    answers = await asyncio.gather(*(door.post(events[i:] + events[:i]) for i in range(10)))
    assert sum(answer.json()["accepted"] for answer in answers) == 50
    assert sorted(await door.landed()) == sorted(event["id"] for event in events)


async def test_what_is_refused_is_answered_by_event_kept_and_the_rest_lands(door):
    bad = {"id": "bad", "type": "camera.status", "data": {"camera": "C", "status": "on"}}
    answer = (await door.post([beat("a"), bad, beat("b")], sequence=4)).json()
    assert answer["accepted"] == 2
    (rejected,) = answer["rejected"]
    assert (rejected["index"], rejected["id"], rejected["field"]) == (1, "bad", "data.status")
    assert "one of online, offline, fault, maintenance" in rejected["reason"]
    (kept,) = await door.kept()
    assert kept == {"feed": "north", "at": iso(NOON), "sequence": 4, "rejected": [rejected]}


async def test_events_about_people_leave_no_trace_but_a_count(door):
    face = {"id": "f", "type": "face.matched", "data": {"name": "张三"}}
    answer = (await door.post([face, beat("a")])).json()
    assert (answer["accepted"], answer["dropped_private"], answer["rejected"]) == (1, 1, [])
    assert await door.landed() == ["a"]
    assert await FeedStore(door.redis).private_on("2026-11-22") == 1
    for key in await door.redis.keys("*"):
        if await door.redis.type(key) == b"stream":
            assert "张三".encode() not in b"".join(
                value for _, fields in await door.redis.xrange(key) for value in fields.values()
            )


async def test_a_registered_camera_may_leave_its_place_out(door, region):
    grid = region.grids[3].code
    data = {"camera": "C", "name": "Gate", "ownership": "public", "site": ""}
    status = {"type": "camera.status", "data": {"camera": "C", "status": "online"}}
    early = (await door.post([{"id": "1", **status}])).json()
    assert early["rejected"][0]["field"] == "data.camera"
    await door.post([{"id": "2", "type": "camera.registered", "area": grid, "data": data}])
    assert (await door.post([{"id": "3", **status}])).json()["accepted"] == 1


async def test_a_repeated_registration_does_not_put_a_camera_back(door, region):
    data = {"camera": "C", "name": "Gate", "ownership": "public", "site": ""}
    here, there = (
        {"id": f"{index}", "type": "camera.registered", "area": grid.code, "data": data}
        for index, grid in enumerate(region.grids[:2])
    )
    await door.post([here])
    await door.post([there])
    assert (await door.post([here, beat("a")])).json()["repeated"] == 1
    cameras, _ = await EventStream(door.redis).places(["C"], [])
    assert cameras["C"].grid == region.grids[1].code


async def test_an_old_registration_that_comes_late_does_not_move_a_camera(door, region, clock):
    data = {"camera": "C", "name": "Gate", "ownership": "public", "site": ""}
    now, before = region.grids[1], region.grids[-1]
    for identity, grid, at_ms in (("new", now, NOON), ("late", before, NOON - 60_000)):
        event = {"id": identity, "type": "camera.registered", "time": iso(at_ms), "data": data}
        assert (await door.post([event | {"area": grid.code}])).json()["accepted"] == 1
    token = await FeedStore(door.redis).add(feed("south", area=now.parent))
    status = {"id": "s", "type": "camera.status", "data": {"camera": "C", "status": "online"}}
    answer = await door.post([status], token=token)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


# ---- who may speak, and for where ------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer omf_wrong", "Basic omf_wrong", "Bearer " + "x" * 300],
)
async def test_without_a_known_token_nothing_is_taken(door, header):
    bad = b'{"events": [{"id": "bad", "type": "camera.status", "data": {}}]}'
    answer = await door.post_bytes(bad, Authorization=header)
    assert answer.status_code == 401
    assert await door.kept() == []
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Bearer <feed token>" in answer.json()["reason"]


async def test_a_revoked_token_stops_working_within_a_second(door, clock):
    assert (await door.post([beat("a")])).status_code == 200
    await FeedStore(door.redis).revoke("north", NOON)
    clock.move(1)
    assert (await door.post([beat("b")])).status_code == 401
    assert await door.landed() == ["a"]


async def test_a_feed_that_reports_for_elsewhere_only_is_forbidden(door, region):
    token = await FeedStore(door.redis).add(feed("south", area=region.grids[0].parent))
    data = {"staff": "S", "role": "police", "activity": "patrol"}
    check_in = {"type": "staff.checked_in", "data": data}
    inside = {"id": "in", "area": region.grids[0].code, **check_in}
    outside = {"id": "out", "area": region.grids[-1].code, **check_in}
    answer = await door.post([outside], token=token, sequence=7)
    assert answer.status_code == 403
    (rejected,) = answer.json()["rejected"]
    assert "outside the area this feed may report for" in rejected["reason"]
    (kept,) = await door.kept()
    assert kept == {"feed": "south", "at": iso(NOON), "sequence": 7, "rejected": [rejected]}
    mixed = await door.post([inside, outside], token=token, sequence=7)
    assert (mixed.status_code, mixed.json()["accepted"]) == (200, 1)
    assert await door.landed() == ["in"]
    assert len(await door.kept()) == (await FeedStore(door.redis).counts())["south"].rejected == 2


async def test_another_site_may_not_post_through_a_visitors_browser(door):
    answer = await door.post_bytes(b'{"events": []}', Origin="http://elsewhere.example")
    assert answer.status_code == 403


# ---- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"events": 1}', b"\xff\xfe", b"[" * 10_000])
async def test_what_is_no_batch_is_answered_422_with_field_and_reason(door, body):
    answer = await door.post_bytes(body)
    assert answer.status_code == 422
    assert answer.json()["reason"]
    assert answer.json()["accepted"] == 0


async def test_too_many_events_or_bytes_are_answered_413_and_nothing_lands(opened, redis):
    async with opened(redis, max_batch_events=3, max_batch_bytes=2_000) as door:
        many = await door.post([beat(str(i)) for i in range(4)])
        assert (many.status_code, many.json()["field"]) == (413, "events")
        assert "expected at most 3" in many.json()["reason"]
        large = await door.post_bytes(b" " * 2_001)
        assert large.status_code == 413
        assert "expected at most 2000" in large.json()["reason"]

        async def without_a_length():
            for _ in range(30):
                yield b" " * 100

        assert (await door.post_bytes(without_a_length())).status_code == 413
        assert (await door.post([beat("a")])).status_code == 200
        assert await door.landed() == ["a"]


async def test_too_fast_is_answered_429_with_a_time_after_which_it_works(opened, redis, clock):
    async with opened(redis, feed_rate_per_s=10) as door:
        assert (await door.post([beat(str(i)) for i in range(20)])).status_code == 200
        answer = await door.post([beat(f"x{i}") for i in range(15)], sequence=1)
        assert answer.status_code == 429
        assert "more than 10 events a second" in answer.json()["reason"]
        assert len(await door.landed()) == 20
        clock.move(int(answer.headers["Retry-After"]))
        again = await door.post([beat(f"x{i}") for i in range(15)], sequence=1)
        assert (again.status_code, again.json()["duplicate"]) == (200, False)
        assert len(await door.landed()) == 35


async def test_more_than_memory_is_set_aside_for_is_answered_503(opened, redis):
    async with opened(redis, intake_memory_bytes=1_000) as door:
        answer = await door.post_bytes(b" " * 1_001)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert (await door.post([beat("a")])).status_code == 200


async def test_a_store_that_holds_all_it_may_is_answered_503(opened, redis, clock):
    async with opened(redis, store_max_bytes=4_000) as door:
        while (answer := await door.post([beat(iso(clock.now_ms()) + "x" * 90)])).is_success:
            clock.move(1.1)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert len(await door.landed()) < 100


async def test_with_the_store_away_nothing_is_taken_and_later_it_lands_once(opened, tmp_path):
    data = tmp_path / "store"
    with ExitStack() as stores:
        redis = connect(stores.enter_context(temporary_store(data)))
        async with opened(redis) as door:
            assert (await door.post([beat("a")], sequence=1)).status_code == 200
            stores.close()
            away = await door.post([beat("b")], sequence=2)
            assert (away.status_code, away.json()["accepted"]) == (503, 0)
            assert int(away.headers["Retry-After"]) >= 1
            stores.enter_context(temporary_store(data))
            for duplicate in (False, True):
                answer = await door.post([beat("b")], sequence=2)
                assert answer.json()["duplicate"] is duplicate
            assert await door.landed() == ["a", "b"]
        await redis.aclose()


# ---- over a WebSocket ------------------------------------------------------------------------


async def ask(socket, events, sequence=None):
    await socket.send(json.dumps({"events": events, "sequence": sequence}))
    return json.loads(await socket.recv())


async def test_a_socket_answers_each_frame_in_order(door):
    async with door.socket() as socket:
        for sequence in range(30):
            await socket.send(json.dumps({"events": [beat(str(sequence))], "sequence": sequence}))
        answers = [json.loads(await socket.recv()) for _ in range(30)]
    assert [answer["sequence"] for answer in answers] == list(range(30))
    assert {answer["status"] for answer in answers} == {200}
    assert await door.landed() == [str(i) for i in range(30)]


async def test_a_number_repeated_on_a_new_socket_lands_once(door):
    async with door.socket() as socket:
        assert not (await ask(socket, [beat("a")], 1))["duplicate"]
    async with door.socket() as socket:
        assert (await ask(socket, [beat("a")], 1))["duplicate"]
    assert await door.landed() == ["a"]


async def test_a_socket_survives_what_it_refuses(opened, redis):
    limits = {"max_batch_bytes": 2_000, "feed_rate_per_s": 10}
    async with opened(redis, **limits) as door, door.socket() as socket:
        await socket.send("no batch")
        assert json.loads(await socket.recv())["status"] == 422
        await socket.send(" " * 2_001)
        assert json.loads(await socket.recv())["status"] == 413
        assert (await ask(socket, [beat(str(i)) for i in range(15)]))["status"] == 200
        fast = await ask(socket, [beat(f"x{i}") for i in range(15)])
        assert fast["status"] == 429
        assert fast["retry_after_s"] >= 1
        assert (await ask(socket, [beat("b")]))["status"] == 200


async def test_a_socket_is_not_opened_while_the_store_is_away(opened, tmp_path, clock, caplog):
    with ExitStack() as stores:
        redis = connect(stores.enter_context(temporary_store(tmp_path / "store")))
        async with opened(redis) as door:
            stores.close()
            with pytest.raises(InvalidStatus) as refused:
                async with door.socket():
                    pass
            assert refused.value.response.status_code == 503
            assert int(refused.value.response.headers["Retry-After"]) >= 1
        await redis.aclose()
    assert caplog.records == []


async def test_a_frame_of_bytes_is_answered_in_bytes(door):
    async with door.socket() as socket:
        await socket.send(json.dumps({"events": [beat("a")]}).encode())
        answer = await socket.recv()
    assert isinstance(answer, bytes)
    assert json.loads(answer)["accepted"] == 1


async def test_a_socket_without_a_known_token_is_not_opened(door, caplog):
    with pytest.raises(InvalidStatus) as refused:
        async with door.socket(token="wrong"):
            pass
    assert refused.value.response.status_code == 401
    assert "Bearer <feed token>" in json.loads(refused.value.response.body)["reason"]
    assert caplog.records == []


async def test_a_token_revoked_while_its_socket_is_open_stops_working(door, clock):
    async with door.socket() as socket:
        assert (await ask(socket, [beat("a")]))["status"] == 200
        await FeedStore(door.redis).revoke("north", NOON)
        clock.move(1)
        assert (await ask(socket, [beat("b")]))["status"] == 401
    assert await door.landed() == ["a"]
