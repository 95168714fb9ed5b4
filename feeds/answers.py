"""What the intake takes and answers, as its description in OpenAPI says it."""

from typing import Annotated, Any, Literal

from fastapi import Security
from fastapi.security import HTTPBearer
from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from feeds.schema import EVENT_TYPES

Count = Annotated[int, Field(ge=0)]
Reason = Annotated[str, Field(description="What was expected")]


class Rejected(TypedDict):
    """One event that was refused, by its place in the batch."""

    index: Count
    id: str | None
    field: str
    reason: Reason


class Taken(TypedDict):
    """What landed of a batch, and what was refused event by event."""

    accepted: Annotated[int, Field(ge=0, description="Events that landed now")]
    duplicate: Annotated[bool, Field(description="The whole batch had landed before")]
    sequence: int | None
    repeated: Annotated[int, Field(ge=0, description="Events whose id had landed before")]
    dropped_private: Annotated[int, Field(ge=0, description="Events about people's behaviour")]
    rejected: list[Rejected]


class Refused(TypedDict):
    """Nothing of the batch was stored; `field` is what was wrong, empty for the body as a whole."""

    accepted: Literal[0]
    index: None
    field: str
    reason: Reason
    rejected: list[Rejected]


class Elsewhere(TypedDict):
    """Nothing of the batch was stored: every event lies outside the feed's area."""

    accepted: Literal[0]
    field: str
    reason: Reason
    rejected: list[Rejected]


class Later(TypedDict):
    """Nothing of the batch was stored; the same batch is welcome later."""

    accepted: Literal[0]
    field: str
    reason: Reason
    rejected: list[Rejected]


_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
STATUSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Taken, "description": "What landed, and what was refused event by event"},
    401: {
        "model": Refused,
        "description": "No or unknown token",
        "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    },
    403: {
        "model": Elsewhere,
        "description": "Every event lies outside the feed's area, or another site's request",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    },
    408: {"model": Refused, "description": "The body did not arrive in time"},
    413: {"model": Refused, "description": "Too many events or bytes"},
    422: {"model": Refused, "description": "Not a batch"},
    431: {
        "description": "Too many bytes of headers",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    },
    429: {
        "model": Later,
        "description": "Too fast; come again after Retry-After seconds",
        "headers": _RETRY_AFTER,
    },
    503: {
        "model": Later,
        "description": "The store is away or full; nothing was stored; come again after "
        "Retry-After seconds",
        "headers": _RETRY_AFTER,
    },
}
FEED = (Security(HTTPBearer(scheme_name="feedToken", auto_error=False)),)

_SHORT = {"type": "string", "minLength": 1, "maxLength": 64}
_EVENT = {
    "type": "object",
    "description": "Checked by itself: one that cannot be used is named in `rejected`, "
    "and the others land",
    "required": ["id", "type", "data"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 128},
        "type": {"type": "string", "enum": list(EVENT_TYPES)},
        "source": _SHORT,
        "time": {"type": "string", "format": "date-time"},
        "area": _SHORT,
        "lon": {"type": "number", "minimum": -180, "maximum": 180},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "datum": {"type": "string", "enum": ["wgs84", "gcj02", "bd09"]},
        "data": {"type": "object", "description": "By type, see docs/feeds.md"},
    },
}
BATCH: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["events"],
                    "properties": {
                        "sequence": {"type": "integer", "minimum": 0, "maximum": 2**53},
                        "events": {"type": "array", "items": _EVENT},
                    },
                }
            }
        },
    },
}
