"""Rules and signals that tests judge by; one source or many, with values they choose."""

import numpy as np

from dashboard.domain.alert_engine import Engine
from dashboard.domain.alert_rules import Kind, Rule
from dashboard.domain.alert_signals import Signal, Told
from dashboard.domain.areas import Tier
from tests.conftest import NOON

PLACE = "530111001"


def rule(name="drop", **more):
    given = {
        "kind": Kind.ONLINE_RATE_DROP,
        "name": "骤降",
        "name_en": "Drop",
        "response": "查电源",
        "response_en": "Check the power",
        "priority": 3,
        "tier": Tier.STREET,
        "threshold": 20,
    }
    return Rule(id=name, **(given | more))


def signal(values, area=PLACE, **told):
    names = list(values)
    numbers = np.array([values[name] for name in names], np.float32)
    return Signal(names, numbers, lambda place: Told(names[place], names[place], area, **told))


class Bench:
    """An engine with a clock and values that a test sets; every round is kept unless it says."""

    def __init__(self, *rules, values=None, now_ms=NOON):
        self.engine = Engine({one.id: one for one in rules}, lambda area: area[:9])
        self.values = {one.id: {} for one in rules} | (values or {})
        self.now_ms = now_ms
        self.causes = {}
        self.news = []
        self._round = 0

    def go(self, seconds=0, acts=(), **values):
        """One round after so many seconds; `values` by rule id with - as _."""
        for name, given in values.items():
            self.values[name.replace("_", "-")] = given
        self.now_ms += round(seconds * 1000)
        self.judge(acts)
        _, _, news = self.engine.finish(self.now_ms, f"t{self._round}")
        self.engine.keep()
        self.news += news
        return [(line.what.value, line.alert) for line in news]

    def judge(self, acts=()):
        self._round += 1
        measures = {}
        for one in self.engine.rules.values():
            measures[one.kind] = lambda held: signal(self.values.get(held.id, {}))
        self.engine.judge(
            self.now_ms, measures, lambda alert: self.causes.get(alert.source), acts=acts
        )

    def alert(self, identity):
        return self.engine.alerts[identity]

    @property
    def rang(self):
        return [line.alert for line in self.news if line.rang]
