"""How much the intake takes at once."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.limits import FEEDS_REMEMBERED, Buckets, Turnstile

NOW = 1_000_000


def test_bodies_enter_until_the_memory_is_full_and_leave_it_free():
    turnstile = Turnstile(100)
    assert turnstile.enter(60)
    assert not turnstile.enter(41)
    assert turnstile.enter(40)
    turnstile.leave(60)
    assert turnstile.enter(60)
    assert turnstile.bytes_in_work == 100


async def test_who_waits_enters_in_turn_as_soon_as_there_is_room():
    turnstile, entered = Turnstile(100), []

    async def enter(name, n_bytes):
        entered.append((name, await turnstile.wait(n_bytes)))

    async with asyncio.TaskGroup() as group:
        for name, n_bytes in (("a", 60), ("b", 60), ("c", 10), ("d", 500)):
            group.create_task(enter(name, n_bytes))
        await asyncio.sleep(0)
        assert entered == [("a", 60)]
        for n_bytes, names in ((60, "abc"), (60, "abc"), (10, "abcd")):
            turnstile.leave(n_bytes)
            for _ in range(2):
                await asyncio.sleep(0)
            assert "".join(name for name, _ in entered) == names
    assert entered[-1] == ("d", 100)  # more than the bound passes alone
    assert turnstile.bytes_in_work == 100


@pytest.mark.parametrize("has_entered", [False, True])
async def test_who_stops_waiting_leaves_its_room_to_the_next(has_entered):
    turnstile = Turnstile(100)
    assert turnstile.enter(100)
    first, second = (asyncio.create_task(turnstile.wait(80)) for _ in range(2))
    await asyncio.sleep(0)
    if has_entered:
        turnstile.leave(100)
        first.cancel()
    else:
        first.cancel()
        turnstile.leave(100)
    assert await asyncio.wait_for(second, 1) == 80
    assert first.cancelled()
    assert turnstile.bytes_in_work == 80


def test_a_burst_of_twice_the_rate_passes_and_then_has_to_wait():
    buckets = Buckets(100)
    assert buckets.wait_s("a", 200, NOW) == 0
    assert buckets.wait_s("a", 50, NOW) == pytest.approx(0.5)
    assert buckets.wait_s("a", 50, NOW + 499) > 0
    assert buckets.wait_s("a", 50, NOW + 500) == 0


def test_one_feed_does_not_slow_another():
    buckets = Buckets(100)
    assert buckets.wait_s("a", 200, NOW) == 0
    assert buckets.wait_s("b", 200, NOW) == 0


def test_a_batch_above_the_burst_passes_when_the_bucket_is_full():
    buckets = Buckets(100)
    assert buckets.wait_s("a", 5_000, NOW) == 0
    assert buckets.wait_s("a", 5_000, NOW + 1_000) == pytest.approx(1.0)
    assert buckets.wait_s("a", 5_000, NOW + 2_000) == 0


def test_waiting_fills_the_bucket_no_further_than_a_burst():
    buckets = Buckets(100)
    buckets.wait_s("a", 200, NOW)
    assert buckets.wait_s("a", 200, NOW + 3_600_000) == 0
    assert buckets.wait_s("a", 1, NOW + 3_600_000) > 0


def test_a_clock_set_back_takes_nothing_away():
    buckets = Buckets(100)
    buckets.wait_s("a", 100, NOW)
    assert buckets.wait_s("a", 100, NOW - 60_000) == 0


def test_the_memory_of_feeds_is_bounded():
    buckets = Buckets(1)
    for number in range(FEEDS_REMEMBERED + 10):
        buckets.wait_s(str(number), 1, NOW)
    assert len(buckets._buckets) <= FEEDS_REMEMBERED


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2_000)), max_size=30))
def test_no_more_passes_than_the_rate_allows(steps):
    buckets, now_ms, passed = Buckets(100), NOW, 0
    for n_events, pause_ms in steps:
        now_ms += pause_ms
        if buckets.wait_s("a", min(n_events, 200), now_ms) == 0:
            passed += min(n_events, 200)
    assert passed <= 200 + 100 * (now_ms - NOW) / 1000 + 0.001
