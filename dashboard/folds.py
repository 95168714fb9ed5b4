"""Similar cases of a queue folded into one row each, and what is said of what such a row holds."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dashboard.clock import iso
from dashboard.domain.incident_rows import FAR, NEVER
from dashboard.domain.incidents import Folds
from dashboard.queries import LivePicture
from dashboard.queues import Columns, Numbers, Seen, Sort, order_of

IDS_SHOWN: Final = 50
ALONE: Final = -1


@dataclass(frozen=True, slots=True)
class FoldedRow:
    """One row of a folded list: the case that stands for it, and all cases in it, itself first."""

    number: int
    members: Numbers


class Folding:
    """The folds of the cases an asker sees. The same case is in the same fold of every list."""

    def __init__(self, picture: LivePicture, seen: Seen) -> None:
        self._picture = picture
        self._seen = seen
        self.folds: Folds = picture.incidents.folds(seen.numbers, seen.shares)
        self._rows = picture.incidents.table.rows
        self._primaries = np.full(len(self._rows), ALONE, dtype=np.int64)  # by row of the table
        self._primaries[self.folds.members] = self.folds.primaries

    def primary_of(self, number: int) -> str | None:
        """The id of a row's primary; None for a case that stands alone."""
        primary = int(self._primaries[number])
        return None if primary == ALONE else self._id(primary)

    def names(self) -> dict[str, str]:
        """The primary's id of each folded case."""
        pairs = zip(self.folds.members.tolist(), self.folds.primaries.tolist(), strict=True)
        return {self._id(member): self._id(primary) for member, primary in pairs}

    def members_of(self, identity: str) -> Numbers:
        """Row numbers of the fold of a case, its primary first; the case's own when it has none."""
        number = self._picture.incidents.table.number_of.get(identity)
        if number is None:
            return np.zeros(0, dtype=np.int64)
        primary = int(self._primaries[number])
        if primary == ALONE:
            return np.array([number], dtype=np.int64)
        found = self.folds.members[self.folds.primaries == primary]
        order = np.lexsort((self._rows["reported_ms"][found], found != primary))
        folded: Numbers = found[order]
        return folded

    def of_fold(self, numbers: Numbers, identity: str) -> Numbers:
        """Those of `numbers` that are in the fold of a case."""
        return numbers[np.isin(numbers, self.members_of(identity))]

    def listed(self, numbers: Numbers, sort: Sort) -> tuple[int, "_Cut"]:
        """How many rows these cases fold into, and the rows in order, to be cut into pages."""
        primaries = self._primaries[numbers]
        cut = _Cut(self._rows, numbers, np.where(primaries == ALONE, numbers, primaries))
        cut.sort(sort)
        return len(cut.order), cut

    def inside(self, members: Numbers) -> dict[str, Any]:
        """What a row of several cases holds; `members` with the row's own case first."""
        rows = self._rows[members]
        due = rows["due_ms"][rows["due_ms"] != NEVER]
        return {
            "total": len(members),
            "ids": [self._id(number) for number in members[:IDS_SHOWN].tolist()],
            "priority": int(rows["priority"].min()),
            "due_at": iso(int(due.min())) if len(due) else None,
            "unacknowledged": self._n_unacknowledged(members),
            "channels": self._channels(members),
        }

    def _n_unacknowledged(self, members: Numbers) -> int:
        """A case that came up a tier waits for that tier's acknowledgement."""
        rows = self._rows[members]
        tiers = self._seen.tiers[np.searchsorted(self._seen.numbers, members)]
        return int((~rows["acknowledged"] | (tiers != rows["tier"])).sum())

    def _channels(self, members: Numbers) -> dict[str, int]:
        held = self._picture.incidents.by_id
        reports = (held[self._id(number)].report for number in members.tolist())
        return dict(sorted(Counter(one.channel.value for one in reports if one).items()))

    def _id(self, number: int) -> str:
        return self._picture.incidents.table.ids[number]


class _Cut:
    """A list of cases cut into its rows: `order` has the places of the rows as they are listed."""

    def __init__(self, rows: np.ndarray[Any, Any], numbers: Numbers, leaders: Numbers) -> None:
        reported = rows["reported_ms"][numbers]
        by_row = np.lexsort((reported, numbers != leaders, leaders))
        self._numbers, ordered = numbers[by_row], leaders[by_row]
        is_first = np.ones(len(ordered), dtype=bool)
        is_first[1:] = ordered[1:] != ordered[:-1]
        self._starts = np.flatnonzero(is_first)
        self._ends = np.append(self._starts[1:], len(ordered))
        self._table = rows
        self.order: Numbers = np.arange(len(self._starts))

    def sort(self, sort: Sort) -> None:
        """By the highest priority, the earliest deadline, the last or the first report inside."""
        if not len(self._starts):
            return
        rows = self._table[self._numbers]
        due = np.where(rows["due_ms"] == NEVER, FAR, rows["due_ms"])
        due = np.minimum.reduceat(due, self._starts)
        newest = np.maximum if sort is Sort.NEWEST else np.minimum
        columns = Columns(
            np.minimum.reduceat(rows["priority"], self._starts),
            np.where(due == FAR, NEVER, due),
            newest.reduceat(rows["reported_ms"], self._starts),
        )
        self.order = order_of(columns, sort)

    def page(self, offset: int, limit: int) -> list[FoldedRow]:
        """The rows of one page."""
        found = []
        for place in self.order[offset : offset + limit].tolist():
            members = self._numbers[self._starts[place] : self._ends[place]]
            found.append(FoldedRow(int(members[0]), members))
        return found
