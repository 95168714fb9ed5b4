"""CAP messages of one alert hang together, as files and as posts, and say what is made up."""

from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from dashboard.clock import SystemClock
from dashboard.config import Settings
from dashboard.domain.feeds import FeedKind
from dashboard.errors import RegionError
from dashboard.outlets import cap_of_pack
from dashboard.store import keys
from dashboard.store.feeds import FeedStore
from tests.cap_schema import NAMESPACE, problems
from tests.receivers import add_outlet, news, notifying, outlet, receiver, tell, until
from tests.stage import feed

CAP = {"category": ["Safety"], "event": "设备中断", "urgency": "Immediate", "certainty": "Observed"}
SENDER = "onemap@guandu.example.cn"


@pytest.fixture
def clock():
    return SystemClock()


@pytest.fixture
def settings(tmp_path):
    return Settings.from_env({"ONEMAP_DATA": str(tmp_path), "ONEMAP_CAP_SENDER": SENDER})


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "cap 出"
    made.mkdir()
    return made


@pytest.fixture
async def public(redis):
    """The rule concerns the public."""
    rule = msgspec.json.encode({"id": "gone", "cap": CAP})
    await redis.hset(keys.ALERT_RULES, "gone", rule)


def of(document, name):
    return ET.fromstring(document).findtext(f"{NAMESPACE}{name}")


def references(document):
    return [part.split(",")[1] for part in (of(document, "references") or "").split()]


def documents(folder):
    found = sorted(folder.iterdir(), key=lambda path: int(path.name.split(".")[1]))
    assert all(path.name.endswith(".xml") for path in found)
    return [path.read_bytes() for path in found]


@pytest.mark.usefixtures("public")
async def test_the_messages_of_an_alert_refer_to_the_earlier_ones(
    redis, settings, region, clock, folder
):
    """Also when another notifier goes on in between."""
    made = outlet(clock, folder.as_uri(), "cap", name="cap")
    await add_outlet(redis, settings, clock, made)
    async with notifying(settings, region, redis, clock):
        await tell(redis, news(1, clock, alert="a"), news(2, clock, alert="b"))
        await tell(redis, news(3, clock, alert="a", what="again"))
        await until(lambda: len(list(folder.glob("*.xml"))) == 3)
    async with notifying(settings, region, redis, clock):
        await tell(redis, news(4, clock, alert="a", what="cleared"))
        await tell(redis, news(5, clock, alert="a"))
        await until(lambda: len(list(folder.glob("*.xml"))) == 5)
        await until(lambda: is_empty(redis, "cap"))
    found = documents(folder)
    assert [problem for each in found for problem in problems(each)] == []
    kinds = [of(each, "msgType") for each in found]
    assert kinds == ["Alert", "Alert", "Update", "Cancel", "Alert"]
    first, _, second, third, last = (of(each, "identifier") for each in found)
    assert references(found[2]) == [first]
    assert references(found[3]) == [first, second]
    assert references(found[4]) == []
    assert len({first, second, third, last}) == 4
    assert {of(each, "status") for each in found} == {"Actual"}
    assert {of(each, "sender") for each in found} == {SENDER}


async def is_empty(redis, name):
    return await redis.hlen(keys.outlet_queue(name)) == 0


@pytest.mark.usefixtures("public")
async def test_a_post_is_signed_and_typed(redis, settings, region, clock):
    async with receiver() as hook:
        made = outlet(clock, hook.url, "cap", name="cap", drill=True)
        await add_outlet(redis, settings, clock, made)
        async with notifying(settings, region, redis, clock):
            await tell(redis, news(1, clock, rule="private"))
            await tell(redis, news(2, clock))
            await until(lambda: hook.taken)
    ((_, headers, body),) = hook.calls
    assert problems(body) == []
    assert of(body, "status") == "Exercise"
    assert headers["content-type"] == "application/cap+xml"
    assert headers["x-onemap-delivery"] == of(body, "identifier")
    assert headers["x-onemap-signature"].startswith("v1=")


@pytest.mark.usefixtures("public")
async def test_what_was_told_on_a_made_up_day_stays_a_test(redis, settings, region, clock, folder):
    """Also what is sent only after that day was forgotten, and the cancelling of it."""
    feeds = FeedStore(redis)
    await feeds.add(feed("made-up", FeedKind.SIMULATED))
    await redis.hset(keys.FEED_COUNTS, "made-up:accepted", 1)
    made = outlet(clock, folder.as_uri(), "cap", name="cap")
    await add_outlet(redis, settings, clock, made)
    folder.rmdir()
    async with notifying(settings, region, redis, clock):
        await tell(redis, news(1, clock, alert="a"))
        await until(lambda: redis.hlen(keys.outlet_queue("cap")))
        await redis.delete(keys.FEEDS, keys.FEED_COUNTS)
        folder.mkdir()
        await until(lambda: len(list(folder.glob("*.xml"))) == 1)
        await tell(redis, news(2, clock, alert="a", what="cleared"), news(3, clock, alert="b"))
        await until(lambda: len(list(folder.glob("*.xml"))) == 3)
    statuses = [of(each, "status") for each in documents(folder)]
    assert statuses == ["Test", "Test", "Actual"]


def test_the_pack_says_which_rules_concern_the_public(tmp_path):
    assert cap_of_pack(tmp_path) == {}
    rules = {"seats": {}, "rules": [{"id": "a", "cap": None}, {"id": "b", "cap": CAP, "x": 1}]}
    Path(tmp_path, "alert_rules.json").write_bytes(msgspec.json.encode(rules))
    assert cap_of_pack(tmp_path) == {"b": CAP}
    Path(tmp_path, "alert_rules.json").write_text('{"rules": [{"cap": 1}]}')
    with pytest.raises(RegionError, match="alert_rules"):
        cap_of_pack(tmp_path)
