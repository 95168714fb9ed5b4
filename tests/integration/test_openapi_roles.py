"""Each role gets a document of its own, which is true; what it leaves out is refused to it."""

import asyncio
import copy

import httpx
import pytest

from dashboard.domain.accounts import Account, Session, SessionKind
from dashboard.domain.rights import Role
from dashboard.store.acts import COMMAND_LINE
from tests.conftest import NOON
from tests.openapi_walk import INTAKE, Walk, run_schemathesis
from tests.stage import bearer, camera, incident, moved, status

EXAMPLES = 4
DISTRICT = "530111"
STREET = DISTRICT + "001"
SPARE = [f"spare{number}" for number in range(4)]  # accounts and displays to be changed

OPEN = {"GET /healthz", "GET /readyz"}
PASSWORD = "a horse, a battery"
BODIES = {
    "POST /api/accounts": [
        {"name": "newcomer", "role": "officer", "area": STREET, "password": PASSWORD},
        {"name": "newcomer", "role": "officer", "area": STREET, "password": PASSWORD},
        {"name": "elsewhere", "role": "viewer", "area": DISTRICT, "password": PASSWORD},
    ],
    "PATCH /api/accounts/{name}": [
        {"version": 1, "role": "officer"},
        {"version": 7, "disabled": True},
    ],
    "POST /api/accounts/{name}/password": [
        {"version": version, "password": PASSWORD} for version in (1, 2, 3, 9)
    ],
    "POST /api/displays": [{"name": "new", "area": STREET}, {"name": "far", "area": DISTRICT}],
    "POST /api/me/password": [{"old": PASSWORD, "new": PASSWORD + "!"}],
}


class House:
    """A stage with something of everything, and with somebody in every role."""

    def __init__(self, stage):
        self.stage = stage
        self.tokens, self.sessions = [], []

    async def fill(self, grids):
        stage = self.stage
        await stage.post(*(camera(i, grids[0], "social" if i % 2 else "public") for i in range(4)))
        await stage.post(status(1, "fault"), incident("case/1", grids[0]), incident("a", grids[1]))
        await stage.post(moved("case/1", "file"), incident("gone", grids[0]))
        store = stage.doors.directory.store
        for name in SPARE:
            await store.add(COMMAND_LINE, Account(name, Role.VIEWER, STREET, None, NOON))
            await store.add_display(COMMAND_LINE, name, STREET)
            self.tokens += [(await store.add_token(COMMAND_LINE, name))[0] for _ in range(2)]
            for kind in SessionKind:
                session = Session(name, kind, NOON, "127.0.0.1", "test")
                await store.begin(COMMAND_LINE, session, STREET, "test")
        await stage.doors.directory.reload()
        self.sessions = [h[:16] for h in stage.doors.directory.register.sessions]
        await stage.tick()

    async def headers(self, who):
        """What a role shows; Origin where a browser's cookie does."""
        if who == NOBODY:
            return {}
        if who == "wall":
            return await self._cookie("wall", SessionKind.DISPLAY)
        role, _, place = who.partition(" of a ")
        area = STREET if place == "street" else DISTRICT
        name = who.replace(" ", "-")
        return bearer(await self.stage.add_program(name, Role(role), area))

    async def _cookie(self, name, kind):
        store = self.stage.doors.directory.store
        await store.add_display(COMMAND_LINE, name, DISTRICT)
        session = Session(name, kind, self.stage.clock.now_ms(), "127.0.0.1", "test")
        secret = await store.begin(COMMAND_LINE, session, DISTRICT, "test")
        await self.stage.doors.directory.reload()
        return {"Cookie": f"onemap={secret}", "Origin": self.stage.url}

    def known(self, grids):
        return {
            "path.code": [DISTRICT, STREET, grids[0]],
            "path.incident": ["case/1", "a", "gone"],
            "query.area": [DISTRICT, grids[0]],
            "path.name": SPARE,
            "path.token": self.tokens,
            "path.session": self.sessions,
            "body.name": [*SPARE, "newcomer", "other"],
            "body.role": ["viewer", "officer"],
            "body.area": [STREET, DISTRICT, grids[0]],
            "body.version": [1, 2, 3],
        }


NOBODY = "nobody"
ROLES = (
    "viewer",
    "officer",
    "dispatcher",
    "department",
    "leader",
    "administrator",
    "administrator of a street",
    "wall",
    NOBODY,
)


@pytest.fixture
async def house(stage, grids):
    found = House(stage)
    await found.fill(grids)
    return found


def operations(document):
    return {
        f"{method.upper()} {path}" for path, calls in document["paths"].items() for method in calls
    }


def part(document, wanted):
    """Only the operations that `wanted` names."""
    paths = {
        path: {m: call for m, call in calls.items() if f"{m.upper()} {path}" in wanted}
        for path, calls in document["paths"].items()
    }
    return document | {"paths": {path: calls for path, calls in paths.items() if calls}}


def with_examples(document):
    """Bodies that fit together, besides those that are made up."""
    document = copy.deepcopy(document)
    for label, bodies in BODIES.items():
        method, path = label.split()
        call = document["paths"].get(path, {}).get(method.lower())
        if call is not None:
            told = {str(number): {"value": body} for number, body in enumerate(bodies)}
            call["requestBody"]["content"]["application/json"]["examples"] = told
    return document


class Walker:
    """Walks parts of documents as one role; all that failed, and what was answered."""

    def __init__(self, house, grids, headers):
        self.url, self.headers, self.known = house.stage.url, headers, house.known(grids)

    async def walk(self, document, *, is_deep):
        """The statuses by operation."""
        if not document["paths"]:
            return {}
        walk = Walk(self.known, EXAMPLES, document, is_deep)
        failures, statuses = await asyncio.to_thread(run_schemathesis, self.url, self.headers, walk)
        assert not failures, "\n\n".join(failures)
        assert set(statuses) == operations(document)
        return statuses


async def shown_to(house, headers):
    async with httpx.AsyncClient(
        base_url=house.stage.url, headers=headers, trust_env=False
    ) as client:
        answer = await client.get("/openapi.json")
    document = answer.json() if answer.status_code == 200 else {"paths": {}}
    document["paths"].pop(INTAKE, None)  # test_openapi.py walks it, with a feed's token
    return answer.status_code, document


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.usefixtures("at_once")
async def test_a_role_gets_what_its_document_declares_and_is_refused_the_rest(house, grids, who):
    """Deep: each operation for the first role that may, and all of them for who is nobody."""
    headers = await house.headers(who)
    _, whole = await shown_to(house, house.stage.http.headers)
    status, own = await shown_to(house, headers)
    assert status == (401 if who == NOBODY else 200)
    own = part(whole, OPEN) if who == NOBODY else own
    before = set()
    for earlier in ROLES[: ROLES.index(who)]:
        before |= operations((await shown_to(house, await house.headers(earlier)))[1])

    walker = Walker(house, grids, headers)
    allowed = with_examples(own)
    await walker.walk(part(allowed, operations(own) - before), is_deep=True)
    await walker.walk(part(allowed, operations(own) & before), is_deep=False)
    hidden = part(whole, operations(whole) - operations(own))
    refused = await walker.walk(hidden, is_deep=who == NOBODY)
    assert all(answered <= {401, 403, 404} for answered in refused.values()), refused
