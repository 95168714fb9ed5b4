"""From decoded events to events for the store: locate, check, convert, mask.

Pure but for the clock it is handed. Nothing here writes, so a batch can be prepared again when it
is retried.
"""

from dashboard.domain import events as stored
from dashboard.domain.areas import Region
from dashboard.domain.incident_classes import Classes
from dashboard.domain.rights import Principal, Right, Role
from feeds import schema
from feeds.conversion import checked_ms, convert
from feeds.decoding import PLACING, Decoded, Prepared, Rejection, note_spot
from feeds.places import Known, Located, Place, Refusal, find_places


class Intake:
    """Checks and converts decoded events for one region."""

    def __init__(self, region: Region, classes: Classes) -> None:
        self._region = region
        self._classes = classes
        self._grid_codes = frozenset(area.code for area in region.grids)
        self._allowed: dict[str, frozenset[str]] = {}  # by area, once a feed of it has sent

    def prepare(
        self, prepared: Prepared, decoded: Decoded, known: Known, feed_area: str | None, now_ms: int
    ) -> Prepared:
        """Fill `prepared` from the decoded events; what cannot be accepted becomes a rejection."""
        places = find_places(self._region, decoded)
        known = Known(dict(known.cameras), dict(known.incidents))
        allowed = self._grid_codes_of(feed_area)
        repeats: set[str] = set()
        for position, (index, event) in enumerate(decoded):
            identity = event.id if event.source is None else f"{event.source}\x1f{event.id}"
            if identity in repeats:
                prepared.n_repeated += 1
                continue
            try:
                converted = self._convert(event, places[position], known, allowed, now_ms)
            except Refusal as refusal:
                prepared.n_elsewhere += refusal.elsewhere
                prepared.rejections.append(
                    Rejection(index, event.id, refusal.field, refusal.reason)
                )
                continue
            repeats.add(identity)
            prepared.events.append(converted)
            prepared.identities.append(identity)
            if isinstance(converted, PLACING):
                note_spot(converted, prepared.cameras, prepared.incidents)
                note_spot(converted, known.cameras, known.incidents)
        return prepared

    def _grid_codes_of(self, area: str | None) -> frozenset[str]:
        if area is None:
            return self._grid_codes
        if area not in self._allowed:
            self._allowed[area] = _reported_by(area, self._region)
        return self._allowed[area]

    def _convert(
        self,
        event: schema.EventIn,
        place: Place | None,
        known: Known,
        allowed: frozenset[str],
        now_ms: int,
    ) -> stored.Event:
        observed_ms = checked_ms(event.time, "time", now_ms)
        located = Located(place, known, allowed, self._region, self._classes, observed_ms, now_ms)
        return convert(event, located)


def _reported_by(area: str, region: Region) -> frozenset[str]:
    """Codes of the grids that a feed of this area may report for."""
    feed = Principal("", Role.FEED, area)
    return frozenset(
        grid.code for grid in region.grids if feed.may(Right.REPORT, region, grid.code)
    )
