"""Patterns of class codes: what they match, and which says most."""

import pytest

from dashboard.domain.class_patterns import closeness, closest, first_without_code, is_pattern


@pytest.mark.parametrize(
    ("pattern", "code", "expected"),
    [
        ("05-03", "05-03", 6),
        ("05-03*", "05-03", 5),
        ("05-*", "05-03", 3),
        ("*", "05-03", 0),
        ("05-03", "05-04", None),
        ("05-0", "05-03", None),
        ("05-*", "P-05-03", None),
        ("P-05-*", "05-03", None),
        ("P-05-*", "P-05-03", 5),
        ("P-*", "P-05-03", 2),
        ("E-05-03", "05-03", 6),
        ("05-03", "E-05-03", 6),
        ("05-*", "E-05-03", 3),
    ],
)
def test_what_a_pattern_matches_and_how_closely(pattern, code, expected):
    assert closeness(pattern, code) == expected


def test_the_closest_of_several_counts():
    assert closest(["*", "05-03", "05-*"], "05-03") == 6
    assert closest(["*", "05-03", "05-*"], "05-04") == 3
    assert closest(["06-*"], "05-04") is None
    assert closest([], "05-04") is None


@pytest.mark.parametrize("text", ["05-03", "05-*", "P-01-*", "*", "05-0*", "a.b-1"])
def test_a_pattern(text):
    assert is_pattern(text)


@pytest.mark.parametrize("text", ["", "05-*3", "*-03", "**", "-05", "05 03", "05-03\n", "事件"])
def test_no_pattern(text):
    assert not is_pattern(text)


def test_a_pattern_that_matches_no_code_is_found():
    assert first_without_code(["05-*", "05-3"], ["05-03"]) == "05-3"
    assert first_without_code(["05-*", "*"], ["05-03"]) is None


def test_facilities_are_looked_at_only_where_there_are_some():
    assert first_without_code(["P-09-*"], ["05-03"]) is None
    assert first_without_code(["P-09-*"], ["05-03", "P-01-01"]) == "P-09-*"
