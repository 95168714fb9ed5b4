"""How much the intake takes at once."""

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
