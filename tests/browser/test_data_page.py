"""The feeds page in a real browser: a silent feed changes its sign, what goes out is told."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, ROOT, LiveServer, add_feed
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

STREET = "530111001"


def row(page: Page, name: str):
    return page.locator("#feed-rows tr.source").filter(has_text=name)


def tool(server: LiveServer, *words: str) -> None:
    subprocess.run(
        [sys.executable, "app.py", *words],
        cwd=ROOT, env=server.environ, capture_output=True, text=True, check=True,
    )  # fmt: skip


def test_a_feed_that_falls_silent_changes_its_sign_and_its_word(
    live_server: LiveServer, page: Page
) -> None:
    kept = live_server.token
    live_server.token = add_feed(live_server.environ, "quiet-one", period_s=8)
    # it only says that it lives: with numbers behind it, its areas would be lost to later tests
    alive = {"type": "feed.heartbeat", "data": {"sent": 1}}
    try:
        live_server.post(alive)
        page.goto("/data")
        quiet = page.locator('#feed-rows tr[data-id="quiet-one"]')
        expect(quiet).to_be_visible()
        live_server.post(alive)
    finally:
        live_server.token = kept
    expect(quiet.locator("td.fresh")).to_have_attribute("data-sign", "live")
    expect(quiet.locator("td.fresh")).to_contain_text("实时")
    drawn = quiet.locator("td.fresh svg").inner_html()
    before = quiet.locator("td.age").inner_text()
    expect(quiet.locator("td.age")).not_to_have_text(before)  # it ticks by itself
    expect(quiet.locator("td.fresh")).to_have_attribute("data-sign", "late")
    expect(quiet.locator("td.fresh")).to_contain_text("延迟")
    assert quiet.locator("td.fresh svg").inner_html() != drawn
    first = page.locator("#feed-rows tr.source").first
    expect(first).to_have_attribute("data-id", "quiet-one")  # what is worse comes first
    expect(page.locator("#feed-tally")).to_contain_text("延迟 1")


def test_rows_open_by_keyboard_and_say_what_they_stand_behind(page: Page) -> None:
    page.goto("/data")
    expect(page.locator("#feed-rows tr.source").last).to_contain_text("模拟")
    page.locator("#content").focus()
    page.keyboard.press("ArrowDown")
    unfold = page.locator("#feed-rows .unfold").first
    expect(unfold).to_be_focused()
    page.keyboard.press("Enter")
    expect(unfold).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#feed-rows .more")).to_contain_text("官渡区的数字")
    page.locator("#language").click()
    expect(page.locator("#feed-rows .more")).to_contain_text("The numbers of Guandu")
    expect(page.locator("#feed-rows")).not_to_contain_text("数字：")


def test_a_viewer_of_a_street_is_told_what_is_withheld(live_server: LiveServer, visit) -> None:
    name = live_server.add_account("viewer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    page.goto("/data")
    expect(row(page, "测试数据").first.locator("td.accepted")).to_have_text("不给出")
    expect(page.locator("#privacy")).to_contain_text("全区")
    expect(page.locator("#judged .figure")).to_contain_text("判定过")
    expect(page.locator("#picture-age .figure")).to_contain_text("秒前")


def test_the_judging_of_the_alerts_and_the_gate_are_told(page: Page) -> None:
    page.goto("/data")
    expect(page.locator("#judged .figure")).to_contain_text("判定过")
    expect(page.locator("#judged .meaning")).to_contain_text("每秒判定一次")
    expect(page.locator("#privacy .figure")).to_have_text(re.compile(r"^[\d,]+$"))


def test_a_way_out_is_told_with_its_target_to_administrators_alone(
    live_server: LiveServer, page: Page, visit
) -> None:
    target = "https://alerts.example/hook"
    tool(live_server, "outlet", "add", "ops-room", "webhook", target)
    page.goto("/data")
    line = page.locator("#outlets tr.source").filter(has_text="ops-room")
    expect(line).to_contain_text(target)
    expect(line.locator("td.state")).to_have_attribute("data-sign", "live")
    tool(live_server, "outlet", "pause", "ops-room")
    expect(line.locator("td.state")).to_have_attribute("data-sign", "paused")  # within ten seconds
    expect(line.locator("td.state")).to_contain_text("暂停")
    officer = live_server.add_account("officer", STREET)
    other = visit(sign_in(live_server.url, officer, PASSWORD))
    other.goto("/data")
    expect(other.locator("#outlets tr.source")).to_contain_text("只给管理员")
    expect(other.locator("#outlets")).not_to_contain_text(target)


def test_the_last_picture_stays_with_its_age_when_the_server_is_away(page: Page) -> None:
    page.goto("/data")
    expect(page.locator("#feed-rows tr.source").last).to_be_visible()
    page.context.set_offline(True)
    page.evaluate("window.one_map.page.live._lost(false)")
    expect(page.locator("#banner")).to_contain_text("与服务器断开")
    expect(page.locator("#feed-rows td.fresh").last).to_contain_text("陈旧")
    expect(page.locator("#picture-age")).to_contain_text("停在这一刻")
    expect(page.locator("#feed-rows tr.source").last.locator("td.accepted")).not_to_have_text("")
    page.context.set_offline(False)
    expect(page.locator("#picture-age")).to_contain_text("每秒更新")


def test_digits_lead_between_the_pages(page: Page) -> None:
    page.goto("/data")
    expect(page.locator("#feed-rows tr.source").last).to_be_visible()
    page.keyboard.press("2")
    page.wait_for_url("**/map*")
    expect(page.locator("#panel")).to_be_visible()
    page.keyboard.press("5")
    page.wait_for_url("**/data*")
