"""The whole web application as app.py composes it, on a store with telling numbers in every area.

What lies in one area is marked with a text and a number that nothing else has, so that an answer
can be searched for what its reader may not know.
"""

import asyncio
import json
import re
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from websockets.asyncio.client import connect

import app
from dashboard import board
from dashboard.alert_watch import Judged
from dashboard.clock import SystemClock
from dashboard.domain.accounts import Account, Session, SessionKind
from dashboard.domain.areas import Tier
from dashboard.domain.feeds import Feed, FeedKind
from dashboard.domain.rights import PERSONAL, Role
from dashboard.frames import with_frames
from dashboard.store.accounts import AccountStore
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from dashboard.store.feeds import FeedStore
from tests.serving import serving

PATIENCE_S = 15
UNKNOWN = "999999"
CAMERAS = {"near": 1301, "beside": 2503, "far": 7777, "farther": 9011}  # of one grid each
INCIDENTS = {"near": 3, "beside": 5, "far": 37, "farther": 2}
CHECK_INS = 1_503  # by the wide feed, so that its count is a telling number
MARK = "绝密标记"
AGENT = "a browser for tests"


@dataclass(frozen=True)
class Asker:
    """Somebody with a cookie or a token. `role` is None for those who are nobody here."""

    name: str
    role: Role | None
    area: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_known(self):
        return self.role is not None


class Whole:
    """A running server, askers of every kind, and what there is to find out."""

    def __init__(self, settings, pack, redis):
        self.settings, self.redis, self.clock = settings, redis, SystemClock()
        self.region, self.classes = pack
        self.store = AccountStore(redis, AuditLog(redis, settings.secret, self.clock), self.clock)
        self.grids = self._grids()
        self.server = self.url = self.http = self.chief = None
        self.sent = Counter()  # events, by token
        self.askers = []
        self.counts = {}
        self._secrets = {}  # patterns by scope

    def _grids(self):
        """Four grids: two of one street, in communities of their own, and two of other streets."""
        region = self.region
        streets = region.children(region.root.code)
        near, beside = [
            grids[0].code
            for community in region.children(streets[0].code)
            if (grids := region.children(community.code))
        ][:2]
        far, farther = [
            region.children(region.children(street.code)[0].code)[0].code for street in streets[1:3]
        ]
        return {"near": near, "beside": beside, "far": far, "farther": farther}

    def above(self, tier, grid="near"):
        return next(a.code for a in self.region.lineage(self.grids[grid]) if a.tier is tier)

    def is_within(self, area, scope):
        """By the parent links alone: what the rights are held against must not be the rights."""
        held = self.region.by_code.get(area)
        while held is not None:
            if held.code == scope:
                return True
            held = self.region.by_code.get(held.parent)
        return False

    @property
    def places(self):
        """An area of every tier: own ones, others inside and above them, and one there is not."""
        tiers = [self.above(tier) for tier in Tier]
        others = [self.above(Tier.STREET, "far"), self.above(Tier.COMMUNITY, "beside")]
        return [*tiers, *others, self.grids["beside"], self.grids["far"], UNKNOWN]

    # ---- opening -----------------------------------------------------------------------------

    @asynccontextmanager
    async def open(self):
        await self.redis.flushall()
        self.server, sockets = app.create_web(self.settings, self.redis, SystemClock())
        work = asyncio.create_task(
            board.run(self.settings, self._board_pack(), self.redis, self.clock)
        )
        options = {"ws": with_frames(sockets), "lifespan": "on"}
        async with (
            serving(self.server, **options) as self.url,
            httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=PATIENCE_S) as self.http,
        ):
            await self._people()
            await self._events()
            yield self
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work

    def _board_pack(self):
        rules = app.load_rules(self.settings, self.region, self.classes).rules
        judged = Judged(rules, app.load_whistles(self.settings, self.region))
        sites = app.load_sites(self.settings, self.region)
        return board.BoardPack(self.region, self.classes, judged, sites)

    async def _people(self):
        region = self.region
        self.chief = await self._account("chief", Role.ADMINISTRATOR, region.root.code)
        tiers = (Tier.STREET, Tier.COMMUNITY, Tier.GRID)
        areas = [self.above(tier) for tier in tiers]
        self.askers = [Asker("nobody", None, areas[0])]
        for role in PERSONAL:
            self.askers.append(await self._account(f"u.{role.value}", role, areas[0]))
        for role, area in (
            (Role.ADMINISTRATOR, areas[1]),
            (Role.VIEWER, areas[2]),
            (Role.LEADER, areas[1]),
        ):
            self.askers.append(await self._account(f"u.{role.value}.{area}", role, area))
        await self._add("program", Role.LEADER, areas[0])
        _, token = await self.store.add_token(COMMAND_LINE, "program")
        self.askers.append(Asker("program", Role.LEADER, areas[0], bearer(token)))
        gone = await self._account("gone", Role.ADMINISTRATOR, region.root.code)
        _, token = await self.store.add_token(COMMAND_LINE, "gone")
        changed = {"disabled_ms": self.clock.now_ms()}
        await self.store.change(COMMAND_LINE, "gone", changed)
        self.askers.append(Asker("gone", None, gone.area, gone.headers))
        self.askers.append(Asker("gone's program", None, gone.area, bearer(token)))
        wall = await self.store.add_display(COMMAND_LINE, "wall", areas[0])
        await self._until_known()
        opened = await self.http.get(f"/map?display={wall}")
        self.askers.append(Asker("wall", Role.WALL, areas[0], self._cookie(cookie_of(opened))))
        for name, area in (
            ("wide", None),
            ("near", areas[1]),
            ("far", self.above(tiers[0], "far")),
        ):
            token = await FeedStore(self.redis).add(self._feed(name, area))
            setattr(self, f"{name}_token", token)
        self.askers.append(Asker("feed", None, areas[0], bearer(self.wide_token)))
        for i, place in enumerate(self.places[:-1]):
            await self._add(f"person{i}", Role.VIEWER, place)

    async def _until_known(self):
        """The server follows the store; it is there when it knows the last that was added."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = await self.ask("GET", "/api/displays", self.chief)
                if answer.status_code == 200 and "wall" in answer.text:
                    return
                await asyncio.sleep(0.02)

    async def _add(self, name, role, area):
        unit = "paishui" if role is Role.DEPARTMENT else None
        account = Account(name, role, area, None, self.clock.now_ms(), department=unit)
        await self.store.add(COMMAND_LINE, account)

    async def _account(self, name, role, area):
        await self._add(name, role, area)
        session = Session(name, SessionKind.ACCOUNT, self.clock.now_ms(), "127.0.0.1", AGENT)
        secret = await self.store.begin(COMMAND_LINE, session, area, "password")
        return Asker(name, role, area, self._cookie(f"onemap={secret}"))

    def _cookie(self, cookie):
        """As a page of this site asks."""
        return {"Cookie": cookie, "Origin": self.url, "User-Agent": AGENT}

    def _feed(self, name, area):
        """One of a far area has a kind and a label that tell of it."""
        kind = FeedKind.RECORDED if name == "far" else FeedKind.LIVE
        return Feed(
            name=f"{name}.feed", kind=kind, title=f"{name}{MARK}源", title_en=name, area=area,
            period_s=60, label=f"{name}{MARK}日" if name == "far" else None,
            created_ms=self.clock.now_ms(), revoked_ms=None,
        )  # fmt: skip

    async def _events(self):
        for key, grid in self.grids.items():
            counts = {"online": CAMERAS[key] - 1, "offline": 1, "fault": 0, "maintenance": 0}
            rollup = {"id": f"c{key}", "type": "camera.rollup", "area": grid}
            await self.post(
                self.wide_token, {**rollup, "data": {"grid": grid, "ownership": "public", **counts}}
            )
            for n in range(INCIDENTS[key]):
                await self.report(key, n)
        staff = [self._check_in(n) for n in range(CHECK_INS)]
        for first in range(0, CHECK_INS, 400):
            await self.post(self.wide_token, *staff[first : first + 400])
        await self.post(self.near_token, {"id": "h", "type": "feed.heartbeat", "data": {"sent": 1}})
        await self.report("far", 99, self.far_token)
        total = sum(CAMERAS.values())
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = await self.ask("GET", f"/api/areas/{self.region.root.code}", self.chief)
                found = answer.json().get("metrics", {})
                if found.get("cameras_total") == total and found["incidents_open"] == 48:
                    break
                await asyncio.sleep(0.05)
        await self._until_counted()

    async def _until_counted(self):
        """The board counts feeds once a second."""
        sent = [self.sent[t] for t in (self.wide_token, self.near_token, self.far_token)]
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = await self.ask("GET", "/api/feeds", self.chief)
                self.counts = {row["name"]: row["accepted"] for row in answer.json()["feeds"]}
                if [self.counts.get(f"{name}.feed") for name in ("wide", "near", "far")] == sent:
                    return
                await asyncio.sleep(0.05)

    def _check_in(self, n):
        data = {"staff": f"s{n}", "role": "police", "activity": "patrol"}
        grid = self.grids["farther"]
        return {"id": f"w{n}", "type": "staff.checked_in", "area": grid, "data": data}

    async def report(self, key, n, token=None):
        """An incident of a grid, most urgent, so that every map marks it."""
        name = incident_name(key, n)
        data = {"incident": name, "class": "05-06", "title": mark(key), "channel": "hotline"}
        data |= {"priority": 1, "text": f"{mark(key)}正文"}
        event = {"id": name, "type": "incident.reported", "area": self.grids[key], "data": data}
        await self.post(token or self.wide_token, event)

    async def post(self, token, *events):
        answer = await self.http.post(
            "/feeds/events", json={"events": events}, headers=bearer(token)
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["rejected"] == [], answer.text
        self.sent[token] += len(events)

    # ---- asking ------------------------------------------------------------------------------

    async def ask(self, method, path, asker, body=None):
        headers = dict(asker.headers)
        if method != "GET" and "Origin" not in headers:
            headers["Origin"] = self.url
        self.http.cookies.clear()
        content = None if body is None else json.dumps(body)
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self.http.request(method, path, headers=headers, content=content)

    def socket(self, asker, path="/live"):
        headers = {k: v for k, v in asker.headers.items() if k != "User-Agent"}
        address = self.url.replace("http", "ws", 1) + path
        return connect(
            address,
            proxy=None,
            max_size=None,
            additional_headers=headers,
            user_agent_header=asker.headers.get("User-Agent"),
        )

    # ---- what may not be found ---------------------------------------------------------------

    def secrets(self, asker):
        """A pattern of every text and number of areas that the asker has no rights in."""
        scope = asker.area if asker.is_known else "nowhere"
        if scope not in self._secrets:
            self._secrets[scope] = self._pattern(scope, is_known=asker.is_known)
        return self._secrets[scope]

    def _pattern(self, scope, *, is_known):
        hidden = [key for key, grid in self.grids.items() if not self.is_within(grid, scope)]
        texts = [mark(key) for key in hidden] + ([] if is_known else ["wide.feed"])
        for name, area in (
            ("near", self.above(Tier.COMMUNITY)),
            ("far", self.above(Tier.STREET, "far")),
        ):
            if not (self.is_within(area, scope) or self.is_within(scope, area)):
                texts += [f"{name}{MARK}", f"{name}.feed"]
        numbers = self._numbers(scope)
        pattern = "|".join(re.escape(text) for text in texts + [_escaped(t) for t in texts])
        return re.compile(rf"{pattern}|(?<![\w.])(?:{'|'.join(map(str, numbers))})(?!\w)")

    def _numbers(self, scope):
        """Sums of cameras of areas outside, and counts of feeds that report for more."""
        sums = {}
        for area in self.region.areas:
            inside = [k for k, grid in self.grids.items() if self.is_within(grid, area.code)]
            sums[area.code] = sum(CAMERAS[key] for key in inside)
        allowed = {n for code, n in sums.items() if self.is_within(code, scope)}
        hidden = {n for n in sums.values() if n} - allowed
        if scope != self.region.root.code:
            hidden.add(self.counts["wide.feed"])
        return sorted(hidden | {n - 1 for n in hidden})  # all of them, and those online


def mark(key):
    return f"{MARK}-{key}-"


def incident_name(key, n):
    return f"GD-{key}-{n}"


def bearer(token):
    return {"Authorization": f"Bearer {token}", "User-Agent": AGENT}


def cookie_of(answer):
    return answer.headers["set-cookie"].split(";")[0]


def _escaped(text):
    """As JSON that knows ASCII only has it."""
    return json.dumps(text)[1:-1]
