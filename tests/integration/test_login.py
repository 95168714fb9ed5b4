"""Signing in and out as a browser does it: forms, cookies, where it leads."""

from dataclasses import replace
from http.cookies import SimpleCookie
from ipaddress import ip_network

import httpx
import pytest

from dashboard.domain.accounts import Account
from dashboard.domain.rights import Role
from dashboard.passwords import hash_password
from dashboard.store.acts import COMMAND_LINE
from tests.conftest import NOON
from tests.each import each

PASSWORD = "correct horse battery staple"
HELD = hash_password(PASSWORD)


@pytest.fixture
def settings(settings):
    return replace(settings, names=("map.example.cn",), proxies=(ip_network("127.0.0.1/32"),))


@pytest.fixture
async def door(stage):
    """A browser before the door, and li.na with a password."""
    account = Account("li.na", Role.OFFICER, "530111001", HELD, NOON)
    await stage.doors.directory.store.add(COMMAND_LINE, account)
    await stage.doors.directory.reload()
    async with httpx.AsyncClient(base_url=stage.url, trust_env=False) as browser:
        yield browser


async def enter(door, password=PASSWORD, name="li.na", headers=None, **more):
    form = {"name": name, "password": password, **more}
    headers = {"Origin": str(door.base_url).rstrip("/")} if headers is None else headers
    return await door.post("/login", data=form, headers=headers)


def cookie_of(answer):
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    return morsel


async def test_a_right_password_leads_on_with_a_cookie_that_no_script_reads(door, settings):
    answer = await enter(door)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["cache-control"] == "no-store"
    cookie = cookie_of(answer)
    assert (cookie.key, cookie["path"], cookie["domain"]) == ("onemap", "/", "")
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "lax"
    assert not cookie["secure"]
    assert int(cookie["max-age"]) == settings.session_s
    assert (await door.get("/api/me")).json()["name"] == "li.na"


BEHIND_TLS = {
    "Host": "map.example.cn",
    "X-Forwarded-For": "203.0.113.5",
    "X-Forwarded-Proto": "https",
}


async def test_behind_tls_the_cookie_is_for_tls_and_this_host_alone(door):
    answer = await enter(door, headers=BEHIND_TLS | {"Origin": "https://map.example.cn"})
    cookie = cookie_of(answer)
    assert (cookie.key, cookie["path"], cookie["domain"]) == ("__Host-onemap", "/", "")
    assert cookie["secure"]
    assert cookie["httponly"]
    door.cookies.clear()
    shown = {"Cookie": f"__Host-onemap={cookie.value}"}
    assert (await door.get("/api/me", headers=BEHIND_TLS | shown)).status_code == 200
    # a cookie that some other host or plain HTTP could have planted counts for nothing there
    planted = {"Cookie": f"onemap={cookie.value}"}
    assert (await door.get("/api/me", headers=BEHIND_TLS | planted)).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
@pytest.mark.parametrize("path", ["/login", "/logout"])
async def test_no_other_site_signs_anybody_in_or_out(door, headers, path):
    await enter(door)
    form = {"name": "li.na", "password": PASSWORD}
    answer = await door.post(path, data=form, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await door.get("/api/me")).status_code == 200


@each("added", ["Basic bGkubmE6eA==", "Digest a", ""])
async def test_a_login_of_the_proxys_own_is_no_token(door, added):
    """It neither lets another site in nor keeps people from the sign-in page."""
    await enter(door)
    answer = await door.post("/api/me/password", json={}, headers={"Authorization": added})
    assert answer.status_code == 403
    door.cookies.clear()
    answer = await door.get("/map", headers={"Authorization": added})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/map")


@each(
    "wanted, target",
    [
        ("/map?area=530111001", "/map?area=530111001"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/map\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
async def test_it_leads_only_to_this_site(door, wanted, target):
    answer = await enter(door, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, target)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        *(("li.na", "wrong"), ("li.na", ""), ("nobody", PASSWORD), ("", PASSWORD)),
        *(("x" * 9_000, "x"), ("li.na", "x" * 9_000), ("li.na", PASSWORD + "\x00")),
        ("<b>", "\ud7ff"),
    ],
)
async def test_a_wrong_password_gets_no_cookie(door, name, password):
    answer = await enter(door, password, name)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert PASSWORD not in answer.text
    assert "<b>" not in answer.text


async def test_the_sixth_attempt_is_told_to_wait(door):
    answers = [(await enter(door, "wrong")).status_code for _ in range(5)]
    assert answers == [401] * 5
    answer = await enter(door)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_session_and_the_cookie(door, stage):
    await enter(door)
    held = {"Cookie": f"onemap={door.cookies['onemap']}"}
    answer = await door.post("/logout", headers={"Origin": stage.url})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    cookie = cookie_of(answer)
    assert (cookie.key, cookie.value, cookie["max-age"]) == ("onemap", "", "0")
    assert (await door.get("/api/me", headers=held)).status_code == 401
    again = await door.post("/logout", headers={"Origin": stage.url} | held)
    assert again.status_code == 303


async def test_a_body_that_is_no_form_is_a_wrong_password(door):
    origin = {"Origin": str(door.base_url).rstrip("/")}
    answer = await door.post("/login", content=b"\xff\xfe&&==%zz", headers=origin)
    assert answer.status_code == 401


async def test_a_wall_comes_in_by_its_address_which_does_not_stay_in_the_bar(door, stage):
    address = await stage.doors.directory.store.add_display(COMMAND_LINE, "hall", "530111")
    await stage.doors.directory.reload()
    answer = await door.get("/map", params={"display": address, "lang": "en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/map?lang=en")
    assert cookie_of(answer)["httponly"]
    assert (await door.get("/api/me")).json()["role"] == "wall"


async def test_a_flood_of_wrong_wall_addresses_does_not_fill_the_trail(door, stage):
    before = (await stage.doors.audit.head()).n
    for _ in range(80):
        answer = await door.get("/map?display=omd_guess")
        assert answer.headers["location"].startswith("/login")
        assert "set-cookie" not in answer.headers
    assert 0 < (await stage.doors.audit.head()).n - before <= 60
