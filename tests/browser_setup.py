"""Finds a Chromium that runs and Chinese fonts for the browser tests, or gets them, or says so."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

RECORD = Path(__file__).resolve().parents[1] / ".venv" / "chromium.path"
SHELL = "chromium-headless-shell"  # the same without its own windows: a quarter less work
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TRY = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank")
TRY_S = 60
EXECUTABLE = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_chromium():
    """Path of a Chromium, as recorded by `make test` or found on PATH; None when there is none."""
    if RECORD.exists():
        return RECORD.read_text(encoding="utf-8")
    return next(filter(None, map(shutil.which, NAMES)), None)


def whole_chromium():
    """One with its own windows, as a desk has it; for figures. The other where there is none."""
    names = [name for name in NAMES if name != SHELL]
    return next(filter(None, map(shutil.which, names)), None) or find_chromium()


def runs(path):
    """Ubuntu has a `chromium` that only tells people to install something else."""
    try:
        tried = subprocess.run([path, *TRY], capture_output=True, timeout=TRY_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0 and b"<html" in tried.stdout


def on_path():
    return next((path for path in map(shutil.which, NAMES) if path and runs(path)), None)


def from_debian():
    if install(SHELL) or install("chromium"):
        return on_path()
    return None


def from_playwright():
    deps = ["--with-deps"] if os.geteuid() == 0 else []
    call = [sys.executable, "-m", "playwright", "install", *deps, "chromium"]
    if subprocess.run(call, check=False).returncode != 0:
        return None
    asked = subprocess.run([sys.executable, "-c", EXECUTABLE], capture_output=True, check=False)
    path = asked.stdout.decode().strip()
    return path if path and runs(path) else None


def has_chinese_fonts():
    if shutil.which("fc-list") is None:
        return False
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
    return bool(found.stdout.strip())


def install(*packages):
    """From the distribution's packages, which takes root."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    calls = (["apt-get", "-q", "update"], ["apt-get", "-qy", "install", *packages])
    return all(subprocess.run(call, env=environ, check=False).returncode == 0 for call in calls)


def main():
    chromium = on_path() or from_debian() or from_playwright()
    if chromium is None:
        RECORD.unlink(missing_ok=True)
        print("NOT RUN: the browser tests (no Chromium here, and none could be installed)")
        return
    RECORD.write_text(chromium, encoding="utf-8")
    if not has_chinese_fonts() and not (
        install("fonts-noto-cjk", "fontconfig") and has_chinese_fonts()
    ):
        print("WARNING: no Chinese fonts here; pictures taken by the browser tests show boxes")


if __name__ == "__main__":
    main()
