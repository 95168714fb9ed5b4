"""Store, board and web are killed amid clicks on alerts: each happened once or not at all."""

import asyncio
import json
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from websockets.asyncio.client import connect

from tests.clicks import ROLES, Patient, browser, kill_amid, report, send, trail
from tests.program import START_S, Program, until

GRIDS = ("530111001001001", "530111003001001", "530111008011005")
DISTRICT = "530111"
N_ALERTS, N_OFFICERS, N_CLICKS = 8, 4, 8  # clicks of each officer on each round's role
SHELVED = "p1-new:kept"  # before the kills; nobody clicks on it
TOLD = {
    "acknowledge": "acknowledged",
    "assign": "assigned",
    "shelve": "shelved",
    "unshelve": "unshelved",
}


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path / "data", ONEMAP_DEMO="off")
    until(program.is_ready, START_S)
    yield program
    program.stop()
    print(program.output.read_text())  # shown when the test failed


def within(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


class Officer(Patient):
    """Does on alerts in turn whatever their state asks for."""

    def __init__(self, client, alerts, turn):
        super().__init__(client)
        self._alerts = alerts[turn:] + alerts[:turn]
        self.done = {}  # key to (alert, action)
        self.n_refused = 0

    async def click(self):
        for n in range(N_CLICKS):
            alert = self._alerts[n % len(self._alerts)]
            seen = (await self.ask("GET", f"/api/alerts/{alert}")).json()
            action, more = self._next(seen, n)
            key = uuid.uuid4().hex
            body = {"action": action, "version": seen["version"], "key": key} | more
            answer = await self.ask("POST", f"/api/alerts/{alert}/actions", json=body)
            if answer.status_code == 200:
                self.done[key] = (alert, action)
            else:
                assert (answer.status_code, answer.json()["code"]) == (409, "outrun"), answer.text
                self.n_refused += 1

    def _next(self, seen, n):
        if seen["state"] == "unacknowledged":
            return "acknowledge", {}
        if seen["state"] == "shelved":
            return "unshelve", {}
        if n % 2:
            return "assign", {"assignee": "admin"}
        return "shelve", {"until": within(1), "note": "killed meanwhile"}


async def set_before(client):
    """A shelf and a mute; both with their end."""
    seen = (await client.get(f"/api/alerts/{SHELVED}")).json()
    body = {"action": "shelve", "version": seen["version"], "key": "shelf"}
    body |= {"until": within(2), "note": "割接"}
    shelf = await client.post(f"/api/alerts/{SHELVED}/actions", json=body)
    mute = await client.post(
        "/api/alerts/mute", json={"area": DISTRICT, "minutes": 25, "key": "mute"}
    )
    return shelf.json()["alert"]["shelved"], mute.json()["mute"]


async def listed(client):
    rows = (await client.get("/api/alerts", params={"limit": 500})).json()["items"]
    return {row["id"]: row for row in rows}


async def the_mute(program):
    """As a desk is told of it."""
    address = program.url.replace("http", "ws", 1) + "/live"
    headers = {"Cookie": program.cookie, "Origin": program.url}
    async with connect(address, proxy=None, additional_headers=headers) as socket:
        await socket.send(json.dumps({"subscribe": f"alerts/{DISTRICT}"}))
        return json.loads(await socket.recv())["snapshot"]["mute"]


async def test_each_click_on_an_alert_happened_once_with_its_entry_or_not_at_all(program):
    names = ["kept", *(f"case-{n}" for n in range(N_ALERTS))]
    alerts = [f"p1-new:{name}" for name in names[1:]]
    async with browser(program) as client:
        await send(program, client, report(names, GRIDS, **{"class": "05-02"}))
        while len(await listed(client)) < len(names):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        shelf, mute = await set_before(client)
        officers = [Officer(client, alerts, turn) for turn in range(N_OFFICERS)]

        def n_done():
            return sum(len(one.done) for one in officers)

        for role in ROLES:
            async with asyncio.TaskGroup() as group:
                for one in officers:
                    group.create_task(one.click())
                group.create_task(kill_amid(program, role, n_done, n_done() + 8))
        until(program.is_ready, START_S)
        assert n_done() + sum(one.n_refused for one in officers) == (
            len(ROLES) * N_OFFICERS * N_CLICKS
        )
        assert sum(one.asked_again for one in officers) > 0  # else nothing was interrupted
        done = Counter(click for one in officers for click in one.done.values())
        assert len({action for _, action in done}) > 2
        rows = await trail(program, client, "alert.")
        audited = Counter(
            (row["subject"].removeprefix("alert/"), row["action"].removeprefix("alert."))
            for row in rows
        )
        assert audited == done + Counter({(SHELVED, "shelve"): 1, (f"desk/{DISTRICT}", "mute"): 1})
        seen = Counter((row["subject"], row.get("version")) for row in rows)
        assert max(seen.values()) == 1  # no version was left by two clicks
        found = await listed(client)
        assert set(found) == {SHELVED, *alerts}
        for alert in alerts:
            history = (await client.get(f"/api/alerts/{alert}")).json()["history"]
            told = Counter(line["what"] for line in history)
            assert told.pop("raised") == 1
            assert told == {TOLD[act]: n for (held, act), n in done.items() if held == alert}
        assert found[SHELVED]["shelved"] == shelf
        assert await the_mute(program) == mute
