"""Guessing is slowed, by name and by address, whatever a guesser tries."""

import asyncio

import pytest

from dashboard.store.attempts import FREE, LONGEST_WAIT_MS, Attempts
from dashboard.store.client import connect

HERE, THERE = "203.0.113.5", "203.0.113.6"


@pytest.fixture
def attempts(redis, clock):
    return Attempts(redis, clock)


async def guess(attempts, name, address, n):
    return [await attempts.take(name, address) for _ in range(n)]


async def test_five_are_free_and_the_sixth_waits_a_minute(attempts):
    taken = await guess(attempts, "li.na", HERE, 6)
    assert taken == [(4, 0), (3, 0), (2, 0), (1, 0), (0, 0), (0, 60)]


async def test_a_name_is_slowed_from_wherever_it_is_tried(attempts):
    for n in range(FREE):
        assert (await attempts.take("li.na", f"203.0.113.{n}"))[1] == 0
    assert (await attempts.take("li.na", "198.51.100.1"))[1] == 60
    assert (await attempts.take("LI.NA", "198.51.100.2"))[1] == 60
    assert (await attempts.take("wang.wei", "198.51.100.1"))[1] == 0


async def test_an_address_is_slowed_whichever_name_it_tries(attempts):
    for n in range(FREE):
        assert (await attempts.take(f"name{n}", HERE))[1] == 0
    assert (await attempts.take("li.na", HERE))[1] == 60
    assert (await attempts.take("li.na", THERE))[1] == 0


async def test_waits_double_up_to_ten_minutes(attempts, clock):
    await guess(attempts, "li.na", HERE, FREE)
    waits = []
    for _ in range(7):
        _, wait_s = await attempts.take("li.na", HERE)
        waits.append(wait_s)
        clock.move(wait_s)
        assert (await attempts.take("li.na", HERE)) == (0, 0)  # one more is let through
    assert waits == [60, 120, 240, 480, 600, 600, 600]
    assert waits[-1] * 1000 == LONGEST_WAIT_MS


async def test_the_wait_is_told_to_the_second_and_asking_does_not_lengthen_it(attempts, clock):
    await guess(attempts, "li.na", HERE, FREE)
    clock.move(15)
    assert [wait for _, wait in await guess(attempts, "li.na", HERE, 20)] == [45] * 20
    clock.move(44.999)
    assert (await attempts.take("li.na", HERE))[1] == pytest.approx(0.001)
    clock.move(0.001)
    assert (await attempts.take("li.na", HERE))[1] == 0


async def test_guesses_at_once_are_no_way_around(attempts, valkey_url, clock):
    elsewhere = connect(valkey_url)  # as another process
    many = [Attempts(elsewhere, clock) if n % 2 else attempts for n in range(100)]
    taken = await asyncio.gather(
        *(one.take("li.na", f"203.0.113.{n}") for n, one in enumerate(many))
    )
    assert sum(wait_s == 0 for _, wait_s in taken) == FREE
    await elsewhere.aclose()


async def test_a_right_password_forgives_the_name(attempts):
    await guess(attempts, "li.na", HERE, 4)
    await attempts.take("li.na", HERE)
    await attempts.forgive("li.na", HERE)
    assert (await attempts.take("li.na", THERE)) == (4, 0)


async def test_a_right_password_on_the_last_attempt_does_not_wait(attempts):
    await guess(attempts, "li.na", HERE, FREE)
    await attempts.forgive("li.na", HERE)
    assert (await attempts.take("li.na", HERE))[1] == 0


async def test_who_owns_an_account_cannot_guess_at_others_for_ever(attempts):
    n_guesses = 0
    for _ in range(50):
        _, wait_s = await attempts.take("own", HERE)
        if wait_s:
            break
        await attempts.forgive("own", HERE)
        _, wait_s = await attempts.take(f"other{n_guesses}", HERE)
        n_guesses += wait_s == 0
    assert n_guesses <= FREE


async def test_many_right_passwords_from_one_address_are_not_slowed(attempts):
    """An office behind one address."""
    for n in range(50):
        left, wait_s = await attempts.take(f"officer{n}", HERE)
        assert (left, wait_s) == (FREE - 1, 0)
        await attempts.forgive(f"officer{n}", HERE)


async def test_nothing_that_was_typed_is_kept_and_what_is_kept_expires(attempts, redis):
    await attempts.take("my password in the wrong field", HERE)
    keys = await redis.keys("*")
    assert len(keys) == 2
    for key in keys:
        kept = key + b"".join(b"".join(pair) for pair in (await redis.hgetall(key)).items())
        assert b"password" not in kept
        assert HERE.encode() not in kept
        assert 0 < await redis.pttl(key) <= 900_000


async def test_a_wait_outlives_its_expiry(attempts, redis, clock):
    for _ in range(12):
        _, wait_s = await attempts.take("li.na", HERE)
        clock.move(wait_s)
    waiting = min([await redis.pttl(key) for key in await redis.keys("*")])
    assert waiting > LONGEST_WAIT_MS
