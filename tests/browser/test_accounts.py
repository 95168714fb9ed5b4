"""The administrators' page against the real API: accounts, tokens, sessions, walls."""

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, LiveServer, Visit
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

STREET = "530111001"
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def office(page: Page) -> Page:
    page.goto("/accounts")
    expect(row(page, "accounts", "admin")).to_be_visible()
    return page


def row(page: Page, section: str, name: str) -> Locator:
    rows = page.locator(f"#{section} tbody tr")
    return rows.filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_an_account_is_added_by_keyboard_and_can_sign_in(
    office: Page, live_server: LiveServer
) -> None:
    office.get_by_role("button", name="新增账号").focus()
    office.keyboard.press("Enter")
    dialog = office.get_by_role("dialog", name="新增账号")
    office.keyboard.type("zhao.min")
    dialog.get_by_label("角色").select_option(label="派遣员")
    dialog.get_by_label("街道").select_option(label="关上街道")
    dialog.get_by_label("社区").select_option(label="关上社区")
    dialog.get_by_label("口令").fill("short")
    office.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("12 到 200 个字")
    dialog.get_by_label("口令").fill(PASSWORD)
    office.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    added = row(office, "accounts", "zhao.min")
    expect(added).to_contain_text("派遣员")
    expect(added).to_contain_text("关上街道 · 关上社区")
    assert sign_in(live_server.url, "zhao.min", PASSWORD)


def test_a_change_is_saved_and_disabling_needs_no_question(
    office: Page, live_server: LiveServer
) -> None:
    name = live_server.add_account("viewer", STREET)
    office.reload()
    office.get_by_role("button", name=f"更改账号 {name}").click()
    office.get_by_role("dialog").get_by_label("角色").select_option(label="领导")
    office.get_by_role("button", name="保存").click()
    expect(row(office, "accounts", name)).to_contain_text("领导")
    office.get_by_role("button", name=f"更改账号 {name}").click()
    office.get_by_role("button", name="停用").click()
    expect(row(office, "accounts", name)).to_contain_text("停用")
    with pytest.raises(AssertionError):
        sign_in(live_server.url, name, PASSWORD)


def test_a_department_is_asked_for_with_that_role_alone(
    office: Page, live_server: LiveServer
) -> None:
    name = live_server.add_account("viewer", STREET)
    office.reload()
    added = row(office, "accounts", name)
    office.get_by_role("button", name=f"更改账号 {name}").click()
    dialog = office.get_by_role("dialog")
    choice = dialog.get_by_label("部门", exact=True)
    expect(choice).to_be_hidden()
    dialog.get_by_label("角色").select_option(label="部门经办")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请选择部门或队伍")
    choice.select_option(label="区排水公司抢修二队")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_have_count(0)
    expect(added).to_contain_text("区排水公司抢修二队")
    office.get_by_role("button", name=f"更改账号 {name}").click()
    expect(choice).to_have_value("paishui-repair-2")
    dialog.get_by_label("角色").select_option(label="领导")
    expect(choice).to_be_hidden()
    dialog.get_by_role("button", name="保存").click()
    expect(added).to_contain_text("领导")
    expect(added).not_to_contain_text("区排水公司")


def test_an_account_is_added_to_a_department(office: Page, live_server: LiveServer) -> None:
    office.get_by_role("button", name="新增账号").click()
    dialog = office.get_by_role("dialog", name="新增账号")
    dialog.get_by_label("工号").fill("qian.hua")
    dialog.get_by_label("角色").select_option(label="部门经办")
    dialog.get_by_label("口令").fill(PASSWORD)
    dialog.get_by_label("部门", exact=True).select_option(label="区水务局")
    dialog.get_by_role("button", name="新增账号").click()
    expect(row(office, "accounts", "qian.hua")).to_contain_text("区水务局")
    items = live_server.read("/api/accounts")["items"]
    assert next(i["department"] for i in items if i["name"] == "qian.hua") == "shuiwu"


def test_a_department_account_without_one_shows_the_gap(
    office: Page, live_server: LiveServer
) -> None:
    """As accounts from before there were departments are, and those of a department that went."""
    name = live_server.add_account("viewer", STREET)
    held = live_server.read("/api/accounts")
    item = next(item for item in held["items"] if item["name"] == name)
    item["role"], item["department"] = "department", None
    office.route("**/api/accounts", lambda route: route.fulfill(json=held))
    office.reload()
    shown = row(office, "accounts", name)
    expect(shown).to_contain_text("! 未指定，看不到案卷")
    item["department"] = "gone-bureau"
    office.reload()
    expect(shown).to_contain_text("! 未指定，看不到案卷 (gone-bureau)")
    office.get_by_role("button", name=f"更改账号 {name}").click()
    choice = office.get_by_role("dialog").get_by_label("部门", exact=True)
    expect(choice).to_have_value("")


def test_who_comes_second_sees_what_the_first_did(office: Page, live_server: LiveServer) -> None:
    name = live_server.add_account("viewer", STREET)
    office.reload()
    office.get_by_role("button", name=f"更改账号 {name}").click()
    dialog = office.get_by_role("dialog", name=f"账号 {name}")
    items = live_server.read("/api/accounts")["items"]
    version = next(item["version"] for item in items if item["name"] == name)
    live_server.ask("PATCH", f"/api/accounts/{name}", {"version": version, "role": "leader"})
    dialog.get_by_label("角色").select_option(label="部门经办")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("别人刚改过")
    expect(dialog.get_by_label("角色")).to_have_value("leader")


def test_a_token_is_shown_once_works_and_is_revoked_after_a_question(
    office: Page, live_server: LiveServer
) -> None:
    name = live_server.add_account("viewer", STREET)
    office.reload()
    office.get_by_role("button", name=f"更改账号 {name}").click()
    office.get_by_role("button", name="新增令牌").click()
    shown = office.locator("output.secret")
    expect(shown).not_to_be_empty()
    token = shown.inner_text()
    assert status(live_server, token) == 200
    office.get_by_role("dialog").get_by_role("button", name="关闭").click()
    expect(shown).to_have_count(0)  # a box is taken away a moment after it closed
    assert token not in office.content()
    office.get_by_role("button", name=f"更改账号 {name}").click()
    office.get_by_role("button", name=re.compile("作废令牌")).click()
    question = office.get_by_role("dialog", name=re.compile("不能恢复"))
    expect(question.get_by_role("button", name="取消")).to_be_focused()
    question.get_by_role("button", name="作废").click()
    expect(office.locator("#notice")).to_contain_text("已作废")
    assert status(live_server, token) == 401


def status(live_server: LiveServer, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{live_server.url}/api/me", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_session_is_cut_off(office: Page, live_server: LiveServer, visit: Visit) -> None:
    name = live_server.add_account("viewer", STREET)
    other = visit(sign_in(live_server.url, name, PASSWORD))
    other.goto("/map")
    office.reload()
    session = row(office, "sessions", name)
    expect(session).to_contain_text("127.0.0.1")
    session.get_by_role("button", name="断开").click()
    expect(session).to_have_count(0)
    expect(other).to_have_url(re.compile("/login"))


def test_a_wall_is_added_opened_and_cut_off(office: Page, visit: Visit) -> None:
    office.get_by_role("button", name="新增大屏").click()
    dialog = office.get_by_role("dialog")
    dialog.get_by_label("名称").fill("hall-office")
    dialog.get_by_role("button", name="新增大屏").click()
    address = office.locator("output.secret").inner_text()
    office.get_by_role("dialog").get_by_role("button", name="关闭").click()
    wall = row(office, "displays", "hall-office")
    expect(wall).to_contain_text("未接入")
    screen = visit(None)
    screen.goto(address)
    expect(screen.locator(".title")).to_have_text("全区态势")
    expect(screen.locator(".scene.on .hero b")).to_have_text(re.compile(r"\d"))
    screen.wait_for_timeout(3000)  # its first sign of life comes after two seconds
    office.reload()
    expect(wall).to_contain_text("实时")
    expect(wall).to_contain_text(re.compile(r"每秒 \d+ 帧 · \d+ 兆"))
    wall.get_by_role("button", name="断开大屏 hall-office").click()
    question = office.get_by_role("dialog", name=re.compile("不能恢复"))
    question.get_by_role("button", name="断开").click()
    expect(wall).to_contain_text("已断开")
    expect(screen.locator(".wall-banner").first).to_contain_text("这块大屏已被断开")


def test_escape_closes_a_dialog_and_nothing_is_sent(office: Page) -> None:
    office.get_by_role("button", name="新增账号").click()
    office.keyboard.type("nobody")
    office.keyboard.press("Escape")
    expect(office.get_by_role("dialog")).to_have_count(0)
    expect(row(office, "accounts", "nobody")).to_have_count(0)


def test_the_page_is_whole_in_english(office: Page) -> None:
    office.get_by_role("button", name="切换到英文").click()
    expect(office.get_by_role("heading", name="Wall displays")).to_be_visible()
    text = office.locator("#one-map").inner_text().replace("中文", "")
    assert HAN.findall(text) == []


def test_who_is_no_administrator_does_not_get_the_page(
    live_server: LiveServer, visit: Visit
) -> None:
    name = live_server.add_account("leader", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    answer = page.goto("/accounts")
    assert answer is not None
    assert answer.status == 403
