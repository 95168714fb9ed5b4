"""Signing in and out in a real browser, and what an ended session does to a page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, LiveServer, Visit
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

STREET = "530111001"
HAN = re.compile(r"[\u4e00-\u9fff]")
SIZES = [(1366, 768), (1920, 1080), (3840, 2160), (683, 384)]  # the last: 200 % zoom on the first


def enter(page: Page, name: str, password: str) -> None:
    page.get_by_label("工号").fill(name)
    page.get_by_label("口令").fill(password)
    page.get_by_role("button", name="登录").click()


def mounted(page: Page) -> None:
    expect(page.locator("#one-map")).to_have_attribute("data-mounted", "true")


def test_a_stranger_is_led_to_the_sign_in_page_and_back_to_where_he_was_going(
    live_server: LiveServer, visit: Visit
) -> None:
    page = visit(None)
    page.goto(f"/map?area={STREET}")
    expect(page).to_have_url(re.compile(r"/login\?"))
    expect(page.get_by_label("工号")).to_be_focused()
    enter(page, live_server.add_account("officer", STREET), PASSWORD)
    expect(page).to_have_url(re.compile(rf"/map\?area={STREET}"))
    expect(page.locator("#user summary")).to_contain_text("officer.")


def test_a_wrong_password_is_said_in_words_and_the_name_stays(
    live_server: LiveServer, visit: Visit
) -> None:
    name = live_server.add_account("viewer", STREET)
    page = visit(None)
    page.goto("/login")
    enter(page, name, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("还可试")
    expect(page.get_by_label("工号")).to_have_value(name)
    expect(page.get_by_label("口令")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    mounted(page)


def test_the_page_needs_no_script(live_server: LiveServer, visit: Visit) -> None:
    page = visit(None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    page.goto("/login")
    page.wait_for_load_state("networkidle")
    assert "script" not in asked
    assert "stylesheet" in asked


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_off_at_any_size(visit: Visit, width: int, height: int, lang: str) -> None:
    page = visit(None)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"/login?lang={lang}&problem=expired")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    button = page.get_by_role("button")
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport(ratio=0.95)
    if lang == "en":
        assert not HAN.search(page.locator("main").inner_text().replace("中文", ""))


def test_signing_out_ends_the_session(live_server: LiveServer, visit: Visit) -> None:
    name = live_server.add_account("viewer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    page.goto("/map")
    mounted(page)
    menu = page.locator("#user summary")
    expect(menu).to_have_accessible_name(re.compile(f"{name} 查看员 关上街道"))
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto("/map")
    expect(page).to_have_url(re.compile(r"/login\?"))


def test_a_person_changes_his_own_password_and_stays(live_server: LiveServer, visit: Visit) -> None:
    name = live_server.add_account("viewer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    page.goto("/map")
    mounted(page)
    page.locator("#user summary").click()
    page.get_by_role("button", name="修改口令").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("现在的口令").fill("wrong")
    dialog.get_by_label("新口令", exact=True).fill("another fine battery")
    dialog.get_by_label("再输一遍新口令").fill("another fine battery")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("! 现在的口令不对")
    dialog.get_by_label("现在的口令").fill(PASSWORD)
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#notice")).to_contain_text("口令已改")
    page.reload()
    mounted(page)
    assert sign_in(live_server.url, name, "another fine battery")


def test_a_desk_whose_session_is_cut_off_goes_to_the_sign_in_page(
    live_server: LiveServer, visit: Visit
) -> None:
    name = live_server.add_account("officer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    page.goto("/map")
    expect(page.locator("[data-kpi=open] .value")).to_have_text(re.compile(r"\d"))
    sessions = live_server.read("/api/sessions")["items"]
    own = next(item for item in sessions if item["account"] == name)
    live_server.ask("DELETE", f"/api/sessions/{own['id']}")
    expect(page).to_have_url(re.compile(r"/login\?problem=expired&next="))
    expect(page.get_by_role("alert")).to_contain_text("登录已过期")


def test_a_wall_that_is_cut_off_keeps_its_picture_and_says_so(
    live_server: LiveServer, visit: Visit
) -> None:
    made = live_server.ask("POST", "/api/displays", {"name": "hall-login", "area": STREET})
    page = visit(None)
    page.goto(made["path"].replace("/wall?", "/map?"))
    number = page.locator("[data-kpi=open] .value")
    expect(number).to_have_text(re.compile(r"\d"))
    shown = number.inner_text()
    expect(page.locator("#user")).to_be_hidden()
    expect(page.locator("body")).not_to_contain_text("hall-login")
    assert "display=" not in page.url
    live_server.ask("DELETE", "/api/displays/hall-login")
    expect(page.locator("#banner")).to_contain_text("这块大屏已被断开")
    expect(number).to_have_text(shown)
    assert "/login" not in page.url
