"""What a wall is told and tells, and what the region pack says of its scenes."""

import json

import pytest

from dashboard.domain.playlist import SceneKind, SceneOf
from dashboard.domain.walls import Order, Sign, WallDo, after, health, objection_to_scene
from dashboard.errors import RegionError
from dashboard.wall_pack import WALL, load_playlist
from tests.spoiled_pack import GUANDU

STREET = "530111001"
ENTRY = {"scene": "area", "of": "top", "dwell_s": 20}


def test_the_pack_that_ships_shows_every_kind_of_scene():
    held = load_playlist(GUANDU)
    assert {entry.scene for entry in held.entries} == set(SceneKind)
    assert (held.entries[0].scene, held.entries[0].of) == (SceneKind.AREA, SceneOf.TOP)
    assert held.hold_s == 60


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"playlist": []}, "length >= 1 - at `$.playlist`"),
        ({"playlist": [ENTRY | {"scene": "weather"}]}, "'weather' - at `$.playlist[0].scene`"),
        ({"playlist": [ENTRY | {"of": "all"}]}, "'all' - at `$.playlist[0].of`"),
        ({"playlist": [ENTRY | {"dwell_s": 4}]}, "`int` >= 5 - at `$.playlist[0].dwell_s`"),
        ({"playlist": [ENTRY, ENTRY]}, "area of top is there twice - at `$.playlist[1]`"),
        ({"hold_s": 5}, "`int` >= 10 - at `$.hold_s`"),
        ({"more": 1}, "unknown field `more`"),
    ],
)
def test_a_spoiled_playlist_is_refused_by_field(tmp_path, change, reason):
    body = {"source": "a test", "hold_s": 60, "playlist": [ENTRY]} | change
    (tmp_path / WALL).write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(RegionError) as caught:
        load_playlist(tmp_path)
    assert "wall.json: " in str(caught.value)
    assert reason in str(caught.value)


def test_an_order_follows_another():
    shown = after(Order(), WallDo.SHOW, "area/530111", "li.na", 5)
    assert shown == Order(WallDo.SHOW, "area/530111", 0, "li.na", 5)
    skipped = after(shown, WallDo.SKIP, None, "wang", 6)
    assert skipped == Order(WallDo.SKIP, None, 1, "wang", 6)
    assert after(skipped, WallDo.RELEASE, None, "wang", 7) == Order(
        WallDo.RELEASE, None, 1, "wang", 7
    )


@pytest.mark.parametrize(
    ("scene", "area", "reason"),
    [
        ("area/530111", "530111", None),
        (f"cameras/{STREET}", "530111", None),
        (f"area/{STREET}001", STREET, None),
        ("area/530111", STREET, "'530111' is not an area of this wall"),
        ("area/999", "530111", "'999' is not an area of this wall"),
        ("area", "530111", "'' is not an area of this wall"),
        ("news/530111", "530111", "expected KIND/CODE with one of area, alerts"),
        (f"area/{STREET}001001", "530111", "a wall shows a district, a street or a community"),
    ],
)
def test_a_wall_shows_scenes_of_its_own_area(region, scene, area, reason):
    found = objection_to_scene(region, scene, area)
    assert (found is None) if reason is None else (reason in (found or ""))


@pytest.mark.parametrize(
    ("age_s", "frozen_s", "expected"),
    [(0, 0, "alive"), (30, 9, "alive"), (5, 10, "frozen"), (31, 0, "silent"), (31, 99, "silent")],
)
def test_how_a_wall_fares(age_s, frozen_s, expected):
    sign = Sign(
        display="hall",
        screen="a" * 8,
        at_ms=1_000_000,
        scene="area/530111",
        state="live",
        fps=60,
        heap_mb=None,
        frozen_s=frozen_s,
        version="x",
        width=1,
        height=1,
        up_s=1,
    )
    assert health(sign, 1_000_000 + age_s * 1_000) == expected
