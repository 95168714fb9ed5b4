"""The page about alerts, and the pages' scripts, say what the tables do."""

import json
import re

import pytest

from dashboard.domain.alert_acts import RIGHT_OF
from dashboard.domain.alert_load import TARGETS
from dashboard.domain.alert_rules import OF_THE_QUEUE, Kind
from dashboard.domain.alerts import (
    BENEATH,
    LISTED,
    NEEDS,
    SAME,
    STEPS,
    TRANSITIONS,
    AlertAction,
    AlertState,
    What,
    possible,
)
from dashboard.setting_values import PROJECT

PAGE = (PROJECT / "docs" / "alerts.md").read_text(encoding="utf-8")


def row(action):
    states = [state for state, held in TRANSITIONS if held is action]
    targets = list(dict.fromkeys(TRANSITIONS[state, action] for state in states))
    words = {SAME: "stays", BENEATH: "what holds beneath"}
    after = [words.get(target, f"`{target}`") for target in targets]
    said = ", ".join(word for word in after if word != "stays")
    if "stays" in after:
        said = f"{said} or stays" if said else "stays"
    needs = ", ".join(f"`{name}`" for name in NEEDS.get(action, ())) or "-"
    held = ", ".join(f"`{state}`" for state in states)
    return f"| `{action}` | {held} | {said} | {needs} | `{RIGHT_OF[action]}` |"


def test_the_table_of_actions_is_the_table_of_the_program():
    told = re.findall(r"^\| `\w+` \|.*\| `\w+` \|$", PAGE, re.MULTILINE)
    assert told == [row(action) for action in AlertAction]


def test_every_state_and_every_kind_of_rule_is_told():
    assert re.findall(r"^\| `(\w+)` \| [^|]+ \|$", PAGE, re.MULTILINE) == [*LISTED]
    rules = PAGE.partition("## Rules")[2]
    assert re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", rules, re.MULTILINE) == [*Kind]


def test_the_targets_are_those_of_the_program():
    told = re.findall(r"^\| in [\w ]+ \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    expected = [TARGETS[name] for name in ("n_10_min", "n_hour", "n_day")]
    assert [tuple(map(int, pair)) for pair in told] == expected


@pytest.mark.parametrize("state", AlertState)
def test_whatever_is_listed_can_be_left(state):
    assert bool(possible(state)) is (state is not AlertState.NORMAL)


def test_every_step_leads_from_a_state_to_a_state():
    for (state, what), after in STEPS.items():
        assert state in AlertState
        assert what in What
        assert after in (SAME, BENEATH, *AlertState)


@pytest.mark.parametrize("script", ["alert_list", "alert_map"])
def test_scripts_know_the_alerts_that_speak_of_a_case_in_the_queue(script):
    """The desk and the map load other scripts, so each has the list of its own."""
    source = (PROJECT / "assets" / f"{script}.js").read_text(encoding="utf-8")
    (found,) = re.findall(r'= (\["incident_at_limit"[^]]*\]);', source)
    assert set(json.loads(found)) == OF_THE_QUEUE
