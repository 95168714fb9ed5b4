"""Loads and checks the service systems of a region pack."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from dashboard.domain.class_patterns import first_without_code, is_pattern
from dashboard.domain.events import Channel
from dashboard.domain.incident_classes import Classes
from dashboard.domain.systems import AREA_KPIS, CASE_KPIS, ServiceSystem, Systems
from dashboard.errors import RegionError
from dashboard.pack_file import Text, read_file, refuse_repeats

PACK = "pack.json"
MOST_SYSTEMS = 32  # a case's row has a bit for each
KPIS = frozenset({*CASE_KPIS, *AREA_KPIS})


class SystemEntry(msgspec.Struct, frozen=True):
    """One of the service systems a district files its work under; fields as in ServiceSystem."""

    id: Text
    name: Text
    name_en: Text
    status: Literal["official", "proposal"]
    rests_on: list[Text]
    classes: list[Text]
    kpis: Annotated[list[Text], Meta(min_length=3, max_length=5)]
    channels: list[Channel] = []
    whistled: bool = False
    rest: bool = False


class _SystemsPart(msgspec.Struct, frozen=True):
    systems: Annotated[list[SystemEntry], Meta(max_length=MOST_SYSTEMS)]


def load_systems(folder: Path, classes: Classes) -> Systems:
    """The systems of pack.json in its order; `classes` are the same pack's.

    Raises RegionError naming file and system, what is wrong and what was expected.
    """
    entries = read_file(folder / PACK, _SystemsPart).systems
    check_entries(entries)
    systems = Systems(_system(entry) for entry in entries)
    codes = [item.code for item in classes.values()]
    for entry in entries:
        stray = first_without_code(entry.classes, codes)
        if stray is not None:
            raise _refusal(entry.id, f"{stray} matches no class; expected at least one")
    for code in codes:
        found = [system.id for system in systems.naming(code)]
        if len(found) > 1:
            reason = f"class {code} belongs to {' and '.join(found)}; expected one system"
            raise RegionError(f"{PACK}: systems", reason)
    return systems


def check_entries(entries: Iterable[SystemEntry]) -> None:
    """All that can be told without the classes. Raises RegionError."""
    entries = tuple(entries)
    refuse_repeats(f"{PACK}: systems", (entry.id for entry in entries))
    for entry in entries:
        _check_entry(entry)
    rest = [entry.id for entry in entries if entry.rest]
    if len(rest) != 1:
        told = f"{len(rest)} systems take the rest"
        raise RegionError(f"{PACK}: systems", f"{told}{_named(rest)}; expected 1")


def _check_entry(entry: SystemEntry) -> None:
    place = f"{PACK}: systems: {entry.id}"
    for listed in (entry.classes, entry.kpis, entry.channels):
        refuse_repeats(place, listed)
    for pattern in entry.classes:
        if not is_pattern(pattern):
            expected = "expected a class code, or the beginning of some and a star"
            raise RegionError(place, f"{pattern!r} is no pattern; {expected}")
    for kpi in entry.kpis:
        if kpi not in KPIS:
            expected = f"expected {', '.join(CASE_KPIS)} or a number of an area"
            raise RegionError(place, f"there is no KPI {kpi!r}; {expected}")


def _named(ids: list[str]) -> str:
    return f" ({', '.join(ids)})" if ids else ""


def _refusal(system: str, reason: str) -> RegionError:
    return RegionError(f"{PACK}: systems: {system}", reason)


def _system(entry: SystemEntry) -> ServiceSystem:
    return ServiceSystem(
        id=entry.id,
        name=entry.name,
        name_en=entry.name_en,
        status=entry.status,
        rests_on=tuple(entry.rests_on),
        classes=tuple(entry.classes),
        channels=tuple(entry.channels),
        whistled=entry.whistled,
        kpis=tuple(entry.kpis),
        rest=entry.rest,
    )
