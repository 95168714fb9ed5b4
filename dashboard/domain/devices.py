"""What cameras hang on: recorders, switches, networks and power, each perhaps on another one."""

from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.domain.events import CameraStatus, DeviceKind, DeviceRegistered, DeviceState

DEPTH: Final = 4  # the device itself and three above it
NOWHERE: Final = -1

Chains = npt.NDArray[np.int32]


class Device(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One device as stored and sent. `registered_ms` and `status_ms` are -1 before they are told;
    one that was only heard of, or hung something on, has no place yet."""

    id: str
    feed: str
    grid: str = ""
    kind: DeviceKind = DeviceKind.RECORDER
    name: str = ""
    upstream: str | None = None
    registered_ms: int = -1
    lon: float | None = None
    lat: float | None = None
    status: CameraStatus | None = None
    status_ms: int = -1

    @property
    def is_registered(self) -> bool:
        return self.registered_ms >= 0


class Devices:
    """The fold of what is told of devices. Any order and any repetition comes to the same."""

    def __init__(self) -> None:
        self.by_id: dict[str, Device] = {}
        self.ids: list[str] = []  # by number
        self._number: dict[str, int] = {}
        self._chains: Chains | None = None
        self._own: npt.NDArray[np.float32] | None = None

    def number(self, identity: str) -> int:
        """Of a device, known or only named so far; numbers are of this process alone."""
        held = self._number.get(identity)
        if held is None:
            held = self._number[identity] = len(self.ids)
            self.ids.append(identity)
            self._chains = self._own = None
        return held

    def register(self, events: Iterable[DeviceRegistered], feed: str) -> set[str]:
        """The newest registration of a device holds; ids of those that changed."""
        changed = set()
        for event in events:
            held = self.by_id.get(event.device) or Device(event.device, feed)
            row = msgspec.structs.replace(
                held,
                grid=event.grid,
                kind=event.kind,
                name=event.name,
                upstream=event.upstream,
                registered_ms=event.observed_ms,
                lon=event.lon,
                lat=event.lat,
            )
            if _rank(held) < _rank(row):
                changed.add(event.device)
                self.put([row])
        return changed

    def observe(self, events: Iterable[DeviceState], feed: str) -> set[str]:
        """The newest state of a device holds; ids of those that changed."""
        changed = set()
        for event in events:
            held = self.by_id.get(event.device) or Device(event.device, feed)
            told = (event.observed_ms, event.status.value)
            if (held.status_ms, held.status or "") < told:
                row = msgspec.structs.replace(
                    held, status=event.status, status_ms=event.observed_ms
                )
                changed.add(event.device)
                self.put([row])
        return changed

    def put(self, rows: Iterable[Device]) -> None:
        """Take over devices as they are stored or sent."""
        for row in rows:
            self.number(row.id)
            held = self.by_id.get(row.id)
            if held is None or held.upstream != row.upstream:
                self._chains = None
            self.by_id[row.id] = row
            self._own = None
            if row.upstream is not None:
                self.number(row.upstream)

    def chains(self) -> Chains:
        """Of each device by number itself and up to three above it, the nearest first; -1 beyond.

        A link that closes a circle is left out: that of the greatest id in the circle, whatever
        came first.
        """
        if self._chains is None:
            links = self._links()
            chains = np.full((len(self.ids), DEPTH), NOWHERE, np.int32)
            for number in range(len(self.ids)):
                at: int = number
                for place in range(DEPTH):
                    chains[number, place] = at
                    at = links[at]
                    if at == NOWHERE:
                        break
            self._chains = chains
        return self._chains

    def own(self) -> npt.NDArray[np.float32]:
        """What each device by number says of itself: 100 offline, 0 anything else, NaN for one that
        has no place yet."""
        if self._own is None:
            self._own = np.full(len(self.ids), np.nan, np.float32)
            for identity, row in self.by_id.items():
                if row.is_registered:
                    is_off = row.status is CameraStatus.OFFLINE
                    self._own[self._number[identity]] = 100 if is_off else 0
        return self._own

    def _links(self) -> list[int]:
        """The number of the device above each, circles cut open."""
        links = [NOWHERE] * len(self.ids)
        for identity, row in self.by_id.items():
            if row.upstream is not None and row.upstream != identity:
                links[self._number[identity]] = self._number[row.upstream]
        done = [False] * len(links)
        for start in range(len(links)):
            path: dict[int, None] = {}  # in order, and quick to look into
            at = start
            while at != NOWHERE and not done[at] and at not in path:
                path[at] = None
                at = links[at]
            if at in path:
                walked = list(path)
                circle = walked[walked.index(at) :]
                links[max(circle, key=self.ids.__getitem__)] = NOWHERE
            for number in path:
                done[number] = True
        return links


def counted_up(direct: npt.NDArray[np.int64], chains: Chains) -> npt.NDArray[np.int64]:
    """Of each device the sum over everything that hangs on it; `direct` what hangs on it itself."""
    total = np.zeros(len(chains), np.int64)
    for place in range(DEPTH):
        above = chains[:, place]
        found = above != NOWHERE
        np.add.at(total, above[found], direct[found])
    return total


def _rank(row: Device) -> tuple[int, str, str, str, str, float, float]:
    """Orders two registrations of one device, also those of the same instant."""
    return (
        row.registered_ms,
        row.grid,
        row.kind,
        row.name,
        row.upstream or "",
        row.lon or 0.0,
        row.lat or 0.0,
    )
