"""One desk's view of the alerts, kept up change by change: a storm costs what changes, not what is.

All web processes compute the same from the same log.
"""

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Final

from dashboard.domain.alert_groups import CAUSE, WORST, Folding
from dashboard.domain.alert_load import DAY_MS, Flood, flood
from dashboard.domain.alerts import LISTED, SILENT, Alert, AlertNews, AlertState
from dashboard.domain.areas import Area, Region, Tier

RINGING_SHOWN: Final = 20
PRIORITIES: Final = (1, 2, 3, 4)


class Tally:
    """One group: who is inside, and counts that are kept, not counted anew."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.alerts: dict[str, Alert] = {}
        self.states: Counter[AlertState] = Counter()
        self._loud: Counter[int] = Counter()
        self._all: Counter[int] = Counter()
        self.first: Alert | None = None
        self.last_ms = 0

    def put(self, alert: Alert) -> None:
        self.take(alert.id)
        self.alerts[alert.id] = alert
        self._count(alert, 1)
        self.last_ms = max(self.last_ms, alert.raised_ms)
        if self.first is None or _age(alert) < _age(self.first):
            self.first = alert

    def take(self, identity: str) -> None:
        """Take one out, if it is inside."""
        held = self.alerts.pop(identity, None)
        if held is None:
            return
        self._count(held, -1)
        if self.first is not None and self.first.id == identity:
            self.first = min(self.alerts.values(), key=_age, default=None)

    def _count(self, alert: Alert, by: int) -> None:
        self.states[alert.state] += by
        self._all[alert.priority] += by
        if alert.state not in SILENT:
            self._loud[alert.priority] += by

    @property
    def head(self) -> Alert | None:
        """The one that the group is called by: its cause, else the first of them."""
        return self.alerts.get(self.cause or "") or self.first

    @property
    def cause(self) -> str | None:
        """The alert that the others are suppressed by; it may lie outside the desk's area."""
        return self.key.removeprefix(CAUSE) if self.key.startswith(CAUSE) else None

    @property
    def priority(self) -> int:
        """The highest of those that are not silent; of all where every one is."""
        for counter in (self._loud, self._all):
            for priority in PRIORITIES:
                if counter[priority] > 0:
                    return priority
        return PRIORITIES[-1]

    def n_chattering(self, now_ms: int) -> int:
        return sum(alert.is_chattering(now_ms) for alert in self.alerts.values())

    @property
    def state(self) -> AlertState:
        """The one of its states that asks most."""
        return next((state for state in WORST if self.states[state] > 0), WORST[-1])


class DeskAlerts:
    """Alerts of an area as its tier of command has them before it."""

    def __init__(self, region: Region, area: Area, tier: Tier) -> None:
        self.area, self.tier = area, tier
        self._region = region
        self._folding = Folding(region)
        self._inside: dict[str, bool] = {}
        self.clear()

    def clear(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.groups: dict[str, Tally] = {}
        self.group_of: dict[str, str] = {}
        self._caused: Counter[str] = Counter()  # how many alerts each one suppresses
        self.states: Counter[AlertState] = Counter()
        self._ringing: dict[int, dict[str, Alert]] = {priority: {} for priority in PRIORITIES}
        self.unacknowledged: Counter[int] = Counter()
        self.rang: deque[int] = deque()
        self._by_rule = False

    def load(self, alerts: Mapping[str, Alert], news: Iterable[AlertNews], now_ms: int) -> None:
        self.clear()
        self._hear(news)
        self._by_rule = self.flood(now_ms).is_on
        self.change(alerts.keys(), alerts)

    def apply(
        self,
        changed: set[str],
        alerts: Mapping[str, Alert],
        news: Iterable[AlertNews],
        now_ms: int,
    ) -> set[str]:
        """Take in what a tick changed; keys of the groups that differ."""
        self._hear(news)
        while self.rang and self.rang[0] <= now_ms - DAY_MS:
            self.rang.popleft()
        keys = self.change(changed, alerts) if changed else set()
        by_rule = self.flood(now_ms).is_on
        if by_rule is not self._by_rule:
            self._by_rule = by_rule
            return keys | self._fold_anew()
        return keys

    def _hear(self, news: Iterable[AlertNews]) -> None:
        self.rang.extend(
            line.at_ms
            for line in news
            if line.rang and line.tier is self.tier and self.holds(line.area)
        )

    def holds(self, code: str) -> bool:
        if code not in self._inside:
            self._inside[code] = self._region.is_within(code, self.area.code)
        return self._inside[code]

    def flood(self, now_ms: int) -> Flood:
        return flood(self.rang, now_ms)

    def change(self, changed: Iterable[str], alerts: Mapping[str, Alert]) -> set[str]:
        """Take in alerts that changed or are gone; keys of the groups that differ."""
        keys = set()
        for identity in changed:
            alert = alerts.get(identity)
            held = self.alerts.get(identity)
            self._put(identity, alert if alert is not None and self.holds(alert.area) else None)
            keys |= self._regroup(identity)
            if self._by_rule:
                keys |= self._regroup_causes(held, self.alerts.get(identity))
        return keys

    def _regroup_causes(self, *alerts: Alert | None) -> set[str]:
        """What begins or ends to be a cause changes its group in a flood."""
        causes = {one.suppressed_by for one in alerts if one is not None and one.suppressed_by}
        keys = set()
        for identity in causes:
            if identity in self.alerts and self.group_of[identity] != self._key(
                self.alerts[identity]
            ):
                keys |= self._regroup(identity)
        return keys

    def _put(self, identity: str, alert: Alert | None) -> None:
        held = self.alerts.pop(identity, None)
        if held is not None:
            self._count(held, -1)
        if alert is not None:
            self.alerts[identity] = alert
            self._count(alert, 1)

    def _count(self, alert: Alert, by: int) -> None:
        self.states[alert.state] += by
        if alert.suppressed_by is not None:
            self._caused[alert.suppressed_by] += by
            if not self._caused[alert.suppressed_by]:
                del self._caused[alert.suppressed_by]
        if not alert.is_ringing:
            return
        self.unacknowledged[alert.priority] += by
        if alert.tier is self.tier:
            held = self._ringing[alert.priority]
            if by > 0:
                held[alert.id] = alert
            else:
                held.pop(alert.id, None)

    def _regroup(self, identity: str) -> set[str]:
        alert, before = self.alerts.get(identity), self.group_of.pop(identity, None)
        keys = set()
        if before is not None:
            self.groups[before].take(identity)
            keys.add(before)
        if alert is not None:
            key = self._key(alert)
            self.groups.setdefault(key, Tally(key)).put(alert)
            self.group_of[identity] = key
            keys.add(key)
        if before is not None and not self.groups[before].alerts:
            del self.groups[before]
        return keys

    def _key(self, alert: Alert) -> str:
        return self._folding.key(alert, by_rule=self._by_rule, is_cause=alert.id in self._caused)

    def _fold_anew(self) -> set[str]:
        keys = set(self.groups)
        self.groups, self.group_of = {}, {}
        for identity in self.alerts:
            keys |= self._regroup(identity)
        return keys

    # ---- what is said of it ----------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """Alerts by state."""
        return {state.value: self.states[state] for state in LISTED}

    def unacknowledged_by_priority(self) -> dict[str, int]:
        return {f"p{priority}": self.unacknowledged[priority] for priority in PRIORITIES}

    @property
    def n_ringing(self) -> int:
        """Unacknowledged ones that this tier has to answer."""
        return sum(len(held) for held in self._ringing.values())

    def ringing(self) -> list[Alert]:
        """The most urgent of those, at most RINGING_SHOWN."""
        found: list[Alert] = []
        for priority in PRIORITIES:
            left = RINGING_SHOWN - len(found)
            held = self._ringing[priority].values()
            found += heapq.nsmallest(left, held, key=lambda alert: (alert.rang_ms, alert.id))
        return found

    def area_of(self, tally: Tally) -> str:
        """The smallest area that holds all of a group."""
        return self._folding.area_of(tally.alerts.values())


def _age(alert: Alert) -> tuple[int, str]:
    return alert.raised_ms, alert.id
