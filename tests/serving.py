"""Serves an ASGI application on a real socket of this machine for as long as a test needs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from dashboard.frames import FrameProtocol


@asynccontextmanager
async def serving(app: Any, port: int = 0, **options: Any) -> AsyncIterator[str]:
    """The address; port 0 takes a free one, `options` are uvicorn's."""
    options = {
        "log_level": "error",
        "log_config": None,
        "lifespan": "off",
        "proxy_headers": False,  # as the program: the guard reads them
        "ws": FrameProtocol,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": 1,  # a test that fails must not wait for its sockets
    } | options
    config = uvicorn.Config(app, host="127.0.0.1", port=port, **options)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.001)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
