"""The command-line tool for outlets: where news of alerts goes outside the program."""

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from dashboard.clock import Clock, iso
from dashboard.config import Settings
from dashboard.domain.outlets import (
    MAX_OUTLETS,
    Health,
    Outlet,
    OutletKind,
    Waiting,
    folder_of,
    objection_to_outlet,
)
from dashboard.errors import Conflict, Refused, Stale
from dashboard.outlet_parcels import test_news
from dashboard.outlet_worker import Post
from dashboard.outlets import create_kit
from dashboard.region import load_region
from dashboard.senders.parcels import NotSent
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.alert_log import AlertLog
from dashboard.store.audit import AuditLog
from dashboard.store.outlets import OutletStore, adding, changing, removing
from dashboard.text_table import text_table

COLUMNS = (
    *("name", "kind", "target", "area", "priority", "what", "state"),
    *("delivered", "waiting", "lost", "missed", "last error"),
)
LOST_COLUMNS = ("at", "alert", "what", "given up", "attempts", "error")
# What a kind cannot do without: (attribute of the settings, its variable).
NEEDS: Mapping[OutletKind, tuple[tuple[str, str], ...]] = {
    OutletKind.WEBHOOK: (),
    OutletKind.EMAIL: (("smtp", "ONEMAP_SMTP"), ("mail_from", "ONEMAP_MAIL_FROM")),
    OutletKind.CAP: (("cap_sender", "ONEMAP_CAP_SENDER"),),
}


async def add(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """The secret its deliveries are signed with. Raises Refused."""
    target = sys.stdin.readline().strip() if options.target == "-" else options.target
    outlet = Outlet(
        name=options.name,
        kind=OutletKind(options.kind),
        target=target,
        created_ms=clock.now_ms(),
        area=options.area,
        priority=options.priority,
        whats=tuple(options.what.split(",")),
        rules=tuple(rule for rule in options.rules.split(",") if rule),
        lang=options.lang,
        drill=options.drill,
    )
    await asyncio.to_thread(_check, settings, outlet)
    store = OutletStore(redis)
    if len(await store.list()) >= MAX_OUTLETS:
        raise Refused("NAME", f"there are {MAX_OUTLETS} outlets already; remove one first")
    checks, writes = adding(outlet, await AlertLog(redis).last_position())
    told = _told(outlet)
    act = COMMAND_LINE.act(
        "outlet.add", _subject(outlet), area=outlet.area, after=told, checks=checks, writes=writes
    )
    try:
        await _audit(settings, redis, clock).commit(act)
    except Conflict as error:
        raise Refused("NAME", f"there is an outlet {outlet.name!r} already") from error
    signed = _secret(settings, outlet)
    return f"{outlet.name} is told what comes from now on" + (f"\n{signed}" if signed else "")


def _check(settings: Settings, outlet: Outlet) -> None:
    """Raises Refused."""
    objection = objection_to_outlet(outlet, load_region(settings.region))
    if objection is not None:
        raise Refused(*objection)
    for attribute, variable in NEEDS[outlet.kind]:
        if getattr(settings, attribute) is None:
            raise Refused(variable, f"it is not set, and {outlet.kind} needs it")
    if outlet.is_folder:
        folder = Path(folder_of(outlet.target))
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise Refused("TARGET", f"{folder} is no folder that this user may write to")


def _secret(settings: Settings, outlet: Outlet) -> str:
    """A line for people; empty where nothing is signed."""
    if outlet.kind is OutletKind.EMAIL or outlet.is_folder:
        return ""
    return f"signing secret: {outlet.secret(settings.secret)}"


def _subject(outlet: Outlet) -> str:
    return f"outlet/{outlet.name}"


def _told(outlet: Outlet) -> dict[str, Any]:
    """For the audit trail: without the target, which may hold a secret."""
    return {
        "kind": outlet.kind.value,
        "place": outlet.place,
        "priority": outlet.priority,
        "what": ",".join(outlet.whats),
        "rules": ",".join(outlet.rules) or None,
        "lang": outlet.lang,
        "drill": outlet.drill,
    }


async def show(_settings: Settings, redis: Any, clock: Clock, _options: Namespace) -> str:
    """A table, one line an outlet."""
    store, now_ms = OutletStore(redis), clock.now_ms()
    health = await store.health()
    rows = [_row(each, health.get(each.name, Health()), now_ms) for each in await store.list()]
    hint = "no outlet yet; add one with: python app.py outlet add NAME KIND TARGET"
    return text_table(COLUMNS, rows, hint)


def _row(outlet: Outlet, health: Health, now_ms: int) -> tuple[str, ...]:
    is_past = health.attempts == 0
    return (
        outlet.name,
        outlet.kind.value + (" (drill)" if outlet.drill else ""),
        outlet.place,
        outlet.area or "all",
        f"to {outlet.priority}",
        ",".join(outlet.whats),
        health.state(outlet, now_ms).value,
        "never" if health.delivered_ms is None else iso(health.delivered_ms),
        str(health.waiting),
        str(health.lost),
        str(health.missed),
        "" if not health.error else f"{health.error}{' (over)' if is_past else ''}",
    )


async def secret(settings: Settings, redis: Any, _clock: Clock, options: Namespace) -> str:
    """Raises Missing, Refused."""
    outlet, _ = await OutletStore(redis).get(options.name)
    told = _secret(settings, outlet)
    if not told:
        raise Refused("NAME", f"what {outlet.name} delivers is not signed")
    return told


async def lost(_settings: Settings, redis: Any, _clock: Clock, options: Namespace) -> str:
    """What was given up, newest first. Raises Missing."""
    store = OutletStore(redis)
    await store.get(options.name)
    rows = [
        (iso(row.at_ms), row.alert, row.what, iso(row.lost_ms), str(row.attempts), row.error)
        for row in await store.lost(options.name)
    ]
    return text_table(LOST_COLUMNS, rows, f"{options.name} was told everything so far")


async def remove(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """What waits for it is forgotten. Raises Missing, Stale."""
    outlet, stored = await OutletStore(redis).get(options.name)
    checks, writes = removing(outlet, stored)
    act = COMMAND_LINE.act(
        "outlet.remove", _subject(outlet), area=outlet.area, before=_told(outlet),
        checks=checks, writes=writes,
    )  # fmt: skip
    await _commit(_audit(settings, redis, clock), act, outlet)
    return f"{outlet.name} is removed"


async def pause(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """Raises Missing, Stale."""
    changed = {"paused_ms": clock.now_ms(), "paused_why": options.why}
    await _change(redis, _audit(settings, redis, clock), options.name, "outlet.pause", changed)
    return f"{options.name} is paused; what comes for it waits up to two days"


async def resume(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """Raises Missing, Stale."""
    changed = {"paused_ms": None, "paused_why": None}
    await _change(redis, _audit(settings, redis, clock), options.name, "outlet.resume", changed)
    return f"{options.name} goes on where it was paused"


async def drill(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """Raises Missing, Stale, Refused."""
    outlet, _ = await OutletStore(redis).get(options.name)
    if outlet.kind is not OutletKind.CAP:
        raise Refused("NAME", f"{outlet.name} is of kind {outlet.kind}; only cap knows drills")
    changed = {"drill": not options.end}
    await _change(redis, _audit(settings, redis, clock), options.name, "outlet.drill", changed)
    return f"{options.name}: {'real again' if options.end else 'every message says Exercise'}"


async def _change(
    redis: Any, audit: AuditLog, name: str, action: str, changed: dict[str, Any]
) -> None:
    outlet, stored = await OutletStore(redis).get(name)
    after = msgspec.structs.replace(outlet, **changed)
    checks, writes = changing(after, stored)
    before = {field: getattr(outlet, field) for field in changed}
    act = COMMAND_LINE.act(
        action, _subject(outlet), area=outlet.area, before=before, after=changed,
        checks=checks, writes=writes,
    )  # fmt: skip
    await _commit(audit, act, outlet)


def _audit(settings: Settings, redis: Any, clock: Clock) -> AuditLog:
    return AuditLog(redis, settings.secret, clock)


async def _commit(audit: AuditLog, act: Any, outlet: Outlet) -> None:
    try:
        await audit.commit(act)
    except Conflict as error:
        raise Stale("outlet", outlet.name) from error


async def test(settings: Settings, redis: Any, clock: Clock, options: Namespace) -> str:
    """Sends one message, marked as a test, now and from here. Raises Missing, Refused."""
    outlet, _ = await OutletStore(redis).get(options.name)
    region = await asyncio.to_thread(load_region, settings.region)
    kit, now_ms = create_kit(settings, region, redis, clock), clock.now_ms()
    problem = ""
    try:
        await Post(kit, outlet).send([Waiting(test_news(region, now_ms), now_ms)], ())
    except NotSent as error:
        problem = str(error)
    act = COMMAND_LINE.act(
        "outlet.test",
        _subject(outlet),
        area=outlet.area,
        detail=f"it did not arrive: {problem}" if problem else None,
    )
    await _audit(settings, redis, clock).commit(act)
    if problem:
        raise Refused(outlet.name, f"the test did not arrive: {problem}")
    return f"{outlet.name} took the test in {clock.now_ms() - now_ms} ms"


TOOLS: dict[str, Callable[[Settings, Any, Clock, Namespace], Awaitable[str]]] = {
    "add": add,
    "list": show,
    "remove": remove,
    "test": test,
    "pause": pause,
    "resume": resume,
    "secret": secret,
    "lost": lost,
    "drill": drill,
}
