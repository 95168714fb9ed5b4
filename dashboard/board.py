"""The board process: once a tick folds what arrived, measures what is true, publishes a delta."""

import asyncio
import gc
import logging
from collections import deque
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from redis.asyncio import Redis

from dashboard.alert_watch import AlertWatch, Judged
from dashboard.clock import Clock, iso, local_day
from dashboard.config import Settings
from dashboard.domain.areas import Region
from dashboard.domain.board import AGE_DTYPE, GROUPS, Board, Changes, Limits
from dashboard.domain.cameras import STATE_DTYPE
from dashboard.domain.events import Chunk
from dashboard.domain.feeds import Feed, FeedCounts, Freshness, Heard, freshness
from dashboard.domain.incident_classes import Classes
from dashboard.domain.metrics import METRICS
from dashboard.domain.picture import (
    CAMERA_DTYPE,
    TOPIC_DTYPE,
    Delta,
    FeedRow,
    FeedsPicture,
    Picture,
    cells_between,
    fresh_between,
)
from dashboard.domain.sites import Sites
from dashboard.errors import ActsWaiting, SeatLost, StoreAway, StoreFull
from dashboard.store.alerts import Round
from dashboard.store.feeds import FeedStore
from dashboard.store.seat import Seat
from dashboard.store.state import START, Save, StateStore
from dashboard.store.streams import EventStream, stream_order

log = logging.getLogger(__name__)

BEAT_MS = 1_000  # a frame for every topic at least this often: silence is news
BEAT_EARLY_MS = 100  # with events at hand, rather than as a frame of its own right after them
MAX_CHUNKS = 64  # a tick, so that a long backlog is shown as it shrinks
TRIM_EVERY_MS = 10_000
RATE_WINDOW_MS = 60_000
RETRY_S = 0.5
SEAT_LOOK_S = 1.0
UNJUDGED_MS = 5_000  # of a long backlog: then conditions are judged that may be old
NOTHING: Final = Judged()
Forgotten = tuple[list[str], list[int], list[str]]


def limits_of(settings: Settings) -> Limits:
    return Limits(
        camera_stale_ms=settings.camera_stale_s * 1000,
        on_duty_ms=settings.staff_on_duty_s * 1000,
        cover_ms=settings.grid_cover_s * 1000,
        due_soon_ms=settings.due_soon_s * 1000,
    )


class BoardPack(NamedTuple):
    """What of the region pack a board is made with."""

    region: Region
    classes: Classes
    judged: Judged
    sites: Sites


class _Now(NamedTuple):
    """The tables of one tick."""

    metrics: npt.NDArray[np.int32]
    fresh: npt.NDArray[np.void]
    topics: npt.NDArray[np.int64]


class BoardProcess:
    """Owner of one shard's state: nobody else folds it, so order needs no locks."""

    def __init__(
        self, settings: Settings, board: Board, redis: Redis, clock: Clock, judged: Judged = NOTHING
    ) -> None:
        self._settings = settings
        self._limits = limits_of(settings)
        self._clock = clock
        self._events = EventStream(redis)
        self._feeds = FeedStore(redis)
        self._store = StateStore(redis)
        self.seat = Seat(redis)
        self.board = board
        self.watch = AlertWatch(board, judged, redis, self._limits.camera_stale_ms)
        self.position = START
        self.tick_number = 0
        region = board.region
        self._topics: npt.NDArray[np.int64] = np.zeros(len(region.areas) + 1, dtype=np.int64)
        self.metrics: npt.NDArray[np.int32] = np.zeros((len(region.areas), len(METRICS)), np.int32)
        self._fresh: npt.NDArray[np.void] = np.zeros((len(region.areas), len(GROUPS)), AGE_DTYPE)
        self._fresh["rank"] = Freshness.LOST
        self._feeds_picture = FeedsPicture()
        self._heard: dict[str, Heard] = {}
        self._unsaved = Changes()
        self._rates: dict[str, deque[tuple[int, int]]] = {}
        self._reload = True
        self._beat_ms = 0
        self._saved_ms = 0
        self._saved_position = START
        self._trimmed_ms = 0

    async def start(self) -> None:
        """Take up where the checkpoint ends, as the only board from now on.

        Raises StoreAway, StateUnreadable.
        """
        await self.seat.take()  # first: nobody may write any more while the checkpoint is read
        loaded = await self._store.load(self.board)
        await self.watch.load()
        self.position, self.tick_number = loaded.position, loaded.tick
        self._saved_position = loaded.position
        codes = tuple(area.code for area in self.board.region.areas)
        topics = np.frombuffer(loaded.topics, dtype=np.int64)
        if loaded.areas == codes and len(topics) == len(self._topics):
            self._topics = topics.copy()
        else:  # another pack numbers its areas otherwise; start above every number given so far
            self._topics[:] = topics.max(initial=0)
        await self._catch_up(loaded.shown)
        log.info("board starts at %s, tick %s", self.position, self.tick_number)

    async def _catch_up(self, shown: str) -> None:
        """Fold again what screens were shown since the checkpoint, so that no number goes back."""
        while stream_order(self.position) < stream_order(shown):
            read = await self._events.read_after(self.position, MAX_CHUNKS, 1)
            if not read:
                return
            self._unsaved.add(self._fold(read))

    def _fold(self, read: list[tuple[str, Chunk]]) -> Changes:
        """Take in what was read; officers' acts on alerts wait for the next round of the rules."""
        chunks = [chunk for _, chunk in read]
        self.watch.take(chunks)
        if read:
            self.position = read[-1][0]
        return self.board.fold(chunks)

    def ms_until_beat(self, now_ms: int) -> int:
        """How long a tick may wait before it must speak; at least 1, as 0 waits for ever."""
        return min(max(self._beat_ms + BEAT_MS - now_ms, 1), BEAT_MS)

    async def tick(self, block_ms: int) -> None:
        """One round: wait up to `block_ms` for events, then publish.

        Raises StoreAway or SeatLost: then nothing was written; start anew from the checkpoint.
        """
        read = await self._events.read_after(self.position, MAX_CHUNKS, block_ms)
        now_ms = self._clock.now_ms()
        changes = self._fold(read)
        beat = now_ms - self._beat_ms >= BEAT_MS - (BEAT_EARLY_MS if read else 0)
        if read or beat or self._reload:
            behind = len(read) == MAX_CHUNKS and now_ms - self.watch.judged_ms < UNJUDGED_MS
            await self._publish(changes, now_ms, beat=beat or self._reload, behind=behind)
        if now_ms - self._trimmed_ms >= TRIM_EVERY_MS:
            self._trimmed_ms = now_ms
            await self._trim()

    async def _publish(self, changes: Changes, now_ms: int, *, beat: bool, behind: bool) -> None:
        forgotten = self._forget(now_ms) if beat else ([], [], [])
        if beat:
            self._beat_ms = now_ms
            await self._look_at_feeds(now_ms)
            await self.watch.look_at_rules()
        self._unsaved.add(changes)
        while True:
            changes.incidents.difference_update(forgotten[2])  # in and out within one tick
            try:
                await self._publish_once(changes, now_ms, forgotten, beat=beat, behind=behind)
            except ActsWaiting:
                self.watch.undo()
                more = self._fold(await self._events.read_after(self.position, MAX_CHUNKS, 1))
                self._unsaved.add(more)
                changes.add(more)
            else:
                return

    async def _publish_once(
        self, changes: Changes, now_ms: int, forgotten: Forgotten, *, beat: bool, behind: bool
    ) -> None:
        """One try. Raises ActsWaiting: then nothing was written, and all is as before."""
        metrics = self.board.measure(now_ms, self._limits)
        tick, head = self.tick_number + 1, f"t{self.tick_number + 1}"
        rules = self.watch.round(now_ms, metrics, head, beat=beat, behind=behind)
        self.watch.count(metrics, rules)
        fresh = self._fresh if not beat else self.board.freshness(self._heard)
        cells, fresh_rows = cells_between(self.metrics, metrics), fresh_between(self._fresh, fresh)
        delta = Delta(
            tick,
            now_ms,
            self._reload,
            b"",
            cells.tobytes(),
            fresh_rows.tobytes(),
            tuple(self.board.cameras.registered[n] for n in sorted(changes.registered)),
            self._camera_states(changes),
            tuple(self.board.incidents.by_id[i] for i in sorted(changes.incidents)),
            tuple(forgotten[2]),
            self._feeds_picture if beat else None,
            tuple(rules.changed),
            tuple(rules.gone),
            tuple(rules.news),
            rules.judged_ms,
            dict(rules.mutes) if beat else None,
            tuple(self.board.cameras.devices.by_id[name] for name in sorted(changes.devices)),
        )
        touched = self._touched_topics(changes, cells, fresh_rows, rules, beat=beat)
        numbers = self._topics.copy()
        numbers[touched] += 1
        topics = np.empty(len(touched), dtype=TOPIC_DTYPE)
        topics["topic"], topics["sequence"] = touched, numbers[touched]
        delta = msgspec.structs.replace(delta, topics=topics.tobytes())
        now = _Now(metrics, fresh, numbers)
        await self._save(delta, now, forgotten, rules)
        self.tick_number, self.metrics, self._fresh, self._topics = tick, metrics, fresh, numbers
        self.watch.keep(rules)

    async def _save(self, delta: Delta, now: "_Now", forgotten: Forgotten, rules: Round) -> None:
        now_ms = delta.as_of_ms
        save = Save(self.seat.holder, delta, now.topics.tobytes(), self.position, rules=rules)
        due = now_ms - self._saved_ms >= self._settings.checkpoint_s * 1000
        if due or self._reload or any(forgotten):
            self.watch.remember(rules)
            save.position, save.changes = self.position, self._unsaved
            save.staff_gone, save.minutes_gone, save.incidents_gone = forgotten
            save.picture = self._picture(delta, now)
        await self._store.save(self.board, save)
        self._reload = False
        if save.position is not None:
            self._unsaved, self._saved_ms, self._saved_position = Changes(), now_ms, save.position

    def _picture(self, delta: Delta, now: "_Now") -> Picture:
        return Picture(
            delta.tick,
            delta.as_of_ms,
            now.topics.tobytes(),
            now.metrics.tobytes(),
            now.fresh.tobytes(),
            self._feeds_picture,
            tuple(area.code for area in self.board.region.areas),
        )

    def _forget(self, now_ms: int) -> Forgotten:
        staff, minutes = self.board.staff.forget_old(now_ms)
        return staff, minutes, self.board.incidents.forget_old(now_ms)

    def _camera_states(self, changes: Changes) -> bytes:
        numbers = changes.state_numbers()
        rows = self.board.cameras.table.rows[numbers]
        records = np.empty(len(numbers), dtype=CAMERA_DTYPE)
        records["number"] = numbers
        for name in STATE_DTYPE.names or ():
            records[name] = rows[name]
        return records.tobytes()

    def _touched_topics(
        self,
        changes: Changes,
        cells: npt.NDArray[np.void],
        fresh: npt.NDArray[np.void],
        rules: Round,
        *,
        beat: bool,
    ) -> npt.NDArray[np.int64]:
        """Topics this tick changes: areas, their parents (which list them), lineages of marks and
        of alerts."""
        region = self.board.region
        if beat:
            return np.arange(len(self._topics))
        changed = np.concatenate([cells["area"], fresh["area"]])
        marks = [self.board.cameras.table.rows["grid"][list(changes.registered)]]
        marks.append(self.board.cameras.table.rows["grid"][changes.state_numbers()])
        table = self.board.incidents.table
        marks.append(table.rows["grid"][[table.number_of[i] for i in changes.incidents]])
        told = {alert.area for alert in rules.changed} | {line.area for line in rules.news}
        marks.append(np.array([region.by_code[code].index for code in told], dtype=np.int64))
        places = np.unique(np.concatenate(marks))
        lineages = region.ancestors[places[places >= 0]].ravel()
        touched = np.concatenate([changed, region.parent_index[changed], lineages])
        return np.unique(touched[touched >= 0]).astype(np.int64)

    async def _look_at_feeds(self, now_ms: int) -> None:
        """How alive each feed is, and with them each area. The counts are the intake's own."""
        feeds, counts = await self._feeds.list(), await self._feeds.counts()
        heard: dict[str, Heard] = {}
        rows = []
        for feed in feeds:
            counted = counts.get(feed.name, FeedCounts())
            if feed.revoked_ms is not None and not counted.accepted:
                continue
            rank = freshness(counted.last_ms, feed.period_s, now_ms)
            heard[feed.name] = Heard(rank, counted.last_ms)
            rows.append(
                _feed_row(feed, counted, rank, self._rate(feed.name, counted.accepted, now_ms))
            )
        dropped = await self._feeds.private_on(local_day(now_ms))
        self._feeds_picture = FeedsPicture(tuple(rows), dropped)
        self._heard = heard
        self.watch.hear(feeds, counts)

    def _rate(self, name: str, accepted: int, now_ms: int) -> int:
        """Events in the last minute."""
        window = self._rates.setdefault(name, deque())
        window.append((now_ms, accepted))
        while window[0][0] < now_ms - RATE_WINDOW_MS:
            window.popleft()
        return accepted - window[0][1]

    async def _trim(self) -> None:
        """Keep the stream within half of its bound; what is not in the checkpoint stays."""
        await self.watch.trim(self._clock.now_ms())
        if await self._events.size_bytes() <= self._settings.store_max_bytes // 2:
            return
        first = await self._events.first_position()
        if first is None:
            return
        start, end = (int(position.partition("-")[0]) for position in (first, self._saved_position))
        gone = await self._events.trim(f"{start + (end - start) // 4}-0")
        log.info("trimmed %s chunks", gone)


def _feed_row(feed: Feed, counts: FeedCounts, rank: Freshness, rate: int) -> FeedRow:
    return FeedRow(
        name=feed.name,
        title=feed.title,
        title_en=feed.title_en,
        kind=feed.kind.value,
        label=feed.label,
        area=feed.area,
        freshness=rank.word,
        last_at=None if counts.last_ms is None else iso(counts.last_ms),
        period_s=feed.period_s,
        accepted=counts.accepted,
        rejected=counts.rejected,
        duplicates=counts.duplicates,
        dropped_private=counts.private,
        rate_per_min=rate,
    )


async def run(settings: Settings, pack: BoardPack, redis: Redis, clock: Clock) -> None:
    """Tick for ever; after a lost store begin again from the checkpoint.

    While another board works on the same store this one stands by, and takes over when that ends.
    Raises StateUnreadable.
    """
    told = False  # one line an outage, however long it is
    while True:
        board = Board(pack.region, pack.classes, pack.sites)
        process = BoardProcess(settings, board, redis, clock, pack.judged)
        try:
            await _stand_by(process.seat)
            await process.start()
            gc.freeze()  # what was loaded stays: walking it again would delay a tick
            while True:
                await process.tick(process.ms_until_beat(clock.now_ms()))
                told = False
                await asyncio.sleep(settings.tick_ms / 1000)
        except (StoreAway, StoreFull, SeatLost) as error:
            log.log(logging.DEBUG if told else logging.WARNING, "board waits: %s", error)
            told = True
            gc.unfreeze()  # the board that is given up must not stay for ever
            await asyncio.sleep(RETRY_S)
        except asyncio.CancelledError:
            await process.seat.leave()
            raise


async def _stand_by(seat: Seat) -> None:
    told = False
    while other := await seat.other():
        if not told:
            log.warning("%s is the board of this store; this one stands by", other)
            told = True
        await asyncio.sleep(SEAT_LOOK_S)
