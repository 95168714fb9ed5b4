"""Judges the rules: raises, clears, rings again, suppresses by design. Its clock is its caller's.

A round is made of `judge` and then `keep` or `undo`: what the store did not take never happened.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from dashboard.domain import alerts as life
from dashboard.domain.alert_acts import acted
from dashboard.domain.alert_rules import Kind, Rule
from dashboard.domain.alert_signals import Measures, Signal
from dashboard.domain.alerts import Alert, AlertNews, AlertState, Mute, What, alert_id
from dashboard.domain.events import MUTE, AlertActed

# Kinds whose alerts may have another alert as their cause: the devices above them.
CAUSED: Final = (Kind.DEVICE_GONE, Kind.SITE_WITHOUT_VIEW, Kind.ONLINE_RATE_DROP)
RINGS: Final = frozenset({What.RAISED, What.AGAIN, What.RELEASED, What.EXPIRED, What.PUT_BACK})

# of an active alert the id of the one that caused it, None for none
FindCause = Callable[[Alert], str | None]
Since = dict[str, int]


class Memory(msgspec.Struct, frozen=True, array_like=True):
    """Conditions that came or went and whose delay is not over: by rule and source, since when."""

    pending: dict[str, Since] = {}
    fading: dict[str, Since] = {}


class Engine:
    """Every listed alert and every delay that runs."""

    def __init__(self, rules: Mapping[str, Rule], place: Callable[[str], str]) -> None:
        """`place`: of an area's code the code of the place that its alerts are folded in."""
        self.rules = dict(rules)
        self._place = place
        self._windows: dict[tuple[str, str], int] = {}  # a lost one only begins a new fold
        self.alerts: dict[str, Alert] = {}
        self.mutes: dict[str, Mute] = {}
        self.n = 0  # of the last news
        self._active: dict[str, set[str]] = {}
        self._pending: dict[str, Since] = {}
        self._fading: dict[str, Since] = {}
        self._timers: list[tuple[int, str]] = []
        self._undo: list[tuple[dict[str, Any], str, Any]] = []
        self._popped: list[tuple[int, str]] = []
        self._told: list[tuple[str, What, str | None, str | None]] = []
        self._before: dict[str, Alert | None] = {}
        self._gone: dict[str, Alert] = {}
        self._causes_differ = True
        self._rules_differ = True
        self._n_told = 0

    # ---- loading and saving ----------------------------------------------------------------------

    def load(self, alerts: Iterable[Alert], memory: Memory, mutes: Mapping[str, Mute]) -> None:
        for alert in alerts:
            self._put(alert.id, alert)
            key = (alert.rule, self._place(alert.area))
            self._windows[key] = max(self._windows.get(key, 0), alert.window_ms)
        for held, told, is_active in (
            (self._pending, memory.pending, False),
            (self._fading, memory.fading, True),
        ):
            for rule, since in told.items():
                active = self._active.get(rule, set())
                held[rule] = {s: ms for s, ms in since.items() if (s in active) is is_active}
        self.mutes = dict(mutes)
        self._forget_round()

    def use(self, rules: Mapping[str, Rule]) -> None:
        """Judge by these from now on; what rules that are off have listed ends at once."""
        self.rules = dict(rules)
        self._rules_differ = True
        for alert in self.alerts.values():
            self._set_timer(alert)

    def memory(self) -> Memory:
        return Memory(
            {rule: dict(since) for rule, since in self._pending.items() if since},
            {rule: dict(since) for rule, since in self._fading.items() if since},
        )

    def active_sources(self, rule: str) -> set[str]:
        """Sources of a rule whose alert is active."""
        return self._active.get(rule, set())

    def waiting_sources(self, rule: str) -> Iterable[str]:
        """Sources whose condition holds and whose delay is not over."""
        return self._pending.get(rule, {}).keys()

    # ---- a round ---------------------------------------------------------------------------------

    def judge(
        self,
        now_ms: int,
        measures: Measures,
        find_cause: FindCause,
        *,
        acts: Iterable[AlertActed] = (),
        look_at_causes: bool = True,
    ) -> None:
        """One round over all rules. `acts` come first: they were decided on what was listed."""
        for act in acts:
            self._act(act)
        if self._rules_differ:
            self._end_switched_off()
        for rule in self.rules.values():
            if rule.enabled and rule.kind in measures:
                self._judge(rule, measures[rule.kind](rule), now_ms)
        self._ring_again(now_ms)
        if look_at_causes or self._causes_differ:
            self._find_causes(find_cause, now_ms)
        for area in [area for area, mute in self.mutes.items() if mute.until_ms <= now_ms]:
            self._set(self.mutes, area, None)

    def finish(self, now_ms: int, head: str) -> tuple[list[Alert], list[str], list[AlertNews]]:
        """What the round changed: alerts, those that are normal again, and the news of both."""
        news = [self._news(now_ms, *told) for told in self._told]
        last = {line.alert: line.n for line in news}
        changed, gone = [], []
        for identity in list(self._before):
            alert = self.alerts.get(identity)
            if alert is not None and alert.state is AlertState.NORMAL:
                self._put(identity, None)
                alert = None
            if alert is None:
                if self._before[identity] is not None:
                    gone.append(identity)
                continue
            version = last.get(identity, alert.version)
            alert = msgspec.structs.replace(alert, version=version, head=head)
            self._put(identity, alert)
            changed.append(alert)
        return changed, gone, news

    def keep(self) -> None:
        """The store has the round."""
        self._rules_differ = False
        self._forget_round()

    def _forget_round(self) -> None:
        for held in (self._undo, self._popped, self._told, self._before, self._gone):
            held.clear()
        self._n_told = 0

    def undo(self) -> None:
        """The store does not have it: all is as before."""
        for held, key, value in reversed(self._undo):
            if held is self.alerts:
                self._index(key, value)
            if value is None:
                held.pop(key, None)
            else:
                held[key] = value
        for timer in self._popped:
            heapq.heappush(self._timers, timer)
        self.n -= self._n_told
        self._causes_differ = True
        self._forget_round()

    # ---- changing what is held -------------------------------------------------------------------

    def _set(self, held: dict[str, Any], key: str, value: Any) -> None:
        self._undo.append((held, key, held.get(key)))
        if value is None:
            held.pop(key, None)
        else:
            held[key] = value

    def _put(self, identity: str, alert: Alert | None) -> None:
        held = self.alerts.get(identity)
        self._before.setdefault(identity, held)
        self._set(self.alerts, identity, alert)
        if alert is None and held is not None:
            self._gone[identity] = held
        self._index(identity, alert)

    def _index(self, identity: str, alert: Alert | None) -> None:
        rule, _, source = identity.partition(":")
        active = self._active.setdefault(rule, set())
        is_active = alert is not None and alert.active
        if is_active is not (source in active):
            self._causes_differ = True
        if is_active:
            active.add(source)
        else:
            active.discard(source)
        if alert is not None:
            self._set_timer(alert)

    def _set_timer(self, alert: Alert) -> None:
        rule = self.rules.get(alert.rule)
        at_ms = None if rule is None else life.timer_ms(alert, rule)
        if at_ms is not None:
            heapq.heappush(self._timers, (at_ms, alert.id))

    def _tell(
        self, alert: Alert, what: What, by: str | None = None, note: str | None = None
    ) -> None:
        self._put(alert.id, alert)
        self._told.append((alert.id, what, by, note))

    def _news(
        self, now_ms: int, identity: str, what: What, by: str | None, note: str | None
    ) -> AlertNews:
        alert = self.alerts.get(identity) or self._gone[identity]
        self.n += 1
        self._n_told += 1
        return AlertNews(
            n=self.n,
            at_ms=now_ms,
            alert=identity,
            what=what,
            rule=alert.rule,
            rule_version=alert.rule_version,
            kind=alert.kind,
            source=alert.source,
            title=alert.title,
            title_en=alert.title_en,
            area=alert.area,
            priority=alert.priority,
            tier=alert.tier,
            rang=what in RINGS and alert.is_ringing,
            by=by,
            note=note,
            value=alert.value,
        )

    # ---- one rule --------------------------------------------------------------------------------

    def _judge(self, rule: Rule, signal: Signal, now_ms: int) -> None:
        over = signal.over(rule.threshold) if rule.is_awake(now_ms) else {}
        active = self._active.setdefault(rule.id, set())
        pending = self._pending.setdefault(rule.id, {})
        fading = self._fading.setdefault(rule.id, {})
        for source in sorted(over.keys() - active):  # any process tells the same in the same order
            if source not in pending:
                self._set(pending, source, now_ms)
            if now_ms - pending[source] >= rule.on_delay_s * 1000:
                self._set(pending, source, None)
                self._raise(rule, source, signal, over[source], now_ms)
        for source in [source for source in pending if source not in over]:
            self._set(pending, source, None)
        for source in sorted(fading.keys() & over.keys()):
            self._set(fading, source, None)
            self._came_back(alert_id(rule.id, source), now_ms)
        if gone := active - over.keys():
            self._fade(rule, gone - signal.unknown(), fading, now_ms)

    def _raise(self, rule: Rule, source: str, signal: Signal, place: int, now_ms: int) -> None:
        identity, value = alert_id(rule.id, source), float(signal.values[place])
        held = self.alerts.get(identity)
        if held is not None:
            self._tell(life.raised(held, now_ms, value), What.RAISED)
            self._chatters(held, identity, now_ms)
            return
        told = signal.tell(place)
        alert = Alert(
            id=identity,
            rule=rule.id,
            rule_version=rule.version,
            kind=rule.kind,
            source=source,
            title=told.title,
            title_en=told.title_en,
            area=told.area,
            priority=told.priority or rule.priority,
            tier=told.tier or rule.tier,
            value=value,
            threshold=rule.threshold,
            unit=rule.unit.value,
            raised_ms=now_ms,
            rang_ms=now_ms,
            lon=told.lon,
            lat=told.lat,
            latched=rule.latched,
            incident=told.incident,
            activations=(now_ms,),
            window_ms=self._window(rule.id, told.area, now_ms),
        )
        self._tell(alert, What.RAISED)

    def _window(self, rule: str, area: str, now_ms: int) -> int:
        key = (rule, self._place(area))
        held = self._windows.get(key)
        if held is None or now_ms - held > life.WINDOW_MS:
            held = self._windows[key] = now_ms
        return held

    def _came_back(self, identity: str, now_ms: int) -> None:
        """Within its delay: it does not ring, but it is counted."""
        held = self.alerts[identity]
        self._put(identity, life.activated(held, now_ms))
        self._chatters(held, identity, now_ms)

    def _chatters(self, before: Alert, identity: str, now_ms: int) -> None:
        if self.alerts[identity].is_chattering(now_ms) and not before.is_chattering(now_ms):
            self._told.append((identity, What.CHATTERING, None, None))

    def _fade(self, rule: Rule, gone: Iterable[str], fading: Since, now_ms: int) -> None:
        for source in sorted(gone):
            if source not in fading:
                self._set(fading, source, now_ms)
            if now_ms - fading[source] >= rule.off_delay_s * 1000:
                self._set(fading, source, None)
                alert = self.alerts[alert_id(rule.id, source)]
                self._tell(life.cleared(alert, now_ms), What.CLEARED)

    def _end_switched_off(self) -> None:
        """Alerts and delays of rules that are off or are no more."""
        on = {name for name, rule in self.rules.items() if rule.enabled}
        for identity in [i for i, alert in self.alerts.items() if alert.rule not in on]:
            self._end(identity)
        for held in (self._pending, self._fading):
            for rule in held.keys() - on:
                for source in list(held[rule]):
                    self._set(held[rule], source, None)

    def _end(self, identity: str) -> None:
        self._told.append((identity, What.FORGOTTEN, None, None))
        self._put(identity, None)

    # ---- time, causes, officers ------------------------------------------------------------------

    def _ring_again(self, now_ms: int) -> None:
        while self._timers and self._timers[0][0] <= now_ms:
            timer = heapq.heappop(self._timers)
            self._popped.append(timer)
            alert = self.alerts.get(timer[1])
            if alert is None or life.timer_ms(alert, self.rules[alert.rule]) != timer[0]:
                continue  # of what it was before, or of another rule
            if alert.shelf is not None:
                note = alert.shelf.reason
                self._tell(life.expired(alert, now_ms), What.EXPIRED, None, note)
            else:
                self._tell(life.again(alert, now_ms), What.AGAIN, None, alert.acknowledged_by)

    def _find_causes(self, find_cause: FindCause, now_ms: int) -> None:
        self._causes_differ = False
        for rule in self.rules.values():
            if rule.kind not in CAUSED:
                continue
            for source in list(self._active.get(rule.id, ())):
                alert = self.alerts[alert_id(rule.id, source)]
                cause = find_cause(alert)
                if cause == alert.suppressed_by:
                    continue
                after = life.caused(alert, cause, now_ms)
                is_silent = alert.shelf is not None or alert.out is not None
                if is_silent or (alert.suppressed_by is None) is (cause is None):
                    self._put(alert.id, after)  # another cause took over: no news
                else:
                    what = What.RELEASED if cause is None else What.SUPPRESSED
                    self._tell(after, what, None, cause)

    def _act(self, act: AlertActed) -> None:
        if act.action == MUTE:
            is_over = act.until_ms is None or act.until_ms <= act.observed_ms
            mute = None if is_over else Mute(act.by, act.observed_ms, act.until_ms or 0)
            self._set(self.mutes, act.alert, mute)
            return
        alert = self.alerts.get(act.alert)
        if alert is None:
            return  # its rule was switched off meanwhile
        action = life.AlertAction(act.action)
        note = act.assignee if action is life.AlertAction.ASSIGN else act.note
        if action is life.AlertAction.RAISE_INCIDENT:
            note = act.incident
        self._tell(acted(alert, act), life.TOLD[action], act.by, note)
