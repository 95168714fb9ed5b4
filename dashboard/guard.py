"""Turns away requests that another web site sends through a visitor's browser."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


class Guard:
    """Checks Host and Origin of HTTP requests and WebSockets alike.

    The Host must be one of our names (else a foreign name could be pointed at this machine), and
    an Origin, which browsers send and other programs do not, must be that same host.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset((*LOOPBACK_NAMES, *names))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        objection = self._objection(Headers(scope=scope))
        if objection is None:
            await self._app(scope, receive, send)
        else:  # the same for a WebSocket, which is still an HTTP request
            await PlainTextResponse(objection + "\n", 403)(scope, receive, send)

    def _objection(self, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if _name(f"//{host}") not in self._names:
            return "this host name is not served here"
        origin = headers.get("origin")
        if origin is not None and _place(origin) != host.lower():
            return "requests from other origins are not served"
        return None


def _place(origin: str) -> str | None:
    """Host and port in lower case; None when it is malformed."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _name(address: str) -> str | None:
    """The host name in lower case, without port and brackets; None when it is malformed."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
