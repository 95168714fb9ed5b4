"""Distances on the ground between WGS-84 points."""

import math

Place = tuple[float, float]  # longitude, latitude: degrees

EARTH_M = 6_371_008.8  # mean radius (IUGG)


def distance_m(a: Place, b: Place) -> float:
    """Along the great circle, by the haversine formula; at most 0.6 % from the ellipsoid's."""
    lon_a, lat_a, lon_b, lat_b = map(math.radians, (*a, *b))
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))
