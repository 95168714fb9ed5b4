"""The command-line tool for the audit trail: is it whole, and as a file."""

import asyncio
import re
import sys
import time
from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from dashboard.audit_export import Takes, between, export
from dashboard.clock import Clock, iso, to_ms
from dashboard.config import Settings
from dashboard.domain.audit import ChainCheck, Head
from dashboard.errors import AuditBroken, OneMapError, Refused
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from dashboard.store.audit_seal import seal_anew

NOTED = re.compile(r"([0-9]{1,15}):([0-9a-f]{64})")


class ChainBroken(OneMapError):
    """The audit trail was tampered with; the entry is named."""


async def verify(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """How many entries, and the head to note elsewhere. Raises ChainBroken."""
    audit = AuditLog(redis, settings.secret, clock)
    began_s = time.monotonic()
    head = await _read_through(audit, ChainCheck(_noted(options.noted)), settings.secret)
    took_s = time.monotonic() - began_s
    return (
        f"{head.n} entries, unbroken, in {took_s:.1f} s; note this head: {head.n}:{head.hash.hex()}"
    )


async def reseal(settings: Settings, redis: Any, clock: Clock, _options: Namespace) -> str:
    """For a secret that was lost: who does it vouches for the chain, and is noted.

    Raises ChainBroken when the chain itself is broken, Conflict when it grew meanwhile.
    """
    audit = AuditLog(redis, settings.secret, clock)
    head = await _read_through(audit, ChainCheck(), None)
    if head.n == 0 or head.is_sealed(settings.secret):
        return "nothing to do: the trail is sealed with this secret"
    await seal_anew(redis, settings.secret, head)
    act = COMMAND_LINE.act(
        "audit.reseal",
        "audit",
        detail=f"entries up to {head.n} were sealed with another secret",
    )
    await audit.commit(act)
    return f"{head.n} entries are sealed with this secret from now on; that is noted as the next"


async def _read_through(audit: AuditLog, check: ChainCheck, secret: str | None) -> Head:
    """The head that the whole chain leads to. Raises ChainBroken."""
    try:
        last = await audit.last_n()  # before the head, which only grows
        head = await audit.head()
        async for rows in audit.rows(head.n):
            await asyncio.to_thread(check.read, rows)
            if check.fault is not None:
                break
    except AuditBroken as error:
        raise ChainBroken(str(error)) from error
    check.end(head, secret)
    if check.fault is None and last > head.n:
        check.fault = f"entry {head.n + 1}: the head of the chain does not reach it"
    await audit.note_check(check.n, is_good=check.fault is None)
    if check.fault is not None:
        raise ChainBroken(f"the audit trail is broken: {check.fault}")
    return head


async def take_away(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """Writes the file and notes that it was taken. Raises Refused."""
    audit = AuditLog(redis, settings.secret, clock)
    takes = between(_moment("--since", options.since), _moment("--until", options.until))
    told = {"format": options.format, "since": options.since, "until": options.until}
    asked = {name: value for name, value in told.items() if value is not None}
    await audit.commit(COMMAND_LINE.act("audit.export", "audit", after=asked))
    if options.out is None:
        await _write(audit, options.format, takes, sys.stdout.buffer)
        return ""
    try:
        with Path(options.out).open("wb") as file:  # noqa: ASYNC230  # nothing else waits for it
            await _write(audit, options.format, takes, file)
    except OSError as error:
        raise Refused("--out", f"{options.out} cannot be written: {error.strerror}") from error
    return f"written to {options.out}"


async def _write(audit: AuditLog, form: str, takes: Takes, file: BinaryIO) -> None:
    async for piece in export(audit, form, takes):
        file.write(piece)
    file.flush()


def _noted(text: str | None) -> tuple[int, bytes] | None:
    if text is None:
        return None
    found = NOTED.fullmatch(text)
    if found is None:
        raise Refused("--from", "expected NUMBER:HASH, as `audit verify` prints it")
    return int(found[1]), bytes.fromhex(found[2])


def _moment(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(name, "expected a time such as 2026-11-22T08:00:00+08:00") from error
    if moment.tzinfo is None:
        raise Refused(name, "expected a time with its zone, such as 2026-11-22T08:00:00+08:00")
    return iso(to_ms(moment))


TOOLS = {"verify": verify, "reseal": reseal, "export": take_away}
