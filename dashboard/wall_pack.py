"""Loads and checks what a region pack's walls show, in which order, and how long."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dashboard.domain.playlist import Entry, Playlist, SceneKind, SceneOf
from dashboard.errors import RegionError
from dashboard.pack_file import Text, read_file

WALL = "wall.json"
DWELL_S = Annotated[int, Meta(ge=5, le=3_600)]
HOLD_S = Annotated[int, Meta(ge=10, le=600)]


class EntryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scene: SceneKind
    of: SceneOf
    dwell_s: DWELL_S


class WallFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Text
    hold_s: HOLD_S
    playlist: Annotated[list[EntryFile], Meta(min_length=1, max_length=40)]


def load_playlist(folder: Path) -> Playlist:
    """Raises RegionError naming file, field and expectation."""
    told = read_file(folder / WALL, WallFile)
    entries = tuple(Entry(e.scene, e.of, e.dwell_s) for e in told.playlist)
    for n, entry in enumerate(entries):
        if (entry.scene, entry.of) in [(e.scene, e.of) for e in entries[:n]]:
            reason = f"Expected each scene once; {entry.scene} of {entry.of} is there twice"
            raise RegionError(WALL, f"{reason} - at `$.playlist[{n}]`")
    return Playlist(entries, told.hold_s)
