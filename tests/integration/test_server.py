"""What the server adds to its routers: compression, quiet leave-taking, work that runs beside."""

import asyncio
import gzip

import pytest
from fastapi import APIRouter, Request

from dashboard.server import WorkEnded, create_server, protect, serve
from feeds.limits import Turnstile
from feeds.sockets import sockets_through

LONG = "一张图" * 2_000


@pytest.fixture
def router():
    router = APIRouter()
    router.asked = []

    @router.get("/text")
    @router.get("/feeds/events")
    async def text():
        return LONG

    @router.get("/_dash-component-suites/{name}")
    async def bundle(name: str):
        router.asked.append(name)
        return LONG

    @router.post("/body")
    async def body(request: Request):
        return len(await request.body())

    return router


@pytest.fixture
def server(router, settings):
    """Without doors: an intake's, to which every path is open."""
    server = create_server([router], [])
    protect(server, settings, None)
    return server


async def ask(server, path, *, encoding="gzip", messages=None, method="GET"):
    """Status, headers and body of one request."""
    sent = []
    messages = messages or [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"accept-encoding", encoding.encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    scope |= {"query_string": b"", "scheme": "http", "root_path": "", "http_version": "1.1"}
    await server(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), body


async def test_what_browsers_read_is_compressed(server):
    status, headers, body = await ask(server, "/text")
    assert (status, headers[b"content-encoding"]) == (200, b"gzip")
    assert LONG in gzip.decompress(body).decode()


async def test_who_cannot_decompress_gets_it_plain(server):
    _, headers, body = await ask(server, "/text", encoding="identity")
    assert b"content-encoding" not in headers
    assert LONG in body.decode()


async def test_the_intake_answers_plain(server):
    _, headers, _ = await ask(server, "/feeds/events")
    assert b"content-encoding" not in headers


async def test_a_bundle_is_compressed_once(server, router):
    first = await ask(server, "/_dash-component-suites/one.js")
    again = await ask(server, "/_dash-component-suites/one.js")
    plain = await ask(server, "/_dash-component-suites/one.js", encoding="identity")
    assert first == again
    assert gzip.decompress(first[2]) == plain[2]
    assert router.asked == ["one.js", "one.js"]


async def test_a_missing_bundle_is_not_remembered(server):
    assert (await ask(server, "/_dash-component-suites/a/b.js"))[0] == 404


async def test_a_caller_that_leaves_in_mid_request_is_no_failure(server):
    messages = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert (await ask(server, "/body", messages=messages, method="POST"))[0] == 400


@pytest.mark.parametrize("fails", [True, False])
async def test_the_server_ends_when_its_work_does(settings, router, fails, caplog):
    async def work():
        await asyncio.sleep(0)
        if fails:
            raise RuntimeError("broken")

    server, sockets = create_server([router], [work]), sockets_through(Turnstile(1_000))
    with pytest.raises(WorkEnded):
        await asyncio.wait_for(serve(server, settings, 0, sockets), 10)
    assert "work beside the server" in caplog.text
