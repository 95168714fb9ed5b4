"""Who a case should go to; departments.json is refused by entry, problem and expectation."""

from dataclasses import replace

import pytest

from dashboard.departments import check_against, load_departments
from dashboard.domain.areas import Tier
from dashboard.domain.departments import Department, Departments, UnitKind, recommend
from dashboard.domain.places import distance_m
from dashboard.errors import RegionError
from tests.spoiled_pack import GUANDU, Pack
from tests.trial_region import trial_region

TRIAL = trial_region()
GRID = "T-x-x-00"
PLACE = (110.002, 30.002)  # the middle of it
NORTH_M = 0.01 * 111_195.08  # metres in a hundredth of a degree of latitude on this sphere


def unit(name, *competences, **more):
    fields = {
        "id": name,
        "name": name,
        "name_en": name,
        "kind": UnitKind.DEPARTMENT,
        "parent": None,
        "area": "T",
        "base": PLACE,
        "takes": 10,
        "needs_whistle": False,
    }
    return Department(**{**fields, **more}, competences=competences)


def north(hundredths):
    return PLACE[0], PLACE[1] + hundredths * 0.01


def asked(units, code="05-03", place=PLACE, load=None, grid=GRID):
    return recommend(Departments(units), code, place, grid, TRIAL, load or {})


def names(*args, **more):
    return [one.department.id for one in asked(*args, **more)]


@pytest.fixture(scope="module")
def guandu(region):
    return load_departments(GUANDU, region)


# --- who is asked first


def test_what_spells_out_the_class_comes_before_what_is_near():
    units = [unit("near", "05-*"), unit("far", "05-03", base=north(9)), unit("all", "*")]
    assert names(units) == ["far", "near", "all"]


def test_of_equals_the_nearer_comes_first():
    units = [unit("two", "05-*", base=north(2)), unit("one", "05-*", base=north(1))]
    assert names(units) == ["one", "two"]


@pytest.mark.parametrize(
    ("in_hand", "first"), [(0, "near"), (741, "near"), (742, "far"), (4000, "far")]
)
def test_a_unit_at_full_load_seems_three_kilometres_farther(in_hand, first):
    near = unit("near", "05-*", takes=1000)
    units = [near, unit("far", "05-*", base=north(2))]  # 2,224 m away
    assert names(units, load={"near": in_hand})[0] == first


def test_without_a_place_the_load_decides():
    units = [unit("a", "05-*"), unit("b", "05-*", base=north(2))]
    found = asked(units, place=None, load={"a": 3})
    assert [(one.department.id, one.distance_m) for one in found] == [("b", None), ("a", None)]


def test_equals_in_all_come_by_id():
    assert names([unit("b", "05-*"), unit("a", "05-*")]) == ["a", "b"]


def test_distance_load_and_whistle_are_told():
    there = unit("there", "05-03", base=north(1), needs_whistle=True, takes=2)
    (one,) = asked([there], load={"there": 1, "other": 9})
    assert (one.department, one.distance_m, one.load) == (there, round(NORTH_M), 1)
    assert (one.is_full, one.needs_whistle) == (False, True)
    (one,) = asked([there], load={"there": 2})
    assert one.is_full


def test_a_unit_of_another_area_is_left_out():
    units = [unit("elsewhere", "05-03", area="T-x-x-11"), unit("here", "05-*", area=GRID)]
    assert names(units) == ["here"]
    assert names(units, grid="T-x-x-11") == ["elsewhere"]


def test_nobody_competent_means_the_fallbacks_smallest_area_first():
    units = [
        unit("other", "06-*"),
        unit("district", "06-*", fallback=True),
        unit("street", "06-*", fallback=True, area="T-x", base=north(5)),
        unit("elsewhere", fallback=True, area="T-x-x-11"),
    ]
    found = asked(units)
    assert [one.department.id for one in found] == ["street", "district"]
    assert [one.closeness for one in found] == [0, 0]


def test_a_fallback_does_not_push_in_where_somebody_is_competent():
    assert names([unit("fallback", fallback=True), unit("able", "05-*")]) == ["able"]


def test_an_unknown_grid_is_an_error():
    with pytest.raises(KeyError):
        asked([unit("fallback", fallback=True)], grid="nowhere")


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (180, 0), 20_015_115),  # half of the sphere's girth
        ((0, 0), (0, 90), 10_007_557),
        ((102.75212, 24.93105), (102.72163, 25.02525), 10_916),
    ],
)
def test_distances(a, b, metres):
    assert distance_m(a, b) == pytest.approx(metres, abs=1)
    assert distance_m(b, a) == pytest.approx(metres, abs=1)


def test_a_team_lies_within_its_department():
    held = Departments([unit("bureau"), unit("team", kind=UnitKind.TEAM, parent="bureau")])
    assert held.is_within("team", "bureau")
    assert held.is_within("bureau", "bureau")
    assert not held.is_within("bureau", "team")
    assert not held.is_within("nobody", "bureau")
    assert not held.is_within("team", "nobody")


# --- the pack that ships


def test_every_class_finds_somebody_competent_in_every_street(guandu, region, classes):
    for street in (area for area in region.areas if area.tier is Tier.STREET):
        grid = next(g for g in region.grids if region.is_within(g.code, street.code))
        for item in classes.values():
            found = recommend(guandu, item.code, grid.label, grid.code, region, {})
            assert found[0].closeness > 0, (item.code, street.name)


def test_who_needs_a_whistle_works_for_the_whole_district(guandu):
    whistled = {unit.area for unit in guandu.values() if unit.needs_whistle}
    assert whistled == {"530111"}


def test_every_street_has_its_three_teams(guandu, region):
    for street in (area for area in region.areas if area.tier is Tier.STREET):
        own = [u.name.removeprefix(street.name) for u in guandu.values() if u.area == street.code]
        assert sorted(own) == ["应急队", "环卫站", "综合执法队"]


def test_a_burst_drain_goes_to_the_drainage_company_first(guandu, region):
    found = recommend(guandu, "05-03", (102.7521, 24.931), "530111007007005", region, {})
    first, *others = [one.department.id for one in found]
    assert first == "paishui-repair-2"
    assert "yiliu-emergency" in others
    assert "liujia-emergency" not in others


def test_a_broken_camera_is_the_duty_room_s(guandu, region):
    found = recommend(guandu, "P-01-50", None, "530111007007005", region, {})
    assert found[0].department.id == "gongan"


def test_a_class_nobody_knows_still_finds_the_street(guandu, region):
    found = recommend(guandu, "77-01", None, "530111007007005", region, {})
    assert [one.department.id for one in found] == ["yiliu-enforcement", "chengguan"]


# --- files that are refused


@pytest.fixture
def pack(tmp_path):
    return Pack(tmp_path)


def edit(pack, change):
    """`change` gets paishui-repair-2, a team."""

    def of_body(body):
        change(next(e for e in body["departments"] if e["id"] == "paishui-repair-2"))

    pack.edit("departments.json", of_body)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": ""}, "Expected `str` of length >= 1 - at `$.name`"),
        ({"kind": "gang"}, "Invalid enum value 'gang' - at `$.kind`"),
        ({"takes": 0}, "Expected `int` >= 1 - at `$.takes`"),
        ({"base": [24.9, 102.7]}, "Expected `float` <= 90.0 - at `$.base[1]`"),
        ({"needs_whistle": "no"}, "Expected `bool`, got `str` - at `$.needs_whistle`"),
        ({"parent": "nobody"}, "its parent nobody does not exist; expected a department"),
        (
            {"parent": "paishui-repair-1"},
            "its parent paishui-repair-1 is a team; expected a department",
        ),
        ({"kind": "department"}, "a department has no parent; this one has paishui"),
        ({"area": "530112"}, "its area 530112 does not exist; expected an area's code"),
        (
            {"base": [110.0, 24.9]},
            "its base [110.0, 24.9] lies elsewhere; expected a point in the region or its context",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_what_was_expected(pack, fields, reason):
    edit(pack, lambda entry: entry.update(fields))
    assert pack.departments_refusal() == ("departments.json: paishui-repair-2", reason)


def test_a_base_in_a_neighbouring_district_will_do(pack, region):
    inside = (102.70, 25.10)
    assert region.outside_name(*inside)
    edit(pack, lambda entry: entry.update(base=list(inside)))
    assert load_departments(pack.folder, region)["paishui-repair-2"].base == inside


@pytest.mark.parametrize(
    ("competences", "reason"),
    [
        (
            ["05-*3"],
            "'05-*3' is no pattern; expected a class code, or the beginning of some and a star",
        ),
        (["05-*", "05-*"], "05-* is there twice"),
    ],
)
def test_a_wrong_competence_is_named(pack, competences, reason):
    edit(pack, lambda entry: entry.update(competences=competences))
    place = "departments.json: paishui-repair-2: competences"
    assert pack.departments_refusal() == (place, reason)


def test_an_id_twice(pack):
    edit(pack, lambda entry: entry.update(id="paishui"))
    assert pack.departments_refusal() == ("departments.json", "paishui is there twice")


@pytest.mark.parametrize("entry", [None, 7, [], {}, {"id": 7}])
def test_an_entry_without_an_id_is_named_by_its_place(pack, entry):
    pack.edit("departments.json", lambda body: body["departments"].insert(3, entry))
    assert pack.departments_refusal()[0] == "departments.json: entry 3"


@pytest.mark.parametrize("name", ["a b", "部门", "", "-a", "a" * 65])
def test_an_id_has_letters_digits_and_dashes(pack, name):
    edit(pack, lambda entry: entry.update(id=name))
    assert "$.id" in pack.departments_refusal()[1]


def test_somebody_must_take_what_nobody_is_competent_for(pack):
    def without(body):
        for entry in body["departments"]:
            if entry["area"] == "530111":
                entry.pop("fallback", None)

    pack.edit("departments.json", without)
    reason = "no unit for 530111 is a fallback; expected at least one"
    assert pack.departments_refusal() == ("departments.json", reason)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"departments": []}'])
def test_a_file_of_another_shape(pack, body):
    (pack.folder / "departments.json").write_bytes(body)
    assert pack.departments_refusal()[0] == "departments.json"


def test_a_competence_for_no_class_of_the_pack(guandu, classes):
    check_against(guandu, classes)
    stray = replace(guandu["paishui"], competences=("05-*", "05-3"))
    with pytest.raises(RegionError) as caught:
        check_against(Departments([stray]), classes)
    assert caught.value.code == "departments.json: paishui"
    assert caught.value.reason == "competence 05-3 matches no class; expected at least one"
