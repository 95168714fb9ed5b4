"""The queues of the duty desk in a real browser: the list stays put; keys and URL move it."""

import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from dashboard.domain.areas import Tier
from dashboard.region import load_region
from tests.browser.conftest import PASSWORD, ROOT, LiveServer, Visit
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

REGION = load_region(ROOT / "dashboard/regions/guandu")
COMMUNITIES = [area.code for area in REGION.by_code.values() if area.tier is Tier.COMMUNITY]
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
SHOWN_TEXT = """() => [...document.querySelectorAll('.top *, .list *, .place *, .foot *')]
  .filter((node) => node.checkVisibility() && ![...node.children].some((c) => c.textContent.trim()))
  .flatMap((node) => [node.textContent, node.getAttribute('aria-label'), node.title,
    node.getAttribute('placeholder')])
  .concat(document.title)
  .filter((text) => text && text.trim())"""


class Place:
    """A community of its own, so that no other test's cases stand in its queue."""

    used = 0

    def __init__(self, server: LiveServer) -> None:
        Place.used += 1
        self.server = server
        self.community = COMMUNITIES[Place.used]
        self.grid = REGION.children(self.community)[0].code
        self.address = f"/desk?area={self.community}"

    def report(self, **more: Any) -> str:
        """A new case of priority 4; its id once the queue has it."""
        identity = f"L-{uuid.uuid4().hex[:12]}"
        self.server.report(self.grid, incident=identity, **({"priority": 4} | more))
        deadline = time.monotonic() + 10
        while identity not in self.listed():
            assert time.monotonic() < deadline, "the report did not come through"
        return identity

    def reports(self, n: int, **more: Any) -> list[str]:
        """New cases, in the order of their queue: reported first, due first."""
        first = datetime.now(UTC) - timedelta(minutes=n)
        times = [
            (first + timedelta(minutes=i)).isoformat(timespec="milliseconds") for i in range(n)
        ]
        return [self._at(moment, **more) for moment in times]

    def _at(self, moment: str, **more: Any) -> str:
        identity = f"L-{uuid.uuid4().hex[:12]}"
        data = {
            "incident": identity,
            "class": "01-10",
            "title": "暴露生活垃圾",
            "channel": "collector",
        }
        report = {"type": "incident.reported", "area": self.grid, "time": moment}
        self.server.post(report | {"data": data | {"priority": 4} | more})
        return identity

    def close(self, identity: str) -> None:
        """Another system ends a case."""
        data = {"incident": identity, "action": "close", "by": "elsewhere"}
        self.server.post({"type": "incident.moved", "area": self.grid, "data": data})

    def listed(self, queue: str = "all") -> list[str]:
        answer = self.server.read(f"/api/queue?area={self.community}&queue={queue}")
        return [row["id"] for row in answer["items"]]

    def wait(self, n: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.listed()) < n:
            assert time.monotonic() < deadline, "the reports did not come through"


@pytest.fixture
def place(live_server: LiveServer) -> Place:
    return Place(live_server)


def rows(page: Page) -> Locator:
    return page.locator("#queue [role=option]")


def row(page: Page, identity: str) -> Locator:
    return page.locator(f"#queue [data-id='{identity}']")


def selected(page: Page) -> Locator:
    return page.locator("#queue [role=option][aria-selected=true]")


def order(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "#queue [role=option]", "nodes => nodes.map((node) => node.dataset.id)"
    )
    return found


def tops(page: Page) -> list[float]:
    """Where every row is on the screen."""
    found: list[float] = page.eval_on_selector_all(
        "#queue [role=option]", "nodes => nodes.map((node) => node.getBoundingClientRect().top)"
    )
    return found


def chosen(page: Page) -> str | None:
    return parse_qs(urlsplit(page.url).query).get("case", [None])[0]


def opened(page: Page, address: str, n: int) -> Page:
    """Open a desk and wait for its list."""
    page.goto(address)
    expect(rows(page)).to_have_count(n)
    return page


def test_keys_move_the_choice_and_it_is_what_has_the_name(page: Page, place: Place) -> None:
    ids = place.reports(3, title="排水管道破裂")
    place.wait(3)
    opened(page, place.address, 3)
    assert order(page) == ids
    expect(row(page, ids[0])).to_have_attribute("aria-selected", "true")  # open by itself
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")  # the last one stays
    assert chosen(page) == ids[2]
    page.keyboard.press("k")
    expect(selected(page)).to_have_attribute("data-id", ids[1])
    label = re.compile(r"^P4，排水管道破裂，01 网格，.*，未确认$")
    expect(row(page, ids[1])).to_have_attribute("aria-label", label)
    active = page.locator("#queue").get_attribute("aria-activedescendant")
    assert active == row(page, ids[1]).get_attribute("id")
    expect(page.locator("#case")).to_contain_text(ids[1])
    page.locator("#queue").focus()
    page.keyboard.press("End")
    assert chosen(page) == ids[2]
    page.keyboard.press("Escape")
    expect(selected(page)).to_have_count(0)
    assert chosen(page) is None


def test_letters_are_off_while_typing_and_can_be_turned_off(page: Page, place: Place) -> None:
    ids = place.reports(2)
    place.wait(2)
    opened(page, place.address, 2)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jk12")
    assert chosen(page) == ids[0]
    expect(page.get_by_role("searchbox")).to_have_value("jk12")
    expect(rows(page)).to_have_count(0)
    expect(page.locator("#queue-state")).to_contain_text("没有符合条件的案件")
    page.get_by_role("button", name="清除筛选").click()
    expect(rows(page)).to_have_count(2)
    page.locator("#queue").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_contain_text("在一张图打开")
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="关闭").click()
    page.keyboard.press("j")
    assert chosen(page) == ids[0]
    page.keyboard.press("ArrowDown")
    assert chosen(page) == ids[1]
    page.reload()
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("k")
    assert chosen(page) == ids[1]  # it is kept on this machine
    page.get_by_role("button", name="全部快捷键").click()
    page.get_by_role("dialog").get_by_role("checkbox").check()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    assert chosen(page) == ids[0]


def test_the_list_does_not_move_when_cases_come_change_and_end(page: Page, place: Place) -> None:
    ids = place.reports(4)
    place.wait(4)
    opened(page, place.address, 4)
    page.keyboard.press("j")
    before = tops(page)
    urgent = place.report(priority=3, title="燃气泄漏")
    expect(page.locator("#new-cases")).to_contain_text("1 新")
    place.close(ids[0])
    gone = row(page, ids[0])
    expect(gone).to_have_class(re.compile("gone"))
    expect(gone).to_contain_text("已结案")
    expect(gone).to_have_attribute("aria-label", re.compile("已结案"))
    assert order(page) == ids
    assert tops(page) == before
    assert chosen(page) == ids[1]
    expect(page.get_by_role("tab", name="待我处理")).to_contain_text("4")
    page.keyboard.press("n")
    expect(gone).to_have_count(0)
    assert order(page) == [urgent, *ids[1:]]
    assert chosen(page) == ids[1]  # by its id, wherever it stands now
    expect(row(page, ids[1])).to_have_attribute("aria-selected", "true")
    expect(page.locator("#new-cases")).to_be_hidden()


def test_the_pill_takes_new_cases_in_by_a_click(page: Page, place: Place) -> None:
    place.reports(1)
    place.wait(1)
    opened(page, place.address, 1)
    place.reports(2)
    pill = page.locator("#new-cases")
    expect(pill).to_contain_text("2 新")
    pill.click()
    expect(rows(page)).to_have_count(3)


def test_where_no_case_stands_the_first_one_is_taken_in_at_once(page: Page, place: Place) -> None:
    """There is no row to move, and "nothing to do" would not be true any more."""
    page.goto(place.address)
    nothing = page.get_by_text("没有待处理的案件")
    expect(nothing).to_be_visible()
    page.locator("#search").press("Tab")  # somebody works here
    first = place.report()
    expect(rows(page)).to_have_count(1)
    expect(nothing).to_be_hidden()
    expect(page.locator("#new-cases")).to_be_hidden()
    page.keyboard.press("j")
    place.report(priority=3)
    expect(page.locator("#new-cases")).to_contain_text("1 新")
    assert order(page) == [first]


def test_with_nothing_chosen_and_nobody_at_it_the_list_renews_itself(
    page: Page, place: Place
) -> None:
    place.reports(1)
    place.wait(1)
    opened(page, place.address, 1)
    page.keyboard.press("Escape")
    place.reports(1)
    expect(page.locator("#new-cases")).to_contain_text("1 新")
    page.evaluate("window.one_map.page.awayAt = Date.now() - 29000")
    expect(rows(page)).to_have_count(2)


def test_a_case_that_is_acknowledged_changes_in_place(page: Page, place: Place) -> None:
    ids = place.reports(2)
    place.wait(2)
    opened(page, place.address, 2)
    held = place.server.read(f"/api/incidents/{ids[0]}")
    wish = {"action": "acknowledge", "version": held["version"], "key": uuid.uuid4().hex}
    allowed = [one["action"] for one in held["actions"] if one["allowed"]]
    assert "acknowledge" in allowed
    place.server.ask("POST", f"/api/incidents/{ids[0]}/actions", wish)
    expect(row(page, ids[0])).not_to_contain_text("未确认")
    assert order(page) == ids


def test_the_address_holds_the_list_over_reload_and_back(page: Page, place: Place) -> None:
    ids = place.reports(2)
    other = place.reports(1, title="占道经营", priority=3)[0]
    place.wait(3)
    opened(page, f"{place.address}&queue=all", 3)
    page.get_by_role("searchbox").fill("占道")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("combobox", name="优先级").select_option("3")
    expect(rows(page)).to_have_count(1)
    row(page, other).click()
    page.get_by_role("combobox", name="排序").select_option("newest")
    shared = page.url
    page.reload()
    expect(rows(page)).to_have_count(1)
    expect(row(page, other)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox", name="优先级")).to_have_value("3")
    expect(page.get_by_role("combobox", name="排序")).to_have_value("newest")
    assert page.url == shared
    page.go_back()
    expect(page.get_by_role("combobox", name="排序")).to_have_value("urgency")
    page.go_back()
    expect(rows(page)).to_have_count(3)
    assert set(order(page)) == {*ids, other}
    page.go_forward()
    expect(rows(page)).to_have_count(1)


def test_digits_and_tabs_switch_the_queue_and_an_empty_one_says_so(
    page: Page, place: Place
) -> None:
    place.reports(1)
    place.wait(1)
    opened(page, place.address, 1)
    page.keyboard.press("Escape")
    page.keyboard.press("6")
    expect(page.get_by_role("tab", name="挂账")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#queue-state")).to_contain_text("没有挂账的案件")
    assert "queue=suspended" in page.url
    page.locator("#queue-state").get_by_role("button").click()
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="全部").click()
    assert "queue=all" in page.url
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="下级")).to_be_focused()
    expect(page.locator("#tiers")).to_have_text(re.compile(r"区 \d+ \+ 街道 \d+ \+ 社区 \d+ = 1"))


def test_another_desk_is_looked_at_by_the_picker(page: Page, place: Place) -> None:
    place.reports(1)
    place.wait(1)
    page.goto("/desk")
    picker = page.get_by_role("combobox", name="看哪里的值守台")
    picker.select_option(place.community)
    expect(rows(page)).to_have_count(1)
    assert f"area={place.community}" in page.url
    page.goto("/desk?area=999")
    expect(page.locator("#notice")).to_contain_text("999")


HOSTILE = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>',
    "\u202e\u2067reversed\u202e title \u200f\u061c",
    "超长标题" * 50,  # the intake takes 200 characters
    "a" * 200,
)


def test_hostile_and_endless_titles_are_text_and_break_nothing(page: Page, place: Place) -> None:
    ids = [place.reports(1, title=title)[0] for title in HOSTILE]
    place.wait(len(ids))
    opened(page, place.address, len(ids))
    assert page.evaluate("window.hacked") is None
    assert page.locator(".list img, .list script").count() == 0
    box = page.locator("#queue").bounding_box()
    assert box
    for identity in ids:
        spot = row(page, identity).bounding_box()
        assert spot
        assert spot["height"] == pytest.approx(66, abs=1)
        assert spot["x"] + spot["width"] <= box["x"] + box["width"] + 1
        clock = row(page, identity).locator(".case-clock").bounding_box()
        assert clock
        assert clock["x"] + clock["width"] <= box["x"] + box["width"]
        label = row(page, identity).get_attribute("aria-label") or ""
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f\u061c]", label)
    for _ in ids:
        page.keyboard.press("j")
    assert chosen(page) == order(page)[-1]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_title_longer_than_the_intake_takes_breaks_nothing_either(
    page: Page, place: Place
) -> None:
    place.reports(2)
    place.wait(2)

    def lengthen(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for one, letter in zip(body["items"], "a长", strict=True):
            one["title"] = letter * 10_000
        route.fulfill(response=answer, json=body)

    page.route("**/api/queue?*", lengthen)
    opened(page, place.address, 2)
    first, second = tops(page)
    assert second - first == pytest.approx(66, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_else_has_the_case_open_is_named(
    page: Page, place: Place, visit: Visit, live_server: LiveServer
) -> None:
    (case,) = place.reports(1)
    place.wait(1)
    opened(page, place.address, 1)
    expect(row(page, case)).to_have_attribute("aria-selected", "true")
    expect(row(page, case)).not_to_contain_text("admin")
    name = live_server.add_account("officer", place.community)
    other = visit(sign_in(live_server.url, name, PASSWORD))
    opened(other, "/desk", 1)
    expect(row(other, case)).to_contain_text("admin 也在看")
    expect(row(page, case)).to_contain_text(f"{name} 也在看")
    other.keyboard.press("Escape")
    expect(row(page, case)).not_to_contain_text(name)


def test_the_place_and_what_is_near_it_is_drawn(page: Page, place: Place) -> None:
    (case,) = place.reports(1)
    place.wait(1)
    opened(page, place.address, 1)
    expect(page.locator(".place svg[role=img] .land.chosen")).to_have_count(1)
    expect(page.locator(".place-head")).to_contain_text("在办 1")
    facts = page.locator(".place-facts")
    expect(facts).to_contain_text("同网格在办1 件")
    page.keyboard.press("m")
    page.wait_for_url(f"**/map?area={place.grid}")
    assert case


def test_when_it_is_cut_off_the_list_stays_with_its_age(page: Page, place: Place) -> None:
    ids = place.reports(2)
    place.wait(2)
    opened(page, place.address, 2)
    page.evaluate(
        """() => {
          const live = window.one_map.page.live;
          live.connect = () => { throw new Error('the network is away'); };
          live.socket.close();
        }"""
    )
    expect(page.locator("#banner")).to_contain_text("断开")
    expect(page.locator("#queue-state")).to_contain_text("清单停在")
    assert order(page) == ids
    assert page.evaluate("window.one_map.page.offline") is True


def test_a_list_that_cannot_be_had_says_so_and_is_asked_for_again(page: Page, place: Place) -> None:
    place.reports(1)
    place.wait(1)
    page.route("**/api/queue?*", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(place.address)
    expect(page.locator("#queue-state")).to_contain_text("没有取到清单")
    page.unroute("**/api/queue?*")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#queue-state")).to_be_hidden()


def test_pages_of_a_long_queue(page: Page, place: Place) -> None:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    data = {"class": "01-10", "title": "暴露生活垃圾", "channel": "collector", "priority": 4}
    events = [
        {
            "type": "incident.reported",
            "area": place.grid,
            "time": moment,
            "data": data | {"incident": f"M-{uuid.uuid4().hex[:12]}"},
        }
        for _ in range(203)
    ]
    for i in range(0, len(events), 50):
        place.server.post(*events[i : i + 50])
    deadline = time.monotonic() + 10
    while place.server.read(f"/api/queue?area={place.community}&queue=all")["total"] < 203:
        assert time.monotonic() < deadline
    opened(page, place.address, 200)
    expect(page.locator("#pager")).to_contain_text("第 1–200 件，共 203 件")
    page.get_by_role("button", name="下一页").click()
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#pager")).to_contain_text("第 201–203 件，共 203 件")
    page.reload()
    expect(rows(page)).to_have_count(3)
    page.go_back()
    expect(rows(page)).to_have_count(200)


@pytest.mark.parametrize("query", ["", "&queue=suspended", "&queue=all&priority=4"])
def test_each_language_is_complete(page: Page, place: Place, query: str) -> None:
    place.reports(1)
    place.wait(1)
    page.goto(place.address + query)
    expect(page.locator("#tabs b").first).to_have_text(re.compile(r"\d"))
    expect(page.locator(".list.has-none, #queue [role=option]").first).to_be_visible()
    for text in page.evaluate(SHOWN_TEXT):
        assert text == "EN" or not LATIN_WORD.search(re.sub(r"\b(Esc|admin)\b", "", text)), text
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert "lang=en" in page.url
    for text in page.evaluate(SHOWN_TEXT):
        assert text == "中文" or not HAN.search(text), text


@pytest.mark.parametrize("size", [(1366, 768), (960, 540), (683, 384), (3840, 2160)])
def test_nothing_is_clipped_or_laid_over_another(
    page: Page, place: Place, size: tuple[int, int]
) -> None:
    place.reports(2)
    place.wait(2)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page, f"{place.address}&lang=en", 2)
    expect(page.locator(".place svg[role=img] .land.chosen")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    clipped = """() =>
      [...document.querySelectorAll('#tabs [role=tab], .finder > *, .place-facts div')]
      .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
      .map((node) => node.textContent)"""
    assert page.evaluate(clipped) == []
    boxes = page.eval_on_selector_all(
        ".desk > *:not([hidden]), .beside > *:not(:empty):not([hidden])",
        "nodes => nodes.map((n) => n.getBoundingClientRect().toJSON())",
    )
    columns = boxes[:3] if size[0] > 1180 else []
    for left, right in pairwise(columns):
        assert left["right"] <= right["left"] + 1
