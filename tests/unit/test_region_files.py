"""Files of a pack that are not of their shape are refused by feature or file, field and reason."""

import json
import random

import pytest

from dashboard.domain.areas import Tier
from dashboard.domain.work_calendar import BASE_YEARS
from dashboard.errors import RegionError
from dashboard.region import check
from tests.spoiled_pack import FILES, GUANDU, Pack

GRID = "530111001001001"
ODD_VALUES = (None, 0, -1, 1e308, "", "x" * 1000, [], {}, True, -180, 90, "530111", "\ud800", 2**70)


@pytest.fixture
def pack(tmp_path):
    return Pack(tmp_path)


def test_check_says_what_a_pack_holds():
    assert check(GUANDU) == (
        "guandu 官渡区: district 1, street 8, community 99, grid 570; "
        "98 event classes, 91 facility classes, 126 filing conditions with a time limit, "
        f"89 classes on an assumed one; calendar 2004-{max(BASE_YEARS)}; "
        "6 service systems; 50 departments and teams; 119 marked sites; "
        "6 entries of the walls' playlist; 5 recordings"
    )


@pytest.mark.parametrize("name", ["pack.json", "areas.geojson", "context.geojson"])
def test_a_missing_file(pack, name):
    (pack.folder / name).unlink()
    assert pack.refusal() == (name, "cannot be read: No such file or directory")


@pytest.mark.parametrize("name", ["pack.json", "areas.geojson", "context.geojson"])
@pytest.mark.parametrize(
    "body",
    [b"", b'{"a": 1', b"\xff\xfe{}", b"{'a': 1}", b"NaN", b'{"id": "\xc3(", "type": "\xc3("}'],
)
def test_a_file_that_is_not_json(pack, name, body):
    (pack.folder / name).write_bytes(body)
    code, reason = pack.refusal()
    assert code == name
    assert reason.startswith("is not JSON: ")


def test_endless_nesting_is_refused(pack):
    body = b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000
    (pack.folder / "areas.geojson").write_bytes(body)
    code, reason = pack.refusal()
    assert code == "areas.geojson"
    assert reason.startswith("is not JSON: ")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"{}", b'{"type": "Feature"}'])
@pytest.mark.parametrize("name", ["pack.json", "areas.geojson", "context.geojson"])
def test_a_file_of_another_shape(pack, name, body):
    (pack.folder / name).write_bytes(body)
    assert pack.refusal()[0] == name


@pytest.mark.parametrize(
    "name", ["code", "parent", "tier", "name", "name_en", "label", "km2", "geometry_source"]
)
def test_a_missing_property(pack, name):
    pack.edit_area(GRID, lambda feature: feature["properties"].pop(name))
    code, reason = pack.refusal()
    assert code == (GRID if name != "code" else "areas.geojson feature 108")
    assert reason == f"Object missing required field `{name}` - at `$.properties`"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name", 7, "Expected `str`, got `int` - at `$.properties.name`"),
        ("name", "", "Expected `str` of length >= 1 - at `$.properties.name`"),
        ("tier", "village", "Invalid enum value 'village' - at `$.properties.tier`"),
        ("parent", 530111001001, "Expected `str | null`, got `int` - at `$.properties.parent`"),
        ("km2", "0.2", "Expected `float`, got `str` - at `$.properties.km2`"),
        ("km2", -1, "Expected `float` > 0.0 - at `$.properties.km2`"),
        ("label", None, "Expected `array`, got `null` - at `$.properties.label`"),
        ("label", [102.7, "25"], "Expected `float`, got `str` - at `$.properties.label[1]`"),
        ("label", [25.0, 102.7], "Expected `float` <= 90.0 - at `$.properties.label[1]`"),
    ],
)
def test_a_wrong_value_names_feature_and_field(pack, name, value, expected):
    pack.set_area(GRID, **{name: value})
    assert pack.refusal() == (GRID, expected)


@pytest.mark.parametrize(
    "feature", [None, 7, [], {}, {"properties": None}, {"properties": {"code": 7}}]
)
def test_a_feature_without_a_code_is_named_by_its_place(pack, feature):
    pack.edit("areas.geojson", lambda body: body["features"].insert(3, feature))
    assert pack.refusal()[0] == "areas.geojson feature 3"


def test_a_bad_neighbour_is_refused_too(pack):
    pack.edit("context.geojson", lambda b: b["features"][0]["properties"].update(kind="sea"))
    code, reason = pack.refusal()
    assert (code, "'sea'" in reason) == ("530111009", True)


def test_a_neighbour_with_bad_geometry_is_named(pack):
    def open_ring(body):
        body["features"][0]["geometry"]["coordinates"][0].pop()

    pack.edit("context.geojson", open_ring)
    assert pack.refusal() == ("大板桥街道", "geometry has a ring that is not closed")


# --- pack.json and the whole pack


def test_another_timezone_is_refused_rather_than_ignored(pack):
    pack.edit("pack.json", lambda body: body.update(timezone="Asia/Urumqi"))
    reason = "timezone is 'Asia/Urumqi'; only Asia/Shanghai is supported"
    assert pack.refusal() == ("pack.json", reason)


def test_a_service_system_twice(pack):
    pack.edit("pack.json", lambda body: body["systems"].append(body["systems"][0]))
    assert pack.refusal() == ("pack.json: systems", "party-leadership is there twice")


def test_the_id_is_fit_for_an_address(pack):
    pack.edit("pack.json", lambda body: body.update(id="../guandu"))
    assert pack.refusal()[0] == "pack.json"


def test_the_pack_says_what_is_placeholder_and_what_is_proposal():
    body = json.loads((GUANDU / "pack.json").read_text(encoding="utf-8"))
    boundaries = next(note for note in body["notes"] if note["id"] == "boundaries")
    assert "审图号" in boundaries["zh"]
    assert "placeholders" in boundaries["en"]
    assert [system["status"] for system in body["systems"]] == ["proposal"] * 6


def test_check_refuses_bad_classes_as_well(pack):
    (pack.folder / "classes.json").unlink()
    with pytest.raises(RegionError, match=r"classes\.json"):
        check(pack.folder)


def test_check_refuses_bad_departments_as_well(pack):
    (pack.folder / "departments.json").unlink()
    with pytest.raises(RegionError, match=r"departments\.json"):
        check(pack.folder)


def test_check_refuses_a_competence_for_no_class_of_the_pack(pack):
    pack.edit("departments.json", lambda b: b["departments"][0].update(competences=["09-01"]))
    with pytest.raises(RegionError, match="chengguan: competence 09-01 matches no class"):
        check(pack.folder)


def test_every_tier_is_in_the_check_of_another_pack_too(pack):
    answer = check(pack.folder)
    assert [tier in answer for tier in Tier] == [True] * 4
    assert answer.endswith("0 recordings")


def _spoil(body, dice):
    """Follow the tree down to some leaf; leave it out, repeat it or put another value there."""
    while True:
        keys = list(body) if isinstance(body, dict) else list(range(len(body)))
        key = dice.choice(keys)
        if not (isinstance(body[key], dict | list) and body[key] and dice.random() < 0.9):
            break
        body = body[key]
    if dice.random() < 0.3:
        del body[key]
    else:
        body[key] = dice.choice(ODD_VALUES)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_wrong_the_answer_is_a_refusal_or_a_region(pack, seed):
    dice = random.Random(seed)
    pack.edit(dice.choice(FILES), lambda body: _spoil(body, dice))
    try:
        answer = check(pack.folder)
    except RegionError as error:
        answer = error.reason
    assert answer
