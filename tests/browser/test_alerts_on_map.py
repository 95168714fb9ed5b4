"""Bells on the one map, for desks and walls alike, and the dead man's switch on every screen."""

import os
import re
import signal
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LiveServer, Visit, running_program

pytestmark = pytest.mark.browser

PLACE = {"lon": 102.7289, "lat": 25.0191}
STREET = "530111001"
CLUSTER = 5  # similar cases at one place raise the pack's similar-cluster
STOPPED_S = 15  # after which every screen has to say so
LOOK_MS = (STOPPED_S + 10) * 1000  # the machine of the tests may be slow


@pytest.fixture(scope="module")
def live_server(
    tmp_path_factory: pytest.TempPathFactory, chromium_path: str
) -> Iterator[LiveServer]:
    """Of its own: its rules judge without delay, and its board is stopped."""
    with running_program(tmp_path_factory) as server:
        rules = {row["id"]: row for row in server.read("/api/alert-rules")["rules"]}
        fields = {"on_delay_s": 0, "off_delay_s": 0, "latched": False}
        body = {"version": rules["similar-cluster"]["version"], "key": key(), "note": "tests"}
        server.ask("PUT", "/api/alert-rules/similar-cluster", body | {"fields": fields})
        yield server


@pytest.fixture
def wall(live_server: LiveServer, visit: Visit) -> Iterator[Page]:
    """A wall display of the street, which may only see."""
    made = live_server.ask("POST", "/api/displays", {"name": "hall", "area": STREET})
    page = visit(None)
    page.goto(made["path"].replace("/wall?", "/map?"))
    expect(page.locator("[data-kpi=open] .value")).to_have_text(re.compile(r"\d"))
    yield page
    live_server.ask("DELETE", "/api/displays/hall")


def key() -> str:
    return uuid.uuid4().hex


def cluster(server: LiveServer, n: int = CLUSTER) -> list[str]:
    """Similar cases at one place."""
    names = [f"B-{key()[:10]}" for _ in range(n)]
    for name in names:
        data = {"incident": name, "class": "02-03", "title": "违规广告", "channel": "collector"}
        data |= {"priority": 2}  # the alert is as urgent as its cases
        server.post({"type": "incident.reported", "data": data} | PLACE)
    return names


def end(server: LiveServer, cases: list[str]) -> None:
    for case in cases:
        data = {"incident": case, "action": "cancel", "by": "desk", "note": "tests"}
        server.post({"type": "incident.moved", "data": data})


def beside(popup: Locator, bell: Locator) -> tuple[float, float]:
    """Where a popup stands from its bell; a banner that comes or goes moves both."""
    one, other = popup.bounding_box(), bell.bounding_box()
    assert one is not None
    assert other is not None
    return one["x"] - other["x"], one["y"] - other["y"]


def pin(page: Page) -> Locator:
    return page.locator(".alert-pin[aria-label*='违规户外广告']")


def test_a_popup_stays_through_updates_and_says_when_its_alert_is_over(
    live_server: LiveServer, page: Page
) -> None:
    page.goto("/map")
    cases = cluster(live_server)
    bell = pin(page)
    expect(bell).to_have_count(1)
    expect(bell).to_have_attribute("aria-label", re.compile("告警，优先级 2，.*未确认"))
    bell.press("Enter")
    popup = page.locator(".alert-popup")
    expect(popup).to_contain_text("未确认")
    link = popup.get_by_role("link", name="到值守台")
    expect(link).to_be_focused()
    page.evaluate("() => { document.querySelector('.alert-popup').isTheSame = true; }")
    (alert,) = live_server.read("/api/alerts?rule=similar-cluster")["items"]
    act = {"action": "acknowledge", "version": alert["version"], "key": key()}
    live_server.ask("POST", f"/api/alerts/{alert['id']}/actions", act)
    expect(popup).to_contain_text("已确认")
    stood = beside(popup, bell)
    end(live_server, cases)
    expect(popup).to_contain_text("恢复")  # it is over, and still read
    expect(link).to_be_focused()
    assert beside(popup, bell) == stood
    assert page.evaluate("() => document.querySelector('.alert-popup').isTheSame")
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(bell).to_have_count(0)


def test_a_wall_has_bells_and_no_way_to_the_desk(live_server: LiveServer, wall: Page) -> None:
    cases = cluster(live_server)
    bell = pin(wall)
    expect(bell).to_have_count(1)
    expect(bell.locator(".unack")).to_have_count(1)  # blinks
    expect(wall.locator("#overlays [data-name=alerts] em")).to_have_text("1")
    bell.press("Enter")
    expect(wall.locator(".alert-popup button")).to_be_focused()
    expect(wall.locator(".alert-popup a")).to_be_hidden()
    end(live_server, cases)
    expect(wall.locator(".alert-popup")).to_contain_text("恢复")
    wall.keyboard.press("Escape")
    expect(bell).to_have_count(0)
    expect(wall.locator("#overlays [data-name=alerts] em")).to_have_text("0")


def test_every_desk_and_wall_says_when_nobody_judges(
    live_server: LiveServer, visit: Visit, wall: Page
) -> None:
    pages = {"wall": wall}
    for path in ("/desk", "/map", "/data", "/alarms"):
        pages[path] = visit(live_server.cookie)
        pages[path].goto(path)
    expect(pages["/desk"].locator("[data-queue=all] b")).to_have_text(re.compile(r"\d"))
    expect(pages["/data"].locator("#judged .figure")).to_contain_text("判定过")
    expect(pages["/alarms"].locator("#alarms-load .line")).to_have_count(3)
    board = live_server.child("board")
    os.kill(board, signal.SIGSTOP)
    try:
        wall.wait_for_timeout((STOPPED_S - 5) * 1000)
        for page in pages.values():
            expect(page.get_by_text("告警判定已停")).to_have_count(0)
        for path in ("wall", "/desk", "/map", "/data"):
            banner = pages[path].locator(".alert-stands")
            expect(banner).to_contain_text("告警判定已停", timeout=LOOK_MS)
            expect(banner).to_contain_text("没有新告警不等于没事")
        expect(pages["/alarms"].locator("#banner")).to_contain_text("起没有再判定")
        expect(pages["/alarms"].locator("#alarms-load .line")).to_have_count(3)
    finally:
        os.kill(board, signal.SIGCONT)
    for path in ("wall", "/desk", "/map", "/data"):
        expect(pages[path].locator(".alert-stands")).to_be_hidden()
    expect(pages["/alarms"].locator("#banner")).to_have_text("")
