"""A pack that is in order loads; areas that do not fit together are refused by code and reason."""

import json
import shutil

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.region import load_region
from tests.spoiled_pack import GUANDU, Pack

GRID, OTHER_GRID = "530111001001001", "530111001001002"
COMMUNITY, STREET, DISTRICT = "530111001001", "530111001", "530111"


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


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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
