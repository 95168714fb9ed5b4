"""One browser's side of the live hub: what it looks at, and a bounded queue of what it is sent."""

import asyncio
from collections import deque
from typing import Protocol

from dashboard.domain.rights import Principal
from dashboard.frames import FrameProtocol

SEND_LIMIT_S = 5.0
QUEUED_FRAMES = 64


class Snapshots(Protocol):
    """Who begins a topic anew for a browser that could not follow."""

    def send_snapshot(self, client: "Client", name: str) -> None: ...


class Client:
    """One browser: a frame is written at once, or waits here until the socket has room."""

    def __init__(self, connection: FrameProtocol, principal: Principal) -> None:
        self._connection = connection
        self.principal = principal
        self.signed_out = asyncio.Event()
        self.topics: set[str] = set()
        self.is_screen = False
        self._frames: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._waits_since_s: float | None = None
        self.overrun = False

    def put(self, frame: bytes) -> None:
        """Write a frame, or queue it behind those that still wait for room.

        When the queue is full all of it is dropped; a snapshot will follow.
        """
        if not self._frames and not self.overrun and self._connection.write_frame(frame):
            return
        if len(self._frames) >= QUEUED_FRAMES:
            self._frames.clear()
            self.overrun = True
        if not self.overrun:
            self._frames.append(frame)
        self._wake.set()

    async def write(self, hub: Snapshots) -> None:
        """Write what is queued until the other side is gone; the hub watches how long it takes."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._frames or self.overrun:
                self._waits_since_s = asyncio.get_running_loop().time()
                await self._connection.room()
                self._waits_since_s = None
                if self.overrun:
                    self.overrun = False
                    for name in tuple(self.topics):
                        hub.send_snapshot(self, name)
                else:
                    self._connection.write_frame(self._frames.popleft())

    def drop_if_stuck(self, now_s: float) -> None:
        """End a connection that has had no room for SEND_LIMIT_S."""
        if self._waits_since_s is not None and now_s - self._waits_since_s > SEND_LIMIT_S:
            self._connection.drop()
