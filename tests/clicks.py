"""Clicks of officers amid kills: asked again until it is known what became of each."""

import asyncio
import json

import httpx

ROLES = ("store", "board", "web")  # killed one after the other
ANSWER_S = 60.0


def browser(program):
    """A client with the first administrator's session."""
    headers = {"Cookie": program.cookie, "Origin": program.url}
    limits = httpx.Limits(max_connections=20)
    return httpx.AsyncClient(
        base_url=program.url, headers=headers, trust_env=False, timeout=10, limits=limits
    )


class Patient:
    """Asks with the same body, and so under the same key, until somebody answers."""

    def __init__(self, client, headers=None):
        self._client = client
        self._headers = headers
        self.asked_again = 0

    async def ask(self, method, path, **body):
        async with asyncio.timeout(ANSWER_S):
            while True:
                try:
                    answer = await self._client.request(method, path, headers=self._headers, **body)
                    if answer.status_code < 500:
                        return answer
                except httpx.TransportError:
                    pass
                self.asked_again += 1
                await asyncio.sleep(0.1)


async def kill_amid(program, role, n_done, at):
    """Kill a role once so many clicks are done."""
    while n_done() < at or role not in program.children():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    program.children()[role].kill()


async def trail(program, client, prefix):
    """Entries of what was done, by the beginning of their action; the chain is verified first."""
    verified = program.tool("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    answer = await client.get("/api/audit/export", params={"format": "jsonl"})
    rows = [json.loads(line) for line in answer.text.splitlines()]
    return [r for r in rows if r["action"].startswith(prefix) and r["outcome"] == "done"]


def report(names, grids, **data):
    """Events that report new cases."""
    return [
        {
            "id": name,
            "type": "incident.reported",
            "area": grids[n % len(grids)],
            "data": {"incident": name, "title": name, "channel": "collector"} | data,
        }
        for n, name in enumerate(names)
    ]


async def send(program, client, events):
    """Report as a feed of its own."""
    added = program.tool("feed", "add", "north")
    headers = {"Authorization": f"Bearer {added.stdout.split()[-1]}"}
    answer = await client.post("/feeds/events", json={"events": events}, headers=headers)
    assert answer.json()["accepted"] == len(events), answer.text
