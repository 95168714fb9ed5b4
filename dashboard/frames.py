"""The server's side of a WebSocket, with a short way for frames that go to very many browsers."""

import asyncio
from typing import Any, cast

from starlette.types import Scope
from starlette.websockets import WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

EXTENSION = "onemap.frames"


def text_frame(text: bytes) -> bytes:
    """UTF-8 text as it goes over the wire; made once, however many browsers it is for."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol that also takes finished frames; an application finds it in its scope.

    A frame sent as an ASGI message costs as much again as writing it to the socket does: a
    coroutine, an encoding, a header. Extensions such as compression must be off.
    """

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:  # else it was turned away
            extensions = cast("dict[str, Any]", self.scope["extensions"])
            extensions[EXTENSION] = self

    def write_frame(self, frame: bytes) -> bool:
        """Write it if the socket has room for it at once, and is still there."""
        if not self.writable.is_set() or self._is_gone():
            return False
        self.transport.write(frame)
        return True

    async def room(self) -> None:
        """Wait until the socket takes more. Raises WebSocketDisconnect when it never will."""
        await self.writable.wait()
        if self._is_gone():
            raise WebSocketDisconnect

    def drop(self) -> None:
        """End it without waiting for what it never read: a mere close would wait for that."""
        self.transport.abort()

    def _is_gone(self) -> bool:
        return self.disconnected or self.close_sent or self.transport.is_closing()


def frames_of(scope: Scope) -> FrameProtocol:
    """The connection of an accepted WebSocket."""
    return cast("FrameProtocol", scope["extensions"][EXTENSION])


def with_frames(sockets: type[asyncio.Protocol]) -> type[FrameProtocol]:
    """Sockets of another making, that take finished frames besides."""
    return type("Socket", (sockets, FrameProtocol), {})
