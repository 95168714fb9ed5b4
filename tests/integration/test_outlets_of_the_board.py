"""From an event to a delivery: what the board raises and clears is told outside."""

import json

import msgspec

from dashboard.alert_rules_pack import load_alert_rules
from dashboard.config import Settings
from dashboard.domain.feeds import FeedKind
from dashboard.store import keys
from dashboard.store.feeds import FeedStore
from tests.cap_schema import problems
from tests.receivers import add_outlet, notifying, outlet, receiver, until
from tests.stage import feed, incident, moved

P1 = "05-02"  # a gas pipe: one urgent hour, so priority 1


async def test_an_alert_goes_out_as_json_and_as_cap_until_it_is_over(
    stage, redis, settings, region, classes, grids, tmp_path
):
    """Its rule was changed so that it concerns the public; the feed is a simulated one."""
    clock = stage.clock
    able = Settings.from_env({"ONEMAP_DATA": str(tmp_path), "ONEMAP_CAP_SENDER": "one@map"})
    rules = load_alert_rules(settings.region, region, classes).rules
    public = msgspec.structs.replace(rules["p1-new"], version=2, cap=rules["similar-cluster"].cap)
    await redis.hset(keys.ALERT_RULES, "p1-new", msgspec.json.encode(public))
    stage.use(await FeedStore(redis).add(feed("made-up", FeedKind.SIMULATED)))
    async with receiver() as hook, receiver() as warned:
        await add_outlet(redis, able, clock, outlet(clock, hook.url, rules=("p1-new",)))
        await add_outlet(redis, able, clock, outlet(clock, warned.url, "cap", name="cap"))
        async with notifying(able, region, redis, clock):
            await stage.post(incident("GD-1", grids[0], stage.clock.now_ms(), **{"class": P1}))
            await stage.tick(0)
            await until(lambda: hook.taken and warned.taken)
            await stage.post(moved("GD-1", "file"))
            await stage.tick()
            await until(lambda: len(hook.taken) == len(warned.taken) == 2)
    told = [json.loads(body) for body in hook.taken]
    assert [row["type"] for row in told] == ["alert.raised", "alert.cleared"]
    assert {row["alert"]["id"] for row in told} == {"p1-new:GD-1"}
    assert told[0]["alert"]["area"] == grids[0]
    assert all(row["simulated"] for row in told)
    assert [problem for body in warned.taken for problem in problems(body)] == []
    assert b"<msgType>Alert</msgType>" in warned.taken[0]
    assert b"<msgType>Cancel</msgType>" in warned.taken[1]
    assert all(b"<status>Test</status>" in body for body in warned.taken)
