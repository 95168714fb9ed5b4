"""Accounts, the sessions and tokens they open, and wall displays. No secret is in any of them.

A secret (of a session, a token, a display) is 256 random bits, shown once and kept as its SHA-256;
a password is kept as its argon2 hash.
"""

import hashlib
import re
import secrets
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from dashboard.domain.rights import PERSONAL, Principal, Role

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
PASSWORD_MIN, PASSWORD_MAX = 12, 200  # characters
SHORT_ID = 16  # hex digits of a secret's hash that name it on screens

SESSION_PREFIX = "oms_"
TOKEN_PREFIX = "omt_"  # noqa: S105  # prefixes let leaked secrets be searched for
DISPLAY_PREFIX = "omd_"


class Account(msgspec.Struct, frozen=True):
    """A person's. `password` is None for one that signs in elsewhere, whose `subject` that is.

    `department` is the id of a department or team of the region pack, for the role department
    alone; such an account without one, made before there were departments, reaches no case.
    """

    name: str
    role: Role
    area: str
    password: str | None
    created_ms: int
    version: int = 1
    disabled_ms: int | None = None
    subject: str | None = None  # "issuer subject" of OpenID Connect
    since_ms: int = 0  # sessions that began before are over: the password was changed
    department: str | None = None


class Token(msgspec.Struct, frozen=True):
    """A program's, with the rights of its account."""

    account: str
    created_ms: int


class Display(msgspec.Struct, frozen=True):
    """A wall. `secret` is the hash of what its address holds."""

    name: str
    area: str
    secret: str
    created_ms: int
    version: int = 1
    revoked_ms: int | None = None


class SessionKind(StrEnum):
    ACCOUNT = "account"
    DISPLAY = "display"


class Session(msgspec.Struct, frozen=True):
    """One browser's. `agent` is the browser's own description, `address` where it signed in."""

    owner: str  # name of the account or display
    kind: SessionKind
    began_ms: int
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A browser: its address, and its own description of itself."""

    address: str
    agent: str


def is_other_browser(session: Session, caller: Caller) -> bool:
    """Both differ from when it signed in: people move and browsers are updated, not at once."""
    return session.address != caller.address and session.agent != caller.agent


def new_secret(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 as hex; the secret is random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def principal_of_account(account: Account, session: str) -> Principal:
    return Principal(account.name, account.role, account.area, session, account.department or "")


def principal_of_display(display: Display, session: str) -> Principal:
    return Principal(display.name, Role.WALL, display.area, session)


def objection_to_name(name: str) -> str | None:
    """Why it cannot be a name; None when it can."""
    if NAME.fullmatch(name) is None:
        return "expected 1 to 64 letters, digits, dots, dashes, underscores or @"
    return None


def objection_to_password(password: str, name: str) -> str | None:
    """Length counts, not kinds of characters (NIST SP 800-63B, 3.1.1.2)."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        return f"expected {PASSWORD_MIN} to {PASSWORD_MAX} characters"
    if name.lower() in password.lower() or len(set(password)) < 5:
        return "too easy to guess: it holds the name, or few different characters"
    return None


def objection_to_role(role: str) -> str | None:
    if role not in PERSONAL:
        return f"expected one of {', '.join(PERSONAL)}"
    return None


def objection_to_department(
    role: Role, department: str | None, departments: Container[str]
) -> str | None:
    """Why an account of `role` cannot have it; `departments` are the ids of the region pack."""
    if role is not Role.DEPARTMENT:
        return None if department is None else f"only an account of role {Role.DEPARTMENT} has one"
    if department is None:
        return f"expected the id of a department or team, for the role {Role.DEPARTMENT}"
    return None if department in departments else f"there is no department {department!r}"


def department_after(account: Account, role: Role, given: str | None) -> str | None:
    """What the account's department becomes with the new `role`; `given` None: as it was.

    Whoever gets another role leaves the department.
    """
    return account.department if given is None and role is Role.DEPARTMENT else given
