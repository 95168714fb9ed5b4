"""Clicks on a real store: one wins, each is done once, and all are told the same."""

import asyncio
import json

import pytest

from dashboard.domain.audit import START_HASH, chain
from dashboard.domain.events import DESK, IncidentMoved, decode_chunk
from dashboard.domain.rights import Role
from dashboard.store import keys
from tests.each import each
from tests.stage import bearer, incident, moved

CASE = "GD-1"


@pytest.fixture
async def case(stage, grids):
    """A case that was filed; its path."""
    await stage.post(incident(CASE, grids[0], channel="collector"), moved(CASE, "file"))
    await stage.tick()
    return f"/api/incidents/{CASE}"


async def click(stage, path, action, version, key="k", token=None, **more):
    body = {"action": action, "version": version, "key": key} | more
    headers = bearer(token or stage.program)
    return await stage.http.post(f"{path}/actions", json=body, headers=headers)


async def told(stage):
    """What is in the audit trail about cases, views left out."""
    entries = await stage.doors.audit.entries(0, 10_000)
    return [e for e in entries if e.action.startswith("incident.") and e.action != "incident.view"]


async def of_the_desk(redis):
    """Moves in the events stream that officers made."""
    rows = await redis.xrange(keys.EVENTS)
    chunks = [decode_chunk(fields[b"c"]) for _, fields in rows]
    return [event for chunk in chunks if chunk.feed == DESK for event in chunk.events]


async def test_a_click_changes_the_case_once_for_everybody(stage, case, redis):
    seen = await stage.get(case)
    answer = await click(stage, case, "dispatch", seen["version"], department="paishui")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["action"], body["version"]) == ("dispatch", seen["version"] + 1)
    assert body["incident"]["state"] == "dispatched"
    assert body["incident"]["department"] == "paishui"
    await stage.tick()
    found = await stage.get(case)
    assert (found["state"], found["version"]) == ("dispatched", body["version"])
    (move,) = await of_the_desk(redis)
    assert isinstance(move, IncidentMoved)
    assert (move.action, move.by, move.at_desk) == ("dispatch", "chief", True)
    (entry,) = await told(stage)
    assert (entry.action, entry.subject) == ("incident.dispatch", f"incident/{CASE}")
    assert (entry.before["state"], entry.after["state"]) == ("filed", "dispatched")
    assert entry.version == body["version"]
    assert [row["action"] for row in found["trail"][1:]] == ["incident.dispatch", "incident.view"]


async def test_of_two_in_the_same_instant_one_wins_and_the_other_is_told_who(stage, case):
    wang = await stage.add_program("wang", Role.DISPATCHER, stage.region.root.code)
    li = await stage.add_program("li", Role.DISPATCHER, stage.region.root.code)
    version = (await stage.get(case))["version"]
    both = asyncio.gather(
        click(stage, case, "dispatch", version, "a", wang, department="paishui"),
        click(stage, case, "cancel", version, "b", li, note="重复"),
    )
    await asyncio.sleep(0.1)
    await stage.tick()  # the loser waits until it can say who won
    answers = dict(zip(("wang", "li"), await both, strict=True))
    codes = {name: answer.status_code for name, answer in answers.items()}
    assert sorted(codes.values()) == [200, 409]
    winner = next(name for name, code in codes.items() if code == 200)
    loser = answers["li" if winner == "wang" else "wang"].json()
    assert loser["code"] == "outrun"
    assert loser["winner"]["by"] == winner
    assert loser["incident"]["version"] == version + 1
    assert winner in loser["detail"]
    assert [entry.actor for entry in await told(stage)] == [winner]


async def test_twenty_times_the_same_click_is_done_once(stage, case, redis):
    version = (await stage.get(case))["version"]
    clicks = [click(stage, case, "acknowledge", version) for _ in range(20)]
    waiting = asyncio.gather(*clicks)
    await asyncio.sleep(0.1)
    await stage.tick()
    answers = await waiting
    assert {answer.status_code for answer in answers} == {200}
    assert len({(a.json()["version"], a.json()["at"]) for a in answers}) == 1
    assert len(await told(stage)) == len(await of_the_desk(redis)) == 1
    again = await click(stage, case, "acknowledge", version)
    assert again.json()["version"] == version + 1
    assert len(await told(stage)) == 1


async def test_another_request_under_the_same_key_is_refused(stage, case):
    version = (await stage.get(case))["version"]
    await click(stage, case, "acknowledge", version)
    await stage.tick()
    other = await click(stage, case, "cancel", version + 1, note="x")
    assert (other.status_code, other.json()["field"]) == (422, "key")
    wang = await stage.add_program("wang", Role.DISPATCHER, stage.region.root.code)
    own = await click(stage, case, "cancel", version + 1, token=wang, note="x")
    assert own.status_code == 200  # keys are each officer's own


async def test_what_a_feed_told_meanwhile_is_somebody_elses_move(stage, case, redis):
    """The picture does not have it yet: nothing is decided on what is no longer true."""
    version = (await stage.get(case))["version"]
    await stage.post({**moved(CASE, "dispatch"), "id": "meanwhile"})
    waiting = asyncio.create_task(click(stage, case, "cancel", version, note="x"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await stage.tick()
    answer = await waiting
    assert (answer.status_code, answer.json()["code"]) == (409, "outrun")
    assert answer.json()["winner"]["action"] == "dispatch"
    assert await of_the_desk(redis) == []
    assert await told(stage) == []


async def test_a_version_that_was_never_shown_is_refused(stage, case):
    version = (await stage.get(case))["version"]
    answer = await click(stage, case, "acknowledge", version + 7)
    assert (answer.status_code, answer.json()["field"]) == (422, "version")


async def test_a_click_outlives_the_board(stage, case):
    version = (await stage.get(case))["version"]
    answer = await click(stage, case, "dispatch", version, department="paishui")
    await stage.new_board()  # from the checkpoint before the click
    found = await stage.get(case)
    assert (found["state"], found["version"]) == ("dispatched", answer.json()["version"])
    assert len(found["history"]) == 2


async def test_undo_takes_back_what_was_done_and_leaves_both_in_the_trail(stage, case):
    version = (await stage.get(case))["version"]
    done = (await click(stage, case, "dispatch", version, department="paishui")).json()
    await stage.tick()
    assert (await stage.get(case))["undo"]["action"] == "dispatch"
    undone = await click(stage, case, "undo", done["version"], "u")
    assert undone.json()["incident"]["state"] == "filed"
    await stage.tick()
    assert [entry.action for entry in await told(stage)] == ["incident.dispatch", "incident.undo"]
    stage.clock.move(11)
    late = await click(stage, case, "undo", done["version"] + 1, "late")
    assert (late.status_code, late.json()["code"]) == (409, "undo_not_yours")


@each(
    "action, more, field",
    [
        ("dispatch", {}, "department"),
        ("dispatch", {"department": "nobody"}, "department"),
        ("dispatch", {"department": "paishui", "tier": "street"}, "tier"),
        ("cancel", {}, "note"),
        ("cancel", {"note": ""}, "note"),
        ("cancel", {"note": "x" * 1_001}, "note"),
        ("acknowledge", {"department": "paishui"}, "department"),
        ("whistle", {"kind": "daily"}, "called"),
        ("whistle", {"kind": "loud", "called": ["paishui"]}, "kind"),
        ("whistle", {"kind": "daily", "called": ["paishui", "nobody"]}, "called"),
        ("assign", {}, "tier"),
        ("assign", {"tier": "district"}, "tier"),
        ("fly", {}, "action"),
        ("acknowledge", {"colour": "red"}, "body"),
        ("acknowledge", {"version": "2"}, "version"),
        ("acknowledge", {"key": ""}, "key"),
    ],
)
async def test_a_field_that_cannot_be_used_is_named(stage, case, action, more, field):
    body = {"action": action, "version": 2, "key": "k"} | more
    answer = await stage.http.post(f"{case}/actions", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert await told(stage) == []


async def test_a_step_that_is_not_possible_says_what_is(stage, case):
    version = (await stage.get(case))["version"]
    answer = await click(stage, case, "close", version)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "state")
    assert "dispatch" in body["possible"]
    assert "close is not possible while a case is filed; possible: dispatch" in body["detail"]


async def test_who_may_not_is_told_so(stage, case, region, grids):
    community = region.lineage(grids[0])[2].code
    version = (await stage.get(case))["version"]
    low = await stage.add_program("low", Role.OFFICER, community)
    leader = await stage.add_program("boss", Role.LEADER, region.root.code)
    clerk = await stage.add_program("clerk", Role.DEPARTMENT, region.root.code)
    for token, status, code in ((low, 403, "tier"), (leader, 403, "role"), (clerk, 404, None)):
        answer = await click(stage, case, "dispatch", version, token=token, department="paishui")
        assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert await told(stage) == []


async def test_a_street_whistles_for_the_districts_departments(stage, grids, region):
    await stage.post(incident(CASE, grids[0], channel="collector", priority=3), moved(CASE, "file"))
    await stage.tick()
    path = f"/api/incidents/{CASE}"
    street = await stage.add_program("jie", Role.OFFICER, region.lineage(grids[0])[1].code)
    far = next(one.id for one in stage.departments.values() if one.needs_whistle)
    version = (await stage.get(path))["version"]
    answer = await click(stage, path, "dispatch", version, "a", street, department=far)
    assert (answer.status_code, answer.json()["code"]) == (409, "needs_whistle")
    more = {"called": [far], "kind": "emergency"}
    whistled = await click(stage, path, "whistle", version, "b", street, **more)
    assert whistled.status_code == 200, whistled.text


async def test_a_number_of_a_telephone_is_not_kept(stage, case, redis):
    version = (await stage.get(case))["version"]
    note = "联系 13812345678"
    await click(stage, case, "cancel", version, note=note)
    (move,) = await of_the_desk(redis)
    (entry,) = await told(stage)
    assert move.note == entry.detail == "联系 ［手机号］"


@each("name", ["GD-none", "x" * 300])
async def test_a_case_that_there_is_not_is_missing(stage, case, name):
    answer = await click(stage, f"/api/incidents/{name}", "acknowledge", 1)
    assert answer.status_code == 404


async def test_a_department_does_its_part_for_what_came_to_it(stage, case, region):
    clerk = await stage.add_program("clerk", Role.DEPARTMENT, region.root.code)
    assert (await stage.http.get(case, headers=bearer(clerk))).status_code == 404
    version = (await stage.get(case))["version"]
    await click(stage, case, "dispatch", version, department="paishui")
    await stage.tick()
    queue = await stage.http.get("/api/queue", headers=bearer(clerk))
    assert [row["id"] for row in queue.json()["items"]] == [CASE]
    accepted = await click(stage, case, "accept", version + 1, "a", clerk)
    assert accepted.json()["incident"]["state"] == "handling", accepted.text
    await stage.tick()
    done = await click(stage, case, "handle", version + 2, "b", clerk, note="已疏通")
    assert done.json()["incident"]["state"] == "handled", done.text


async def test_the_chain_holds_over_all_of_it(stage, case, redis):
    version = (await stage.get(case))["version"]
    for n in range(30):
        await click(stage, case, "acknowledge", version + n, f"k{n}")
        await stage.tick(0.1)
    hashed, n_entries = START_HASH, 0
    async for piece in stage.doors.audit.rows(10_000):
        for _, fields in piece:
            hashed = chain(hashed, fields[1])
            assert hashed == fields[3]
            n_entries += 1
    assert n_entries > 30
    assert len(await told(stage)) == len(await of_the_desk(redis)) == 30


async def test_a_text_of_any_kind_comes_back_as_it_was(stage, case):
    version = (await stage.get(case))["version"]
    note = "<script>alert(1)</script> \u202e‮ \u0007 🙂 ' \" \\ {}"
    answer = await click(stage, case, "cancel", version, note=note)
    assert answer.status_code == 200, answer.text
    await stage.tick()
    assert (await stage.get(case))["history"][-1]["note"] == note


async def test_what_is_no_request_at_all_is_told(stage, case):
    for body in (b"", b"{", b"[]", b"\xff", json.dumps("x").encode(), b"[" * 5_000):
        answer = await stage.http.post(f"{case}/actions", content=body)
        assert answer.status_code == 422, body
        assert answer.json()["reason"]
