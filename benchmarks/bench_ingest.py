"""Ingest: events a second through POST /feeds/events into the board, next to XADD alone."""

import argparse
import csv
import http.client
import io
import itertools
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import msgspec
import redis
from harness import (
    BATCH,
    N_CAMERAS,
    Program,
    camera_id,
    points_inside,
    region,
    register_cameras,
    report,
    running,
    wait_until_folded,
)

Point = tuple[float, float, str]
N_TEMPLATES = 48
XADD_FIELD_BYTES = 260
XADD_REQUESTS = 600_000
ROLES = ("gateway", "board", "store", "web")
MUST_PER_S, AIM_PER_S = 30_000, 150_000
MUST_SHARE, AIM_SHARE = 0.08, 0.35
NUMBER, SECOND = (
    b"@@@@@@@@",
    b"~~~~~~~~~~~~~~~~~~~",
)  # replaced in every batch by its number and the time


def template(dice: random.Random, points: list[Point]) -> bytes:
    """A batch as JSON with marks where its number and its second go."""
    events = [event(dice, points, place) for place in range(BATCH)]
    return msgspec.json.encode({"events": events})


def event(dice: random.Random, points: list[Point], place: int) -> dict[str, Any]:
    kind = dice.random()
    number = dice.randrange(len(points))
    lon, lat, _ = points[number]
    head: dict[str, Any] = {
        "id": f"{place:03d}-{NUMBER.decode()}-{dice.getrandbits(64):016x}",
        "source": f"guandu-platform-{dice.randrange(8)}",
        "time": f"{SECOND.decode()}.{dice.randrange(1000):03d}Z",
    }
    if kind < 0.80:
        status = dice.choices(("online", "offline", "fault", "maintenance"), (92, 5, 2, 1))[0]
        data = {"camera": camera_id(number), "status": status, "reason": "心跳确认，平台轮询"}
        where = {"lon": lon, "lat": lat, "datum": "wgs84"} if dice.random() < 0.5 else {}
        return {**head, "type": "camera.status", **where, "data": data}
    if kind < 0.96:
        data = {
            "staff": f"staff-{dice.randrange(3000):05d}",
            "role": "grid_worker",
            "activity": "patrol",
            "minutes": 12,
        }
        return {
            **head,
            "type": "staff.checked_in",
            "lon": lon,
            "lat": lat,
            "datum": "wgs84",
            "data": data,
        }
    if kind < 0.98:
        text = (
            "市民来电，手机13888001234，反映路口积水约20厘米，车辆通行困难"
            if dice.random() < 0.3
            else "路口积水约20厘米"
        )
        data = {
            "incident": f"{place}-{NUMBER.decode()}",
            "class": "05-06",
            "title": "道路积水",
            "channel": "hotline",
            "text": text,
        }
        return {
            **head,
            "type": "incident.reported",
            "lon": lon,
            "lat": lat,
            "datum": "wgs84",
            "data": data,
        }
    data = {
        "resource": f"resource-{dice.randrange(60)}",
        "rows": dice.randrange(5000),
        "rejected": 3,
        "schema_version": "2026.1",
    }
    return {**head, "type": "resource.exchanged", "data": data}


class Sender:
    """One process: several connections that send patched templates until the time is up."""

    def __init__(self, port: int, token: str, templates: list[bytes], first: int) -> None:
        self._port, self._token, self._templates = port, token, templates
        self._numbers = itertools.count(first)
        self.accepted = self.refused = 0
        self._lock = threading.Lock()

    def run(self, connections: int, until_s: float) -> None:
        threads = [threading.Thread(target=self._send, args=(until_s,)) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, until_s: float) -> None:
        gateway = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        while time.monotonic() < until_s:
            gateway.request("POST", "/feeds/events", self._body(), headers)
            answer = gateway.getresponse()
            body = answer.read()
            accepted = msgspec.json.decode(body)["accepted"]
            with self._lock:
                self.accepted += accepted
                self.refused += BATCH - accepted
            if answer.status in (429, 503):
                time.sleep(0.05)

    def _body(self) -> bytes:
        number = next(self._numbers)
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()).encode()
        return (
            self._templates[number % len(self._templates)]
            .replace(NUMBER, b"%08d" % number)
            .replace(SECOND, second)
        )


@dataclass(frozen=True)
class Plan:
    """What one sender process does."""

    port: int
    token: str
    templates: list[bytes]
    first: int  # batch number
    connections: int
    seconds: float


def send(plan: Plan, start: Any, results: Any) -> None:
    sender = Sender(plan.port, plan.token, plan.templates, plan.first)
    start.wait()
    sender.run(plan.connections, time.monotonic() + plan.seconds)
    results.put((sender.accepted, sender.refused))


def xadd_per_s(socket: str) -> tuple[float, str]:
    """Entries a second of one 260-byte field by XADD, 100 in flight, and with which tool.

    The store syncs once a second meanwhile, as Redis and Valkey come; ours syncs every answer.
    """
    field = "x" * XADD_FIELD_BYTES
    tool = next(filter(None, map(shutil.which, ("redis-benchmark", "valkey-benchmark"))), None)
    sync(socket, "everysec")
    try:
        if tool is None:
            return pipelined_xadd_per_s(socket, field), "redis-py with hiredis, pipelined"
        run = [
            tool,
            "-s",
            socket,
            "-P",
            "100",
            "-n",
            str(XADD_REQUESTS),
            "--csv",
            "XADD",
            "bench",
            "*",
            "c",
            field,
        ]
        printed = subprocess.run(run, capture_output=True, check=True, timeout=100).stdout.decode()
        row = list(csv.reader(io.StringIO(printed)))[-1]
        return float(row[1]), tool.rpartition("/")[2]
    finally:
        with redis.Redis(unix_socket_path=socket, socket_timeout=60) as store:
            store.delete("bench")
        sync(socket, "always")


def sync(socket: str, when: str) -> None:
    with redis.Redis(unix_socket_path=socket) as store:
        store.config_set("appendfsync", when)


def pipelined_xadd_per_s(socket: str, field: str) -> float:
    rounds = XADD_REQUESTS // 100
    with redis.Redis(unix_socket_path=socket) as store:
        began_s = time.monotonic()
        for _ in range(rounds):
            pipe = store.pipeline(transaction=False)
            for _ in range(100):
                pipe.xadd("bench", {"c": field})
            pipe.execute()
    return rounds * 100 / (time.monotonic() - began_s)


def batches(points: list[Point]) -> Iterator[bytes]:
    dice = random.Random(7)
    for _ in range(N_TEMPLATES):
        yield template(dice, points)


@dataclass(frozen=True)
class Run:
    """What one run came to; seconds from the first batch on, CPU seconds by role."""

    accepted: int
    refused: int
    sent_s: float
    folded_s: float
    cpu_s: dict[str, float]


def send_and_fold(program: Program, token: str, plans: list[Plan]) -> Run:
    """Send from a process each, until the board has folded all of it."""
    cpu = {role: program.cpu_s(role) for role in ROLES}
    spawn = get_context("spawn")
    results, start = spawn.Queue(), spawn.Barrier(len(plans) + 1)
    senders = [spawn.Process(target=send, args=(plan, start, results)) for plan in plans]
    for sender in senders:
        sender.start()
    start.wait()
    began_s = time.monotonic()
    done = [results.get() for _ in senders]
    sent_s = time.monotonic() - began_s
    wait_until_folded(program, token, 120)
    folded_s = time.monotonic() - began_s
    spent = {role: program.cpu_s(role) - cpu[role] for role in ROLES}
    for sender in senders:
        sender.join()
    accepted, refused = (sum(column) for column in zip(*done, strict=True))
    return Run(accepted, refused, sent_s, folded_s, spent)


def counted_events(program: Program) -> int:
    """By the store, without the registrations."""
    feeds = program.get("/api/feeds")["feeds"]
    counted: int = next(feed for feed in feeds if feed["name"] == "bench")["accepted"]
    return counted - 2 * N_CAMERAS


@dataclass(frozen=True)
class Baseline:
    """XADD alone, entries a second, before and after the run, and what measured it."""

    before: float
    after: float
    tool: str


def print_report(run: Run, xadd: Baseline, counted: int, event_bytes: float) -> None:
    per_s, baseline = run.accepted / run.folded_s, (xadd.before + xadd.after) / 2
    share = per_s / baseline
    report(
        "ingest",
        {
            "events_per_s": round(per_s),
            "share_of_xadd": share,
            "events": run.accepted,
            "refused": run.refused,
            "counted_by_the_store": counted,
            "event_bytes": round(event_bytes),
            "sent_s": run.sent_s,
            "folded_s": run.folded_s,
            "xadd_per_s": round(baseline),
            "xadd_before": round(xadd.before),
            "xadd_after": round(xadd.after),
            "xadd_tool": xadd.tool,
            "cpu_us_per_event": {
                role: round(1e6 * spent / run.accepted, 2) for role, spent in run.cpu_s.items()
            },
        },
        {
            "per_s": per_s >= MUST_PER_S,
            "share": share >= MUST_SHARE,
            "none refused": run.refused == 0,
        },
        {"per_s": per_s >= AIM_PER_S, "share": share >= AIM_SHARE},
    )


def chosen_options() -> argparse.Namespace:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--connections", type=int, default=8)
    options.add_argument("--senders", type=int, default=1)
    return options.parse_args()


def main() -> None:
    chosen = chosen_options()
    points = points_inside(region(), N_CAMERAS)
    templates = list(batches(points))
    event_bytes = sum(map(len, templates)) / len(templates) / BATCH
    with running(ONEMAP_FEED_RATE_PER_S="10000000", ONEMAP_STORE_MAX_BYTES=str(8 << 30)) as program:
        token = program.add_feed("bench")
        register_cameras(program, token, points)
        socket, port = str(program.store_socket), program.gateway_port
        plans = [
            Plan(port, token, templates, n * 10_000_000, chosen.connections, chosen.seconds)
            for n in range(chosen.senders)
        ]
        before, tool = xadd_per_s(socket)
        run = send_and_fold(program, token, plans)
        after, _ = xadd_per_s(socket)
        counted = counted_events(program)
    print_report(run, Baseline(before, after, tool), counted, event_bytes)


if __name__ == "__main__":
    main()
