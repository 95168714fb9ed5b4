"""Draws up the hand-over of an area from the picture of this process, and says it as JSON."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from dashboard.cases import Cases
from dashboard.clock import Clock, iso
from dashboard.domain.areas import Area
from dashboard.domain.departments import Department, Departments, unit_chain
from dashboard.domain.handover import (
    COUNTED_MS,
    LISTED_MAX,
    Handover,
    HandoverState,
    Item,
    Lists,
    Seen,
    Totals,
    done_in,
    first_act_ms,
    n_ended,
    n_reported,
    objection_to_signing,
    of_departments,
    of_officers,
    urgent,
)
from dashboard.domain.incidents import Incident
from dashboard.domain.masking import mask
from dashboard.domain.rights import Principal, Right
from dashboard.queries import LivePicture
from dashboard.queues import command_tier, look
from dashboard.store.handovers import Place


class Shifts:
    """Reads one web process's picture."""

    def __init__(self, cases: Cases, departments: Departments, clock: Clock) -> None:
        self._cases = cases
        self._departments = departments
        self.clock = clock

    @property
    def picture(self) -> LivePicture:
        return self._cases.picture

    def draw_up(
        self, asker: Principal, area: Area, place: Place, note: str = ""
    ) -> tuple[Handover, Lists]:
        """The hand-over as it would be now, and its lists. `note` is masked."""
        now_ms, tier = self.clock.now_ms(), command_tier(area)
        cases = list(self._seen(area, place.end_ms or 0))
        began_ms = first_act_ms(cases, now_ms) if place.end_ms is None else place.end_ms
        counted_ms = max(began_ms, now_ms - COUNTED_MS)
        listed = urgent(cases, tier, now_ms)
        promised = of_departments(cases, now_ms)
        acts = of_officers(cases, began_ms, now_ms, self._units)
        counts, tiers, priorities = self._counts(area, now_ms)
        drawn = Handover(
            id=f"{area.code}-{now_ms}",
            area=area.code,
            tier=tier,
            handed_by=asker.name,
            began_ms=began_ms,
            counted_ms=counted_ms,
            at_ms=now_ms,
            note=mask(note),
            state=HandoverState.HANDED,
            version=1,
            counts=counts,
            priorities=priorities,
            tiers=tiers,
            totals=Totals(urgent=len(listed), departments=len(promised), officers=len(acts)),
            n_reported=n_reported(cases, counted_ms, now_ms),
            n_ended=n_ended(cases, counted_ms, now_ms),
            done=done_in(cases, counted_ms, now_ms),
            origins=tuple(sorted({row["kind"] for row in self.picture.origins(area)})),
        )
        return drawn, Lists(
            urgent=tuple(listed[:LISTED_MAX]),
            departments=tuple(promised[:LISTED_MAX]),
            officers=tuple(acts[:LISTED_MAX]),
        )

    def _counts(
        self, area: Area, now_ms: int
    ) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """Cases of every queue; open ones by the tier that holds them, and by priority."""
        seen = look(self.picture, area, now_ms)
        priorities = self.picture.incidents.table.rows["priority"][seen.numbers]
        counted = np.bincount(priorities, minlength=5).tolist()
        return seen.counts(), seen.tier_counts(), {str(n): counted[n] for n in (1, 2, 3, 4)}

    def _seen(self, area: Area, since_ms: int) -> Iterator[Seen]:
        """Open cases of the area, and of those that ended all that anything was heard of since."""
        incidents = self.picture.incidents
        table = incidents.table
        told = table.rows["open"] | (table.rows["heard_ms"] >= since_ms)
        here = self.picture.within(table.rows["grid"], area)
        for number in np.flatnonzero(here & told).tolist():
            incident = incidents.by_id[table.ids[number]]
            if incident.report is not None:
                yield self._one(incident, incident.report.title, incident.report.grid)

    def _one(self, incident: Incident, title: str, grid: str) -> Seen:
        held = self.picture.incidents.standing[incident.id]
        unit = self._unit(held.department)
        return Seen(
            id=incident.id,
            title=title,
            grid=grid,
            priority=incident.priority,
            first_ms=incident.first_ms,
            standing=held,
            department_name=held.department if unit is None else unit.name,
            department_name_en=held.department if unit is None else unit.name_en,
        )

    def _unit(self, department: str | None) -> Department | None:
        """By its id; outside systems call departments by their names."""
        if department is None:
            return None
        return self._departments.get(department) or self._departments.named(department)

    def _units(self, department: str | None) -> frozenset[str]:
        unit = self._unit(department)
        return frozenset() if unit is None else frozenset((unit.name, *unit_chain(unit)))

    # ---- as JSON -----------------------------------------------------------------------------

    def row(self, asker: Principal, held: Handover) -> dict[str, Any]:
        """One hand-over without its lists, with what the asker may do with it."""
        told: dict[str, Any] = msgspec.to_builtins(held)
        is_open = held.state is HandoverState.HANDED
        return {
            **{_name(key): _value(key, value) for key, value in told.items()},
            "may_sign": objection_to_signing(held, asker.name) is None
            and asker.may(Right.REGISTER, self._cases.region, held.area),
            "may_withdraw": is_open and self.may_withdraw(asker, held),
        }

    def may_withdraw(self, asker: Principal, held: Handover) -> bool:
        """Who handed it over; an administrator where that one has gone."""
        region = self._cases.region
        return asker.name == held.handed_by or asker.may(Right.ADMINISTER, region, held.area)

    def lists(self, found: Lists) -> dict[str, list[dict[str, Any]]]:
        """Names of awaited departments in both languages beside their ids."""
        return {
            "urgent": [_item(one) for one in found.urgent],
            "departments": [_item(one) for one in found.departments],
            "officers": [
                _item(one) | {"awaited": [self._called(unit) for unit in one.awaited]}
                for one in found.officers
            ],
        }

    def _called(self, department: str) -> dict[str, str]:
        unit = self._unit(department)
        names = (department, department) if unit is None else (unit.name, unit.name_en)
        return {"id": department, "name": names[0], "name_en": names[1]}


_NAMES = {
    "handed_by": "from",
    "signed_by": "to",
    "counted_ms": "counted_from",
    "n_reported": "reported",
    "n_ended": "ended",
}


def _item(item: Item) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(item)
    return {_name(key): _value(key, value) for key, value in told.items()}


def _name(key: str) -> str:
    """Times are told as such: due_ms -> due_at; at_ms -> at."""
    if key in _NAMES:
        return _NAMES[key]
    if key == "at_ms":
        return "at"
    return f"{key[:-3]}_at" if key.endswith("_ms") and key != "left_ms" else key


def _value(key: str, value: Any) -> Any:
    is_time = key.endswith("_ms") and key != "left_ms" and value is not None
    return iso(value) if is_time else value
