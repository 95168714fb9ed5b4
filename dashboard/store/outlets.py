"""Outlets in the store: what they are, up to where each was told, and what waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from dashboard.domain.alerts import AlertNews
from dashboard.domain.cap import Sent
from dashboard.domain.outlets import Health, Lost, Outlet, Waiting, place_in_queue
from dashboard.errors import Missing, SeatLost
from dashboard.store import keys
from dashboard.store.acts import Argument, Check
from dashboard.store.client import reported
from dashboard.store.seat import HELD_MS, Seat

START = "0-0"

_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_outlet = msgspec.json.Decoder(Outlet).decode
_health = msgspec.json.Decoder(Health).decode
_lost = msgspec.json.Decoder(Lost).decode
_waiting = msgspec.msgpack.Decoder(Waiting).decode
_sent = msgspec.msgpack.Decoder(tuple[Sent, ...]).decode

Writes = tuple[tuple[Argument, ...], ...]

# Nothing is written for who lost the seat, or for an outlet that was removed meanwhile, even if
# another of that name was added.
_STEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 1 end
local held = redis.call('HGET', KEYS[2], ARGV[2])
if not held or held:match('^%d+') ~= ARGV[3] then return 2 end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local at = 5
while ARGV[at] do
  local n = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + n))
  at = at + 1 + n
end
return 0
"""


class OutletGone(Exception):
    """It was removed, and nothing was written."""


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where the alert log is in the queue; `n`: number of the last news, 0 for none yet."""

    id: str = START
    n: int = 0


@dataclass(slots=True)
class Progress:
    """All that is kept for one outlet, as it goes on after a restart. `waiting` in order."""

    position: Position
    waiting: list[Waiting]
    sent: dict[str, tuple[Sent, ...]]
    health: Health


@dataclass(slots=True)
class Step:
    """What changes together. `sent`: of an alert; an empty one is forgotten."""

    position: Position | None = None
    waiting: Sequence[Waiting] = ()
    gone: Sequence[AlertNews] = ()
    lost: Sequence[Lost] = ()
    sent: dict[str, tuple[Sent, ...]] = field(default_factory=dict)


class OutletStore:
    """Reads outlets; what changes them is written by the audit trail."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def list(self) -> tuple[Outlet, ...]:
        """In the order of their names. Raises StoreAway."""
        with reported():
            rows = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.OUTLETS))
        return tuple(sorted(map(_outlet, rows.values()), key=lambda outlet: outlet.name))

    async def get(self, name: str) -> tuple[Outlet, bytes]:
        """The outlet, and it as it is stored. Raises Missing, StoreAway."""
        with reported():
            row = cast("bytes | None", await self._redis.hget(keys.OUTLETS, name))
        if row is None:
            raise Missing("outlet", name)
        return _outlet(row), row

    async def health(self) -> dict[str, Health]:
        """By name, of those that were ever looked after. Raises StoreAway."""
        with reported():
            rows = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.OUTLET_HEALTH))
        return {name.decode(): _health(row) for name, row in rows.items()}

    async def lost(self, name: str) -> tuple[Lost, ...]:
        """The last that were given up, newest first. Raises StoreAway."""
        with reported():
            rows = cast("list[bytes]", await self._redis.lrange(keys.outlet_lost(name), 0, -1))
        return tuple(map(_lost, rows))

    async def progress(self, outlet: Outlet) -> Progress:
        """Raises StoreAway, and OutletGone."""
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hget(keys.OUTLET_POSITIONS, outlet.name)
                pipe.hvals(keys.outlet_queue(outlet.name))
                pipe.hgetall(keys.outlet_sent(outlet.name))
                pipe.hget(keys.OUTLET_HEALTH, outlet.name)
                position, waiting, sent, health = await pipe.execute()
        created, at, n = (position or b"0 0-0 0").decode().split()
        if int(created) != outlet.created_ms:
            raise OutletGone(outlet.name)
        return Progress(
            Position(at, int(n)),
            sorted(map(_waiting, waiting), key=lambda item: place_in_queue(item.news)),
            {alert.decode(): _sent(row) for alert, row in sent.items()},
            Health() if health is None else _health(health),
        )

    async def changed_rules(self) -> dict[str, Any]:
        """Rules that differ from the pack's: id -> fields. Raises StoreAway."""
        with reported():
            rows = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.ALERT_RULES))
        return {name.decode(): msgspec.json.decode(row) for name, row in rows.items()}


class Deliveries:
    """Writes for who sits on the seat."""

    def __init__(self, redis: Redis, seat: Seat) -> None:
        self._redis = redis
        self._seat = seat

    async def save(self, outlet: Outlet, step: Step, health: Health) -> None:
        """All of the step or nothing. Raises SeatLost, OutletGone, StoreAway."""
        arguments: list[Argument] = [self._seat.holder, outlet.name, outlet.created_ms, HELD_MS]
        for write in _writes(outlet, step, health):
            arguments += (len(write), *write)
        with reported():
            answer = await self._redis.eval(
                _STEP, 2, keys.NOTIFIER_SEAT, keys.OUTLET_POSITIONS, *arguments
            )
        if answer == 1:
            raise SeatLost(None)
        if answer == 2:
            raise OutletGone(outlet.name)


def _writes(outlet: Outlet, step: Step, health: Health) -> list[tuple[Argument, ...]]:
    name = outlet.name
    queue, sent = keys.outlet_queue(name), keys.outlet_sent(name)
    writes: list[tuple[Argument, ...]] = [("HSET", keys.OUTLET_HEALTH, name, _json(health))]
    if step.position is not None:
        at = f"{outlet.created_ms} {step.position.id} {step.position.n}"
        writes.append(("HSET", keys.OUTLET_POSITIONS, name, at))
    writes += [("HSET", queue, _row_of(item.news), _pack(item)) for item in step.waiting]
    writes += [("HDEL", queue, _row_of(news)) for news in step.gone]
    lost = keys.outlet_lost(name)
    for row in step.lost:
        writes += [("LPUSH", lost, _json(row)), ("LTRIM", lost, 0, keys.OUTLET_LOST_KEPT - 1)]
    for alert, messages in step.sent.items():
        if messages:
            writes.append(("HSET", sent, alert, _pack(messages)))
        else:
            writes.append(("HDEL", sent, alert))
    return writes


def _row_of(news: AlertNews) -> str:
    return "{}.{}".format(*place_in_queue(news))


# ---- what the audit trail writes -------------------------------------------------------------


def adding(outlet: Outlet, position: str) -> tuple[tuple[Check, ...], Writes]:
    """It is told what comes after a position of the alert log."""
    check = Check(key=keys.OUTLETS, field=outlet.name)
    return (check,), (
        *_forgetting(outlet.name),
        ("HSET", keys.OUTLETS, outlet.name, _json(outlet)),
        ("HSET", keys.OUTLET_POSITIONS, outlet.name, f"{outlet.created_ms} {position} 0"),
    )


def changing(outlet: Outlet, stored: bytes) -> tuple[tuple[Check, ...], Writes]:
    """`stored`: as it was read, which must not have changed."""
    check = Check(key=keys.OUTLETS, field=outlet.name, expected=stored)
    return (check,), (("HSET", keys.OUTLETS, outlet.name, _json(outlet)),)


def removing(outlet: Outlet, stored: bytes) -> tuple[tuple[Check, ...], Writes]:
    """With all that waits for it."""
    check = Check(key=keys.OUTLETS, field=outlet.name, expected=stored)
    return (check,), (("HDEL", keys.OUTLETS, outlet.name), *_forgetting(outlet.name))


def _forgetting(name: str) -> Writes:
    return (
        ("HDEL", keys.OUTLET_POSITIONS, name),
        ("HDEL", keys.OUTLET_HEALTH, name),
        ("DEL", keys.outlet_queue(name)),
        ("DEL", keys.outlet_lost(name)),
        ("DEL", keys.outlet_sent(name)),
    )
