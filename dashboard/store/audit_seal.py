"""Sealing the audit trail anew, for when the secret that sealed it was lost."""

from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import WatchError

from dashboard.domain.audit import Head, seal
from dashboard.errors import Conflict
from dashboard.store import keys
from dashboard.store.client import reported


async def seal_anew(redis: Redis, secret: str, head: Head) -> None:
    """`head` has been read up to and found good. Raises Conflict when it is no longer the last."""
    with reported():
        async with redis.pipeline(transaction=True) as pipe:
            await pipe.watch(keys.AUDIT_HEAD)
            if cast("Any", await pipe.hget(keys.AUDIT_HEAD, "hash")) != head.hash:
                raise Conflict("the audit trail", keys.AUDIT_HEAD)
            pipe.multi()
            pipe.hset(
                keys.AUDIT_HEAD, "seal", cast("Any", seal(secret, head.n, head.hash, head.at))
            )
            try:
                await pipe.execute()
            except WatchError as error:
                raise Conflict("the audit trail", keys.AUDIT_HEAD) from error
