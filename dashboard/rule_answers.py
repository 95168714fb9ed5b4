"""What the API of the alert rules takes and answers, for OpenAPI, as dashboard/answers.py does."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.alert_answers import WRONG_FIELD, CommandTier, Priority, body, route
from dashboard.alert_commands import KEY_MAX, NOTE_MAX
from dashboard.answers import Count, Description, Moment, Problem, WrongField
from dashboard.domain.alert_rules import Kind, Unit
from dashboard.rule_commands import CHANGEABLE


class RuleRow(TypedDict):
    """A rule as it holds now; `n_listed` and `n_raised_24h` are of the asker's area."""

    id: str
    kind: Kind
    name: str
    name_en: str
    response: str
    response_en: str
    priority: Priority
    tier: CommandTier
    threshold: float
    unit: Unit
    on_delay_s: Count
    off_delay_s: Count
    acknowledge_within_s: Count
    again_after_s: Count
    enabled: bool
    area: str | None
    hours: Annotated[list[str] | None, Field(description="from and to, Asia/Shanghai")]
    latched: bool
    incident_class: str | None
    parameters: dict[str, Count]
    cap: dict[str, Any] | None
    version: Count
    changed_at: Moment | None
    changed_by: str | None
    n_listed: Count
    n_raised_24h: Count


class RulesAnswer(TypedDict):
    rules: list[RuleRow]
    seats: dict[str, Count]
    as_of: Moment | None


class TrialDay(TypedDict):
    day: str
    raised: Count


class TrialExample(TypedDict):
    source: str
    title: str
    title_en: str
    area: str | None
    at: Moment
    ended_at: Moment | None


# `from` is a word of the language, so this one is made by a call. `complete`: the history reaches
# over the whole seven days; `examples` are the last ones.
TrialAnswer = TypedDict(
    "TrialAnswer",
    {
        "raised": Count,
        "from": Moment,
        "to": Moment,
        "complete": bool,
        "by_day": list[TrialDay],
        "examples": list[TrialExample],
    },
)

_FIELDS: dict[str, Any] = {
    "type": "object",
    "description": f"What is to change, of {', '.join(CHANGEABLE)}",
}
_CHANGE: dict[str, Any] = {
    "version": {"type": "integer", "minimum": 1, "description": "of the rule as it was seen"},
    "key": {"type": "string", "minLength": 1, "maxLength": KEY_MAX},
    "note": {"type": "string", "minLength": 1, "maxLength": NOTE_MAX},
    "fields": _FIELDS,
}
_NO_RULE = {404: {"model": WrongField, "description": "No such rule"}}
_TRIED = {"requestBody": {"content": {"application/json": {"schema": _FIELDS}}}}

RULE_ROUTES: dict[tuple[str, str], Description] = {
    ("GET", "/api/alert-rules"): route(RulesAnswer, "Every rule"),
    ("PUT", "/api/alert-rules/{rule}"): route(
        RuleRow,
        "The new version",
        openapi_extra=body(["version", "key", "note", "fields"], _CHANGE),
        statuses=_NO_RULE
        | WRONG_FIELD
        | {409: {"model": WrongField | Problem, "description": "Somebody changed it first"}},
    ),
    ("POST", "/api/alert-rules/{rule}/trial"): route(
        TrialAnswer,
        "How often it would have raised",
        openapi_extra=_TRIED,
        statuses=_NO_RULE | WRONG_FIELD,
    ),
}
