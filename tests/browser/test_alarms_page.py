"""The load of the alerts beside the standard, in real browsers, from what real events raised."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FIRST_GRID, PASSWORD, LiveServer, Visit, running_program
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

HAN = re.compile(r"[\u4e00-\u9fff]")
STREET, OTHER_STREET = "530111001", "530111002"
RAISED = 5  # of priority 1, answered by the district's three seats


def wait(
    server: LiveServer,
    holds: Callable[[dict[str, Any]], bool],
    path: str = "/api/alerts/load",
) -> dict[str, Any]:
    """The first answer of the API that is as it should be."""
    deadline = time.monotonic() + 20
    while not holds(told := server.read(path)):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


@pytest.fixture(scope="module")
def live_server(
    tmp_path_factory: pytest.TempPathFactory, chromium_path: str
) -> Iterator[LiveServer]:
    """Of its own: what other modules raise would be counted here."""
    with running_program(tmp_path_factory) as server:
        server.cases = [  # type: ignore[attr-defined]
            server.report(FIRST_GRID, priority=1, title="燃气管道泄漏") for _ in range(RAISED)
        ]
        wait(server, lambda told: told["n_10_min"] >= RAISED)
        yield server


def opened(page: Page, query: str = "") -> Page:
    page.goto(f"/alarms{query}")
    expect(page.locator("#alarms-load .line")).to_have_count(3)
    return page


def test_the_load_of_a_seat_stands_beside_both_limits_of_the_standard(
    live_server: LiveServer, page: Page
) -> None:
    opened(page)
    told = live_server.read("/api/alerts/load")
    assert told["seats"] == 3
    expect(page.locator("#alarms-load")).to_contain_text("席位 3 席")
    minutes, hour, _ = page.locator("#alarms-load .line").all()
    value = round(told["per_officer"]["n_10_min"] * 10) / 10
    assert 1 < value <= 2
    expect(minutes).to_contain_text(f"{value:g}")
    expect(minutes).to_contain_text("! 高于可接受，尚可应付")
    expect(minutes).to_contain_text(f"全部席位 {told['n_10_min']} 次")
    expect(minutes.get_by_role("img")).to_have_attribute(
        "aria-label",
        f"最近 10 分钟：每席 {value:g} 次，高于可接受，尚可应付；可接受 1，上限 2",
    )
    expect(hour).to_contain_text("在可接受范围内")
    expect(page.locator(".flood")).to_contain_text("没有洪泛")


def test_bars_are_as_long_as_their_numbers(page: Page) -> None:
    opened(page)
    bullet = page.locator("#alarms-load .bullet").first
    bar, low, high = (
        bullet.locator(name).bounding_box() for name in (".bar", ".band.low", ".band.high")
    )
    assert low["width"] * 2 == pytest.approx(high["width"], abs=2)
    assert low["width"] < bar["width"] < high["width"]


def test_quality_and_priorities_are_compared_with_their_targets(
    live_server: LiveServer, page: Page
) -> None:
    opened(page)
    told = live_server.read("/api/alerts/load")
    rows = page.locator("#alarms-marks tbody tr")
    most = rows.filter(has_text="任意 10 分钟内最多")
    expect(most).to_contain_text(str(told["max_10_min_24h"]))
    expect(most).to_contain_text("达标")
    expect(rows.filter(has_text="当前仍成立")).to_contain_text(str(told["n_standing"]))
    expect(rows.filter(has_text="最响的十个来源")).to_contain_text("不足 30 次")
    lines = page.locator("#alarms-priorities .line")
    expect(lines).to_have_count(3)
    expect(lines.first.get_by_role("img", name="优先级 P1", exact=True)).to_be_visible()
    expect(lines.first).to_contain_text("100 %")
    expect(lines.first).to_contain_text("标准 5 %")


def test_a_bad_actor_leads_to_its_rule_and_to_the_desk(live_server: LiveServer, page: Page) -> None:
    opened(page)
    alert = f"p1-new:{live_server.cases[0]}"  # type: ignore[attr-defined]
    row = page.locator("#alarms-actors tr").filter(
        has=page.locator(f'[href="/desk?alert={alert.replace(":", "%3A")}"]')
    )
    expect(row).to_have_count(1)
    expect(row).to_contain_text("新的一级事件")
    expect(row).to_contain_text("1 次")
    rule = row.get_by_role("link", name="打开规则“新的一级事件”")
    expect(rule).to_have_attribute("href", "/rules?rule=p1-new")
    rule.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="新的一级事件")).to_be_visible()


def test_another_desk_is_chosen_and_stands_in_the_address(page: Page) -> None:
    opened(page)
    choice = page.get_by_label("哪个席位")
    assert len(choice.locator("option").all()) == 1 + 8 + 99  # no grids: they have no desk
    choice.select_option(STREET)
    expect(page.locator("#alarms-load")).to_contain_text("街道级席位 1 席")
    assert f"area={STREET}" in page.url
    page.reload()
    expect(choice).to_have_value(STREET)
    expect(page.locator("#alarms-load")).to_contain_text("街道级席位 1 席")
    expect(page.locator("#alarms-priorities")).to_contain_text("24 小时内没有告警")


def test_an_officer_sees_the_desks_of_the_own_area_only(
    live_server: LiveServer, visit: Visit
) -> None:
    name = live_server.add_account("officer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    opened(page)
    codes = (
        page.get_by_label("哪个席位").locator("option").evaluate_all("all => all.map(o => o.value)")
    )
    assert codes[0] == STREET
    assert all(code.startswith(STREET) for code in codes)
    page.goto(f"/alarms?area={OTHER_STREET}")
    expect(page.locator("#alarms-load")).to_contain_text("没有这个辖区，或您没有它的权限")
    expect(page.locator("#alarms-load .line")).to_have_count(0)


def test_while_the_server_is_away_the_last_picture_stays_with_its_age(page: Page) -> None:
    opened(page)
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_contain_text("与服务器断开")
    expect(page.locator("#alarms-load .line")).to_have_count(3)
    expect(page.locator("#content")).to_have_class(re.compile("is-old"))
    page.context.set_offline(False)
    expect(page.locator("#banner")).to_have_text("")
    expect(page.locator("#content")).not_to_have_class(re.compile("is-old"))


def test_what_is_raised_is_there_at_the_next_reading(live_server: LiveServer, page: Page) -> None:
    opened(page, "?area=530111")
    before = live_server.read("/api/alerts/load")["n_day"]
    case = live_server.report(FIRST_GRID, priority=1)
    row = page.locator(f'#alarms-actors [href*="{case}"]')
    expect(row).to_have_count(1, timeout=25_000)  # no reload
    last = page.locator("#alarms-load .line").last
    expect(last).to_contain_text(f"全部席位 {before + 1} 次")


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (800, 900)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_sticks_out(page: Page, size: tuple[int, int], language: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page, f"?lang={language}")
    wide = page.evaluate(
        "[...document.querySelectorAll('#content .line *, #content .measures *')]"
        ".filter(n => n.getBoundingClientRect().right > innerWidth + 1).map(n => n.outerHTML)"
    )
    assert wide == []


def test_the_page_is_whole_in_english(page: Page) -> None:
    opened(page, "?lang=en")
    text = page.locator("#one-map").inner_text().replace("中文", "")
    assert HAN.findall(text) == []
    expect(page.get_by_role("heading", name="Alert load")).to_be_visible()


def test_who_sees_no_alerts_has_no_page_of_them(live_server: LiveServer, visit: Visit) -> None:
    name = live_server.add_account("viewer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    for path in ("/alarms", "/rules"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
    page.goto("/map")
    page.locator("#user summary").click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    expect(page.get_by_role("link", name="告警负荷")).to_be_hidden()


def test_the_menu_of_who_is_signed_in_leads_to_both_pages(page: Page) -> None:
    opened(page)
    page.locator("#user summary").click()
    expect(page.get_by_role("link", name="告警负荷")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="告警规则").click()
    expect(page.get_by_role("heading", name="告警规则")).to_be_visible()


def switched(server: LiveServer, status: str) -> None:
    server.post({"type": "device.status", "data": {"device": "nvr-7", "status": status}})


def street_load(server: LiveServer, holds: Callable[[dict[str, Any]], bool]) -> None:
    wait(server, holds, f"/api/alerts/load?area={STREET}")


def test_what_was_gone_within_a_minute_is_marked_and_cannot_be_opened_any_more(
    live_server: LiveServer, page: Page
) -> None:
    rules = {row["id"]: row for row in live_server.read("/api/alert-rules")["rules"]}
    body = {"version": rules["device-gone"]["version"], "key": "at-once", "note": "tests"}
    fields = {"on_delay_s": 0, "off_delay_s": 0, "latched": False}
    live_server.ask("PUT", "/api/alert-rules/device-gone", body | {"fields": fields})
    device = {"device": "nvr-7", "kind": "recorder", "name": "录像机 7"}
    live_server.post({"type": "device.registered", "area": FIRST_GRID, "data": device})
    switched(live_server, "offline")
    street_load(live_server, lambda told: told["n_day"] == 1)
    switched(live_server, "online")
    street_load(live_server, lambda told: told["n_fleeting"] == 1)
    opened(page, f"?area={STREET}")
    row = page.locator("#alarms-actors tbody tr").filter(has_text="瞬时 1 次")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("已恢复正常")
    expect(row.get_by_role("link", name="在值守里打开")).to_have_count(0)
    fleeting = page.locator("#alarms-marks tr").filter(has_text="瞬时")
    expect(fleeting).to_have_class("is-missed")
    expect(fleeting).to_contain_text("! 未达标")


def test_a_flood_is_said_with_its_beginning(live_server: LiveServer, page: Page) -> None:
    """Last: it lasts for minutes."""
    before = live_server.read("/api/alerts/load")["n_10_min"]
    for _ in range(11):
        live_server.report(FIRST_GRID, priority=1)
    told = wait(live_server, lambda told: told["n_10_min"] == before + 11)
    assert told["flood"]["on"]
    opened(page)
    expect(page.locator(".flood")).to_contain_text("! 洪泛中：自")
    expect(page.locator(".flood")).to_contain_text(f"最近 10 分钟 {told['flood']['n_10_min']} 次")
    minutes = page.locator("#alarms-load .line").first
    expect(minutes).to_contain_text("! 超过可应付的上限")
    most = page.locator("#alarms-marks tr").filter(has_text="任意 10 分钟内最多")
    expect(most).to_contain_text("! 未达标")
