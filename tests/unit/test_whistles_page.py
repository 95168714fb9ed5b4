"""The page about whistles says what the tables and the pack do."""

import re

from dashboard.domain.incident_life import WhistleKind
from dashboard.domain.whistle_life import NEEDS, PART_TRANSITIONS, TRANSITIONS, Step
from dashboard.domain.whistles import RIGHTS
from dashboard.setting_values import PROJECT
from dashboard.whistles import load_whistle_limits

PAGE = (PROJECT / "docs" / "whistles.md").read_text(encoding="utf-8")


def listed(words):
    return ", ".join(f"`{word}`" for word in words)


def row(step):
    states = [state for state, held in TRANSITIONS if held is step]
    after = dict.fromkeys(TRANSITIONS[state, step] for state in states)
    needs = listed(NEEDS.get(step, ())) or "-"
    return f"| `{step}` | {listed(states)} | {listed(after)} | {needs} | `{RIGHTS[step]}` |"


def part_row(pair):
    state, step = pair
    return f"| `{step}` | `{state}` | `{PART_TRANSITIONS[pair]}` |"


def clock_row(kind, within):
    return f"| `{kind}` | {within.acknowledge} | {within.arrive} | {within.finish} |"


def rows(n_columns):
    cells = r"\|[^|\n]+" * n_columns
    found = re.findall(rf"^{cells}\|$", PAGE, re.MULTILINE)
    return [line for line in found if line.startswith("| `")]


def test_the_steps_are_those_of_the_program():
    taken = [step for step in Step if any(held is step for _, held in TRANSITIONS)]
    assert rows(5) == [row(step) for step in taken]


def test_the_parts_are_those_of_the_program():
    assert rows(3) == [part_row(pair) for pair in PART_TRANSITIONS]


def test_the_clocks_are_those_of_the_pack():
    limits = load_whistle_limits(PROJECT / "dashboard" / "regions" / "guandu")
    assert rows(4) == [clock_row(kind, limits[kind]) for kind in WhistleKind]
