"""What is said of an alert: as a row, as a group, whole with what this asker may do with it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.alert_desk import DeskAlerts, Tally
from dashboard.clock import iso
from dashboard.domain.alert_acts import objection
from dashboard.domain.alert_groups import Folding
from dashboard.domain.alert_load import Flood
from dashboard.domain.alert_rules import Kind
from dashboard.domain.alerts import (
    NEEDS,
    NEXT_STEP,
    Alert,
    AlertAction,
    AlertNews,
    AlertState,
    Mute,
)
from dashboard.domain.areas import Area, Tier
from dashboard.domain.cameras import STATUS_CODE
from dashboard.domain.events import CameraStatus
from dashboard.domain.rights import Principal, Right
from dashboard.queries import LivePicture
from dashboard.queues import command_tier
from dashboard.rule_book import RuleBook

IDS_SHOWN = 20
CHILDREN_SHOWN = 200
CAMERAS_SHOWN = 500
CAMERAS_OF = frozenset({Kind.DEVICE_GONE, Kind.SITE_WITHOUT_VIEW, Kind.ONLINE_RATE_DROP})
_ONLINE = STATUS_CODE[CameraStatus.ONLINE]
_BLIND = [STATUS_CODE[CameraStatus.OFFLINE], STATUS_CODE[CameraStatus.FAULT]]


class AlertRows:
    """Reads one web process's picture."""

    def __init__(self, picture: LivePicture, rules: RuleBook) -> None:
        self.picture = picture
        self.rules = rules
        self._folding = Folding(picture.region)

    @property
    def now_ms(self) -> int:
        return self.picture.clock.now_ms()

    def find(self, identity: str) -> Alert | None:
        return self.picture.alerts.alerts.get(identity)

    def may_see(self, asker: Principal, alert: Alert) -> bool:
        return asker.may(Right.SEE_ALERT, self.picture.region, alert.area)

    def desk(self, area: Area) -> DeskAlerts:
        return self.picture.alerts.desk(area, command_tier(area), self.now_ms)

    def seats(self, tier: Tier) -> int:
        return self.rules.pack.seats_of(tier)

    # ---- rows ------------------------------------------------------------------------------------

    def row(self, alert: Alert, group: str | None = None) -> dict[str, Any]:
        """One alert; `group` None: of its place, as it is folded outside of a flood."""
        name, name_en = self.rules.names(alert.rule)
        return {
            "id": alert.id,
            "rule": alert.rule,
            "rule_version": alert.rule_version,
            "rule_name": name,
            "rule_name_en": name_en,
            "kind": alert.kind.value,
            "source": alert.source,
            "title": alert.title,
            "title_en": alert.title_en,
            "area": alert.area,
            "lon": alert.lon,
            "lat": alert.lat,
            "priority": alert.priority,
            "tier": alert.tier.value,
            "state": alert.state.value,
            "active": alert.active,
            "value": round(alert.value, 2),
            "threshold": alert.threshold,
            "unit": alert.unit,
            "raised_at": iso(alert.raised_ms),
            "rang_at": iso(alert.rang_ms),
            "cleared_at": _at(alert.cleared_ms),
            "acknowledged_at": _at(alert.acknowledged_ms),
            "acknowledged_by": alert.acknowledged_by,
            "assignee": alert.assignee,
            "shelved": _shelf(alert),
            "out": _out(alert),
            "suppressed_by": alert.suppressed_by,
            "n_raised": alert.n_raised,
            "n_again": alert.n_again,
            "n_activations": alert.n_activations,
            "chattering": alert.is_chattering(self.now_ms),
            "stale": alert.is_stale(self.now_ms),
            "incident": alert.incident,
            "version": alert.version,
            "group": group or self._folding.key(alert),
        }

    def group(self, desk: DeskAlerts, tally: Tally) -> dict[str, Any]:
        """Many alerts as one; `n` are all that are inside."""
        head, first = tally.head, tally.first
        if head is None or first is None:
            raise ValueError(f"group {tally.key!r} is empty")
        name, name_en = self.rules.names(head.rule)
        inside = list(tally.alerts.values())
        is_one = tally.cause is not None or len(inside) == 1
        return {
            "key": tally.key,
            "rule": head.rule,
            "rule_name": name,
            "rule_name_en": name_en,
            "kind": head.kind.value,
            "cause": tally.cause,
            "n": len(inside),
            "n_unacknowledged": tally.states[AlertState.UNACKNOWLEDGED],
            "n_suppressed": tally.states[AlertState.SUPPRESSED],
            "n_chattering": tally.n_chattering(self.now_ms),
            "states": {state.value: n for state, n in tally.states.items() if n},
            "priority": tally.priority,
            "tier": head.tier.value,
            "state": tally.state.value,
            "area": desk.area_of(tally),
            "title": head.title if is_one else name,
            "title_en": head.title_en if is_one else name_en,
            "first": {
                "id": first.id,
                "title": first.title,
                "title_en": first.title_en,
                "raised_at": iso(first.raised_ms),
            },
            "last_at": iso(tally.last_ms),
            "at": head.area,
            "lon": head.lon,
            "lat": head.lat,
            "cameras": self.n_cameras(head),
            "incidents": [a.incident for a in inside[:IDS_SHOWN] if a.incident],
            "ids": [alert.id for alert in inside[:IDS_SHOWN]],
        }

    def n_cameras(self, alert: Alert) -> int | None:
        """Cameras that show nothing behind a device or at a site; None for what is of no camera."""
        if alert.kind not in CAMERAS_OF:
            return None
        numbers = self._cameras_of(alert)
        states = self.picture.camera_states()[numbers]
        return int(np.isin(states, _BLIND).sum())

    def _cameras_of(self, alert: Alert) -> npt.NDArray[np.int64]:
        """Numbers of the cameras that an alert is about."""
        cameras, rows = self.picture.cameras, self.picture.cameras.table.rows
        if alert.kind is Kind.DEVICE_GONE:
            chains = cameras.devices.chains()
            below = (chains == cameras.devices.number(alert.source)).any(axis=1)
            hung = rows["upstream"] >= 0
            hanging = np.flatnonzero(hung)
            found: npt.NDArray[np.int64] = hanging[below[rows["upstream"][hung]]]
            return found
        if alert.kind is Kind.SITE_WITHOUT_VIEW:
            place = self.picture.sites.place_of(alert.source)
            return np.flatnonzero(rows["site"] == place)
        return self.picture.camera_numbers(self.picture.region.by_code[alert.area])

    def flood(self, flood: Flood) -> dict[str, Any]:
        return {"on": flood.is_on, "since": _at(flood.since_ms), "n_10_min": flood.n_10_min}

    def mute(self, mute: Mute | None) -> dict[str, Any] | None:
        if mute is None:
            return None
        return {"by": mute.by, "at": iso(mute.at_ms), "until": iso(mute.until_ms)}

    def ringing(self, desk: DeskAlerts) -> list[dict[str, Any]]:
        """What sounds at a desk, the most urgent first."""
        return [
            {
                "id": alert.id,
                "priority": alert.priority,
                "title": alert.title,
                "title_en": alert.title_en,
                "area": alert.area,
                "raised_at": iso(alert.raised_ms),
                "since": iso(alert.rang_ms),
                "group": desk.group_of[alert.id],
                "incident": alert.incident,
            }
            for alert in desk.ringing()
        ]

    def news(self, line: AlertNews) -> dict[str, Any]:
        return {
            "n": line.n,
            "at": iso(line.at_ms),
            "what": line.what.value,
            "rang": line.rang,
            "tier": line.tier.value,
            "by": line.by,
            "note": line.note,
            "value": line.value,
            "rule_version": line.rule_version,
        }

    # ---- one alert whole -------------------------------------------------------------------------

    def whole(self, alert: Alert, asker: Principal) -> dict[str, Any]:
        rule = self.rules.rules.get(alert.rule)
        held = self.picture.alerts
        children = [
            other
            for other in held.alerts.values()
            if other.suppressed_by == alert.id and self.may_see(asker, other)
        ]
        return {
            **self.row(alert),
            "response": "" if rule is None else rule.response,
            "response_en": "" if rule is None else rule.response_en,
            "as_of": self.picture.as_of(),
            "children": {
                "total": len(children),
                "items": [self.row(child) for child in children[:CHILDREN_SHOWN]],
            },
            "cameras": self.cameras(alert),
            "history": [self.news(line) for line in held.news if line.alert == alert.id],
            "actions": self.actions(asker, alert),
        }

    def cameras(self, alert: Alert) -> dict[str, Any] | None:
        """Devices that it is about, as marks of the map; None for one that is about none."""
        if alert.kind not in CAMERAS_OF:
            return None
        numbers = self._cameras_of(alert).tolist()
        known = [number for number in numbers if number in self.picture.cameras.registered]
        marks = [self.picture.camera_mark(number) for number in known[:CAMERAS_SHOWN]]
        states = self.picture.camera_states()[known]
        return {
            "total": len(known),
            "online": int((states == _ONLINE).sum()),
            "items": marks,
        }

    def actions(self, asker: Principal, alert: Alert) -> list[dict[str, Any]]:
        """Every action with what stands against it, the next step first."""
        first = NEXT_STEP.get(alert.state)
        every = sorted(AlertAction, key=lambda action: action is not first)
        return [self._action(asker, alert, action) for action in every]

    def possible(self, asker: Principal, alert: Alert) -> list[str]:
        """Names of the actions that nothing stands against."""
        return [row["action"] for row in self.actions(asker, alert) if row["allowed"]]

    def _action(self, asker: Principal, alert: Alert, action: AlertAction) -> dict[str, Any]:
        against = objection(asker, self.picture.region, alert, action)
        row: dict[str, Any] = {"action": action.value, "needs": list(NEEDS.get(action, ()))}
        if against is None:
            return row | {"allowed": True}
        return row | {"allowed": False, "code": against.code, "reason": against.reason}

    def told(self, alert: Alert) -> dict[str, Any]:
        """What the audit trail says of it before and after an act."""
        return {
            "state": alert.state.value,
            "assignee": alert.assignee,
            "shelved_until": None if alert.shelf is None else iso(alert.shelf.until_ms),
            "incident": alert.incident,
        }


def _at(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def _shelf(alert: Alert) -> dict[str, Any] | None:
    held = alert.shelf
    if held is None:
        return None
    return {
        "by": held.by,
        "at": iso(held.at_ms),
        "until": iso(held.until_ms),
        "reason": held.reason,
    }


def _out(alert: Alert) -> dict[str, Any] | None:
    held = alert.out
    if held is None:
        return None
    return {"by": held.by, "at": iso(held.at_ms), "reason": held.reason}
