"""The web's copy of the picture: how fresh an area is, and of when what is not live is."""

import numpy as np
import pytest

from dashboard.clock import iso
from dashboard.domain.board import AGE_DTYPE, GROUPS, NEVER
from dashboard.domain.feeds import Freshness
from dashboard.domain.metrics import METRICS
from dashboard.domain.picture import FRESH_DTYPE, Delta, FeedsPicture, Picture
from dashboard.queries import LivePicture
from dashboard.store.state import WholePicture
from tests.conftest import NOON

HEARD = NOON - 700_000


@pytest.fixture
def live(settings, region, classes, clock):
    return LivePicture(settings, region, classes, clock)


def picture(region, ranks, last_ms):
    """Every area alike."""
    n_areas = len(region.areas)
    return Picture(
        1,
        NOON,
        np.zeros(n_areas + 1, dtype=np.int64).tobytes(),
        np.zeros((n_areas, len(METRICS)), dtype=np.int32).tobytes(),
        np.tile(
            np.array(list(zip(ranks, last_ms, strict=True)), dtype=AGE_DTYPE), (n_areas, 1)
        ).tobytes(),
        FeedsPicture(),
        tuple(area.code for area in region.areas),
    )


def as_of_by(live):
    return tuple(live.area_freshness(0)["as_of_by"][group] for group in GROUPS)


RANKS = (Freshness.LIVE, Freshness.STALE, NEVER)


def test_only_what_is_not_live_has_a_moment(live, region):
    assert live.load(WholePicture(picture(region, RANKS, (0, HEARD, 0)), [], {}, []))
    assert as_of_by(live) == (None, iso(HEARD), None)


def test_an_old_picture_makes_live_numbers_of_its_own_moment(live, region, clock):
    live.load(WholePicture(picture(region, RANKS, (0, HEARD, 0)), [], {}, []))
    clock.move(200)
    assert as_of_by(live) == (iso(NOON), iso(HEARD), None)
    assert live.area_freshness(0)["freshness"] == "lost"


def test_a_delta_replaces_the_moments_of_its_areas(live, region):
    assert live.load(WholePicture(picture(region, RANKS, (0, HEARD, 0)), [], {}, []))
    ages = [(Freshness.LATE, NOON - 1_000), (Freshness.LIVE, 0), (NEVER, 0)]
    rows = np.array([(0, ages)], dtype=FRESH_DTYPE)
    live.apply(Delta(2, NOON, False, fresh=rows.tobytes()))
    assert live.area_freshness(0)["freshness_by"]["cameras"] == "late"
    assert as_of_by(live) == (iso(NOON - 1_000), None, None)
    assert live.area_freshness(1)["as_of_by"]["incidents"] == iso(HEARD)
