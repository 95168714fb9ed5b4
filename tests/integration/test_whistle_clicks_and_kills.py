"""Store, board and web are killed while streets whistle and departments answer."""

import asyncio
import itertools
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.clicks import ROLES, Patient, browser, kill_amid, report, send, trail
from tests.program import START_S, Program, until

GRIDS = ("530111001001001", "530111003001001", "530111008011005")
CALLED = ("paishui", "gongshui")
N_CASES, N_CLERKS = 10, 2  # clerks of each department, who click on the same things
NEXT = {"called": "acknowledge", "acknowledged": "arrive", "on_scene": "finish"}
STEPS = ("acknowledge", "arrive", "finish")


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path / "data", ONEMAP_DEMO="off")
    until(program.is_ready, START_S)
    yield program
    program.stop()
    print(program.output.read_text())  # shown when the test failed


async def clerk_of(client, unit):
    """What a program of the department shows."""
    account = {"name": unit, "role": "department", "department": unit, "area": "530111"}
    made = await client.post("/api/accounts", json=account | {"password": "correct horse battery"})
    assert made.status_code == 201, made.text
    token = await client.post(f"/api/accounts/{unit}/tokens")
    return {"Authorization": f"Bearer {token.json()['token']}"}


class Worker(Patient):
    """Takes steps of whistles; knows which were done."""

    def __init__(self, client, headers=None):
        super().__init__(client, headers)
        self.done = []  # (case, step)
        self.n_refused = 0

    async def step(self, whistle, step, version, **more):
        """The whistle after it. None: another click was first, or what was seen is not here."""
        body = {"step": step, "version": version, "key": uuid.uuid4().hex} | more
        path = f"/api/whistles/{whistle['id']}/actions"
        answer = await self.ask("POST", path, json=body)
        if answer.status_code == 200:
            self.done.append((whistle["incident"], step))
            return answer.json()["whistle"]
        told = answer.json()
        assert told.get("code") == "outrun" or told.get("field") == "version", answer.text
        self.n_refused += 1
        return None

    async def read(self, whistle):
        """As it is; a web process that has just begun may not have heard of it yet."""
        while True:
            answer = await self.ask("GET", f"/api/whistles/{whistle['id']}")
            if answer.status_code == 200:
                return answer.json()
            await asyncio.sleep(0.02)


class Street(Worker):
    async def whistle(self, cases, blown):
        """One for each case; withdrawn and rated once all who were called are done."""
        for case in cases:
            body = {"incident": case, "kind": "daily", "called": CALLED, "approve": True}
            answer = await self.ask("POST", "/api/whistles", json=body | {"key": uuid.uuid4().hex})
            assert answer.status_code == 201, answer.text
            self.done.append((case, "blow"))
            blown.append(answer.json()["whistle"])
        for whistle in blown:
            await self._close(whistle)

    async def _close(self, whistle):
        while not all(  # noqa: ASYNC110
            part["state"] == "done" for part in (await self.read(whistle))["called"]
        ):
            await asyncio.sleep(0.1)
        await self._surely(whistle, "withdraw")
        for unit in CALLED:
            await self._surely(whistle, "rate", department=unit, speed=4, quality=5)

    async def _surely(self, whistle, step, **more):
        while True:
            seen = await self.read(whistle)
            offered = {row["action"] for row in seen["actions"] if row["allowed"]}
            if step in offered and await self.step(whistle, step, seen["version"], **more):
                return
            await asyncio.sleep(0.02)


class Clerk(Worker):
    def __init__(self, client, headers, unit):
        super().__init__(client, headers)
        self._unit = unit

    async def answer(self, blown):
        """Step by step whatever the own department is called to."""
        n_done = 0
        while n_done < N_CASES:
            n_done = 0
            for whistle in tuple(blown):
                rows = (await self.read(whistle))["called"]
                (part,) = [row for row in rows if row["department"] == self._unit]
                step = NEXT.get(part["state"])
                n_done += step is None
                if step is not None:
                    await self.step(whistle, step, part["version"], **_answer(step))
            await asyncio.sleep(0.02)


def _answer(step):
    if step != "acknowledge":
        return {}
    promised = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    return {"contact": "值班站长", "measures": "派抢修队", "promised_at": promised}


def filed(names):
    return [
        {
            "id": f"{name}-filed",
            "type": "incident.moved",
            "data": {"incident": name, "action": "file", "by": "受理席"},
        }
        for name in names
    ]


async def test_each_step_of_a_whistle_happened_once_with_its_entry_or_not_at_all(program):
    cases = [f"case-{n}" for n in range(N_CASES)]
    async with browser(program) as client:
        await send(program, client, report(cases, GRIDS, **{"class": "01-10"}) + filed(cases))
        while (await client.get(f"/api/incidents/{cases[-1]}")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        headers = {unit: await clerk_of(client, unit) for unit in CALLED}
        street, blown = Street(client), []
        clerks = [Clerk(client, headers[unit], unit) for unit in CALLED for _ in range(N_CLERKS)]
        workers = [street, *clerks]
        n_clicks = N_CASES * (2 + len(CALLED) * (len(STEPS) + 1))

        def n_done():
            return sum(len(one.done) for one in workers)

        async def kills():
            for place, role in enumerate(ROLES, start=1):
                await kill_amid(program, role, n_done, place * n_clicks // (len(ROLES) + 1))

        async with asyncio.TaskGroup() as group:
            group.create_task(street.whistle(cases, blown))
            for one in clerks:
                group.create_task(one.answer(blown))
            group.create_task(kills())
        until(program.is_ready, START_S)
        assert n_done() == n_clicks
        assert sum(one.asked_again for one in workers) > 0  # else nothing was interrupted
        assert sum(one.n_refused for one in clerks) > 0  # they were at the same things
        done = Counter(click for one in workers for click in one.done)
        assert done == Counter(
            itertools.chain.from_iterable(
                [
                    (case, "blow"),
                    (case, "withdraw"),
                    *[(case, step) for step in (*STEPS, "rate")] * 2,
                ]
                for case in cases
            )
        )
        rows = await trail(program, client, "whistle.")
        assert done == Counter(
            (row["subject"].removeprefix("incident/"), row["action"].removeprefix("whistle."))
            for row in rows
        )
        for case in cases:
            (whistle,) = (await client.get(f"/api/incidents/{case}")).json()["whistles"]
            assert whistle["state"] == "archived"
        figures = (await client.get("/api/whistles/figures")).json()
        assert figures["n_whistles"] == N_CASES
        told = {
            row["department"]: (row["called"], row["answered"]) for row in figures["departments"]
        }
        assert told == dict.fromkeys(CALLED, (N_CASES, N_CASES))
