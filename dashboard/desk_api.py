"""The duty desk over HTTP: queues, one case whole, and what is done to it."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response

from dashboard.case_search import CaseSearch, Wanted
from dashboard.cases import Cases
from dashboard.commands import Desk, decode_wish
from dashboard.desk_answers import DESK_ROUTES
from dashboard.domain.areas import Area
from dashboard.domain.incidents import Incident
from dashboard.domain.rights import Principal, Right
from dashboard.doorkeeper import Asker, actor_of, require
from dashboard.errors import Missing, NotAllowed, Outrun, StoreAway
from dashboard.folds import Folding
from dashboard.queries import LivePicture
from dashboard.queues import SHARES, Numbers, Seen, clocks, command_tier, ordered
from dashboard.replies import RETRY, json_reply
from dashboard.store import keys
from dashboard.store.acts import ENTRY_NUMBER
from dashboard.store.audit import AuditLog

NOTED_CHARS = 200  # of an identity that was asked for
TRAIL_SHOWN = 50
FOLD_SHOWN = 50

Listed = tuple[int, list[dict[str, Any]]]  # rows of the whole list, items of the page
Scope = Annotated[str | None, Query(description="whose queues the fold is of; the asker's own")]


class DeskApi:
    """Answers over one web process's picture."""

    def __init__(self, cases: Cases, desk: Desk, audit: AuditLog) -> None:
        self._cases = cases
        self._search = CaseSearch(cases)
        self._desk = desk
        self._audit = audit

    @property
    def _picture(self) -> LivePicture:
        """Raises HTTPException before the first one is here: an empty queue would look like one."""
        if self._cases.picture.as_of_ms is None:
            raise HTTPException(503, "no cases yet: the store or the board is away", RETRY)
        return self._cases.picture

    # ---- queues ----------------------------------------------------------------------------------

    async def queue(self, asker: Asker, wanted: Annotated[Wanted, Depends()]) -> Response:
        """Cases of one queue with the counts of all, as seen from the area's tier of command."""
        picture = self._picture
        area = self._area(wanted.area or asker.area, asker)
        now_ms = picture.clock.now_ms()
        seen = self._cases.look(asker, area, now_ms)
        numbers = self._search.filtered(seen.numbers[seen.within(wanted.queue)], wanted)
        if wanted.fold is not None:
            numbers = Folding(picture, seen).of_fold(numbers, wanted.fold)
        listed = self._folded if wanted.folded else self._unfolded
        total, items = listed(seen, numbers, wanted, now_ms)
        return json_reply(
            {
                "as_of": picture.as_of(),
                "area": area.code,
                "tier": command_tier(area).value,
                "queue": wanted.queue.value,
                "counts": seen.counts(),
                "tiers": seen.tier_counts(),
                "clocks": clocks(picture.classes.calendar, now_ms),
                "total": total,
                "total_cases": len(numbers),
                "offset": wanted.offset,
                "items": items,
            }
        )

    def _unfolded(self, seen: Seen, numbers: Numbers, wanted: Wanted, now_ms: int) -> Listed:
        listed = ordered(self._picture, numbers, wanted.sort)
        page = listed[wanted.offset : wanted.offset + wanted.limit].tolist()
        items = [self._row(number, now_ms) for number in page]
        return len(listed), _with_queues(seen, page, items)

    def _folded(self, seen: Seen, numbers: Numbers, wanted: Wanted, now_ms: int) -> Listed:
        """One item a fold: its primary, or the first reported of it that is wanted."""
        folding = Folding(self._picture, seen)
        total, cut = folding.listed(numbers, wanted.sort)
        page, items = cut.page(wanted.offset, wanted.limit), []
        for row in page:
            is_fold = len(row.members) > 1
            fold = folding.primary_of(row.number)
            inside = folding.inside(row.members) if is_fold else None
            items.append(self._row(row.number, now_ms) | {"fold": fold, "inside": inside})
        return total, _with_queues(seen, [row.number for row in page], items)

    def _area(self, code: str, asker: Principal) -> Area:
        """An area the asker may see. Raises HTTPException: 404 no such area, 403 another's."""
        region = self._picture.region
        area = region.by_code.get(code)
        if area is None:
            raise HTTPException(404, f"{code!r} is not an area of {region.name}")
        require(asker, Right.SEE_CASE, region, code)
        return area

    def _row(self, number: int, now_ms: int) -> dict[str, Any]:
        incidents = self._picture.incidents
        incident = incidents.by_id[incidents.table.ids[number]]
        return self._cases.row(incident, self._cases.case(incident, now_ms))

    # ---- one case --------------------------------------------------------------------------------

    async def incident(
        self, incident: str, asker: Asker, request: Request, area: Scope = None
    ) -> Response:
        """One case with its history, what may be done with it, its audit trail and its fold.

        Who looked is noted before it is shown. A case outside the asker's area is answered as one
        that does not exist.
        """
        scope = self._area(area or asker.area, asker)
        try:
            found = self._desk.find(asker, incident)
        except Missing:
            found = None
        await self._note_view(request, incident, found)
        if found is None:
            raise HTTPException(404, f"no incident {incident!r} is open or ended lately")
        whole = self._cases.whole(found, asker, self._picture.clock.now_ms())
        fold = self._fold(found, asker, scope)
        return json_reply(whole | {"trail": await self._trail(incident), "fold": fold})

    def _fold(self, incident: Incident, asker: Principal, area: Area) -> dict[str, Any] | None:
        """The similar cases it lies among in its queue of an area; None when it stands alone."""
        picture, now_ms = self._picture, self._picture.clock.now_ms()
        seen = self._cases.look(asker, area, now_ms)
        members = Folding(picture, seen).members_of(incident.id)
        if len(members) < 2:
            return None
        shown = members[:FOLD_SHOWN].tolist()
        rows = _with_queues(seen, shown, [self._row(number, now_ms) for number in shown])
        return {"primary": rows[0]["id"], "total": len(members), "members": rows}

    async def _note_view(self, request: Request, incident: str, found: Incident | None) -> None:
        told = keys.incident_audit(incident)
        writes = (
            ("RPUSH", told, ENTRY_NUMBER),
            ("LTRIM", told, -keys.INCIDENT_AUDIT_KEPT, -1),
            ("PEXPIRE", told, keys.INCIDENT_AUDIT_MS),
        )
        act = actor_of(request).act(
            "incident.view",
            f"incident/{incident[:NOTED_CHARS]}",
            outcome="refused" if found is None else "done",
            area=found.report.grid if found and found.report else None,
            writes=() if found is None else writes,
        )
        try:
            await self._audit.commit(act)
        except StoreAway as error:
            raise HTTPException(503, "views are noted, and the store is away", RETRY) from error

    async def _trail(self, incident: str) -> list[dict[str, Any]]:
        """The last audit entries of the case, newest first."""
        try:
            entries = await self._audit.of_incident(incident, TRAIL_SHOWN)
        except StoreAway as error:
            raise HTTPException(503, "the audit trail is away with the store", RETRY) from error
        return [
            {
                "n": entry.n,
                "at": entry.at,
                "actor": entry.actor,
                "role": entry.role,
                "action": entry.action,
                "outcome": entry.outcome,
                "detail": entry.detail,
                "before": entry.before,
                "after": entry.after,
            }
            for entry in entries
        ]

    async def act(self, incident: str, asker: Asker, request: Request) -> Response:
        """Take one step of a case, at the version that was seen. The same `key` is the same click.

        409 when somebody else was first: `winner` says who, `incident` how the case is now; or when
        the step is not possible now: `possible` says what is.
        """
        _ = self._picture
        wish = decode_wish(await request.body())
        return json_reply(await self._desk.act(asker, actor_of(request), incident, wish))

    async def departments(self, asker: Asker) -> Response:
        """The departments and duty teams that work in the asker's area or for more than it."""
        return json_reply({"departments": self._cases.departments_of(asker)})


def _with_queues(
    seen: Seen, numbers: list[int], items: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of the table with the queue each lies in."""
    shares = seen.shares[np.searchsorted(seen.numbers, numbers)].tolist()
    return [row | {"queue": SHARES[share].value} for row, share in zip(items, shares, strict=True)]


async def _answer_for(_request: Request, error: Exception) -> Response:
    body: dict[str, Any] = {"detail": str(error)}
    match error:
        case Outrun():
            told = {"code": "outrun", "winner": error.winner, "incident": error.incident}
            return json_reply(body | told, 409)
        case NotAllowed():
            reply: dict[str, Any] = {"code": error.code, "possible": list(error.possible)}
            return json_reply(body | reply, 403 if error.is_forbidden else 409)
    raise error


def answer_errors(server: FastAPI) -> None:
    for kind in (Outrun, NotAllowed):
        server.add_exception_handler(kind, _answer_for)


def router(cases: Cases, desk: Desk, audit: AuditLog) -> APIRouter:
    api = DeskApi(cases, desk, audit)
    routes = APIRouter()
    for method, path, answer in (
        ("GET", "/api/queue", api.queue),
        ("GET", "/api/departments", api.departments),
        ("POST", "/api/incidents/{incident:path}/actions", api.act),
        ("GET", "/api/incidents/{incident:path}", api.incident),
    ):
        told = DESK_ROUTES[method, path]
        routes.add_api_route(path, answer, methods=[method], response_class=Response, **told)
    return routes
