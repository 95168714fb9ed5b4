"""A click's way: from the moment an officer's action is sent to its result on another's screen."""

import argparse
import json
import time
import urllib.request
from typing import Any

import redis
from harness import Program, browser_page, now_text, percentile, report, running

from dashboard.store import keys

COMMUNITY = "530111008011"
GRID = f"{COMMUNITY}005"
CASES, CLICKS = 40, 10  # clicks on each case
MUST_MS, AIM_MS = 500, 150  # p99
LIMIT_S = 10.0
READY = "n => document.querySelectorAll('#queue [role=option]').length >= n"
# Every change of what a row says of its case, with the moment it stood in the DOM.
OBSERVE = """
() => {
  window.seen = [];
  const note = (records) => {
    const now = performance.timeOrigin + performance.now();
    for (const record of records) {
      const row = record.target.parentElement?.closest?.('[role=option]') ||
        record.target.closest?.('[role=option]');
      const state = row?.querySelector('.case-state');
      if (state) window.seen.push([row.dataset.id, state.textContent, now]);
    }
  };
  const everything = { childList: true, characterData: true, subtree: true };
  new MutationObserver(note).observe(document.getElementById('queue'), everything);
}
"""
STATE = """
id => document.querySelector(`[data-id="${id}"] .case-state`).textContent
"""
CHANGED = """
([id, before]) => (window.seen.find((one) => one[0] === id && one[1] !== before) || [])[2]
"""


class Officer:
    """Acts over HTTP, as the page does."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def act(self, case: str, action: str, version: int, key: str, **more: str) -> tuple[float, int]:
        """The moment it was sent, in milliseconds, and the case's version after it."""
        body = json.dumps({"action": action, "version": version, "key": key, **more}).encode()
        request = urllib.request.Request(
            f"{self._program.url}/api/incidents/{case}/actions",
            body,
            {"Cookie": self._program.cookie, "Origin": self._program.url},
        )
        sent_ms = time.time() * 1000
        with urllib.request.urlopen(request, timeout=30) as answer:
            return sent_ms, int(json.load(answer)["version"])


def report_cases(program: Program, token: str) -> list[str]:
    names = [f"click-{n:03d}" for n in range(CASES)]
    for name in names:
        data = {"incident": name, "class": "01-10", "title": name, "channel": "collector"}
        head = {"id": name, "type": "incident.reported", "time": now_text(), "area": GRID}
        program.post(token, [head | {"data": data}])
    return names


def sample(page: Any, officer: Officer, case: str, step: tuple[str, int, str]) -> tuple[float, int]:
    """Milliseconds until the other screen says it, and the case's version."""
    action, version, key = step
    before = page.evaluate(STATE, case)
    page.evaluate("window.seen = []")
    more = {"department": "paishui"} if action == "dispatch" else {}
    sent_ms, version = officer.act(case, action, version, key, **more)
    shown = page.wait_for_function(CHANGED, arg=[case, before], timeout=LIMIT_S * 1000)
    return float(shown.json_value()) - sent_ms, version


def store_ms(program: Program, n: int) -> float:
    """The baseline: p50 of one entry appended to a stream of the same store, synced."""
    times = []
    with redis.Redis(unix_socket_path=str(program.store_socket)) as store:
        for _ in range(n):
            began_s = time.perf_counter()
            store.xadd(f"{keys.SHARD}:bench", {"c": b"x" * 500})
            times.append(1000 * (time.perf_counter() - began_s))
    return percentile(times, 0.5)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--samples", type=int, default=400)
    chosen = options.parse_args()
    times: list[float] = []
    with running() as program, browser_page(program) as page:
        cases = report_cases(program, program.add_feed("bench"))
        page.goto(f"{program.url}/desk?area={COMMUNITY}&queue=all&sort=oldest")
        page.wait_for_function(READY, arg=CASES)
        page.evaluate(OBSERVE)
        officer, versions = Officer(program), dict.fromkeys(cases, 1)
        for number in range(chosen.samples):
            case, turn = cases[number // CLICKS], number % CLICKS  # an undo comes within 10 s
            action = "file" if turn == 0 else "dispatch" if turn % 2 else "undo"
            took_ms, versions[case] = sample(
                page, officer, case, (action, versions[case], f"{case}-{number}")
            )
            times.append(took_ms)
        baseline = store_ms(program, chosen.samples)
    p99 = percentile(times, 0.99)
    report(
        "click",
        {
            "samples": len(times),
            "p50_ms": percentile(times, 0.5),
            "p99_ms": p99,
            "worst_ms": max(times),
            "p50_of_a_synced_append": percentile(times, 0.5) / baseline,
        },
        {"p99": p99 <= MUST_MS},
        {"p99": p99 <= AIM_MS},
    )


if __name__ == "__main__":
    main()
