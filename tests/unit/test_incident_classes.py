"""Classes, and the priority that follows from their limits and severity."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.incident_classes import (
    Classes,
    ClockType,
    IncidentClass,
    Kind,
    Limit,
    priority_of,
)
from dashboard.domain.work_calendar import CHINA, ChinaCalendar
from dashboard.limits_pack import load_classes
from dashboard.setting_values import REGIONS

GUANDU = load_classes(REGIONS / "guandu")


def a_class(*limits, code="1", system="s", version="1"):
    return IncidentClass(
        system=system,
        version=version,
        code=code,
        name="名",
        name_en="Name",
        limits=tuple(Limit(amount, clock, n) for n, (amount, clock) in enumerate(limits, 1)),
    )


UNHURRIED = settings(deadline=None)  # a busy machine is no failure
ANY_LIMIT = st.tuples(st.integers(1, 30), st.sampled_from(ClockType))


@pytest.mark.parametrize(
    ("amount", "clock", "expected"),
    [
        (1, ClockType.URGENT_HOUR, 1),
        (2, ClockType.URGENT_HOUR, 2),
        (4, ClockType.URGENT_HOUR, 2),
        (2, ClockType.WORK_HOUR, 3),
        (1, ClockType.NATURAL_DAY, 4),
        (1, ClockType.WORK_DAY, 4),
    ],
)
def test_priority_follows_the_clock(amount, clock, expected):
    assert priority_of(a_class((amount, clock)), None) == expected


@pytest.mark.parametrize(("severity", "expected"), [(1, 1), (2, 1), (3, 2), (4, 4), (None, 4)])
def test_severity_raises_a_routine_class(severity, expected):
    assert priority_of(a_class((15, ClockType.WORK_DAY)), severity) == expected
    assert priority_of(None, severity) == expected


@UNHURRIED
@given(st.lists(ANY_LIMIT, min_size=1, max_size=4), st.sampled_from([None, 1, 2, 3, 4]))
def test_severity_never_lowers_a_priority(limits, severity):
    cls = a_class(*limits)
    assert 1 <= priority_of(cls, severity) <= priority_of(cls, None) <= 4


@UNHURRIED
@given(st.lists(ANY_LIMIT, min_size=1, max_size=4))
def test_the_governing_limit_is_the_most_urgent(limits):
    cls = a_class(*limits)
    others = [priority_of(a_class(limit), None) for limit in limits]
    assert cls.governing_limit in cls.limits
    assert priority_of(cls, None) == min(others)


def test_a_blocked_drain_takes_its_urgent_condition():
    assert GUANDU.find("05-03").governing_limit == Limit(1, ClockType.URGENT_HOUR, 2)
    assert priority_of(GUANDU.find("05-03"), None) == 1


def test_water_on_the_road_is_due_in_two_urgent_hours():
    flood = GUANDU.find("05-06")
    assert (flood.name, flood.limits) == ("道路积水", (Limit(2, ClockType.URGENT_HOUR, 1),))
    assert priority_of(flood, None) == 2


def test_all_published_classes_are_there_in_both_languages():
    events = [cls for cls in GUANDU.values() if cls.kind is Kind.EVENT]
    facilities = [cls for cls in GUANDU.values() if cls.kind is Kind.FACILITY]
    assert (len(events), len(facilities)) == (98, 91)
    assert sum(len(cls.limits) for cls in events) == 118
    assert all(cls.name_en.isascii() and not cls.name.isascii() for cls in GUANDU.values())
    assert len({cls.name_en for cls in events}) == 98
    assert len({cls.name_en for cls in facilities}) == 91


def test_a_code_alone_is_of_the_first_system():
    first, second = a_class((1, ClockType.WORK_DAY)), a_class((1, ClockType.WORK_DAY), system="t")
    classes = Classes([first, second])
    assert classes.find("1") is first
    assert classes.find("1", "t") is second
    assert classes.find("1", "t", "1") is second


def test_a_code_is_not_looked_for_in_another_system_or_version():
    limit = (1, ClockType.WORK_DAY)
    old, new = a_class(limit, version="1"), a_class(limit, version="2", code="2")
    classes = Classes([old, new])
    assert classes.find("1", "s", "1") is old
    assert classes.find("2", version="2") is new
    assert classes.find("1", "s", "2") is None
    assert classes.find("2") is None
    assert classes.find("1", "t") is None
    assert classes.find("1", version="3") is None


@pytest.mark.parametrize(
    ("code", "system", "expected"),
    [
        ("01-50", None, None),
        ("P-01-50", None, "监控电子眼"),
        ("01-50", "yuncheng-muban-facilities", "监控电子眼"),
        ("P-01-50", "yuncheng-muban-facilities", "监控电子眼"),
        ("P-01-50", "yuncheng-muban", None),
        ("E-01-50", None, None),
        ("01-10", None, "暴露生活垃圾"),
        ("E-01-10", None, "暴露生活垃圾"),
        ("P-01-10", None, "热力井盖"),
        ("E-01-10", "yuncheng-muban-facilities", None),
        ("E-", None, None),
        ("X-01-10", None, None),
    ],
)
def test_a_letter_before_the_code_names_its_table(code, system, expected):
    found = GUANDU.find(code, system)
    assert (None if found is None else found.name) == expected


def test_a_service_code_finds_its_class_again():
    assert all(GUANDU.find(cls.service_code) is cls for cls in GUANDU.values())
    assert GUANDU.find("01-10").service_code == "E-01-10"


def test_a_code_that_begins_with_such_a_letter_is_taken_as_it_is():
    plain, lettered = a_class((1, ClockType.WORK_DAY)), a_class((1, ClockType.WORK_DAY), code="E-1")
    assert Classes([plain, lettered]).find("E-1") is lettered


def test_a_class_without_a_limit_takes_the_default_of_its_system():
    default = Limit(3, ClockType.WORK_DAY, 1)
    cls = replace(a_class((1, ClockType.WORK_DAY)), limits=(), default_limit=default)
    assert (cls.governing_limit, cls.is_limit_assumed) == (default, True)
    with pytest.raises(ValueError, match="no limit"):
        replace(cls, default_limit=None)


def test_a_published_limit_goes_before_the_default():
    default = Limit(1, ClockType.URGENT_HOUR, 1)
    cls = replace(a_class((5, ClockType.WORK_DAY)), default_limit=default)
    assert (cls.governing_limit.amount, cls.is_limit_assumed) == (5, False)


def test_the_calendar_hangs_on_the_classes():
    cls, own = a_class((1, ClockType.WORK_DAY)), ChinaCalendar()
    assert Classes([cls]).calendar is CHINA
    assert Classes([cls], calendar=own).calendar is own


def test_it_is_a_mapping_by_system_version_and_code():
    cls = a_class((1, ClockType.WORK_DAY))
    assert dict(Classes([cls])) == {("s", "1", "1"): cls}


def test_without_a_class_there_is_no_mapping():
    with pytest.raises(ValueError, match="at least one"):
        Classes([])
