"""Screens that come back, boards that start anew, pictures that grow old: no gap, no false now."""

import pytest

from dashboard import topics
from dashboard.clock import iso
from tests.stage import DISTRICT, check_in, until


async def test_a_screen_that_comes_back_gets_exactly_what_it_missed(stage, grids):
    async with stage.screen() as screen:
        seen = (await screen.snapshot(DISTRICT))["sequence"]
    for number in range(5):
        await stage.post(check_in(str(number), grids[0], stage.clock))
        await stage.tick()
    async with stage.screen() as screen:
        await screen.subscribe(DISTRICT, seen)
        frames = [await screen.next() for _ in range(5)]
        assert [frame["sequence"] for frame in frames] == list(range(seen + 1, seen + 6))
        assert all("delta" in frame for frame in frames)
        on_duty = [f["delta"]["areas"]["530111"]["metrics"]["staff_on_duty"] for f in frames]
        assert on_duty == [1, 2, 3, 4, 5]


async def test_a_screen_that_missed_nothing_gets_only_what_comes(stage):
    async with stage.screen() as screen:
        seen = (await screen.snapshot(DISTRICT))["sequence"]
    async with stage.screen() as screen:
        await screen.subscribe(DISTRICT, seen)
        await screen.subscribe("feeds")
        assert (await screen.next())["topic"] == "feeds"
        await stage.tick()
        assert {(await screen.next())["topic"] for _ in range(2)} == {DISTRICT, "feeds"}


@pytest.mark.parametrize("since", [0, -1, 10**9])
async def test_a_number_the_hub_cannot_go_on_from_gets_a_snapshot(stage, since):
    await stage.tick()
    async with stage.screen() as screen:
        await screen.snapshot(DISTRICT, since)


async def test_a_screen_away_for_too_long_gets_a_snapshot(stage, monkeypatch):
    monkeypatch.setattr(topics, "FRAMES_KEPT", 3)
    async with stage.screen() as screen:
        seen = (await screen.snapshot("area/530111001"))["sequence"]
    for _ in range(4):
        await stage.tick()
    async with stage.screen() as screen:
        frame = await screen.snapshot("area/530111001", seen)
        assert frame["sequence"] == seen + 4


async def test_a_board_that_starts_anew_sends_every_screen_a_snapshot(stage, grids):
    async with stage.screen() as screen:
        before = await screen.snapshot(DISTRICT)
        await stage.post(check_in("a", grids[0], stage.clock))
        await stage.new_board()
        frame = await screen.next()
        while "snapshot" not in frame:
            frame = await screen.next()
        assert frame["sequence"] > before["sequence"]
        assert frame["snapshot"]["area"]["metrics"]["staff_on_duty"] == 1
        await stage.tick()
        assert (await screen.next())["sequence"] == frame["sequence"] + 1


async def test_a_screen_before_the_first_picture_waits_for_it(new_stage):
    stage = new_stage()
    async with stage.open(), stage.screen() as screen:
        await screen.subscribe(DISTRICT)
        await until(lambda: stage.hub.n_clients == 1)
        await stage.new_board()
        assert "snapshot" in await screen.next()


async def test_an_old_picture_is_shown_with_its_age_and_never_as_live(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    for seconds, word in ((0, "live"), (6, "late"), (10, "stale"), (120, "lost")):
        stage.clock.move(seconds)
        async with stage.screen() as screen:
            area = (await screen.snapshot(DISTRICT))["snapshot"]["area"]
        assert area["freshness_by"]["staff"] == word
        assert area["metrics"]["staff_on_duty"] == 1


async def test_a_feed_that_falls_silent_says_of_when_its_numbers_are(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    heard = iso(stage.clock.now_ms() - 1_000)
    path = "/api/areas/530111"
    nothing = {"cameras": None, "incidents": None, "staff": None}  # live, or never heard
    assert (await stage.get(path))["as_of_by"] == nothing
    async with stage.screen() as screen:
        first = await screen.snapshot(DISTRICT)
        assert first["snapshot"]["area"]["as_of_by"] == nothing
        await stage.tick(90)  # its period is 60 s
        change = (await screen.next())["delta"]["areas"]
        assert set(change) == {"530111", *(row["code"] for row in first["snapshot"]["children"])}
        for row in change.values():
            assert row["freshness_by"]["staff"] == "late"
            assert row["as_of_by"] == nothing | {"staff": heard}
        await stage.tick()
        assert (await screen.next())["delta"] == {}, "the moment stands still"
        await stage.post(check_in("b", grids[0], stage.clock))
        await stage.tick()
        row = (await screen.next())["delta"]["areas"]["530111"]
        assert (row["freshness_by"]["staff"], row["as_of_by"]) == ("live", nothing)
    assert (await stage.get(path))["as_of_by"] == nothing


async def test_a_web_that_starts_later_knows_of_when_the_numbers_are(stage, new_stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    await stage.tick(90)
    told = (await stage.get("/api/areas/530111"))["as_of_by"]
    other = new_stage()
    other.board = stage.board
    async with other.open():
        await other.tick()
        assert (await other.get("/api/areas/530111"))["as_of_by"] == told
        assert told["staff"] is not None


async def test_numbers_of_an_old_picture_are_of_the_pictures_moment(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    as_of = iso(stage.clock.now_ms())
    stage.clock.move(20)
    row = await stage.get("/api/areas/530111")
    assert (row["as_of"], row["as_of_by"]["staff"]) == (as_of, as_of)
    assert row["as_of_by"]["cameras"] is None  # never heard


async def test_a_picture_that_is_late_and_comes_back_is_told_live_again(stage, grids):
    await stage.post(check_in("a", grids[0], stage.clock))
    await stage.tick()
    async with stage.screen() as screen:
        stage.clock.move(6)
        area = (await screen.snapshot(DISTRICT))["snapshot"]["area"]
        assert area["freshness_by"]["staff"] == "late"
        await stage.tick()
        change = (await screen.next())["delta"]["areas"]["530111"]
        assert (change["freshness_by"]["staff"], change["as_of_by"]["staff"]) == ("live", None)
        await stage.tick()
        assert (await screen.next())["delta"] == {}
