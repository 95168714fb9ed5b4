"""Folds alerts: by cause, by place and time window; in a flood by rule alone.

One cut is one group with all that it took down inside. A group is a way of looking: its alerts keep
their own states, and no number is counted by group.
"""

from collections.abc import Iterable
from typing import Final

from dashboard.domain.alert_rules import Kind
from dashboard.domain.alerts import Alert, AlertState
from dashboard.domain.areas import Region, Tier

# of a group the state that asks most
WORST: Final = (
    AlertState.UNACKNOWLEDGED,
    AlertState.RETURNED,
    AlertState.ACKNOWLEDGED,
    AlertState.SHELVED,
    AlertState.OUT_OF_SERVICE,
    AlertState.SUPPRESSED,
)
CAUSE: Final = "cause "  # begins the key of what has one cause


class Folding:
    """Shares out alerts among groups."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def key(self, alert: Alert, *, by_rule: bool = False, is_cause: bool = True) -> str:
        """Of the group that an alert is in: that of its cause, else of its rule, place and time.

        `by_rule`: as in a flood, everything of a rule without a cause is one group; then a device
        has one of its own only when `is_cause`, other alerts being suppressed by its.
        """
        if alert.suppressed_by is not None:
            return f"{CAUSE}{alert.suppressed_by}"
        if alert.kind is Kind.DEVICE_GONE and (is_cause or not by_rule):
            return f"{CAUSE}{alert.id}"
        if by_rule:
            return f"rule {alert.rule}"
        return f"place {alert.rule} {street_of(self._region, alert.area)} {alert.window_ms}"

    def area_of(self, alerts: Iterable[Alert]) -> str:
        """The smallest area that holds them all."""
        lineages = [self._region.lineage(code) for code in {alert.area for alert in alerts}]
        shared = self._region.root.code
        for places in zip(*lineages, strict=False):
            if len({place.code for place in places}) > 1:
                break
            shared = places[0].code
        return shared


def street_of(region: Region, code: str) -> str:
    """The street that an area lies in; the region itself for what lies in none."""
    lineage = region.lineage(code)
    return next((area.code for area in lineage if area.tier is Tier.STREET), lineage[0].code)
