"""Rules of the alerts: data of the region pack, changed by version; each names what is to be done.

No response, no alert (ISA-18.2): a rule without one cannot be written.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dashboard.clock import local_day_start_ms
from dashboard.domain.areas import Tier

Seconds = Annotated[int, Meta(ge=0, le=7 * 86_400)]
Text = Annotated[str, Meta(min_length=1, max_length=300)]
Hour = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
MINUTE_MS = 60_000


class Kind(StrEnum):
    """What is measured at the sources of a rule; higher is always worse."""

    FEED_SILENT = "feed_silent"  # periods of silence of a feed
    ONLINE_RATE_DROP = "online_rate_drop"  # points that a grid's online rate fell in a window
    DEVICE_GONE = "device_gone"  # share of the cameras behind a recorder, switch ... that are down
    SITE_WITHOUT_VIEW = "site_without_view"  # share of a marked site's cameras that are down
    INCIDENT_AT_LIMIT = "incident_at_limit"  # share of a case's limit that is used up
    INCIDENT_OVERDUE = "incident_overdue"  # minutes that a late case waits to be pressed
    P1_UNACKNOWLEDGED = "p1_unacknowledged"  # minutes that a case of priority 1 waits
    GRID_WITHOUT_COVER = "grid_without_cover"  # minutes without a check-in in a grid
    SIMILAR_CLUSTER = "similar_cluster"  # similar cases within 50 m and 24 h
    EXCHANGE_OVERDUE = "exchange_overdue"  # periods since the last delivery of a resource
    WHISTLE_UNANSWERED = "whistle_unanswered"  # share of a called department's clock


class Unit(StrEnum):
    PERIODS = "periods"
    POINTS = "points"  # of a percentage
    PERCENT = "percent"
    MINUTES = "minutes"
    CASES = "cases"


UNITS: Mapping[Kind, Unit] = {
    Kind.FEED_SILENT: Unit.PERIODS,
    Kind.ONLINE_RATE_DROP: Unit.POINTS,
    Kind.DEVICE_GONE: Unit.PERCENT,
    Kind.SITE_WITHOUT_VIEW: Unit.PERCENT,
    Kind.INCIDENT_AT_LIMIT: Unit.PERCENT,
    Kind.INCIDENT_OVERDUE: Unit.MINUTES,
    Kind.P1_UNACKNOWLEDGED: Unit.MINUTES,
    Kind.GRID_WITHOUT_COVER: Unit.MINUTES,
    Kind.SIMILAR_CLUSTER: Unit.CASES,
    Kind.EXCHANGE_OVERDUE: Unit.PERIODS,
    Kind.WHISTLE_UNANSWERED: Unit.PERCENT,
}
# What a kind is told besides its threshold, with what holds where a rule says nothing.
PARAMETERS: Mapping[Kind, Mapping[str, int]] = {
    Kind.FEED_SILENT: {"at_least_s": 120},
    Kind.ONLINE_RATE_DROP: {"window_min": 5, "min_cameras": 20},
    Kind.DEVICE_GONE: {"min_cameras": 4},
    Kind.SITE_WITHOUT_VIEW: {},
    Kind.INCIDENT_AT_LIMIT: {"max_priority": 2},
    Kind.INCIDENT_OVERDUE: {"max_priority": 2},
    Kind.P1_UNACKNOWLEDGED: {},
    Kind.GRID_WITHOUT_COVER: {},
    Kind.SIMILAR_CLUSTER: {},
    Kind.EXCHANGE_OVERDUE: {"period_s": 86_400},
    Kind.WHISTLE_UNANSWERED: {},
}
# Cases that stand in the queue themselves: work on the case is what ends them.
OF_THE_QUEUE = frozenset({Kind.INCIDENT_AT_LIMIT, Kind.INCIDENT_OVERDUE, Kind.P1_UNACKNOWLEDGED})


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. `value >= threshold` for `on_delay_s` raises, below it for `off_delay_s` clears.

    `tier`: who has to respond. `acknowledge_within_s`: unacknowledged so long it rings again one
    tier higher; `again_after_s`: acknowledged so long while it still holds it rings again; 0 for
    never. `hours`: from and to in Shanghai; outside of them nothing is raised. `latched`: a cleared
    alert waits for an acknowledgement. `cap`: what a public warning says of it (CAP 1.2).
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    kind: Kind
    name: Text
    name_en: Text
    response: Text
    response_en: Text
    priority: Annotated[int, Meta(ge=1, le=4)]
    tier: Tier
    threshold: Annotated[float, Meta(ge=0)]
    on_delay_s: Seconds = 0
    off_delay_s: Seconds = 0
    acknowledge_within_s: Seconds = 0
    again_after_s: Seconds = 0
    enabled: bool = True
    area: str | None = None
    hours: tuple[Hour, Hour] | None = None
    latched: bool = True
    incident_class: str | None = None
    parameters: dict[str, Annotated[int, Meta(ge=0)]] = {}
    cap: dict[str, Any] | None = None
    version: Annotated[int, Meta(ge=1)] = 1
    changed_ms: int | None = None
    changed_by: str | None = None

    @property
    def unit(self) -> Unit:
        return UNITS[self.kind]

    def parameter(self, name: str) -> int:
        return self.parameters.get(name, PARAMETERS[self.kind][name])

    def after(self, seconds: int, from_ms: int) -> int | None:
        """The end of one of its time limits; None where there is none."""
        return from_ms + seconds * 1000 if seconds else None

    def is_awake(self, now_ms: int) -> bool:
        """Whether it is switched on, and within its hours."""
        if not self.enabled:
            return False
        if self.hours is None:
            return True
        first, last = (_minutes(text) for text in self.hours)
        minute = (now_ms - local_day_start_ms(now_ms)) // MINUTE_MS
        return first <= minute < last if first < last else minute >= first or minute < last


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def problems(rule: Rule) -> tuple[str, str] | None:
    """A field and what is wrong with it, where its type alone does not say; None: nothing."""
    unknown = sorted(set(rule.parameters) - set(PARAMETERS[rule.kind]))
    if unknown:
        known = ", ".join(PARAMETERS[rule.kind]) or "none"
        return f"parameters.{unknown[0]}", f"{rule.kind} does not know it; expected {known}"
    if rule.tier is Tier.GRID:
        return "tier", "expected district, street or community"
    if rule.hours is not None and rule.hours[0] == rule.hours[1]:
        return "hours", "expected two different times"
    return None
