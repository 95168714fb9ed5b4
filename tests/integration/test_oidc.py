"""The whole way to a real identity provider and back, as a browser goes it."""

import asyncio
import socket
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from dashboard import oidc
from dashboard.clock import FixedClock, SystemClock
from dashboard.config import Settings
from dashboard.domain.rights import Role
from dashboard.errors import SignInFailed
from dashboard.oidc import ENDPOINTS, MAX_ANSWER_BYTES, TRANSACTION_S, Identity, Provider
from dashboard.oidc_routes import COOKIE, router
from dashboard.server import create_server
from tests.serving import serving

FAILED, NO_RIGHTS = "/login?problem=oidc", "/login?problem=no_rights"


@dataclass
class Board:
    """Our side: its address, its settings, whom it welcomed, and a browser in front of it."""

    place: str
    settings: Settings
    clock: FixedClock
    welcomed: list
    browser: httpx.AsyncClient

    async def start(self, path="/login/oidc") -> str:
        """Where it sends the browser."""
        reply = await self.browser.get(self.place + path)
        assert reply.status_code == 303
        return reply.headers["location"]

    async def back(self, url: str) -> str:
        """Where the browser ends that the provider sent back to `url`."""
        reply = await self.browser.get(url)
        assert COOKIE not in self.browser.cookies
        return reply.text if reply.status_code == 200 else reply.headers["location"]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def redirect_uri(port) -> str:
    return f"http://127.0.0.1:{port}/login/oidc/callback"


@pytest.fixture
def client(identity, redirect_uri) -> tuple[str, str]:
    return identity.register(redirect_uri)


@pytest.fixture
def oidc_settings(settings, identity, client) -> Settings:
    told = {
        "ONEMAP_DATA": str(settings.data),
        "ONEMAP_OIDC_ISSUER": identity.issuer,
        "ONEMAP_OIDC_CLIENT_ID": client[0],
        "ONEMAP_OIDC_CLIENT_SECRET": client[1],
        "ONEMAP_OIDC_RIGHTS": "desk=dispatcher:530111001, bosses=leader",
    }
    return Settings.from_env(told)


@pytest.fixture
async def board(request, region, port, oidc_settings):
    """A test may change settings by an indirect parameter."""
    settings = replace(oidc_settings, **getattr(request, "param", {}))
    clock, welcomed = FixedClock(SystemClock().now_ms()), []

    async def welcome(_request, who: Identity, role: Role, area: str):
        welcomed.append((who, role, area))
        return PlainTextResponse(f"welcome to {who.came_from}")

    routes = router(Provider(settings, region, clock), welcome)
    async with serving(create_server([routes], []), port) as place, httpx.AsyncClient() as browser:
        yield Board(place, settings, clock, welcomed, browser)


@pytest.fixture
def go(identity, board):
    """Signs a person in at the provider; the address they are sent back to."""

    async def going(person="wang.fang", path="/login/oidc"):
        return await identity.sign_in(board.browser, await board.start(path), person)

    return going


def changed(url: str, **values: str) -> str:
    query = dict(parse_qsl(urlsplit(url).query)) | values
    return urlsplit(url)._replace(query=urlencode(query)).geturl()


async def test_a_member_of_a_group_is_welcomed_where_they_came_from(identity, board, go):
    url = await go(path="/login/oidc?next=/desk%3Fgrid%3D1")
    assert await board.back(url) == "welcome to /desk?grid=1"
    [(who, role, area)] = board.welcomed
    assert (who.subject, who.name, who.groups) == ("wang.fang", "wang.fang", ("desk",))
    assert who.issuer == identity.issuer
    assert (role, area) == (Role.DISPATCHER, "530111001")


async def test_the_question_is_bound_to_this_browser(board, oidc_settings):
    url = await board.start()
    query = dict(parse_qsl(urlsplit(url).query))
    assert query["code_challenge_method"] == "S256"
    assert query["scope"] == "openid profile email groups"
    assert len(query["state"]) == len(query["nonce"]) == 64
    reply = await board.browser.get(board.place + "/login/oidc")
    cookie = reply.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/login/oidc", "Max-Age=600"} <= set(
        cookie.split("; ")
    )
    assert "Secure" not in cookie
    assert reply.headers["cache-control"] == "no-store"
    assert all(part not in cookie for part in (query["state"], query["nonce"]))


async def test_over_https_the_cookie_stays_there(region, oidc_settings):
    routes = router(Provider(oidc_settings, region, SystemClock()), None)
    transport = httpx.ASGITransport(create_server([routes], []))
    async with httpx.AsyncClient(transport=transport, base_url="https://board.test") as browser:
        reply = await browser.get("/login/oidc")
    assert "Secure" in reply.headers["set-cookie"]
    back = dict(parse_qsl(urlsplit(reply.headers["location"]).query))["redirect_uri"]
    assert back == "https://board.test/login/oidc/callback"


async def test_a_link_cannot_send_people_elsewhere(board, go):
    url = await go(path="/login/oidc?next=//example.org")
    assert await board.back(url) == "welcome to /"


@pytest.mark.parametrize("person", ["li.wei", "zhao.min"])
async def test_without_a_group_of_ours_there_is_no_way_in(board, go, person):
    assert await board.back(await go(person)) == NO_RIGHTS
    assert not board.welcomed


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        ({"state": "other"}, "belongs to another attempt"),
        ({"state": "状态"}, "belongs to another attempt"),
        ({"state": ""}, "belongs to another attempt"),
        ({"iss": "https://id.example.org"}, "from another identity provider"),
        ({"iss": ""}, "from another identity provider"),
        ({"code": ""}, "sent no code"),
        ({"error": "access_denied"}, "refused: access_denied"),
        ({"error": "<script>"}, "refused: no known reason"),
    ],
)
async def test_a_reply_to_another_question_is_refused(board, go, caplog, spoiled, reason):
    assert await board.back(changed(await go(), **spoiled)) == FAILED
    assert reason in caplog.text
    assert not board.welcomed


async def test_a_code_slipped_in_from_another_browser_is_refused(identity, board, caplog):
    """The provider gives nothing for it without the verifier in the other browser's cookie."""
    asked = dict(parse_qsl(urlsplit(await board.start()).query))
    kept = board.browser.cookies[COOKIE]
    async with httpx.AsyncClient() as other:
        theirs = (await other.get(board.place + "/login/oidc")).headers["location"]
        url = await identity.sign_in(other, theirs, "wang.fang")
    board.browser.cookies.clear()
    slipped_in = changed(url, state=asked["state"])
    reply = await board.browser.get(slipped_in, headers={"Cookie": f"{COOKIE}={kept}"})
    assert reply.headers["location"] == FAILED
    assert "answered 400" in caplog.text


async def test_a_reply_counts_once(board, go):
    url = await go()
    kept = board.browser.cookies[COOKIE]
    assert await board.back(url) == "welcome to /"
    assert await board.back(url) == FAILED  # the browser has no transaction any more
    again = await board.browser.get(url, headers={"Cookie": f"{COOKIE}={kept}"})
    assert again.headers["location"] == FAILED  # and the provider gives nothing for that code
    assert len(board.welcomed) == 1


async def test_a_reply_that_takes_too_long_is_refused(board, go, caplog):
    url = await go()
    board.clock.move(TRANSACTION_S + 1)
    assert await board.back(url) == FAILED
    assert "too long ago" in caplog.text


async def test_a_transaction_that_was_changed_is_refused(board, go, caplog):
    url = await go()
    sealed = board.browser.cookies[COOKIE]
    middle = len(sealed) // 2
    spoiled = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    board.browser.cookies.clear()
    reply = await board.browser.get(url, headers={"Cookie": f"{COOKIE}={spoiled}"})
    assert reply.headers["location"] == FAILED
    assert "not begun here" in caplog.text
    assert not board.welcomed


async def test_another_browsers_transaction_is_refused(board, go, caplog):
    url = await go()
    await board.start()  # replaces the transaction by that of another attempt
    assert await board.back(url) == FAILED
    assert "another attempt" in caplog.text


@pytest.mark.parametrize("board", [{"oidc_client_secret": "wrong"}], indirect=True)
async def test_a_wrong_client_secret_lets_nobody_in(board, go, caplog):
    assert await board.back(await go()) == FAILED
    assert "answered 401" in caplog.text


@pytest.mark.parametrize(
    "board",
    [{"oidc_issuer": "http://127.0.0.1:9"}, {"oidc_issuer": "http://no-such-host.invalid"}],
    indirect=True,
)
async def test_a_provider_that_is_away_is_no_dead_end(board, caplog):
    assert await board.start() == FAILED
    assert "does not answer" in caplog.text


async def test_a_provider_that_goes_by_another_name_is_refused(board, identity, caplog):
    identity.command("issuer", "https://id.example.org")
    try:
        assert await board.start() == FAILED
    finally:
        identity.command("issuer", identity.issuer)
    assert "by another name" in caplog.text


async def test_a_provider_that_sends_us_elsewhere_is_not_followed(board, identity, region):
    """The real one answers a request to another of its names by sending to the right one."""
    elsewhere = identity.issuer.replace("127.0.0.1", "localhost")
    provider = Provider(replace(board.settings, oidc_issuer=elsewhere), region, board.clock)
    with pytest.raises(SignInFailed, match="answered 302"):
        await provider.start(f"{board.place}/login/oidc/callback", "/")


async def test_a_token_for_another_program_is_refused(
    board, identity, go, client, redirect_uri, caplog
):
    other, _ = identity.register(redirect_uri)
    identity.command("audience", [client[0], other])
    assert await board.back(await go()) == FAILED
    assert "not valid: invalid_claim" in caplog.text
    assert not board.welcomed


async def test_a_token_of_another_issuer_is_refused(board, identity, go, caplog):
    url = await go()
    identity.command("issuer", "https://id.example.org")
    try:
        assert await board.back(url) == FAILED
    finally:
        identity.command("issuer", identity.issuer)
    assert "not valid: invalid_claim" in caplog.text
    assert not board.welcomed


async def test_new_keys_of_the_provider_are_read(board, identity, go):
    assert await board.back(await go()) == "welcome to /"
    board.browser.cookies.clear()
    identity.command("rotate")
    assert await board.back(await go()) == "welcome to /"


async def test_a_long_way_back_still_fits_into_a_cookie(board):
    reply = await board.browser.get(board.place + "/login/oidc", params={"next": "/" + "官" * 499})
    assert len(reply.headers["set-cookie"]) < 4_096


BAD_ANSWERS = {
    "cannot be read": PlainTextResponse("<html>We are being rebuilt</html>"),
    "cannot be read ": PlainTextResponse("[]"),
    "cannot be read  ": PlainTextResponse("[" * 100_000),
    "answered 500": PlainTextResponse("{}", 500),
    "too large": PlainTextResponse('{"issuer": "' + "x" * MAX_ANSWER_BYTES + '"}'),
    "not safe": None,
    "does not answer": None,
}


@pytest.mark.parametrize("reason", BAD_ANSWERS)
async def test_whatever_stands_at_the_address_can_do_no_harm(
    settings, region, clock, monkeypatch, reason
):
    """No provider at all: what a broken or a hostile machine may answer."""
    monkeypatch.setattr(oidc, "CALL_S", 0.2)

    async def answer(scope, receive, send):
        place = "http://{}:{}".format(*scope["server"])
        if reason == "does not answer":
            await asyncio.sleep(1)
        unsafe = JSONResponse({"issuer": place} | dict.fromkeys(ENDPOINTS, "http://id.example.org"))
        await (BAD_ANSWERS[reason] or unsafe)(scope, receive, send)

    async with serving(answer) as place:
        provider = Provider(replace(settings, oidc_issuer=place), region, clock)
        with pytest.raises(SignInFailed, match=reason.strip()):
            await provider.start(f"{place}/login/oidc/callback", "/")
