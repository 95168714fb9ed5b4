"""How WebSockets take messages in: never more than there is memory set aside for."""

import asyncio
from collections import deque
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from feeds.limits import Turnstile

SMALL_BYTES = 4_096  # not counted: a screen that asks for numbers must not wait for feeds
MESSAGE_WAIT_S = 30.0  # a caller that stalls must not keep others out of the memory set aside


class MeasuredSocket(WebSocketsSansIOProtocol):
    """One connection: reads a message when it is asked for, a long one when there is room for it.

    A message counts at the turnstile until the next one is asked for. Uncounted is only what one
    read of the socket brings (256 KiB). uvicorn's own reads a whole message ahead, whatever
    `ws_max_queue` says, and logs an error for every refusal that is sent as an HTTP answer.
    """

    turnstile: Turnstile

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._coming = 0  # bytes counted for the message that is being read
        self._in_work = 0  # and for the one the application has
        self._lengths: deque[int] = deque()  # of the messages in the queue
        self._waiting: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None

    # ---- from the socket ---------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.read_paused or self._coming or not self._is_amid_message():
            return
        self._pause()
        if self.handshake_complete:  # else it is read on when the first message is asked for
            self._waiting = self.loop.create_task(self._read_on())

    def handle_cont(self, event: Frame) -> None:
        """Fragments are put together as they come: a million of them cost no more than one."""
        frames: list[Any] = self.frames
        if not isinstance(frames[0], bytearray):
            frames[0] = bytearray(frames[0])
        frames[0] += event.data
        if event.fin:
            self.send_receive_event_to_app()

    def send_receive_event_to_app(self) -> None:
        self._lengths.append(sum(map(len, self.frames)))
        self._stop_waiting()
        super().send_receive_event_to_app()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()
        self._let_go_of_the_coming()

    # ---- to and from the application ---------------------------------------------------------

    async def run_asgi(self) -> None:
        try:
            await super().run_asgi()
        finally:
            self._let_go()

    async def receive(self) -> Any:
        self._let_go()
        if self.queue.empty() and self._waiting is None:
            if self._is_amid_message() and not self._coming:  # it came along with the last one
                await self._read_on()
            else:
                self._resume()
        message = await self.queue.get()
        if message["type"] == "websocket.receive":
            await self._count(self._lengths.popleft())
        return message

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True  # by a refusal: uvicorn forgets to note it

    # ---- reading and counting ----------------------------------------------------------------

    def _is_amid_message(self) -> bool:
        return bool(self.frames or self.conn.reader.buffer)

    async def _read_on(self) -> None:
        """The length is not known before all is there, so the longest message is counted."""
        self._coming = await self.turnstile.wait(self.config.ws_max_size)
        self._waiting = None
        self._patience = self.loop.call_later(MESSAGE_WAIT_S, self._give_up)
        self._resume()

    async def _count(self, n_bytes: int) -> None:
        if not self._coming:
            if n_bytes > SMALL_BYTES:
                self._in_work = await self.turnstile.wait(n_bytes)
            return
        self._in_work = min(n_bytes, self._coming)
        excess, self._coming = self._coming - self._in_work, 0
        self.turnstile.leave(excess)

    def _let_go(self) -> None:
        n_bytes, self._in_work = self._in_work, 0
        self.turnstile.leave(n_bytes)

    def _let_go_of_the_coming(self) -> None:
        n_bytes, self._coming = self._coming, 0
        self.turnstile.leave(n_bytes)

    def _give_up(self) -> None:
        self._patience = None
        if self.close_sent or self.transport.is_closing():
            return
        reason = f"the message was not there within {MESSAGE_WAIT_S:.0f} s"
        self.conn.fail(CloseCode.POLICY_VIOLATION, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _pause(self) -> None:
        self.read_paused = True
        self.transport.pause_reading()

    def _resume(self) -> None:
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()


def sockets_through(turnstile: Turnstile) -> type[MeasuredSocket]:
    """The protocol to give to uvicorn as `ws`."""
    return type("Socket", (MeasuredSocket,), {"turnstile": turnstile})
