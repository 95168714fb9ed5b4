"""The made-up departments answer whistles: they acknowledge, report in, handle and finish.

What each does next is a function of the whistle and of the seed. A few are late, a few forget.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from dashboard.clock import iso
from dashboard.domain.events import IncidentMoved
from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.whistle_life import PART_TRANSITIONS, Step, WhistleState
from dashboard.domain.whistles import Limits, Part, Whistle, Within, whistles_of
from feeds.demo.world import World

# Minutes in which the made-up departments mean to be there; the region's own limits may differ.
PACE: Final[Limits] = {
    WhistleKind.DAILY: Within(30, 120, 480),
    WhistleKind.HARD: Within(60, 240, 960),
    WhistleKind.EMERGENCY: Within(5, 30, 180),
}
LATE = 0.12  # share of the steps
IN_TIME, TOO_LATE = (0.2, 0.8), (1.1, 1.9)  # parts of the limit
ORDER: Final = (Step.ACKNOWLEDGE, Step.ARRIVE, Step.HANDLE, Step.FINISH)
CONTACTS = ("街道值班负责人", "社区书记", "现场网格员", "物业负责人")
MEASURES = (
    "派员到场会同街道处置",
    "调派抢修队伍和设备",
    "先行围挡警示，再行修复",
    "到场核查后制定处置方案",
)


class Reported(NamedTuple):
    """A step of a department: when, its id, and the fields of its event."""

    at_ms: int
    id: str
    department: str
    more: dict[str, str]


def reports(world: World, moves: Sequence[IncidentMoved]) -> Iterator[Reported]:
    """The next step of every department that a whistle of a case calls; `moves` by time."""
    for whistle in whistles_of(moves, PACE, "", ""):
        if whistle.state is not WhistleState.BLOWN or whistle.blown is None:
            continue
        for part in whistle.parts.values():
            step = next((s for s in ORDER if (part.state, s) in PART_TRANSITIONS), None)
            if step is not None:
                yield _report(world, whistle, part, step)


def _report(world: World, whistle: Whistle, part: Part, step: Step) -> Reported:
    dice = world.chance("whistle", whistle.id, part.department, step.value)
    is_late = dice.random() < LATE
    share = dice.uniform(*(TOO_LATE if is_late else IN_TIME))
    span_ms = round(60_000 * share * _minutes(whistle.within, step) / world.speed)
    more = {"whistle": whistle.id, "step": step.value}
    at_ms = _since_ms(whistle, part) + span_ms
    if step is Step.ACKNOWLEDGE:
        promised_ms = at_ms + round(60_000 * whistle.within.finish / world.speed)
        more |= {"contact": dice.choice(CONTACTS), "measures": dice.choice(MEASURES)}
        more["promised_at"] = iso(promised_ms)
    name = f"{whistle.id[:60]}-{part.department[:40]}-{step.value}"
    return Reported(at_ms, name, part.department, more)


def _minutes(within: Within, step: Step) -> float:
    """What is left for a step when the one before took its whole limit."""
    return {
        Step.ACKNOWLEDGE: within.acknowledge,
        Step.ARRIVE: within.arrive - within.acknowledge,
        Step.HANDLE: 10,
        Step.FINISH: within.finish - within.arrive - 10,
    }[step]


def _since_ms(whistle: Whistle, part: Part) -> int:
    """The department's last step; the blow before its first."""
    found = (part.handling_ms, part.arrived_ms, part.acknowledged_ms)
    blown_ms = 0 if whistle.blown is None else whistle.blown.observed_ms
    return next((at_ms for at_ms in found if at_ms is not None), blown_ms)
