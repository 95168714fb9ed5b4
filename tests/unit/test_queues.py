"""The queues of the desk share out the open cases, at every area, tier and instant."""

import random

import numpy as np
import pytest

from dashboard.clock import DAY_MS, FixedClock
from dashboard.config import Settings
from dashboard.domain.areas import Tier
from dashboard.domain.board import Limits
from dashboard.domain.events import Channel, IncidentAction
from dashboard.domain.incident_rows import NEVER
from dashboard.domain.metrics import COLUMN, METRICS
from dashboard.domain.tiers import COMMAND
from dashboard.queries import LivePicture
from dashboard.queues import (
    SHARES,
    Queue,
    Sort,
    command_tier,
    look,
    look_as_department,
    ordered,
)
from tests.cases import DISTRICT, GRID, life, move, report
from tests.conftest import NOON

LIMITS = Limits(camera_stale_ms=1, on_duty_ms=1, cover_ms=1, due_soon_ms=1)
CODES = ("05-06", "01-10", "01-11", "05-01", "04-06")


@pytest.fixture
def picture(region, classes):
    return LivePicture(Settings.from_env({}), region, classes, FixedClock(NOON))


def fill(picture, *events):
    incidents = picture.incidents
    for event in events:
        (incidents.move if hasattr(event, "action") else incidents.report)([event], "feed")
    incidents.index(set(incidents.by_id), {"feed": 0})


def random_cases(region, dice, n):
    for name in map(str, range(n)):
        start_ms = NOON - dice.randrange(4 * DAY_MS)
        grid, code = dice.choice(region.grids).code, dice.choice(CODES)
        yield report(
            dice.choice(list(Channel)), at_ms=start_ms, code=code, incident=name, grid=grid
        )
        for step in range(dice.randrange(6)):
            action = dice.choice(list(IncidentAction))
            at_ms = start_ms + dice.randrange(DAY_MS)
            more = {"tier": dice.choice(COMMAND).value} if action.value == "assign" else {}
            yield move(action, at_ms, incident=name, id=f"{name}.{step}", **more)


@pytest.mark.parametrize("seed", range(10))
def test_the_shares_add_up_and_agree_with_the_numbers_of_every_area(picture, seed):
    dice, region = random.Random(seed), picture.region
    fill(picture, *random_cases(region, dice, 300))
    now_ms = NOON + dice.randrange(DAY_MS)
    table = np.zeros((len(region.areas), len(METRICS)), np.int32)
    picture.incidents.measure(table, now_ms, LIMITS.due_soon_ms)
    region.roll_up(table)
    for area in region.areas:
        seen, row = look(picture, area, now_ms), table[area.index]
        counts, tiers = seen.counts(), seen.tier_counts()
        number = {name: int(row[column]) for name, column in COLUMN.items()}
        assert sum(counts[queue] for queue in SHARES) == counts["all"] == number["incidents_open"]
        assert sum(tiers.values()) == counts["all"]
        assert tiers == {tier.value: number[f"incidents_at_{tier}"] for tier in COMMAND}
        assert counts["overdue"] == number["incidents_overdue"]
        assert counts["suspended"] == number["incidents_suspended"]
        for queue in Queue:
            assert int(seen.within(queue).sum()) == counts[queue]


def test_the_tiers_counts_of_an_area_are_the_sums_of_its_children(picture):
    region = picture.region
    fill(picture, *random_cases(region, random.Random(3), 300))
    counts = {area.code: look(picture, area, NOON).tier_counts() for area in region.areas}
    for area in region.areas:
        children = [counts[child.code] for child in region.children(area.code)]
        if children:
            for tier in COMMAND:
                assert counts[area.code][tier] == sum(child[tier] for child in children)


def queue_of(picture, area=DISTRICT, now_ms=NOON):
    seen = look(picture, picture.region.by_code[area], now_ms)
    return seen.share_names()


@pytest.mark.parametrize(
    ("steps", "of_community", "of_street"),
    [
        ((), "todo", "below"),
        (("file",), "todo", "below"),
        (("file", "dispatch"), "waiting", "below"),
        (("file", "dispatch", "accept"), "waiting", "below"),
        (("file", "dispatch", "return"), "returned", "below"),
        (("file", "dispatch", "suspend"), "waiting", "below"),
        (("file", "dispatch", "accept", "handle"), "todo", "below"),
        (("file", "escalate"), "waiting", "escalated"),
        (("file", "escalate", "acknowledge"), "waiting", "todo"),
        (("file", "escalate", "dispatch"), "waiting", "waiting"),
        (("file", "escalate", ("assign", {"tier": "community"})), "todo", "below"),
    ],
)
def test_a_case_lies_in_one_queue_of_each_tier(picture, steps, of_community, of_street):
    start_ms = NOON - len(steps) * 60_000
    fill(picture, report(at_ms=start_ms), *life(*steps, start_ms=start_ms))
    assert queue_of(picture, "530111001001") == [of_community]
    assert queue_of(picture, GRID) == [of_community]
    assert queue_of(picture, "530111001") == [of_street]
    assert queue_of(picture) == ["below"]


def test_the_clock_alone_brings_a_case_up(picture):
    fill(picture, report(at_ms=NOON, code="05-06", priority=4), *life("file", "dispatch"))
    later_ms = NOON + 100 * 60_000
    assert queue_of(picture, "530111001", NOON + 60_000) == ["below"]
    assert queue_of(picture, "530111001", later_ms) == ["escalated"]
    assert queue_of(picture, "530111001001", later_ms) == ["waiting"]


def test_a_department_has_what_came_to_it_and_nothing_else(picture):
    fill(
        picture,
        report(incident="with it"),
        *life("file", "dispatch", start_ms=NOON - DAY_MS),
        *(move(step, NOON + n, incident="with it") for n, step in enumerate(("file", "dispatch"))),
        report(incident="handled"),
        *(
            move(step, NOON + n, incident="handled")
            for n, step in enumerate(("file", "dispatch", "accept", "handle"))
        ),
        report(incident="elsewhere"),
        move("dispatch", NOON + 1, incident="elsewhere", department="other"),
        report(incident="called"),
        move("whistle", NOON + 1, incident="called", called=("paishui",), kind="daily"),
    )
    area = picture.region.root
    seen = look_as_department(picture, area, NOON, {"paishui"})
    ids = picture.incidents.table.ids
    found = dict(zip([ids[n] for n in seen.numbers.tolist()], seen.share_names(), strict=True))
    assert found == {"with it": "todo", "handled": "waiting", "called": "waiting"}
    assert seen.counts()["all"] == 3


def test_a_grid_looks_at_the_queues_of_its_community(region):
    tiers = {area.tier: command_tier(area) for area in region.areas}
    assert tiers == {
        Tier.DISTRICT: Tier.DISTRICT,
        Tier.STREET: Tier.STREET,
        Tier.COMMUNITY: Tier.COMMUNITY,
        Tier.GRID: Tier.COMMUNITY,
    }


@pytest.mark.parametrize("sort", Sort)
def test_a_list_is_in_its_order_and_what_is_paused_comes_last(picture, sort):
    fill(picture, *random_cases(picture.region, random.Random(5), 200))
    seen = look(picture, picture.region.root, NOON)
    listed = ordered(picture, seen.numbers, sort)
    assert sorted(listed.tolist()) == sorted(seen.numbers.tolist())
    rows = [picture.incidents.table.rows[n] for n in listed.tolist()]
    due = [(int(row["due_ms"]) == NEVER, int(row["due_ms"])) for row in rows]
    reported = [int(row["reported_ms"]) for row in rows]
    expected = {
        Sort.DUE: due,
        Sort.OLDEST: reported,
        Sort.NEWEST: [-ms for ms in reported],
        Sort.URGENCY: [(int(r["priority"]), *d) for r, d in zip(rows, due, strict=True)],
    }[sort]
    assert expected == sorted(expected)
    assert any(paused for paused, _ in due)
