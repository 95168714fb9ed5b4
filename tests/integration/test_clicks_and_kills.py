"""Store, board and web are killed amid officers' clicks: each click happened once or not at all."""

import asyncio
import uuid
from collections import Counter

import pytest

from tests.clicks import ROLES, Patient, browser, kill_amid, report, send, trail
from tests.program import START_S, Program, until

GRIDS = ("530111001001001", "530111003001001", "530111008011005")
N_CASES, N_OFFICERS, N_CLICKS = 12, 6, 25  # clicks of each officer on each round's role


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path / "data", ONEMAP_DEMO="off")
    until(program.is_ready, START_S)
    yield program
    program.stop()
    print(program.output.read_text())  # shown when the test failed


class Officer(Patient):
    """Clicks on cases in turn."""

    def __init__(self, client, names, turn):
        super().__init__(client)
        self._names = names[turn:] + names[:turn]
        self.done = {}  # key to answer
        self.refused = {}

    async def click(self):
        for n in range(N_CLICKS):
            name = self._names[n % len(self._names)]
            seen = await self.ask("GET", f"/api/incidents/{name}")
            wish = {"action": "acknowledge", "version": seen.json()["version"]}
            key = uuid.uuid4().hex
            answer = await self.ask(
                "POST", f"/api/incidents/{name}/actions", json=wish | {"key": key}
            )
            told = answer.json()
            if answer.status_code == 200:
                self.done[key] = (name, told["version"])
            else:
                assert (answer.status_code, told["code"]) == (409, "outrun"), answer.text
                self.refused[key] = name


async def test_each_click_happened_once_with_its_entry_or_not_at_all(program):
    names = [f"case-{n}" for n in range(N_CASES)]
    async with browser(program) as client:
        await send(program, client, report(names, GRIDS, **{"class": "01-10"}))
        officers = [Officer(client, names, turn) for turn in range(N_OFFICERS)]
        while (await client.get(f"/api/incidents/{names[-1]}")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

        def n_done():
            return sum(len(one.done) for one in officers)

        for role in ROLES:
            async with asyncio.TaskGroup() as group:
                for one in officers:
                    group.create_task(one.click())
                group.create_task(kill_amid(program, role, n_done, n_done() + 15))
        until(program.is_ready, START_S)
        done = Counter(answer for one in officers for answer in one.done.values())
        assert sum(done.values()) + sum(len(one.refused) for one in officers) == (
            len(ROLES) * N_OFFICERS * N_CLICKS
        )
        assert sum(one.asked_again for one in officers) > 0  # else nothing was interrupted
        assert max(done.values()) == 1  # no version was reached by two clicks
        rows = await trail(program, client, "incident.acknowledge")
        assert Counter((r["subject"].removeprefix("incident/"), r["version"]) for r in rows) == done
        for name in names:
            case = (await client.get(f"/api/incidents/{name}")).json()
            versions = sorted(version for held, version in done if held == name)
            assert versions == list(range(2, case["version"] + 1))
            assert len(case["history"]) == min(64, len(versions))
