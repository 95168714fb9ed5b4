"""The made-up departments answer what the desk does, and only while it is their turn."""

import pytest
from redis.asyncio import Redis

from dashboard.clock import FixedClock
from dashboard.domain.events import DESK, Chunk
from dashboard.domain.incident_life import IncidentState, WhistleKind
from dashboard.domain.whistles import whistles_of
from feeds.demo.departments import RETURNED, Departments, event_of, next_answer
from feeds.demo.whistles import LATE, PACE, reports
from feeds.demo.world import World
from tests.cases import DEPARTMENT, case, move
from tests.conftest import NOON

DAY_MS = 86_400_000
DISPATCHED = ("file", "dispatch")


@pytest.fixture
def world(region, classes):
    return World(region, classes, NOON)


@pytest.fixture
def departments(world):
    return Departments(Redis.from_url("redis://127.0.0.1:1"), world, FixedClock(NOON))


def desk(departments, *moves):
    departments.take(Chunk(DESK, NOON, moves))


def answer_to(world, classes, *steps, name="1", priority=3):
    return next_answer(world, name, case(classes, *steps).standing, priority)


def test_what_is_dispatched_is_accepted_or_returned_and_then_finished(world, classes):
    found = {}
    for number in range(300):
        answer = answer_to(world, classes, *DISPATCHED, name=str(number))
        found.setdefault(answer.action, []).append(answer)
    assert set(found) == {"accept", "return"}
    assert 0.5 * RETURNED < len(found["return"]) / 300 < 2 * RETURNED
    assert all(one.note for one in found["return"])
    assert answer_to(world, classes, *DISPATCHED, "accept").action == "handle"


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ("file",),
        (*DISPATCHED, "suspend"),
        (*DISPATCHED, "return"),
        (*DISPATCHED, "accept", "handle"),
        (*DISPATCHED, "cancel"),
        ("file", ("dispatch", {"id": "d"}), ("undo", {"undoes": "d"})),
    ],
)
def test_while_it_is_not_their_turn_they_do_nothing(world, classes, steps):
    assert answer_to(world, classes, *steps) is None


def test_a_case_returned_twice_is_kept(world, classes):
    again = ("dispatch", "return")
    for number in range(200):
        steps = ("file", *again, *again, "dispatch")
        assert answer_to(world, classes, *steps, name=str(number)).action == "accept"


def test_the_same_case_gets_the_same_answer_after_a_restart(world, region, classes):
    other = World(region, classes, NOON + DAY_MS)
    assert answer_to(world, classes, *DISPATCHED) == answer_to(other, classes, *DISPATCHED)


def test_a_faster_day_brings_faster_answers(region, classes):
    slow, fast = (World(region, classes, NOON, speed=speed) for speed in (1.0, 60.0))
    held = case(classes, *DISPATCHED)
    last_ms = held.moves[-1].observed_ms
    waits = [next_answer(w, "1", held.standing, 3).at_ms - last_ms for w in (slow, fast)]
    assert waits[0] == pytest.approx(60 * waits[1], abs=60)


def test_they_follow_the_desk_and_forget_what_became_void(departments):
    desk(departments, move("file", NOON), move("dispatch", NOON + 1))
    assert departments.has("1")
    desk(departments, move("dispatch", NOON + 2, department="other", id="again"))
    (answer,) = departments.due(NOON + DAY_MS)
    assert (answer.department, answer.id.startswith("again-")) == ("other", True)
    assert list(departments.due(NOON + DAY_MS)) == []


def test_what_was_taken_back_is_not_answered(departments):
    desk(departments, move("dispatch", NOON + 1, id="d"), move("undo", NOON + 2, undoes="d"))
    assert list(departments.due(NOON + DAY_MS)) == []


def test_their_own_moves_bring_the_next_one(departments):
    desk(departments, move("dispatch", NOON + 1))
    accepted = move("accept", NOON + 2, at_desk=False, by="排水公司")
    departments.take(Chunk("city-management", NOON, (accepted,)))
    (answer,) = departments.due(NOON + DAY_MS)
    assert answer.action == "handle"


def test_cases_that_the_desk_leaves_alone_are_not_theirs(departments):
    departments.take(Chunk("city-management", NOON, (move("dispatch", NOON, at_desk=False),)))
    assert not departments.has("1")
    assert list(departments.due(NOON + DAY_MS)) == []


def test_they_tell_it_as_an_outside_system_does(world, classes):
    answer = answer_to(world, classes, *DISPATCHED, "accept")
    event = event_of(answer, {DEPARTMENT: "区排水公司"}.__getitem__)
    assert event["type"] == "incident.moved"
    assert event["data"] == {
        "incident": "1",
        "action": "handle",
        "by": "区排水公司",
        "department": DEPARTMENT,
    }


def test_a_case_is_handled_in_the_end(world, classes, departments):
    """Desk and departments in turn, to the close."""
    told = [move("file", NOON), move("dispatch", NOON + 1)]
    desk(departments, *told)
    for _ in range(10):
        for answer in list(departments.due(NOON + DAY_MS)):
            more = {"note": answer.note, "department": answer.department}
            done = move(answer.action, answer.at_ms, id=answer.id, at_desk=False, **more)
            told.append(done)
            departments.take(Chunk("city-management", NOON, (done,)))
        if told[-1].action == "return":
            told.append(move("dispatch", told[-1].observed_ms + 1))
            desk(departments, told[-1])
    steps = [one.action.value for one in told]
    assert case(classes, *steps).standing.state is IncidentState.HANDLED


CALLED = ("paishui", "gongshui")


def blow(name="w", kind="emergency"):
    return move("whistle", NOON, id=name, kind=kind, called=CALLED, step="blow")


def test_every_called_department_goes_through_its_part_to_the_end(departments):
    desk(departments, blow())
    told, now_ms = [blow()], NOON
    while departments._planned:
        now_ms = departments._planned[0][0].at_ms
        for answer in list(departments.due(now_ms)):
            sent = event_of(answer, str)["data"]
            assert (sent["action"], sent["by"]) == ("whistle", sent["department"])
            fields = {name: sent[name] for name in ("whistle", "step", "department")}
            told.append(move("whistle", answer.at_ms, id=answer.id, at_desk=False, **fields))
            departments.take(Chunk("city", now_ms, (told[-1],)))
    (held,) = whistles_of(told, PACE, "", "")
    assert [part.state for part in held.parts.values()] == ["done", "done"]
    assert len(told) == 1 + 2 * 4
    steps = {one.step for one in held.moves[1:]}
    assert steps == {"acknowledge", "arrive", "handle", "finish"}


def test_an_answer_to_a_whistle_says_with_whom_what_and_by_when(world):
    for one in reports(world, [blow()]):
        assert one.more["step"] == "acknowledge"
        assert one.more["contact"]
        assert one.more["measures"]
        assert one.more["promised_at"]
        assert len(one.id) <= 128


def test_a_few_answers_are_late(world):
    limit_ms = PACE[WhistleKind.DAILY].acknowledge * 60_000
    found = [one for n in range(300) for one in reports(world, [blow(f"w{n}", "daily")])]
    late = sum(one.at_ms > NOON + limit_ms for one in found) / len(found)
    assert 0.5 * LATE < late < 2 * LATE


def test_a_draft_or_a_withdrawn_whistle_is_not_answered(world):
    draft = move("whistle", NOON, id="w", kind="daily", called=CALLED, step="draft")
    withdrawn = move("whistle", NOON + 1, whistle="w", step="withdraw")
    assert list(reports(world, [draft])) == []
    assert list(reports(world, [blow(), withdrawn])) == []
