"""How much of its clock each called department has used up, for the alert of silent ones."""

from collections.abc import Mapping

import numpy as np

from dashboard.domain.alert_rules import Rule
from dashboard.domain.alert_signals import NOTHING, Signal, Told
from dashboard.domain.areas import Region, Tier
from dashboard.domain.departments import Departments
from dashboard.domain.incidents import Incidents
from dashboard.domain.whistles import Limits, Whistle, unanswered, whistles_of


class WhistleMeter:
    """Reads a case's whistles again when the case has moved."""

    def __init__(self, region: Region, limits: Limits, departments: Departments) -> None:
        self._region = region
        self._limits = limits
        self._departments = departments
        self._held: dict[str, tuple[int, list[Whistle]]] = {}

    def signal(self, incidents: Incidents, now_ms: int, rule: Rule) -> Signal:
        """A source is WHISTLE/DEPARTMENT; the value the share of its running clock in percent."""
        found = [
            (case, *told)
            for case, whistles in self._whistles(incidents).items()
            for told in unanswered(whistles, now_ms)
            if self._concerns(rule, told[5])
        ]
        if not found:
            return NOTHING
        names = [f"{whistle}/{department}" for _, whistle, department, *_ in found]
        values = np.array([used for _, _, _, used, *_ in found], np.float32)

        def tell(place: int) -> Told:
            case, _, department, _, _, title, grid = found[place]
            known = self._departments.get(department)
            name, name_en = (
                (department, department) if known is None else (known.name, known.name_en)
            )
            report = incidents.by_id[case].report
            lon, lat = (None, None) if report is None else (report.lon, report.lat)
            return Told(f"{name} · {title}", f"{name_en} · {title}", grid, lon, lat, None,
                        Tier.DISTRICT, case)  # fmt: skip

        return Signal(names, values, tell)

    def _concerns(self, rule: Rule, grid: str) -> bool:
        return rule.area is None or self._region.is_within(grid, rule.area)

    def _whistles(self, incidents: Incidents) -> Mapping[str, list[Whistle]]:
        held = self._held
        self._held = {}
        for identity in incidents.whistled:
            incident = incidents.by_id[identity]
            known = held.get(identity)
            if known is None or known[0] != incident.version:
                report = incident.report
                if report is None or report.grid not in self._region.by_code:
                    continue
                moves = incidents.standing[identity].moves
                found = whistles_of(moves, self._limits, report.title, report.grid)
                known = (incident.version, found)
            self._held[identity] = known
        return {identity: whistles for identity, (_, whistles) in self._held.items()}
