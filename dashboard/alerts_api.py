"""Alerts over HTTP: listed folded or one by one, acted on, muted; their rules and their load."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis

from dashboard import rules_api
from dashboard.alert_answers import ALERT_ROUTES
from dashboard.alert_commands import AlertCommands, Many, Silencing, Wish, decode
from dashboard.alert_desk import DeskAlerts
from dashboard.alert_figures import AlertFigures
from dashboard.alert_rows import AlertRows
from dashboard.alert_rules_pack import AlertPack
from dashboard.alert_topic import AlertTopic, BellTopic
from dashboard.clock import iso
from dashboard.domain.alerts import LISTED, Alert, AlertState
from dashboard.domain.areas import Area
from dashboard.domain.rights import Principal, Right
from dashboard.doorkeeper import Asker, actor_of, require
from dashboard.doors import Doors
from dashboard.errors import AlertOutrun, Missing
from dashboard.queries import LivePicture
from dashboard.replies import RETRY, json_reply
from dashboard.rule_book import RuleBook
from dashboard.rule_commands import RuleCommands
from dashboard.store.alerts import AlertStore

LIMIT_MAX = 500


class Wanted(BaseModel):
    """Which alerts of an area; all of them when nothing is said."""

    model_config = ConfigDict(extra="forbid")

    area: Annotated[str | None, Query(description="the asker's own when left out")] = None
    state: AlertState | None = None
    priority: Annotated[int | None, Query(ge=1, le=4)] = None
    rule: Annotated[str | None, Query(max_length=64)] = None
    group: Annotated[str | None, Query(max_length=300, description="key of a group")] = None
    q: Annotated[str | None, Query(max_length=100, description="in title or source")] = None
    grouped: bool = False
    offset: Annotated[int, Query(ge=0)] = 0
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 100


class AlertsApi:
    """Answers over one web process's picture."""

    def __init__(self, rows: AlertRows, commands: AlertCommands, figures: AlertFigures) -> None:
        self._rows = rows
        self._commands = commands
        self._figures = figures

    def _area(self, code: str | None, asker: Principal) -> Area:
        """Raises HTTPException: 404 no such area, 403 another's, 503 before the first picture."""
        region = self._rows.picture.region
        area = region.by_code.get(code or asker.area)
        if area is None:
            raise HTTPException(404, f"{code!r} is not an area of {region.name}")
        require(asker, Right.SEE_ALERT, region, area.code)
        self._must_be_here()
        return area

    def _must_be_here(self) -> None:
        """An empty list would look like a quiet day. Raises HTTPException."""
        if self._rows.picture.as_of_ms is None:
            raise HTTPException(503, "no alerts yet: the store or the board is away", RETRY)

    # ---- reading ---------------------------------------------------------------------------------

    async def list(self, asker: Asker, wanted: Annotated[Wanted, Depends()]) -> Response:
        """Alerts of an area, the most urgent first: in groups, or one by one."""
        desk = self._rows.desk(self._area(wanted.area, asker))
        picture = self._rows.picture
        found = [alert for alert in desk.alerts.values() if _is_wanted(alert, desk, wanted)]
        body: dict[str, Any] = {
            "as_of": picture.as_of(),
            "area": desk.area.code,
            "tier": desk.tier.value,
            "judged_at": iso(picture.alerts.judged_ms),
            "flood": self._rows.flood(desk.flood(self._rows.now_ms)),
            "counts": desk.counts(),
            "unacknowledged_by_priority": desk.unacknowledged_by_priority(),
            "total": len(found),
            "offset": wanted.offset,
        }
        page = slice(wanted.offset, wanted.offset + wanted.limit)
        if wanted.grouped:
            keys = list(dict.fromkeys(desk.group_of[alert.id] for alert in _urgent(found)))
            groups = [self._rows.group(desk, desk.groups[key]) for key in keys[page]]
            return json_reply(body | {"total_groups": len(keys), "groups": groups})
        shown = _urgent(found)[page]
        rows = [self._rows.row(alert, desk.group_of[alert.id]) for alert in shown]
        return json_reply(body | {"items": rows})

    async def one(self, alert: str, asker: Asker) -> Response:
        """One alert with what it expects of an officer, its cause, what is below it, its history.

        One that is normal is not listed, and answered like one outside the asker's area.
        """
        self._must_be_here()
        try:
            found = self._commands.find(asker, alert)
        except Missing as error:
            raise HTTPException(404, f"no alert {alert!r} is listed") from error
        return json_reply(self._rows.whole(found, asker))

    async def load(self, asker: Asker, area: str | None = None) -> Response:
        """The alerts of a desk in the last day beside the standard, and its bad actors."""
        return json_reply(self._figures.whole(self._area(area, asker)))

    # ---- acting ----------------------------------------------------------------------------------

    async def act(self, alert: str, asker: Asker, request: Request) -> Response:
        """Take one step, at the version that was seen. The same `key` is the same click.

        409 when it changed first: `winner` says how, `alert` how it is now; or when the step is not
        possible now: `possible` says what is.
        """
        self._must_be_here()
        wish = decode(await request.body(), Wish)
        return json_reply(await self._commands.act(asker, actor_of(request), alert, wish))

    async def act_on_many(self, asker: Asker, request: Request) -> Response:
        """The same step for many, each at the version that was seen; says of each what became."""
        self._must_be_here()
        wish = decode(await request.body(), Many)
        return json_reply(await self._commands.act_on_many(asker, actor_of(request), wish))

    async def mute(self, asker: Asker, request: Request) -> Response:
        """The sound of an area's desks off for some minutes; a P1 raised after that sounds."""
        wish = decode(await request.body(), Silencing)
        area = self._area(wish.area, asker)
        require(asker, Right.REGISTER, self._rows.picture.region, area.code)
        return json_reply(await self._commands.mute(asker, actor_of(request), area, wish))


def _is_wanted(alert: Alert, desk: DeskAlerts, wanted: Wanted) -> bool:
    if wanted.state is not None and alert.state is not wanted.state:
        return False
    if wanted.priority is not None and alert.priority != wanted.priority:
        return False
    if wanted.rule is not None and alert.rule != wanted.rule:
        return False
    if wanted.group is not None and desk.group_of[alert.id] != wanted.group:
        return False
    texts = (alert.title, alert.title_en, alert.source, alert.id)
    return wanted.q is None or any(wanted.q.lower() in text.lower() for text in texts)


_ORDER = {state: place for place, state in enumerate(LISTED)}


def _urgent(alerts: Sequence[Alert]) -> list[Alert]:
    """Those nobody has seen first, then by priority and time."""
    return sorted(alerts, key=lambda one: (_ORDER[one.state], one.priority, -one.raised_ms, one.id))


async def _answer_for(_request: Request, error: Exception) -> Response:
    if not isinstance(error, AlertOutrun):
        raise error
    told = {"code": "outrun", "winner": error.winner, "alert": error.alert}
    return json_reply({"detail": str(error)} | told, 409)


def answer_errors(server: FastAPI) -> None:
    server.add_exception_handler(AlertOutrun, _answer_for)


def router(rows: AlertRows, commands: AlertCommands, figures: AlertFigures) -> APIRouter:
    api = AlertsApi(rows, commands, figures)
    routes = APIRouter()
    for method, path, answer in (
        ("GET", "/api/alerts", api.list),
        ("GET", "/api/alerts/load", api.load),
        ("POST", "/api/alerts/actions", api.act_on_many),
        ("POST", "/api/alerts/mute", api.mute),
        ("POST", "/api/alerts/{alert:path}/actions", api.act),
        ("GET", "/api/alerts/{alert:path}", api.one),
    ):
        told = ALERT_ROUTES[method, path]
        routes.add_api_route(path, answer, methods=[method], response_class=Response, **told)
    return routes


@dataclass(frozen=True, slots=True)
class Alerts:
    """What a web process has of the alerts: its routers, its live topics, what runs beside it."""

    rows: AlertRows
    figures: AlertFigures
    commands: AlertCommands
    book: RuleBook
    rule_commands: RuleCommands

    def routers(self) -> tuple[APIRouter, APIRouter]:
        return (
            router(self.rows, self.commands, self.figures),
            rules_api.router(self.book, self.rows.picture, self.rule_commands),
        )

    def topic(self, area: Area, _asker: Principal) -> AlertTopic:
        return AlertTopic(area, self.rows, self.figures)

    def bells(self, area: Area, _asker: Principal) -> BellTopic:
        return BellTopic(area, self.rows)


def create_alerts(picture: LivePicture, pack: AlertPack, redis: Redis, doors: Doors) -> Alerts:
    store = AlertStore(redis)
    book = RuleBook(pack, store)
    rows = AlertRows(picture, book)
    changes = RuleCommands(book, picture, store, doors.audit, doors.clock)
    return Alerts(rows, AlertFigures(rows), AlertCommands(rows, doors), book, changes)
