"""Fan-out: 1,000 live clients, 10 frames a second, one not reading; beside websockets.broadcast."""

import argparse
import asyncio
import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from typing import Any

import psutil
import uvloop
import websockets.asyncio.client
import websockets.asyncio.server
from harness import (
    Program,
    Publications,
    free_ports,
    percentile,
    points_inside,
    region,
    report,
    running,
    sentinel,
)

TOPIC = "area/530111"
RATE_PER_S = 10
MUST_P99_MS, AIM_P99_MS = 50, 25
MUST_CORE, AIM_CORE = 0.25, 0.10
MUST_RATIO, AIM_RATIO = 2.5, 1.6
HEAD_BYTES = 120  # topic, sequence and as_of stand first in a frame
HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %b\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CONNECTS_AT_ONCE = 50
SETTLE_S = 3.0


@dataclass
class Tally:
    """What all clients of this process received. Frames are alike, so each is read only once."""

    known: dict[bytes, tuple[int, float]] = field(default_factory=dict)
    arrivals: list[tuple[int, float]] = field(default_factory=list)  # sequence, seconds
    frames: int = 0
    gaps: int = 0
    opened: int = 0
    lost: int = 0
    counting: bool = False

    async def all_open(self, n_clients: int) -> None:
        while self.opened < n_clients:  # noqa: ASYNC110  # an event a client would cost more
            await asyncio.sleep(0.01)

    def read(self, frame: bytes) -> tuple[int, float]:
        head = bytes(frame[:HEAD_BYTES])
        found = self.known.get(head)
        if found is None:
            sequence = int(head.split(b'"sequence":', 1)[1].split(b",", 1)[0])
            as_of = head.split(b'"as_of":"', 1)[1].split(b'"', 1)[0].decode()
            found = self.known[head] = (sequence, datetime.fromisoformat(as_of).timestamp())
        return found


class Client(asyncio.Protocol):
    """As little of a WebSocket client as it takes to check every frame."""

    def __init__(self, tally: Tally, plan: "Plan", number: int = 0, reads: bool = True) -> None:
        self._tally, self._plan, self._reads = tally, plan, reads
        self._cookie = plan.cookies[number % len(plan.cookies)]
        self._buffer = bytearray()
        self._open = False
        self._last: int | None = None
        self.received = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(HANDSHAKE % (self._plan.path.encode(), self._cookie.encode()))

    def connection_lost(self, _error: Exception | None) -> None:
        self._tally.lost += self._reads

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del self._buffer[: end + 4]
            self._open = True
            self._tally.opened += 1
            for greeting in self._plan.greetings:
                self._send(0x81, greeting)
            if not self._reads:
                self._transport.pause_reading()
        self._take_frames()

    def _send(self, first: int, body: bytes) -> None:
        """A short masked frame; a mask of zeros leaves the body as it is."""
        self._transport.write(bytes((first, 0x80 | len(body))) + b"\0\0\0\0" + body)

    def _take_frames(self) -> None:
        at, buffer = 0, self._buffer
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < start + size:
                break
            if buffer[at] == 0x81:
                self._frame(buffer[start : start + size])
            elif buffer[at] == 0x89:
                self._send(0x8A, bytes(buffer[start : start + size]))
            at = start + size
        del buffer[:at]

    def _frame(self, frame: bytearray) -> None:
        tally = self._tally
        sequence, _ = tally.read(frame)
        if tally.counting:
            self.received += 1
            tally.frames += 1
            tally.arrivals.append((sequence, time.time()))
            tally.gaps += self._last is not None and sequence != self._last + 1
        self._last = sequence


@dataclass(frozen=True)
class Plan:
    port: int
    path: str
    greetings: tuple[bytes, ...]
    clients: int
    silent: int
    seconds: float
    cookies: tuple[str, ...] = ("none=none",)  # of sessions, which the clients take in turn


def load(plan: Plan, ready: Any, results: Any) -> None:
    """The clients, in a process of their own; counts for `seconds` once all are connected."""

    async def main() -> None:
        tally, loop = Tally(), asyncio.get_running_loop()
        clients: list[Client] = []
        for number in range(plan.clients):
            reads = number >= plan.silent
            _, client = await loop.create_connection(
                lambda number=number, reads=reads: Client(tally, plan, number, reads),
                "127.0.0.1",
                plan.port,
            )
            clients.append(client)
            if number % CONNECTS_AT_ONCE == 0:
                await asyncio.sleep(0.01)
        await tally.all_open(plan.clients)
        await asyncio.sleep(SETTLE_S)
        ready.set()
        tally.counting = True
        await asyncio.sleep(plan.seconds)
        tally.counting = False
        received = [client.received for client in clients[plan.silent :]]
        as_of = dict(tally.known.values())
        results.put((tally.arrivals, as_of, tally.gaps, min(received), max(received), tally.lost))

    uvloop.run(main())


def measure(
    plan: Plan, server: psutil.Process, published: dict[int, float] | None = None
) -> dict[str, Any]:
    """Delays and gaps as the clients saw them, and the server's share of a core meanwhile.

    `published`: when the frame of each sequence was to be had; without it its `as_of` counts.
    """
    spawn = get_context("spawn")
    ready, results = spawn.Event(), spawn.Queue()
    clients = spawn.Process(target=load, args=(plan, ready, results))
    clients.start()
    ready.wait()
    began_s, before = time.monotonic(), server.cpu_times()
    arrivals, as_of, gaps, fewest, most, lost = results.get()
    after, took_s = server.cpu_times(), time.monotonic() - began_s
    clients.join()
    began = as_of if published is None else published
    known = [arrival for arrival in arrivals if arrival[0] in began]
    delays = [1000 * (moment_s - began[number]) for number, moment_s in known]
    from_as_of = [1000 * (moment_s - as_of[number]) for number, moment_s in arrivals]
    spent_s = after.user + after.system - before.user - before.system
    return {
        "core": spent_s / took_s,
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
        "p99_from_as_of_ms": percentile(from_as_of, 0.99),
        "frames_per_s": most / plan.seconds,
        "fewest": fewest,
        "most": most,
        "gaps": gaps,
        "lost": lost,
    }


class Source(threading.Thread):
    """Ten batches a second, each changing numbers of the district: as many frames."""

    def __init__(self, program: Program, token: str) -> None:
        super().__init__(daemon=True)
        self._program, self._token = program, token
        self.ended = threading.Event()

    def run(self) -> None:
        dice = random.Random(3)
        points = points_inside(region(), 1_000)
        next_s = time.monotonic()
        while not self.ended.is_set():
            events = [incident(dice.choice(points)) for _ in range(6)]
            self._program.post(self._token, events)
            next_s += 1 / RATE_PER_S
            time.sleep(max(0.0, next_s - time.monotonic()))


def incident(point: tuple[float, float, str]) -> dict[str, Any]:
    name = os.urandom(6).hex()
    return {"id": name, "type": "incident.reported", "area": point[2], "data": sentinel(name)}


def broadcast(port: int, frame_bytes: int, ready: Any) -> None:
    """The baseline: frames of the same size at the same rate to whoever is connected."""

    async def stay(connection: Any) -> None:
        await connection.wait_closed()

    async def main() -> None:
        options = {"compression": None, "ping_interval": None}
        async with websockets.asyncio.server.serve(stay, "127.0.0.1", port, **options) as server:
            ready.set()
            sequence, next_s = 0, time.monotonic()
            while True:
                sequence += 1
                as_of = (
                    datetime.fromtimestamp(time.time())
                    .astimezone()
                    .isoformat(timespec="milliseconds")
                )
                head = {"topic": TOPIC, "sequence": sequence, "as_of": as_of, "delta": ""}
                websockets.asyncio.server.broadcast(
                    server.connections, json.dumps(head, separators=(",", ":")).ljust(frame_bytes)
                )
                next_s += 1 / RATE_PER_S
                await asyncio.sleep(max(0.0, next_s - time.monotonic()))

    uvloop.run(main())


def baseline(clients: int, seconds: float, frame_bytes: int) -> dict[str, Any]:
    spawn = get_context("spawn")
    port, ready = free_ports()[0], spawn.Event()
    server = spawn.Process(target=broadcast, args=(port, frame_bytes, ready), daemon=True)
    server.start()
    ready.wait()
    try:
        return measure(Plan(port, "/", (), clients, 1, seconds), psutil.Process(server.pid))
    finally:
        server.kill()
        server.join()


def mean_frame_bytes(program: Program) -> int:
    """Of 20 deltas as a client gets them."""

    async def look() -> int:
        async with websockets.asyncio.client.connect(
            f"ws://127.0.0.1:{program.port}/live",
            proxy=None,
            additional_headers={"Cookie": program.cookie},
        ) as socket:
            await socket.send(json.dumps({"subscribe": TOPIC}))
            frames = [await socket.recv() for _ in range(21)]
            return sum(len(frame.encode()) for frame in frames[1:]) // 20

    return asyncio.run(look())


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--clients", type=int, default=1_000)
    chosen = options.parse_args()
    with running() as program:
        source = Source(program, program.add_feed("bench"))
        source.start()
        frame_bytes = mean_frame_bytes(program)
        greetings = (json.dumps({"subscribe": TOPIC}).encode(),)
        cookies = program.cookies(chosen.clients)
        plan = Plan(program.port, "/live", greetings, chosen.clients, 1, chosen.seconds, cookies)
        web = program.process("web")
        publications = Publications(program)
        publications.start()
        ours = measure(plan, web, publications.at_s)
        before = web.cpu_times()
        time.sleep(SETTLE_S)
        after = web.cpu_times()
        source.ended.set()
        source.join()
    plain = baseline(chosen.clients, chosen.seconds, frame_bytes)
    ratio = ours["core"] / plain["core"]
    every = ours["gaps"] == 0 and ours["lost"] == 0 and ours["fewest"] > 0
    figures = {
        "clients": chosen.clients,
        "frame_bytes": frame_bytes,
        **{
            name: ours[name]
            for name in (
                "frames_per_s",
                "p50_ms",
                "p99_ms",
                "p99_from_as_of_ms",
                "core",
                "gaps",
                "lost",
            )
        },
        "core_without_clients": (after.user + after.system - before.user - before.system)
        / SETTLE_S,
        "cpu_of_broadcast": ratio,
        "broadcast": {
            name: round(plain[name], 3) for name in ("frames_per_s", "p50_ms", "p99_ms", "core")
        },
    }
    p99_ms, core = ours["p99_ms"], ours["core"]
    report(
        "fanout",
        figures,
        {
            "every frame": every,
            "p99": p99_ms <= MUST_P99_MS,
            "core": core <= MUST_CORE,
            "ratio": ratio <= MUST_RATIO,
        },
        {"p99": p99_ms <= AIM_P99_MS, "core": core <= AIM_CORE, "ratio": ratio <= AIM_RATIO},
    )


if __name__ == "__main__":
    main()
