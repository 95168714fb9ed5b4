"""Alerts on the whole live side: raised by events, acted on, told to screens, kept by restarts."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from dashboard.clock import from_ms, iso
from dashboard.domain.rights import Role
from dashboard.store import keys
from dashboard.store.alert_log import AlertLog
from tests.each import each
from tests.stage import bearer, incident, moved

DISTRICT = "530111"
P1 = "05-02"  # a gas pipe: one urgent hour, so priority 1


@asynccontextmanager
async def ticking(stage):
    """The board works on while something waits for it; its clock stands."""

    done = asyncio.Event()

    async def work():
        while not done.is_set():
            await stage.tick(0)
            await asyncio.sleep(0.01)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        done.set()
        await task


async def click(stage, alert, action, version, key="k", token=None, **more):
    async with ticking(stage):
        return await ask(stage, alert, action, version, key, token, **more)


async def ask(stage, alert, action, version, key="k", token=None, **more):
    """A click while somebody else lets the board work."""
    body = {"action": action, "version": version, "key": key} | more
    headers = bearer(token or stage.program)
    return await stage.http.post(f"/api/alerts/{alert}/actions", json=body, headers=headers)


@pytest.fixture
async def p1(stage, grids):
    """A new priority 1 incident; the id of its alert."""
    await stage.post(incident("GD-1", grids[0], stage.clock.now_ms(), **{"class": P1}))
    await stage.tick(0)
    return "p1-new:GD-1"


@pytest.fixture
async def silent(stage, grids):
    """A feed that has fallen silent; the id of its alert, which has no end of its own."""
    await stage.post(incident("GD-2", grids[1]))
    await stage.tick()
    await stage.tick(11 * 60)
    await stage.tick(31)
    return "feed-silent:north"


async def test_a_new_p1_is_raised_at_once_and_ends_when_its_case_is_acknowledged(stage, p1):
    found = await stage.get(f"/api/alerts/{p1}")
    assert (found["state"], found["priority"], found["incident"]) == ("unacknowledged", 1, "GD-1")
    assert found["response"]
    await stage.post(moved("GD-1", "file"))
    await stage.tick()
    await stage.get(f"/api/alerts/{p1}", 404)
    (cleared,) = [x for x in await AlertLog(stage.redis).since(0) if x.what == "cleared"]
    assert cleared.alert == p1


async def test_a_desk_is_told_counts_groups_and_what_rings(stage, grids):
    async with stage.screen() as screen:
        await screen.snapshot(f"alerts/{DISTRICT}")
        await stage.post(incident("GD-1", grids[0], stage.clock.now_ms(), **{"class": P1}))
        await stage.tick(0)
        delta = (await screen.next())["delta"]
    assert delta["counts"]["unacknowledged"] == 1
    assert [row["id"] for row in delta["ringing"]] == ["p1-new:GD-1"]
    (group,) = delta["groups"].values()
    assert (group["n"], group["n_unacknowledged"], group["priority"]) == (1, 1, 1)
    assert delta["rows"]["p1-new:GD-1"]["state"] == "unacknowledged"


async def test_the_sums_of_active_alerts_agree_at_every_tier(stage, p1, grids):
    await stage.post(incident("GD-3", grids[2], stage.clock.now_ms(), **{"class": P1}))
    await stage.tick(0)
    district = await stage.get(f"/api/areas/{DISTRICT}")
    streets = [child["metrics"]["alerts_active"] for child in district["children"]]
    assert district["metrics"]["alerts_active"] == sum(streets) == 2


async def test_acknowledging_is_audited_and_stops_the_ringing(stage, silent):
    seen = await stage.get(f"/api/alerts/{silent}")
    answer = await click(stage, silent, "acknowledge", seen["version"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["alert"]["state"] == "acknowledged"
    again = await click(stage, silent, "acknowledge", seen["version"])
    assert again.json()["version"] == answer.json()["version"]  # the same click
    entries = [e for e in await stage.doors.audit.entries(0, 100) if e.action.startswith("alert.")]
    assert [(e.action, e.subject) for e in entries] == [("alert.acknowledge", f"alert/{silent}")]
    assert (entries[0].before["state"], entries[0].after["state"]) == (
        "unacknowledged",
        "acknowledged",
    )


async def test_a_stale_acknowledge_is_refused_and_told_what_came(stage, silent, grids):
    seen = await stage.get(f"/api/alerts/{silent}")
    await stage.post(incident("GD-4", grids[1]))  # the feed speaks again
    await stage.tick()
    await stage.tick(61)
    answer = await click(stage, silent, "acknowledge", seen["version"])
    assert answer.status_code == 404
    await stage.tick(11 * 60)
    await stage.tick(31)
    anew = await stage.get(f"/api/alerts/{silent}")
    assert anew["version"] > seen["version"]
    answer = await click(stage, silent, "acknowledge", seen["version"], "other")
    assert answer.status_code == 409
    assert answer.json()["winner"]["what"] == "raised"
    assert (await stage.get(f"/api/alerts/{silent}"))["state"] == "unacknowledged"


async def test_of_two_clicks_in_the_same_instant_one_wins(stage, silent):
    version = (await stage.get(f"/api/alerts/{silent}"))["version"]
    wang = await stage.add_program("wang", Role.DISPATCHER, DISTRICT)
    until_at = iso(stage.clock.now_ms() + 3_600_000)
    async with ticking(stage):
        one, two = await asyncio.gather(
            ask(stage, silent, "acknowledge", version, "a", wang),
            ask(stage, silent, "shelve", version, "b", note="割接", until=until_at),
        )
    assert sorted([one.status_code, two.status_code]) == [200, 409]
    loser = one if one.status_code == 409 else two
    assert loser.json()["code"] == "outrun"
    assert loser.json()["winner"]["by"] in ("wang", "chief")


async def test_the_board_judges_an_act_before_its_own_round(stage, silent, grids):
    """The click lands after the board has read, and before it writes that the alert cleared."""
    seen = await stage.get(f"/api/alerts/{silent}")
    await stage.post(incident("GD-5", grids[1]))
    stage.clock.move(1)
    board = stage.board
    real = board._events.read_after
    clicked = []

    async def read_and_click(position, limit, block_ms):
        read = await real(position, limit, block_ms)
        if not clicked:
            clicked.append(True)
            body = {"action": "take_out", "version": seen["version"], "key": "k", "note": "改造"}
            headers = bearer(stage.program)
            path = f"/api/alerts/{silent}/actions"
            asked = asyncio.create_task(stage.http.post(path, json=body, headers=headers))
            while await stage.redis.get(keys.ALERT_ACTED) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            clicked.append(asked)
        return read

    board._events.read_after = read_and_click
    await board.tick(1)
    board._events.read_after = real
    await stage.tick()
    answer = await clicked[1]
    assert answer.status_code == 200
    await stage.tick(120)
    found = await stage.get(f"/api/alerts/{silent}")
    assert (found["state"], found["out"]["by"]) == ("out_of_service", "chief")


async def test_a_restart_keeps_states_timers_and_mutes(stage, silent):
    version = (await stage.get(f"/api/alerts/{silent}"))["version"]
    until_ms = stage.clock.now_ms() + 3_600_000
    answer = await click(stage, silent, "shelve", version, note="割接", until=iso(until_ms))
    assert answer.status_code == 200, answer.text
    body = {"area": DISTRICT, "minutes": 30, "key": "m"}
    answer = await stage.http.post("/api/alerts/mute", json=body)
    assert answer.json()["mute"]["by"] == "chief"
    await stage.new_board()
    found = await stage.get(f"/api/alerts/{silent}")
    assert found["shelved"]["until"] == iso(until_ms)
    async with stage.screen() as screen:
        frame = await screen.snapshot(f"alerts/{DISTRICT}")
        assert frame["snapshot"]["mute"]["by"] == "chief"
    stage.clock.move(7_200)  # the shelf ran out while no board was there
    await stage.new_board()
    await stage.tick()
    lines = [x.what for x in await AlertLog(stage.redis).since(0) if x.alert == silent]
    assert lines == ["raised", "shelved", "expired"]
    assert (await stage.get(f"/api/alerts/{silent}"))["state"] == "unacknowledged"


async def test_a_shelf_has_a_reason_and_an_end_within_four_hours(stage, silent):
    version = (await stage.get(f"/api/alerts/{silent}"))["version"]
    now = from_ms(stage.clock.now_ms())
    for more, field in (
        ({"until": (now + timedelta(hours=1)).isoformat()}, "note"),
        ({"note": "割接"}, "until"),
        ({"note": "割接", "until": (now + timedelta(hours=4, seconds=1)).isoformat()}, "until"),
        ({"note": "割接", "until": now.isoformat()}, "until"),
        ({"note": "割接", "until": "2026-07-15T16:00:00"}, "until"),
        ({"note": "割接", "until": "soon"}, "until"),
        ({"note": "x" * 1001}, "note"),
        ({"assignee": "li"}, "note"),
    ):
        answer = await click(stage, silent, "shelve", version, f"k{len(str(more))}", **more)
        assert (answer.status_code, answer.json()["field"]) == (422, field), more


async def test_an_alert_is_assigned_to_who_can_do_something_about_it(stage, p1):
    for name, role, area in (
        ("looker", Role.VIEWER, DISTRICT),
        ("elsewhere", Role.OFFICER, "530111002"),
        ("here", Role.OFFICER, "530111001"),
    ):
        await stage.add_program(name, role, area)
    version = (await stage.get(f"/api/alerts/{p1}"))["version"]
    for name in ("nobody", "looker", "elsewhere"):
        answer = await click(stage, p1, "assign", version, f"k{name}", assignee=name)
        assert (answer.status_code, answer.json()["field"]) == (422, "assignee"), name
    answer = await click(stage, p1, "assign", version, assignee="here")
    assert answer.json()["alert"]["assignee"] == "here"


async def test_many_are_acted_on_at_once_and_each_is_told_of(stage, grids):
    now_ms = stage.clock.now_ms()
    names = [f"GD-{n}" for n in range(30)]
    await stage.post(*(incident(n, grids[0], now_ms, **{"class": P1}) for n in names))
    await stage.tick(0)
    listed = await stage.get("/api/alerts", rule="p1-new")
    asked = [{"id": row["id"], "version": row["version"]} for row in listed["items"]]
    asked[0]["version"] += 1_000
    asked.append({"id": "p1-new:nobody", "version": 1})
    body = {"action": "acknowledge", "key": "all", "alerts": asked}
    async with ticking(stage):
        answer = await stage.http.post("/api/alerts/actions", json=body)
    told = answer.json()
    assert told["done"] == 29
    assert {r["status"] for r in told["results"][1:-1]} == {200}
    assert told["results"][0] == {"id": asked[0]["id"], "status": 422, "code": "version"}
    assert told["results"][-1] == {"id": "p1-new:nobody", "status": 404}


async def test_a_rule_without_a_class_makes_no_incident(stage, grids):
    now_ms = stage.clock.now_ms()
    await stage.post(*[camera_event(n, grids[0]) for n in range(40)])
    await stage.post(*[camera_state(n, "online", now_ms) for n in range(40)])
    await stage.tick()
    await stage.post(*[camera_state(n, "offline", stage.clock.now_ms()) for n in range(20)])
    await stage.tick()
    await stage.tick(91)
    drop = f"online-rate-drop:{grids[0]}"
    seen = await stage.get(f"/api/alerts/{drop}")
    assert seen["value"] == pytest.approx(50)
    answer = await click(stage, drop, "raise_incident", seen["version"])
    assert answer.status_code == 422, answer.text  # the rule names no class
    assert "class" in answer.json()["reason"]


def camera_event(number, grid, upstream=None, site="road"):
    data = {"camera": f"C{number}", "name": "c", "ownership": "public", "site": site}
    if upstream is not None:
        data["upstream"] = upstream
    return {"id": f"r{number}", "type": "camera.registered", "area": grid, "data": data}


def camera_state(number, state, at_ms):
    data = {"camera": f"C{number}", "status": state}
    return {"id": f"s{number}{at_ms}", "type": "camera.status", "time": iso(at_ms), "data": data}


def device(name, kind, grid, upstream=None):
    data = {"device": name, "kind": kind, "name": f"{kind} {name}"}
    if upstream is not None:
        data["upstream"] = upstream
    return {"id": f"d{name}", "type": "device.registered", "area": grid, "data": data}


def device_state(name, state, at_ms):
    data = {"device": name, "status": state}
    return {"id": f"d{name}{at_ms}", "type": "device.status", "time": iso(at_ms), "data": data}


@pytest.fixture
async def network(stage, grids):
    """Ten recorders of thirty cameras on one switch, all online."""
    now_ms = stage.clock.now_ms()
    await stage.post(
        device("sw", "switch", grids[0]),
        *[device(f"nvr{n}", "recorder", grids[0], "sw") for n in range(10)],
    )
    await stage.post(*[camera_event(n, grids[0], f"nvr{n // 30}") for n in range(300)])
    await stage.post(*[camera_state(n, "online", now_ms) for n in range(300)])
    await stage.tick()


async def cut(stage, numbers, state="offline"):
    now_ms = stage.clock.now_ms()
    await stage.post(*[camera_state(n, state, now_ms) for n in numbers])
    await stage.tick()


@pytest.mark.usefixtures("network")
async def test_one_cut_is_one_alert_with_300_cameras_inside(stage, grids):
    await cut(stage, range(300))
    await stage.tick(61)
    await stage.tick(61)
    listed = await stage.get("/api/alerts", grouped=True)
    (group,) = listed["groups"]
    assert (group["cause"], group["cameras"], group["n"]) == ("device-gone:sw", 300, 12)
    assert (group["n_unacknowledged"], group["n_suppressed"]) == (1, 11)
    assert group["priority"] == 2  # so many cameras
    assert listed["counts"]["suppressed"] == 11
    whole = await stage.get("/api/alerts/device-gone:sw")
    assert (whole["children"]["total"], whole["cameras"]["total"]) == (11, 300)
    rang = [x.alert for x in await AlertLog(stage.redis).since(0) if x.rang]
    assert rang == ["device-gone:sw"]


@pytest.mark.usefixtures("network")
async def test_children_come_back_when_the_parent_clears_alone(stage):
    await cut(stage, range(300))
    await stage.tick(61)
    await cut(stage, range(90, 300), "online")
    await stage.tick(61)
    await stage.tick(1)
    listed = await stage.get("/api/alerts", state="unacknowledged", rule="device-gone")
    assert {row["id"] for row in listed["items"]} == {f"device-gone:nvr{n}" for n in range(3)}


@pytest.mark.usefixtures("network")
async def test_what_a_device_says_of_itself_counts(stage, grids):
    await stage.post(device("edge", "recorder", grids[1]))
    await stage.post(device_state("edge", "offline", stage.clock.now_ms()))
    await stage.tick()
    await stage.tick(61)
    found = await stage.get("/api/alerts/device-gone:edge")
    assert (found["value"], found["area"]) == (100, grids[1])


async def test_a_device_nobody_placed_is_refused_by_name(stage):
    event = device_state("ghost", "offline", stage.clock.now_ms())
    answer = await stage.http.post(
        "/feeds/events", json={"events": [event]}, headers=bearer(stage.token)
    )
    (rejected,) = answer.json()["rejected"]
    assert rejected["field"] == "data.device"


@pytest.mark.usefixtures("network")
async def test_devices_are_there_after_a_restart(stage):
    await cut(stage, range(300))
    await stage.tick(61)
    await stage.new_board()
    await stage.tick(61)
    whole = await stage.get("/api/alerts/device-gone:sw")
    assert whole["state"] == "unacknowledged"
    assert whole["n_raised"] == 1
    assert whole["cameras"]["total"] == 300


async def test_whoever_may_not_is_told_so_and_nothing_of_other_areas_is_seen(stage, p1, grids):
    street = grids[0][:9]
    other = grids[4][:9]
    assert street != other
    elsewhere = await stage.add_program("far", Role.OFFICER, other)
    viewer = await stage.add_program("looker", Role.VIEWER, DISTRICT)
    leader = await stage.add_program("boss", Role.LEADER, DISTRICT)
    unit = await stage.add_program("unit", Role.DEPARTMENT, DISTRICT)
    version = (await stage.get(f"/api/alerts/{p1}"))["version"]
    for token, status in ((elsewhere, 404), (viewer, 403), (unit, 403), (leader, 403)):
        answer = await click(stage, p1, "acknowledge", version, "x", token)
        assert answer.status_code == status, answer.text
    listed = await stage.http.get("/api/alerts", headers=bearer(elsewhere))
    assert (listed.status_code, listed.json()["total"]) == (200, 0)
    assert (await stage.http.get("/api/alerts", headers=bearer(unit))).status_code == 403
    async with stage.screen(unit) as screen:
        await screen.subscribe(f"alerts/{DISTRICT}")
        assert "error" in await screen.next()


# ---- rules ------------------------------------------------------------------------------------


async def test_a_rule_is_changed_by_version_audited_and_judged_by(stage, p1):
    rules = {row["id"]: row for row in (await stage.get("/api/alert-rules"))["rules"]}
    assert rules["p1-new"]["n_listed"] == 1
    body = {"version": 1, "key": "c", "note": "试点", "fields": {"enabled": False}}
    answer = await stage.http.put("/api/alert-rules/p1-new", json=body)
    assert (answer.status_code, answer.json()["version"]) == (200, 2), answer.text
    same = await stage.http.put("/api/alert-rules/p1-new", json=body)
    assert same.json()["version"] == 2
    stale = await stage.http.put("/api/alert-rules/p1-new", json=body | {"key": "d"})
    assert stale.status_code == 409
    await stage.tick()
    await stage.get(f"/api/alerts/{p1}", 404)
    (entry,) = [e for e in await stage.doors.audit.entries(0, 99) if e.action == "rule.change"]
    assert (entry.before["enabled"], entry.after["enabled"]) == (True, False)
    assert entry.detail == "试点"


@each(
    "fields, field",
    [
        ({"threshold": -1}, "threshold"),
        ({"threshold": "much"}, "threshold"),
        ({"tier": "grid"}, "tier"),
        ({"priority": 5}, "priority"),
        ({"hours": ["25:00", "08:00"]}, "hours"),
        ({"area": "999"}, "area"),
        ({"response": ""}, "response"),
        ({"parameters": {"speed": 3}}, "parameters.speed"),
        ({"kind": "feed_silent"}, "kind"),
        ({"incident_class": "99-99"}, "incident_class"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_by_its_field(stage, fields, field):
    body = {"version": 1, "key": f"c{fields}", "note": "x", "fields": fields}
    answer = await stage.http.put("/api/alert-rules/p1-new", json=body)
    assert answer.status_code == 422
    assert answer.json()["field"].startswith(field.split(".")[0])
    assert (await stage.get("/api/alert-rules"))["rules"][0]["version"] == 1


async def test_a_rule_is_tried_on_what_was(stage, grids):
    await stage.post(incident("GD-2", grids[1]))
    await stage.tick()
    for _ in range(20):
        await stage.tick(60)
    await stage.post(incident("GD-3", grids[1]))
    for _ in range(5):
        await stage.tick(60)
    for threshold, raised in ((10, 1), (19, 1), (25, 0)):
        body = {"threshold": threshold}
        answer = await stage.http.post("/api/alert-rules/feed-silent/trial", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["raised"] == raised, threshold
    told = answer.json()
    assert told["complete"] is False
    assert sum(day["raised"] for day in told["by_day"]) == 0
