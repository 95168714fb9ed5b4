"""Similar cases fold into one row: both sides of every limit, and any order of arrival."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clock import DAY_MS
from dashboard.domain.casework import objection
from dashboard.domain.events import IncidentAction as Do
from dashboard.domain.incidents import Incidents
from dashboard.domain.places import distance_m
from dashboard.domain.similar import NEAR_M, SimilarCases
from tests.cases import case, move, post, report, stand
from tests.conftest import NOON

SPOT = (102.75, 25.03)
M_LAT = 1 / 111_320.0


def north(metres):
    return SPOT[0], SPOT[1] + metres * M_LAT


def folds_of(spots, groups=None):
    similar = SimilarCases()
    for name, spot in spots.items():
        similar.put(name, spot)
    return similar.folds(list(spots), groups or [0] * len(spots))


@pytest.mark.parametrize(("metres", "is_near"), [(0, True), (49, True), (51, False)])
@pytest.mark.parametrize(("later_ms", "is_soon"), [(0, True), (DAY_MS, True), (DAY_MS + 1, False)])
def test_two_cases_fold_within_50_metres_and_a_day(metres, is_near, later_ms, is_soon):
    found = folds_of({"a": ("flood", *SPOT, NOON), "b": ("flood", *north(metres), NOON + later_ms)})
    assert found == ({"a": "a", "b": "a"} if is_near and is_soon else {})


def test_another_class_and_another_queue_do_not_fold():
    spots = {"a": ("flood", *SPOT, NOON), "b": ("drain", *SPOT, NOON), "c": ("flood", *SPOT, NOON)}
    assert folds_of(spots) == {"a": "a", "c": "a"}
    assert folds_of(spots, [0, 0, 1]) == {}


def test_a_fold_is_no_endless_chain():
    """Every report is similar to the one before it, yet only what is similar to a primary joins."""
    spots = {f"{n}": ("flood", *SPOT, NOON + n * DAY_MS * 3 // 4) for n in range(6)}
    assert folds_of(spots) == {"0": "0", "1": "0", "2": "2", "3": "2", "4": "4", "5": "4"}
    along = {f"{n}": ("flood", *north(40 * n), NOON + n) for n in range(4)}
    assert folds_of(along) == {"0": "0", "1": "0", "2": "2", "3": "2"}


def test_of_two_primaries_in_reach_the_first_reported_takes_a_case():
    spots = {
        "z": ("flood", *north(0), NOON),
        "b": ("flood", *north(80), NOON + 1),
        "c": ("flood", *north(45), NOON + 2),
    }
    assert folds_of(spots) == {"z": "z", "c": "z"}


def test_reports_of_one_instant_fold_by_their_ids():
    spots = dict.fromkeys(("c", "a", "b"), ("flood", *SPOT, NOON))
    assert set(folds_of(spots).values()) == {"a"}


def plainly(spots):
    """The rule as the documentation has it, over all pairs."""
    primaries, found = [], {}
    for name, (cls, lon, lat, at_ms) in sorted(spots.items(), key=lambda one: (one[1][3], one[0])):
        for primary in primaries:
            of = spots[primary]
            near = cls == of[0] and distance_m((lon, lat), of[1:3]) <= NEAR_M
            if near and at_ms - of[3] <= DAY_MS:
                found[name] = found[primary] = primary
                break
        else:
            primaries.append(name)
    return found


some_spots = st.lists(
    st.builds(
        lambda cls, east, up, hours: (
            cls,
            SPOT[0] + east * M_LAT / math.cos(math.radians(SPOT[1])),
            SPOT[1] + up * M_LAT,
            NOON + int(hours * 3_600_000),
        ),
        st.sampled_from(["flood", "drain"]),
        st.floats(0, 160),
        st.floats(0, 160),
        st.floats(0, 60),
    ),
    min_size=2,
    max_size=25,
)


@given(some_spots, st.randoms(use_true_random=False), st.sampled_from([0, 1, 3, 64]))
def test_any_order_of_arrival_folds_alike_and_as_the_plain_rule_says(spots, dice, kept):
    named = {f"{n:02}": spot for n, spot in enumerate(spots)}
    expected = plainly(named)
    names = list(named)
    dice.shuffle(names)
    similar = SimilarCases(kept)
    for name in names:
        similar.put(name, (*named[name][:3], named[name][3] + 5))  # told of anew afterwards
        similar.put("gone", named[name])
    similar.put("gone", None)
    dice.shuffle(names)
    for name in names:
        similar.put(name, named[name])
    assert similar.folds(names, [0] * len(names)) == expected
    assert all(similar.is_paired(name) for name in expected)


# ---- cases -------------------------------------------------------------------------------------


@pytest.fixture
def incidents(region, classes):
    return Incidents(region, classes)


def told(incidents, *events):
    for event in events:
        (incidents.move if hasattr(event, "action") else incidents.report)([event], "feed")
    incidents.index({event.incident for event in events}, {"feed": 0})
    return all_folds(incidents)


def all_folds(incidents):
    numbers = np.flatnonzero(incidents.table.rows["open"])
    found, ids = (
        incidents.folds(numbers, np.zeros(len(numbers), dtype=np.int8)),
        incidents.table.ids,
    )
    pairs = zip(found.members.tolist(), found.primaries.tolist(), strict=True)
    return {ids[member]: ids[primary] for member, primary in pairs}


def at(name, minutes=0, metres=0, **more):
    lon, lat = north(metres)
    return report(at_ms=NOON + minutes * 60_000, incident=name, lon=lon, lat=lat, **more)


def test_an_ended_case_swallows_nothing_and_the_next_reported_leads(incidents):
    three = [at("a"), at("b", 1), at("c", 2)]
    assert told(incidents, *three) == {"a": "a", "b": "a", "c": "a"}
    assert told(incidents, move("cancel", NOON + 3, incident="a")) == {"b": "b", "c": "b"}
    assert told(incidents, at("new", 10)) == {"b": "b", "c": "b", "new": "b"}
    ends = [move("cancel", NOON + 4, incident=name) for name in "bc"]
    assert told(incidents, *ends) == {}


def test_a_case_that_was_taken_out_stands_alone_until_it_is_put_back(incidents):
    told(incidents, at("a"), at("b", 1), at("c", 2))
    out = move("unfold", NOON + 200_000, incident="b")
    assert told(incidents, out) == {"a": "a", "c": "a"}
    assert told(incidents, at("d", 5)) == {"a": "a", "c": "a", "d": "a"}
    back = move("fold", NOON + 300_000, incident="b")
    assert told(incidents, back)["b"] == "a"


def test_undoing_is_as_if_it_had_never_been_taken_out(incidents):
    before = told(incidents, at("a"), at("b", 1))
    told(incidents, out := move("unfold", NOON + 200_000, incident="b"))
    undo = move("undo", NOON + 201_000, incident="b", undoes=out.id)
    assert told(incidents, undo) == before == {"a": "a", "b": "a"}


def test_a_primary_taken_out_leaves_the_others_folded(incidents):
    told(incidents, at("a"), at("b", 1), at("c", 2))
    assert told(incidents, move("unfold", NOON + 200_000, incident="a")) == {"b": "b", "c": "b"}


def test_a_case_without_a_place_folds_with_none(incidents):
    assert told(incidents, report(incident="a"), report(incident="b")) == {}


def test_forgotten_cases_do_not_mix_up_the_rows_of_the_others(incidents):
    told(incidents, report(incident="0"), at("a"), at("b", 1))
    incidents.drop(["0"])
    assert all_folds(incidents) == {"a": "a", "b": "a"}
    incidents.drop(["a"])
    assert all_folds(incidents) == {}


def test_taking_out_is_no_acknowledgement(classes):
    """It arranges the list, and an escalated case must not leave its queue by it."""
    assert not stand(classes, [move("unfold", NOON + 1)]).acknowledged
    assert stand(classes, [move("unfold", NOON + 1), move("file", NOON + 2)]).apart


@pytest.mark.parametrize(
    ("way", "action", "expected"),
    [
        ((), Do.UNFOLD, None),
        (("unfold",), Do.UNFOLD, "apart"),
        ((), Do.FOLD, "not_apart"),
        (("unfold",), Do.FOLD, None),
        (("unfold", "fold"), Do.UNFOLD, None),
        (("cancel",), Do.UNFOLD, "state"),
    ],
)
def test_what_stands_against_folding(region, classes, way, action, expected):
    found = objection(post(), region, case(classes, *way), action)
    assert (None if found is None else found.code) == expected


@pytest.mark.parametrize("seed", range(5))
def test_ends_and_unfoldings_in_any_order_come_to_the_same_folds(region, classes, seed):
    dice = random.Random(seed)
    events = [
        at(f"{n}", dice.randrange(2000), dice.randrange(150), code=dice.choice(("01-10", "05-06")))
        for n in range(40)
    ]
    for n in range(0, 40, 5):
        action = dice.choice(("unfold", "cancel"))
        events.append(move(action, NOON + 3 * DAY_MS, incident=str(n)))
    found = []
    for _ in range(3):
        dice.shuffle(events)
        incidents = Incidents(region, classes)
        for event in events:
            told(incidents, event)
        found.append(all_folds(incidents))
    assert found[0] == found[1] == found[2]
    assert found[0]
