"""The one map in a real browser, fed through the front door."""

import os
import re
import signal
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.clock import SHANGHAI
from tests.browser.conftest import add_feed, running_program, until_page

pytestmark = pytest.mark.browser

STREET, COMMUNITY, GRID = "530111001", "530111001001", "530111001001001"
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
SHOWN_TEXT = """() => [...document.querySelectorAll('#one-map *')]
  .filter((node) => node.checkVisibility() && ![...node.children].some((c) => c.textContent.trim()))
  .flatMap((node) => [node.textContent, node.getAttribute('aria-label'), node.title])
  .concat(document.title)
  .filter((text) => text && text.trim())"""


@pytest.fixture(scope="module")
def live_server(tmp_path_factory, chromium_path):
    """Its processes are stopped and killed here, and a feed of it falls silent."""
    with running_program(tmp_path_factory) as server:
        yield server


def opened(page: Page, address: str = "/map") -> Page:
    """Open a page and wait for its first picture."""
    page.goto(address)
    expect(number(page, "open")).to_have_text(re.compile(r"\d"))
    expect(page.locator("#crumbs b")).not_to_be_empty()
    return page


def number(page: Page, name: str) -> Locator:
    return page.locator(f"[data-kpi={name}] .value")


def title(page: Page) -> Locator:
    return page.locator("#panel h1")


def spot(page: Page, code: str) -> dict[str, float]:
    """Where an area's label point is on the screen."""
    return page.evaluate(
        """(code) => {
          const page = window.one_map.page;
          const box = document.getElementById('map').getBoundingClientRect();
          const [x, y] = page.map.project(...page.tree.get(code).label);
          return {x: box.left + x, y: box.top + y};
        }""",
        code,
    )


def area_of(page: Page) -> str:
    found = re.search(r"area=(\d+)", page.url)
    assert found
    return found[1]


def test_click_selects_and_double_click_drills_down_to_a_grid(page):
    opened(page)
    expect(title(page)).to_have_text("官渡区")
    page.mouse.click(**spot(page, STREET))
    expect(title(page)).to_have_text("关上街道")
    assert area_of(page) == "530111"
    for code, name in ((STREET, "关上街道"), (COMMUNITY, "关上社区"), (GRID, "01 网格")):
        page.mouse.dblclick(**spot(page, code))
        expect(title(page)).to_have_text(name)
        expect(page.locator("#crumbs b")).to_have_text(name)
        assert area_of(page) == code


def test_keys_move_drill_and_come_back(page):
    opened(page)
    page.locator("#map-view").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#spoken")).not_to_be_empty()
    chosen = title(page).inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#crumbs b")).to_have_text(chosen)
    page.keyboard.press("Escape")
    expect(page.locator("#crumbs b")).to_have_text("官渡区")
    expect(title(page)).to_have_text(chosen)
    page.keyboard.press("Escape")
    expect(title(page)).to_have_text("官渡区")
    page.keyboard.press("t")
    expect(page.get_by_role("table").first).to_contain_text("关上街道")
    page.keyboard.press("Escape")
    expect(page.locator("#table-view")).to_be_hidden()
    page.keyboard.press("l")
    expect(page.locator("#layers")).to_be_hidden()


def test_the_table_rows_select_and_drill_by_key(page):
    opened(page)
    row = page.locator(f"#children tr[data-code='{STREET}']")
    row.focus()
    page.keyboard.press("Space")
    expect(title(page)).to_have_text("关上街道")
    page.locator("#children tr[data-code]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#crumbs b")).to_have_text(re.compile("社区$"))


def test_what_the_table_covers_is_out_of_reach(page):
    opened(page)
    page.keyboard.press("t")
    expect(page.locator("#table-view")).to_be_visible()
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('[id]')?.id"))
    assert "table-view" in reached
    assert not reached & {"layers", "colourings", "overlays"}
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="摄像机离线率").click()


def test_the_address_holds_the_view(page):
    opened(page)
    page.get_by_role("radio", name="摄像机离线率").click()
    page.get_by_role("checkbox", name="一小时签到").click()
    page.mouse.dblclick(**spot(page, STREET))
    expect(page.locator("#crumbs b")).to_have_text("关上街道")
    shared = page.url
    page.reload()
    expect(title(page)).to_have_text("关上街道")
    expect(page.get_by_role("radio", name="摄像机离线率")).to_be_checked()
    expect(page.get_by_role("checkbox", name="一小时签到")).to_be_checked()
    assert page.url == shared
    page.go_back()
    expect(page.locator("#crumbs b")).to_have_text("官渡区")
    page.go_forward()
    expect(page.locator("#crumbs b")).to_have_text("关上街道")


def test_an_area_that_does_not_exist_is_told_and_the_root_is_shown(page):
    opened(page, "/map?area=000")
    expect(page.locator("#notice")).to_contain_text("000")
    expect(title(page)).to_have_text("官渡区")


@pytest.mark.parametrize(
    "address", ["/map", f"/map?area={STREET}", f"/map?area={GRID}", "/map?view=table"]
)
def test_each_language_is_complete(page, live_server, address):
    live_server.report(GRID)
    opened(page, address)
    allowed = {"EN", "Esc", "L", "T"}
    for text in page.evaluate(SHOWN_TEXT):
        assert text in allowed or not LATIN_WORD.search(re.sub(r"\b(Esc|admin)\b", "", text)), text
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#panel h1")).to_have_text(re.compile("District|Subdistrict|Grid"))
    expect(page.locator("#urgent")).not_to_contain_text("生活")
    expect(page.locator("#badge")).to_have_text("SIMULATED")  # drawn with the next frame
    for text in page.evaluate(SHOWN_TEXT):
        assert text == "中文" or not HAN.search(text), text
    assert "lang=en" in page.url


def test_an_address_may_ask_for_english(page):
    opened(page, "/map?lang=en")
    assert page.title().startswith("One Map")
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_report_changes_the_number_on_the_open_page(page, live_server):
    opened(page, f"/map?area={STREET}&select={COMMUNITY}")
    before = int(number(page, "open").inner_text())
    live_server.report(GRID, title="路口垃圾", priority=1)
    expect(number(page, "open")).to_have_text(str(before + 1))
    expect(page.locator("#urgent")).to_contain_text("路口垃圾")
    expect(page.locator(f"#children tr[data-code='{GRID}'] td").nth(2)).not_to_have_text("0")


def test_a_camera_that_drops_is_counted_and_marked(page, live_server):
    lon, lat = page_label(page, GRID)
    data = {"camera": "cam-1", "name": "东门", "ownership": "public", "site": "路口"}
    live_server.post({"type": "camera.registered", "lon": lon, "lat": lat, "data": data})
    live_server.post({"type": "camera.status", "data": {"camera": "cam-1", "status": "online"}})
    opened(page, f"/map?area={GRID}")
    expect(page.locator("#children")).to_contain_text("在线")
    expect(page.locator(".cut-offs")).to_contain_text("1 / 1")
    live_server.post({"type": "camera.status", "data": {"camera": "cam-1", "status": "offline"}})
    expect(page.locator("#children")).to_contain_text("离线")
    assert page.evaluate("window.one_map.page.marks.state[0]") == 1


def page_label(page: Page, code: str) -> tuple[float, float]:
    opened(page)
    lon, lat = page.evaluate("(code) => window.one_map.page.tree.get(code).label", code)
    return lon, lat


def test_polygons_take_the_colour_of_their_numbers_in_place(page, live_server):
    opened(page, f"/map?area={COMMUNITY}&layer=open")
    fill = f"window.one_map.page.map.layers.get('fill:{GRID}:fill grid').getElement()"
    page.evaluate(f"window.before = {fill}")
    colour = page.evaluate(f"{fill}.getAttribute('fill')")
    for _ in range(6):
        live_server.report(GRID)
    expect(page.locator(f"#children tr[data-code='{GRID}']")).to_contain_text(re.compile(r"\d"))
    until_page(page, f"{fill}.getAttribute('fill') === 'var(--q5)'")
    assert page.evaluate(f"window.before === {fill}"), "the polygon was rebuilt"
    assert colour != "var(--q5)" or page.url


def test_the_badge_says_that_the_data_is_made_up(page, live_server):
    live_server.report(GRID)
    opened(page)
    expect(page.locator("#badge")).to_have_text("模拟数据")
    expect(page.locator("#feeds")).to_contain_text("测试数据")


def test_a_cut_is_told_the_picture_stays_greyed_and_heals(page, live_server):
    live_server.report(GRID)
    opened(page)
    before = number(page, "open").inner_text()
    os.kill(live_server.child("web"), signal.SIGKILL)
    banner = page.locator("#banner")
    expect(banner).to_contain_text("与服务器断开")
    expect(banner).to_contain_text("画面停在")
    expect(number(page, "open")).to_have_class(re.compile("val-stale"))
    assert number(page, "open").inner_text() == before != "0"
    expect(banner).to_contain_text("已恢复", timeout=40_000)
    expect(number(page, "open")).not_to_have_class(re.compile("val-stale"))
    live_server.wait_ready()
    live_server.report(GRID)
    expect(number(page, "open")).to_have_text(str(int(before) + 1))


def shanghai(moment: str) -> str:
    """RFC 3339 as the screen says it today."""
    return datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%H:%M")


def test_a_feed_that_falls_silent_says_of_when_its_numbers_are(page, live_server):
    quick = replace(live_server, token=add_feed(live_server.environ, "quick", period_s=2))
    data = {"staff": "w-1", "role": "police", "activity": "patrol"}
    quick.post({"type": "staff.checked_in", "area": GRID, "data": data})
    opened(page, f"/map?area={STREET}")
    expect(number(page, "staff")).to_have_text("1")
    age = page.locator("[data-kpi=staff] .kpi-age")
    feeds = {row["name"]: row for row in live_server.read("/api/feeds")["feeds"]}
    time = shanghai(feeds["quick"]["last_at"])
    expect(age).to_have_text(f"截至 {time}")
    expect(age).to_have_class(re.compile("fr-late"))
    expect(age.locator("svg")).to_have_attribute("aria-label", "延迟")
    expect(page.locator("[data-part=as-of]")).to_contain_text(f"人员 延迟 截至 {time}")
    expect(page.locator("[data-kpi=open] .kpi-age")).to_be_hidden()
    page.locator("#language").click()
    expect(age).to_have_text(f"as of {time}")
    assert (
        live_server.read(f"/api/areas/{STREET}")["as_of_by"]["staff"] == feeds["quick"]["last_at"]
    )
    page.keyboard.press("t")
    expect(page.get_by_role("table").first).to_contain_text(f"late as of {time}")


def test_numbers_of_a_picture_that_stands_still_are_told_from_live_ones(page, live_server):
    live_server.wait_ready()
    live_server.report(GRID)
    opened(page, f"/map?area={STREET}")
    board = live_server.child("board")
    os.kill(board, signal.SIGSTOP)
    try:
        banner = page.locator("#banner")
        expect(banner).to_contain_text("没有新数据", timeout=30_000)
        stands = re.search(r"画面停在 (\d\d:\d\d)", banner.inner_text())
        for name in ("open", "covered", "public", "on_time"):
            expect(page.locator(f"[data-kpi={name}] .kpi-age")).to_be_visible()
        expect(page.locator("[data-kpi=open] .kpi-age")).to_have_text(f"截至 {stands[1]}")
        expect(number(page, "open")).to_have_class(re.compile("val-stale"))
        page.reload()  # a page opened now has never seen a live number
        expect(banner).to_contain_text("没有新数据")
        expect(page.locator("[data-kpi=open] .kpi-age")).to_contain_text("截至")
        until_page(page, "window.one_map.page.composer.placed.length > 0")
        assert page.evaluate(OVERLAPS) == []
        assert page.evaluate(CLIPPED) == []
    finally:
        os.kill(board, signal.SIGCONT)
    expect(banner).to_contain_text("已恢复", timeout=40_000)
    expect(number(page, "open")).not_to_have_class(re.compile("val-stale"))
    expect(page.locator("[data-kpi=open] .kpi-age")).to_be_hidden()


def test_a_server_that_falls_silent_is_told_apart(page, live_server):
    live_server.wait_ready()
    opened(page)
    web = live_server.child("web")
    os.kill(web, signal.SIGSTOP)
    try:
        expect(page.locator("#banner")).to_contain_text("数据延迟", timeout=12_000)
        expect(page.locator("#banner")).to_contain_text("没有消息", timeout=20_000)
        expect(number(page, "open")).to_have_class(re.compile("val-stale"))
    finally:
        os.kill(web, signal.SIGCONT)
    expect(page.locator("#banner")).to_contain_text("已恢复", timeout=40_000)


def test_nothing_is_asked_of_any_other_machine(page, live_server):
    asked = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: asked.add(urlsplit(socket.url).netloc))
    opened(page)
    assert asked == {urlsplit(live_server.url).netloc}


OVERLAPS = """() => {
  const {placed, room} = window.one_map.page.composer;
  const {overlap, crosses} = window.one_map.labels;
  const bad = [];
  placed.forEach((a, i) => placed.forEach((b, j) => {
    if (i < j && overlap(a.box, b.box, 0)) bad.push([a.key, b.key]);
    if (a.leader && i !== j && crosses(...a.leader, b.box)) bad.push([a.key, 'leader', b.key]);
  }));
  for (const a of placed)
    for (const o of room.obstacles) if (overlap(a.box, o, 0)) bad.push([a.key, o]);
  const {names} = window.one_map.page.composer;
  for (const a of placed)
    for (const n of names) if (overlap(a.box, n.box, 0)) bad.push([a.key, n.text]);
  return bad;
}"""
CLIPPED = """() => {
  const parts = ['.top', '.kpi', '.choice', '.legend', '.priorities', '.crumbs', '.subtitle'];
  return [...document.querySelectorAll(parts.map((part) => part + ' *').join())]
    .filter((node) => node.checkVisibility() && !node.children.length && node.textContent.trim())
    .filter((node) => !node.matches('.skip')) // stands off screen until focused
    .filter((node) => {
      const box = node.getBoundingClientRect();
      const home = node.closest(parts.join()).getBoundingClientRect();
      return box.right > home.right + 1 || box.left < home.left - 1;
    })
    .map((node) => node.textContent);
}"""
VIEWS = ("/map", "/map?lang=en", f"/map?area={STREET}", f"/map?area={COMMUNITY}&lang=en")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("address", VIEWS)
def test_no_label_lies_on_another_and_nothing_is_clipped(page, width, height, address):
    page.set_viewport_size({"width": width, "height": height})
    opened(page, address)
    until_page(page, "window.one_map.page.composer.placed.length > 0")
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(CLIPPED) == []


def test_type_grows_with_the_screen(page):
    opened(page)
    assert page.evaluate("window.one_map.page.unit()") == 1
    page.set_viewport_size({"width": 3840, "height": 2160})
    until_page(page, "window.one_map.page.unit() === 2")
