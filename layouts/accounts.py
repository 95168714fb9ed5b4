"""The administrators' page: accounts, who is signed in, wall displays; `accounts.js` fills it."""

from dash import html

from dashboard.domain.rights import PERSONAL
from layouts import ids
from layouts.shell import aria, banner, data, top_bar, worded

ROLES = tuple(role.value for role in PERSONAL)
ACCOUNT_COLUMNS = (
    "accounts.name",
    "accounts.role",
    "accounts.department",
    "accounts.area",
    "accounts.state",
    "accounts.password",
    "accounts.tokens",
    "accounts.sessions",
    "accounts.signed_in",
)
SESSION_COLUMNS = (
    "sessions.who",
    "sessions.kind",
    "accounts.area",
    "sessions.address",
    "sessions.agent",
    "sessions.began",
    "sessions.seen",
    "sessions.live",
)
DISPLAY_COLUMNS = (
    "displays.name",
    "accounts.area",
    "displays.state",
    "displays.screens",
    "displays.scene",
    "displays.vitals",
    "displays.version",
    "displays.seen",
)


def accounts() -> html.Div:
    """Three tables, empty until the API has answered."""
    return html.Div(
        [
            top_bar("/accounts", ids.CONTENT),
            banner(),
            html.Main(
                [
                    _section(ids.ACCOUNTS, ACCOUNT_COLUMNS, add=True),
                    _section(ids.SESSIONS, SESSION_COLUMNS),
                    _section(ids.DISPLAYS, DISPLAY_COLUMNS, add=True),
                ],
                id=ids.CONTENT,
                className="office",
                tabIndex=-1,
            ),
        ],
        id=ids.PAGE,
        className="page without-foot",
    )


def _section(name: str, columns: tuple[str, ...], *, add: bool = False) -> html.Section:
    button = [worded(f"{name}.add", html.Button, className="button", **data(part="add"))]
    return html.Section(
        [
            html.Div(
                [worded(f"{name}.title", html.H2), *(button if add else [])], className="head"
            ),
            html.Div(table(columns, f"{name}.title"), className="wide"),
        ],
        id=name,
        **data(label=f"{name}.title"),
    )


def table(columns: tuple[str, ...], label: str) -> html.Table:
    """Heads in words and one row that says that it is loading."""
    heads = [worded(word, html.Th, scope="col") for word in columns]
    wide = len(columns) + 1
    return html.Table(
        [
            html.Thead(html.Tr([*heads, html.Td()])),
            html.Tbody(html.Tr(worded("admin.loading", html.Td, colSpan=wide, className="none"))),
        ],
        **data(label=label),
        **aria(live="off"),
    )
