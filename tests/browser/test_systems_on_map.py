"""The filter of the one map by a service system, in a real browser, fed through the front door."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, LiveServer
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

COMMUNITY, DISTRICT = "530111005004", "530111"
OWN_GRID = f"{COMMUNITY}001"  # where no other test reports
SAFETY, DISPUTES, PARTY, ALL = "safety-emergency", "dispute-resolution", "party-leadership", ""


@pytest.fixture(scope="module")
def cases(live_server: LiveServer) -> dict[str, list[str]]:
    """Cases of one grid: two of safety, one of them by a leader, and one dispute."""
    place = {"lon": 102.72, "lat": 25.01}
    return {
        SAFETY: [
            live_server.report(OWN_GRID, **{"class": "05-06", "priority": 1}, **place),
            live_server.report(OWN_GRID, **{"class": "05-06", "priority": 3, "channel": "leader"}),
        ],
        DISPUTES: [live_server.report(OWN_GRID, **{"class": "01-28", "priority": 2}, **place)],
    }


def opened(page: Page, address: str = f"/map?area={COMMUNITY}") -> Page:
    page.goto(address)
    expect(page.locator("[data-kpi=open] .value")).to_have_text(re.compile(r"\d"))
    expect(page.locator("#crumbs b")).not_to_be_empty()
    return page


def choice(page: Page, system: str) -> Locator:
    return page.locator(f'#systems [data-name="{system}"]')


def value(page: Page, live_server: LiveServer, system: str, kpi: str) -> Locator:
    """The tile of a KPI by its place among the system's."""
    names = [one["id"] for one in row(live_server, system)["kpis"]]
    return page.locator(f"[data-kpi=system{names.index(kpi)}] .value")


def row(live_server: LiveServer, system: str, area: str = COMMUNITY) -> dict:
    answer = live_server.read(f"/api/systems?area={area}")
    return next(one for one in answer["systems"] if one["id"] == system)


def shown(page: Page) -> set[str]:
    """Ids of the incidents that the list of the most urgent is of; all that the filter leaves."""
    return set(
        page.evaluate(
            "() => [...window.one_map.page.systems.marks(window.one_map.page.picture()).keys()]"
        )
    )


def queue(live_server: LiveServer, system: str) -> set[str]:
    answer = live_server.read(f"/api/queue?area={COMMUNITY}&queue=all&system={system}&limit=500")
    return {item["id"] for item in answer["items"]}


def test_a_click_leaves_one_systems_marks_and_shows_its_numbers(page, live_server, cases):
    opened(page)
    expect(page.locator("#system")).to_be_hidden()
    choice(page, SAFETY).click()
    expect(page.locator("#system h2")).to_contain_text("公共安全与应急体系")
    expect(page.locator("#system .proposal")).to_be_visible()
    expect(choice(page, SAFETY)).to_have_attribute("aria-checked", "true")
    expect(choice(page, ALL)).to_have_attribute("aria-checked", "false")
    assert f"system={SAFETY}" in page.url
    told, listed = row(live_server, SAFETY), queue(live_server, SAFETY)
    assert set(cases[SAFETY]) <= listed
    expect(value(page, live_server, SAFETY, "open")).to_have_text(str(told["open"] + told["also"]))
    assert len(listed) == told["open"] + told["also"]
    assert shown(page) == listed
    expect(page.locator("#urgent button")).to_have_count(min(4, len(listed)))
    choice(page, ALL).click()
    expect(page.locator("#system")).to_be_hidden()
    assert "system=" not in page.url
    assert shown(page) > listed


def test_every_kpi_is_what_the_api_says(page, live_server, cases):
    for system in (SAFETY, DISPUTES, PARTY, "service-city", "public-order", "grid-service"):
        opened(page, f"/map?area={COMMUNITY}&system={system}")
        for i, kpi in enumerate(row(live_server, system)["kpis"]):
            tile = page.locator(f"[data-kpi=system{i}]")
            expect(tile).to_be_visible()
            live = tile.locator(".kpi-age.fr-live")
            if kpi["value"] is None:
                expect(tile.locator(".value")).to_have_text(re.compile("—|无数据"))
            elif live.count():
                expect(tile.locator(".value")).to_have_text(re.compile(rf"^{kpi['value']:,}"))
            else:  # no feed of the source was ever heard
                expect(tile.locator(".value")).to_have_text("无数据")
        left = 5 - len(row(live_server, system)["kpis"])
        expect(page.locator("#system .kpi:not([hidden])")).to_have_count(5 - left)


def test_a_case_that_came_by_a_leader_is_also_the_party_systems(page, live_server, cases):
    opened(page, f"/map?area={COMMUNITY}&system={PARTY}")
    expect(value(page, live_server, PARTY, "open")).to_have_text("1")
    names = [one["id"] for one in row(live_server, PARTY)["kpis"]]
    note = page.locator(f"[data-kpi=system{names.index('open')}] .kpi-note")
    expect(note).to_have_text("含他属 1 件")
    assert shown(page) == {cases[SAFETY][1]} == queue(live_server, PARTY)


def test_marks_in_the_legend_are_of_the_filter(page, live_server, cases):
    opened(page, f"/map?area={COMMUNITY}&system={DISPUTES}")
    n = len(queue(live_server, DISPUTES))
    expect(page.locator("#legend .filtered")).to_have_text("标记仅限矛盾纠纷化解体系")
    expect(page.locator("#legend .cut-offs")).to_contain_text(f"事件标记 {n} / {n}")
    by_priority = row(live_server, DISPUTES)["open_by_priority"]
    for priority in (1, 2, 3, 4):
        hint = page.locator(f"#overlays [data-name=p{priority}] em")
        expect(hint).to_have_text(str(by_priority[priority - 1]))


def test_signs_of_streets_count_the_filters_cases(page, live_server, cases):
    opened(page, f"/map?area={DISTRICT}&system={DISPUTES}")
    counted = """() => {
      const { page } = window.one_map;
      return [...page.picture().children.values()].map((one) => page.systems.open(one, 2));
    }"""
    expect(value(page, live_server, DISPUTES, "open")).to_have_text(re.compile(r"^\d"))
    assert (
        sum(page.evaluate(counted)) == row(live_server, DISPUTES, DISTRICT)["open_by_priority"][1]
    )
    choice(page, ALL).click()
    area = live_server.read(f"/api/areas/{DISTRICT}")
    assert sum(page.evaluate(counted)) == area["metrics"]["incidents_open_p2"]


def test_keys_choose_a_system(page, live_server, cases):
    opened(page)
    choice(page, ALL).focus()
    page.keyboard.press("ArrowDown")
    expect(choice(page, PARTY)).to_be_focused()
    expect(choice(page, PARTY)).to_have_attribute("aria-checked", "true")
    assert f"system={PARTY}" in page.url
    page.keyboard.press("ArrowUp")
    expect(choice(page, ALL)).to_have_attribute("aria-checked", "true")
    expect(page.locator("#system")).to_be_hidden()
    page.locator("#colourings [aria-checked=true]").focus()
    page.keyboard.press("Tab")
    expect(choice(page, ALL)).to_be_focused()


def test_a_new_case_reaches_the_filter_without_a_reload(page, live_server, cases):
    opened(page, f"/map?area={COMMUNITY}&system={SAFETY}")
    before = len(queue(live_server, SAFETY))
    expect(value(page, live_server, SAFETY, "open")).to_have_text(str(before))
    live_server.report(OWN_GRID, **{"class": "05-06", "priority": 2})
    live_server.report(OWN_GRID, **{"class": "01-28", "priority": 2})
    expect(value(page, live_server, SAFETY, "open")).to_have_text(str(before + 1))
    expect(page.locator("#overlays [data-name=p2] em")).to_have_text(
        str(row(live_server, SAFETY)["open_by_priority"][1])
    )
    assert shown(page) == queue(live_server, SAFETY)


def test_the_address_keeps_the_filter_and_its_queue_is_one_link_away(page, live_server, cases):
    opened(page, f"/map?area={COMMUNITY}&system={SAFETY}&lang=en")
    expect(page.locator("#system h2")).to_contain_text("Public safety and emergency response")
    link = page.get_by_role("link", name="Open its queue")
    expect(link).to_have_attribute("href", f"/desk?area={COMMUNITY}&system={SAFETY}&lang=en")
    page.locator("#language").click()
    expect(page.locator("#system h2")).to_contain_text("公共安全与应急体系")
    page.reload()
    expect(choice(page, SAFETY)).to_have_attribute("aria-checked", "true")


def test_a_system_that_does_not_exist_is_told_and_filters_nothing(page, live_server, cases):
    opened(page, f"/map?area={COMMUNITY}&system=fire")
    expect(page.locator("#notice")).to_contain_text("没有编号为 fire 的体系")
    expect(choice(page, ALL)).to_have_attribute("aria-checked", "true")
    assert shown(page) >= {*cases[SAFETY], *cases[DISPUTES]}


def test_who_may_not_see_cases_is_offered_no_queue(visit, live_server, cases):

    name = live_server.add_account("viewer", DISTRICT)
    page = opened(visit(sign_in(live_server.url, name, PASSWORD)), f"/map?system={SAFETY}")
    expect(page.locator("#system h2")).to_contain_text("公共安全与应急体系")
    expect(page.locator("#system a")).to_be_hidden()
