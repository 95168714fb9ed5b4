"""Sockets on a real connection: what comes in waits until there is memory set aside for it."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from feeds import sockets
from feeds.limits import Turnstile
from feeds.sockets import sockets_through
from tests.serving import serving
from tests.stage import PATIENCE_S, until

MIB = 1024 * 1024
READ_BYTES = MIB // 4  # what one read of a socket brings at most
N_SOCKETS = 8


class Hall:
    """An application that answers each message with its length, once it is let through."""

    def __init__(self, turnstile):
        self.turnstile = turnstile
        self.open = asyncio.Event()
        self.open.set()
        self.n_in_work = 0
        self.connections = []
        self.highest = 0
        self.url = None
        self.protocol = type("Watched", (sockets_through(turnstile),), {"data_received": self.note})

    @property
    def note(self):
        def data_received(connection, data):
            super(self.protocol, connection).data_received(data)
            if connection not in self.connections:
                self.connections.append(connection)
            self.highest = max(self.highest, self.unread)

        return data_received

    @property
    def unread(self):
        """Bytes that came and that the application was not yet given."""
        return sum(map(bytes_of, self.connections))

    async def __call__(self, scope, receive, send):
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            body = message.get("bytes") or message["text"].encode()
            self.n_in_work += 1
            await self.open.wait()
            self.n_in_work -= 1
            await send({"type": "websocket.send", "text": str(len(body))})

    def socket(self):
        return connect(self.url.replace("http", "ws"), proxy=None, max_size=None)


def bytes_of(connection):
    waiting = [message.get("bytes") or message.get("text") or b"" for message in queued(connection)]
    return len(connection.conn.reader.buffer) + sum(map(len, [*connection.frames, *waiting]))


def queued(connection):
    return list(connection.queue._queue)


@pytest.fixture
async def hall():
    """Room for two of the longest messages."""
    hall = Hall(Turnstile(8 * MIB))
    async with serving(hall, ws=hall.protocol, ws_max_size=4 * MIB) as hall.url:
        yield hall
        await until(lambda: hall.turnstile.bytes_in_work == 0)


async def stall(socket):
    """Send the most of a long message, and no more; a fragment, so that the rest could follow."""

    async def parts():
        yield b"x" * (4 * MIB - 1)
        await asyncio.Event().wait()

    with suppress(ConnectionClosed):
        await socket.send(parts())


@pytest.fixture
async def stalled(hall):
    """Sockets that have begun a long message and do not end it."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(hall.socket()) for _ in range(N_SOCKETS)]
        tasks = [asyncio.create_task(stall(socket)) for socket in opened]
        yield opened
        for task, socket in zip(tasks, opened, strict=True):
            task.cancel()
            socket.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_messages_that_are_not_all_there_hold_no_more_than_is_set_aside(hall, stalled):
    await until(lambda: hall.unread > 7 * MIB)
    await asyncio.sleep(0.3)
    assert hall.highest <= 8 * MIB + N_SOCKETS * READ_BYTES
    assert hall.turnstile.bytes_in_work == 8 * MIB


async def test_who_stalls_is_let_go_and_the_next_gets_the_room(hall, stalled, monkeypatch):
    monkeypatch.setattr(sockets, "MESSAGE_WAIT_S", 0.3)
    async with asyncio.timeout(PATIENCE_S), hall.socket() as socket:
        await socket.send("x" * (3 * MIB))
        assert await socket.recv() == str(3 * MIB)
        for late in stalled:
            await late.wait_closed()
            assert (late.close_code, late.close_reason) == (
                1008,
                "the message was not there within 0 s",
            )


async def test_a_message_waits_unread_while_the_one_before_is_in_work(hall):
    hall.open.clear()
    async with hall.socket() as socket:
        sending = asyncio.create_task(send_all(socket, [3 * MIB, 2 * MIB, 10]))
        await until(lambda: hall.n_in_work == 1)
        await asyncio.sleep(0.2)
        assert hall.turnstile.bytes_in_work == 3 * MIB
        assert hall.unread <= READ_BYTES
        hall.open.set()
        assert [await socket.recv() for _ in range(3)] == [str(3 * MIB), str(2 * MIB), "10"]
        await sending


async def send_all(socket, sizes):
    for size in sizes:
        await socket.send("x" * size)


async def test_more_than_there_is_room_for_waits_and_all_is_answered(hall):
    sizes = [3 * MIB, 100, 2 * MIB]

    async def one():
        async with hall.socket() as socket, asyncio.timeout(PATIENCE_S):
            sending = asyncio.create_task(send_all(socket, sizes))
            answers = [int(await socket.recv()) for _ in sizes]
            await sending
            return answers

    answers = await asyncio.gather(*(one() for _ in range(N_SOCKETS)))
    assert answers == [sizes] * N_SOCKETS
    assert hall.highest <= 8 * MIB + N_SOCKETS * READ_BYTES


async def test_small_messages_that_came_together_are_answered_one_by_one(hall):
    async with hall.socket() as socket:
        await send_all(socket, range(1, 200))
        assert [int(await socket.recv()) for _ in range(1, 200)] == list(range(1, 200))


@pytest.mark.parametrize("part", ["云", b"\x00"])
async def test_a_message_in_many_fragments_takes_no_more_than_its_bytes(hall, part):
    hall.open.clear()
    async with hall.socket() as socket:
        sending = asyncio.create_task(socket.send([part] * 2_000))
        await until(lambda: hall.n_in_work or any(c.frames for c in hall.connections))
        assert all(len(connection.frames) <= 1 for connection in hall.connections)
        hall.open.set()
        await sending
        assert int(await socket.recv()) == 2_000 * len(part.encode() if part == "云" else part)


async def test_who_leaves_in_the_middle_gives_its_room_back(hall):
    hall.open.clear()
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(hall.socket()) for _ in range(N_SOCKETS)]
        tasks = [asyncio.create_task(send_all(opened[0], [3 * MIB, 3 * MIB]))]
        tasks += [asyncio.create_task(stall(socket)) for socket in opened[1:]]
        await until(lambda: hall.n_in_work == 1 and hall.turnstile.bytes_in_work == 7 * MIB)
        for socket in opened:
            socket.transport.abort()
        hall.open.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await until(lambda: hall.turnstile.bytes_in_work == 0)
