"""Loads and checks a region pack: its description, areas and context; `check`: all of it."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import shapely
from msgspec import Meta

from dashboard.clock import SHANGHAI
from dashboard.departments import check_against, load_departments
from dashboard.domain.areas import DEPTH, TIERS, Area, Identity, Outside, Region, Tier
from dashboard.errors import RegionError
from dashboard.limits_pack import load_calendar, load_classes, summary
from dashboard.pack_file import Position, T, Text, read_file, refuse_repeats
from dashboard.sites import load_sites
from dashboard.systems import PACK, SystemEntry, check_entries, load_systems
from dashboard.wall_pack import load_playlist

AREAS, CONTEXT = "areas.geojson", "context.geojson"
RECORDINGS = "recordings"
SLIVER_M = 0.2  # along every border: twice what rounding to six decimals can move it
DEGREE_M = 111_320.0  # of latitude

Ring = Annotated[list[Position], Meta(min_length=4)]
Rings = Annotated[list[Ring], Meta(min_length=1)]


class Polygon(msgspec.Struct, frozen=True, tag_field="type", tag="Polygon"):
    coordinates: Rings


class MultiPolygon(msgspec.Struct, frozen=True, tag_field="type", tag="MultiPolygon"):
    coordinates: Annotated[list[Rings], Meta(min_length=1)]


class AreaProperties(msgspec.Struct, frozen=True):
    code: Text
    parent: Text | None
    tier: Tier
    name: Text
    name_en: Text
    label: Position
    km2: Annotated[float, Meta(gt=0)]
    geometry_source: Text


class ContextProperties(msgspec.Struct, frozen=True):
    kind: Literal["delegated_street", "lake", "neighbour_district"]
    name: Text
    name_en: Text
    code: Text | None = None


class AreaFeature(msgspec.Struct, frozen=True):
    type: Literal["Feature"]
    properties: AreaProperties
    geometry: Polygon | MultiPolygon


class ContextFeature(msgspec.Struct, frozen=True):
    type: Literal["Feature"]
    properties: ContextProperties
    geometry: Polygon | MultiPolygon


class Collection(msgspec.Struct, frozen=True):
    type: Literal["FeatureCollection"]
    features: list[Any]


class Note(msgspec.Struct, frozen=True):
    id: Text
    zh: Text
    en: Text


class Delegated(msgspec.Struct, frozen=True):
    code: Text
    name: Text
    name_en: Text


class Pack(msgspec.Struct, frozen=True):
    id: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
    name: Text
    name_en: Text
    code_scheme: Text
    timezone: Text
    notes: list[Note]
    delegated: list[Delegated]
    systems: list[SystemEntry]


def load_region(folder: Path) -> Region:
    """Raises RegionError, naming the feature or file and what is wrong with it."""
    pack = _load_pack(folder)
    features = _area_features(folder)
    shapes = {code: _shape(code, feature.geometry) for code, feature in features.items()}
    _check_tree({code: feature.properties for code, feature in features.items()})
    _check_labels({code: feature.properties for code, feature in features.items()}, shapes)
    areas = _areas([feature.properties for feature in features.values()])
    _check_tiling(areas, shapes)
    grid_shapes = [shapes[area.code] for area in areas if area.tier is Tier.GRID]
    identity = Identity(pack.id, pack.name, pack.name_en)
    return Region(identity, areas, grid_shapes, _outside(folder))


def check(folder: Path) -> str:
    """One line on a pack that is in order. Raises RegionError on one that is not."""
    region, classes = load_region(folder), load_classes(folder)
    units = load_departments(folder, region)
    check_against(units, classes)
    systems, sites = load_systems(folder, classes), load_sites(folder, region)
    tiers = [f"{tier} {sum(area.tier is tier for area in region.areas)}" for tier in TIERS]
    playlist = load_playlist(folder)
    recordings = len(list((folder / RECORDINGS).glob("*.jsonl")))
    limits = summary(classes, load_calendar(folder).published_years)
    return (
        f"{region.id} {region.name}: {', '.join(tiers)}; {limits}; "
        f"{len(systems)} service systems; {len(units)} departments and teams; "
        f"{len(sites)} marked sites; {len(playlist.entries)} entries of the walls' playlist; "
        f"{recordings} recordings"
    )


def _load_pack(folder: Path) -> Pack:
    pack = read_file(folder / PACK, Pack)
    if (
        pack.timezone != SHANGHAI.key
    ):  # dashboard.clock knows one zone; another would be wrong in silence
        raise RegionError(PACK, f"timezone is {pack.timezone!r}; only {SHANGHAI.key} is supported")
    check_entries(pack.systems)
    return pack


def _features(path: Path, shape: type[T]) -> list[T]:
    return [
        _feature(f"{path.name} feature {position}", raw, shape)
        for position, raw in enumerate(read_file(path, Collection).features)
    ]


def _feature(place: str, raw: Any, shape: type[T]) -> T:
    """Raises RegionError naming the feature by its code where it has one, else by `place`."""
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        raise RegionError(_code_of(raw) or place, str(error)) from error


def _code_of(raw: Any) -> str | None:
    properties = raw.get("properties") if isinstance(raw, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    return code if isinstance(code, str) and code else None


def _area_features(folder: Path) -> dict[str, AreaFeature]:
    features = _features(folder / AREAS, AreaFeature)
    refuse_repeats(None, (feature.properties.code for feature in features))
    return {feature.properties.code: feature for feature in features}


def _shape(code: str, geometry: Polygon | MultiPolygon) -> shapely.Geometry:
    """Raises RegionError unless every ring is closed and the whole is valid and has a surface."""
    polygons = [geometry.coordinates] if isinstance(geometry, Polygon) else geometry.coordinates
    for ring in (ring for rings in polygons for ring in rings):
        if ring[0] != ring[-1]:
            raise RegionError(code, "geometry has a ring that is not closed")
    parts = [shapely.Polygon(rings[0], rings[1:]) for rings in polygons]
    shape = parts[0] if isinstance(geometry, Polygon) else shapely.MultiPolygon(parts)
    if not shape.is_valid:
        raise RegionError(code, f"geometry is not valid: {shapely.is_valid_reason(shape)}")
    return shape


def _check_tree(areas: Mapping[str, AreaProperties]) -> None:
    """One root, each other area a tier below its parent, none but grids without children."""
    roots = [area.code for area in areas.values() if area.tier is Tier.DISTRICT]
    if len(roots) != 1:
        raise RegionError(AREAS, f"has {len(roots)} areas of tier district; expected 1")
    for area in areas.values():
        _check_parent(area, areas)
    parents = {area.parent for area in areas.values()}
    for area in areas.values():
        if area.tier is not Tier.GRID and area.code not in parents:
            raise RegionError(area.code, f"has no {TIERS[DEPTH[area.tier] + 1]} inside")


def _check_parent(area: AreaProperties, areas: Mapping[str, AreaProperties]) -> None:
    if area.tier is Tier.DISTRICT:
        if area.parent is not None:
            raise RegionError(area.code, f"a district has no parent, this one has {area.parent}")
        return
    expected = TIERS[DEPTH[area.tier] - 1]
    if area.parent is None:
        raise RegionError(area.code, f"has no parent; a {area.tier} needs a {expected}")
    parent = areas.get(area.parent)
    if parent is None:
        raise RegionError(area.code, f"its parent {area.parent} does not exist")
    if parent.tier is not expected:
        raise RegionError(
            area.code,
            f"a {area.tier} lies in a {expected}; its parent {parent.code} is a {parent.tier}",
        )


def _check_labels(
    areas: Mapping[str, AreaProperties], shapes: Mapping[str, shapely.Geometry]
) -> None:
    for code, area in areas.items():
        if not shapely.intersects_xy(shapes[code], *area.label):
            raise RegionError(code, f"its label {list(area.label)} lies outside its geometry")


def _areas(features: Iterable[AreaProperties]) -> list[Area]:
    ordered = sorted(features, key=lambda area: (DEPTH[area.tier], area.code))
    return [Area(index=index, **msgspec.structs.asdict(area)) for index, area in enumerate(ordered)]


def _check_tiling(areas: Iterable[Area], shapes: Mapping[str, shapely.Geometry]) -> None:
    """Children cover their parent and nothing else, once; borders may differ by SLIVER_M."""
    children: dict[str, list[Area]] = {}
    for area in areas:
        if area.parent is not None:
            children.setdefault(area.parent, []).append(area)
    for code, held in children.items():
        _check_cover(code, [area.code for area in held], shapes)


def _check_cover(parent: str, codes: list[str], shapes: Mapping[str, shapely.Geometry]) -> None:
    whole, parts = shapes[parent], [shapes[code] for code in codes]
    union = shapely.union_all(parts)
    allowed = sum(part.length for part in parts) * SLIVER_M / DEGREE_M  # square degrees
    for code, part in zip(codes, parts, strict=True):
        outside = part.difference(whole).area
        if outside > allowed:
            raise RegionError(code, f"{_m2(outside, part)} of it lie outside its parent {parent}")
    gap = whole.difference(union).area
    if gap > allowed:
        raise RegionError(parent, f"its children leave {_m2(gap, whole)} of it uncovered")
    if sum(part.area for part in parts) - union.area > allowed:
        _refuse_overlap(codes, parts)


def _refuse_overlap(codes: list[str], parts: list[shapely.Geometry]) -> None:
    """Name the two that share most."""
    pairs = [
        (parts[a].intersection(parts[b]).area, b, a) for b in range(len(parts)) for a in range(b)
    ]
    shared, later, earlier = max(pairs)
    reason = f"overlaps {codes[earlier]} by {_m2(shared, parts[later])}"
    raise RegionError(codes[later], reason)


def _m2(square_degrees: float, near: shapely.Geometry) -> str:
    metres = square_degrees * DEGREE_M**2 * math.cos(math.radians(near.centroid.y))
    return f"{metres:,.0f} m²"


def _outside(folder: Path) -> list[Outside]:
    """Delegated streets first, then lakes: both lie inside what neighbouring districts claim."""
    features = _features(folder / CONTEXT, ContextFeature)
    order = ("delegated_street", "lake", "neighbour_district")
    features.sort(key=lambda feature: order.index(feature.properties.kind))
    return [
        Outside(feature.properties.name, _shape(feature.properties.name, feature.geometry))
        for feature in features
    ]
