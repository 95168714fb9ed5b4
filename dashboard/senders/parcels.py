"""What is handed to a sender, and what it says when that could not be delivered."""

import hashlib
import hmac
from dataclasses import dataclass


class NotSent(Exception):
    """`str()` is for people and names no secret, address or URL.

    `is_away`: it failed for the place's sake and not for what was sent, so that all that waits for
    it waits. `is_gone`: the receiver wants nothing any more.
    """

    def __init__(self, reason: str, *, is_away: bool = True, is_gone: bool = False) -> None:
        super().__init__(reason)
        self.is_away = is_away
        self.is_gone = is_gone


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery. `id`: the same for every attempt."""

    id: str
    body: bytes
    content_type: str


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The header X-OneMap-Signature. `timestamp`: Unix seconds, as in X-OneMap-Timestamp."""
    told = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()
