"""The code in docs/notifications.md does what it says, with deliveries as they really come."""

import json
import re

import pytest

from dashboard.clock import SystemClock
from dashboard.domain.outlets import WHATS
from tests.program import PROJECT
from tests.receivers import add_outlet, news, notifying, outlet, receiver, tell, until

TEXT = (PROJECT / "docs" / "notifications.md").read_text(encoding="utf-8")


@pytest.fixture
def clock():
    return SystemClock()


@pytest.fixture
def check():
    """The function that the page shows."""
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names = {}
    exec(compile(code, "docs/notifications.md", "exec"), names)
    return names["is_from_one_map"]


async def test_the_shown_check_takes_what_is_ours_and_nothing_else(
    redis, settings, region, clock, check
):
    async with receiver() as hook:
        made = await add_outlet(redis, settings, clock, outlet(clock, hook.url))
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock))
            await until(lambda: hook.calls)
    ((_, headers, body),) = hook.calls
    secret, stamp = made.secret(settings.secret), headers["x-onemap-timestamp"]
    signed = headers["x-onemap-signature"]
    assert check(secret, stamp, signed, body)
    assert not check(secret, stamp, signed, body + b" ")
    assert not check(secret, str(int(stamp) - 1), signed, body)
    assert not check("oms_other", stamp, signed, body)
    assert not check(secret, stamp, signed[:-1] + "x", body)
    assert not check(secret, "now", signed, body)


async def test_an_old_delivery_is_not_taken_again(redis, settings, region, clock, check):
    class Past(SystemClock):
        def now_ms(self):
            return super().now_ms() - 400_000

    async with receiver() as hook:
        made = await add_outlet(redis, settings, clock, outlet(Past(), hook.url))
        async with notifying(settings, region, redis, Past()):
            await tell(redis, news(1, Past()))
            await until(lambda: hook.calls)
    ((_, headers, body),) = hook.calls
    told = headers["x-onemap-timestamp"], headers["x-onemap-signature"], body
    assert not check(made.secret(settings.secret), *told)


async def test_the_shown_body_has_the_fields_of_a_real_one(redis, settings, region, clock):
    (shown,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    async with receiver() as hook:
        await add_outlet(redis, settings, clock, outlet(clock, hook.url))
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock))
            await until(lambda: hook.taken)
    shown, real = json.loads(shown), json.loads(hook.taken[0])
    assert shown.keys() == real.keys()
    assert shown["alert"].keys() == real["alert"].keys()
    assert re.fullmatch(r"\w+\.\d+\.\d{13}", shown["id"])


def test_every_kind_of_news_is_named():
    row = next(line for line in TEXT.splitlines() if line.startswith("| `--what"))
    assert set(re.findall(r"[a-z_]+", row)) >= set(WHATS)
