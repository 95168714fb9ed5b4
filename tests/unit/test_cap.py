"""CAP documents are valid, in both languages, and say what is not real."""

from xml.etree import ElementTree as ET

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clock import FixedClock
from dashboard.domain.cap import (
    Message,
    Sent,
    Status,
    document,
    is_made_up,
    moment,
    polygons,
)
from dashboard.domain.feeds import FeedCounts, FeedKind
from tests.cap_schema import NAMESPACE, problems
from tests.conftest import NOON
from tests.receivers import news
from tests.stage import feed

FIELDS = {
    "category": ["Safety", "Infra"],
    "event": "道路积水",
    "event_en": "Road under water",
    "urgency": "Immediate",
    "severity": "Severe",
    "certainty": "Observed",
    "responseType": ["Avoid"],
    "instruction": "请绕行",
    "instruction_en": "Take another way",
}
EARLIER = (Sent("cap.1.1", NOON - 60_000), Sent("cap.2.2", NOON - 1_000))
STREET = "530111001"


def message(what="raised", earlier=(), status=Status.ACTUAL, fields=None, **more):
    return Message(
        identifier="cap.7.1",
        sender="onemap@guandu.example.cn",
        status=status,
        news=news(7, FixedClock(NOON), what=what, **more),
        fields=FIELDS if fields is None else fields,
        earlier=earlier,
    )


def read(region, made):
    body = document(made, region)
    assert problems(body) == []
    return ET.fromstring(body)


def text(element, path):
    return element.findtext("/".join(f"{NAMESPACE}{name}" for name in path.split("/")))


def texts(element, path):
    found = element.findall("/".join(f"{NAMESPACE}{name}" for name in path.split("/")))
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("what", "earlier", "kind"),
    [
        ("raised", (), "Alert"),
        ("again", (), "Alert"),
        ("again", EARLIER, "Update"),
        ("raised", EARLIER, "Update"),
        ("cleared", EARLIER, "Cancel"),
    ],
)
def test_every_kind_of_message_is_valid(region, what, earlier, kind):
    root = read(region, message(what, earlier))
    assert text(root, "msgType") == kind
    references = text(root, "references")
    if earlier:
        first, second = references.split()
        assert first == "onemap@guandu.example.cn,cap.1.1,2026-11-22T11:59:00+08:00"
        assert second.split(",")[1] == "cap.2.2"
    else:
        assert references is None


@pytest.mark.parametrize("what", ["cleared", "acknowledged", "shelved"])
def test_what_concerns_nobody_outside_makes_no_message(what):
    assert message(what).type is None


def test_both_languages_say_the_same(region):
    root = read(region, message())
    assert texts(root, "info/language") == ["zh-CN", "en"]
    assert texts(root, "info/event") == ["道路积水", "Road under water"]
    assert texts(root, "info/instruction") == ["请绕行", "Take another way"]
    assert texts(root, "info/headline") == ["录像机7离线", "Recorder 7 is gone"]
    for name in ("urgency", "severity", "certainty", "effective", "expires"):
        zh, en = texts(root, f"info/{name}")
        assert zh == en
    assert texts(root, "info/category") == ["Safety", "Infra"] * 2
    assert text(root, "sent") == "2026-11-22T12:00:00+08:00"
    assert texts(root, "info/area/areaDesc")[1] == region.by_code[STREET].name_en


def test_a_cancel_says_that_it_is_over(region):
    root = read(region, message("cleared", EARLIER))
    assert texts(root, "info/responseType") == ["AllClear"] * 2
    assert texts(root, "info/urgency") == ["Past"] * 2
    assert texts(root, "info/instruction") == []
    assert texts(root, "info/headline")[1].startswith("Over: ")


@pytest.mark.parametrize(
    ("priority", "severity"), [(1, "Extreme"), (2, "Severe"), (3, "Moderate"), (4, "Minor")]
)
def test_without_a_severity_the_priority_says_it(region, priority, severity):
    root = read(region, message(fields={"event": "x"}, priority=priority))
    assert text(root, "info/severity") == severity
    assert text(root, "info/category") == "Other"


@pytest.mark.parametrize(("status", "mark"), [(Status.TEST, "TEST"), (Status.EXERCISE, "EXERCISE")])
def test_what_is_not_real_says_so_everywhere(region, status, mark):
    root = read(region, message(status=status))
    assert text(root, "status") == status
    assert "not a real alert" in text(root, "note")
    assert texts(root, "info/headline")[1].startswith(f"{mark}: ")


def test_the_polygon_is_the_area(region):
    """Latitude first; of what lies between polygon and grids there is next to nothing."""
    found = [
        shapely.Polygon([(lon, lat) for lat, lon in (map(float, pair.split(",")) for pair in row)])
        for row in (polygon.split() for polygon in polygons(region, STREET))
    ]
    grids = [
        region.grid_shape(grid.index)
        for grid in region.grids
        if region.is_within(grid.code, STREET)
    ]
    whole, told = shapely.union_all(grids), shapely.union_all(found)
    assert whole.symmetric_difference(told).area < 0.02 * whole.area


def test_every_area_of_the_region_makes_a_valid_document(region):
    for area in [*region.areas[:40], *region.grids[::80]]:
        root = read(region, message(area=area.code))
        assert texts(root, "info/area/polygon"), area.code
        assert text(root, "info/area/geocode/value") == area.code


def test_an_area_the_pack_lacks_is_named_without_a_shape(region):
    root = read(region, message(area="999"))
    assert texts(root, "info/area/areaDesc") == ["999"] * 2
    assert texts(root, "info/area/polygon") == []


@given(title=st.text(min_size=1), title_en=st.text())
def test_any_title_makes_a_valid_document(title, title_en):
    found = problems(document(message(title=f"x{title}", title_en=f"x{title_en}"), NO_REGION))
    assert found == []


class _NoRegion:
    id, name, name_en, by_code = "none", "无", "None", {}


NO_REGION = _NoRegion()


def test_moments_have_an_offset_and_no_fractions():
    assert moment(NOON + 999) == "2026-11-22T12:00:00+08:00"


@pytest.mark.parametrize(
    ("kind", "area", "accepted", "expected"),
    [
        (FeedKind.SIMULATED, None, 1, True),
        (FeedKind.RECORDED, "530111", 1, True),
        (FeedKind.RECORDED, STREET, 1, True),
        (FeedKind.SIMULATED, "530111002", 1, False),
        (FeedKind.SIMULATED, None, 0, False),
        (FeedKind.LIVE, None, 1, False),
    ],
)
def test_what_was_made_up_for_an_area_makes_its_alerts_tests(
    region, kind, area, accepted, expected
):
    counts = {"north": FeedCounts(accepted=accepted)}
    assert is_made_up(region, STREET, [feed("north", kind, area)], counts) is expected


def test_a_feed_of_a_part_makes_the_whole_a_test(region):
    grid = region.grids[0].code
    counts = {"north": FeedCounts(accepted=1)}
    made = [feed("north", FeedKind.SIMULATED, grid)]
    assert is_made_up(region, region.root.code, made, counts)


# ---- the check itself ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("<status>Actual</status>", "<status>Real</status>", "status"),
        ("<scope>Public</scope>", "", "0 times scope"),
        ("+08:00</sent>", "Z</sent>", "sent"),
        ("<urgency>Immediate</urgency>", "", "0 times urgency"),
        ("<language>zh-CN</language>", "<colour>red</colour>", "unknown colour"),
        ("<identifier>cap.7.1", "<identifier>cap 7", "identifier"),
    ],
)
def test_the_check_finds_what_is_wrong(region, before, after, problem):
    body = document(message(), region).decode()
    assert before in body
    assert any(problem in line for line in problems(body.replace(before, after).encode()))


def test_the_check_finds_a_wrong_order(region):
    body = document(message(), region).decode()
    status, kind = "<status>Actual</status>", "<msgType>Alert</msgType>"
    assert any("wrong order" in p for p in problems(body.replace(status + kind, kind + status)))
