"""Loads and checks how soon a region pack's departments answer a whistle."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.whistles import Limits, Within
from dashboard.errors import RegionError
from dashboard.pack_file import Text, read_file

WHISTLES = "whistles.json"
MINUTES_MAX = 525_600  # a year
Minutes = Annotated[int, Meta(ge=1, le=MINUTES_MAX)]


class WithinEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    acknowledge: Minutes
    arrive: Minutes
    finish: Minutes


class WhistlesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Text
    kinds: dict[WhistleKind, WithinEntry]


def load_whistle_limits(folder: Path) -> Limits:
    """Minutes for each kind of whistle. Raises RegionError naming file, field and expectation."""
    told = read_file(folder / WHISTLES, WhistlesFile)
    for kind in WhistleKind:
        if kind not in told.kinds:
            raise RegionError(WHISTLES, f"Expected the limits of {kind} - at `$.kinds`")
        entry = told.kinds[kind]
        if not entry.acknowledge <= entry.arrive <= entry.finish:
            reason = "Expected acknowledge <= arrive <= finish, all count from the blow"
            raise RegionError(WHISTLES, f"{reason} - at `$.kinds.{kind}`")
    return {kind: Within(e.acknowledge, e.arrive, e.finish) for kind, e in told.kinds.items()}
