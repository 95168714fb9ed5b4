"""The audit trail: acts a second with their entries, and reading all of it through."""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from harness import report
from redis.asyncio import Redis

from dashboard import audit_tool
from dashboard.clock import SystemClock
from dashboard.config import Settings
from dashboard.store import keys
from dashboard.store.acts import Act, Check
from dashboard.store.audit import AuditLog
from dashboard.store.client import connect
from dashboard.store.embedded import temporary_store

CALLERS = 256
HELD = "{onemap:0}:bench"  # hash, caller -> what its last act wrote; the key of what acts change
PLAIN = "{onemap:0}:bench_plain"  # stream, for the baseline
ROUNDS = 2  # of the two kinds in turn
MUST_PER_S, AIM_PER_S = 2_000, 10_000
MUST_VERIFY_S, AIM_VERIFY_S = 30.0, 5.0
ENTRIES_READ = 1_000_000  # what the limits for reading are about

encode = msgspec.json.Encoder().encode
Once = Callable[[int, bytes | None], Awaitable[bytes]]  # caller, what it wrote last -> now


def act_of(caller: int, held: bytes | None) -> Act:
    """What closing an incident notes: who, where, the field before and after."""
    number = 0 if held is None else msgspec.json.decode(held)["version"]
    after = {"status": "dispatched", "department": "官渡区水务局", "version": number + 1}
    return Act(
        actor=f"li.na{caller}",
        role="dispatcher",
        address="10.20.30.40",
        action="incident.dispatch",
        subject=f"incident/GD-20260715-{caller:04d}",
        area="530111008011",
        version=number,
        before={"status": "filed"},
        after=after,
        checks=(Check(key=HELD, field=str(caller), expected=held),),
        writes=(("HSET", HELD, str(caller), encode(after)),),
    )


def written_by(act: Act) -> bytes:
    written = act.writes[0][3]
    assert isinstance(written, bytes)
    return written


async def per_s(once: Once, redis: Redis, n: int) -> float:
    """`n` acts by callers that each wait for one before they ask for the next."""
    left = iter(range(n))
    held = await redis.hgetall(HELD)

    async def call(caller: int) -> None:
        mine = held.get(b"%d" % caller)
        for _ in left:
            mine = await once(caller, mine)

    began_s = time.monotonic()
    await asyncio.gather(*(call(caller) for caller in range(CALLERS)))
    return n / (time.monotonic() - began_s)


def chained(audit: AuditLog) -> Once:
    async def once(caller: int, held: bytes | None) -> bytes:
        act = act_of(caller, held)
        await audit.commit(act)
        return written_by(act)

    return once


def unchained(redis: Redis) -> Once:
    """The same writes with no check, number, hash or seal: a transaction an act."""

    async def once(caller: int, held: bytes | None) -> bytes:
        act = act_of(caller, held)
        entry = {name: getattr(act, name) for name in ("actor", "role", "address", "action")}
        more = {name: getattr(act, name) for name in ("subject", "area", "before", "after")}
        async with redis.pipeline(transaction=True) as pipe:
            pipe.hset(HELD, str(caller), written_by(act))
            pipe.xadd(PLAIN, {"e": encode({"n": 0, **entry, **more})})
            await pipe.execute()
        return written_by(act)

    return once


async def measure(url: str, settings: Settings, chosen: argparse.Namespace) -> dict[str, Any]:
    redis, clock = connect(url), SystemClock()
    audit = AuditLog(redis, settings.secret, clock)
    rates: dict[str, list[float]] = {"with the chain": [], "without": []}
    for _ in range(ROUNDS):
        rates["without"].append(await per_s(unchained(redis), redis, chosen.acts))
        rates["with the chain"].append(await per_s(chained(audit), redis, chosen.acts))
    await redis.delete(PLAIN)
    entries = (await audit.head()).n
    if entries < chosen.entries:
        await per_s(chained(audit), redis, chosen.entries - entries)
    head = await audit.head()
    in_store = await redis.memory_usage(keys.AUDIT, samples=0)
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    await audit_tool.verify(settings, redis, clock, Namespace(noted=f"{head.n}:{head.hash.hex()}"))
    verify_s, cpu_s = time.monotonic() - began_s, time.process_time() - began_cpu_s
    await redis.aclose()
    mean = {name: sum(found) / ROUNDS for name, found in rates.items()}
    return {
        "acts_per_s": round(mean["with the chain"]),
        "without_chain_per_s": round(mean["without"]),
        "ratio": mean["with the chain"] / mean["without"],
        "each": {name: [round(one) for one in found] for name, found in rates.items()},
        "entries": head.n,
        "verify_s": verify_s,
        "verify_cpu_s": cpu_s,
        "verified_per_s": round(head.n / verify_s),
        "bytes_per_entry": round(int(in_store or 0) / head.n),
    }


def chosen_options() -> argparse.Namespace:
    options = argparse.ArgumentParser()
    options.add_argument("--acts", type=int, default=50_000, help="in each round")
    options.add_argument("--entries", type=int, default=ENTRIES_READ, help="read through")
    return options.parse_args()


def main() -> None:
    chosen = chosen_options()
    data = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    try:
        settings = Settings.from_env({"ONEMAP_DATA": os.fspath(data)})
        with temporary_store(data) as url:
            found = uvloop.run(measure(url, settings, chosen))
    finally:
        shutil.rmtree(data, ignore_errors=True)
    per_s, share = found["acts_per_s"], found["entries"] / ENTRIES_READ
    report(
        "audit",
        found,
        {"acts": per_s >= MUST_PER_S, "verify": found["verify_s"] <= MUST_VERIFY_S * share},
        {"acts": per_s >= AIM_PER_S, "verify": found["verify_s"] <= AIM_VERIFY_S * share},
    )


if __name__ == "__main__":
    main()
