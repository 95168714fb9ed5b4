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
from pathlib import Path
from typing import Any

from dashboard.clock import SystemClock
from dashboard.config import Settings
from dashboard.errors import OneMapError, StoreAway
from dashboard.store import lifeline

APP = Path(__file__).resolve()
LOG_FORMAT = "%(asctime)s {role:<8} %(levelname)-7s %(message)s"
LONGEST_SPEED = 1000.0
FAILED, INTERRUPTED = 1, 130
STORE_LOOK_S = 0.1
Options = argparse.Namespace
Work = Callable[[Any], Coroutine[Any, Any, None]]


def load(module: str) -> Any:
    """The one place of late imports: no role or tool waits for what only another one needs."""
    return importlib.import_module(module)


# ---- composition -----------------------------------------------------------------------------


def create_web(settings: Settings, redis: Any) -> tuple[Any, Any]:
    """Pages, live hub, reading API and intake as one ASGI application, and its sockets."""
    servers, live, clock = load("dashboard.server"), load("dashboard.live"), SystemClock()
    region, classes = load_pack(settings)
    office = load("dashboard.accounts_api")
    doors = load("dashboard.doors").create_doors(settings, region, redis, clock)
    hub = live.Hub(settings, doors.directory, classes, redis, clock)
    gateway = load("feeds.gateway").create_gateway(settings, region, classes, redis, clock)
    routers = [
        gateway.router(),
        live.router(hub),
        load("dashboard.api").router(settings, hub, redis, doors.audit),
        load("dashboard.api_docs").router(),
        load("dashboard.audit_api").router(doors.audit, region),
        office.router(doors.sign_in, hub, clock),
        *sign_in_routers(settings, region, doors.sign_in, clock),
    ]
    server = servers.create_server(routers, [hub.run, doors.directory.run])
    hashes = load("callbacks.pages").create_pages(
        server, settings, region, load("dashboard.doorkeeper").asking
    )
    office.answer_errors(server)
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
    packs = load("dashboard.region")
    return packs.load_region(settings.region), packs.load_classes(settings.region)


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
    roles = ["web", "board", "gateway"]
    if settings.demo:
        roles.append("demo --while-idle")
    load("dashboard.launcher").launch(settings, APP, roles)


def run_web(settings: Settings, options: Options) -> None:
    is_everything = options.parent is not None  # else the first account takes `user add`

    async def work(redis: Any) -> None:
        server, sockets = create_web(settings, redis)
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
    board, pack = load("dashboard.board"), load_pack(settings)

    async def work(redis: Any) -> None:
        await until_stopped(board.run(settings, *pack, redis, SystemClock()))

    run_with_store(store_url(settings), work)


def run_demo(settings: Settings, options: Options) -> None:
    rehearsal = load("feeds.rehearsal")
    world = load("feeds.demo").World(
        *load_pack(settings), SystemClock().now_ms(), seed=options.seed, speed=options.speed
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


def main(arguments: Sequence[str]) -> int:
    options = parser().parse_args(arguments)
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


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="app.py",
        description="One Map 一张图. Without a role everything runs, the store included.",
        epilog="Settings are environment variables; README.md has the table.",
    )
    top.set_defaults(run=run_all, parent=None, needs_settings=True)
    roles = top.add_subparsers(dest="role", metavar="ROLE")
    for name, run, text in (
        ("gateway", run_gateway, "role: takes events in, on ONEMAP_GATEWAY_PORT"),
        ("board", run_board, "role: folds events into the numbers of every area"),
        ("web", run_web, "role: pages, live numbers and API, on ONEMAP_PORT"),
    ):
        _role(roles, name, run, text)
    demo = _role(roles, "demo", run_demo, "role: a made-up day, sent through the gateway")
    demo.add_argument("--speed", type=_speed, default=1.0, help="1 to 1000 times real time")
    demo.add_argument("--seed", type=int, default=1, help="the same seed gives the same day")
    demo.add_argument(
        "--while-idle", action="store_true", help="only while no live feed is configured"
    )
    replay = _role(roles, "replay", run_replay, "tool: play a recording of the region pack")
    replay.add_argument("name", help="such as floods-2026-08-18")
    replay.add_argument("--speed", type=_speed, default=60.0, help="1 to 1000 times real time")
    _region_tools(_role(roles, "region", run_region, "tool: check a region pack"))
    _feed_tools(_role(roles, "feed", run_feed, "tool: feeds and their tokens"))
    _user_tools(_role(roles, "user", run_user, "tool: accounts and their tokens"))
    _audit_tools(_role(roles, "audit", run_audit, "tool: check or export the audit trail"))
    _display_tools(_role(roles, "display", run_display, "tool: wall displays"))
    return top


def _role(roles: Any, name: str, run: Callable[..., None], text: str) -> argparse.ArgumentParser:
    role: argparse.ArgumentParser = roles.add_parser(name, help=text, description=text)
    role.set_defaults(run=run)
    role.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    return role


def _region_tools(region: argparse.ArgumentParser) -> None:
    tools = region.add_subparsers(dest="tool", required=True)
    check = tools.add_parser("check", help="say what is in a pack, or why it is refused")
    check.add_argument("folder", type=Path)
    check.set_defaults(needs_settings=False)


def _feed_tools(feed: argparse.ArgumentParser) -> None:
    tools = feed.add_subparsers(dest="tool", required=True)
    add = tools.add_parser("add", help="add a feed, or give one a new token; prints the token once")
    add.add_argument("name", help="letters, digits, dots and dashes")
    add.add_argument("--area", help="code of the area it may report for (unset: the whole region)")
    add.add_argument("--kind", choices=("live", "simulated", "recorded"), default="live")
    add.add_argument("--title", help="its name on screens, in Chinese")
    add.add_argument("--title-en", help="its name on screens, in English")
    add.add_argument("--period", type=int, default=60, help="seconds between its reports")
    add.add_argument("--label", help="what a recording is of, such as 2026-08-18")
    tools.add_parser("list", help="every feed, with what it delivered")
    revoke = tools.add_parser("revoke", help="its token stops working")
    revoke.add_argument("name")


def _user_tools(user: argparse.ArgumentParser) -> None:
    tools = user.add_subparsers(dest="tool", required=True)
    add = tools.add_parser("add", help="add an account; asks for its password")
    password = tools.add_parser("password", help="a new password; ends the account's sessions")
    add.add_argument(
        "--role", required=True, help="viewer, officer, dispatcher, ... (docs/security.md)"
    )
    add.add_argument("--area", help="code of its area (unset: the whole region)")
    disable = tools.add_parser("disable", help="its sessions and tokens stop working at once")
    disable.add_argument("--undo", action="store_true", help="enable it again")
    token = tools.add_parser("token", help="a token with the account's rights, printed once")
    token.add_argument("--revoke", metavar="ID", help="end this token instead")
    tools.add_parser("list", help="every account")
    for tool in (add, password, disable, token):
        tool.add_argument("name", help="letters, digits, dots, dashes, underscores, @")
    for tool in (add, password):
        tool.add_argument("--password-stdin", action="store_true", help="read it from there")


def _audit_tools(audit: argparse.ArgumentParser) -> None:
    tools = audit.add_subparsers(dest="tool", required=True)
    verify = tools.add_parser("verify", help="find any change, gap or reordering")
    verify.add_argument("--from", dest="noted", metavar="N:HASH", help="a head noted before")
    tools.add_parser("reseal", help="go on with a new secret after the old one was lost")
    export = tools.add_parser("export", help="write the trail as a file")
    export.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    export.add_argument("--out", metavar="FILE", help="(unset: standard output)")
    for name in ("since", "until"):
        export.add_argument(f"--{name}", metavar="TIME", help="such as 2026-11-22T08:00:00+08:00")


def _display_tools(display: argparse.ArgumentParser) -> None:
    tools = display.add_subparsers(dest="tool", required=True)
    add = tools.add_parser("add", help="add a wall; prints the path to open on it, once")
    add.add_argument("name", help="letters, digits, dots, dashes, underscores, @")
    add.add_argument("--area", help="code of the area it shows (unset: the whole region)")
    tools.add_parser("list", help="every wall, with the screens that use its address")
    tools.add_parser("revoke", help="cut a wall off").add_argument("name")


def _speed(text: str) -> float:
    speed = float(text)
    if not 1 <= speed <= LONGEST_SPEED:
        raise argparse.ArgumentTypeError("a number from 1 to 1000")
    return speed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
