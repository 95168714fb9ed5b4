"""Fixtures of the tests that prepare events without a store."""

import json

import pytest

from feeds.decoding import decode
from feeds.intake import Intake
from feeds.places import Known
from tests.conftest import NOON
from tests.wire import MAX_EVENT_BYTES, MAX_EVENTS

NOTHING_KNOWN = Known({}, {})


@pytest.fixture(scope="session")
def intake(region, classes):
    return Intake(region, classes)


@pytest.fixture(scope="session")
def grid(region):
    return region.grids[42]


@pytest.fixture
def take(intake):
    def take(*events, known=NOTHING_KNOWN, area=None, sequence=None):
        body = json.dumps({"sequence": sequence, "events": events}).encode()
        return intake.prepare(*decode(body, MAX_EVENTS, MAX_EVENT_BYTES), known, area, NOON)

    return take
