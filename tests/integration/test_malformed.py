"""10,000 malformed inputs: each is answered with what is wrong, nothing of them is stored."""

import asyncio
import itertools
import json
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboard.domain.events import CameraRegistered, StaffCheckedIn
from dashboard.store import client
from dashboard.store.embedded import temporary_store
from dashboard.store.streams import EventStream
from tests.program import START_S, Program, until
from tests.spoiled_batches import Spoiler

N_MALFORMED = 10_000
N_HTTP, N_WS = 8_800, 1_500  # a few of them happen to be harmless
AT_ONCE = 6
DISTRICT = "530111"


@pytest.fixture(scope="module")
def store_url(tmp_path_factory):
    """A store of its own: what lies in it at the end is counted."""
    with temporary_store(tmp_path_factory.mktemp("store")) as url:
        yield url


@pytest.fixture(scope="module")
def program(store_url, tmp_path_factory):
    program = Program(
        tmp_path_factory.mktemp("malformed") / "data", ONEMAP_DEMO="off", REDIS_URL=store_url
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
    seen["malformed"] += status != 200 or bool(answer["rejected"] or answer["dropped_private"])
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
    redis = client.connect(url)
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
    async with asyncio.timeout(20):
        shown = {}
        while shown != metrics:
            row = program.read(f"/api/areas/{DISTRICT}")
            shown = {name: row["metrics"][name] for name in metrics}
            await asyncio.sleep(0.05)


async def rejected(program):
    feeds = program.read("/api/feeds")["feeds"]
    return next(feed["rejected"] for feed in feeds if feed["name"] == "odd")


async def test_ten_thousand_malformed_inputs(program, token, region, store_url):
    spoiler = Spoiler(1, [grid.code for grid in region.grids])
    inputs = list(itertools.islice(spoiler, N_HTTP + N_WS))
    seen = Counter()
    children = program.children()
    async with asyncio.TaskGroup() as group:
        for n in range(AT_ONCE):
            group.create_task(over_http(program, token, inputs[n:N_HTTP:AT_ONCE], seen))
        group.create_task(over_websocket(program, token, inputs[N_HTTP:], seen))
    assert program.children() == children  # nobody died on the way
    assert seen["malformed"] >= N_MALFORMED
    events = await stored_events(store_url)
    assert len(events) == seen["accepted"]
    check_stored(events, region)
    await until_shown(program, expected_metrics(events))
    async with asyncio.timeout(20):
        while await rejected(program) != seen["rejected"]:  # noqa: ASYNC110  # told once a second
            await asyncio.sleep(0.05)
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


HEARTBEAT = b'{"events":[{"id":"%d","type":"feed.heartbeat","data":{"sent":1}}]}'


def request_of(program, token, line="POST /feeds/events HTTP/1.1", *more, body=b"", **changed):
    """Raw bytes; a header given as None is left out."""
    headers = {
        "Host": f"127.0.0.1:{program.port + 1}",
        "Authorization": f"Bearer {token}",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    headers |= {name.replace("_", "-"): text for name, text in changed.items()}
    lines = [line, *(f"{name}: {text}" for name, text in headers.items() if text is not None)]
    return "\r\n".join([*lines, *more, "", ""]).encode("latin-1") + body


async def raw_status(program, request):
    """The status of the answer; 0 when the connection ended without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", program.port + 1)
    with suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
    answer = b""
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            while part := await reader.read(65_536):
                answer += part
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return int(answer.split(b" ", 2)[1]) if answer else 0


CHUNKED = {"Transfer_Encoding": "chunked", "Content_Length": None}


def chunk(part):
    return b"%x\r\n%b\r\n" % (len(part), part)


LARGE = chunk(b" " * 0x40000)
ODD = {
    "no body": (422, {}),
    "no length": (422, {"Content_Length": None}),
    "a body in chunks": (200, {**CHUNKED, "body": chunk(HEARTBEAT % 1_000) + chunk(b"")}),
    "too many chunks": (413, {**CHUNKED, "body": LARGE * 20}),
    "chunks that are none": (400, {**CHUNKED, "body": b"zz\r\nx\r\n"}),
    "declared too large": (413, {"Content_Length": "4194305", "body": b"{"}),
    "a length that is none": (400, {"Content_Length": "many"}),
    "a negative length": (400, {"Content_Length": "-1"}),
    "a length without end": (400, {"Content_Length": "9" * 5_000}),
    "compressed": (422, {"Content_Encoding": "gzip", "body": b"\x1f\x8b\x08\x00"}),
    "another origin": (403, {"Origin": "https://elsewhere.example"}),
    "an origin that is none": (403, {"Origin": "http://[::1"}),
    "another host": (403, {"Host": "elsewhere.example"}),
    "a host that is none": (403, {"Host": "[::1"}),
    "no host": (403, {"Host": None}),
    "no token": (401, {"Authorization": None}),
    "half a token": (401, {"Authorization": "Bearer"}),
    "another scheme": (401, {"Authorization": "Basic eDp5"}),
    "a token of odd letters": (401, {"Authorization": "Bearer \xff\xfe\xe9"}),
    "a long token": (401, {"Authorization": "Bearer " + "x" * 5_000}),
    "another method": (405, {"line": "GET /feeds/events HTTP/1.1"}),
    "put": (405, {"line": "PUT /feeds/events HTTP/1.1"}),
    "no method": (400, {"line": "FETCH /feeds/events HTTP/1.1"}),
    "another path": (404, {"line": "POST /feeds/evants HTTP/1.1"}),
    "an odd path": (404, {"line": "POST /feeds/%00%ff%2e%2e/ HTTP/1.1"}),
    "no protocol": (400, {"line": "hello"}),
    "another protocol": (400, {"line": "POST /feeds/events HTTP/9.9"}),
}


@pytest.mark.parametrize("name", ODD)
async def test_odd_requests_are_answered(program, token, name):
    expected, changed = ODD[name]
    status = await raw_status(program, request_of(program, token, **changed))
    assert status == expected


@pytest.mark.parametrize(
    "more", ["no colon", ": nameless", "X-Nul: \x00", " folded: x", "X-Long: " + "x" * 200_000]
)
async def test_garbage_in_headers_is_no_failure(program, token, more):
    status = await raw_status(
        program, request_of(program, token, "POST /feeds/events HTTP/1.1", more)
    )
    assert status in (0, 400, 413, 422, 431)


async def test_a_caller_that_leaves_in_mid_body_harms_nobody(program, token):
    for n_sent in (0, 1, 30):
        request = request_of(program, token, Content_Length="500", body=HEARTBEAT[:n_sent])
        _, writer = await asyncio.open_connection("127.0.0.1", program.port + 1)
        writer.write(request)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert await raw_status(program, request_of(program, token, body=HEARTBEAT % 2_000)) == 200


async def test_a_length_shorter_than_the_body_ends_there(program, token):
    body = HEARTBEAT % 3_000
    request = request_of(program, token, Content_Length="10", Connection="keep-alive", body=body)
    assert await raw_status(program, request) in (400, 422)  # the rest is no request


async def test_a_frame_too_large_closes_only_its_own_socket(program, token):
    url = f"ws://127.0.0.1:{program.port + 1}/feeds/ws"
    headers = {"Authorization": f"Bearer {token}"}
    options = {"proxy": None, "additional_headers": headers, "max_size": None}
    async with connect(url, **options) as small, connect(url, **options) as large:
        await large.send(b" " * (4 * 1024 * 1024 + 1))
        assert json.loads(await large.recv())["status"] == 413
        with suppress(ConnectionClosed):
            await large.send(b" " * (5 * 1024 * 1024))
        with pytest.raises(ConnectionClosed):
            await large.recv()
        await small.send(HEARTBEAT % 4_000)
        assert json.loads(await small.recv())["accepted"] == 1


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nobody"}])
async def test_a_socket_without_a_token_is_refused(program, header):
    url = f"ws://127.0.0.1:{program.port + 1}/feeds/ws"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, proxy=None, additional_headers=header):
            pass
    assert refused.value.response.status_code == 401
