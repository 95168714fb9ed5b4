"""The live socket: a snapshot, then numbered frames without a gap, whatever happens in between."""

import asyncio
import json
import random
import socket as sockets

import pytest

from dashboard import live, topics
from dashboard.clock import iso
from dashboard.domain.feeds import FeedKind
from dashboard.store.feeds import FeedStore
from tests.random_day import random_events
from tests.stage import PATIENCE_S, Stage, feed, until

DISTRICT = "area/530111"


@pytest.fixture
async def stage(settings, region, classes, redis, clock):
    stage = Stage(settings, (region, classes), redis, clock)
    async with stage.open():
        await stage.new_board()
        yield stage


@pytest.fixture(scope="session")
def grids(region):
    return [grid.code for grid in region.grids[:300:60]]


def check_in(identity, grid, clock):
    data = {"staff": identity, "role": "police", "activity": "patrol"}
    moment = iso(clock.now_ms())
    return {
        "id": identity,
        "type": "staff.checked_in",
        "time": moment,
        "area": grid,
        "data": data,
    }


def camera(number, grid):
    data = {"camera": f"C{number}", "name": "Gate", "ownership": "public", "site": "road"}
    return {"id": f"r{number}{grid}", "type": "camera.registered", "area": grid, "data": data}


def incident(name, grid, at_ms):
    data = {"incident": name, "class": "05-06", "title": "Water", "channel": "hotline"}
    head = {"id": f"i{name}", "type": "incident.reported", "time": iso(at_ms)}
    return {**head, "area": grid, "data": data}


async def test_a_screen_gets_a_snapshot_and_then_what_changed(stage, grids):
    async with stage.screen() as screen:
        first = await screen.snapshot(DISTRICT)
        area = first["snapshot"]["area"]
        assert (area["code"], area["tier"]) == ("530111", "district")
        assert area["metrics"]["staff_on_duty"] == 0
        assert len(first["snapshot"]["children"]) == 8
        await stage.post(check_in("a", grids[0], stage.clock))
        await stage.tick()
        frame = await screen.next()
    assert frame["sequence"] == first["sequence"] + 1
    assert frame["as_of"] == iso(stage.clock.now_ms())
    changed = frame["delta"]["areas"]
    assert changed["530111"]["metrics"]["staff_on_duty"] == 1
    assert {code for code, change in changed.items() if "metrics" in change} == {
        "530111",
        grids[0][:9],
    }


async def test_frames_are_numbered_without_a_gap_also_when_nothing_happens(stage, grids):
    async with stage.screen() as screen:
        sequences = [(await screen.snapshot(DISTRICT))["sequence"]]
        for number in range(12):
            if number % 3 == 0:
                await stage.post(check_in(str(number), grids[0], stage.clock))
            await stage.tick()
            sequences.append((await screen.next())["sequence"])
    assert sequences == list(range(sequences[0], sequences[0] + 13))


async def test_between_two_beats_only_those_who_see_a_change_are_told(stage, region, grids):
    elsewhere = region.lineage(region.grids[-1].code)[1].code
    async with stage.screen() as screen, stage.screen() as other:
        before = await screen.snapshot(DISTRICT)
        untouched = (await other.snapshot(f"area/{elsewhere}"))["sequence"]
        await stage.post(check_in("a", grids[0], stage.clock))
        await stage.tick(0.1)
        assert (await screen.next())["sequence"] == before["sequence"] + 1
        await stage.tick()
        beat = await other.next()
        assert beat["sequence"] == untouched + 1
        changes = beat["delta"].get("areas", {})
        assert not any("metrics" in change for change in changes.values())


@pytest.mark.parametrize("depth", range(4))
async def test_frames_add_up_to_what_a_new_screen_is_shown(stage, region, grids, depth):
    topic = f"area/{region.lineage(grids[0])[depth].code}"
    generator = random.Random(depth)
    async with stage.screen() as screen, stage.screen() as late:
        shown = picture_of(await screen.snapshot(topic))
        for round_number in range(8):
            events = random_events(generator, grids[:2], 25)
            await stage.post(*({**e, "id": f"{round_number}-{e['id']}"} for e in events))
            await stage.tick()
            shown = changed(shown, await screen.next())
        fresh = picture_of(await late.snapshot(topic))
    assert shown == fresh
    assert fresh["areas"][topic.removeprefix("area/")]["metrics"]["cameras_total"] > 0


def picture_of(frame):
    snapshot = frame["snapshot"]
    areas = {area["code"]: dict(area) for area in (snapshot["area"], *snapshot["children"])}
    return {
        "sequence": frame["sequence"],
        "areas": areas,
        "incidents": {item["id"]: item for item in snapshot["incidents"]["items"]},
        "total": snapshot["incidents"]["total"],
        "cameras": {item[0]: item for item in (snapshot["cameras"] or {"items": []})["items"]},
        "origins": snapshot["origins"],
    }


def changed(shown, frame):
    """What a browser does with one frame."""
    delta = frame["delta"]
    areas = {code: dict(area) for code, area in shown["areas"].items()}
    for code, change in delta.get("areas", {}).items():
        metrics = areas[code]["metrics"] | change.pop("metrics", {})
        areas[code] |= {**change, "metrics": metrics}
    assert frame["sequence"] == shown["sequence"] + 1
    return {
        "sequence": frame["sequence"],
        "areas": areas,
        "incidents": _merged(shown["incidents"], delta.get("incidents", {})),
        "total": delta.get("incidents_total", shown["total"]),
        "cameras": _merged(shown["cameras"], delta.get("cameras", {})),
        "origins": delta.get("origins", shown["origins"]),
    }


def _merged(held, changes):
    return {key: value for key, value in (held | changes).items() if value is not None}


async def test_a_camera_that_moves_leaves_one_map_and_enters_another(stage, grids):
    async with stage.screen() as here, stage.screen() as there:
        await stage.post(camera(1, grids[0]))
        await stage.tick()
        items = (await here.snapshot(f"area/{grids[0]}"))["snapshot"]["cameras"]["items"]
        assert [item[0] for item in items] == ["C1"]
        await there.snapshot(f"area/{grids[1]}")
        await stage.post(camera(1, grids[1]))
        await stage.tick()
        assert (await here.next())["delta"]["cameras"] == {"C1": None}
        assert (await there.next())["delta"]["cameras"]["C1"][0] == "C1"


async def test_a_camera_that_falls_silent_is_told_though_nothing_arrived(stage, grids):
    status = {"camera": "C1", "status": "online"}
    state = {"id": "s", "type": "camera.status", "time": iso(stage.clock.now_ms()), "data": status}
    await stage.post(camera(1, grids[0]), {**state, "area": grids[0]})
    await stage.tick()
    async with stage.screen() as screen:
        items = (await screen.snapshot(f"area/{grids[0]}"))["snapshot"]["cameras"]["items"]
        assert [item[5] for item in items] == ["online"]
        await stage.tick(stage.settings.camera_stale_s)
        delta = (await screen.next())["delta"]
    assert delta["cameras"]["C1"][5] == "unknown"
    assert delta["areas"][grids[0]]["metrics"]["cameras_unknown"] == 1


async def test_only_the_most_urgent_incidents_are_shown_and_the_total_says_how_many_there_are(
    stage, grids, monkeypatch
):
    monkeypatch.setattr(topics, "INCIDENTS_SHOWN", 3)
    now_ms = stage.clock.now_ms()
    await stage.post(*(incident(f"I{i}", grids[0], now_ms - i * 60_000) for i in range(5)))
    await stage.tick()
    async with stage.screen() as screen, stage.screen() as late:
        shown = picture_of(await screen.snapshot(f"area/{grids[0]}"))
        assert (sorted(shown["incidents"]), shown["total"]) == (["I2", "I3", "I4"], 5)
        await stage.post(incident("I9", grids[0], now_ms - 9 * 60_000))
        await stage.tick()
        shown = changed(shown, await screen.next())
        assert (sorted(shown["incidents"]), shown["total"]) == (["I3", "I4", "I9"], 6)
        data = {"incident": "I4", "action": "close", "by": "desk"}
        await stage.post({"id": "m", "type": "incident.moved", "data": data})
        await stage.tick()
        shown = changed(shown, await screen.next())
        assert (sorted(shown["incidents"]), shown["total"]) == (["I2", "I3", "I9"], 5)
        assert shown == picture_of(await late.snapshot(f"area/{grids[0]}"))


# ---- coming back -----------------------------------------------------------------------------


async def test_a_screen_that_comes_back_gets_exactly_what_it_missed(stage, grids):
    async with stage.screen() as screen:
        seen = (await screen.snapshot(DISTRICT))["sequence"]
    for number in range(5):
        await stage.post(check_in(str(number), grids[0], stage.clock))
        await stage.tick()
    async with stage.screen() as screen:
        await screen.subscribe(DISTRICT, seen)
        frames = [await screen.next() for _ in range(5)]
        assert [frame["sequence"] for frame in frames] == list(range(seen + 1, seen + 6))
        assert all("delta" in frame for frame in frames)
        on_duty = [f["delta"]["areas"]["530111"]["metrics"]["staff_on_duty"] for f in frames]
        assert on_duty == [1, 2, 3, 4, 5]


async def test_a_screen_that_missed_nothing_gets_only_what_comes(stage):
    async with stage.screen() as screen:
        seen = (await screen.snapshot(DISTRICT))["sequence"]
    async with stage.screen() as screen:
        await screen.subscribe(DISTRICT, seen)
        await screen.subscribe("feeds")
        assert (await screen.next())["topic"] == "feeds"
        await stage.tick()
        assert {(await screen.next())["topic"] for _ in range(2)} == {DISTRICT, "feeds"}


@pytest.mark.parametrize("since", [0, -1, 10**9])
async def test_a_number_the_hub_cannot_go_on_from_gets_a_snapshot(stage, since):
    await stage.tick()
    async with stage.screen() as screen:
        await screen.snapshot(DISTRICT, since)


async def test_a_screen_away_for_too_long_gets_a_snapshot(stage, monkeypatch):
    monkeypatch.setattr(topics, "FRAMES_KEPT", 3)
    async with stage.screen() as screen:
        seen = (await screen.snapshot("area/530111001"))["sequence"]
    for _ in range(4):
        await stage.tick()
    async with stage.screen() as screen:
        frame = await screen.snapshot("area/530111001", seen)
        assert frame["sequence"] == seen + 4


async def test_a_board_that_starts_anew_sends_every_screen_a_snapshot(stage, grids):
    async with stage.screen() as screen:
        before = await screen.snapshot(DISTRICT)
        await stage.post(check_in("a", grids[0], stage.clock))
        await stage.new_board()
        frame = await screen.next()
        while "snapshot" not in frame:
            frame = await screen.next()
        assert frame["sequence"] > before["sequence"]
        assert frame["snapshot"]["area"]["metrics"]["staff_on_duty"] == 1
        await stage.tick()
        assert (await screen.next())["sequence"] == frame["sequence"] + 1


async def test_a_screen_before_the_first_picture_waits_for_it(
    settings, region, classes, redis, clock
):
    stage = Stage(settings, (region, classes), redis, clock)
    async with stage.open(), stage.screen() as screen:
        await screen.subscribe(DISTRICT)
        await until(lambda: stage.hub.n_clients == 1)
        await stage.new_board()
        assert "snapshot" in await screen.next()


async def test_an_old_picture_is_shown_with_its_age_and_never_as_live(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    for seconds, word in ((0, "live"), (6, "late"), (10, "stale"), (120, "lost")):
        stage.clock.move(seconds)
        async with stage.screen() as screen:
            area = (await screen.snapshot(DISTRICT))["snapshot"]["area"]
        assert area["freshness_by"]["staff"] == word
        assert area["metrics"]["staff_on_duty"] == 1


async def test_a_feed_that_falls_silent_says_of_when_its_numbers_are(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    heard = iso(stage.clock.now_ms() - 1_000)
    path = "/api/areas/530111"
    nothing = {"cameras": None, "incidents": None, "staff": None}  # live, or never heard
    assert (await stage.get(path))["as_of_by"] == nothing
    async with stage.screen() as screen:
        first = await screen.snapshot(DISTRICT)
        assert first["snapshot"]["area"]["as_of_by"] == nothing
        await stage.tick(90)  # its period is 60 s
        change = (await screen.next())["delta"]["areas"]
        assert set(change) == {"530111", *(row["code"] for row in first["snapshot"]["children"])}
        for row in change.values():
            assert row["freshness_by"]["staff"] == "late"
            assert row["as_of_by"] == nothing | {"staff": heard}
        await stage.tick()
        assert (await screen.next())["delta"] == {}, "the moment stands still"
        await stage.post(check_in("b", grids[0], stage.clock))
        await stage.tick()
        row = (await screen.next())["delta"]["areas"]["530111"]
        assert (row["freshness_by"]["staff"], row["as_of_by"]) == ("live", nothing)
    assert (await stage.get(path))["as_of_by"] == nothing


async def test_a_web_that_starts_later_knows_of_when_the_numbers_are(
    stage, settings, region, classes, grids
):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    await stage.tick(90)
    told = (await stage.get("/api/areas/530111"))["as_of_by"]
    other = Stage(settings, (region, classes), stage.redis, stage.clock)
    other.board = stage.board
    async with other.open():
        await other.tick()
        assert (await other.get("/api/areas/530111"))["as_of_by"] == told
        assert told["staff"] is not None


async def test_numbers_of_an_old_picture_are_of_the_pictures_moment(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    as_of = iso(stage.clock.now_ms())
    stage.clock.move(20)
    row = await stage.get("/api/areas/530111")
    assert (row["as_of"], row["as_of_by"]["staff"]) == (as_of, as_of)
    assert row["as_of_by"]["cameras"] is None  # never heard


async def test_a_picture_that_is_late_and_comes_back_is_told_live_again(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    async with stage.screen() as screen:
        stage.clock.move(6)
        area = (await screen.snapshot(DISTRICT))["snapshot"]["area"]
        assert area["freshness_by"]["staff"] == "late"
        await stage.tick()
        change = (await screen.next())["delta"]["areas"]["530111"]
        assert (change["freshness_by"]["staff"], change["as_of_by"]["staff"]) == ("live", None)
        await stage.tick()
        assert (await screen.next())["delta"] == {}


# ---- topics ----------------------------------------------------------------------------------


async def test_the_feeds_topic_tells_each_feed_and_where_it_comes_from(stage, grids):
    await FeedStore(stage.redis).add(feed("made-up", FeedKind.SIMULATED))
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    async with stage.screen() as screen:
        snapshot = (await screen.snapshot("feeds"))["snapshot"]
    assert [(row["name"], row["accepted"]) for row in snapshot["feeds"]] == [
        ("made-up", 0),
        ("north", 1),
    ]
    assert snapshot["dropped_private_today"] == 0


async def test_one_socket_may_look_at_several_topics_and_away_again(stage):
    async with stage.screen() as screen:
        await screen.snapshot(DISTRICT)
        await screen.snapshot("area/530111001")
        await screen.socket.send(json.dumps({"unsubscribe": DISTRICT}))
        await screen.snapshot("feeds")  # an answer: the request before has been obeyed
        await stage.tick()
        assert {(await screen.next())["topic"] for _ in range(2)} == {"area/530111001", "feeds"}


@pytest.mark.parametrize("topic", ["area/999", "area/", "area", "530111", "feeds/x", ""])
async def test_an_unknown_topic_is_told_and_the_socket_stays(stage, topic):
    async with stage.screen() as screen:
        await screen.subscribe(topic)
        frame = await screen.next()
        assert (frame["topic"], frame["error"]) == (
            topic,
            "no such topic; expected area/CODE or feeds",
        )
        await screen.snapshot(DISTRICT)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", "{}", '{"subscribe": 5}', '{"x": 1}', "[" * 1_000, "x" * 100_000]
)
async def test_a_malformed_request_is_told_and_the_socket_stays(stage, text):
    async with stage.screen() as screen:
        await screen.socket.send(text)
        assert "error" in await screen.next()
        await screen.snapshot(DISTRICT)


async def test_a_socket_may_not_look_at_everything_at_once(stage, region):
    async with stage.screen() as screen:
        for area in region.areas[: live.TOPICS_A_CLIENT]:
            await screen.snapshot(f"area/{area.code}")
        await screen.subscribe("feeds")
        assert "at most 32 topics" in (await screen.next())["error"]


# ---- slow screens ----------------------------------------------------------------------------


async def test_a_screen_that_stops_reading_delays_nobody_and_is_let_go(stage, grids, monkeypatch):
    monkeypatch.setattr(live, "SEND_LIMIT_S", 0.2)
    monkeypatch.setattr(live, "WATCH_S", 0.1)
    await stage.post(*(camera(number, grids[0]) for number in range(3_000)))
    await stage.tick()
    reader, writer = await deaf_socket(stage.url)
    for _ in range(live.QUEUED_FRAMES):  # each is a long snapshot that nobody takes
        writer.write(text_frame(f'{{"subscribe": "area/{grids[0]}"}}'.encode()))
    await writer.drain()
    async with stage.screen() as screen:
        sequence = (await screen.snapshot(DISTRICT))["sequence"]
        for number in range(1, 21):
            await stage.tick()
            assert (await screen.next())["sequence"] == sequence + number
        await until(lambda: stage.hub.n_clients == 1)
        await stage.tick()
        assert (await screen.next())["sequence"] == sequence + 21
    writer.close()
    del reader


async def test_a_screen_too_slow_for_its_queue_gets_a_snapshot_and_goes_on(stage, grids):
    await stage.post(*(camera(number, grids[0]) for number in range(3_000)))
    await stage.tick()
    reader, writer = await deaf_socket(stage.url)
    asked = 4 * live.QUEUED_FRAMES
    for _ in range(asked):
        writer.write(text_frame(f'{{"subscribe": "area/{grids[0]}"}}'.encode()))
    await writer.drain()
    async with stage.screen() as screen:
        await screen.snapshot(DISTRICT)  # whoever asks later is answered meanwhile
    frames = []
    async with asyncio.timeout(2 * PATIENCE_S):
        while not frames or "delta" not in frames[-1]:
            reading = asyncio.create_task(read_frame(reader))
            while not (await asyncio.wait({reading}, timeout=0.2))[0]:
                await stage.tick()
            frames.append(reading.result())
    assert len(frames) < asked
    assert "snapshot" in frames[-2]
    assert frames[-1]["sequence"] == frames[-2]["sequence"] + 1
    writer.close()


async def test_a_screen_that_leaves_is_forgotten(stage):
    async with stage.screen() as screen:
        await screen.snapshot(DISTRICT)
        assert stage.hub.n_clients == 1
    await until(lambda: stage.hub.n_clients == 0)


async def deaf_socket(url):
    """A WebSocket opened by hand, with little room for what it does not read."""
    host, _, port = url.removeprefix("http://").partition(":")
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=raw, limit=1_024)
    writer.write(
        f"GET /live HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def read_frame(reader):
    """The JSON of one unmasked text frame."""
    _, length = await reader.readexactly(2)
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
    return json.loads(await reader.readexactly(length))


def text_frame(body):
    """One masked text frame under a mask of zeros."""
    assert len(body) < 126
    return bytes([0x81, 0x80 | len(body)]) + bytes(4) + body
