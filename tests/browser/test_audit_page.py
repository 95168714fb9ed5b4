"""The audit trail's page against the real API."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LiveServer

pytestmark = pytest.mark.browser

STREET = "530111001"
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def trail(page: Page) -> Page:
    page.goto("/audit")
    expect(page.locator("#entries tbody")).to_contain_text("登录")
    return page


def test_entries_are_in_words_newest_first(trail: Page) -> None:
    signed_in = trail.locator("#entries tbody tr").filter(has_text="登录")
    first = signed_in.filter(has_text="管理员").first
    expect(first).to_contain_text("admin")
    expect(first).to_contain_text("127.0.0.1")
    expect(first).to_contain_text("完成")
    trail.goto("/audit?actor=command+line")
    expect(trail.locator("#entries tbody")).to_contain_text("命令行")


def test_what_an_act_changed_unfolds_by_mouse_and_by_key(
    live_server: LiveServer, page: Page
) -> None:
    name = live_server.add_account("viewer", STREET)
    page.goto(f"/audit?subject=account/{name}")
    rows = page.locator("#entries tbody tr")
    expect(rows).to_have_count(1)
    rows.first.click()
    expect(page.locator("#entries .more")).to_contain_text("关上街道")
    expect(page.locator("#entries .more")).to_contain_text("查看员")
    rows.first.click()
    expect(page.locator("#entries .more")).to_have_count(0)
    page.get_by_role("button", name=re.compile("展开第")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#entries .more")).to_be_visible()


def test_filters_stand_in_the_address_and_come_back_with_it(
    live_server: LiveServer, page: Page
) -> None:
    live_server.add_account("viewer", STREET)
    page.goto("/audit")
    page.get_by_label("做了什么").select_option(label="新增账号")
    page.get_by_label("谁").fill("admin")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"actor=admin&action=account\.add"))
    rows = page.locator("#entries tbody tr")
    expect(rows.first).to_contain_text("新增账号")
    expect(page.locator("#entries tbody")).not_to_contain_text("查看审计")
    page.reload()
    expect(page.get_by_label("谁")).to_have_value("admin")
    expect(page.get_by_label("做了什么")).to_have_value("account.add")
    page.get_by_role("button", name="清除").click()
    expect(page.get_by_label("谁")).to_have_value("")
    page.go_back()
    expect(page.get_by_label("谁")).to_have_value("admin")


def test_times_are_of_beijing_and_a_day_without_entries_is_empty(trail: Page) -> None:
    trail.get_by_label("到", exact=True).fill("2020-01-01")
    trail.keyboard.press("Enter")
    expect(trail.locator("#entries")).to_contain_text("没有记录")


def test_the_export_takes_the_filters_along(trail: Page) -> None:
    trail.get_by_label("谁").fill("admin")
    trail.keyboard.press("Enter")
    link = trail.get_by_role("link", name="导出表格")
    expect(link).to_have_attribute("href", re.compile(r"actor=admin.*format=csv"))
    with trail.expect_download() as download:
        link.click()
    assert "admin" in download.value.path().read_text(encoding="utf-8")


def test_the_page_is_whole_in_english(page: Page) -> None:
    page.goto("/audit?lang=en")
    expect(page.locator("#entries tbody")).to_contain_text("signed in")
    text = page.locator("#one-map").inner_text().replace("中文", "")
    assert HAN.findall(text) == []
    expect(page.get_by_role("link", name="Accounts")).to_have_attribute("href", "/accounts?lang=en")
