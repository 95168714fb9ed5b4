"""Each kind of rule on both sides of its limit, measured off a real board."""

from datetime import timedelta

import numpy as np
import pytest

from dashboard.clock import from_ms, to_ms
from dashboard.departments import load_departments
from dashboard.domain import events as ev
from dashboard.domain.alert_causes import Causes
from dashboard.domain.alert_measures import Held, Look, Meter
from dashboard.domain.alert_rules import Kind
from dashboard.domain.alert_signals import Silence
from dashboard.domain.alerts import Alert
from dashboard.domain.areas import Tier
from dashboard.domain.board import Board, Limits
from dashboard.domain.outages import outages
from dashboard.domain.sites import Site, Sites
from dashboard.domain.whistle_signal import WhistleMeter
from dashboard.setting_values import PROJECT
from dashboard.whistles import load_whistle_limits
from tests.alerts import rule
from tests.cases import move, report
from tests.conftest import NOON

GUANDU = PROJECT / "dashboard" / "regions" / "guandu"
GRID, OTHER = "530111001001001", "530111003005004"
MINUTE = 60_000
LIMITS = Limits(
    camera_stale_ms=93_600_000, on_duty_ms=1_800_000, cover_ms=7_200_000, due_soon_ms=3_600_000
)
MONDAY_14 = NOON + 26 * 60 * MINUTE
SITES = Sites([Site(id="S1", name="小学", name_en="School", kind="school", area=GRID)])


class World:
    """A board, what measures it, and an instant."""

    def __init__(self, region, classes):
        self.board = Board(region, classes, SITES)
        limits = load_whistle_limits(GUANDU)
        self.meter = Meter(region, WhistleMeter(region, limits, load_departments(GUANDU, region)))
        self.whistles = limits
        self.feeds = []
        self._n = 0

    def fold(self, *events, feed="north", at_ms=NOON):
        self._n += 1
        self.board.fold([ev.Chunk(feed, at_ms, tuple(events), f"{self._n}-0")])

    def signal(self, one, now_ms=NOON, held=()):
        metrics = self.board.measure(now_ms, LIMITS)
        down = outages(self.board.cameras, now_ms, LIMITS.camera_stale_ms)
        look = Look(self.board, metrics, self.feeds, now_ms, down)
        return self.meter.measures(look, Held({one.id: set(held)}))[one.kind](one)

    def over(self, one, now_ms=NOON, **more):
        return set(self.signal(one, now_ms, **more).over(one.threshold))

    def cameras(self, n, *, down=0, grid=GRID, upstream=None, site="road", status="offline"):
        """So many cameras of a grid, the first of them down."""
        first = len(self.board.cameras.table)
        for number in range(first, first + n):
            told = status if number - first < down else "online"
            self.fold(
                ev.CameraRegistered(
                    f"r{number}", NOON, f"C{number}", grid, "c", ev.Ownership.PUBLIC, site,
                    None, None, None, upstream,
                ),
                ev.CameraState(f"s{number}", NOON, f"C{number}", ev.CameraStatus(told), None),
            )  # fmt: skip

    def turn(self, numbers, status, at_ms):
        for number in numbers:
            state = ev.CameraState(
                f"t{number}{at_ms}", at_ms, f"C{number}", ev.CameraStatus(status), None
            )
            self.fold(state)

    def device(self, name, kind="recorder", upstream=None, grid=GRID):
        self.fold(
            ev.DeviceRegistered(
                f"d{name}", NOON, name, grid, ev.DeviceKind(kind), name, upstream, None, None
            )
        )


@pytest.fixture
def world(region, classes):
    return World(region, classes)


@pytest.mark.parametrize(("silent_s", "raises"), [(599, False), (600, True)])
def test_a_feed_is_silent_from_ten_periods_on(world, silent_s, raises):
    world.feeds = [Silence("north", "北", "North", None, 60, NOON - silent_s * 1000, 0)]
    one = rule("feed", kind=Kind.FEED_SILENT, threshold=10)
    assert bool(world.over(one)) is raises


@pytest.mark.parametrize(("silent_s", "raises"), [(299, False), (300, True)])
def test_a_quick_feed_has_its_least_time(world, silent_s, raises):
    world.feeds = [Silence("north", "北", "North", None, 1, NOON - silent_s * 1000, 0)]
    one = rule("feed", kind=Kind.FEED_SILENT, threshold=10, parameters={"at_least_s": 300})
    assert bool(world.over(one)) is raises


def test_a_feed_that_never_spoke_counts_from_when_it_was_added(world):
    world.feeds = [Silence("north", "北", "North", None, 60, None, NOON - 600_000)]
    assert world.over(rule("feed", kind=Kind.FEED_SILENT, threshold=10)) == {"north"}


@pytest.mark.parametrize(("down", "raises"), [(5, False), (6, True)])
def test_a_grid_drops_from_so_many_points_on(world, down, raises):
    one = rule(threshold=30, parameters={"min_cameras": 20})
    world.cameras(20)
    assert world.over(one) == set()
    world.turn(range(down), "offline", NOON + 1)
    assert (world.over(one, NOON + MINUTE) == {GRID}) is raises


@pytest.mark.parametrize(("n", "raises"), [(19, False), (20, True)])
def test_a_grid_with_few_cameras_does_not_drop(world, n, raises):
    one = rule(threshold=30, parameters={"min_cameras": 20})
    world.cameras(n)
    world.signal(one)
    world.turn(range(n), "offline", NOON + 1)
    assert bool(world.over(one, NOON + MINUTE)) is raises


def test_a_drop_that_lasts_is_not_the_measure_of_itself(world):
    one = rule(threshold=30, parameters={"min_cameras": 20, "window_min": 5})
    world.cameras(20)
    world.signal(one)
    world.turn(range(10), "offline", NOON + 1)
    for minute in range(1, 20):
        assert world.over(one, NOON + minute * MINUTE, held={GRID}) == {GRID}
    for minute in range(20, 27):
        last = world.over(one, NOON + minute * MINUTE)
    assert last == set()  # nobody holds it any more: what is, is usual


@pytest.mark.parametrize(("down", "raises"), [(7, False), (8, True)])
def test_a_device_is_gone_when_most_of_its_cameras_are(world, down, raises):
    world.device("nvr")
    world.cameras(10, down=down, upstream="nvr")
    one = rule("device", kind=Kind.DEVICE_GONE, threshold=80)
    assert (world.over(one) == {"nvr"}) is raises


@pytest.mark.parametrize("status", ["fault", "maintenance"])
def test_a_spoiled_picture_and_planned_work_do_not_take_a_device(world, status):
    world.device("nvr")
    world.cameras(10, down=10, upstream="nvr", status=status)
    assert world.over(rule("device", kind=Kind.DEVICE_GONE, threshold=80)) == set()


@pytest.mark.parametrize(("down", "raises"), [(2, False), (3, True)])
def test_a_site_is_blind_when_its_last_camera_is(world, down, raises):
    world.cameras(3, down=down, site="S1", status="fault")
    one = rule("site", kind=Kind.SITE_WITHOUT_VIEW, threshold=100)
    assert (world.over(one) == {"S1"}) is raises


def test_a_site_under_planned_work_is_not_blind(world):
    world.cameras(3, down=3, site="S1", status="maintenance")
    assert world.over(rule("site", kind=Kind.SITE_WITHOUT_VIEW, threshold=100)) == set()


@pytest.mark.parametrize(("minutes", "raises"), [(191, False), (192, True), (240, False)])
def test_a_case_is_near_its_limit_from_80_percent_until_it_is_late(world, minutes, raises):
    """01-10: four working hours, so reported at 14:00 it has until 18:00."""
    world.fold(report(at_ms=MONDAY_14, incident="1", grid=GRID, priority=2))
    one = rule("limit", kind=Kind.INCIDENT_AT_LIMIT, threshold=80)
    assert (world.over(one, MONDAY_14 + minutes * MINUTE) == {"1"}) is raises


@pytest.mark.parametrize(("priority", "raises"), [(2, True), (3, False)])
def test_only_urgent_cases_alert_near_their_limit(world, priority, raises):
    world.fold(report(at_ms=MONDAY_14, incident="1", grid=GRID, priority=priority))
    one = rule("limit", kind=Kind.INCIDENT_AT_LIMIT, threshold=80)
    assert bool(world.over(one, MONDAY_14 + 200 * MINUTE)) is raises


@pytest.mark.parametrize(("ms", "raises"), [(5 * MINUTE - 100, False), (5 * MINUTE, True)])
def test_a_p1_waits_from_its_report_on(world, ms, raises):
    world.fold(report(incident="1", grid=GRID, priority=1))
    one = rule("p1", kind=Kind.P1_UNACKNOWLEDGED, threshold=5)
    assert (world.over(one, NOON + ms) == {"1"}) is raises


@pytest.mark.parametrize(
    ("ms", "raises"), [(-100, False), (30 * MINUTE - 100, False), (30 * MINUTE, True)]
)
def test_a_late_case_waits_from_its_limit_on(world, ms, raises):
    world.fold(report(at_ms=MONDAY_14, incident="1", grid=GRID, priority=2))
    one = rule("late", kind=Kind.INCIDENT_OVERDUE, threshold=30)
    assert (world.over(one, MONDAY_14 + 240 * MINUTE + ms) == {"1"}) is raises


@pytest.mark.parametrize("done", ["supervise", "cancel", "suspend"])
def test_a_late_case_that_somebody_presses_or_ends_does_not_wait(world, done):
    late = MONDAY_14 + 241 * MINUTE
    world.fold(report(at_ms=MONDAY_14, incident="1", grid=GRID, priority=1))
    one = rule("late", kind=Kind.INCIDENT_OVERDUE, threshold=0)
    assert world.over(one, late) == {"1"}
    way = ("file", "dispatch", "accept") if done == "suspend" else ()
    for n, action in enumerate((*way, done)):
        world.fold(move(action, late + n, incident="1"))
    assert world.over(one, late + MINUTE) == set()


def test_of_late_cases_only_urgent_ones_wait(world):
    world.fold(report(at_ms=MONDAY_14, incident="1", grid=GRID, priority=3))
    one = rule("late", kind=Kind.INCIDENT_OVERDUE, threshold=0)
    assert world.over(one, MONDAY_14 + 300 * MINUTE) == set()


@pytest.mark.parametrize(("ms", "raises"), [(5 * MINUTE - 100, False), (5 * MINUTE, True)])
def test_a_p1_that_comes_late_waits_from_its_coming_on(world, ms, raises):
    came = NOON + 20 * MINUTE
    world.fold(report(incident="1", grid=GRID, priority=1), at_ms=came)
    world.fold(report(incident="1", grid=GRID, priority=1), at_ms=came + MINUTE)  # told again
    one = rule("p1", kind=Kind.P1_UNACKNOWLEDGED, threshold=5)
    assert (world.over(one, came + ms) == {"1"}) is raises


def test_an_acknowledged_p1_does_not_wait_again_when_its_time_runs_out(world):
    """The district has it already: its limit lifts it no further."""
    world.fold(report(at_ms=MONDAY_14, incident="1", grid=GRID, priority=1))
    world.fold(move("acknowledge", MONDAY_14 + 1, incident="1"))
    one = rule("p1", kind=Kind.P1_UNACKNOWLEDGED, threshold=0)
    for minutes in (191, 193, 239, 241, 600):
        assert world.over(one, MONDAY_14 + minutes * MINUTE) == set()


@pytest.mark.parametrize("between", [(), ("accept",)])
def test_a_p1_of_a_lower_tier_waits_anew_from_its_escalation_on(world, between):
    """Also when a department acts on it afterwards: that does not acknowledge it."""
    world.fold(report(at_ms=MONDAY_14, incident="1", grid=GRID, priority=1))
    for n, action in enumerate(("file", "dispatch")):
        world.fold(move(action, MONDAY_14 + n, incident="1"))
    world.fold(move("assign", MONDAY_14 + 2, incident="1", tier="community"))
    world.fold(move("acknowledge", MONDAY_14 + 3, incident="1"))
    one = rule("p1", kind=Kind.P1_UNACKNOWLEDGED, threshold=5)
    at_80, at_100 = (MONDAY_14 + minutes * MINUTE for minutes in (192, 240))
    assert world.over(one, at_80 - 1) == set()
    for action in between:
        world.fold(move(action, at_80 + 1000, incident="1", by="gang"))
    assert world.over(one, at_80 + 4 * MINUTE) == set()
    assert world.over(one, at_80 + 5 * MINUTE) == {"1"}
    assert world.over(one, at_100 + 4 * MINUTE) == set()  # the district's, anew
    assert world.over(one, at_100 + 5 * MINUTE) == {"1"}


def test_a_p1_that_was_acknowledged_does_not_wait(world):
    world.fold(report(incident="1", grid=GRID, priority=1))
    world.fold(move("acknowledge", NOON + 1, incident="1"))
    assert world.over(rule("p1", kind=Kind.P1_UNACKNOWLEDGED, threshold=0), NOON + 2) == set()


@pytest.mark.parametrize(("minutes", "raises"), [(119, False), (120, True)])
def test_a_grid_is_without_cover_after_so_many_minutes(world, minutes, raises):
    came = ev.StaffCheckedIn("c", NOON, "w1", GRID, ev.Role.GRID_WORKER, ev.Activity.PATROL, None)
    world.fold(came)
    one = rule("cover", kind=Kind.GRID_WITHOUT_COVER, threshold=120)
    assert (GRID in world.over(one, NOON + minutes * MINUTE)) is raises


def test_the_cover_of_a_morning_counts_from_its_beginning(world):
    came = ev.StaffCheckedIn("c", NOON, "w1", GRID, ev.Role.GRID_WORKER, ev.Activity.PATROL, None)
    world.fold(came)
    tomorrow = to_ms(from_ms(NOON) + timedelta(hours=20))  # 08:00 in Shanghai
    one = rule("cover", kind=Kind.GRID_WITHOUT_COVER, threshold=60, hours=("08:00", "20:00"))
    assert world.over(one, tomorrow + 59 * MINUTE) == set()
    assert GRID in world.over(one, tomorrow + 60 * MINUTE)


@pytest.mark.parametrize(("n", "raises"), [(4, False), (5, True)])
def test_five_similar_cases_are_a_cluster(world, n, raises):
    for place in range(n):
        one = report(at_ms=NOON + place, incident=f"{place}", grid=GRID, lon=102.71, lat=25.01)
        world.fold(one)
    cluster = rule("similar", kind=Kind.SIMILAR_CLUSTER, threshold=5)
    assert (world.over(cluster, NOON + MINUTE) == {"0"}) is raises


@pytest.mark.parametrize(("seconds", "raises"), [(899, False), (900, True)])
def test_a_resource_is_overdue_after_so_many_of_its_periods(world, seconds, raises):
    world.fold(ev.ResourceExchanged("x", NOON, "水务-台账", 1, 0, None, 300))
    one = rule("exchange", kind=Kind.EXCHANGE_OVERDUE, threshold=3)
    assert (world.over(one, NOON + seconds * 1000) == {"水务-台账"}) is raises


@pytest.mark.parametrize(("before_ms", "raises"), [(1_000, False), (0, True)])
def test_a_called_department_is_late_when_its_clock_is_used_up(world, before_ms, raises):
    world.fold(report(incident="1", grid=GRID, priority=2))
    blown = move("whistle", NOON, incident="1", kind="emergency", called=("paishui",))
    world.fold(blown)
    (kind,) = [k for k in world.whistles if k.value == "emergency"]
    due_ms = NOON + world.whistles[kind].acknowledge * MINUTE
    one = rule("whistle", kind=Kind.WHISTLE_UNANSWERED, threshold=100)
    assert bool(world.over(one, due_ms - before_ms)) is raises


def test_a_rule_for_an_area_looks_at_nothing_else(world):
    for grid in (GRID, OTHER):
        world.fold(report(incident=grid, grid=grid, priority=1))
        world.device(f"nvr-{grid}", grid=grid)
        world.cameras(5, down=5, grid=grid, upstream=f"nvr-{grid}")
    p1 = rule("p1", kind=Kind.P1_UNACKNOWLEDGED, threshold=0, area=GRID[:9])
    device = rule("device", kind=Kind.DEVICE_GONE, threshold=80, area=GRID[:9])
    assert world.over(p1) == {GRID}
    assert world.over(device) == {f"nvr-{GRID}"}


# ---- causes -----------------------------------------------------------------------------------


def alert(kind, source, area=GRID):
    return Alert(
        id=f"{kind.value}:{source}", rule=kind.value, rule_version=1, kind=kind, source=source,
        title="x", title_en="x", area=area, priority=3, tier=Tier.STREET, value=100, threshold=80,
        unit="percent", raised_ms=NOON, rang_ms=NOON,
    )  # fmt: skip


def causes(world, *gone):
    down = outages(world.board.cameras, NOON, LIMITS.camera_stale_ms)
    return Causes(world.board, down, dict.fromkeys(gone, "device"))


def test_the_topmost_device_that_is_gone_is_the_cause(world):
    world.device("nvr", upstream="sw")
    world.device("sw", "switch", "net")
    world.device("net", "network")
    found = causes(world, "nvr", "sw", "net")
    assert found.of(alert(Kind.DEVICE_GONE, "nvr")) == "device:net"
    assert found.of(alert(Kind.DEVICE_GONE, "net")) is None
    assert causes(world, "nvr", "net").of(alert(Kind.DEVICE_GONE, "nvr")) == "device:net"
    assert causes(world, "nvr").of(alert(Kind.DEVICE_GONE, "nvr")) is None


def test_a_site_has_a_cause_only_when_all_its_blind_cameras_have(world):
    world.device("nvr")
    world.cameras(2, down=2, upstream="nvr", site="S1")
    site = alert(Kind.SITE_WITHOUT_VIEW, "S1")
    assert causes(world, "nvr").of(site) == "device:nvr"
    world.cameras(1, down=1, site="S1")
    assert causes(world, "nvr").of(site) is None


@pytest.mark.parametrize(("others", "caused"), [(10, True), (11, False)])
def test_a_grid_has_a_cause_when_half_of_what_is_down_has(world, others, caused):
    world.device("nvr")
    world.cameras(10, down=10, upstream="nvr")
    world.cameras(others, down=others)
    found = causes(world, "nvr").of(alert(Kind.ONLINE_RATE_DROP, GRID))
    assert (found == "device:nvr") is caused


def test_what_is_measured_is_what_the_history_keeps(world):
    world.device("nvr")
    world.cameras(20, down=5, upstream="nvr")
    metrics = world.board.measure(NOON, LIMITS)
    down = outages(world.board.cameras, NOON, LIMITS.camera_stale_ms)
    told = world.meter.told(Look(world.board, metrics, [], NOON, down))
    names, rates = told[Kind.ONLINE_RATE_DROP]
    assert rates[names.index(GRID)] == 7_500
    assert np.asarray(told[Kind.DEVICE_GONE][1]).tolist() == [2_500]
