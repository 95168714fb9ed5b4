"""Two boards on one store: only one may write, and the other takes over when it ends."""

import asyncio
import signal
import subprocess
import sys

import pytest
from redis import Redis

from dashboard.board import BoardProcess
from dashboard.domain.board import Board
from dashboard.doors import create_doors
from dashboard.errors import SeatLost, StateUnreadable
from dashboard.live import Hub
from dashboard.store import keys
from dashboard.store.seat import HELD_MS, Seat
from dashboard.store.state import FORMAT, StateStore
from tests.program import PROJECT, environ_for, until

ELSEWHERE = "another-machine/1/00000000"


@pytest.fixture
def new_board(settings, region, classes, redis, clock):
    def new_board():
        return BoardProcess(settings, Board(region, classes), redis, clock)

    return new_board


@pytest.fixture
def empty_store(valkey_url):
    """For tests that look on from outside of any event loop."""
    with Redis.from_url(valkey_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def start_role(tmp_path, valkey_url):
    """Starts `app.py board` on the store of this test."""
    started = []

    def start(name):
        output = tmp_path / f"{name}.out"
        with output.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "app.py", "board"],
                cwd=PROJECT,
                env=environ_for(tmp_path / name) | {"REDIS_URL": valkey_url},
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        process.output = output
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


async def ticks(redis):
    return [int(name.partition(b"-")[0]) for name, _ in await redis.xrange(keys.DELTAS)]


async def test_the_board_that_started_last_writes_and_the_one_before_cannot(
    new_board, redis, clock
):
    first, second = new_board(), new_board()
    await first.start()
    await first.tick(1)
    await second.start()
    clock.move(1)
    with pytest.raises(SeatLost):
        await first.tick(1)
    await second.tick(1)
    assert await ticks(redis) == [1, 2]
    assert int(await redis.hget(keys.CHECKPOINT, "tick")) == 2


async def test_a_board_whose_seat_expired_writes_nothing_until_it_starts_anew(
    new_board, redis, clock
):
    board = new_board()
    await board.start()
    await board.tick(1)
    await redis.delete(keys.SEAT)
    clock.move(1)
    with pytest.raises(SeatLost):
        await board.tick(1)
    board = new_board()
    await board.start()
    await board.tick(1)
    assert await ticks(redis) == [1, 2]


async def test_a_seat_is_renewed_by_every_tick_and_expires_without(new_board, redis, clock):
    board = new_board()
    await board.start()
    await redis.pexpire(keys.SEAT, 1_000)
    clock.move(1)
    await board.tick(1)
    assert HELD_MS - 1_000 < await redis.pttl(keys.SEAT) <= HELD_MS


async def test_who_holds_a_seat_on_another_machine_is_believed_to_live(redis):
    await redis.set(keys.SEAT, ELSEWHERE)
    assert await Seat(redis).other() == ELSEWHERE


async def test_a_seat_is_left_only_by_its_holder(redis):
    first, second = Seat(redis), Seat(redis)
    await first.take()
    await second.take()
    await first.leave()
    assert (await redis.get(keys.SEAT)).decode() == second.holder
    await second.leave()
    assert await redis.get(keys.SEAT) is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_second_board_stands_by_and_takes_over(start_role, empty_store, number):
    def sits(process):
        return b"/%d/" % process.pid in (empty_store.get(keys.SEAT) or b"")

    first = start_role("first")
    until(lambda: sits(first) and empty_store.exists(keys.DELTAS))
    second = start_role("second")
    until(lambda: "stands by" in second.output.read_text())
    assert f"/{first.pid}/" in second.output.read_text()
    first.send_signal(number)
    first.wait()
    n_ticks = empty_store.xlen(keys.DELTAS)
    until(lambda: sits(second) and empty_store.xlen(keys.DELTAS) > n_ticks)
    found = [int(name.partition(b"-")[0]) for name, _ in empty_store.xrange(keys.DELTAS)]
    assert found == list(range(1, len(found) + 1))
    assert second.poll() is None


# ---- state of another version ------------------------------------------------------------------


@pytest.fixture
async def foreign(new_board, redis):
    """A store that a board of another version left."""
    board = new_board()
    await board.start()
    await board.tick(1)
    await board.seat.leave()
    await redis.hset(keys.CHECKPOINT, "format", FORMAT + 1)


@pytest.mark.usefixtures("foreign")
async def test_a_checkpoint_of_another_version_is_refused_in_a_sentence(new_board, redis):
    expected = f"format {FORMAT + 1}, expected {FORMAT}"
    with pytest.raises(StateUnreadable, match=expected):
        await new_board().start()
    with pytest.raises(StateUnreadable, match=expected):
        await StateStore(redis).whole_picture(0)


@pytest.mark.parametrize("key", [keys.PICTURE, keys.DELTAS])
async def test_what_is_damaged_is_told_and_not_guessed(new_board, redis, key):
    board = new_board()
    await board.start()
    await board.tick(1)
    await redis.delete(key)
    if key == keys.PICTURE:
        await redis.set(key, b"\x00not a picture")
        with pytest.raises(StateUnreadable):
            await StateStore(redis).whole_picture(0)
    else:
        await redis.xadd(key, {"d": b"\xc1"}, id="9-0")
        with pytest.raises(StateUnreadable):
            await StateStore(redis).deltas_after(1, 1)


@pytest.mark.usefixtures("foreign")
async def test_the_program_says_so_in_one_line_and_without_a_traceback(start_role):
    process = start_role("later")
    assert await asyncio.to_thread(process.wait, 30) == 1
    said = process.output.read_text()
    assert "Traceback" not in said
    assert "the board's state in the store cannot be read (format" in said


@pytest.mark.usefixtures("foreign")
async def test_a_hub_waits_for_a_picture_that_it_can_read(
    new_board, settings, region, classes, redis, clock
):
    hub = Hub(
        settings, create_doors(settings, region, redis, clock).directory, classes, redis, clock
    )
    running = asyncio.create_task(hub.run())
    await asyncio.sleep(0.1)
    assert not running.done()
    await redis.delete(keys.CHECKPOINT, keys.PICTURE)
    board = new_board()
    await board.start()
    await board.tick(1)
    async with asyncio.timeout(10):
        while hub.picture.tick != board.tick_number:  # noqa: ASYNC110  # the hub tells nobody
            await asyncio.sleep(0.01)
    running.cancel()
