"""Loads and checks the alert rules of a region pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dashboard.domain.alert_rules import Rule, problems
from dashboard.domain.areas import Region, Tier
from dashboard.domain.incident_classes import Classes
from dashboard.domain.tiers import COMMAND
from dashboard.domain.whistles import Limits
from dashboard.errors import RegionError
from dashboard.pack_file import read_file, refuse_repeats
from dashboard.whistles import load_whistle_limits

RULES = "alert_rules.json"
SEATS_DEFAULT = 1


@dataclass(frozen=True, slots=True)
class AlertPack:
    """`seats`: officers on duty at one desk of a tier, which the standard's rates are meant for."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    seats: Mapping[Tier, int] = field(default_factory=dict)
    whistles: Limits = field(default_factory=dict)

    def seats_of(self, tier: Tier) -> int:
        return self.seats.get(tier, SEATS_DEFAULT)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: list[Rule]
    seats: dict[Tier, Annotated[int, Meta(ge=1, le=99)]] = {}


def load_alert_rules(folder: Path, region: Region, classes: Classes) -> AlertPack:
    """The rules of `alert_rules.json`; a pack may come without the file, and then raises nothing.

    Raises RegionError naming file, field and what was expected.
    """
    if not (folder / RULES).exists():
        return AlertPack()
    told = read_file(folder / RULES, _File)
    refuse_repeats(RULES, (rule.id for rule in told.rules))
    for place, rule in enumerate(told.rules):
        found = objection_to_rule(rule, region, classes)
        if found is not None:
            raise RegionError(RULES, f"{found[1]} - at `$.rules[{place}].{found[0]}`")
    for tier in told.seats:
        if tier not in COMMAND:
            raise RegionError(RULES, f"{tier} is no tier of command - at `$.seats`")
    limits = load_whistle_limits(folder)
    return AlertPack({rule.id: rule for rule in told.rules}, told.seats, limits)


def objection_to_rule(rule: Rule, region: Region, classes: Classes) -> tuple[str, str] | None:
    """A field that cannot be used, and what was expected; None: the rule holds."""
    if (found := problems(rule)) is not None:
        return found
    if rule.area is not None and rule.area not in region.by_code:
        return "area", f"{rule.area!r} is not an area of {region.name}"
    codes = {item.service_code for item in classes.values()}
    if rule.incident_class is not None and rule.incident_class not in codes:
        return "incident_class", f"{rule.incident_class!r} is no class of the pack"
    return None
