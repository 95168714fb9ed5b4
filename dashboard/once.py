"""A request that comes twice under one `Idempotency-Key` is done once and answered alike.

The answer is noted in the same step as the act, for a day, under the asker's name. One that holds
a secret is not kept: its replay is told that it was done.
"""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute

from dashboard.doorkeeper import actor_of, principal_of
from dashboard.errors import AlreadyDone, Missing, Refused, Stale
from dashboard.replies import NO_STORE, json_reply
from dashboard.store import keys
from dashboard.store.acts import Actor

HEADER = "Idempotency-Key"
KEY_MAX_CHARS = 200

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Look = Callable[[str], Coroutine[Any, Any, bytes | None]]


class Done(msgspec.Struct, frozen=True, array_like=True):
    """What was answered; `request` is the hash of what was asked for. No body: it held a secret."""

    request: str
    status: int
    body: bytes | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Done).decode


async def actor_once(request: Request, answer: Response | None) -> Actor:
    """Who asks, with the answer to note beside the act; None for one that holds a secret."""
    actor = actor_of(request)
    key = _key(request)
    if key is None:
        return actor
    status, body = (409, None) if answer is None else (answer.status_code, bytes(answer.body))
    done = Done(await _hash(request), status, body)
    return replace(actor, once=(key, _encode(done)))


def once_route(look: Look) -> type[APIRoute]:
    """Routes that look for an answer that was given before."""

    class OnceRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def handle_once(request: Request) -> Response:
                key = None if request.method == "GET" else _key(request)
                if key is None:
                    return await handle(request)
                if (done := await look(key)) is not None:
                    return await _again(request, done)
                try:
                    return await handle(request)
                except AlreadyDone as error:
                    return await _again(request, error.answer)
                except (Missing, Refused, Stale):  # perhaps because of the same request
                    if (done := await look(key)) is None:
                        raise
                    return await _again(request, done)

            return handle_once

    return OnceRoute


async def _again(request: Request, noted: bytes) -> Response:
    done = _decode(noted)
    if done.request != await _hash(request):
        raise Refused(HEADER, "another request came under this key")
    if done.body is None:
        reason = "this was done already; its answer held a secret and was not kept"
        return json_reply({"field": HEADER, "reason": reason}, 409)
    media = "application/json" if done.body else None
    return Response(done.body, done.status, NO_STORE, media)


def _key(request: Request) -> str | None:
    """Where the answer is noted; None without the header. Raises Refused."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    if not 1 <= len(given) <= KEY_MAX_CHARS:
        raise Refused(HEADER, f"expected 1 to {KEY_MAX_CHARS} characters")
    asker = principal_of(request)
    return keys.done(_sha256(f"{asker.role.value}\n{asker.name}\n{given}".encode()))


async def _hash(request: Request) -> str:
    """With the key for salt: there may be a password in the body."""
    given = request.headers[HEADER]
    asked = f"{given}\n{request.method} {request.url.path}?{request.url.query}\n"
    return _sha256(asked.encode() + await request.body())


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
