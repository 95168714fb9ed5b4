"""Slows who guesses: attempts are counted before they are made, by name and by address."""

import hashlib
from typing import cast

from redis.asyncio import Redis

from dashboard.clock import Clock
from dashboard.store import keys
from dashboard.store.client import reported

FREE = 5  # attempts before the next has to wait
FIRST_WAIT_MS = 60_000  # doubled by each further one
LONGEST_WAIT_MS = 600_000
FORGOTTEN_MS = 900_000  # after the last attempt, or the end of the wait

# Counting and looking are one step, so that many attempts at once are no way around the limit.
_TAKE = """
local now, wait = tonumber(ARGV[1]), 0
for _, key in ipairs(KEYS) do
  local till = tonumber(redis.call('HGET', key, 'until_ms') or '0')
  if till - now > wait then wait = till - now end
end
if wait > 0 then return {0, wait} end
local most = 0
for _, key in ipairs(KEYS) do
  local n = redis.call('HINCRBY', key, 'n', 1)
  if n > most then most = n end
  local pause = 0
  if n >= tonumber(ARGV[2]) then
    pause = math.min(tonumber(ARGV[3]) * 2 ^ (n - tonumber(ARGV[2])), tonumber(ARGV[4]))
    redis.call('HSET', key, 'until_ms', string.format('%.0f', now + pause))
  end
  redis.call('PEXPIRE', key, string.format('%.0f', pause + tonumber(ARGV[5])))
end
return {most, 0}
"""
# A right password forgives its name; of its address only this attempt, else an owner of one
# account could guess at others for ever.
_FORGIVE = """
redis.call('DEL', KEYS[1])
if redis.call('HINCRBY', KEYS[2], 'n', -1) <= 0 then redis.call('DEL', KEYS[2])
else redis.call('HDEL', KEYS[2], 'until_ms') end
"""


class Attempts:
    """Counts in the store, so that a restart or another process forgets nothing."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    async def take(self, name: str, address: str) -> tuple[int, float]:
        """(attempts left after this one, 0), or (0, seconds to wait) and it may not be made.

        Raises StoreAway.
        """
        arguments = (self._clock.now_ms(), FREE, FIRST_WAIT_MS, LONGEST_WAIT_MS, FORGOTTEN_MS)
        with reported():
            made, wait_ms = cast(
                "list[int]", await self._redis.eval(_TAKE, 2, *_keys(name, address), *arguments)
            )
        return 0 if wait_ms else max(0, FREE - made), wait_ms / 1000

    async def forgive(self, name: str, address: str) -> None:
        """The attempt succeeded. Raises StoreAway."""
        with reported():
            await self._redis.eval(_FORGIVE, 2, *_keys(name, address))


def _keys(name: str, address: str) -> tuple[str, str]:
    """A name that was typed may be a password in the wrong field: only its hash is kept."""
    return keys.attempts(_hashed(f"name {name.lower()}")), keys.attempts(_hashed(f"at {address}"))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
