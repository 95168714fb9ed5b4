"""Whistles on the desk: drafted, approved, blown, answered, withdrawn, rated; maps; a lost race."""

import re
import time
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import FIRST_GRID, PASSWORD, LiveServer, Visit
from tests.browser.test_accessibility import serious
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

DISTRICT, STREET, COMMUNITY = "530111", "530111001", "530111001001"
HAN = re.compile(r"[\u4e00-\u9fff]")
WATER, DRAINS = "gongshui", "paishui"


def account(server: LiveServer, role: str, area: str, department: str = "") -> str:
    """The cookie of a new account that has signed in."""
    name = f"{role}.{uuid.uuid4().hex[:8]}"
    body = {"name": name, "role": role, "area": area, "password": PASSWORD}
    server.ask("POST", "/api/accounts", body | ({"department": department} if department else {}))
    return sign_in(server.url, name, PASSWORD)


def as_department(server: LiveServer, department: str) -> LiveServer:
    """The server as an account of a department asks it."""
    return replace(server, cookie=account(server, "department", DISTRICT, department))


def until(what: Callable[[], Any], said: str) -> Any:
    """What comes in the end; the picture comes a moment after an answer."""
    deadline = time.monotonic() + 10
    while not (found := what()):
        assert time.monotonic() < deadline, said
        time.sleep(0.1)
    return found


def reported(server: LiveServer, **more: Any) -> str:
    """A new case that the community holds, with a place of its own; its id."""
    identity = f"GD-{uuid.uuid4().hex[:10]}"
    server.report(FIRST_GRID, incident=identity, **more)
    queue = f"/api/queue?queue=all&q={identity}"
    until(lambda: server.read(queue)["items"], "the report did not come through")
    return identity


def path_of(whistle: str) -> str:
    return f"/api/whistles/{urllib.parse.quote(whistle, safe='')}"


def blown(server: LiveServer, case: str, *called: str) -> str:
    """A whistle of the first administrator's; its id."""
    body = {"incident": case, "kind": "daily", "called": list(called), "approve": True}
    begun = server.ask("POST", "/api/whistles", body | {"key": uuid.uuid4().hex})
    whistle = str(begun["whistle"]["id"])
    until(lambda: whistles(server, case), "the whistle did not come through")
    return whistle


def whistles(server: LiveServer, case: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.read(f"/api/incidents/{case}")["whistles"]
    return found


def answer(server: LiveServer, whistle: str) -> None:
    """A department takes it up, elsewhere."""
    promised = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    said = {"contact": "王站长", "measures": "已派人", "promised_at": promised}
    wish = {"step": "acknowledge", "version": 0, "key": uuid.uuid4().hex, **said}
    server.ask("POST", f"{path_of(whistle)}/actions", wish)


def opened(page: Page, case: str, language: str = "zh") -> Locator:
    page.goto(f"/desk?lang={language}&queue=all&case={case}")
    expect(page.locator("#case .case-where")).to_contain_text(case)
    return page.locator("#case .case-whistles")


def from_the_list(page: Page, verb: str, whistle: str) -> None:
    """Through the list of whistles by keyboard; the button of the next step has the focus."""
    page.goto("/desk?lang=zh")
    switch = page.locator(".whistle-switch b")
    expect(switch).to_have_text(re.compile("[1-9]"))
    page.keyboard.press("y")
    expect(page.locator(".whistle-dialog .whistle-line").first).to_be_focused()
    line = page.locator(f'.whistle-dialog [data-id="{whistle}"]')
    expect(line).to_contain_text(verb)
    line.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f".case-whistles [data-step={steps()[verb]}]")).to_be_focused()


def steps() -> dict[str, str]:
    return {"批准": "approve", "应哨": "acknowledge", "撤哨": "withdraw"}


def said(page: Page) -> Locator:
    return page.locator("#case .case-said")


def step(page: Page, name: str) -> Locator:
    return page.locator(f"#case .case-whistles [data-step={name}]")


def part(page: Page, department: str) -> Locator:
    return page.locator(f"#case .whistle-part[data-department={department}]")


def told_steps(server: LiveServer, case: str) -> list[str]:
    return [move["step"] for move in server.read(f"/api/incidents/{case}")["history"]]


def drafted(page: Page, case: str) -> None:
    """By a community's officer in the composer of W, for two departments."""
    opened(page, case)
    page.keyboard.press("w")
    will = page.locator(".whistle-will")
    expect(will).to_have_text("先拟哨，街道批准后才吹响")
    page.get_by_role("radio", name="应急哨").check()
    expect(will).to_have_text("应急哨：即刻吹响，不待批准")
    page.get_by_role("radio", name="日常哨").check()
    for name in ("区排水公司", "供水抢修中心"):
        page.get_by_label("查找全部部门").fill(name)
        page.locator("#case .found button").first.click()
    page.locator("#case form textarea").fill("水管和排水一起修")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("已拟哨，待街道批准 区排水公司、供水抢修中心")


def test_a_whistle_from_the_draft_to_the_marks(visit: Visit, live_server: LiveServer) -> None:
    case = reported(live_server, title="路面塌陷")
    officer = visit(account(live_server, "officer", COMMUNITY))
    drafted(officer, case)
    expect(officer.locator(".whistle-state")).to_have_text("待街道批准")
    expect(officer.locator(".whistle-note")).to_contain_text("水管和排水一起修")
    expect(step(officer, "approve")).to_have_count(0)  # not for this post
    expect(step(officer, "blow")).to_have_attribute("aria-disabled", "true")
    expect(officer.locator(".whistle .case-why")).to_have_text("吹哨由街道决定")

    street = visit(account(live_server, "dispatcher", STREET))
    whistle = str(whistles(live_server, case)[0]["id"])
    from_the_list(street, "批准", whistle)
    street.keyboard.press("Enter")
    expect(said(street)).to_contain_text("已批准吹哨")
    expect(step(street, "blow")).to_be_focused()
    street.keyboard.press("Enter")
    expect(said(street)).to_contain_text("已吹哨")
    expect(officer.locator(".whistle-who")).to_contain_text(re.compile("拟哨.*批准.*吹哨"))
    expect(part(officer, DRAINS).locator(".whistle-clock")).to_contain_text("应哨限")
    row = officer.locator(f".case-row[data-id={case}]")
    expect(row.locator(".case-whistle")).to_have_text("吹哨 0/2 已应")

    worked_by_the_department(visit, live_server, whistle)
    expect(row.locator(".case-whistle")).to_have_text("吹哨 1/2 已应")
    expect(part(street, DRAINS).locator(".case-step.done")).to_have_count(5)
    expect(part(street, DRAINS).locator(".whistle-answer")).to_contain_text("李站长")
    expect(part(street, DRAINS).locator(".whistle-answer")).to_contain_text("更换管道")

    withdrawn_and_rated(street)
    expect(officer.locator(".whistle-state")).to_have_text("已归档")
    expected = [
        *("draft", "approve", "blow", "acknowledge", "arrive", "handle", "finish"),
        *("withdraw", "rate", "rate"),
    ]
    until(lambda: told_steps(live_server, case) == expected, "not all steps were told")
    ratings = [one["ratings"] for one in whistles(live_server, case)[0]["called"]]
    assert ratings == [{"speed": 4, "quality": 5}, {"speed": 2, "quality": 1}]
    trail = street.locator("#trail")
    for words in (
        "拟哨待批",
        "批准吹哨",
        "应哨 · 区排水公司",
        "到场报到",
        "部门办结",
        "撤哨",
        "评哨",
    ):
        expect(trail).to_contain_text(words)


def worked_by_the_department(visit: Visit, server: LiveServer, whistle: str) -> None:
    """Answered, on scene, handled, finished, by keyboard alone."""
    team = visit(account(server, "department", DISTRICT, DRAINS))
    from_the_list(team, "应哨", whistle)
    expect(part(team, WATER).locator("button")).to_have_count(0)  # another's part
    team.keyboard.press("Enter")
    expect(team.get_by_label("与谁沟通")).to_be_focused()
    team.keyboard.press("Enter")
    expect(team.locator(".whistle-form [role=alert]")).to_contain_text("请写明与谁沟通")
    team.keyboard.type("街道李站长 y")
    team.keyboard.press("Tab")
    team.keyboard.type("更换管道")
    team.keyboard.press("Tab")
    expect(team.get_by_role("button", name="30 分")).to_be_focused()
    team.keyboard.press("Tab")
    team.keyboard.press("Space")
    expect(team.get_by_label("承诺解决时限")).not_to_have_value("")
    team.get_by_label("承诺解决时限").press("Enter")
    expect(said(team)).to_contain_text("已应哨 · 区排水公司")
    for name, done in (("arrive", "已到场报到"), ("handle", "已开始处置"), ("finish", "已办结")):
        expect(step(team, name)).to_have_attribute("aria-disabled", "false")
        expect(part(team, DRAINS).locator("button").first).to_be_focused()
        team.wait_for_timeout(400)  # the second half of a double press does nothing
        team.keyboard.press("Enter")
        expect(said(team)).to_contain_text(done)
    expect(part(team, DRAINS).locator(".whistle-stand")).to_have_text("已办结")


def withdrawn_and_rated(street: Page) -> None:
    """One department never came, so that it takes a reason; then marks by digits."""
    step(street, "withdraw").press("Enter")
    street.keyboard.press("Enter")
    expect(street.locator(".whistle-form [role=alert]")).to_contain_text("请写明原因")
    street.keyboard.type("供水已由小区自行修复")
    street.keyboard.press("Enter")
    expect(said(street)).to_contain_text("已撤哨")
    expect(street.locator(".whistle-state")).to_have_text("已撤哨，待评价")
    for department, marks in ((DRAINS, "45"), (WATER, "21")):
        part(street, department).locator("[data-step=rate]").press("Enter")
        expect(street.locator(".whistle-form")).to_contain_text("评价")
        street.keyboard.type(marks)
        street.wait_for_timeout(400)  # the second half of a double press does nothing
        street.keyboard.press("Enter")
        expect(said(street)).to_contain_text("已评价")
        expect(part(street, department)).to_contain_text(f"响应 {marks[0]}/5 · 质量 {marks[1]}/5")


def test_who_answered_first_is_named_and_the_newest_shows(
    visit: Visit, live_server: LiveServer
) -> None:
    case = reported(live_server)
    whistle = blown(live_server, case, DRAINS, WATER)
    team = visit(account(live_server, "department", DISTRICT, DRAINS))
    opened(team, case)
    step(team, "acknowledge").press("Enter")
    team.get_by_label("与谁沟通").fill("张三")
    team.get_by_label("解决措施").fill("抢修")
    team.get_by_role("button", name="1 小时").click()
    team.evaluate("() => { window.one_map.page.pane.changed = () => {}; }")  # the news is late
    first = as_department(live_server, DRAINS)
    answer(first, whistle)
    team.locator(".whistle-form [type=submit]").click()
    expect(said(team)).to_contain_text(re.compile(r"应哨没有办成：department\.\w+ 已先在"))
    expect(part(team, DRAINS).locator(".whistle-answer")).to_contain_text("王站长")
    expect(step(team, "arrive")).to_have_attribute("aria-disabled", "false")
    assert told_steps(live_server, case) == ["blow", "acknowledge"]


def test_an_emergency_is_blown_at_once_and_can_be_undone(
    visit: Visit, live_server: LiveServer
) -> None:
    case = reported(live_server)
    officer = visit(account(live_server, "officer", COMMUNITY))
    opened(officer, case)
    officer.keyboard.press("w")
    officer.get_by_role("radio", name="应急哨").check()
    officer.keyboard.press("1")
    officer.get_by_label("查找全部部门").fill("供水抢修")
    officer.locator("#case .found button").first.click()
    officer.keyboard.press("Enter")
    expect(said(officer)).to_contain_text("已吹哨")
    expect(said(officer)).to_contain_text(re.compile("撤销 [1-9] 秒"))
    expect(officer.locator(".whistle-head")).to_contain_text("应急哨")
    officer.keyboard.press("z")
    expect(officer.locator("#case .whistle")).to_have_count(0)
    until(lambda: not whistles(live_server, case), "it was not undone")


def test_nothing_of_another_department_is_shown_and_a_draft_not_to_any(
    visit: Visit, live_server: LiveServer
) -> None:
    case = reported(live_server)
    whistle = blown(live_server, case, WATER)
    other = as_department(live_server, "zhujian")
    assert whistle not in str(other.read("/api/whistles")["items"])
    page = visit(other.cookie)
    page.goto("/desk?lang=zh")
    expect(page.locator(".whistle-switch")).to_have_attribute(
        "aria-label", "吹哨：0 件待我办，0 件进行中"
    )
    expect(page.locator("[data-queue=all] b")).to_have_text("0")
    expect(page.get_by_text("服务器拒绝了订阅")).to_have_count(0)  # alerts are not for departments
    expect(page.locator("[data-queue=alerts]")).to_be_hidden()


def test_the_pin_on_the_map_opens_and_stays_open_through_updates(
    page: Page, live_server: LiveServer
) -> None:
    case = reported(live_server)
    whistle = blown(live_server, case, DRAINS, WATER)
    page.goto(f"/map?area={COMMUNITY}&lang=zh")
    pin = page.locator(f".whistle-pin[data-case={case}]")
    expect(pin).to_have_attribute("aria-label", re.compile("日常哨.*吹哨 0/2 已应"))
    pin.press("Enter")
    popup = page.locator(".whistle-popup")
    expect(popup).to_contain_text("吹哨 0/2 已应")
    expect(popup.locator("li").first).to_contain_text(re.compile("待应哨.*应哨限"))
    link = popup.get_by_role("link", name="打开案卷")
    expect(link).to_be_focused()
    page.evaluate("() => { document.querySelector('.whistle-popup').isTheSame = true; }")
    answer(as_department(live_server, WATER), whistle)
    expect(popup).to_contain_text("吹哨 1/2 已应")
    expect(popup.locator("li").nth(1)).to_contain_text("已应哨")
    expect(link).to_be_focused()
    assert page.evaluate("() => document.querySelector('.whistle-popup').isTheSame")
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(pin).to_be_focused()
    page.locator("#overlays [data-name=whistles]").click()
    expect(pin).to_have_count(0)


def test_the_pin_on_the_place_map_says_where_the_whistle_stands(
    page: Page, live_server: LiveServer
) -> None:
    identity = f"GD-{uuid.uuid4().hex[:10]}"
    data = {"incident": identity, "class": "02-03", "title": "违规广告", "channel": "collector"}
    live_server.post({"type": "incident.reported", "lon": 102.7289, "lat": 25.0191, "data": data})
    queue = f"/api/queue?queue=all&q={identity}"
    until(lambda: live_server.read(queue)["items"], "the report did not come through")
    blown(live_server, identity, DRAINS)
    opened(page, identity)
    expect(page.locator("#place .whistle-place-text")).to_have_text("吹哨 0/1 已应")


def test_the_figures_say_no_rate_of_few(page: Page, live_server: LiveServer) -> None:
    case = reported(live_server)
    blown(live_server, case, "gongdian")
    page.goto("/desk?lang=zh")
    page.locator(".whistle-switch").click()
    row = page.locator(".whistle-figures tr[data-department=gongdian]")
    expect(row).to_contain_text("供电抢修中心")
    expect(row).to_contain_text("样本不足（n=0）")
    page.keyboard.press("Escape")
    expect(page.locator(".whistle-dialog")).to_have_count(0)
    expect(page.locator(".whistle-switch")).to_be_focused()


def test_whistles_speak_english_throughout(page: Page, live_server: LiveServer) -> None:
    case = reported(live_server, title="Burst drain", text="Sewage on the road")
    blown(live_server, case, DRAINS)
    section = opened(page, case, "en")
    step(page, "withdraw").press("Enter")
    expect(section).to_contain_text("Not all are done")
    shown = section.inner_text() + page.locator("#trail").inner_text()
    assert not HAN.search(shown), HAN.findall(shown)


def test_what_was_written_is_text(page: Page, live_server: LiveServer) -> None:
    case = reported(live_server)
    nasty = '<img src=x onerror="window.hit=1">\u202e翻转'
    body = {"incident": case, "kind": "daily", "called": [DRAINS], "note": nasty, "approve": True}
    live_server.ask("POST", "/api/whistles", body | {"key": uuid.uuid4().hex})
    section = opened(page, case)
    expect(section.locator(".whistle-note")).to_contain_text(nasty)
    assert page.evaluate("() => window.hit") is None
    assert section.locator("img").count() == 0


def test_whistles_keep_nobody_out(page: Page, live_server: LiveServer) -> None:
    """axe-core on the section with its form, on the list with the figures, on the map's popup."""
    case = reported(live_server)
    blown(live_server, case, DRAINS, WATER)
    opened(page, case)
    step(page, "withdraw").press("Enter")
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(step(page, "withdraw")).to_be_focused()
    page.keyboard.press("y")
    expect(page.locator(".whistle-figures table")).to_be_visible()
    assert serious(page) == []
    page.goto(f"/map?area={COMMUNITY}&lang=zh")
    page.locator(f".whistle-pin[data-case={case}]").press("Enter")
    expect(page.locator(".whistle-popup li")).to_have_count(2)
    found = [one for one in serious(page) if "whistle" in str(one)]
    assert found == []
