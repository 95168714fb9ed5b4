"""Answers over HTTP that no browser and no proxy keeps."""

from typing import Any

import msgspec
from starlette.responses import Response

NO_STORE = {"Cache-Control": "no-store"}
RETRY = {"Retry-After": "1"}

_encode = msgspec.json.Encoder().encode


def json_reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`headers` are those besides NO_STORE."""
    return Response(_encode(body), status, NO_STORE | (headers or {}), "application/json")


def empty_reply() -> Response:
    return Response(status_code=204, headers=NO_STORE)
