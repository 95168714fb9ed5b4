"""Stolen, old and foreign sessions: what a cookie or a token is worth when it should be dead."""

import asyncio
import json
from dataclasses import replace
from ipaddress import ip_network

import pytest

from dashboard.domain.accounts import hash_secret
from dashboard.store.acts import COMMAND_LINE
from tests.burglar import PASSWORD, Visitor, audited, closing_code
from tests.each import each
from tests.stage import Stage, bearer

AT_ONCE_S = 5  # on a busy machine; what is only swept takes a minute
NEW_PASSWORD = "another horse battery"


@pytest.fixture
async def visitor(stage):
    return await Visitor.signed_in(stage)


async def by_office(stage, method, path, body=None):
    answer = await stage.http.request(method, path, json=body)
    assert answer.status_code in (200, 201, 204), answer.text
    return answer


async def version_of(stage, name="li.na"):
    rows = (await stage.get("/api/accounts"))["items"]
    return next(row["version"] for row in rows if row["name"] == name)


# ---- what ends a session ---------------------------------------------------------------------


async def sign_out(stage, visitor):
    assert (await visitor.ask("POST", "/logout")).status_code == 303


async def cut_off(stage, visitor):
    session = hash_secret(visitor.cookie.partition("=")[2])[:16]
    await by_office(stage, "DELETE", f"/api/sessions/{session}")


async def new_password(stage, visitor):
    body = {"version": await version_of(stage), "password": NEW_PASSWORD}
    await by_office(stage, "POST", "/api/accounts/li.na/password", body)


async def own_password(stage, visitor):
    body = {"old": PASSWORD, "new": NEW_PASSWORD}
    assert (await visitor.ask("POST", "/api/me/password", json=body)).status_code == 204


async def command_line_password(stage, visitor):
    """As another process does it."""
    changed = {"password": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"}
    await stage.doors.directory.store.change(COMMAND_LINE, "li.na", changed)


async def disabled(stage, visitor):
    body = {"version": await version_of(stage), "disabled": True}
    await by_office(stage, "PATCH", "/api/accounts/li.na", body)


async def other_role(stage, visitor):
    body = {"version": await version_of(stage), "role": "viewer"}
    await by_office(stage, "PATCH", "/api/accounts/li.na", body)


async def other_area(stage, visitor):
    body = {"version": await version_of(stage), "area": stage.region.areas[1].code}
    await by_office(stage, "PATCH", "/api/accounts/li.na", body)


ENDS = [sign_out, cut_off, new_password, own_password, command_line_password, disabled]
ENDINGS = [*ENDS, other_role, other_area]


@pytest.mark.parametrize("end", ENDS)
async def test_a_stolen_cookie_is_dead_once_its_session_has_ended(stage, visitor, end):
    thief = Visitor(stage)
    thief.cookie = visitor.cookie
    assert await thief.is_in()
    stage.clock.move(1)
    await end(stage, visitor)
    async with asyncio.timeout(AT_ONCE_S):
        while await thief.is_in():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("end", ENDINGS)
async def test_an_open_live_socket_is_closed_at_once(stage, visitor, end):
    async with visitor.socket() as socket:
        await socket.send(json.dumps({"subscribe": "feeds"}))
        assert "snapshot" in json.loads(await socket.recv())
        stage.clock.move(1)
        await end(stage, visitor)
        async with asyncio.timeout(AT_ONCE_S):
            assert await closing_code(socket) == 4401


async def test_a_live_socket_of_a_token_is_closed_when_it_is_revoked(stage):
    made = (await by_office(stage, "POST", "/api/accounts/chief/tokens")).json()
    async with stage.screen(made["token"]) as screen, stage.screen() as other:
        await screen.snapshot("feeds")
        await other.snapshot("feeds")
        async with asyncio.timeout(AT_ONCE_S):
            await by_office(stage, "DELETE", f"/api/accounts/chief/tokens/{made['id']}")
            assert await closing_code(screen.socket) == 4401
        assert other.socket.close_code is None  # of another token
    headers = bearer(made["token"])
    assert (await stage.http.get("/api/me", headers=headers)).status_code == 401


async def test_a_live_socket_of_a_wall_is_closed_when_it_is_cut_off(stage):
    body = {"name": "hall", "area": stage.region.root.code}
    path = (await by_office(stage, "POST", "/api/displays", body)).json()["path"]
    wall = Visitor(stage)
    opened = await wall.ask("GET", path, {"Origin": None})
    wall.cookie = f"onemap={opened.cookies['onemap']}"
    async with wall.socket() as socket:
        async with asyncio.timeout(AT_ONCE_S):
            await by_office(stage, "DELETE", "/api/displays/hall")
            assert await closing_code(socket) == 4401
    assert not await wall.is_in()
    again = await wall.ask("GET", path, {"Origin": None})
    assert (again.headers["location"], "set-cookie" in again.headers) == (
        "/login?problem=cut_off",
        False,
    )


# ---- time ------------------------------------------------------------------------------------


async def test_a_session_that_was_idle_too_long_is_over(stage, visitor):
    stage.clock.move(stage.settings.session_idle_s - 1)
    assert await visitor.is_in()
    stage.clock.move(stage.settings.session_idle_s - 1)
    assert await visitor.is_in()
    stage.clock.move(stage.settings.session_idle_s + 1)
    assert not await visitor.is_in()


async def test_a_session_is_over_in_the_end_however_busy_it_was(stage, visitor):
    for _ in range(stage.settings.session_s // (stage.settings.session_idle_s - 1)):
        stage.clock.move(stage.settings.session_idle_s - 1)
        assert await visitor.is_in()
    stage.clock.move(stage.settings.session_idle_s - 1)
    assert not await visitor.is_in()


async def test_a_session_whose_time_is_over_loses_its_live_socket(stage, visitor):
    async with visitor.socket() as socket:
        stage.clock.move(stage.settings.session_s + 1)
        await stage.doors.directory.sweep()
        assert await closing_code(socket) == 4401


# ---- a cookie in other hands -----------------------------------------------------------------


OTHER_PLACE, OTHER_AGENT = "10.1.2.3", "Thief/2.0"


@pytest.fixture
async def behind(settings, region, classes, redis, clock):
    """A stage that takes its callers' address from a proxy on this machine."""
    proxies = (ip_network("127.0.0.1"),)
    stage = Stage(replace(settings, proxies=proxies), (region, classes), redis, clock)
    async with stage.open():
        await stage.new_board()
        yield stage


@pytest.mark.parametrize(
    ("place", "agent", "is_in"),
    [
        (None, None, True),
        (OTHER_PLACE, None, True),
        (None, OTHER_AGENT, True),
        (OTHER_PLACE, OTHER_AGENT, False),
    ],
)
@pytest.mark.parametrize("kind", ["account", "wall"])
async def test_a_cookie_in_another_browser_at_another_address_ends_its_session(
    behind, kind, place, agent, is_in
):
    stage = behind
    visitor = await Visitor.signed_in(stage)
    if kind == "wall":
        body = {"name": "hall", "area": stage.region.root.code}
        path = (await by_office(stage, "POST", "/api/displays", body)).json()["path"]
        opened = await visitor.ask("GET", path, {"Origin": None, "Cookie": None})
        visitor.cookie = f"onemap={opened.cookies['onemap']}"
    changed = {"X-Forwarded-For": place, "User-Agent": agent}
    thief = {name: value for name, value in changed.items() if value is not None}
    answer = await visitor.ask("GET", "/api/me", thief)
    assert answer.status_code == (200 if is_in else 401)
    assert await visitor.is_in() is is_in  # neither may the one it was stolen from go on
    ended = [e for e in await audited(stage, "session.end") if "another browser" in e.detail]
    assert len(ended) == (not is_in)
    assert all(entry.address == OTHER_PLACE for entry in ended)


async def test_a_stolen_cookie_ends_the_live_socket_of_its_owner_too(behind):
    visitor = await Visitor.signed_in(behind)
    async with visitor.socket() as socket:
        thief = {"X-Forwarded-For": OTHER_PLACE, "User-Agent": OTHER_AGENT}
        assert (await visitor.ask("GET", "/map", thief)).status_code == 303
        assert await closing_code(socket) == 4401


# ---- signing in for, or before, somebody -----------------------------------------------------


async def test_a_cookie_from_before_sign_in_is_not_the_one_after(stage, visitor):
    planted = f"onemap=oms_{'A' * 43}"
    victim = Visitor(stage)
    victim.cookie = planted
    await victim.enter()
    assert victim.cookie != planted
    thief = Visitor(stage)
    thief.cookie = planted
    assert not await thief.is_in()
    before = victim.cookie
    await victim.enter()
    assert victim.cookie != before


@each("origin", ["http://evil.example", "null", None])
async def test_nobody_is_signed_in_or_out_by_a_page_of_another_site(stage, visitor, origin):
    form = {"name": "li.na", "password": PASSWORD, "next": "/"}
    stranger = Visitor(stage)
    answer = await stranger.ask("POST", "/login", {"Origin": origin}, data=form)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert (await visitor.ask("POST", "/logout", {"Origin": origin})).status_code == 403
    assert await visitor.is_in()


NEXT = ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example"]
NEXT += ["/\t/evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x=y", "/\r\nX: y", ""]


@each("target", NEXT)
async def test_signing_in_leads_to_this_site_only(stage, visitor, target):
    answer = await visitor.enter(next=target)
    location = answer.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\n" not in location
    assert "x" not in {name.lower() for name in answer.headers}
    shown = await visitor.ask("GET", "/login", params={"next": target})
    assert "evil.example" not in shown.text


async def test_who_finds_an_administrator_s_open_screen_cannot_set_that_password(stage):
    path, body = "/api/accounts/chief/password", {"version": 1, "password": "another horse 77"}
    answer = await stage.http.post(path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "name")
    assert (await stage.doors.directory.store.account("chief")).password is None
