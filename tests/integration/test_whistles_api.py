"""Whistles on a real store: blown, answered by departments at once, withdrawn and rated."""

import asyncio

import pytest

from dashboard.clock import iso
from dashboard.domain.accounts import Account
from dashboard.domain.rights import Role
from dashboard.store.acts import COMMAND_LINE
from tests.conftest import NOON
from tests.stage import bearer, incident, moved

CASE = "GD-1"
BOTH = ["paishui", "gongshui"]


@pytest.fixture
async def grid(stage, grids):
    """The grid of a case that was filed."""
    routine = {"class": "01-10", "channel": "collector"}  # the community holds it
    await stage.post(incident(CASE, grids[0], **routine), moved(CASE, "file"))
    await stage.tick()
    return grids[0]


async def of_department(stage, unit):
    """The token of an account of a department."""
    account = Account(unit, Role.DEPARTMENT, stage.region.root.code, None, NOON, department=unit)
    await stage.doors.directory.store.add(COMMAND_LINE, account)
    _, token = await stage.doors.directory.store.add_token(COMMAND_LINE, unit)
    await stage.doors.directory.reload()
    return token


async def send(stage, path, body, token=None):
    headers = bearer(token or stage.program)
    return await stage.http.post(path, json=body, headers=headers)


async def begin(stage, key="w", token=None, expected=201, **more):
    body = {"incident": CASE, "kind": "daily", "called": BOTH, "key": key} | more
    answer = await send(stage, "/api/whistles", body, token)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def step(stage, whistle, name, version, token=None, **more):
    body = {"step": name, "version": version, "key": f"{name}{version}"} | more
    return await send(stage, f"/api/whistles/{whistle}/actions", body, token)


def reply(stage):
    due = iso(stage.clock.now_ms() + 3_600_000)
    return {"contact": "李站长", "measures": "派抢修队", "promised_at": due}


async def blown(stage):
    """Id of a whistle for two departments."""
    whistle = (await begin(stage, approve=True))["whistle"]
    assert (whistle["state"], whistle["version"]) == ("blown", 1)
    await stage.tick()
    return whistle["id"]


async def test_a_whistle_from_the_blow_to_the_archive(stage, grid):
    name = await blown(stage)
    tokens = {unit: await of_department(stage, unit) for unit in BOTH}
    for unit, token in tokens.items():
        for version, one in enumerate(("acknowledge", "arrive", "handle", "finish")):
            more = reply(stage) if one == "acknowledge" else {}
            key = f"{unit}{one}"
            answer = await step(stage, name, one, version, token, key=key, **more)
            assert answer.status_code == 200, answer.text
            await stage.tick(60)
    row = await stage.get(f"/api/whistles/{name}")
    assert [part["state"] for part in row["called"]] == ["done", "done"]
    assert row["called"][0]["answer"]["contact"] == "李站长"
    answer = await step(stage, name, "withdraw", row["version"])
    assert answer.json()["whistle"]["state"] == "withdrawn"
    for n, unit in enumerate(BOTH):
        await stage.tick()
        version = row["version"] + 1 + n
        marks = {"department": unit, "speed": 4, "quality": 5}
        answer = await step(stage, name, "rate", version, **marks)
        assert answer.status_code == 200, answer.text
    assert answer.json()["whistle"]["state"] == "archived"
    await stage.tick()
    figures = await stage.get("/api/whistles/figures")
    assert figures["n_whistles"] == 1
    first = figures["departments"][0]
    assert (first["called"], first["answered"], first["speed"]) == (1, 1, {"n": 1, "mean": 4.0})
    assert first["answer_rate"] is None  # of one call no rate is said
    case = await stage.get(f"/api/incidents/{CASE}")
    assert [one["id"] for one in case["whistles"]] == [name]
    assert case["state"] == "filed"
    assert case["trail"][1]["action"] == "whistle.rate"


async def test_two_departments_that_answer_at_once_are_both_heard(stage, grid):
    name = await blown(stage)
    tokens = [await of_department(stage, unit) for unit in BOTH]
    both = asyncio.gather(
        *(step(stage, name, "acknowledge", 0, token, **reply(stage)) for token in tokens)
    )
    for _ in range(20):
        await asyncio.sleep(0.05)
        await stage.tick(0.001)
    assert [answer.status_code for answer in await both] == [200, 200]
    row = await stage.get(f"/api/whistles/{name}")
    assert [part["state"] for part in row["called"]] == ["acknowledged", "acknowledged"]


async def test_who_comes_second_is_told_who_was_first(stage, grid):
    name = await blown(stage)
    token = await of_department(stage, "paishui")
    assert (await step(stage, name, "acknowledge", 0, token, **reply(stage))).status_code == 200
    await stage.tick()
    late = await step(stage, name, "acknowledge", 0, token, key="again", **reply(stage))
    assert (late.status_code, late.json()["code"]) == (409, "outrun")
    assert (late.json()["winner"]["step"], late.json()["winner"]["by"]) == (
        "acknowledge",
        "paishui",
    )


async def test_the_same_request_is_done_once(stage, grid):
    first = await begin(stage, approve=True)
    await stage.tick()
    again = await begin(stage, approve=True)
    assert again["whistle"]["id"] == first["whistle"]["id"]
    assert (await stage.get("/api/whistles"))["total"] == 1
    other = await begin(stage, approve=True, note="x", expected=422)
    assert other["field"] == "key"


async def test_a_community_drafts_the_street_approves_and_blows(stage, grid):
    community = await stage.add_program("wang", Role.OFFICER, grid[:12])
    street = await stage.add_program("li", Role.DISPATCHER, grid[:9])
    name = (await begin(stage, token=community))["whistle"]["id"]
    await stage.tick()
    for one, expected in (("approve", 403), ("blow", 403)):
        answer = await step(stage, name, one, 1, community)
        assert answer.status_code == expected, answer.text
    refused = await begin(stage, key="other", token=community, approve=True, expected=403)
    assert refused["code"] == "approve"
    early = await step(stage, name, "blow", 1, street)
    assert (early.status_code, early.json()["code"]) == (409, "approve_first")
    for version, one in enumerate(("approve", "blow"), start=1):
        answer = await step(stage, name, one, version, street)
        assert answer.status_code == 200, answer.text
        await stage.tick()
    row = await stage.get(f"/api/whistles/{name}")
    assert (row["state"], row["drafted_by"], row["approved_by"]) == ("blown", "wang", "li")


async def test_an_emergency_waits_for_nobody(stage, grid):
    community = await stage.add_program("wang", Role.OFFICER, grid[:12])
    answer = await begin(stage, token=community, kind="emergency")
    assert answer["whistle"]["state"] == "blown"


async def test_a_department_sees_what_was_blown_for_it_alone(stage, grid):
    called, other = [await of_department(stage, unit) for unit in ("paishui", "ranqi")]
    name = (await begin(stage))["whistle"]["id"]
    await stage.tick()

    async def status(token):
        path = f"/api/whistles/{name}"
        return (await stage.http.get(path, headers=bearer(token))).status_code

    assert [await status(token) for token in (called, other)] == [404, 404]
    for version, one in enumerate(("approve", "blow"), start=1):
        assert (await step(stage, name, one, version)).status_code == 200
        await stage.tick()
    assert [await status(token) for token in (called, other)] == [200, 404]
    foreign = await step(stage, name, "acknowledge", 0, called, department="gongshui")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "department")


async def test_until_all_is_done_nobody_withdraws_without_saying_why(stage, grid):
    name = await blown(stage)
    refused = await step(stage, name, "withdraw", 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_done")
    done = await step(stage, name, "withdraw", 1, key="why", note="险情已自行解除")
    assert done.json()["whistle"]["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"step": "approve", "version": 1, "speed": 3}, "speed"),
        ({"step": "remind", "version": 1, "speed": 9}, "speed"),
        ({"step": "remind", "version": 1, "contact": "x"}, "contact"),
        ({"step": "nap", "version": 1}, "step"),
    ],
)
async def test_a_field_that_is_wrong_is_named(stage, grid, wish, field):
    draft = wish["step"] == "approve"
    name = (await begin(stage))["whistle"]["id"] if draft else await blown(stage)
    await stage.tick()
    answer = await send(stage, f"/api/whistles/{name}/actions", {"key": "k"} | wish)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


async def test_a_department_that_does_not_work_here_is_refused(stage, grid):
    answer = await begin(stage, called=["nobody"], expected=422)
    assert answer["field"] == "called"


async def test_the_desks_own_key_blows_and_is_listed(stage, grid):
    case = await stage.get(f"/api/incidents/{CASE}")
    wish = {"action": "whistle", "kind": "daily", "called": BOTH, "key": "k"}
    path = f"/api/incidents/{CASE}/actions"
    answer = await send(stage, path, wish | {"version": case["version"]})
    assert answer.status_code == 200, answer.text
    await stage.tick()
    (row,) = (await stage.get("/api/whistles", state="blown"))["items"]
    assert row["incident"] == CASE
    assert row["called"][0]["due"]["clock"] == "acknowledge"
