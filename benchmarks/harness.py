"""What every benchmark needs: the real program on free ports, feeds, a browser, one line out."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
import redis
from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from dashboard.domain.areas import Region  # noqa: E402  # after the path is set
from dashboard.domain.picture import TOPIC_DTYPE, Delta  # noqa: E402
from dashboard.live import SOCKETS_A_SESSION  # noqa: E402
from dashboard.region import load_region  # noqa: E402
from dashboard.store import keys  # noqa: E402
from dashboard.store.client import entries_of  # noqa: E402
from tests.browser_setup import whole_chromium  # noqa: E402
from tests.visitor import first_password, sign_in  # noqa: E402

PACK = PROJECT / "dashboard" / "regions" / "guandu"
N_CAMERAS = 48_000
N_PUBLIC = 6_000
BATCH = 500
READY_WAIT_S = 90.0
STOP_WAIT_S = 30.0
POLL_S = 0.02


def free_ports() -> tuple[int, int]:
    """Two ports nobody listens on now."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]


class Program:
    """The program as a user starts it, with a data folder of its own."""

    def __init__(self, data: Path, **environ: str) -> None:
        self.data = data
        self.port, self.gateway_port = free_ports()
        self.environ = {key: value for key, value in os.environ.items() if key != "REDIS_URL"} | {
            "ONEMAP_DATA": str(data),
            "ONEMAP_PORT": str(self.port),
            "ONEMAP_GATEWAY_PORT": str(self.gateway_port),
            "ONEMAP_DEMO": "off",
            "LANG": "C.UTF-8",
            **environ,
        }
        self.url = f"http://127.0.0.1:{self.port}"
        self.gateway_url = f"http://127.0.0.1:{self.gateway_port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: tuple[str, ...] = (sys.executable, "app.py")) -> float:
        """Seconds from the command to the first 200 of /readyz."""
        began_s = time.monotonic()
        log = self.log.open("ab")
        self._process = subprocess.Popen(
            command, cwd=PROJECT, env=self.environ, stdout=log, stderr=log, start_new_session=True
        )
        while time.monotonic() - began_s < READY_WAIT_S:
            if self.status("/readyz") == 200:
                return time.monotonic() - began_s
            if self._process.poll() is not None:
                break
            time.sleep(POLL_S)
        raise SystemExit(f"not ready: see {self.data / 'program.log'}")

    def stop(self) -> None:
        if self._process is None:
            return
        family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        for process in psutil.wait_procs(family, timeout=5)[1]:
            process.kill()
        self._process = None

    @cached_property
    def cookie(self) -> str:
        """Of the first administrator, signed in."""
        return self.cookies(1)[0]

    def cookies(self, n_sockets: int) -> tuple[str, ...]:
        """As many sessions of the first administrator as it takes to open so many live sockets."""
        while (password := first_password(self.log.read_text(encoding="utf-8"))) is None:
            time.sleep(POLL_S)
        n_sessions = 1 + n_sockets // SOCKETS_A_SESSION
        return tuple(sign_in(self.url, "admin", password) for _ in range(n_sessions))

    def _request(self, path: str) -> urllib.request.Request:
        open_to_all = path in ("/readyz", "/healthz")
        return urllib.request.Request(
            self.url + path, headers={} if open_to_all else {"Cookie": self.cookie}
        )

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self._request(path), timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self._request(path), timeout=30) as answer:
            return json.load(answer)

    def add_feed(self, name: str) -> str:
        """The new feed's token."""
        run = [sys.executable, "app.py", "feed", "add", name, "--period", "60"]
        printed = subprocess.run(
            run, cwd=PROJECT, env=self.environ, capture_output=True, check=True
        )
        return next(word for word in printed.stdout.decode().split() if word.startswith("omf_"))

    def post(self, token: str, events: list[dict[str, Any]]) -> Any:
        """The intake's answer; raises when it is not 200."""
        return self.post_body(token, json.dumps({"events": events}, ensure_ascii=False).encode())

    def post_body(self, token: str, body: bytes) -> Any:
        request = urllib.request.Request(
            self.gateway_url + "/feeds/events",
            body,
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    @property
    def log(self) -> Path:
        return self.data / "program.log"

    def process(self, role: str) -> psutil.Process:
        """The running process of a role; `store` is the embedded Valkey."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children(recursive=True):
            line = child.cmdline()
            if (role == "store" and "valkey" in child.name()) or (
                "app.py" in " ".join(line) and role in line
            ):
                return child
        raise LookupError(role)

    def cpu_s(self, role: str) -> float:
        times = self.process(role).cpu_times()
        return float(times.user + times.system)

    @property
    def store_socket(self) -> Path:
        return self.data / "valkey.sock"

    def wait_for(self, path: str, limit_s: float = 60.0) -> None:
        """Until `path` answers 200."""
        end_s = time.monotonic() + limit_s
        while self.status(path) != 200:
            if time.monotonic() > end_s:
                raise SystemExit(f"{path} did not come within {limit_s:.0f} s")
            time.sleep(POLL_S)


@contextlib.contextmanager
def running(**environ: str) -> Iterator[Program]:
    """A program on an empty data folder, gone afterwards."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what follows is cleaned up
    data = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    program = Program(data, **environ)
    try:
        program.start()
        yield program
    finally:
        program.stop()
        shutil.rmtree(data, ignore_errors=True)


class Publications(threading.Thread):
    """Notes when each numbered frame of the district was there to be read from the store."""

    def __init__(self, program: Program) -> None:
        super().__init__(daemon=True)
        self._program = program
        self.at_s: dict[int, float] = {}

    def run(self) -> None:
        last: Any = b"$"
        decoder = msgspec.msgpack.Decoder(Delta)
        with contextlib.suppress(redis.ConnectionError), self._store() as store:
            while True:
                answer = store.xread({keys.DELTAS: last}, block=5_000)
                now_s = time.time()
                entries = entries_of(answer)
                last = entries[-1][0] if entries else last
                for _, fields in entries:
                    topics = np.frombuffer(decoder.decode(fields[b"d"]).topics, TOPIC_DTYPE)
                    for sequence in topics["sequence"][topics["topic"] == 0].tolist():
                        self.at_s[sequence] = now_s

    def _store(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self._program.store_socket))


# ---- a plausible district ---------------------------------------------------------------------


def region() -> Region:
    return load_region(PACK)


def points_inside(where: Region, n: int, seed: int = 1) -> list[tuple[float, float, str]]:
    """`n` points of the region, WGS-84 degrees, with the code of their grid."""
    dice = random.Random(seed)
    labels = [grid.label for grid in where.grids]
    found: list[tuple[float, float, str]] = []
    while len(found) < n:
        near = [dice.choice(labels) for _ in range(n)]
        lons = [lon + dice.gauss(0, 0.0015) for lon, _ in near]
        lats = [lat + dice.gauss(0, 0.0015) for _, lat in near]
        for lon, lat, index in zip(lons, lats, where.locate(lons, lats).tolist(), strict=True):
            if index >= 0:
                found.append((round(lon, 6), round(lat, 6), where.areas[index].code))
    return found[:n]


def camera_id(number: int) -> str:
    return f"5301110013{number:010d}"


def register_cameras(program: Program, token: str, points: list[tuple[float, float, str]]) -> None:
    """Registers one camera a point and reports each online; waits until the board has them."""
    moment = now_text()
    for first in range(0, len(points), BATCH):
        events: list[dict[str, Any]] = []
        for number, (lon, lat, _) in enumerate(points[first : first + BATCH], first):
            camera = camera_id(number)
            owner = "public" if number < N_PUBLIC else "social"
            data = {
                "camera": camera,
                "name": f"枪机{number:05d}",
                "ownership": owner,
                "site": "路口",
            }
            place = {"lon": lon, "lat": lat}
            events.append(
                {
                    "id": f"r{number}",
                    "type": "camera.registered",
                    "time": moment,
                    **place,
                    "data": data,
                }
            )
            state = {"camera": camera, "status": "online"}
            events.append(
                {
                    "id": f"s{number}",
                    "type": "camera.status",
                    "time": moment,
                    "data": state | {},
                    **place,
                }
            )
        program.post(token, events)
    wait_until_folded(program, token)


def wait_until_folded(program: Program, token: str, limit_s: float = 60.0) -> None:
    """A last incident: the board folds in order, so once it shows all before it is in too."""
    name = f"sentinel-{time.monotonic_ns()}"
    grid = "530111008011005"
    program.post(
        token, [{"id": name, "type": "incident.reported", "area": grid, "data": sentinel(name)}]
    )
    program.wait_for(f"/api/incidents/{name}", limit_s)


def sentinel(name: str) -> dict[str, str]:
    return {"incident": name, "class": "05-06", "title": "道路积水", "channel": "collector"}


def now_text() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


# ---- a browser --------------------------------------------------------------------------------


@contextlib.contextmanager
def browser_page(program: Program) -> Iterator[Page]:
    """A page 1920 by 1080 of a Chromium with a fresh profile, signed in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=whole_chromium(),
            args=["--no-sandbox", "--enable-precise-memory-info"],
        )
        try:
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            name, _, value = program.cookie.partition("=")
            page.context.add_cookies([{"name": name, "value": value, "url": program.url}])
            yield page
        finally:
            browser.close()


# ---- one line out -----------------------------------------------------------------------------


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(
    benchmark: str, figures: dict[str, Any], must: dict[str, bool], aim: dict[str, bool]
) -> None:
    """Prints the line. `must` and `aim` tell for each figure whether it is reached."""
    print(
        json.dumps(
            {
                "benchmark": benchmark,
                **{
                    name: round(value, 4) if isinstance(value, float) else value
                    for name, value in figures.items()
                },
                "reaches": {"must": all(must.values()), "aim": all(aim.values())},
                "missed": {
                    "must": [name for name, good in must.items() if not good],
                    "aim": [name for name, good in aim.items() if not good],
                },
                "cores": os.cpu_count(),
                "load_before": LOAD_BEFORE,
            },
            ensure_ascii=False,
        ),
        flush=True,
    )


LOAD_BEFORE = round(os.getloadavg()[0], 2)
