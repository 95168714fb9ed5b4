"""Screens that do not keep up: they delay nobody, and are told the newest or let go."""

import asyncio
import json
import socket as sockets

import psutil

from dashboard import live, live_client
from tests.stage import DISTRICT, PATIENCE_S, camera, until


async def test_a_screen_that_stops_reading_delays_nobody_and_is_let_go(stage, grids, monkeypatch):
    monkeypatch.setattr(live_client, "SEND_LIMIT_S", 0.2)
    monkeypatch.setattr(live, "WATCH_S", 0.1)
    await stage.post(*(camera(number, grids[0]) for number in range(3_000)))
    await stage.tick()
    reader, writer = await deaf_socket(stage)
    for _ in range(live_client.QUEUED_FRAMES):  # each is a long snapshot that nobody takes
        writer.write(text_frame(f'{{"subscribe": "area/{grids[0]}"}}'.encode()))
    await writer.drain()
    async with stage.screen() as screen:
        sequence = (await screen.snapshot(DISTRICT))["sequence"]
        for number in range(1, 21):
            await stage.tick()
            assert (await screen.next())["sequence"] == sequence + number
        await until(lambda: stage.hub.n_clients == 1)
        await until(lambda: not is_open(stage.url, writer))  # and nothing is kept for it
        await stage.tick()
        assert (await screen.next())["sequence"] == sequence + 21
    writer.close()
    del reader


async def test_a_screen_too_slow_for_its_queue_gets_a_snapshot_and_goes_on(stage, grids):
    await stage.post(*(camera(number, grids[0]) for number in range(3_000)))
    await stage.tick()
    reader, writer = await deaf_socket(stage)
    asked = 4 * live_client.QUEUED_FRAMES
    for _ in range(asked):
        writer.write(text_frame(f'{{"subscribe": "area/{grids[0]}"}}'.encode()))
    await writer.drain()
    async with stage.screen() as screen:
        await screen.snapshot(DISTRICT)  # whoever asks later is answered meanwhile
    frames = []
    async with asyncio.timeout(2 * PATIENCE_S):
        while not frames or "delta" not in frames[-1]:
            reading = asyncio.create_task(read_frame(reader))
            while not (await asyncio.wait({reading}, timeout=0.2))[0]:
                await stage.tick()
            frames.append(reading.result())
    assert len(frames) < asked
    assert "snapshot" in frames[-2]
    assert frames[-1]["sequence"] == frames[-2]["sequence"] + 1
    writer.close()


async def test_a_screen_that_leaves_is_forgotten(stage):
    async with stage.screen() as screen:
        await screen.snapshot(DISTRICT)
        assert stage.hub.n_clients == 1
    await until(lambda: stage.hub.n_clients == 0)


def is_open(url, writer):
    """Whether the server's end of a connection of this process is still there."""
    ends = (int(url.rpartition(":")[2]), writer.get_extra_info("sockname")[1])
    found = psutil.Process().net_connections()
    return any(c.raddr and (c.laddr.port, c.raddr.port) == ends for c in found)


async def deaf_socket(stage):
    """A WebSocket opened by hand, with little room for what it does not read."""
    host, _, port = stage.url.removeprefix("http://").partition(":")
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=raw, limit=1_024)
    writer.write(
        f"GET /live HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nAuthorization: Bearer {stage.program}\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def read_frame(reader):
    """The JSON of one unmasked text frame."""
    _, length = await reader.readexactly(2)
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
    return json.loads(await reader.readexactly(length))


def text_frame(body):
    """One masked text frame under a mask of zeros."""
    assert len(body) < 126
    return bytes([0x81, 0x80 | len(body)]) + bytes(4) + body
