"""Things numbered once and kept as columns: a tick is array arithmetic, no loop over things."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

INITIAL_ROWS = 1024


class Table:
    """Rows of one numpy record type under string identities; a new one gets the next number."""

    def __init__(self, blank: npt.NDArray[np.void]) -> None:
        """`blank`: one record that a new row starts as."""
        self._blank = blank
        self._rows: npt.NDArray[np.void] = np.repeat(blank, INITIAL_ROWS)
        self.ids: list[str] = []
        self.number_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def rows(self) -> npt.NDArray[np.void]:
        """A view of the rows in use; writing to it writes to the table."""
        return self._rows[: len(self.ids)]

    def number(self, identity: str) -> int:
        """The identity's number, a new one if it was not seen before."""
        known = self.number_of.get(identity)
        if known is not None:
            return known
        number = len(self.ids)
        if number == len(self._rows):
            self._rows = np.concatenate([self._rows, np.repeat(self._blank, number)])
        self.ids.append(identity)
        self.number_of[identity] = number
        return number

    def numbers(self, identities: Sequence[str]) -> npt.NDArray[np.int64]:
        """Numbers of many identities at once."""
        number_of = self.number_of
        try:
            found = [number_of[identity] for identity in identities]
        except KeyError:
            found = [self.number(identity) for identity in identities]
        return np.array(found, dtype=np.int64)

    def keep(self, mask: npt.NDArray[np.bool_]) -> list[str]:
        """Forget the rows where `mask` is false, number the rest anew; identities forgotten."""
        kept = np.flatnonzero(mask)
        gone = [self.ids[number] for number in np.flatnonzero(~mask).tolist()]
        rows = self.rows[kept]
        self.ids = [self.ids[number] for number in kept.tolist()]
        self.number_of = {identity: number for number, identity in enumerate(self.ids)}
        spare = max(INITIAL_ROWS, len(rows)) - len(rows)
        self._rows = np.concatenate([rows, np.repeat(self._blank, spare)])
        return gone


def newest(
    numbers: npt.NDArray[np.int64], times: npt.NDArray[np.int64], ranks: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Positions of the newest entry of each number; of equal times the higher rank wins."""
    order = np.lexsort((ranks, times, numbers))
    ordered = numbers[order]
    last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, dtype=bool)
    found: npt.NDArray[np.int64] = order[last]
    return found


def column(values: Iterable[int], n: int) -> npt.NDArray[np.int64]:
    """`n` integers as one array."""
    return np.fromiter(values, dtype=np.int64, count=n)
