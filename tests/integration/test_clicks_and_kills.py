"""Store, board and web are killed amid officers' clicks: each click happened once or not at all."""

import asyncio
import json
import uuid
from collections import Counter

import httpx
import pytest

from tests.program import START_S, Program, until

GRIDS = ("530111001001001", "530111003001001", "530111008011005")
N_CASES, N_OFFICERS, N_CLICKS = 12, 6, 25  # clicks of each officer on each round's role
ROLES = ("store", "board", "web")
ANSWER_S = 60.0


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path / "data", ONEMAP_DEMO="off")
    until(program.is_ready, START_S)
    yield program
    program.stop()
    print(program.output.read_text())  # shown when the test failed


async def report_cases(program, client):
    added = program.tool("feed", "add", "north")
    token = added.stdout.split()[-1]
    names = [f"case-{n}" for n in range(N_CASES)]
    events = [
        {
            "id": name,
            "type": "incident.reported",
            "time": "2026-11-20T04:00:00Z",
            "area": GRIDS[n % len(GRIDS)],
            "data": {"incident": name, "class": "01-10", "title": name, "channel": "collector"},
        }
        for n, name in enumerate(names)
    ]
    answer = await client.post(
        "/feeds/events", json={"events": events}, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json()["accepted"] == N_CASES, answer.text
    return names


class Officer:
    """Clicks on cases in turn and asks with the same key until it knows what became of it."""

    def __init__(self, client, names, turn):
        self._client = client
        self._names = names[turn:] + names[:turn]
        self.done = {}  # key to answer
        self.refused = {}
        self.asked_again = 0

    async def click(self):
        for n in range(N_CLICKS):
            name = self._names[n % len(self._names)]
            seen = await self._until_answered("GET", f"/api/incidents/{name}")
            wish = {"action": "acknowledge", "version": seen.json()["version"]}
            key = uuid.uuid4().hex
            answer = await self._until_answered(
                "POST", f"/api/incidents/{name}/actions", json=wish | {"key": key}
            )
            told = answer.json()
            if answer.status_code == 200:
                self.done[key] = (name, told["version"])
            else:
                assert (answer.status_code, told["code"]) == (409, "outrun"), answer.text
                self.refused[key] = name

    async def _until_answered(self, method, path, **body):
        async with asyncio.timeout(ANSWER_S):
            while True:
                try:
                    answer = await self._client.request(method, path, **body)
                    if answer.status_code < 500:
                        return answer
                except httpx.TransportError:
                    pass
                self.asked_again += 1
                await asyncio.sleep(0.1)


async def kill_in_the_middle(program, officers, role):
    began = sum(len(one.done) for one in officers)
    while sum(len(one.done) for one in officers) < began + 15:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    program.children()[role].kill()


async def entries(program, client):
    """Acknowledged cases in the audit trail, by case and version."""
    verified = program.tool("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    answer = await client.get("/api/audit/export", params={"format": "jsonl"})
    rows = [json.loads(line) for line in answer.text.splitlines()]
    return Counter(
        (row["subject"].removeprefix("incident/"), row["version"])
        for row in rows
        if row["action"] == "incident.acknowledge" and row["outcome"] == "done"
    )


async def test_each_click_happened_once_with_its_entry_or_not_at_all(program):
    headers = {"Cookie": program.cookie, "Origin": program.url}
    limits = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(
        base_url=program.url, headers=headers, trust_env=False, timeout=10, limits=limits
    ) as client:
        names = await report_cases(program, client)
        officers = [Officer(client, names, turn) for turn in range(N_OFFICERS)]
        while (await client.get(f"/api/incidents/{names[-1]}")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        for role in ROLES:
            async with asyncio.TaskGroup() as group:
                for one in officers:
                    group.create_task(one.click())
                group.create_task(kill_in_the_middle(program, officers, role))
        until(program.is_ready, START_S)
        done = Counter(answer for one in officers for answer in one.done.values())
        assert sum(done.values()) + sum(len(one.refused) for one in officers) == (
            len(ROLES) * N_OFFICERS * N_CLICKS
        )
        assert sum(one.asked_again for one in officers) > 0  # else nothing was interrupted
        assert max(done.values()) == 1  # no version was reached by two clicks
        assert await entries(program, client) == done
        for name in names:
            case = (await client.get(f"/api/incidents/{name}")).json()
            versions = sorted(version for held, version in done if held == name)
            assert versions == list(range(2, case["version"] + 1))
            assert len(case["history"]) == min(64, len(versions))
