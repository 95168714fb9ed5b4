"""The audit trail: entries, each bound to the one before it by a hash."""

import hashlib
import hmac
from collections.abc import Sequence
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


def seal(secret: str, n: int, head: bytes, at: str) -> bytes:
    """Binds the end of the chain to this installation: who rewrites it cannot seal it anew."""
    key = hashlib.sha256(b"onemap audit seal\n" + secret.encode()).digest()
    return hmac.digest(key, b"%d %s " % (n, at.encode()) + head, "sha256")


class Head(msgspec.Struct, frozen=True):
    """The end of the chain: number, hash and time of the last entry, sealed."""

    n: int
    hash: bytes
    seal: bytes
    at: str

    def is_sealed(self, secret: str) -> bool:
        """What is not must not be built on: the next seal would make it good."""
        sealed = seal(secret, self.n, self.hash, self.at)
        return self.n == 0 or hmac.compare_digest(sealed, self.seal)


Row = tuple[bytes, list[bytes]]  # as stored: its id `n-0`, and e, the entry, h, its hash


class ChainCheck:
    """Reads the chain from its beginning; `fault` says what is wrong and names the entry."""

    def __init__(self, noted: tuple[int, bytes] | None = None) -> None:
        """`noted`: number and hash of an entry that were written down elsewhere."""
        self.n = 0
        self.fault: str | None = None
        self._hash = START_HASH
        self._noted = noted

    def read(self, rows: Sequence[Row]) -> None:
        """The next rows; stops at the first fault."""
        if self.fault is not None:
            return
        noted_n, noted = self._noted or (0, START_HASH)
        n, previous, sha256 = self.n, self._hash, hashlib.sha256
        for row_id, fields in rows:
            n += 1
            if row_id != b"%d-0" % n:
                self.fault = _misplaced(n, row_id)
                return
            body = fields[1]
            previous = sha256(previous + body).digest()
            if fields != [b"e", body, b"h", previous] or not body.startswith(b'{"n":%d,' % n):
                self.fault = f"entry {n} was changed, or does not follow on entry {n - 1}"
                return
            if n == noted_n and previous != noted:
                self.fault = f"entry {n} is not the one that was noted: the chain was rewritten"
                return
            self.n, self._hash = n, previous

    def end(self, head: Head, secret: str | None) -> None:
        """After the last row: whether the head fits, and was sealed here (None: by whomever)."""
        if self.fault is not None:
            return
        if self.n < head.n:
            self.fault = f"entries {self.n + 1} to {head.n} are missing at the end"
        elif head.n and self._hash != head.hash:
            self.fault = f"entry {head.n} is not the one that the head of the chain names"
        elif secret is not None and not head.is_sealed(secret):
            self.fault = f"entry {head.n}: the end of the chain was not sealed with this secret"
        elif self._noted is not None and self._noted[0] > head.n:
            self.fault = f"entry {self._noted[0]}, which was noted, is missing"


def _misplaced(n: int, found: bytes) -> str:
    text = found.decode(errors="replace")
    number, _, rest = text.partition("-")
    if rest == "0" and number.isdecimal() and int(number) > n:
        last = int(number) - 1
        return f"entry {n} is missing" if last == n else f"entries {n} to {last} are missing"
    return f"entry {n}: {text} stands in its place, which was put in afterwards"
