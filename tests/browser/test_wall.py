"""The wall as it runs: it turns its scenes, obeys the desk, heals, and shows nothing old as new."""

import re
import signal
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import LiveServer, Visit, running_program, until_page

pytestmark = pytest.mark.browser

ROOT_AREA, STREET, OTHER = "530111", "530111001", "530111002"
GRID, OTHER_GRID = "530111001003003", "530111002001001"
DRAWN = "Boolean(window.one_map?.page?.scenes.get(window.one_map.page.shownId)?.drawn)"
SHOWN = "one_map.page.shownId"
PINNED = "one_map.page.rota.pinned?.id ?? null"
HOUR_S = 3600


@pytest.fixture(scope="module")
def live_server(
    tmp_path_factory: pytest.TempPathFactory, chromium_path: str
) -> Iterator[LiveServer]:
    """Of its own: its processes are stopped."""
    with running_program(tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="module")
def address(live_server: LiveServer) -> str:
    """What a kiosk opens."""
    made = live_server.ask("POST", "/api/displays", {"name": "hall", "area": ROOT_AREA})
    return f"{live_server.url}{made['path']}"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    one = browser.new_context(viewport={"width": 1920, "height": 1080})
    yield one
    one.close()


@pytest.fixture
def wall(context: BrowserContext, address: str) -> Page:
    return opened(context, address)


def opened(context: BrowserContext, address: str, more: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{address}&{more}")
    until_page(page, DRAWN)
    until_page(page, "one_map.page.live.status().state", "live")
    return page


def ordered(server: LiveServer, **body: Any) -> dict[str, Any]:
    return server.ask("POST", "/api/walls/hall/order", body)


# ---- scenes ----------------------------------------------------------------------------------


def test_it_starts_by_its_address_with_nothing_that_belongs_to_a_desk(wall: Page) -> None:
    assert "display=" not in wall.url
    assert wall.evaluate(SHOWN) == f"area/{ROOT_AREA}"
    expect(wall.locator(".scene.on .panel-hero b").first).to_have_text(re.compile(r"^\d+$"))
    assert wall.evaluate("getComputedStyle(document.documentElement).cursor") == "none"
    assert (
        wall.evaluate("document.querySelectorAll('button, a, input, dialog, .skeleton').length")
        == 0
    )
    overflow = "[document.documentElement, document.body].map((n) => getComputedStyle(n).overflow)"
    assert wall.evaluate(overflow) == ["hidden", "hidden"]


def test_the_next_scene_is_complete_before_the_last_one_goes(wall: Page) -> None:
    """Seen from inside at every frame: one scene is on, and it has its numbers."""
    wall.evaluate(WATCH_FRAMES)
    for _ in range(12):
        before = wall.evaluate(SHOWN)
        wall.evaluate("one_map.page.rota.skip(one_map.page.now()); one_map.page.tick()")
        until_page(wall, f"{SHOWN} !== '{before}'")
    frames = wall.evaluate("window.seen")
    assert len({frame[0] for frame in frames}) >= 12
    assert all(frame[1] for frame in frames), [f for f in frames if not f[1]]


WATCH_FRAMES = """() => {
  window.seen = [];
  const look = () => {
    const on = [...document.querySelectorAll(".scene.on")];
    const text = on[0]?.querySelector(".hero b, .fig-value b, .bullet-value b")?.textContent;
    window.seen.push([on[0]?.dataset.scene, on.length === 1 && Boolean(text)]);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_a_scene_that_comes_again_never_shows_what_it_held_as_if_it_were_live(
    wall: Page, live_server: LiveServer
) -> None:
    pin = "(id) => { one_map.page.rota.pin(one_map.page.now(), id); one_map.page.tick(); }"
    wall.evaluate(pin, f"area/{STREET}")
    until_page(wall, SHOWN, f"area/{STREET}")
    before = wall.locator(".scene.on .panel-hero b").first.text_content()
    wall.evaluate(pin, f"cameras/{ROOT_AREA}")
    until_page(wall, SHOWN, f"cameras/{ROOT_AREA}")
    open_cases = f"one_map.page.held.areas.get('{ROOT_AREA}').area.metrics.incidents_open"
    held = wall.evaluate(open_cases)
    live_server.report(GRID)
    until_page(wall, open_cases, held + 1)
    wall.evaluate(WATCH_HERO)
    wall.evaluate(pin, f"area/{STREET}")
    until_page(wall, SHOWN, f"area/{STREET}")
    wall.wait_for_timeout(500)
    seen = [frame for frame in wall.evaluate("window.heroes") if frame[0] == f"area/{STREET}"]
    assert seen
    assert [frame for frame in seen if frame[1] == before and not frame[2]] == []


WATCH_HERO = """() => {
  window.heroes = [];
  const look = () => {
    const on = document.querySelector(".scene.on"), hero = on?.querySelector(".panel-hero b");
    const stale = hero?.classList.contains("val-stale");
    if (hero) window.heroes.push([on.dataset.scene, hero.textContent, stale]);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_keys_turn_and_hold_the_scenes(wall: Page) -> None:
    wall.keyboard.press("ArrowRight")
    until_page(wall, SHOWN, f"alerts/{ROOT_AREA}")
    wall.keyboard.press("ArrowLeft")
    until_page(wall, SHOWN, f"area/{ROOT_AREA}")
    wall.keyboard.press("p")
    assert wall.evaluate(PINNED) == f"area/{ROOT_AREA}"
    expect(wall.locator(".next")).to_have_text("已固定，不轮播")
    wall.keyboard.press("p")
    assert wall.evaluate(PINNED) is None


def test_a_new_priority_1_takes_the_wall_to_its_place(wall: Page, live_server: LiveServer) -> None:
    until_page(wall, "one_map.page.rota.known !== null")
    name = live_server.report(GRID, **{"class": "05-01", "priority": 1})
    until_page(wall, SHOWN, f"area/{STREET}")
    expect(wall.locator(".scene.on .card-title").first).to_have_text("供水管道破裂")
    expect(wall.locator(".next")).to_have_text(re.compile(r"新的 P1 事件，\d+ 秒后继续轮播"))
    expect(wall.locator(".scene.on .card .g1.unack")).to_have_count(1)
    for action in ("file", "cancel"):
        data = {"incident": name, "action": action, "by": "desk", "note": "tests"}
        live_server.post({"type": "incident.moved", "data": data})
    until_page(wall, SHOWN, f"area/{ROOT_AREA}")


# ---- directed from a desk ----------------------------------------------------------------------


def test_a_desk_sends_a_scene_and_takes_it_back(wall: Page, live_server: LiveServer) -> None:
    ordered(live_server, do="show", scene=f"area/{STREET}")
    until_page(wall, SHOWN, f"area/{STREET}")
    expect(wall.locator(".next")).to_have_text("admin 指定的画面")
    ordered(live_server, do="release")
    until_page(wall, PINNED, None)
    ordered(live_server, do="skip")
    until_page(wall, f"{SHOWN} !== 'area/{STREET}'")


def test_the_map_leads_a_wall_that_follows(
    wall: Page, live_server: LiveServer, visit: Visit
) -> None:
    desk = visit(live_server.cookie)
    desk.goto(f"{live_server.url}/map?area={OTHER}")
    desk.locator("#walls summary").click()
    row = desk.locator(".wall-row[data-wall=hall]")
    expect(row).to_contain_text("轮播中")
    row.locator("[data-act=follow]").click()
    until_page(wall, SHOWN, f"area/{OTHER}")
    expect(desk.locator("#notice")).to_have_text(re.compile("大屏 hall 显示"))
    desk.evaluate(f"one_map.page.drill('{STREET}')")
    until_page(wall, SHOWN, f"area/{STREET}")
    if not desk.locator(".wall-row[data-wall=hall]").is_visible():
        desk.locator("#walls summary").click()
    desk.locator(".wall-row[data-wall=hall] [data-act=release]").click()
    until_page(wall, PINNED, None)
    desk.evaluate(f"one_map.page.drill('{OTHER}')")
    desk.wait_for_timeout(500)
    assert wall.evaluate(PINNED) is None


def test_other_scenes_are_sent_from_the_desk(
    wall: Page, live_server: LiveServer, visit: Visit
) -> None:
    desk = visit(live_server.cookie)
    desk.goto(f"{live_server.url}/desk")
    desk.locator("#walls summary").click()
    desk.locator(".menu.walls select").select_option("cameras")
    desk.locator(".wall-row[data-wall=hall] [data-act=show]").click()
    until_page(wall, SHOWN, f"cameras/{ROOT_AREA}")
    desk.locator(".wall-row[data-wall=hall] [data-act=release]").click()
    until_page(wall, PINNED, None)


# ---- true and never blank ------------------------------------------------------------------------


def test_a_wall_whose_clock_is_an_hour_wrong_tells_the_servers_time(
    context: BrowserContext, address: str, live_server: LiveServer
) -> None:
    context.add_init_script(f"const real = Date.now; Date.now = () => real() + {HOUR_S * 1000};")
    page = opened(context, address)
    wrong = page.evaluate("one_map.page.now()") - time.time() * 1000
    assert abs(wrong) < 3000
    live_server.report(OTHER_GRID)
    expect(page.locator(".feeds .feed span").first).to_have_text(re.compile(r"^\d+ (秒|分.*)$"))
    assert page.evaluate("one_map.page.isCut()") is False
    expect(page.locator(".scene.on .val-stale")).to_have_count(0)


def test_a_wall_that_slept_a_day_takes_the_present(
    context: BrowserContext, address: str, live_server: LiveServer
) -> None:
    """Its clock jumps and its socket is dead, as when a machine wakes up."""
    context.add_init_script(
        "const real = Date.now; window.ahead = 0; Date.now = () => real() + window.ahead;"
    )
    page = opened(context, address)
    page.evaluate("one_map.page.rota.pin(one_map.page.now(), 'area/530111')")
    page.evaluate(ASLEEP_FOR_A_DAY)
    until_page(page, "one_map.page.live.status().state", "live")
    until_page(page, "Math.abs(one_map.page.now() - (Date.now() - 86400e3)) < 3000")
    assert page.evaluate("window.deltas") < 5, "the day is not replayed"
    expect(page.locator(".scene.on .val-stale")).to_have_count(0)


ASLEEP_FOR_A_DAY = """() => {
  const { live } = one_map.page, heard = live._heard.bind(live);
  window.deltas = 0;
  live._heard = (text) => {
    if (JSON.parse(text).delta !== undefined) window.deltas += 1;
    heard(text);
  };
  window.ahead = 86400e3;
  live._lost(false);
}"""


def test_the_server_goes_and_comes_back(wall: Page, live_server: LiveServer) -> None:
    """The whole web process is killed: the picture stays, with its age; then it heals by itself."""
    opened_before = wall.evaluate("performance.timeOrigin")
    before = wall.locator(".scene.on .panel-hero b").first.text_content()
    web = live_server.child("web")
    psutil.Process(web).send_signal(signal.SIGSTOP)
    try:
        until_page(wall, "one_map.page.isCut()", True)
        expect(wall.locator(".wall-banner b").first).to_have_text(re.compile("服务器 .* 没有消息"))
        expect(wall.locator(".wall-banner").first).to_contain_text("画面停在")
        hero = wall.locator(".scene.on .panel-hero b").first
        expect(hero).to_have_class(re.compile("val-stale"))
        assert hero.text_content() == before
    finally:
        psutil.Process(web).send_signal(signal.SIGCONT)
        psutil.Process(web).kill()
    live_server.wait_ready()
    until_page(wall, "one_map.page.live.status().state", "live")
    expect(wall.locator(".wall-banner").first).to_be_hidden()
    assert wall.evaluate("performance.timeOrigin") == opened_before, "it was not loaded anew"


def test_a_page_that_opens_while_the_server_is_away_shows_the_last_picture(
    context: BrowserContext, address: str, live_server: LiveServer
) -> None:
    """Power is back before the server is: the page comes from its own copy."""
    page = opened(context, address)
    until_page(page, "Boolean(navigator.serviceWorker.controller)")
    page.evaluate("navigator.serviceWorker.ready")
    until_page(page, COPIED)
    before = page.locator(".scene.on .panel-hero b").first.text_content()
    page.evaluate("one_map.page._keepAll()")
    web = psutil.Process(live_server.child("web"))
    launcher = psutil.Process(live_server.process.pid)
    launcher.send_signal(signal.SIGSTOP)  # nobody starts it again meanwhile
    web.kill()
    try:
        page.reload(wait_until="commit")
        until_page(page, "Boolean(window.one_map?.page?.shownId)")
        expect(page.locator(".scene.on .panel-hero b").first).to_have_text(before or "")
        expect(page.locator(".scene.on .panel-hero b").first).to_have_class(re.compile("val-stale"))
        expect(page.locator(".wall-banner").first).to_contain_text("画面停在")
        expect(page.locator(".scene.on path.fill").first).to_be_attached()
    finally:
        launcher.send_signal(signal.SIGCONT)
    live_server.wait_ready()
    until_page(page, "one_map.page.live.status().state", "live")
    expect(page.locator(".scene.on .panel-hero b").first).not_to_have_class(re.compile("val-stale"))


COPIED = """(async () => {
  for (const name of await caches.keys())
    if (await (await caches.open(name)).match("/wall")) return true;
  return false;
})()"""


def test_it_loads_itself_anew_when_the_program_was_updated_and_keeps_its_place(
    context: BrowserContext, address: str
) -> None:
    """Behind its last frame: from the first frame on there is a scene with its numbers."""
    context.add_init_script(f"({WATCH_FIRST})()")
    wall = opened(context, address)
    wall.keyboard.press("ArrowRight")
    until_page(wall, SHOWN, f"alerts/{ROOT_AREA}")
    told = "{ version: 'another', scene: null, skips: 0, by: '' }"
    with wall.expect_navigation():
        wall.evaluate(f"one_map.page._ordered({told})")
    until_page(wall, "window.one_map?.page?.shownId ?? null", f"alerts/{ROOT_AREA}")
    until_page(wall, DRAWN)
    frames = wall.evaluate("window.frames_seen")
    assert frames
    assert all(text for text in frames), frames
    expect(wall.locator(".last-frame")).to_have_count(0)


WATCH_FIRST = """() => {
  window.frames_seen = [];
  const look = () => {
    window.frames_seen.push(document.querySelector(".scene.on .hero b")?.textContent ?? "");
    if (window.frames_seen.length < 200) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def test_its_watchdog_tells_that_it_lives_and_when_it_stands_still(
    wall: Page, live_server: LiveServer
) -> None:
    screen = wall.evaluate("one_map.wallKeep.screenName()")

    def told(health: str, seconds: float) -> dict[str, Any]:
        return until_sign(live_server, screen, lambda sign: sign["health"] == health, seconds)

    sign = until_sign(live_server, screen, lambda sign: bool(sign["fps"]), 25)
    assert sign["health"] == "alive"
    assert sign["scene"].startswith("area/")
    assert (sign["width"], sign["height"], sign["current"]) == (1920, 1080, True)
    assert sign["heap_mb"] > 0
    wall.evaluate(
        "setTimeout(() => { const end = Date.now() + 17000; while (Date.now() < end); }, 0)"
    )
    assert told("frozen", 40)["frozen_s"] >= 10
    told("alive", 40)


def until_sign(server: LiveServer, screen: str, wanted: Any, seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while True:
        rows = server.read("/api/displays")["items"]
        signs = [sign for row in rows for sign in row["signs"] if sign["screen"] == screen]
        if signs and wanted(signs[0]):
            return dict(signs[0])
        assert time.monotonic() < deadline, signs
        time.sleep(0.5)


def test_a_wall_that_cannot_be_read_from_there_says_so(
    context: BrowserContext, address: str
) -> None:
    page = context.new_page()
    page.goto(f"{address}&d=8&p=0.63&lang=en")
    expect(page.locator(".too-far h1")).to_have_text("This wall cannot be read from 8 m")
    expect(page.locator(".too-far p")).to_contain_text(
        "the whole scene reaches 1.6 m, its core 3.2 m"
    )
    page.goto(f"{address}&d=3&p=0.63&lang=en")
    until_page(page, "window.one_map?.page?.fit?.frame ?? null", "core")
    assert page.evaluate("one_map.page.fit.arc") >= 20


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("d=far&p=1.5", "d in the address: expected 0.5 to 60 metres"),
        ("mosaic=0x9", "mosaic: expected such as 3x3, up to 6x6"),
        ("scene=area/999", "there is no such scene as in the address"),
    ],
)
def test_a_wrong_address_is_said_and_the_wall_works(
    context: BrowserContext, address: str, wrong: str, told: str
) -> None:
    page = opened(context, address, f"{wrong}&lang=en")
    expect(page.locator(".told")).to_have_text(told)
    assert page.evaluate(SHOWN) == f"area/{ROOT_AREA}"


def test_a_wall_that_is_cut_off_keeps_its_picture_and_says_so(
    context: BrowserContext, live_server: LiveServer
) -> None:
    made = live_server.ask("POST", "/api/displays", {"name": "lobby", "area": ROOT_AREA})
    page = opened(context, f"{live_server.url}{made['path']}")
    live_server.ask("DELETE", "/api/displays/lobby")
    expect(page.locator(".wall-banner").first).to_contain_text("这块大屏已被断开")
    expect(page.locator(".scene.on .panel-hero b").first).to_have_text(re.compile(r"\d"))


def test_everything_comes_from_this_server(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    until_page(page, "Boolean(window.one_map?.page?.shownId)")
    host = address.split("/wall")[0]
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((host, "data:", "blob:"))] == []
    assert urllib.request.urlopen(f"{host}/wall-service.js", timeout=5).status == 200
