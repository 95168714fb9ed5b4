"""Alerts (告警): what the system says to an officer, in the states of ISA-18.2 / IEC 62682.

An alert is a point, one rule at one source; it is listed from its raising until it is normal again.
The life is one table; buttons, checks, tests and documents are made of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from dashboard.domain.alert_rules import Kind, Rule
from dashboard.domain.areas import Tier
from dashboard.domain.tiers import above

SHELVED_MAX_MS: Final = 4 * 3_600_000
MUTE_MAX_MS: Final = 30 * 60_000
CHATTERING_N, CHATTERING_MS = 3, 60_000  # so many activations in a minute
CHATTERS_ON_MS: Final = 600_000  # so long after the last of them it still counts as chattering
STALE_MS: Final = 86_400_000
FLEETING_MS: Final = 60_000
WINDOW_MS: Final = 1_800_000  # what comes within half an hour of the first is folded with it


class AlertState(StrEnum):
    """ISA-18.2 A to G."""

    NORMAL = "normal"  # A: not listed
    UNACKNOWLEDGED = "unacknowledged"  # B
    ACKNOWLEDGED = "acknowledged"  # C
    RETURNED = "returned"  # D: back to normal, unacknowledged
    SHELVED = "shelved"  # E: by an officer, until a time
    SUPPRESSED = "suppressed"  # F: by design, as its cause is listed
    OUT_OF_SERVICE = "out_of_service"  # G


class AlertAction(StrEnum):
    """What an officer does."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    TAKE_OUT = "take_out"
    PUT_BACK = "put_back"
    RAISE_INCIDENT = "raise_incident"


class What(StrEnum):
    """What the alert log tells of an alert."""

    RAISED = "raised"
    AGAIN = "again"  # rings again: nobody acknowledged it, or it was acknowledged and stayed
    CLEARED = "cleared"
    SUPPRESSED = "suppressed"
    RELEASED = "released"  # from a cause that ended alone
    EXPIRED = "expired"  # a shelf
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    TAKEN_OUT = "taken_out"
    PUT_BACK = "put_back"
    INCIDENT_RAISED = "incident_raised"
    CHATTERING = "chattering"
    FORGOTTEN = "forgotten"  # its rule was switched off


_S, _Do = AlertState, AlertAction
SAME: Final = None  # the state stays
BENEATH: Final = "beneath"  # what holds without the shelf, or in service again
After = AlertState | str | None

LISTED: Final[tuple[AlertState, ...]] = tuple(state for state in _S if state is not _S.NORMAL)
SILENT: Final = frozenset({_S.SHELVED, _S.SUPPRESSED, _S.OUT_OF_SERVICE})

# What an officer may do, and where it leads. All that is not in here is refused.
TRANSITIONS: Final[Mapping[tuple[AlertState, AlertAction], After]] = {
    (_S.UNACKNOWLEDGED, _Do.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.RETURNED, _Do.ACKNOWLEDGE): _S.NORMAL,
    (_S.UNACKNOWLEDGED, _Do.RAISE_INCIDENT): _S.ACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _Do.RAISE_INCIDENT): SAME,
    (_S.RETURNED, _Do.RAISE_INCIDENT): _S.NORMAL,
    **{(state, _Do.ASSIGN): SAME for state in (_S.UNACKNOWLEDGED, _S.ACKNOWLEDGED, _S.RETURNED)},
    **{
        (state, _Do.SHELVE): _S.SHELVED
        for state in (_S.UNACKNOWLEDGED, _S.ACKNOWLEDGED, _S.RETURNED, _S.SUPPRESSED)
    },
    (_S.SHELVED, _Do.UNSHELVE): BENEATH,
    **{
        (state, _Do.TAKE_OUT): _S.OUT_OF_SERVICE
        for state in LISTED
        if state is not _S.OUT_OF_SERVICE
    },
    (_S.OUT_OF_SERVICE, _Do.PUT_BACK): BENEATH,
}

# What happens without an officer: the condition comes and goes, time passes, a cause is found.
STEPS: Final[Mapping[tuple[AlertState, What], After]] = {
    (_S.NORMAL, What.RAISED): _S.UNACKNOWLEDGED,
    (_S.RETURNED, What.RAISED): _S.UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, What.AGAIN): SAME,
    (_S.ACKNOWLEDGED, What.AGAIN): _S.UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, What.CLEARED): _S.RETURNED,  # NORMAL for a rule that is not latched
    (_S.ACKNOWLEDGED, What.CLEARED): _S.NORMAL,
    (_S.SUPPRESSED, What.CLEARED): _S.NORMAL,
    (_S.SHELVED, What.CLEARED): SAME,
    (_S.OUT_OF_SERVICE, What.CLEARED): SAME,
    (_S.SHELVED, What.RAISED): SAME,
    (_S.OUT_OF_SERVICE, What.RAISED): SAME,
    (_S.UNACKNOWLEDGED, What.SUPPRESSED): _S.SUPPRESSED,
    (_S.ACKNOWLEDGED, What.SUPPRESSED): _S.SUPPRESSED,
    (_S.SUPPRESSED, What.RELEASED): BENEATH,
    (_S.SHELVED, What.EXPIRED): BENEATH,
}

# The step that each state waits for: what Enter does at the desk.
NEXT_STEP: Final[Mapping[AlertState, AlertAction]] = {
    _S.UNACKNOWLEDGED: _Do.ACKNOWLEDGE,
    _S.RETURNED: _Do.ACKNOWLEDGE,
    _S.ACKNOWLEDGED: _Do.RAISE_INCIDENT,
    _S.SHELVED: _Do.UNSHELVE,
    _S.OUT_OF_SERVICE: _Do.PUT_BACK,
}

# Fields an action cannot do without.
NEEDS: Final[Mapping[AlertAction, tuple[str, ...]]] = {
    _Do.ASSIGN: ("assignee",),
    _Do.SHELVE: ("note", "until"),
    _Do.TAKE_OUT: ("note",),
}

TOLD: Final[Mapping[AlertAction, What]] = {
    _Do.ACKNOWLEDGE: What.ACKNOWLEDGED,
    _Do.ASSIGN: What.ASSIGNED,
    _Do.SHELVE: What.SHELVED,
    _Do.UNSHELVE: What.UNSHELVED,
    _Do.TAKE_OUT: What.TAKEN_OUT,
    _Do.PUT_BACK: What.PUT_BACK,
    _Do.RAISE_INCIDENT: What.INCIDENT_RAISED,
}


class Shelf(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Put aside by an officer; it comes back by itself at `until_ms`."""

    by: str
    reason: str
    at_ms: int
    until_ms: int


class Out(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Taken out of service, as for planned work; it stays so until it is put back."""

    by: str
    reason: str
    at_ms: int


class Alert(msgspec.Struct, frozen=True, array_like=True):
    """One point as stored and sent. Instants are milliseconds since the epoch.

    `value` is the signal's as it was raised, in the rule's unit. `n_raised` counts how often it
    came since it is listed, `activations` are the last instants at which its condition came, those
    within a delay included. `rang_ms`: when it last rang or would have, were it not silent.
    `window_ms` is when the first of those came that it is folded with, of its rule and street.
    `version` is the number of the last news of it, so that no two states of one point ever share
    one; the store holds `head`, so that an act decided on an older picture is refused.
    """

    id: str
    rule: str
    rule_version: int
    kind: Kind
    source: str
    title: str
    title_en: str
    area: str
    priority: int
    tier: Tier
    value: float
    threshold: float
    unit: str
    raised_ms: int
    rang_ms: int
    lon: float | None = None
    lat: float | None = None
    n_raised: int = 1
    n_again: int = 0
    active: bool = True
    latched: bool = True
    cleared_ms: int | None = None
    acknowledged_ms: int | None = None
    acknowledged_by: str | None = None
    assignee: str | None = None
    shelf: Shelf | None = None
    out: Out | None = None
    suppressed_by: str | None = None
    incident: str | None = None
    activations: tuple[int, ...] = ()
    n_activations: int = 1
    window_ms: int = 0
    version: int = 0
    head: str = ""

    @property
    def state(self) -> AlertState:
        if self.out is not None:
            return _S.OUT_OF_SERVICE
        if self.shelf is not None:
            return _S.SHELVED
        if self.active and self.suppressed_by is not None:
            return _S.SUPPRESSED
        if self.active:
            return _S.UNACKNOWLEDGED if self.acknowledged_ms is None else _S.ACKNOWLEDGED
        waits = self.latched and self.acknowledged_ms is None
        return _S.RETURNED if waits else _S.NORMAL

    @property
    def is_ringing(self) -> bool:
        return self.state is _S.UNACKNOWLEDGED

    def is_chattering(self, now_ms: int) -> bool:
        last = self.activations
        if len(last) < CHATTERING_N or now_ms - last[-1] > CHATTERS_ON_MS:
            return False
        return last[-1] - last[-CHATTERING_N] <= CHATTERING_MS

    def is_stale(self, now_ms: int) -> bool:
        """Active for more than a day."""
        return self.active and now_ms - self.raised_ms > STALE_MS


class AlertNews(msgspec.Struct, frozen=True, array_like=True):
    """One line of the alert log. `n` counts up without gaps; `rang`: it called for an officer.

    `note` is an officer's reason or what the step was caused by; `value` the signal's then.
    """

    n: int
    at_ms: int
    alert: str
    what: What
    rule: str
    rule_version: int
    kind: Kind
    source: str
    title: str
    title_en: str
    area: str
    priority: int
    tier: Tier
    rang: bool
    by: str | None = None
    note: str | None = None
    value: float | None = None


class Mute(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The sound of an area's desks is off; what is raised with priority 1 after it began sounds."""

    by: str
    at_ms: int
    until_ms: int


def alert_id(rule: str, source: str) -> str:
    return f"{rule}:{source}"


def possible(state: AlertState) -> tuple[AlertAction, ...]:
    """What the table allows in a state, the next step first."""
    found = [action for held, action in TRANSITIONS if held is state]
    return tuple(sorted(found, key=lambda action: action is not NEXT_STEP.get(state)))


def activated(alert: Alert, now_ms: int) -> Alert:
    """Its condition came once more, within its delay or not."""
    last = (*alert.activations, now_ms)[-CHATTERING_N:]
    return msgspec.structs.replace(alert, activations=last, n_activations=alert.n_activations + 1)


def acknowledged(alert: Alert, by: str, at_ms: int) -> Alert:
    return msgspec.structs.replace(alert, acknowledged_ms=at_ms, acknowledged_by=by)


def raised(alert: Alert, now_ms: int, value: float) -> Alert:
    """It came anew while it is still listed: whatever was acknowledged was the time before."""
    return msgspec.structs.replace(
        activated(alert, now_ms),
        active=True,
        value=value,
        raised_ms=now_ms,
        rang_ms=now_ms,
        n_raised=alert.n_raised + 1,
        cleared_ms=None,
        acknowledged_ms=None,
        acknowledged_by=None,
    )


def cleared(alert: Alert, now_ms: int) -> Alert:
    """Its condition is gone. What was suppressed asks nobody: its cause did."""
    unseen = alert.suppressed_by is None or alert.acknowledged_ms is not None
    return msgspec.structs.replace(
        alert,
        active=False,
        cleared_ms=now_ms,
        suppressed_by=None,
        acknowledged_ms=alert.acknowledged_ms if unseen else now_ms,
    )


def expired(alert: Alert, now_ms: int) -> Alert:
    """A shelf ended: what still holds rings, what is gone was seen by who shelved it."""
    return unseen(msgspec.structs.replace(alert, shelf=None), now_ms)


def unseen(alert: Alert, now_ms: int) -> Alert:
    """What is active waits for an acknowledgement, from now on."""
    if not alert.active:
        return alert
    return msgspec.structs.replace(
        alert, acknowledged_ms=None, acknowledged_by=None, rang_ms=now_ms
    )


def caused(alert: Alert, by: str | None, now_ms: int) -> Alert:
    """Suppressed by another alert, or released when `by` is None: its time to answer begins."""
    return msgspec.structs.replace(
        alert, suppressed_by=by, rang_ms=now_ms if by is None else alert.rang_ms
    )


def again(alert: Alert, now_ms: int) -> Alert:
    """Rings once more. Nobody acknowledged it: it goes up a tier; else it only comes back."""
    tier = above(alert.tier) if alert.acknowledged_ms is None else alert.tier
    return msgspec.structs.replace(
        alert,
        tier=tier,
        acknowledged_ms=None,
        acknowledged_by=None,
        rang_ms=now_ms,
        n_again=alert.n_again + 1,
    )


def timer_ms(alert: Alert, rule: Rule) -> int | None:
    """When something happens to it by itself: a shelf ends, it rings again. None: nothing does."""
    if alert.out is not None:
        return None
    if alert.shelf is not None:
        return alert.shelf.until_ms
    if not alert.active or alert.suppressed_by is not None:
        return None
    if alert.acknowledged_ms is not None:
        return rule.after(rule.again_after_s, alert.acknowledged_ms)
    if above(alert.tier) is alert.tier:
        return None  # at the top it sounds until somebody acknowledges it
    return rule.after(rule.acknowledge_within_s, alert.rang_ms)
