"""What walls show besides the numbers of every map: arithmetic on one web process's picture.

No text that somebody wrote, no name of somebody: classes, places, departments and counts.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from dashboard.cases import Cases
from dashboard.clock import iso
from dashboard.domain.areas import Area
from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.incident_rows import NEVER
from dashboard.domain.metrics import COLUMN
from dashboard.domain.pulse import Day, Pulse, pulse
from dashboard.domain.whistle_life import PartState, WhistleState
from dashboard.domain.whistles import Part, Whistle
from dashboard.queries import LivePicture

URGENT: Final = 2  # priorities that a wall shows one by one
CASES_SHOWN: Final = 100
WHISTLES_SHOWN: Final = 12
ON_THE_WAY: Final = PartState.ACKNOWLEDGED
ON_SCENE: Final = frozenset({PartState.ON_SCENE, PartState.HANDLING})

Row = dict[str, Any]


class WallFigures:
    """Counts once for all walls of the process: what it holds is of one moment."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._of: tuple[int, int] = (NEVER, NEVER)  # tick and minute that the pulse is of
        self._pulse: Pulse | None = None

    def of(self, picture: LivePicture, area: Area) -> Row:
        """Everything of one area."""
        held = self._pulse_of(picture)
        at = area.index
        return {
            "hours": _hours(held, at),
            "open": _open(held, at),
            "so_far": None if held.week_ago is None else held.so_far[at].tolist(),
            "closed_in_time": int(held.closed_in_time[at]),
            "oldest_due_at": _instant(int(held.oldest_due_ms[at])),
            "children": {
                child.code: _child(held, child.index)
                for child in picture.region.children(area.code)
            },
            "cases": self._urgent(picture, area),
            "whistles": self._whistles(picture, area),
            "uncovered": _uncovered(picture, area),
        }

    def _pulse_of(self, picture: LivePicture) -> Pulse:
        now_ms = picture.as_of_ms or picture.clock.now_ms()
        of = (picture.tick, now_ms // 1_000)
        if self._pulse is None or self._of != of:
            rows = picture.incidents.table.rows
            self._pulse, self._of = pulse(picture.region, rows, now_ms), of
        return self._pulse

    def _urgent(self, picture: LivePicture, area: Area) -> dict[str, Row]:
        """Of the most urgent: since when it waits to be acknowledged, the kind of its whistle."""
        now_ms = picture.as_of_ms or picture.clock.now_ms()
        numbers = picture.incident_numbers(area, URGENT)[:CASES_SHOWN]
        waiting = picture.incidents.waiting(now_ms)[numbers]
        ids = picture.incidents.table.ids
        return {
            ids[number]: {
                "waits_since": None if since == NEVER else iso(since),
                "whistle": self._kind(picture, ids[number]),
            }
            for number, since in zip(numbers.tolist(), waiting.tolist(), strict=True)
        }

    def _kind(self, picture: LivePicture, identity: str) -> str | None:
        if identity not in picture.incidents.whistled:
            return None
        kinds = [held.kind for held in self._blown_of(picture, identity)]
        return max(kinds, key=list(WhistleKind).index).value if kinds else None

    def _blown_of(self, picture: LivePicture, identity: str) -> Iterator[Whistle]:
        """Of one case, those that were blown and are not over."""
        incident = picture.incidents.by_id[identity]
        if incident.report is None:
            return
        now_ms = picture.as_of_ms or picture.clock.now_ms()
        for held in self._cases.whistles.of(self._cases.case(incident, now_ms)):
            if held.state is WhistleState.BLOWN:
                yield held

    def _whistles(self, picture: LivePicture, area: Area) -> Row:
        """Blown whistles of an area: departments by where they are, those that wait first."""
        now_ms = picture.as_of_ms or picture.clock.now_ms()
        held = [
            one
            for identity in sorted(picture.incidents.whistled)
            for one in self._blown_of(picture, identity)
            if picture.region.is_within(one.grid, area.code)
        ]
        called = [(one, part) for one in held for part in one.parts.values()]
        parts = Counter(part.state for _, part in called)
        rows = [self._part(picture, one, part, now_ms) for one, part in called]
        rows.sort(key=lambda row: (row["due"] is None, row["state"] != "called", row["blown_at"]))
        return {
            "open": len(held),
            "waiting": parts[PartState.CALLED],
            "on_way": parts[ON_THE_WAY],
            "on_scene": sum(parts[state] for state in ON_SCENE),
            "done": parts[PartState.DONE],
            "parts": rows[:WHISTLES_SHOWN],
        }

    def _part(self, picture: LivePicture, held: Whistle, part: Part, now_ms: int) -> Row:
        """One department that was called."""
        incident = picture.incidents.by_id[held.incident]
        cls = picture.incidents.class_of(incident)
        unit = self._cases.whistles.department(part.department)
        due = held.due(part, now_ms)
        return {
            "whistle": held.id,
            "kind": held.kind.value,
            "area": held.grid,
            "class_name": None if cls is None else cls.name,
            "class_name_en": None if cls is None else cls.name_en,
            "department": part.department if unit is None else unit.name,
            "department_en": part.department if unit is None else unit.name_en,
            "state": part.state.value,
            "blown_at": None if held.blown is None else iso(held.blown.observed_ms),
            "due": due and {"clock": due.clock.value, "due_at": iso(due.due_ms)},
        }


def _hours(held: Pulse, at: int) -> Row:
    return {
        **_day(held.today, at),
        "week_ago": None if held.week_ago is None else _day(held.week_ago, at),
    }


def _day(day: Day, at: int) -> Row:
    return {"reported": day.reported[at].tolist(), "closed": day.closed[at].tolist()}


def _open(held: Pulse, at: int) -> Row:
    known = held.week_ago is not None
    return {
        "midnight": int(held.open_at_midnight[at]),
        "week_ago": int(held.open_a_week_ago[at]) if known else None,
        "hours": held.open_day[at].tolist(),
    }


def _child(held: Pulse, at: int) -> Row:
    reported, closed = (int(day[at].sum()) for day in (held.today.reported, held.today.closed))
    return {
        **_open(held, at),
        "today": [reported, closed],
        "so_far": None if held.week_ago is None else held.so_far[at].tolist(),
    }


def _uncovered(picture: LivePicture, area: Area) -> list[str]:
    """Codes of the grids of the area that nobody was in lately."""
    region = picture.region
    grids = np.arange(region.first_grid, len(region.areas), dtype=np.int32)
    inside = picture.within(grids, area)
    bare = picture.metrics[region.first_grid :, COLUMN["grids_covered"]] == 0
    return [region.areas[index].code for index in grids[inside & bare].tolist()]


def _instant(at_ms: int) -> str | None:
    return iso(at_ms) if at_ms else None
