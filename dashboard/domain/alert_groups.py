"""Folds alerts: by cause, by place and time window; in a flood by rule alone.

One cut is one group with all that it took down inside. A group is a way of looking: its alerts keep
their own states, and no number is counted by group.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
_RANK: Final = {state: rank for rank, state in enumerate(WORST)}


@dataclass(frozen=True, slots=True)
class Group:
    """`first` came first; `cause` is the alert that all others are suppressed by, if any."""

    key: str
    first: Alert
    alerts: tuple[Alert, ...]
    cause: Alert | None

    @property
    def head(self) -> Alert:
        """The one that the group is called by."""
        return self.cause or self.first

    @property
    def priority(self) -> int:
        """The highest of those that are not silent; of all where every one is."""
        loud = [a.priority for a in self.alerts if a.state in _LOUD]
        return min(loud or [a.priority for a in self.alerts])

    @property
    def state(self) -> AlertState:
        return min((alert.state for alert in self.alerts), key=_RANK.__getitem__)

    def count(self, state: AlertState) -> int:
        return sum(alert.state is state for alert in self.alerts)


_LOUD: Final = frozenset({AlertState.UNACKNOWLEDGED, AlertState.ACKNOWLEDGED, AlertState.RETURNED})


class Folding:
    """Shares out alerts among groups."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def groups(self, alerts: Mapping[str, Alert], *, by_rule: bool = False) -> dict[str, Group]:
        """Groups by key. `by_rule`: as in a flood, everything of a rule is one group."""
        held: dict[str, list[Alert]] = {}
        for alert in sorted(alerts.values(), key=lambda one: (one.raised_ms, one.id)):
            held.setdefault(self.key(alert, alerts, by_rule=by_rule), []).append(alert)
        return {key: _group(key, inside, alerts) for key, inside in held.items()}

    def key(self, alert: Alert, alerts: Mapping[str, Alert], *, by_rule: bool = False) -> str:
        """Of the group that an alert is in: that of its cause, else of its rule, place and time."""
        cause = self._cause(alert, alerts)
        if cause is not None:
            return f"cause {cause.id}"
        if by_rule:
            return f"rule {alert.rule}"
        return f"place {alert.rule} {street_of(self._region, alert.area)} {alert.window_ms}"

    def _cause(self, alert: Alert, alerts: Mapping[str, Alert]) -> Alert | None:
        """The alert at the top of its causes, itself if it is one."""
        above = alerts.get(alert.suppressed_by or "")
        if above is not None:
            return above
        return alert if alert.kind in _CAUSES else None

    def area_of(self, alerts: Iterable[Alert]) -> str:
        """The smallest area that holds them all."""
        lineages = [self._region.lineage(code) for code in {alert.area for alert in alerts}]
        shared = self._region.root.code
        for places in zip(*lineages, strict=False):
            if len({place.code for place in places}) > 1:
                break
            shared = places[0].code
        return shared


_CAUSES: Final = frozenset({Kind.DEVICE_GONE})


def street_of(region: Region, code: str) -> str:
    """The street that an area lies in; the region itself for what lies in none."""
    lineage = region.lineage(code)
    return next((area.code for area in lineage if area.tier is Tier.STREET), lineage[0].code)


def _group(key: str, inside: list[Alert], alerts: Mapping[str, Alert]) -> Group:
    cause = alerts.get(key.removeprefix("cause ")) if key.startswith("cause ") else None
    return Group(key, inside[0], tuple(inside), cause)
