"""Alert rules are read, tried and changed in real browsers; who is second is told who was first."""

import json
import re
import time
import urllib.error
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import FIRST_GRID, PASSWORD, LiveServer, Visit, running_program
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

HAN = re.compile(r"[\u4e00-\u9fff]")
STREET = "530111001"


@pytest.fixture(scope="module")
def live_server(
    tmp_path_factory: pytest.TempPathFactory, chromium_path: str
) -> Iterator[LiveServer]:
    """Of its own: the rules change under it."""
    with running_program(tmp_path_factory) as server:
        yield server


def rule(server: LiveServer, name: str) -> dict:
    return next(one for one in server.read("/api/alert-rules")["rules"] if one["id"] == name)


def change(server: LiveServer, name: str, **fields: object) -> None:
    """By somebody else, over the API."""
    version = rule(server, name)["version"]
    body = {"version": version, "key": f"{name}{version}", "note": "试点", "fields": fields}
    server.ask("PUT", f"/api/alert-rules/{name}", body)


def opened(page: Page, name: str, query: str = "") -> Page:
    page.goto(f"/rules?rule={name}{query}")
    expect(page.locator(".explained")).to_be_visible()
    return page


def fact(page: Page, name: str) -> Locator:
    """What stands beside a name of the list of facts."""
    return page.locator(f'.explained dt:text-is("{name}") + dd')


def save(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).click()


def test_every_rule_is_listed_with_what_is_expected_of_the_officer(
    live_server: LiveServer, page: Page
) -> None:
    live_server.report(FIRST_GRID, priority=1)
    deadline = time.monotonic() + 20
    while not rule(live_server, "p1-new")["n_listed"]:
        assert time.monotonic() < deadline, "nothing was raised"
        time.sleep(0.2)
    page.goto("/rules")
    told = live_server.read("/api/alert-rules")["rules"]
    rows = page.locator("#rules-shown tbody tr")
    expect(rows).to_have_count(len(told))
    for one in told:
        row = rows.filter(has=page.locator(f'[data-key="{one["id"]}"]'))
        expect(row).to_contain_text(one["name"])
        expect(row.locator(".response")).to_have_text(one["response"])
        expect(row.get_by_role("img", name=f"优先级 P{one['priority']}")).to_be_visible()
    first = rows.filter(has=page.locator('[data-key="p1-new"]'))
    expect(first.locator(".n_listed")).to_have_text("1")
    expect(first.locator(".n_raised_24h")).to_have_text("1")
    expect(first.locator(".state")).to_have_text("启用")
    cover = rows.filter(has=page.locator('[data-key="grid-without-cover"]'))
    expect(cover).to_contain_text("08:00–20:00")
    expect(cover).to_contain_text("达到 360 分钟")


def test_a_rule_is_opened_and_left_by_keyboard(page: Page) -> None:
    page.goto("/rules")
    link = page.locator('[data-key="feed-silent"]')
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".back")).to_be_focused()
    assert "rule=feed-silent" in page.url
    expect(fact(page, "阈值")).to_have_text("达到 10 个周期，就算成立；数值越大越糟")
    expect(fact(page, "没有人确认")).to_have_text("30 分没有人确认就再响一次，并上升一级")
    expect(fact(page, "另有参数")).to_have_text("至少静默 300 秒")
    page.keyboard.press("Enter")
    expect(link).to_be_focused()
    page.go_back()
    expect(page.locator(".explained")).to_be_visible()


def test_nothing_is_saved_without_a_reason_and_then_with_one(
    live_server: LiveServer, page: Page
) -> None:
    opened(page, "exchange-overdue")
    page.get_by_label("阈值（周期数）").fill("4")
    page.get_by_label("状态").select_option("off")
    expect(page.locator(".will")).to_contain_text("阈值：3 个周期 → 4 个周期")
    expect(page.locator(".will")).to_contain_text("状态：启用 → 停用")
    save(page)
    note = page.get_by_label("为什么这样改")
    expect(note).to_be_focused()
    expect(note).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field .problem")).to_contain_text("须写明原因")
    assert rule(live_server, "exchange-overdue")["version"] == 1
    note.fill("   ")
    save(page)
    expect(page.locator(".field .problem")).to_contain_text("须写明原因")
    note.fill("各部门改为按月送数")
    save(page)
    expect(page.locator("#notice")).to_contain_text("第 2 版")
    held = rule(live_server, "exchange-overdue")
    assert (held["version"], held["threshold"], held["enabled"]) == (2, 4, False)
    expect(fact(page, "阈值")).to_contain_text("达到 4 个周期")
    expect(fact(page, "版本")).to_contain_text("第 2 版，admin")
    expect(page.locator(".will")).to_contain_text("还没有改动")
    page.get_by_role("button", name="查看历次改动").click()
    changes = page.locator(".changes li")
    expect(changes).to_have_count(1)
    expect(changes).to_contain_text("阈值：3 个周期 → 4 个周期")
    expect(changes).to_contain_text("各部门改为按月送数")
    page.goto("/audit?action=rule.change")
    expect(page.locator("#entries")).to_contain_text("修改告警规则")
    expect(page.locator("#entries")).to_contain_text("告警规则 exchange-overdue")
    opened(page, "exchange-overdue")
    save(page)
    expect(page.locator(".said")).to_contain_text("没有改动可保存")
    assert rule(live_server, "exchange-overdue")["version"] == 2


def test_what_cannot_be_used_is_said_beside_its_field(live_server: LiveServer, page: Page) -> None:
    opened(page, "device-gone")
    page.get_by_label("为什么这样改").fill("试")
    for label, text, told in (
        ("阈值（%）", "很多", "须为不小于 0 的数"),
        ("阈值（%）", "9" * 400, "须为不小于 0 的数"),  # no number of JSON: the server refuses it
        ("报出前连续成立", "-5", "整秒数"),
        ("每天从", "8点", "两个不同的时刻"),
        ("要值班员做什么（英文）", "", "1 到 300 个字"),
    ):
        field = page.get_by_label(label)
        before = field.input_value()
        field.fill(text)
        save(page)
        if len(text) > 300:  # it is on, so it is tried first
            expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
        problem = field.locator("xpath=following-sibling::p")
        expect(problem).to_contain_text(told)
        assert field.get_attribute("aria-describedby") == problem.get_attribute("id")
        field.fill(before)
    assert rule(live_server, "device-gone")["version"] == 1


def test_who_is_second_is_told_who_was_first_and_loses_nothing(
    live_server: LiveServer, page: Page
) -> None:
    opened(page, "similar-cluster")
    page.get_by_label("状态").select_option("off")
    page.get_by_label("为什么这样改").fill("换季")
    change(live_server, "similar-cluster", threshold=9)
    save(page)
    said = page.locator(".said")
    expect(said).to_contain_text("admin 已先于")
    expect(said).to_contain_text("第 2 版")
    assert rule(live_server, "similar-cluster")["enabled"] is True
    expect(page.get_by_label("阈值（件）")).to_have_value("9")  # was not touched
    expect(page.get_by_label("状态")).to_have_value("off")  # was
    expect(page.get_by_label("为什么这样改")).to_have_value("换季")
    expect(page.locator(".will li")).to_have_count(1)
    save(page)
    expect(page.locator("#notice")).to_contain_text("第 3 版")
    held = rule(live_server, "similar-cluster")
    assert (held["version"], held["threshold"], held["enabled"]) == (3, 9, False)


def test_a_rule_is_tried_before_it_is_switched_on(live_server: LiveServer, page: Page) -> None:
    change(live_server, "feed-silent", enabled=False)
    opened(page, "feed-silent")
    page.get_by_label("状态").select_option("on")
    page.get_by_label("为什么这样改").fill("恢复")
    save(page)
    expect(page.locator(".trial .finding")).to_contain_text("本应报")
    expect(page.locator(".said")).to_contain_text("先试算")
    assert rule(live_server, "feed-silent")["enabled"] is False
    page.get_by_label("阈值（周期数）").fill("12")
    expect(page.locator(".trial .old")).to_be_visible()
    save(page)  # another rule than was tried
    expect(page.locator(".trial .old")).to_be_hidden()
    assert rule(live_server, "feed-silent")["enabled"] is False
    save(page)
    expect(page.locator("#notice")).to_contain_text("第 3 版")
    held = rule(live_server, "feed-silent")
    assert (held["enabled"], held["threshold"]) == (True, 12)


def test_while_cut_off_nothing_can_be_sent_and_what_was_written_stays(page: Page) -> None:
    opened(page, "device-gone")
    page.get_by_label("为什么这样改").fill("写到一半")
    button = page.get_by_role("button", name="保存", exact=True)
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_contain_text("与服务器断开")
    expect(button).to_be_disabled()
    page.context.set_offline(False)
    expect(button).to_be_enabled()
    expect(page.get_by_label("为什么这样改")).to_have_value("写到一半")


def test_an_officer_reads_and_tries_but_changes_nothing(
    live_server: LiveServer, visit: Visit
) -> None:
    name = live_server.add_account("officer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    opened(page, "grid-without-cover")
    expect(page.locator("#rules-shown")).to_contain_text("只有管理员能修改规则")
    expect(page.get_by_role("button", name="保存", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="查看历次改动")).to_have_count(0)
    page.get_by_role("button", name="试算最近七天").click()
    expect(page.locator(".trial .finding")).to_contain_text("本应报")
    with pytest.raises(urllib.error.HTTPError):
        live_server.ask("PUT", "/api/alert-rules/grid-without-cover", {})
    answer = page.request.put("/api/alert-rules/grid-without-cover", data="{}")
    assert answer.status == 403


def test_the_language_changes_and_the_form_keeps_what_was_written(page: Page) -> None:
    opened(page, "site-without-view")
    page.get_by_label("阈值（%）").fill("77")
    page.get_by_label("为什么这样改").fill("x")
    page.locator("#language").click()
    expect(page.get_by_label("Threshold (%)")).to_have_value("77")
    expect(page.get_by_label("Why (required")).to_have_value("x")
    expect(page.locator(".will")).to_contain_text("Threshold: 100 % → 77 %")
    text = page.locator("#one-map").inner_text().replace("中文", "")
    assert HAN.findall(text) == []
    page.locator(".back").click()
    expect(page.locator("#rules-shown tbody tr").first).to_be_visible()
    text = page.locator("#one-map").inner_text().replace("中文", "")
    assert HAN.findall(text) == []


def test_a_rule_that_is_not_there_says_so(page: Page) -> None:
    page.goto("/rules?rule=<b>x</b>")
    expect(page.locator("#rules-shown")).to_contain_text("没有这条规则：<b>x</b>")
    page.locator(".back").click()
    expect(page.locator("#rules-shown tbody tr").first).to_be_visible()


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (800, 900)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_a_rule_sticks_out(page: Page, size: tuple[int, int], language: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page, "similar-cluster", f"&lang={language}")
    wide = page.evaluate(
        "[...document.querySelectorAll('#rules-shown *')]"
        ".filter(n => n.getBoundingClientRect().right > innerWidth + 1).map(n => n.outerHTML)"
    )
    assert wide == []


def test_a_trial_tells_how_often_where_and_when(live_server: LiveServer, page: Page) -> None:
    """Last: what it is tried on is kept from the first whole minute on."""
    case = live_server.report(FIRST_GRID, priority=1)
    deadline = time.monotonic() + 90
    while not (told := live_server.ask("POST", "/api/alert-rules/p1-new/trial", {}))["raised"]:
        assert time.monotonic() < deadline, json.dumps(told)
        time.sleep(1)
        case = live_server.report(FIRST_GRID, priority=1)
    opened(page, "p1-new")
    page.get_by_role("button", name="试算最近七天").click()
    finding = page.locator(".trial .finding")
    expect(finding).to_contain_text("本应报")
    n = int(re.findall(r"\d+", finding.inner_text())[0])
    assert n >= told["raised"] > 0
    expect(page.locator(".trial")).to_contain_text("记录不足七天")
    days = page.locator(".days li b").all_inner_texts()
    assert sum(map(int, days)) == n
    row = page.locator(".trial tbody tr").first
    expect(row).to_contain_text("网格")
    expect(row).to_contain_text("至今仍成立")
    assert rule(live_server, "p1-new")["version"] == 1
    assert case
