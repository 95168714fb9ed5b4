"""One outlet's work: takes in what its filter lets through, delivers it, tries again."""

import asyncio
import logging
import random
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.domain.alerts import AlertNews
from dashboard.domain.areas import Region
from dashboard.domain.cap import MAX_REFERENCES, Message, Sent, is_made_up
from dashboard.domain.outlets import (
    GIVE_UP_MS,
    Health,
    Lost,
    Outlet,
    OutletKind,
    Waiting,
    first_due_ms,
    folder_of,
    mailed_with,
    next_up,
    pause_ms,
    place_in_queue,
    retried,
)
from dashboard.errors import Conflict
from dashboard.outlet_parcels import (
    TEST,
    TEST_FIELDS,
    cap_message,
    cap_parcel,
    mail,
    webhook_parcel,
)
from dashboard.senders.folder import FolderSender
from dashboard.senders.mail import MailSender
from dashboard.senders.parcels import NotSent, Parcel
from dashboard.senders.web import WebSender
from dashboard.store import keys
from dashboard.store.acts import Actor
from dashboard.store.alert_log import AlertLog
from dashboard.store.audit import AuditLog
from dashboard.store.feeds import FeedStore
from dashboard.store.outlets import Deliveries, OutletStore, Position, Step, changing

log = logging.getLogger(__name__)

BLOCK_MS = 1_000
LOOK_S = 0.5
BEAT_S = 5.0
END_EVERY_S = 0.2
MAX_MAILED = 50  # news in one mail
NOTIFIER = Actor("notifier", "program", "notifier")

Fields = Mapping[str, Mapping[str, object]]  # rule -> its `cap` object


@dataclass(slots=True)
class Kit:
    """What the outlets of one process share."""

    settings: Settings
    region: Region
    clock: Clock
    log: AlertLog
    store: OutletStore
    feeds: FeedStore
    audit: AuditLog
    tls: ssl.SSLContext
    pack_cap: Fields

    async def cap_fields(self) -> Fields:
        """Of every rule that concerns the public, as it is now. Raises StoreAway."""
        changed = await self.store.changed_rules()
        now = {rule: fields.get("cap") or {} for rule, fields in changed.items()}
        return {rule: fields for rule, fields in {**self.pack_cap, **now}.items() if fields}


class Post:
    """Sends what is told to one outlet."""

    def __init__(self, kit: Kit, outlet: Outlet) -> None:
        self._kit = kit
        self._outlet = outlet
        secret = outlet.secret(kit.settings.secret)
        self._web = WebSender(outlet.target, secret, kit.tls)
        self._mail = MailSender(kit.settings.smtp, kit.tls)

    async def send(self, items: Sequence[Waiting], earlier: tuple[Sent, ...]) -> Sent | None:
        """The CAP message that was sent, else None. Raises NotSent, StoreAway."""
        if self._outlet.kind is OutletKind.EMAIL:
            await self._send_mail(items)
        elif self._outlet.kind is OutletKind.CAP:
            return await self._send_cap(items[0], earlier)
        else:
            parcel = webhook_parcel(self._outlet, items[0], self._kit.region)
            await self._web.send(parcel, self._now_s)
        return None

    def _now_s(self) -> int:
        return self._kit.clock.now_ms() // 1000

    async def _send_mail(self, items: Sequence[Waiting]) -> None:
        sender, outlet = self._kit.settings.mail_from, self._outlet
        if sender is None:
            raise NotSent("ONEMAP_MAIL_FROM is not set")
        message = mail(outlet, items, self._kit.region, sender)
        await self._mail.send(message, [word.strip() for word in outlet.target.split(",")])

    async def _send_cap(self, item: Waiting, earlier: tuple[Sent, ...]) -> Sent | None:
        message = await self._message(item, earlier)
        if message is None or message.type is None:
            return None  # nothing to say: its rule no longer concerns the public, say
        parcel = cap_parcel(message, self._kit.region)
        await self._deliver(parcel)
        return Sent(message.identifier, message.news.at_ms, message.made_up)

    async def _message(self, item: Waiting, earlier: tuple[Sent, ...]) -> Message | None:
        sender, news = self._kit.settings.cap_sender, item.news
        if sender is None:
            raise NotSent("ONEMAP_CAP_SENDER is not set")
        fields = TEST_FIELDS if news.what == TEST else (await self._kit.cap_fields()).get(news.rule)
        if fields is None and not earlier:
            return None
        return cap_message(self._outlet, item, fields or {}, earlier, sender)

    async def _deliver(self, parcel: Parcel) -> None:
        if self._outlet.is_folder:
            await FolderSender(folder_of(self._outlet.target)).send(parcel)
        else:
            await self._web.send(parcel, self._now_s)


class Worker:
    """One outlet from its saved position on. What is in memory is in the store as well."""

    def __init__(self, kit: Kit, deliveries: Deliveries, outlet: Outlet) -> None:
        self._kit = kit
        self._deliveries = deliveries
        self._outlet = outlet
        self._post = Post(kit, outlet)
        self._position = Position()
        self._waiting: dict[tuple[int, int], Waiting] = {}  # in order
        self._sent: dict[str, tuple[Sent, ...]] = {}
        self._health = Health()
        self._hold_ms = 0  # the place is away: nothing is tried before
        self._woken = asyncio.Event()
        self._saving = asyncio.Lock()
        self._chance = random.Random()  # noqa: S311  # spreads attempts, guards nothing

    async def run(self) -> None:
        """For ever. Raises OutletGone, SeatLost, StoreAway."""
        await self._load()
        parts = (self._take_in(), self._deliver(), self._beat())
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            await end_all(tasks, END_EVERY_S)

    async def _load(self) -> None:
        kept = await self._kit.store.progress(self._outlet)
        self._position, self._sent, self._health = kept.position, kept.sent, kept.health
        self._waiting = {place_in_queue(item.news): item for item in kept.waiting}

    async def _save(self, step: Step) -> None:
        """One after the other: each also tells how the outlet fares by then."""
        async with self._saving:
            first = next(iter(self._waiting.values()), None)
            self._health = msgspec.structs.replace(
                self._health,
                at_ms=self._kit.clock.now_ms(),
                waiting=len(self._waiting),
                oldest_ms=None if first is None else first.news.at_ms,
            )
            await self._deliveries.save(self._outlet, step, self._health)

    def _count(self, **more: object) -> None:
        self._health = msgspec.structs.replace(self._health, **more)

    async def _beat(self) -> None:
        while True:
            await self._save(Step())
            await asyncio.sleep(BEAT_S)

    # ---- the log into the queue --------------------------------------------------------------

    async def _take_in(self) -> None:
        """What the queue has no room for waits in the log."""
        while True:
            if len(self._waiting) >= keys.OUTLET_QUEUE_MAX:
                await asyncio.sleep(LOOK_S)
                continue
            read = await self._kit.log.after(self._position.id, BLOCK_MS)
            if read:
                await self._queue(read)

    async def _queue(self, read: Sequence[tuple[str, Sequence[AlertNews]]]) -> None:
        wanted: list[AlertNews] = []
        position, missed = self._position, 0
        for entry, told in read:
            for news in told:
                missed += _gap(position.n, news.n)
                position = Position(position.id, news.n)
                if self._outlet.wants(news, self._kit.region):
                    wanted.append(news)
            position = Position(entry, position.n)
            if len(self._waiting) + len(wanted) >= keys.OUTLET_QUEUE_MAX:
                break
        items = await self._items(wanted)
        if missed:
            log.warning("outlet %s: %s news were gone from the log", self._outlet.name, missed)
            self._count(missed=self._health.missed + missed)
        self._position = position
        self._waiting |= {place_in_queue(item.news): item for item in items}
        await self._save(Step(position=position, waiting=items))
        self._woken.set()

    async def _items(self, wanted: Sequence[AlertNews]) -> list[Waiting]:
        if not wanted:
            return []
        if self._outlet.kind is OutletKind.CAP:
            public = await self._kit.cap_fields()
            wanted = [n for n in wanted if n.rule in public or n.alert in self._sent]
        feeds, counts = await self._kit.feeds.list(), await self._kit.feeds.counts()
        now_ms, region = self._kit.clock.now_ms(), self._kit.region
        made_up = {n.area: is_made_up(region, n.area, feeds, counts) for n in wanted}
        return [
            Waiting(news, first_due_ms(self._outlet, news, now_ms), made_up[news.area])
            for news in wanted
        ]

    # ---- the queue out -----------------------------------------------------------------------

    async def _deliver(self) -> None:
        while True:
            now_ms = self._kit.clock.now_ms()
            await self._give_up(now_ms)
            item = None
            if now_ms >= self._hold_ms:
                item = next_up(tuple(self._waiting.values()), now_ms)
            if item is None:
                await self._rest()
            else:
                await self._attempt(item, now_ms)

    async def _rest(self) -> None:
        """Until something comes, and not for long: what waits may have become due."""
        self._woken.clear()
        try:
            async with asyncio.timeout(LOOK_S):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _attempt(self, item: Waiting, now_ms: int) -> None:
        items = [item]
        if self._outlet.kind is OutletKind.EMAIL:
            items = mailed_with(tuple(self._waiting.values()), item)[:MAX_MAILED]
        try:
            sent = await self._post.send(items, self._sent.get(item.news.alert, ()))
        except NotSent as error:
            await self._failed(items, error)
        except (ValueError, TypeError, LookupError) as error:
            # what one news holds must not stop all that come after it
            log.exception("outlet %s: news %s cannot be told", self._outlet.name, item.news.n)
            problem = f"it cannot be told: {type(error).__name__}"
            await self._failed(items, NotSent(problem, is_away=False))
        else:
            await self._delivered(items, sent)

    async def _delivered(self, items: Sequence[Waiting], sent: Sent | None) -> None:
        now_ms = self._kit.clock.now_ms()
        self._hold_ms = 0
        n = self._health.n_delivered + len(items)
        self._count(delivered_ms=now_ms, n_delivered=n, attempts=0)
        step = Step(gone=[item.news for item in items])
        self._forget(items)
        news = items[-1].news
        if self._outlet.kind is OutletKind.CAP and (sent is not None or news.what == "cleared"):
            held = self._sent.get(news.alert, ())
            messages = () if sent is None or news.what == "cleared" else (*held, sent)
            step.sent[news.alert] = messages[-MAX_REFERENCES:]
            self._sent[news.alert] = step.sent[news.alert]
            if not messages:
                del self._sent[news.alert]
        await self._save(step)

    async def _failed(self, items: Sequence[Waiting], error: NotSent) -> None:
        now_ms = self._kit.clock.now_ms()
        attempts = self._health.attempts + 1
        self._count(attempts=attempts, error=str(error), error_ms=now_ms)
        if attempts == 1:
            log.warning("outlet %s: %s; trying again", self._outlet.name, error)
        if error.is_away:
            self._hold_ms = now_ms + pause_ms(attempts, self._chance.random())
        again = [retried(item, now_ms, str(error), self._chance) for item in items]
        self._waiting |= {place_in_queue(item.news): item for item in again}
        await self._save(Step(waiting=again))
        if error.is_gone:
            await self._pause_for_good(str(error))

    async def _pause_for_good(self, why: str) -> None:
        """Through the audit trail, as a person would."""
        outlet, stored = await self._kit.store.get(self._outlet.name)
        now_ms = self._kit.clock.now_ms()
        paused = msgspec.structs.replace(outlet, paused_ms=now_ms, paused_why=why)
        checks, writes = changing(paused, stored)
        act = NOTIFIER.act(
            "outlet.pause", f"outlet/{outlet.name}", detail=why, checks=checks, writes=writes
        )
        try:
            await self._kit.audit.commit(act)
        except Conflict:
            return  # somebody else changed it just now; it will be told so again
        log.warning("outlet %s is paused: %s", outlet.name, why)
        await asyncio.Event().wait()  # the notifier ends this worker as soon as it sees that

    async def _give_up(self, now_ms: int) -> None:
        old = [item for item in self._waiting.values() if now_ms - item.news.at_ms > GIVE_UP_MS]
        if not old:
            return
        lost = [_lost(item, now_ms) for item in old]
        log.warning("outlet %s: %s news were given up", self._outlet.name, len(old))
        self._count(lost=self._health.lost + len(old))
        self._forget(old)
        await self._save(Step(gone=[item.news for item in old], lost=lost))

    def _forget(self, items: Sequence[Waiting]) -> None:
        for item in items:
            self._waiting.pop(place_in_queue(item.news), None)


async def end_all(tasks: Sequence["asyncio.Future[None]"], every_s: float) -> None:
    """Cancel until all have ended: the store's client may swallow a cancellation that comes just
    as its connection breaks."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=every_s)
        for task in ended:
            if not task.cancelled():
                task.exception()  # seen: it ends with the others, whatever it says


def _gap(last: int, n: int) -> int:
    """How many are missing between; numbers start again when a made-up day is forgotten."""
    return n - last - 1 if 0 < last < n else 0


def _lost(item: Waiting, now_ms: int) -> Lost:
    news = item.news
    return Lost(news.n, news.alert, news.what, news.at_ms, now_ms, item.attempts, item.error)
