"""The audit trail for administrators: searched page by page, newest first."""

import re
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BeforeValidator, WithJsonSchema
from starlette.responses import StreamingResponse

from dashboard.audit_export import MEDIA, Takes, between, export
from dashboard.clock import iso, to_ms
from dashboard.domain.areas import Region
from dashboard.domain.audit import AuditEntry
from dashboard.domain.rights import Right
from dashboard.doorkeeper import Asker, actor_of, require
from dashboard.office_answers import OFFICE
from dashboard.replies import NO_STORE, json_reply
from dashboard.store.audit import AuditLog

PAGE_MAX = 500
N_MAX = 2**53 - 1  # of what JSON can count; the store knows no more than 2**64
READ_AT_ONCE = 2_000
LOOKED_AT_MAX = 50_000  # entries a request goes through; the next goes on where it stopped

Text = Annotated[str | None, Query(max_length=200)]
WRITTEN = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt ].*$"  # pydantic would take seconds, and year 1


def _written(text: object) -> object:
    if text is not None and not (isinstance(text, str) and re.match(WRITTEN, text)):
        raise ValueError("expected a time such as 2026-11-22T08:00:00+08:00")
    return text


Time = Annotated[
    AwareDatetime,
    BeforeValidator(_written),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": WRITTEN}),
]


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries: text is looked for inside a field, times are inclusive."""

    actor: Text = None
    action: Text = None
    subject: Text = None
    outcome: Literal["done", "refused"] | None = None
    since: Time | None = None
    until: Time | None = None

    def told(self) -> dict[str, str]:
        """What was asked for, for the audit trail."""
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: str(value) for name, value in asked.items() if value is not None}

    def takes(self) -> Takes:
        """Whether an entry is wanted; made once for all entries."""
        is_of_the_time = between(_as_noted(self.since), _as_noted(self.until))
        actor, action, subject = (
            (text or "").lower() for text in (self.actor, self.action, self.subject)
        )
        return lambda entry: (
            self.outcome in (None, entry.outcome)
            and is_of_the_time(entry)
            and actor in entry.actor.lower()
            and action in entry.action.lower()
            and subject in entry.subject.lower()
        )


def _as_noted(moment: Time | None) -> str | None:
    return None if moment is None else iso(to_ms(moment))


class Trail:
    """Only for those whose area is the whole region: the chain is one, and so are its numbers."""

    def __init__(self, audit: AuditLog, region: Region) -> None:
        self._audit = audit
        self._region = region

    async def search(
        self,
        asker: Asker,
        search: Annotated[Search, Depends()],
        before: Annotated[
            int | None, Query(ge=1, le=N_MAX, description="`next` of the page before")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
    ) -> Response:
        """Newest first. `next` is null when all was looked at; a page may hold fewer."""
        require(asker, Right.AUDIT, self._region, self._region.root.code)
        found: list[AuditEntry] = []
        takes, at, looked_at, piece = search.takes(), before, 0, limit
        while len(found) < limit and looked_at < LOOKED_AT_MAX and at != 1:
            entries = await self._audit.entries_before(at, min(piece, LOOKED_AT_MAX - looked_at))
            piece = READ_AT_ONCE  # few are wanted: look further at once
            for entry in entries:
                at, looked_at = entry.n, looked_at + 1
                if takes(entry):
                    found.append(entry)
                    if len(found) == limit:
                        break
            if not entries:
                break
        head = await self._audit.head()
        body: dict[str, Any] = {"total": head.n, "items": [_row(entry) for entry in found]}
        body["next"] = at if at is not None and at > 1 else None
        body["checked"] = await self._audit.checked()
        return json_reply(body)

    async def export(
        self,
        asker: Asker,
        request: Request,
        search: Annotated[Search, Depends()],
        form: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv",
    ) -> Response:
        """All that the search finds as a file, oldest first. That it was taken is noted."""
        require(asker, Right.AUDIT, self._region, self._region.root.code)
        asked = {"format": form, **search.told()}
        act = actor_of(request).act("audit.export", "audit", area=asker.area, after=asked)
        await self._audit.commit(act)
        headers = NO_STORE | {"Content-Disposition": f'attachment; filename="audit.{form}"'}
        pieces = export(self._audit, form, search.takes())
        return StreamingResponse(pieces, 200, headers, MEDIA[form])


def _row(entry: AuditEntry) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(entry)
    return row


def router(audit: AuditLog, region: Region) -> APIRouter:
    routes = APIRouter()
    trail = Trail(audit, region)
    for path, answer in (("/api/audit", trail.search), ("/api/audit/export", trail.export)):
        told = OFFICE["GET", path]
        routes.add_api_route(path, answer, methods=["GET"], response_class=Response, **told)
    return routes
