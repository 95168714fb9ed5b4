"""A pack that is in order loads; each way to spoil the real one is refused by name and reason."""

import json
import shutil

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.config import REGIONS
from dashboard.domain.areas import Tier
from dashboard.errors import RegionError
from dashboard.region import check, load_classes, load_region

GUANDU = REGIONS / "guandu"
GRID, OTHER_GRID = "530111001001001", "530111001001002"
COMMUNITY, STREET, DISTRICT = "530111001001", "530111001", "530111"


class Pack:
    """A copy of the real pack that a test may spoil."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("pack.json", "areas.geojson", "context.geojson", "classes.json"):
            shutil.copy(GUANDU / name, folder / name)

    def edit(self, name, change):
        path = self.folder / name
        body = json.loads(path.read_text(encoding="utf-8"))
        change(body)
        path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")

    def edit_area(self, code, change):
        def change_one(body):
            change(next(f for f in body["features"] if f["properties"]["code"] == code))

        self.edit("areas.geojson", change_one)

    def set_area(self, code, /, **properties):
        self.edit_area(code, lambda feature: feature["properties"].update(properties))

    def reshape(self, code, change):
        """`change` takes a shapely geometry and gives another."""

        def change_one(feature):
            changed = change(shapely.geometry.shape(feature["geometry"]))
            feature["geometry"] = json.loads(shapely.to_geojson(changed))

        self.edit_area(code, change_one)

    def refusal(self):
        with pytest.raises(RegionError) as caught:
            load_region(self.folder)
        return caught.value.code, caught.value.reason

    def classes_refusal(self):
        with pytest.raises(RegionError) as caught:
            load_classes(self.folder)
        return caught.value.code, caught.value.reason


@pytest.fixture
def pack(tmp_path):
    return Pack(tmp_path)


def shape_of(code):
    body = json.loads((GUANDU / "areas.geojson").read_text(encoding="utf-8"))
    found = next(f for f in body["features"] if f["properties"]["code"] == code)
    return shapely.geometry.shape(found["geometry"])


def test_the_pack_that_ships_loads(pack):
    region = load_region(GUANDU)
    assert (region.id, region.name, region.name_en) == ("guandu", "官渡区", "Guandu District")
    assert region.root.code == DISTRICT
    assert region.by_code[GRID].label == (102.72897, 25.0191)


def test_check_says_what_a_pack_holds():
    assert check(GUANDU) == (
        "guandu 官渡区: district 1, street 8, community 99, grid 570; "
        "98 incident classes with 118 time limits; 5 recordings"
    )


def test_order_of_features_does_not_matter(pack):
    pack.edit("areas.geojson", lambda body: body["features"].reverse())
    assert load_region(pack.folder).areas == load_region(GUANDU).areas


def test_an_area_may_have_several_parts(pack):
    """A grid given to another one of its community, from which it lies apart."""
    taken, holder = "530111001001006", GRID
    part = shape_of(taken)
    assert part.disjoint(shape_of(holder))

    def drop(body):
        body["features"] = [f for f in body["features"] if f["properties"]["code"] != taken]

    pack.edit("areas.geojson", drop)
    pack.reshape(holder, lambda shape: shapely.MultiPolygon([shape, part]))
    region = load_region(pack.folder)
    lon, lat = part.representative_point().coords[0]
    assert region.locate([lon], [lat]).tolist() == [region.by_code[holder].index]


def test_a_third_coordinate_is_refused_not_guessed(pack):
    pack.edit_area(GRID, lambda f: f["geometry"]["coordinates"][0][0].append(1890.0))
    code, reason = pack.refusal()
    assert code == GRID
    assert "length 2" in reason
    assert "$.geometry.coordinates[0][0]" in reason


# --- codes, parents, tiers


def test_a_code_twice(pack):
    pack.set_area(OTHER_GRID, code=GRID)
    assert pack.refusal() == (GRID, f"{GRID} is there twice")


def test_a_parent_that_does_not_exist(pack):
    pack.set_area(GRID, parent="530199")
    assert pack.refusal() == (GRID, "its parent 530199 does not exist")


def test_no_parent(pack):
    pack.set_area(GRID, parent=None)
    assert pack.refusal() == (GRID, "has no parent; a grid needs a community")


def test_a_tier_left_out(pack):
    pack.set_area(GRID, parent=STREET)
    reason = f"a grid lies in a community; its parent {STREET} is a street"
    assert pack.refusal() == (GRID, reason)


def test_tiers_upside_down(pack):
    pack.set_area(STREET, parent=GRID)
    assert pack.refusal() == (STREET, f"a street lies in a district; its parent {GRID} is a grid")


def test_an_area_in_itself(pack):
    pack.set_area(STREET, parent=STREET)
    assert pack.refusal()[0] == STREET


def test_a_district_with_a_parent(pack):
    pack.set_area(DISTRICT, parent="5301")
    assert pack.refusal() == (DISTRICT, "a district has no parent, this one has 5301")


def test_two_districts(pack):
    pack.set_area(STREET, tier="district", parent=None)
    assert pack.refusal() == ("areas.geojson", "has 2 areas of tier district; expected 1")


def test_no_areas_at_all(pack):
    pack.edit("areas.geojson", lambda body: body.update(features=[]))
    assert pack.refusal() == ("areas.geojson", "has 0 areas of tier district; expected 1")


def test_a_community_without_grids(pack):
    def drop(body):
        body["features"] = [f for f in body["features"] if f["properties"]["parent"] != COMMUNITY]

    pack.edit("areas.geojson", drop)
    assert pack.refusal() == (COMMUNITY, "has no grid inside")


# --- geometry


def test_a_ring_that_crosses_itself(pack):
    bow_tie = [[102.7, 25.0], [102.8, 25.1], [102.8, 25.0], [102.7, 25.1], [102.7, 25.0]]
    pack.edit_area(GRID, lambda feature: feature["geometry"].update(coordinates=[bow_tie]))
    code, reason = pack.refusal()
    assert code == GRID
    assert reason.startswith("geometry is not valid: Self-intersection")


def test_a_ring_that_is_not_closed(pack):
    pack.edit_area(GRID, lambda feature: feature["geometry"]["coordinates"][0].pop())
    assert pack.refusal() == (GRID, "geometry has a ring that is not closed")


def test_a_ring_of_three_positions(pack):
    pack.edit_area(GRID, lambda f: f["geometry"].update(coordinates=[[[1, 1], [2, 2], [1, 1]]]))
    code, reason = pack.refusal()
    assert code == GRID
    assert "length >= 4" in reason


def test_metres_instead_of_degrees(pack):
    def to_metres(shape):
        return shapely.transform(shape, lambda points: points * 111_320)

    pack.reshape(GRID, to_metres)
    code, reason = pack.refusal()
    assert code == GRID
    assert "<= 180" in reason


def test_a_line_is_no_area(pack):
    pack.edit_area(GRID, lambda feature: feature["geometry"].update(type="LineString"))
    code, reason = pack.refusal()
    assert code == GRID
    assert "'LineString'" in reason
    assert "$.geometry.type" in reason


def test_a_label_outside(pack):
    pack.set_area(GRID, label=[102.9, 25.2])
    assert pack.refusal() == (GRID, "its label [102.9, 25.2] lies outside its geometry")


# --- children tile their parent


def test_a_gap_between_children(pack):
    pack.reshape(GRID, lambda shape: shapely.difference(shape, _bite(shape)))
    code, reason = pack.refusal()
    assert code == COMMUNITY
    assert reason.startswith("its children leave ")
    assert reason.endswith(" m² of it uncovered")


def test_a_child_that_goes_beyond_its_parent(pack):
    pack.reshape(STREET, lambda shape: shape.buffer(0.001))
    code, reason = pack.refusal()
    assert code == STREET
    assert reason.endswith(f" m² of it lie outside its parent {DISTRICT}")


def test_children_that_overlap(pack):
    first, second = shape_of(GRID), shape_of(OTHER_GRID)
    piece = second.intersection(first.buffer(0.001))
    pack.reshape(GRID, lambda shape: shape.union(piece))
    code, reason = pack.refusal()
    assert code == OTHER_GRID
    assert reason.startswith(f"overlaps {GRID} by ")
    assert reason.endswith(" m²")


def test_the_surface_is_told_in_square_metres(pack):
    """A square of 0.001 degrees at this latitude is about 111.3 by 100.9 metres."""
    centre = shape_of(GRID).representative_point()
    hole = shapely.box(centre.x - 0.0005, centre.y - 0.0005, centre.x + 0.0005, centre.y + 0.0005)
    missing = shape_of(GRID).intersection(hole)
    pack.reshape(GRID, lambda shape: shape.difference(hole))
    pack.set_area(GRID, label=list(_outside_hole(shape_of(GRID).difference(hole))))
    stated = float(pack.refusal()[1].split()[3].replace(",", ""))
    assert stated == pytest.approx(missing.area / 0.001**2 * 111.3 * 100.9, rel=0.01)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_rounding_in_the_sixth_decimal_is_no_gap(pack, random):
    def shake(points):
        moved = points.copy()
        for row in range(len(moved) - 1):
            moved[row, 0] += random.choice([-1e-6, 0, 1e-6])
        moved[-1] = moved[0]
        return moved

    shutil.copy(GUANDU / "areas.geojson", pack.folder / "areas.geojson")
    pack.reshape(GRID, lambda shape: shapely.transform(shape, shake))
    assert load_region(pack.folder).root.code == DISTRICT


def _bite(shape):
    """A tenth of a grid, away from where its label is."""
    west, south, _, north = shape.bounds
    return shapely.box(west, south, shape.bounds[2], south + (north - south) / 10)


def _outside_hole(shape):
    return shape.representative_point().coords[0]


# --- files that are not of this shape


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


# --- pack.json and classes.json


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
            "Expected `array` of length >= 1 - at `$.code_systems[0].classes[0].limits`",
        ),
    ],
)
def test_bad_classes_are_refused(pack, change, expected):
    pack.edit("classes.json", _first_system(change))
    assert pack.classes_refusal() == ("classes.json", expected)


def test_a_code_system_twice(pack):
    pack.edit("classes.json", lambda body: body["code_systems"].append(body["code_systems"][0]))
    assert pack.classes_refusal() == ("classes.json", "yuncheng-muban/1 is there twice")


def test_check_refuses_bad_classes_as_well(pack):
    (pack.folder / "classes.json").unlink()
    with pytest.raises(RegionError, match=r"classes\.json"):
        check(pack.folder)


def test_limits_are_numbered_from_one():
    limits = load_classes(GUANDU).find("03-07").limits
    assert [(limit.amount, limit.condition) for limit in limits] == [(3, 1), (2, 2), (1, 3)]


def test_every_tier_is_in_the_check_of_another_pack_too(pack):
    assert [tier in check(pack.folder) for tier in Tier] == [True] * 4
    assert check(pack.folder).endswith("0 recordings")
