"""Crowd: 20 walls and 100 desks on one web process while a made-up day goes by at its real pace."""

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import httpx
from bench_wall import Demo, wait_for_cases
from harness import PROJECT, Program, region, report, running
from websockets.asyncio.client import connect

ROOT = "530111"
WALLS, DESKS = 20, 100
DWELL_S, QUEUE_S, SIGN_S = 15.0, 30.0, 5.0
SETTLE_S = 8.0
MUST_CORES, AIM_CORES = 0.5, 0.2
DESK_TOPICS = (f"desk/{ROOT}", f"alerts/{ROOT}", "feeds", f"bells/{ROOT}")
WALL_TOPICS = ("feeds", f"area/{ROOT}", f"wall/{ROOT}", f"bells/{ROOT}")


def open_walls(program: Program, n: int) -> list[str]:
    """A cookie each, as its browser has it; one display may have many screens."""
    made = subprocess.run(
        [sys.executable, "app.py", "display", "add", "crowd"],
        cwd=PROJECT,
        env=program.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    cookies = []
    for _ in range(n):
        answer = httpx.get(program.url + made.stdout.strip(), trust_env=False)
        cookies.append(answer.headers["set-cookie"].partition(";")[0])
    return cookies


class Crowd:
    """All clients; `frames` by kind, and gaps in any topic's numbers."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.frames: Counter[str] = Counter()
        self.gaps = 0
        self.live = program.url.replace("http", "ws", 1) + "/live"
        self.streets = [area.code for area in region().children(ROOT)]

    async def _read(self, socket: Any, kind: str) -> None:
        held: dict[str, int] = {}
        async for text in socket:
            frame = json.loads(text)
            topic = frame.get("topic")
            if topic is None:
                continue
            self.frames[kind] += 1
            last, held[topic] = held.get(topic), frame["sequence"]
            self.gaps += "delta" in frame and last is not None and frame["sequence"] != last + 1

    async def wall(self, number: int, cookie: str) -> None:
        """Its own topics, and those of each street in turn; a sign of life every five seconds."""
        headers = {"Cookie": cookie}
        async with (
            connect(self.live, proxy=None, max_size=None, additional_headers=headers) as socket,
            httpx.AsyncClient(base_url=self.program.url, trust_env=False) as http,
        ):
            for topic in WALL_TOPICS:
                await socket.send(json.dumps({"subscribe": topic}))
            await socket.send('{"screen": true}')
            reading = asyncio.create_task(self._read(socket, "wall"))
            signing = asyncio.create_task(self._sign(http, cookie, number))
            try:
                turn = itertools.cycle(self.streets[number % 8 :] + self.streets[: number % 8])
                for street in turn:
                    mine = (f"area/{street}", f"wall/{street}")
                    for topic in mine:
                        await socket.send(json.dumps({"subscribe": topic}))
                    await asyncio.sleep(DWELL_S)
                    for topic in mine:
                        await socket.send(json.dumps({"unsubscribe": topic}))
            finally:
                reading.cancel()
                signing.cancel()

    async def _sign(self, http: httpx.AsyncClient, cookie: str, number: int) -> None:
        sign = {"screen": f"crowd{number:05}", "scene": f"area/{ROOT}", "state": "live", "fps": 60}
        sign |= {"heap_mb": 40, "frozen_s": 0, "version": "bench", "width": 3840, "height": 2160}
        headers = {"Cookie": cookie, "Origin": self.program.url}
        while True:
            await asyncio.sleep(SIGN_S)
            answer = await http.post("/api/screen", json=sign | {"up_s": 1}, headers=headers)
            self.frames["refused"] += answer.status_code != 204

    async def desk(self, cookie: str) -> None:
        """Its topics, and now and then its queue."""
        headers = {"Cookie": cookie}
        async with (
            connect(self.live, proxy=None, max_size=None, additional_headers=headers) as socket,
            httpx.AsyncClient(base_url=self.program.url, trust_env=False, headers=headers) as http,
        ):
            for topic in DESK_TOPICS:
                await socket.send(json.dumps({"subscribe": topic}))
            reading = asyncio.create_task(self._read(socket, "desk"))
            try:
                while True:
                    answer = await http.get("/api/queue", params={"area": ROOT})
                    self.frames["refused"] += answer.status_code != 200
                    await asyncio.sleep(QUEUE_S)
            finally:
                reading.cancel()


async def measure(program: Program, seconds: float) -> dict[str, Any]:
    crowd = Crowd(program)
    walls, desks = open_walls(program, WALLS), program.cookies(DESKS)
    tasks = [asyncio.create_task(crowd.wall(n, cookie)) for n, cookie in enumerate(walls)]
    for number in range(DESKS):
        tasks.append(asyncio.create_task(crowd.desk(desks[number % len(desks)])))
        await asyncio.sleep(0.05)
    await asyncio.sleep(SETTLE_S)
    crowd.frames.clear()
    began_s, cpu_s = time.monotonic(), program.cpu_s("web")
    await asyncio.sleep(seconds)
    lasted_s = time.monotonic() - began_s
    cores = (program.cpu_s("web") - cpu_s) / lasted_s
    broken = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {"cores": cores, "gaps": crowd.gaps, "broken": len(broken), **crowd.frames}


def at_rest(program: Program, seconds: float) -> float:
    """Cores of the web process with nobody looking on."""
    began_s, cpu_s = time.monotonic(), program.cpu_s("web")
    time.sleep(seconds)
    return (program.cpu_s("web") - cpu_s) / (time.monotonic() - began_s)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=60.0)
    chosen = options.parse_args()
    with running() as program:
        demo = Demo(program)
        try:
            wait_for_cases(program)
            time.sleep(10)  # the days before are told meanwhile
            rest = at_rest(program, chosen.seconds / 3)
            found = asyncio.run(measure(program, chosen.seconds))
        finally:
            demo.stop()
    cores = found["cores"]
    whole = not found["gaps"] and not found["broken"] and not found.get("refused", 0)
    report(
        "crowd: 20 walls and 100 desks",
        {
            "web_cores": cores,
            "web_cores_at_rest": rest,
            "times_rest": cores / rest if rest else 0.0,
            "frames_per_s_walls": found.get("wall", 0) / chosen.seconds,
            "frames_per_s_desks": found.get("desk", 0) / chosen.seconds,
            "gaps": found["gaps"],
            "broken": found["broken"],
            "refused": found.get("refused", 0),
        },
        must={"under half a core": cores < MUST_CORES, "nothing lost": whole},
        aim={"a fifth of a core": cores < AIM_CORES},
    )


if __name__ == "__main__":
    main()
