"""Plays a recorded day through the intake, at a chosen speed, as if it happened now."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from dashboard.clock import SHANGHAI, Clock, from_ms, iso, to_ms
from dashboard.errors import OneMapError
from feeds.sender import Door, Pace, Rejection, Sender, create_client

FOLDER = "recordings"  # in a region pack
KIND = "recorded"
PERIOD_S = 60
BEAT_S = PERIOD_S / 2
LINGER_S = 0.05
OUTSIDE = "outside the region: "  # how the intake begins the reason
PLACE = ("lon", "lat", "datum", "area")


class RecordingUnusable(OneMapError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"recording {path.name} cannot be played: {reason}")
        self.path = path


class Header(msgspec.Struct, frozen=True):
    """What the day is; `date` is in Shanghai."""

    recording: str
    date: str
    title: str
    title_en: str
    source: str


class Line(msgspec.Struct, frozen=True):
    """One recorded event and the moment it was published."""

    at: datetime
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded day; `lines` in the order of their times."""

    header: Header
    lines: tuple[Line, ...]

    @property
    def feed_name(self) -> str:
        return f"replay-{self.header.recording}"


def find(region: Path, name: str) -> Path:
    """The file of a recording in a region pack's folder. Raises RecordingUnusable."""
    path = region / FOLDER / f"{name}.jsonl"
    there = sorted((region / FOLDER).glob("*.jsonl"))
    if path not in there:
        names = ", ".join(found.stem for found in there) or "none"
        raise RecordingUnusable(path, f"the region pack has no such file; it has {names}")
    return path


def load(path: Path) -> Recording:
    """Raises RecordingUnusable."""
    try:
        first, *rest = path.read_bytes().splitlines()
        header = msgspec.json.decode(first, type=Header)
        lines = [msgspec.json.decode(line, type=Line) for line in rest if line.strip()]
        return Recording(header, tuple(sorted(lines, key=lambda line: line.at)))
    except (OSError, ValueError, TypeError) as error:  # a time without an offset cannot be sorted
        raise RecordingUnusable(path, str(error)) from error


@dataclass(slots=True)
class Outcome:
    """What became of a recording's records; one record is one incident, however often it moved.

    `outside` and `refused` hold a record's own name and title with the place or the reason.
    """

    n_records: int
    outside: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def n_accepted(self) -> int:
        return self.n_records - len(self.outside) - len(self.refused)

    def __str__(self) -> str:
        parts = [f"{self.n_accepted} accepted"]
        if self.outside:
            named = "; ".join(f"{name} {where}" for name, where in self.outside.items())
            parts.append(f"{len(self.outside)} outside the region: {named}")
        if self.refused:
            named = "; ".join(f"{name}: {reason}" for name, reason in self.refused.items())
            parts.append(f"{len(self.refused)} refused: {named}")
        return f"{self.n_records} records: {', '.join(parts)}"


async def play(door: Door, recording: Recording, speed: float, clock: Clock) -> Outcome:
    """Send it all, `speed` times as fast as it happened; returns when everything is answered."""
    run = _Run(recording, clock.now_ms(), speed)
    pace = Pace(linger_s=LINGER_S)
    async with create_client() as client:
        sender = Sender(client, door, clock, pace, run.note)
        delivering = asyncio.create_task(sender.run())
        beating = asyncio.create_task(_beat(sender, run, clock))
        try:
            for line in recording.lines:
                await asyncio.sleep(max(0.0, (run.due_ms(line) - clock.now_ms()) / 1000))
                await sender.put(run.event(line, clock.now_ms()))
            await sender.drained()
        finally:
            for task in (beating, delivering):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
    return run.outcome


async def _beat(sender: Sender, run: "_Run", clock: Clock) -> None:
    while True:
        now_ms = clock.now_ms()
        data = {"sent": sender.counts.sent, "dropped": sender.counts.dropped}
        beat = {"type": "feed.heartbeat", "id": f"{run.prefix}-beat-{now_ms}", "data": data}
        await sender.put({**beat, "time": iso(now_ms)})
        await asyncio.sleep(BEAT_S)


class _Run:
    """One playing of a recording: ids of its own, so that a second one is a second day."""

    def __init__(self, recording: Recording, start_ms: int, speed: float) -> None:
        self.prefix = f"r{start_ms:x}"
        self._recording = recording
        self._start_ms = start_ms
        self._first_ms = to_ms(recording.lines[0].at) if recording.lines else start_ms
        self._speed = speed
        self._reports = _reports(recording)
        self.outcome = Outcome(len(self._reports))

    def due_ms(self, line: Line) -> float:
        return self._start_ms + (to_ms(line.at) - self._first_ms) / self._speed

    def event(self, line: Line, now_ms: int) -> dict[str, Any]:
        """As recorded, but now; the published time goes into the text, a move says where."""
        data = dict(line.event.get("data", {}))
        identity = data.get("incident")
        place = {} if identity is None else _place(self._reports.get(identity, {}))
        if identity is not None:
            data["incident"] = f"{self.prefix}-{identity}"
            key = "text" if line.event["type"] == "incident.reported" else "note"
            data[key] = f"{_published(line.at)}{data.get(key, '')}"
        event = {**place, **line.event, "data": data, "time": iso(now_ms)}
        return event | {"id": f"{self.prefix}-{line.event['id']}"}

    def note(self, rejection: Rejection) -> None:
        """File a refusal under its record; the first word on a record stands."""
        identity = self._record_of(rejection.id or "")
        if identity is None:
            return
        title = self._reports[identity].get("data", {}).get("title", "")
        name = f"{identity.removeprefix(self._recording.header.recording + '-')} {title}".strip()
        if rejection.reason.startswith(OUTSIDE):
            self.outcome.outside.setdefault(name, rejection.reason.removeprefix(OUTSIDE))
        elif name not in self.outcome.outside:
            self.outcome.refused.setdefault(name, f"{rejection.field} {rejection.reason}".strip())

    def _record_of(self, event_id: str) -> str | None:
        own = event_id.removeprefix(f"{self.prefix}-")
        for line in self._recording.lines:
            if line.event["id"] == own:
                identity = line.event.get("data", {}).get("incident")
                return identity if identity in self._reports else None
        return None


def _reports(recording: Recording) -> dict[str, Mapping[str, Any]]:
    """The report of each incident, by its recorded id."""
    return {
        line.event["data"]["incident"]: line.event
        for line in recording.lines
        if line.event["type"] == "incident.reported"
    }


def _place(event: Mapping[str, Any]) -> dict[str, Any]:
    return {key: event[key] for key in PLACE if key in event}


def _published(at: datetime) -> str:
    return f"发布于 {from_ms(to_ms(at)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}。"
