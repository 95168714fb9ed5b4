"""What surrounds the program in tests of its endurance: sources that repeat, a screen."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import msgspec
import websockets

PATIENCE_S = 0.1
COUNTED = ("cameras_total", "incidents_open", "checkins_last_hour")

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


def event_maker(name: str, grids: Sequence[str]) -> Iterator[dict]:
    """Cameras, incidents and check-ins without end, each one new, in turn through the grids."""
    for n in itertools.count():
        grid = grids[n * 7 % len(grids)]
        head = {"id": f"{name}-{n}", "area": grid, "time": datetime.now(UTC).isoformat()}
        kind = n % 5
        if kind < 2:
            data = {"camera": f"{name}-{n}", "name": "云溪路口", "ownership": "public", "site": ""}
            yield {**head, "type": "camera.registered", "data": data}
        elif kind < 4:
            data = {"staff": f"{name}-{n}", "role": "grid_worker", "activity": "patrol"}
            yield {**head, "type": "staff.checked_in", "data": data}
        else:
            data = {"incident": f"{name}-{n}", "class": "05-06", "title": "道路积水"}
            data |= {"channel": "collector", "priority": 3}
            yield {**head, "type": "incident.reported", "data": data}


METRIC_OF = {
    "camera.registered": "cameras_total",
    "staff.checked_in": "checkins_last_hour",
    "incident.reported": "incidents_open",
}


class Source:
    """Numbers its batches and sends each under its number until it is acknowledged.

    Every `drop_every`-th batch is sent once more before, by a caller that hangs up unanswered.
    """

    def __init__(self, name, url, token, grids, drop_every=0):
        self.name = name
        self.url = url
        self.token = token
        self.drop_every = drop_every
        self.offered = Counter()  # metric -> events handed over so far
        self.by_grid = Counter()  # (grid, metric) -> events
        self.acknowledged = 0  # batches
        self.unanswered = 0  # attempts
        self.sent_away = Counter()  # status -> attempts
        self._events = event_maker(name, grids)
        self._sequence = itertools.count(1)

    def batch(self, n_events):
        events = list(itertools.islice(self._events, n_events))
        for event in events:
            metric = METRIC_OF[event["type"]]
            self.offered[metric] += 1
            self.by_grid[event["area"], metric] += 1
        return next(self._sequence), events

    async def deliver(self, client, n_batches, n_events, at_once=4):
        """Until every batch is acknowledged."""
        waiting = iter(range(n_batches))

        async def work():
            for _ in waiting:
                await self._send(client, *self.batch(n_events))

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())

    async def _send(self, client, sequence, events):
        body = encode({"sequence": sequence, "events": events})
        if self.drop_every and sequence % self.drop_every == 0:
            with suppress(OSError):
                await self._hang_up(body)
        while (answer := await self._attempt(client, body)) is None:  # noqa: ASYNC110  # a backoff
            await asyncio.sleep(PATIENCE_S)
        assert (answer["accepted"], answer["rejected"]) == (len(events), []), answer
        self.acknowledged += 1

    async def _attempt(self, client, body):
        try:
            answer = await client.post(
                f"{self.url}/feeds/events",
                content=body,
                headers={"Authorization": f"Bearer {self.token}"},
            )
        except httpx.TransportError:
            self.unanswered += 1
            return None
        if answer.status_code == 200:
            return answer.json()
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        self.sent_away[answer.status_code] += 1
        return None

    async def _hang_up(self, body):
        place = urlsplit(self.url)
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        head = f"POST /feeds/events HTTP/1.1\r\nHost: {place.netloc}\r\n"
        head += f"Authorization: Bearer {self.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


class Screen:
    """A browser's side of `/live`: keeps what it is shown and comes back for ever."""

    def __init__(self, url, cookie, code):
        self._cookie = cookie
        self._url = url.replace("http", "ws", 1) + "/live"
        self._topic = f"area/{code}"
        self._sequence = None
        self._asked = False
        self.connections = 0
        self.gaps = 0
        self.metrics = {}
        self.shown = []  # (as_of, metrics) frame by frame

    async def run(self):
        while True:
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                async with self._connect() as socket:
                    self.connections += 1
                    await self._subscribe(socket, self._sequence)
                    async for text in socket:
                        await self._take(socket, decode(text))
            await asyncio.sleep(PATIENCE_S)

    def _connect(self):
        headers = {"Cookie": self._cookie}
        return websockets.connect(self._url, proxy=None, max_size=None, additional_headers=headers)

    async def _subscribe(self, socket, since):
        request = {"subscribe": self._topic}
        if since is not None:
            request["since"] = since
        await socket.send(encode(request).decode())

    async def _take(self, socket, frame):
        assert "error" not in frame, frame
        if "snapshot" in frame:
            self.metrics = dict(frame["snapshot"]["area"]["metrics"])
        elif frame["sequence"] != self._sequence + 1:
            self.gaps += 1
            await self._subscribe(socket, None)
            return
        else:
            code = self._topic.removeprefix("area/")
            change = frame["delta"].get("areas", {}).get(code, {})
            self.metrics = self.metrics | change.get("metrics", {})
        self._sequence = frame["sequence"]
        self.shown.append((frame["as_of"], self.metrics))
