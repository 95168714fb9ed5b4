"""Takes the rules' values off the board: everything vectorised, as it is done at every tick."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.clock import local_day_start_ms
from dashboard.domain.alert_rules import MINUTE_MS, PARAMETERS, Kind, Rule
from dashboard.domain.alert_signals import (
    NOTHING,
    Floats,
    Measure,
    Measures,
    Numbers,
    RateMemory,
    Signal,
    Silence,
    Told,
    grid_of,
)
from dashboard.domain.areas import Region, Tier
from dashboard.domain.board import Board
from dashboard.domain.incident_rows import NEVER
from dashboard.domain.incidents import Incidents
from dashboard.domain.metrics import COLUMN
from dashboard.domain.outages import Outages
from dashboard.domain.signal_history import HUNDREDTHS, UNKNOWN, Ints, with_period
from dashboard.domain.whistle_signal import WhistleMeter

Counts = npt.NDArray[np.int32]
MANY_CAMERAS: Final = 100  # behind one device: its alert is a priority higher
MEASURED: Final = ("cameras_total", "cameras_maintenance", "cameras_online", "cameras_unknown")


@dataclass(frozen=True, slots=True)
class Look:
    """One instant of the board. `metrics` is the whole table (areas, metrics) of that instant."""

    board: Board
    metrics: Counts
    feeds: Sequence[Silence]
    now_ms: int
    down: Outages


@dataclass(slots=True)
class Held:
    """Sources whose reference must stand still: those of alerts and of delays that run, by rule."""

    by_rule: dict[str, set[str]] = field(default_factory=dict)

    def of(self, rule: Rule) -> set[str]:
        return self.by_rule.get(rule.id, set())


class Meter:
    """Measures for every kind; remembers the online rates of the last minutes."""

    def __init__(self, region: Region, whistles: WhistleMeter | None = None) -> None:
        """Without `whistles` their clocks are not looked at."""
        self._region = region
        self._whistles = whistles
        self._grids = region.areas[region.first_grid :]
        self._codes = [area.code for area in self._grids]
        self._place = {code: place for place, code in enumerate(self._codes)}
        self.memory: dict[str, RateMemory] = {}

    def measures(self, look: Look, held: Held) -> Measures:
        """A function for each kind, of the rule to measure for."""
        measured: dict[Kind, Measure] = {
            Kind.FEED_SILENT: lambda rule: self._silence(look, rule),
            Kind.ONLINE_RATE_DROP: lambda rule: self._rate_drop(look, rule, held.of(rule)),
            Kind.INCIDENT_AT_LIMIT: lambda rule: self._at_limit(look, rule),
            Kind.INCIDENT_OVERDUE: lambda rule: self._overdue(look, rule),
            Kind.P1_UNACKNOWLEDGED: lambda rule: self._unacknowledged(look, rule),
            Kind.GRID_WITHOUT_COVER: lambda rule: self._cover(look, rule),
            Kind.SIMILAR_CLUSTER: lambda rule: self._clusters(look, rule),
            Kind.EXCHANGE_OVERDUE: lambda rule: self._exchange(look, rule),
            Kind.DEVICE_GONE: lambda rule: self._devices(look, rule),
            Kind.SITE_WITHOUT_VIEW: lambda rule: self._sites(look, rule),
        }
        if (whistles := self._whistles) is not None:
            measured[Kind.WHISTLE_UNANSWERED] = lambda rule: whistles.signal(
                look.board.incidents, look.now_ms, rule
            )
        return measured

    def told(self, look: Look) -> dict[Kind, tuple[Sequence[str], Ints]]:
        """What the history keeps of this instant, as domain/signal_history.py says."""
        resources = look.board.resources
        heard = [(feed.last_ms or feed.since_ms) // MINUTE_MS for feed in look.feeds]
        came = [one.observed_ms // MINUTE_MS for one in resources.values()]
        default_s = PARAMETERS[Kind.EXCHANGE_OVERDUE]["period_s"]
        names = [with_period(n, one.period_s or default_s) for n, one in resources.items()]
        rates = self._rates(look, PARAMETERS[Kind.ONLINE_RATE_DROP]["min_cameras"])
        hundredths = np.where(np.isnan(rates), UNKNOWN, np.nan_to_num(rates) * HUNDREDTHS)
        covered = look.board.staff.covered_ms // MINUTE_MS
        devices = self._device_shares(look, 1)
        sites = _percent(*look.down.by_site(len(look.board.sites)), at_least=1)
        return {
            Kind.FEED_SILENT: ([feed.name for feed in look.feeds], np.array(heard, np.int32)),
            Kind.EXCHANGE_OVERDUE: (names, np.array(came, np.int32)),
            Kind.ONLINE_RATE_DROP: (self._codes, hundredths.astype(np.int32)),
            Kind.GRID_WITHOUT_COVER: (self._codes, covered.astype(np.int32)),
            Kind.DEVICE_GONE: (look.board.cameras.devices.ids, self._hundredths(devices)),
            Kind.SITE_WITHOUT_VIEW: (look.board.sites.ids, self._hundredths(sites)),
        }

    def _hundredths(self, percent: Floats) -> Ints:
        return (percent * HUNDREDTHS).astype(np.int32)

    # ---- feeds and data resources ----------------------------------------------------------------

    def _silence(self, look: Look, rule: Rule) -> Signal:
        feeds = [feed for feed in look.feeds if self._concerns(rule, feed.area)]
        at_least_s = rule.parameter("at_least_s")
        values = np.zeros(len(feeds), np.float32)
        for place, feed in enumerate(feeds):
            silent_s = (look.now_ms - (feed.last_ms or feed.since_ms)) / 1000
            values[place] = silent_s / feed.period_s if silent_s >= at_least_s else 0

        def tell(place: int) -> Told:
            feed = feeds[place]
            return Told(feed.title, feed.title_en, feed.area or self._region.root.code)

        return Signal([feed.name for feed in feeds], values, tell)

    def _concerns(self, rule: Rule, area: str | None) -> bool:
        """Whether a source of a whole area lies in the rule's; None: of the region."""
        if rule.area is None:
            return True
        return area is not None and self._region.is_within(area, rule.area)

    def _exchange(self, look: Look, rule: Rule) -> Signal:
        resources, period_s = look.board.resources, rule.parameter("period_s")
        names = list(resources)
        last = np.fromiter((r.observed_ms for r in resources.values()), np.int64, len(names))
        periods = np.fromiter(
            ((r.period_s or period_s) for r in resources.values()), np.int64, len(names)
        )
        values = ((look.now_ms - last) / (periods * 1000)).astype(np.float32)
        root = self._region.root.code
        return Signal(names, values, lambda place: Told(names[place], names[place], root))

    # ---- devices and marked sites ----------------------------------------------------------------

    def _devices(self, look: Look, rule: Rule) -> Signal:
        devices = look.board.cameras.devices
        values = self._device_shares(look, rule.parameter("min_cameras"))
        expected, _ = look.down.by_device(look.board.cameras)

        def tell(place: int) -> Told:
            row = devices.by_id[devices.ids[place]]
            many = int(expected[place]) >= MANY_CAMERAS
            priority = max(1, rule.priority - 1) if many else rule.priority
            return Told(row.name, row.name, row.grid, row.lon, row.lat, priority)

        return self._in_area(Signal(devices.ids, values, tell), rule)

    def _device_shares(self, look: Look, at_least: int) -> Floats:
        """Percent of the cameras behind each device that are offline; 100 when it says itself that
        it is. Of a device without a place nothing is known."""
        shares = _percent(*look.down.by_device(look.board.cameras), at_least=at_least)
        worst: Floats = np.maximum(shares, look.board.cameras.devices.own())
        return worst

    def _sites(self, look: Look, rule: Rule) -> Signal:
        sites = look.board.sites
        values = _percent(*look.down.by_site(len(sites)), at_least=1)
        region = self._region

        def tell(place: int) -> Told:
            site = sites[sites.ids[place]]
            lon, lat = region.by_code[site.area].label
            return Told(site.name, site.name_en, site.area, lon, lat)

        return self._in_area(Signal(sites.ids, values, tell), rule)

    def _in_area(self, signal: Signal, rule: Rule) -> Signal:
        """Only the sources in the rule's area."""
        if rule.area is None:
            return signal
        values = signal.values.copy()
        for place in np.flatnonzero(values >= rule.threshold).tolist():
            if not self._concerns(rule, signal.tell(place).area):
                values[place] = 0
        return Signal(signal.names, values, signal.tell)

    # ---- grids -----------------------------------------------------------------------------------

    def _rate_drop(self, look: Look, rule: Rule, held: set[str]) -> Signal:
        rates = self._rates(look, rule.parameter("min_cameras"))
        memory = self.memory.setdefault(rule.id, RateMemory())
        still = np.array([self._place[s] for s in held if s in self._place], dtype=np.int64)
        memory.note(rates, still, look.now_ms // MINUTE_MS, rule.parameter("window_min"))
        return self._of_grids(memory.drop(rates), rule)

    def _rates(self, look: Look, min_cameras: int) -> Floats:
        """Online rates by grid in percent; NaN where fewer cameras are expected to be online."""
        total, maintenance, online, unknown = (
            look.metrics[self._region.first_grid :, COLUMN[name]] for name in MEASURED
        )
        expected = total - maintenance - unknown
        rates = np.full(len(total), np.nan, np.float32)
        known = expected >= max(min_cameras, 1)
        rates[known] = 100 * online[known] / expected[known]
        return rates

    def _of_grids(self, values: Floats, rule: Rule) -> Signal:
        if rule.area is not None:
            values = np.where(self._within(rule), values, np.float32(0))
        return Signal(self._codes, values, lambda place: grid_of(self._grids[place]))

    def _within(self, rule: Rule) -> npt.NDArray[np.bool_]:
        """Which grids lie in the rule's area."""
        area = self._region.by_code[rule.area or self._region.root.code]
        column = list(Tier).index(area.tier)
        inside: npt.NDArray[np.bool_] = (
            self._region.ancestors[self._region.first_grid :, column] == area.index
        )
        return inside

    def _cover(self, look: Look, rule: Rule) -> Signal:
        """Counted from the beginning of the rule's hours: nobody walks a grid at night."""
        start_ms = local_day_start_ms(look.now_ms)
        if rule.hours is not None:
            hours, _, minutes = rule.hours[0].partition(":")
            start_ms += (int(hours) * 60 + int(minutes)) * MINUTE_MS
        since = np.maximum(look.board.staff.covered_ms, start_ms)
        values = np.maximum(look.now_ms - since, 0).astype(np.float32) / MINUTE_MS
        if not len(look.board.staff.table):
            return NOTHING  # nobody ever checked in: no feed of staff is connected
        return self._of_grids(values, rule)

    # ---- cases -----------------------------------------------------------------------------------

    def _at_limit(self, look: Look, rule: Rule) -> Signal:
        incidents, now_ms = look.board.incidents, look.now_ms
        rows = incidents.table.rows
        wanted = rows["open"] & (rows["priority"] <= rule.parameter("max_priority"))
        used = incidents.used(now_ms)
        values = np.where(
            used < 100, used, np.float32(0)
        )  # what is late stands in a queue of its own
        cases = self._of_cases(look, rule, np.flatnonzero(wanted), values)

        def tell(place: int) -> Told:
            """With the rule's priority: there is time left, however urgent the case itself is."""
            return cases.tell(place)._replace(priority=None)

        return Signal(cases.names, cases.values, tell)

    def _overdue(self, look: Look, rule: Rule) -> Signal:
        incidents, now_ms = look.board.incidents, look.now_ms
        rows = incidents.table.rows
        late = incidents.overdue(now_ms) & ~rows["pressed"]
        late &= rows["priority"] <= rule.parameter("max_priority")
        values = ((now_ms - rows["due_ms"]) / MINUTE_MS).astype(np.float32)
        return self._of_cases(look, rule, np.flatnonzero(late), values)

    def _unacknowledged(self, look: Look, rule: Rule) -> Signal:
        incidents, now_ms = look.board.incidents, look.now_ms
        rows = incidents.table.rows
        since = incidents.waiting(now_ms)
        waits = (since != NEVER) & (rows["priority"] == 1)
        values = ((now_ms - since) / MINUTE_MS).astype(np.float32)
        return self._of_cases(look, rule, np.flatnonzero(waits), values)

    def _of_cases(self, look: Look, rule: Rule, numbers: Numbers, values: Floats) -> Signal:
        """Of placed cases in the rule's area; `values` by row of the table."""
        incidents, now_ms = look.board.incidents, look.now_ms
        rows = incidents.table.rows
        numbers = numbers[rows["grid"][numbers] >= 0]
        if rule.area is not None:
            inside = self._within(rule)
            numbers = numbers[inside[rows["grid"][numbers] - self._region.first_grid]]
        ids = incidents.table.ids
        names = [ids[number] for number in numbers.tolist()]
        return Signal(names, values[numbers], lambda place: _case(incidents, names[place], now_ms))

    def _clusters(self, look: Look, rule: Rule) -> Signal:
        incidents, now_ms = look.board.incidents, look.now_ms
        found = [
            (identity, n)
            for identity, n in incidents.clusters()
            if self._concerns(rule, incidents.grid_of(identity))
        ]
        names = [identity for identity, _ in found]
        values = np.array([n for _, n in found], np.float32)
        return Signal(names, values, lambda place: _case(incidents, names[place], now_ms))


def _percent(expected: Numbers, down: Numbers, *, at_least: int) -> Floats:
    """Share that is down; 0 where fewer are expected."""
    enough = expected >= max(at_least, 1)
    values = np.zeros(len(expected), np.float32)
    values[enough] = 100 * down[enough] / expected[enough]
    return values


def _case(incidents: Incidents, identity: str, now_ms: int) -> Told:
    incident = incidents.by_id[identity]
    report, cls = incident.report, incidents.class_of(incident)
    if report is None:
        raise ValueError(f"incident {identity!r} has no place yet")
    return Told(
        cls.name if cls else report.title,
        cls.name_en if cls else report.title,
        report.grid,
        report.lon,
        report.lat,
        incident.priority,
        incidents.standing[identity].tier_at(now_ms),
        identity,
    )
