"""The load of a desk: floods on both sides of their limits, fleeting sources, shares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.domain import alert_load as load
from dashboard.domain.alert_rules import Kind
from dashboard.domain.alerts import AlertNews, What
from dashboard.domain.areas import Tier
from tests.conftest import NOON

MINUTE = 60_000


def line(at_ms, what=What.RAISED, alert="drop:g1", priority=3, rang=True):
    return AlertNews(
        n=1,
        at_ms=at_ms,
        alert=alert,
        what=what,
        rule="drop",
        rule_version=1,
        kind=Kind.ONLINE_RATE_DROP,
        source=alert.partition(":")[2],
        title="x",
        title_en="x",
        area="530111",
        priority=priority,
        tier=Tier.DISTRICT,
        rang=rang,
    )


@pytest.mark.parametrize(("n", "floods"), [(10, False), (11, True)])
def test_more_than_ten_in_ten_minutes_are_a_flood(n, floods):
    rang = [NOON + i for i in range(n)]
    assert load.flood(rang, NOON + MINUTE).is_on is floods


def test_a_flood_ends_when_fewer_than_five_are_left():
    rang = [NOON + i * MINUTE for i in range(11)]
    began = load.flood(rang, rang[-1])
    assert not began.is_on  # the first had left when the last came
    rang = [NOON + i * MINUTE // 2 for i in range(11)]
    (spell,) = load.flood_spells(rang, NOON + 60 * MINUTE)
    assert spell.begin_ms == rang[10]
    assert spell.end_ms == rang[6] + 10 * MINUTE  # then four are left
    assert load.flood(rang, spell.end_ms - 1).is_on
    assert not load.flood(rang, spell.end_ms).is_on


@given(st.lists(st.integers(0, 40 * MINUTE), max_size=60).map(sorted), st.integers(0, 60 * MINUTE))
def test_a_flood_is_the_same_whenever_it_is_looked_at(offsets, at):
    """What was begun by a moment does not depend on what came after it."""
    rang = [NOON + offset for offset in offsets]
    now_ms = NOON + at
    seen = [one for one in rang if one <= now_ms]
    later = load.flood_spells(rang, NOON + 120 * MINUTE)
    lasting = [s for s in later if s.begin_ms <= now_ms and (s.end_ms or now_ms + 1) > now_ms]
    assert load.flood(seen, now_ms).is_on is bool(lasting)


def test_the_most_within_ten_minutes():
    rang = [NOON, NOON + 9 * MINUTE, NOON + 10 * MINUTE - 1, NOON + 10 * MINUTE]
    assert load.most_in_10_min(rang) == 3
    assert load.most_in_10_min([]) == 0


@pytest.mark.parametrize(("after_ms", "counts"), [(MINUTE, 1), (MINUTE + 1, 0)])
def test_what_is_gone_within_a_minute_is_fleeting(after_ms, counts):
    news = [line(NOON), line(NOON + after_ms, What.CLEARED, rang=False)]
    assert load.fleeting(news).total() == counts


@pytest.mark.parametrize("kind", Kind)
def test_what_somebodys_work_ended_quickly_is_not_fleeting(kind):
    news = [
        replace(line(NOON), kind=kind),
        replace(line(NOON + 1, What.CLEARED, rang=False), kind=kind),
    ]
    of_cases = ("p1_unacknowledged", "incident_at_limit", "incident_overdue")
    answered = kind.value in (*of_cases, "whistle_unanswered")
    assert load.fleeting(news).total() == (not answered)


def test_shares_count_what_rang_alone():
    news = [line(NOON, alert=f"drop:{n}", priority=1 + n % 4) for n in range(20)]
    news += [line(NOON, alert="drop:0", rang=False)] * 50
    assert load.top_share(news) == 0.5
    assert load.priority_shares(news) == {1: 0.25, 2: 0.25, 3: 0.25, 4: 0.25}
    assert load.top_share([]) is None
    assert load.priority_shares([]) is None


def test_a_rate_is_shared_by_the_officers_on_duty():
    rate = load.rate([NOON - 30 * MINUTE, NOON - 5 * MINUTE, NOON], NOON)
    assert (rate.n_10_min, rate.n_hour, rate.n_day) == (2, 3, 3)
    assert rate.per_officer(2) == {"n_10_min": 1, "n_hour": 1.5, "n_day": 1.5}
