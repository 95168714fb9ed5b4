"""Which alert is the cause of another: the topmost device that is gone above what it is about."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.domain.alert_rules import Kind
from dashboard.domain.alerts import Alert, alert_id
from dashboard.domain.board import Board
from dashboard.domain.devices import NOWHERE
from dashboard.domain.outages import Outages, roots

MOST: Final = 0.5  # of a grid's cameras that are offline: then its fall has their cause


class Causes:
    """Of one round of the rules; what it needs is computed when it is first asked for."""

    def __init__(self, board: Board, down: Outages, gone: Mapping[str, str]) -> None:
        """`gone`: of the devices with an active alert the rule that raised it."""
        self._board = board
        self._down = down
        self._gone = gone
        self._roots = roots(board.cameras, set(gone))
        self._of_camera: npt.NDArray[np.int32] | None = None

    def of(self, alert: Alert) -> str | None:
        """The id of the alert that explains one; None: it stands for itself."""
        match alert.kind:
            case Kind.DEVICE_GONE:
                return self._of_device(alert.source)
            case Kind.SITE_WITHOUT_VIEW:
                return self._of_site(alert.source)
            case Kind.ONLINE_RATE_DROP:
                return self._of_grid(alert.source)
        return None

    def _of_device(self, device: str) -> str | None:
        devices = self._board.cameras.devices
        root = int(self._roots[devices.number(device)])
        return None if devices.ids[root] == device else self._named(root)

    def _of_site(self, site: str) -> str | None:
        """All of its cameras that show nothing have to hang on what is gone."""
        down = self._down
        at = down.site == self._board.sites.place_of(site)
        found = self._camera_roots()[at & down.expected & down.blind]
        if not len(found) or (found == NOWHERE).any():
            return None
        return self._named(int(np.bincount(found).argmax()))

    def _of_grid(self, grid: str) -> str | None:
        down, area = self._down, self._board.region.by_code.get(grid)
        if area is None:
            return None
        found = self._camera_roots()[(down.grid == area.index) & down.expected & down.offline]
        caused = found[found != NOWHERE]
        if len(caused) == 0 or len(caused) < MOST * len(found):
            return None
        return self._named(int(np.bincount(caused).argmax()))

    def _camera_roots(self) -> npt.NDArray[np.int32]:
        """Of each camera by number the topmost device above it that is gone."""
        if self._of_camera is None:
            upstream = self._down.upstream
            found = np.full(len(upstream), NOWHERE, np.int32)
            hung = upstream != NOWHERE
            found[hung] = self._roots[upstream[hung]]
            self._of_camera = found
        return self._of_camera

    def _named(self, number: int) -> str | None:
        device = self._board.cameras.devices.ids[number] if number != NOWHERE else None
        return None if device is None else alert_id(self._gone[device], device)
