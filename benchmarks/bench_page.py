"""Page: cold load of /map in a fresh profile, to a coloured district with numbers."""

import argparse
import time
from typing import Any

from harness import (
    N_CAMERAS,
    Program,
    browser_page,
    points_inside,
    region,
    register_cameras,
    report,
    running,
    sentinel,
)

MUST_S, AIM_S = 3.0, 1.5
MUST_BYTES, AIM_BYTES = 1_500_000, 1_000_000
N_INCIDENTS = 400
# The numbers stand in the panel, and the streets' polygons carry colours of the legend's classes.
READY = """
() => {
  const value = document.querySelector('[data-kpi="open"] .value');
  if (!value || !/[0-9]/.test(value.textContent)) return false;
  const page = window.one_map && window.one_map.page;
  if (!page || !page.map || !page.picture()) return false;
  return document.querySelectorAll('.legend *').length > 0 && page.dirty.size === 0;
}
"""


def fill(program: Any, token: str) -> None:
    points = points_inside(region(), N_CAMERAS)
    register_cameras(program, token, points)
    events = []
    for number, (lon, lat, _) in enumerate(points[:N_INCIDENTS]):
        name = f"page-{number}"
        place = {"lon": lon, "lat": lat}
        events.append({"id": name, "type": "incident.reported", **place, "data": sentinel(name)})
    program.post(token, events)
    program.wait_for(f"/api/incidents/page-{N_INCIDENTS - 1}")


def load(program: Program) -> tuple[float, int, int]:
    """Seconds to the numbers, bytes over the wire (headers too, as compressed), requests."""
    with browser_page(program) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        sizes: list[int] = []
        session.on(
            "Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"]))
        )
        session.on(
            "Network.webSocketFrameReceived",
            lambda event: sizes.append(len(event["response"]["payloadData"].encode())),
        )
        began_s = time.monotonic()
        page.goto(program.url + "/map", wait_until="commit")
        page.wait_for_function(READY, timeout=60_000, polling=20)
        took_s = time.monotonic() - began_s
        page.wait_for_load_state("networkidle")
        return took_s, sum(sizes), len(sizes)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--loads", type=int, default=5)
    chosen = options.parse_args()
    with running() as program:
        fill(program, program.add_feed("bench"))
        loads = [load(program) for _ in range(chosen.loads)]
    seconds = sorted(took_s for took_s, _, _ in loads)
    wire = max(size for _, size, _ in loads)
    middle_s = seconds[len(seconds) // 2]
    report(
        "page",
        {
            "seconds": middle_s,
            "each_load_s": [round(took_s, 2) for took_s, _, _ in loads],
            "wire_bytes": wire,
            "requests_and_frames": loads[0][2],
        },
        {"seconds": middle_s < MUST_S, "wire": wire < MUST_BYTES},
        {"seconds": middle_s <= AIM_S, "wire": wire <= AIM_BYTES},
    )


if __name__ == "__main__":
    main()
