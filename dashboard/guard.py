"""Stands first: where a request comes from, and what every answer says to the browser."""

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.setting_values import Network

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
HEADERS_MAX_BYTES = 32 * 1024
BODY_MAX_BYTES = 64 * 1024  # of requests that are not the intake's, which has a limit of its own
BODY_WAIT_S = 10.0  # until all of it is there
INTAKE_PATH = "/feeds/"
YEAR_S = 31_536_000
UPGRADED = {"http": "https", "ws": "wss"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the outside is ours: host names, proxies, pages that may frame us."""

    names: Sequence[str] = ()
    proxies: Sequence[Network] = ()
    frame_ancestors: str = "'none'"
    script_hashes: Sequence[str] = ()

    def policy(self) -> str:
        """The Content-Security-Policy: everything from this server, no inline script."""
        scripts = " ".join(("'self'", *self.script_hashes))
        parts = (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "style-src-elem 'self' 'unsafe-inline'",  # Dash's bundles put style sheets in
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {self.frame_ancestors}",
        )
        return "; ".join(parts)


class Guard:
    """Checks Host and Origin of HTTP requests and WebSockets alike, and believes only our proxies.

    The Host must be one of our names (else a foreign name could be pointed at this machine), and
    an Origin, which browsers send and other programs do not, must be that same host.
    """

    def __init__(self, app: ASGIApp, surroundings: Surroundings) -> None:
        self._app = app
        self._names = frozenset((*LOOPBACK_NAMES, *surroundings.names))
        self._proxies = tuple(surroundings.proxies)
        self._headers = _headers(surroundings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._through_proxies(scope, headers) or self._objection(scope, headers)
        with_headers = self._dressed(scope, send)
        if answer is not None:  # the same for a WebSocket, which is still an HTTP request
            await answer(scope, receive, with_headers)
        elif scope["type"] == "http" and not scope["path"].startswith(INTAKE_PATH):
            await self._app(scope, _Bounded(receive), with_headers)
        else:
            await self._app(scope, receive, with_headers)

    def _through_proxies(self, scope: Scope, headers: Headers) -> Response | None:
        """Take over what a proxy of ours says of the caller; nobody may come around it."""
        peer = _address((scope.get("client") or ("", 0))[0])
        if not self._proxies or peer is None:
            return None
        if not self._is_proxy(peer):
            return None if peer.is_loopback else _no("come through the proxy of this site")
        # a proxy may add a line of its own below what the caller sent
        said = [part.strip() for part in ",".join(headers.getlist("x-forwarded-for")).split(",")]
        for text in reversed(said):  # the last is what our proxy saw; before it anybody's word
            caller = _address(text)
            if caller is None:
                break
            scope["client"] = (str(caller), 0)
            if not self._is_proxy(caller):
                break
        if headers.get("x-forwarded-proto", "").strip().lower() == "https":
            scope["scheme"] = UPGRADED.get(scope["scheme"], scope["scheme"])
        return None

    def _is_proxy(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return any(address in network for network in self._proxies)

    def _objection(self, scope: Scope, headers: Headers) -> Response | None:
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if size > HEADERS_MAX_BYTES or len(scope.get("raw_path") or b"") > HEADERS_MAX_BYTES:
            return _no(f"headers are limited to {HEADERS_MAX_BYTES} bytes", 431)
        host = headers.get("host", "")
        if _name(f"//{host}") not in self._names:
            return _no("this host name is not served here")
        origin = headers.get("origin")
        if origin is not None and _place(origin) != (_http(scope), host.lower()):
            return _no("requests from other origins are not served")
        length = headers.get("content-length", "0")
        is_intake = scope["path"].startswith(INTAKE_PATH)
        if not is_intake and not (length.isdecimal() and int(length) <= BODY_MAX_BYTES):
            return _no(f"a body is limited to {BODY_MAX_BYTES} bytes", 413)
        return None

    def _dressed(self, scope: Scope, send: Send) -> Send:
        extra = list(self._headers)
        if _http(scope) == "https":
            extra.append((b"strict-transport-security", b"max-age=%d" % YEAR_S))

        async def dressed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        return dressed


class _Bounded:
    """Ends a request whose body grows past the limit without having said so, or takes too long."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0
        self._is_whole = False
        self._end_s: float | None = None

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        if self._end_s is None:
            self._end_s = asyncio.get_running_loop().time() + BODY_WAIT_S
        try:
            async with asyncio.timeout_at(self._end_s):
                message = await self._receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        return message if self._size <= BODY_MAX_BYTES else {"type": "http.disconnect"}


def _headers(surroundings: Surroundings) -> list[tuple[bytes, bytes]]:
    pairs = {
        "content-security-policy": surroundings.policy(),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
    if surroundings.frame_ancestors == "'none'":
        pairs["x-frame-options"] = "DENY"
    return [(name.encode(), value.encode()) for name, value in pairs.items()]


def _no(reason: str, status: int = 403) -> Response:
    return PlainTextResponse(reason + "\n", status)


def _http(scope: Scope) -> str:
    scheme: str = scope.get("scheme", "http")
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address  # ::ffff:10.0.0.1 is 10.0.0.1


def _place(origin: str) -> tuple[str, str] | None:
    """Scheme, and host and port in lower case; None when it is malformed."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.scheme, parts.netloc.lower()


def _name(address: str) -> str | None:
    """The host name in lower case, without port and brackets; None when it is malformed."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
