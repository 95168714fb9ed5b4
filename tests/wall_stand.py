"""The whole web program on a clock that stands still, with a made-up day in it.

The real pages, hub, intake, board and store; only the clock is the test's, so that the same picture
comes out every time. It runs in a thread of its own, because browsers are driven from the test's.
"""

import asyncio
import itertools
import json
import threading
import time
import urllib.request
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import app as program
from dashboard.alert_watch import Judged
from dashboard.board import BoardProcess
from dashboard.clock import FixedClock, iso
from dashboard.config import Settings
from dashboard.domain.accounts import Account
from dashboard.domain.board import Board
from dashboard.domain.feeds import Feed, FeedKind
from dashboard.domain.rights import Role
from dashboard.frames import with_frames
from dashboard.store.accounts import AccountStore
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from dashboard.store.client import connect
from dashboard.store.embedded import temporary_store
from dashboard.store.feeds import FeedStore
from feeds.demo import FEEDS, World
from feeds.demo.timeline import Sources
from tests.serving import serving

MOMENT = 1_784_097_127_000  # 2026-07-15T14:32:07+08:00, the moment of the visual direction
BATCH = 2_000
PATIENCE_S = 60
LOOK_S = 0.01
Event = Mapping[str, Any]


class WallStand:
    """Driven from another thread: `post` and `move`, then look at `url`."""

    def __init__(self, data: Path, redis_url: str) -> None:
        self.clock = FixedClock(MOMENT)
        self.url = self.display = ""
        self._data, self._redis_url = data, redis_url
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._tokens: dict[str, str] = {}
        self._chief = ""
        self._numbers = itertools.count(1)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S), "the stand did not start"
        assert self.url, "the stand ended; see the log"

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_S)

    # ---- what a test does ------------------------------------------------------------------------

    def post(self, feed: str, events: Sequence[Event]) -> None:
        """Through the front door, as one of the demo's feeds."""
        for first in range(0, len(events), BATCH):
            reply = self._request(
                "POST",
                "/feeds/events",
                {"events": events[first : first + BATCH]},
                self._tokens[feed],
            )
            assert reply["rejected"] == [], reply["rejected"][:3]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The API, as its administrator."""
        return self._request(method, path, body, self._chief)

    def _request(self, method: str, path: str, body: Any, token: str) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def move(self, seconds: float = 1) -> None:
        """Let the clock go on and the board fold all there is, until the hub has it too."""
        self._do(self._move(seconds))
        now = iso(self.clock.now_ms())
        until = time.monotonic() + PATIENCE_S
        while self.ask("GET", "/readyz")["as_of"] != now:
            assert time.monotonic() < until, "the hub did not take the picture over"
            time.sleep(LOOK_S)

    def beat(self, silent: Sequence[str] = ()) -> None:
        """Every feed but these says that it lives."""
        for feed in FEEDS:
            if feed.name not in silent:
                head = {"id": f"beat-{next(self._numbers)}", "time": iso(self.clock.now_ms())}
                data = {"sent": 1, "dropped": 0}
                self.post(feed.name, [{**head, "type": "feed.heartbeat", "data": data}])

    def play_day(self) -> None:
        """All that a made-up day has told by now."""
        world = World(
            self.region,
            self.classes,
            self.clock.now_ms(),
            departments=self._units.departments,
            sites=program.load_sites(self._settings, self.region),
        )
        sources = Sources.of(world)
        told: dict[str, list[Event]] = {}
        for due in itertools.chain(*(part.backlog() for part in sources.all), sources.history()):
            at_ms = world.start_ms + round(due.offset_s * 1000)
            told.setdefault(due.feed, []).append({**due.event, "time": iso(at_ms)})
        for feed, events in told.items():
            self.post(feed, events)
        self.beat()
        self.move()

    # ---- in the thread of its own ----------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        environ = {"ONEMAP_DATA": str(self._data), "ONEMAP_DEMO": "off"}
        self._settings = settings = Settings.from_env(environ)
        redis = connect(self._redis_url)
        self.region, self.classes = program.load_pack(settings)
        self._units = program.load_units(settings, self.region, self.classes)
        server, sockets = program.create_web(settings, redis, self.clock)
        await self._admit(redis)
        rules = program.load_rules(settings, self.region, self.classes)
        judged = Judged(rules.rules, program.load_whistles(settings, self.region))
        board = Board(self.region, self.classes, program.load_sites(settings, self.region))
        self._board = BoardProcess(settings, board, redis, self.clock, judged)
        await self._board.start()
        await self._board.tick(1)
        # its Date header would tell the time of the real clock
        options = {"ws": with_frames(sockets), "lifespan": "on", "date_header": False}
        async with serving(server, **options) as self.url:
            self._ready.set()
            await self._stop.wait()
        await redis.aclose()

    async def _admit(self, redis: Any) -> None:
        """A display, an administrator's program, and the demo's feeds."""
        audit = AuditLog(redis, self._settings.secret, self.clock)
        accounts = AccountStore(redis, audit, self.clock)
        root, now_ms = self.region.root.code, self.clock.now_ms()
        self.display = await accounts.add_display(COMMAND_LINE, "hall", root)
        await accounts.add(COMMAND_LINE, Account("chief", Role.ADMINISTRATOR, root, None, now_ms))
        _, self._chief = await accounts.add_token(COMMAND_LINE, "chief")
        for feed in FEEDS:
            self._tokens[feed.name] = await FeedStore(redis).add(
                Feed(
                    name=feed.name,
                    kind=FeedKind.SIMULATED,
                    title=feed.title,
                    title_en=feed.title_en,
                    area=None,
                    period_s=feed.period_s,
                    label=None,
                    created_ms=now_ms,
                    revoked_ms=None,
                )
            )

    async def _move(self, seconds: float) -> None:
        self.clock.move(seconds)
        await self._board.seat.keep()  # its sign of life is of the real clock
        position = None
        while position != self._board.position:
            position = self._board.position
            await self._board.tick(1)


@contextmanager
def wall_stand(data: Path) -> Iterator[WallStand]:
    """A stand on a store of its own."""
    store = data / "store"
    store.mkdir(parents=True)
    with temporary_store(store) as url:
        stand = WallStand(data, url)
        stand.start()
        try:
            yield stand
        finally:
            stand.end()


# ---- what is added to the day, so that every panel has something to show -------------------------

URGENT = (  # id, class, grid, minutes ago, actions
    ("W-1", "05-01", "530111001003003", 48, ("file", "dispatch")),
    ("W-2", "05-02", "530111004002002", 21, ("file", "dispatch")),
    ("W-3", "05-03", "530111007003002", 6, ()),
)


def add_urgent(stand: WallStand) -> None:
    """Three priority 1 cases of three streets, one of them unacknowledged, and two whistles."""
    now_ms, feed = stand.clock.now_ms(), "city-management"
    for name, code, grid, minutes, actions in URGENT:
        at_ms = now_ms - minutes * 60_000
        data = {"incident": name, "class": code, "title": "现场描述", "channel": "collector"}
        head = {"id": f"{name}-0", "type": "incident.reported", "time": iso(at_ms), "area": grid}
        events: list[Event] = [{**head, "data": data | {"priority": 1}}]
        for n, action in enumerate(actions, start=1):
            step = {"incident": name, "action": action, "by": "受理席", "department": "paishui"}
            moved = {"id": f"{name}-{n}", "type": "incident.moved", "area": grid}
            events.append({**moved, "time": iso(at_ms + n * 60_000), "data": step})
        stand.post(feed, events)
    stand.move()
    for name, kind, called in (
        ("W-1", "emergency", ["paishui", "zhujian"]),
        ("W-2", "hard", ["zhujian"]),
    ):
        wish = {"incident": name, "kind": kind, "called": called, "key": name, "approve": True}
        made = stand.ask("POST", "/api/whistles", wish)["whistle"]
        stand.move()
        if made["state"] != "blown":
            step = {"step": "blow", "version": made["version"], "key": f"{name}-blow"}
            stand.ask("POST", f"/api/whistles/{made['id']}/actions", step)
            stand.move()
    stand.beat()
    stand.move()
