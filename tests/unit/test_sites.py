"""Marked sites: sites.json is refused by field, problem and expectation."""

import pytest

from dashboard.domain.areas import Tier
from dashboard.domain.sites import NO_SITE, Site, Sites
from dashboard.errors import RegionError
from dashboard.region import check
from dashboard.sites import SITES, load_sites
from tests.spoiled_pack import GUANDU, Pack


@pytest.fixture
def pack(tmp_path):
    return Pack(tmp_path)


def test_the_sites_that_ship_lie_in_grids_and_have_names_of_their_own(region):
    sites = load_sites(GUANDU, region)
    assert len(sites) == 119
    assert {region.by_code[site.area].tier for site in sites.values()} == {Tier.GRID}
    assert len({site.name for site in sites.values()}) == len(sites)
    assert all(sites.ids[sites.place_of(site.name)] == site.id for site in sites.values())


def test_a_pack_may_come_without_sites(pack, region):
    (pack.folder / SITES).unlink()
    assert len(load_sites(pack.folder, region)) == 0
    assert "; 0 marked sites;" in check(pack.folder)


def test_a_camera_names_a_site_by_id_or_name():
    told = {"name_en": "x", "kind": "school", "area": "g"}
    sites = Sites([Site(id="S1", name="桥", **told), Site(id="S2", name="桥", **told)])
    assert [sites.place_of(name) for name in ("S1", "S2", "桥")] == [0, 1, 0]
    assert sites.place_of("road") == sites.place_of("") == NO_SITE


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("area", "530111", "Expected a grid of 官渡区, got '530111' - at `$.sites[3].area`"),
        ("area", "nowhere", "Expected a grid of 官渡区, got 'nowhere' - at `$.sites[3].area`"),
        ("area", 5, "Expected `str`, got `int` - at `$.sites[3].area`"),
        ("id", "S001", "S001 is there twice"),
        ("id", "x" * 65, "Expected `str` of length <= 64 - at `$.sites[3].id`"),
        ("name", "", "Expected `str` of length >= 1 - at `$.sites[3].name`"),
        ("colour", "red", "Object contains unknown field `colour` - at `$.sites[3]`"),
    ],
)
def test_a_wrong_site_is_refused_with_its_file_and_field(pack, region, field, value, expected):
    pack.edit(SITES, lambda body: body["sites"][3].update({field: value}))
    for load in (lambda: load_sites(pack.folder, region), lambda: check(pack.folder)):
        with pytest.raises(RegionError) as caught:
            load()
        assert (caught.value.code, caught.value.reason) == (SITES, expected)
