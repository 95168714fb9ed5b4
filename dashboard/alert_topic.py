"""What a duty desk hears of the alerts, counts and groups first; what every map marks of them."""

from typing import Any

from dashboard.alert_desk import DeskAlerts
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


class GroupsTopic(NumberedTopic):
    """What both topics share: the groups of one area, told again when they differ."""

    prefix = ""

    def __init__(self, area: Area, rows: AlertRows) -> None:
        super().__init__(f"{self.prefix}/{area.code}", area.index, area)
        self._rows = rows
        self._groups: set[str] = set()  # whose frame waits
        self._shown: set[str] = set()
        self._told_ms = 0

    def begin(self, picture: LivePicture) -> None:
        super().begin(picture)
        self._groups = set()

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        desk = self._rows.desk(self.scope)
        keys = self._most_urgent(desk)
        self._shown |= set(keys)
        return {
            "judged_at": iso(picture.alerts.judged_ms),
            "groups": {key: self._rows.group(desk, desk.groups[key]) for key in keys},
            "n_groups": len(desk.groups),
            "origins": picture.origins(self.scope),
        }

    def _most_urgent(self, desk: DeskAlerts) -> list[str]:
        def urgency(key: str) -> tuple[int, int, str]:
            tally = desk.groups[key]
            return tally.priority, -tally.last_ms, key

        return sorted(desk.groups, key=urgency)[:GROUPS_SHOWN]

    def _is_calm(self, now_ms: int) -> bool:
        """Whether the last frame is long enough ago; if so, this is the next."""
        if now_ms - self._told_ms < CALM_MS:
            return False
        self._told_ms = now_ms
        return True

    def _group_changes(self, desk: DeskAlerts) -> dict[str, Any]:
        """The groups that wait to be told of; None for those that are over or gave way."""
        if not self._groups:
            return {}
        wanted = set(self._most_urgent(desk))
        gone = (self._shown | self._groups) - wanted
        told = (self._groups | (wanted - self._shown)) & wanted
        changes: dict[str, Any] = {key: None for key in gone if key in self._shown}
        changes |= {key: self._rows.group(desk, desk.groups[key]) for key in told}
        self._shown, self._groups = wanted, set()
        return {"groups": changes}


class BellTopic(GroupsTopic):
    """One area's alerts as every map of it marks them, and when they were last judged."""

    right = Right.SEE
    prefix = "bells"

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        self._groups |= touched.alerts.groups.get(self.scope.code, set())
        change: dict[str, Any] = {}
        if touched.beat:
            change["judged_at"] = iso(picture.alerts.judged_ms)
        if self._groups and self._is_calm(picture.clock.now_ms()):
            desk = self._rows.desk(self.scope)
            change |= self._group_changes(desk) | {"n_groups": len(desk.groups)}
        return change


class AlertTopic(GroupsTopic):
    """One area's alerts as its desk has them."""

    right = Right.SEE_ALERT
    prefix = "alerts"

    def __init__(self, area: Area, rows: AlertRows, figures: AlertFigures) -> None:
        super().__init__(area, rows)
        self._figures = figures
        self._told: dict[str, Any] = {}
        self._alerts: set[str] = set()

    def begin(self, picture: LivePicture) -> None:
        super().begin(picture)
        self._told = self._look(picture)
        self._alerts = set()

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
        return super()._content(picture) | self._look(picture)

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
        if not self._is_calm(picture.clock.now_ms()) and not self._is_urgent(desk):
            return change
        told = self._look(picture)
        change |= {name: value for name, value in told.items() if self._told.get(name) != value}
        self._told = told
        return change | self._group_changes(desk) | self._row_changes(desk)

    def _is_urgent(self, desk: DeskAlerts) -> bool:
        return bool(desk.unacknowledged[1] > self._told["unacknowledged_by_priority"]["p1"])

    def _row_changes(self, desk: DeskAlerts) -> dict[str, Any]:
        """The alerts that wait to be told of."""
        waiting, self._alerts = self._alerts, set()
        if len(waiting) > ROWS_A_FRAME:
            return {"refetch": True}
        rows = {
            identity: self._rows.row(held, desk.group_of[identity])
            if (held := desk.alerts.get(identity))
            else None
            for identity in waiting
        }
        return {"rows": rows} if rows else {}
