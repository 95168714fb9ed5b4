"""The alerts of a web process's picture: those listed, and the log of the last day."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dashboard.alert_desk import DeskAlerts
from dashboard.domain.alert_load import DAY_MS
from dashboard.domain.alerts import Alert, AlertNews, Mute
from dashboard.domain.areas import Area, Region, Tier
from dashboard.domain.picture import Delta

NEWS_MS: Final = DAY_MS


@dataclass(slots=True)
class Changed:
    """What a delta changed: alerts by id, and by area the groups of its desk that differ."""

    ids: set[str] = field(default_factory=set)
    groups: dict[str, set[str]] = field(default_factory=dict)


class AlertBook:
    """Fed by the board's deltas; told twice is told once."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self.clear()

    def clear(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.mutes: dict[str, Mute] = {}
        self.news: deque[AlertNews] = deque()
        self.judged_ms = 0
        self._desks: dict[str, DeskAlerts] = {}  # one an area at most

    def load(
        self, alerts: Iterable[Alert], mutes: Mapping[str, Mute], news: Iterable[AlertNews]
    ) -> None:
        self.clear()
        self.alerts = {alert.id: alert for alert in alerts}
        self.mutes = dict(mutes)
        self.news.extend(news)

    def apply(self, delta: Delta) -> "Changed":
        """Bring it to the delta's tick."""
        for alert in delta.alerts:
            self.alerts[alert.id] = alert
        for identity in delta.alerts_gone:
            self.alerts.pop(identity, None)
        last = self.news[-1].n if self.news else 0
        news = [line for line in delta.news if line.n > last]
        self.news.extend(news)
        while self.news and self.news[0].at_ms < delta.as_of_ms - NEWS_MS:
            self.news.popleft()
        self.judged_ms = delta.judged_ms or self.judged_ms
        if delta.mutes is not None:
            self.mutes = delta.mutes
        ids = {alert.id for alert in delta.alerts} | set(delta.alerts_gone)
        beat = delta.feeds is not None
        groups = {
            code: desk.apply(ids, self.alerts, news, delta.as_of_ms)
            for code, desk in self._desks.items()
            if ids or news or beat
        }
        return Changed(ids, groups)

    # ---- as a desk sees it -----------------------------------------------------------------------

    def desk(self, area: Area, tier: Tier, now_ms: int) -> DeskAlerts:
        """One area's desk, kept up from the first time it is asked for."""
        held = self._desks.get(area.code)
        if held is None:
            held = DeskAlerts(self._region, area, tier)
            held.load(self.alerts, self.news, now_ms)
            self._desks[area.code] = held
        return held

    def news_of(self, area: Area) -> list[AlertNews]:
        """The log of the last day, oldest first."""
        region, code = self._region, area.code
        inside: dict[str, bool] = {}
        for line in self.news:
            if line.area not in inside:
                inside[line.area] = region.is_within(line.area, code)
        return [line for line in self.news if inside[line.area]]

    def mute(self, area: Area, now_ms: int) -> Mute | None:
        held = self.mutes.get(area.code)
        return held if held is not None and held.until_ms > now_ms else None
