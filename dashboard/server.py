"""An ASGI server made of routers and of work that runs beside them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.config import Settings
from dashboard.guard import Guard

log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]
SMALLEST_COMPRESSED_BYTES = 1_000
COMPRESSION_LEVEL = 6
INTAKE_PATH = "/feeds/"
STOP_WAIT_S = 2
WS_QUEUE_FRAMES = 16
WS_SPARE_BYTES = 1_024  # so that a batch slightly too large is answered, not cut off


class Compression:
    """Compresses what browsers read; the intake's answers are small and asked for in a hurry."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, SMALLEST_COMPRESSED_BYTES, COMPRESSION_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(INTAKE_PATH):
            await self._compressed(scope, receive, send)
        else:
            await self._plain(scope, receive, send)


def create_server(routers: Sequence[APIRouter], work: Sequence[Work]) -> FastAPI:
    """`work` runs as long as the server does; when one piece fails, the server ends."""

    @asynccontextmanager
    async def lifespan(server: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_guarded(server, piece)) for piece in work]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    server = FastAPI(title="One Map 一张图", lifespan=lifespan, docs_url=None, redoc_url=None)
    server.openapi_version = "3.0.3"  # the newest that the bundled page can draw
    server.state.failed = asyncio.Event()
    server.add_exception_handler(ClientDisconnect, _nobody_left)
    for router in routers:
        server.include_router(router)
    return server


def protect(server: FastAPI, settings: Settings) -> None:
    """Call it last: what is added later stands further out, and the guard stands first."""
    server.add_middleware(Compression)
    server.add_middleware(Guard, names=[settings.host])


def health_router() -> APIRouter:
    """For a process that has no reading API: it is alive when it answers."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return router


async def _nobody_left(_request: Request, _error: Exception) -> Response:
    """A caller that leaves in the middle of its request is no fault of ours."""
    return Response(status_code=400)


async def _guarded(server: FastAPI, piece: Work) -> None:
    try:
        await piece()
        log.error("work beside the server ended by itself")
    except Exception:
        log.exception("work beside the server failed")
    server.state.failed.set()


async def serve(server: FastAPI, settings: Settings, port: int) -> None:
    """Until SIGTERM or Ctrl-C; SystemExit with code 1 when a piece of its work ended before."""
    config = uvicorn.Config(
        server,
        host=settings.host,
        port=port,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=settings.max_batch_bytes + WS_SPARE_BYTES,
        ws_max_queue=WS_QUEUE_FRAMES,
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
    if server.state.failed.is_set() or not running.started:
        raise SystemExit(1)


async def _end_on_failure(server: FastAPI, running: uvicorn.Server) -> None:
    await server.state.failed.wait()
    running.should_exit = True
