"""Cameras: registered once, told of by exception, confirmed in turn; a cut takes a whole device."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dashboard.clock import DAY_MS
from feeds.demo.feeds import PUBLIC_VIDEO, SOCIAL_VIDEO
from feeds.demo.network import CUTS, Device, Network
from feeds.demo.world import HOUR_MS, Due, World, rhythm

CONFIRMED_PER_DAY = 7.4  # how often each camera is heard of
PERSON_ALARMS_PER_DAY = 12_400  # the gateway has to drop them
PERSON_ALARM_TYPES = (5, 6, 7, 8, 9, 10, 12)  # GB/T 28181 alarm method 5
MINUTE_MS = 60_000
SITE_CAMERAS = 3  # of those in its grid, at most so many see a marked site


@dataclass(frozen=True, slots=True)
class Kind:
    """Public or social cameras. `down` is the share not online, `spell_h` how long that lasts."""

    ownership: str
    feed: str
    count: int
    down: float
    spell_h: float
    network: int  # GB/T 28181 network id: 6 e-government extranet, 7 internet
    sites: tuple[tuple[str, int], ...]  # name, GB/T 28181 industry code


PUBLIC = Kind(
    "public",
    PUBLIC_VIDEO,
    6_000,
    0.0166,
    6.0,
    6,
    (
        ("路口", 0),
        ("人行天桥", 0),
        ("公园广场", 8),
        ("河道沿线", 9),
        ("学校周边", 11),
        ("公交站", 8),
    ),
)
SOCIAL = Kind(
    "social",
    SOCIAL_VIDEO,
    42_000,
    0.0615,
    10.0,
    7,
    (
        ("小区出入口", 1),
        ("小区主路", 1),
        ("停车场", 1),
        ("商铺门前", 40),
        ("市场通道", 40),
        ("楼宇大堂", 2),
    ),
)
KINDS = (PUBLIC, SOCIAL)

ONLINE = "online"
NETWORK_CUT = "网络中断，录像机失联"
# What takes a camera down: state, reason, how often.
FAILURES = (
    ("offline", "设备无响应", 40),
    ("offline", "断电", 18),
    ("offline", "网络中断", 14),
    ("fault", "图像异常", 10),
    ("fault", "镜头遮挡", 7),
    ("fault", "存储故障", 3),
    ("maintenance", "计划检修", 8),
)
_CAUSES = tuple((state, reason) for state, reason, _ in FAILURES)
_WEIGHTS = tuple(weight for _, _, weight in FAILURES)


@dataclass(frozen=True, slots=True)
class Camera:
    """One device, the same in every run."""

    id: str
    kind: Kind
    name: str
    site: str
    grid: int  # counted from the first grid
    lon: float
    lat: float


class Cameras:
    """The devices of a world and how they fare from its start."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.devices = [camera for kind in KINDS for camera in _devices(world, kind)]
        self._first = {PUBLIC: 0, SOCIAL: sum(c.kind is PUBLIC for c in self.devices)}
        self._counts = {kind: sum(c.kind is kind for c in self.devices) for kind in KINDS}
        _aim_at_sites(self.devices, world)
        self.network = Network(world.region, self.devices)
        self._grids = [area.code for area in world.region.grids]
        self._state: list[tuple[str, str | None]] = [(ONLINE, None)] * len(self.devices)
        self._ends: list[tuple[float, int]] = []  # when a camera comes back, which
        self._dice = world.chance("cameras", world.start_ms)
        self._n_sent = 0
        self._break_some(world.chance("cameras broken"))

    def backlog(self) -> Iterator[Due]:
        """Every device and its state, as a platform's catalogue says on connecting."""
        for device in self.network.devices:
            area = self._grids[device.grid]
            yield Due(0.0, SOCIAL_VIDEO, device.registration(self._world.run, area))
        for number, camera in enumerate(self.devices):
            yield Due(0.0, camera.kind.feed, self._registration(number))
            event = self._status_event(number, f"{camera.id}-{self._world.run}-state")
            yield Due(0.0, camera.kind.feed, event)

    def live(self) -> Iterator[Due]:
        """In order of time, for ever."""
        start_ms = float(self._world.start_ms)
        clocks = {"confirm": start_ms, "alarm": start_ms, **dict.fromkeys(CUTS, start_ms)}
        clocks |= {kind.ownership: start_ms for kind in KINDS}
        for what in clocks:
            clocks[what] = self._next(what, clocks[what])
        turn = self._dice.sample(range(len(self.devices)), len(self.devices))
        n_confirmed = 0
        while True:
            what = min(clocks, key=clocks.__getitem__)
            at_ms = clocks[what]
            if self._ends and self._ends[0][0] <= at_ms:
                yield from self._come_back()
                continue
            clocks[what] = self._next(what, at_ms)
            if what == "confirm":
                yield self._status(at_ms, turn[n_confirmed % len(turn)])
                n_confirmed += 1
            elif what == "alarm":
                yield self._person_alarm(at_ms)
            elif what in CUTS:
                yield from self._cut(at_ms, what)
            else:
                yield from self._fail(at_ms, PUBLIC if what == PUBLIC.ownership else SOCIAL)

    def _next(self, what: str, after_ms: float) -> float:
        """When it happens again. Confirmations keep turn; the rest is chance at a steady rate."""
        scale = self._world.scale
        if what == "confirm":
            return after_ms + DAY_MS / (len(self.devices) * CONFIRMED_PER_DAY * rhythm(after_ms))
        if what == "alarm":
            rate = PERSON_ALARMS_PER_DAY * scale * rhythm(after_ms)
        elif what in CUTS:
            rate = CUTS[what][0] * scale
        else:
            kind = PUBLIC if what == PUBLIC.ownership else SOCIAL
            rate = self._counts[kind] * kind.down / (1 - kind.down) * 24 / kind.spell_h
        return after_ms + self._dice.expovariate(rate) * DAY_MS

    def _break_some(self, dice: random.Random) -> None:
        """Who is down at the start: the same in every run, as a real maintenance list would be."""
        for number, camera in enumerate(self.devices):
            if dice.random() < camera.kind.down:
                spell_ms = dice.expovariate(1 / (camera.kind.spell_h * HOUR_MS))
                self._take_down(number, _cause(dice), self._world.start_ms + spell_ms)

    def _take_down(self, number: int, cause: tuple[str, str], until_ms: float) -> None:
        self._state[number] = cause
        heapq.heappush(self._ends, (until_ms, number))

    def _fail(self, at_ms: float, kind: Kind) -> Iterator[Due]:
        number = self._first[kind] + self._dice.randrange(self._counts[kind])
        if self._state[number][0] == ONLINE:
            spell_ms = self._dice.expovariate(1 / (kind.spell_h * HOUR_MS))
            self._take_down(number, _cause(self._dice), at_ms + spell_ms)
            yield self._status(at_ms, number)

    def _come_back(self) -> Iterator[Due]:
        at_ms, number = heapq.heappop(self._ends)
        if number < 0:
            yield self._device_status(at_ms, self.network.devices[-number - 1], ONLINE, None)
            return
        self._state[number] = (ONLINE, None)
        yield self._status(at_ms, number)

    def _cut(self, at_ms: float, kind: str) -> Iterator[Due]:
        """All cameras of one device go, and come back together."""
        device = self._dice.choice(self.network.of_kind(kind))
        up = [number for number in device.cameras if self._state[number][0] == ONLINE]
        first, last = CUTS[kind][1]
        until_ms = at_ms + self._dice.uniform(first * MINUTE_MS, last * MINUTE_MS)
        yield self._device_status(at_ms, device, "offline", NETWORK_CUT)
        heapq.heappush(self._ends, (until_ms, -self.network.devices.index(device) - 1))
        for number in up:
            self._take_down(number, ("offline", NETWORK_CUT), until_ms)
            yield self._status(at_ms, number)

    def _device_status(self, at_ms: float, device: Device, status: str, why: str | None) -> Due:
        event = device.status(self._next_id(), self._grids[device.grid], status, why)
        return Due(self._world.offset_s(at_ms), SOCIAL_VIDEO, event)

    def _registration(self, number: int) -> dict[str, Any]:
        camera = self.devices[number]
        data: dict[str, Any] = {
            "camera": camera.id,
            "name": camera.name,
            "ownership": camera.kind.ownership,
            "site": camera.site,
            "upstream": self.network.upstream[number],
        }
        if len(camera.id) == 20 and camera.id.isdigit():
            data["gb_code"] = camera.id
        identity = f"{camera.id}-{self._world.run}"
        place = {"lon": camera.lon, "lat": camera.lat}
        return {"type": "camera.registered", "id": identity, **place, "data": data}

    def _status(self, at_ms: float, number: int) -> Due:
        feed = self.devices[number].kind.feed
        return Due(self._world.offset_s(at_ms), feed, self._status_event(number, self._next_id()))

    def _status_event(self, number: int, identity: str) -> dict[str, Any]:
        camera, (status, reason) = self.devices[number], self._state[number]
        data = {"camera": camera.id, "status": status}
        if reason is not None:
            data["reason"] = reason
        area = self._grids[camera.grid]
        return {"type": "camera.status", "id": identity, "area": area, "data": data}

    def _person_alarm(self, at_ms: float) -> Due:
        """An analytics box that speaks of people: nothing of it may get past the gateway."""
        camera = self._dice.choice(self.devices)
        data = {"method": 5, "alarm_type": self._dice.choice(PERSON_ALARM_TYPES)}
        event = {
            "type": "camera.alarm",
            "id": self._next_id(),
            "area": self._grids[camera.grid],
            "data": {"camera": camera.id, **data},
        }
        return Due(self._world.offset_s(at_ms), camera.kind.feed, event)

    def _next_id(self) -> str:
        self._n_sent += 1
        return f"{self._world.run}-{self._n_sent:x}"


def _devices(world: World, kind: Kind) -> list[Camera]:
    """The same cameras at the same places in every run with this seed."""
    areas = world.region.grids
    dice = world.chance("devices", kind.ownership)
    count = max(1, round(kind.count * world.scale))
    per_grid = _shares(count, [dice.lognormvariate(0, 0.35) for _ in areas])
    grids = np.repeat(np.arange(len(areas)), per_grid)
    lons, lats = world.scatter(grids, kind.ownership)
    cameras: list[Camera] = []
    number_in_grid = 0
    places = zip(grids.tolist(), lons.tolist(), lats.tolist(), strict=True)
    for serial, (grid, lon, lat) in enumerate(places, start=1):
        site, industry = dice.choice(kind.sites)
        number_in_grid = 1 if not cameras or cameras[-1].grid != grid else number_in_grid + 1
        identity = _identity(world.region.root.code, kind, industry, serial)
        name = f"{areas[grid].name}{site}{number_in_grid:02d}"
        cameras.append(Camera(identity, kind, name, site, grid, lon, lat))
    return cameras


def _identity(root: str, kind: Kind, industry: int, serial: int) -> str:
    """GB/T 28181 code: 8 centre, 2 industry, 3 type (132 network camera), 1 network, 6 serial."""
    if root.isdigit() and len(root) <= 8:
        return f"{root:0<8}{industry:02d}132{kind.network}{serial:06d}"
    return f"{root}-{kind.ownership}-{serial:06d}"


def _shares(total: int, weights: list[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to `total` (largest remainder)."""
    unit = total / sum(weights)
    whole = [int(weight * unit) for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: whole[i] - weights[i] * unit)
    for i in by_rest[: total - sum(whole)]:
        whole[i] += 1
    return whole


def _aim_at_sites(cameras: list[Camera], world: World) -> None:
    """A few cameras of its grid see a marked site, the public ones first, as those stand first."""
    by_grid: dict[int, list[int]] = {}
    for number, camera in enumerate(cameras):
        by_grid.setdefault(camera.grid, []).append(number)
    dice = world.chance("sites")
    for site in world.sites.values():
        grid = world.region.by_code[site.area].index - world.region.first_grid
        for number in by_grid.get(grid, [])[: dice.randint(1, SITE_CAMERAS)]:
            cameras[number] = replace(cameras[number], site=site.id)


def _cause(dice: random.Random) -> tuple[str, str]:
    return dice.choices(_CAUSES, _WEIGHTS)[0]
