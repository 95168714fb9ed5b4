"""axe-core looks at the pages of the duty desk: WCAG 2.2 AA, nothing serious."""

import re
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FIRST_GRID, LiveServer, until_page

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """
rules => window.axe.run(document, { runOnly: { type: 'tag', values: rules } })
  .then(found => found.violations.map(({ id, impact, nodes }) =>
    [impact, id, nodes.slice(0, 3).map(node => node.html.slice(0, 160))]))
"""


def serious(page: Page) -> list[Any]:
    """What axe-core finds that keeps people out, or nearly."""
    page.evaluate(AXE)
    found = page.evaluate(RUN, RULES)
    return [one for one in found if one[0] in ("serious", "critical")]


@pytest.fixture
def desk(live_server: LiveServer, page: Page) -> Page:
    case = live_server.report(FIRST_GRID, priority=1, title="排水管道破裂")
    page.goto(f"/desk?queue=all&case={case}")
    expect(page.locator("#case .case-where")).to_contain_text(case)
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desk_with_a_case(desk: Page, language: str) -> None:
    if language == "en":
        desk.locator("#language").click()
    assert serious(desk) == []


@pytest.mark.parametrize("key", ["w", "e", "v", "?"])
def test_what_opens_on_the_desk(desk: Page, key: str) -> None:
    desk.keyboard.press(key)
    assert serious(desk) == []


def test_the_desk_on_a_small_screen(desk: Page) -> None:
    desk.set_viewport_size({"width": 1366, "height": 768})
    assert serious(desk) == []


@pytest.mark.parametrize(("language", "width"), [("zh", 1920), ("en", 1366)])
def test_the_feeds_with_one_of_them_open(page: Page, language: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(f"/data?lang={language}")
    page.locator("#feed-rows .unfold").first.click()
    expect(page.locator("#feed-rows .more dd").first).to_be_visible()
    assert serious(page) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_rule_with_a_problem_and_a_trial(page: Page, language: str) -> None:
    page.goto(f"/rules?rule=incident-at-80&lang={language}")
    page.locator(".buttons .button").first.click()
    expect(page.locator(".trial .finding")).to_be_visible()
    page.locator("#field-threshold").fill("x")
    page.locator(".buttons .primary").click()
    expect(page.locator(".problem")).to_be_visible()
    assert serious(page) == []


@pytest.mark.parametrize("size", [(1366, 768), (800, 900)])
def test_the_load_of_the_alerts_with_the_menu(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/alarms")
    expect(page.locator("#alarms-load .line")).to_have_count(3)
    page.locator("#user summary").click()
    menu = page.locator(".menu").bounding_box()
    assert menu is not None
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= size[0]
    assert serious(page) == []


@pytest.mark.parametrize(
    "path",
    ["/handover", "/login", "/audit", "/accounts", "/alarms", "/rules", "/rules?rule=device-gone"],
)
def test_the_other_pages(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading").first).to_be_visible()
    assert serious(page) == []


@pytest.mark.parametrize("scene", ["area", "alerts", "cameras", "cover", "weekday"])
def test_a_wall(page: Page, scene: str) -> None:
    page.goto(f"/wall?scene={scene}")
    until_page(page, "window.one_map?.page?.shownId ?? null", f"{scene}/530111")
    expect(page.locator(".clock")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    assert serious(page) == []
