"""Two addresses: to the identity provider, and back from it."""

import logging
from collections.abc import Awaitable, Callable
from typing import Literal, TypedDict

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.domain.rights import Role
from dashboard.errors import SignInFailed
from dashboard.local_path import local_path
from dashboard.oidc import TRANSACTION_S, Identity, Provider
from dashboard.replies import NO_STORE

log = logging.getLogger(__name__)

START = "/login/oidc"
CALLBACK = "/login/oidc/callback"
COOKIE = "onemap_oidc"
FAILED = "/login?problem=oidc"
NO_RIGHTS = "/login?problem=no_rights"


class CookieFlags(TypedDict):
    """Not for scripts, and not with requests that other sites make, but for links back to here."""

    secure: bool
    httponly: bool
    samesite: Literal["lax"]


Welcome = Callable[[Request, Identity, Role, str], Awaitable[Response]]


def router(provider: Provider, welcome: Welcome) -> APIRouter:
    """`welcome` begins the session of a person with rights and says where the browser goes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(START)
    async def start(request: Request, next: str = "/") -> Response:
        try:
            url, transaction = await provider.start(_callback(request), local_path(next))
        except SignInFailed as error:
            return _refused(request, FAILED, error)
        response = _to(url)
        response.set_cookie(
            COOKIE, transaction, max_age=TRANSACTION_S, path=START, **_kept(request)
        )
        return response

    @routes.get(CALLBACK)
    async def callback(request: Request) -> Response:
        transaction = request.cookies.get(COOKIE, "")
        try:
            identity = await provider.finish(transaction, request.query_params, _callback(request))
        except SignInFailed as error:
            return _refused(request, FAILED, error)
        rights = provider.rights(identity)
        if rights is None:
            log.warning("sign-in of %s: no group of theirs has rights here", identity.name)
            return _without_transaction(request, _to(NO_RIGHTS))
        return _without_transaction(request, await welcome(request, identity, *rights))

    return routes


def _callback(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{CALLBACK}"


def _to(url: str) -> Response:
    """303: the browser asks for the next page afresh; a link with a code in it is kept nowhere."""
    return RedirectResponse(url, 303, NO_STORE)


def _refused(request: Request, place: str, error: SignInFailed) -> Response:
    log.warning("%s", error)
    return _without_transaction(request, _to(place))


def _without_transaction(request: Request, response: Response) -> Response:
    response.delete_cookie(COOKIE, path=START, **_kept(request))
    return response


def _kept(request: Request) -> CookieFlags:
    return {"secure": request.url.scheme == "https", "httponly": True, "samesite": "lax"}
