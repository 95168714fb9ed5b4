"""Fixtures of the tests that drive the whole live side."""

import pytest

from tests.stage import Stage


@pytest.fixture
async def stage(settings, region, classes, redis, clock):
    """A stage with a board that has started."""
    stage = Stage(settings, (region, classes), redis, clock)
    async with stage.open():
        await stage.new_board()
        yield stage


@pytest.fixture(scope="session")
def grids(region):
    """Codes of five grids, far apart."""
    return [grid.code for grid in region.grids[:300:60]]
