"""Areas of the region that ships, and of small ones made here."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dashboard.domain.areas import NOWHERE, Area, Identity, Outside, Region, Tier
from dashboard.region import load_region
from dashboard.setting_values import REGIONS

GUANDU = load_region(REGIONS / "guandu")
A_GRID = GUANDU.grids[0]
UNHURRIED = settings(deadline=None)  # a busy machine is no failure
INSIDE = st.integers(0, len(GUANDU.grids) - 1).map(lambda n: GUANDU.grids[n])


def square(column, row):
    return shapely.box(column, row, column + 1, row + 1)


def small_region(codes, parents, shapes):
    """Grids with these codes under communities with these, all in one street."""
    tree = [("ROOT", None, Tier.DISTRICT), ("S", "ROOT", Tier.STREET)]
    tree += [(parent, "S", Tier.COMMUNITY) for parent in sorted(set(parents))]
    tree += [(code, parent, Tier.GRID) for code, parent in zip(codes, parents, strict=True)]
    areas = [
        Area(
            index=index,
            code=code,
            parent=parent,
            tier=tier,
            name=code,
            name_en=code,
            label=(0.5, 0.5),
            km2=1.0,
            geometry_source="test",
        )
        for index, (code, parent, tier) in enumerate(tree)
    ]
    return Region(Identity("small", "小", "Small"), areas, shapes)


def test_tiers_stand_in_order_each_sorted_by_code():
    order = [(list(Tier).index(area.tier), area.code) for area in GUANDU.areas]
    assert order == sorted(order)
    assert [area.index for area in GUANDU.areas] == list(range(678))
    assert [sum(area.tier is tier for area in GUANDU.areas) for tier in Tier] == [1, 8, 99, 570]


def test_grids_are_contiguous_to_the_end():
    assert GUANDU.first_grid == 108
    assert GUANDU.grids == GUANDU.areas[108:]
    assert all(grid.tier is Tier.GRID for grid in GUANDU.grids)


def test_children_and_parents_agree():
    for area in GUANDU.areas:
        for child in GUANDU.children(area.code):
            assert child.parent == area.code
            assert GUANDU.parent_index[child.index] == area.index
    assert sum(len(GUANDU.children(area.code)) for area in GUANDU.areas) == 677
    assert GUANDU.parent_index[GUANDU.root.index] == NOWHERE


def test_lineage_goes_from_the_root_to_the_area_itself():
    assert [area.code for area in GUANDU.lineage("530111001001001")] == [
        "530111",
        "530111001",
        "530111001001",
        "530111001001001",
    ]
    assert GUANDU.lineage("530111") == (GUANDU.root,)


def test_ancestors_have_nothing_below_an_area_itself():
    street = GUANDU.by_code["530111002"]
    assert GUANDU.ancestors[street.index].tolist() == [0, street.index, NOWHERE, NOWHERE]


@pytest.mark.parametrize(
    ("code", "ancestor", "expected"),
    [
        ("530111001001001", "530111", True),
        ("530111001001001", "530111001", True),
        ("530111001001001", "530111001001001", True),
        ("530111001001001", "530111002", False),
        ("530111001", "530111001001001", False),
        ("530111001", "530111002", False),
        ("530111", "530111", True),
    ],
)
def test_is_within(code, ancestor, expected):
    assert GUANDU.is_within(code, ancestor) is expected


@pytest.mark.parametrize("question", ["children", "lineage"])
def test_an_unknown_code_is_a_key_error(question):
    with pytest.raises(KeyError):
        getattr(GUANDU, question)("999999")


def test_every_grid_holds_its_own_label():
    lons, lats = zip(*(grid.label for grid in GUANDU.grids), strict=True)
    assert GUANDU.locate(lons, lats).tolist() == [grid.index for grid in GUANDU.grids]


@UNHURRIED
@given(INSIDE, st.floats(0, 1), st.floats(0, 1))
def test_locate_agrees_with_asking_each_grid(grid, across, up):
    west, south, east, north = GUANDU.grid_shape(grid.index).bounds
    lon, lat = west + across * (east - west), south + up * (north - south)
    holding = [
        g.index
        for g in GUANDU.grids
        if GUANDU.grid_shape(g.index).intersects(shapely.Point(lon, lat))
    ]
    assert GUANDU.locate([lon], [lat]).tolist() == [min(holding, default=NOWHERE)]


@UNHURRIED
@given(INSIDE, st.integers(0, 1000))
def test_a_corner_shared_by_grids_belongs_to_the_first(grid, corner):
    points = shapely.get_coordinates(GUANDU.grid_shape(grid.index))
    lon, lat = points[corner % len(points)]
    found = GUANDU.locate([lon, lon], [lat, lat])
    touching = [
        g.index
        for g in GUANDU.grids
        if GUANDU.grid_shape(g.index).intersects(shapely.Point(lon, lat))
    ]
    assert found.tolist() == [min(touching)] * 2


def test_locate_takes_a_batch_and_says_nowhere_outside():
    lon, lat = A_GRID.label
    found = GUANDU.locate([lon, 0.0, np.nan, lon, np.inf], [lat, 0.0, lat, np.nan, lat])
    assert found.tolist() == [A_GRID.index] + [NOWHERE] * 4
    assert found.dtype == np.int32
    assert GUANDU.locate([], []).tolist() == []
    assert GUANDU.locate(lon, lat).tolist() == [A_GRID.index]


@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [
        (102.94, 25.09, "大板桥街道"),
        (102.70, 24.85, "滇池"),
        (102.71, 25.06, "五华区"),
        (116.40, 39.90, None),
        (float("nan"), 25.0, None),
    ],
)
def test_outside_names_what_holds_the_point(lon, lat, name):
    assert GUANDU.outside_name(lon, lat) == name


def test_of_two_neighbours_the_first_given_is_named():
    neighbours = (Outside("湖", square(5, 5)), Outside("区", shapely.box(4, 4, 8, 8)))
    region = Region(Identity("x", "x", "x"), GUANDU.areas, GUANDU._grid_shapes, neighbours)
    assert region.outside_name(5.5, 5.5) == "湖"
    assert region.outside_name(4.5, 4.5) == "区"


def test_a_region_without_neighbours_names_nothing():
    assert small_region(["A"], ["C"], [square(0, 0)]).outside_name(5, 5) is None


@UNHURRIED
@given(
    arrays(np.int64, (570, 3), elements=st.integers(-(10**9), 10**9)),
    arrays(np.int64, (108, 3), elements=st.integers(-(10**9), 10**9)),
)
def test_after_a_roll_up_every_area_equals_the_sum_over_its_children(grids, left_over):
    table = np.concatenate([left_over, grids])
    GUANDU.roll_up(table)
    assert (table[GUANDU.first_grid :] == grids).all()
    for area in GUANDU.areas[: GUANDU.first_grid]:
        children = [child.index for child in GUANDU.children(area.code)]
        assert (table[area.index] == table[children].sum(axis=0)).all()


def test_roll_up_keeps_the_type_of_the_table():
    table = np.ones((678, 2), np.int32)
    GUANDU.roll_up(table)
    assert table.dtype == np.int32
    assert table[0].tolist() == [570, 570]


def test_codes_are_opaque_grids_of_a_parent_need_not_stand_together():
    codes, parents = ["A", "B", "C", "D"], ["Y", "X", "Y", "X"]
    region = small_region(codes, parents, [square(n, 0) for n in range(4)])
    table = np.zeros((8, 1), np.int64)
    table[region.first_grid :, 0] = [1, 10, 100, 1000]
    region.roll_up(table)
    sums = {area.code: int(table[area.index, 0]) for area in region.areas}
    assert sums == {
        "ROOT": 1111,
        "S": 1111,
        "X": 1010,
        "Y": 101,
        "A": 1,
        "B": 10,
        "C": 100,
        "D": 1000,
    }
