"""A running One Map for tests: the real program on ports and a data folder of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cached_property
from pathlib import Path

import httpx
import psutil

from tests.visitor import first_password, sign_in

PROJECT = Path(__file__).resolve().parents[1]
START_S = 60
CALM_S = 20


def until(condition, within_s=CALM_S):
    """The first true value of `condition()`, looked at 20 times a second."""
    pause = threading.Event()
    end = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {within_s} s"
        pause.wait(0.05)
    return found


def two_free_ports():
    """Neighbours, for the pages and the gateway."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except OSError:
                continue


def environ_for(data):
    """This process's environment without settings of One Map, but for the data folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ONEMAP_") and name != "REDIS_URL"
    }
    return kept | {"ONEMAP_DATA": str(data)}


class Program:
    """A running `python app.py` on a data folder of its own."""

    def __init__(self, data, **settings):
        self.port = two_free_ports()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = environ_for(data) | {"ONEMAP_PORT": str(self.port)} | settings
        self.data = data
        self.output = data.with_suffix(f".{self.port}.out")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=PROJECT,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @cached_property
    def cookie(self):
        """Of the first administrator, signed in."""
        password = until(lambda: first_password(self.output.read_text(encoding="utf-8")))
        return sign_in(self.url, "admin", password)

    def read(self, path):
        """An answer of the reading API."""
        headers = {"Cookie": self.cookie}
        answer = httpx.get(f"{self.url}{path}", headers=headers, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def is_ready(self):
        assert self.process.poll() is None, self.output.read_text()
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def children(self):
        """Role to process, of those that have become what they are to be."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            line = []
            with contextlib.suppress(psutil.Error):  # it may end while we look
                line = child.cmdline()
            if "valkey-server" in " ".join(line[:1]):
                found["store"] = child
            elif len(line) > 2 and line[1].endswith("app.py"):
                found[line[2]] = child
        return found

    def tool(self, *arguments):
        return subprocess.run(
            [sys.executable, "app.py", *arguments],
            cwd=PROJECT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=CALM_S,
        )

    def stop(self, number=signal.SIGINT):
        """As Ctrl-C in a terminal does it: the whole foreground group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        return self.process.wait(CALM_S)


def left_of(children):
    return psutil.wait_procs(children, timeout=0)[1]
