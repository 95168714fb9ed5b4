"""A source's side of the intake: numbered batches, sent until acknowledged, a bounded buffer."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from dashboard.clock import Clock, to_ms

log = logging.getLogger(__name__)

PATH = "/feeds/events"
ANSWER_WAIT_S = 30.0
LONGEST_EXPONENT = 16

Event = Mapping[str, Any]
_encode = msgspec.json.Encoder().encode


class Rejection(msgspec.Struct, frozen=True):
    """What the intake says of one event it refused."""

    index: int
    field: str
    reason: str
    id: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    """What the intake says of a batch it refused as a whole."""

    field: str = ""
    reason: str = ""


class Answer(msgspec.Struct, frozen=True):
    """Acknowledgement of a batch: the store has it."""

    accepted: int
    duplicate: bool
    rejected: tuple[Rejection, ...] = ()


_decode_answer = msgspec.json.Decoder(Answer).decode
_decode_refusal = msgspec.json.Decoder(Refusal).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Bounds of a sender: events, bytes, seconds."""

    buffer_events: int = 20_000
    batch_events: int = 500
    batch_bytes: int = 1_000_000
    linger_s: float = 0.2  # wait this long for company before a small batch leaves
    first_pause_s: float = 0.25
    longest_pause_s: float = 15.0


@dataclass(slots=True)
class Counts:
    """Events since the start. `sent`: answered for good; of these the intake had some already.

    `dropped`: given up unsent, because the buffer was full.
    """

    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    dropped: int = 0


def create_client() -> httpx.AsyncClient:
    """A client for a gateway on the own network: no proxy from the environment stands between."""
    return httpx.AsyncClient(trust_env=False, timeout=ANSWER_WAIT_S)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a feed is sent to, and the token that opens it; `name` is for our own log."""

    url: str
    token: str
    name: str = "feed"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}


class Sender:
    """Delivers one feed's events in order, each at least once; the intake makes that exactly once.

    `on_rejected` is told of every event the intake refused for good; without it the log is.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        door: Door,
        clock: Clock,
        pace: Pace | None = None,
        on_rejected: Callable[[Rejection], None] | None = None,
    ) -> None:
        self.counts = Counts()
        self._client = client
        self._door = door
        self._clock = clock
        self._pace = pace or Pace()
        self._on_rejected = on_rejected
        self._waiting: deque[bytes] = deque()
        self._n_in_flight = 0
        self._trouble = ""
        self._sequence = clock.now_ms()  # above every number an earlier run has used
        self._filled, self._room, self._idle, self._open = (asyncio.Event() for _ in range(4))
        self._room.set()
        self._idle.set()
        self._open.set()

    def offer(self, event: Event) -> None:
        """Never waits: when the buffer is full the oldest event is dropped and counted."""
        if len(self._waiting) >= self._pace.buffer_events:
            self._waiting.popleft()
            self.counts.dropped += 1
        self._append(event)

    async def put(self, event: Event) -> None:
        """Waits for room in the buffer; nothing is dropped."""
        while len(self._waiting) >= self._pace.buffer_events:
            self._room.clear()
            await self._room.wait()
        self._append(event)

    def hold(self) -> None:
        """Fall silent: keep what comes, send nothing."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    @property
    def is_held(self) -> bool:
        return not self._open.is_set()

    async def drained(self) -> None:
        """Until all that was given is answered."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send, for ever."""
        while True:
            await self._filled.wait()
            await self._open.wait()
            if len(self._waiting) < self._pace.batch_events:
                await asyncio.sleep(self._pace.linger_s)
            await self._deliver(self._take())

    def _append(self, event: Event) -> None:
        self._waiting.append(_encode(event))
        self._filled.set()
        self._idle.clear()

    def _take(self) -> list[bytes]:
        """The oldest events, at least one, within the bounds of a batch."""
        batch: list[bytes] = []
        n_bytes = 0
        while self._waiting and len(batch) < self._pace.batch_events:
            n_bytes += len(self._waiting[0])
            if batch and n_bytes > self._pace.batch_bytes:
                break
            batch.append(self._waiting.popleft())
        self._n_in_flight = len(batch)
        self._room.set()
        if not self._waiting:
            self._filled.clear()
        return batch

    async def _deliver(self, batch: Sequence[bytes]) -> None:
        """Until the batch is answered for good; it keeps its number however often it is sent."""
        self._sequence += 1
        body = _body(batch, self._sequence)
        attempt = 0
        while True:
            response = await self._post(body)
            if response is not None:
                if response.status_code == httpx.codes.OK and self._acknowledged(response):
                    break
                if response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
                    return await self._split(batch, response)
                if _is_about_number(response):
                    body = _body(batch)  # older than the intake remembers; the ids protect
                elif response.status_code in _REFUSALS:
                    self._refused(batch, response)
                    break
            await asyncio.sleep(self._pause_s(attempt, response))
            attempt += 1
        self._settle(len(batch))

    async def _post(self, body: bytes) -> httpx.Response | None:
        """The answer; None when there was none."""
        try:
            response = await self._client.post(
                self._door.url + PATH, content=body, headers=self._door.headers
            )
        except httpx.TransportError as error:
            self._note(f"the intake does not answer: {error!r}")
            return None
        if response.status_code != httpx.codes.OK:
            self._note(f"the intake says {response.status_code}: {response.text[:200]}")
        return response

    def _note(self, trouble: str) -> None:
        """Once for each kind of trouble, however often it is met; empty when it is over."""
        if trouble != self._trouble:
            log.warning("%s: %s", self._door.name, trouble or "the intake answers again")
            self._trouble = trouble

    async def _split(self, batch: Sequence[bytes], response: httpx.Response) -> None:
        """Halve what is too large; a single event that is too large can only be given up."""
        if len(batch) == 1:
            self._refused(batch, response)
            self._settle(1)
            return
        middle = len(batch) // 2
        await self._deliver(batch[:middle])
        await self._deliver(batch[middle:])

    def _acknowledged(self, response: httpx.Response) -> bool:
        """False when something else than the intake answered."""
        try:
            answer = _decode_answer(response.content)
        except msgspec.DecodeError:
            self._note(f"not an answer of the intake: {response.text[:200]}")
            return False
        self._note("")
        self.counts.accepted += answer.accepted
        self._reject(answer.rejected)
        return True

    def _refused(self, batch: Sequence[bytes], response: httpx.Response) -> None:
        """The whole batch, for a reason that sending it again does not change."""
        reason = f"{response.status_code}: {response.text[:200]}"
        self._reject([Rejection(i, "", reason, _id_of(event)) for i, event in enumerate(batch)])

    def _reject(self, rejections: Sequence[Rejection]) -> None:
        self.counts.rejected += len(rejections)
        if self._on_rejected is not None:
            for rejection in rejections:
                self._on_rejected(rejection)
        elif rejections:
            name, first = self._door.name, rejections[0]
            shown = f"{first.id}: {first.field} {first.reason}"
            log.warning("%s: %d events refused, the first %s", name, len(rejections), shown)

    def _settle(self, n_events: int) -> None:
        self.counts.sent += n_events
        self._n_in_flight -= n_events
        if not self._waiting and not self._n_in_flight:
            self._idle.set()

    def _pause_s(self, attempt: int, response: httpx.Response | None) -> float:
        """Growing and jittered, so that many sources do not come back at one instant; never before
        the time that the intake named."""
        pause_s = self._pace.first_pause_s * 2.0 ** min(attempt, LONGEST_EXPONENT)
        pause_s = min(pause_s, self._pace.longest_pause_s)
        spread_s = pause_s * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, hides nothing
        asked_s = 0.0 if response is None else self._retry_after_s(response)
        return asked_s + spread_s if asked_s else spread_s

    def _retry_after_s(self, response: httpx.Response) -> float:
        """Seconds or an HTTP date (RFC 9110, 10.2.3); 0 where there is none that can be read."""
        text = response.headers.get("Retry-After", "").strip()
        try:
            return max(0.0, float(text))
        except ValueError:
            pass
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (to_ms(moment) - self._clock.now_ms()) / 1000)


_REFUSALS = frozenset(
    {httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN, httpx.codes.UNPROCESSABLE_ENTITY}
)


def _body(batch: Sequence[bytes], sequence: int | None = None) -> bytes:
    events = b",".join(batch)
    if sequence is None:
        return b'{"events":[%b]}' % events
    return b'{"sequence":%d,"events":[%b]}' % (sequence, events)


def _is_about_number(response: httpx.Response) -> bool:
    if response.status_code != httpx.codes.UNPROCESSABLE_ENTITY:
        return False
    try:
        return _decode_refusal(response.content).field == "sequence"
    except msgspec.DecodeError:
        return False


def _id_of(event: bytes) -> str | None:
    decoded = msgspec.json.decode(event)
    return str(decoded["id"]) if "id" in decoded else None
