"""Whistles: every state against every step, clocks at their exact instants, and who may do what."""

import pytest

from dashboard.domain.rights import Role
from dashboard.domain.whistle_life import (
    DEPARTMENT_STEPS,
    PART_TRANSITIONS,
    TRANSITIONS,
    PartState,
    Step,
    WhistleState,
)
from dashboard.domain.whistles import (
    MINUTE_MS,
    Asked,
    ClockName,
    objection,
    unanswered,
    whistles_of,
)
from dashboard.errors import RegionError
from dashboard.queues import came_to
from dashboard.whistles import WHISTLES, load_whistle_limits
from tests.cases import COMMUNITY, GRID, STREET, case, move, post, stand
from tests.conftest import NOON
from tests.spoiled_pack import GUANDU

CALLED = ("paishui", "gongshui")
OPENED = {"kind": "daily", "called": CALLED}
# The shortest lives that come to each state, for one called department where it is rated.
BLOWN = (("draft", OPENED), ("approve", {}), ("blow", OPENED))
WAY_TO = {
    WhistleState.DRAFTED: BLOWN[:1],
    WhistleState.APPROVED: BLOWN[:2],
    WhistleState.BLOWN: BLOWN,
    WhistleState.WITHDRAWN: (*BLOWN, ("withdraw", {"note": "x"})),
    WhistleState.ARCHIVED: (*BLOWN, ("withdraw", {"note": "x"}), ("archive", {})),
    WhistleState.CANCELLED: (*BLOWN[:1], ("cancel", {"note": "x"})),
}
WAY_OF_PART = {
    PartState.CALLED: (),
    PartState.ACKNOWLEDGED: ("acknowledge",),
    PartState.ON_SCENE: ("acknowledge", "arrive"),
    PartState.HANDLING: ("acknowledge", "arrive", "handle"),
    PartState.DONE: ("acknowledge", "arrive", "handle", "finish"),
}


@pytest.fixture(scope="module")
def limits():
    return load_whistle_limits(GUANDU)


def told(*steps, start_ms=NOON, every_ms=1_000):
    """Moves of one whistle, named by its first."""
    moves = []
    for number, (step, more) in enumerate(steps):
        at_ms = start_ms + number * every_ms
        named = {} if not moves else {"whistle": moves[0].id}
        moves.append(move("whistle", at_ms, id=f"w{number}", step=step, **named, **more))
    return moves


def of(limits, moves):
    (found,) = whistles_of(moves, limits, "积水", GRID)
    return found


def of_part(state, department="paishui"):
    return tuple((step, {"department": department}) for step in WAY_OF_PART[state])


def against(held, region, classes, step, asker=None, **more):
    asker = asker or post()
    unit = "paishui" if step in DEPARTMENT_STEPS or step is Step.RATE else None
    if step in DEPARTMENT_STEPS:
        asker = post(Role.DEPARTMENT, department="paishui")
    asked = Asked(step=step, department=unit, units=frozenset({"paishui"}), **more)
    return objection(asker, region, case(classes, "file"), held, asked)


@pytest.mark.parametrize("state", WhistleState)
@pytest.mark.parametrize("step", [step for step in Step if step is not Step.DRAFT])
def test_a_step_is_possible_where_the_table_says_so(state, step, limits, region, classes):
    held = of(limits, told(*WAY_TO[state]))
    assert held.state is state
    found = against(held, region, classes, step, note="x")
    if (state, step) not in TRANSITIONS:
        assert found.code == "state"
    elif (state, step) == (WhistleState.DRAFTED, Step.BLOW):
        assert found.code == "approve_first"
    elif step in DEPARTMENT_STEPS and step is not Step.ACKNOWLEDGE:
        assert found.code == "part"
    else:
        assert found is None


@pytest.mark.parametrize("state", PartState)
@pytest.mark.parametrize("step", DEPARTMENT_STEPS)
def test_a_department_goes_as_its_table_says(state, step, limits, region, classes):
    held = of(limits, told(*BLOWN, *of_part(state)))
    assert held.parts["paishui"].state is state
    assert held.parts["gongshui"].state is PartState.CALLED
    found = against(held, region, classes, step)
    if (state, step) in PART_TRANSITIONS:
        assert found is None
        after = of(limits, told(*BLOWN, *of_part(state), (step, {"department": "paishui"})))
        assert after.parts["paishui"].state is PART_TRANSITIONS[state, step]
        assert after.parts["paishui"].version == held.parts["paishui"].version + 1
    else:
        assert found.code == "part"


def test_a_move_without_a_step_blew_one_at_once(limits):
    old = move("whistle", NOON, id="old", kind="hard", called=CALLED)
    held = of(limits, [old])
    assert (held.id, held.state, held.kind) == ("old", WhistleState.BLOWN, "hard")
    assert held.approved is held.blown is old


@pytest.mark.parametrize(
    ("state", "clock", "minutes"),
    [
        (PartState.CALLED, ClockName.ACKNOWLEDGE, 30),
        (PartState.ACKNOWLEDGED, ClockName.ARRIVE, 120),
        (PartState.ON_SCENE, ClockName.FINISH, 2880),
        (PartState.HANDLING, ClockName.FINISH, 2880),
    ],
)
def test_a_clock_runs_out_at_its_exact_instant(state, clock, minutes, limits):
    held = of(limits, told(("blow", OPENED), *of_part(state)))
    part, due_ms = held.parts["paishui"], NOON + minutes * MINUTE_MS
    before, at, after = (held.due(part, due_ms + more) for more in (-1, 0, 1))
    assert (at.clock, at.due_ms) == (clock, due_ms)
    assert [one.used for one in (before, at)] == [99, 100]
    assert [one.is_overdue for one in (before, at, after)] == [False, False, True]
    wanted = (due_ms, "paishui", clock)
    assert wanted not in held.missed(due_ms)
    assert wanted in held.missed(due_ms + 1)


@pytest.mark.parametrize(("more_ms", "n"), [(0, 0), (1, 1)])
def test_an_answer_at_the_very_limit_is_in_time(more_ms, n, limits):
    at_ms = NOON + 30 * MINUTE_MS + more_ms
    answer = move("whistle", at_ms, id="a", whistle="w0", step="acknowledge", department="paishui")
    held = of(limits, [*told(("blow", {"kind": "daily", "called": ("paishui",)})), answer])
    late = [one for one in held.missed(at_ms + 1) if one[2] is ClockName.ACKNOWLEDGE]
    assert len(late) == n


def test_no_clock_runs_before_the_blow_when_done_or_withdrawn(limits):
    later = NOON + 10_000 * MINUTE_MS
    for steps in (
        WAY_TO[WhistleState.APPROVED],
        (*BLOWN, *of_part(PartState.DONE)),
        WAY_TO[WhistleState.WITHDRAWN],
    ):
        held = of(limits, told(*steps))
        assert held.due(held.parts["paishui"], later) is None
    assert of(limits, told(*WAY_TO[WhistleState.WITHDRAWN])).missed(later) == []


def test_the_last_rating_archives_it(limits):
    marks = {"speed": 5, "quality": 4}
    rated = [("rate", {"department": one, **marks}) for one in CALLED]
    way = WAY_TO[WhistleState.WITHDRAWN]
    assert of(limits, told(*way, rated[0])).state is WhistleState.WITHDRAWN
    held = of(limits, told(*way, *rated))
    assert (held.state, held.parts["gongshui"].marks) == (WhistleState.ARCHIVED, (5, 4))


@pytest.mark.parametrize("note", [None, "险情解除"])
def test_until_all_are_done_a_withdrawal_says_why(note, limits, region, classes):
    held = of(limits, told(*BLOWN, *of_part(PartState.DONE)))
    found = against(held, region, classes, Step.WITHDRAW, note=note)
    assert (found is None) == (note is not None)
    done = of(limits, told(*BLOWN, *of_part(PartState.DONE), *of_part(PartState.DONE, "gongshui")))
    assert against(done, region, classes, Step.WITHDRAW) is None


@pytest.mark.parametrize(
    ("role", "area", "step", "code"),
    [
        (Role.OFFICER, COMMUNITY, Step.APPROVE, "role"),
        (Role.DISPATCHER, COMMUNITY, Step.APPROVE, "tier"),
        (Role.DISPATCHER, STREET, Step.APPROVE, None),
        (Role.LEADER, STREET, Step.APPROVE, None),
        (Role.VIEWER, STREET, Step.CANCEL, "role"),
        (Role.OFFICER, COMMUNITY, Step.CANCEL, None),
    ],
)
def test_who_may_do_what_to_a_draft(role, area, step, code, limits, region, classes):
    held = of(limits, told(*BLOWN[:1]))
    found = against(held, region, classes, step, post(role, area))
    assert code == (None if found is None else found.code)


def test_the_street_alone_withdraws(limits, region, classes):
    held = of(limits, told(*BLOWN))
    asker = post(Role.OFFICER, COMMUNITY)
    assert against(held, region, classes, Step.WITHDRAW, asker, note="x").code == "tier"


def test_an_alert_is_told_what_waits(limits):
    held = of(limits, told(("blow", OPENED), ("acknowledge", {"department": "gongshui"})))
    rows = unanswered([held], NOON + 15 * MINUTE_MS)
    assert rows == [
        ("w0", "paishui", 50, "acknowledge", "积水", GRID),
        ("w0", "gongshui", 12, "arrive", "积水", GRID),
    ]
    assert unanswered([of(limits, told(*WAY_TO[WhistleState.DRAFTED]))], NOON) == []


ALL = '{"acknowledge": 1, "arrive": 2, "finish": 3}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{{"source": "x", "kinds": {{"daily": {ALL}}}}}', "hard"),
        ('{"source": "x", "kinds": {"daily": {"acknowledge": 0}}}', ">= 1"),
        (f'{{"source": "x", "kinds": {{"loud": {ALL}}}}}', "loud"),
        (
            f'{{"source": "x", "kinds": {{"daily": {ALL}, "emergency": {ALL},'
            ' "hard": {"acknowledge": 9, "arrive": 2, "finish": 3}}}',
            "acknowledge <= arrive",
        ),
        ("{", "JSON"),
    ],
)
def test_a_pack_whose_limits_cannot_be_used_is_refused(text, said, tmp_path):
    (tmp_path / WHISTLES).write_text(text, encoding="utf-8")
    with pytest.raises(RegionError, match=said):
        load_whistle_limits(tmp_path)


def test_a_case_counts_the_whistles_that_were_blown(classes):
    draft, approve, blow = told(*BLOWN)
    answer = move("whistle", NOON + 9_000, whistle="w0", step="acknowledge", department="paishui")
    for moves, n in (([draft], 0), ([draft, approve], 0), ([draft, approve, blow, answer], 1)):
        held = stand(classes, moves)
        assert (len(held.whistles), held.has_whistles) == (n, True)
        assert came_to(held, {"paishui"}) == (n > 0)


def test_a_departments_answer_does_not_acknowledge_for_the_desk(classes):
    answer = move("whistle", NOON + 9_000, whistle="w0", step="acknowledge", department="paishui")
    assert not stand(classes, [answer]).acknowledged
    assert stand(classes, told(*BLOWN[:1])).acknowledged
