"""The audit trail as a file: JSON lines, or CSV that opens in a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec

from dashboard.domain.audit import AuditEntry
from dashboard.store.audit import AuditLog

MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
COLUMNS = AuditEntry.__struct_fields__
BOM = "\ufeff"  # without it spreadsheets take Chinese for something else
READ_AT_ONCE = 2_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run by spreadsheets

Takes = Callable[[AuditEntry], bool]

_encode = msgspec.json.Encoder().encode


def between(since: str | None, until: str | None) -> Takes:
    """Entries of that time; both are times as an entry has them, and inclusive."""
    return lambda entry: (
        (since is None or entry.at >= since) and (until is None or entry.at <= until)
    )


async def export(audit: AuditLog, form: str, takes: Takes) -> AsyncIterator[bytes]:
    """Pieces of the file, oldest entry first, up to the end there was at the beginning.

    Raises StoreAway.
    """
    last = (await audit.head()).n
    write = _csv if form == "csv" else _lines
    if form == "csv":
        yield (BOM + _csv_text([COLUMNS])).encode()
    after = 0
    while after < last:
        entries = await audit.entries(after, min(READ_AT_ONCE, last - after))
        if not entries:
            return
        after = entries[-1].n
        taken = [entry for entry in entries if takes(entry)]
        if taken:
            yield write(taken)


def _lines(entries: Sequence[AuditEntry]) -> bytes:
    return b"".join(_encode(entry) + b"\n" for entry in entries)


def _csv(entries: Sequence[AuditEntry]) -> bytes:
    return _csv_text([[_cell(getattr(e, name)) for name in COLUMNS] for e in entries]).encode()


def _csv_text(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = _encode(value).decode() if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
