"""What cameras hang on: any order comes to the same, circles are cut open, long chains end."""

import random
import time

import pytest
from msgspec.structs import replace

from dashboard.domain.devices import DEPTH, NOWHERE, Devices
from dashboard.domain.events import CameraStatus, DeviceKind, DeviceRegistered, DeviceState
from tests.conftest import NOON

NAMES = "abcdefgh"


def registered(device, upstream=None, at_ms=NOON, kind=DeviceKind.RECORDER, name="n"):
    return DeviceRegistered(
        f"r{device}{at_ms}", at_ms, device, "g", kind, name, upstream, None, None
    )


def state(device, status, at_ms=NOON):
    return DeviceState(f"s{device}{at_ms}", at_ms, device, CameraStatus(status), None)


def hung(links):
    """Devices with the upstream that `links` says, registered in that order."""
    devices = Devices()
    devices.register([registered(name, above) for name, above in links.items()], "north")
    return devices


def chains(devices):
    """By id: the ids above it, itself first, without the padding."""
    found = devices.chains()
    assert found.shape == (len(devices.ids), DEPTH)
    return {
        devices.ids[number]: [devices.ids[at] for at in row if at != NOWHERE]
        for number, row in enumerate(found.tolist())
    }


def test_a_chain_is_the_device_and_what_is_above_it():
    found = chains(hung({"nvr": "sw", "sw": "net", "net": None}))
    assert found == {"nvr": ["nvr", "sw", "net"], "sw": ["sw", "net"], "net": ["net"]}


def test_a_device_that_is_only_named_is_in_the_chain_and_has_no_place():
    devices = hung({"nvr": "sw"})
    assert chains(devices)["nvr"] == ["nvr", "sw"]
    assert "sw" not in devices.by_id
    assert devices.register([registered("sw", "net")], "north") == {"sw"}
    assert chains(devices)["nvr"] == ["nvr", "sw", "net"]


def test_a_device_that_moves_takes_what_hangs_on_it_along():
    devices = hung({"nvr": "sw", "sw": "old", "old": None})
    assert chains(devices)["nvr"][-1] == "old"
    devices.register([registered("sw", "new", NOON + 1)], "north")
    assert chains(devices)["nvr"] == ["nvr", "sw", "new"]
    devices.register([registered("sw", None, NOON + 2)], "north")
    assert chains(devices)["nvr"] == ["nvr", "sw"]


def test_of_a_long_chain_four_are_looked_at():
    found = chains(hung(dict(zip(NAMES, [*NAMES[1:], None], strict=True))))
    assert found["a"] == list("abcd")
    assert found["e"] == list("efgh")
    assert found["h"] == ["h"]


def test_a_circle_is_cut_at_its_greatest_id_whatever_came_first():
    links = {"a": "b", "b": "c", "c": "a", "x": "b", "self": "self"}
    turn = list(links)
    for seed in range(20):
        random.Random(seed).shuffle(turn)
        found = chains(hung({name: links[name] for name in turn}))
        assert found["c"] == ["c"]
        assert found["a"] == ["a", "b", "c"]
        assert found["x"] == ["x", "b", "c"]
        assert found["self"] == ["self"]


def test_ten_thousand_in_one_row_or_one_circle_do_not_hang():
    names = [f"d{n:05}" for n in range(10_000)]
    for last in (None, names[0]):
        devices = hung(dict(zip(names, [*names[1:], last], strict=True)))
        began = time.perf_counter()
        assert chains(devices)["d00000"] == names[:4]
        assert time.perf_counter() - began < 2


def test_chains_are_computed_again_only_when_a_link_changed():
    devices = hung({"nvr": "sw", "sw": None})
    held = devices.chains()
    devices.observe([state("nvr", "offline")], "north")
    devices.register([registered("nvr", "sw", NOON + 1, name="another")], "north")
    assert devices.chains() is held
    devices.register([registered("nvr", None, NOON + 2)], "north")
    assert devices.chains() is not held


def test_the_newest_state_holds_and_says_whether_it_changed():
    devices = hung({"nvr": None})
    assert devices.observe([state("nvr", "offline")], "north") == {"nvr"}
    assert devices.observe([state("nvr", "offline")], "north") == set()
    assert devices.observe([state("nvr", "online", NOON - 1)], "north") == set()
    assert devices.by_id["nvr"].status is CameraStatus.OFFLINE
    assert devices.observe([state("nvr", "online", NOON + 1)], "north") == {"nvr"}
    assert devices.own().tolist() == [0]


def test_what_a_device_says_of_itself_counts_once_it_has_a_place():
    devices = Devices()
    devices.observe([state("nvr", "offline")], "north")
    assert devices.own().tolist() == pytest.approx([float("nan")], nan_ok=True)
    devices.register([registered("nvr")], "north")
    assert devices.own().tolist() == [100]


def random_history(dice):
    """Few devices and few moments, so that reports meet, tie and make circles."""
    found = []
    for _ in range(40):
        name, at_ms = dice.choice(NAMES), NOON + dice.randrange(3)
        if dice.random() < 0.6:
            above = dice.choice([None, *NAMES])
            kind = dice.choice(list(DeviceKind))
            found.append(registered(name, above, at_ms, kind, dice.choice("nm")))
        else:
            found.append(state(name, dice.choice(list(CameraStatus)), at_ms))
    return found


def fold(history):
    devices, changed = Devices(), set()
    for event in history:
        take = devices.register if isinstance(event, DeviceRegistered) else devices.observe
        changed |= take([event], "north")
    return devices, changed


@pytest.mark.parametrize("seed", range(100))
def test_order_and_repeats_do_not_matter(seed):
    dice = random.Random(seed)
    history = random_history(dice)
    straight, changed = fold(history)
    mixed = [*history, *dice.choices(history, k=40)]
    dice.shuffle(mixed)
    other, changed_too = fold(mixed)
    assert other.by_id == straight.by_id
    assert chains(other) == chains(straight)
    assert changed == changed_too == set(straight.by_id)
    assert fold([*history, *history])[0].by_id == straight.by_id


@pytest.mark.parametrize("seed", range(20))
def test_devices_that_are_put_are_those_that_were_folded(seed):
    straight, _ = fold(random_history(random.Random(seed)))
    rows = list(straight.by_id.values())
    other = Devices()
    other.put([replace(row, upstream=None) for row in rows])
    other.chains()
    other.put(rows)
    assert other.by_id == straight.by_id
    assert chains(other) == chains(straight)
