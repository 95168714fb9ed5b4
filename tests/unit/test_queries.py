"""The web's copy of the picture: how fresh an area is, and of when what is not live is."""

import msgspec
import numpy as np
import pytest

from dashboard.clock import iso
from dashboard.domain.board import GROUPS, NEVER
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
        np.tile(np.array(ranks, dtype=np.int8), (n_areas, 1)).tobytes(),
        FeedsPicture(),
        tuple(area.code for area in region.areas),
        np.tile(np.array(last_ms, dtype=np.int64), (n_areas, 1)).tobytes(),
    )


def older(message):
    """As a board wrote it that told no moments: without its last field."""
    body = msgspec.msgpack.encode(msgspec.to_builtins(message, builtin_types=(bytes,))[:-1])
    return msgspec.msgpack.decode(body, type=type(message))


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


def test_a_board_that_tells_no_moments_is_understood(live, region):
    saved = older(picture(region, RANKS, (0, HEARD, 0)))
    assert live.load(WholePicture(saved, [], {}, []))
    assert as_of_by(live) == (None, None, None)
    rows = np.array([(0, (Freshness.LATE, Freshness.LIVE, NEVER))], dtype=FRESH_DTYPE)
    delta = Delta(2, NOON, False, fresh=rows.tobytes())
    live.apply(older(delta))
    assert live.area_freshness(0)["freshness_by"]["cameras"] == "late"
    assert as_of_by(live) == (None, None, None)
    moments = np.array([HEARD, 0, 0], dtype=np.int64)
    live.apply(msgspec.structs.replace(delta, last_ms=moments.tobytes()))
    assert as_of_by(live) == (iso(HEARD), None, None)
