"""Ending what an outlet does, also where a cancellation is swallowed."""

import asyncio

from dashboard.outlet_worker import end_all


async def test_what_swallows_a_cancellation_is_ended_all_the_same():
    n_swallowed = 0

    async def stubborn():
        nonlocal n_swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                n_swallowed += 1
                if n_swallowed == 3:
                    raise

    async def fails():
        raise ValueError("seen by nobody else")

    tasks = [asyncio.ensure_future(stubborn()), asyncio.ensure_future(fails())]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end_all(tasks, 0.01)
    assert n_swallowed == 3
    assert all(task.done() for task in tasks)
