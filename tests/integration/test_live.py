"""The live socket: a snapshot, then numbered frames without a gap, and only what was asked for."""

import json
import random

import pytest

from dashboard import live, topics
from dashboard.clock import iso
from dashboard.domain.feeds import FeedKind
from dashboard.store.feeds import FeedStore
from tests.random_day import random_events
from tests.stage import DISTRICT, camera, check_in, feed, incident, moved, status


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
        assert [item[0] for item in items] == ["C01"]
        await there.snapshot(f"area/{grids[1]}")
        await stage.post(camera(1, grids[1]))
        await stage.tick()
        assert (await here.next())["delta"]["cameras"] == {"C01": None}
        assert (await there.next())["delta"]["cameras"]["C01"][0] == "C01"


async def test_a_camera_that_falls_silent_is_told_though_nothing_arrived(stage, grids):
    await stage.post(camera(1, grids[0]), status(1, "online"))
    await stage.tick()
    async with stage.screen() as screen:
        items = (await screen.snapshot(f"area/{grids[0]}"))["snapshot"]["cameras"]["items"]
        assert [item[5] for item in items] == ["online"]
        await stage.tick(stage.settings.camera_stale_s)
        delta = (await screen.next())["delta"]
    assert delta["cameras"]["C01"][5] == "unknown"
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
        await stage.post(moved("I4", "close"))
        await stage.tick()
        shown = changed(shown, await screen.next())
        assert (sorted(shown["incidents"]), shown["total"]) == (["I2", "I3", "I9"], 5)
        assert shown == picture_of(await late.snapshot(f"area/{grids[0]}"))


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


async def test_an_unknown_topic_is_told_and_the_socket_stays(stage):
    names = ("area", "wall", "desk", "alerts", "bells", "systems")
    kinds = f"{', '.join(f'{name}/CODE' for name in names)} or feeds"
    async with stage.screen() as screen:
        for topic in ("area/999", "area/", "area", "530111", "feeds/x", ""):
            await screen.subscribe(topic)
            frame = await screen.next()
            expected = f"no such topic; expected {kinds}"
            assert (frame["topic"], frame["error"]) == (topic, expected)
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
