"""The page that administrators read says what the table does."""

import re

from dashboard.domain.rights import TABLE, Right
from dashboard.setting_values import PROJECT

PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_table_of_roles_is_the_table_of_the_program():
    head = f"| role | {' | '.join(Right)} |\n"
    assert head in PAGE
    rows = re.findall(
        r"^\| (\w+) \|(.*)\|$", PAGE.partition(head)[2].partition("\n\n")[0], re.MULTILINE
    )
    said = {
        role: {right for right, cell in zip(Right, cells.split("|"), strict=True) if "x" in cell}
        for role, cells in rows
    }
    assert said == {role.value: set(rights) for role, rights in TABLE.items()}
