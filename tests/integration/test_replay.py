"""A recorded day through the real intake into a real store."""

import asyncio
import re
from dataclasses import replace

import pytest
from fastapi import FastAPI

from dashboard.clock import SystemClock
from dashboard.config import Settings
from dashboard.domain.events import FeedHeartbeat, IncidentMoved, IncidentReported, decode_chunk
from dashboard.domain.feeds import FeedKind
from dashboard.setting_values import REGIONS
from dashboard.store import keys
from dashboard.store.feeds import FeedStore
from feeds.gateway import create_gateway
from feeds.replay import Outcome, RecordingUnusable, find, load, play
from feeds.sender import Door
from tests.serving import serving
from tests.stage import feed

GUANDU = REGIONS / "guandu"
AT_ONCE = 1e9
FEED = replace(feed("replay", FeedKind.RECORDED), label="2026-08-18")


@pytest.fixture
async def door(tmp_path, region, classes, redis):
    """The real gateway on a real socket, and a token for it."""
    settings = Settings.from_env({"ONEMAP_DATA": str(tmp_path)})
    gateway = create_gateway(settings, region, classes, redis, SystemClock())
    app = FastAPI()
    app.include_router(gateway.router())
    async with serving(app) as url:
        yield Door(url, await FeedStore(redis).add(FEED))


async def stored(redis, kind):
    entries = await redis.xrange(keys.EVENTS)
    chunks = [decode_chunk(body) for _, fields in entries for body in fields.values()]
    return [event for chunk in chunks for event in chunk.events if isinstance(event, kind)]


async def play_quickly(door, name="floods-2026-08-18", speed=AT_ONCE):
    async with asyncio.timeout(30):
        return await play(door, load(find(GUANDU, name)), speed, SystemClock())


async def test_the_day_of_the_rainstorm_lands_and_what_lies_outside_is_named(door, redis):
    began_ms = SystemClock().now_ms()
    outcome = await play_quickly(door)
    assert (outcome.n_records, outcome.n_accepted) == (53, 47)
    assert not outcome.refused
    assert str(outcome).startswith("53 records: 47 accepted, 6 outside the region: ")
    assert re.search(r"U15 \S.* in 呈贡区", str(outcome))
    reports = await stored(redis, IncidentReported)
    assert len(reports) == 47
    assert len({report.incident for report in reports}) == 47
    assert {report.class_code for report in reports} == {"05-06"}
    assert all(began_ms <= report.observed_ms <= SystemClock().now_ms() for report in reports)
    assert all(report.text.startswith("发布于 2026-08-18 ") for report in reports)
    moves = await stored(redis, IncidentMoved)
    assert {move.incident for move in moves} <= {report.incident for report in reports}
    assert all(move.note.startswith("发布于 2026-08-18 ") for move in moves)
    assert await stored(redis, FeedHeartbeat)


async def test_a_second_replay_is_a_day_of_its_own(door, redis):
    for _ in range(2):
        assert (await play_quickly(door, "floods-2026-07-16")).n_records == 6
    reports = await stored(redis, IncidentReported)
    assert len({report.incident for report in reports}) == len(reports) == 12


async def test_events_come_in_their_order_at_the_chosen_speed(door, redis):
    recording = load(find(GUANDU, "floods-2026-08-10"))
    lasts_s = (recording.lines[-1].at - recording.lines[0].at).total_seconds()
    began_ms = SystemClock().now_ms()
    await play_quickly(door, "floods-2026-08-10", speed=lasts_s)  # the whole in one second
    assert 950 < SystemClock().now_ms() - began_ms < 10_000
    moves = await stored(redis, IncidentMoved)
    assert [m.observed_ms for m in moves] == sorted(m.observed_ms for m in moves)
    assert moves[-1].observed_ms - began_ms > 900


def test_an_unknown_recording_is_answered_with_those_there_are():
    with pytest.raises(RecordingUnusable, match="floods-2026-08-18"):
        find(GUANDU, "floods-1900-01-01")


def test_a_name_does_not_lead_out_of_the_folder():
    with pytest.raises(RecordingUnusable):
        find(GUANDU, "../recordings/floods-2026-08-18")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "not json",
        '{"recording": "x", "date": "d", "title": "t", "title_en": "t", "source": "s"}\n{"at": 1}',
    ],
)
def test_a_file_that_is_no_recording_is_refused(tmp_path, text):
    path = tmp_path / "broken.jsonl"
    path.write_text(text)
    with pytest.raises(RecordingUnusable, match=r"broken\.jsonl"):
        load(path)


def test_the_outcome_says_what_became_of_every_record():
    outcome = Outcome(70, {"U15 昆石高速": "in 阿拉街道"}, {"X1": "data.class unknown"})
    assert str(outcome) == (
        "70 records: 68 accepted, 1 outside the region: U15 昆石高速 in 阿拉街道, "
        "1 refused: X1: data.class unknown"
    )
