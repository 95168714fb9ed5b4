"""Passwords are compared at a cost, a few at a time, and at the same cost for nobody."""

import asyncio
import time

import pytest

from dashboard.errors import TooBusy
from dashboard.passwords import AT_ONCE, WAITING_MAX, PasswordCheck, hash_password

PASSWORD = "correct horse battery staple"
HELD = hash_password(PASSWORD)


def test_a_hash_is_salted_argon2id_and_says_what_it_cost():
    again = hash_password(PASSWORD)
    assert again != HELD
    assert again.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in again


@pytest.mark.parametrize(
    ("held", "password", "expected"),
    [
        (HELD, PASSWORD, True),
        (HELD, PASSWORD + " ", False),
        (HELD, PASSWORD.upper(), False),
        (HELD, "", False),
        (None, PASSWORD, False),
        (None, "", False),
        (None, "what no password is compared with", False),
        ("", "what no password is compared with", False),
        ("not a hash", PASSWORD, False),
        (HELD[:-3], PASSWORD, False),
    ],
    ids=range(10),  # a salt in a name would give the test another in each process
)
async def test_only_the_password_fits(held, password, expected):
    assert await PasswordCheck().fits(held, password) is expected


async def test_what_was_hashed_fits():
    check = PasswordCheck()
    assert await check.fits(await check.hash("a second, longer one"), "a second, longer one")


async def test_nobodys_password_takes_as_long():
    """Not by the clock: one against the other, each at its quickest of several."""
    check = PasswordCheck()
    await check.fits(None, "once, so that all is loaded")

    async def quickest_s(held):
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            await check.fits(held, "wrong")
            taken.append(time.perf_counter() - began)
        return min(taken)

    ratio = await quickest_s(None) / await quickest_s(HELD)
    assert 0.4 < ratio < 2.5


async def test_few_are_compared_at_a_time_and_nobody_waits_without_end():
    check = PasswordCheck()
    asked = [asyncio.create_task(check.fits(None, "x")) for _ in range(AT_ONCE + WAITING_MAX + 10)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    turned_away = [task for task in asked if task.done()]
    assert len(turned_away) == 10
    assert all(isinstance(task.exception(), TooBusy) for task in turned_away)
    for task in asked[AT_ONCE:]:
        task.cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[:AT_ONCE] == [False] * AT_ONCE
    assert await check.fits(HELD, PASSWORD)  # whoever gave up left no gap


async def test_the_event_loop_goes_on_meanwhile():
    check, turns = PasswordCheck(), 0
    asked = asyncio.create_task(check.fits(HELD, PASSWORD))
    while not asked.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
