"""The events stream: one atomic step that appends a batch once; ordered reading for the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from dashboard.domain.events import Chunk, Spot, decode_chunk
from dashboard.errors import SequenceTooOld
from dashboard.store import keys
from dashboard.store.client import entries_of, reported

# One server-side step, so that a retry, a race or a crash in between can neither lose nor double
# a batch: the producer's number and the event ids are checked, and only then the chunk, its ids,
# its places and its counts are written together; of two places of one thing the newer holds. When
# some ids were seen before nothing is written and their positions are answered; the caller takes
# those events out and comes again.
_APPEND = """
local function is_newer(told, held)
  local told_ms, told_grid = string.match(told, '^(%d+) (.*)$')
  local held_ms, held_grid = string.match(held or '', '^(%d+) (.*)$')
  if not held_ms then return true end
  told_ms, held_ms = tonumber(told_ms), tonumber(held_ms)
  return told_ms > held_ms or (told_ms == held_ms and told_grid > held_grid)
end
local seq = ARGV[1]
if seq ~= '' then
  local before = redis.call('HGET', KEYS[5], seq)
  if before then
    redis.call('HINCRBY', KEYS[6], ARGV[4] .. ':duplicates', 1)
    redis.call('HSET', KEYS[6], ARGV[4] .. ':last_ms', ARGV[5])
    return {'duplicate', tonumber(before)}
  end
  if redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[12]) then
    local oldest = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
    if tonumber(seq) < tonumber(oldest) then return {'old', tonumber(oldest)} end
  end
end
local ids = cmsgpack.unpack(ARGV[3])
local repeated = {}
for first = 1, #ids, 1000 do
  local last = math.min(first + 999, #ids)
  for _, key in ipairs({KEYS[2], KEYS[3]}) do
    local known = redis.call('SMISMEMBER', key, unpack(ids, first, last))
    for i = 1, #known do
      if known[i] == 1 then repeated[#repeated + 1] = first + i - 2 end
    end
  end
end
if #repeated > 0 then return {'repeated', repeated} end
for first = 1, #ids, 1000 do
  redis.call('SADD', KEYS[2], unpack(ids, first, math.min(first + 999, #ids)))
end
if #ids > 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[13])
  local position = redis.call('XADD', KEYS[1], '*', 'c', ARGV[2])
  for _, incident in ipairs(cmsgpack.unpack(ARGV[15])) do
    redis.call('HSET', KEYS[11], incident, position)
  end
end
if seq ~= '' then
  redis.call('ZADD', KEYS[4], seq, seq)
  redis.call('HSET', KEYS[5], seq, #ids)
  local excess = redis.call('ZCARD', KEYS[4]) - tonumber(ARGV[12])
  if excess > 0 then
    local gone = redis.call('ZPOPMIN', KEYS[4], excess)
    for i = 1, #gone, 2 do redis.call('HDEL', KEYS[5], gone[i]) end
  end
end
for index, key in ipairs({KEYS[8], KEYS[9]}) do
  local pairs_of = cmsgpack.unpack(ARGV[5 + index])
  for first = 1, #pairs_of, 1000 do
    local names, newer = {}, {}
    local last = math.min(first + 999, #pairs_of)
    for i = first, last, 2 do names[#names + 1] = pairs_of[i] end
    local held = redis.call('HMGET', key, unpack(names))
    for i = first, last, 2 do
      if is_newer(pairs_of[i + 1], held[(i - first) / 2 + 1]) then
        newer[#newer + 1] = pairs_of[i]
        newer[#newer + 1] = pairs_of[i + 1]
      end
    end
    if #newer > 0 then redis.call('HSET', key, unpack(newer)) end
  end
end
if ARGV[8] ~= '' then
  redis.call('XADD', KEYS[7], 'MAXLEN', '~', ARGV[14], '*', 'r', ARGV[8])
end
local name = ARGV[4]
redis.call('HINCRBY', KEYS[6], name .. ':accepted', #ids)
redis.call('HINCRBY', KEYS[6], name .. ':rejected', ARGV[9])
redis.call('HSET', KEYS[6], name .. ':last_ms', ARGV[5])
if ARGV[10] ~= '0' then
  redis.call('HINCRBY', KEYS[6], name .. ':private', ARGV[10])
  redis.call('HINCRBY', KEYS[10], ARGV[11], ARGV[10])
end
return {'appended', #ids}
"""

SPOTS_KEPT = 65_536

_packer = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a request comes to. `chunk` is None when no event is left; `rejected` JSON or empty."""

    feed: str
    received_ms: int
    day: str
    sequence: int | None
    chunk: bytes | None
    identities: list[str]
    cameras: dict[str, Spot]
    incidents: dict[str, Spot]
    rejected: bytes
    n_rejected: int
    n_private: int
    touched: Sequence[str] = ()  # incidents that the chunk tells of


@dataclass(frozen=True, slots=True)
class Appended:
    """`repeated`: positions whose ids had been seen; then nothing was written.

    `duplicate`: the whole batch had landed before, with `accepted` events.
    """

    accepted: int
    duplicate: bool = False
    repeated: tuple[int, ...] = ()


class EventStream:
    """Appends batches, reads them in order, trims what nobody needs any more."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._append = redis.register_script(_APPEND)

    async def append(self, batch: Batch) -> Appended:
        """One atomic step. Raises StoreAway, StoreFull or SequenceTooOld: nothing was written."""
        bucket = batch.received_ms // keys.SEEN_BUCKET_MS
        seen = f"{batch.feed}:{bucket}", f"{batch.feed}:{bucket - 1}"
        with reported():
            answer = cast(
                "list[Any]",
                await self._append(
                    keys=[
                        keys.EVENTS,
                        keys.seen(seen[0]),
                        keys.seen(seen[1]),
                        keys.sequences(batch.feed),
                        keys.sequence_counts(batch.feed),
                        keys.FEED_COUNTS,
                        keys.REJECTED,
                        keys.CAMERA_GRIDS,
                        keys.INCIDENT_GRIDS,
                        keys.PRIVATE_DAYS,
                        keys.INCIDENT_HEADS,
                    ],
                    args=_arguments(batch),
                ),
            )
        return _appended(answer, batch.sequence)

    async def places(
        self, cameras: list[str], incidents: list[str]
    ) -> tuple[dict[str, Spot | None], dict[str, Spot | None]]:
        """Where known cameras and incidents are; None for those never reported."""
        with reported():
            async with self._redis.pipeline(transaction=False) as pipe:
                for key, names in ((keys.CAMERA_GRIDS, cameras), (keys.INCIDENT_GRIDS, incidents)):
                    if names:
                        pipe.hmget(key, names)
                answers = cast("list[list[bytes | None]]", await pipe.execute())
        found: list[dict[str, Spot | None]] = []
        for names in (cameras, incidents):
            rows = answers.pop(0) if names else []
            found.append({name: _spot(row) for name, row in zip(names, rows, strict=True)})
        return found[0], found[1]

    async def read_after(
        self, position: str, max_chunks: int, block_ms: int
    ) -> list[tuple[str, Chunk]]:
        """Chunks after `position` with theirs; waits up to `block_ms` for the first."""
        with reported():
            answer = cast(
                "dict[bytes, Any]",
                await self._redis.xread({keys.EVENTS: position}, count=max_chunks, block=block_ms),
            )
        entries = entries_of(answer)
        positions = [(entry_id.decode(), fields[b"c"]) for entry_id, fields in entries]
        return [(position, decode_chunk(body, position)) for position, body in positions]

    async def size_bytes(self) -> int:
        """Memory the stream takes, estimated by the store from a sample."""
        with reported():
            return int(await self._redis.memory_usage(keys.EVENTS, samples=5) or 0)

    async def first_position(self) -> str | None:
        """Position of the oldest chunk that is still there."""
        with reported():
            first = cast("list[Any]", await self._redis.xrange(keys.EVENTS, count=1))
        return first[0][0].decode() if first else None

    async def trim(self, before: str) -> int:
        """Forget chunks before a position; the number forgotten."""
        with reported():
            return int(await self._redis.xtrim(keys.EVENTS, minid=before, approximate=True))

    async def rejected(self, n: int) -> list[bytes]:
        """The last refusals, newest first, each as JSON of one batch."""
        with reported():
            rows = cast("list[Any]", await self._redis.xrevrange(keys.REJECTED, count=n))
        return [fields[b"r"] for _, fields in rows]


def stream_order(position: str) -> tuple[int, int]:
    """A position such as `1795361991916-0` as numbers that compare."""
    moment, _, number = position.partition("-")
    return int(moment), int(number)


def _arguments(batch: Batch) -> list[bytes | str | int]:
    return [
        "" if batch.sequence is None else batch.sequence,
        batch.chunk or b"",
        _packer.encode(batch.identities),
        batch.feed,
        batch.received_ms,
        _packer.encode(_rows(batch.cameras)),
        _packer.encode(_rows(batch.incidents)),
        batch.rejected,
        batch.n_rejected,
        batch.n_private,
        batch.day,
        keys.SEQUENCES_KEPT,
        2 * keys.SEEN_BUCKET_MS,
        keys.REJECTED_MAXLEN,
        _packer.encode(batch.touched),
    ]


def _rows(spots: dict[str, Spot]) -> list[str]:
    """Names and values in turn, as the script takes them."""
    return [
        part for name, spot in spots.items() for part in (name, f"{spot.observed_ms} {spot.grid}")
    ]


@lru_cache(maxsize=SPOTS_KEPT)  # the same cameras report again and again
def _spot(row: bytes | None) -> Spot | None:
    if row is None:
        return None
    moment, _, grid = row.decode().partition(" ")
    return Spot(int(moment), grid)


def _appended(answer: list[Any], sequence: int | None) -> Appended:
    verdict, value = answer[0], answer[1]
    if verdict == b"old" and sequence is not None:
        raise SequenceTooOld(sequence, int(value))
    if verdict == b"repeated":
        return Appended(0, repeated=tuple(sorted(set(value))))
    return Appended(int(value), duplicate=verdict == b"duplicate")
