"""Composition root and command line: settings, then the store, then one role or all of them."""

import argparse
import asyncio
import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from dashboard.clock import Clock, SystemClock
from dashboard.command_line import parser
from dashboard.config import Settings
from dashboard.errors import OneMapError, StoreAway
from dashboard.store import lifeline

APP = Path(__file__).resolve()
LOG_FORMAT = "%(asctime)s {role:<8} %(levelname)-7s %(message)s"
FAILED, INTERRUPTED = 1, 130
STORE_LOOK_S = 0.1
Options = argparse.Namespace
Work = Callable[[Any], Coroutine[Any, Any, None]]


def load(module: str) -> Any:
    """The one place of late imports: no role or tool waits for what only another one needs."""
    return importlib.import_module(module)


# ---- composition -----------------------------------------------------------------------------


def create_web(settings: Settings, redis: Any, clock: Clock) -> tuple[Any, Any]:
    """Pages, live hub, reading API and intake as one ASGI application, and its sockets."""
    servers, live = load("dashboard.server"), load("dashboard.live")
    region, classes = load_pack(settings)
    desk_api, handover_api = load("dashboard.desk_api"), load("dashboard.handover_api")
    office = load("dashboard.accounts_api")
    units = load_units(settings, region, classes)
    doors = load("dashboard.doors").create_doors(settings, region, redis, clock)
    hub = live.Hub(settings, doors.directory, classes, redis, clock)
    hub.picture.look_at(load_sites(settings, region))
    gateway = load("feeds.gateway").create_gateway(settings, region, classes, redis, clock)
    cases = load("dashboard.cases").Cases(hub.picture, units)
    hub.carry("desk", partial(load("dashboard.desk_topic").DeskTopic, cases=cases), cases.may_see)
    walls = load("dashboard.wall_figures").WallFigures(cases)
    hub.carry("wall", partial(load("dashboard.wall_topic").WallTopic, figures=walls))
    desk = load("dashboard.commands").Desk(cases, doors.audit, clock)
    whistles = load("dashboard.whistle_commands").WhistleDesk(cases, doors.audit, clock)
    whistles_api = load("dashboard.whistles_api")
    alerts_api = load("dashboard.alerts_api")
    rules = load_rules(settings, region, classes)
    alerts = alerts_api.create_alerts(hub.picture, rules, redis, doors)
    hub.carry("alerts", alerts.topic)
    hub.carry("bells", alerts.bells)
    routers = [
        gateway.router(),
        desk_api.router(cases, desk, doors.audit),
        whistles_api.router(cases, whistles),
        *alerts.routers(),
        handover_api.router(cases, units.departments, doors.audit, redis),
        live.router(hub),
        load("dashboard.api").router(settings, hub, redis, doors.audit),
        load("dashboard.systems_api").router(hub, units.systems),
        load("dashboard.outlets_api").router(redis, region, clock),
        load("dashboard.walls_api").router(hub, doors.directory, doors.audit, redis),
        load("dashboard.api_docs").router(),
        load("dashboard.audit_api").router(doors.audit, region),
        office.router(doors.sign_in, hub, clock, units.departments),
        *sign_in_routers(settings, region, doors.sign_in, clock),
    ]
    server = servers.create_server(routers, [hub.run, doors.directory.run, alerts.book.run])
    pages = load("callbacks.pages")
    pack = pages.Pack(region, units.departments, units.systems, classes)
    server.include_router(load("callbacks.wall").create_wall(settings, region).router())
    hashes = pages.create_pages(server, settings, pack, load("dashboard.doorkeeper").asking)
    for answering in (office, desk_api, alerts_api, handover_api, whistles_api):
        answering.answer_errors(server)
    servers.protect(server, settings, doors, hashes)
    return server, gateway.sockets


def sign_in_routers(settings: Settings, region: Any, sign_in: Any, clock: Any) -> list[Any]:
    """The sign-in page, and the way through another provider where one is set."""
    login = load("callbacks.login").Login(settings, region, sign_in)
    if settings.oidc_issuer is None:
        return [login.router()]
    provider = load("dashboard.oidc").Provider(settings, region, clock)
    routes = load("dashboard.oidc_routes").router(provider, login.welcome_from_provider)
    return [login.router(), routes]


def create_intake(settings: Settings, redis: Any) -> tuple[Any, Any]:
    """The intake alone, for a process or a machine of its own, and its sockets."""
    servers = load("dashboard.server")
    gateway = load("feeds.gateway").create_gateway(
        settings, *load_pack(settings), redis, SystemClock()
    )
    server = servers.create_server([gateway.router(), servers.health_router()], [])
    servers.protect(server, settings, None)
    return server, gateway.sockets


def load_pack(settings: Settings) -> tuple[Any, Any]:
    """The region and its incident classes. Raises RegionError."""
    region = load("dashboard.region").load_region(settings.region)
    return region, load("dashboard.limits_pack").load_classes(settings.region)


def load_rules(settings: Settings, region: Any, classes: Any) -> Any:
    """The alert rules of the region. Raises RegionError."""
    return load("dashboard.alert_rules_pack").load_alert_rules(settings.region, region, classes)


def load_whistles(settings: Settings, region: Any) -> Any:
    """How the clocks of whistles are read. Raises RegionError."""
    limits = load("dashboard.whistles").load_whistle_limits(settings.region)
    departments = load("dashboard.departments").load_departments(settings.region, region)
    return load("dashboard.domain.whistle_signal").WhistleMeter(region, limits, departments)


def load_sites(settings: Settings, region: Any) -> Any:
    """The marked sites of the region. Raises RegionError."""
    return load("dashboard.sites").load_sites(settings.region, region)


def load_units(settings: Settings, region: Any, classes: Any) -> Any:
    """The departments and service systems of the region. Raises RegionError."""
    departments = load("dashboard.departments").load_departments(settings.region, region)
    systems = load("dashboard.systems").load_systems(settings.region, classes)
    limits = load("dashboard.whistles").load_whistle_limits(settings.region)
    return load("dashboard.cases").Pack(departments, systems, limits)


def run_with_store(url: str, work: Work) -> None:
    """Run `work` with a client of the store, on a fast event loop."""
    connect = load("dashboard.store.client").connect

    async def main() -> None:
        redis = connect(url)
        try:
            await work(redis)
        finally:
            await redis.aclose()

    with asyncio.Runner(loop_factory=load("uvloop").new_event_loop) as runner:
        runner.run(main())


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """SIGTERM and Ctrl-C cancel `work`, which may finish what it holds."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


# ---- roles: run until they are stopped -------------------------------------------------------


def run_all(settings: Settings, _options: Options) -> None:
    roles = ["web", "board", "gateway", "notifier"]
    if settings.demo:
        roles.append("demo --while-idle")
    load("dashboard.launcher").launch(settings, APP, roles)


def run_web(settings: Settings, options: Options) -> None:
    is_everything = options.parent is not None  # else the first account takes `user add`

    async def work(redis: Any) -> None:
        server, sockets = create_web(settings, redis, SystemClock())
        greeting = asyncio.create_task(greet_first(settings, redis)) if is_everything else None
        await load("dashboard.server").serve(server, settings, settings.port, sockets)
        if greeting is not None:
            greeting.cancel()

    run_with_store(store_url(settings), work)


async def greet_first(settings: Settings, redis: Any) -> None:
    """The first administrator, where all runs in one: told on the terminal and nowhere else."""
    tool = load("dashboard.account_tool")
    password = await when_store_answers(
        lambda: tool.first(tool.Desk(settings, redis, SystemClock()))
    )
    if password is not None:
        print(f"Sign in 登录  admin  {password}  (shown only this once 仅显示这一次)", flush=True)


async def when_store_answers(ask: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """The store and the web process start together."""
    while True:
        try:
            return await ask()
        except StoreAway:
            await asyncio.sleep(STORE_LOOK_S)


def run_gateway(settings: Settings, _options: Options) -> None:
    async def work(redis: Any) -> None:
        server, sockets = create_intake(settings, redis)
        await load("dashboard.server").serve(server, settings, settings.gateway_port, sockets)

    run_with_store(store_url(settings), work)


def run_board(settings: Settings, _options: Options) -> None:
    board, (region, classes) = load("dashboard.board"), load_pack(settings)
    judged = load("dashboard.alert_watch").Judged(
        load_rules(settings, region, classes).rules, load_whistles(settings, region)
    )
    pack = board.BoardPack(region, classes, judged, load_sites(settings, region))

    async def work(redis: Any) -> None:
        await until_stopped(board.run(settings, pack, redis, SystemClock()))

    run_with_store(store_url(settings), work)


def run_notifier(settings: Settings, _options: Options) -> None:
    outlets, region = load("dashboard.outlets"), load("dashboard.region").load_region

    async def work(redis: Any) -> None:
        await until_stopped(outlets.run(settings, region(settings.region), redis, SystemClock()))

    run_with_store(store_url(settings), work)


def run_demo(settings: Settings, options: Options) -> None:
    rehearsal = load("feeds.rehearsal")
    region, classes = load_pack(settings)
    world = load("feeds.demo").World(
        region,
        classes,
        SystemClock().now_ms(),
        seed=options.seed,
        speed=options.speed,
        departments=load("dashboard.departments").load_departments(settings.region, region),
        sites=load_sites(settings, region),
    )
    play = rehearsal.demo_while_idle if options.while_idle else rehearsal.demo

    async def work(redis: Any) -> None:
        await until_stopped(play(settings, redis, SystemClock(), world))

    with rehearsal.only_one(settings.data):
        run_with_store(store_url(settings), work)


def store_url(settings: Settings) -> str:
    url: str = load("dashboard.store.embedded").store_url(settings)
    return url


# ---- tools: do one thing and end -------------------------------------------------------------


def run_replay(settings: Settings, options: Options) -> None:
    rehearsal = load("feeds.rehearsal")

    async def work(redis: Any) -> None:
        play = rehearsal.Play(options.name, options.speed)
        print(await rehearsal.replay(settings, redis, SystemClock(), play))

    run_with_store(store_url(settings), work)


def run_region(_settings: None, options: Options) -> None:
    print(load("dashboard.region").check(options.folder))


def run_tool(settings: Settings, tool: Callable[[Any], Coroutine[Any, Any, str]]) -> None:
    """Prints what the tool says; works while the program runs, and also when it does not."""

    async def work(redis: Any) -> None:
        if said := await tool(redis):
            print(said)

    with load("dashboard.store.embedded").reachable_store(settings) as url:
        run_with_store(url, work)


def run_feed(settings: Settings, options: Options) -> None:
    tool = load("dashboard.feed_tool").TOOLS[options.tool]
    run_tool(settings, lambda redis: tool(settings, redis, SystemClock(), options))


def run_outlet(settings: Settings, options: Options) -> None:
    tool = load("dashboard.outlet_tool").TOOLS[options.tool]
    run_tool(settings, lambda redis: tool(settings, redis, SystemClock(), options))


def run_user(settings: Settings, options: Options) -> None:
    run_desk(settings, options, load("dashboard.account_tool").USER_TOOLS)


def run_display(settings: Settings, options: Options) -> None:
    run_desk(settings, options, load("dashboard.account_tool").DISPLAY_TOOLS)


def run_desk(settings: Settings, options: Options, tools: Any) -> None:
    tool, desk = tools[options.tool], load("dashboard.account_tool").Desk
    run_tool(settings, lambda redis: tool(desk(settings, redis, SystemClock()), options))


def run_audit(settings: Settings, options: Options) -> None:
    tool = load("dashboard.audit_tool").TOOLS[options.tool]
    run_tool(settings, lambda redis: tool(settings, redis, SystemClock(), options))


# ---- command line ----------------------------------------------------------------------------


RUNS: dict[str, Callable[..., None]] = {
    "all": run_all,
    "gateway": run_gateway,
    "board": run_board,
    "notifier": run_notifier,
    "web": run_web,
    "demo": run_demo,
    "replay": run_replay,
    "region": run_region,
    "feed": run_feed,
    "outlet": run_outlet,
    "user": run_user,
    "audit": run_audit,
    "display": run_display,
}


def main(arguments: Sequence[str]) -> int:
    options = parser(RUNS).parse_args(arguments)
    if options.parent is not None:
        lifeline.die_with(options.parent)
    logging.basicConfig(
        level=logging.INFO, format=LOG_FORMAT.format(role=options.role or "launcher")
    )
    for chatty in ("uvicorn", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        settings = Settings.from_env(os.environ) if options.needs_settings else None
        options.run(settings, options)
    except OneMapError as error:
        print(f"{APP.name}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
