"""The audit trail in the store: an act and its entry are written together or not at all."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from dashboard.clock import Clock, iso
from dashboard.domain.audit import START_HASH, AuditEntry, Head, Row, chain, seal
from dashboard.errors import AlreadyDone, AuditBroken, Conflict, StoreAway
from dashboard.store import keys
from dashboard.store.acts import Act, Argument
from dashboard.store.client import entries_of, reported

GROUPED = 256  # acts that go to the store in one step
DONE_KEPT_MS = 86_400_000  # how long the same request is recognised
LANDED_WAIT_S, LANDED_LOOK_S = 3.0, 0.1
READ_AT_ONCE = 5_000

_encode = msgspec.json.Encoder().encode
_entry = msgspec.json.Decoder(AuditEntry)

# The chain's hashes are made by the caller, so the step says first on which head they stand. Only
# when every check of every act holds is anything written: else the acts that fail are named, and
# the others come again without them.
_COMMIT = """
local at = 0
local function take() at = at + 1; return ARGV[at] end
local function number() return tonumber(take()) end
local n, hash = number(), take()
local head = redis.call('HMGET', KEYS[2], 'n', 'hash')
local held = tonumber(head[1] or '0')
if held ~= n or (held > 0 and head[2] ~= hash) then return {1} end
local acts, failed = {}, {2}
for i = 1, number() do
  local act = {body = take(), hash = take(), once = take(), answer = take(), writes = {}}
  local fails = 0
  for c = 1, number() do
    local key, name, expected, value = take(), take(), take() == '1', take()
    local found
    if name ~= '' then found = redis.call('HGET', key, name)
    elseif expected then found = redis.call('GET', key)
    else found = redis.call('EXISTS', key) == 1 end
    if expected then
      if found ~= value and fails == 0 then fails = c end
    elseif found and fails == 0 then fails = c end
  end
  for w = 1, number() do
    local write = {}
    for a = 1, number() do write[a] = take() end
    if write[1]:sub(1, 1) == 'H' then redis.call('HLEN', write[2]) end  -- fails while it may
    act.writes[w] = write
  end
  local answer = act.once ~= '' and redis.call('GET', act.once)
  if answer then failed[#failed + 1] = {i, 0, answer}
  elseif fails > 0 then failed[#failed + 1] = {i, fails, ''} end
  acts[i] = act
end
if #failed > 1 then return failed end
for _, act in ipairs(acts) do
  n, hash = n + 1, act.hash
  redis.call('XADD', KEYS[1], string.format('%.0f-0', n), 'e', act.body, 'h', hash)
  for _, write in ipairs(act.writes) do redis.call(unpack(write)) end
  if act.once ~= '' then redis.call('SET', act.once, act.answer, 'PX', ARGV[at + 1]) end
end
redis.call('HSET', KEYS[2], 'n', string.format('%.0f', n), 'hash', hash,
  'seal', ARGV[at + 2], 'at', ARGV[at + 3])
return {0}
"""


@dataclass(slots=True)
class _Wish:
    act: Act
    done: "asyncio.Future[AuditEntry]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class AuditLog:
    """Appends to the chain; what is asked for at the same time goes to the store together."""

    def __init__(self, redis: Redis, secret: str, clock: Clock) -> None:
        self._redis = redis
        self._plain = Redis(connection_pool=redis.connection_pool)  # makes no dictionaries: faster
        self._plain.set_response_callback("XRANGE", cast("Any", _as_it_is))
        self._secret = secret
        self._clock = clock
        self._head: Head | None = None  # as this process knows it
        self._waiting: deque[_Wish] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def commit(self, act: Act) -> AuditEntry:
        """Do what the act writes and note it, both or neither.

        Raises Conflict when a check failed, AlreadyDone when `once` was there before, AuditBroken,
        and StoreAway: then it is not known whether it was done.
        """
        wish = _Wish(act)
        self._waiting.append(wish)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await asyncio.shield(wish.done)  # a caller that leaves takes nothing back

    async def _write_all(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                await self._write(group)
            except (StoreAway, AuditBroken) as error:
                self._head = None
                _fail(group, error)
            except BaseException as error:
                self._head = None
                left = [*group, *self._waiting]  # nobody else would answer them
                self._waiting.clear()
                _fail(left, StoreAway(f"the audit trail could not be written: {error!r}"))
                raise

    def _next_group(self) -> list[_Wish]:
        """Acts that do not touch the same things: their checks are made before any is written."""
        group: list[_Wish] = []
        left: deque[_Wish] = deque()
        taken: set[object] = set()
        while self._waiting and len(group) < GROUPED:
            wish = self._waiting.popleft()
            touched = set(wish.act.touches())
            if _overlap(touched, taken):
                left.append(wish)
            else:
                group.append(wish)
            taken.update(touched, (key for key, _ in touched))  # also of those left: in order
        self._waiting.extendleft(reversed(left))
        return group

    async def _write(self, group: list[_Wish]) -> None:
        while group:
            head = self._head or await self.head()
            if not head.is_sealed(self._secret):
                raise AuditBroken("its head was not sealed with this secret")
            entries, after = self._entries(head, group)
            answer = await self._send(self._arguments(head, after, group, entries), after)
            match answer:
                case [0]:
                    self._head = after
                    for wish, (entry, _, _) in zip(group, entries, strict=True):
                        _succeed(wish, entry)
                    return
                case [1]:
                    self._head = None  # another process was first
                case [2, *failed]:
                    group = _without(group, failed)

    async def _send(self, arguments: list[Argument], after: Head) -> list[Any]:
        try:
            with reported():
                answer = await self._redis.eval(_COMMIT, 2, keys.AUDIT, keys.AUDIT_HEAD, *arguments)
        except ResponseError as error:
            raise AuditBroken(str(error)) from error
        except StoreAway:
            if await self._has_landed(after):
                return [0]
            raise
        return cast("list[Any]", answer)

    def _entries(
        self, head: Head, group: Sequence[_Wish]
    ) -> tuple[list[tuple[AuditEntry, bytes, bytes]], Head]:
        """Entry, as stored, and its hash, for each; and the head after them."""
        at = max(iso(self._clock.now_ms()), head.at)  # never backwards
        found, n, hashed = [], head.n, head.hash
        for wish in group:
            n += 1
            entry = _entry_of(n, at, wish.act)
            body = _encode(entry)
            hashed = chain(hashed, body)
            found.append((entry, body, hashed))
        return found, Head(n, hashed, seal(self._secret, n, hashed, at), at)

    def _arguments(
        self,
        head: Head,
        after: Head,
        group: Sequence[_Wish],
        entries: Sequence[tuple[AuditEntry, bytes, bytes]],
    ) -> list[Argument]:
        arguments: list[Argument] = [head.n, head.hash, len(group)]
        for wish, (_, body, hashed) in zip(group, entries, strict=True):
            act = wish.act
            arguments += (body, hashed, *(act.once or ("", b"")), len(act.checks))
            for check in act.checks:
                is_held = check.expected is not None
                arguments += (check.key, check.field or "", int(is_held), check.expected or b"")
            arguments.append(len(act.writes))
            for write in act.writes:
                arguments += (len(write), *write)
        return [*arguments, DONE_KEPT_MS, after.seal, after.at]

    async def _has_landed(self, after: Head) -> bool:
        """Whether the store has what it was sent before it went away; False: that stays open."""
        end_s = asyncio.get_running_loop().time() + LANDED_WAIT_S
        while asyncio.get_running_loop().time() < end_s:
            try:
                rows = await self._range(f"{after.n}-0", str(after.n), 1)
            except StoreAway:
                await asyncio.sleep(LANDED_LOOK_S)
                continue
            return bool(rows) and rows[0][1][-1] == after.hash
        return False

    async def head(self) -> Head:
        """The end of the chain. Raises StoreAway, AuditBroken."""
        with _readable():
            row = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.AUDIT_HEAD))
            if not row:
                return Head(0, START_HASH, b"", "")
            return Head(int(row[b"n"]), row[b"hash"], row[b"seal"], row[b"at"].decode())

    async def last_n(self) -> int:
        """Number of the last entry that is stored; 0: none. Raises StoreAway, AuditBroken."""
        with _readable():
            rows = cast("Any", await self._redis.xrevrange(keys.AUDIT, count=1))
        return int(rows[0][0].partition(b"-")[0]) if rows else 0

    async def entries(self, after: int, limit: int) -> list[AuditEntry]:
        """The next ones after a number. Raises StoreAway, AuditBroken."""
        rows = await self._range(f"{after + 1}-0", "+", limit)
        with _readable():
            return [_entry.decode(fields[1]) for _, fields in rows]

    async def entries_before(self, before: int | None, limit: int) -> list[AuditEntry]:
        """Newest first; None: from the end. Raises StoreAway, AuditBroken."""
        newest = "+" if before is None else f"({before}-0"
        with _readable():
            rows = await self._redis.xrevrange(keys.AUDIT, newest, "-", count=limit)
            return [_entry.decode(fields[b"e"]) for _, fields in cast("Any", rows)]

    async def follow(self, after: int, block_ms: int) -> list[AuditEntry]:
        """What comes after a number; waits for it. Raises StoreAway, AuditBroken."""
        with _readable():
            answer = await self._redis.xread(
                {keys.AUDIT: f"{after}-0"}, count=READ_AT_ONCE, block=block_ms
            )
            return [_entry.decode(fields[b"e"]) for _, fields in entries_of(answer)]

    async def rows(self, last: int) -> AsyncIterator[list[Row]]:
        """The chain as it is stored, up to an entry, in pieces; the next is fetched meanwhile.

        Raises StoreAway, AuditBroken.
        """
        piece = await self._range("-", str(last), READ_AT_ONCE)
        while piece:
            after = f"({piece[-1][0].decode()}"
            coming = asyncio.create_task(self._range(after, str(last), READ_AT_ONCE))
            try:
                yield piece
                piece = await coming
            finally:
                coming.cancel()

    async def _range(self, first: str, last: str, limit: int) -> list[Row]:
        with _readable():
            answer = await self._plain.xrange(keys.AUDIT, first, last, count=limit)
        return cast("list[Row]", answer)

    async def note_check(self, n: int, *, is_good: bool) -> None:
        """Remember when the chain was last read through. Raises StoreAway."""
        told = {"n": n, "at": iso(self._clock.now_ms()), "ok": int(is_good)}
        with reported():
            await self._redis.hset(keys.AUDIT_CHECKED, mapping=cast("Any", told))

    async def checked(self) -> dict[str, Any] | None:
        """{"n", "at", "ok"} of the last check; None before the first. Raises StoreAway."""
        with reported():
            row = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.AUDIT_CHECKED))
        if not row:
            return None
        return {"n": int(row[b"n"]), "at": row[b"at"].decode(), "ok": row[b"ok"] == b"1"}


def _entry_of(n: int, at: str, act: Act) -> AuditEntry:
    return AuditEntry(
        n=n,
        at=at,
        actor=act.actor,
        role=act.role,
        address=act.address,
        action=act.action,
        subject=act.subject,
        outcome=act.outcome,
        area=act.area,
        version=act.version,
        before=act.before,
        after=act.after,
        detail=act.detail,
    )


def _overlap(touched: set[tuple[str, str | None]], taken: set[object]) -> bool:
    """`taken` holds fields, and their keys besides."""
    return any(
        (key, name) in taken or (key, None) in taken or (name is None and key in taken)
        for key, name in touched
    )


def _without(group: list[_Wish], failed: list[list[Any]]) -> list[_Wish]:
    """Tell those that failed why; the rest."""
    out = set()
    for position, check, answer in failed:
        wish = group[position - 1]
        out.add(position - 1)
        if check == 0:
            _tell(wish, AlreadyDone(answer))
        else:
            _tell(wish, Conflict(wish.act.subject, wish.act.checks[check - 1].key))
    return [wish for i, wish in enumerate(group) if i not in out]


def _succeed(wish: _Wish, entry: AuditEntry) -> None:
    if not wish.done.done():
        wish.done.set_result(entry)


def _fail(group: Sequence[_Wish], error: Exception) -> None:
    for wish in group:
        _tell(wish, error)


def _tell(wish: _Wish, error: Exception) -> None:
    if not wish.done.done():
        wish.done.set_exception(error)
        wish.done.exception()  # its caller may have left: nobody else will ask


def _as_it_is(answer: Any, **_: Any) -> Any:
    return answer


@contextmanager
def _readable() -> Iterator[None]:
    try:
        with reported():
            yield
    except (ResponseError, msgspec.DecodeError, KeyError, ValueError) as error:
        raise AuditBroken(f"it cannot be read: {error!r}") from error
