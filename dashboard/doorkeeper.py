"""Lets nobody past without the right that RULES names, and notes who was turned away."""

import asyncio
import logging
from contextvars import ContextVar
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.clock import Clock
from dashboard.domain.accounts import TOKEN_PREFIX
from dashboard.domain.areas import Region
from dashboard.domain.rights import Principal, Right
from dashboard.doors import Doors
from dashboard.errors import AuditBroken, StoreAway
from dashboard.replies import NO_STORE, RETRY, json_reply
from dashboard.rules import Need, Rule, find_rule
from dashboard.sign_in import caller_of
from dashboard.store.acts import Act, Actor
from dashboard.store.audit import AuditLog

log = logging.getLogger(__name__)

PLAIN_COOKIE = "onemap"
SECURE_COOKIE = "__Host-onemap"  # browsers take it only over TLS, for this host alone
SECRET_MAX_CHARS = 200
DISPLAY = "display"  # in the address of a wall
DISPLAY_MARK = b"display="
DISPLAY_COOKIE_S = 400 * 86_400  # the longest that browsers keep; the server may end it sooner
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "WS"})
NOTED_A_MINUTE = 60  # refusals of one address; what is beyond is counted
MINUTE_MS = 60_000
ADDRESSES_MAX = 10_000
WHO = {"WWW-Authenticate": "Bearer"}
UNKNOWN = "an unknown or ended session or token"

_asking: ContextVar[Principal | None] = ContextVar("asking", default=None)


class Doorkeeper:
    """ASGI middleware: finds out who asks, and whether they may."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._sign_in = doors.sign_in
        self._directory = doors.sign_in.directory
        self._refusals = Refusals(doors.audit, doors.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["type"] == "http" else "WS"
        rule = find_rule(method, scope["path"])
        if rule is not None and rule.need is Need.FEED:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if rule is not None and rule.is_page and DISPLAY_MARK in scope["query_string"]:
            opened = await self._open_display(scope, headers)
            await opened(scope, receive, send)
            return
        try:
            principal, was_given = await self._identify(scope, headers)
        except StoreAway:  # nobody is sent away as unknown while that cannot be told
            if rule is None or rule.need is not Need.NOTHING:
                answer = refusal(503, "the store is away, and who asks cannot be told")
                await answer(scope, receive, send)
                return
            principal, was_given = None, False
        scope["principal"] = principal
        asking = _asking.set(principal)
        objection = _objection(rule, method, scope, headers)
        if objection is None:
            refused = Watched(send)
            await self._app(scope, receive, refused)
            status = refused.status
        else:
            status = objection.status_code
            await objection(scope, receive, send)
        if status == 403 or (objection is not None and status == 401 and was_given):
            self._refusals.note(scope, method, principal, status)
        _asking.reset(asking)

    async def _open_display(self, scope: Scope, headers: Headers) -> Response:
        """The secret leaves the address at once and goes on in a cookie."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        secret = next((value for name, value in query if name == DISPLAY), "")
        rest = urlencode([(name, value) for name, value in query if name != DISPLAY])
        held = session_cookie(scope, headers)
        try:
            opened = await self._sign_in.by_display(secret, held, caller_of(scope))
        except StoreAway:
            return refusal(503, "the store is away; try again in a moment")
        if opened is None:  # noted as other refusals are: not as often as somebody likes
            self._refusals.note(scope, scope["method"], None, 401)
            return RedirectResponse("/login?problem=cut_off", 303, NO_STORE)
        target = scope["path"] + (f"?{rest}" if rest else "")
        answer = RedirectResponse(target, 303, NO_STORE)
        set_session_cookie(scope, answer, opened.secret, DISPLAY_COOKIE_S)
        return answer

    async def _identify(self, scope: Scope, headers: Headers) -> tuple[Principal | None, bool]:
        """Who asks, and whether anything was shown to tell by."""
        if _by_token(headers):
            secret = headers["authorization"].partition(" ")[2].strip()
            is_ours = secret.startswith(TOKEN_PREFIX) and len(secret) <= SECRET_MAX_CHARS
            return (self._directory.by_token(secret) if is_ours else None), True
        secret = session_cookie(scope, headers)
        if not secret or len(secret) > SECRET_MAX_CHARS:
            return None, False
        return await self._directory.by_cookie(secret, caller_of(scope)), True


class Watched:
    """Passes an answer on and remembers its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self.status = message["status"]
        await self._send(message)


class Refusals:
    """Writes refusals to the audit trail, not more a minute than a flood of them is worth."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._minute = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, scope: Scope, method: str, principal: Principal | None, status: int) -> None:
        """The caller does not wait for it; its path is noted, what it asked with is not."""
        address = address_of(scope)
        minute = self._clock.now_ms() // MINUTE_MS
        if minute != self._minute or len(self._counts) >= ADDRESSES_MAX:
            self._minute, self._counts = minute, {}
        count = self._counts[address] = self._counts.get(address, 0) + 1
        if count > NOTED_A_MINUTE:
            return
        more = "; further ones this minute are not noted" if count == NOTED_A_MINUTE else ""
        why = UNKNOWN if status == 401 else "not allowed"
        act = _actor(principal, address).act(
            "request.refuse",
            f"{method} {scope['path'][:200]}",
            outcome="refused",
            area=None if principal is None else principal.area,
            detail=why + more,
        )
        task = asyncio.get_running_loop().create_task(self._write(act))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, act: Act) -> None:
        try:
            await self._audit.commit(act)
        except (StoreAway, AuditBroken) as error:
            log.warning("a refusal of %s could not be noted: %s", act.subject, error)


def _objection(rule: Rule | None, method: str, scope: Scope, headers: Headers) -> Response | None:
    """The answer that turns the request away; None when it may pass."""
    principal: Principal | None = scope["principal"]
    if rule is None:
        return refusal(401) if principal is None else refusal(404)
    by_cookie = not _by_token(headers)
    if method not in SAFE and by_cookie and "origin" not in headers:
        return refusal(403, "this must come from a page of this site")
    if rule.need is Need.NOTHING:
        return None
    if principal is None:
        return _lead_to_sign_in(scope) if rule.is_page and by_cookie else refusal(401)
    if isinstance(rule.need, Right) and rule.need not in principal.rights:
        return refusal(403)
    return None


def _by_token(headers: Headers) -> bool:
    """Whether it speaks by a token; what a proxy with a login of its own adds is none."""
    return headers.get("authorization", "").partition(" ")[0].lower() == "bearer"


def _lead_to_sign_in(scope: Scope) -> Response:
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    target = "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='/')}"
    return RedirectResponse(target, 303, NO_STORE)


REASONS = {
    401: "sign in first, or send an account's token: 'Authorization: Bearer omt_...'",
    403: "your role does not allow this",
    404: "there is nothing here",
}


def refusal(status: int, reason: str | None = None) -> Response:
    headers = {503: RETRY, 401: WHO}.get(status)
    return json_reply({"detail": reason or REASONS[status]}, status, headers)


# ---- for those behind the door ---------------------------------------------------------------


def principal_of(connection: HTTPConnection) -> Principal:
    """Who asks; a rule lets nobody in here who is nobody."""
    principal: Principal | None = connection.scope.get("principal")
    if principal is None:
        raise HTTPException(401, REASONS[401], WHO)
    return principal


def asking() -> Principal | None:
    """Who asks, where there is no request at hand: in what Dash calls."""
    return _asking.get()


Asker = Annotated[Principal, Depends(principal_of)]


def require(principal: Principal, right: Right, region: Region, area: str) -> None:
    """Raises HTTPException (403) unless the principal has the right in the area."""
    if not principal.may(right, region, area):
        raise HTTPException(403, "this lies outside your area")


def actor_of(connection: HTTPConnection) -> Actor:
    """Who asks, for the audit trail."""
    return _actor(principal_of(connection), address_of(connection.scope))


def _actor(principal: Principal | None, address: str) -> Actor:
    name, role = ("", "") if principal is None else (principal.name, principal.role.value)
    return Actor(name, role, address)


def address_of(scope: Scope) -> str:
    client: Any = scope.get("client")
    return client[0] if client else ""


def cookie_name(scope: Scope) -> str:
    return SECURE_COOKIE if is_secure(scope) else PLAIN_COOKIE


def is_secure(scope: Scope) -> bool:
    return scope.get("scheme") in ("https", "wss")


def session_cookie(scope: Scope, headers: Headers) -> str:
    return cookie_parser(headers.get("cookie", "")).get(cookie_name(scope), "")


def set_session_cookie(scope: Scope, answer: Response, secret: str, max_age_s: int) -> None:
    answer.set_cookie(
        cookie_name(scope),
        secret,
        max_age=max_age_s,
        path="/",
        secure=is_secure(scope),
        httponly=True,
        samesite="lax",
    )


def delete_session_cookie(scope: Scope, answer: Response) -> None:
    answer.delete_cookie(
        cookie_name(scope), path="/", secure=is_secure(scope), httponly=True, samesite="lax"
    )
