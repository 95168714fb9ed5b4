"""Acts and their entries in a real store: both or neither, once, in one chain, whatever happens."""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import psutil
import pytest

from dashboard.clock import FixedClock
from dashboard.domain.audit import ChainCheck
from dashboard.errors import AlreadyDone, AuditBroken, Conflict, StoreAway
from dashboard.store import keys
from dashboard.store.acts import Act, Check
from dashboard.store.audit import GROUPED, AuditLog
from dashboard.store.client import connect
from dashboard.store.embedded import temporary_store
from tests.conftest import NOON
from tests.stage import until

PROJECT = Path(__file__).resolve().parents[2]
SECRET = "an installation's secret of its own"
HELD = "held"  # a hash that acts write
COUNT_UP = """
import asyncio, sys
from dashboard.clock import SystemClock
from dashboard.store.audit import AuditLog
from dashboard.store.client import connect
from tests.integration.test_audit_log import SECRET, count_up

async def main(url, name):
    redis = connect(url)
    print("ready", flush=True)
    sys.stdin.readline()
    await count_up(redis, AuditLog(redis, SECRET, SystemClock()), name, 100)
    await redis.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def log(redis, clock):
    return AuditLog(redis, SECRET, clock)


def act(subject="incident/1", **more):
    fields = {"actor": "li.na", "role": "dispatcher", "address": "10.0.0.1"}
    return Act(**fields, action="incident.close", subject=subject, **more)


def setting(name, value, *expected):
    """An act that writes a field, and checks before what it holds when that is given."""
    checks = tuple(Check(key=HELD, field=name, expected=one) for one in expected)
    return act(f"field/{name}", checks=checks, writes=(("HSET", HELD, name, value),))


async def count_up(redis, log, name, times):
    """Adds one to the same field as others do: each look, check and write must be in one step."""
    for _ in range(times):
        while True:
            held = await redis.hget(HELD, "counter")
            try:
                await log.commit(setting("counter", int(held or 0) + 1, held))
            except Conflict:
                continue
            await log.commit(act(f"counted/{name}"))
            break


async def entries_of(log):
    return await log.entries(0, 1_000_000)


async def assert_whole(log):
    """The chain is unbroken to the head; its length."""
    head, check = await log.head(), ChainCheck()
    assert await log.last_n() == head.n
    async for rows in log.rows(head.n):
        check.read(rows)
    check.end(head, SECRET)
    assert check.fault is None
    return head.n


# ---- one log -------------------------------------------------------------------------------


async def test_an_act_and_its_entry_are_written_together(redis, log):
    told = {"before": {"status": "filed"}, "after": {"note": "已处置"}, "detail": "why"}
    more = {"area": "530111", "version": 3, "writes": (("HSET", HELD, "a", "1"),), **told}
    entry = await log.commit(act(**more))
    assert await entries_of(log) == [entry]
    assert (entry.n, entry.at, entry.actor) == (1, "2026-11-22T04:00:00.000Z", "li.na")
    assert (entry.area, entry.version, entry.after) == ("530111", 3, {"note": "已处置"})
    assert await redis.hget(HELD, "a") == b"1"
    assert await assert_whole(log) == 1


async def test_acts_at_the_same_time_land_in_the_order_they_were_asked_for(redis, log):
    n = 2 * GROUPED + 7
    made = await asyncio.gather(*(log.commit(setting(str(i), i)) for i in range(n)))
    assert [entry.n for entry in made] == list(range(1, n + 1))
    assert [entry.subject for entry in await entries_of(log)] == [f"field/{i}" for i in range(n)]
    assert await redis.hlen(HELD) == await assert_whole(log) == n
    evals = (await redis.info("commandstats"))["cmdstat_eval"]["calls"]
    before = evals
    await asyncio.gather(*(log.commit(act(f"x/{i}")) for i in range(GROUPED)))
    evals = (await redis.info("commandstats"))["cmdstat_eval"]["calls"]
    assert evals == before + 1


async def test_a_failing_check_hits_its_own_act_only(redis, log):
    await redis.hset(HELD, "taken", "by another")
    acts = [setting("a", 1, None), setting("taken", 2, None), setting("b", 3, None)]
    answers = await asyncio.gather(*map(log.commit, acts), return_exceptions=True)
    assert isinstance(answers[1], Conflict)
    assert (answers[1].subject, answers[1].key) == ("field/taken", HELD)
    assert await redis.hgetall(HELD) == {b"a": b"1", b"b": b"3", b"taken": b"by another"}
    assert [entry.subject for entry in await entries_of(log)] == ["field/a", "field/b"]
    assert await assert_whole(log) == 2


@pytest.mark.parametrize(
    ("check", "is_good"),
    [
        (Check(key=HELD), False),
        (Check(key="none"), True),
        (Check(key=HELD, field="a"), False),
        (Check(key=HELD, field="b"), True),
        (Check(key=HELD, field="a", expected=b"1"), True),
        (Check(key=HELD, field="a", expected=b"2"), False),
        (Check(key=HELD, field="b", expected=b""), False),
        (Check(key="text", expected=b"whole"), True),
        (Check(key="text", expected=b"part"), False),
        (Check(key="none", expected=b""), False),
    ],
)
async def test_what_a_check_takes(redis, log, check, is_good):
    await redis.hset(HELD, "a", "1")
    await redis.set("text", "whole")
    (answer,) = await asyncio.gather(log.commit(act(checks=(check,))), return_exceptions=True)
    assert isinstance(answer, Conflict) is not is_good
    assert await assert_whole(log) == is_good


async def test_the_second_act_on_a_field_sees_what_the_first_wrote(redis, log):
    acts = [setting("a", 1, None), setting("a", 2, b"1"), setting("a", 9, b"1")]
    answers = await asyncio.gather(*map(log.commit, acts), return_exceptions=True)
    assert [getattr(answer, "n", None) for answer in answers] == [1, 2, None]
    assert isinstance(answers[2], Conflict)
    assert await redis.hget(HELD, "a") == b"2"


@pytest.mark.parametrize(
    "write",
    [("HSET", HELD, "b", "1", "a", "1"), ("HSET", HELD.encode(), b"a", "1"), ("SET", "s", "1")],
)
async def test_every_field_that_an_act_writes_counts(log, write):
    name = "a" if write[0] == "HSET" else None
    second = act(checks=(Check(key=HELD if name else "s", field=name),))
    answers = await asyncio.gather(
        log.commit(act(writes=(write,))), log.commit(second), return_exceptions=True
    )
    assert isinstance(answers[1], Conflict)


async def test_every_field_that_an_act_removes_counts(redis, log):
    await redis.hset(HELD, mapping={"a": "1", "b": "1"})
    first = act(writes=(("HDEL", HELD, "b", "a"),))
    second = act(checks=(Check(key=HELD, field="a", expected=b"1"),))
    answers = await asyncio.gather(*map(log.commit, (first, second)), return_exceptions=True)
    assert isinstance(answers[1], Conflict)


async def test_a_caller_that_leaves_takes_nothing_back(redis, log):
    leaving = asyncio.create_task(log.commit(setting("a", 1)))
    staying = asyncio.create_task(log.commit(setting("b", 2)))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).n == 2
    assert leaving.cancelled()
    assert await redis.hgetall(HELD) == {b"a": b"1", b"b": b"2"}
    assert await assert_whole(log) == 2


async def test_a_caller_that_left_before_its_check_failed_disturbs_nobody(redis, log):
    await redis.hset(HELD, "a", "0")
    leaving = asyncio.create_task(log.commit(setting("a", 1, None)))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await log.commit(setting("b", 2))).n == 1


async def test_the_same_request_is_done_once_and_answered_as_then(redis, log):
    once = (keys.done("r1"), b"\x00answer\xff")
    first = act(once=once, writes=(("HINCRBY", HELD, "a", 1),))
    answers = await asyncio.gather(*(log.commit(first) for _ in range(3)), return_exceptions=True)
    assert answers[0].n == 1
    assert [answer.answer for answer in answers[1:]] == [b"\x00answer\xff"] * 2
    with pytest.raises(AlreadyDone):
        await log.commit(first)
    assert await redis.hget(HELD, "a") == b"1"
    assert 0 < await redis.pttl(once[0]) <= 86_400_000


async def test_what_was_refused_may_be_asked_for_again(redis, log):
    await redis.hset(HELD, "a", "0")
    once = {"once": (keys.done("r1"), b"yes"), "checks": (Check(key=HELD, field="a"),)}
    with pytest.raises(Conflict):
        await log.commit(act(**once))
    await redis.hdel(HELD, "a")
    assert (await log.commit(act(**once))).n == 1


async def test_any_bytes_can_be_checked_and_written(redis, log):
    old, new = bytes(range(256)), bytes(reversed(range(256))) + "官渡".encode()
    await log.commit(setting("a", old, None))
    await log.commit(setting("a", new, old))
    assert await redis.hget(HELD, "a") == new


async def test_time_never_goes_back(redis, clock, log):
    times = [(await log.commit(act())).at]
    clock.move(-3600)
    times.append((await log.commit(act())).at)
    times.append((await AuditLog(redis, SECRET, FixedClock(NOON - 1)).commit(act())).at)
    clock.move(3601)
    times.append((await log.commit(act())).at)
    assert times == ["2026-11-22T04:00:00.000Z"] * 3 + ["2026-11-22T04:00:01.000Z"]


async def test_who_follows_hears_of_every_entry_once(log):
    await log.commit(act("a"))
    assert [entry.subject for entry in await log.follow(0, 1)] == ["a"]
    waiting = asyncio.create_task(log.follow(1, 10_000))
    await asyncio.sleep(0)
    entry = await log.commit(act("b"))
    assert await waiting == [entry]
    assert await log.follow(2, 1) == []


# ---- a store that was tampered with --------------------------------------------------------


@pytest.mark.parametrize("field", [None, "n", "hash"])
async def test_without_its_head_the_trail_takes_nothing(redis, clock, log, field):
    await log.commit(setting("a", 1))
    await (redis.delete(keys.AUDIT_HEAD) if field is None else redis.hdel(keys.AUDIT_HEAD, field))
    for one in (log, AuditLog(redis, SECRET, clock)):  # one that knew the head, one that did not
        with pytest.raises(AuditBroken, match="audit verify"):
            await one.commit(setting("a", 2))
    assert await redis.hget(HELD, "a") == b"1"
    assert await redis.xlen(keys.AUDIT) == 1


@pytest.mark.parametrize(
    "forged",
    [{"hash": bytes(32)}, {"n": 2}, {"seal": bytes(32)}, {"at": "2099-01-01T00:00:00.000Z"}],
)
async def test_a_forged_head_is_never_sealed(redis, clock, log, forged):
    """The next act's seal would make the forgery good."""
    await log.commit(act())
    held = await redis.hgetall(keys.AUDIT_HEAD)
    await redis.hset(keys.AUDIT_HEAD, mapping=forged)
    with pytest.raises(AuditBroken, match="not sealed with this secret"):
        await AuditLog(redis, SECRET, clock).commit(setting("a", 1))
    assert await redis.hget(HELD, "a") is None
    await redis.hset(keys.AUDIT_HEAD, mapping=held)
    assert (await log.commit(setting("a", 1))).n == 2
    assert await assert_whole(log) == 2


async def test_a_key_of_another_type_stops_the_act_before_anything_is_written(redis, log):
    await log.commit(act())
    await redis.set(HELD, "text")
    with pytest.raises(AuditBroken):
        await log.commit(act(writes=(("SET", "s", "1"), ("HSET", HELD, "a", "1"))))
    assert await redis.get("s") is None
    await redis.delete(HELD)
    assert (await log.commit(setting("a", 1))).n == 2  # and what is in order goes on
    assert await assert_whole(log) == 2


async def test_what_cannot_be_written_down_leaves_nobody_waiting(log):
    """A bug of a caller's: it is loud, and those behind it are answered."""
    loop, told = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, context: told.append(context["message"]))
    acts = [act(after={"what": object()}), *(act(str(i)) for i in range(GROUPED + 1))]
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*map(log.commit, acts), return_exceptions=True)
    assert {type(answer) for answer in answers} == {StoreAway}
    assert (await log.commit(act())).n == 1


# ---- several logs, and a store that dies ---------------------------------------------------


async def test_two_clients_lose_and_double_nothing(valkey_url, redis, clock, log):
    other_redis = connect(valkey_url)
    other = AuditLog(other_redis, SECRET, clock)
    n = 300
    acts = [(one, f"{name}/{i}") for i in range(n) for name, one in (("a", log), ("b", other))]
    made = await asyncio.gather(*(one.commit(act(subject)) for one, subject in acts))
    await other_redis.aclose()
    stored = {entry.n: entry.subject for entry in await entries_of(log)}
    assert stored == {e.n: subject for e, (_, subject) in zip(made, acts, strict=True)}
    assert await assert_whole(log) == len(set(stored.values())) == 2 * n


async def test_two_processes_lose_and_double_nothing(valkey_url, redis, log):
    run = [sys.executable, "-c", COUNT_UP, valkey_url]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    both = [await asyncio.create_subprocess_exec(*run, name, cwd=PROJECT, **pipes) for name in "ab"]
    for process in both:
        assert await process.stdout.readline() == b"ready\n"
    for process in both:
        process.stdin.write(b"go\n")
    assert [(await process.communicate(), process.returncode)[1] for process in both] == [0, 0]
    assert await redis.hget(HELD, "counter") == b"200"
    told = Counter(entry.subject for entry in await entries_of(log))
    assert told == {"counted/a": 100, "counted/b": 100, "field/counter": 200}
    assert await assert_whole(log) == 400


async def caller(log, name, made):
    for i in range(1_000_000):
        subject = f"{name}/{i}"
        try:
            entry = await log.commit(setting(subject, 1, None))
        except StoreAway:
            return
        made[subject] = entry.n


def kill_store(data):
    (store,) = [p for p in psutil.Process().children() if data in " ".join(p.cmdline())]
    os.kill(store.pid, signal.SIGKILL)


async def test_what_returned_outlives_a_killed_store_and_is_there_once(tmp_path, clock):
    made = {}
    for round_ in range(3):
        with temporary_store(tmp_path) as url:
            redis = connect(url)
            log = AuditLog(redis, SECRET, clock)
            enough = len(made) + 300
            callers = [asyncio.create_task(caller(log, f"{round_}-{c}", made)) for c in range(20)]
            await until(lambda enough=enough: len(made) >= enough)
            kill_store(str(tmp_path))
            await asyncio.gather(*callers)
            await redis.aclose()
    with temporary_store(tmp_path) as url:
        redis = connect(url)
        log = AuditLog(redis, SECRET, clock)
        stored = {entry.n: entry.subject[6:] for entry in await entries_of(log)}
        assert {subject: stored[n] for subject, n in made.items()} == {s: s for s in made}
        assert len(set(stored.values())) == len(stored)
        assert {name.decode() for name in await redis.hkeys(HELD)} == set(stored.values())
        n = await assert_whole(log)
        assert (await log.commit(act())).n == n + 1
        await redis.aclose()


async def test_a_log_goes_on_when_its_store_is_back(tmp_path, clock):
    with temporary_store(tmp_path) as url:
        redis = connect(url)
        log = AuditLog(redis, SECRET, clock)
        await log.commit(act("first"))
        kill_store(str(tmp_path))
        with pytest.raises(StoreAway):
            await log.commit(act("away"))
    with temporary_store(tmp_path):
        assert (await log.commit(act("back"))).n == 2
        assert [entry.subject for entry in await entries_of(log)] == ["first", "back"]
        assert await assert_whole(log) == 2
        await redis.aclose()
