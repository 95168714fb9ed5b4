"""From rehearsal to real: the first live feed finds nothing that was made up."""

from argparse import Namespace

import pytest

from dashboard import feed_tool
from dashboard.clock import iso
from dashboard.domain.feeds import FeedKind
from dashboard.errors import SeatLost
from dashboard.store.feeds import FeedStore
from dashboard.store.rehearsed import forget_rehearsals
from tests.stage import check_in, feed, incident


def asked(name):
    given = {"kind": "live", "area": None, "period": 60, "label": None}
    return Namespace(name=name, title=None, title_en=None, **given)


@pytest.fixture
async def played(new_stage, clock, monkeypatch, grids):
    """A stage on which a simulated feed has told of two at work, and the board has counted them."""
    monkeypatch.setattr(feed_tool, "IN_FLIGHT_S", 0.01)
    stage = new_stage()
    async with stage.open(FeedKind.SIMULATED):
        await stage.new_board()
        await stage.post(*(check_in(name, grids[0], clock) for name in ("a", "b")))
        await stage.tick()
        yield stage


async def on_duty(stage):
    return (await stage.get("/api/areas/530111"))["metrics"]["staff_on_duty"]


async def test_the_first_live_feed_begins_with_an_empty_picture(played, settings, grids):
    assert await on_duty(played) == 2
    async with played.screen() as screen:
        before = await screen.snapshot("area/530111")
        token = await feed_tool.add(settings, played.redis, played.clock, asked("terminals"))
        with pytest.raises(SeatLost):
            await played.tick()
        await played.new_board()
        frame = await screen.next()
        assert frame["sequence"] > before["sequence"]
        assert frame["snapshot"]["area"]["metrics"]["staff_on_duty"] == 0
        assert frame["snapshot"]["origins"] == []
    assert [row["name"] for row in (await played.get("/api/feeds"))["feeds"]] == ["terminals"]
    played.use(token)
    await played.post(check_in("a", grids[0], played.clock))  # an id that was seen before
    await played.tick()
    assert await on_duty(played) == 1


async def test_what_officers_did_on_a_made_up_day_is_forgotten_but_for_the_trail(
    played, settings, grids
):
    await played.post(incident("case", grids[0]))
    await played.tick()
    body = {"action": "acknowledge", "version": 1, "key": "k"}
    assert (await played.http.post("/api/incidents/case/actions", json=body)).status_code == 200
    seen = {"note": "", "as_of": iso(played.clock.now_ms())}
    assert (await played.http.post("/api/handovers", json=seen)).status_code == 201
    await feed_tool.add(settings, played.redis, played.clock, asked("terminals"))
    left = [key.decode() async for key in played.redis.scan_iter("*")]
    assert [key for key in left if "incident" in key or "handover" in key] == []
    entries = await played.doors.audit.entries(0, 100)
    assert {"incident.acknowledge", "handover.hand_over"} <= {entry.action for entry in entries}


async def test_what_a_live_feed_delivered_is_never_forgotten(played, settings, grids):
    token = await feed_tool.add(settings, played.redis, played.clock, asked("terminals"))
    await played.new_board()
    played.use(token)
    await played.post(check_in("c", grids[0], played.clock))
    await FeedStore(played.redis).add(feed("rehearsal", FeedKind.RECORDED))
    await feed_tool.add(settings, played.redis, played.clock, asked("cameras"))
    await played.tick()
    assert await on_duty(played) == 1
    names = {row["name"]: row for row in (await played.get("/api/feeds"))["feeds"]}
    assert names.keys() == {"terminals", "cameras", "rehearsal"}


async def test_what_arrives_while_it_is_forgotten_is_kept(played, monkeypatch, grids):
    """The live feed delivers between the look and the deletion: nothing accepted is lost."""
    feeds = FeedStore(played.redis)
    token = await feeds.add(feed("terminals"))
    look = feeds.list
    asked_once = []

    async def deliver_meanwhile(self):
        if not asked_once:
            asked_once.append(True)
            played.use(token)
            await played.post(check_in("c", grids[0], played.clock))
        return await look()

    monkeypatch.setattr(FeedStore, "list", deliver_meanwhile)
    assert not await forget_rehearsals(played.redis)
    await played.tick()
    assert await on_duty(played) == 3
