"""Service systems over HTTP and the live socket: the same numbers as the areas and the queues."""

import random

import pytest

from dashboard.topics import INCIDENTS_SHOWN as SHOWN
from tests.conftest import NOON
from tests.random_day import random_events
from tests.stage import incident, moved

DISTRICT = "530111"


async def test_systems_areas_and_queues_say_the_same(stage, region, grids):
    await stage.post(*random_events(random.Random(5), grids[:2], 120))
    await stage.tick()
    n_also = 0
    for area in region.lineage(grids[0]):
        found = await stage.get("/api/systems", area=area.code)
        metrics = (await stage.get(f"/api/areas/{area.code}"))["metrics"]
        assert sum(row["open"] for row in found["systems"]) == metrics["incidents_open"]
        for row in found["systems"]:
            queue = await stage.get(
                "/api/queue", area=area.code, queue="all", system=row["id"], limit=500
            )
            assert row["open"] + row["also"] == queue["total"]
            assert sum(row["open_by_priority"]) == queue["total"]
            assert row["also"] == sum(item["systems"][0] != row["id"] for item in queue["items"])
            assert all(item["system"] == item["systems"][0] for item in queue["items"])
            overdue = await stage.get(
                "/api/queue", area=area.code, queue="overdue", system=row["id"]
            )
            told = {kpi["id"]: kpi["value"] for kpi in row["kpis"]}
            assert told.get("overdue", overdue["total"]) == overdue["total"]
            n_also += row["also"]
    assert n_also > 0


async def test_a_system_is_told_with_its_names_and_three_to_five_kpis(stage, grids):
    await stage.post(incident("a", grids[0]))
    await stage.tick()
    found = await stage.get("/api/systems")
    assert found["area"] == DISTRICT
    assert found["as_of"] == (await stage.get(f"/api/areas/{DISTRICT}"))["as_of"]
    assert len(found["systems"]) == 6
    assert {row["status"] for row in found["systems"]} == {"proposal"}
    for row in found["systems"]:
        assert row["name"] != row["name_en"]
        assert 3 <= len(row["kpis"]) <= 5


@pytest.mark.parametrize(("area", "status"), [("999", 404), ("", 200)])
async def test_an_area_that_is_none_is_not_found(stage, area, status):
    await stage.get("/api/systems", status, area=area)


async def test_before_the_first_picture_there_are_no_numbers(new_stage):
    stage = new_stage()
    async with stage.open():
        await stage.get("/api/systems", 503)


async def test_a_screen_is_told_of_systems_at_the_beat_and_what_changed_only(stage, grids):
    topic = f"systems/{DISTRICT}"
    async with stage.screen() as screen:
        shown = (await screen.snapshot(topic))["snapshot"]
        assert shown["children"] == {}
        await stage.post(incident("a", grids[0], **{"class": "05-06", "priority": 2}))
        await stage.tick(0.1)
        assert (await screen.next())["delta"] == {}
        await stage.tick()
        delta = (await screen.next())["delta"]
        home = next(name for name, row in delta["systems"].items() if row["open"] == 1)
        assert delta["children"] == {
            grids[0][:9]: {name: [0, 1, 0, 0] for name in {home, *holders(delta)}}
        }
        await stage.tick()
        assert (await screen.next())["delta"] == {}
        await stage.post(moved("a", "reject"))
        await stage.tick()
        delta = (await screen.next())["delta"]
        assert delta["systems"][home]["open"] == 0
        assert delta["children"] == {grids[0][:9]: None}


def holders(delta):
    return [name for name, row in delta["systems"].items() if row["open"] + row["also"]]


async def test_frames_of_systems_add_up_to_what_a_new_screen_is_shown(stage, grids):
    topic, generator = f"systems/{DISTRICT}", random.Random(3)
    async with stage.screen() as screen, stage.screen() as late:
        held = (await screen.snapshot(topic))["snapshot"]
        for n in range(6):
            events = random_events(generator, grids[:3], 25)
            await stage.post(*({**e, "id": f"{n}-{e['id']}"} for e in events))
            await stage.tick()
            for part, changes in (await screen.next())["delta"].items():
                held[part] |= changes
                held[part] = {key: row for key, row in held[part].items() if row is not None}
        assert held == (await late.snapshot(topic))["snapshot"]
    rows = (await stage.get("/api/systems"))["systems"]
    assert {row["id"]: row["kpis"] for row in rows} == {
        name: row["kpis"] for name, row in held["systems"].items()
    }
    assert sum(row["open"] for row in rows) > 0


async def test_a_case_on_the_map_names_its_systems_home_first(stage, grids):
    await stage.post(incident("a", grids[0], channel="leader", priority=1))
    await stage.tick()
    async with stage.screen() as screen:
        (row,) = (await screen.snapshot(f"area/{DISTRICT}"))["snapshot"]["incidents"]["items"]
    assert row["systems"][1:] == ["party-leadership"]


async def test_what_the_map_has_no_room_for_is_still_counted(stage, grids):
    crowd = [incident(f"n{n}", grids[0], **{"class": "05-06", "priority": 1}) for n in range(SHOWN)]
    late = [
        incident(f"d{n}", grids[0], NOON + 500, **{"class": "01-28", "priority": 4})
        for n in range(3)
    ]
    await stage.post(*crowd[:300])
    await stage.post(*crowd[300:], *late)
    await stage.tick()
    community = grids[0][:12]
    async with stage.screen() as screen:
        shown = (await screen.snapshot(f"area/{community}"))["snapshot"]["incidents"]
        held = [row for row in shown["items"] if "dispute-resolution" in row["systems"]]
        counted = (await screen.snapshot(f"systems/{community}"))["snapshot"]["systems"]
    assert (shown["shown"], shown["total"]) == (SHOWN, SHOWN + 3)
    assert held == []
    assert counted["dispute-resolution"]["open_by_priority"] == [0, 0, 0, 3]
