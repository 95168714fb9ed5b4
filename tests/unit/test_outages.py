"""Cameras that are down, counted behind every device and at every marked site."""

import random
import time

import pytest

from dashboard.domain.cameras import Cameras
from dashboard.domain.devices import NOWHERE
from dashboard.domain.events import (
    CameraRegistered,
    CameraState,
    CameraStatus,
    DeviceKind,
    DeviceRegistered,
    Ownership,
)
from dashboard.domain.outages import outages, roots
from dashboard.domain.sites import Site, Sites
from tests.conftest import NOON

STALE_MS = 3_600_000


@pytest.fixture
def sites(region):
    area = region.grids[7].code
    named = {"kind": "school", "area": area}
    return Sites(
        [
            Site(id="S1", name="一小", name_en="One", **named),
            Site(id="S2", name="二小", name_en="Two", **named),
        ]
    )


@pytest.fixture
def cameras(region, sites):
    return Cameras(region, sites)


@pytest.fixture
def grid(region):
    return region.grids[7].code


def camera(name, grid, upstream=None, site="road", at_ms=NOON):
    place = (Ownership.SOCIAL, site, None, None, None)
    return CameraRegistered(f"r{name}", at_ms, name, grid, name, *place, upstream)


def state(name, status, at_ms=NOON):
    return CameraState(f"s{name}", at_ms, name, CameraStatus(status), None)


def device(name, grid, upstream=None):
    kind = DeviceKind.SWITCH
    return DeviceRegistered(f"d{name}", NOON, name, grid, kind, name, upstream, None, None)


def behind(cameras, now_ms=NOON):
    """By device: cameras expected behind it, and those of them offline."""
    expected, offline = outages(cameras, now_ms, STALE_MS).by_device(cameras)
    pairs = zip(expected.tolist(), offline.tolist(), strict=True)
    return dict(zip(cameras.devices.ids, pairs, strict=True))


def test_a_camera_counts_for_everything_above_it(cameras, grid):
    cameras.register([camera("c1", grid, "nvr1"), camera("c2", grid, "nvr2")], 0)
    cameras.observe([state("c1", "offline"), state("c2", "online")], 0)
    links = {"nvr1": "sw", "nvr2": "sw", "sw": "net", "net": None}
    cameras.devices.register([device(n, grid, up) for n, up in links.items()], "north")
    assert behind(cameras) == {"nvr1": (1, 1), "nvr2": (1, 0), "sw": (2, 1), "net": (2, 1)}


def test_a_camera_that_moves_to_another_recorder_counts_there(cameras, grid):
    cameras.register([camera("c1", grid, "old")], 0)
    cameras.observe([state("c1", "offline")], 0)
    assert behind(cameras) == {"old": (1, 1)}
    cameras.register([camera("c1", grid, "new", at_ms=NOON + 1)], 0)
    assert behind(cameras) == {"old": (0, 0), "new": (1, 1)}


def test_maintenance_silence_and_no_place_are_not_expected(cameras, grid):
    names = {"online": "online", "offline": "offline", "fault": "fault", "work": "maintenance"}
    cameras.register([camera(name, grid, "nvr") for name in [*names, "unheard"]], 0)
    cameras.register([camera("nowhere", "000000000000000", "nvr")], 0)
    cameras.observe([state(name, status) for name, status in names.items()], 0)
    cameras.observe([state("nowhere", "offline")], 0)
    assert behind(cameras) == {"nvr": (3, 1)}
    assert behind(cameras, NOON + STALE_MS) == {"nvr": (3, 1)}
    assert behind(cameras, NOON + STALE_MS + 1) == {"nvr": (0, 0)}


def test_a_site_is_named_by_id_or_name_and_a_spoiled_picture_shows_nothing(cameras, grid):
    told = {"c1": "S1", "c2": "一小", "c3": "S2", "c4": "road"}
    cameras.register([camera(name, grid, site=site) for name, site in told.items()], 0)
    words = {"c1": "offline", "c2": "fault", "c3": "online", "c4": "offline"}
    cameras.observe([state(name, word) for name, word in words.items()], 0)
    expected, blind = outages(cameras, NOON, STALE_MS).by_site(2)
    assert (expected.tolist(), blind.tolist()) == ([2, 1], [2, 0])


def test_the_root_is_the_topmost_that_is_gone(cameras, grid):
    links = {"nvr": "sw", "sw": "net", "net": "power", "power": None, "other": None}
    cameras.devices.register([device(n, grid, up) for n, up in links.items()], "north")
    found = roots(cameras, {"nvr", "net"}).tolist()
    ids = [cameras.devices.ids[n] if n != NOWHERE else None for n in found]
    at = dict(zip(cameras.devices.ids, ids, strict=True))
    assert at == {"nvr": "net", "sw": "net", "net": "net", "power": None, "other": None}


@pytest.fixture
def district(cameras, region):
    """48,000 cameras on 1,500 recorders, 100 switches, 8 networks, 8 powers; some offline."""
    dice, grids = random.Random(5), [grid.code for grid in region.grids]
    links = {f"p{n}": None for n in range(8)} | {f"n{n}": f"p{n}" for n in range(8)}
    links |= {f"s{n}": f"n{n % 8}" for n in range(100)}
    links |= {f"r{n}": f"s{n % 100}" for n in range(1_500)}
    cameras.devices.register([device(n, grids[0], up) for n, up in links.items()], "north")
    names = [f"c{n}" for n in range(48_000)]
    cameras.register([camera(c, dice.choice(grids), f"r{dice.randrange(1_500)}") for c in names], 0)
    words = dice.choices(["online", "offline", "fault", "maintenance"], [90, 6, 2, 2], k=48_000)
    cameras.observe([state(name, word) for name, word in zip(names, words, strict=True)], 0)
    return links, dict(zip(names, words, strict=True))


def test_a_whole_district_is_counted_as_a_plain_loop_would_and_quicker(cameras, district):
    links, words = district
    assert behind(cameras) == _counted_plainly(cameras, links, words)
    ours = _best_s(lambda: outages(cameras, NOON, STALE_MS).by_device(cameras))
    assert ours < _best_s(lambda: _counted_plainly(cameras, links, words)) / 3


def _counted_plainly(cameras, links, words):
    plain = {name: [0, 0] for name in links}
    for row in cameras.registered.values():
        at = row.upstream
        while at is not None and words[row.id] != "maintenance":
            plain[at][0] += 1
            plain[at][1] += words[row.id] == "offline"
            at = links[at]
    return {name: tuple(counts) for name, counts in plain.items()}


def _best_s(work):
    taken = []
    for _ in range(10):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    print(f"best of {len(taken)}: {min(taken) * 1000:.2f} ms")
    return min(taken)
