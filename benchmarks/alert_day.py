"""A day of the demo through the front door's checks, the board and the rules, on its own clock.

An officer acknowledges everything two minutes after it rang, and a new P1 case after one, as a
desk with somebody at it does.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from harness import PACK, region

from dashboard.alert_rules_pack import load_alert_rules
from dashboard.alert_watch import AlertWatch, Judged
from dashboard.clock import iso
from dashboard.departments import load_departments
from dashboard.domain.alerts import AlertNews, AlertState
from dashboard.domain.areas import Tier
from dashboard.domain.board import Board, Limits
from dashboard.domain.events import DESK, AlertActed, Chunk, IncidentAction, IncidentMoved
from dashboard.domain.feeds import Feed, FeedCounts, FeedKind
from dashboard.limits_pack import load_classes
from dashboard.sites import load_sites
from feeds.decoding import decode
from feeds.demo import FEEDS, World, timeline
from feeds.demo.silences import silence_s
from feeds.demo.world import Due
from feeds.intake import Intake
from feeds.places import Known

STEP_MS = 5_000
ACKNOWLEDGED_MS, CASE_SEEN_MS = 120_000, 60_000
LIMITS = Limits(
    camera_stale_ms=93_600_000, on_duty_ms=1_800_000, cover_ms=7_200_000, due_soon_ms=3_600_000
)
START_MS = 1_795_537_800_000  # 2026-11-25T00:30:00+08:00, a Wednesday


@dataclass
class Day:
    """A world, its board and its rules; `news` is the alert log from the second hour on."""

    start_ms: int = START_MS
    seed: int = 1
    news: list[AlertNews] = field(default_factory=list)
    most_listed: int = 0

    def __post_init__(self) -> None:
        self.region, self.classes = region(), load_classes(PACK)
        departments = load_departments(PACK, self.region)
        self.world = World(
            self.region,
            self.classes,
            self.start_ms,
            seed=self.seed,
            departments=departments,
            sites=load_sites(PACK, self.region),
        )
        pack = load_alert_rules(PACK, self.region, self.classes)
        self.board = Board(self.region, self.classes, load_sites(PACK, self.region))
        judged = Judged(pack.rules)
        self.watch = AlertWatch(self.board, judged, None, LIMITS.camera_stale_ms)  # type: ignore[arg-type]
        self._intake = Intake(self.region, self.classes)
        self._known = Known({}, {})
        self._feeds = [_feed(one.name, one.title, one.period_s) for one in FEEDS]
        self._silences = {one.name: self._silence(one.name) for one in FEEDS}
        self._silent = {name: next(spells) for name, spells in self._silences.items()}
        self._last = dict.fromkeys(self._silent, self.start_ms)
        self._position = itertools.count(1)

    def run(self, hours: int = 25) -> None:
        """Play so many hours; the first is the settling of a picture that began at once."""
        dues = timeline(self.world)
        held = next(dues)
        for now_ms in range(self.start_ms, self.start_ms + hours * 3_600_000, STEP_MS):
            taken = []
            while self._at_ms(held) <= now_ms:
                taken.append(held)
                held = next(dues)
            self._fold(taken, now_ms)
            self._judge(now_ms)

    def _at_ms(self, due: Due) -> int:
        return self.start_ms + round(due.offset_s * 1000)

    def _fold(self, dues: list[Due], now_ms: int) -> None:
        for feed, group in itertools.groupby(dues, key=lambda due: due.feed):
            wire = [{**d.event, "time": iso(self._at_ms(d))} for d in group]
            body = msgspec.json.encode({"events": wire})
            prepared = self._intake.prepare(
                *decode(body, len(wire), len(body)), self._known, None, now_ms
            )
            self._known.cameras.update(prepared.cameras)
            self._known.incidents.update(prepared.incidents)
            position = f"{next(self._position)}-0"
            self.board.fold([Chunk(feed, now_ms, tuple(prepared.events), position)])

    def _judge(self, now_ms: int) -> None:
        self._see_cases(now_ms)
        self._acknowledge(now_ms)
        self.watch.hear(self._feeds, self._heard(now_ms))
        metrics = self.board.measure(now_ms, LIMITS)
        held = self.watch.round(now_ms, metrics, f"t{now_ms}", beat=True, behind=False)
        self.watch.keep(held)
        if now_ms >= self.start_ms + 3_600_000:
            self.news += held.news
            listed = self.watch.engine.alerts.values()
            self.most_listed = max(self.most_listed, sum(a.active for a in listed))

    def _see_cases(self, now_ms: int) -> None:
        cases = self.board.incidents
        seen = []
        for identity in list(cases.standing):
            incident = cases.by_id[identity]
            waits = incident.priority == 1 and incident.first_ms <= now_ms - CASE_SEEN_MS
            if waits and not cases.standing[identity].is_acknowledged_at(now_ms):
                seen.append(_move(identity, now_ms))
        if seen:
            self.board.fold([Chunk(DESK, now_ms, tuple(seen), f"{next(self._position)}-0")])

    def _acknowledge(self, now_ms: int) -> None:
        acts = [
            AlertActed(f"a{now_ms}{alert.id}", now_ms, alert.id, "acknowledge", "officer")
            for alert in self.watch.engine.alerts.values()
            if alert.state in (AlertState.UNACKNOWLEDGED, AlertState.RETURNED)
            and alert.rang_ms <= now_ms - ACKNOWLEDGED_MS
        ]
        if acts:
            self.watch.take([Chunk(DESK, now_ms, tuple(acts), f"{next(self._position)}-0")])

    def _silence(self, feed: str) -> Iterator[tuple[int, int]]:
        now_ms = self.start_ms
        while True:
            wait_s, lasts_s = silence_s(self.world, feed, now_ms)
            begin_ms = now_ms + max(1, round(wait_s * 1000))
            now_ms = begin_ms + round(lasts_s * 1000)
            if lasts_s:
                yield begin_ms, now_ms

    def _heard(self, now_ms: int) -> dict[str, FeedCounts]:
        for name, (begin_ms, end_ms) in self._silent.items():
            if not begin_ms <= now_ms < end_ms:
                self._last[name] = now_ms
            if now_ms >= end_ms:
                self._silent[name] = next(self._silences[name])
        return {name: FeedCounts(last_ms=ms) for name, ms in self._last.items()}

    def rang(self, tier: Tier, street: str | None = None) -> list[AlertNews]:
        """What rang for the desk of a tier; of one street or of all."""
        return [
            line
            for line in self.news
            if line.rang and line.tier is tier and (street is None or line.area.startswith(street))
        ]


def _feed(name: str, title: str, period_s: int) -> Feed:
    return Feed(
        name=name,
        kind=FeedKind.SIMULATED,
        title=title,
        title_en=name,
        area=None,
        period_s=period_s,
        label=None,
        created_ms=START_MS,
        revoked_ms=None,
    )


def _move(identity: str, now_ms: int) -> IncidentMoved:
    return IncidentMoved(
        f"seen{identity}{now_ms}",
        now_ms,
        identity,
        IncidentAction.ACKNOWLEDGE,
        "officer",
        None,
        None,
        at_desk=True,
    )


def by_rule(news: list[AlertNews]) -> dict[str, Any]:
    return dict(Counter(line.rule for line in news).most_common())
