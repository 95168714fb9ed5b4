"""Process: starts the others, starts again what dies, and leaves nothing behind."""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.config import Settings
from dashboard.errors import OneMapError
from dashboard.setting_values import PROJECT, reached_at
from dashboard.store import embedded

log = logging.getLogger(__name__)

STORE = "store"
PATIENT = ("demo", "notifier")
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
SETTLED_S = 10.0  # a child that lived this long starts again with the first pause
STOP_WAIT_S = 5.0
READY_POLL_S = 0.1
READY_WAIT_S = 2.0
FOLDER_LOOK_S = 1.0
NAME = "One Map 一张图"


class DataFolderGone(OneMapError):
    """What is written now lands in a deleted file: better to stop than to acknowledge it."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"the data folder {data} has been removed; nothing could be kept")
        self.data = data


class PortTaken(OneMapError):
    def __init__(self, name: str, port: int) -> None:
        super().__init__(f"port {port} is in use by another program; choose another with {name}")
        self.port = port


@dataclass
class Child:
    """One process of ours: what to run, and how it fares."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    keep_open: tuple[int, ...] = ()
    is_patient: bool = False  # starts when the pages are ready, so as not to delay them
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> int:
        """Run until it ends; the exit code. A group of its own keeps Ctrl-C from it: we decide."""
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=PROJECT,
            env=self.environ,
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=self.keep_open,
            process_group=0,
        )
        return await self.process.wait()

    async def stop(self, wait_s: float) -> None:
        """Ask it to end, and end it after `wait_s` seconds."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(wait_s):
                await process.wait()
        except TimeoutError:
            log.warning("%s did not end within %.0f s and was killed", self.name, wait_s)
            self.kill()
            await process.wait()

    def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()


def launch(settings: Settings, app: Path, roles: Sequence[str]) -> int:
    """Run everything until Ctrl-C or SIGTERM.

    Raises DataFolderBusy or PortTaken, and DataFolderGone when that happens meanwhile.
    """
    lock = embedded.StoreLock(settings.data)
    try:
        check_port(settings.host, settings.port, "ONEMAP_PORT")
        check_port(settings.host, settings.gateway_port, "ONEMAP_GATEWAY_PORT")
        children = plan(settings, app, roles, lock)
        asyncio.run(Launcher(settings, children).run())
    finally:
        if settings.redis_url is None:
            embedded.clean_up(settings.data)
        lock.release()
    return 0


def plan(
    settings: Settings, app: Path, roles: Sequence[str], lock: embedded.StoreLock
) -> list[Child]:
    """The store first, unless it is an outside one; every role is told where the store is."""
    children: list[Child] = []
    environ = dict(os.environ)
    if settings.redis_url is None:
        place = embedded.prepare(settings.data)
        environ["REDIS_URL"] = embedded.socket_url(place)
        command = embedded.command(settings.data, place)
        children.append(Child(STORE, command, os.environ, (lock.descriptor,)))
    for role in roles:
        name, *options = role.split()
        command = [sys.executable, str(app), name, *options, "--parent", str(os.getpid())]
        children.append(Child(name, command, environ, is_patient=name in PATIENT))
    return children


def check_port(host: str, port: int, name: str) -> None:
    """Raises PortTaken; told once here rather than again and again by a child."""
    try:
        with socket.create_server((host, port), family=family_of(host)):
            pass
    except OSError as error:
        raise PortTaken(name, port) from error


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Launcher:
    """Keeps its children running until it is told to stop."""

    def __init__(self, settings: Settings, children: Sequence[Child]) -> None:
        self._settings = settings
        self._children = children
        self._stopping = asyncio.Event()
        self._is_ready = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._told_to_stop)
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        herald = asyncio.create_task(self._announce())
        while not self._stopping.is_set() and self._folder_is_there():
            await self._pause(FOLDER_LOOK_S)
        is_gone = not self._stopping.is_set()
        self._stopping.set()
        herald.cancel()
        self._is_ready.set()  # nobody waits for that any more
        await self._stop_all()
        await asyncio.gather(*keepers, herald, return_exceptions=True)
        if is_gone:
            raise DataFolderGone(self._settings.data)

    def _folder_is_there(self) -> bool:
        return (self._settings.data / embedded.LOCK_FILE).exists()

    def _told_to_stop(self) -> None:
        """The second time nobody is asked any more."""
        if self._stopping.is_set():
            for child in self._children:
                child.kill()
        self._stopping.set()

    async def _keep(self, child: Child) -> None:
        pause_s = FIRST_PAUSE_S
        if child.is_patient:
            await self._is_ready.wait()
        while not self._stopping.is_set():
            began_s = time.monotonic()
            code = await child.start()
            if self._stopping.is_set():
                return
            if time.monotonic() - began_s >= SETTLED_S:
                pause_s = FIRST_PAUSE_S
            log.warning("%s ended (%s); starting again in %.1f s", child.name, code, pause_s)
            await self._pause(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _pause(self, seconds: float) -> None:
        """Shorter when told to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _announce(self) -> None:
        while not await self._ready():
            await self._pause(READY_POLL_S)
            if self._stopping.is_set():
                return
        self._is_ready.set()
        place = address(reached_at(self._settings.host), self._settings.port)
        print(f"{NAME}  {place}", flush=True)  # noqa: T201

    async def _ready(self) -> bool:
        host, port = reached_at(self._settings.host), self._settings.port
        own_name = address(host, port).removeprefix("http://")
        request = f"GET /readyz HTTP/1.1\r\nHost: {own_name}\r\nConnection: close\r\n\r\n"
        try:
            async with asyncio.timeout(READY_WAIT_S):
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(request.encode())
                status = await reader.readline()
                writer.close()
        except (OSError, TimeoutError):
            return False
        return b" 200 " in status

    async def _stop_all(self) -> None:
        """The store last: the others may still have something to write."""
        others = [child for child in self._children if child.name != STORE]
        await asyncio.gather(*(child.stop(STOP_WAIT_S) for child in others))
        stores = [child for child in self._children if child.name == STORE]
        await asyncio.gather(*(child.stop(embedded.STOP_WAIT_S) for child in stores))
