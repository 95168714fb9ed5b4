"""The made-up departments answer the desk: they accept what is dispatched to them, or return it,
and finish it.

What they do next is a function of how a case stands and of the seed, so that after a restart they
go on from what the store says, and tell nothing twice.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.clock import Clock, iso
from dashboard.domain.events import DESK, Chunk, IncidentMoved, IncidentReported
from dashboard.domain.events import IncidentAction as Do
from dashboard.domain.incident_life import IncidentState
from dashboard.domain.incidents import MOVES_KEPT
from dashboard.domain.standing import Standing, Told, standing_of
from dashboard.errors import StateUnreadable, StoreAway
from dashboard.store.state import StateStore
from dashboard.store.streams import EventStream
from feeds.demo.whistles import reports
from feeds.demo.world import World

log = logging.getLogger(__name__)

READ_CHUNKS, READ_BLOCK_MS = 64, 500
RETRY_S = 1.0
# Seconds of the made-up day.
RETURN_S, ACCEPT_S = (60.0, 240.0), (20.0, 120.0)
HANDLE_S = {1: (240.0, 900.0), 2: (300.0, 1_200.0)}
HANDLE_ROUTINE_S = (600.0, 2_700.0)
RETURNED = 0.08  # share of dispatches
MOST_RETURNS = 2  # of one case
REASONS = (
    "非本单位职责，建议改派属地街道",
    "现场位置不清，请补充后重派",
    "涉及权属单位施工，需先协调",
    "人员均在现场处置其他案件，请就近改派",
)


class Answer(NamedTuple):
    """What a department is going to do, and when; its id comes out the same every time.

    `more` are further fields of the event.
    """

    at_ms: int
    incident: str
    id: str
    action: str
    department: str
    note: str | None
    more: dict[str, str] | None = None


@dataclass(slots=True)
class _Held:
    """A case that the desk has acted on."""

    moves: list[IncidentMoved]
    first_ms: int
    priority: int
    report: IncidentReported | None = None
    turn: int = 0  # raised by whatever happens: what was planned before is void


class Departments:
    """Follows the desk's own moves in the events stream."""

    def __init__(self, redis: Any, world: World, clock: Clock) -> None:
        self._stream, self._state = EventStream(redis), StateStore(redis)
        self._world, self._clock = world, clock
        self._held: dict[str, _Held] = {}
        self._planned: list[tuple[Answer, int]] = []
        self._position = ""
        self._news = asyncio.Event()

    def has(self, incident: str) -> bool:
        """Whether the desk acts on a case: then the made-up city system leaves it alone."""
        return incident in self._held

    async def begin(self) -> None:
        """Know what the desk did before; waits for the store."""
        while True:
            try:
                self._position, incidents = await self._state.incidents()
                break
            except (StoreAway, StateUnreadable) as error:
                log.info("the departments wait: %s", error)
                await asyncio.sleep(RETRY_S)
        for one in incidents:
            if any(move.at_desk for move in one.moves):
                held = _Held(list(one.moves), one.first_ms, one.priority, one.report)
                self._held[one.id] = held
                self._plan(one.id, held)

    async def follow(self) -> None:
        """Read what happens, for ever."""
        while True:
            try:
                read = await self._stream.read_after(self._position, READ_CHUNKS, READ_BLOCK_MS)
            except StoreAway:
                await asyncio.sleep(RETRY_S)
                continue
            for position, chunk in read:
                self.take(chunk)
                self._position = position

    def take(self, chunk: Chunk) -> None:
        """One batch of the stream, whoever sent it."""
        is_desk = chunk.feed == DESK
        for event in chunk.events:
            if isinstance(event, IncidentMoved) and (is_desk or event.incident in self._held):
                new = _Held([], event.observed_ms, 3)
                held = self._held.setdefault(event.incident, new)
                if event not in held.moves:
                    held.moves = [*held.moves, event][-MOVES_KEPT:]
                    self._plan(event.incident, held)

    async def answers(self) -> Any:
        """What they do, each when it is due."""
        while True:
            self._news.clear()
            for answer in self.due(self._clock.now_ms()):
                yield answer
            wait_s = None
            if self._planned:
                wait_s = max(0.0, (self._planned[0][0].at_ms - self._clock.now_ms()) / 1000)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._news.wait()

    def due(self, now_ms: int) -> Iterator[Answer]:
        """What they do up to an instant; what became void meanwhile is left out."""
        while self._planned and self._planned[0][0].at_ms <= now_ms:
            answer, turn = heapq.heappop(self._planned)
            if self._held[answer.incident].turn == turn:
                yield answer

    def _plan(self, incident: str, held: _Held) -> None:
        held.turn += 1
        moves = sorted(held.moves, key=lambda move: (move.observed_ms, move.id))
        told = Told(
            report=held.report,
            moves=moves,
            first_ms=held.first_ms,
            priority=held.priority,
            cls=None,
        )
        standing = standing_of(told, self._world.classes.calendar)
        answer = next_answer(self._world, incident, standing, held.priority)
        planned = [] if answer is None else [answer]
        planned += whistle_answers(self._world, incident, standing)
        for one in planned:
            heapq.heappush(self._planned, (one, held.turn))
            self._news.set()


def next_answer(world: World, incident: str, standing: Standing, priority: int) -> Answer | None:
    """What the department of a case does next, and when; None while it is not its turn."""
    step, department = _last_step(standing), standing.department
    if step is None or department is None:
        return None
    dice = world.chance("department", incident, step.id)
    is_returned = dice.random() < RETURNED and standing.n_returns < MOST_RETURNS
    if standing.state is IncidentState.HANDLING:
        action, span_s = Do.HANDLE, HANDLE_S.get(priority, HANDLE_ROUTINE_S)
    elif is_returned:
        action, span_s = Do.RETURN, RETURN_S
    else:
        action, span_s = Do.ACCEPT, ACCEPT_S
    at_ms = step.observed_ms + round(1000 * dice.uniform(*span_s) / world.speed)
    note = dice.choice(REASONS) if action is Do.RETURN else None
    identity = f"{step.id}-{action.value}"[:128]
    return Answer(at_ms, incident, identity, action.value, department, note)


def whistle_answers(world: World, incident: str, standing: Standing) -> list[Answer]:
    """What the departments that were whistled for do next, each for itself."""
    action = Do.WHISTLE.value
    return [
        Answer(one.at_ms, incident, one.id, action, one.department, None, one.more)
        for one in reports(world, standing.moves)
    ]


def _last_step(standing: Standing) -> IncidentMoved | None:
    """The move that a department answers; None when it waits for somebody else."""
    if standing.state not in (IncidentState.DISPATCHED, IncidentState.HANDLING):
        return None
    begins = (Do.DISPATCH, Do.ACCEPT, Do.REWORK, Do.RESUME)
    return next((m for m in reversed(standing.moves) if m.action in begins), None)


def event_of(answer: Answer, name_of: Callable[[str], str]) -> dict[str, Any]:
    """The answer as an outside system reports it."""
    data = {
        "incident": answer.incident,
        "action": answer.action,
        "by": name_of(answer.department),
        "department": answer.department,
    }
    if answer.more is not None:
        data |= answer.more
    if answer.note is not None:
        data["note"] = answer.note
    return {
        "type": "incident.moved",
        "id": answer.id,
        "time": iso(answer.at_ms),
        "data": data,
    }
