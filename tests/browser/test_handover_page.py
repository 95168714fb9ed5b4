"""A shift is handed over and signed for in real browsers, by keyboard, and fits on A4."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FIRST_GRID, PASSWORD, LiveServer, Visit
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

HAN = re.compile(r"[\u4e00-\u9fff]")
STREET = "530111001"
A4_PX = {"width": 703, "height": 1032}  # 210 x 297 mm less 12 mm each side, at 96 dpi
LONG = "无人认领的排水管道在夜间反复溢水并漫过人行道" * 3 + "w" * 60


@pytest.fixture
def officer(live_server: LiveServer, visit: Visit):
    """Opens the page of a new officer of an area; (page, name)."""

    def opened(area: str, query: str = "") -> tuple[Page, str]:
        name = live_server.add_account("officer", area)
        page = visit(sign_in(live_server.url, name, PASSWORD))
        page.goto(f"/handover{query}")
        expect(page.locator("#handover-sheet .facts")).to_be_visible()
        return page, name

    return opened


def test_counts_come_first_and_cases_lead_to_the_desk(live_server: LiveServer, page: Page) -> None:
    case = live_server.report(FIRST_GRID, priority=1, title="桥下积水")
    page.goto("/handover")
    row = page.locator("table.urgent tr").filter(has_text=case)
    expect(row).to_contain_text("桥下积水")
    expect(row).to_contain_text("优先级高")
    expect(row.get_by_role("img", name="优先级 P1")).to_be_visible()
    expect(row.get_by_role("link")).to_have_attribute("href", f"/desk?case={case}")
    counts, lists = page.locator(".counted"), page.locator("table.urgent")
    assert counts.bounding_box()["y"] < lists.bounding_box()["y"]
    told = live_server.read("/api/handovers/draft")
    expect(page.locator(".numbers").first).to_contain_text(str(told["counts"]["all"]))
    expect(page.locator("#handover-age")).to_contain_text("截至")


def test_an_officer_hands_over_and_another_signs_by_keyboard(officer) -> None:
    first, name = officer(STREET)
    first.get_by_role("button", name="写备注并交班").focus()
    first.keyboard.press("Enter")
    expect(first.get_by_label("交班备注")).to_be_focused()
    first.keyboard.type("泵站今晚有人值守")
    first.keyboard.press("Tab")
    expect(first.get_by_role("button", name="交班", exact=True)).to_be_focused()
    first.keyboard.press("Enter")
    expect(first.locator("#handover-waits")).to_contain_text("等接班人签字")
    expect(first.get_by_role("button", name="签字接班")).to_have_count(0)
    expect(first.locator("#handover-form")).to_be_hidden()

    second, signer = officer(STREET)
    expect(second.locator("#handover-waits")).to_contain_text(name)
    expect(second.locator("#handover-sheet")).to_contain_text("泵站今晚有人值守")
    sign = second.get_by_role("button", name="签字接班")
    sign.focus()
    second.keyboard.press("Enter")
    expect(second.get_by_role("dialog")).to_be_visible()
    second.keyboard.press("Escape")
    expect(second.get_by_role("dialog")).to_have_count(0)
    expect(sign).to_be_focused()
    second.keyboard.press("Enter")
    second.keyboard.type("收到")
    second.keyboard.press("Enter")
    expect(second.locator(".facts")).to_contain_text(signer)
    expect(second.locator(".facts")).to_contain_text("已签字接班")
    expect(second.locator("#handover-sheet")).to_contain_text("收到")
    expect(second.locator("#handover-waits")).to_have_text("")

    first.reload()
    row = first.locator("#handover-history tbody tr").first
    expect(row).to_contain_text(signer)
    expect(first.locator("#handover-form")).to_be_visible()


def test_an_earlier_one_opens_as_it_was_and_back_leads_to_now(
    live_server: LiveServer, officer
) -> None:
    first, _ = officer("530111002")
    first.get_by_label("交班备注").fill("早班")
    first.get_by_role("button", name="交班", exact=True).click()
    second, _ = officer("530111002")
    second.get_by_role("button", name="签字接班").click()
    second.get_by_role("dialog").get_by_role("button", name="签字接班").click()
    expect(second.locator(".facts")).to_contain_text("已签字接班")
    grid = next(area["code"] for area in live_server.read("/api/areas/530111002001")["children"])
    later = live_server.report(grid, priority=1)
    second.get_by_role("button", name="现在的情况").click()
    expect(second.locator("#handover-sheet")).to_contain_text(later)
    second.locator("#handover-history").get_by_role("button", name=re.compile("打开")).first.click()
    expect(second.locator("#handover-age")).to_contain_text("此后不再变")
    expect(second.locator("#handover-sheet")).not_to_contain_text(later)
    second.go_back()
    expect(second.locator("#handover-sheet")).to_contain_text(later)


def test_who_is_second_is_told_who_was_first(live_server: LiveServer, officer) -> None:
    area = "530111003"
    first, _ = officer(area)
    first.get_by_role("button", name="交班", exact=True).click()
    second, _ = officer(area)
    second.get_by_role("button", name="签字接班").click()
    held = live_server.read(f"/api/handovers?area={area}")["waiting"]
    live_server.ask("POST", f"/api/handovers/{held['id']}/sign", {"version": held["version"]})
    second.get_by_role("dialog").get_by_role("button", name="签字接班").click()
    expect(second.locator("#notice")).to_contain_text("admin 已先于")


def test_while_cut_off_it_says_so_and_cannot_be_handed_over(officer) -> None:
    page, _ = officer("530111004")
    button = page.get_by_role("button", name="交班", exact=True)
    page.get_by_label("交班备注").fill("写到一半")
    expect(button).to_be_enabled()
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_contain_text("与服务器断开")
    expect(button).to_be_disabled()
    expect(page.locator(".facts")).to_be_visible()
    page.context.set_offline(False)
    expect(button).to_be_enabled()
    expect(page.locator("#banner")).to_have_text("")
    expect(page.get_by_label("交班备注")).to_have_value("写到一半")


CLIPPED = """() => {
  const edge = document.documentElement.clientWidth + 0.5, found = [];
  for (const node of document.querySelectorAll("#content *")) {
    const box = node.getBoundingClientRect();
    if (!box.width || !node.textContent.trim()) continue;
    const text = node.textContent.slice(0, 40);
    if (box.right > edge || box.left < -0.5) found.push(`outside: ${text}`);
    const style = getComputedStyle(node);
    const hides = /hidden|clip|auto|scroll/.test(style.overflowX + style.overflowY);
    const isWide = node.scrollWidth > node.clientWidth + 1;
    const isHigh = node.scrollHeight > node.clientHeight + 1;
    if (hides && (isWide || isHigh)) found.push(`hidden: ${text}`);
  }
  for (const row of document.querySelectorAll("#content tr")) {
    const cells = [...row.cells].map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getBoundingClientRect();
    });
    cells.slice(1).forEach((box, i) => {
      const isOver = box.width && cells[i].right > box.left + 0.5;
      if (isOver) found.push(`over its neighbour: ${row.textContent}`);
    });
  }
  return found;
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a4_nothing_is_clipped_and_only_the_sheet_is_printed(
    live_server: LiveServer, page: Page, lang: str
) -> None:
    live_server.report(FIRST_GRID, priority=1, title=LONG, incident=f"GD-{lang}-" + "9" * 50)
    page.goto(f"/handover?lang={lang}")
    expect(page.locator("table.urgent")).to_contain_text(LONG[:20])
    page.set_viewport_size(A4_PX)
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    for name in (".top", "#handover-form", "#handover-history", "#handover-buttons"):
        expect(page.locator(name)).to_be_hidden()
    expect(page.locator(".signatures")).to_be_visible()
    assert page.evaluate(CLIPPED) == []
    scrolled = page.evaluate("document.documentElement.scrollWidth")
    assert scrolled <= A4_PX["width"]
    pdf = page.pdf(prefer_css_page_size=True)
    widths = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert widths
    assert all((round(float(w)), round(float(h))) == (595, 842) for w, h in widths)
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-theme", "desk")


def test_the_page_is_whole_in_english(officer) -> None:
    page, _ = officer("530111005", "?lang=en")
    expect(page.get_by_role("heading", name="Hand-over", exact=True)).to_be_visible()
    text = page.locator("#one-map").inner_text().replace("中文", "")
    assert HAN.findall(text) == []


def test_who_has_no_desk_has_no_page_of_it(live_server: LiveServer, visit: Visit) -> None:
    name = live_server.add_account("viewer", STREET)
    page = visit(sign_in(live_server.url, name, PASSWORD))
    answer = page.goto("/handover")
    assert answer is not None
    assert answer.status == 403
    page.goto("/map")
    expect(page.get_by_role("link", name="一张图")).to_be_visible()
    expect(page.get_by_role("link", name="交接班")).to_be_hidden()
