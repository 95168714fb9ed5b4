"""The devices near a case."""

from typing import Any, Final

from dashboard.domain.events import IncidentReported
from dashboard.domain.places import distance_m
from dashboard.queries import LivePicture

NEARBY_M: Final = 300.0


def cameras_near(picture: LivePicture, report: IncidentReported) -> dict[str, Any] | None:
    """Devices within NEARBY_M, as marks of the map; None where the place is not known."""
    if report.lon is None or report.lat is None:
        return None
    cameras, here = picture.cameras, (report.lon, report.lat)
    lineage = picture.region.lineage(report.grid)
    community = lineage[max(0, len(lineage) - 2)]
    near = [
        number
        for number in picture.camera_numbers(community).tolist()
        if (row := cameras.registered[number]).lon is not None
        and row.lat is not None
        and distance_m(here, (row.lon, row.lat)) <= NEARBY_M
    ]
    marks = [picture.camera_mark(number) for number in near]
    online = sum(mark[5] == "online" for mark in marks)
    return {"within_m": NEARBY_M, "total": len(marks), "online": online, "items": marks}
