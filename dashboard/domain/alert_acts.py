"""Who may do what to an alert now, and what it comes to."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from dashboard.domain.alert_rules import OF_THE_QUEUE
from dashboard.domain.alerts import TRANSITIONS, Alert, Out, Shelf, acknowledged, possible, unseen
from dashboard.domain.alerts import AlertAction as Do
from dashboard.domain.areas import Region
from dashboard.domain.casework import Objection
from dashboard.domain.events import AlertActed
from dashboard.domain.rights import Principal, Right
from dashboard.domain.tiers import commands

RIGHT_OF: Final[Mapping[Do, Right]] = {
    Do.ACKNOWLEDGE: Right.REGISTER,
    Do.ASSIGN: Right.COMMAND,
    Do.SHELVE: Right.COMMAND,
    Do.UNSHELVE: Right.COMMAND,
    Do.TAKE_OUT: Right.APPROVE,
    Do.PUT_BACK: Right.APPROVE,
    Do.RAISE_INCIDENT: Right.REGISTER,
}


def objection(asker: Principal, region: Region, alert: Alert, action: Do) -> Objection | None:
    """The first thing that stands against it; None when it may be done."""
    if (alert.state, action) not in TRANSITIONS:
        words = ", ".join(possible(alert.state)) or "nothing"
        reason = f"{action} is not possible while an alert is {alert.state}; possible: {words}"
        return Objection("state", reason)
    if not asker.may(RIGHT_OF[action], region, alert.area):
        return Objection("role", f"a {asker.role} may not {action} an alert here", True)
    tier = region.by_code[asker.area].tier
    if not commands(tier, alert.tier):
        reason = f"the {alert.tier} answers this alert; it is above your {tier}"
        return Objection("tier", reason, True)
    if action is Do.RAISE_INCIDENT and (alert.incident or alert.kind in OF_THE_QUEUE):
        return Objection("has_incident", f"it has the incident {alert.incident} already")
    return None


def acted(alert: Alert, act: AlertActed) -> Alert:
    """The alert after what an officer did."""
    return _DO[Do(act.action)](alert, act)


def _seen(alert: Alert, act: AlertActed) -> Alert:
    if alert.acknowledged_ms is not None:
        return alert
    return acknowledged(alert, act.by, act.observed_ms)


def _shelve(alert: Alert, act: AlertActed) -> Alert:
    until_ms = act.until_ms or act.observed_ms
    shelf = Shelf(act.by, act.note or "", act.observed_ms, until_ms)
    return msgspec.structs.replace(_seen(alert, act), shelf=shelf)


def _take_out(alert: Alert, act: AlertActed) -> Alert:
    out = Out(act.by, act.note or "", act.observed_ms)
    return msgspec.structs.replace(_seen(alert, act), shelf=None, out=out)


def _put_back(alert: Alert, act: AlertActed) -> Alert:
    """What it did meanwhile nobody was told, so it rings if it is active."""
    return unseen(msgspec.structs.replace(alert, out=None), act.observed_ms)


_DO: Final[Mapping[Do, Callable[[Alert, AlertActed], Alert]]] = {
    Do.ACKNOWLEDGE: _seen,
    Do.ASSIGN: lambda alert, act: msgspec.structs.replace(alert, assignee=act.assignee),
    Do.SHELVE: _shelve,
    Do.UNSHELVE: lambda alert, _: msgspec.structs.replace(alert, shelf=None),
    Do.TAKE_OUT: _take_out,
    Do.PUT_BACK: _put_back,
    Do.RAISE_INCIDENT: lambda alert, act: msgspec.structs.replace(
        _seen(alert, act), incident=act.incident
    ),
}
