"""The words of the command line: roles, tools and their options."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LONGEST_SPEED = 1000.0
Run = Callable[..., None]


def parser(runs: Mapping[str, Run]) -> argparse.ArgumentParser:
    """`runs` has what each role and tool runs; `all` is what runs without one."""
    top = argparse.ArgumentParser(
        prog="app.py",
        description="One Map 一张图. Without a role everything runs, the store included.",
        epilog="Settings are environment variables; README.md has the table.",
    )
    top.set_defaults(run=runs["all"], parent=None, needs_settings=True)
    roles = top.add_subparsers(dest="role", metavar="ROLE")
    for name, text in (
        ("gateway", "role: takes events in, on ONEMAP_GATEWAY_PORT"),
        ("board", "role: folds events into the numbers of every area"),
        ("notifier", "role: tells outlets outside of alerts"),
        ("web", "role: pages, live numbers and API, on ONEMAP_PORT"),
    ):
        _role(roles, name, runs[name], text)
    demo = _role(roles, "demo", runs["demo"], "role: a made-up day, sent through the gateway")
    demo.add_argument("--speed", type=_speed, default=1.0, help="1 to 1000 times real time")
    demo.add_argument("--seed", type=int, default=1, help="the same seed gives the same day")
    demo.add_argument(
        "--while-idle", action="store_true", help="only while no live feed is configured"
    )
    replay = _role(roles, "replay", runs["replay"], "tool: play a recording of the region pack")
    replay.add_argument("name", help="such as floods-2026-08-18")
    replay.add_argument("--speed", type=_speed, default=60.0, help="1 to 1000 times real time")
    _region_tools(_role(roles, "region", runs["region"], "tool: check a region pack"))
    _feed_tools(_role(roles, "feed", runs["feed"], "tool: feeds and their tokens"))
    _outlet_tools(_role(roles, "outlet", runs["outlet"], "tool: where alerts are told outside"))
    _user_tools(_role(roles, "user", runs["user"], "tool: accounts and their tokens"))
    _audit_tools(_role(roles, "audit", runs["audit"], "tool: check or export the audit trail"))
    _display_tools(_role(roles, "display", runs["display"], "tool: wall displays"))
    return top


def _role(roles: Any, name: str, run: Run, text: str) -> argparse.ArgumentParser:
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


def _outlet_tools(outlet: argparse.ArgumentParser) -> None:
    tools = outlet.add_subparsers(dest="tool", required=True)
    add = tools.add_parser("add", help="add an outlet; prints the secret it signs with")
    named = [
        add,
        tools.add_parser("remove", help="with all that waits for it"),
        tools.add_parser("test", help="send one message that is marked as a test, now"),
        pause := tools.add_parser("pause", help="what comes for it waits"),
        tools.add_parser("resume", help="go on where it was paused"),
        tools.add_parser("secret", help="print the secret it signs with again"),
        tools.add_parser("lost", help="what it was never told"),
        drill := tools.add_parser("drill", help="its CAP messages say Exercise from now on"),
    ]
    for tool in named:
        tool.add_argument("name", help="letters, digits, dots, dashes, underscores")
    tools.add_parser("list", help="every outlet, and how it fares")
    pause.add_argument("--why", help="for those who look at the list")
    drill.add_argument("--end", action="store_true", help="they say Actual again")
    _outlet_options(add)


def _outlet_options(add: argparse.ArgumentParser) -> None:
    add.add_argument("kind", choices=("webhook", "email", "cap"))
    add.add_argument(
        "target", help="URL, mail addresses with commas between, or -: read it from standard input"
    )
    add.add_argument("--area", help="code of the area it is told of (unset: the whole region)")
    add.add_argument(
        "--priority", type=int, default=4, help="the least urgent it is told of, 1 to 4"
    )
    add.add_argument(
        "--what", default="raised,again,cleared", help="what it is told, with commas between"
    )
    add.add_argument("--rules", default="", help="only these, with commas between")
    add.add_argument("--lang", choices=("zh", "en"), default="zh", help="of mail")
    add.add_argument("--drill", action="store_true", help="CAP messages say Exercise")


def _user_tools(user: argparse.ArgumentParser) -> None:
    tools = user.add_subparsers(dest="tool", required=True)
    add = tools.add_parser("add", help="add an account; asks for its password")
    password = tools.add_parser("password", help="a new password; ends the account's sessions")
    add.add_argument(
        "--role", required=True, help="viewer, officer, dispatcher, ... (docs/security.md)"
    )
    add.add_argument("--area", help="code of its area (unset: the whole region)")
    add.add_argument(
        "--department", metavar="ID", help="of the region pack; for role department, which needs it"
    )
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
