"""The map of somebody whose area is a street, or less: the district around it has no figures."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, LiveServer, Visit
from tests.browser.test_one_map import number, spot, title
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

ROOT, STREET, OTHER = "530111", "530111001", "530111002"
COMMUNITY, GRID = "530111001001", "530111001001001"


def officer(live_server: LiveServer, visit: Visit, area: str, address: str = "/map") -> Page:
    name = live_server.add_account("officer", area)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    page.goto(address)
    expect(number(page, "open")).to_have_text(re.compile(r"\d"))
    expect(page.locator("#crumbs b")).not_to_be_empty()
    return page


@pytest.mark.parametrize(
    ("area", "name"), [(STREET, "关上街道"), (COMMUNITY, "关上社区"), (GRID, "01 网格")]
)
def test_the_own_area_is_the_top(
    live_server: LiveServer, visit: Visit, area: str, name: str
) -> None:
    page = officer(live_server, visit, area)
    expect(page.locator("#crumbs b")).to_have_text(name)
    expect(page.locator("#crumbs button")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#crumbs b")).to_have_text(name)
    expect(page.locator("#notice")).to_be_hidden()


@pytest.mark.parametrize("address", [f"/map?area={ROOT}", f"/map?area={OTHER}"])
def test_an_address_outside_falls_back_to_the_own_area_and_says_why(
    live_server: LiveServer, visit: Visit, address: str
) -> None:
    page = officer(live_server, visit, STREET, address)
    expect(title(page)).to_have_text("关上街道")
    expect(page.locator("#notice")).to_contain_text("不在您的辖区")


def test_down_and_up_again_but_no_further(live_server: LiveServer, visit: Visit) -> None:
    page = officer(live_server, visit, STREET, f"/map?area={COMMUNITY}")
    expect(page.locator("#crumbs button")).to_have_text(["关上街道"])
    page.locator("#map-view").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#crumbs b")).to_have_text("关上街道")
    page.keyboard.press("Escape")  # lets go of the selection
    page.keyboard.press("Escape")
    expect(page.locator("#crumbs b")).to_have_text("关上街道")


def test_what_lies_beside_is_drawn_without_colour_and_says_that_it_is_not_yours(
    live_server: LiveServer, visit: Visit
) -> None:
    page = officer(live_server, visit, STREET)
    assert page.locator("path.area.fill.street").count() == 0
    assert page.locator("path.area.ghost.street").count() == 7
    for _ in range(4):
        page.get_by_role("button", name="缩小").click()
    at = spot(page, OTHER)
    page.mouse.click(at["x"], at["y"])
    expect(page.locator("#notice")).to_contain_text("不在您的辖区")
    page.mouse.dblclick(at["x"], at["y"])
    expect(page.locator("#crumbs b")).to_have_text("关上街道")


def test_the_gauge_of_the_whole_district_is_not_shown_as_zero(
    live_server: LiveServer, visit: Visit, page: Page
) -> None:
    scoped = officer(live_server, visit, STREET)
    expect(scoped.locator(".gauge")).to_be_hidden()
    page.goto("/map")
    expect(page.locator(".gauge")).to_be_visible()
    expect(page.locator("#dropped")).to_have_text(re.compile(r"\d"))


def test_only_administrators_see_the_way_to_their_pages(
    live_server: LiveServer, visit: Visit, page: Page
) -> None:
    scoped = officer(live_server, visit, STREET)
    expect(scoped.get_by_role("navigation", name="主导航").get_by_role("link")).to_have_text(
        ["值守1", "一张图2", "数据源5", "交接班"]
    )
    page.goto("/map")
    expect(page.get_by_role("navigation", name="主导航").get_by_role("link")).to_have_text(
        ["值守1", "一张图2", "数据源5", "交接班", "账号和大屏", "审计日志"]
    )


def test_other_rights_take_effect_on_the_open_page(live_server: LiveServer, visit: Visit) -> None:
    page = officer(live_server, visit, STREET)
    name = page.locator("#user summary").inner_text()
    change = {"version": 1, "area": COMMUNITY}
    rows = live_server.read("/api/accounts")["items"]
    change["version"] = next(row["version"] for row in rows if row["name"] == name)
    live_server.ask("PATCH", f"/api/accounts/{name}", change)
    expect(page.locator("#crumbs b")).to_have_text("关上社区")
