"""How departments answered the whistles of a period; no rate is said of too few."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dashboard.domain.whistles import MINUTE_MS, ClockName, Whistle

LEAST_SAMPLES = 30  # below, a rate says more of chance than of the department


@dataclass(frozen=True, slots=True)
class Times:
    """Minutes from the blow; None where nobody got there."""

    n: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Mean:
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentFigures:
    """`on_time` are answers within their limit; a call whose limit still runs is not `judged`."""

    department: str
    called: int
    answered: int
    on_time: int
    judged: int
    arrived: int
    done: int
    answer_rate: float | None
    on_time_rate: float | None
    minutes: dict[ClockName, Times]
    speed: Mean
    quality: Mean


@dataclass(slots=True)
class _Tally:
    called: int = 0
    judged: int = 0
    on_time: int = 0
    answered_judged: int = 0
    minutes: dict[ClockName, list[float]] = field(
        default_factory=lambda: {clock: [] for clock in ClockName}
    )
    marks: list[tuple[int, int]] = field(default_factory=list)


def blown_in(whistles: Iterable[Whistle], since_ms: int, until_ms: int) -> list[Whistle]:
    """Those blown from `since_ms` to before `until_ms`."""
    return [
        held
        for held in whistles
        if held.blown is not None and since_ms <= held.blown.observed_ms < until_ms
    ]


def department_figures(whistles: Iterable[Whistle], now_ms: int) -> list[DepartmentFigures]:
    """One row for each department that was called, by id. `whistles`: those that were blown."""
    tallies: dict[str, _Tally] = {}
    for held in whistles:
        for name in held.parts:
            _count(tallies.setdefault(name, _Tally()), held, name, now_ms)
    return [_figures(name, tallies[name]) for name in sorted(tallies)]


def whistle_rate(n_whistles: int, n_cases: int) -> float | None:
    """Whistles for each case (吹哨率); None below LEAST_SAMPLES cases.

    Neither too low (the mechanism lies idle) nor too high (routine work fails) is good.
    """
    return rate(n_whistles, n_cases)


def rate(part: int, whole: int) -> float | None:
    return None if whole < LEAST_SAMPLES else part / whole


def _count(tally: _Tally, held: Whistle, name: str, now_ms: int) -> None:
    if held.blown is None:
        return
    part, blown_ms = held.parts[name], held.blown.observed_ms
    due_ms = held.within.due_ms(blown_ms, ClockName.ACKNOWLEDGE)
    tally.called += 1
    answered_ms = part.acknowledged_ms
    if answered_ms is not None or now_ms > due_ms:
        tally.judged += 1
        tally.answered_judged += answered_ms is not None
        tally.on_time += answered_ms is not None and answered_ms <= due_ms
    for clock, found in tally.minutes.items():
        met_ms = part.met_ms(clock)
        if met_ms is not None:
            found.append((met_ms - blown_ms) / MINUTE_MS)
    if part.marks is not None:
        tally.marks.append(part.marks)


def _figures(name: str, tally: _Tally) -> DepartmentFigures:
    minutes = tally.minutes
    return DepartmentFigures(
        department=name,
        called=tally.called,
        answered=len(minutes[ClockName.ACKNOWLEDGE]),
        on_time=tally.on_time,
        judged=tally.judged,
        arrived=len(minutes[ClockName.ARRIVE]),
        done=len(minutes[ClockName.FINISH]),
        answer_rate=rate(tally.answered_judged, tally.judged),
        on_time_rate=rate(tally.on_time, tally.judged),
        minutes={clock: times(found) for clock, found in minutes.items()},
        speed=_mean([speed for speed, _ in tally.marks]),
        quality=_mean([quality for _, quality in tally.marks]),
    )


def times(minutes: Sequence[float]) -> Times:
    """Nearest rank: a value that was really there."""
    if not minutes:
        return Times(0, None, None)
    ranked = sorted(minutes)
    return Times(len(ranked), _ranked(ranked, 0.5), _ranked(ranked, 0.9))


def _ranked(ranked: Sequence[float], share: float) -> float:
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def _mean(marks: Sequence[int]) -> Mean:
    return Mean(len(marks), sum(marks) / len(marks) if marks else None)
