"""The command-line tools for accounts and wall displays."""

import getpass
import secrets
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import Any

from dashboard.clock import Clock, iso
from dashboard.config import Settings
from dashboard.departments import load_departments
from dashboard.domain.accounts import (
    SHORT_ID,
    Account,
    Display,
    SessionKind,
    objection_to_department,
    objection_to_name,
    objection_to_password,
    objection_to_role,
)
from dashboard.domain.areas import Region
from dashboard.domain.departments import Departments
from dashboard.domain.rights import Role
from dashboard.errors import Refused
from dashboard.passwords import hash_password
from dashboard.region import load_region
from dashboard.store.accounts import AccountStore, Register, first_administrator
from dashboard.store.acts import COMMAND_LINE
from dashboard.store.audit import AuditLog
from dashboard.text_table import text_table

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
Tool = Callable[["Desk", Namespace], Awaitable[str]]


class Desk:
    """The store and what it takes to check what is asked for."""

    def __init__(self, settings: Settings, redis: Any, clock: Clock) -> None:
        audit = AuditLog(redis, settings.secret, clock)
        self.store = AccountStore(redis, audit, clock)
        self.clock = clock
        self._pack = settings.region

    def region(self) -> Region:
        return load_region(self._pack)

    def departments(self, region: Region) -> Departments:
        return load_departments(self._pack, region)


async def first(desk: Desk) -> str | None:
    """Make an administrator of everything if there is no account at all; its password."""
    if (await desk.store.load()).accounts:
        return None
    groups = ("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))
    password = "-".join(groups)
    account = first_administrator(
        desk.region().root.code, hash_password(password), desk.clock.now_ms()
    )
    try:
        await desk.store.add(COMMAND_LINE, account, first=True)
    except Refused:
        return None  # another process was first
    return password


async def add(desk: Desk, options: Namespace) -> str:
    """Raises Refused."""
    region = desk.region()
    area = options.area or region.root.code
    _check("NAME", objection_to_name(options.name))
    _check("--role", objection_to_role(options.role))
    _check("--area", None if area in region.by_code else f"there is no area {area!r}")
    role, unit = Role(options.role), options.department
    _check("--department", objection_to_department(role, unit, desk.departments(region)))
    password = hash_password(_ask_password(options))
    now_ms = desk.clock.now_ms()
    account = Account(options.name, role, area, password, now_ms, department=unit)
    await desk.store.add(COMMAND_LINE, account)
    return f"{options.name} may sign in"


async def show(desk: Desk, _options: Namespace) -> str:
    """A table, one line an account."""
    register = await desk.store.load()
    rows = [_row(account, register) for account in register.accounts.values()]
    columns = ("name", "role", "area", "department", "state", "password", "sessions", "tokens")
    return text_table(
        columns, sorted(rows), "no account yet; add one with: python app.py user add NAME"
    )


async def disable(desk: Desk, options: Namespace) -> str:
    """Sessions and tokens of the account stop working at once. Raises Missing."""
    changed = {"disabled_ms": None if options.undo else desk.clock.now_ms()}
    await desk.store.change(COMMAND_LINE, options.name, changed)
    return f"{options.name} is {'enabled' if options.undo else 'disabled'}"


async def password(desk: Desk, options: Namespace) -> str:
    """Every session of the account ends. Raises Missing, Refused."""
    await desk.store.account(options.name)
    changed = {"password": hash_password(_ask_password(options))}
    await desk.store.change(COMMAND_LINE, options.name, changed)
    return f"{options.name} has a new password"


async def token(desk: Desk, options: Namespace) -> str:
    """The new token, or that one is revoked. Raises Missing."""
    if options.revoke is None:
        _, secret = await desk.store.add_token(COMMAND_LINE, options.name)
        return secret
    await desk.store.revoke_token(COMMAND_LINE, options.name, options.revoke)
    return f"token {options.revoke} of {options.name} is revoked"


async def add_display(desk: Desk, options: Namespace) -> str:
    """The path to open on the wall. Raises Refused."""
    region = desk.region()
    area = options.area or region.root.code
    _check("NAME", objection_to_name(options.name))
    _check("--area", None if area in region.by_code else f"there is no area {area!r}")
    secret = await desk.store.add_display(COMMAND_LINE, options.name, area)
    return f"/wall?display={secret}"


async def show_displays(desk: Desk, _options: Namespace) -> str:
    """A table, one line a display."""
    register = await desk.store.load()
    rows = [_display_row(display, register) for display in register.displays.values()]
    columns = ("name", "area", "state", "screens", "added")
    empty = "no display yet; add one with: python app.py display add NAME"
    return text_table(columns, sorted(rows), empty)


async def revoke_display(desk: Desk, options: Namespace) -> str:
    """Raises Missing."""
    await desk.store.revoke_display(COMMAND_LINE, options.name)
    return f"{options.name} is cut off"


def _check(field: str, objection: str | None) -> None:
    if objection is not None:
        raise Refused(field, objection)


def _ask_password(options: Namespace) -> str:
    """From a prompt or the first line of standard input, never from the command line."""
    if options.password_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != given:
            raise Refused("password", "the two are not the same")
    _check("password", objection_to_password(given, options.name))
    return given


def _row(account: Account, register: Register) -> tuple[str, ...]:
    owned = [h[:SHORT_ID] for h, token in register.tokens.items() if token.account == account.name]
    n_sessions = _n_sessions(register, SessionKind.ACCOUNT, account.name)
    return (
        account.name,
        account.role.value,
        account.area,
        account.department or ("missing" if account.role is Role.DEPARTMENT else "-"),
        "active" if account.disabled_ms is None else "disabled",
        "elsewhere" if account.password is None else "yes",
        str(n_sessions),
        ", ".join(owned) or "none",
    )


def _display_row(display: Display, register: Register) -> tuple[str, ...]:
    n_screens = _n_sessions(register, SessionKind.DISPLAY, display.name)
    state = "active" if display.revoked_ms is None else "cut off"
    return (display.name, display.area, state, str(n_screens), iso(display.created_ms))


def _n_sessions(register: Register, kind: SessionKind, owner: str) -> int:
    """An account and a display may have the same name."""
    return sum((s.kind, s.owner) == (kind, owner) for s in register.sessions.values())


USER_TOOLS: dict[str, Tool] = {
    "add": add,
    "list": show,
    "disable": disable,
    "password": password,
    "token": token,
}
DISPLAY_TOOLS: dict[str, Tool] = {
    "add": add_display,
    "list": show_displays,
    "revoke": revoke_display,
}
