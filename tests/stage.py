"""The whole live side in one event loop: intake, board, hub and API on a real store and socket."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from functools import partial

import httpx
from websockets.asyncio.client import connect

from callbacks.login import Login
from callbacks.wall import create_wall
from dashboard import (
    accounts_api,
    alerts_api,
    api,
    api_docs,
    audit_api,
    desk_api,
    handover_api,
    live,
    outlets_api,
    systems_api,
    walls_api,
    whistles_api,
)
from dashboard.alert_rules_pack import load_alert_rules
from dashboard.alert_watch import Judged
from dashboard.board import BoardProcess
from dashboard.cases import Cases, Pack
from dashboard.clock import iso
from dashboard.commands import Desk
from dashboard.departments import load_departments
from dashboard.desk_topic import DeskTopic
from dashboard.domain.accounts import Account
from dashboard.domain.board import Board
from dashboard.domain.feeds import Feed, FeedKind
from dashboard.domain.rights import Role
from dashboard.domain.whistle_signal import WhistleMeter
from dashboard.doors import create_doors
from dashboard.errors import Refused
from dashboard.frames import with_frames
from dashboard.live import Hub
from dashboard.server import create_server, protect
from dashboard.sites import load_sites
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.feeds import FeedStore
from dashboard.systems import load_systems
from dashboard.wall_figures import WallFigures
from dashboard.wall_topic import WallTopic
from dashboard.whistle_commands import WhistleDesk
from dashboard.whistles import load_whistle_limits
from feeds.gateway import create_gateway
from tests.conftest import NOON
from tests.serving import serving

PATIENCE_S = 10
DISTRICT = "area/530111"  # the topic


class Stage:
    """What a test drives: it posts events, moves the clock, lets the board tick and looks on."""

    def __init__(self, settings, pack, redis, clock):
        self.region, self.classes = pack
        self.departments = load_departments(settings.region, self.region)
        self.rules = load_alert_rules(settings.region, self.region, self.classes)
        self.settings = settings
        self.redis = redis
        self.clock = clock
        self.doors = create_doors(settings, self.region, redis, clock)
        self.hub = Hub(settings, self.doors.directory, self.classes, redis, clock)
        self.sites = load_sites(settings.region, self.region)
        self.hub.picture.look_at(self.sites)
        self.program = None  # the token that `http` and screens show
        self.board = None
        self.url = self.http = self.token = None

    @asynccontextmanager
    async def open(self, kind=FeedKind.LIVE):
        gateway = create_gateway(self.settings, self.region, self.classes, self.redis, self.clock)
        units = Pack(
            self.departments,
            load_systems(self.settings.region, self.classes),
            load_whistle_limits(self.settings.region),
        )
        self.cases = Cases(self.hub.picture, units)
        self.hub.carry("wall", partial(WallTopic, figures=WallFigures(self.cases)))
        self.desk = Desk(self.cases, self.doors.audit, self.clock)
        self.hub.carry("desk", partial(DeskTopic, cases=self.cases), self.cases.may_see)
        self.alerts = alerts_api.create_alerts(self.hub.picture, self.rules, self.redis, self.doors)
        self.hub.carry("alerts", self.alerts.topic)
        self.hub.carry("bells", self.alerts.bells)
        routers = [
            gateway.router(),
            *self.alerts.routers(),
            handover_api.router(self.cases, self.departments, self.doors.audit, self.redis),
            desk_api.router(self.cases, self.desk, self.doors.audit),
            whistles_api.router(self.cases, WhistleDesk(self.cases, self.doors.audit, self.clock)),
            live.router(self.hub),
            api.router(self.settings, self.hub, self.redis, self.doors.audit),
            systems_api.router(self.hub, units.systems),
            outlets_api.router(self.redis, self.region, self.clock),
            walls_api.router(self.hub, self.doors.directory, self.doors.audit, self.redis),
            create_wall(self.settings, self.region).router(),
            api_docs.router(),
            accounts_api.router(self.doors.sign_in, self.hub, self.clock, self.departments),
            audit_api.router(self.doors.audit, self.region),
            Login(self.settings, self.region, self.doors.sign_in).router(),
        ]
        beside = [self.hub.run, self.doors.directory.run, self.alerts.book.run]
        app = create_server(routers, beside)
        alerts_api.answer_errors(app)
        accounts_api.answer_errors(app)
        desk_api.answer_errors(app)
        whistles_api.answer_errors(app)
        handover_api.answer_errors(app)
        protect(app, self.settings, self.doors)
        self.program = await self.add_program("chief", Role.ADMINISTRATOR, self.region.root.code)
        self.token = await FeedStore(self.redis).add(feed("north", kind))
        options = {"ws": with_frames(gateway.sockets), "lifespan": "on"}
        async with (
            serving(app, **options) as self.url,
            httpx.AsyncClient(
                base_url=self.url, headers=bearer(self.program), trust_env=False
            ) as self.http,
        ):
            yield self

    async def add_program(self, name, role, area):
        """The token of a new account."""
        store = self.doors.directory.store
        unit = "paishui" if role is Role.DEPARTMENT else None
        with suppress(Refused):  # a stage before this one on the same store had it
            account = Account(name, role, area, None, NOON, department=unit)
            await store.add(COMMAND_LINE, account)
        _, token = await store.add_token(COMMAND_LINE, name)
        await self.doors.directory.reload()
        return token

    async def new_board(self):
        """A board that starts from the checkpoint, as after a crash."""
        board = Board(self.region, self.classes, self.sites)
        limits = load_whistle_limits(self.settings.region)
        whistles = WhistleMeter(self.region, limits, self.departments)
        judged = Judged(self.rules.rules, whistles)
        self.board = BoardProcess(self.settings, board, self.redis, self.clock, judged)
        await self.board.start()
        await self.tick()

    async def tick(self, seconds=1):
        """Let the board fold all there is, and the hub take it over."""
        self.clock.move(seconds)
        position = None
        while position != self.board.position:
            position = self.board.position
            await self.board.tick(1)
        await until(lambda: self.hub.picture.tick == self.board.tick_number)

    def use(self, token):
        """Post as another feed from now on."""
        self.token = token

    async def post(self, *events):
        body = json.dumps({"events": events})
        headers = bearer(self.token)
        answer = await self.http.post("/feeds/events", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["rejected"] == []
        return answer.json()

    async def get(self, path, expected=200, **query):
        answer = await self.http.get(path, params=query)
        assert answer.status_code == expected, answer.text
        return answer.json()

    @asynccontextmanager
    async def screen(self, token=None):
        address = self.url.replace("http", "ws", 1) + "/live"
        headers = bearer(token or self.program)
        async with connect(
            address, proxy=None, max_size=None, additional_headers=headers
        ) as socket:
            yield Screen(socket)


class Screen:
    """One browser's socket."""

    def __init__(self, socket):
        self.socket = socket

    async def subscribe(self, topic, since=None):
        await self.socket.send(json.dumps({"subscribe": topic, "since": since}))

    async def next(self):
        async with asyncio.timeout(PATIENCE_S):
            return json.loads(await self.socket.recv())

    async def snapshot(self, topic, since=None):
        await self.subscribe(topic, since)
        frame = await self.next()
        assert (frame["topic"], "snapshot" in frame) == (topic, True)
        return frame


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def feed(name, kind=FeedKind.LIVE, area=None):
    return Feed(
        name=name,
        kind=kind,
        title="北",
        title_en="North",
        area=area,
        period_s=60,
        label=None,
        created_ms=NOON,
        revoked_ms=None,
    )


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.002)


# ---- what is reported ------------------------------------------------------------------------


def camera(number, grid, ownership="public"):
    data = {"camera": f"C{number:02}", "name": "Gate", "ownership": ownership, "site": "road"}
    return {"id": f"r{number}{grid}", "type": "camera.registered", "area": grid, "data": data}


def status(number, state):
    data = {"camera": f"C{number:02}", "status": state}
    return {"id": f"s{number}", "type": "camera.status", "time": iso(NOON), "data": data}


def incident(name, grid, at_ms=NOON, **more):
    data = {"incident": name, "class": "05-06", "title": "积水", "channel": "hotline"} | more
    head = {"id": f"i{name}", "type": "incident.reported", "time": iso(at_ms)}
    return {**head, "area": grid, "data": data}


def moved(name, action):
    data = {"incident": name, "action": action, "by": "desk", "note": "电话13812345678"}
    return {"id": f"{action}{name}", "type": "incident.moved", "time": iso(NOON), "data": data}


def check_in(identity, grid, clock):
    data = {"staff": identity, "role": "police", "activity": "patrol"}
    head = {"id": identity, "type": "staff.checked_in", "time": iso(clock.now_ms())}
    return {**head, "area": grid, "data": data}
