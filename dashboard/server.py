"""An ASGI server made of routers and of work that runs beside them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.config import Settings
from dashboard.doorkeeper import Doorkeeper
from dashboard.doors import Doors
from dashboard.errors import OneMapError
from dashboard.frames import with_frames
from dashboard.guard import Guard, Surroundings
from dashboard.openapi_3_0 import as_3_0
from dashboard.replies import NO_STORE

log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]
SMALLEST_COMPRESSED_BYTES = 1_000
COMPRESSION_LEVEL = 6
INTAKE_PATH = "/feeds/"
BUNDLES_PATH = "/_dash-component-suites/"
BUNDLES_KEPT = 128
STOP_WAIT_S = 2
WS_SPARE_BYTES = 1_024  # so that a batch slightly too large is answered, not cut off


class WorkEnded(OneMapError):
    """The server stopped because it would have served old numbers."""


class Compression:
    """Compresses what browsers read; the intake's answers are small and asked for in a hurry.

    Dash's bundles never change under one name, so each is compressed once: a page that is loaded
    must not hold up the live numbers of all others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, SMALLEST_COMPRESSED_BYTES, COMPRESSION_LEVEL)
        self._bundles: dict[str, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(INTAKE_PATH):
            await self._plain(scope, receive, send)
        elif scope["path"].startswith(BUNDLES_PATH) and _takes_gzip(scope):
            for message in await self._bundle(scope, receive):
                await send(message)
        else:
            await self._compressed(scope, receive, send)

    async def _bundle(self, scope: Scope, receive: Receive) -> list[Message]:
        name = scope["path"]
        if name in self._bundles:
            return self._bundles[name]
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._compressed(scope, receive, keep)
        if answer[0]["status"] == 200 and len(self._bundles) < BUNDLES_KEPT:
            self._bundles[name] = answer
        return answer


def _takes_gzip(scope: Scope) -> bool:
    return scope["method"] == "GET" and "gzip" in Headers(scope=scope).get("accept-encoding", "")


class _Server(FastAPI):
    """Describes itself in the version of OpenAPI that its page can draw."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = as_3_0(super().openapi())
        return self.openapi_schema


def create_server(routers: Sequence[APIRouter], work: Sequence[Work]) -> FastAPI:
    """`work` runs as long as the server does; when one piece fails, the server ends."""

    @asynccontextmanager
    async def lifespan(server: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_guarded(server, piece)) for piece in work]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    server = _Server(
        title="One Map 一张图", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    server.state.failed = asyncio.Event()
    server.add_exception_handler(ClientDisconnect, _nobody_left)
    server.add_exception_handler(RequestValidationError, _wrong_values)
    for router in routers:
        server.include_router(router)
    return server


def protect(
    server: FastAPI, settings: Settings, doors: Doors | None, script_hashes: Sequence[str] = ()
) -> None:
    """Call it last: what is added later stands further out, and the guard stands first.

    Without `doors` nobody can sign in: for an intake alone, whose feeds show their own tokens.
    """
    surroundings = Surroundings(
        names=(settings.host, *settings.names),
        proxies=settings.proxies,
        frame_ancestors=settings.frame_ancestors,
        script_hashes=script_hashes,
    )
    if doors is not None:
        server.add_middleware(Doorkeeper, doors=doors)
    server.add_middleware(Compression)
    server.add_middleware(Guard, surroundings=surroundings)


def health_router() -> APIRouter:
    """For a process that has no reading API: it is alive when it answers."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return router


async def _wrong_values(_request: Request, error: Exception) -> Response:
    """Says what was wrong without what was sent: that may be a password, or no Unicode at all."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    told = [{name: one[name] for name in ("loc", "msg", "type")} for one in found]
    body = json.dumps({"detail": told}).encode()
    return Response(body, 422, NO_STORE, "application/json")


async def _nobody_left(_request: Request, _error: Exception) -> Response:
    """A caller that leaves in the middle of its request is no fault of ours."""
    return Response(status_code=400, headers={"Connection": "close"})


async def _guarded(server: FastAPI, piece: Work) -> None:
    try:
        await piece()
        log.error("work beside the server ended by itself")
    except Exception:
        log.exception("work beside the server failed")
    server.state.failed.set()


async def serve(
    server: FastAPI, settings: Settings, port: int, sockets: type[asyncio.Protocol]
) -> None:
    """Until SIGTERM or Ctrl-C; `sockets` reads the WebSockets, a kind of uvicorn's.

    Raises WorkEnded when a piece of its work ended before.
    """
    config = uvicorn.Config(
        server,
        host=settings.host,
        port=port,
        http="httptools",
        ws=with_frames(sockets),
        ws_max_size=settings.max_batch_bytes + WS_SPARE_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WAIT_S,
    )
    running = uvicorn.Server(config)
    watch = asyncio.create_task(_end_on_failure(server, running))
    await running.serve()
    watch.cancel()
    if server.state.failed.is_set():
        raise WorkEnded("work beside the server ended before it")


async def _end_on_failure(server: FastAPI, running: uvicorn.Server) -> None:
    await server.state.failed.wait()
    running.should_exit = True
