"""Map: drilled to the community with the most cameras while 50 of them change every second."""

import argparse
import random
import threading
import time
from collections import Counter
from typing import Any

from harness import (
    N_CAMERAS,
    Program,
    browser_page,
    camera_id,
    points_inside,
    region,
    register_cameras,
    report,
    running,
)

CHANGES_PER_S = 50
BATCHES_PER_S = 10
WARM_UP_S = 5.0
FLAT_BYTES = (
    1_000_000  # of growth between two collections; a leak of one frame's objects passes that soon
)
SHARE_FLAT = 0.05
OBSERVE = """
() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longTasks.push(task.duration);
  }).observe({ entryTypes: ['longtask'] });
}
"""
DRAWN = "(n) => window.one_map?.page?.picture()?.cameras?.size >= n"


class Changes(threading.Thread):
    """Each batch turns some cameras of the community on or off."""

    def __init__(self, program: Program, token: str, cameras: list[str]) -> None:
        super().__init__(daemon=True)
        self._program, self._token, self._cameras = program, token, cameras
        self.ended = threading.Event()
        self.sent = 0

    def run(self) -> None:
        dice, next_s = random.Random(5), time.monotonic()
        while not self.ended.is_set():
            self._program.post(
                self._token, [self._change(dice) for _ in range(CHANGES_PER_S // BATCHES_PER_S)]
            )
            next_s += 1 / BATCHES_PER_S
            time.sleep(max(0.0, next_s - time.monotonic()))

    def _change(self, dice: random.Random) -> dict[str, Any]:
        self.sent += 1
        status = dice.choice(("online", "offline", "fault", "maintenance"))
        data = {"camera": dice.choice(self._cameras), "status": status}
        return {"id": f"m{self.sent}", "type": "camera.status", "data": data}


def largest(points: list[tuple[float, float, str]], where: Any) -> tuple[str, list[str]]:
    """Code of the community with the most cameras, and those."""
    communities = [where.by_code[grid].parent for _, _, grid in points]
    code = Counter(communities).most_common(1)[0][0]
    return code, [camera_id(number) for number, held in enumerate(communities) if held == code]


class Watch:
    """Chromium's own numbers of the page's main thread and heap."""

    def __init__(self, page: Any) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")

    def heap_bytes(self) -> float:
        self._session.send("HeapProfiler.collectGarbage")
        return self._metric("JSHeapUsedSize")

    def busy_s(self) -> float:
        return self._metric("TaskDuration")

    def _metric(self, name: str) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(float(metric["value"]) for metric in metrics if metric["name"] == name)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=60.0)
    chosen = options.parse_args()
    where = region()
    points = points_inside(where, N_CAMERAS)
    code, cameras = largest(points, where)
    with running() as program:
        token = program.add_feed("bench")
        register_cameras(program, token, points)
        changes = Changes(program, token, cameras)
        with browser_page(program) as page:
            page.goto(f"{program.url}/map?area={code}")
            page.wait_for_function(DRAWN, arg=len(cameras), timeout=60_000)
            changes.start()
            page.wait_for_timeout(WARM_UP_S * 1000)
            watch = Watch(page)
            heap_before = watch.heap_bytes()
            page.evaluate(OBSERVE)
            sent, busy_s = changes.sent, watch.busy_s()
            began_s = time.monotonic()
            page.wait_for_timeout(chosen.seconds * 1000)
            took_s = time.monotonic() - began_s
            busy_s = watch.busy_s() - busy_s
            long_tasks = page.evaluate("window.longTasks")
            sent = changes.sent - sent
            heap_after = watch.heap_bytes()
            changes.ended.set()
            changes.join()
    grown = heap_after - heap_before
    is_flat = grown <= max(FLAT_BYTES, SHARE_FLAT * heap_before)
    reached = {
        "no long task": not long_tasks,
        "heap": is_flat,
        "changes": sent >= 0.95 * CHANGES_PER_S * took_s,
    }
    report(
        "map",
        {
            "community": code,
            "cameras": len(cameras),
            "changes_per_s": sent / took_s,
            "tasks_over_50_ms": len(long_tasks),
            "longest_over_50_ms": max(long_tasks, default=0),
            "main_thread_share": busy_s / took_s,
            "heap_before_mb": heap_before / 1e6,
            "heap_after_mb": heap_after / 1e6,
        },
        reached,
        {"layer of all cameras": False},  # a layer of 48,000 at district view is not built
    )


if __name__ == "__main__":
    main()
