"""Cases for tests of the desk's domain: reports, moves, and what there is to decide on."""

from dashboard.domain.casework import Case
from dashboard.domain.events import Channel, IncidentAction, IncidentMoved, IncidentReported
from dashboard.domain.incident_life import IncidentState
from dashboard.domain.rights import Principal, Role
from dashboard.domain.standing import Told, standing_of
from tests.conftest import NOON

DISTRICT, STREET, COMMUNITY = "530111", "530111001", "530111001001"
GRID = "530111001001001"
OTHER_STREET = "530111002"
DEPARTMENT = "paishui"

DISPATCHED = ("file", "dispatch")
HANDLED = (*DISPATCHED, "accept", "handle")
INSPECTED = (*HANDLED, ("inspect", {"result": "passed"}))
# The shortest lives that come to each state.
WAY_TO = {
    IncidentState.REPORTED: (),
    IncidentState.FILED: ("file",),
    IncidentState.REJECTED: ("reject",),
    IncidentState.DISPATCHED: DISPATCHED,
    IncidentState.HANDLING: (*DISPATCHED, "accept"),
    IncidentState.RETURNED: (*DISPATCHED, "return"),
    IncidentState.SUSPENDED: (*DISPATCHED, "suspend"),
    IncidentState.HANDLED: HANDLED,
    IncidentState.INSPECTED: INSPECTED,
    IncidentState.CLOSED: (*INSPECTED, "close"),
    IncidentState.CANCELLED: ("cancel",),
}


def report(channel=Channel.COLLECTOR, *, at_ms=NOON, code="01-10", **more):
    """A report of class 01-10: four working hours, so priority 3."""
    fields = {"incident": "1", "grid": GRID, "priority": None, "lon": None, "lat": None} | more
    return IncidentReported(
        id=f"r{at_ms}",
        observed_ms=at_ms,
        incident=fields["incident"],
        grid=fields["grid"],
        class_system=None,
        class_version=None,
        class_code=code,
        title="积水",
        channel=channel,
        priority=fields["priority"],
        severity=None,
        text=None,
        photos=(),
        lon=fields["lon"],
        lat=fields["lat"],
    )


def move(action, at_ms=NOON, *, by="chen", at_desk=True, **more):
    """One step; a dispatch goes to DEPARTMENT unless another is named."""
    action = IncidentAction(action)
    if action is IncidentAction.DISPATCH:
        more.setdefault("department", DEPARTMENT)
    return IncidentMoved(
        id=more.pop("id", f"{action}{at_ms}"),
        observed_ms=at_ms,
        incident=more.pop("incident", "1"),
        action=action,
        by=by,
        note=more.pop("note", None),
        department=more.pop("department", None),
        at_desk=at_desk,
        **more,
    )


def life(*steps, start_ms=NOON, every_ms=60_000):
    """Moves at even distances after the report; a step is an action or (action, fields)."""
    moves = []
    for number, step in enumerate(steps, start=1):
        action, more = step if isinstance(step, tuple) else (step, {})
        moves.append(move(action, start_ms + number * every_ms, **more))
    return moves


def stand(classes, moves=(), reported=None, *, priority=3, cluster_ms=None, calendar=None):
    """Where a case of such a life stands."""
    reported = reported or report()
    told = Told(
        report=reported,
        moves=tuple(sorted(moves, key=lambda one: (one.observed_ms, one.id))),
        first_ms=reported.observed_ms,
        priority=priority,
        cls=classes.find(reported.class_code),
        cluster_ms=cluster_ms,
    )
    return standing_of(told, calendar or classes.calendar)


def case(classes, *steps, reported=None, now_ms=None, priority=3, units=(DEPARTMENT,)):
    """What a decision is made on after such steps."""
    reported = reported or report()
    moves = life(*steps, start_ms=reported.observed_ms)
    last_ms = moves[-1].observed_ms if moves else reported.observed_ms
    return Case(
        report=reported,
        moves=tuple(moves),
        standing=stand(classes, moves, reported, priority=priority),
        now_ms=last_ms + 1_000 if now_ms is None else now_ms,
        units=units,
    )


def post(role=Role.ADMINISTRATOR, area=DISTRICT, name="chen", department=""):
    """An account's post."""
    return Principal(name, role, area, department=department)
