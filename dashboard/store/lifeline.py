"""Ends a process together with the one that started it, even when that one is killed outright.

Run as a script it becomes another program: `python lifeline.py PARENT_PID PROGRAM ARGUMENT...`.
It imports the standard library only, so that such a start costs milliseconds.
"""

import ctypes
import os
import signal
import sys
import threading
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h
WATCH_S = 0.5


def die_with(parent_pid: int, with_signal: signal.Signals = signal.SIGKILL) -> None:
    """Call from the main thread; ends at once when the parent has already gone.

    On Linux the kernel sends the signal, and remembers the wish across exec. Elsewhere a thread
    looks every WATCH_S seconds, which an exec would end.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent_pid, with_signal), daemon=True).start()
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), with_signal)


def _watch(parent_pid: int, with_signal: signal.Signals) -> None:
    pause = threading.Event()
    while not pause.wait(WATCH_S):
        if os.getppid() != parent_pid:
            os.kill(os.getpid(), with_signal)


def stop_on(number: int, _frame: FrameType | None) -> None:
    """A signal handler that leaves through every `finally`."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    die_with(int(sys.argv[1]), signal.SIGTERM)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 (the caller names the program)
