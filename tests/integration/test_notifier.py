"""The notifier as a process: killed amid its work it loses nothing, and only one works."""

import asyncio
import itertools
import os
import random
import signal
import subprocess
import sys

import httpx
import psutil
import pytest

from dashboard.clock import SystemClock
from dashboard.store import keys
from dashboard.store.outlets import OutletStore
from tests.program import PROJECT, Program, environ_for
from tests.program import until as until_now
from tests.receivers import add_outlet, news, outlet, receiver, tell, until

N_NEWS = 200


@pytest.fixture
def clock():
    return SystemClock()


@pytest.fixture
def notifier(valkey_url, settings):
    """Starts `app.py notifier` on the tests' store, with the secret of `settings`."""
    started = []
    environ = environ_for(settings.data) | {"REDIS_URL": valkey_url}

    def start():
        log = settings.data / f"notifier{len(started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "app.py", "notifier"],
                cwd=PROJECT,
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process.log = log
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


async def seated(redis, process):
    held = await redis.get(keys.NOTIFIER_SEAT)
    return held is not None and f"/{process.pid}/".encode() in held


async def test_killed_amid_retries_it_loses_nothing_and_doubles_keep_their_id(
    redis, settings, clock, notifier
):
    chance = random.Random(5)
    async with receiver() as hook:
        made = await add_outlet(redis, settings, clock, outlet(clock, hook.url))
        hook.answers = [chance.choice([200, 200, 200, 200, 500]) for _ in range(600)]
        numbers = itertools.count(1)
        for _ in range(4):
            process = notifier()
            await until(lambda p=process: seated(redis, p), within_s=30)
            before = len(hook.calls)
            for _ in range(N_NEWS // 4):
                n = next(numbers)
                await tell(redis, news(n, clock, alert=f"gone:{n % 7}"))
            await until(lambda b=before: len(hook.calls) >= b + 12)
            process.kill()
            process.wait()
        hook.answers = []
        process = notifier()
        wanted = set(range(1, N_NEWS + 1))
        await until(lambda: {n for n, _ in hook.told} == wanted, within_s=60)
        await until(lambda: is_empty(redis))
        health = (await OutletStore(redis).health())["hook"]
        text = process.log.read_text(encoding="utf-8")
    assert (health.lost, health.missed, health.waiting) == (0, 0, 0)
    assert len(set(hook.told)) == N_NEWS  # one id each, however often it came
    doubles = len(hook.told) - N_NEWS
    assert doubles <= 4  # at most what was under way at each kill
    for alert in range(7):
        first = list(dict.fromkeys(n for n, _ in hook.told if n % 7 == alert))
        assert first == sorted(first)
    assert made.secret(settings.secret) not in text
    assert "very-secret-key" not in text


async def is_empty(redis):
    return await redis.hlen(keys.outlet_queue("hook")) == 0


async def test_a_second_one_stands_by_and_takes_over(redis, settings, clock, notifier):
    async with receiver() as hook:
        await add_outlet(redis, settings, clock, outlet(clock, hook.url))
        first = notifier()
        await until(lambda: seated(redis, first), within_s=30)
        second = notifier()
        await until(lambda: "stands by" in second.log.read_text(encoding="utf-8"), within_s=30)
        await tell(redis, news(1, clock))
        await until(lambda: hook.told)
        await until(lambda: is_empty(redis))
        first.kill()
        first.wait()
        await until(lambda: seated(redis, second))
        await tell(redis, news(2, clock))
        await until(lambda: len(hook.told) == 2)
    assert [n for n, _ in hook.told] == [1, 2]


async def test_one_that_was_paused_meanwhile_writes_nothing(redis, settings, clock, notifier):
    """Its seat expired and went to another while it was stopped."""
    async with receiver() as hook:
        await add_outlet(redis, settings, clock, outlet(clock, hook.url))
        first = notifier()
        await until(lambda: seated(redis, first), within_s=30)
        os.kill(first.pid, signal.SIGSTOP)
        await redis.delete(keys.NOTIFIER_SEAT)  # as when it expires
        second = notifier()
        await until(lambda: seated(redis, second), within_s=30)
        os.kill(first.pid, signal.SIGCONT)
        await until(lambda: "lost its seat" in first.log.read_text(encoding="utf-8"))
        assert await seated(redis, second)
        await tell(redis, *(news(n, clock) for n in range(1, 11)))
        await until(lambda: len(hook.told) == 10)
        await asyncio.sleep(1)
    assert sorted(n for n, _ in hook.told) == list(range(1, 11))


async def test_sigterm_ends_it_and_frees_its_seat(redis, notifier):
    process = notifier()
    await until(lambda: seated(redis, process), within_s=30)
    process.terminate()
    assert process.wait(10) == 0
    assert await redis.get(keys.NOTIFIER_SEAT) is None


def test_the_program_starts_it_and_starts_it_again(tmp_path):
    program = Program(tmp_path / "data", ONEMAP_DEMO="off")
    try:
        until_now(program.is_ready, within_s=60)
        first = until_now(lambda: program.children().get("notifier"))
        first.kill()
        again = until_now(lambda: another(program, first))
        assert psutil.pid_exists(again.pid)
        added = program.tool("outlet", "add", "hook", "webhook", "http://127.0.0.1:9/x?key=hidden")
        assert "signing secret: oms_" in added.stdout, added.stderr
        rows = until_now(lambda: looked_after(program))
        assert (rows[0]["name"], rows[0]["state"]) == ("hook", "ok")
        refused = program.tool("outlet", "add", "bad", "webhook", "file:///etc/passwd")
        assert refused.returncode == 1
        assert "TARGET: the scheme 'file' is not used" in refused.stderr
        failed = program.tool("outlet", "test", "hook")
        assert "did not arrive: no connection: refused" in failed.stderr
        assert "hidden" not in program.output.read_text(encoding="utf-8") + failed.stderr
        answer = httpx.get(f"{program.url}/api/outlets", trust_env=False)
        assert answer.status_code == 401
    finally:
        program.stop()


def another(program, first):
    found = program.children().get("notifier")
    return found if found is not None and found.pid != first.pid else None


def looked_after(program):
    rows = program.read("/api/outlets")["outlets"]
    return rows if rows and rows[0]["setting"] is not None else None
