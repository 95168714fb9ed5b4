"""A department's step of a whistle as a feed reports it."""

import pytest

from dashboard.clock import iso
from dashboard.domain.masking import MOBILE_MASK
from tests.conftest import NOON
from tests.wire import event, refusal

STEP = {"action": "whistle", "whistle": "w1", "step": "acknowledge", "department": "paishui"}


def test_a_step_comes_with_the_elements_of_its_answer(take, grid):
    said = {"contact": "李13812345678", "measures": "派抢修队", "promised_at": iso(NOON + 60_000)}
    (found,) = take(event("incident.moved", grid, data=STEP | said)).events
    assert (found.whistle, found.step, found.department) == ("w1", "acknowledge", "paishui")
    assert (found.measures, found.promised_ms) == ("派抢修队", NOON + 60_000)
    assert MOBILE_MASK in found.contact
    assert "13812345678" not in found.contact
    assert not found.at_desk


@pytest.mark.parametrize("name", ["whistle", "step", "department"])
def test_a_step_names_its_whistle_and_its_department(take, grid, name):
    found = refusal(take(event("incident.moved", grid, data=STEP | {name: ...})))
    assert found.field == f"data.{name}"


@pytest.mark.parametrize("step", ["approve", "blow", "withdraw", "rate", "nap"])
def test_a_feed_takes_no_step_of_the_street(take, grid, step):
    found = refusal(take(event("incident.moved", grid, data=STEP | {"step": step})))
    assert found.field == "data.step"
    assert "acknowledge" in found.reason


@pytest.mark.parametrize("name", ["whistle", "step", "contact", "measures"])
def test_other_actions_take_nothing_of_a_whistle(take, grid, name):
    data = {"action": "close", name: STEP.get(name, "x")}
    assert refusal(take(event("incident.moved", grid, data=data))).field == f"data.{name}"
