"""Wall: how quickly scenes change, what an outage does to it, and how it is after hours.

`--part scene`, `outage` or `soak`; all of them when left out. The soak of the issue is two hours:
`--part soak --minutes 120`.
"""

import argparse
import base64
import io
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from bench_map import Watch
from harness import PROJECT, Program, percentile, report, running
from PIL import Image
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser_setup import whole_chromium

WALL = {"width": 3840, "height": 2160}
SPEED = 20.0
SETTLED_S = 600.0  # after which the heap may not grow
LOOK_S = 0.05
CHANGES = 26  # every scene twice
BLANK = 4.0  # least spread of a picture's pixels that has something on it
OUTAGE_S = 600.0
STALE_AFTER_S = 15.0
OBSERVE = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longTasks.push(task.duration);
  }).observe({ entryTypes: ["longtask"] });
}"""
DRAWN = "Boolean(window.one_map?.page?.scenes.get(window.one_map.page.shownId)?.drawn)"
# from the moment the wall is to change until the browser has drawn the new scene
CHANGE = """() => new Promise((done) => {
  const wall = one_map.page, before = wall.shownId;
  const began = performance.now();
  wall.rota.skip(wall.now());
  const look = () => {
    wall.tick();
    if (wall.shownId === before) return setTimeout(look, 5);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  };
  look();
})"""
FRAME = """() => new Promise((done) => {
  const began = performance.now();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
})"""


@contextmanager
def wall_page(program: Program, size: dict[str, int]) -> Iterator[Page]:
    """A wall as a kiosk opens it."""
    made = subprocess.run(
        [sys.executable, "app.py", "display", "add", "bench"],
        cwd=PROJECT,
        env=program.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=whole_chromium(),
            args=["--no-sandbox", "--enable-precise-memory-info"],
        )
        page = browser.new_page(viewport=size)
        try:
            page.goto(program.url + made.stdout.strip())
            until(page, DRAWN)
            yield page
        finally:
            browser.close()


def until(page: Page, expression: str, limit_s: float = 60.0) -> float:
    """Seconds until it is true."""
    began_s = time.monotonic()
    while not page.evaluate(expression):
        if time.monotonic() - began_s > limit_s:
            raise SystemExit(f"not within {limit_s:.0f} s: {expression}")
        page.wait_for_timeout(1000 * LOOK_S)
    return time.monotonic() - began_s


class Demo:
    """The made-up day beside the program."""

    def __init__(self, program: Program, speed: float = 1.0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "app.py", "demo", "--speed", str(speed)],
            cwd=PROJECT,
            env=program.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)


def wait_for_cases(program: Program) -> None:
    while program.get("/api/areas/530111")["metrics"]["incidents_open"] < 100:
        time.sleep(0.2)
    time.sleep(5)


# ---- scenes ----------------------------------------------------------------------------------


class Pictures(threading.Thread):
    """What is on screen, as the browser presents it; told to it by Chromium."""

    def __init__(self, session: CDPSession) -> None:
        super().__init__(daemon=True)
        self.spreads: list[float] = []
        self._session = session
        session.on("Page.screencastFrame", self._heard)

    def begin(self) -> None:
        options = {"format": "png", "maxWidth": 480, "maxHeight": 270, "everyNthFrame": 1}
        self._session.send("Page.startScreencast", options)

    def _heard(self, frame: dict[str, Any]) -> None:
        picture = Image.open(io.BytesIO(base64.b64decode(frame["data"]))).convert("L")
        self.spreads.append(float(np.asarray(picture, dtype=np.float32).std()))
        self._session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})


def scene_changes(program: Program) -> None:
    with wall_page(program, WALL) as page:
        frames = [page.evaluate(FRAME) for _ in range(10)]
        for _ in range(
            CHANGES // 2
        ):  # each scene is made once; a wall does that in its first minutes
            page.evaluate(CHANGE)
        pictures = Pictures(page.context.new_cdp_session(page))
        pictures.begin()
        times = []
        for _ in range(CHANGES):
            times.append(page.evaluate(CHANGE))
            page.wait_for_timeout(150)
    worst = max(times)
    report(
        "wall: scene change",
        {
            "changes": len(times),
            "p50_ms": statistics.median(times),
            "worst_ms": worst,
            "of_two_plain_frames": statistics.median(times) / statistics.median(frames),
            "pictures": len(pictures.spreads),
            "blank": sum(spread < BLANK for spread in pictures.spreads),
        },
        must={"under 300 ms": worst < 300, "never blank": min(pictures.spreads) >= BLANK},
        aim={"under 150 ms": worst < 150},
    )


# ---- an outage ---------------------------------------------------------------------------------


def outage(program: Program, seconds: float) -> None:
    with wall_page(program, {"width": 1920, "height": 1080}) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        hero = (
            "document.querySelector('.scene.on .panel-hero b, .scene.on .fig-value b').textContent"
        )
        page.evaluate("one_map.page.rota.pin(one_map.page.now(), 'area/530111')")
        until(page, "one_map.page.shownId === 'area/530111'")
        loaded = page.evaluate("performance.timeOrigin")
        program.stop()
        began_s = time.monotonic()
        aged_s = until(page, "one_map.page.isCut()", 60)
        page.wait_for_timeout(1000)
        before = page.evaluate(hero)
        kept = [bool(before.strip("—"))]
        stale = page.evaluate("Boolean(document.querySelector('.scene.on .val-stale'))")
        while time.monotonic() - began_s < seconds:
            page.wait_for_timeout(2000)
            kept.append(page.evaluate(hero) == before)
        program.start()  # until it is ready
        back_s = until(page, "one_map.page.live.status().state === 'live'")
        fresh_s = until(page, "!document.querySelector('.scene.on .val-stale')")
        same = page.evaluate("performance.timeOrigin") == loaded
    report(
        "wall: outage",
        {
            "away_s": seconds,
            "said_so_after_s": aged_s,
            "looks_while_away": len(kept),
            "picture_kept": all(kept) and stale,
            "live_again_s": back_s,
            "nothing_stale_s": back_s + fresh_s,
            "loaded_anew": not same,
            "errors": len(errors),
        },
        must={
            "kept and aged": all(kept) and stale and aged_s <= STALE_AFTER_S + 2,
            "live again": back_s < 5,
        },
        aim={"live again": back_s < 2},
    )


# ---- hours -------------------------------------------------------------------------------------


def soak(program: Program, minutes: float) -> None:
    """Rotating through its scenes while a day goes by at speed 20."""
    demo = Demo(program, SPEED)
    try:
        wait_for_cases(program)
        with wall_page(program, {"width": 1920, "height": 1080}) as page:
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda told: told.type == "error" and errors.append(told.text))
            watch = Watch(page)
            settled_s = min(SETTLED_S, 60 * minutes / 3)
            page.wait_for_timeout(1000 * settled_s)
            heaps = [watch.heap_bytes()]
            page.evaluate(OBSERVE)
            began_s, busy_s = time.monotonic(), watch.busy_s()
            scenes = set()
            while time.monotonic() - began_s < 60 * minutes - settled_s:
                page.wait_for_timeout(10_000)
                scenes.add(page.evaluate("one_map.page.shownId"))
                if len(heaps) * 300 < time.monotonic() - began_s:
                    heaps.append(watch.heap_bytes())
            heaps.append(watch.heap_bytes())
            lasted_s = time.monotonic() - began_s
            tasks = page.evaluate("window.longTasks")
            share = (watch.busy_s() - busy_s) / lasted_s
    finally:
        demo.stop()
    growth = heaps[-1] / heaps[0] - 1
    report(
        "wall: soak",
        {
            "minutes": minutes,
            "scenes": len(scenes),
            "heap_mb": [round(heap / 1e6, 2) for heap in heaps],
            "growth": growth,
            "longest_task_ms": max(tasks, default=0.0),
            "tasks_over_50_ms": len(tasks),
            "p99_long_task_ms": percentile(tasks, 0.99) if tasks else 0.0,
            "main_thread": share,
            "errors": errors[:5],
        },
        must={
            "heap grows under 5 %": growth < 0.05,
            "no task over 100 ms": max(tasks, default=0.0) <= 100,
            "no error": not errors,
        },
        aim={"8 hours": minutes >= 480},
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--part", choices=("scene", "outage", "soak"))
    options.add_argument("--minutes", type=float, default=6.0, help="of the soak")
    options.add_argument("--away", type=float, default=60.0, help="seconds of the outage")
    chosen = options.parse_args()
    if chosen.part in (None, "scene", "outage"):
        with running() as program:
            demo = Demo(program)
            try:
                wait_for_cases(program)
                if chosen.part != "outage":
                    scene_changes(program)
                if chosen.part != "scene":
                    outage(program, chosen.away)
            finally:
                demo.stop()
    if chosen.part in (None, "soak"):
        with running() as program:
            soak(program, chosen.minutes)


if __name__ == "__main__":
    main()
