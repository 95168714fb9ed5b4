"""Walls over HTTP and the live socket: orders, signs of life, and who may do what."""

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import connect

from dashboard.clock import iso
from dashboard.domain.rights import Role
from dashboard.store.acts import COMMAND_LINE
from dashboard.version import program_version
from tests.stage import PATIENCE_S, bearer

DISTRICT, STREET, OTHER = "530111", "530111001", "530111002"
SIGN = {
    "screen": "abcdefgh01",
    "scene": f"area/{DISTRICT}",
    "state": "live",
    "fps": 60,
    "heap_mb": 40,
    "frozen_s": 0,
    "version": program_version(),
    "width": 3840,
    "height": 2160,
    "up_s": 17,
}


async def add_wall(stage, name="hall", area=DISTRICT):
    """The cookie of a browser that opened the wall's address."""
    secret = await stage.doors.directory.store.add_display(COMMAND_LINE, name, area)
    await stage.doors.directory.reload()
    async with httpx.AsyncClient(base_url=stage.url, trust_env=False) as browser:
        answer = await browser.get(f"/wall?display={secret}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
        return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


async def order(stage, body, name="hall", token=None, key=None, expected=200):
    headers = bearer(token or stage.program) | ({"Idempotency-Key": key} if key else {})
    answer = await stage.http.post(f"/api/walls/{name}/order", json=body, headers=headers)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def tell(stage, wall, expected=204, **change):
    headers = wall | {"Origin": stage.url}
    async with httpx.AsyncClient(base_url=stage.url, trust_env=False) as browser:
        answer = await browser.post("/api/screen", json=SIGN | change, headers=headers)
    assert answer.status_code == expected, answer.text
    return answer


class Wall:
    """One wall's socket."""

    def __init__(self, socket):
        self.socket = socket

    async def told(self):
        async with asyncio.timeout(PATIENCE_S):
            return json.loads(await self.socket.recv())["screen"]


def live(stage, headers):
    address = stage.url.replace("http", "ws", 1) + "/live"
    return connect(address, proxy=None, additional_headers=headers)


async def test_an_order_reaches_the_wall_at_once_and_one_that_comes_later_too(stage):
    hall = await add_wall(stage)
    async with live(stage, hall) as socket:
        wall = Wall(socket)
        await socket.send('{"screen": true}')
        first = {"version": program_version(), "scene": None, "skips": 0, "by": ""}
        assert await wall.told() == first
        row = await order(stage, {"do": "show", "scene": f"area/{STREET}"})
        assert row["order"]["scene"] == f"area/{STREET}"
        shown = first | {"scene": f"area/{STREET}", "by": "chief"}
        assert await wall.told() == shown
        await order(stage, {"do": "skip"})
        assert await wall.told() == first | {"skips": 1, "by": "chief"}
        await order(stage, {"do": "release"})
        assert await wall.told() == first | {"skips": 1, "by": "chief"}
    await order(stage, {"do": "show", "scene": f"alerts/{DISTRICT}"})
    async with live(stage, hall) as socket:
        await socket.send('{"screen": true}')
        assert (await Wall(socket).told())["scene"] == f"alerts/{DISTRICT}"


async def test_another_wall_hears_nothing_of_it_and_a_browser_that_is_no_display_has_no_orders(
    stage,
):
    await add_wall(stage)
    other = await add_wall(stage, "lobby")
    async with live(stage, other) as socket, live(stage, bearer(stage.program)) as desk:
        for one in (socket, desk):
            await one.send('{"screen": true}')
            assert (await Wall(one).told())["scene"] is None
        await order(stage, {"do": "show", "scene": f"area/{STREET}"})
        await order(stage, {"do": "show", "scene": f"cover/{DISTRICT}"}, "lobby")
        assert (await Wall(socket).told())["scene"] == f"cover/{DISTRICT}"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await desk.recv()


async def test_every_order_is_in_the_audit_trail(stage):
    await add_wall(stage)
    await order(stage, {"do": "show", "scene": f"area/{STREET}"})
    await order(stage, {"do": "release"})
    entries = (await stage.get("/api/audit"))["items"]
    acts = [(e["action"], e["subject"], e["actor"], e["before"], e["after"]) for e in entries[:2]]
    scene = f"area/{STREET}"
    assert acts == [
        ("wall.release", "wall/hall", "chief", {"scene": scene}, {"scene": None}),
        ("wall.show", "wall/hall", "chief", {"scene": None}, {"scene": scene}),
    ]


async def test_a_click_that_comes_twice_is_done_once(stage):
    await add_wall(stage)
    for _ in range(2):
        await order(stage, {"do": "skip"}, key="a click")
    held = await stage.hub.screens.store.orders()
    assert held["hall"].skips == 1
    await order(stage, {"do": "release"}, key="a click", expected=422)


async def test_orders_of_many_at_once_are_all_done(stage):
    await add_wall(stage)
    await asyncio.gather(*(order(stage, {"do": "skip"}) for _ in range(4)))
    assert (await stage.hub.screens.store.orders())["hall"].skips == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"do": "show"}, "scene"),
        ({"do": "skip", "scene": "area/530111"}, "scene"),
        ({"do": "show", "scene": "area/999"}, "scene"),
        ({"do": "show", "scene": "news/530111"}, "scene"),
        ({"do": "dance"}, None),
        ({"do": "skip", "more": 1}, None),
        ({}, None),
    ],
)
async def test_an_order_that_cannot_be_is_refused_by_field(stage, body, field):
    await add_wall(stage)
    answer = await order(stage, body, expected=422)
    assert answer.get("field") == field if field else answer["detail"]
    assert (await stage.get("/api/walls"))["items"][0]["order"] is None


async def test_walls_of_another_area_are_as_if_they_were_not(stage):
    await add_wall(stage)
    await add_wall(stage, "street-2", OTHER)
    await add_wall(stage, "street-1", STREET)
    officer = await stage.add_program("li.na", Role.OFFICER, STREET)
    answer = await stage.http.get("/api/walls", headers=bearer(officer))
    assert [row["name"] for row in answer.json()["items"]] == ["street-1"]
    for name in ("hall", "street-2", "nobody"):
        await order(stage, {"do": "skip"}, name, officer, expected=404)
    await order(stage, {"do": "show", "scene": f"area/{STREET}001"}, "street-1", officer)
    await order(
        stage, {"do": "show", "scene": f"area/{DISTRICT}"}, "street-1", officer, expected=422
    )


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEPARTMENT])
async def test_who_may_not_direct_walls_is_told_so(stage, role):
    await add_wall(stage)
    token = await stage.add_program("wang", role, DISTRICT)
    await order(stage, {"do": "skip"}, token=token, expected=403)
    assert (await stage.http.get("/api/walls", headers=bearer(token))).status_code == 403


async def test_a_wall_directs_nobody(stage):
    hall = await add_wall(stage)
    answer = await stage.http.post(
        "/api/walls/hall/order", json={"do": "skip"}, headers=hall | {"Origin": stage.url}
    )
    assert answer.status_code == 200  # the stage's own client is the administrator
    async with httpx.AsyncClient(base_url=stage.url, trust_env=False) as browser:
        answer = await browser.get("/api/walls", headers=hall)
        assert answer.status_code == 403


async def test_a_revoked_wall_is_no_wall(stage):
    await add_wall(stage)
    await stage.http.delete("/api/displays/hall")
    assert (await stage.get("/api/walls"))["total"] == 0
    await order(stage, {"do": "skip"}, expected=404)


# ---- signs of life ---------------------------------------------------------------------------


async def test_administrators_see_how_each_wall_fares(stage):
    hall = await add_wall(stage)
    await tell(stage, hall)
    (row,) = (await stage.get("/api/displays"))["items"]
    (sign,) = row["signs"]
    now = iso(stage.clock.now_ms())
    assert sign == SIGN | {"seen_at": now, "health": "alive", "current": True}
    assert (await stage.get("/api/walls"))["items"][0]["signs"] == [sign]


async def test_a_frozen_page_and_a_silent_one_are_told_apart(stage):
    hall = await add_wall(stage)
    await tell(stage, hall, frozen_s=45)
    await tell(stage, hall, screen="another00001", version="old")
    signs = {s["screen"]: s for s in (await stage.get("/api/displays"))["items"][0]["signs"]}
    assert (signs["abcdefgh01"]["health"], signs["abcdefgh01"]["frozen_s"]) == ("frozen", 45)
    assert (signs["another00001"]["health"], signs["another00001"]["current"]) == ("alive", False)
    stage.clock.move(31)
    signs = (await stage.get("/api/displays"))["items"][0]["signs"]
    assert {sign["health"] for sign in signs} == {"silent"}
    stage.clock.move(8 * 86_400)
    assert (await stage.get("/api/displays"))["items"][0]["signs"] == []


async def test_a_sign_that_is_none_is_refused_and_one_of_a_person_is_not_kept(stage):
    hall = await add_wall(stage)
    for change in (
        {"screen": "no"},
        {"fps": -1},
        {"fps": "60"},
        {"heap_mb": 1.5},
        {"state": "well"},
        {"scene": "x" * 81},
        {"who": "li.na"},
    ):
        await tell(stage, hall, expected=422, **change)
    answer = await stage.http.post("/api/screen", json=SIGN)
    assert answer.status_code == 204
    assert (await stage.get("/api/displays"))["items"][0]["signs"] == []
