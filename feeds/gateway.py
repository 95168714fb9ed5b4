"""The front door for feeds: HTTP and WebSocket intake, durable answers, bounded memory."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response, WebSocket, WebSocketDisconnect
from redis.asyncio import Redis

from dashboard.clock import Clock, iso, local_day
from dashboard.config import Settings
from dashboard.domain.areas import Region
from dashboard.domain.events import encode_chunk
from dashboard.domain.feeds import Feed
from dashboard.domain.incident_classes import Classes
from dashboard.errors import SequenceTooOld, StoreAway, StoreFull
from dashboard.store.feeds import FeedStore
from dashboard.store.streams import Appended, Batch, EventStream
from feeds import answers
from feeds.decoding import (
    BatchRefused,
    BatchTooLarge,
    Prepared,
    decode,
    identities_to_look_up,
    touched_incidents,
)
from feeds.intake import Intake
from feeds.limits import Buckets, Turnstile
from feeds.places import Known
from feeds.sockets import MeasuredSocket, sockets_through

log = logging.getLogger(__name__)

TOKEN_CACHE_MS = 1_000  # a revoked token works no longer than this
TOKENS_CACHED = 1_000
SIZE_CHECK_MS = 1_000
APPEND_ATTEMPTS = 8
RETRY_AWAY_S = 2
RETRY_FULL_S = 10
BODY_WAIT_S = 30.0  # a caller that stalls must not keep others out of the memory set aside
SOCKETS_MAX = 64  # what one read of each brings, 256 KiB, is held before it is counted

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, the same over HTTP and WebSocket but for where the status stands."""

    status: int
    body: dict[str, Any]
    retry_after_s: int | None = None

    def json(self) -> bytes:
        return _encoder.encode(self.body)


class Gateway:
    """Checks the token, the limits and each event, and answers when the store has the batch."""

    def __init__(
        self, settings: Settings, region: Region, classes: Classes, redis: Redis, clock: Clock
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._feeds = FeedStore(redis)
        self._events = EventStream(redis)
        self._intake = Intake(region, classes)
        self._turnstile = Turnstile(settings.intake_memory_bytes)
        self.sockets: type[MeasuredSocket] = sockets_through(self._turnstile)  # uvicorn's `ws`
        self._buckets = Buckets(settings.feed_rate_per_s)
        self._known_tokens: dict[str, tuple[int, Feed | None]] = {}
        self._size_checked_ms = 0
        self._is_full = False
        self._n_sockets = 0

    async def feed_of(self, authorization: str | None) -> Feed | None:
        """The feed a header such as `Bearer omf_...` speaks for. Raises StoreAway."""
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > 200:
            return None
        now_ms = self._clock.now_ms()
        held = self._known_tokens.get(token)
        if held is not None and now_ms - held[0] < TOKEN_CACHE_MS:
            return held[1]
        feed = await self._feeds.find_by_token(token)
        if len(self._known_tokens) >= TOKENS_CACHED:
            self._known_tokens.clear()
        self._known_tokens[token] = (now_ms, feed)
        return feed

    @contextlib.asynccontextmanager
    async def room_for(self, n_bytes: int) -> AsyncIterator[bool]:
        """False when the bodies in work already fill the memory set aside for them."""
        entered = self._turnstile.enter(n_bytes)
        try:
            yield entered
        finally:
            if entered:
                self._turnstile.leave(n_bytes)

    async def take(self, feed: Feed, body: bytes) -> Answer:
        """Store one batch and answer for each of its events."""
        now_ms, settings = self._clock.now_ms(), self._settings
        try:
            prepared, decoded = decode(body, settings.max_batch_events, settings.max_event_bytes)
            wait_s = self._buckets.wait_s(feed.name, prepared.n_events, now_ms)
            if wait_s:
                return _retry(429, f"more than {settings.feed_rate_per_s} events a second", wait_s)
            if await self._store_is_full(now_ms):
                return _retry(503, "the store holds as many unread events as it may", RETRY_FULL_S)
            known = await self._look_up(*identities_to_look_up(decoded))
            prepared = self._intake.prepare(prepared, decoded, known, feed.area, now_ms)
            if prepared.n_events and prepared.n_elsewhere == prepared.n_events:
                await self._note_elsewhere(feed, prepared, now_ms)
                return _all_elsewhere(prepared)
            return _accepted(prepared, await self._append(feed, prepared, now_ms))
        except (BatchRefused, SequenceTooOld, StoreFull, StoreAway) as error:
            return _failure(error)

    async def _store_is_full(self, now_ms: int) -> bool:
        if now_ms - self._size_checked_ms >= SIZE_CHECK_MS:
            self._size_checked_ms = now_ms
            self._is_full = await self._events.size_bytes() >= self._settings.store_max_bytes
        return self._is_full

    async def _look_up(self, cameras: set[str], incidents: set[str]) -> Known:
        if not cameras and not incidents:
            return Known({}, {})
        return Known(*await self._events.places(sorted(cameras), sorted(incidents)))

    async def _append(self, feed: Feed, prepared: Prepared, now_ms: int) -> Appended:
        """Append what is fresh: the store names ids seen before, the rest comes again."""
        for _ in range(APPEND_ATTEMPTS):
            appended = await self._events.append(_batch(feed, prepared, now_ms))
            if not appended.repeated:
                return appended
            prepared.drop(frozenset(appended.repeated))
        raise StoreAway("the same events keep arriving from elsewhere; try again")

    async def _note_elsewhere(self, feed: Feed, prepared: Prepared, now_ms: int) -> None:
        """Keep what was refused; the batch's number stays free, to be sent again when mended."""
        await self._events.append(replace(_batch(feed, prepared, now_ms), sequence=None))

    async def http(self, request: Request) -> Response:
        """POST /feeds/events"""
        return _response(await self._answer_http(request))

    async def _answer_http(self, request: Request) -> Answer:
        try:
            feed = await self.feed_of(request.headers.get("authorization"))
        except StoreAway as error:
            return _retry(503, str(error), RETRY_AWAY_S)
        if feed is None:
            return _unauthorized()
        limit = self._settings.max_batch_bytes
        declared = request.headers.get("content-length", "")
        expected = int(declared) if declared.isdecimal() else limit
        if expected > limit:
            return _refusal(413, "", f"{expected} bytes; expected at most {limit}")
        async with self.room_for(expected) as entered:
            if not entered:
                return _retry(503, "as many batches are in work as memory is set aside for", 1)
            body = await _read(request, limit)
            return body if isinstance(body, Answer) else await self.take(feed, body)

    async def websocket(self, socket: WebSocket) -> None:
        """WS /feeds/ws: one answer a frame, in order; only then the next frame is read.

        A frame waits for room in the memory set aside (see `sockets`) before it comes here.
        """
        try:
            known = await self.feed_of(socket.headers.get("authorization")) is not None
        except StoreAway as error:
            await socket.send_denial_response(_response(_retry(503, str(error), RETRY_AWAY_S)))
            return
        if not known:
            await socket.send_denial_response(_response(_unauthorized()))
            return
        if self._n_sockets >= SOCKETS_MAX:
            full = _retry(503, f"{SOCKETS_MAX} sockets are open; use POST", RETRY_FULL_S)
            await socket.send_denial_response(_response(full))
            return
        self._n_sockets += 1
        try:
            await self._serve(socket)
        finally:
            self._n_sockets -= 1

    async def _serve(self, socket: WebSocket) -> None:
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                answer = await self._answer_frame(socket, message)
                body = {**answer.body, "status": answer.status}
                if answer.retry_after_s is not None:
                    body["retry_after_s"] = answer.retry_after_s
                await socket.send_bytes(_encoder.encode(body)) if message.get(
                    "bytes"
                ) else await socket.send_text(_encoder.encode(body).decode())

    async def _answer_frame(self, socket: WebSocket, message: Any) -> Answer:
        body = message.get("bytes") or (message.get("text") or "").encode()
        try:
            feed = await self.feed_of(socket.headers.get("authorization"))
        except StoreAway as error:
            return _retry(503, str(error), RETRY_AWAY_S)
        if feed is None:
            return _unauthorized()
        if len(body) > self._settings.max_batch_bytes:
            return _refusal(
                413, "", f"{len(body)} bytes; expected at most {self._settings.max_batch_bytes}"
            )
        return await self.take(feed, body)

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route(
            "/feeds/events",
            self.http,
            methods=["POST"],
            summary="Report a batch of events",
            response_class=Response,
            dependencies=answers.FEED,
            openapi_extra=answers.BATCH,
            responses=answers.STATUSES,
        )
        router.add_api_websocket_route("/feeds/ws", self.websocket)
        return router


def _response(answer: Answer) -> Response:
    headers = {} if answer.retry_after_s is None else {"Retry-After": str(answer.retry_after_s)}
    if answer.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(answer.json(), answer.status, headers, "application/json")


async def _read(request: Request, limit: int) -> bytes | Answer:
    """The body, or why there is none; never more than the limit is held."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    return _refusal(413, "", f"expected at most {limit} bytes")
                parts.append(part)
    except TimeoutError:
        return _refusal(408, "", f"the body was not there within {BODY_WAIT_S:.0f} s")
    return b"".join(parts)


def _batch(feed: Feed, prepared: Prepared, now_ms: int) -> Batch:
    rejected = prepared.rejections
    note = {
        "feed": feed.name,
        "at": iso(now_ms),
        "sequence": prepared.sequence,
        "rejected": _rejected(prepared),
    }
    return Batch(
        feed=feed.name,
        received_ms=now_ms,
        day=local_day(now_ms),
        sequence=prepared.sequence,
        chunk=encode_chunk(feed.name, now_ms, prepared.events) if prepared.events else None,
        identities=prepared.identities,
        cameras=prepared.cameras,
        incidents=prepared.incidents,
        rejected=_encoder.encode(note) if rejected else b"",
        n_rejected=len(rejected),
        n_private=prepared.n_private,
        touched=touched_incidents(prepared.events),
    )


def _rejected(prepared: Prepared) -> list[dict[str, Any]]:
    return [asdict(rejection) for rejection in prepared.rejections]


def _accepted(prepared: Prepared, appended: Appended) -> Answer:
    return Answer(
        200,
        {
            "accepted": appended.accepted,
            "duplicate": appended.duplicate,
            "sequence": prepared.sequence,
            "repeated": prepared.n_repeated,
            "dropped_private": prepared.n_private,
            "rejected": _rejected(prepared),
        },
    )


def _all_elsewhere(prepared: Prepared) -> Answer:
    body = {"accepted": 0, "field": "area", "reason": "every event lies outside the feed's area"}
    return Answer(403, {**body, "rejected": _rejected(prepared)})


def _failure(error: Exception) -> Answer:
    """Nothing of the batch was stored: what was wrong with it, or when to come again."""
    match error:
        case BatchRefused():
            status = 413 if isinstance(error, BatchTooLarge) else 422
            return _refusal(status, error.field, error.reason)
        case SequenceTooOld():
            return _refusal(422, "sequence", str(error))
        case StoreFull():
            return _retry(503, str(error), RETRY_FULL_S)
        case _:
            return _retry(503, str(error), RETRY_AWAY_S)


def _refusal(status: int, field: str, reason: str) -> Answer:
    return Answer(
        status, {"accepted": 0, "index": None, "field": field, "reason": reason, "rejected": []}
    )


def _retry(status: int, reason: str, wait_s: float) -> Answer:
    seconds = max(1, round(wait_s))
    return Answer(status, {"accepted": 0, "field": "", "reason": reason, "rejected": []}, seconds)


def _unauthorized() -> Answer:
    return _refusal(
        401, "authorization", "no or unknown token; expected 'Authorization: Bearer <feed token>'"
    )


def create_gateway(
    settings: Settings, region: Region, classes: Classes, redis: Redis, clock: Clock
) -> Gateway:
    gc.freeze()  # what the program is made of stays: walking it again would delay answers
    return Gateway(settings, region, classes, redis, clock)
