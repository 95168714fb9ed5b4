"""What the rules are judged by: for each rule a value at each of its sources, higher is worse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.domain.alert_rules import Kind, Rule
from dashboard.domain.areas import Area, Tier

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
MINUTE_MS: Final = 60_000


class Told(NamedTuple):
    """What an alert says of its source. `priority` and `tier` None: the rule's."""

    title: str
    title_en: str
    area: str
    lon: float | None = None
    lat: float | None = None
    priority: int | None = None
    tier: Tier | None = None
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Values of one rule at its sources; NaN where nothing is known: what holds goes on holding.

    `names` are the sources, `tell` says what one of them is called and where it is.
    """

    names: Sequence[str]
    values: Floats
    tell: Callable[[int], Told]

    def over(self, threshold: float) -> dict[str, int]:
        """Sources at or over the threshold, with their places."""
        found = np.flatnonzero(self.values >= threshold).tolist()
        names = self.names
        return {names[place]: place for place in found}

    def unknown(self) -> set[str]:
        return {self.names[place] for place in np.flatnonzero(np.isnan(self.values)).tolist()}


class Silence(msgspec.Struct, frozen=True, array_like=True):
    """A feed as the rules see it; `last_ms` None before its first batch."""

    name: str
    title: str
    title_en: str
    area: str | None
    period_s: int
    last_ms: int | None
    since_ms: int  # when it was added


@dataclass(slots=True)
class RateMemory:
    """Online rates of the last minutes, by grid, in percent; row 0 is the oldest.

    `reference` is the best of them, and stands still where an alert holds or is about to: a cut
    that lasts must not become the measure of itself.
    """

    minute: int = -1
    rates: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    reference: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def note(self, rates: Floats, held: Numbers, minute: int, window: int) -> None:
        """Take in the rates of this minute; `held` are the grids whose reference stands still."""
        if len(self.rates) == 0 or self.rates.shape[1] != len(rates):
            self.rates, self.reference = rates[None, :].copy(), rates.copy()
        elif minute != self.minute:
            self.rates = np.concatenate([self.rates, rates[None, :]])[-(window + 1) :]
        else:
            self.rates[-1] = np.fmax(self.rates[-1], rates)
        self.minute = minute
        best = np.fmax.reduce(self.rates, axis=0)
        best[held] = np.fmax(self.reference[held], rates[held])
        self.reference = best

    def drop(self, rates: Floats) -> Floats:
        """Points below the reference."""
        fall: Floats = self.reference - rates
        return fall


def grid_of(area: Area) -> Told:
    """Of a source that is an area itself."""
    lon, lat = area.label
    return Told(area.name, area.name_en, area.code, lon, lat)


NOTHING: Final = Signal((), np.zeros(0, np.float32), lambda _: Told("", "", ""))

Measure = Callable[[Rule], Signal]
Measures = Mapping[Kind, Measure]
