"""Alert rules over HTTP: read, tried on the last days, changed by version."""

from collections import Counter
from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.alert_commands import decode
from dashboard.clock import iso
from dashboard.domain.alert_rules import PARAMETERS, Rule
from dashboard.domain.alerts import What
from dashboard.domain.rights import Principal
from dashboard.doorkeeper import Asker, actor_of
from dashboard.errors import StateUnreadable, StoreAway
from dashboard.queries import LivePicture
from dashboard.replies import RETRY, json_reply
from dashboard.rule_answers import RULE_ROUTES
from dashboard.rule_book import RuleBook
from dashboard.rule_commands import Change, RuleCommands


class RulesApi:
    """Answers over one web process's picture."""

    def __init__(self, book: RuleBook, picture: LivePicture, commands: RuleCommands) -> None:
        self._book = book
        self._picture = picture
        self._commands = commands

    async def list(self, asker: Asker) -> Response:
        """Every rule with its version, and what it has listed and raised in the asker's area."""
        listed, raised = self._counts(asker)
        rows = [self._row(rule, listed, raised) for rule in self._book.rules.values()]
        seats = {tier.value: n for tier, n in self._book.pack.seats.items()}
        return json_reply({"rules": rows, "seats": seats, "as_of": self._picture.as_of()})

    def _counts(self, asker: Principal) -> tuple[Counter[str], Counter[str]]:
        area = self._picture.region.by_code[asker.area]
        held, region = self._picture.alerts, self._picture.region
        listed = Counter(
            a.rule for a in held.alerts.values() if region.is_within(a.area, area.code)
        )
        raised = Counter(x.rule for x in held.news_of(area) if x.what is What.RAISED)
        return listed, raised

    def _row(self, rule: Rule, listed: Counter[str], raised: Counter[str]) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(rule)
        changed_ms = told.pop("changed_ms")
        told["parameters"] = dict(PARAMETERS[rule.kind]) | told["parameters"]
        return told | {
            "unit": rule.unit.value,
            "changed_at": None if changed_ms is None else iso(changed_ms),
            "n_listed": listed[rule.id],
            "n_raised_24h": raised[rule.id],
        }

    async def change(self, rule: str, asker: Asker, request: Request) -> Response:
        """A new version of a rule. 409 when somebody changed it first: read it again."""
        wish = decode(await request.body(), Change)
        after = await self._commands.change(actor_of(request), rule, wish)
        listed, raised = self._counts(asker)
        return json_reply(self._row(after, listed, raised))

    async def trial(self, rule: str, request: Request) -> Response:
        """What the rule would have raised in the last seven days, with the fields that are given.

        Counted before alerts are folded or suppressed by their cause; nothing is changed.
        """
        fields = decode(await request.body() or b"{}", dict[str, Any])
        try:
            return json_reply(await self._commands.tried(rule, fields))
        except (StoreAway, StateUnreadable) as error:
            raise HTTPException(503, "the history is away with the store", RETRY) from error


def router(book: RuleBook, picture: LivePicture, commands: RuleCommands) -> APIRouter:
    api = RulesApi(book, picture, commands)
    routes = APIRouter()
    for method, path, answer in (
        ("GET", "/api/alert-rules", api.list),
        ("PUT", "/api/alert-rules/{rule}", api.change),
        ("POST", "/api/alert-rules/{rule}/trial", api.trial),
    ):
        told = RULE_ROUTES[method, path]
        routes.add_api_route(path, answer, methods=[method], response_class=Response, **told)
    return routes
