"""Rights: what it costs a frame that 1,000 clients each see their own area, and no other."""

import argparse
import asyncio
import json
import statistics
import threading
import time
import urllib.request
from multiprocessing import get_context
from typing import Any

import psutil
import uvloop
from bench_fanout import CONNECTS_AT_ONCE, RATE_PER_S, SETTLE_S, Client, Plan, Tally
from harness import Program, region, report, running

from dashboard.domain.areas import Area, Region, Tier
from tests.visitor import sign_in

N_AREAS = 30
CLIENTS = 1_000
TIERS = (Tier.STREET, Tier.COMMUNITY, Tier.GRID)
PASSWORD = "a password for a benchmark"
MUST_MORE, AIM_MORE = 0.20, 0.05
HEAD_BYTES = 80


class Looker(Client):
    """Counts its frames by topic, and those that are of an area it did not ask for."""

    def __init__(self, tally: Tally, plan: Plan) -> None:
        super().__init__(tally, plan)
        self._wanted = [json.loads(text)["subscribe"] for text in plan.greetings]
        self._at: dict[str, int] = {}

    def _frame(self, frame: bytearray) -> None:
        tally = self._tally
        head = bytes(frame[:HEAD_BYTES]).decode(errors="replace")
        topic = head.split('"topic":"', 1)[-1].split('"', 1)[0]
        if topic not in self._wanted:
            tally.lost += 1
            return
        sequence = int(head.split('"sequence":', 1)[1].split(",", 1)[0])
        if tally.counting:
            tally.frames += 1
            last = self._at.get(topic)
            tally.gaps += last is not None and sequence != last + 1
        self._at[topic] = sequence


def look(plans: list[Plan], seconds: float, ready: Any, results: Any) -> None:
    """The clients, in a process of their own."""

    async def main() -> None:
        tally, loop = Tally(), asyncio.get_running_loop()
        for number, plan in enumerate(plans):
            await loop.create_connection(
                lambda plan=plan: Looker(tally, plan), "127.0.0.1", plan.port
            )
            if number % CONNECTS_AT_ONCE == 0:
                await asyncio.sleep(0.01)
        await tally.all_open(len(plans))
        await asyncio.sleep(SETTLE_S)
        ready.set()
        tally.counting = True
        await asyncio.sleep(seconds)
        tally.counting = False
        results.put((tally.frames, tally.gaps, tally.lost))

    uvloop.run(main())


def window(plans: list[Plan], seconds: float, server: psutil.Process) -> dict[str, float]:
    """CPU of the server for each frame that was delivered, in microseconds."""
    spawn = get_context("spawn")
    ready, results = spawn.Event(), spawn.Queue()
    clients = spawn.Process(target=look, args=(plans, seconds, ready, results))
    clients.start()
    ready.wait()
    before = server.cpu_times()
    frames, gaps, lost = results.get()
    after = server.cpu_times()
    clients.join()
    spent_s = after.user + after.system - before.user - before.system
    return {
        "us_a_frame": 1e6 * spent_s / max(1, frames),
        "frames_per_s": frames / seconds,
        "core": spent_s / seconds,
        "bad": gaps + lost,
    }


class Source(threading.Thread):
    """Ten batches a second, each with new counts of a grid in every one of the areas."""

    def __init__(self, program: Program, token: str, grids: list[str]) -> None:
        super().__init__(daemon=True)
        self._program, self._token, self._grids = program, token, grids
        self.ended = threading.Event()

    def run(self) -> None:
        number, next_s = 0, time.monotonic()
        while not self.ended.is_set():
            number += 1
            self._program.post(self._token, [self._counts(g, number) for g in self._grids])
            next_s += 1 / RATE_PER_S
            time.sleep(max(0.0, next_s - time.monotonic()))

    @staticmethod
    def _counts(grid: str, number: int) -> dict[str, Any]:
        counts = {"online": 100 + number % 50, "offline": number % 7, "fault": 0, "maintenance": 0}
        data = {"grid": grid, "ownership": "public", **counts}
        return {"id": f"{grid}-{number}", "type": "camera.rollup", "area": grid, "data": data}


def chosen_areas(where: Region) -> list[Area]:
    """As many of each tier, spread over the region."""
    found: list[Area] = []
    for tier in TIERS:
        areas = [area for area in where.areas if area.tier is tier]
        n = min(len(areas), (N_AREAS - len(found)) // (len(TIERS) - TIERS.index(tier)))
        found += areas[:: max(1, len(areas) // n)][:n]
    return found


def grid_in(where: Region, area: Area) -> str:
    return next(g.code for g in where.grids if where.is_within(g.code, area.code))


def people(program: Program, root: str, areas: list[Area]) -> tuple[list[str], list[str]]:
    """Cookies of a user of each area, and of as many administrators of all of it."""
    own, admin = [], []
    for number, area in enumerate(areas):
        name = f"user{number}"
        for who, scope, role, cookies in (
            (name, area.code, "officer", own),
            (f"all{number}", root, "administrator", admin),
        ):
            add(program, {"name": who, "area": scope, "role": role, "password": PASSWORD})
            cookies.append(sign_in(program.url, who, PASSWORD))
    return own, admin


def add(program: Program, account: dict[str, str]) -> None:
    headers = {"Cookie": program.cookie, "Origin": program.url, "Content-Type": "application/json"}
    body = json.dumps(account).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{program.url}/api/accounts", body, headers), timeout=30
    ).close()


def plans_for(port: int, areas: list[Area], cookies: list[str], n_clients: int) -> list[Plan]:
    found = []
    for number in range(n_clients):
        turn = number % len(areas)
        topics = (f"area/{areas[turn].code}", "feeds")
        greetings = tuple(json.dumps({"subscribe": topic}).encode() for topic in topics)
        found.append(Plan(port, "/live", greetings, 1, 0, 0.0, (cookies[turn],)))
    return found


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=12.0)
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--clients", type=int, default=CLIENTS)
    chosen = options.parse_args()
    where = region()
    areas = chosen_areas(where)
    found: dict[str, list[dict[str, float]]] = {"own": [], "all": []}
    with running() as program:
        own, admin = people(program, where.root.code, areas)
        plans = {
            "own": plans_for(program.port, areas, own, chosen.clients),
            "all": plans_for(program.port, areas, admin, chosen.clients),
        }
        grids = sorted({grid_in(where, area) for area in areas})
        source = Source(program, program.add_feed("bench"), grids)
        source.start()
        web = program.process("web")
        for turn in range(chosen.rounds):
            order = ("own", "all") if turn % 2 == 0 else ("all", "own")
            for kind in order:
                found[kind].append(window(plans[kind], chosen.seconds, web))
        source.ended.set()
        source.join()
    cost = {kind: statistics.median(w["us_a_frame"] for w in found[kind]) for kind in found}
    rate = {kind: statistics.median(w["frames_per_s"] for w in found[kind]) for kind in found}
    more = cost["own"] / cost["all"] - 1
    bad = sum(w["bad"] for windows in found.values() for w in windows)
    report(
        "rights",
        {
            "clients": chosen.clients,
            "areas": len(areas),
            "us_a_frame_in_own_area": cost["own"],
            "us_a_frame_with_all_rights": cost["all"],
            "more_cpu": more,
            "frames_per_s": rate["own"],
            "frames_per_s_with_all_rights": rate["all"],
            "core": statistics.median(w["core"] for w in found["own"]),
            "gaps_or_foreign": bad,
        },
        {"more CPU": more < MUST_MORE, "only own frames": bad == 0},
        {"more CPU": more <= AIM_MORE},
    )


if __name__ == "__main__":
    main()
