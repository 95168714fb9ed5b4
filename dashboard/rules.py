"""What each address of this server needs. What is not in RULES is served to nobody."""

import re
from dataclasses import dataclass
from enum import Enum

from dashboard.domain.rights import Right


class Need(Enum):
    """What is asked for besides a right: nothing, a feed's token, or only to be somebody."""

    NOTHING = "nothing"
    FEED = "feed"  # the intake asks for the token itself, for every batch
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Rule:
    """`path` with names in braces; `{name:path}` also takes slashes."""

    methods: str
    path: str
    need: Need | Right
    is_page: bool = False  # people who are not signed in are led to the sign-in page


def page(path: str, need: Need | Right) -> Rule:
    return Rule("GET HEAD", path, need, is_page=True)


RULES = (
    # ---- before anybody has signed in
    Rule("GET HEAD", "/healthz", Need.NOTHING),
    Rule("GET HEAD", "/readyz", Need.NOTHING),
    Rule("GET HEAD", "/assets/{path:path}", Need.NOTHING),
    Rule("GET HEAD", "/_dash-component-suites/{path:path}", Need.NOTHING),
    Rule("GET HEAD", "/_favicon.ico", Need.NOTHING),
    Rule("GET HEAD", "/wall-service.js", Need.NOTHING),
    Rule("GET HEAD POST", "/login", Need.NOTHING),
    Rule("GET HEAD", "/login/oidc", Need.NOTHING),
    Rule("GET HEAD", "/login/oidc/callback", Need.NOTHING),
    Rule("POST", "/logout", Need.NOTHING),
    # ---- feeds
    Rule("POST", "/feeds/events", Need.FEED),
    Rule("WS", "/feeds/ws", Need.FEED),
    # ---- pages and what they load
    page("/", Right.SEE),
    page("/map", Right.SEE),
    page("/wall", Right.SEE),
    page("/desk", Right.SEE_CASE),
    page("/data", Right.SEE),
    page("/handover", Right.REGISTER),
    page("/alarms", Right.SEE_ALERT),
    page("/rules", Right.SEE_ALERT),
    page("/accounts", Right.ADMINISTER),
    page("/audit", Right.AUDIT),
    Rule("GET HEAD POST", "/accounts/{part:path}", Right.ADMINISTER),
    Rule("GET HEAD POST", "/alarms/{part:path}", Right.SEE_ALERT),
    Rule("GET HEAD POST", "/rules/{part:path}", Right.SEE_ALERT),
    Rule("GET HEAD POST", "/audit/{part:path}", Right.AUDIT),
    Rule("GET HEAD POST", "/desk/{part:path}", Right.SEE_CASE),
    Rule("GET HEAD POST", "/data/{part:path}", Right.SEE),
    Rule("GET HEAD POST", "/handover/{part:path}", Right.REGISTER),
    Rule("GET HEAD", "/_dash-{part:path}", Need.SIGN_IN),
    Rule("POST", "/_dash-update-component", Need.SIGN_IN),
    Rule("GET HEAD", "/_reload-hash", Need.SIGN_IN),
    Rule("GET HEAD", "/region/{name}", Need.SIGN_IN),
    Rule("WS", "/live", Right.SEE),
    # ---- the API
    Rule("GET HEAD", "/openapi.json", Need.SIGN_IN),
    page("/api/docs", Need.SIGN_IN),
    Rule("GET HEAD", "/api/docs/{name}", Need.SIGN_IN),
    Rule("GET", "/api/areas/{code}", Right.SEE),
    Rule("GET", "/api/areas/{code}/cameras", Right.SEE),
    Rule("GET", "/api/incidents", Right.SEE),
    Rule("POST", "/api/incidents/{incident:path}/actions", Right.SEE_CASE),
    Rule("GET", "/api/incidents/{incident:path}", Right.SEE_CASE),
    Rule("GET", "/api/queue", Right.SEE_CASE),
    Rule("GET POST", "/api/whistles", Right.SEE_CASE),
    Rule("GET", "/api/whistles/figures", Right.SEE_CASE),
    Rule("POST", "/api/whistles/{whistle:path}/actions", Right.SEE_CASE),
    Rule("GET", "/api/whistles/{whistle:path}", Right.SEE_CASE),
    Rule("GET", "/api/departments", Right.SEE_CASE),
    Rule("GET", "/api/alerts", Right.SEE_ALERT),
    Rule("GET", "/api/alerts/load", Right.SEE_ALERT),
    Rule("GET", "/api/alert-rules", Right.SEE_ALERT),
    Rule("PUT", "/api/alert-rules/{rule}", Right.ADMINISTER),
    Rule("POST", "/api/alert-rules/{rule}/trial", Right.SEE_ALERT),
    Rule("POST", "/api/alerts/actions", Right.SEE_ALERT),
    Rule("POST", "/api/alerts/mute", Right.REGISTER),
    Rule("POST", "/api/alerts/{alert:path}/actions", Right.SEE_ALERT),
    Rule("GET", "/api/alerts/{alert:path}", Right.SEE_ALERT),
    Rule("GET", "/api/systems", Right.SEE),
    Rule("GET POST", "/api/handovers", Right.REGISTER),
    Rule("GET", "/api/handovers/{handover}", Right.REGISTER),
    Rule("POST", "/api/handovers/{handover}/sign", Right.REGISTER),
    Rule("POST", "/api/handovers/{handover}/withdraw", Right.REGISTER),
    Rule("GET", "/api/feeds", Right.SEE),
    Rule("GET", "/api/outlets", Right.SEE),
    Rule("GET", "/metrics", Right.EXPORT),
    Rule("GET", "/api/me", Need.SIGN_IN),
    Rule("POST", "/api/me/password", Need.SIGN_IN),
    Rule("GET POST", "/api/accounts", Right.ADMINISTER),
    Rule("PATCH", "/api/accounts/{name}", Right.ADMINISTER),
    Rule("POST", "/api/accounts/{name}/password", Right.ADMINISTER),
    Rule("POST", "/api/accounts/{name}/tokens", Right.ADMINISTER),
    Rule("DELETE", "/api/accounts/{name}/tokens/{token}", Right.ADMINISTER),
    Rule("GET", "/api/sessions", Right.ADMINISTER),
    Rule("DELETE", "/api/sessions/{session}", Right.ADMINISTER),
    Rule("GET", "/api/walls", Right.DIRECT),
    Rule("POST", "/api/walls/{name}/order", Right.DIRECT),
    Rule("POST", "/api/screen", Right.SEE),
    Rule("GET POST", "/api/displays", Right.ADMINISTER),
    Rule("DELETE", "/api/displays/{name}", Right.ADMINISTER),
    Rule("GET", "/api/audit", Right.AUDIT),
    Rule("GET", "/api/audit/export", Right.AUDIT),
)


def find_rule(method: str, path: str) -> Rule | None:
    """The first that takes it; `method` is WS for a WebSocket."""
    known = _EXACT.get((method, path))
    if known is not None:
        return known
    patterns = _PATTERNS.get(method, ())
    return next((rule for pattern, rule in patterns if pattern.fullmatch(path)), None)


def _compiled(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(:path)?\}", path)
    text = re.escape(parts[0])
    for i in range(1, len(parts), 3):
        text += ("(.+)" if parts[i + 1] else "([^/]+)") + re.escape(parts[i + 2])
    return re.compile(text, re.DOTALL)


_EXACT: dict[tuple[str, str], Rule] = {}
_PATTERNS: dict[str, list[tuple[re.Pattern[str], Rule]]] = {}
for _rule in RULES:
    for _method in _rule.methods.split():
        if "{" in _rule.path:
            _PATTERNS.setdefault(_method, []).append((_compiled(_rule.path), _rule))
        else:
            _EXACT[_method, _rule.path] = _rule
