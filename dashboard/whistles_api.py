"""Whistles over HTTP: listed, one whole, drafted or blown, answered, rated; figures of a period."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from dashboard.audit_api import Time
from dashboard.cases import Cases
from dashboard.clock import DAY_MS, iso, local_day_start_ms, to_ms
from dashboard.domain.areas import Area
from dashboard.domain.casework import Case
from dashboard.domain.rights import Principal, Right, Role
from dashboard.domain.whistle_figures import (
    LEAST_SAMPLES,
    DepartmentFigures,
    blown_in,
    department_figures,
    whistle_rate,
)
from dashboard.domain.whistle_life import WhistleState
from dashboard.domain.whistles import Whistle
from dashboard.doorkeeper import Asker, actor_of, require
from dashboard.errors import Missing, WhistleOutrun
from dashboard.replies import RETRY, json_reply
from dashboard.whistle_commands import WhistleDesk
from dashboard.whistle_wishes import NewWhistle, StepWish, decode
from dashboard.whistles_answers import WHISTLE_ROUTES

LIMIT_MAX = 200
FIGURES_DAYS = 7


class Wanted(BaseModel):
    """Which whistles of an area; all of them when nothing is said."""

    model_config = ConfigDict(extra="forbid")

    area: Annotated[str | None, Query(description="the asker's own when left out")] = None
    state: WhistleState | None = None
    department: Annotated[str | None, Query(max_length=64, description="that is called")] = None
    offset: Annotated[int, Query(ge=0)] = 0
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50


Code = Annotated[str | None, Query(description="the asker's own when left out")]
From = Annotated[Time | None, Query(alias="from", description="a week before `to` when left out")]
To = Annotated[Time | None, Query(alias="to", description="now when left out")]


class WhistlesApi:
    """Answers over one web process's picture."""

    def __init__(self, cases: Cases, desk: WhistleDesk) -> None:
        self._cases = cases
        self._desk = desk

    def _area(self, code: str | None, asker: Principal) -> Area:
        """Raises HTTPException: 404 no such area, 403 another's, 503 before the first picture."""
        region = self._cases.region
        area = region.by_code.get(code or asker.area)
        if area is None:
            raise HTTPException(404, f"{code!r} is not an area of {region.name}")
        require(asker, Right.SEE_CASE, region, area.code)
        self._must_be_here()
        return area

    def _must_be_here(self) -> None:
        """An empty list would look like a quiet day. Raises HTTPException."""
        if self._cases.picture.as_of_ms is None:
            raise HTTPException(503, "no whistles yet: the store or the board is away", RETRY)

    def _seen(self, asker: Principal, area: Area) -> Iterator[tuple[Case, Whistle]]:
        now_ms, region = self._cases.picture.clock.now_ms(), self._cases.region
        for incident in self._cases.whistles.with_whistles():
            if incident.report is None or not region.is_within(incident.report.grid, area.code):
                continue
            case = self._cases.case(incident, now_ms)
            for held in self._cases.whistles.of(case):
                if self._desk.may_see(asker, incident, held):
                    yield case, held

    # ---- reading ---------------------------------------------------------------------------------

    async def list(self, asker: Asker, wanted: Annotated[Wanted, Depends()]) -> Response:
        """Whistles of an area, the newest first; a department's are those blown for it."""
        area = self._area(wanted.area, asker)
        seen = [
            (case, held)
            for case, held in self._seen(asker, area)
            if wanted.department is None or wanted.department in held.parts
        ]
        counts = dict.fromkeys((state.value for state in WhistleState), 0)
        for _, held in seen:
            counts[held.state.value] += 1
        found = [one for one in seen if wanted.state in (None, one[1].state)]
        found.sort(key=lambda one: (-_began_ms(one[1]), one[1].id))
        page = found[wanted.offset : wanted.offset + wanted.limit]
        body = {
            "as_of": self._cases.picture.as_of(),
            "area": area.code,
            "counts": counts,
            "total": len(found),
            "offset": wanted.offset,
            "items": [self._row(asker, case, held) for case, held in page],
        }
        return json_reply(body)

    def _row(self, asker: Principal, case: Case, held: Whistle) -> dict[str, Any]:
        return self._cases.whistles.row(asker, case, held, self._cases.units(asker))

    async def one(self, whistle: str, asker: Asker) -> Response:
        """One whistle. One outside the asker's area is answered as one that does not exist."""
        self._must_be_here()
        try:
            _, case, held = self._desk.find(asker, whistle)
        except Missing as error:
            raise HTTPException(404, f"no whistle {whistle!r} of a case held here") from error
        return json_reply(self._row(asker, case, held))

    async def figures(
        self, asker: Asker, area: Code = None, since: From = None, until: To = None
    ) -> Response:
        """How departments answered. `whistles_per_case` is of the cases reported in the period.

        Cases are held for a week after their end, so an earlier `from` tells of less than there
        was. A department reads its own row alone.
        """
        scope = self._area(area, asker)
        now_ms = self._cases.picture.clock.now_ms()
        until_ms = now_ms if until is None else to_ms(until)
        week_ms = local_day_start_ms(until_ms) - FIGURES_DAYS * DAY_MS
        since_ms = week_ms if since is None else to_ms(since)
        if since_ms >= until_ms:
            raise HTTPException(422, "from: lies at or after `to`; expected an earlier instant")
        blown = blown_in((held for _, held in self._seen(asker, scope)), since_ms, until_ms)
        n_cases = self._n_cases(scope, since_ms, until_ms)
        found = department_figures(blown, now_ms)
        if asker.role is Role.DEPARTMENT:
            units = self._cases.units(asker)
            found = [one for one in found if one.department in units]
        body = {
            "as_of": self._cases.picture.as_of(),
            "area": scope.code,
            "from": iso(since_ms),
            "to": iso(until_ms),
            "least_samples": LEAST_SAMPLES,
            "n_whistles": len(blown),
            "n_cases": n_cases,
            "whistles_per_case": whistle_rate(len(blown), n_cases),
            "departments": [self._figures(one) for one in found],
        }
        return json_reply(body)

    def _n_cases(self, area: Area, since_ms: int, until_ms: int) -> int:
        picture = self._cases.picture
        rows = picture.incidents.table.rows
        reported = (rows["reported_ms"] >= since_ms) & (rows["reported_ms"] < until_ms)
        return int((reported & picture.within(rows["grid"], area)).sum())

    def _figures(self, one: DepartmentFigures) -> dict[str, Any]:
        known = self._cases.whistles.department(one.department)
        return {
            "department": one.department,
            "name": one.department if known is None else known.name,
            "name_en": one.department if known is None else known.name_en,
            "called": one.called,
            "answered": one.answered,
            "on_time": one.on_time,
            "judged": one.judged,
            "arrived": one.arrived,
            "done": one.done,
            "answer_rate": one.answer_rate,
            "on_time_rate": one.on_time_rate,
            "minutes": {
                clock.value: {"n": times.n, "median": times.median, "p90": times.p90}
                for clock, times in one.minutes.items()
            },
            "speed": {"n": one.speed.n, "mean": one.speed.mean},
            "quality": {"n": one.quality.n, "mean": one.quality.mean},
        }

    # ---- acting ----------------------------------------------------------------------------------

    async def begin(self, asker: Asker, request: Request) -> Response:
        """Draft a whistle; blown at once for an emergency, and on `approve` by who may approve."""
        self._must_be_here()
        wish = decode(await request.body(), NewWhistle)
        return json_reply(await self._desk.begin(asker, actor_of(request), wish), 201)

    async def act(self, whistle: str, asker: Asker, request: Request) -> Response:
        """Take one step, at the version that was seen. The same `key` is the same click.

        409 when somebody else was first: `winner` says who, `whistle` how it is now; or when the
        step is not possible now: `possible` says what is.
        """
        self._must_be_here()
        wish = decode(await request.body(), StepWish)
        done = await self._desk.act(asker, actor_of(request), whistle, wish)
        return json_reply({"step": wish.step.value} | done)


def _began_ms(held: Whistle) -> int:
    return held.moves[0].observed_ms


async def _answer_for(_request: Request, error: Exception) -> Response:
    if not isinstance(error, WhistleOutrun):
        raise error
    told = {"code": "outrun", "winner": error.winner, "whistle": error.whistle}
    return json_reply({"detail": str(error)} | told, 409)


def answer_errors(server: FastAPI) -> None:
    server.add_exception_handler(WhistleOutrun, _answer_for)


def router(cases: Cases, desk: WhistleDesk) -> APIRouter:
    api = WhistlesApi(cases, desk)
    routes = APIRouter()
    for method, path, answer in (
        ("GET", "/api/whistles", api.list),
        ("POST", "/api/whistles", api.begin),
        ("GET", "/api/whistles/figures", api.figures),
        ("POST", "/api/whistles/{whistle:path}/actions", api.act),
        ("GET", "/api/whistles/{whistle:path}", api.one),
    ):
        told = WHISTLE_ROUTES[method, path]
        routes.add_api_route(path, answer, methods=[method], response_class=Response, **told)
    return routes
