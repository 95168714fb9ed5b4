"""Forgetting what was made up or played back, so that real numbers start from nothing."""

from contextlib import suppress
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import WatchError

from dashboard.domain.feeds import FeedKind
from dashboard.store import keys
from dashboard.store.client import reported
from dashboard.store.feeds import FeedStore

_TOLD = (
    keys.SEAT,  # the board that sits there holds what is forgotten: it starts anew
    keys.EVENTS,
    keys.REJECTED,
    keys.FEED_COUNTS,
    keys.PRIVATE_DAYS,
    keys.CAMERA_GRIDS,
    keys.INCIDENT_GRIDS,
    keys.INCIDENT_HEADS,
    keys.HANDOVER_OPEN,
    keys.HANDOVER_END,
    *keys.BOARD_HASHES,
    keys.COVER,
    keys.PICTURE,
    keys.ALERTS,
    keys.ALERT_HEADS,
    keys.ALERT_ACTED,
    keys.ALERT_STATE,
    keys.ALERT_LOG,
    keys.ALERT_HISTORY,
)
_OF_EACH = (  # feed, incident, area or hand-over; the audit trail itself stays
    keys.sequences("*"),
    keys.sequence_counts("*"),
    keys.seen("*"),
    keys.incident_audit("*"),
    keys.handovers("*"),
    keys.handover("*"),
)
# tick and topic numbers stay: screens that look on go on from theirs
_POSITION = ("position", "shown", "feeds", "reporters")


async def forget_rehearsals(redis: Redis) -> bool:
    """Remove all that was ever reported, and the feeds that are not live, in one step.

    Does nothing, and answers False, once a live feed has delivered. Raises StoreAway.
    """
    feeds = FeedStore(redis)
    with reported():
        while True:
            async with redis.pipeline(transaction=True) as pipe:
                await pipe.watch(keys.FEED_COUNTS)  # every append writes there
                if await live_has_delivered(feeds):
                    return False
                every = await feeds.list()
                rehearsed = [feed.name for feed in every if feed.kind is not FeedKind.LIVE]
                found = await _keys_of_each(redis)
                tokens = await _tokens_of(redis, rehearsed)
                pipe.multi()
                pipe.delete(*_TOLD, *found)
                pipe.hdel(keys.CHECKPOINT, *_POSITION)
                if rehearsed:
                    pipe.hdel(keys.FEEDS, *rehearsed)
                if tokens:
                    pipe.hdel(keys.FEED_TOKENS, *tokens)
                with suppress(WatchError):  # something arrived meanwhile: look again
                    await pipe.execute()
                    return True


async def live_has_delivered(feeds: FeedStore) -> bool:
    """Whether there is anything real to lose. Raises StoreAway."""
    counts = await feeds.counts()
    live = [feed.name for feed in await feeds.list() if feed.kind is FeedKind.LIVE]
    return any(counts[name].accepted for name in live if name in counts)


async def _keys_of_each(redis: Redis) -> list[bytes]:
    found: list[bytes] = []
    for match in _OF_EACH:
        found += [key async for key in redis.scan_iter(match)]
    return found


async def _tokens_of(redis: Redis, names: list[str]) -> list[bytes]:
    owners = cast("dict[bytes, bytes]", await redis.hgetall(keys.FEED_TOKENS))
    return [token for token, owner in owners.items() if owner.decode() in names]
