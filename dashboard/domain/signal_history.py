"""What the rules were judged by in the last days, minute by minute, to try a rule on it.

Kept are quantities that no rule's numbers are in, so that another threshold, delay or window can be
tried: when a feed was last heard, a grid's online rate, the share of cameras that are down behind a
device, when a grid was last covered, when a resource last came. A minute tells only what changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.domain.alert_rules import Kind

KEPT_MINUTES: Final = 7 * 1_440
WHOLE_EVERY: Final = 60  # minutes: so much is missing at most where the history begins
UNKNOWN: Final = -1
HUNDREDTHS: Final = 100  # shares and rates are kept in hundredths of a percent

Ints = npt.NDArray[np.int32]

# Of the values told within one minute the one kept: the best rate of a bad minute says nothing.
_LEAST: Final = frozenset({Kind.ONLINE_RATE_DROP})


def with_period(name: str, period_s: int) -> str:
    """The name of a source that has a period of its own; it may be gone when a rule is tried."""
    return f"{name}\t{period_s}"


def period_of(told: str) -> tuple[str, int]:
    """What `with_period` was told."""
    name, _, period_s = told.rpartition("\t")
    return name, int(period_s)


class Part(msgspec.Struct, frozen=True, array_like=True):
    """One kind in one minute, int32: with `names` all sources anew, else what changed."""

    names: tuple[str, ...] | None
    places: bytes
    values: bytes


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """One minute, counted from the epoch."""

    minute: int
    parts: dict[str, Part]


@dataclass(slots=True)
class _Column:
    names: tuple[str, ...]
    values: Ints


@dataclass(slots=True)
class Recorder:
    """Makes a frame of each minute out of what is told at every beat."""

    minute: int = -1
    _now: dict[Kind, _Column] = field(default_factory=dict)
    _told: dict[Kind, _Column] = field(default_factory=dict)
    _n: int = 0

    def note(self, minute: int, told: Mapping[Kind, tuple[Sequence[str], Ints]]) -> Frame | None:
        """The frame of the minute before, once another one begins."""
        frame = None
        if minute != self.minute:
            frame = self._frame() if self.minute >= 0 else None
            self.minute, self._now = minute, {}
        for kind, (names, values) in told.items():
            held = self._now.get(kind)
            if held is None or len(held.names) != len(names):
                self._now[kind] = _Column(tuple(names), values.astype(np.int32))
            else:
                worst = np.minimum if kind in _LEAST else np.maximum
                held.values = worst(held.values, values).astype(np.int32)
        return frame

    def _frame(self) -> Frame:
        parts = {}
        for kind, column in self._now.items():
            before = self._told.get(kind)
            whole = self._n % WHOLE_EVERY == 0 or before is None or before.names != column.names
            if whole or before is None:
                parts[kind.value] = Part(column.names, b"", column.values.tobytes())
            else:
                places = np.flatnonzero(before.values != column.values).astype(np.int32)
                if len(places):
                    values = column.values[places]
                    parts[kind.value] = Part(None, places.tobytes(), values.tobytes())
            self._told[kind] = column
        self._n += 1
        return Frame(self.minute, parts)


@dataclass(frozen=True, slots=True)
class Past:
    """One kind's history: `values` (minutes, sources), UNKNOWN where nothing was told."""

    minutes: npt.NDArray[np.int64]
    names: tuple[str, ...]
    values: Ints


def past_of(frames: Iterable[Frame], kind: Kind) -> Past:
    """Put the frames of one kind together; what comes before its first whole frame is left out."""
    place_of: dict[str, int] = {}
    current: list[int] = []  # place of each value of the running list of names
    minutes: list[int] = []
    rows: list[Ints] = []
    for frame in frames:
        part = frame.parts.get(kind.value)
        if part is None and not current:
            continue
        row = rows[-1].copy() if rows else np.full(0, UNKNOWN, np.int32)
        if part is not None and part.names is not None:
            current = [place_of.setdefault(name, len(place_of)) for name in part.names]
            row = np.full(len(place_of), UNKNOWN, np.int32)
            row[current] = np.frombuffer(part.values, np.int32)
        elif part is not None:
            if not current:
                continue
            places = np.array(current)[np.frombuffer(part.places, np.int32)]
            row[places] = np.frombuffer(part.values, np.int32)
        minutes.append(frame.minute)
        rows.append(row)
    values = np.full((len(rows), len(place_of)), UNKNOWN, np.int32)
    for place, row in enumerate(rows):
        values[place, : len(row)] = row
    return Past(np.array(minutes, np.int64), tuple(place_of), values)
