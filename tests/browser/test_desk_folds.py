"""Similar cases in one row of the desk: opened in place, taken out by one click or one key."""

import re
import time
import uuid
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from dashboard.domain.areas import Tier
from dashboard.region import load_region
from tests.browser.conftest import ROOT, LiveServer, until_page
from tests.browser.test_accessibility import serious

pytestmark = pytest.mark.browser

REGION = load_region(ROOT / "dashboard/regions/guandu")
COMMUNITIES = [area.code for area in REGION.by_code.values() if area.tier is Tier.COMMUNITY]
M_LAT = 1 / 111_320.0


class Corner:
    """A community of its own with similar cases in it."""

    used = 0

    def __init__(self, server: LiveServer) -> None:
        Corner.used += 1
        self.server = server
        self.community = COMMUNITIES[-Corner.used]  # the list's tests begin at the other end
        self.lon, self.lat = REGION.children(self.community)[0].label

    def report(self, metres: float = 0, **more: Any) -> str:
        """A new case; its id once the queue has it."""
        identity = f"F-{uuid.uuid4().hex[:12]}"
        data = {"incident": identity, "class": "01-10", "channel": "collector", "priority": 4}
        self.server.post(
            {
                "type": "incident.reported",
                "lon": self.lon,
                "lat": self.lat + metres * M_LAT,
                "data": data | {"title": "暴露生活垃圾"} | more,
            }
        )
        deadline = time.monotonic() + 10
        while identity not in [row["id"] for row in self.listed(folded="false")]:
            assert time.monotonic() < deadline, "the report did not come through"
        return identity

    def listed(self, folded: str = "true") -> list[dict[str, Any]]:
        asked = f"/api/queue?area={self.community}&queue=todo&sort=oldest&folded={folded}"
        items: list[dict[str, Any]] = self.server.read(asked)["items"]
        return items

    def open(self, page: Page, case: str = "") -> None:
        page.goto(f"/desk?area={self.community}&lang=zh&sort=oldest&case={case}")
        expect(rows(page).first).to_be_visible()


@pytest.fixture
def corner(live_server: LiveServer) -> Corner:
    return Corner(live_server)


def rows(page: Page) -> Locator:
    return page.locator("#queue [role=option]")


def row(page: Page, identity: str) -> Locator:
    return page.locator(f"#queue [data-id='{identity}']")


def order(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "#queue [role=option]", "nodes => nodes.map((node) => node.dataset.id)"
    )
    return found


def sign(page: Page, identity: str) -> Locator:
    return row(page, identity).locator(".case-fold")


def test_a_case_is_taken_out_by_one_click_audited_and_undone(page: Page, corner: Corner) -> None:
    first, second, third = corner.report(), corner.report(10), corner.report(20)
    corner.open(page, first)
    expect(rows(page)).to_have_count(1)
    expect(sign(page, first)).to_have_text("3 起相似 ▸")
    expect(page.locator("#pager")).to_contain_text("3 件 · 合并为 1 行")
    expect(page.locator("[role=tab][data-queue=todo] b")).to_have_text("3")
    sign(page, first).click()
    expect(rows(page)).to_have_count(3)
    assert order(page) == [first, second, third]
    expect(row(page, second)).to_have_class(re.compile(r"\bis-member\b"))
    sign(page, second).click()
    expect(sign(page, first)).to_have_text("2 起相似 ▾")
    expect(sign(page, second)).to_be_hidden()
    assert order(page) == [first, third, second]
    expect(page.locator("#trail")).to_contain_text("移出合并，单列")
    trail = corner.server.read(f"/api/incidents/{second}")["trail"]
    assert [entry["outcome"] for entry in trail if entry["action"] == "incident.unfold"] == ["done"]
    page.locator("#case [data-do=undo]").click()
    expect(sign(page, first)).to_have_text("3 起相似 ▾")
    assert [held["inside"]["total"] for held in corner.listed()] == [3]


def test_keys_open_a_row_take_a_case_out_and_put_it_back(page: Page, corner: Corner) -> None:
    first, second = corner.report(), corner.report(10)
    corner.open(page, first)
    expect(page.locator("#case .case-folded")).to_contain_text("操作只对这一件")
    page.keyboard.press("l")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator("#case .case-where")).to_contain_text(second)
    expect(row(page, second)).to_have_attribute("aria-label", re.compile("在合并行内"))
    expect(page.locator("#case [data-do=unfold]")).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator("#case [data-do=fold]")).to_be_visible()
    expect(sign(page, first)).to_be_hidden()
    expect(page.locator("#case .case-folded")).to_have_count(0)
    page.wait_for_timeout(400)  # the second half of a double press does nothing
    page.keyboard.press("i")
    expect(page.locator("#case [data-do=unfold]")).to_be_visible()
    expect(sign(page, first)).to_have_text(re.compile("2 起相似"))
    expect(row(page, second).locator(".case-state")).to_have_text("已并入相似案件")


# Answers to what the desk asks of its queue wait until `hold.release()`, as on a slow line;
# `hold.n` counts them with those before, so that it equals the questions once each has its answer.
HOLD_QUEUE = """() => {
  const real = window.fetch;
  const n = window.one_map?.page?.queue.asking ?? 0;
  const waits = new Promise((resolve) => (window.hold = { n, release: resolve }));
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    if (!String(asked[0]).includes("/api/queue?")) return answer;
    const body = await answer.text();
    window.hold.n += 1;
    await waits;
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
}"""
ALL_ANSWERS_HELD = "hold.n > 0 && hold.n === one_map.page.queue.asking"
# What the page says on its socket waits until `hold.talk()`.
HOLD_TALK = """() => {
  const real = WebSocket.prototype.send;
  const waits = new Promise((resolve) => (window.hold.talk = resolve));
  WebSocket.prototype.send = function (text) { waits.then(() => real.call(this, text)); };
}"""


def test_a_first_answer_older_than_the_first_numbers_changes_nothing_back(
    page: Page, corner: Corner
) -> None:
    """What came between the two is asked for again."""
    corner.report()
    page.add_init_script(f"({HOLD_QUEUE})(); ({HOLD_TALK})()")
    page.goto(f"/desk?area={corner.community}&lang=zh&sort=oldest")
    until_page(page, ALL_ANSWERS_HELD)
    corner.report(**{"class": "01-11"})
    todo = page.locator("[role=tab][data-queue=todo] b")
    expect(todo).not_to_have_text("2")
    page.evaluate("hold.talk()")
    expect(todo).to_have_text("2")
    page.evaluate("hold.release()")
    until_page(page, "one_map.page.list.order.length + one_map.page.list.fresh.size", 2)
    expect(todo).to_have_text("2")


def test_an_answer_older_than_what_was_told_since_changes_nothing_back(
    page: Page, corner: Corner
) -> None:
    first, second = corner.report(), corner.report(10)
    corner.open(page, first)
    todo = page.locator("[role=tab][data-queue=todo] b")
    expect(todo).to_have_text("2")
    until_page(page, "one_map.page.origins.length > 0")  # its live numbers came: it asks again
    asked = page.evaluate("one_map.page.queue.reload() ?? one_map.page.queue.asking")
    until_page(page, f"one_map.page.queue.asking > {asked} && !one_map.page.queue.meanwhile")
    page.evaluate(HOLD_QUEUE)
    other = corner.report(**{"class": "01-11"})
    page.locator("#new-cases").click()
    until_page(page, ALL_ANSWERS_HELD)
    version = corner.server.read(f"/api/incidents/{second}")["version"]
    act = {"action": "unfold", "version": version, "key": uuid.uuid4().hex}
    corner.server.ask("POST", f"/api/incidents/{second}/actions", act)
    last = corner.report(**{"class": "01-12"})
    expect(sign(page, first)).to_be_hidden()
    expect(todo).to_have_text("4")
    page.evaluate("hold.release()")
    expect(row(page, other)).to_be_visible()
    expect(sign(page, first)).to_be_hidden()
    expect(todo).to_have_text("4")
    fresh = ",".join(sorted((second, last)))
    until_page(page, "[...one_map.page.list.fresh.keys()].sort().join()", fresh)
    page.locator("#new-cases").click()
    expect(rows(page)).to_have_count(4)
    assert set(order(page)) == {first, second, other, last}


def test_a_similar_report_is_counted_where_it_lies_without_asking_again(
    page: Page, corner: Corner
) -> None:
    first = corner.report()
    corner.report(10)
    corner.open(page, first)
    expect(sign(page, first)).to_have_text("2 起相似 ▸")
    page.wait_for_timeout(600)  # the first snapshot asks once more
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/api/queue" in request.url:
            asked.append(request.url)

    page.on("request", note)
    corner.report(20, priority=3)
    expect(sign(page, first)).to_have_text("3 起相似 ▸")
    expect(row(page, first)).to_have_class(re.compile(r"\bp3\b"))
    expect(page.locator("#new-cases")).to_be_hidden()
    assert rows(page).count() == 1
    assert asked == []


def test_a_case_beside_no_other_has_no_sign_and_no_verb(page: Page, corner: Corner) -> None:
    alone = corner.report()
    corner.open(page, alone)
    expect(page.locator("#case .case-where")).to_contain_text(alone)
    expect(sign(page, alone)).to_be_hidden()
    expect(page.locator("#case [data-do=unfold]")).to_have_count(0)
    page.keyboard.press("i")
    assert [held["id"] for held in corner.listed()] == [alone]
    trail = corner.server.read(f"/api/incidents/{alone}")["trail"]
    assert not [entry for entry in trail if entry["action"] == "incident.unfold"]


def test_an_open_row_keeps_nobody_out(page: Page, corner: Corner) -> None:
    first = corner.report()
    corner.report(10)
    corner.open(page, first)
    expect(page.locator("#case .case-folded")).to_be_visible()
    page.keyboard.press("l")
    expect(rows(page)).to_have_count(2)
    assert serious(page) == []
