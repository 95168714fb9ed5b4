"""The same request twice: done once, and answered alike."""

import asyncio

import pytest

from dashboard.domain.accounts import hash_secret
from dashboard.domain.rights import Role
from tests.burglar import PASSWORD, Visitor, audited
from tests.stage import bearer

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
NEW = {"name": "zhao.min", "role": "viewer", "password": PASSWORD}


@pytest.fixture
async def area(stage):
    return stage.region.root.code


@pytest.fixture
async def visitor(stage):
    return await Visitor.signed_in(stage)


async def twice(stage, method, path, body=None):
    """Both answers; nothing else asks for the same."""
    answers = [await stage.http.request(method, path, json=body, headers=KEY) for _ in range(2)]
    return answers


def is_alike(one, other):
    return (one.status_code, one.content) == (other.status_code, other.content)


async def test_a_change_that_is_replayed_is_refused_as_stale(stage, visitor):
    body = {"version": 1, "role": "viewer"}
    first, second = [
        await stage.http.patch("/api/accounts/li.na", json=body) for _ in range(2)
    ]  # without a key
    assert (first.status_code, second.status_code) == (200, 409)
    assert len(await audited(stage, "account.change")) == 1


@pytest.mark.parametrize("again", ["later", "at once"])
async def test_a_change_under_one_key_is_done_once_and_answered_alike(stage, visitor, again):
    body = {"version": 1, "role": "viewer"}
    if again == "later":
        first, second = await twice(stage, "PATCH", "/api/accounts/li.na", body)
    else:
        asks = [stage.http.patch("/api/accounts/li.na", json=body, headers=KEY) for _ in range(2)]
        first, second = await asyncio.gather(*asks)
    assert first.status_code == 200
    assert first.json()["version"] == 2
    assert is_alike(first, second)
    assert len(await audited(stage, "account.change")) == 1


async def test_what_was_answered_then_is_answered_again_whatever_came_between(stage, visitor):
    change = {"version": 1, "role": "viewer"}
    first = await stage.http.patch("/api/accounts/li.na", json=change, headers=KEY)
    other = {"version": 2, "role": "leader"}
    await stage.http.patch("/api/accounts/li.na", json=other)
    again = await stage.http.patch("/api/accounts/li.na", json=change, headers=KEY)
    assert is_alike(first, again)
    assert stage.doors.directory.register.accounts["li.na"].role is Role.LEADER


async def test_an_account_is_added_once(stage, area):
    first, second = await twice(stage, "POST", "/api/accounts", NEW | {"area": area})
    assert first.status_code == 201
    assert is_alike(first, second)
    assert len(await audited(stage, "account.add")) == 2  # the stage's own, and this


async def test_what_is_taken_away_is_taken_away_once(stage, visitor, area):
    await stage.http.post("/api/displays", json={"name": "hall", "area": area})
    made = (await stage.http.post("/api/accounts/li.na/tokens")).json()
    session = hash_secret(visitor.cookie.partition("=")[2])[:16]
    for i, path in enumerate(
        (
            "/api/displays/hall",
            f"/api/accounts/li.na/tokens/{made['id']}",
            f"/api/sessions/{session}",
        )
    ):
        headers = {"Idempotency-Key": f"key {i}"}
        first, second = [await stage.http.delete(path, headers=headers) for _ in range(2)]
        assert first.status_code == 204, first.text
        assert is_alike(first, second)
        assert (await stage.http.delete(path)).status_code == 404


async def test_a_password_is_set_once(stage, visitor):
    body = {"version": 1, "password": "another horse battery"}
    first, second = await twice(stage, "POST", "/api/accounts/li.na/password", body)
    assert (first.status_code, second.status_code) == (204, 204)
    assert len(await audited(stage, "account.password")) == 1


@pytest.mark.parametrize("path", ["/api/displays", "/api/accounts/li.na/tokens"])
async def test_an_answer_that_holds_a_secret_is_not_kept(stage, visitor, area, path):
    body = {"name": "hall", "area": area} if path == "/api/displays" else None
    first, second = await twice(stage, "POST", path, body)
    assert (first.status_code, second.status_code) == (201, 409)
    assert "done already" in second.json()["reason"]
    secret = first.json()["token"]
    kept = [await stage.redis.get(key) async for key in stage.redis.scan_iter("*:done:*")]
    assert len(kept) == 1
    assert secret.encode() not in kept[0]
    assert len(stage.doors.directory.register.displays) == (path == "/api/displays")


async def test_a_key_is_its_askers_own(stage, visitor, area):
    other = await stage.add_program("other", Role.ADMINISTRATOR, area)
    body = {"version": 1, "role": "viewer"}
    headers = KEY | bearer(other)
    mine = await stage.http.patch("/api/accounts/li.na", json=body, headers=KEY)
    theirs = await stage.http.patch("/api/accounts/li.na", json=body, headers=headers)
    assert (mine.status_code, theirs.status_code) == (200, 409)


async def test_one_key_is_for_one_request(stage, visitor, area):
    await twice(stage, "POST", "/api/accounts", NEW | {"area": area})
    other = NEW | {"area": area, "name": "sun.li"}
    answer = await stage.http.post("/api/accounts", json=other, headers=KEY)
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")
    answer = await stage.http.post("/api/accounts", json=other, headers={"Idempotency-Key": ""})
    assert answer.status_code == 422


async def test_what_was_refused_may_be_tried_again_under_its_key(stage, area):
    wrong = await stage.http.post("/api/accounts", json=NEW | {"area": "none"}, headers=KEY)
    right = await stage.http.post("/api/accounts", json=NEW | {"area": area}, headers=KEY)
    assert (wrong.status_code, right.status_code) == (422, 201)


async def test_a_key_opens_nothing(stage, visitor):
    """Rights are asked first: who may not do it is not told that another did."""
    body = {"version": 1, "role": "viewer"}
    answer = await visitor.ask("PATCH", "/api/accounts/li.na", KEY, json=body)
    assert answer.status_code == 403
