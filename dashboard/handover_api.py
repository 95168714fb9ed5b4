"""Hand-overs over HTTP: drawn up live, handed over, signed by another, withdrawn."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from redis.asyncio import Redis

from dashboard.cases import Cases
from dashboard.clock import iso, to_ms
from dashboard.domain.areas import Area
from dashboard.domain.departments import Departments
from dashboard.domain.feeds import Freshness
from dashboard.domain.handover import (
    Handover,
    HandoverState,
    objection_to_signing,
)
from dashboard.domain.masking import mask
from dashboard.domain.rights import Principal, Right
from dashboard.doorkeeper import Asker, require
from dashboard.errors import Conflict, HandoverMoved, Missing, Refused
from dashboard.handover_answers import HANDOVER_ROUTES, NewHandover, Signature, Withdrawal
from dashboard.handovers import Shifts
from dashboard.once import actor_once, once_route
from dashboard.replies import RETRY, json_reply
from dashboard.store.audit import AuditLog
from dashboard.store.handovers import HandoverStore, Place

SHOWN_MAX = 200
SEEN_MAX_MS = 120_000  # a picture older than this is not what is handed over
AHEAD_MAX_MS = 5_000  # of another server's clock
OF_AREA = "of the asker's own when left out"


class HandoverApi:
    """Answers over one web process's picture, and what the store has of earlier ones."""

    def __init__(self, shifts: Shifts, store: HandoverStore) -> None:
        self._shifts = shifts
        self._store = store

    # ---- reading -----------------------------------------------------------------------------

    async def list(
        self,
        asker: Asker,
        area: Annotated[str | None, Query(description=OF_AREA)] = None,
        limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 20,
    ) -> Response:
        """The newest of an area, and the one that waits for a signature."""
        found = self._area(area, asker)
        total, rows = await self._store.latest(found.code, limit)
        place = await self._store.place(found.code)
        return json_reply(
            {
                "area": found.code,
                "total": total,
                "waiting": await self._waiting(asker, place),
                "items": [self._shifts.row(asker, held) for held in rows],
            }
        )

    async def draft(
        self, asker: Asker, area: Annotated[str | None, Query(description=OF_AREA)] = None
    ) -> Response:
        """What would be handed over now. `waiting`: what has to be signed before."""
        found = self._area(area, asker)
        picture = self._shifts.picture
        if picture.as_of_ms is None:
            raise HTTPException(503, "no cases yet: the store or the board is away", RETRY)
        place = await self._store.place(found.code)
        drawn, lists = self._shifts.draw_up(asker, found, place)
        row = self._shifts.row(asker, drawn) | {"state": "draft", "id": None, "version": 0}
        return json_reply(
            {
                **row,
                "may_sign": False,
                "may_withdraw": False,
                "as_of": picture.as_of(),
                "freshness": picture.age_rank().word,
                "waiting": await self._waiting(asker, place),
                **self._shifts.lists(lists),
            }
        )

    async def one(self, handover: str, asker: Asker) -> Response:
        """One as it was handed over."""
        held = await self._find(handover, asker)
        lists = await self._store.lists(held.id)
        return json_reply(self._shifts.row(asker, held) | self._shifts.lists(lists))

    async def _waiting(self, asker: Principal, place: Place) -> dict[str, Any] | None:
        held = None if place.waiting is None else await self._store.find(place.waiting)
        return None if held is None else self._shifts.row(asker, held)

    def _area(self, code: str | None, asker: Principal) -> Area:
        """Raises HTTPException: 404 no such area, 403 another's."""
        region = self._shifts.picture.region
        area = region.by_code.get(code or asker.area)
        if area is None:
            raise HTTPException(404, f"{code!r} is not an area of {region.name}")
        require(asker, Right.REGISTER, region, area.code)
        return area

    async def _find(self, identity: str, asker: Principal) -> Handover:
        """One of another area is answered as one that does not exist. Raises Missing."""
        held = await self._store.find(identity)
        region = self._shifts.picture.region
        if held is None or not asker.may(Right.REGISTER, region, held.area):
            raise Missing("hand-over", identity)
        return held

    # ---- handing over ------------------------------------------------------------------------

    async def hand_over(self, body: NewHandover, asker: Asker, request: Request) -> Response:
        """What is true now is frozen, and waits for the next officer's signature.

        409 when another waits, or was signed meanwhile: `handover` is that one.
        """
        area = self._area(body.area, asker)
        place = await self._store.place(area.code)
        if place.waiting is not None:
            raise await self._moved(asker, place.waiting, "another hand-over waits")
        self._check_seen(to_ms(body.as_of), place)
        new, lists = self._shifts.draw_up(asker, area, place, body.note)
        answer = json_reply(self._shifts.row(asker, new), 201)
        actor = await actor_once(request, answer)
        try:
            await self._store.hand_over(actor, new, lists, place)
        except Conflict as error:
            now = await self._store.place(area.code)
            raise await self._moved(asker, now.waiting or "", "another was first") from error
        return answer

    def _check_seen(self, as_of_ms: int, place: Place) -> None:
        """Whether the officer saw how things are. Raises Refused, HTTPException."""
        picture, now_ms = self._shifts.picture, self._shifts.clock.now_ms()
        if picture.age_rank() >= Freshness.STALE:
            told = picture.as_of() or "never"
            raise HTTPException(503, f"the cases are as of {told}: not of now", RETRY)
        if not now_ms - SEEN_MAX_MS <= as_of_ms <= now_ms + AHEAD_MAX_MS:
            raise Refused("as_of", f"look again: what was seen is not of now, {iso(now_ms)}")
        if place.signed_ms is not None and as_of_ms < place.signed_ms:
            raise Refused("as_of", "look again: a hand-over was signed since")

    async def sign(
        self, handover: str, body: Signature, asker: Asker, request: Request
    ) -> Response:
        """The shift is the signer's from now on. Nobody signs a hand-over of their own.

        409 when somebody else signed or withdrew it first: `handover` says who.
        """
        held = await self._at_version(handover, body.version, asker)
        if (objection := objection_to_signing(held, asker.name)) is not None:
            raise Refused("from", objection)
        note = mask(body.note) if body.note else None
        after = held.signed(asker.name, self._shifts.clock.now_ms(), note)
        answer = json_reply(self._shifts.row(asker, after))
        actor = await actor_once(request, answer)
        try:
            await self._store.sign(actor, held, after)
        except Conflict as error:
            raise await self._moved(asker, held.id) from error
        return answer

    async def withdraw(
        self, handover: str, body: Withdrawal, asker: Asker, request: Request
    ) -> Response:
        """Taken back by who handed it over, or by an administrator, while nobody has signed."""
        held = await self._at_version(handover, body.version, asker)
        if held.state is not HandoverState.HANDED:
            raise await self._moved(asker, held.id)
        if not self._shifts.may_withdraw(asker, held):
            raise Refused("from", "only who handed it over or an administrator takes it back")
        after = held.withdrawn(asker.name, self._shifts.clock.now_ms())
        answer = json_reply(self._shifts.row(asker, after))
        actor = await actor_once(request, answer)
        try:
            await self._store.withdraw(actor, held, after)
        except Conflict as error:
            raise await self._moved(asker, held.id) from error
        return answer

    async def _at_version(self, identity: str, version: int, asker: Principal) -> Handover:
        held = await self._find(identity, asker)
        if held.version != version:
            raise await self._moved(asker, held.id)
        return held

    async def _moved(self, asker: Principal, identity: str, otherwise: str = "") -> HandoverMoved:
        """Says who was first."""
        held = await self._store.find(identity)
        if held is None:
            return HandoverMoved(identity, otherwise or "it was changed meanwhile", None)
        return HandoverMoved(identity, _who(held), self._shifts.row(asker, held))


def _who(held: Handover) -> str:
    match held.state:
        case HandoverState.SIGNED:
            return f"signed by {held.signed_by} at {iso(held.signed_ms or 0)}"
        case HandoverState.WITHDRAWN:
            return f"withdrawn by {held.withdrawn_by} at {iso(held.withdrawn_ms or 0)}"
        case _:
            return f"handed over by {held.handed_by} at {iso(held.at_ms)}; waits for a signature"


async def _answer_for(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HandoverMoved):
        raise error
    body = {"field": "version", "reason": str(error), "handover": error.handover}
    return json_reply(body, 409)


def answer_errors(server: FastAPI) -> None:
    server.add_exception_handler(HandoverMoved, _answer_for)


def router(cases: Cases, departments: Departments, audit: AuditLog, redis: Redis) -> APIRouter:
    shifts = Shifts(cases, departments, cases.picture.clock)
    api = HandoverApi(shifts, HandoverStore(redis, audit))
    routes = APIRouter(route_class=once_route(audit.answer))
    for method, path, answer in (
        ("GET", "/api/handovers", api.list),
        ("POST", "/api/handovers", api.hand_over),
        ("GET", "/api/handovers/draft", api.draft),
        ("GET", "/api/handovers/{handover}", api.one),
        ("POST", "/api/handovers/{handover}/sign", api.sign),
        ("POST", "/api/handovers/{handover}/withdraw", api.withdraw),
    ):
        told = HANDOVER_ROUTES[method, path]
        routes.add_api_route(path, answer, methods=[method], response_class=Response, **told)
    return routes
