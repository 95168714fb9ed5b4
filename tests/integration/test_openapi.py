"""The OpenAPI document tells the truth: made-up requests get only the answers it declares."""

import asyncio
import json
from dataclasses import replace

import httpx
import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_30

from dashboard.errors import AuditBroken, StoreAway
from dashboard.store.feeds import FeedStore
from tests.each import each
from tests.openapi_walk import Walk, run_schemathesis
from tests.stage import camera, feed, incident, moved, status

DISTRICT = "530111"


@pytest.fixture
async def told(stage, grids):
    """A stage on which something of each kind was reported."""
    await stage.post(*(camera(i, grids[0], "social" if i % 2 else "public") for i in range(4)))
    await stage.post(status(1, "fault"), incident("case/1", grids[0]), incident("a", grids[1]))
    await stage.post(moved("case/1", "file"), incident("gone", grids[0]), moved("gone", "close"))
    await stage.tick()
    return stage


@pytest.fixture
def known(grids):
    return {
        "path.code": [DISTRICT, DISTRICT + "001", grids[0]],
        "path.incident": ["case/1", "a", "gone"],
        "query.area": [DISTRICT, grids[0]],
    }


async def test_made_up_batches_get_what_is_declared(told, known):
    document = await told.get("/openapi.json")
    path = "/feeds/events"
    walk = Walk(known, 8, document | {"paths": {path: document["paths"][path]}})
    headers = {"Authorization": f"Bearer {told.token}"}
    failures, statuses = await asyncio.to_thread(run_schemathesis, told.url, headers, walk)
    assert not failures, "\n\n".join(failures)
    assert {200, 422} <= statuses["POST /feeds/events"]


# ---- answers that have to be brought about ---------------------------------------------------


def closed(schema):
    """The same schema, but what it does not name must not be there."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if found.pop("nullable", False):
        found["type"] = [found["type"], "null"]
    if found.get("type") == "object" and "properties" in found:
        found.setdefault("additionalProperties", False)
    return found


async def check(stage, route, answer):
    """The answer's body is of the shape declared for its status, with nothing besides."""
    document = await stage.get("/openapi.json")
    operation = document["paths"][route][answer.request.method.lower()]
    declared = operation["responses"][str(answer.status_code)]
    for name, header in declared.get("headers", {}).items():
        assert name in answer.headers or not header.get("required"), name
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code in (204, 304):
        assert answer.content == b""
        assert "content" not in declared
    elif kind == "text/plain":
        assert kind in declared["content"]
    else:
        schema = {"components": document["components"], **declared["content"][kind]["schema"]}
        jsonschema_rs.Draft202012Validator(closed(schema)).validate(answer.json())


PATHS = [
    ("/api/areas/{code}", f"/api/areas/{DISTRICT}"),
    ("/api/areas/{code}/cameras", f"/api/areas/{DISTRICT}/cameras"),
    ("/api/systems", f"/api/systems?area={DISTRICT}"),
    ("/api/incidents", "/api/incidents"),
    ("/api/incidents/{incident}", "/api/incidents/case/1"),
    ("/api/feeds", "/api/feeds"),
    ("/healthz", "/healthz"),
    ("/readyz", "/readyz"),
    ("/metrics", "/metrics"),
]


async def test_a_found_answer_holds_nothing_undeclared(told):
    for route, path in PATHS:
        answer = await told.http.get(path)
        assert answer.status_code == 200
        await check(told, route, answer)


async def test_a_stale_picture_and_a_ready_that_is_not_are_declared(told):
    told.clock.move(3_600)
    for (route, path), expected in zip(PATHS[:1] + PATHS[7:8], (200, 503), strict=True):
        answer = await told.http.get(path)
        assert answer.status_code == expected
        await check(told, route, answer)


async def test_before_the_first_picture_what_is_answered_is_declared(new_stage):
    stage = new_stage()
    async with stage.open():
        for route, path in PATHS:
            answer = await stage.http.get(path)
            assert answer.status_code == (200 if route in ("/healthz", "/metrics") else 503)
            await check(stage, route, answer)


async def test_another_sites_request_is_declared(told):
    for route, path in PATHS:
        answer = await told.http.get(path, headers={"Origin": "https://example.org"})
        assert answer.status_code == 403
        await check(told, route, answer)


async def test_every_kind_of_wrong_value_is_declared(told):
    for query in ({"cursor": "x"}, {"cursor": "x" * 201}, {"limit": 0}):
        answer = await told.http.get("/api/incidents", params=query)
        assert answer.status_code == 422
        await check(told, "/api/incidents", answer)


async def test_an_unchanged_file_is_declared(told):
    path = "/region/pack.json"
    answer = await told.http.get(path)
    await check(told, "/region/{name}", answer)
    again = await told.http.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    await check(told, "/region/{name}", again)


async def post(stage, body, token=None, **headers):
    sent = {"Authorization": f"Bearer {token or stage.token}", **headers}
    return await stage.http.post("/feeds/events", content=body, headers=sent)


async def test_answers_to_batches_are_declared(told):
    some = [{"id": 7}, {"id": "x", "type": "nothing", "data": {}}]
    for events, expected in ((some, 200), ("none", 422), ([{}] * 5_001, 413)):
        answer = await post(told, json.dumps({"sequence": 1, "events": events}))
        assert answer.status_code == expected
        await check(told, "/feeds/events", answer)


async def test_refusals_of_batches_are_declared(told, grids):
    unknown = await post(told, "{}", token="nobody")
    foreign = await post(told, "{}", Origin="https://example.org")
    token = await FeedStore(told.redis).add(feed("east", area=grids[1]))
    elsewhere = await post(told, json.dumps({"events": [camera(9, grids[0])]}), token)
    for answer, expected in ((unknown, 401), (foreign, 403), (elsewhere, 403)):
        assert answer.status_code == expected
        await check(told, "/feeds/events", answer)


async def test_a_feed_that_is_too_fast_is_told_as_declared(new_stage, grids):
    stage = new_stage()
    stage.settings = replace(stage.settings, feed_rate_per_s=1)
    async with stage.open():
        for number in range(4):
            answer = await post(stage, json.dumps({"events": [camera(number, grids[0])]}))
        assert answer.status_code == 429
        await check(stage, "/feeds/events", answer)


ASKED = [{"session": []}, {"sessionOverTLS": []}, {"accountToken": []}]
SECURITY = {"/healthz": [], "/readyz": [], "/feeds/events": [{"feedToken": []}]}


async def test_every_operation_names_how_to_sign_in(told):
    document = await told.get("/openapi.json")
    schemes = document["components"]["securitySchemes"]
    assert {name: scheme.get("name") for name, scheme in schemes.items()} == {
        "session": "onemap",
        "sessionOverTLS": "__Host-onemap",
        "accountToken": None,
        "feedToken": None,
    }
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            assert call["security"] == SECURITY.get(path, ASKED), (method, path)


async def test_the_document_is_of_the_version_that_it_says(told):
    document = await told.get("/openapi.json")
    assert document["openapi"] == "3.0.3"
    jsonschema_rs.Draft4Validator(OPENAPI_30).validate(document)
    assert '"null"' not in json.dumps(document)
    assert '"const"' not in json.dumps(document)


# ---- the administrators' answers that have to be brought about ---------------------------------

PASSWORD = "a horse, a battery"
OWN, ACCOUNTS, AUDIT = "/api/me/password", "/api/accounts", "/api/audit"


async def add_account(stage, name="wang"):
    body = {"name": name, "role": "officer", "area": DISTRICT, "password": PASSWORD}
    return await stage.http.post(ACCOUNTS, json=body)


async def as_declared(stage, route, answer, expected):
    assert answer.status_code == expected, answer.text
    await check(stage, route, answer)


async def test_answers_about_the_own_password_are_declared(told):
    await as_declared(told, ACCOUNTS, await add_account(told), 201)
    form = {"name": "wang", "password": PASSWORD}
    async with httpx.AsyncClient(
        base_url=told.url, headers={"Origin": told.url}, trust_env=False
    ) as person:
        assert (await person.post("/login", data=form)).status_code == 303
        me = await person.get("/api/me")
        await as_declared(told, "/api/me", me, 200)
        assert me.json()["kind"] == "account"
        body = {"old": PASSWORD, "new": PASSWORD + "!"}
        await as_declared(told, OWN, await person.post(OWN, json=body), 204)
        easy = {"old": PASSWORD + "!", "new": "wang wang wang"}
        await as_declared(told, OWN, await person.post(OWN, json=easy), 422)
        for _ in range(20):
            wrong = await person.post(OWN, json=body)
            if wrong.status_code == 429:
                break
            await as_declared(told, OWN, wrong, 403)
        await as_declared(told, OWN, wrong, 429)


@each(
    "body, expected",
    [
        (b'{"name": NaN}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"name": "\\ud800"}', 422),
        (b"\xff", 400),
        (b"[" * 30_000, 400),
        (b"x" * 70_000, 413),
    ],
)
async def test_a_body_that_cannot_be_read_is_answered_as_declared(told, body, expected):
    headers = {"Content-Type": "application/json"}
    answer = await told.http.post(ACCOUNTS, content=body, headers=headers)
    await as_declared(told, ACCOUNTS, answer, expected)


async def test_a_wrong_value_is_not_sent_back(told):
    answer = await told.http.post("/api/accounts/chief/password", json={"password": PASSWORD})
    await as_declared(told, "/api/accounts/{name}/password", answer, 422)
    assert PASSWORD not in answer.text


@each(
    "query, expected",
    [
        ({"before": 2**53 - 1}, 200),
        ({"before": 2**64}, 422),
        ({"since": "1000-01-01T00:00:00+14:00", "until": "2999-12-31T23:59:59-14:00"}, 200),
        ({"since": "0001-01-01T00:00:00+14:00"}, 422),
        ({"until": "9999-12-31T23:59:59-14:00"}, 422),
        ({"since": "1795320000"}, 422),
        ({"since": "2026-11-22T12:00:00"}, 422),
    ],
)
async def test_the_ends_of_what_can_be_searched_for_are_declared(told, query, expected):
    for route in (AUDIT, AUDIT + "/export"):
        if "before" not in query or route == AUDIT:
            answer = await told.http.get(route, params=query)
            assert answer.status_code == expected, answer.text
            if route == AUDIT or expected == 422:
                await check(told, route, answer)


async def test_answers_without_a_store_are_declared(told, monkeypatch):
    routes = {
        ("GET", AUDIT): {},
        ("POST", ACCOUNTS): {
            "json": {"name": "li", "role": "viewer", "area": DISTRICT, "password": PASSWORD}
        },
        ("GET", "/api/incidents/{incident}"): {},
    }
    for problem in (StoreAway("away"), AuditBroken("torn")):

        async def fails(*_args, problem=problem):
            raise problem

        for name in ("commit", "entries_before"):
            monkeypatch.setattr(told.doors.audit, name, fails)
        for (method, route), more in routes.items():
            path = route.replace("{incident}", "a")
            answer = await told.http.request(method, path, **more)
            await as_declared(told, route, answer, 503)


async def test_only_one_success_of_an_operation_is_declared(told):
    document = await told.get("/openapi.json")
    for path, calls in document["paths"].items():
        for call in calls.values():
            assert len([status for status in call["responses"] if status < "300"]) == 1, path
