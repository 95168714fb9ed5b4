"""What the API for administrators takes and answers, for OpenAPI, as dashboard/answers.py does.

tests/integration/test_openapi.py holds the real answers against these shapes.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from dashboard.answers import (
    ASKER,
    BY_THE_DOOR,
    RETRY_AFTER,
    TEXT,
    UNUSABLE,
    Count,
    Description,
    Moment,
    Problem,
    Statuses,
    Unusable,
    WrongField,
)
from dashboard.domain.accounts import SHORT_ID, SessionKind
from dashboard.domain.rights import Right, Role

ShortId = Annotated[
    str,
    Field(
        pattern=f"^[0-9a-f]{{{SHORT_ID}}}$",
        description="Names a secret without telling it: the beginning of its hash",
    ),
]
UnitOfAccount = Annotated[
    str | None,
    Field(description="Id of a department or team; null with every role but department"),
]
Told = Annotated[dict[str, Any] | None, Field(description="What the act changed, no secrets")]


class Me(TypedDict):
    """Who asks, and what that allows; `signed_in_at` is null for a program."""

    name: str
    role: Role
    area: str
    department: UnitOfAccount
    rights: list[Right]
    kind: Literal["account", "display", "program"]
    signed_in_at: Moment | None


class TokenRow(TypedDict):
    id: ShortId
    created_at: Moment
    used_at: Moment | None


class AccountRow(TypedDict):
    """`version` belongs into a change; `signed_in_at` is of the latest session still open."""

    name: str
    role: Role
    area: str
    department: UnitOfAccount
    state: Literal["active", "disabled"]
    version: Annotated[int, Field(ge=1)]
    created_at: Moment
    signed_in_at: Moment | None
    has_password: bool
    tokens: Annotated[list[TokenRow], Field(description="Oldest first")]
    sessions: Count


class AccountsAnswer(TypedDict):
    total: Count
    items: list[AccountRow]


class NewToken(TypedDict):
    id: ShortId
    token: Annotated[str, Field(description="Told this once: 'Authorization: Bearer omt_...'")]


class SessionRow(TypedDict):
    """`account` is the display's name where `kind` is display; `live` counts open sockets."""

    id: ShortId
    account: str
    kind: SessionKind
    area: str
    address: str
    agent: str
    began_at: Moment
    seen_at: Moment
    live: Count


class SessionsAnswer(TypedDict):
    total: Count
    items: Annotated[list[SessionRow], Field(description="Seen last first")]


class ScreenRow(TypedDict):
    session: ShortId
    address: str
    agent: str
    seen_at: Moment
    live: Count


class SignRow(TypedDict):
    """The last sign of life of one wall's page, which its watchdog tells every five seconds.

    `frozen_s`: for how long the page itself has done nothing. `current`: it runs the program that
    the server runs. `scene` is KIND/CODE.
    """

    screen: str
    seen_at: Moment
    health: Literal["alive", "frozen", "silent"]
    scene: str
    state: Literal["connecting", "live", "late", "cut"]
    fps: Count
    heap_mb: Count | None
    frozen_s: Count
    up_s: Count
    version: str
    current: bool
    width: Count
    height: Count


class DisplayRow(TypedDict):
    name: str
    area: str
    created_at: Moment
    revoked: bool
    screens: list[ScreenRow]
    signs: Annotated[list[SignRow], Field(description="Of its pages, heard last first")]


class DisplaysAnswer(TypedDict):
    total: Count
    items: list[DisplayRow]


class NewDisplayAnswer(TypedDict):
    name: str
    token: Annotated[str, Field(description="Told this once")]
    path: Annotated[str, Field(description="To open on the wall")]


class Entry(TypedDict):
    """One act; what it does not have is left out."""

    n: Annotated[int, Field(ge=1, description="Counts from 1 without a gap")]
    at: Moment
    actor: str
    role: str
    address: str
    action: str
    subject: str
    outcome: Literal["done", "refused"]
    area: NotRequired[str]
    version: NotRequired[int]
    before: NotRequired[Told]
    after: NotRequired[Told]
    detail: NotRequired[str]


class Checked(TypedDict):
    """The last check of the chain, up to entry `n`."""

    n: Count
    at: Moment
    ok: bool


class TrailAnswer(TypedDict):
    total: Annotated[int, Field(ge=0, description="Of the whole trail")]
    items: Annotated[list[Entry], Field(description="Newest first")]
    next: Annotated[int | None, Field(description="`before` of the next page; null on the last")]
    checked: Checked | None


UNREADABLE: Statuses = {
    400: {"model": Problem, "description": "A body that cannot be read, as bytes or as text"}
}
REFUSED: Statuses = {
    422: {
        "model": Unusable | WrongField,
        "description": "A value of a wrong shape (`detail`), or one that cannot be (`field`)",
    }
}
STALE: Statuses = {409: {"model": WrongField, "description": "Changed meanwhile; look again"}}
NO_BODY: Statuses = {204: {"description": "Done"}}
_COOKIE_SET: Statuses = {
    204: {
        "description": "Done; the session goes on under another cookie",
        "headers": {"Set-Cookie": {"required": True, "schema": {"type": "string"}}},
    }
}


def missing(kind: str) -> Statuses:
    """By the door where the address fits no route, by the route otherwise."""
    return {404: {"model": WrongField | Problem, "description": f"No such {kind} in your area"}}


def answers(success: Statuses, *more: Statuses) -> Description:
    statuses = success | BY_THE_DOOR
    for one in more:
        statuses |= one
    (status,) = success  # else FastAPI declares a 200 besides
    return {"dependencies": ASKER, "responses": statuses, "status_code": status}


def found(status: int, answer: type, description: str) -> Statuses:
    return {status: {"model": answer, "description": description}}


_FILE = {
    200: {
        "description": "The file, complete unless the connection ends early",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/jsonl": {"schema": {"type": "string"}},
        },
        "headers": {"Content-Disposition": {"required": True, "schema": {"type": "string"}}},
    }
}
_OWN_PASSWORD: Statuses = {
    403: {
        "model": Problem | WrongField,
        "description": "Not the present password, a program's token, or another site's request",
        "content": TEXT,
    },
    404: {"model": WrongField, "description": "The account is gone"},
    429: {
        "model": WrongField,
        "description": "Too many wrong passwords",
        "headers": RETRY_AFTER,
    },
}
_ACCOUNT, _TOKEN = missing("account"), missing("account or token")
OFFICE: dict[tuple[str, str], Description] = {
    ("GET", "/api/me"): answers(found(200, Me, "Who asks")),
    ("POST", "/api/me/password"): answers(_COOKIE_SET, _OWN_PASSWORD, UNREADABLE, REFUSED, STALE),
    ("GET", "/api/accounts"): answers(found(200, AccountsAnswer, "Accounts, by name")),
    ("POST", "/api/accounts"): answers(
        found(201, AccountRow, "The new account"), UNREADABLE, REFUSED
    ),
    ("PATCH", "/api/accounts/{name}"): answers(
        found(200, AccountRow, "The changed account"), UNREADABLE, REFUSED, STALE, _ACCOUNT
    ),
    ("POST", "/api/accounts/{name}/password"): answers(
        NO_BODY, UNREADABLE, REFUSED, STALE, _ACCOUNT
    ),
    ("POST", "/api/accounts/{name}/tokens"): answers(
        found(201, NewToken, "The token"), UNUSABLE, STALE, _ACCOUNT
    ),
    ("DELETE", "/api/accounts/{name}/tokens/{token}"): answers(NO_BODY, UNUSABLE, STALE, _TOKEN),
    ("GET", "/api/sessions"): answers(found(200, SessionsAnswer, "Who is signed in")),
    ("DELETE", "/api/sessions/{session}"): answers(NO_BODY, UNUSABLE, STALE, missing("session")),
    ("GET", "/api/displays"): answers(found(200, DisplaysAnswer, "Displays, revoked ones last")),
    ("POST", "/api/displays"): answers(
        found(201, NewDisplayAnswer, "The new display"), UNREADABLE, REFUSED
    ),
    ("DELETE", "/api/displays/{name}"): answers(NO_BODY, UNUSABLE, STALE, missing("display")),
    ("GET", "/api/audit"): answers(found(200, TrailAnswer, "One page of the trail"), UNUSABLE),
    ("GET", "/api/audit/export"): answers(_FILE, UNUSABLE),
}
