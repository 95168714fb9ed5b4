"""The live hub: one reader of deltas, one frame a topic, one bounded queue a browser."""

import asyncio
import gc
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, WebSocket
from redis.asyncio import Redis
from starlette.websockets import WebSocketDisconnect

from dashboard.alert_book import NEWS_MS
from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.directory import Directory
from dashboard.domain.areas import Area
from dashboard.domain.incident_classes import Classes
from dashboard.domain.incidents import Incident
from dashboard.domain.picture import Delta
from dashboard.domain.rights import Principal
from dashboard.doorkeeper import principal_of
from dashboard.errors import StateUnreadable, StoreAway
from dashboard.frames import frames_of, text_frame
from dashboard.live_client import Client
from dashboard.queries import LivePicture, Touched
from dashboard.screens import Screens
from dashboard.store.state import StateStore
from dashboard.topics import AreaTopic, FeedsTopic, Topic
from dashboard.version import program_version
from dashboard.watching import Watching

log = logging.getLogger(__name__)

READ_BLOCK_MS = 1_000
CATCH_UP_MS = 1
RETRY_S = 0.25
WATCH_S = 1.0  # one look a second at all clients costs less than a timer for each frame
TOPICS_A_CLIENT = 32
REQUEST_MAX_CHARS = 500
SOCKETS_A_SESSION = 40  # of one browser or program; what is beyond is closed
GONE, SIGNED_OUT, TOO_MANY = 1001, 4401, 4429  # codes that say why a socket is closed

FEEDS = "feeds"
DESK_PREFIX = "desk/"


MakeTopic = Callable[[Area, Principal], Topic]
MaySee = Callable[[Principal, Incident], bool]


class Subscription(msgspec.Struct, forbid_unknown_fields=True):
    """What a browser may say: {"subscribe": topic, "since": sequence}, {"unsubscribe": topic},
    {"open": incident}, which tells the other desks who has a case open, null: none any more; or
    {"screen": true}: it is a wall, and wants to know what to show."""

    subscribe: str | None = None
    unsubscribe: str | None = None
    since: int | None = None
    open: str | msgspec.UnsetType | None = msgspec.UNSET
    screen: bool = False


_requests = msgspec.json.Decoder(Subscription)
_encoder = msgspec.json.Encoder()


class Hub:
    """Reads the board's deltas once for all browsers of this process."""

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        classes: Classes,
        redis: Redis,
        clock: Clock,
    ) -> None:
        self.region = region = directory.region
        self.clock = clock
        self._directory = directory
        directory.on_change(self.review)
        self.picture = LivePicture(settings, region, classes, clock)
        self._store = StateStore(redis)
        self._topics: dict[str, Topic] = {}
        self._topic_kinds: dict[str, MakeTopic] = {"area": lambda area, _: AreaTopic(area)}
        self._may_see: MaySee = lambda *_: False
        self._clients: dict[str, set[Client]] = {}
        self._writers: dict[Client, asyncio.Task[None]] = {}
        self._watching = Watching(redis, clock)
        self.screens = Screens(redis, clock, program_version())

    def carry(self, kind: str, topic: MakeTopic, may_see: MaySee | None = None) -> None:
        """Offer topics named kind/CODE besides those of the map; who may see a case."""
        self._topic_kinds[kind] = topic
        self._may_see = may_see or self._may_see

    @property
    def n_clients(self) -> int:
        return len(self._writers)

    def n_live(self, session: str) -> int:
        """Open connections of one session."""
        return sum(client.principal.session == session for client in self._writers)

    def review(self) -> None:
        """Let go of those who would not be let in again, or not with the same rights."""
        for client in self._writers:
            if not self._directory.is_current(client.principal):
                client.signed_out.set()

    async def run(self) -> None:
        """Follow the board for ever; while the store is away the last picture stays."""
        gc.freeze()  # what the program is made of stays: walking it again took 0.1 s and more
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            tasks.create_task(self._watching.run(self._tell_watching))
            tasks.create_task(self.screens.run(self._tell_screens))
            told = False  # one line an outage, however long it is
            while True:
                try:
                    if await self._load():
                        told = False
                        await self._follow()
                except (StoreAway, StateUnreadable) as error:
                    level = logging.DEBUG if told else logging.WARNING
                    log.log(level, "live numbers stand still: %s", error)
                    told = True
                await asyncio.sleep(RETRY_S)

    async def _watch(self) -> None:
        """Let go of clients that do not take what is sent to them."""
        while True:
            await asyncio.sleep(WATCH_S)
            now_s = asyncio.get_running_loop().time()
            for client in self._writers:
                client.drop_if_stuck(now_s)

    async def _load(self) -> bool:
        """The whole picture and what came since it was saved; False while there is none."""
        since_ms = self.clock.now_ms() - NEWS_MS
        whole = await self._store.whole_picture(since_ms)
        if whole is None:
            return False
        since = await self._since(whole.picture.tick)
        if any(delta.reload for delta in since) or not self.picture.load(whole):
            return False
        for delta in since:  # before a browser sees it: the saved picture is older than the last
            if delta.tick != self.picture.tick + 1:
                break
            self.picture.apply(delta)
        for name, topic in self._topics.items():
            topic.begin(self.picture)
            frame = text_frame(topic.snapshot(self.picture))
            for client in self._clients[name]:
                client.put(frame)
        return True

    async def _since(self, tick: int) -> list[Delta]:
        """What the board has published after a tick."""
        since: list[Delta] = []
        while found := await self._store.deltas_after(tick, CATCH_UP_MS):
            since += found
            tick = found[-1].tick
        return since

    async def _follow(self) -> None:
        """Apply deltas until one is missing or the board began anew."""
        while True:
            for delta in await self._store.deltas_after(self.picture.tick, READ_BLOCK_MS):
                if delta.tick != self.picture.tick + 1 or delta.reload:
                    return
                self._send(self.picture.apply(delta))

    def _send(self, touched: Touched) -> None:
        for name, topic in tuple(self._topics.items()):
            if topic.number not in touched.sequences:
                continue
            frame = text_frame(topic.frame(self.picture, touched))
            clients = self._clients[name]
            for client in clients:
                client.put(frame)
            if not clients and topic.is_idle(self.clock.now_ms()):
                del self._topics[name], self._clients[name]

    # ---- browsers ----------------------------------------------------------------------------

    def subscribe(self, client: Client, name: str, since: int | None) -> str | None:
        """Start sending a topic: what was missed, or a snapshot. Why not, if it cannot be."""
        if name not in client.topics and len(client.topics) >= TOPICS_A_CLIENT:
            return f"at most {TOPICS_A_CLIENT} topics a connection"
        key = _key(client, name)
        topic = self._topics.get(key)
        if topic is None:
            topic = self._new_topic(client.principal, name)
            if topic is None:
                return f"no such topic; expected {'/CODE, '.join(self._topic_kinds)}/CODE or feeds"
        if not client.principal.may(topic.right, self.region, topic.scope.code):
            return "this lies outside your area"
        self._topics[key] = topic
        topic.used(self.clock.now_ms())
        self._clients.setdefault(key, set()).add(client)
        client.topics.add(name)
        if self.picture.as_of_ms is not None:
            for frame in topic.resume(self.picture, since):
                client.put(text_frame(frame))
        if name.startswith(DESK_PREFIX):
            self._send_watching(client, self._watching.cases())
        return None

    def unsubscribe(self, client: Client, name: str) -> None:
        client.topics.discard(name)
        key = _key(client, name)
        if key in self._clients:
            self._clients[key].discard(client)
            self._topics[key].used(self.clock.now_ms())

    def send_snapshot(self, client: Client, name: str) -> None:
        client.put(text_frame(self._topics[_key(client, name)].snapshot(self.picture)))

    def _new_topic(self, principal: Principal, name: str) -> Topic | None:
        topic: Topic
        if name == FEEDS:
            scope = self.region.by_code[principal.area]
            topic = FeedsTopic(self.picture.feeds_topic, scope)
        else:
            kind, _, code = name.partition("/")
            area = self.region.by_code.get(code)
            if area is None or kind not in self._topic_kinds:
                return None
            topic = self._topic_kinds[kind](area, principal)
        if self.picture.as_of_ms is not None:
            topic.begin(self.picture)
        return topic

    async def serve(self, socket: WebSocket) -> None:
        """One browser's connection, until either side ends it."""
        principal = principal_of(socket)
        await socket.accept()
        if self.n_live(principal.session) >= SOCKETS_A_SESSION:
            await _close(socket, TOO_MANY)
            return
        client = Client(frames_of(socket.scope), principal)
        writer = self._writers[client] = asyncio.create_task(client.write(self))
        reader = asyncio.create_task(self._read(client, socket))
        watch = asyncio.create_task(client.signed_out.wait())
        if not self._directory.is_current(principal):  # cut off while the socket opened
            client.signed_out.set()
        tasks = (writer, reader, watch)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._writers[client]
            self._tell_watching(self._watching.look_at(client, "", None))
            for name in tuple(client.topics):
                self.unsubscribe(client, name)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await _close(socket, SIGNED_OUT if client.signed_out.is_set() else GONE)

    async def _read(self, client: Client, socket: WebSocket) -> None:
        while True:
            message: Any = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            self._directory.used(client.principal)
            problem, name = self._obey(client, message.get("text") or "")
            if problem is not None:
                client.put(text_frame(_encoder.encode({"error": problem, "topic": name})))

    def _obey(self, client: Client, text: str) -> tuple[str | None, str | None]:
        try:
            request = _requests.decode(text[:REQUEST_MAX_CHARS])
        except (msgspec.DecodeError, RecursionError) as error:
            return f"not a request: {error}", None
        if request.subscribe is not None:
            return self.subscribe(client, request.subscribe, request.since), request.subscribe
        if request.unsubscribe is not None:
            self.unsubscribe(client, request.unsubscribe)
            return None, None
        if request.open is not msgspec.UNSET:
            return self._open(client, request.open), None
        if request.screen:
            client.is_screen = True
            self._tell_screen(client)
            return None, None
        return "expected subscribe, unsubscribe, open or screen", None

    # ---- walls -----------------------------------------------------------------------------------

    async def look_at_orders(self) -> None:
        """A wall was just ordered something here: its screens need not wait for the next look."""
        await self.screens.look(self._tell_screens)

    def _tell_screens(self, names: set[str]) -> None:
        for client in self._writers:
            if client.is_screen and client.principal.name in names:
                self._tell_screen(client)

    def _tell_screen(self, client: Client) -> None:
        client.put(text_frame(_encoder.encode({"screen": self.screens.told(client.principal)})))

    # ---- who has a case open ---------------------------------------------------------------------

    def _open(self, client: Client, incident: str | None) -> str | None:
        if incident is not None and not self._may_see_case(client, incident):
            return "no such incident in your area"
        self._tell_watching(self._watching.look_at(client, client.principal.name, incident))
        return None

    def _may_see_case(self, client: Client, incident: str) -> bool:
        held = self.picture.incidents.by_id.get(incident)
        return held is not None and self._may_see(client.principal, held)

    def _tell_watching(self, cases: set[str]) -> None:
        """Say to the desks that may see them who has these cases open."""
        if not cases:
            return
        for client in self._writers:
            if any(name.startswith(DESK_PREFIX) for name in client.topics):
                self._send_watching(client, cases)

    def _send_watching(self, client: Client, cases: set[str]) -> None:
        told = {c: self._watching.names(c) for c in cases if self._may_see_case(client, c)}
        if told:
            client.put(text_frame(_encoder.encode({"watching": told})))


def _key(client: Client, name: str) -> str:
    """What a topic is held under: feeds look different from every area, desks to departments."""
    if name == FEEDS:
        return f"{FEEDS} of {client.principal.area}"
    department = client.principal.department if name.startswith(DESK_PREFIX) else ""
    return f"={name} of {department}" if department else f"={name}"


async def _close(socket: WebSocket, code: int) -> None:
    try:
        async with asyncio.timeout(1):
            await socket.close(code)
    except (RuntimeError, TimeoutError, WebSocketDisconnect, OSError):
        return  # the other side was first


def router(hub: Hub) -> APIRouter:
    routes = APIRouter()
    routes.add_websocket_route("/live", hub.serve)
    return routes
