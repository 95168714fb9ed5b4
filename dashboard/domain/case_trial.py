"""Tries a rule about cases on the last days: cases keep what they went through for a week."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dashboard.clock import DAY_MS
from dashboard.domain.alert_rules import MINUTE_MS, Kind, Rule
from dashboard.domain.areas import Region
from dashboard.domain.incidents import Incident, Incidents
from dashboard.domain.rule_trial import Raise
from dashboard.domain.standing import BY_DEPARTMENT
from dashboard.domain.whistles import ClockName, Limits, Part, Whistle, whistles_of

_PERCENT: Final = (0, 50, 80, 100)


@dataclass(frozen=True, slots=True)
class Span:
    """From when until now a rule is tried, milliseconds since the epoch."""

    from_ms: int
    now_ms: int


def case_trial(
    rule: Rule, incidents: Incidents, region: Region, span: Span, limits: Limits
) -> list[Raise]:
    """Every raising in a span, in order of time; `limits` are those of whistles.

    Raises KeyError for another kind.
    """
    if rule.kind is Kind.WHISTLE_UNANSWERED:
        found = _unanswered(rule, incidents, region, span.now_ms, limits)
    else:
        found = _RAISES[rule.kind](rule, incidents, region, span.now_ms)
    return sorted(one for one in found if span.from_ms <= one.at_ms <= span.now_ms)


def _unanswered(
    rule: Rule, incidents: Incidents, region: Region, now_ms: int, limits: Limits
) -> Iterator[Raise]:
    for incident in _placed(rule, incidents, region):
        report = incident.report
        if report is None or incident.id not in incidents.whistled:
            continue
        moves = incidents.standing[incident.id].moves
        for whistle in whistles_of(moves, limits, report.title, report.grid):
            for part in whistle.parts.values():
                yield from _late(rule, whistle, part, now_ms)


def _late(rule: Rule, whistle: Whistle, part: Part, now_ms: int) -> Iterator[Raise]:
    """One for each clock that came so far before the department had done what it waits for."""
    if whistle.blown is None:
        return
    blown_ms, ended = whistle.blown.observed_ms, whistle.ended
    ended_ms = None if ended is None else ended.observed_ms
    for clock in ClockName:
        due_ms = whistle.within.due_ms(blown_ms, clock)
        at_ms = round(blown_ms + (due_ms - blown_ms) * rule.threshold / 100)
        met_ms = part.met_ms(clock)
        end_ms = _earliest(met_ms, ended_ms)
        if at_ms <= now_ms and (end_ms is None or at_ms < end_ms):
            yield Raise(at_ms, f"{whistle.id}/{part.department}", met_ms)


def _earliest(*instants_ms: int | None) -> int | None:
    """The first of those that came."""
    return min((ms for ms in instants_ms if ms is not None), default=None)


def _placed(rule: Rule, incidents: Incidents, region: Region) -> Iterator[Incident]:
    for incident in incidents.by_id.values():
        report = incident.report
        if report is None or report.grid not in region.by_code:
            continue
        if rule.area is None or region.is_within(report.grid, rule.area):
            yield incident


def _unacknowledged(
    rule: Rule, incidents: Incidents, region: Region, now_ms: int
) -> Iterator[Raise]:
    wait_ms = round(rule.threshold * MINUTE_MS) + rule.on_delay_s * 1000
    for incident in _placed(rule, incidents, region):
        if incident.priority != 1:
            continue
        seen = [
            move.observed_ms
            for move in incidents.standing[incident.id].moves
            if move.action not in BY_DEPARTMENT
        ]
        at_ms = max(incident.first_ms, incident.came_ms) + wait_ms
        seen_ms = min(seen, default=None)
        if at_ms <= now_ms and (seen_ms is None or at_ms < seen_ms):
            yield Raise(at_ms, incident.id, seen_ms)


def _at_limit(rule: Rule, incidents: Incidents, region: Region, now_ms: int) -> Iterator[Raise]:
    for incident in _placed(rule, incidents, region):
        held = incidents.standing[incident.id]
        marks = held.deadline.marks_ms
        if incident.priority > rule.parameter("max_priority") or None in marks:
            continue
        instants = [incident.first_ms, *(mark for mark in marks if mark is not None)]
        at_ms = _reached_ms(rule.threshold, instants) + rule.on_delay_s * 1000
        end_ms = min(instants[-1], held.ended_ms or instants[-1])
        if at_ms <= now_ms and at_ms < end_ms:
            yield Raise(at_ms, incident.id, end_ms if end_ms <= now_ms else None)


def _overdue(rule: Rule, incidents: Incidents, region: Region, now_ms: int) -> Iterator[Raise]:
    wait_ms = round(rule.threshold * MINUTE_MS) + rule.on_delay_s * 1000
    for incident in _placed(rule, incidents, region):
        held = incidents.standing[incident.id]
        due_ms, pressed = held.deadline.due_ms, held.supervised
        if incident.priority > rule.parameter("max_priority") or due_ms is None:
            continue
        at_ms = due_ms + wait_ms
        end_ms = _earliest(held.ended_ms, None if pressed is None else pressed.observed_ms)
        if at_ms <= now_ms and (end_ms is None or at_ms < end_ms):
            yield Raise(at_ms, incident.id, end_ms)


def _reached_ms(percent: float, instants: list[int]) -> int:
    """When so much of a limit was used up; `instants` are those of _PERCENT."""
    spans = zip(_PERCENT, _PERCENT[1:], instants, instants[1:], strict=False)
    for low, high, begin_ms, end_ms in spans:
        if percent <= high:
            return round(begin_ms + (end_ms - begin_ms) * (percent - low) / (high - low))
    return instants[-1]


def _clusters(rule: Rule, incidents: Incidents, region: Region, now_ms: int) -> Iterator[Raise]:
    """Once a cluster, under its first case, when so many had come within a day."""
    taken: set[str] = set()
    wanted = max(2, round(rule.threshold))
    every = sorted(_placed(rule, incidents, region), key=lambda one: (one.first_ms, one.id))
    for incident in every:
        if incident.id in taken:
            continue
        inside = [
            other
            for other in incidents.similar(incident.id)
            if 0 <= incidents.by_id[other].first_ms - incident.first_ms <= DAY_MS
        ]
        if len(inside) + 1 >= wanted:
            taken.update(inside)
            last = incidents.by_id[inside[wanted - 2]].first_ms
            yield Raise(min(last, now_ms), incident.id, None)


_RAISES: Final = {
    Kind.P1_UNACKNOWLEDGED: _unacknowledged,
    Kind.INCIDENT_AT_LIMIT: _at_limit,
    Kind.INCIDENT_OVERDUE: _overdue,
    Kind.SIMILAR_CLUSTER: _clusters,
}
OF_KEPT_CASES: Final = frozenset({*_RAISES, Kind.WHISTLE_UNANSWERED})
