"""The store's client: who is told to stop stops, at whatever moment."""

import asyncio
import os
import signal

import pytest

from dashboard.errors import StoreAway
from dashboard.store.client import connect, reported

STEPS = 60  # of the event loop: some commands long


async def test_a_cancellation_is_never_forgotten(redis):
    """Cancelled after each number of steps, so also just as a command has been sent."""

    async def ask_for_ever():
        while True:
            await redis.ping()

    await redis.ping()
    for n in range(STEPS):
        for _ in range(5):
            asking = asyncio.create_task(ask_for_ever())
            for _ in range(n):
                await asyncio.sleep(0)
            asking.cancel()
            done, _ = await asyncio.wait([asking], timeout=5)
            assert done, f"after {n} steps it went on"


async def test_a_store_that_takes_nothing_is_away_in_time(redis, valkey_url):
    client = connect(valkey_url)
    client.connection_pool.connection_kwargs["socket_timeout"] = 0.2
    pid = (await client.info("server"))["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreAway, match="took nothing"), reported():
            await client.set("big", bytes(64 * 2**20))  # more than the socket holds
    finally:
        os.kill(pid, signal.SIGCONT)
    assert await client.ping()
    await client.aclose()
    await asyncio.sleep(0.5)  # what the broken connection still held goes out before it closes


async def test_a_store_that_goes_away_amid_a_transaction_is_away(redis, valkey_url):
    """The library calls it a conflict."""
    client = connect(valkey_url)
    async with client.pipeline(transaction=True) as pipe:
        await pipe.watch("watched")
        watching = await pipe.client_id()
        await redis.client_kill_filter(_id=str(watching))
        with pytest.raises(StoreAway, match="amid a transaction"), reported():
            await pipe.get("watched")
    await client.aclose()
