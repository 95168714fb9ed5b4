"""The command-line tool for feeds and their tokens."""

import asyncio
import logging
import re
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import Any

from dashboard.clock import Clock, iso
from dashboard.config import Settings
from dashboard.domain.feeds import Feed, FeedCounts, FeedKind
from dashboard.errors import OneMapError
from dashboard.region import load_region
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from dashboard.store.feeds import FeedStore
from dashboard.store.rehearsed import forget_rehearsals, live_has_delivered
from dashboard.text_table import text_table

log = logging.getLogger(__name__)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
IN_FLIGHT_S = 2.0  # a gateway knows a token for a second, and a batch under way needs its time
COLUMNS = ("name", "kind", "area", "period", "state", "accepted", "rejected", "last")


class FeedRefused(OneMapError):
    """What was asked for cannot be a feed."""


async def add(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """The token, which is kept only as a hash. Raises FeedRefused.

    Until a live feed has delivered, adding one ends every rehearsal and forgets what it told.
    """
    if NAME.fullmatch(options.name) is None:
        raise FeedRefused(
            f"{options.name!r} cannot be a feed's name: 1 to 64 letters, digits, dots, dashes"
        )
    if options.period < 1:
        raise FeedRefused("--period is at least 1 second")
    if options.area is not None and options.area not in load_region(settings.region).by_code:
        raise FeedRefused(f"there is no area {options.area!r} in the region pack")
    feed = Feed(
        name=options.name,
        kind=FeedKind(options.kind),
        title=options.title or options.name,
        title_en=options.title_en or options.title or options.name,
        area=options.area,
        period_s=options.period,
        label=options.label,
        created_ms=clock.now_ms(),
        revoked_ms=None,
    )
    feeds = FeedStore(redis)
    token, writes = await feeds.adding(feed)
    told = {"kind": feed.kind.value, "area": feed.area, "period_s": feed.period_s}
    act = COMMAND_LINE.act(
        "feed.add", f"feed/{feed.name}", area=feed.area, after=told, writes=writes
    )
    await AuditLog(redis, settings.secret, clock).commit(act)
    if feed.kind is FeedKind.LIVE:
        await _end_rehearsals(feeds, redis, clock)
    return token


async def _end_rehearsals(feeds: FeedStore, redis: Any, clock: Clock) -> None:
    rehearsed = [feed for feed in await feeds.list() if feed.kind is not FeedKind.LIVE]
    if not rehearsed or await live_has_delivered(feeds):
        return
    for feed in rehearsed:
        if feed.revoked_ms is None:
            await feeds.revoke(feed.name, clock.now_ms())
    await asyncio.sleep(IN_FLIGHT_S)
    if await forget_rehearsals(redis):
        log.info("what simulated and recorded feeds told is forgotten: real numbers start from 0")


async def revoke(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """Raises UnknownFeed."""
    writes = await FeedStore(redis).revoking(options.name, clock.now_ms())
    act = COMMAND_LINE.act("feed.revoke", f"feed/{options.name}", writes=writes)
    await AuditLog(redis, settings.secret, clock).commit(act)
    return f"{options.name} is revoked"


async def show(_settings: Settings, redis: Any, _clock: Clock, _options: Namespace) -> str:
    """A table, one line a feed."""
    feeds = FeedStore(redis)
    counts = await feeds.counts()
    rows = [_row(feed, counts.get(feed.name, FeedCounts())) for feed in await feeds.list()]
    return text_table(COLUMNS, rows, "no feed yet; add one with: python app.py feed add NAME")


def _row(feed: Feed, counts: FeedCounts) -> tuple[str, ...]:
    return (
        feed.name,
        feed.kind,
        feed.area or "all",
        f"{feed.period_s} s",
        "active" if feed.revoked_ms is None else "revoked",
        str(counts.accepted),
        str(counts.rejected),
        "never" if counts.last_ms is None else iso(counts.last_ms),
    )


TOOLS: dict[str, Callable[[Settings, Any, Clock, Namespace], Awaitable[str]]] = {
    "add": add,
    "list": show,
    "revoke": revoke,
}
