"""How alive a feed is, by its silence and its period."""

import pytest

from dashboard.domain.feeds import Freshness, freshness
from tests.conftest import NOON

LIVE, LATE, STALE, LOST = Freshness


@pytest.mark.parametrize(
    ("period_s", "silence_s", "expected"),
    [
        (60, 0, LIVE),
        (60, 60, LIVE),
        (60, 60.001, LATE),
        (60, 180, LATE),
        (60, 180.001, STALE),
        (60, 600, STALE),
        (60, 600.001, LOST),
        (5, 5, LIVE),
        (5, 5.001, LATE),
        (5, 60, LATE),  # a quick feed is not stale before a minute
        (5, 60.001, STALE),
        (5, 120, STALE),
        (5, 120.001, LOST),
        (3_600, 3_600, LIVE),
        (3_600, 36_000, STALE),
        (3_600, 36_000.001, LOST),
        (60, -30, LIVE),  # the intake's clock runs ahead of the board's
    ],
)
def test_freshness_limits_are_inclusive(period_s, silence_s, expected):
    assert freshness(NOON - round(silence_s * 1000), period_s, NOON) is expected


def test_a_feed_that_never_spoke_is_lost():
    assert freshness(None, 60, NOON) is LOST


def test_the_worse_ranks_higher_and_each_has_a_word():
    assert LIVE < LATE < STALE < LOST
    assert [rank.word for rank in Freshness] == ["live", "late", "stale", "lost"]
