"""Handing over a shift over HTTP: drawn up, handed over, signed by another, kept as it was."""

import asyncio
from datetime import timedelta

import pytest

from dashboard.clock import from_ms, iso
from dashboard.domain.handover import LISTED_MAX
from dashboard.domain.rights import Role
from dashboard.store import keys
from dashboard.store.handovers import HandoverStore
from tests.each import each
from tests.integration.test_openapi import check
from tests.stage import bearer, camera, incident, moved

DISTRICT = "530111"
STREET = "530111001"
ROUTE = "/api/handovers"
SIGN, WITHDRAW = ROUTE + "/{handover}/sign", ROUTE + "/{handover}/withdraw"


class Officer:
    """Somebody at a desk, over the API. `area` is what is asked about: None is the own."""

    def __init__(self, stage, name, token):
        self.stage, self.name, self.headers = stage, name, bearer(token)

    async def ask(self, method, path, body=None, **headers):
        return await self.stage.http.request(
            method, path, json=body, headers=self.headers | headers
        )

    async def draft(self, query=""):
        answer = await self.ask("GET", f"{ROUTE}/draft{query}")
        assert answer.status_code == 200, answer.text
        await check(self.stage, f"{ROUTE}/draft", answer)
        return answer.json()

    async def hand_over(self, note="", area=None, as_of=None, **headers):
        query = "" if area is None else f"?area={area}"
        as_of = as_of or (await self.draft(query))["as_of"]
        body = {"note": note, "as_of": as_of} | ({} if area is None else {"area": area})
        answer = await self.ask("POST", ROUTE, body, **headers)
        await check(self.stage, ROUTE, answer)
        return answer

    async def sign(self, held, version=None, **headers):
        body = {"version": version or held["version"]}
        answer = await self.ask("POST", f"{ROUTE}/{held['id']}/sign", body, **headers)
        await check(self.stage, SIGN, answer)
        return answer

    async def withdraw(self, held):
        body = {"version": held["version"]}
        answer = await self.ask("POST", f"{ROUTE}/{held['id']}/withdraw", body)
        await check(self.stage, WITHDRAW, answer)
        return answer

    async def whole(self, identity):
        answer = await self.ask("GET", f"{ROUTE}/{identity}")
        assert answer.status_code == 200, answer.text
        await check(self.stage, ROUTE + "/{handover}", answer)
        return answer.json()

    async def listed(self, query=""):
        answer = await self.ask("GET", ROUTE + query)
        assert answer.status_code == 200, answer.text
        await check(self.stage, ROUTE, answer)
        return answer.json()


@pytest.fixture
async def told(stage, grids):
    """A stage with a case of its own, one that is dispatched, one closed, and one elsewhere."""
    await stage.post(
        camera(1, grids[0]),
        incident("fresh", grids[0]),
        incident("sent", grids[0]),
        incident("done", grids[0]),
        incident("far", grids[-1]),
        moved("sent", "file"),
        moved("done", "close"),
    )
    await stage.tick()
    sent = moved("sent", "dispatch") | {"time": iso(stage.clock.now_ms())}
    sent["data"]["department"] = "paishui"
    await stage.post(sent)
    await stage.tick()
    return stage


@pytest.fixture
async def desk(told):
    """Makes officers."""

    async def officer(name, role=Role.OFFICER, area=DISTRICT):
        return Officer(told, name, await told.add_program(name, role, area))

    return officer


@pytest.fixture
async def li(desk):
    return await desk("li.na")


@pytest.fixture
async def wang(desk):
    return await desk("wang.fang")


async def handed(officer, **more):
    answer = await officer.hand_over(**more)
    assert answer.status_code == 201, answer.text
    return answer.json()


# ---- the draft ---------------------------------------------------------------------------------


async def test_a_draft_tells_what_is_open_promised_and_done(li, told):
    draft = await li.draft()
    assert (draft["state"], draft["from"], draft["to"]) == ("draft", "li.na", None)
    assert draft["counts"]["all"] == sum(draft["priorities"].values()) == 3
    assert [row["id"] for row in draft["departments"]] == ["sent"]
    assert draft["departments"][0]["department_name_en"] is not None
    done = {row["action"]: row["elsewhere"] for row in draft["done"]}
    assert done == {"file": 1, "dispatch": 1, "close": 1}
    assert (draft["reported"], draft["ended"]) == (4, 1)
    assert draft["totals"]["departments"] == 1
    assert draft["as_of"] == (await told.get("/api/queue"))["as_of"]


async def test_the_counts_are_those_of_the_queues(li, told):
    draft, queue = await li.draft(), await told.get("/api/queue")
    assert (draft["counts"], draft["tiers"]) == (queue["counts"], queue["tiers"])


async def test_a_draft_of_a_street_holds_only_its_own(li, told, grids):
    street = told.region.lineage(grids[-1])[1].code
    draft = await li.draft(f"?area={street}")
    assert draft["counts"]["all"] == 1
    assert draft["tier"] == "street"


async def test_an_act_at_the_desk_is_counted_as_done_here(li, told):
    whole = await told.get("/api/incidents/fresh")
    wish = {"action": "supervise", "version": whole["version"], "key": "k", "note": "tonight"}
    answer = await told.http.post("/api/incidents/fresh/actions", json=wish)
    assert answer.status_code == 200, answer.text
    await told.tick()
    draft = await li.draft()
    assert {"action": "supervise", "at_desk": 1, "elsewhere": 0} in draft["done"]
    [act] = draft["officers"]
    assert (act["id"], act["action"], act["by"], act["earlier"]) == (
        "fresh", "supervise", "chief", False,
    )  # fmt: skip


async def test_a_whistle_waits_for_every_department_it_calls(li, told):
    whole = await told.get("/api/incidents/fresh")
    wish = {"action": "whistle", "version": whole["version"], "key": "k", "kind": "daily"}
    answer = await told.http.post(
        "/api/incidents/fresh/actions", json=wish | {"called": ["paishui"]}
    )
    assert answer.status_code == 200, answer.text
    await told.tick()
    [act] = (await li.draft())["officers"]
    assert [unit["id"] for unit in act["awaited"]] == ["paishui"]
    assert act["awaited"][0]["name"] != "paishui"


async def test_a_list_shows_so_many_and_tells_how_many_there_are(li, told, grids):
    many = LISTED_MAX + 7
    await told.post(*(incident(f"p{i}", grids[0], priority=1) for i in range(many)))
    await told.tick()
    draft = await li.draft()
    assert (len(draft["urgent"]), draft["totals"]["urgent"]) == (LISTED_MAX, many + 3)


# ---- handing over and signing ------------------------------------------------------------------


async def test_another_signs_and_the_next_shift_begins_where_it_ended(li, wang, told):
    held = await handed(li, note="泵站 call 13812345678")
    assert (held["state"], held["may_sign"], held["may_withdraw"]) == ("handed", False, True)
    assert "13812345678" not in held["note"]
    waiting = (await wang.draft())["waiting"]
    assert (waiting["id"], waiting["may_sign"]) == (held["id"], True)
    told.clock.move(60)
    await told.tick()
    answer = await wang.sign(held)
    assert answer.status_code == 200, answer.text
    signed = answer.json()
    assert (signed["state"], signed["from"], signed["to"]) == ("signed", "li.na", "wang.fang")
    assert signed["signed_at"] == iso(told.clock.now_ms())
    draft = await wang.draft()
    assert (draft["waiting"], draft["began_at"]) == (None, held["at"])
    assert draft["done"] == []


async def test_what_was_handed_over_stays_as_it_was(li, wang, told):
    draft = await li.draft()
    held = await handed(li)
    await told.post(moved("sent", "close") | {"time": iso(told.clock.now_ms())})
    await told.tick()
    await wang.sign(held)
    whole = await wang.whole(held["id"])
    assert whole["departments"] == draft["departments"]
    assert whole["urgent"] == draft["urgent"]
    assert whole["counts"] == draft["counts"]
    assert (await wang.draft())["departments"] == []


async def test_nobody_signs_their_own(li):
    held = await handed(li)
    answer = await li.sign(held)
    assert answer.status_code == 422
    assert answer.json()["field"] == "from"
    assert (await li.listed())["waiting"]["state"] == "handed"


async def test_an_area_has_one_open_hand_over(li, wang):
    held = await handed(li)
    answer = await wang.hand_over()
    assert answer.status_code == 409
    assert answer.json()["handover"]["id"] == held["id"]
    assert "li.na" in answer.json()["reason"]
    elsewhere = await wang.hand_over(area=STREET)
    assert elsewhere.status_code == 201


async def test_two_hand_over_at_once_and_one_wins(li, wang, told):
    as_of = (await li.draft())["as_of"]
    answers = await asyncio.gather(li.hand_over(as_of=as_of), wang.hand_over(as_of=as_of))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    assert loser.json()["handover"]["from"] == winner.json()["from"]
    assert await n_acts(told, "handover.hand_over") == 1


async def test_two_sign_at_once_and_the_other_is_told_who(li, wang, desk, told):
    zhao = await desk("zhao.lei", Role.DISPATCHER)
    held = await handed(li)
    answers = await asyncio.gather(wang.sign(held), zhao.sign(held))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    signer = winner.json()["to"]
    assert signer in loser.json()["reason"]
    assert loser.json()["handover"]["to"] == signer
    assert await n_acts(told, "handover.sign") == 1


async def test_the_signer_needs_rights_in_the_area(li, desk):
    viewer = await desk("viewer", Role.VIEWER)
    street = await desk("street", Role.OFFICER, STREET)
    held = await handed(li)
    answer = await viewer.sign(held)
    assert answer.status_code == 403
    answer = await street.sign(held)
    assert answer.status_code == 404
    for path in (f"{ROUTE}?area={DISTRICT}", f"{ROUTE}/draft?area={DISTRICT}"):
        assert (await street.ask("GET", path)).status_code == 403
    assert (await street.ask("GET", f"{ROUTE}/{held['id']}")).status_code == 404


async def test_who_handed_over_takes_it_back_until_it_is_signed(li, wang, desk):
    held = await handed(li)
    assert (await wang.withdraw(held)).status_code == 422
    answer = await li.withdraw(held)
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    late = await wang.sign(held)
    assert late.status_code == 409
    assert "withdrawn by li.na" in late.json()["reason"]
    await later(li)
    again = await handed(li)
    assert again["began_at"] == held["began_at"]
    assert (await wang.sign(again)).status_code == 200
    assert (await li.withdraw(again)).status_code == 409
    root = await desk("root", Role.ADMINISTRATOR)
    assert (await root.listed())["total"] == 2


async def later(officer):
    """The next moment: two hand-overs of one have two names."""
    await officer.stage.tick()


async def test_what_was_seen_must_be_of_now(li, wang, told):
    as_of = (await li.draft())["as_of"]
    told.clock.move(10)
    await told.tick()
    soon = from_ms(told.clock.now_ms()) + timedelta(seconds=60)
    for wrong in ("2020-01-01T00:00:00Z", soon.isoformat()):
        answer = await li.hand_over(as_of=wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, "as_of")
    held = await handed(li, as_of=as_of)
    await wang.sign(held)
    answer = await wang.hand_over(as_of=as_of)
    assert (answer.status_code, answer.json()["field"]) == (422, "as_of")


async def test_nothing_is_handed_over_while_the_picture_is_old(li, told):
    as_of = iso(told.clock.now_ms() + 16_000)
    told.clock.move(16)
    assert (await li.draft())["freshness"] == "stale"
    answer = await li.hand_over(as_of=as_of)
    assert answer.status_code == 503
    assert (await li.listed())["total"] == 0


async def test_the_same_request_is_done_once(li, wang, told):
    key = {"Idempotency-Key": "one"}
    as_of = (await li.draft())["as_of"]
    first = await li.hand_over(as_of=as_of, **key)
    told.clock.move(1)
    again = await li.hand_over(as_of=as_of, **key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    held = first.json()
    one, other = await asyncio.gather(wang.sign(held, **key), wang.sign(held, **key))
    assert one.content == other.content
    assert await n_acts(told, "handover.") == 2


@each(
    "body, field",
    [
        ({}, "as_of"),
        ({"as_of": 7}, "as_of"),
        ({"as_of": "2026-11-22T12:00:00Z", "note": "x" * 2_001}, "note"),
        ({"as_of": "2026-11-22T12:00:00Z", "more": 1}, "more"),
    ],
)
async def test_a_wrong_field_is_named(li, body, field):
    answer = await li.ask("POST", ROUTE, body)
    assert answer.status_code == 422
    assert field in answer.json()["detail"][0]["loc"]


# ---- what stays --------------------------------------------------------------------------------


async def n_acts(stage, kind):
    entries = await stage.doors.audit.entries(0, 10_000)
    return sum(entry.action.startswith(kind) and entry.outcome == "done" for entry in entries)


async def test_every_step_is_in_the_audit_trail_with_who_and_why(li, wang, told):
    held = await handed(li, note="all quiet")
    await wang.sign(held)
    entries = await told.doors.audit.entries(0, 10_000)
    found = [entry for entry in entries if entry.action.startswith("handover.")]
    assert [(e.action, e.actor, e.version) for e in found] == [
        ("handover.hand_over", "li.na", 0),
        ("handover.sign", "wang.fang", 1),
    ]
    assert {entry.subject for entry in found} == {f"handover/{held['id']}"}
    assert found[0].detail == "all quiet"
    assert (found[1].before["state"], found[1].after["state"]) == ("handed", "signed")


async def test_a_restart_keeps_what_waits_and_what_was_signed(li, wang, told, new_stage):
    first = await handed(li, note="first")
    await wang.sign(first)
    await later(wang)
    second = await handed(wang, note="second")
    other = new_stage()
    async with other.open():
        await other.new_board()
        token = await other.add_program("zhao.lei", Role.OFFICER, DISTRICT)
        zhao = Officer(other, "zhao.lei", token)
        listed = await zhao.listed()
        assert [row["note"] for row in listed["items"]] == ["second", "first"]
        assert listed["waiting"]["id"] == second["id"]
        assert (await zhao.whole(first["id"]))["to"] == "wang.fang"
        assert (await zhao.sign(second)).status_code == 200


async def test_hand_overs_beyond_the_bound_are_dropped_with_their_places(
    li, told, redis, monkeypatch
):
    monkeypatch.setattr(keys, "HANDOVERS_KEPT", 3)
    names = []
    for _ in range(5):
        held = await handed(li)
        names.append(held["id"])
        await li.withdraw(held)
        await later(li)
    store = HandoverStore(redis, told.doors.audit)
    total, kept = await store.latest(DISTRICT, 10)
    assert (total, [one.id for one in kept]) == (3, names[:1:-1])
    assert [await store.find(name) is None for name in names] == [True] * 2 + [False] * 3
    assert 0 < await redis.pttl(keys.handover(names[-1])) <= keys.HANDOVERS_KEPT_MS


async def test_the_newest_come_first_and_no_more_than_asked_for(li):
    for note in ("one", "two", "three"):
        await li.withdraw(await handed(li, note=note))
        await later(li)
    listed = await li.listed("?limit=2")
    assert ([row["note"] for row in listed["items"]], listed["total"]) == (["three", "two"], 3)
