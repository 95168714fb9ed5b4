"""A whole program of its own for the browser tests, and a Chromium page to look at it with."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.visitor import first_password, sign_in

ROOT = Path(__file__).resolve().parents[2]
START_S = 90
EXPECT_MS = 15_000
FIRST_GRID = "530111001001001"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
PASSWORD = "correct horse battery"
SIZE = {"width": 1920, "height": 1080}


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class LiveServer:
    """The program as `python app.py` starts it: its address, its processes, and a feed's token."""

    url: str
    process: subprocess.Popen[bytes]
    environ: dict[str, str]
    token: str = ""
    cookie: str = ""  # of the first administrator, signed in
    password: str = ""  # of the same
    sent: list[str] = field(default_factory=list)

    def post(self, *events: dict[str, Any]) -> dict[str, Any]:
        """Send events through the front door; the answer once the store has them."""
        body = json.dumps({"events": [self._whole(event) for event in events]}).encode()
        request = urllib.request.Request(
            f"{self.url}/feeds/events",
            body,
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            reply: dict[str, Any] = json.load(answer)
        assert reply["rejected"] == []
        return reply

    def _whole(self, event: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {"id": uuid.uuid4().hex, "time": now, **event}

    def report(self, grid: str, **more: Any) -> str:
        """A new incident in a grid; its id."""
        incident = more.pop("incident", uuid.uuid4().hex)
        data = {
            "incident": incident,
            "class": "01-10",
            "title": "暴露生活垃圾",
            "channel": "collector",
        }
        self.post({"type": "incident.reported", "area": grid, "data": data | more})
        return str(incident)

    def read(self, path: str) -> dict[str, Any]:
        """An answer of the reading API."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """An answer of the API to the first administrator."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Cookie": self.cookie, "Content-Type": "application/json", "Origin": self.url}
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        reply: dict[str, Any] = json.loads(text) if text else {}
        return reply

    def add_account(self, role: str, area: str) -> str:
        """The name of a new account, whose password is PASSWORD."""
        name = f"{role}.{uuid.uuid4().hex[:8]}"
        body = {"name": name, "role": role, "area": area, "password": PASSWORD}
        self.ask("POST", "/api/accounts", body)
        return name

    def child(self, role: str) -> int:
        """Process number of the child that plays `role`."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # it may end while we look
                if f"app.py {role}" in " ".join(child.cmdline()):
                    return child.pid
        raise AssertionError(f"no child plays {role}")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self.is_ready():
            assert time.monotonic() < deadline, "the program is not ready"
            with suppress(subprocess.TimeoutExpired):
                code = self.process.wait(0.1)
                raise AssertionError(f"the program ended with {code}")


@pytest.fixture(scope="session")
def live_server(
    tmp_path_factory: pytest.TempPathFactory, chromium_path: str
) -> Iterator[LiveServer]:
    """One program for all modules that disturb nobody; the others have a `running_program`."""
    with running_program(tmp_path_factory) as server:
        yield server


@contextmanager
def running_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Everything but the demo, on free ports and a data folder of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
    environ.pop("REDIS_URL", None)
    port, gateway = free_port(), free_port()
    environ |= {
        "ONEMAP_PORT": str(port),
        "ONEMAP_GATEWAY_PORT": str(gateway),
        "ONEMAP_DATA": str(tmp_path_factory.mktemp("data")),
        "ONEMAP_DEMO": "off",
    }
    path = tmp_path_factory.mktemp("log") / "app.log"
    log = path.open("wb")
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=log, stderr=log
    )
    server = LiveServer(f"http://127.0.0.1:{port}", process, environ)
    try:
        server.wait_ready()
        server.password = told_password(path)
        server.cookie = sign_in(server.url, "admin", server.password)
        server.token = add_feed(environ)
        server.report(FIRST_GRID)  # before its first event a feed counts as lost
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def told_password(log: Path) -> str:
    """The first administrator's, as the program prints it once."""
    deadline = time.monotonic() + START_S
    while (password := first_password(log.read_text(encoding="utf-8"))) is None:
        assert time.monotonic() < deadline, "no first password"
        time.sleep(0.1)
    return password


def add_feed(environ: dict[str, str], name: str = "browser-tests", period_s: int = 600) -> str:
    """A token of a feed that may report everywhere."""
    made = subprocess.run(
        [sys.executable, "app.py", "feed", "add", name, "--kind", "simulated",
         "--title", "测试数据", "--title-en", "Test data", "--period", str(period_s)],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return made.stdout.strip().splitlines()[-1].split()[-1]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Its own, not the plugin's, which leaves a loop behind."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=[*FLAGS])
        yield running
        running.close()


Visit = Callable[[str | None], Page]


@pytest.fixture
def visit(live_server: LiveServer, browser: Browser) -> Iterator[Visit]:
    """A page of somebody's own browser: who has this cookie, or nobody. No page may complain."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(cookie: str | None) -> Page:
        context = browser.new_context(
            viewport=SIZE,
            locale="en-US",  # the product speaks Chinese all the same
            base_url=live_server.url,  # type: ignore[arg-type]
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        expect.set_options(timeout=EXPECT_MS)
        if cookie is not None:
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.faults = faults  # type: ignore[attr-defined]  # what pages themselves complained of
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield opened
    try:
        assert faults == []
    finally:
        for context in contexts:
            for page in context.pages:
                page.unroute_all(behavior="ignoreErrors")  # what is on its way has no page any more
            context.close()


@pytest.fixture
def page(live_server: LiveServer, visit: Visit) -> Page:
    """A page of the first administrator, in a browser set to English."""
    return visit(live_server.cookie)


def until_page(page: Page, expression: str, value: object = True) -> None:
    """Playwright's own way evaluates text in the page, which its policy forbids."""
    deadline = time.monotonic() + 20
    while (found := page.evaluate(expression)) != value:
        assert time.monotonic() < deadline, f"{expression} is {found!r}, expected {value!r}"
        page.wait_for_timeout(100)
