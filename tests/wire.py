"""Events as a feed sends them, one of each type, to be changed by a test."""

from dashboard.clock import iso
from tests.conftest import NOON

MAX_EVENTS, MAX_EVENT_BYTES = 100, 2_000  # of a batch, in these tests
DATA = {
    "camera.registered": {"camera": "C1", "name": "Gate", "ownership": "public", "site": "road"},
    "camera.status": {"camera": "C1", "status": "online"},
    "camera.rollup": {"grid": "GRID", "online": 1, "offline": 2, "fault": 3, "maintenance": 4},
    "incident.reported": {"incident": "I1", "class": "05-06", "title": "水", "channel": "hotline"},
    "incident.moved": {"incident": "I1", "action": "close", "by": "desk"},
    "staff.checked_in": {"staff": "S1", "role": "police", "activity": "patrol"},
    "resource.exchanged": {"resource": "people", "rows": 10, "rejected": 0},
    "feed.heartbeat": {"sent": 10},
    "device.registered": {"device": "N1", "kind": "recorder", "name": "NVR 1"},
    "device.status": {"device": "N1", "status": "online"},
}


def event(kind, grid, identity="e1", data=None, **more):
    content = {k: grid.code if v == "GRID" else v for k, v in DATA[kind].items()}
    content = without_gaps(content | (data or {}))
    found = {"id": identity, "type": kind, "time": iso(NOON), "area": grid.code, "data": content}
    return without_gaps(found | more)


def without_gaps(fields):
    """A field given as ... is left out."""
    return {key: value for key, value in fields.items() if value is not ...}


def refusal(prepared):
    (found,) = prepared.rejections
    assert not prepared.events
    return found
