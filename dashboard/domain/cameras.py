"""Cameras as devices: which exist, in which grid, in what state, and when that was confirmed."""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.domain.areas import Region
from dashboard.domain.devices import Devices
from dashboard.domain.events import (
    CameraRegistered,
    CameraRollup,
    CameraState,
    CameraStatus,
    Ownership,
)
from dashboard.domain.metrics import CAMERA_STATES, COLUMN, OWNERSHIPS
from dashboard.domain.sites import Sites
from dashboard.domain.table import Table, column, newest

STATUS_CODE = {CameraStatus(word): code for code, word in enumerate(CAMERA_STATES[:4])}
UNKNOWN = 4
OWNER_CODE = {Ownership(word): code for code, word in enumerate(OWNERSHIPS)}
N_STATES = len(CAMERA_STATES)
N_OWNERS = len(OWNERSHIPS)

STATE_DTYPE = np.dtype([("status", "i1"), ("status_ms", "<i8"), ("feed", "<i2")])
_ROW_DTYPE = np.dtype(
    [
        ("grid", "<i4"),  # area index, -1 until registered in a grid of this region
        ("owner", "i1"),
        ("registered_ms", "<i8"),
        ("status", "i1"),
        ("status_ms", "<i8"),
        ("feed", "<i2"),
        ("lon", "<f8"),
        ("lat", "<f8"),
        ("upstream", "<i4"),  # number of the device it hangs on, -1 for none
        ("site", "<i4"),  # place of the marked site it sees, -1 for none
    ]
)
_BLANK = np.array([(-1, 0, -1, -1, -1, -1, np.nan, np.nan, -1, -1)], dtype=_ROW_DTYPE)


class CameraRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was registered of a camera, as stored and sent; `number` is its row in the columns."""

    number: int
    id: str
    grid: str
    ownership: Ownership
    registered_ms: int
    name: str
    site: str
    gb_code: str | None
    lon: float | None
    lat: float | None
    upstream: str | None = None

    def rank(self) -> tuple[int, str, str, str, str, str, float, float, str]:
        """Orders two registrations of one camera, also those of the same instant."""
        return (
            self.registered_ms,
            self.grid,
            self.ownership,
            self.name,
            self.site,
            self.gb_code or "",
            self.lon or 0.0,
            self.lat or 0.0,
            self.upstream or "",
        )


class Cameras:
    """Every camera known or only heard of, and counts of grids that send no single cameras."""

    def __init__(self, region: Region, sites: Sites | None = None) -> None:
        self._region = region
        self._sites = sites or Sites()
        self.devices = Devices()
        self.table = Table(_BLANK)
        self.registered: dict[int, CameraRow] = {}
        self.rollups: dict[tuple[str, Ownership], CameraRollup] = {}

    def register(self, events: Sequence[CameraRegistered], feed: int) -> set[int]:
        """The newest registration of a camera holds; numbers of the cameras that changed."""
        changed: dict[int, CameraRow] = {}
        for event in events:
            number = self.table.number(event.camera)
            row = CameraRow(
                number,
                event.camera,
                event.grid,
                event.ownership,
                event.observed_ms,
                event.name,
                event.site,
                event.gb_code,
                event.lon,
                event.lat,
                event.upstream,
            )
            held = changed.get(number) or self.registered.get(number)
            if held is None or held.rank() < row.rank():
                changed[number] = row
        self.put(list(changed.values()))
        feeds = self.table.rows["feed"]
        unheard = [number for number in changed if feeds[number] < 0]
        feeds[unheard] = feed
        return set(changed)

    def put(self, rows: Sequence[CameraRow]) -> None:
        """Write registrations, each of another camera, into the columns."""
        n, by_code, held = len(rows), self._region.by_code, self.table.rows
        numbers = column((row.number for row in rows), n)
        places = (by_code.get(row.grid) for row in rows)
        held["grid"][numbers] = column((-1 if at is None else at.index for at in places), n)
        held["owner"][numbers] = column((OWNER_CODE[row.ownership] for row in rows), n)
        held["registered_ms"][numbers] = column((row.registered_ms for row in rows), n)
        upstream = (-1 if r.upstream is None else self.devices.number(r.upstream) for r in rows)
        held["upstream"][numbers] = column(upstream, n)
        held["site"][numbers] = column((self._sites.place_of(row.site) for row in rows), n)
        for axis in ("lon", "lat"):  # numpy makes None NaN
            held[axis][numbers] = np.array([getattr(row, axis) for row in rows], dtype=np.float64)
        self.registered.update(zip(numbers.tolist(), rows, strict=True))

    def observe(self, events: Sequence[CameraState], feed: int) -> npt.NDArray[np.int64]:
        """The newest report of a camera holds; numbers of those confirmed or changed."""
        n = len(events)
        numbers = self.table.numbers([event.camera for event in events])
        times = column((event.observed_ms for event in events), n)
        states = column((STATUS_CODE[event.status] for event in events), n)
        last = newest(numbers, times, states)
        return self.put_states(numbers[last], states[last], times[last], np.full(len(last), feed))

    def put_states(
        self,
        numbers: npt.NDArray[np.int64],
        states: npt.NDArray[np.int64],
        times: npt.NDArray[np.int64],
        feeds: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int64]:
        """Write states where they are newer; each number at most once."""
        rows = self.table.rows
        held_ms, held = rows["status_ms"][numbers], rows["status"][numbers]
        newer = (times > held_ms) | ((times == held_ms) & (states > held))
        numbers = numbers[newer]
        rows["status"][numbers] = states[newer]
        rows["status_ms"][numbers] = times[newer]
        rows["feed"][numbers] = feeds[newer]
        return numbers

    def roll_up(self, events: Sequence[CameraRollup]) -> set[tuple[str, Ownership]]:
        """The newest counts of a grid hold; the keys that changed."""
        changed = set()
        for event in events:
            key = (event.grid, event.ownership)
            held = self.rollups.get(key)
            if held is None or _rollup_rank(held) < _rollup_rank(event):
                self.rollups[key] = event
                changed.add(key)
        return changed

    def effective_states(self, now_ms: int, stale_ms: int) -> npt.NDArray[np.int8]:
        """State code by camera number; unknown where it was not confirmed for `stale_ms`."""
        rows = self.table.rows
        silent = (rows["status"] < 0) | (now_ms - rows["status_ms"] > stale_ms)
        return np.where(silent, np.int8(UNKNOWN), rows["status"])

    def measure(self, table: npt.NDArray[np.int32], now_ms: int, stale_ms: int) -> None:
        """Write the camera columns of every grid into `table`, shape (areas, metrics)."""
        counts = self._single_counts(now_ms, stale_ms)
        self._add_rollups(counts, now_ms, stale_ms)
        first = self._region.first_grid
        by_state, by_owner = counts.sum(axis=2), counts.sum(axis=1)
        table[first:, COLUMN["cameras_total"]] = by_state.sum(axis=1)
        for code, state in enumerate(CAMERA_STATES):
            table[first:, COLUMN[f"cameras_{state}"]] = by_state[:, code]
            for owner, word in enumerate(OWNERSHIPS):
                table[first:, COLUMN[f"cameras_{state}_{word}"]] = counts[:, code, owner]
        for owner, word in enumerate(OWNERSHIPS):
            table[first:, COLUMN[f"cameras_total_{word}"]] = by_owner[:, owner]

    def _single_counts(self, now_ms: int, stale_ms: int) -> npt.NDArray[np.int64]:
        """Counts of single cameras, shape (grids, states, owners)."""
        rows = self.table.rows
        placed = rows["grid"] >= 0
        states = self.effective_states(now_ms, stale_ms)[placed].astype(np.int64)
        grids = rows["grid"][placed].astype(np.int64) - self._region.first_grid
        cells = (grids * N_STATES + states) * N_OWNERS + rows["owner"][placed]
        n_grids = len(self._region.grids)
        flat = np.bincount(cells, minlength=n_grids * N_STATES * N_OWNERS)
        return flat.reshape(n_grids, N_STATES, N_OWNERS)

    def _add_rollups(self, counts: npt.NDArray[np.int64], now_ms: int, stale_ms: int) -> None:
        """A grid's own counts hold only where no single camera of that ownership stands."""
        for (grid, ownership), event in self.rollups.items():
            area = self._region.by_code.get(grid)
            if area is None:
                continue
            row, owner = area.index - self._region.first_grid, OWNER_CODE[ownership]
            if counts[row, :, owner].any():
                continue
            numbers = (event.online, event.offline, event.fault, event.maintenance)
            if now_ms - event.observed_ms > stale_ms:
                counts[row, UNKNOWN, owner] = sum(numbers)
            else:
                counts[row, :4, owner] = numbers


def _rollup_rank(event: CameraRollup) -> tuple[int, int, int, int, int]:
    return event.observed_ms, event.online, event.offline, event.fault, event.maintenance
