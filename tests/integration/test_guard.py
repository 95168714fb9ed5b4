"""Who may ask, over HTTP and WebSocket alike."""

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dashboard.guard import Guard, Surroundings
from feeds.limits import Turnstile
from feeds.sockets import sockets_through
from tests.serving import serving

HERE = "127.0.0.1:8050"


async def inside(scope, receive, send):
    """The application behind the guard."""
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})


async def ask(kind, headers):
    """The first message that comes back through the guard."""
    sent = []

    async def receive():
        return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

    async def send(message):
        sent.append(message)

    rows = {"host": HERE, **headers}.items()
    raw = [(name.encode(), value.encode()) for name, value in rows]
    scope = {"type": kind, "method": "GET", "path": "/", "headers": raw}
    await Guard(inside, Surroundings(names=["127.8.8.8"]))(scope, receive, send)
    return sent[0]


ALLOWED = [
    {},
    {"origin": f"http://{HERE}"},
    {"host": "localhost:8050", "origin": "http://localhost:8050"},
    {"host": "LOCALHOST:8050", "origin": "http://localhost:8050"},
    {"host": "[::1]:8050", "origin": "http://[::1]:8050"},
    {"host": "127.8.8.8"},
]
REFUSED = [
    {"origin": "http://evil.example"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "null"},
    {"origin": ""},
    {"host": "evil.example"},
    {"host": "127.0.0.1.evil.example", "origin": "http://127.0.0.1.evil.example"},
    {"host": "["},
    {"host": ""},
]


@pytest.mark.parametrize("headers", ALLOWED)
async def test_the_own_pages_and_programs_are_served(headers):
    assert (await ask("http", headers))["status"] == 200
    assert (await ask("websocket", headers))["type"] == "websocket.accept"


@pytest.mark.parametrize("headers", REFUSED)
async def test_everybody_else_is_turned_away(headers):
    assert (await ask("http", headers))["status"] == 403
    refused = await ask("websocket", headers)
    assert (refused["type"], refused["status"]) == ("websocket.http.response.start", 403)


async def test_a_socket_that_is_turned_away_is_told_why_and_nobody_complains(caplog):
    guard = Guard(inside, Surroundings())
    async with serving(guard, ws=sockets_through(Turnstile(1_000))) as url:
        address = url.replace("http", "ws")
        async with connect(address, proxy=None):
            pass
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, proxy=None, origin="http://evil.example")
    answer = refused.value.response
    assert answer.status_code == 403
    assert answer.body == b"requests from other origins are not served\n"
    assert caplog.records == []


async def test_a_start_and_stop_of_the_server_passes():
    passed = []

    async def application(scope, receive, send):
        passed.append(scope["type"])

    await Guard(application, Surroundings())({"type": "lifespan"}, None, None)
    assert passed == ["lifespan"]
