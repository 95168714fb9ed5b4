"""Every scene of the wall as it looks: on every wall, in both languages, in every freshness.

By script: no text is clipped, lies on another, is too small, or is cut by the gap between two
screens. By picture: it looks as it did when somebody last looked and accepted it. The accepted
pictures are in docs/wall; `make pictures` takes all of them anew, to be looked at and committed.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ROOT
from tests.wall_stand import MOMENT, WallStand, add_urgent, wall_stand

pytestmark = pytest.mark.browser

ACCEPTED = ROOT / "docs" / "wall"
CHECK = (Path(__file__).parent / "text_boxes.js").read_text(encoding="utf-8")
ROOT_AREA, STREET = "530111", "530111001"
SCENES = (
    f"area/{ROOT_AREA}",
    f"area/{STREET}",
    f"alerts/{ROOT_AREA}",
    f"cameras/{ROOT_AREA}",
    f"cover/{ROOT_AREA}",
    f"weekday/{ROOT_AREA}",
)
WALLS = {  # px, mosaic, width of the accepted picture
    "3840x2160": ((3840, 2160), "", 960),
    "1920x1080": ((1920, 1080), "", 960),
    "5760x1080": ((5760, 1080), "", 1440),
    "3x3": ((3840, 2160), "3x3", 960),
}
LANGUAGES = ("zh", "en")
STATES = {"live": 0, "late": 40, "stale": 100, "lost": 700}  # seconds since any feed was heard
LEAST = 33  # design px: 16 minutes of arc
GAP_S = 0.05
LOOKS = 200
# a pixel differs that is this far off, after both are made half as large again
FAR, SHARE = 40, 0.01
EVERYTHING = os.environ.get("ONEMAP_PICTURES", "") in ("all", "accept")
ACCEPT = os.environ.get("ONEMAP_PICTURES", "") == "accept"


def chosen() -> list[tuple[str, str, str]]:
    """All walls, languages and states; in every run each wall in each language, states in turn."""
    every = [(s, w, lang) for s in STATES for w in WALLS for lang in LANGUAGES]
    if EVERYTHING:
        return every
    states, walls = list(STATES), list(WALLS)
    turn = {
        (states[(walls.index(wall) + 2 * LANGUAGES.index(lang)) % len(states)], wall, lang)
        for wall in WALLS
        for lang in LANGUAGES
    }
    return [one for one in every if one in turn]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallStand]:
    with wall_stand(tmp_path_factory.mktemp("wall")) as one:
        one.play_day()
        add_urgent(one)
        yield one


@pytest.mark.parametrize(("state", "wall", "lang"), chosen())
def test_every_scene(
    state: str, wall: str, lang: str, stand: WallStand, browser: Browser, started: list[int]
) -> None:
    age(stand, state, started)
    (width, height), mosaic, shown = WALLS[wall]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.clock.set_fixed_time(stand.clock.now_ms() / 1000)
    page.goto(
        f"{stand.url}/wall?display={stand.display}&lang={lang}&mosaic={mosaic}&scene={SCENES[0]}"
    )
    wrong: list[str] = []
    for scene in SCENES:
        look_at(page, scene)
        wrong += [f"{scene}: {one}" for one in text_faults(page)]
        wrong += compare(page, f"{scene.replace('/', '-')}_{wall}_{lang}_{state}", (width, shown))
    context.close()
    assert errors == []
    assert wrong == []


@pytest.fixture(scope="module")
def started() -> list[int]:
    """How many seconds ago the feeds were last heard; states come in this order."""
    return [0]


def age(stand: WallStand, state: str, started: list[int]) -> None:
    if STATES[state] > started[0]:
        stand.move(STATES[state] - started[0])
        started[0] = STATES[state]
    assert STATES[state] == started[0], "run the states in their order"
    assert stand.clock.now_ms() >= MOMENT


def look_at(page: Page, scene: str) -> None:
    """Shows a scene with all its numbers."""
    for _ in range(LOOKS):
        if page.evaluate(SHOW, scene):
            page.evaluate("one_map.page.draw()")
            return
        page.wait_for_timeout(1000 * GAP_S)
    raise AssertionError(f"{scene} is not shown")


SHOW = """id => {
  const wall = one_map.page, [kind, code] = id.split("/");
  if (!wall.rota) return false;
  if (wall.rota.pinned?.id !== id) wall.rota.pin(wall.now(), id);
  wall.tick();
  const { walls, bells, feeds } = wall.held;
  const has = walls.has(code) && (kind !== "alerts" || bells.has(code));
  return wall.shownId === id && wall.scenes.get(id).drawn && has && Boolean(feeds);
}"""
SURROUNDINGS = """() => {
  const { fit } = one_map.page, { lines } = one_map.wallBays.layout(fit);
  const scaled = (list) => list.map((v) => v * fit.u);
  return { lines: { x: scaled(lines.x), y: scaled(lines.y) }, least: %d * fit.u };
}"""


def text_faults(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(CHECK, page.evaluate(SURROUNDINGS % LEAST))
    left = page.evaluate("one_map.page.scenes.get(one_map.page.shownId).dropped")
    texts = [" ".join((one["what"], one["text"], one.get("more", ""))) for one in found]
    return texts + [f"no room for {name}" for name in left]


def compare(page: Page, name: str, widths: tuple[int, int]) -> list[str]:
    """With what was accepted; what blinks is steady in a picture."""
    page.add_style_tag(content=".unack, .unack-many span { animation: none !important; }")
    scale = widths[1] / widths[0]
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture = picture.resize((widths[1], round(picture.height * scale)), Image.Resampling.LANCZOS)
    path = ACCEPTED / f"{name}.webp"
    if ACCEPT:
        ACCEPTED.mkdir(exist_ok=True)
        picture.save(path, quality=60, method=6)
        return []
    if not path.exists():
        return [f"no accepted picture {path.relative_to(ROOT)}: take it with make pictures"]
    share = difference(picture, Image.open(path).convert("RGB"))
    if share <= SHARE:
        return []
    picture.save(ROOT / "test-results" / f"{name}.png")
    return [f"{name} differs in {share:.1%} of its pixels; see test-results"]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Part of the pixels that are far off; 1 where not even the sizes agree."""
    if one.size != other.size:
        return 1.0
    half = (one.width // 2, one.height // 2)
    a, b = (np.asarray(i.resize(half, Image.Resampling.BOX), dtype=np.int16) for i in (one, other))
    return float((np.abs(a - b).max(axis=2) > FAR).mean())
