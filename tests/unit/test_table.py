"""Rows under string identities, grown and forgotten."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.table import INITIAL_ROWS, Table, column, newest

BLANK = np.array([(-1,)], dtype=[("value", "<i8")])


def test_an_identity_keeps_its_number():
    table = Table(BLANK)
    assert [table.number(name) for name in ("a", "b", "a")] == [0, 1, 0]
    assert table.numbers(["b", "c", "b"]).tolist() == [1, 2, 1]
    assert table.ids == ["a", "b", "c"]


def test_a_table_grows_and_keeps_what_it_holds():
    table = Table(BLANK)
    n = 3 * INITIAL_ROWS
    numbers = table.numbers([str(i) for i in range(n)])
    table.rows["value"][:] = numbers
    table.number("one more")
    assert table.rows["value"].tolist() == [*range(n), -1]


def test_forgotten_rows_leave_no_gap_and_come_back_blank():
    table = Table(BLANK)
    table.numbers(["a", "b", "c"])
    table.rows["value"][:] = [1, 2, 3]
    assert table.keep(np.array([True, False, True])) == ["b"]
    assert table.number_of == {"a": 0, "c": 1}
    assert table.rows["value"].tolist() == [1, 3]
    again = table.number("b")
    assert table.rows["value"][again] == -1


def test_forgetting_everything_leaves_an_empty_table():
    table = Table(BLANK)
    table.numbers([str(i) for i in range(2 * INITIAL_ROWS)])
    assert len(table.keep(np.zeros(2 * INITIAL_ROWS, bool))) == 2 * INITIAL_ROWS
    assert len(table) == 0
    assert table.number("new") == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3))))
def test_the_newest_of_each_number_is_found_and_of_equals_the_highest_rank(rows):
    numbers, times, ranks = (column((row[i] for row in rows), len(rows)) for i in range(3))
    found = newest(numbers, times, ranks)
    expected = {}
    for number, time, rank in rows:
        expected[number] = max(expected.get(number, (time, rank)), (time, rank))
    positions = found.tolist()
    assert {rows[i][0]: rows[i][1:] for i in positions} == expected
    assert len(positions) == len(expected)
