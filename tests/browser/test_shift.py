"""An officer's shift from signing in to the hand-over, by keyboard alone. It is recorded: the trace
lies in test-results/shift.zip (`playwright show-trace` plays it)."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import EXPECT_MS, PASSWORD, ROOT, SIZE, LiveServer

pytestmark = pytest.mark.browser

COMMUNITY = "530111004003"  # a quiet place: no other test reports there
RECORDING = ROOT / "test-results" / "shift.zip"


@pytest.fixture
def record(browser: Browser, live_server: LiveServer) -> Iterator[Callable[[], Page]]:
    """Opens a page whose every step is recorded, and takes its mouse away."""
    context = browser.new_context(viewport=SIZE, base_url=live_server.url)
    context.set_default_timeout(20_000)
    expect.set_options(timeout=EXPECT_MS)
    context.tracing.start(screenshots=True, snapshots=True)
    faults: list[str] = []

    def opened() -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield opened
    context.tracing.stop(path=RECORDING)
    context.close()
    assert faults == []


@pytest.fixture
def grid(live_server: LiveServer) -> str:
    area = live_server.read(f"/api/areas/{COMMUNITY}")
    return str(area["children"][0]["code"])


def report(server: LiveServer, grid: str, title: str, **more: object) -> str:
    identity = f"S-{uuid.uuid4().hex[:10]}"
    server.report(grid, incident=identity, title=title, priority=1, **more)
    until(lambda: server.read(f"/api/queue?queue=all&q={identity}")["total"] == 1)
    return identity


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def state(server: LiveServer, case: str) -> str:
    return str(server.read(f"/api/incidents/{case}")["state"])


def department_does(server: LiveServer, grid: str, case: str, *actions: str) -> None:
    """The other side, through the front door."""
    for action in actions:
        data = {"incident": case, "action": action, "by": "抢修一队", "note": "现场"}
        server.post({"type": "incident.moved", "area": grid, "data": data})
        version = server.read(f"/api/incidents/{case}")["version"]
        until(lambda v=version: server.read(f"/api/incidents/{case}")["version"] >= v)


def sign_in_by_keyboard(page: Page, name: str, path: str) -> None:
    page.goto(path)
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


class Officer:
    """Hands on a keyboard."""

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page, self.server = page, server

    def press(self, *keys: str) -> None:
        expect(self.page.locator("#case footer")).to_have_attribute("aria-busy", "false")
        for key in keys:
            self.page.keyboard.press(key)

    def go_to(self, case: str) -> None:
        """J and K until the case is open."""
        listed = self.page.locator("#queue [role=option]")
        for key in ("k",) * listed.count() + ("j",) * listed.count():
            if self.page.evaluate("one_map.page.view.case") == case:
                break
            self.page.keyboard.press(key)
        expect(self.page.locator("#case .case-where")).to_contain_text(case)

    def said(self, text: str) -> None:
        expect(self.page.locator("#case .case-said")).to_contain_text(text)


def work_the_burst(officer: Officer, case: str) -> None:
    """Seen, filed, dispatched; a slip is taken back."""
    server = officer.server
    officer.go_to(case)
    officer.press("a")
    officer.said("已确认")
    for keys, reached in (
        (("Enter",), "filed"),
        (("1", "Enter"), "dispatched"),
        (("z",), "filed"),
        (("1", "Enter"), "dispatched"),
    ):
        if keys != ("z",):
            officer.go_to(case)
        officer.press(*keys)
        until(lambda reached=reached: state(server, case) == reached)


def take_the_calls(officer: Officer, call: str, wrong: str) -> None:
    """One is confirmed before it is filed, the other turned down."""
    server = officer.server
    officer.go_to(call)
    officer.press("Enter")
    until(lambda: server.read(f"/api/incidents/{call}")["confirmed"] == "exists")
    officer.go_to(wrong)
    officer.press("f")
    officer.page.keyboard.press("1")
    officer.page.keyboard.press("Enter")
    until(lambda: state(server, wrong) == "rejected")


def finish_the_burst(officer: Officer, case: str) -> None:
    """The department has done its part."""
    until(lambda: state(officer.server, case) == "handled")
    officer.go_to(case)
    officer.press("Enter")
    until(lambda: state(officer.server, case) == "inspected")
    officer.go_to(case)
    officer.press("c")
    until(lambda: state(officer.server, case) == "closed")


def hand_over(page: Page, open_case: str) -> None:
    page.goto("/handover")
    expect(page.locator("#handover-sheet .facts")).to_be_visible()
    expect(page.locator("#handover-sheet")).to_contain_text(open_case)
    page.get_by_role("button", name="写备注并交班").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("路灯待立案")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#handover-waits")).to_contain_text("等接班人签字")


def take_over(page: Page, name: str) -> None:
    page.context.clear_cookies()
    sign_in_by_keyboard(page, name, "/handover")
    expect(page.locator("#handover-sheet")).to_contain_text("路灯待立案")
    page.get_by_role("button", name="签字接班").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("收到")
    page.keyboard.press("Enter")
    expect(page.locator(".facts")).to_contain_text(name)


def test_a_shift_by_keyboard_alone(
    live_server: LiveServer, grid: str, record: Callable[[], Page]
) -> None:
    burst = report(live_server, grid, "供水管道破裂", **{"class": "05-01"})
    call = report(live_server, grid, "路灯不亮", channel="hotline")
    wrong = report(live_server, grid, "误报", channel="hotline")
    name, other = (live_server.add_account("dispatcher", "530111") for _ in range(2))
    page = record()
    sign_in_by_keyboard(page, name, "/desk?q=S-&queue=all")
    expect(page.locator("#queue .case-row:not(.alert-row)")).to_have_count(3)
    officer = Officer(page, live_server)
    work_the_burst(officer, burst)
    take_the_calls(officer, call, wrong)
    department_does(live_server, grid, burst, "accept", "handle")
    finish_the_burst(officer, burst)
    hand_over(page, call)
    take_over(page, other)
    moves = [m for m in live_server.read(f"/api/incidents/{burst}")["history"] if m["at_desk"]]
    assert {move["by"] for move in moves} == {name}
    assert " ".join(move["action"] for move in moves) == (
        "acknowledge file dispatch undo dispatch inspect close"
    )
