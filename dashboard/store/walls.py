"""What walls were told to show, and what they last told of themselves."""

from typing import cast

import msgspec
from redis.asyncio import Redis

from dashboard.domain.walls import Order, Sign
from dashboard.store import keys
from dashboard.store.acts import Actor, Check
from dashboard.store.audit import AuditLog
from dashboard.store.client import reported

_encode = msgspec.json.Encoder().encode
_order = msgspec.json.Decoder(Order)
_sign = msgspec.json.Decoder(Sign)


class WallStore:
    """Orders are written through the audit trail alone; signs of life are not worth an entry."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def orders(self) -> dict[str, Order]:
        """By display. Raises StoreAway."""
        with reported():
            held = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.WALL_ORDERS))
        return {name.decode(): _order.decode(body) for name, body in held.items()}

    async def give(
        self, audit: AuditLog, actor: Actor, display: tuple[str, str], orders: tuple[Order, Order]
    ) -> None:
        """`display`: its name and area; `orders`: what it was told before, and now.

        Raises Conflict when another order came first, StoreAway, AuditBroken, AlreadyDone.
        """
        name, area = display
        before, after = orders
        held = None if before == Order() else _encode(before)
        act = actor.act(
            f"wall.{after.did}",
            f"wall/{name}",
            area=area,
            before={"scene": before.scene},
            after={"scene": after.scene},
            checks=(Check(key=keys.WALL_ORDERS, field=name, expected=held),),
            writes=(("HSET", keys.WALL_ORDERS, name, _encode(after)),),
        )
        await audit.commit(act)

    async def signs(self, now_ms: int) -> dict[str, list[Sign]]:
        """By display, those heard last first; what is older than a week is dropped.

        Raises StoreAway.
        """
        with reported():
            held = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.WALL_SIGNS))
            signs = {name: _sign.decode(body) for name, body in held.items()}
            old = [n for n, sign in signs.items() if now_ms - sign.at_ms > keys.WALL_SIGNS_KEPT_MS]
            if old:
                await self._redis.hdel(keys.WALL_SIGNS, *old)
        found: dict[str, list[Sign]] = {}
        for name, sign in signs.items():
            if name not in old:
                found.setdefault(sign.display, []).append(sign)
        for rows in found.values():
            rows.sort(key=lambda sign: sign.at_ms, reverse=True)
            del rows[keys.WALL_SIGNS_SHOWN :]
        return found

    async def heard(self, sign: Sign) -> None:
        """Raises StoreAway."""
        name = f"{sign.display}\n{sign.screen}"
        with reported():
            await self._redis.hset(keys.WALL_SIGNS, name, _encode(sign))
