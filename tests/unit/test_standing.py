"""Where a case stands: escalations at their instants, pauses, undo, no order but of time."""

import itertools
import random

import pytest

from dashboard.clock import DAY_MS
from dashboard.domain.areas import Tier
from dashboard.domain.board import Board
from dashboard.domain.deadlines import deadline
from dashboard.domain.events import Channel, Chunk, IncidentAction
from dashboard.domain.incident_life import IncidentState
from dashboard.domain.incidents import Incidents
from dashboard.domain.similar import CLUSTER, NEAR_M, SimilarCases
from dashboard.domain.standing import Reason
from dashboard.domain.tiers import COMMAND, RANK
from tests.cases import life, move, report, stand
from tests.conftest import NOON

HOUR_MS = 3_600_000
MONDAY = NOON - NOON % DAY_MS + DAY_MS  # 2026-11-23, 08:00 in Shanghai: a working day begins
URGENT = "05-06"  # two hours, without a break
WORK_HOURS = "01-10"  # four hours, 8 to 12 and 14 to 18


def urgent(**more):
    return report(at_ms=MONDAY, code=URGENT, **more)


# ---- which tier begins -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "priority", "tier"),
    [
        (Channel.COLLECTOR, 4, Tier.COMMUNITY),
        (Channel.VIDEO, 3, Tier.COMMUNITY),
        (Channel.COLLECTOR, 2, Tier.STREET),
        (Channel.COLLECTOR, 1, Tier.DISTRICT),
        (Channel.HOTLINE, 4, Tier.STREET),
        (Channel.PUBLIC, 4, Tier.STREET),
        (Channel.TRANSFER, 3, Tier.STREET),
        (Channel.HOTLINE, 1, Tier.DISTRICT),
        (Channel.LEADER, 4, Tier.DISTRICT),
    ],
)
def test_a_case_begins_with_the_tier_that_its_channel_or_priority_asks_for(
    classes, channel, priority, tier
):
    assert stand(classes, [], report(channel), priority=priority).tier is tier


# ---- escalations -----------------------------------------------------------------------------


def test_a_case_goes_up_at_80_and_at_100_per_cent_of_its_limit(classes):
    held = stand(classes, [], urgent())
    due_ms = MONDAY + 2 * HOUR_MS
    mark_ms = MONDAY + 96 * 60_000
    assert held.deadline.due_ms == due_ms
    assert held.coming == [(mark_ms, Reason.MARK_80), (due_ms, Reason.MARK_100)]
    for now_ms, tier, n in (
        (mark_ms - 1, Tier.COMMUNITY, 0),
        (mark_ms, Tier.STREET, 1),
        (due_ms - 1, Tier.STREET, 1),
        (due_ms, Tier.DISTRICT, 2),
        (due_ms + DAY_MS, Tier.DISTRICT, 2),
    ):
        assert held.tier_at(now_ms) is tier
        assert [up.reason for up in held.escalations_at(now_ms)] == [
            Reason.MARK_80,
            Reason.MARK_100,
        ][:n]
        assert held.is_escalated_at(now_ms) == (n > 0)


def test_above_the_district_there_is_nothing(classes):
    held = stand(classes, [], urgent(channel=Channel.LEADER))
    assert held.tier_at(MONDAY + DAY_MS) is Tier.DISTRICT
    assert held.escalations_at(MONDAY + DAY_MS) == []
    assert not held.is_escalated_at(MONDAY + DAY_MS)


def test_an_escalation_that_has_come_stays_when_the_clock_is_moved_on(classes):
    late = MONDAY + 100 * 60_000  # after 80 %
    held = stand(classes, [move("extend", late)], urgent())
    assert held.tier is Tier.STREET
    assert held.escalations_at(late)[0].at_ms == MONDAY + 96 * 60_000
    assert held.deadline.due_ms == MONDAY + 4 * HOUR_MS
    assert held.coming == [(MONDAY + 4 * HOUR_MS, Reason.MARK_100)]  # 80 % fires once


def test_an_extension_in_time_moves_both_marks(classes):
    held = stand(classes, [move("extend", MONDAY + HOUR_MS)], urgent())
    assert held.coming[0] == (MONDAY + 192 * 60_000, Reason.MARK_80)


def test_nothing_comes_while_a_case_is_suspended_and_what_was_left_is_kept(classes):
    life_so_far = [move("file", MONDAY + 1), move("suspend", MONDAY + HOUR_MS)]
    held = stand(classes, life_so_far, urgent())
    assert (held.state, held.coming) == (IncidentState.SUSPENDED, [])
    assert (held.deadline.due_ms, held.deadline.left_ms) == (None, HOUR_MS)
    assert held.tier_at(MONDAY + 10 * DAY_MS) is Tier.COMMUNITY
    resumed = stand(classes, [*life_so_far, move("resume", MONDAY + DAY_MS)], urgent())
    assert resumed.state is IncidentState.FILED
    assert resumed.deadline.due_ms == MONDAY + DAY_MS + HOUR_MS
    assert resumed.coming[0] == (MONDAY + DAY_MS + 36 * 60_000, Reason.MARK_80)


def test_what_was_left_of_work_hours_is_kept_over_a_weekend(classes):
    friday = MONDAY + 4 * DAY_MS
    moves = [
        move("file", friday + 1),
        move("suspend", friday + HOUR_MS),
        move("resume", friday + 2 * DAY_MS + 5 * HOUR_MS),  # on Sunday
    ]
    held = stand(classes, moves, report(at_ms=friday, code=WORK_HOURS))
    assert held.deadline.due_ms == friday + 3 * DAY_MS + 3 * HOUR_MS


def test_a_second_return_and_a_third_rework_lift_a_case(classes):
    returned = ("dispatch", "return")
    once, twice = life("file", *returned), life("file", *returned, *returned)
    start = report()
    assert stand(classes, once, start).tier is Tier.COMMUNITY
    held = stand(classes, twice, start)
    assert held.tier is Tier.STREET
    assert [(up.reason, up.at_ms) for up in held.escalations] == [
        (Reason.SECOND_RETURN, twice[-1].observed_ms)
    ]
    reworked = ("handle", "rework")
    begin = ("file", "dispatch", "accept")
    assert stand(classes, life(*begin, *reworked * 2), start).tier is Tier.COMMUNITY
    assert stand(classes, life(*begin, *reworked * 3), start).tier is Tier.STREET


def test_officers_lift_and_lower(classes):
    lifted = stand(classes, life("file", "escalate"))
    assert (lifted.tier, lifted.escalated, lifted.acknowledged) == (Tier.STREET, True, False)
    seen = stand(classes, life("file", "escalate", "acknowledge"))
    assert (seen.tier, seen.acknowledged) == (Tier.STREET, True)
    assert not seen.is_escalated_at(NOON)
    lowered = stand(classes, life("file", "escalate", ("assign", {"tier": "community"})))
    assert (lowered.tier, lowered.escalated, lowered.acknowledged) == (Tier.COMMUNITY, False, False)


def test_what_a_department_does_is_not_an_officer_seeing_to_it(classes):
    by_department = life("file", "dispatch", "escalate", ("accept", {"by": "水务局"}))
    assert not stand(classes, by_department).acknowledged


# ---- taken back ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("suspend", {}),
        ("extend", {}),
        ("escalate", {}),
        ("return", {}),
        ("dispatch", {"department": "other"}),
        ("cancel", {}),
        ("assign", {"tier": "community"}),
    ],
)
def test_a_move_taken_back_leaves_nothing(classes, action, more):
    begun = life("file", "dispatch")
    taken = move(action, NOON + HOUR_MS, id="taken", **more)
    back = move("undo", NOON + HOUR_MS + 5_000, undoes="taken")
    with_it, without = stand(classes, [*begun, taken, back]), stand(classes, begun)
    assert with_it == without
    assert stand(classes, [*begun, taken]) != without


# ---- any order -------------------------------------------------------------------------------


def test_moves_told_in_any_order_come_to_one_standing(region, classes):
    told = [report(), *life("file", "dispatch", "return", "dispatch", "accept")]
    found = []
    for order in itertools.permutations(told):
        incidents = Incidents(region, classes)
        for event in order:
            (incidents.move if hasattr(event, "action") else incidents.report)([event], "feed")
            incidents.index({"1"}, {"feed": 0})
        found.append((incidents.standing["1"], incidents.table.rows[0].tobytes()))
    assert all(one == found[0] for one in found)
    assert found[0][0].state is IncidentState.HANDLING


@pytest.mark.parametrize("seed", range(40))
def test_the_columns_say_what_the_standing_says(region, classes, seed):
    """Random lives, lawful or not, at random instants."""
    dice, incidents = random.Random(seed), Incidents(region, classes)
    for name in map(str, range(20)):
        start_ms = MONDAY + dice.randrange(5 * DAY_MS)
        channel, code = dice.choice(list(Channel)), dice.choice([URGENT, WORK_HOURS, "01-11"])
        told = report(channel, at_ms=start_ms, code=code, incident=name)
        incidents.report([told], "feed")
        for n in range(dice.randrange(8)):
            action = dice.choice(list(IncidentAction))
            at_ms = start_ms + dice.randrange(3 * DAY_MS)
            more = {"tier": dice.choice(COMMAND).value} if action.value == "assign" else {}
            incidents.move([move(action, at_ms, incident=name, id=f"{name}.{n}", **more)], "feed")
    incidents.index(set(incidents.by_id), {"feed": 0})
    for _ in range(20):
        now_ms = MONDAY + dice.randrange(12 * DAY_MS)
        tiers = incidents.tiers(now_ms)
        for name, number in incidents.table.number_of.items():
            held, row = incidents.standing[name], incidents.table.rows[number]
            assert COMMAND[tiers[number]] is held.tier_at(now_ms)
            assert held.tier in COMMAND
            assert bool(row["suspended"]) == (held.deadline.due_ms is None)
            if held.deadline.due_ms is not None:
                assert row["due_ms"] == held.deadline.due_ms


def test_the_deadline_is_that_of_pauses_and_extensions(classes):
    moves = life("file", "dispatch", "suspend", "resume", "extend", every_ms=HOUR_MS)
    held = stand(classes, moves, urgent())
    expected = deadline(
        MONDAY,
        held.limit,
        classes.calendar,
        pauses=[(moves[2].observed_ms, moves[3].observed_ms)],
        n_extensions=1,
    )
    assert held.deadline == expected


def test_filing_under_a_condition_sets_its_limit(classes):
    limits = classes.find("01-08").limits  # five days; four hours
    reported = report(code="01-08")
    assert stand(classes, [], reported).limit == limits[1]
    filed = [move("file", NOON + 1, condition=limits[0].condition)]
    assert stand(classes, filed, reported).limit == limits[0]


# ---- similar cases ---------------------------------------------------------------------------

SPOT = (102.75, 25.02)
DEGREE_LAT_M = 111_195.0


def north(metres):
    return SPOT[0], SPOT[1] + metres / DEGREE_LAT_M


@pytest.mark.parametrize(
    ("metres", "is_near"), [(0, True), (NEAR_M - 0.5, True), (NEAR_M + 1, False)]
)
@pytest.mark.parametrize(("later_ms", "is_soon"), [(0, True), (DAY_MS, True), (DAY_MS + 1, False)])
def test_cases_are_similar_within_50_metres_and_a_day(metres, is_near, later_ms, is_soon):
    similar = SimilarCases()
    similar.put("a", ("flood", *SPOT, NOON))
    similar.put("b", ("flood", *north(metres), NOON + later_ms))
    similar.put("c", ("drain", *SPOT, NOON))
    assert similar.of("a") == (["b"] if is_near and is_soon else [])
    assert ("a" in similar.of("b")) == (is_near and is_soon)


@pytest.mark.parametrize("seed", range(20))
def test_cells_of_the_map_hide_no_neighbour(seed):
    dice, similar = random.Random(seed), SimilarCases()
    spots = {
        str(n): (SPOT[0] + dice.uniform(-2e-3, 2e-3), SPOT[1] + dice.uniform(-2e-3, 2e-3))
        for n in range(150)
    }
    for name, spot in spots.items():
        similar.put(name, ("flood", *spot, NOON))
    for name in spots:
        near = [one for one in spots if one != name and _metres(spots[name], spots[one]) <= NEAR_M]
        assert sorted(similar.of(name)) == sorted(near)


def _metres(a, b):
    """On a plane: exact enough for so few metres."""
    return ((a[0] - b[0]) ** 2 * 0.8211 + (a[1] - b[1]) ** 2) ** 0.5 * DEGREE_LAT_M


def test_the_fifth_similar_case_lifts_all_five(region, classes):
    board = Board(region, classes)
    for n in range(CLUSTER):
        place = dict(zip(("lon", "lat"), north(10 * n), strict=True))
        told = report(at_ms=MONDAY + n * 60_000, incident=str(n), **place)
        board.fold([Chunk("feed", MONDAY, (told,))])
        tiers = [held.tier_at(MONDAY + n * 60_000) for held in board.incidents.standing.values()]
        is_full = n == CLUSTER - 1
        assert tiers == [Tier.STREET if is_full else Tier.COMMUNITY] * (n + 1)
    (up,) = board.incidents.standing["0"].escalations_at(MONDAY + 5 * 60_000)
    assert (up.reason, up.at_ms) == (Reason.CLUSTER, MONDAY + 4 * 60_000)
    assert RANK[up.tier] == 1
