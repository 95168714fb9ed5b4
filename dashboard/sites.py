"""Loads and checks the marked sites of a region pack."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dashboard.domain.areas import Region, Tier
from dashboard.domain.sites import Site, Sites
from dashboard.errors import RegionError
from dashboard.pack_file import Text, read_file, refuse_repeats

SITES = "sites.json"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[Text, Meta(max_length=64)]
    name: Text
    name_en: Text
    kind: Text
    area: Text


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sites: list[_Entry]


def load_sites(folder: Path, region: Region) -> Sites:
    """The sites of `sites.json`; a pack may come without the file.

    Raises RegionError naming file, field and what was expected.
    """
    if not (folder / SITES).exists():
        return Sites()
    entries = read_file(folder / SITES, _File).sites
    refuse_repeats(SITES, (entry.id for entry in entries))
    for place, entry in enumerate(entries):
        area = region.by_code.get(entry.area)
        if area is None or area.tier is not Tier.GRID:
            reason = f"Expected a grid of {region.name}, got {entry.area!r}"
            raise RegionError(SITES, f"{reason} - at `$.sites[{place}].area`")
    return Sites([Site(**msgspec.structs.asdict(entry)) for entry in entries])
