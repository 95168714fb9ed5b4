"""Departments of accounts over the API: who needs one, who may have none, who is cut off."""

import asyncio
import json
from argparse import Namespace

import pytest

from dashboard.account_tool import Desk, show
from dashboard.domain.accounts import Account
from dashboard.domain.rights import Role
from dashboard.store.acts import COMMAND_LINE
from tests.burglar import PASSWORD, Visitor, closing_code
from tests.conftest import NOON
from tests.stage import bearer

AT_ONCE_S = 5
AREA = "530111"
NEW = {"name": "chen.jing", "role": "department", "area": AREA, "password": PASSWORD}
PATH = "/api/accounts/chen.jing"
NEEDED = "expected the id of a department or team, for the role department"
NO_OTHER = "only an account of role department has one"


async def added(stage, **more):
    answer = await stage.http.post("/api/accounts", json={**NEW, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def older(stage):
    """An account of that role from before there were departments."""
    store = stage.doors.directory.store
    await store.add(COMMAND_LINE, Account("chen.jing", Role.DEPARTMENT, AREA, None, NOON))
    await stage.doors.directory.reload()


async def patched(stage, version, **change):
    return await stage.http.patch(PATH, json={"version": version, **change})


def refused(answer):
    """The reason; the field is the department."""
    assert (answer.status_code, answer.json()["field"]) == (422, "department"), answer.text
    return answer.json()["reason"]


async def last_entry(stage):
    return (await stage.doors.audit.entries_before(None, 1))[0]


async def test_an_account_of_a_department_is_made_and_told(stage):
    assert (await added(stage, department="paishui"))["department"] == "paishui"
    rows = (await stage.get("/api/accounts"))["items"]
    told = {row["name"]: row["department"] for row in rows}
    assert (told["chen.jing"], told["chief"]) == ("paishui", None)
    entry = await last_entry(stage)
    assert (entry.action, entry.after["department"]) == ("account.add", "paishui")


async def test_me_tells_the_department(stage):
    assert (await stage.get("/api/me"))["department"] is None
    await added(stage, department="paishui-repair-2")
    _, token = await stage.doors.directory.store.add_token(COMMAND_LINE, "chen.jing")
    await stage.doors.directory.reload()
    answer = await stage.http.get("/api/me", headers=bearer(token))
    assert answer.json()["department"] == "paishui-repair-2"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, NEEDED),
        ({"department": None}, NEEDED),
        ({"department": "nasa"}, "there is no department 'nasa'"),
        ({"department": ""}, "there is no department ''"),
        ({"role": "officer", "department": "paishui"}, NO_OTHER),
    ],
)
async def test_a_new_account_that_cannot_be(stage, more, reason):
    answer = await stage.http.post("/api/accounts", json={**NEW, **more})
    assert refused(answer) == reason
    assert "chen.jing" not in stage.doors.directory.register.accounts


async def test_another_department_is_in_the_trail_before_and_after(stage):
    await added(stage, department="paishui")
    answer = await patched(stage, 1, department="shuiwu")
    assert answer.json()["department"] == "shuiwu"
    entry = await last_entry(stage)
    held = entry.before["department"], entry.after["department"]
    assert held == ("paishui", "shuiwu")


async def test_another_role_leaves_the_department(stage):
    await added(stage, department="paishui")
    answer = await patched(stage, 1, role="viewer")
    assert (answer.json()["role"], answer.json()["department"]) == ("viewer", None)
    assert stage.doors.directory.register.accounts["chen.jing"].department is None
    assert "department" not in (await last_entry(stage)).after


async def test_the_department_stays_with_all_other_changes(stage):
    await added(stage, department="paishui")
    changes = ({"area": "530111001"}, {"disabled": True}, {"role": "department"})
    for version, change in enumerate(changes, start=1):
        answer = await patched(stage, version, **change)
        assert answer.json()["department"] == "paishui"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"department": "nasa"}, "there is no department 'nasa'"),
        ({"role": "leader", "department": "paishui"}, NO_OTHER),
    ],
)
async def test_a_change_that_cannot_be(stage, change, reason):
    await added(stage, department="paishui")
    assert refused(await patched(stage, 1, **change)) == reason
    assert stage.doors.directory.register.accounts["chen.jing"].version == 1


async def test_a_viewer_cannot_be_given_a_department_nor_the_role_without_one(stage):
    await added(stage, role="viewer")
    assert refused(await patched(stage, 1, department="paishui")) == NO_OTHER
    assert refused(await patched(stage, 1, role="department")) == NEEDED
    both = await patched(stage, 1, role="department", department="paishui")
    assert both.json()["department"] == "paishui"


async def test_an_older_account_without_one_goes_on_until_its_role_is_given_anew(stage):
    await older(stage)
    assert (await patched(stage, 1, area="530111001")).json()["department"] is None
    assert (await patched(stage, 2, disabled=False)).status_code == 200
    assert refused(await patched(stage, 3, role="department")) == NEEDED
    answer = await patched(stage, 3, department="shuiwu")
    assert answer.json()["department"] == "shuiwu"


async def test_without_a_department_no_case_is_reached(stage):
    await older(stage)
    _, token = await stage.doors.directory.store.add_token(COMMAND_LINE, "chen.jing")
    await stage.doors.directory.reload()
    answer = await stage.http.get("/api/me", headers=bearer(token))
    assert (answer.status_code, answer.json()["rights"]) == (200, ["see"])
    answer = await stage.http.get("/api/incidents/GD-1", headers=bearer(token))
    assert answer.status_code == 403
    await patched(stage, 1, department="paishui")
    answer = await stage.http.get("/api/me", headers=bearer(token))
    assert answer.json()["rights"] == ["handle", "see", "see_case"]
    answer = await stage.http.get("/api/incidents/GD-1", headers=bearer(token))
    assert answer.status_code == 404


async def test_the_list_on_the_command_line_shows_the_gap(stage):
    await older(stage)
    listed = await show(Desk(stage.settings, stage.redis, stage.clock), Namespace())
    (line,) = (line for line in listed.splitlines() if line.startswith("chen.jing"))
    assert line.split()[1:4] == ["department", AREA, "missing"]


async def test_who_was_slower_hears_that_first(stage):
    await added(stage, department="paishui")
    assert (await patched(stage, 7, department="nasa")).status_code == 409


async def test_open_sockets_of_the_old_department_are_cut_off(stage):
    visitor = await Visitor.signed_in(stage, Role.DEPARTMENT, name="chen.jing")
    async with visitor.socket() as socket:
        await socket.send(json.dumps({"subscribe": "feeds"}))
        assert "snapshot" in json.loads(await socket.recv())
        stage.clock.move(1)
        assert (await patched(stage, 1, department="paishui")).status_code == 200
        async with asyncio.timeout(AT_ONCE_S):
            assert await closing_code(socket) == 4401
