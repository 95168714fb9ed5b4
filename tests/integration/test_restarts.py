"""A board or a hub that starts anew goes on where the screens were: no number goes back."""

import pytest

from dashboard.board import BoardProcess
from dashboard.config import Settings
from dashboard.domain.board import Board
from dashboard.domain.events import Activity, Role, StaffCheckedIn, encode_chunk
from dashboard.doors import create_doors
from dashboard.live import Hub
from dashboard.store.streams import Batch, EventStream

CHUNKS = 100  # more than the board folds in one tick


@pytest.fixture
def settings(tmp_path):
    return Settings.from_env({"ONEMAP_DATA": str(tmp_path), "ONEMAP_CHECKPOINT_S": "3600"})


async def check_in(redis, region, clock, first):
    """CHUNKS batches of one check-in."""
    stream, grid = EventStream(redis), region.grids[0].code
    for n in range(first, first + CHUNKS):
        now_ms = clock.now_ms()
        event = StaffCheckedIn(
            str(n), now_ms, str(n), grid, Role.GRID_WORKER, Activity.PATROL, None
        )
        batch = Batch(
            feed="terminals",
            received_ms=now_ms,
            day="2026-11-22",
            sequence=None,
            chunk=encode_chunk("terminals", now_ms, [event]),
            identities=[str(n)],
            cameras={},
            incidents={},
            rejected=b"",
            n_rejected=0,
            n_private=0,
        )
        await stream.append(batch)


def checked_in(picture):
    return picture.area_metrics(0)["checkins_last_hour"]


async def until_folded(board):
    """Two ticks: what is there is folded, and only the first of a board's life is a checkpoint."""
    for _ in range(2):
        await board.tick(1)


async def started(settings, region, classes, redis, clock):
    board = BoardProcess(settings, Board(region, classes), redis, clock)
    await board.start()
    return board


async def test_a_board_that_starts_anew_shows_nothing_older(
    settings, region, classes, redis, clock
):
    board = await started(settings, region, classes, redis, clock)
    await board.tick(1)
    await check_in(redis, region, clock, 0)
    await until_folded(board)
    assert board.metrics[0].max() >= CHUNKS
    again = await started(settings, region, classes, redis, clock)
    await again.tick(1)
    hub = Hub(
        settings, create_doors(settings, region, redis, clock).directory, classes, redis, clock
    )
    assert await hub._load()
    assert checked_in(hub.picture) == CHUNKS


async def test_a_hub_that_starts_anew_shows_nothing_older(settings, region, classes, redis, clock):
    board = await started(settings, region, classes, redis, clock)
    await board.tick(1)
    await check_in(redis, region, clock, 0)
    await until_folded(board)
    hub = Hub(
        settings, create_doors(settings, region, redis, clock).directory, classes, redis, clock
    )
    assert await hub._load()
    assert (checked_in(hub.picture), hub.picture.tick) == (CHUNKS, board.tick_number)
