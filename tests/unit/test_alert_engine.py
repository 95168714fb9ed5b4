"""The rules judged on both sides of every limit: thresholds, delays, timers, causes, hours."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.alert_engine import Engine, Memory
from dashboard.domain.alert_rules import Kind
from dashboard.domain.alert_signals import Signal, Told
from dashboard.domain.alerts import AlertState
from dashboard.domain.areas import Tier
from dashboard.domain.events import MUTE, AlertActed
from tests.alerts import Bench, rule, signal
from tests.conftest import NOON

HOUR_S = 3600
DROP = "drop:g1"


def act(bench, action, alert=DROP, **more):
    return AlertActed("click", bench.now_ms, alert, action, "chen", **more)


# ---- threshold and delays ---------------------------------------------------------------------


@pytest.mark.parametrize(("value", "raises"), [(19.99, False), (20, True), (100, True)])
def test_the_threshold_itself_raises(value, raises):
    bench = Bench(rule())
    assert bool(bench.go(drop={"g1": value})) is raises


def test_it_raises_when_the_delay_is_over_and_not_before():
    bench = Bench(rule(on_delay_s=60))
    assert bench.go(drop={"g1": 25}) == []
    assert bench.go(59.999) == []
    assert bench.go(0.001) == [("raised", DROP)]


def test_a_condition_that_goes_within_its_delay_begins_anew():
    bench = Bench(rule(on_delay_s=60))
    bench.go(drop={"g1": 25})
    bench.go(59, drop={"g1": 0})
    assert bench.go(2, drop={"g1": 25}) == []
    assert bench.go(59) == []
    assert bench.go(1) == [("raised", DROP)]


def test_it_clears_when_the_delay_is_over_and_not_before():
    bench = Bench(rule(off_delay_s=60))
    bench.go(drop={"g1": 25})
    assert bench.go(drop={"g1": 19}) == []
    assert bench.go(59.999) == []
    assert bench.go(0.001) == [("cleared", DROP)]
    assert bench.alert(DROP).state is AlertState.RETURNED


def test_a_source_that_comes_back_within_its_delay_does_not_ring_twice_and_chatters():
    bench = Bench(rule(off_delay_s=60))
    bench.go(drop={"g1": 25})
    told = []
    for _ in range(4):
        told += bench.go(5, drop={"g1": 0})
        told += bench.go(5, drop={"g1": 25})
    assert told == [("chattering", DROP)]  # once an episode
    assert bench.rang == [DROP]
    assert bench.alert(DROP).n_activations == 5


def test_three_activations_in_more_than_a_minute_are_no_chattering():
    bench = Bench(rule(off_delay_s=300))
    bench.go(drop={"g1": 25})
    told = []
    for _ in range(3):
        told += bench.go(20, drop={"g1": 0})
        told += bench.go(11, drop={"g1": 25})
    assert told == []


def test_what_is_not_known_goes_on_as_it_was():
    bench = Bench(rule())
    bench.go(drop={"g1": 25, "g2": 0})
    assert bench.go(drop={"g1": float("nan"), "g2": float("nan")}) == []
    assert bench.alert(DROP).active


def test_a_source_that_is_no_more_clears():
    bench = Bench(rule(latched=False))
    bench.go(drop={"g1": 25})
    assert bench.go(drop={}) == [("cleared", DROP)]
    assert bench.engine.alerts == {}


def test_outside_its_hours_nothing_is_raised_and_what_is_raised_clears():
    bench = Bench(rule(hours=("08:00", "12:00"), latched=False))  # NOON is 12:00 in Shanghai
    bench.now_ms -= 60_000
    assert bench.go(drop={"g1": 25}) == [("raised", DROP)]
    assert bench.go(60) == [("cleared", DROP)]
    assert bench.go(1) == []


def test_a_rule_without_latch_asks_nobody_when_it_clears():
    bench = Bench(rule(latched=False))
    bench.go(drop={"g1": 25})
    bench.go(1, drop={"g1": 0})
    assert bench.engine.alerts == {}


# ---- time alone -------------------------------------------------------------------------------


def test_unacknowledged_it_rings_again_a_tier_higher_until_the_district_has_it():
    bench = Bench(rule(acknowledge_within_s=600, tier=Tier.COMMUNITY))
    bench.go(drop={"g1": 25})
    assert bench.go(599.999) == []
    assert bench.go(0.001) == [("again", DROP)]
    assert bench.alert(DROP).tier is Tier.STREET
    assert bench.go(600) == [("again", DROP)]
    assert bench.alert(DROP).tier is Tier.DISTRICT
    assert bench.go(6000) == []  # there it sounds until somebody acknowledges it


def test_acknowledged_it_comes_back_when_it_stays():
    bench = Bench(rule(again_after_s=HOUR_S))
    bench.go(drop={"g1": 25})
    bench.go(acts=[act(bench, "acknowledge")])
    assert bench.alert(DROP).state is AlertState.ACKNOWLEDGED
    assert bench.go(HOUR_S - 0.001) == []
    assert bench.go(0.001) == [("again", DROP)]
    assert bench.alert(DROP).state is AlertState.UNACKNOWLEDGED
    assert bench.alert(DROP).tier is Tier.STREET


def test_a_shelf_ends_by_itself_and_what_still_holds_rings():
    bench = Bench(rule())
    bench.go(drop={"g1": 25})
    until_ms = bench.now_ms + 900_000
    bench.go(acts=[act(bench, "shelve", note="光缆割接", until_ms=until_ms)])
    assert bench.alert(DROP).state is AlertState.SHELVED
    assert bench.go(899.999) == []
    assert bench.go(0.001) == [("expired", DROP)]
    assert bench.alert(DROP).state is AlertState.UNACKNOWLEDGED
    assert bench.rang == [DROP, DROP]


def test_a_shelf_that_ends_on_what_is_gone_says_nothing_to_anybody():
    bench = Bench(rule())
    bench.go(drop={"g1": 25})
    bench.go(acts=[act(bench, "shelve", note="x", until_ms=bench.now_ms + 900_000)])
    bench.go(1, drop={"g1": 0})
    assert bench.alert(DROP).state is AlertState.SHELVED
    bench.go(900)
    assert bench.engine.alerts == {}
    assert bench.rang == [DROP]


def test_timers_that_ran_out_while_the_board_was_away_fire_once():
    bench = Bench(rule(acknowledge_within_s=600, tier=Tier.COMMUNITY, on_delay_s=60))
    bench.go(drop={"g1": 25, "g2": 0})
    bench.go(60)
    bench.go(10, drop={"g1": 25, "g2": 30})
    again = Bench(*bench.engine.rules.values(), values=bench.values, now_ms=bench.now_ms)
    again.engine.load(bench.engine.alerts.values(), bench.engine.memory(), {})
    again.engine.n = bench.engine.n
    assert sorted(again.go(10 * HOUR_S)) == [("again", DROP), ("raised", "drop:g2")]
    assert again.go(1) == []
    assert [line.n for line in again.news] == [2, 3]


def test_a_delay_goes_on_where_it_was_after_a_restart():
    bench = Bench(rule(on_delay_s=60, off_delay_s=60))
    bench.go(drop={"g1": 25})
    bench.go(50)
    again = Bench(*bench.engine.rules.values(), values=bench.values, now_ms=bench.now_ms)
    again.engine.load([], msgspec.msgpack.decode(_packed(bench), type=Memory), {})
    assert again.go(9.999) == []
    assert again.go(0.001) == [("raised", DROP)]


def _packed(bench):
    return msgspec.msgpack.encode(bench.engine.memory())


# ---- causes -----------------------------------------------------------------------------------


def devices():
    return Bench(
        rule("device", kind=Kind.DEVICE_GONE, threshold=80),
        rule("site", kind=Kind.SITE_WITHOUT_VIEW, threshold=100),
    )


def test_what_has_a_cause_does_not_ring_and_comes_back_when_the_cause_ends_alone():
    bench = devices()
    bench.causes = {"school": "device:nvr"}
    bench.go(device={"nvr": 100}, site={"school": 100})
    assert bench.rang == ["device:nvr"]
    assert bench.alert("site:school").state is AlertState.SUPPRESSED
    bench.causes = {}
    told = bench.go(60, device={"nvr": 0})
    assert ("released", "site:school") in told
    assert bench.rang == ["device:nvr", "site:school"]
    assert bench.alert("site:school").state is AlertState.UNACKNOWLEDGED


def test_what_ends_with_its_cause_asks_nobody():
    bench = devices()
    bench.causes = {"school": "device:nvr"}
    bench.go(device={"nvr": 100}, site={"school": 100})
    bench.causes = {}
    bench.go(60, device={"nvr": 0}, site={"school": 0})
    assert list(bench.engine.alerts) == ["device:nvr"]


def test_a_cause_that_is_found_later_takes_what_rang_already():
    bench = devices()
    bench.go(site={"school": 100})
    bench.causes = {"school": "device:nvr"}
    told = bench.go(10, device={"nvr": 100})
    assert told == [("raised", "device:nvr"), ("suppressed", "site:school")]


# ---- officers ---------------------------------------------------------------------------------


def test_out_of_service_it_is_silent_until_it_is_put_back():
    bench = Bench(rule(acknowledge_within_s=60))
    bench.go(drop={"g1": 25})
    bench.go(acts=[act(bench, "take_out", note="改造")])
    assert bench.go(6000) == []
    assert bench.alert(DROP).state is AlertState.OUT_OF_SERVICE
    bench.go(acts=[act(bench, "put_back")])
    assert bench.alert(DROP).state is AlertState.UNACKNOWLEDGED
    assert bench.rang == [DROP, DROP]


def test_what_comes_anew_is_not_acknowledged_by_the_time_before():
    bench = Bench(rule())
    bench.go(drop={"g1": 25})
    bench.go(1, drop={"g1": 0})
    bench.go(1, drop={"g1": 25})
    assert bench.alert(DROP).n_raised == 2
    assert bench.alert(DROP).state is AlertState.UNACKNOWLEDGED


def test_a_mute_has_an_end():
    bench = Bench(rule())
    bench.go(acts=[AlertActed("m", NOON, "530111", MUTE, "chen", until_ms=NOON + 60_000)])
    assert bench.engine.mutes["530111"].by == "chen"
    bench.go(59.999)
    assert "530111" in bench.engine.mutes
    bench.go(0.001)
    assert bench.engine.mutes == {}


# ---- rules that change ------------------------------------------------------------------------


def test_a_rule_that_is_switched_off_lets_go_of_what_it_listed():
    bench = Bench(rule())
    bench.go(drop={"g1": 25})
    bench.engine.use({"drop": rule(enabled=False)})
    assert bench.go() == [("forgotten", DROP)]
    assert bench.engine.alerts == {}


def test_an_alert_says_which_version_raised_it():
    bench = Bench(rule())
    bench.go(drop={"g1": 25})
    bench.engine.use({"drop": rule(version=2, threshold=10)})
    bench.go(1, drop={"g1": 25, "g2": 15})
    assert bench.alert(DROP).rule_version == 1
    assert bench.alert("drop:g2").rule_version == 2


# ---- a round that the store does not take -----------------------------------------------------

VALUES = st.fixed_dictionaries({name: st.sampled_from([0, 25]) for name in ("g1", "g2", "g3")})


@given(st.lists(st.tuples(VALUES, st.integers(0, 90), st.booleans()), max_size=25))
def test_a_round_that_was_undone_never_happened(rounds):
    """With every second round undone and judged again all comes to the same."""
    rules = [
        rule(on_delay_s=30, off_delay_s=60, acknowledge_within_s=120, tier=Tier.COMMUNITY),
        rule("other", kind=Kind.FEED_SILENT, latched=False),
    ]
    plain, shaken = Bench(*rules), Bench(*rules)
    for values, seconds, is_shaken in rounds:
        for bench in (plain, shaken):
            bench.values = {"drop": values, "other": values}
        if is_shaken:
            shaken.now_ms += seconds * 1000
            shaken.judge()
            shaken.engine.finish(shaken.now_ms, "lost")
            shaken.engine.undo()
            shaken.now_ms -= seconds * 1000
            shaken._round -= 1
        assert plain.go(seconds) == shaken.go(seconds)
    assert plain.engine.alerts == shaken.engine.alerts
    assert plain.engine.memory() == shaken.engine.memory()
    assert plain.engine.n == shaken.engine.n == len(plain.news)


@given(st.lists(st.tuples(VALUES, st.integers(0, 90)), max_size=25), st.integers(0, 24))
def test_a_restart_amid_it_changes_nothing(rounds, at):
    rules = [rule(on_delay_s=30, off_delay_s=60, acknowledge_within_s=120, tier=Tier.COMMUNITY)]
    plain, broken = Bench(*rules), Bench(*rules)
    for place, (values, seconds) in enumerate(rounds):
        if place == at:
            fresh = Bench(*rules, now_ms=broken.now_ms)
            fresh.engine.load(broken.engine.alerts.values(), broken.engine.memory(), {})
            fresh.engine.n, fresh._round, fresh.news = broken.engine.n, broken._round, broken.news
            broken = fresh
        plain.values = broken.values = {"drop": values}
        assert sorted(plain.go(seconds)) == sorted(broken.go(seconds))
    held = [[_bare(a) for a in bench.engine.alerts.values()] for bench in (plain, broken)]
    assert sorted(held[0], key=repr) == sorted(held[1], key=repr)


def _bare(alert):
    """Without its number: two of one round may be told in either order."""
    return msgspec.structs.replace(alert, version=0, head="", window_ms=0)


def test_versions_never_come_twice():
    bench = Bench(rule(latched=False))
    seen = []
    for _ in range(3):
        bench.go(1, drop={"g1": 25})
        seen.append(bench.alert(DROP).version)
        bench.go(1, drop={"g1": 0})
    assert len(set(seen)) == 3


def test_a_storm_folds_by_rule_and_place_and_window():
    bench = Bench(rule())
    bench.go(drop={f"g{n}": 25 for n in range(50)})
    bench.go(1800, drop={f"g{n}": 25 for n in range(60)})
    bench.go(1, drop={f"g{n}": 25 for n in range(61)})
    windows = [bench.alert(f"drop:g{n}").window_ms for n in (0, 55, 60)]
    assert windows == [NOON, NOON, NOON + 1_801_000]


def test_an_engine_without_measures_only_obeys():
    engine = Engine({"drop": rule()}, lambda area: area)
    engine.judge(NOON, {}, lambda _: None)
    assert engine.finish(NOON, "t1") == ([], [], [])
    names = Signal(["a"], np.array([np.nan], np.float32), lambda _: Told("", "", ""))
    assert names.unknown() == {"a"}
    assert names.over(0) == {}
    assert signal({"a": 3}).over(3) == {"a": 0}
