"""Random but sound events as a source sends them, about few things, so that reports meet."""

from typing import get_args

from dashboard.clock import iso
from dashboard.domain.events import Activity, CameraStatus, Channel, DeviceKind, Ownership, Role
from feeds.schema import FedAction
from tests.conftest import NOON

AGES_MS = (0, 1, 60_000, 3_000_000, 7_300_000, 90_000_000)
CAMERAS = [f"C{i}" for i in range(12)]
INCIDENTS = [f"I{i}" for i in range(8)]
DEVICES = [f"N{i}" for i in range(5)]
STAFF = [f"S{i}" for i in range(5)]
CLASSES = ("05-06", "01-10", "02-01")


def random_events(random, grids, n):
    """`n` events with ids of their own, older ones among newer ones, at `grids`."""
    cameras = (_camera, _state, _state, _rollup, _device, _device_state)
    makers = (*cameras, _report, _move, _move, _check_in, _exchange)
    return [_envelope(random, f"e{i}", random.choice(makers)(random, grids)) for i in range(n)]


def _envelope(random, identity, event):
    age_ms = random.choice(AGES_MS)
    return {"id": identity, "time": iso(NOON - age_ms), **event}


def _camera(random, grids):
    data = {
        "camera": random.choice(CAMERAS),
        "name": random.choice(["Gate", "Bridge"]),
        "ownership": random.choice(list(Ownership)),
        "site": "road",
        "upstream": random.choice([None, *DEVICES]),
    }
    return {"type": "camera.registered", "area": random.choice(grids), "data": data}


def _state(random, grids):
    data = {"camera": random.choice(CAMERAS), "status": random.choice(list(CameraStatus))}
    return {"type": "camera.status", "area": random.choice(grids), "data": data}


def _device(random, grids):
    """Of few devices, so that links make circles too."""
    name, kind = random.choice(DEVICES), random.choice(list(DeviceKind))
    above = random.choice([None, *(other for other in DEVICES if other != name)])
    data = {"device": name, "kind": kind, "name": "NVR", "upstream": above}
    return {"type": "device.registered", "area": random.choice(grids), "data": data}


def _device_state(random, grids):
    data = {"device": random.choice(DEVICES), "status": random.choice(list(CameraStatus))}
    return {"type": "device.status", "area": random.choice(grids), "data": data}


def _rollup(random, grids):
    states = ("online", "offline", "fault", "maintenance")
    counts = {state: random.randrange(5) for state in states}
    ownership = random.choice(list(Ownership))
    data = {"grid": random.choice(grids), "ownership": ownership, **counts}
    return {"type": "camera.rollup", "data": data}


def _report(random, grids):
    data = {
        "incident": random.choice(INCIDENTS),
        "class": random.choice(CLASSES),
        "title": random.choice(["Water", "Waste"]),
        "channel": random.choice(list(Channel)),
        "priority": random.choice([None, 1, 2, 3, 4]),
    }
    return {"type": "incident.reported", "area": random.choice(grids), "data": data}


def _move(random, grids):
    action = random.choice(get_args(FedAction))
    data = {"incident": random.choice(INCIDENTS), "action": action, "by": "desk"}
    if action == "whistle":
        data |= {"whistle": "w1", "step": "acknowledge", "department": "paishui"}
    return {"type": "incident.moved", "area": random.choice(grids), "data": data}


def _check_in(random, grids):
    data = {
        "staff": random.choice(STAFF),
        "role": random.choice(list(Role)),
        "activity": random.choice(list(Activity)),
    }
    return {"type": "staff.checked_in", "area": random.choice(grids), "data": data}


def _exchange(random, grids):
    rows = random.randrange(100)
    data = {"resource": random.choice("pq"), "rows": rows, "rejected": 0}
    return {"type": "resource.exchanged", "data": data}
