"""Hand-overs in the store; each step is checked, made and audited at once.

Kept 400 days, and at most 2,000 of an area. The lists of one are packed: 500 cases take about
20 kB.
"""

import zlib
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from dashboard.domain.handover import Handover, Lists
from dashboard.store import keys
from dashboard.store.acts import Act, Actor, Argument, Check
from dashboard.store.audit import AuditLog
from dashboard.store.client import reported

DROPPED_AT_ONCE = 100

_encode = msgspec.json.Encoder().encode
_handover = msgspec.json.Decoder(Handover)
_lists = msgspec.json.Decoder(Lists)


@dataclass(frozen=True, slots=True)
class Place:
    """What an area's next hand-over follows on.

    `waiting` is the one without a signature; `end_ms` up to when the last signed one tells, and
    `signed_ms` when it was signed.
    """

    waiting: str | None = None
    end_ms: int | None = None
    signed_ms: int | None = None


class HandoverStore:
    """Reads hand-overs; writes them through the audit trail alone."""

    def __init__(self, redis: Redis, audit: AuditLog) -> None:
        self._redis = redis
        self._audit = audit

    # ---- reading -----------------------------------------------------------------------------

    async def place(self, area: str) -> Place:
        """Raises StoreAway."""
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hget(keys.HANDOVER_OPEN, area)
                pipe.hget(keys.HANDOVER_END, area)
                waiting, end = await pipe.execute()
        times = () if end is None else map(int, end.split())
        return Place(waiting and waiting.decode(), *times)

    async def find(self, identity: str) -> Handover | None:
        """None: there is none, or not any more. Raises StoreAway."""
        with reported():
            held = cast("bytes | None", await self._redis.hget(keys.handover(identity), "h"))
        return None if held is None else _handover.decode(held)

    async def lists(self, identity: str) -> Lists:
        """As they were handed over; empty where there is no such hand-over. Raises StoreAway."""
        with reported():
            held = cast("bytes | None", await self._redis.hget(keys.handover(identity), "b"))
        return Lists() if held is None else _lists.decode(zlib.decompress(held))

    async def latest(self, area: str, limit: int) -> tuple[int, list[Handover]]:
        """How many an area has, and the newest of them, the newest first. Raises StoreAway."""
        with reported():
            order = keys.handovers(area)
            names = cast("list[bytes]", await self._redis.zrevrange(order, 0, limit - 1))
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.zcard(keys.handovers(area))
                for name in names:
                    pipe.hget(keys.handover(name.decode()), "h")
                total, *rows = await pipe.execute()
        return int(total), [_handover.decode(row) for row in rows if row is not None]

    # ---- writing -----------------------------------------------------------------------------

    async def hand_over(self, actor: Actor, new: Handover, lists: Lists, place: Place) -> None:
        """`place`: what it was drawn up on.

        Raises Conflict when another waits or was signed since, StoreAway, AuditBroken.
        """
        key, order = keys.handover(new.id), keys.handovers(new.area)
        end = None if place.end_ms is None else f"{place.end_ms} {place.signed_ms}".encode()
        checks = (
            Check(key=keys.HANDOVER_OPEN, field=new.area),
            Check(key=keys.HANDOVER_END, field=new.area, expected=end),
            Check(key=key),
        )
        writes: tuple[tuple[Argument, ...], ...] = (
            ("HSET", key, "h", _encode(new), "b", zlib.compress(_encode(lists))),
            ("PEXPIRE", key, keys.HANDOVERS_KEPT_MS),
            ("HSET", keys.HANDOVER_OPEN, new.area, new.id),
            ("ZADD", order, new.at_ms, new.id),
            ("PEXPIRE", order, keys.HANDOVERS_KEPT_MS),
            *await self._dropping(new),
        )
        await self._audit.commit(_act(actor, "hand_over", None, new, (checks, writes)))

    async def _dropping(self, new: Handover) -> list[tuple[Argument, ...]]:
        """What lies beyond the bounds, so that no key outlives its place in the order."""
        order, old_ms = keys.handovers(new.area), new.at_ms - keys.HANDOVERS_KEPT_MS
        with reported():
            many = await self._redis.zrange(order, 0, -keys.HANDOVERS_KEPT)
            old = await self._redis.zrangebyscore(order, "-inf", old_ms)
        gone = sorted({*many, *old})[:DROPPED_AT_ONCE]
        return [
            write
            for name in gone
            for write in (("ZREM", order, name), ("DEL", keys.handover(name.decode())))
        ]

    async def sign(self, actor: Actor, before: Handover, after: Handover) -> None:
        """Raises Conflict when somebody was first, StoreAway, AuditBroken."""
        end = ("HSET", keys.HANDOVER_END, after.area, f"{after.at_ms} {after.signed_ms}")
        await self._end(actor, "sign", before, (after, (end,)))

    async def withdraw(self, actor: Actor, before: Handover, after: Handover) -> None:
        """Raises Conflict when somebody was first, StoreAway, AuditBroken."""
        await self._end(actor, "withdraw", before, (after, ()))

    async def _end(
        self,
        actor: Actor,
        step: str,
        before: Handover,
        then: tuple[Handover, tuple[tuple[Argument, ...], ...]],
    ) -> None:
        after, more = then
        key = keys.handover(before.id)
        checks = (
            Check(key=key, field="h", expected=_encode(before)),
            Check(key=keys.HANDOVER_OPEN, field=before.area, expected=before.id.encode()),
        )
        writes: tuple[tuple[Argument, ...], ...] = (
            ("HSET", key, "h", _encode(after)),
            ("HDEL", keys.HANDOVER_OPEN, before.area),
            *more,
        )
        await self._audit.commit(_act(actor, step, before, after, (checks, writes)))


def _act(
    actor: Actor,
    step: str,
    before: Handover | None,
    after: Handover,
    done: tuple[tuple[Check, ...], tuple[tuple[Argument, ...], ...]],
) -> Act:
    checks, writes = done
    return actor.act(
        f"handover.{step}",
        f"handover/{after.id}",
        area=after.area,
        version=0 if before is None else before.version,
        before=None if before is None else _told(before),
        after=_told(after),
        detail=after.note if before is None else after.signed_note,
        checks=checks,
        writes=writes,
    )


def _told(held: Handover) -> dict[str, Any]:
    told = {"state": held.state.value, "from": held.handed_by, "to": held.signed_by}
    return told | {"open": held.counts.get("all", 0), "overdue": held.counts.get("overdue", 0)}
