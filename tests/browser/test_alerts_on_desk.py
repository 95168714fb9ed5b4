"""Alerts on the duty desk in a real browser: listed, opened, acted on by keys, heard, muted."""

import time
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import (
    FIRST_GRID,
    PASSWORD,
    SIZE,
    LiveServer,
    running_program,
    until_page,
)
from tests.browser.test_accessibility import serious
from tests.visitor import sign_in

pytestmark = pytest.mark.browser

KEEP_THE_AUDIO = """AudioContext = class extends AudioContext {
  constructor() { super(); window.made = this; }
};"""
OTHER_STREET = "530111002001001"  # a grid
P1 = {"class": "05-02", "title": "燃气管道泄漏"}  # one urgent hour: priority 1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, chromium_path: str) -> Iterator[LiveServer]:
    """Its own: what rings for the district would ring in every other module's tests."""
    with running_program(tmp_path_factory) as program:
        yield program


@pytest.fixture
def page(server: LiveServer, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SIZE, locale="en-US", base_url=server.url)
    context.set_default_timeout(20_000)
    expect.set_options(timeout=15_000)
    name, _, value = server.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": server.url}])
    opened, faults = context.new_page(), []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []


@pytest.fixture(autouse=True)
def quiet(server: LiveServer) -> Iterator[None]:
    """Leaves nothing that rings to the next test."""
    yield
    for row in server.read("/api/alerts?limit=500")["items"]:
        if row["state"] == "unacknowledged":
            act(server, row["id"], "acknowledge", row["version"])
    if server.read("/api/alerts?limit=1")["total"]:
        server.ask("POST", "/api/alerts/mute", {"area": "530111", "minutes": 0, "key": key()})


def key() -> str:
    return uuid.uuid4().hex


def act(server: LiveServer, alert: str, action: str, version: int) -> None:
    body = {"action": action, "version": version, "key": key()}
    server.ask("POST", f"/api/alerts/{alert}/actions", body)


def ring(server: LiveServer, **more: str) -> str:
    """A new priority 1 incident; the id of its alert once it stands."""
    incident = server.report(FIRST_GRID, incident=f"A-{key()[:12]}", **(P1 | more))
    alert = f"p1-new:{incident}"
    deadline = time.monotonic() + 15
    while alert not in [row["id"] for row in server.read("/api/alerts?limit=500")["items"]]:
        assert time.monotonic() < deadline, "the alert was not raised"
        time.sleep(0.1)
    return alert


def rows(page: Page) -> Locator:
    return page.locator("#queue .alert-row:not(.gone)")


def heard(page: Page) -> int:
    return int(page.evaluate("one_map.alertSound.state().ringing"))


def waits_for_level(page: Page, level: int) -> None:
    until_page(page, "one_map.alertSound.state().ringing", level)


def opened(page: Page, address: str = "/desk?queue=alerts") -> Page:
    page.goto(address)
    until_page(page, "Boolean(window.one_map?.page?.alerts?.told)")
    return page


def test_an_alert_is_opened_and_acknowledged_by_keys_alone(server: LiveServer, page: Page) -> None:
    alert = ring(server)
    opened(page)
    expect(rows(page)).not_to_have_count(0)
    page.keyboard.press("9")
    page.evaluate("id => one_map.page.selectAlert(id)", alert)
    pane = page.locator("#alert")
    expect(pane.locator("h2")).to_have_text("燃气管道破裂")
    expect(pane.locator(".alert-state")).to_contain_text("未确认")
    expect(pane.locator(".alert-expects")).to_contain_text("确认并派遣")
    expect(pane.locator("dd a")).to_have_attribute("href", "/rules?rule=p1-new")
    page.keyboard.press("Enter")
    expect(pane.locator(".case-said")).to_have_text("已确认")
    expect(pane.locator(".alert-state")).to_contain_text("admin")
    row = server.read(f"/api/alerts/{alert}")
    assert (row["state"], row["acknowledged_by"]) == ("acknowledged", "admin")
    assert page.locator("#alert [data-do=acknowledge]").get_attribute("aria-disabled") == "true"


def test_a_shelf_needs_its_end_and_its_reason_and_can_be_taken_back(
    server: LiveServer, page: Page
) -> None:
    alert = ring(server)
    opened(page, f"/desk?queue=alerts&alert={alert}")
    pane = page.locator("#alert")
    expect(pane.locator("[data-do=shelve]")).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(pane.locator(".problem")).to_contain_text("15:30")
    pane.locator("text=15 分钟").click()
    pane.locator("text=计划内施工").click()
    pane.locator("#alert-field-note").fill("换主板")
    page.keyboard.press("a")  # typed, no action
    pane.locator(".case-send .primary").click()
    expect(pane.locator(".alert-state")).to_contain_text("计划内施工：换主板a")
    shelved = server.read(f"/api/alerts/{alert}")["shelved"]
    assert (shelved["by"], shelved["reason"]) == ("admin", "计划内施工：换主板a")
    page.wait_for_timeout(500)  # the second half of a double key does nothing
    pane.locator("h2").focus()
    page.keyboard.press("u")
    expect(pane.locator(".alert-state")).not_to_contain_text("计划内施工")
    assert server.read(f"/api/alerts/{alert}")["shelved"] is None


def test_who_comes_second_is_told_who_was_first(server: LiveServer, page: Page) -> None:
    alert = ring(server)
    opened(page, f"/desk?queue=alerts&alert={alert}")
    expect(page.locator("#alert [data-do=acknowledge]")).to_be_visible()
    officer = server.add_account("officer", "530111")
    other = sign_in(server.url, officer, PASSWORD)
    page.evaluate(
        "one_map.page.alerts.pane.changed = () => {}"
    )  # the newer row is still on its way
    held = server.cookie
    server.cookie = other
    act(server, alert, "acknowledge", server.read(f"/api/alerts/{alert}")["version"])
    server.cookie = held
    page.keyboard.press("a")
    expect(page.locator("#alert .case-said")).to_contain_text(f"{officer} 先办了")
    expect(page.locator("#alert .alert-state")).to_contain_text(f"{officer} 于")


def test_it_sounds_until_it_is_acknowledged_and_a_new_p1_goes_through_a_mute(
    server: LiveServer, page: Page
) -> None:
    opened(page)
    assert heard(page) == 0
    alert = ring(server)
    waits_for_level(page, 1)
    if page.locator(".alert-silent").is_visible():
        page.locator(".alert-silent").click()
    until_page(page, "one_map.alertSound.state().enabled")
    expect(page.locator(".alert-silent")).to_be_hidden()
    page.locator(".alert-sound summary").click()
    page.locator("text=静音 1 分钟").click()
    waits_for_level(page, 0)
    expect(page.locator(".alert-muted")).to_contain_text("admin 已静音")
    second = ring(server, title="再一处泄漏")
    waits_for_level(page, 1)
    for one in (alert, second):
        act(server, one, "acknowledge", server.read(f"/api/alerts/{one}")["version"])
    waits_for_level(page, 0)


def test_the_first_click_on_a_desk_hits_what_it_was_aimed_at(
    server: LiveServer, page: Page
) -> None:
    """It also lets the desk sound, and the row above that said so goes: after the click."""
    ring(server)
    page.add_init_script(KEEP_THE_AUDIO)
    opened(page)
    page.evaluate("made.suspend()")  # as it is where nobody has clicked yet
    expect(page.locator(".alert-silent")).to_be_visible()
    aimed = rows(page).first
    expect(aimed).to_have_attribute("aria-selected", "false")
    until_page(page, "one_map.page.list.asOf !== null")  # the page is whole,
    # and the banners of its beginning, or of the test before, are gone
    for passing in ("#banner", ".alert-stands", ".alert-muted"):
        expect(page.locator(passing)).to_be_hidden()
    box = aimed.bounding_box() or {}
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(300)  # as long as a hand takes, and longer than the browser
    assert aimed.bounding_box() == box
    page.mouse.up()
    expect(aimed).to_have_attribute("aria-selected", "true")
    expect(page.locator(".alert-silent")).to_be_hidden()


def test_of_two_tabs_one_sounds(server: LiveServer, page: Page) -> None:
    opened(page)
    other = page.context.new_page()
    opened(other)
    for one in (page, other):
        one.bring_to_front()
        one.locator("#queue").click()
        until_page(one, "one_map.alertSound.state().enabled")
    ring(server)
    for one in (page, other):
        waits_for_level(one, 1)
    leads = "one_map.alertSound.state().leads"
    page.wait_for_timeout(1500)
    assert [page.evaluate(leads), other.evaluate(leads)].count(True) == 1


def test_a_case_in_the_list_carries_the_bell_instead_of_a_second_row(
    server: LiveServer, page: Page
) -> None:
    alert = ring(server)
    incident = alert.partition(":")[2]
    opened(page, "/desk?queue=all&priority=1")
    bell = page.locator(f"#queue [data-id='{incident}'] .case-bell")
    expect(bell).to_contain_text("新的一级事件")
    expect(bell).to_have_class("case-bell rings")
    expect(page.locator(f"#queue [data-alert*='{incident}']")).to_have_count(0)
    page.keyboard.press("9")
    expect(rows(page)).not_to_have_count(0)


def test_what_comes_is_counted_and_no_row_moves(server: LiveServer, page: Page) -> None:
    ring(server)
    opened(page)
    expect(rows(page)).not_to_have_count(0)
    rows(page).first.hover()
    names = "nodes => nodes.map((node) => node.dataset.alert)"
    before = page.eval_on_selector_all("#queue .alert-row", names)
    tops = """nodes => nodes.map((node) => node.getBoundingClientRect().top
        - document.getElementById('queue').getBoundingClientRect().top)"""
    tops_before = page.eval_on_selector_all("#queue .alert-row", tops)
    for grid in (FIRST_GRID, OTHER_STREET):
        last = server.report(grid, incident=f"B-{key()[:8]}", **P1)
    held = "[...one_map.page.alerts.list.groups.values()]"
    until_page(page, f"{held}.some((group) => group.incidents.includes({last!r}))")
    page.evaluate("one_map.page.queue.load({ keep: true })")  # as when many cases moved
    page.evaluate("one_map.page.queue.redraw()")
    assert page.evaluate("one_map.page.alerts.nFresh") > 0
    assert page.eval_on_selector_all("#queue .alert-row", names) == before
    assert page.eval_on_selector_all("#queue .alert-row", tops) == tops_before


def test_axe_finds_nothing_serious(server: LiveServer, page: Page) -> None:
    alert = ring(server)
    opened(page, f"/desk?queue=alerts&alert={alert}")
    expect(page.locator("#alert [data-do=acknowledge]")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("s")
    expect(page.locator("#alert .case-form")).to_be_visible()
    assert serious(page) == []


# The small Chromium of the tests has no notifications: it takes them and shows nothing.
ALLOWED = """
window.shown = [];
window.Notification = class extends Notification {
  static get permission() { return "granted"; }
  constructor(title, told) { super(title, told); window.shown.push(this); }
};
Object.defineProperty(document, "hidden", { get: () => Boolean(window.isHidden) });
"""


def test_a_hidden_desk_tells_of_a_new_alert_by_the_browser(server: LiveServer, page: Page) -> None:
    """While the page is seen there is no notification; a click on one opens its alert."""
    page.add_init_script(ALLOWED)
    opened(page)
    seen = ring(server)
    until_page(
        page, f"[...one_map.page.alerts.notices.known].some((one) => one.startsWith({seen!r}))"
    )
    page.evaluate("() => { window.isHidden = true; }")
    alert = ring(server)
    until_page(page, "window.shown.length", 1)
    title, body, tag = page.evaluate("(({ title, body, tag }) => [title, body, tag])(shown[0])")
    assert (title, tag) == ("一张图 · 新告警 P1", alert)
    assert body.startswith("新告警 P1，燃气管道破裂，")
    page.evaluate("() => window.shown[0].onclick()")
    expect(page.locator("#alert h2")).to_have_text("燃气管道破裂")
    until_page(page, "one_map.page.view.alert", alert)
