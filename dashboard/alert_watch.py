"""The board's watch over the rules: rounds that the store takes whole, or not at all."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from redis.asyncio import Redis

from dashboard.domain.alert_causes import Causes
from dashboard.domain.alert_engine import Engine
from dashboard.domain.alert_groups import street_of
from dashboard.domain.alert_measures import Counts, Held, Look, Meter
from dashboard.domain.alert_rules import MINUTE_MS, Kind, Rule
from dashboard.domain.alert_signals import Measures, Silence
from dashboard.domain.alerts import Alert, AlertState
from dashboard.domain.board import Board
from dashboard.domain.events import AlertActed, Chunk
from dashboard.domain.feeds import Feed, FeedCounts, FeedKind
from dashboard.domain.metrics import COLUMN
from dashboard.domain.outages import Outages, outages
from dashboard.domain.signal_history import Frame, Recorder
from dashboard.domain.whistle_signal import WhistleMeter
from dashboard.store.alerts import START, AlertStore, Round
from dashboard.store.streams import stream_order

log = logging.getLogger(__name__)

COUNTED = frozenset({AlertState.UNACKNOWLEDGED, AlertState.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Judged:
    """The rules of the pack, and how the clocks of whistles are read."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    whistles: WhistleMeter | None = None


class AlertWatch:
    """One board's engine, what it measures with, and the acts it has not judged yet."""

    def __init__(self, board: Board, judged: "Judged", redis: Redis, camera_stale_ms: int) -> None:
        self._board = board
        rules = self._pack = dict(judged.rules)
        self._camera_stale_ms = camera_stale_ms
        self._store = AlertStore(redis)
        self.engine = Engine(rules, partial(street_of, board.region))
        self._meter = Meter(board.region, judged.whistles)
        self._feeds: list[Silence] = []
        self._acts: list[tuple[str, AlertActed]] = []
        self._acted = START
        self._judged = 0  # acts in the round that is open
        self.judged_ms = 0
        self._fails = False
        self._recorder = Recorder()
        self._frame: Frame | None = None  # that no round has taken to the store yet
        self._column: Counts | None = None  # active alerts by area, until one changes

    async def load(self) -> None:
        """Take up where the last board ended. Raises StoreAway, StateUnreadable."""
        held = await self._store.load()
        self.engine.use(self._pack | await self._store.changed_rules())
        self.engine.load(held.alerts, held.memory, held.mutes)
        self.engine.n = held.n
        self._meter.memory = held.rates
        self._acted = held.acted

    async def look_at_rules(self) -> None:
        """Take over rules that were changed. Raises StoreAway, StateUnreadable."""
        rules = self._pack | await self._store.changed_rules()
        if rules != self.engine.rules:
            self.engine.use(rules)

    async def trim(self, now_ms: int) -> None:
        """Raises StoreAway."""
        await self._store.trim_log(now_ms)

    def hear(self, feeds: Sequence[Feed], counts: Mapping[str, FeedCounts]) -> None:
        """How long each feed has been silent. A recording ends, which is no fault."""
        self._feeds = [
            Silence(
                feed.name,
                feed.title,
                feed.title_en,
                feed.area,
                feed.period_s,
                counts[feed.name].last_ms if feed.name in counts else None,
                feed.created_ms,
            )
            for feed in feeds
            if feed.revoked_ms is None and feed.kind is not FeedKind.RECORDED
        ]

    def take(self, chunks: Sequence[Chunk]) -> None:
        """Remember what officers did until the next round."""
        for chunk in chunks:
            if stream_order(chunk.position) <= stream_order(self._acted):
                continue  # judged before this board came
            self._acts += [
                (chunk.position, event) for event in chunk.events if type(event) is AlertActed
            ]

    def round(self, now_ms: int, metrics: Counts, head: str, *, beat: bool, behind: bool) -> Round:
        """Judge all rules. `behind`: more events wait than were read, so conditions may be old;
        then only what officers did is taken in. To be followed by `keep` or `undo`."""
        self._judged = len(self._acts)
        acts = [act for _, act in self._acts]
        try:
            down = outages(self._board.cameras, now_ms, self._camera_stale_ms)
            look = Look(self._board, metrics, self._feeds, now_ms, down)
            measures = {} if behind else self._measures(look)
            if beat and not behind:
                told = self._meter.told(look)
                self._frame = self._recorder.note(now_ms // MINUTE_MS, told) or self._frame
            find_cause = partial(self._cause, down, {})
            self.engine.judge(now_ms, measures, find_cause, acts=acts, look_at_causes=beat)
            if not behind:
                self.judged_ms, self._fails = now_ms, False
        except Exception:  # numbers must go on; screens say that nothing is judged any more
            if not self._fails:
                log.exception("the rules of the alerts cannot be judged")
            self._fails = True
            self.engine.undo()
            self.engine.judge(now_ms, {}, _as_before, acts=acts)
        changed, gone, news = self.engine.finish(now_ms, head)
        acted = self._acts[-1][0] if self._acts else self._acted
        mutes = self.engine.mutes
        held = Round(changed, gone, news, mutes, self.engine.n, acted, self.judged_ms)
        held.history = self._frame
        return held

    def _cause(self, down: Outages, made: dict[str, Causes], alert: Alert) -> str | None:
        """`made` keeps what is computed once a round, after all rules are judged."""
        if "causes" not in made:
            gone = {
                source: rule.id
                for rule in self.engine.rules.values()
                if rule.kind is Kind.DEVICE_GONE
                for source in self.engine.active_sources(rule.id)
            }
            made["causes"] = Causes(self._board, down, gone)
        return made["causes"].of(alert)

    def _measures(self, look: Look) -> Measures:
        engine = self.engine
        held = Held(
            {
                rule.id: engine.active_sources(rule.id) | set(engine.waiting_sources(rule.id))
                for rule in engine.rules.values()
                if rule.kind is Kind.ONLINE_RATE_DROP
            }
        )
        return self._meter.measures(look, held)

    def remember(self, held: Round) -> None:
        """Have the delays that run written with the round."""
        held.memory, held.rates = self.engine.memory(), self._meter.memory

    def keep(self, held: Round) -> None:
        self.engine.keep()
        self._acted = held.acted
        del self._acts[: self._judged]
        if held.history is self._frame:
            self._frame = None

    def undo(self) -> None:
        self.engine.undo()
        self._column = None

    def count(self, metrics: Counts, held: Round) -> None:
        """Write the alerts that are active and not silent into their areas' column.

        What concerns no single grid, as a feed or a data resource, is of no place and not in these
        sums.
        """
        if self._column is None or held.tells:
            self._column = self._counted(metrics)
        metrics[:, COLUMN["alerts_active"]] = self._column

    def _counted(self, metrics: Counts) -> Counts:
        region = self._board.region
        column = np.zeros((len(region.areas), 1), metrics.dtype)
        for alert in self.engine.alerts.values():
            area = region.by_code.get(alert.area)
            if area is not None and area.index >= region.first_grid and alert.state in COUNTED:
                column[area.index] += 1
        region.roll_up(column)
        return column[:, 0]


def _as_before(alert: Alert) -> str | None:
    return alert.suppressed_by
