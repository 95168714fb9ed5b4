"""The duty desk: 50 officers on 200 cases, a queue of 20,000 open cases, opening a case."""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvloop
from harness import PROJECT, Program, now_text, percentile, region, report, running

OFFICERS, CASES, ACTIONS = 50, 200, 10_000
OPEN_CASES = 20_000
ASKED = 60  # times each query of the queue
MUST_MS, AIM_MS = 200, 80
AIM_PER_S = 300
BATCH = 500
CLASSES = ("01-10", "01-12", "01-36", "02-01", "03-04", "04-06", "04-10", "05-03", "05-06", "01-13")
CHANNELS = ("collector", "public", "hotline", "video", "transfer")
QUERIES = (
    "queue=todo",
    "queue=all&sort=due",
    "queue=all&sort=newest",
    "queue=below&sort=urgency",
    "queue=all&priority=2",
    "queue=all&class=05-06",
    "queue=all&system=service-city",
    "queue=all&q=%E7%A7%AF%E6%B0%B4",
    "queue=overdue&sort=oldest",
    "queue=all&sort=due&offset=19000",
    "queue=todo&folded=true",
    "queue=all&sort=urgency&folded=true",
    "queue=all&sort=newest&folded=true&limit=500",
    "queue=all&sort=due&folded=true&offset=9000",
)
SPREAD = 60 / 111_320  # degrees; so far from the middle of its grid a case lies at most


def report_cases(program: Program, token: str, n: int, prefix: str) -> list[str]:
    """Report so many cases all over the region; their ids, once the last one is folded."""
    dice, grids = random.Random(7), region().grids
    names = [f"{prefix}-{number:05d}" for number in range(n)]
    for first in range(0, n, BATCH):
        program.post(token, [_reported(name, dice, grids) for name in names[first : first + BATCH]])
    while program.get(f"/api/queue?queue=all&q={names[-1]}")["total"] != 1:
        time.sleep(0.1)
    return names


def _reported(name: str, dice: random.Random, grids: Sequence[Any]) -> dict[str, Any]:
    data = {
        "incident": name,
        "class": dice.choice(CLASSES),
        "title": "人行道积水约 20 平方米，行人绕行",
        "channel": dice.choice(CHANNELS),
        "text": "下穿隧道入口积水，车辆缓行，请派人处置。",
    }
    lon, lat = (value + dice.uniform(-SPREAD, SPREAD) for value in dice.choice(grids).label)
    head = {"id": f"r-{name}", "time": now_text(), "lon": lon, "lat": lat}
    return {**head, "type": "incident.reported", "data": data}


def officers(program: Program, n: int) -> list[str]:
    """Tokens of as many dispatchers of the region."""
    headers = {"Cookie": program.cookie, "Origin": program.url}
    tokens = []
    with httpx.Client(base_url=program.url, headers=headers, trust_env=False) as client:
        for number in range(n):
            name = f"officer{number:02d}"
            account = {"name": name, "role": "dispatcher", "area": region().root.code}
            client.post("/api/accounts", json=account | {"password": "correct horse battery"})
            answer = client.post(f"/api/accounts/{name}/tokens", json={})
            tokens.append(answer.raise_for_status().json()["token"])
    return tokens


# ---- acting ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Acted:
    answers: Counter[str] = field(default_factory=Counter)
    times_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    per_s_plain: float = 0.0


class Rivals:
    """Two officers at a time want the same case at the same version: one of them must lose."""

    def __init__(self, program: Program, tokens: list[str], cases: list[str]) -> None:
        self._url = program.url
        self._clients = [
            httpx.AsyncClient(
                base_url=program.url,
                headers={"Authorization": f"Bearer {token}"},
                trust_env=False,
                timeout=60,
            )
            for token in tokens
        ]
        self._versions = dict.fromkeys(cases, 1)
        self._free = list(cases)
        self.acted = Acted()

    async def run(self, n_actions: int) -> Acted:
        rounds = iter(range(n_actions // 2))
        pairs = zip(self._clients[::2], self._clients[1::2], strict=True)
        began_s = time.perf_counter()
        await asyncio.gather(*(self._pair(one, other, rounds) for one, other in pairs))
        self.acted.seconds = time.perf_counter() - began_s
        self.acted.per_s_plain = await self._plain()
        for client in self._clients:
            await client.aclose()
        return self.acted

    async def _pair(self, one: httpx.AsyncClient, other: httpx.AsyncClient, rounds: Any) -> None:
        for number in rounds:
            case = self._free.pop(random.Random(number).randrange(len(self._free)))
            clicks = (self._act(one, case, f"{number}a"), self._act(other, case, f"{number}b"))
            await asyncio.gather(*clicks)
            self._free.append(case)

    async def _act(self, client: httpx.AsyncClient, case: str, key: str) -> None:
        body = {"action": "acknowledge", "version": self._versions[case], "key": key}
        began_s = time.perf_counter()
        answer = await client.post(f"/api/incidents/{case}/actions", json=body)
        self.acted.times_ms.append(1000 * (time.perf_counter() - began_s))
        told = answer.json()
        if answer.status_code == 200:
            self.acted.answers["done"] += 1
            self._versions[case] = told["version"]
        elif answer.status_code == 409 and told["code"] == "outrun":
            self.acted.answers["refused"] += 1
        else:
            self.acted.answers[f"{answer.status_code} {told}"] += 1

    async def _plain(self) -> float:
        """The baseline: answers a second of a request that does nothing, by as many callers."""

        async def ask(client: httpx.AsyncClient) -> None:
            for _ in range(40):
                await client.get("/healthz")

        began_s = time.perf_counter()
        await asyncio.gather(*(ask(client) for client in self._clients))
        return 40 * len(self._clients) / (time.perf_counter() - began_s)


def audited(program: Program) -> int:
    """Entries of acknowledged cases in the exported trail; the chain is verified before."""
    verify = [sys.executable, "app.py", "audit", "verify"]
    subprocess.run(verify, cwd=PROJECT, env=program.environ, check=True, capture_output=True)
    headers = {"Cookie": program.cookie}
    url = f"{program.url}/api/audit/export?format=jsonl"
    n = 0
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=120) as file:
        for line in file:
            entry = json.loads(line)
            n += entry.get("action") == "incident.acknowledge" and entry["outcome"] == "done"
    return n


# ---- reading -----------------------------------------------------------------------------------


def ask_queues(program: Program) -> dict[str, list[float]]:
    """Milliseconds of each query, asked in turn."""
    found: dict[str, list[float]] = {query: [] for query in QUERIES}
    with httpx.Client(base_url=program.url, trust_env=False) as client:
        client.headers["Cookie"] = program.cookie
        for _ in range(ASKED):
            for query in QUERIES:
                began_s = time.perf_counter()
                answer = client.get(f"/api/queue?{query}").raise_for_status()
                found[query].append(1000 * (time.perf_counter() - began_s))
                assert answer.json()["counts"]["all"] >= OPEN_CASES
    return found


def naive_ms(program: Program) -> float:
    """The baseline: all rows read as JSON, then filtered and sorted in plain Python."""
    rows: list[dict[str, Any]] = []
    for offset in range(0, OPEN_CASES, BATCH):
        rows += program.get(f"/api/queue?queue=all&limit={BATCH}&offset={offset}")["items"]
    times = []
    for _ in range(5):
        began_s = time.perf_counter()
        kept = [row for row in json.loads(json.dumps(rows)) if row["priority"] <= 3]
        kept.sort(key=lambda row: (row["priority"], row["due_at"] or "~"))
        times.append(1000 * (time.perf_counter() - began_s))
    return percentile(times, 0.5)


def open_cases(program: Program, cases: list[str]) -> list[float]:
    """Milliseconds to a case with all its parts, the audit trail included."""
    dice, times = random.Random(3), []
    with httpx.Client(base_url=program.url, trust_env=False) as client:
        client.headers["Cookie"] = program.cookie
        for _ in range(300):
            began_s = time.perf_counter()
            body = client.get(f"/api/incidents/{dice.choice(cases)}").raise_for_status().json()
            times.append(1000 * (time.perf_counter() - began_s))
            assert body["actions"]
            assert body["recommended"]
            assert body["trail"]
    return times


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--actions", type=int, default=ACTIONS)
    chosen = options.parse_args()
    with running() as program:
        token = program.add_feed("bench")
        cases = report_cases(program, token, CASES, "rival")
        rivals = Rivals(program, officers(program, OFFICERS), cases)
        acted = uvloop.run(rivals.run(chosen.actions))
        entries = audited(program)
        report_acting(chosen.actions, acted, entries)
        report_cases(program, token, OPEN_CASES - CASES, "queue")
        report_reading(ask_queues(program), naive_ms(program), open_cases(program, cases))


def report_acting(n_actions: int, acted: Acted, entries: int) -> None:
    done, refused = acted.answers["done"], acted.answers["refused"]
    per_s = n_actions / acted.seconds
    once = done == refused == n_actions // 2
    report(
        "desk_acting",
        {
            "actions": n_actions,
            "done": done,
            "refused": refused,
            "otherwise": dict(acted.answers - Counter(done=done, refused=refused)),
            "audit_entries": entries,
            "actions_per_s": per_s,
            "of_plain_requests": per_s / acted.per_s_plain,
            "p50_ms": percentile(acted.times_ms, 0.5),
            "p99_ms": percentile(acted.times_ms, 0.99),
        },
        {"answered exactly once": once, "audit entries": entries == done},
        {"actions a second": per_s >= AIM_PER_S},
    )


def report_reading(queues: dict[str, list[float]], naive: float, opened: list[float]) -> None:
    worst = {query: percentile(times, 0.99) for query, times in queues.items()}
    slowest = max(worst, key=lambda query: worst[query])
    middle = percentile([ms for times in queues.values() for ms in times], 0.5)
    report(
        "desk_reading",
        {
            "open_cases": OPEN_CASES,
            "queue_p50_ms": middle,
            "queue_p99_ms": worst[slowest],
            "slowest_query": slowest,
            "of_plain_python": middle / naive,
            "open_case_p50_ms": percentile(opened, 0.5),
            "open_case_p99_ms": percentile(opened, 0.99),
        },
        {"queue": worst[slowest] <= MUST_MS, "case": percentile(opened, 0.99) <= MUST_MS},
        {"queue": worst[slowest] <= AIM_MS, "case": percentile(opened, 0.99) <= AIM_MS},
    )


if __name__ == "__main__":
    main()
