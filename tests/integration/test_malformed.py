"""10,000 malformed inputs: each is answered with what is wrong, nothing of them is stored."""

import asyncio
import itertools
import json
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect

from dashboard.domain.events import CameraRegistered, StaffCheckedIn
from dashboard.store.streams import EventStream
from tests.program import START_S, Program, until
from tests.spoiled_batches import Spoiler

N_HTTP, N_WS = 8_500, 1_500
AT_ONCE = 6
DISTRICT = "530111"


@pytest.fixture(scope="module")
def program(valkey_url, tmp_path_factory):
    program = Program(
        tmp_path_factory.mktemp("malformed") / "data", ONEMAP_DEMO="off", REDIS_URL=valkey_url
    )
    until(program.is_ready, START_S)
    yield program
    program.stop()
    said = program.output.read_text()
    print(said)
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def token(program):
    return program.tool("feed", "add", "odd").stdout.strip()


class Connection:
    """HTTP/1.1 by hand, so that nothing malformed is mended on the way; one kept-alive socket."""

    def __init__(self, port, token):
        self._port = port
        self._token = token
        self._reader = self._writer = None
        self.n_opened = 0

    async def post(self, body, **headers):
        names = {"Host": f"127.0.0.1:{self._port}", "Authorization": f"Bearer {self._token}"}
        names |= {"Content-Length": str(len(body))} | headers
        head = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in names.items())
        return await self.send(f"POST /feeds/events HTTP/1.1\r\n{head}\r\n".encode() + body)

    async def send(self, request):
        """Status and body of the answer."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            self.n_opened += 1
        self._writer.write(request)
        async with asyncio.timeout(20):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            body = await self._reader.readexactly(length)
        if "connection: close" in head:
            await self.close()
        return int(head.split(" ")[1]), body

    async def close(self):
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        self._writer = None


@asynccontextmanager
async def connected(program, token):
    connection = Connection(program.port + 1, token)
    try:
        yield connection
    finally:
        await connection.close()


class Parts(msgspec.Struct):
    """A batch, its events unread."""

    events: list[msgspec.Raw]


def _parts(body):
    """Any byte may stand in a string here: the structure is ASCII."""
    return msgspec.json.decode(body.decode("latin-1").encode(), type=Parts)


def check_answer(body, status, answer, seen):
    """Every refusal says where and why; every event is accounted for."""
    seen["status", status] += 1
    assert status in (200, 413, 422), (status, answer, body[:300])
    if status != 200:
        assert answer["accepted"] == 0
        assert answer["index"] is None
        assert isinstance(answer["field"], str)
        assert answer["reason"]
        return
    for rejection in answer["rejected"]:
        assert rejection["index"] >= 0
        assert isinstance(rejection["field"], str)
        assert rejection["reason"]
    n_rejected = len(answer["rejected"])
    assert len({rejection["index"] for rejection in answer["rejected"]}) == n_rejected
    if answer["duplicate"]:
        return
    seen["accepted"] += answer["accepted"]
    seen["rejected"] += n_rejected
    told = answer["accepted"] + n_rejected + answer["repeated"] + answer["dropped_private"]
    assert told == len(_parts(body).events), (body, answer)


async def over_http(program, token, inputs, seen):
    async with connected(program, token) as connection:
        for _, body in inputs:
            status, answer = await connection.post(body)
            check_answer(body, status, json.loads(answer), seen)
    assert connection.n_opened == 1


async def over_websocket(program, token, inputs, seen):
    url = f"ws://127.0.0.1:{program.port + 1}/feeds/ws"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(url, proxy=None, additional_headers=headers, max_size=None) as socket:
        for number, (_, body) in enumerate(inputs):
            frame = body
            if number % 2:
                with suppress(UnicodeDecodeError):
                    frame = body.decode()
            await socket.send(frame)
            async with asyncio.timeout(20):
                answer = json.loads(await socket.recv())
            check_answer(body, answer["status"], answer, seen)


async def stored_events(url):
    """Everything in the store's stream of events."""
    redis = Redis.from_url(url)
    stream, position, events = EventStream(redis), "0-0", []
    while read := await stream.read_after(position, 500, 1):
        position = read[-1][0]
        events += [event for _, chunk in read for event in chunk.events]
    await redis.aclose()
    return events


def check_stored(events, region):
    """Only what is whole: a known grid, a time that can be."""
    grids = {grid.code for grid in region.grids}
    now_ms = datetime.now(UTC).timestamp() * 1000
    for event in events:
        assert 946_684_800_000 <= event.observed_ms <= now_ms + 300_000
        assert event.grid in grids
        assert 1 <= len(event.id) <= 128


def expected_metrics(events):
    hour_ms = datetime.now(UTC).timestamp() * 1000 - 3_600_000
    checkins = [e for e in events if isinstance(e, StaffCheckedIn) and e.observed_ms > hour_ms]
    cameras = {event.camera for event in events if isinstance(event, CameraRegistered)}
    return {"checkins_last_hour": len(checkins), "cameras_total": len(cameras)}


async def until_shown(program, metrics):
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(20):
        shown = {}
        while shown != metrics:
            row = (await client.get(f"{program.url}/api/areas/{DISTRICT}")).json()
            shown = {name: row["metrics"][name] for name in metrics}
            await asyncio.sleep(0.05)


async def rejected(program):
    async with httpx.AsyncClient(trust_env=False) as client:
        feeds = (await client.get(f"{program.url}/api/feeds")).json()["feeds"]
    return next(feed["rejected"] for feed in feeds if feed["name"] == "odd")


async def test_ten_thousand_malformed_inputs(program, token, region, valkey_url):
    spoiler = Spoiler(1, [grid.code for grid in region.grids])
    inputs = list(itertools.islice(spoiler, N_HTTP + N_WS))
    seen = Counter()
    children = program.children()
    async with asyncio.TaskGroup() as group:
        for n in range(AT_ONCE):
            group.create_task(over_http(program, token, inputs[n:N_HTTP:AT_ONCE], seen))
        group.create_task(over_websocket(program, token, inputs[N_HTTP:], seen))
    assert program.children() == children  # nobody died on the way
    events = await stored_events(valkey_url)
    assert len(events) == seen["accepted"]
    check_stored(events, region)
    await until_shown(program, expected_metrics(events))
    assert await rejected(program) == seen["rejected"]
    await check_still_serves(program, token, spoiler, events)
    print(dict(seen))


async def check_still_serves(program, token, spoiler, events):
    """A valid event is accepted and shown, and nothing else is."""
    batch = {"events": []}
    while not any(event["type"] == "staff.checked_in" for event in batch["events"]):
        batch = spoiler.batch()
    async with connected(program, token) as connection:
        status, answer = await connection.post(json.dumps(batch).encode())
    assert (status, json.loads(answer)["accepted"]) == (200, len(batch["events"]))
    metrics = Counter(expected_metrics(events))
    kinds = Counter(event["type"] for event in batch["events"])
    metrics["checkins_last_hour"] += kinds["staff.checked_in"]
    metrics["cameras_total"] += kinds["camera.registered"]
    await until_shown(program, dict(metrics))
