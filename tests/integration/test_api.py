"""The reading API over HTTP: the same numbers on every tier, whole lists by pages, plain errors."""

import json
import random

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboard.clock import DAY_MS, iso
from dashboard.domain.metrics import METRICS
from dashboard.setting_values import REGIONS
from tests.conftest import NOON
from tests.each import each
from tests.random_day import random_events
from tests.stage import camera, incident, moved, status

DISTRICT = "530111"


async def pages(stage, path, **query):
    """Every item of a list, asked for page by page."""
    items, cursor = [], {}
    while True:
        page = await stage.get(path, **query, **cursor)
        items += page["items"]
        assert page["total"] >= len(items)
        if page["next"] is None:
            assert page["total"] == len(items)
            return items
        assert len(page["items"]) == query["limit"]
        cursor = {"cursor": page["next"]}


# ---- areas -----------------------------------------------------------------------------------


async def test_sums_agree_on_every_tier_after_random_posts(stage, region, grids):
    generator = random.Random(7)
    for round_number in range(4):
        events = random_events(generator, grids, 100)
        await stage.post(*({**e, "id": f"{round_number}{e['id']}"} for e in events))
        await stage.post(*({**e, "id": f"{round_number}{e['id']}"} for e in events))  # again
        await stage.tick()
        for area in region.areas[:108:3]:
            found = await stage.get(f"/api/areas/{area.code}")
            for name in METRICS:
                below = sum(child["metrics"][name] for child in found["children"])
                assert found["metrics"][name] == below, (area.code, name)
    district = (await stage.get(f"/api/areas/{DISTRICT}"))["metrics"]
    assert district["grids_total"] == 570
    assert district["cameras_total"] > 0
    assert district["checkins_last_hour"] > 0
    listed = await stage.get("/api/incidents", limit=1_000)
    assert listed["total"] == district["incidents_open"] > 0


async def test_an_area_is_told_with_its_children_and_the_moment_it_is_of(stage, grids):
    await stage.post(camera(1, grids[0]), status(1, "online"))
    await stage.tick()
    found = await stage.get(f"/api/areas/{DISTRICT}")
    assert (found["code"], found["name"], found["tier"], found["parent"]) == (
        DISTRICT,
        "官渡区",
        "district",
        None,
    )
    assert found["as_of"] == iso(stage.clock.now_ms())
    assert set(found["metrics"]) == set(METRICS)
    assert found["rates"] == {"camera_online_rate": 1.0, "on_time_rate": None}
    assert len(found["children"]) == 8
    child = next(c for c in found["children"] if c["code"] == grids[0][:9])
    assert child["metrics"]["cameras_online_public"] == 1
    assert (await stage.get(f"/api/areas/{grids[0]}"))["children"] == []


@each(
    "path",
    [
        "/api/areas/999",
        "/api/areas/999/cameras",
        "/api/incidents?area=999",
        "/api/incidents/nobody",
        "/api/nothing",
        "/region/secrets.json",
    ],
)
async def test_what_is_not_there_is_answered_404_or_422(stage, path):
    answer = await stage.http.get(path)
    assert answer.status_code in (404, 422)
    assert answer.json()["detail"]


@each(
    "query",
    [
        {"limit": 0},
        {"limit": 1_001},
        {"limit": "many"},
        {"priority": 5},
        {"state": "asleep"},
        {"overdue": "perhaps"},
        {"cursor": "x"},
        {"cursor": "--5:x"},
        {"cursor": "9" * 50 + ":x"},
    ],
)
async def test_a_question_with_a_wrong_value_is_answered_422(stage, query):
    assert (await stage.get("/api/incidents", 422, **query))["detail"]


async def test_before_the_first_picture_nothing_is_told_as_a_number(new_stage):
    stage = new_stage()
    async with stage.open():
        for path in (f"/api/areas/{DISTRICT}", "/api/incidents", "/api/feeds", "/readyz"):
            answer = await stage.http.get(path)
            assert answer.status_code == 503, path
        assert (await stage.http.get("/healthz")).status_code == 200


# ---- cameras ---------------------------------------------------------------------------------


async def test_pages_of_cameras_hold_each_once_in_order(stage, grids):
    await stage.post(*(camera(number, grids[number % 3]) for number in range(50)))
    await stage.tick()
    for limit in (1, 7, 25, 50, 1_000):
        items = await pages(stage, f"/api/areas/{DISTRICT}/cameras", limit=limit)
        assert [item["camera"] for item in items] == [f"C{i:02}" for i in range(50)]
    here = await pages(stage, f"/api/areas/{grids[0]}/cameras", limit=10)
    assert [item["area"] for item in here] == [grids[0]] * 17


async def test_cameras_are_filtered_by_state_and_ownership(stage, grids):
    states = ["online", "offline", "fault", "maintenance"]
    await stage.post(*(camera(i, grids[0], "social" if i % 2 else "public") for i in range(5)))
    await stage.post(*(status(i, state) for i, state in enumerate(states)))
    await stage.tick()
    path = f"/api/areas/{grids[0]}/cameras"
    for number, state in enumerate([*states, "unknown"]):
        found = await stage.get(path, status=state)
        assert [item["camera"] for item in found["items"]] == [f"C{number:02}"]
        assert found["items"][0]["status"] == state
    assert (await stage.get(path, ownership="social"))["total"] == 2
    assert (await stage.get(path, ownership="social", status="online"))["total"] == 0


async def test_a_camera_is_told_as_a_device(stage, grids, region):
    lon, lat = region.by_code[grids[0]].label
    await stage.post({**camera(1, grids[0]), "lon": lon, "lat": lat}, status(1, "fault"))
    await stage.tick()
    (item,) = (await stage.get(f"/api/areas/{grids[0]}/cameras"))["items"]
    assert item == {
        "camera": "C01",
        "name": "Gate",
        "area": grids[0],
        "ownership": "public",
        "site": "road",
        "gb_code": None,
        "lon": pytest.approx(lon),
        "lat": pytest.approx(lat),
        "status": "fault",
        "seen_at": iso(NOON),
    }


# ---- incidents -------------------------------------------------------------------------------


async def test_pages_of_incidents_hold_each_once_most_urgent_first(stage, grids):
    events = [incident(f"I{i:02}", grids[i % 2], NOON - i % 5 * 60_000) for i in range(40)]
    await stage.post(*events)
    await stage.tick()
    for limit in (1, 3, 40):
        items = await pages(stage, "/api/incidents", limit=limit)
        keys = [(item["due_at"], item["id"]) for item in items]
        assert keys == sorted(keys)
        assert len(set(keys)) == 40


async def test_incidents_are_filtered_by_area_state_priority_and_deadline(stage, grids):
    await stage.post(
        incident("a", grids[0], priority=1),
        incident("b", grids[2], priority=4),
        incident("late", grids[2], NOON - 20 * DAY_MS, priority=2),
        incident("done", grids[0]),
    )
    await stage.post(moved("done", "close"), moved("b", "suspend"))
    await stage.tick()

    async def names(**query):
        return {item["id"] for item in (await stage.get("/api/incidents", **query))["items"]}

    assert await names() == {"a", "b", "late"}
    assert await names(area=grids[2]) == {"b", "late"}
    assert await names(area=grids[2][:9]) == {"b", "late"}
    assert await names(priority=1) == {"a"}
    assert await names(state="closed") == {"done"}
    assert await names(state="suspended") == {"b"}
    assert await names(overdue="true") == {"late"}
    assert await names(overdue="false") == {"a", "b"}


async def test_an_incident_is_told_with_its_masked_history(stage, grids):
    await stage.post(incident("case/7 甲", grids[0], NOON - 60_000, severity=1))
    await stage.post(moved("case/7 甲", "file"))
    await stage.tick()
    found = await stage.get("/api/incidents/case/7 甲")
    assert (found["id"], found["state"], found["priority"]) == ("case/7 甲", "filed", 1)
    assert (found["class"], found["class_name"], found["feed"]) == ("05-06", "道路积水", "north")
    assert found["reported_at"] == iso(NOON - 60_000)
    (told,) = found["history"]
    assert (told["at"], told["action"], told["by"]) == (iso(NOON), "file", "desk")
    assert (told["note"], told["department"], told["at_desk"]) == ("电话［手机号］", None, False)


# ---- feeds, health, the pack -----------------------------------------------------------------


async def test_feeds_are_told_with_counts_rate_and_age(stage, grids):
    await stage.post(*(camera(i, grids[0]) for i in range(5)))
    await stage.tick()
    (row,) = (await stage.get("/api/feeds"))["feeds"]
    assert (row["name"], row["accepted"], row["freshness"]) == ("north", 5, "live")
    assert row["last_at"] == iso(stage.clock.now_ms() - 1_000)


async def test_ready_is_said_while_the_board_ticks_and_not_after(stage):
    assert (await stage.get("/readyz"))["ready"] is True
    stage.clock.move(5)
    assert (await stage.get("/readyz"))["ready"] is True
    stage.clock.move(0.001)
    found = await stage.get("/readyz", 503)
    assert (found["ready"], found["store"], found["board"]) == (False, True, False)
    assert (await stage.get("/healthz")) == {"status": "ok"}
    await stage.tick()
    assert (await stage.get("/readyz"))["ready"] is True


async def test_prometheus_can_read_the_numbers(stage, grids):
    await stage.post(*(camera(i, grids[0]) for i in range(5)))
    await stage.tick()
    answer = await stage.http.get("/metrics")
    families = {f.name: f for f in text_string_to_metric_families(answer.text)}
    numbers = {
        (sample.labels["area"], sample.labels["metric"]): sample.value
        for sample in families["onemap_area"].samples
    }
    assert len(numbers) == 9 * len(METRICS)
    assert numbers[DISTRICT, "cameras_total"] == 5
    counts = {tuple(s.labels.values()): s.value for s in families["onemap_feed_events"].samples}
    assert counts["north", "accepted"] == 5


async def test_the_packs_files_are_served_with_a_tag_and_compressed(stage):
    shipped = json.loads((REGIONS / "guandu" / "areas.geojson").read_text(encoding="utf-8"))
    answer = await stage.http.get("/region/areas.geojson")
    assert answer.json() == shipped
    assert answer.headers["Content-Encoding"] == "gzip"
    again = await stage.http.get(
        "/region/areas.geojson", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_the_api_describes_itself_from_this_machine_alone(stage):
    paths = (await stage.get("/openapi.json"))["paths"]
    assert {"/api/areas/{code}", "/api/incidents", "/api/feeds", "/feeds/events"} <= set(paths)
    page = (await stage.http.get("/api/docs")).text
    assert "https://" not in page
    script = await stage.http.get("/api/docs/swagger-ui-bundle.js")
    assert script.status_code == 200
    assert len(script.content) > 100_000
