"""Which address needs what: nothing is open that is not named, and nothing is named twice."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.rights import Right
from dashboard.rules import RULES, Need, find_rule

OPEN = {
    "/healthz",
    "/readyz",
    "/assets/{path:path}",
    "/_dash-component-suites/{path:path}",
    "/_favicon.ico",
    "/wall-service.js",
    "/login",
    "/login/oidc",
    "/login/oidc/callback",
    "/logout",
}


def test_what_is_open_to_all_is_this_and_no_more():
    assert {rule.path for rule in RULES if rule.need is Need.NOTHING} == OPEN


def test_a_feed_only_reports():
    feeds = {(rule.methods, rule.path) for rule in RULES if rule.need is Need.FEED}
    assert feeds == {("POST", "/feeds/events"), ("WS", "/feeds/ws")}


def test_whoever_changes_accounts_administers():
    for rule in RULES:
        if rule.path.startswith(("/api/accounts", "/api/sessions", "/api/displays", "/accounts")):
            assert rule.need is Right.ADMINISTER
        if rule.path.startswith(("/audit", "/api/audit")):
            assert rule.need is Right.AUDIT


def test_nothing_is_named_twice():
    for one, other in combinations(RULES, 2):
        if one.path == other.path:
            assert not set(one.methods.split()) & set(other.methods.split()), one.path


def test_pages_are_only_read():
    assert all(rule.methods == "GET HEAD" for rule in RULES if rule.is_page)


@pytest.mark.parametrize(
    ("method", "path", "need"),
    [
        ("GET", "/", Right.SEE),
        ("HEAD", "/map", Right.SEE),
        ("GET", "/accounts", Right.ADMINISTER),
        ("GET", "/audit", Right.AUDIT),
        ("WS", "/live", Right.SEE),
        ("GET", "/api/areas/530111", Right.SEE),
        ("GET", "/api/areas/530111/cameras", Right.SEE),
        ("GET", "/api/incidents", Right.SEE),
        ("GET", "/api/incidents/GD-1", Right.SEE_CASE),
        ("GET", "/api/incidents/a/b c\n/d", Right.SEE_CASE),
        ("GET", "/metrics", Right.EXPORT),
        ("GET", "/api/me", Need.SIGN_IN),
        ("PATCH", "/api/accounts/li.na", Right.ADMINISTER),
        ("DELETE", "/api/accounts/li.na/tokens/0a1b", Right.ADMINISTER),
        ("GET", "/assets/a/b.css", Need.NOTHING),
        ("GET", "/_dash-component-suites/dash/a.js", Need.NOTHING),
        ("GET", "/_dash-layout", Need.SIGN_IN),
        ("GET", "/_dash-dependencies", Need.SIGN_IN),
        ("POST", "/_dash-update-component", Need.SIGN_IN),
        ("POST", "/feeds/events", Need.FEED),
        ("WS", "/feeds/ws", Need.FEED),
        ("POST", "/login", Need.NOTHING),
        ("POST", "/logout", Need.NOTHING),
    ],
)
def test_each_address_needs_what_is_written(method, path, need):
    assert find_rule(method, path).need is need


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/login/"),
        ("GET", "//login"),
        ("GET", "/LOGIN"),
        ("GET", "/login\n"),
        ("GET", "/assets/"),
        ("GET", "/assets"),
        ("POST", "/assets/a.css"),
        ("GET", "/assetsx/a"),
        ("GET", "/logout"),
        ("OPTIONS", "/login"),
        ("PUT", "/login"),
        ("GET", "/feeds/events"),
        ("POST", "/feeds/events/"),
        ("GET", "/feeds/ws"),
        ("WS", "/"),
        ("WS", "/live/"),
        ("GET", "/live"),
        ("WS", "/_dash-ws-callback"),
        ("POST", "/"),
        ("DELETE", "/api/accounts/li.na"),
        ("PATCH", "/api/accounts/a/b"),
        ("PATCH", "/api/accounts/"),
        ("GET", "/api/areas/530111/cameras/x"),
        ("GET", "/api"),
        ("TRACE", "/healthz"),
        ("GET HEAD", "/healthz"),
        ("", "/healthz"),
        ("GET", ""),
    ],
)
def test_what_is_not_named_is_for_nobody(method, path):
    assert find_rule(method, path) is None


@given(st.text(max_size=60))
def test_no_other_path_is_open(text):
    for path in (text, f"/{text}", f"/api/{text}", f"/feeds/{text}"):
        rule = find_rule("GET", path)
        if rule is not None and rule.need is Need.NOTHING:
            known = path in OPEN or path.startswith(("/assets/", "/_dash-component-suites/"))
            assert known, path
