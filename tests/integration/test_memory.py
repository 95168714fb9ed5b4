"""A store that hangs: the gateway's memory stays bounded and nothing acknowledged is lost."""

import asyncio
import itertools
import signal
from collections import Counter
from contextlib import AsyncExitStack

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dashboard.config import Settings
from dashboard.server import create_server
from dashboard.store.client import connect as connect_store
from dashboard.store.feeds import FeedStore
from feeds import gateway as gateways
from feeds import sockets
from tests.crowd import encode
from tests.program import START_S, Program, until
from tests.serving import serving
from tests.stage import feed

N_CLIENTS = 50
N_EVENTS = 1_000
N_CROWD = 300  # callers with a small batch each
BATCH_BYTES = 4 * 1024 * 1024 - 100_000
HANG_S = 12.0  # longer than the gateway waits for the store's answer
MIB = 1024 * 1024
INTAKE_MIB = 64  # ONEMAP_INTAKE_MEMORY_BYTES
# Each body may be held as received, decoded and encoded for the store, and the allocator rounds up.
MAX_GROWTH_MIB = 4 * INTAKE_MIB


@pytest.fixture
def program(tmp_path):
    program = Program(
        tmp_path / "data", ONEMAP_DEMO="off", ONEMAP_FEED_RATE_PER_S=str(N_CLIENTS * N_EVENTS)
    )
    until(program.is_ready, START_S)
    yield program
    for child in program.children().values():
        child.resume()
    program.stop()
    print(program.output.read_text())


class Client:
    """Sends one large batch after the other; each keeps its number until it is acknowledged."""

    def __init__(self, number, http, url, token, grid):
        self._number = number
        self._http = http
        self._url = f"{url}/feeds/events"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._grid = grid
        self._rounds = itertools.count()
        self.acknowledged = 0
        self.statuses = Counter()

    def _body(self, sequence):
        names = [f"{sequence}-{n}" for n in range(N_EVENTS)]
        pad = "云" * (BATCH_BYTES // N_EVENTS // 3 - 100)  # an unknown field: read, and left out
        data = {"role": "grid_worker", "activity": "patrol", "pad": pad}
        head = {"type": "staff.checked_in", "area": self._grid}
        events = [{"id": name, **head, "data": {"staff": name, **data}} for name in names]
        return encode({"sequence": sequence, "events": events})

    async def send_one(self):
        body = self._body(self._number + N_CLIENTS * next(self._rounds))
        assert len(body) > BATCH_BYTES * 0.9
        while not await self._accepted(body):  # noqa: ASYNC110  # a backoff
            await asyncio.sleep(0.1)
        self.acknowledged += N_EVENTS

    async def _accepted(self, body):
        answer = await self._http.post(self._url, content=body, headers=self._headers)
        self.statuses[answer.status_code] += 1
        if answer.status_code == 503:
            assert 1 <= int(answer.headers["Retry-After"]) <= 10
            return False
        assert (answer.status_code, answer.json()["accepted"]) == (200, N_EVENTS), answer.text
        return True


class Meter:
    """The most memory a process ever held, MiB, looked at 20 times a second."""

    def __init__(self, process):
        self._process = process
        self.before = self.highest = process.memory_info().rss / MIB

    async def run(self):
        while True:
            self.highest = max(self.highest, self._process.memory_info().rss / MIB)
            await asyncio.sleep(0.05)

    @property
    def growth(self):
        return self.highest - self.before


def shown(program, http):
    async def look():
        headers = {"Cookie": program.cookie}
        answer = await http.get(f"{program.url}/api/areas/530111", headers=headers, timeout=5)
        return answer.json()["metrics"]["checkins_last_hour"]

    return look


async def test_a_store_that_hangs_fills_no_memory_and_loses_nothing(program, region):
    token = program.tool("feed", "add", "terminals").stdout.strip()
    children = program.children()
    gateway, store = children["gateway"], children["store"]
    url = f"http://127.0.0.1:{program.port + 1}"
    limits = httpx.Limits(max_connections=2 * N_CLIENTS)
    async with httpx.AsyncClient(trust_env=False, timeout=120, limits=limits) as http:
        clients = [Client(n, http, url, token, region.grids[n].code) for n in range(N_CLIENTS)]
        await clients[0].send_one()
        meter = Meter(gateway)
        metering = asyncio.create_task(meter.run())
        store.send_signal(signal.SIGSTOP)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(client.send_one()) for client in clients]
            await asyncio.sleep(HANG_S)
            await turned_away(clients)
            assert not any(task.done() for task in tasks)
            store.send_signal(signal.SIGCONT)
        await arrives(shown(program, http), sum(client.acknowledged for client in clients))
        metering.cancel()
        assert program.children() == children  # nobody had to be started anew
    statuses = sum((client.statuses for client in clients), Counter())
    print(f"from {meter.before:.0f} to {meter.highest:.0f} MiB at most; answers: {statuses}")
    assert statuses[200] == N_CLIENTS + 1
    assert meter.growth < MAX_GROWTH_MIB


async def turned_away(clients):
    """Until as many were told to come back as there are."""
    async with asyncio.timeout(30):
        while sum(client.statuses[503] for client in clients) < N_CLIENTS:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def arrives(look, expected):
    async with asyncio.timeout(30):
        while (found := await look()) != expected:
            assert found < expected
            await asyncio.sleep(0.1)


@pytest.fixture
async def door(redis, valkey_url, region, classes, clock, tmp_path):
    """Address and token of a gateway that has room for two whole batches."""
    environ = {"ONEMAP_DATA": str(tmp_path), "ONEMAP_INTAKE_MEMORY_BYTES": str(8 * MIB)}
    client = connect_store(valkey_url)
    gateway = gateways.create_gateway(Settings.from_env(environ), region, classes, client, clock)
    token = await FeedStore(redis).add(feed("a"))
    async with serving(create_server([gateway.router()], []), ws=gateway.sockets) as url:
        yield url, {"Authorization": f"Bearer {token}"}
    await client.aclose()


async def stalled(url, headers):
    """A caller that announces a whole batch and sends a byte of it."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST /feeds/events HTTP/1.1\r\nHost: {host}\r\n{lines}"
    writer.write(f"{head}Content-Length: {4 * MIB}\r\n\r\n".encode() + b"{")
    await writer.drain()
    return reader, writer


async def test_callers_that_stall_do_not_keep_others_out_for_ever(door, monkeypatch):
    monkeypatch.setattr(gateways, "BODY_WAIT_S", 0.5)
    url, headers = door
    body = b'{"events":[{"id":"%d","type":"feed.heartbeat","data":{"sent":1}}]}'
    connections = [await stalled(url, headers) for _ in range(2)]
    statuses = []
    async with asyncio.timeout(10), httpx.AsyncClient(trust_env=False) as http:
        while statuses[-2:] != [503, 200]:
            answer = await http.post(
                f"{url}/feeds/events", content=body % len(statuses), headers=headers
            )
            statuses += [answer.status_code] if statuses[-1:] != [answer.status_code] else []
            await asyncio.sleep(0.05)
        answers = [await reader.readline() for reader, _ in connections]
    assert answers == [b"HTTP/1.1 408 Request Timeout\r\n"] * 2
    for _, writer in connections:
        writer.close()
        await writer.wait_closed()


async def test_messages_of_sockets_count_as_the_bodies_of_posts_do(door, monkeypatch):
    monkeypatch.setattr(sockets, "MESSAGE_WAIT_S", 0.5)
    url, headers = door
    options = {"additional_headers": headers, "proxy": None}
    body = b'{"events":[{"id":"a","type":"feed.heartbeat","data":{"sent":1}}]}'
    async with AsyncExitStack() as stack, httpx.AsyncClient(trust_env=False) as http:
        for _ in range(2):
            address = url.replace("http", "ws") + "/feeds/ws"
            socket = await stack.enter_async_context(connect(address, **options))
            socket.transport.write(b"\x82\xff" + (4 * MIB).to_bytes(8) + bytes(MIB))
        statuses = []
        async with asyncio.timeout(10):
            while statuses[-2:] != [503, 200]:
                answer = await http.post(f"{url}/feeds/events", content=body, headers=headers)
                statuses += [answer.status_code] if statuses[-1:] != [answer.status_code] else []
                await asyncio.sleep(0.02)


async def test_sockets_past_the_bound_are_sent_away_until_one_leaves(door, monkeypatch):
    monkeypatch.setattr(gateways, "SOCKETS_MAX", 2)
    url, headers = door
    options = {"additional_headers": headers, "proxy": None}
    address = url.replace("http", "ws") + "/feeds/ws"
    async with connect(address, **options):
        async with connect(address, **options):
            with pytest.raises(InvalidStatus) as refused:
                await connect(address, **options)
            assert refused.value.response.status_code == 503
            assert int(refused.value.response.headers["Retry-After"]) > 0
        async with connect(address, **options) as socket:
            await socket.send('{"events":[]}')
            assert '"status":200' in await socket.recv()


async def test_many_callers_at_once_wait_for_the_store_in_turn(door):
    url, headers = door
    body = b'{"events":[{"id":"%d","type":"feed.heartbeat","data":{"sent":1}}]}'
    limits = httpx.Limits(max_connections=N_CROWD)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as http:
        answers = await asyncio.gather(
            *(
                http.post(f"{url}/feeds/events", content=body % n, headers=headers)
                for n in range(N_CROWD)
            )
        )
    assert Counter(answer.status_code for answer in answers) == {200: N_CROWD}
