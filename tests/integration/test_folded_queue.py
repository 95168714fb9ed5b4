"""Similar cases in one row of a queue, over HTTP and on the live socket."""

import pytest

from dashboard.domain.rights import Role
from dashboard.queues import SHARES
from tests.conftest import NOON
from tests.stage import bearer, incident, moved

MINUTE_MS = 60_000
DISTRICT = "530111"
M_LAT = 1 / 111_320.0


def report(name, place, *, minutes=0, metres=0, **more):
    """A case `minutes` ago, so many metres north of a place."""
    lon, lat = place
    told = incident(name, None, NOON - minutes * MINUTE_MS, **({"channel": "collector"} | more))
    del told["area"]
    return told | {"lon": lon, "lat": lat + metres * M_LAT}


@pytest.fixture
def place(region, grids):
    """A place with room around it."""
    middle = region.by_code[grids[0]].label
    return tuple(middle)


@pytest.fixture
async def folded(stage, place, grids):
    """Three floods side by side and one 60 m off; litter at the same place; one without a place."""
    await stage.post(
        report("second", place, minutes=20, metres=10, channel="hotline"),
        report("first", place, minutes=30, priority=3),
        report("third", place, minutes=10, metres=20, priority=1, channel="video"),
        report("far", place, minutes=5, metres=60),
        report("litter", place, minutes=25, **{"class": "01-10"}),
        incident("nowhere", grids[0], NOON - 40 * MINUTE_MS, channel="collector"),
    )
    await stage.tick()
    return stage


async def rows(stage, **query):
    asked = {"queue": "all", "folded": "true", "sort": "oldest"} | query
    return (await stage.get("/api/queue", **asked))["items"]


async def act(stage, name, action, token=None, key=None):
    """Take a step at the newest version; the answer."""
    headers = bearer(token or stage.program)
    version = (await stage.get(f"/api/incidents/{name}"))["version"]
    body = {"action": action, "version": version, "key": key or f"{name} {action}"}
    path = f"/api/incidents/{name}/actions"
    answer = await stage.http.post(path, json=body, headers=headers)
    await stage.tick()
    return answer


def inside(found):
    return {row["id"]: row["inside"] and row["inside"]["ids"] for row in found}


async def test_only_cases_of_one_queue_fold(folded):
    """From the district what the street and the community hold lies below; a P1 is its own."""
    shares = {row["id"]: row["queue"] for row in await rows(folded, folded="false")}
    assert (shares["first"], shares["second"], shares["third"]) == ("below", "below", "todo")
    found = await rows(folded)
    assert inside(found) == {
        "nowhere": None,
        "first": ["first", "second"],
        "litter": None,
        "third": None,
        "far": None,
    }


@pytest.fixture
async def trio(stage, place):
    """Three floods side by side in one queue, and a litter."""
    await stage.post(
        report("second", place, minutes=20, metres=10, channel="hotline", priority=3),
        report("first", place, minutes=30, priority=4),
        report("third", place, minutes=10, metres=20, priority=2, channel="hotline"),
        report("litter", place, minutes=25, **{"class": "01-10"}, priority=3),
    )
    await stage.tick()
    return stage


async def test_a_folded_row_tells_what_it_holds(trio):
    found = await trio.get("/api/queue", queue="below", folded="true")
    assert (found["total"], found["total_cases"], found["counts"]["below"]) == (2, 4, 4)
    top = found["items"][0]
    due = {row["id"]: row["due_at"] for row in await rows(trio, folded="false")}
    assert top["id"] == top["fold"] == "first"
    assert top["priority"] == 4  # the case's own stays its own
    assert top["inside"] == {
        "total": 3,
        "ids": ["first", "second", "third"],
        "priority": 2,
        "due_at": min(due[name] for name in ("first", "second", "third")),
        "unacknowledged": 3,
        "channels": {"collector": 1, "hotline": 2},
    }
    assert found["items"][1]["inside"] is found["items"][1]["fold"] is None


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("urgency", ["first", "litter"]),  # the P2 inside leads
        ("oldest", ["first", "litter"]),
        ("newest", ["first", "litter"]),  # by the last report inside
        ("due", ["first", "litter"]),
    ],
)
async def test_a_fold_stands_where_its_most_urgent_case_would(trio, sort, expected):
    assert [row["id"] for row in await rows(trio, sort=sort)] == expected


async def test_pages_are_cut_by_rows_and_hold_every_case_once(stage, place):
    lon, lat = place
    names = [
        (f"{spot}.{n}", (lon, lat + spot * 70 * M_LAT), spot * 10 + n)
        for spot in range(3)
        for n in range(spot + 1)
    ]
    await stage.post(*(report(name, at, minutes=100 - minute) for name, at, minute in names))
    await stage.tick()
    found = [row for n in range(3) for row in await rows(stage, limit=1, offset=n)]
    assert [row["id"] for row in found] == ["0.0", "1.0", "2.0"]
    held = [one for row in found for one in (row["inside"] or {"ids": [row["id"]]})["ids"]]
    assert held == [name for name, _, _ in names]
    assert await rows(stage, limit=1, offset=3) == []


async def test_without_asking_for_it_nothing_folds(trio):
    found = await trio.get("/api/queue", queue="all")
    assert found["total"] == found["total_cases"] == len(found["items"]) == 4
    assert not any("inside" in row for row in found["items"])


async def test_a_filter_picks_cases_and_those_fold(trio):
    found = await trio.get("/api/queue", queue="all", folded="true", priority=3)
    assert (found["total"], found["total_cases"]) == (2, 2)
    picked = {row["id"]: (row["fold"], row["inside"]) for row in found["items"]}
    assert picked == {"second": ("first", None), "litter": (None, None)}


async def test_the_cases_of_one_fold_are_asked_for_by_any_of_them(trio):
    for name in ("first", "third"):
        found = await trio.get("/api/queue", queue="all", fold=name, sort="oldest")
        assert [row["id"] for row in found["items"]] == ["first", "second", "third"]
    assert (await trio.get("/api/queue", queue="all", fold="litter"))["total"] == 1
    assert (await trio.get("/api/queue", queue="all", fold="unknown"))["items"] == []


async def test_folding_changes_no_count(trio):
    plain, folded = [
        await trio.get("/api/queue", queue="all", folded=text) for text in ("false", "true")
    ]
    assert plain["counts"] == folded["counts"]
    assert plain["tiers"] == folded["tiers"]
    assert sum(folded["counts"][queue] for queue in SHARES) == folded["total_cases"] == 4


async def test_a_case_tells_its_fold(trio):
    for name in ("first", "second"):
        fold = (await trio.get(f"/api/incidents/{name}"))["fold"]
        assert (fold["primary"], fold["total"]) == ("first", 3)
        assert [row["id"] for row in fold["members"]] == ["first", "second", "third"]
        assert {row["queue"] for row in fold["members"]} == {"below"}
    assert (await trio.get("/api/incidents/litter"))["fold"] is None


async def test_the_fold_is_of_the_queues_that_are_asked_for(trio, region, grids):
    """In the community's queues a case that came to the street is with others than the rest."""
    community = region.lineage(grids[0])[-2].code
    fold = (await trio.get("/api/incidents/third", area=community))["fold"]
    assert [row["id"] for row in fold["members"]] == ["second", "third"]
    assert {row["queue"] for row in fold["members"]} == {"waiting"}
    assert (await trio.get("/api/incidents/first", area=community))["fold"] is None
    assert await trio.get("/api/incidents/first", 404, area="999")


# ---- taking out and putting back ----------------------------------------------------------------


async def test_taking_out_is_one_audited_step_and_undone_by_another(trio):
    answer = await act(trio, "second", "unfold")
    assert answer.status_code == 200, answer.text
    assert inside(await rows(trio)) == {
        "first": ["first", "third"],
        "litter": None,
        "second": None,
    }
    trail = (await trio.get("/api/incidents/second"))["trail"]
    (entry,) = [one for one in trail if one["action"] == "incident.unfold"]
    assert (entry["actor"], entry["outcome"]) == ("chief", "done")
    undone = await act(trio, "second", "undo")
    assert undone.status_code == 200, undone.text
    assert inside(await rows(trio))["first"] == ["first", "second", "third"]


async def test_a_case_taken_out_is_put_back_by_hand_and_not_twice(trio):
    assert (await act(trio, "third", "unfold")).status_code == 200
    again = await act(trio, "third", "unfold", key="again")
    assert (again.status_code, again.json()["code"]) == (409, "apart")
    assert (await act(trio, "third", "fold")).status_code == 200
    assert inside(await rows(trio))["first"] == ["first", "second", "third"]
    again = await act(trio, "third", "fold", key="again")
    assert (again.status_code, again.json()["code"]) == (409, "not_apart")


async def test_a_post_without_command_takes_nothing_out(trio):
    leader = await trio.add_program("leader", Role.LEADER, DISTRICT)
    answer = await act(trio, "second", "unfold", token=leader)
    assert (answer.status_code, answer.json()["code"]) == (403, "role")
    assert inside(await rows(trio))["first"] == ["first", "second", "third"]


async def test_an_ended_primary_gives_way_and_swallows_nothing(trio, place):
    await trio.post(moved("first", "close"), report("new", place, minutes=1))
    await trio.tick()
    found = inside(await rows(trio))
    assert found == {"second": ["second", "third", "new"], "litter": None}


# ---- live ---------------------------------------------------------------------------------------


async def delta_of(screen, stage):
    await stage.tick()
    found = await screen.next()
    assert found["topic"] == f"desk/{DISTRICT}"
    return found["delta"]


async def test_the_desk_is_told_of_its_folds(trio, place):
    async with trio.screen() as screen:
        await screen.snapshot(f"desk/{DISTRICT}")
        await trio.post(report("fourth", place, metres=5, priority=4))
        told = (await delta_of(screen, trio))["rows"]
        assert set(told) == {"first", "fourth"}
        assert (told["fourth"]["fold"], told["fourth"]["inside"]) == ("first", None)
        assert told["first"]["fold"] == "first"
        assert told["first"]["inside"]["ids"] == ["first", "second", "third", "fourth"]
        await trio.post(moved("first", "close"))
        told = (await delta_of(screen, trio))["rows"]
        assert (told["first"]["fold"], told["first"]["inside"]) == (None, None)
        assert {told[name]["fold"] for name in ("second", "third", "fourth")} == {"second"}
        assert told["second"]["inside"]["total"] == 3
        await trio.post(moved("third", "file"))
        told = (await delta_of(screen, trio))["rows"]
        assert set(told) == {"second", "third"}  # what its primary says of it may be another
        assert told["second"]["inside"]["unacknowledged"] == 2


async def test_what_the_socket_tells_is_what_the_queue_answers(trio, place):
    async with trio.screen() as screen:
        await screen.snapshot(f"desk/{DISTRICT}")
        await trio.post(*(report(f"n{n}", place, metres=n * 9, minutes=n) for n in range(8)))
        told = (await delta_of(screen, trio))["rows"]
    for row in await rows(trio):
        if row["id"] in told:
            live = told[row["id"]]
            assert (live["fold"], live["inside"]) == (row["fold"], row["inside"])
