"""What a duty desk looks at: the counts of its queues, and the cases that moved."""

from typing import Any

from dashboard.cases import Cases
from dashboard.domain.areas import Area
from dashboard.domain.rights import Principal, Right
from dashboard.folds import Folding
from dashboard.queries import LivePicture, Touched
from dashboard.queues import clocks, command_tier
from dashboard.topics import NumberedTopic

ROWS_A_FRAME = 300  # beyond that the desk is told to ask for its queue again


class DeskTopic(NumberedTopic):
    """One area's desk. A row is sent when its case was told of or went to another queue."""

    right = Right.SEE_CASE

    def __init__(self, area: Area, asker: Principal, cases: Cases) -> None:
        super().__init__(f"desk/{area.code}", area.index, area)
        self._cases = cases
        self._asker = asker  # the first of all who see the same: who asks for the same department
        self._shares: dict[str, str] = {}
        self._folds: dict[str, str] = {}  # the primary of each folded case
        self._told: dict[str, Any] = {}

    def begin(self, picture: LivePicture) -> None:
        super().begin(picture)
        self._told, self._shares, folding = self._look(picture)
        self._folds = folding.names()

    def _look(self, picture: LivePicture) -> tuple[dict[str, Any], dict[str, str], Folding]:
        """What is told of the queues as a whole, the queue of every case, and what folds."""
        now_ms = picture.clock.now_ms()
        seen = self._cases.look(self._asker, self.scope, now_ms)
        ids = picture.incidents.table.ids
        names = [ids[number] for number in seen.numbers.tolist()]
        shares = dict(zip(names, seen.share_names(), strict=True))
        told = {
            "tier": command_tier(self.scope).value,
            "counts": seen.counts(),
            "tiers": seen.tier_counts(),
            "clocks": clocks(picture.classes.calendar, now_ms),
        }
        return told, shares, Folding(picture, seen)

    def _content(self, picture: LivePicture) -> dict[str, Any]:
        return self._look(picture)[0] | {"origins": picture.origins(self.scope)}

    def _change(self, picture: LivePicture, touched: Touched) -> dict[str, Any]:
        region = picture.region
        moved = {
            identity
            for identity, grid in touched.incidents
            if grid >= 0 and region.is_within(region.areas[grid].code, self.scope.code)
        }
        if not moved and not touched.beat:
            return {}
        told, shares, folding = self._look(picture)
        folds = folding.names()
        change = {name: value for name, value in told.items() if self._told.get(name) != value}
        moved = {one for one in moved if one in shares or one in self._shares}
        if moved or "counts" in change:
            before = self._shares
            moved |= {i for i, share in shares.items() if before.get(i) != share}
            moved |= before.keys() - shares.keys()
        moved |= _refolded(self._folds, folds)
        moved |= {folds[one] for one in moved if one in folds}  # what it holds is another now
        if len(moved) > ROWS_A_FRAME:
            change["refetch"] = True
        elif moved:
            change["rows"] = {
                identity: self._row(picture, identity, shares, folding) for identity in moved
            }
        self._told, self._shares, self._folds = told, shares, folds
        return change

    def _row(
        self, picture: LivePicture, identity: str, shares: dict[str, str], folding: Folding
    ) -> dict[str, Any] | None:
        """The case as the queue has it; without a queue once it has ended; None when forgotten.

        `fold` is its primary, `inside` what a primary holds.
        """
        incident = picture.incidents.by_id.get(identity)
        if incident is None or incident.report is None:
            return None
        row = self._cases.row(incident, self._cases.case(incident, picture.clock.now_ms()))
        row |= {"queue": shares.get(identity), "fold": None, "inside": None}
        members = folding.members_of(identity)
        if identity not in shares or len(members) < 2:
            return row
        row["fold"] = picture.incidents.table.ids[int(members[0])]
        if row["fold"] == identity:
            row["inside"] = folding.inside(members)
        return row


def _refolded(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Cases that came into a fold, left one or changed to another, with the primaries."""
    if before == after:
        return set()
    found = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    primaries = {before[one] for one in found if one in before}
    return found | primaries | {after[one] for one in found if one in after}
