"""Which cameras are down, and how many of them behind each device or at each marked site."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.domain.cameras import STATUS_CODE, Cameras
from dashboard.domain.devices import DEPTH, NOWHERE, counted_up
from dashboard.domain.events import CameraStatus

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_OFFLINE: Final = STATUS_CODE[CameraStatus.OFFLINE]
_FAULT: Final = STATUS_CODE[CameraStatus.FAULT]
_MAINTENANCE: Final = STATUS_CODE[CameraStatus.MAINTENANCE]


@dataclass(slots=True)
class Outages:
    """One instant, by camera number. What is under maintenance or was never heard of is not
    expected to be there; one that sends a spoiled picture is there, and shows nothing."""

    expected: Mask
    offline: Mask
    blind: Mask  # offline or spoiled
    upstream: npt.NDArray[np.int32]
    site: npt.NDArray[np.int32]
    grid: npt.NDArray[np.int32]
    _by_device: tuple[Counts, Counts] | None = None

    def by_device(self, cameras: Cameras) -> tuple[Counts, Counts]:
        """Cameras expected behind each device by its number, and those of them offline."""
        if self._by_device is None:
            self._by_device = self._count_by_device(cameras)
        return self._by_device

    def _count_by_device(self, cameras: Cameras) -> tuple[Counts, Counts]:
        chains, n = cameras.devices.chains(), len(cameras.devices.ids)
        hung = self.expected & (self.upstream != NOWHERE)
        expected = np.bincount(self.upstream[hung], minlength=n)
        offline = np.bincount(self.upstream[hung & self.offline], minlength=n)
        return counted_up(expected, chains), counted_up(offline, chains)

    def by_site(self, n_sites: int) -> tuple[Counts, Counts]:
        """Cameras expected at each site by its place, and those of them that show nothing."""
        seen = self.expected & (self.site != NOWHERE)
        expected = np.bincount(self.site[seen], minlength=n_sites)
        blind = np.bincount(self.site[seen & self.blind], minlength=n_sites)
        return expected, blind


def outages(cameras: Cameras, now_ms: int, stale_ms: int) -> Outages:
    """As of an instant; a state that was not confirmed for `stale_ms` is no state."""
    rows = cameras.table.rows
    status, placed = rows["status"], rows["grid"] >= 0
    known = placed & (status >= 0) & (now_ms - rows["status_ms"] <= stale_ms)
    offline = known & (status == _OFFLINE)
    return Outages(
        expected=known & (status != _MAINTENANCE),
        offline=offline,
        blind=offline | (known & (status == _FAULT)),
        upstream=rows["upstream"],
        site=rows["site"],
        grid=rows["grid"],
    )


def roots(cameras: Cameras, gone: set[str]) -> npt.NDArray[np.int32]:
    """Of each device by number the topmost in its chain that is gone; -1 where none is."""
    devices = cameras.devices
    is_gone = np.zeros(len(devices.ids), dtype=bool)
    for identity in gone:
        is_gone[devices.number(identity)] = True
    chains = devices.chains()
    found = np.full(len(chains), NOWHERE, np.int32)
    for place in range(DEPTH):
        above = chains[:, place]
        here = (above != NOWHERE) & is_gone[np.maximum(above, 0)]
        found[here] = above[here]
    return found
