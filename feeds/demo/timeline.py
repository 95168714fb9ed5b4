"""The made-up day as one sequence: a function of seed, region and start, and of no clock."""

import heapq
from collections.abc import Iterator
from typing import Protocol

from feeds.demo.cameras import Cameras
from feeds.demo.exchange import Exchange
from feeds.demo.incidents import Incidents
from feeds.demo.staff import Staff
from feeds.demo.world import Due, World


class Source(Protocol):
    """One kind of thing that happens. `live` is to be asked for once."""

    def backlog(self) -> Iterator[Due]:
        """What happened up to the start and still matters, the most telling first."""
        ...

    def live(self) -> Iterator[Due]:
        """What happens after the start, in order of time, for ever."""
        ...


def sources(world: World) -> tuple[Source, ...]:
    return Staff(world), Incidents(world), Exchange(world), Cameras(world)


def timeline(world: World) -> Iterator[Due]:
    """The backlog, then what happens in order of time, for ever."""
    parts = sources(world)
    for part in parts:
        yield from part.backlog()
    yield from heapq.merge(*(part.live() for part in parts), key=lambda due: due.offset_s)
