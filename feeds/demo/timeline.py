"""The made-up day as one sequence: a function of seed, region and start, and of no clock."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from feeds.demo.cameras import Cameras
from feeds.demo.exchange import Exchange
from feeds.demo.incidents import Incidents
from feeds.demo.staff import Staff
from feeds.demo.world import Due, World


class Source(Protocol):
    """One kind of thing that happens. `live` is to be asked for once."""

    def backlog(self) -> Iterator[Due]:
        """What happened up to the start and makes the picture of that moment."""
        ...

    def live(self) -> Iterator[Due]:
        """What happens after the start, in order of time, for ever."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """All that happens in a world.

    `history` can wait until the picture stands; `farewell` is what is left to say at the end.
    """

    all: tuple[Source, ...]
    history: Callable[[], Iterator[Due]]
    farewell: Callable[[], Iterator[Due]]

    @classmethod
    def of(cls, world: World) -> "Sources":
        incidents = Incidents(world)
        parts = (Staff(world), incidents, Exchange(world), Cameras(world))
        return cls(parts, incidents.history, incidents.farewell)


def timeline(world: World) -> Iterator[Due]:
    """The backlog, the history, then what happens in order of time, for ever."""
    sources = Sources.of(world)
    for part in sources.all:
        yield from part.backlog()
    yield from sources.history()
    yield from heapq.merge(*(part.live() for part in sources.all), key=lambda due: due.offset_s)
