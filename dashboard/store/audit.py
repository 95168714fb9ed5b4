"""The audit trail in the store: an act and its entry are written together or not at all."""

from dataclasses import dataclass
from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from dashboard.clock import Clock, iso
from dashboard.domain.audit import START_HASH, AuditEntry, chain, seal
from dashboard.errors import Conflict
from dashboard.store import keys
from dashboard.store.client import entries_of, reported

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AuditEntry).decode
_pack = msgspec.json.Encoder().encode

_COMMIT = """
local job = cjson.decode(ARGV[1])
local n = tonumber(redis.call('HGET', KEYS[2], 'n') or '0')
if n ~= job.n - 1 then return {1, n} end
for _, check in ipairs(job.checks) do
  local held
  if check[2] == '' then
    if check[3] == '' then held = redis.call('EXISTS', check[1]) == 0
    else held = redis.call('GET', check[1]) == check[4] end
  else
    local value = redis.call('HGET', check[1], check[2])
    if check[3] == '' then held = not value else held = value == check[4] end
  end
  if not held then return {2, n} end
end
for _, write in ipairs(job.writes) do redis.call(unpack(write)) end
redis.call('XADD', KEYS[1], job.n .. '-0', 'e', ARGV[2], 'h', ARGV[3])
redis.call('HSET', KEYS[2], 'n', job.n, 'hash', ARGV[3], 'seal', ARGV[4])
return {0, job.n}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    key: str
    field: str | None = None
    expected: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    actor: str
    role: str
    address: str
    action: str
    subject: str
    outcome: str = "done"
    area: str | None = None
    version: int | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    detail: str | None = None
    checks: tuple[Check, ...] = ()
    writes: tuple[tuple[str | bytes | int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    n: int
    hash: bytes


class AuditLog:
    def __init__(self, redis: Redis, secret: str, clock: Clock) -> None:
        self._redis, self._secret, self._clock = redis, secret, clock

    async def commit(self, act: Act) -> AuditEntry:
        while True:
            head = await self.head()
            entry = AuditEntry(
                n=head.n + 1, at=iso(self._clock.now_ms()), actor=act.actor, role=act.role,
                address=act.address, action=act.action, subject=act.subject, outcome=act.outcome,
                area=act.area, version=act.version, before=act.before, after=act.after,
                detail=act.detail,
            )  # fmt: skip
            body = _encode(entry)
            hashed = chain(head.hash, body)
            job = {
                "n": entry.n,
                "checks": [
                    [
                        c.key,
                        c.field or "",
                        "" if c.expected is None else "x",
                        (c.expected or b"").decode(),
                    ]
                    for c in act.checks
                ],
                "writes": [
                    [w.decode() if isinstance(w, bytes) else str(w) for w in one]
                    for one in act.writes
                ],
            }
            with reported():
                code, _ = cast(
                    "list[int]",
                    await self._redis.eval(
                        _COMMIT, 2, keys.AUDIT, keys.AUDIT_HEAD, _pack(job), body, hashed,
                        seal(self._secret, entry.n, hashed),
                    ),
                )  # fmt: skip
            if code == 0:
                return entry
            if code == 2:
                raise Conflict(act.subject)

    async def head(self) -> Head:
        with reported():
            row = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.AUDIT_HEAD))
        return Head(int(row.get(b"n", 0)), row.get(b"hash", START_HASH))

    async def entries_before(self, before: int | None, limit: int) -> list[AuditEntry]:
        newest = "+" if before is None else f"({before}-0"
        with reported():
            rows = await self._redis.xrevrange(keys.AUDIT, newest, "-", count=limit)
        return [_decode(fields[b"e"]) for _, fields in rows]

    async def follow(self, after: int, block_ms: int) -> list[AuditEntry]:
        with reported():
            answer = await self._redis.xread({keys.AUDIT: f"{after}-0"}, count=512, block=block_ms)
        return [_decode(fields[b"e"]) for _, fields in entries_of(answer)]

    async def checked(self) -> Any:
        return None
