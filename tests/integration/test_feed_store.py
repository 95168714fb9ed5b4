"""Feeds and tokens in a real store."""

from dataclasses import replace

import pytest

from dashboard.domain.accounts import hash_secret
from dashboard.domain.feeds import FeedKind
from dashboard.errors import UnknownFeed
from dashboard.store import keys
from dashboard.store.feeds import TOKEN_PREFIX, FeedStore
from tests.conftest import NOON
from tests.stage import feed

NORTH = feed("north", area="530111001")
SOUTH = replace(NORTH, name="south", kind=FeedKind.SIMULATED, created_ms=NOON + 1)


@pytest.fixture
def feeds(redis):
    return FeedStore(redis)


async def test_a_token_finds_its_feed_and_no_other_does(feeds):
    token = await feeds.add(NORTH)
    assert token.startswith(TOKEN_PREFIX)
    assert len(token) > 40
    assert await feeds.find_by_token(token) == NORTH
    for wrong in ("", token + "x", token[:-1], TOKEN_PREFIX, hash_secret(token)):
        assert await feeds.find_by_token(wrong) is None


async def test_a_token_is_nowhere_in_the_store(feeds, redis):
    token = await feeds.add(NORTH)
    for key in await redis.keys("*"):
        held = await redis.hgetall(key)
        assert token.encode() not in {*held.keys(), *held.values()}
    assert await redis.hkeys(keys.FEED_TOKENS) == [hash_secret(token).encode()]


async def test_a_new_token_ends_the_old_one(feeds):
    old = await feeds.add(NORTH)
    new = await feeds.add(NORTH)
    assert await feeds.find_by_token(old) is None
    assert await feeds.find_by_token(new) == NORTH
    assert await feeds.list() == (NORTH,)


async def test_a_revoked_token_finds_nothing_and_its_feed_stays_listed(feeds):
    token, other = await feeds.add(NORTH), await feeds.add(SOUTH)
    await feeds.revoke("north", NOON + 9)
    assert await feeds.find_by_token(token) is None
    assert await feeds.find_by_token(other) == SOUTH
    assert await feeds.list() == (replace(NORTH, revoked_ms=NOON + 9), SOUTH)


async def test_a_revoked_feed_may_be_added_again(feeds):
    await feeds.add(NORTH)
    await feeds.revoke("north", NOON + 9)
    assert await feeds.find_by_token(await feeds.add(NORTH)) == NORTH


async def test_revoking_a_feed_nobody_added_is_told(feeds):
    with pytest.raises(UnknownFeed, match="'nobody'"):
        await feeds.revoke("nobody", NOON)


async def test_feeds_are_listed_in_the_order_they_were_added(feeds):
    await feeds.add(SOUTH)
    await feeds.add(NORTH)
    assert [feed.name for feed in await feeds.list()] == ["north", "south"]


async def test_a_store_is_for_real_once_a_live_feed_was_added(feeds):
    assert not await feeds.has_live()
    await feeds.add(SOUTH)
    assert not await feeds.has_live()
    await feeds.add(NORTH)
    assert await feeds.has_live()
    await feeds.revoke("north", NOON)
    assert await feeds.has_live()


async def test_counts_of_a_feed_with_a_colon_in_its_name_are_its_own(feeds, redis):
    await redis.hset(keys.FEED_COUNTS, mapping={"a:b:accepted": 3, "a:accepted": 1})
    counts = await feeds.counts()
    assert (counts["a:b"].accepted, counts["a"].accepted) == (3, 1)


async def test_nothing_was_dropped_on_a_day_without_private_events(feeds):
    assert await feeds.private_on("2026-11-22") == 0
