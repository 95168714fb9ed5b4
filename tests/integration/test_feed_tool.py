"""The tool for feeds: what it prints, what it refuses."""

from argparse import Namespace

import pytest

from dashboard import feed_tool
from dashboard.domain.feeds import FeedKind
from dashboard.errors import UnknownFeed
from dashboard.feed_tool import FeedRefused
from dashboard.store.feeds import FeedStore


def asked(name, **given):
    options = {"area": None, "kind": "live", "title": None, "title_en": None, "period": 60}
    return Namespace(name=name, label=None, **options | given)


async def test_the_printed_token_opens_the_door_for_that_feed(settings, redis, clock):
    options = asked("terminals", area="530111001", title="网格终端", period=15)
    token = await feed_tool.add(settings, redis, clock, options)
    feed = await FeedStore(redis).find_by_token(token)
    assert (feed.name, feed.kind, feed.area) == ("terminals", FeedKind.LIVE, "530111001")
    assert (feed.title, feed.title_en, feed.period_s) == ("网格终端", "网格终端", 15)


async def test_the_token_is_nowhere_in_the_store(settings, redis, clock):
    token = await feed_tool.add(settings, redis, clock, asked("terminals"))
    for key in await redis.keys("*"):
        assert token.encode() not in await redis.dump(key)


async def test_adding_again_replaces_the_token(settings, redis, clock):
    first = await feed_tool.add(settings, redis, clock, asked("terminals"))
    second = await feed_tool.add(settings, redis, clock, asked("terminals"))
    feeds = FeedStore(redis)
    assert await feeds.find_by_token(first) is None
    assert (await feeds.find_by_token(second)).name == "terminals"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (asked("two words"), "cannot be a feed's name"),
        (asked("../up"), "cannot be a feed's name"),
        (asked("terminals", area="999"), "no area '999'"),
        (asked("terminals", period=0), "at least 1 second"),
    ],
)
async def test_what_cannot_be_a_feed_is_refused(settings, redis, clock, options, reason):
    with pytest.raises(FeedRefused, match=reason):
        await feed_tool.add(settings, redis, clock, options)
    assert await FeedStore(redis).list() == ()


async def test_the_list_is_a_table(settings, redis, clock):
    assert "feed add NAME" in await feed_tool.show(settings, redis, clock, Namespace())
    await feed_tool.add(settings, redis, clock, asked("terminals", area="530111001"))
    await feed_tool.add(settings, redis, clock, asked("cameras", kind="recorded"))
    await feed_tool.revoke(settings, redis, clock, Namespace(name="cameras"))
    table = await feed_tool.show(settings, redis, clock, Namespace())
    rows = {row.split()[0]: row.split()[1:] for row in table.splitlines()}
    assert rows["terminals"] == ["live", "530111001", "60", "s", "active", "0", "0", "never"]
    assert rows["cameras"] == ["recorded", "all", "60", "s", "revoked", "0", "0", "never"]


async def test_revoking_a_stranger_is_an_error(settings, redis, clock):
    with pytest.raises(UnknownFeed, match="nobody"):
        await feed_tool.revoke(settings, redis, clock, Namespace(name="nobody"))
