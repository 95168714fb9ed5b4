"""Where an event says it is: a grid by code or by point, in any of three datums, or why not."""

from dataclasses import dataclass

import msgspec
import numpy as np
from prcoords import bd_wgs_bored, gcj_wgs_bored

from dashboard.domain.areas import Region, Tier
from dashboard.domain.events import Spot
from dashboard.domain.incident_classes import Classes
from feeds.decoding import Decoded

# All of China, within prcoords' own box: at the poles it fails, and elsewhere it warns every time.
CHINA_LON, CHINA_LAT = (73.0, 136.0), (3.0, 54.5)
DIGITS_KEPT = 6  # of a degree: 0.1 m


@dataclass(frozen=True, slots=True)
class Known:
    """Where the cameras and incidents are that a batch names without saying so."""

    cameras: dict[str, Spot | None]
    incidents: dict[str, Spot | None]


class Refusal(Exception):
    """One event cannot be accepted: the field, and what was expected."""

    def __init__(self, field_name: str, reason: str, *, elsewhere: bool = False) -> None:
        super().__init__(reason)
        self.field = field_name
        self.reason = reason
        self.elsewhere = elsewhere


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where an event says it is: a grid, or the field and reason why that is not known."""

    grid: str | None = None
    lon: float | None = None
    lat: float | None = None
    field: str = "area"
    reason: str = ""
    code: str | None = None


class Located(msgspec.Struct, frozen=True):
    """What is known around one event; answers "in which grid", or refuses."""

    place: Place | None
    known: Known
    allowed: frozenset[str]
    region: Region
    classes: Classes
    observed_ms: int
    now_ms: int

    def grid(self) -> str:
        """The grid the event names by code or point."""
        if self.place is None:
            raise Refusal("area", "no place given; expected a grid's code in area, or lon and lat")
        if self.place.grid is None:
            raise Refusal(self.place.field, self.place.reason)
        return self.permit(self.place.grid, self.place.field if self.place.lon is None else "lon")

    def point(self) -> tuple[float | None, float | None]:
        """Longitude and latitude, if the event tells any."""
        return (self.place.lon, self.place.lat) if self.place else (None, None)

    def grid_of_known(self, spot: Spot | None, field_name: str) -> None:
        """The registry's word, else the event's own; either must lie in the feed's area."""
        if spot is not None:
            self.permit(spot.grid, field_name)
        elif self.place is None:
            raise Refusal(
                field_name,
                "not known here; report it first, or say where it is in area or lon and lat",
            )
        else:
            self.grid()

    def permit(self, grid: str, field_name: str) -> str:
        if grid not in self.allowed:
            raise Refusal(
                field_name, f"{grid} lies outside the area this feed may report for", elsewhere=True
            )
        return grid


def find_places(region: Region, decoded: Decoded) -> list[Place | None]:
    """Where each event says it is; None where it does not say. One batch call of the index."""
    places: list[Place | None] = [None] * len(decoded)
    points: list[tuple[int, float, float]] = []
    for position, (_, event) in enumerate(decoded):
        if event.lon is not None and event.lat is not None:
            points.append((position, *_to_wgs84(event.lon, event.lat, event.datum)))
        elif event.lon is not None or event.lat is not None:
            places[position] = Place(
                field="lat" if event.lat is None else "lon",
                reason="is missing; expected lon and lat together",
            )
        elif event.area is not None:
            places[position] = _named_place(region, event.area)
    if points:
        at = np.array(points)
        found = region.locate(at[:, 1], at[:, 2]).tolist()
        rounded = at[:, 1:].round(DIGITS_KEPT).tolist()
        for (position, *_), (lon, lat), index in zip(points, rounded, found, strict=True):
            places[position] = _point_place(region, lon, lat, index)
    return places


def _named_place(region: Region, code: str) -> Place:
    area = region.by_code.get(code)
    if area is None:
        return Place(
            field="area",
            reason=f"{code!r} is not an area of {region.name}; expected a grid's code",
        )
    if area.tier is not Tier.GRID:
        return Place(
            field="area",
            reason=f"{code!r} is the {area.tier.value} {area.name}; "
            "expected a grid's code, or lon and lat",
            code=code,
        )
    return Place(grid=code)


def _point_place(region: Region, lon: float, lat: float, index: int) -> Place:
    if index < 0:
        holder = region.outside_name(lon, lat)
        where = f"in {holder}" if holder else "in no area the pack names"
        return Place(field="lon", reason=f"outside the region: {where}")
    return Place(grid=region.areas[index].code, lon=lon, lat=lat)


def _to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Degrees; outside China, where the shifted datums mean nothing, the point as it came."""
    (west, east), (south, north) = CHINA_LON, CHINA_LAT
    if datum == "wgs84" or not (west < lon < east and south < lat < north):
        return lon, lat
    converted = (gcj_wgs_bored if datum == "gcj02" else bd_wgs_bored)((lat, lon), check_china=False)
    return converted.lon, converted.lat
