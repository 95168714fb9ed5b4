"""The alerts of a desk in groups: kept up change by change they are what a fresh look finds."""

import dataclasses

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dashboard.alert_desk import DeskAlerts
from dashboard.domain.alert_load import FLOOD_BEGINS
from dashboard.domain.alert_rules import Kind
from dashboard.domain.alerts import Alert, AlertNews, What
from dashboard.domain.areas import Tier
from tests.conftest import NOON

GRID = "530111001001001"
SWITCH, RECORDERS = "device:sw", ("device:n1", "device:n2", "device:n3")


def alert(identity, **more):
    rule, _, source = identity.partition(":")
    kind = Kind.DEVICE_GONE if rule == "device" else Kind.P1_UNACKNOWLEDGED
    return Alert(
        id=identity, rule=rule, rule_version=1, kind=kind, source=source, title=source,
        title_en=source, area=GRID, priority=3, tier=Tier.DISTRICT, value=1, threshold=1,
        unit="percent", raised_ms=NOON, rang_ms=NOON, **more,
    )  # fmt: skip


def rings(n):
    """News of so many alerts that rang."""
    one = alert("p1:x")
    line = AlertNews(
        n=1, at_ms=NOON, alert=one.id, what=What.RAISED, rule=one.rule, rule_version=1,
        kind=one.kind, source=one.source, title="", title_en="", area=GRID, priority=3,
        tier=Tier.DISTRICT, rang=True,
    )  # fmt: skip
    return [msgspec.structs.replace(line, n=number) for number in range(n)]


@dataclasses.dataclass
class Held:
    """A desk and the alerts it looks at."""

    desk: DeskAlerts
    alerts: dict

    def put(self, *changed, rang=0):
        self.alerts |= {one.id: one for one in changed}
        return self.desk.apply({one.id for one in changed}, self.alerts, rings(rang), NOON)

    @property
    def groups(self):
        return {key: set(tally.alerts) for key, tally in self.desk.groups.items()}


def looked_at(region):
    return Held(DeskAlerts(region, region.root, Tier.DISTRICT), {})


def test_each_device_is_a_group_of_its_own_until_it_floods(region):
    held = looked_at(region)
    held.put(*(alert(name) for name in RECORDERS))
    assert held.groups == {f"cause {name}": {name} for name in RECORDERS}
    held.put(rang=FLOOD_BEGINS + 1)
    assert held.groups == {"rule device": set(RECORDERS)}


def test_in_a_flood_a_cut_is_one_group_and_the_other_devices_another(region):
    held = looked_at(region)
    held.put(alert(SWITCH), *(alert(name) for name in RECORDERS), rang=FLOOD_BEGINS + 1)
    behind = [alert(name, suppressed_by=SWITCH) for name in RECORDERS[:2]]
    keys = held.put(*behind)
    cut, rest = f"cause {SWITCH}", "rule device"
    assert held.groups == {cut: {SWITCH, *RECORDERS[:2]}, rest: {RECORDERS[2]}}
    assert keys == {cut, rest}
    assert held.desk.groups[cut].head.id == SWITCH
    held.put(*(alert(name) for name in RECORDERS[:2]))  # the switch is there again, they are not
    assert held.groups == {rest: {SWITCH, *RECORDERS}}


CHANGE = st.tuples(
    st.sampled_from([SWITCH, *RECORDERS, "p1:a", "p1:b"]),
    st.sampled_from(["there", "behind", "gone"]),
)


@given(st.lists(CHANGE, max_size=30), st.sampled_from([0, FLOOD_BEGINS + 1]))
def test_kept_up_it_is_what_a_fresh_look_finds(region, changes, rang):
    held = looked_at(region)
    held.put(rang=rang)
    for identity, now in changes:
        if now == "gone":
            held.alerts.pop(identity, None)
            held.desk.apply({identity}, held.alerts, [], NOON)
            continue
        behind = now == "behind" and identity in RECORDERS
        before = held.groups
        keys = held.put(alert(identity, suppressed_by=SWITCH if behind else None))
        after = held.groups
        every = before.keys() | after.keys()
        assert {key for key in every if before.get(key) != after.get(key)} <= keys
    fresh = looked_at(region)
    fresh.desk.load(held.alerts, rings(rang), NOON)
    assert fresh.groups == held.groups
    assert fresh.desk.states == held.desk.states
