"""The case pane of the desk: a case worked on by keyboard, beaten, undone, and in doubt."""

import json
import re
import signal
import time
import urllib.error
import uuid
from typing import Any

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import FIRST_GRID, PASSWORD, LiveServer, Visit
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

DISTRICT = "530111"
PIPE = "05-03"  # a class of two filing conditions; the drainage company is competent
HAN = re.compile(r"[\u4e00-\u9fff]")


def report(server: LiveServer, **more: Any) -> str:
    """A new case of the first priority, which the district holds; its id."""
    data = {"title": "排水管道破裂", "text": "污水外溢", "class": PIPE, **more}
    identity = f"GD-{uuid.uuid4().hex[:10]}"
    server.report(FIRST_GRID, incident=identity, **data)
    deadline = time.monotonic() + 10
    while not shown(server, identity):
        assert time.monotonic() < deadline, "the report did not come through"
    return identity


def reported_at(server: LiveServer, lon: float) -> str:
    """A case with a place of its own; its id."""
    identity = f"GD-{uuid.uuid4().hex[:10]}"
    data = {"incident": identity, "class": "02-03", "title": "违规广告", "channel": "collector"}
    server.post({"type": "incident.reported", "lon": lon, "lat": 25.0191, "data": data})
    deadline = time.monotonic() + 10
    while not shown(server, identity):
        assert time.monotonic() < deadline, "the report did not come through"
    return identity


def shown(server: LiveServer, identity: str) -> bool:
    items = server.read(f"/api/queue?queue=all&q={identity}")["items"]
    return bool(items)


def opened(page: Page, case: str, language: str = "zh") -> Locator:
    """The pane with a case in it."""
    page.goto(f"/desk?lang={language}&queue=all&case={case}")
    expect(page.locator("#case .case-where")).to_contain_text(case)
    return page.locator("#case")


def select(page: Page, case: str) -> None:
    """The pane goes on to the next case by itself when one has left the officer's hands."""
    page.evaluate("id => window.one_map.page.select(id, {at: 'once'})", case)
    expect(page.locator("#case .case-where")).to_contain_text(case)


def button(page: Page, action: str) -> Locator:
    return page.locator(f"#case [data-do={action}]")


def press(page: Page, key: str) -> None:
    """A key, once the pane takes clicks."""
    expect(page.locator("#case footer")).to_have_attribute("aria-busy", "false")
    page.keyboard.press(key)


def said(page: Page) -> Locator:
    return page.locator("#case .case-said")


def recommended(server: LiveServer, case: str) -> list[dict[str, Any]]:
    """Best first: by competence, distance and load, so cases of other tests change the order."""
    found: list[dict[str, Any]] = server.read(f"/api/incidents/{case}")["recommended"]
    return found


def step(page: Page) -> Locator:
    return page.locator("#case [aria-current=step]")


def actions(server: LiveServer, case: str) -> list[str]:
    return [move["action"] for move in server.read(f"/api/incidents/{case}")["history"]]


def taken(server: LiveServer, case: str, expected: list[str]) -> None:
    """The case has gone through these steps; the picture comes a moment after the answer."""
    deadline = time.monotonic() + 10
    while (found := actions(server, case)) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def visitor(server: LiveServer, visit: Visit, role: str, department: str = "") -> Page:
    name = f"{role}.{uuid.uuid4().hex[:8]}"
    body = {"name": name, "role": role, "area": DISTRICT, "password": PASSWORD}
    server.ask("POST", "/api/accounts", body | ({"department": department} if department else {}))
    return visit(sign_in(server.url, name, PASSWORD))


def act(server: LiveServer, case: str, action: str, **more: Any) -> None:
    """A step of the first administrator's, elsewhere."""
    version = server.read(f"/api/incidents/{case}")["version"]
    wish = {"action": action, "version": version, "key": uuid.uuid4().hex, **more}
    done = server.ask("POST", f"/api/incidents/{case}/actions", wish)
    deadline = time.monotonic() + 10  # the picture comes after the answer
    while server.read(f"/api/incidents/{case}")["version"] < done["version"]:
        assert time.monotonic() < deadline, "the step did not come through"


def store_of(server: LiveServer) -> psutil.Process:
    """The program's own store."""
    for child in psutil.Process(server.process.pid).children(recursive=True):
        if "valkey" in child.name() or "redis" in child.name():
            return child
    raise AssertionError("the program runs no store")


def test_the_main_line_by_keyboard_from_the_report_to_the_close(
    page: Page, visit: Visit, live_server: LiveServer
) -> None:
    case = report(live_server)
    opened(page, case)
    expect(step(page)).to_contain_text("立案")
    press(page, "Enter")
    expect(step(page)).to_contain_text("派遣")
    ids = [one["department"] for one in recommended(live_server, case)]
    press(page, str(ids.index("paishui-repair-1") + 1))
    press(page, "Enter")
    expect(said(page)).to_contain_text("排水管道破裂 · 已派遣 区排水公司抢修一队")
    expect(page.locator("#case .case-where")).not_to_contain_text(case)

    team = visitor(live_server, visit, "department", "paishui-repair-1")
    opened(team, case)
    expect(button(team, "accept")).to_contain_text("接单")
    press(team, "Enter")
    expect(step(team)).to_contain_text("处置中")
    press(team, "Enter")
    expect(said(team)).to_contain_text("已反馈处置完成")

    select(page, case)
    expect(button(page, "inspect")).to_contain_text("核查通过")
    press(page, "Enter")
    expect(step(page)).to_contain_text("结案")
    press(page, "c")
    expect(said(page)).to_contain_text("已结案")
    select(page, case)
    expect(page.locator("#case .case-timer")).to_contain_text("提前")
    main = ["file", "dispatch", "accept", "handle", "inspect", "close"]
    taken(live_server, case, main)
    expect(page.locator("#trail")).to_contain_text("派遣 · 区排水公司抢修一队")


def test_an_action_is_undone_by_z_while_the_bar_counts_down(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    opened(page, case)
    press(page, "Enter")
    expect(said(page)).to_contain_text(re.compile("已立案.*撤销 [1-9] 秒"))
    press(page, "z")
    expect(said(page)).to_contain_text("立案已撤销")
    expect(step(page)).to_contain_text("立案")
    taken(live_server, case, ["file", "undo"])
    expect(button(page, "undo")).to_be_hidden()


def test_a_double_click_and_a_held_key_do_it_once(page: Page, live_server: LiveServer) -> None:
    case = report(live_server)
    opened(page, case)
    button(page, "file").dblclick()
    expect(step(page)).to_contain_text("派遣")
    expect(page.locator("#case footer")).to_have_attribute("aria-busy", "false")
    for _ in range(12):  # as a keyboard repeats
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(said(page)).to_contain_text("已派遣")
    taken(live_server, case, ["file", "dispatch"])


def test_who_was_first_is_named_and_what_was_typed_stays(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    act(live_server, case, "file")
    opened(page, case)
    note = page.locator("#case textarea")
    note.fill("请先围挡")
    page.evaluate("() => { window.one_map.page.pane.changed = () => {}; }")  # the news is late
    act(live_server, case, "dispatch", department="paishui", note="快去")
    button(page, "dispatch").click()
    expect(said(page)).to_contain_text("派遣没有办成：admin 已先在")
    expect(said(page)).to_contain_text("区排水公司")
    expect(step(page)).to_contain_text("处置")
    expect(note).to_have_value("请先围挡")
    taken(live_server, case, ["file", "dispatch"])


def test_what_is_typed_survives_a_live_reload_with_the_focus(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    act(live_server, case, "file")
    pane = opened(page, case)
    press(page, "s")
    page.locator("#case textarea").focus()
    page.keyboard.type("等挖掘机 w")
    act(live_server, case, "supervise")
    version = live_server.read(f"/api/incidents/{case}")["version"]
    page.evaluate(
        "([id, version]) => window.one_map.page.pane.changed({id, version})", [case, version]
    )
    expect(pane.locator("[data-fact=supervised]")).to_be_visible()
    expect(page.locator("#case textarea")).to_have_value("等挖掘机 w")
    expect(page.locator("#case textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button(page, "suspend")).to_be_focused()


def test_a_reason_is_asked_for_at_its_field_and_a_preset_will_do(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    act(live_server, case, "file")
    opened(page, case)
    press(page, "s")
    page.keyboard.press("Enter")
    expect(page.locator("#case form [role=alert]")).to_contain_text("请选择或写明理由")
    page.locator("#case form [data-nth='2']").check()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("已挂账")
    expect(page.locator("#case .case-timer")).to_contain_text("批准人 admin")
    taken(live_server, case, ["file", "suspend"])
    held = live_server.read(f"/api/incidents/{case}")
    assert (held["state"], held["paused_by"]["note"]) == ("suspended", "天气原因")
    press(page, "u")
    expect(said(page)).to_contain_text("已恢复计时")


def test_a_verb_that_is_not_possible_says_why_and_what_is(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    opened(page, case)
    expect(button(page, "suspend")).to_have_attribute("aria-disabled", "true")
    press(page, "s")
    why = page.locator("#case .case-why")
    expect(why).to_contain_text("案卷待立案，不能挂账；现在可以：立案")
    expect(page.locator("#case [aria-live=polite]").first).to_contain_text("不能挂账")
    button(page, "escalate").hover()
    expect(why).to_have_text("已在区一级，上面没有了")
    assert actions(live_server, case) == []


def test_only_what_cannot_be_restored_asks_first(page: Page, live_server: LiveServer) -> None:
    case = report(live_server)
    act(live_server, case, "file")
    opened(page, case)
    button(page, "force_close").click()
    dialog = page.get_by_role("dialog", name="强制结案？")
    expect(dialog).to_contain_text(case)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button(page, "force_close")).to_be_focused()
    clicks = [
        lambda: button(page, "force_close").click(),
        lambda: dialog.get_by_role("button", name="填写理由后结案").click(),
        lambda: page.locator("#case form [data-nth='1']").check(),
        lambda: page.locator("#case form [type=submit]").click(),
    ]
    for click in clicks:  # four and no more
        click()
    expect(said(page)).to_contain_text("已强制结案")
    taken(live_server, case, ["file", "force_close"])


def test_several_departments_are_whistled_for_by_digits_and_by_search(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    opened(page, case)
    first, second = recommended(live_server, case)[:2]
    press(page, "w")
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.get_by_label("查找全部部门").fill("水务局河道")
    page.locator("#case .found button").first.click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(3)
    page.get_by_role("radio", name="应急哨").check()
    page.keyboard.press("Enter")
    names = f"{first['name']}、{second['name']}、区水务局河道管理队"
    expect(said(page)).to_contain_text(f"已吹哨 {names}")
    taken(live_server, case, ["whistle"])
    move = live_server.read(f"/api/incidents/{case}")["history"][-1]
    assert move["kind"] == "emergency"
    called = [one["id"] for one in move["called"]]
    assert called == [first["department"], second["department"], "shuiwu-river"]


def test_a_store_that_dies_amid_a_click_leaves_no_doubt_in_the_end(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    opened(page, case)
    store = store_of(live_server)
    store.send_signal(signal.SIGSTOP)  # it takes the request in and does not answer
    press(page, "Enter")
    expect(button(page, "file")).to_have_attribute("aria-busy", "true")
    expect(button(page, "whistle")).to_have_attribute("aria-disabled", "true")
    expect(said(page)).to_contain_text("是否办成还不知道")
    store.kill()
    page.reload()  # the click outlives the page
    expect(said(page)).to_contain_text("查明", timeout=60_000)
    is_done = "查明已办成：已立案" in said(page).inner_text()
    live_server.wait_ready()
    taken(live_server, case, ["file"] if is_done else [])


def test_what_a_reporter_wrote_is_text_and_loads_nothing(
    page: Page, live_server: LiveServer
) -> None:
    nasty = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\u202e翻转'
    photo = "https://photos.example/p.jpg?<b>"
    case = report(live_server, title=nasty[:80], text=nasty, photos=[photo])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    pane = opened(page, case)
    expect(pane.locator(".case-text p")).to_have_text(nasty)
    expect(pane.locator("h2")).to_have_text(nasty[:80])
    expect(pane.locator(".case-photo bdi")).to_have_text(photo)
    assert page.evaluate("() => window.hit") is None
    assert pane.locator("img, script").count() == 0
    assert not [url for url in asked if not url.startswith(live_server.url)]


def test_the_pane_speaks_english_throughout(page: Page, live_server: LiveServer) -> None:
    case = report(live_server, title="Burst drain", text="Sewage on the road")
    act(live_server, case, "file")
    opened(page, case, "en")
    press(page, "w")
    shown = page.locator("#case").inner_text() + page.locator("#trail").inner_text()
    assert not HAN.search(shown.replace("测试数据", "")), HAN.findall(shown)


def test_targets_are_large_enough_and_clocks_are_not_read_aloud(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    pane = opened(page, case)
    expect(pane.locator(".case-timer")).to_have_attribute("aria-live", "off")
    for node in pane.locator("footer button").all():
        box = node.bounding_box()
        assert box is not None
        assert box["height"] >= 38
        assert box["width"] >= 24


def test_similar_cases_open_by_their_key(page: Page, live_server: LiveServer) -> None:
    other, case = reported_at(live_server, 102.72886), reported_at(live_server, 102.72890)
    pane = opened(page, case)
    similar = pane.locator("[data-focus=similar]")
    expect(similar).to_have_attribute("aria-expanded", "false")
    press(page, "l")
    expect(similar).to_have_attribute("aria-expanded", "true")
    expect(pane.locator(".case-similar")).to_contain_text(other)


def test_a_department_returns_a_case_and_the_way_leads_back(
    page: Page, visit: Visit, live_server: LiveServer
) -> None:
    case = report(live_server)
    act(live_server, case, "file")
    act(live_server, case, "dispatch", department="paishui")
    team = visitor(live_server, visit, "department", "paishui")
    opened(team, case)
    press(team, "r")
    team.locator("#case form [data-nth='1']").check()
    team.keyboard.press("Enter")
    expect(said(team)).to_contain_text("已退回")
    pane = opened(page, case)
    expect(pane.locator(".case-back")).to_have_text("退回 1 次")
    expect(step(page)).to_contain_text("已退回")
    expect(pane.locator("[data-fact=counts]")).to_have_text("退回 1")


def test_nothing_can_be_done_while_cut_off_and_the_pane_says_why(
    page: Page, live_server: LiveServer
) -> None:
    case = report(live_server)
    opened(page, case)
    page.context.set_offline(True)
    page.evaluate("() => window.one_map.page.live.socket.close()")  # at once, not after its timeout
    expect(button(page, "file")).to_have_attribute("aria-disabled", "true", timeout=30_000)
    expect(page.locator("#case .case-why")).to_contain_text("与服务器断开，恢复前不能办理")
    page.context.set_offline(False)
    expect(button(page, "file")).to_have_attribute("aria-disabled", "false", timeout=30_000)
    assert actions(live_server, case) == []


def test_a_refusal_of_the_server_is_not_taken_for_done(live_server: LiveServer) -> None:
    """What the pane relies on: the answer of a step that is not possible names its code."""
    case = report(live_server)
    with pytest.raises(urllib.error.HTTPError) as refusal:
        act(live_server, case, "close")
    assert refusal.value.code == 409
    assert json.load(refusal.value)["code"] == "state"
