"""The duty desk's queues over HTTP and on the live socket: filters, order, pages, and rights."""

import pytest

from dashboard.domain.rights import Role
from dashboard.queues import SHARES
from tests.conftest import NOON
from tests.each import each
from tests.stage import bearer, incident, moved

MINUTE_MS = 60_000
DISTRICT = "530111"


def report(name, grid, *, minutes=0, **more):
    return incident(name, grid, NOON - minutes * MINUTE_MS, **({"channel": "collector"} | more))


@pytest.fixture
async def cases(stage, grids):
    """Five cases of several kinds in several places."""
    await stage.post(
        report("flood", grids[0], minutes=5),
        report("litter", grids[1], minutes=50, **{"class": "01-10"}, title="农贸市场门口垃圾"),
        report("wall", grids[2], minutes=10, **{"class": "01-83"}, title="外立面裂缝"),
        report("old flood", grids[3], minutes=200),
        report("call", grids[0], minutes=1, channel="hotline", **{"class": "01-10"}),
        moved("wall", "file"),
    )
    await stage.tick()
    return stage


async def ids(stage, **query):
    found = await stage.get("/api/queue", **query)
    return [row["id"] for row in found["items"]]


async def test_a_queue_has_its_cases_and_the_counts_of_all(cases):
    found = await cases.get("/api/queue", queue="all")
    assert found["total"] == found["counts"]["all"] == 5
    assert sum(found["counts"][queue] for queue in SHARES) == 5
    assert sum(found["tiers"].values()) == 5
    assert (found["area"], found["tier"]) == (DISTRICT, "district")
    for queue, n in found["counts"].items():
        part = await cases.get("/api/queue", queue=queue)
        assert part["total"] == len(part["items"]) == n
        assert part["counts"] == found["counts"]
        if queue in SHARES:
            assert {row["queue"] for row in part["items"]} <= {queue}


@each(
    "query, expected",
    [
        ({"sort": "oldest"}, ["old flood", "litter", "wall", "flood", "call"]),
        ({"sort": "newest"}, ["call", "flood", "wall", "litter", "old flood"]),
        ({"sort": "newest", "limit": 2}, ["call", "flood"]),
        ({"sort": "newest", "limit": 2, "offset": 4}, ["old flood"]),
        ({"sort": "newest", "offset": 9}, []),
        ({"sort": "newest", "class": "05-06"}, ["flood", "old flood"]),
        ({"sort": "newest", "class": "E-05-06"}, ["flood", "old flood"]),
        ({"class": "99-99"}, []),
        ({"sort": "newest", "priority": 2}, ["flood", "old flood"]),
        ({"q": "农贸"}, ["litter"]),
        ({"q": "Litter"}, ["litter"]),  # the number, in any case
        ({"q": "裂缝"}, ["wall"]),
        ({"system": "nothing"}, []),
        ({"sort": "newest", "system": "safety-emergency"}, ["flood", "wall", "old flood"]),
        ({"department": "paishui"}, []),
    ],
)
async def test_a_queue_is_filtered_sorted_and_cut(cases, query, expected):
    assert await ids(cases, queue="all", **query) == expected


async def test_a_name_of_a_place_finds_what_lies_there(cases, region, grids):
    street = region.lineage(grids[2])[1]
    inside = {one.code for one in region.grids if region.is_within(one.code, street.code)}
    for text in (street.name, street.name_en.upper()):
        found = await cases.get("/api/queue", queue="all", q=text)
        assert [row["id"] for row in found["items"]]
        assert {row["area"] for row in found["items"]} <= inside


async def test_a_department_filter_finds_what_it_has(cases):
    await cases.post(moved("wall", "dispatch") | {"id": "d"})
    await cases.tick()
    named = await cases.get("/api/incidents/wall")
    assert named["department"] is None  # that system names none
    body = {"action": "dispatch", "version": named["version"], "key": "k", "department": "paishui"}
    done = await cases.http.post("/api/incidents/wall/actions", json=body)
    assert done.status_code == 200, done.text
    await cases.tick()
    assert await ids(cases, queue="all", department="paishui") == ["wall"]


async def test_an_area_shows_its_own(cases, region, grids):
    street = region.lineage(grids[1])[1].code
    found = await cases.get("/api/queue", queue="all", area=street)
    assert found["tier"] == "street"
    assert found["total"] == sum(region.is_within(row["area"], street) for row in found["items"])
    assert (await cases.get("/api/queue", 404, area="999"))["detail"]


async def test_without_a_filter_an_asker_sees_the_own_area(cases, region, grids):
    street = region.lineage(grids[1])[1].code
    token = await cases.add_program("jie", Role.OFFICER, street)
    answer = await cases.http.get("/api/queue?queue=all", headers=bearer(token))
    assert answer.json()["area"] == street
    refused = await cases.http.get(f"/api/queue?area={DISTRICT}", headers=bearer(token))
    assert refused.status_code == 403


@each(
    "query",
    [
        {"limit": 0},
        {"limit": 501},
        {"offset": -1},
        {"queue": "none"},
        {"sort": "x"},
        {"priority": 5},
    ],
)
async def test_what_cannot_be_asked_is_refused(cases, query):
    await cases.get("/api/queue", 422, **query)


async def test_departments_are_those_of_the_area_with_what_they_have_in_hand(cases, region, grids):
    every = (await cases.get("/api/departments"))["departments"]
    assert {one["id"] for one in every} == set(cases.departments)
    token = await cases.add_program("jie", Role.OFFICER, region.lineage(grids[1])[1].code)
    own = (await cases.http.get("/api/departments", headers=bearer(token))).json()["departments"]
    assert 0 < len(own) < len(every)


async def test_looking_at_a_case_of_elsewhere_is_noted_as_refused(cases, region, grids):
    token = await cases.add_program("jie", Role.OFFICER, region.lineage(grids[1])[1].code)
    answer = await cases.http.get("/api/incidents/wall", headers=bearer(token))
    assert answer.status_code == 404
    (last,) = await cases.doors.audit.entries_before(None, 1)
    assert (last.action, last.subject) == ("incident.view", "incident/wall")
    assert (last.actor, last.outcome, last.area) == ("jie", "refused", None)


# ---- live ------------------------------------------------------------------------------------


async def test_the_desk_is_told_counts_and_the_cases_that_moved(cases, grids):
    async with cases.screen() as screen:
        snapshot = (await screen.snapshot(f"desk/{DISTRICT}"))["snapshot"]
        found = await cases.get("/api/queue", queue="all")
        assert snapshot["counts"] == found["counts"]
        assert snapshot["tiers"] == found["tiers"]
        assert set(snapshot["clocks"]) == {"urgent_hour", "work_hour", "work_day", "natural_day"}
        await cases.post(report("new", grids[4], minutes=0))
        await cases.tick()
        delta = (await frame(screen))["delta"]
        assert delta["counts"]["all"] == 6
        assert (delta["rows"]["new"]["id"], delta["rows"]["new"]["queue"]) == ("new", "below")
        await cases.post(moved("new", "close"))
        await cases.tick()
        delta = (await frame(screen))["delta"]
        assert (delta["counts"]["all"], delta["rows"]["new"]["queue"]) == (5, None)
        assert delta["rows"]["new"]["state"] == "closed"
        await cases.tick()
        assert (await frame(screen))["delta"] == {}


async def test_the_clock_alone_moves_a_case_to_another_queue(cases, region, grids):
    """The flood is the street's; at 80 % of its two hours it goes to the district by itself."""
    async with cases.screen() as screen:
        await screen.snapshot(f"desk/{DISTRICT}")
        await cases.tick(92 * 60)
        delta = (await frame(screen))["delta"]
        assert delta["rows"]["flood"]["queue"] == "escalated"
        assert delta["rows"]["flood"]["tier"] == "district"
        assert delta["counts"]["escalated"] >= 1


async def test_too_many_at_once_are_to_be_asked_for(cases, grids):
    async with cases.screen() as screen:
        await screen.snapshot(f"desk/{DISTRICT}")
        await cases.post(*(report(f"n{n}", grids[n % 5]) for n in range(301)))
        await cases.tick()
        delta = (await frame(screen))["delta"]
        assert delta["refetch"] is True
        assert "rows" not in delta
        assert delta["counts"]["all"] == 306


async def test_a_desk_is_for_those_who_may_see_its_cases(cases, region, grids):
    street, other = (region.lineage(grid)[1].code for grid in (grids[0], grids[4]))
    assert street != other
    viewer = await cases.add_program("viewer", Role.VIEWER, DISTRICT)
    officer = await cases.add_program("jie", Role.OFFICER, street)
    for token, topic in ((viewer, DISTRICT), (officer, DISTRICT), (officer, other)):
        async with cases.screen(token) as screen:
            await screen.subscribe(f"desk/{topic}")
            assert (await screen.next())["error"] == "this lies outside your area"
    async with cases.screen(officer) as screen:
        assert (await screen.snapshot(f"desk/{street}"))["snapshot"]["counts"]["all"] >= 1


async def test_a_departments_desk_is_of_what_came_to_it(cases):
    clerk = await cases.add_program("clerk", Role.DEPARTMENT, DISTRICT)
    async with cases.screen(clerk) as own, cases.screen() as whole:
        assert (await own.snapshot(f"desk/{DISTRICT}"))["snapshot"]["counts"]["all"] == 0
        assert (await whole.snapshot(f"desk/{DISTRICT}"))["snapshot"]["counts"]["all"] == 5
        version = (await cases.get("/api/incidents/wall"))["version"]
        body = {"action": "dispatch", "version": version, "key": "k", "department": "paishui"}
        assert (await cases.http.post("/api/incidents/wall/actions", json=body)).status_code == 200
        await cases.tick()
        delta = (await frame(own))["delta"]
        assert (delta["counts"]["todo"], delta["rows"]["wall"]["queue"]) == (1, "todo")
        await cases.post(moved("flood", "file"))
        await cases.tick()
        assert "rows" not in (await frame(own))["delta"]


async def frame(screen):
    """The next frame of the topic; who looks at what comes in between."""
    while "watching" in (found := await screen.next()):
        continue
    return found


# ---- who has a case open -----------------------------------------------------------------------


async def test_desks_are_told_who_else_has_a_case_open(cases):
    li = await cases.add_program("li", Role.OFFICER, DISTRICT)
    async with cases.screen() as own:
        await own.snapshot(f"desk/{DISTRICT}")
        async with cases.screen(li) as other:
            await other.socket.send('{"open": "wall"}')
            assert (await own.next())["watching"] == {"wall": ["li"]}
            await other.socket.send('{"open": "flood"}')
            assert (await own.next())["watching"] == {"wall": [], "flood": ["li"]}
            async with cases.screen() as third:  # who comes later is told as well
                await third.snapshot(f"desk/{DISTRICT}")
                assert (await third.next())["watching"] == {"flood": ["li"]}
        assert (await own.next())["watching"] == {"flood": []}


async def test_nobody_is_told_of_cases_that_he_may_not_see(cases, region, grids):
    street = region.lineage(grids[0])[1].code
    officer = await cases.add_program("jie", Role.OFFICER, street)
    async with cases.screen(officer) as low, cases.screen() as high:
        await low.snapshot(f"desk/{street}")
        await low.socket.send('{"open": "wall"}')
        assert (await low.next())["error"] == "no such incident in your area"
        await high.snapshot(f"desk/{DISTRICT}")
        await high.socket.send('{"open": "wall"}')
        await high.socket.send('{"open": "flood"}')
        assert (await low.next())["watching"] == {"flood": ["chief"]}
