"""Which cases of a queue are asked for."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from fastapi import Query

from dashboard.cases import Cases
from dashboard.domain.incidents import Incident
from dashboard.queues import Numbers, Queue, Sort

PAGE_MAX = 500

Text = Annotated[str | None, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queues is asked for."""

    area: Annotated[str | None, Query(description="of the asker's own when left out")] = None
    queue: Queue = Queue.TODO
    sort: Sort = Sort.URGENCY
    system: Text = None
    department: Text = None
    class_code: Annotated[str | None, Query(alias="class", max_length=100)] = None
    priority: Annotated[int | None, Query(ge=1, le=4)] = None
    q: Annotated[str | None, Query(max_length=100, description="in title, id, class, area")] = None
    folded: Annotated[bool, Query(description="similar cases in one row")] = False
    fold: Annotated[str | None, Query(max_length=200, description="only its similar cases")] = None
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX, description="most items in one answer")] = 200


class CaseSearch:
    """Looks through one web process's picture."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._places: dict[str, str] = {}  # names of a grid's lineage, in small letters

    def filtered(self, numbers: Numbers, wanted: Wanted) -> Numbers:
        """Those row numbers that are wanted, in the same order."""
        picture = self._cases.picture
        rows = picture.incidents.table.rows
        if wanted.priority is not None:
            numbers = numbers[rows["priority"][numbers] == wanted.priority]
        if wanted.system is not None:
            numbers = numbers[(rows["systems"][numbers] & self._cases.bit_of(wanted.system)) > 0]
        if wanted.department is wanted.class_code is wanted.q is None:
            return numbers
        if wanted.class_code is not None:
            known = picture.classes.find(wanted.class_code)
            code = wanted.class_code if known is None else known.service_code
            wanted = replace(wanted, class_code=code)
        if wanted.q is not None:
            wanted = replace(wanted, q=wanted.q.casefold())
        ids, held = picture.incidents.table.ids, picture.incidents.by_id
        kept = [n for n in numbers.tolist() if self._is_wanted(held[ids[n]], wanted)]
        return np.array(kept, dtype=np.int64)

    def _is_wanted(self, incident: Incident, wanted: Wanted) -> bool:
        """`class_code` as a service code, `q` casefolded."""
        return (
            (wanted.class_code is None or self._cases.code(incident) == wanted.class_code)
            and (wanted.department is None or self._department(incident) == wanted.department)
            and (wanted.q is None or self._mentions(incident, wanted.q))
        )

    def _department(self, incident: Incident) -> str | None:
        return self._cases.picture.incidents.standing[incident.id].department

    def _mentions(self, incident: Incident, text: str) -> bool:
        """Whether title, number, class or a name of its areas holds the text."""
        report = incident.report
        if report is None:
            return False
        cls = self._cases.picture.incidents.class_of(incident)
        names = (report.title, incident.id, cls.name if cls else "", cls.name_en if cls else "")
        return any(text in name.casefold() for name in names) or (
            text in self._place_names(report.grid)
        )

    def _place_names(self, grid: str) -> str:
        region = self._cases.region
        if grid not in self._places:
            lineage = region.lineage(grid) if grid in region.by_code else ()
            self._places[grid] = " ".join(f"{a.name} {a.name_en}" for a in lineage).casefold()
        return self._places[grid]
