"""Tries a rule on the last days: how often it would have raised, before anything is folded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.domain.alert_rules import MINUTE_MS, Kind, Rule
from dashboard.domain.areas import Region
from dashboard.domain.signal_history import HUNDREDTHS, UNKNOWN, Past, period_of

EXAMPLES: Final = 20
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class Raise(NamedTuple):
    """It would have raised; `end_ms` None: it would hold still."""

    at_ms: int
    source: str
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class Sources:
    """What of the present the history is read with: periods of feeds and resources in seconds,
    cameras behind a device, and the area of each source that lies in one."""

    period_s: Mapping[str, int]
    n_cameras: Mapping[str, int]
    area: Mapping[str, str]


def trial(rule: Rule, past: Past, sources: Sources, region: Region) -> list[Raise]:
    """Every raising, in order of time; to the minute, as the history is."""
    if not len(past.minutes):
        return []
    values = _VALUES[rule.kind](rule, past, sources)
    awake = np.array([rule.is_awake(int(minute) * MINUTE_MS) for minute in past.minutes])
    if rule.area is not None:
        values[:, ~_inside(rule.area, past.names, sources, region)] = 0
    return _raises(rule, past, _over(values, rule.threshold, awake))


def _inside(area: str, names: Sequence[str], sources: Sources, region: Region) -> Mask:
    def lies(name: str) -> bool:
        code = sources.area.get(name, name)
        return code in region.by_code and region.is_within(code, area)

    return np.array([lies(name) for name in names], dtype=bool)


def _over(values: Floats, threshold: float, awake: Mask) -> Mask:
    """Where the condition holds; what is not known holds on as it was."""
    over = values >= threshold
    unknown = np.isnan(values)
    for row in range(1, len(over)):
        over[row] = np.where(unknown[row], over[row - 1], over[row])
    over[~awake] = False
    return over


def _raises(rule: Rule, past: Past, over: Mask) -> list[Raise]:
    """The engine's delays, counted in minutes."""
    n = over.shape[1]
    active = np.zeros(n, dtype=bool)
    on, off = np.zeros(n, np.int64), np.zeros(n, np.int64)
    begun: dict[int, int] = {}
    found: list[Raise] = []
    for row, minute in enumerate(past.minutes.tolist()):
        holds = over[row]
        on = np.where(holds, np.where(on == 0, minute, on), 0)
        off = np.where(holds, 0, np.where(off == 0, minute, off))
        raised = holds & ~active & ((minute - on) * 60 >= rule.on_delay_s)
        cleared = ~holds & active & ((minute - off) * 60 >= rule.off_delay_s)
        found += [
            Raise(begun.pop(place), past.names[place], minute * MINUTE_MS)
            for place in np.flatnonzero(cleared).tolist()
        ]
        for place in np.flatnonzero(raised).tolist():
            begun[place] = minute * MINUTE_MS
        active = (active | raised) & ~cleared
    found += [Raise(at_ms, past.names[place], None) for place, at_ms in begun.items()]
    return sorted(found)


# ---- the values that each kind's rule sees, (minutes, sources) ---------------------------------


def _silence(rule: Rule, past: Past, sources: Sources) -> Floats:
    silent_s = _since(past) * 60
    periods = np.array([sources.period_s.get(name, 60) for name in past.names], np.float32)
    is_long = silent_s >= rule.parameter("at_least_s")
    found: Floats = np.where(is_long | np.isnan(silent_s), silent_s / periods, np.float32(0))
    return found.astype(np.float32)


def _exchange(_rule: Rule, past: Past, _sources: Sources) -> Floats:
    periods = np.array([period_of(name)[1] for name in past.names], np.float32)
    found: Floats = (_since(past) * 60 / periods).astype(np.float32)
    return found


def _since(past: Past) -> Floats:
    """Minutes since what was last heard; unknown before anything was."""
    since: Floats = (past.minutes[:, None] - past.values).astype(np.float32)
    since[past.values == UNKNOWN] = np.nan
    return since


def _share(_rule: Rule, past: Past, _sources: Sources) -> Floats:
    found: Floats = past.values.astype(np.float32) / np.float32(HUNDREDTHS)
    found[past.values == UNKNOWN] = np.nan
    return found


def _device(rule: Rule, past: Past, sources: Sources) -> Floats:
    found = _share(rule, past, sources)
    few = np.array(
        [sources.n_cameras.get(name, 0) < rule.parameter("min_cameras") for name in past.names],
        dtype=bool,
    )
    found[:, few] = 0
    return found


def _drop(rule: Rule, past: Past, sources: Sources) -> Floats:
    """Below the best of the window before; that stands still while the rule holds."""
    rates = _share(rule, past, sources)
    window = rule.parameter("window_min")
    drops = np.zeros_like(rates)
    reference = rates[0].copy()
    held = np.zeros(rates.shape[1], dtype=bool)
    for row in range(len(rates)):
        best = np.fmax.reduce(rates[max(0, row - window) : row + 1], axis=0)
        reference = np.where(held, np.fmax(reference, rates[row]), best)
        drops[row] = reference - rates[row]
        held = drops[row] >= rule.threshold
    return drops


def _cover(rule: Rule, past: Past, _sources: Sources) -> Floats:
    """Counted from the beginning of the rule's hours, as the board counts."""
    start = np.array([_day_start(rule, int(minute)) for minute in past.minutes.tolist()])
    since = np.maximum(past.values.astype(np.int64), start[:, None])
    found: Floats = np.maximum(past.minutes[:, None] - since, 0).astype(np.float32)
    return found


def _day_start(rule: Rule, minute: int) -> int:
    shanghai = 8 * 60
    midnight = (minute + shanghai) // 1_440 * 1_440 - shanghai
    if rule.hours is None:
        return midnight
    hours, _, minutes = rule.hours[0].partition(":")
    return midnight + int(hours) * 60 + int(minutes)


_VALUES: Final = {
    Kind.FEED_SILENT: _silence,
    Kind.EXCHANGE_OVERDUE: _exchange,
    Kind.ONLINE_RATE_DROP: _drop,
    Kind.DEVICE_GONE: _device,
    Kind.SITE_WITHOUT_VIEW: _share,
    Kind.GRID_WITHOUT_COVER: _cover,
}
RECORDED: Final = frozenset(_VALUES)
