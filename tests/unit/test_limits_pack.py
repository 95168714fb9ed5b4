"""Classes and calendar of a pack: what loads, and what is refused by file, field and reason."""

import json
from datetime import date, datetime

import pytest

from dashboard.clock import SHANGHAI, to_ms
from dashboard.domain.deadlines import deadline
from dashboard.domain.incident_classes import ClockType, Kind, Limit
from dashboard.domain.work_calendar import BASE_YEARS, day_of
from dashboard.limits_pack import load_calendar, load_classes, summary
from dashboard.region import check
from tests.spoiled_pack import GUANDU, Pack

CAMERA = "P-01-50"
YEAR_2035 = {
    "year": 2035,
    "source": "made up for this test",
    "free": ["2035-01-01", "2035-02-08", "2035-02-09"],
    "worked": ["2035-02-17"],
}
FACILITIES = 1  # its place among the code systems


@pytest.fixture
def pack(tmp_path):
    return Pack(tmp_path)


def moment(text):
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def write_calendar(pack, years=(), days=()):
    body = {"years": list(years), "days": list(days)}
    (pack.folder / "calendar.json").write_text(json.dumps(body), encoding="utf-8")


def due(pack, start, amount, clock):
    held = deadline(moment(start), Limit(amount, clock, 1), load_classes(pack.folder).calendar)
    return held.due_ms, held.is_provisional


# --- classes.json


def _first_system(change):
    return lambda body: change(body["code_systems"][0])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s["classes"].append(s["classes"][0]), "01-01 is there twice"),
        (
            lambda s: s["classes"][0].pop("name_en"),
            "Object missing required field `name_en` - at `$.code_systems[0].classes[0]`",
        ),
        (
            lambda s: s["classes"][2]["limits"][0].update(clock="lunar_hour"),
            "Invalid enum value 'lunar_hour' - at `$.code_systems[0].classes[2].limits[0].clock`",
        ),
        (
            lambda s: s["classes"][2]["limits"][0].update(amount=0),
            "Expected `int` >= 1 - at `$.code_systems[0].classes[2].limits[0].amount`",
        ),
        (
            lambda s: s["classes"][0].update(limits=[]),
            "Expected a limit of class 01-01 or a `default_limit` of its code system, got neither "
            "- at `$.code_systems[0].classes[0].limits`",
        ),
    ],
)
def test_bad_classes_are_refused(pack, change, expected):
    pack.edit("classes.json", _first_system(change))
    assert pack.classes_refusal() == ("classes.json", expected)


def test_a_code_system_twice(pack):
    pack.edit("classes.json", lambda body: body["code_systems"].append(body["code_systems"][0]))
    assert pack.classes_refusal() == ("classes.json", "yuncheng-muban/1 is there twice")


def test_limits_are_numbered_from_one():
    limits = load_classes(GUANDU).find("03-07").limits
    assert [(limit.amount, limit.condition) for limit in limits] == [(3, 1), (2, 2), (1, 3)]


def test_a_limit_keeps_its_condition_and_what_was_printed():
    camera = load_classes(GUANDU).find(CAMERA)
    assert [limit.published for limit in camera.limits] == ["1天", "3天", "1天", "3天"]
    assert [limit.text for limit in camera.limits] == [None] * 4
    assert camera.limits[2].text_en == "Dirty"
    cover = load_classes(GUANDU).find("P-01-14")
    assert cover.limits[1].text == "破损超过25c㎡"


def test_facilities_without_a_published_limit_run_on_the_declared_one():
    facilities = [cls for cls in load_classes(GUANDU).values() if cls.kind is Kind.FACILITY]
    assumed = [cls for cls in facilities if cls.is_limit_assumed]
    assert {cls.code for cls in facilities} - {cls.code for cls in assumed} == {"01-50", "01-14"}
    assert {cls.governing_limit for cls in assumed} == {Limit(3, ClockType.WORK_DAY, 1)}


def test_a_default_that_is_published_is_no_assumption(pack):
    def publish(body):
        body["code_systems"][FACILITIES]["default_limit"]["published"] = "3工作日"

    pack.edit("classes.json", publish)
    assert not any(cls.is_limit_assumed for cls in load_classes(pack.folder).values())


def test_facilities_need_a_default_or_limits_of_their_own(pack):
    pack.edit("classes.json", lambda body: body["code_systems"][FACILITIES].pop("default_limit"))
    assert pack.classes_refusal() == (
        "classes.json",
        "Expected a limit of class 01-01 or a `default_limit` of its code system, got neither "
        "- at `$.code_systems[1].classes[0].limits`",
    )


def test_a_code_system_is_of_events_unless_it_says_so(pack):
    def forget_kinds(body):
        for system in body["code_systems"]:
            system.pop("kind")

    pack.edit("classes.json", forget_kinds)
    assert {cls.kind for cls in load_classes(pack.folder).values()} == {Kind.EVENT}


def test_another_kind_is_refused(pack):
    pack.edit("classes.json", lambda body: body["code_systems"][0].update(kind="person"))
    reason = "Invalid enum value 'person' - at `$.code_systems[0].kind`"
    assert pack.classes_refusal() == ("classes.json", reason)


# --- calendar.json


@pytest.mark.parametrize("is_there", [True, False])
def test_a_calendar_that_adds_nothing_may_be_left_out(pack, is_there):
    if not is_there:
        (pack.folder / "calendar.json").unlink()
    assert load_calendar(pack.folder).published_years == tuple(sorted(BASE_YEARS))


def test_a_year_of_the_pack_is_published(pack):
    start = "2035-02-07T10:00"
    # unknown, the year counts weekends only: the 8th and 9th are worked
    assert due(pack, start, 2, ClockType.WORK_DAY) == (moment("2035-02-09T10:00"), True)
    write_calendar(pack, years=[YEAR_2035])
    assert due(pack, start, 2, ClockType.WORK_DAY) == (moment("2035-02-13T10:00"), False)
    # Friday to the worked Saturday
    assert due(pack, "2035-02-16T17:00", 2, ClockType.WORK_HOUR)[0] == moment("2035-02-17T09:00")
    assert ", 2035; " in check(pack.folder)


def test_a_year_of_the_pack_replaces_the_published_one(pack):
    year = {"year": 2026, "source": "s", "free": ["2026-10-01"], "worked": []}
    write_calendar(pack, years=[year])
    calendar = load_calendar(pack.folder)
    free = [calendar.is_working_day(day_of(date(2026, 10, day))) for day in (1, 2, 3, 10)]
    assert free == [False, True, False, False]


def test_single_days_go_before_everything_on_both_sides(pack):
    assert due(pack, "2026-09-30T10:00", 1, ClockType.WORK_DAY)[0] == moment("2026-10-08T10:00")
    free = {"day": "2026-10-08", "is_worked": False, "reason": "flood"}
    write_calendar(pack, days=[free])
    assert due(pack, "2026-09-30T10:00", 1, ClockType.WORK_DAY)[0] == moment("2026-10-09T10:00")
    worked = {"day": "2026-10-03", "is_worked": True, "reason": "flood"}
    write_calendar(pack, days=[free, worked])
    assert due(pack, "2026-09-30T10:00", 1, ClockType.WORK_DAY)[0] == moment("2026-10-03T10:00")
    late = {"day": "2035-02-08", "is_worked": True, "reason": "flood"}
    write_calendar(pack, years=[YEAR_2035], days=[late])
    assert due(pack, "2035-02-07T10:00", 1, ClockType.WORK_DAY)[0] == moment("2035-02-08T10:00")


def test_a_single_day_is_certain_its_year_is_not(pack):
    write_calendar(pack, days=[{"day": "2035-01-01", "is_worked": False, "reason": "New Year"}])
    calendar = load_calendar(pack.folder)
    new_year = day_of(date(2035, 1, 1))
    assert [calendar.is_published(day) for day in (new_year, new_year + 1)] == [True, False]
    assert due(pack, "2034-12-29T10:00", 1, ClockType.WORK_DAY) == (
        moment("2035-01-02T10:00"),
        True,
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda y: y.pop("source"), "Object missing required field `source` - at `$.years[0]`"),
        (lambda y: y.update(free=[]), "Expected `array` of length >= 1 - at `$.years[0].free`"),
        (
            lambda y: y.update(free=["2035-13-01"]),
            "Invalid RFC3339 encoded date - at `$.years[0].free[0]`",
        ),
        (
            lambda y: y.update(sources="s"),
            "Object contains unknown field `sources` - at `$.years[0]`",
        ),
        (
            lambda y: y["free"].append("2034-12-31"),
            "Expected a day of 2035, got 2034-12-31 - at `$.years[0].free[3]`",
        ),
        (
            lambda y: y["worked"].append("2036-01-01"),
            "Expected a day of 2035, got 2036-01-01 - at `$.years[0].worked[1]`",
        ),
        (
            lambda y: y["worked"].insert(0, "2035-02-19"),
            "Expected a Saturday or Sunday, got 2035-02-19 - at `$.years[0].worked[0]`",
        ),
    ],
)
def test_a_bad_year_is_refused(pack, change, expected):
    year = json.loads(json.dumps(YEAR_2035))
    change(year)
    write_calendar(pack, years=[year])
    assert pack.classes_refusal() == ("calendar.json", expected)


@pytest.mark.parametrize(
    ("years", "days", "place", "reason"),
    [
        ([YEAR_2035, YEAR_2035], [], "calendar.json: years", "2035 is there twice"),
        (
            [YEAR_2035 | {"worked": ["2035-02-09"]}],
            [],
            "calendar.json: years[0]",
            "2035-02-09 is there twice",
        ),
        (
            [],
            [{"day": "2026-10-08", "is_worked": worked, "reason": "r"} for worked in (True, False)],
            "calendar.json: days",
            "2026-10-08 is there twice",
        ),
        (
            [],
            [{"day": "2026-10-08", "is_worked": 1, "reason": "r"}],
            "calendar.json",
            "Expected `bool`, got `int` - at `$.days[0].is_worked`",
        ),
    ],
)
def test_a_day_said_twice_or_badly_is_refused(pack, years, days, place, reason):
    write_calendar(pack, years, days)
    assert pack.classes_refusal() == (place, reason)


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ([], ""),
        ([2026], "2026"),
        ([2004, 2005, 2006, 2028, 2030, 2031], "2004-2006, 2028, 2030-2031"),
    ],
)
def test_years_are_told_in_spans(years, expected):
    assert summary(load_classes(GUANDU), years).endswith(f"; calendar {expected}")
