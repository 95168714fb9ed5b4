"""Forged, malformed, oversized and slow requests, and what a guesser can learn."""

import asyncio
import itertools
import json
import re
import statistics
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dashboard import guard
from dashboard.domain.rights import Role
from dashboard.live import SOCKETS_A_SESSION
from tests.burglar import AGENT, PASSWORD, Visitor, audited, raw, request
from tests.stage import bearer

GUESSES = 15  # by each name


@pytest.fixture
async def visitor(stage):
    return await Visitor.signed_in(stage, Role.ADMINISTRATOR)


# ---- where from ------------------------------------------------------------------------------


ELSEWHERE = ("http://evil.example", "null", "", "https://127.0.0.1", "http://127.0.0.1:1")


async def test_a_page_of_another_site_may_do_nothing_with_the_cookie(stage, visitor):
    body = {"name": "hall", "area": stage.region.root.code}
    address = stage.url.replace("http", "ws", 1)
    for origin in ELSEWHERE:
        answer = await visitor.ask("POST", "/api/displays", {"Origin": origin}, json=body)
        assert answer.status_code == 403, origin
        for path in ("/live", "/feeds/ws"):
            with pytest.raises(InvalidStatus) as refused:
                async with _connect(f"{address}{path}", visitor.headers(Origin=origin)):
                    pass
            assert refused.value.response.status_code == 403, (origin, path)
    assert stage.doors.directory.register.displays == {}


def _connect(address, headers):
    return connect(address, proxy=None, additional_headers=headers, user_agent_header=None)


async def test_a_cookie_without_an_origin_changes_nothing(stage, visitor):
    """Other credentials than a token, which a browser may send by itself, do not help."""
    body = {"name": "hall", "area": stage.region.root.code}
    for more in ({}, {"Authorization": "Basic bGk6bmE="}, {"Authorization": "x"}):
        answer = await visitor.ask("POST", "/api/displays", {"Origin": None} | more, json=body)
        assert answer.status_code == 403, more
    assert stage.doors.directory.register.displays == {}


async def test_a_wrong_token_beside_a_cookie_is_not_that_cookie(stage, visitor):
    for token in (" omt_" + "A" * 43, "", " " + "x" * 5_000):
        answer = await visitor.ask("GET", "/api/me", {"Authorization": f"Bearer{token}"})
        assert answer.status_code == 401


# ---- cookies ---------------------------------------------------------------------------------


MALFORMED = [
    "onemap=; onemap=x",
    "onemap",
    "=; ;;;=;onemap==",
    'onemap="oms_' + "A" * 43 + '"',
    "onemap=" + "A" * 20_000,
    "onemap=\xff\xfe",
    "__Host-onemap=x; onemap=oms_x",
    "; ".join(f"a{n}=b" for n in range(2_000)),
    "onemap=%00; onemap=../../",
]


async def test_a_malformed_cookie_is_nobodys(stage):
    head = request(stage, "GET", "/api/me").removesuffix(b"\r\n\r\n")
    for cookie in MALFORMED:
        lines = f"Cookie: {cookie}".encode("latin-1")
        answer = await raw(stage.url, head + b"\r\n" + lines + b"\r\n\r\n")
        assert answer.split(b" ")[1] == b"401", cookie[:40]


async def test_a_planted_cookie_does_not_stand_in_for_the_own_one(stage, visitor):
    """A neighbour's cookie with a longer path comes first; the browser's own still counts."""
    tossed = {"Cookie": f"onemap=oms_{'B' * 43}; {visitor.cookie}"}
    assert (await visitor.ask("GET", "/api/me", tossed)).json()["name"] == "li.na"
    # over TLS only a cookie that no neighbour can plant is read
    answer = await visitor.ask("GET", "/login")
    assert "set-cookie" not in answer.headers


# ---- sizes and pace --------------------------------------------------------------------------


TOO_LARGE = (
    ("POST", "/login", [], b"x" * (guard.BODY_MAX_BYTES + 1), 413),
    ("POST", "/login", ["Content-Length: 99999999999"], b"", 413),
    ("GET", "/login", ["X-Long: " + "x" * (guard.HEADERS_MAX_BYTES + 1)], b"", 431),
    ("GET", "/login?next=" + "x" * (guard.HEADERS_MAX_BYTES * 2), [], b"", None),
    ("GET", "/api/me", ["Authorization: Bearer " + "x" * 30_000], b"", 401),
)


async def test_what_is_too_large_is_turned_away(stage):
    origin = f"Origin: {stage.url}"
    for method, path, lines, body, status in TOO_LARGE:
        answer = await raw(stage.url, request(stage, method, path, origin, *lines, body=body))
        if status is not None:
            assert int(answer.split(b" ")[1]) == status, (method, path[:20], lines[:1])
        assert (await stage.get("/healthz"))["status"] == "ok"


async def test_a_body_that_grows_unsaid_is_ended(stage):
    head = request(stage, "POST", "/login", f"Origin: {stage.url}", "Transfer-Encoding: chunked")
    piece = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    answer = await raw(stage.url, head, *[piece] * 6, pause_s=0.02)
    assert answer.split(b" ")[1] == b"400"


async def test_a_body_that_does_not_come_is_not_waited_for(stage, monkeypatch):
    monkeypatch.setattr(guard, "BODY_WAIT_S", 0.3)
    head = request(stage, "POST", "/login", f"Origin: {stage.url}", "Content-Length: 900")
    began = time.monotonic()
    slow = asyncio.create_task(raw(stage.url, head + b"name="))
    await asyncio.sleep(0.1)
    assert (await stage.get("/healthz"))["status"] == "ok"  # nobody else waits
    assert (await slow).split(b" ")[1] == b"400"
    assert 0.25 < time.monotonic() - began < 5


# ---- paths and methods -----------------------------------------------------------------------


TRICKS = [
    "//live", "//api/accounts", "/api//accounts", "/API/accounts", "/Api/Accounts",
    "/api/%2e%2e/api/accounts", "/api/../api/accounts", "/api/accounts/", "/api%2faccounts",
    "/map/", "/./api/accounts", "/assets/../api/accounts", "/assets/..%2f..%2fapp.py",
    "/assets/%2e%2e/%2e%2e/app.py", "/api/accounts%00", "/api/accounts;x=1", "/api/accounts%20",
    "/region/..%2f..%2fconfig.py", "/_dash-component-suites/..%2f..%2fapi/accounts",
    "/login/../api/accounts", "/login/oidc/../../api/accounts", "/feeds/../api/accounts",
    "/feeds/events/../../api/accounts", "/\\api/accounts", "http://evil.example/api/accounts",
]  # fmt: skip


@pytest.mark.usefixtures("visitor")  # somebody to be found
async def test_no_spelling_of_a_path_leads_around_the_door(stage):
    for path in TRICKS:
        answer = await raw(stage.url, request(stage, "GET", path))
        status = int(answer.split(b" ")[1])
        assert status in (400, 401, 404, 405), (path, answer[:200])
        assert b"li.na" not in answer, path
        assert b"create_web" not in answer, path


async def test_no_other_method_leads_around_the_door(stage, visitor):
    own = f"Cookie: {visitor.cookie}"
    lines = [f"Origin: {stage.url}", f"User-Agent: {AGENT}"]
    for method, path in itertools.product(
        ("HEAD", "OPTIONS", "TRACE", "PUT", "PROPFIND", "get", "WS"),
        ("/api/accounts", "/api/me", "/live"),
    ):
        nobody = await raw(stage.url, request(stage, method, path, *lines))
        admin = await raw(stage.url, request(stage, method, path, own, *lines))
        assert int(nobody.split(b" ")[1]) in (400, 401, 404), (method, path)
        assert int(admin.split(b" ")[1]) in (400, 404, 405), (method, path)
        assert b"li.na" not in nobody + admin, (method, path)


async def test_a_method_is_what_it_is(stage, visitor):
    path = "/api/accounts/chief/tokens"
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        for meant in ("POST", "DELETE"):
            answer = await visitor.ask("GET", path, {name: meant})
            assert answer.status_code in (404, 405), (name, meant)
    original = {"X-Original-URL": "/api/accounts", "X-Rewrite-URL": "/api/accounts"}
    answer = await visitor.ask("GET", "/healthz", original)
    assert answer.json() == {"status": "ok"}


# ---- walls -----------------------------------------------------------------------------------


async def test_a_wrong_wall_address_opens_nothing_and_does_not_flood_the_trail(stage, visitor):
    for path in ("/map?display=omd_wrong", "/?display=", "/accounts?display=x&display=y"):
        answer = await Visitor(stage).ask("GET", path)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/login?problem=cut_off",
        )
        assert "set-cookie" not in answer.headers
    kept = await visitor.ask("GET", "/map?display=omd_wrong")
    assert "set-cookie" not in kept.headers  # nor does it end the session there is
    for _ in range(100):
        await Visitor(stage).ask("GET", "/map?display=omd_secret_guess")
    await asyncio.sleep(0.2)
    refusals = await audited(stage, "request.refuse")
    assert 4 <= len(refusals) <= 60
    assert "omd_" not in str(refusals)
    assert await audited(stage, "session.begin") != []


# ---- sockets ---------------------------------------------------------------------------------


async def test_a_session_has_only_so_many_sockets(stage, visitor):
    open_ones = [await visitor.socket() for _ in range(SOCKETS_A_SESSION)]
    try:
        for socket in open_ones:
            await socket.send(json.dumps({"subscribe": "feeds"}))
            await socket.recv()
        async with visitor.socket() as beyond:
            await beyond.wait_closed()
            assert beyond.close_code == 4429
        assert all(socket.close_code is None for socket in open_ones)
        async with stage.screen() as other:  # another session has its own
            await other.snapshot("feeds")
    finally:
        for socket in open_ones:
            await socket.close()


# ---- guessing --------------------------------------------------------------------------------


async def test_an_unknown_name_is_answered_like_a_wrong_password(stage, visitor):
    """To the byte but for the name itself, and as slowly."""
    took = {"li.na": [], "no.na": []}
    answers = {}
    for _ in range(GUESSES):
        for name, times in took.items():
            await _forget_attempts(stage)
            began = time.perf_counter()
            answer = await Visitor(stage, name).enter("a wrong password")
            times.append(time.perf_counter() - began)
            head = [(k, v) for k, v in answer.headers.raw if k != b"date"]
            answers.setdefault(name, set()).add(
                (answer.status_code, str(head), answer.text.replace(name, ""))
            )
    assert answers["li.na"] == answers["no.na"]
    assert len(answers["li.na"]) == 1
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.6 < known / unknown < 1.6


async def _forget_attempts(stage):
    async for key in stage.redis.scan_iter("*attempts*"):
        await stage.redis.delete(key)


async def test_a_disabled_account_is_answered_like_a_wrong_password(stage, visitor):
    await Visitor.signed_in(stage, name="gone")
    body = {"version": 1, "disabled": True}
    await stage.http.patch("/api/accounts/gone", json=body)
    right = await Visitor(stage, "gone").enter(PASSWORD)
    await _forget_attempts(stage)
    wrong = await Visitor(stage, "nona").enter(PASSWORD)
    assert right.status_code == wrong.status_code == 401
    assert right.text.replace("gone", "") == wrong.text.replace("nona", "")


# ---- error answers ---------------------------------------------------------------------------


WRONG = (
    {"name": "x", "role": "viewer", "area": "none", "password": PASSWORD, "more": PASSWORD},
    {"name": "x", "password": PASSWORD},
    {"name": "x", "role": "viewer", "area": "none", "password": [PASSWORD]},
    {"name": "x", "role": "viewer", "area": "none", "password": PASSWORD * 20},
    [PASSWORD],
)


async def test_an_error_does_not_repeat_what_was_sent(stage, visitor):
    for body in WRONG:
        answer = await visitor.ask("POST", "/api/accounts", json=body)
        assert answer.status_code == 422, body
        assert PASSWORD not in answer.text, body
    broken = f'{{"password": "{PASSWORD}"'
    answer = await stage.http.post(
        "/api/accounts", content=broken, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


async def test_sign_in_does_not_repeat_a_password_or_a_token(stage, visitor):
    wrong = await Visitor(stage).enter("a wrong and secret password")
    assert "secret" not in wrong.text
    token = "omt_" + "S" * 43
    answer = await stage.http.get("/api/me", headers=bearer(token))
    assert answer.status_code == 401
    assert not re.search(r"S{10}", answer.text + str(answer.headers))
