"""Everybody asks for everything: what the table of rights allows is answered, the rest tells
nothing."""

import asyncio
import json
import re
import statistics
import time

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

import app
from dashboard.clock import SystemClock
from dashboard.config import Settings
from dashboard.domain.areas import Tier
from dashboard.domain.rights import TABLE, Right, Role
from dashboard.rules import RULES, find_rule
from dashboard.store.client import connect
from tests.rights_cases import asked_by, leaks, routes_of
from tests.whole import INCIDENTS, MARK, PATIENCE_S, UNKNOWN, Whole, incident_name, mark

pytestmark = pytest.mark.asyncio(loop_scope="module")


SHADOWED = re.compile(r"/\w+/(assets|_dash-.*|_reload-hash|_favicon\.ico)?(/.*)?")  # of Dash
FEEDS_OF = "feeds of "  # how the hub named them within
TIMED_CALLS = 150


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(valkey_url, region, classes, tmp_path_factory):
    """One server for all of it."""
    settings = Settings.from_env({"ONEMAP_DATA": str(tmp_path_factory.mktemp("matrix"))})
    redis = connect(valkey_url)
    async with Whole(settings, (region, classes), redis).open() as whole:
        yield whole
    await redis.aclose()


# ---- tests -----------------------------------------------------------------------------------


async def test_everybody_is_answered_what_the_table_allows_and_nothing_else(whole):
    problems, n = {}, 0
    for asker in (*whole.askers, whole.chief):
        found, asked = await asked_by(whole, asker)
        n += asked
        if found:
            problems[asker.name] = found
    assert problems == {}
    assert n > 1_500


async def test_what_would_leak_is_there_to_be_seen_by_those_who_may(whole):
    """The search above must be able to find something."""
    chief, nobody = whole.chief, whole.askers[0]
    for path in (
        f"/api/areas/{whole.region.root.code}",
        "/api/incidents?limit=1000",
        "/api/feeds",
        "/api/accounts",
        "/metrics",
        f"/api/incidents/{incident_name('far', 0)}",
    ):
        answer = await whole.ask("GET", path, chief)
        assert leaks(whole, nobody, answer, ""), path


async def test_every_route_has_a_rule_and_every_rule_a_route(whole, tmp_path, redis_of_nothing):
    environ = {
        "ONEMAP_DATA": str(tmp_path),
        "ONEMAP_OIDC_ISSUER": "https://id.example.cn",
        "ONEMAP_OIDC_CLIENT_ID": "one-map",
        "ONEMAP_OIDC_CLIENT_SECRET": "s" * 40,
        "ONEMAP_OIDC_RIGHTS": f"desk=officer:{whole.region.root.code}",
    }
    server, _ = app.create_web(Settings.from_env(environ), redis_of_nothing, SystemClock())
    routes = routes_of(server)
    without = [r for r in routes if r.rule is None and SHADOWED.fullmatch(r.path) is None]
    assert without == []
    used = {route.rule.path for route in routes if route.rule is not None}
    assert {rule.path for rule in RULES} - used == set()
    served = {(route.method, route.rule.path) for route in routes if route.rule is not None}
    wanted = {(m, r.path) for r in RULES for m in r.methods.split() if m != "HEAD"}
    assert wanted - served == set()


@pytest.fixture
def redis_of_nothing():
    """A client of a store that is not there: nothing is asked of it."""
    return connect("redis://127.0.0.1:1")


async def test_routes_of_dash_that_no_rule_names_are_served_to_nobody(whole):
    unnamed = [route.sample for route in routes_of(whole.server) if route.rule is None]
    for path in (*unnamed, "/_dash-config", "/x/y", "/docs", "/redoc", "/map/"):
        for asker, status in ((whole.chief, 404), (whole.askers[0], 401)):
            answer = await whole.ask("GET", path, asker)
            assert answer.status_code == status, (path, asker.name)


# ---- one case of another area ----------------------------------------------------------------


async def test_a_case_of_another_area_is_answered_like_one_that_does_not_exist(whole):
    seen = 0
    for asker in whole.askers:
        if asker.role is None or Right.SEE_CASE not in TABLE[asker.role]:
            continue
        there, none = incident_name("far", 0), "GD-non-0"
        assert len(there) == len(none)
        answers = [await whole.ask("GET", f"/api/incidents/{n}", asker) for n in (there, none)]
        far, missing = answers
        assert (far.status_code, missing.status_code) == (404, 404)
        assert far.content.replace(there.encode(), b"") == missing.content.replace(
            none.encode(), b""
        )
        assert _without_date(far) == _without_date(missing)
        seen += 1
    assert seen > 5


def _without_date(answer):
    return [(k, v) for k, v in answer.headers.raw if k.lower() != b"date"]


async def test_a_case_of_another_area_takes_as_long_as_one_that_does_not_exist(whole):
    asker = next(a for a in whole.askers if a.role is Role.OFFICER)
    took = {incident_name("far", 0): [], "GD-non-0": []}
    for _ in range(TIMED_CALLS):
        for name, times in took.items():
            began = time.perf_counter()
            await whole.ask("GET", f"/api/incidents/{name}", asker)
            times.append(time.perf_counter() - began)
    one, other = (statistics.median(times) for times in took.values())
    assert 0.75 < one / other < 1.33


# ---- live ------------------------------------------------------------------------------------


def topics(whole):
    areas = [f"{kind}/{place}" for kind in ("area", "systems") for place in whole.places]
    wide = f"{FEEDS_OF}{whole.region.root.code}"
    return [*areas, "feeds", "area/", "nonsense", wide, f"{FEEDS_OF}{UNKNOWN}", "", "area/*"]


def is_topic_allowed(whole, asker, topic):
    if topic == "feeds":
        return True
    kind, _, place = topic.partition("/")
    return kind in ("area", "systems") and whole.is_within(place, asker.area)


class Listener:
    """One socket with every topic asked for."""

    def __init__(self, socket):
        self.socket, self.frames, self.n = socket, [], 0

    async def fence(self):
        """All frames that were on the way."""
        self.n += 1
        name = f"fence {self.n}"
        await self.socket.send(json.dumps({"subscribe": name}))
        async with asyncio.timeout(PATIENCE_S):
            while True:
                text = await self.socket.recv()
                frame = json.loads(text)
                if "error" in frame and frame["topic"] == name:
                    return
                self.frames.append((frame, text))


async def test_live_topics_of_one_area_tell_nothing_of_another(whole):
    problems, n_deltas = [], 0
    for asker in (*whole.askers, whole.chief):
        if asker.role is None:
            continue
        async with whole.socket(asker) as socket, whole.socket(whole.chief) as witness:
            listener, looks_on = Listener(socket), Listener(witness)
            await witness.send(json.dumps({"subscribe": f"area/{whole.region.root.code}"}))
            for topic in topics(whole):
                await socket.send(json.dumps({"subscribe": topic, "since": 0}))
            await listener.fence()
            shown = {f["topic"] for f, _ in listener.frames if "snapshot" in f}  # deltas may follow
            answered = {f["topic"]: f["topic"] in shown for f, _ in listener.frames}
            allowed = {topic: is_topic_allowed(whole, asker, topic) for topic in topics(whole)}
            wide = [f["error"] for f, _ in listener.frames if f["topic"].startswith(FEEDS_OF)]
            assert len(set(wide)) == 1  # whether somebody looks at the feeds of another area
            if answered != allowed:
                problems.append((asker.name, answered, allowed))
            await _something_everywhere(whole, asker, looks_on)
            await listener.fence()
        pattern, asked = whole.secrets(asker), " ".join(topics(whole))
        for frame, text in listener.frames:
            n_deltas += "delta" in frame
            if told := [word for word in pattern.findall(text) if word not in asked]:
                problems.append((asker.name, frame.get("topic"), told[:5]))
    assert problems == []
    assert n_deltas > 30


async def _something_everywhere(whole, asker, looks_on):
    """A new incident in every grid, and it is out; numbers stay as they are telling."""
    name = re.sub(r"\W", "", asker.name)
    for key in INCIDENTS:
        await whole.report(key, f"of{name}")
    wanted = {incident_name(key, f"of{name}") for key in INCIDENTS}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await looks_on.fence()
            if all(any(w in text for _, text in looks_on.frames) for w in wanted):
                return
            await asyncio.sleep(0.02)


async def test_the_live_socket_is_closed_to_who_is_nobody(whole):
    unknown = [asker for asker in whole.askers if asker.role is None]
    assert len(unknown) == 4
    for asker in unknown:
        with pytest.raises(InvalidStatus) as refused:
            async with whole.socket(asker):
                pass
        assert refused.value.response.status_code == 401
        assert whole.secrets(asker).findall(refused.value.response.body.decode()) == []


# ---- feeds, figures, description -------------------------------------------------------------


def asker_named(whole, role, tier):
    area = whole.above(tier)
    return next(a for a in whole.askers if (a.role, a.area) == (role, area))


@pytest.mark.parametrize(
    ("role", "tier"), [(Role.LEADER, Tier.STREET), (Role.LEADER, Tier.COMMUNITY)]
)
async def test_counts_of_a_wider_feed_stay_unknown_in_an_area(whole, role, tier):
    asker = asker_named(whole, role, tier)
    rows = {r["name"]: r for r in (await _json(whole, "/api/feeds", asker))["feeds"]}
    assert set(rows) == {"wide.feed", "near.feed"}
    counts = ("accepted", "rejected", "duplicates", "dropped_private", "rate_per_min")
    assert [rows["wide.feed"][name] for name in counts] == [None] * 5
    assert rows["near.feed"]["accepted"] == 1
    text = (await whole.ask("GET", "/metrics", asker)).text
    assert 'feed="near.feed"' in text
    assert 'feed="wide.feed"' not in text
    assert 'feed="far.feed"' not in text
    assert "onemap_live_clients" not in text
    whole_text = (await whole.ask("GET", "/metrics", whole.chief)).text
    assert whole_text.count("onemap_feed_events{") == 12
    assert "onemap_live_clients" in whole_text


async def _json(whole, path, asker):
    answer = await whole.ask("GET", path, asker)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_is_recorded_elsewhere_is_not_told_as_the_origin_of_the_own_numbers(whole):
    """A recording that is of a far street: those who see that street are told, others are not."""
    for asker, is_told in (
        (whole.chief, True),
        (asker_named(whole, Role.VIEWER, Tier.GRID), False),
    ):
        async with whole.socket(asker) as socket:
            await socket.send(json.dumps({"subscribe": f"area/{asker.area}"}))
            shown = json.loads(await socket.recv())["snapshot"]
        assert (f"far{MARK}日" in [o["label"] for o in shown["origins"]]) is is_told


async def test_the_description_shows_a_role_what_it_may_call(whole):
    paths = {}
    for asker in (*whole.askers, whole.chief):
        if asker.role is None:
            continue
        body = await _json(whole, "/openapi.json", asker)
        calls = {(m.upper(), path) for path, ms in body["paths"].items() for m in ms}
        for method, path in calls:
            rule = find_rule(method, re.sub(r"\{\w+\}", "x1", path))
            assert not isinstance(rule.need, Right) or rule.need in TABLE[asker.role], path
        paths[asker.role] = calls
        named = set(re.findall(r'#/components/schemas/(\w+)"', json.dumps(body)))
        assert set(body.get("components", {}).get("schemas", {})) == named
    assert ("PATCH", "/api/accounts/{name}") in paths[Role.ADMINISTRATOR]
    assert ("GET", "/api/incidents/{incident}") in paths[Role.OFFICER]
    assert ("GET", "/api/incidents/{incident}") not in paths[Role.VIEWER]
    assert len(paths[Role.WALL]) < len(paths[Role.ADMINISTRATOR])
    assert mark("far") not in str(paths)
