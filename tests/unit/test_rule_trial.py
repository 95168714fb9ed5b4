"""A rule tried on the past raises what the engine raised on the same values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.alert_rules import Kind
from dashboard.domain.rule_trial import Sources, trial
from dashboard.domain.signal_history import HUNDREDTHS, Recorder, past_of, with_period
from tests.alerts import Bench, rule
from tests.conftest import NOON

MINUTE = NOON // 60_000
NOTHING = Sources({}, {"g1": 9, "g2": 9}, {})


def history(kind, rows, names=("g1", "g2")):
    """Frames of so many minutes with these values."""
    recorder = Recorder()
    frames = []
    for place, values in enumerate(rows):
        told = {kind: (list(names), np.array(values, np.int32))}
        frames.append(recorder.note(MINUTE + place, told))
    frames.append(recorder.note(MINUTE + len(rows), {}))
    return [frame for frame in frames if frame is not None]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=150))
def test_what_was_recorded_is_what_is_read(rows):
    past = past_of(history(Kind.DEVICE_GONE, rows), Kind.DEVICE_GONE)
    assert past.names == ("g1", "g2")
    assert past.minutes.tolist() == list(range(MINUTE, MINUTE + len(rows)))
    assert past.values.tolist() == [list(row) for row in rows]


def test_a_minute_keeps_the_worst_that_was_told_in_it():
    recorder = Recorder()
    for value in (20, 90, 30):
        told = np.array([value], np.int32)
        recorder.note(MINUTE, {Kind.DEVICE_GONE: (["a"], told)})
        recorder.note(MINUTE, {Kind.ONLINE_RATE_DROP: (["a"], told)})
    frame = recorder.note(MINUTE + 1, {})
    assert past_of([frame], Kind.DEVICE_GONE).values.tolist() == [[90]]
    assert past_of([frame], Kind.ONLINE_RATE_DROP).values.tolist() == [[20]]


def test_sources_that_come_later_are_unknown_before():
    recorder = Recorder()
    told = np.array([5], np.int32)
    first = recorder.note(MINUTE, {Kind.DEVICE_GONE: (["a"], told)})
    assert first is None
    frames = [recorder.note(MINUTE + 1, {Kind.DEVICE_GONE: (["b", "a"], np.array([7, 5]))})]
    frames.append(recorder.note(MINUTE + 2, {}))
    past = past_of(frames, Kind.DEVICE_GONE)
    assert past.names == ("a", "b")
    assert past.values.tolist() == [[5, -1], [5, 7]]


RULES = st.builds(
    lambda on, off: rule(
        "device", kind=Kind.DEVICE_GONE, threshold=50, on_delay_s=on * 60, off_delay_s=off * 60
    ),
    st.integers(0, 3),
    st.integers(0, 3),
)


@given(RULES, st.lists(st.tuples(*[st.sampled_from([0, 80])] * 2), min_size=1, max_size=40))
def test_a_trial_raises_what_the_engine_raises(region, tried, rows):
    scaled = [[value * HUNDREDTHS for value in row] for row in rows]
    past = past_of(history(Kind.DEVICE_GONE, scaled), Kind.DEVICE_GONE)
    bench = Bench(tried, now_ms=MINUTE * 60_000)
    for place, (one, two) in enumerate(rows):
        bench.go(60 if place else 0, device={"g1": one, "g2": two})
    raised = [(x.at_ms, x.source) for x in bench.news if x.what == "raised"]
    found = trial(tried, past, NOTHING, region)
    assert sorted((one.at_ms, one.source) for one in found) == sorted(raised)


@pytest.mark.parametrize(("threshold", "n"), [(79.9, 1), (80, 1), (80.1, 0)])
def test_the_limit_itself_raises(region, threshold, n):
    past = past_of(history(Kind.SITE_WITHOUT_VIEW, [[8000, 0]]), Kind.SITE_WITHOUT_VIEW)
    tried = rule("site", kind=Kind.SITE_WITHOUT_VIEW, threshold=threshold)
    assert len(trial(tried, past, NOTHING, region)) == n


def test_a_drop_is_counted_from_the_best_of_the_window(region):
    rates = [[95, 95]] * 3 + [[70, 95]] * 10
    scaled = [[value * HUNDREDTHS for value in row] for row in rates]
    past = past_of(history(Kind.ONLINE_RATE_DROP, scaled), Kind.ONLINE_RATE_DROP)
    for threshold, n in ((25, 1), (25.1, 0)):
        tried = rule(threshold=threshold)
        assert len(trial(tried, past, NOTHING, region)) == n


def test_a_device_with_few_cameras_does_not_count(region):
    past = past_of(history(Kind.DEVICE_GONE, [[10_000, 10_000]]), Kind.DEVICE_GONE)
    tried = rule("device", kind=Kind.DEVICE_GONE, threshold=80, parameters={"min_cameras": 10})
    few = Sources({}, {"g1": 9, "g2": 10}, {})
    assert [one.source for one in trial(tried, past, few, region)] == ["g2"]


@pytest.mark.parametrize(
    ("kind", "name", "threshold", "after_min"),
    [
        (Kind.FEED_SILENT, "g1", 10, 5),  # ten periods of 30 s
        (Kind.EXCHANGE_OVERDUE, with_period("g1", 300), 3, 15),
        (Kind.GRID_WITHOUT_COVER, "g1", 20, 20),
    ],
)
def test_what_was_last_heard_long_enough_ago_raises(region, kind, name, threshold, after_min):
    """Heard in the first minute, and not again."""
    tried = rule("long", kind=kind, threshold=threshold)
    sources = Sources({"g1": 30}, {}, {})
    for minutes, raised in ((after_min, []), (after_min + 1, [(MINUTE + after_min) * 60_000])):
        past = past_of(history(kind, [[MINUTE]] * minutes, (name,)), kind)
        assert [one.at_ms for one in trial(tried, past, sources, region)] == raised
