"""Alerts in the store: a round of the rules is written with the delta that tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import numpy as np
from redis.asyncio import Redis

from dashboard.domain.alert_engine import Memory
from dashboard.domain.alert_rules import Rule
from dashboard.domain.alert_signals import RateMemory
from dashboard.domain.alerts import Alert, AlertNews, Mute
from dashboard.domain.signal_history import Frame
from dashboard.errors import StateUnreadable
from dashboard.store import keys
from dashboard.store.alert_log import encode_news
from dashboard.store.client import reported

START = "0-0"


class StoredRates(msgspec.Struct, frozen=True, array_like=True):
    """A RateMemory: float32 arrays as bytes, `rates` with so many columns as `grids`."""

    minute: int
    grids: int
    rates: bytes
    reference: bytes


@dataclass(slots=True)
class Round:
    """What one round of the rules changed. `acted`: position of the last officer's act in it.

    `memory` and `rates` are None when they are not to be written this time.
    """

    changed: list[Alert] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    news: list[AlertNews] = field(default_factory=list)
    mutes: Mapping[str, Mute] = field(default_factory=dict)
    n: int = 0
    acted: str = START
    judged_ms: int = 0
    memory: Memory | None = None
    rates: Mapping[str, RateMemory] | None = None
    history: Frame | None = None  # of the minute that ended

    @property
    def tells(self) -> bool:
        """Whether anything of it must not be lost: then no act may have come before it."""
        return bool(self.changed or self.gone or self.news)


@dataclass(slots=True)
class LoadedAlerts:
    """Where the rules go on."""

    alerts: list[Alert] = field(default_factory=list)
    mutes: dict[str, Mute] = field(default_factory=dict)
    n: int = 0
    acted: str = START
    memory: Memory = field(default_factory=Memory)
    rates: dict[str, RateMemory] = field(default_factory=dict)


_encode = msgspec.msgpack.Encoder().encode
_alert = msgspec.msgpack.Decoder(Alert)
_mutes = msgspec.msgpack.Decoder(dict[str, Mute])
_memory = msgspec.msgpack.Decoder(Memory)
_rates = msgspec.msgpack.Decoder(dict[str, StoredRates])
_rule = msgspec.json.Decoder(Rule)
_frame = msgspec.msgpack.Decoder(Frame)


def decode_alerts(rows: list[bytes]) -> list[Alert]:
    """Raises msgspec.DecodeError."""
    return [_alert.decode(row) for row in rows]


def decode_mutes(body: bytes | None) -> dict[str, Mute]:
    """Raises msgspec.DecodeError."""
    return _mutes.decode(body) if body else {}


def queue_round(pipe: Any, rules: Round) -> None:
    """Queue the round's writes into a transaction."""
    if rules.changed:
        pipe.hset(keys.ALERTS, mapping={a.id: _encode(a) for a in rules.changed})
        pipe.hset(keys.ALERT_HEADS, mapping={a.id: a.head for a in rules.changed})
    if rules.gone:
        pipe.hdel(keys.ALERTS, *rules.gone)
        pipe.hdel(keys.ALERT_HEADS, *rules.gone)
    if rules.news:
        maxlen = keys.ALERT_LOG_MAXLEN
        pipe.xadd(keys.ALERT_LOG, {"n": encode_news(rules.news)}, maxlen=maxlen, approximate=True)
    state: dict[str, Any] = {"n": rules.n, "acted": rules.acted, "mutes": _encode(rules.mutes)}
    if rules.memory is not None:
        state["memory"] = _encode(rules.memory)
    if rules.rates is not None:
        state["rates"] = _encode({name: _stored(held) for name, held in rules.rates.items()})
    pipe.hset(keys.ALERT_STATE, mapping=state)
    if rules.history is not None:
        frame, maxlen = {"f": _encode(rules.history)}, keys.ALERT_HISTORY_MAXLEN
        pipe.xadd(keys.ALERT_HISTORY, frame, maxlen=maxlen, approximate=True)


class AlertStore:
    """Reads alerts and rules."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def load(self) -> LoadedAlerts:
        """Raises StoreAway, StateUnreadable."""
        with reported():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hvals(keys.ALERTS)
                pipe.hgetall(keys.ALERT_STATE)
                rows, state = await pipe.execute()
        try:
            return LoadedAlerts(
                decode_alerts(rows),
                decode_mutes(state.get(b"mutes")),
                int(state.get(b"n", 0)),
                state.get(b"acted", START.encode()).decode(),
                _memory.decode(state[b"memory"]) if b"memory" in state else Memory(),
                _read_rates(state.get(b"rates")),
            )
        except (msgspec.DecodeError, ValueError) as error:
            raise StateUnreadable(f"alerts: {error!r}") from error

    async def changed_rules(self) -> dict[str, Rule]:
        """Rules that differ from the pack's, as they were written last.

        Raises StoreAway, StateUnreadable.
        """
        with reported():
            rows = cast("dict[bytes, bytes]", await self._redis.hgetall(keys.ALERT_RULES))
        try:
            return {name.decode(): _rule.decode(row) for name, row in rows.items()}
        except msgspec.DecodeError as error:
            raise StateUnreadable(f"alert rules: {error!r}") from error

    async def history(self) -> list[Frame]:
        """The minutes of the last week, oldest first. Raises StoreAway, StateUnreadable."""
        with reported():
            entries = cast("list[Any]", await self._redis.xrange(keys.ALERT_HISTORY))
        try:
            return [_frame.decode(fields[b"f"]) for _, fields in entries]
        except msgspec.DecodeError as error:
            raise StateUnreadable(f"history of the alerts: {error!r}") from error

    async def trim_log(self, now_ms: int) -> None:
        """Let go of what is older than a trial of a rule looks at. Raises StoreAway."""
        with reported():
            await self._redis.xtrim(
                keys.ALERT_LOG, minid=f"{now_ms - keys.ALERT_LOG_MS}-0", approximate=True
            )


def _stored(held: RateMemory) -> StoredRates:
    grids = held.rates.shape[1]
    return StoredRates(held.minute, grids, held.rates.tobytes(), held.reference.tobytes())


def _read_rates(body: bytes | None) -> dict[str, RateMemory]:
    found = {}
    for name, held in (_rates.decode(body) if body else {}).items():
        rates = np.frombuffer(held.rates, np.float32).reshape(-1, held.grids)
        reference = np.frombuffer(held.reference, np.float32)
        found[name] = RateMemory(held.minute, rates.copy(), reference.copy())
    return found
