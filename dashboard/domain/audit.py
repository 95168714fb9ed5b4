"""The audit trail: entries, each bound to the one before it by a hash."""

import hashlib
import hmac
from typing import Any

import msgspec

START_HASH = bytes(32)  # of the entry before the first


class AuditEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act. `n` counts from 1 without a gap; `at` is RFC 3339 in UTC, of the server's clock.

    `before` and `after` are what the act changed of its subject, without secrets; `version` is
    the subject's version that the act was made on.
    """

    n: int
    at: str
    actor: str  # name of an account, display or feed; "command line"; "" for nobody known
    role: str
    address: str  # where from: an IP address, or "command line"
    action: str  # such as "session.sign_in": what kind of subject, and what was done
    subject: str  # such as "account/li.na" or "incident/GD-20260715-0412"
    outcome: str  # done | refused
    area: str | None = None  # of the subject
    version: int | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    detail: str | None = None  # why it was refused, or how many were counted


def chain(previous: bytes, entry: bytes) -> bytes:
    """SHA-256 over the hash before and the entry as it is stored: 32 bytes."""
    return hashlib.sha256(previous + entry).digest()


def seal(secret: str, n: int, head: bytes) -> bytes:
    """Binds the end of the chain to this installation: who rewrites it cannot seal it anew."""
    key = hashlib.sha256(b"onemap audit seal\n" + secret.encode()).digest()
    return hmac.digest(key, b"%d " % n + head, "sha256")
