"""The real program, told to log everything: no secret is in anything that it writes, and what was
ended stays so when it starts anew."""

import asyncio
import contextlib

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.program import Program, until
from tests.visitor import first_password, sign_in

LOUD = """import logging
logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(name)s %(message)s")
"""  # what the program itself sets up later does not change it
DISTRICT = "530111"
NEW_PASSWORD, OTHER_PASSWORD = "Kolibri-flugzeug-1847", "Zebrafink-dampfer-2956"
WRONG, IN_NAME = "Wrong-Pelikan-trompete-3", "InName-Albatros-geige-4"
IN_BODY, IN_TOKEN = "InBody-Marabu-klavier-5", "omt_InToken-Ibis-bratsche-6-aaaaaaaaaaaaaaa"
IN_COOKIE, IN_ADDRESS = "oms_InCookie-Storch-floete-7-aaaaaaaaa", "omd_InAddress-Reiher-cello-8"


class Site:
    """Asks a running program, and notes every secret that goes to and fro."""

    def __init__(self, program):
        self.program, self.url = program, program.url
        self.secrets = {WRONG, IN_NAME, IN_BODY, IN_TOKEN, IN_COOKIE, IN_ADDRESS}
        self.secrets |= {NEW_PASSWORD, OTHER_PASSWORD}
        self.answers = []

    def ask(self, method, path, cookie="", **more):
        headers = {"Origin": self.url, "Cookie": cookie} | more.pop("headers", {})
        answer = httpx.request(
            method, f"{self.url}{path}", headers=headers, trust_env=False, timeout=20, **more
        )
        self.answers.append(answer)
        return answer

    def enter(self, name, password):
        cookie = sign_in(self.url, name, password)
        self.secrets |= {password, cookie.partition("=")[2]}
        return cookie

    def is_in(self, cookie):
        return self.ask("GET", "/api/me", cookie).status_code == 200

    def made(self, path, cookie, body=None):
        headers = {"Idempotency-Key": f"key for {path} {body}"}
        answer = self.ask("POST", path, cookie, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        self.answers.pop()  # the one answer that is to hold it
        found = answer.json()
        if "token" in found:
            self.secrets.add(found["token"])
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loud")
    (folder / "sitecustomize.py").write_text(LOUD, encoding="utf-8")
    program = Program(folder / "data", PYTHONPATH=str(folder))
    try:
        until(program.is_ready, 60)
        yield Site(program)
    finally:
        program.stop()


def begin(site):
    """Signs in as everybody: (administrator's cookie, officer's cookie, wall's cookie, token)."""
    program = site.program
    password = until(lambda: first_password(program.output.read_text(encoding="utf-8")))
    admin = site.enter("admin", password)
    for name in ("li.na", "zhao.min"):
        body = {"name": name, "role": "officer", "area": DISTRICT, "password": NEW_PASSWORD}
        site.made("/api/accounts", admin, body)
    officer = site.enter("li.na", NEW_PASSWORD)
    token = site.made("/api/accounts/li.na/tokens", admin)["token"]
    path = site.made("/api/displays", admin, {"name": "hall", "area": DISTRICT})["path"]
    opened = site.ask("GET", path)
    site.answers.pop()  # gives the cookie
    wall = f"onemap={opened.cookies['onemap']}"
    site.secrets.add(opened.cookies["onemap"])
    feed = program.tool("feed", "add", "north", "--period", "60").stdout
    site.secrets.add(next(word for word in feed.split() if word.startswith("omf_")))
    return admin, officer, wall, token


def misuse(site, admin, officer):
    """Everything goes wrong that can."""
    site.ask("POST", "/login", data={"name": "li.na", "password": WRONG, "next": "/"})
    site.ask("POST", "/login", data={"name": IN_NAME, "password": WRONG, "next": "/"})
    site.answers.pop()  # shows the name that was typed
    site.ask("POST", "/login", content=b"\xff&&&==" + WRONG.encode())
    for headers in (
        {"Authorization": f"Bearer {IN_TOKEN}"},
        {"Authorization": f"Basic {IN_TOKEN}"},
        {"Cookie": f"onemap={IN_COOKIE}"},
        {"Cookie": officer, "Origin": "http://evil.example"},
        {"Cookie": officer, "Content-Type": "application/json"},
    ):
        for method, path in (("GET", "/api/me"), ("POST", "/api/accounts"), ("GET", "/map")):
            site.ask(method, path, headers=headers, content=f'{{"password": "{IN_BODY}"')
    site.ask("GET", f"/map?display={IN_ADDRESS}")
    site.ask("GET", f"/accounts?display={IN_ADDRESS}", officer)
    bad = {"name": "x", "role": "viewer", "area": "none", "password": IN_BODY}
    for body in (bad, bad | {"more": IN_BODY}, {"password": [IN_BODY]}):
        site.ask("POST", "/api/accounts", admin, json=body)
    site.ask("POST", "/api/me/password", officer, json={"old": WRONG, "new": IN_BODY})
    asyncio.run(speak(site, officer))
    for path in ("/api/incidents/none", "/api/audit", "/api/displays", "/nowhere"):
        site.ask("GET", path, officer)


async def speak(site, officer):
    """WebSockets, well and badly opened."""
    address = site.url.replace("http", "ws", 1)
    for path, headers in (
        ("/live", {"Cookie": officer, "Origin": site.url}),
        ("/live", {"Cookie": f"onemap={IN_COOKIE}"}),
        ("/live", {"Authorization": f"Bearer {IN_TOKEN}"}),
        ("/feeds/ws", {"Authorization": f"Bearer {IN_TOKEN}"}),
    ):
        with contextlib.suppress(WebSocketException, OSError, TimeoutError):
            async with (
                asyncio.timeout(3),
                connect(f"{address}{path}", proxy=None, additional_headers=headers) as socket,
            ):
                await socket.send(f'{{"subscribe": ["{IN_BODY}"]}}')
                site.answers.append(await socket.recv())


def lose_the_store(site, admin):
    """Requests while there is no store, and after."""
    site.program.children()["store"].kill()
    for _ in range(3):
        site.ask("GET", "/api/accounts", admin)
        site.ask("GET", "/api/me", f"onemap={IN_COOKIE}")
        site.ask("POST", "/login", data={"name": "li.na", "password": WRONG, "next": "/"})
        body = {"name": "sun.li", "role": "viewer", "area": DISTRICT, "password": IN_BODY}
        site.ask("POST", "/api/accounts", admin, json=body)
    until(site.program.is_ready, 60)


def found_in(data, secrets):
    """(file, secret) of everything under a folder."""
    for path in data.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            for secret in secrets:
                if secret.encode() in body:
                    yield path.name, secret


def test_no_secret_is_written_anywhere_and_what_ended_stays_ended(site):
    program = site.program
    admin, officer, wall, token = begin(site)
    other = site.enter("zhao.min", NEW_PASSWORD)
    misuse(site, admin, officer)
    site.ask("POST", "/logout", other)
    changing = site.enter("zhao.min", NEW_PASSWORD)
    body = {"old": NEW_PASSWORD, "new": OTHER_PASSWORD}
    changed = site.ask("POST", "/api/me/password", changing, json=body)
    assert changed.status_code == 204
    site.answers.pop()  # gives the new cookie
    newest = f"onemap={changed.cookies['onemap']}"
    site.secrets.add(changed.cookies["onemap"])
    lose_the_store(site, admin)
    trail = site.ask("GET", "/api/audit?limit=500", admin).text
    assert "session.begin" in trail
    assert [a for a in (admin, officer, wall, newest) if not site.is_in(a)] == []

    # nothing of it in what was written
    password = first_password(program.output.read_text(encoding="utf-8"))
    output = program.output.read_bytes()
    assert b"DEBUG" in output  # else this test would see too little
    assert output.count(password.encode()) == 1  # the line that is to say it
    assert sorted(s for s in site.secrets - {password} if s.encode() in output) == []
    assert (program.data / "valkey.log").stat().st_size > 0
    assert any("aof" in path.name for path in program.data.rglob("*"))
    assert sorted(found_in(program.data, site.secrets)) == []
    told = [a if isinstance(a, str) else f"{a.headers}{a.text}" for a in site.answers]
    assert len(told) > 40
    assert sorted({s for s in site.secrets for text in told if s in text}) == []

    # and after a new start, what was ended is, and what was not goes on
    site.ask("DELETE", "/api/displays/hall", admin)
    program.stop()
    again = Program(program.data, PYTHONPATH=program.environ["PYTHONPATH"])
    try:
        until(again.is_ready, 60)
        site.url = again.url
        cookies = (admin, officer, newest, other, changing, wall)
        assert [site.is_in(c) for c in cookies] == [True, True, True, False, False, False]
        headers = {"Authorization": f"Bearer {token}"}
        assert site.ask("GET", "/api/me", headers=headers).status_code == 200
    finally:
        again.stop()
    assert sorted(found_in(again.data, site.secrets)) == []
