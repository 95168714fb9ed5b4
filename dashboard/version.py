"""Which program this is: a wall that was loaded from another loads itself anew."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PARTS: Final = ("app.py", "assets", "callbacks", "dashboard", "feeds", "layouts")
SUFFIXES: Final = frozenset({".py", ".js", ".css", ".json", ".geojson", ".woff2"})
LENGTH: Final = 12


@cache
def program_version() -> str:
    """A short hash over all that a page is made of; the same wherever the files are the same."""
    sums = hashlib.sha256()
    for path in sorted(_files()):
        sums.update(f"{path.relative_to(ROOT)}\n".encode())
        sums.update(path.read_bytes())
    return sums.hexdigest()[:LENGTH]


def _files() -> list[Path]:
    found = []
    for part in PARTS:
        place = ROOT / part
        inside = [place] if place.is_file() else place.rglob("*")
        found += [path for path in inside if path.suffix in SUFFIXES and path.is_file()]
    return found
