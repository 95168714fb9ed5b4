"""What a duty desk hears of the alerts: counts and groups first, rows of what changed."""

from typing import Any

from dashboard.alert_figures import AlertFigures
from dashboard.alert_rows import AlertRows
from dashboard.clock import iso
from dashboard.domain.areas import Area
from dashboard.domain.rights import Right
from dashboard.queries import LivePicture, Touched
from dashboard.topics import NumberedTopic

ROWS_A_FRAME = 300  # beyond that the desk is told to ask for what it has unfolded again
GROUPS_SHOWN = 200
CALM_MS = 200  # between two frames of a storm; a new P1 does not wait


class AlertTopic(NumberedTopic):
    """One area's alerts as its desk has them."""

    right = Right.SEE_ALERT

    def __init__(self, area: Area, rows: AlertRows, figures: AlertFigures) -> None:
        super().__init__(f"alerts/{area.code}", area.index, area)
        self._rows = rows
        self._figures = figures
        self._told: dict[str, Any] = {}
        self._groups: set[str] = set()  # whose frame waits
        self._alerts: set[str] = set()
        self._told_ms = 0
        self._shown: set[str] = set()

    def begin(self, picture: LivePicture) -> None:
        super().begin(picture)
        self._told = self._look(picture)
        self._groups, self._alerts = set(), set()

    def _look(self, picture: LivePicture) -> dict[str, Any]:
        """What is told of them as a whole."""
        desk, now_ms = self._rows.desk(self.scope), picture.clock.now_ms()
        return {
            "tier": desk.tier.value,
            "counts": desk.counts(),
            "unacknowledged_by_priority": desk.unacknowledged_by_priority(),
            "flood": self._rows.flood(desk.flood(now_ms)),
            "load": self._figures.brief(self.scope),
            "mute": self._rows.mute(picture.alerts.mute(self.scope, now_ms)),
            "ringing": self._rows.ringing(desk),
            "n_ringing": desk.n_ringing,
            "n_groups": len(desk.groups),
        }

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        desk = self._rows.desk(self.scope)
        keys = self._most_urgent(desk.groups)
        self._shown |= set(keys)
        groups = {key: self._rows.group(desk, desk.groups[key]) for key in keys}
        return self._look(picture) | {
            "judged_at": iso(picture.alerts.judged_ms),
            "groups": groups,
            "origins": picture.origins(self.scope),
        }

    def _most_urgent(self, groups: dict[str, Any]) -> list[str]:
        def urgency(key: str) -> tuple[int, int, str]:
            tally = groups[key]
            return tally.priority, -tally.last_ms, key

        return sorted(groups, key=urgency)[:GROUPS_SHOWN]

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        desk = self._rows.desk(self.scope)
        self._groups |= touched.alerts.groups.get(self.scope.code, set())
        self._alerts |= {i for i in touched.alerts.ids if i in desk.alerts or i in self._alerts}
        self._alerts |= {i for i in touched.alerts.ids if i not in picture.alerts.alerts}
        change: dict[str, Any] = {}
        if touched.beat:
            change["judged_at"] = iso(picture.alerts.judged_ms)
        if not (self._groups or self._alerts or touched.beat):
            return change
        now_ms = picture.clock.now_ms()
        if now_ms - self._told_ms < CALM_MS and not self._is_urgent(desk):
            return change
        self._told_ms = now_ms
        told = self._look(picture)
        change |= {name: value for name, value in told.items() if self._told.get(name) != value}
        self._told = told
        return change | self._inside(desk, picture)

    def _is_urgent(self, desk: Any) -> bool:
        return bool(desk.unacknowledged[1] > self._told["unacknowledged_by_priority"]["p1"])

    def _inside(self, desk: Any, picture: LivePicture) -> dict[str, Any]:
        """The groups and alerts that wait to be told of."""
        change: dict[str, Any] = {}
        if self._groups:
            wanted = set(self._most_urgent(desk.groups))
            gone = dict.fromkeys((self._shown | self._groups) - wanted)
            told = (self._groups | (wanted - self._shown)) & wanted
            change["groups"] = {k: v for k, v in gone.items() if k in self._shown} | {
                key: self._rows.group(desk, desk.groups[key]) for key in told
            }
            self._shown = wanted
        if len(self._alerts) > ROWS_A_FRAME:
            change["refetch"] = True
        elif self._alerts:
            held = desk.alerts
            change["rows"] = {
                identity: self._rows.row(held[identity], desk.group_of[identity])
                if identity in held
                else None
                for identity in self._alerts
            }
        self._groups, self._alerts = set(), set()
        return change
