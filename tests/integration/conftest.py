"""Fixtures of the tests that drive the whole live side."""

import gc

import pytest
from fastapi._compat.v2 import ModelField

from dashboard import alert_commands, commands, live, whistle_commands
from tests.identity_provider import identity_provider
from tests.stage import Stage


@pytest.fixture(autouse=True)
def thawed():
    """What a process freezes for all its life is over with its test here."""
    yield
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def quick_to_open():
    """What costs a stage most: validators made anew for every server, a wait for the board."""
    held, build = {}, ModelField.__post_init__

    def once(field):
        info = field.field_info
        if field.mode != "serialization" or info.metadata:
            return build(field)  # a parameter has limits of its own
        key = (id(info.annotation), repr(info), repr(field.config))
        if key not in held:
            build(field)
            held[key] = (field._type_adapter, info.annotation)  # which keeps its id its own
        field._type_adapter, _ = held[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelField, "__post_init__", once)
        patch.setattr(live, "RETRY_S", 0.02)
        yield


@pytest.fixture
def at_once(monkeypatch):
    """Nobody else changes anything: a version that is not there yet need not be waited for."""
    for module in (commands, alert_commands, whistle_commands):
        monkeypatch.setattr(module, "CATCH_UP_S", 0.05)


@pytest.fixture
def new_stage(settings, region, classes, redis, clock):
    """Makes stages that are not open yet."""
    return lambda: Stage(settings, (region, classes), redis, clock)


@pytest.fixture
async def stage(new_stage):
    """A stage with a board that has started."""
    stage = new_stage()
    async with stage.open():
        await stage.new_board()
        yield stage


@pytest.fixture(scope="session")
def grids(region):
    """Codes of five grids, far apart."""
    return [grid.code for grid in region.grids[:300:60]]


@pytest.fixture(scope="session")
def identity():
    """A real identity provider on this machine."""
    with identity_provider() as running:
        yield running
