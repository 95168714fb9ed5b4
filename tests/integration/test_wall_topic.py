"""What a wall is told besides the one map's topics, beside what the case by case answers say."""

import json

from dashboard.clock import iso
from dashboard.domain.rights import Role
from tests.stage import DISTRICT, incident, moved

TOPIC = "wall/530111"
MINUTE = 60_000


async def told(stage, topic=TOPIC):
    async with stage.screen() as screen:
        return (await screen.snapshot(topic))["snapshot"]


async def test_a_wall_hears_of_the_day_and_of_who_waits(stage, grids):
    now_ms = stage.clock.now_ms()
    await stage.post(
        incident("A", grids[0], now_ms - 90 * MINUTE, **{"class": "05-01"}),
        incident("B", grids[0], now_ms - 30 * MINUTE, **{"class": "01-01"}),
    )
    await stage.tick()
    held = await told(stage)
    assert sum(held["hours"]["reported"]) == 2
    assert held["hours"]["week_ago"] is None
    assert held["open"]["week_ago"] is None
    assert held["so_far"] is None
    assert list(held["cases"]) == ["A"]  # the other is not urgent
    assert held["cases"]["A"]["whistle"] is None
    assert held["cases"]["A"]["waits_since"] == iso(now_ms)  # nobody could know of it before
    assert held["oldest_due_at"] is not None
    (street,) = [one for one in held["children"].values() if sum(one["today"])]
    assert street["today"] == [2, 0]
    assert street["hours"][-2:] == [1, 2]  # at eleven the second was not there yet


async def test_changes_are_told_at_the_beat_and_no_text_of_a_report_is(stage, grids):
    await stage.post(
        incident("A", grids[0], title="王小明 13812345678", text="住址", **{"class": "05-01"})
    )
    async with stage.screen() as screen:
        first = await screen.snapshot(TOPIC)
        await stage.tick()
        frame = await screen.next()
        assert list(frame["delta"]["cases"]) == ["A"]
        assert sum(frame["delta"]["hours"]["reported"]) == 1
        await stage.post(moved("A", "cancel"))
        await stage.tick()
        last = (await screen.next())["delta"]
        assert last["cases"] == {"A": None}
    for body in (first, frame, last):
        text = json.dumps(body, ensure_ascii=False)
        assert "王小明" not in text
        assert "138" not in text
        assert "desk" not in text


async def test_whistles_are_counted_by_where_the_departments_are(stage, grids):
    await stage.post(incident("A", grids[0], **{"class": "05-01"}))
    await stage.tick()
    wish = {"incident": "A", "kind": "emergency", "called": ["paishui", "zhujian"], "key": "k"}
    made = (await stage.http.post("/api/whistles", json=wish | {"approve": True})).json()["whistle"]
    await stage.tick()
    if made["state"] != "blown":
        step = {"step": "blow", "version": made["version"], "key": "b"}
        await stage.http.post(f"/api/whistles/{made['id']}/actions", json=step)
        await stage.tick()
    held = await told(stage)
    whistles = held["whistles"]
    assert {k: whistles[k] for k in ("open", "waiting", "on_way", "on_scene", "done")} == {
        "open": 1,
        "waiting": 2,
        "on_way": 0,
        "on_scene": 0,
        "done": 0,
    }
    assert {part["department"] for part in whistles["parts"]} == {
        stage.departments["paishui"].name,
        stage.departments["zhujian"].name,
    }
    assert whistles["parts"][0]["due"]["clock"] == "acknowledge"
    assert held["cases"]["A"]["whistle"] == "emergency"


async def test_the_grids_that_nobody_is_in(stage, grids):
    held = await told(stage, f"wall/{grids[0][:9]}")
    assert grids[0] in held["uncovered"]
    assert all(code.startswith(grids[0][:9]) for code in held["uncovered"])


async def test_a_wall_of_a_street_is_told_of_no_other(stage, grids):
    token = await stage.add_program("wall.1", Role.VIEWER, grids[0][:9])
    async with stage.screen(token) as screen:
        await screen.subscribe(TOPIC)
        assert (await screen.next())["error"] == "this lies outside your area"
        assert (await screen.snapshot(f"wall/{grids[0][:9]}"))["snapshot"]["cases"] == {}
    assert DISTRICT == "area/530111"
