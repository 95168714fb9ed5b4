"""The page about incidents says what the table does."""

import re

from dashboard.domain.casework import RIGHT_OF
from dashboard.domain.events import IncidentAction
from dashboard.domain.incident_life import BEFORE, NEEDS, SAME, TRANSITIONS
from dashboard.domain.standing import Reason
from dashboard.setting_values import PROJECT

PAGE = (PROJECT / "docs" / "incidents.md").read_text(encoding="utf-8")


def row(action):
    states = [state for state, held in TRANSITIONS if held is action]
    targets = {TRANSITIONS[state, action] for state in states}
    if targets == {SAME}:
        after = "stays"
    elif targets == {BEFORE}:
        after = "the state before"
    else:
        after = ", ".join(f"`{target}`" for target in targets)
    needs = ", ".join(f"`{name}`" for name in NEEDS.get(action, ())) or "-"
    held = ", ".join(f"`{state}`" for state in states)
    return f"| `{action}` | {held} | {after} | {needs} | `{RIGHT_OF[action]}` |"


def test_the_table_of_actions_is_the_table_of_the_program():
    in_table = [action for action in IncidentAction if action in {a for _, a in TRANSITIONS}]
    told = re.findall(r"^\| `\w+` \|.*\| `\w+` \|$", PAGE, re.MULTILINE)
    assert told == [row(action) for action in in_table]


def test_every_reason_to_go_up_by_itself_is_told():
    told = set(re.findall(r"^\| .* \| `(\w+)` \|$", PAGE.partition("By itself")[2], re.MULTILINE))
    assert told == {reason.value for reason in Reason} - {"officer"}
