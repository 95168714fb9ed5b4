"""The frame every page stands in: top bar, connection banner, foot with keys and feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts import ids


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a page: its cap, the word of what it does, and where that is told."""

    cap: str
    word: str
    group: str = ""
    in_foot: bool = False


MAP_KEYS = (
    Key("← ↑ ↓ →", "key.move", in_foot=True),
    Key("↵", "key.drill", in_foot=True),
    Key("Esc", "key.up", in_foot=True),
    Key("L", "key.layers", in_foot=True),
    Key("T", "key.table", in_foot=True),
)

# address, word, the right without which there is no link to it
PAGES = (
    ("/desk", "page.desk", "see_case"),
    ("/map", "page.one_map", None),
    ("/data", "page.data", None),
    ("/handover", "page.handover", "register"),
    ("/accounts", "page.accounts", "administer"),
    ("/audit", "page.audit", "audit"),
)
# those that stand in the menu of who is signed in: the top bar has no room for all
MENU_PAGES = (
    ("/alarms", "page.alarms", "see_alert"),
    ("/rules", "page.rules", "see_alert"),
)
WITH_WALLS = ("/map", "/desk")  # what is on them can be sent to a wall
WITH_DATA = ("/map", "/desk", "/data")  # they say what the data on them is
# digits that lead to a page, and the pages whose own keys leave the digits free
DIGITS = {"/desk": "1", "/map": "2", "/data": "5"}
WITH_DIGITS = ("/map", "/data")


def data(**names: str) -> dict[str, Any]:
    """`data-` attributes, for components that take any: data(part="title")."""
    return {f"data-{name.replace('_', '-')}": value for name, value in names.items()}


def aria(**names: str) -> dict[str, Any]:
    """`aria-` attributes."""
    return {f"aria-{name}": value for name, value in names.items()}


def worded(key: str, tag: type[Component] = html.Span, **props: Any) -> Component:
    """An element whose text `words.js` writes in the language of the screen."""
    return tag(**data(word=key), **props)


def skeleton(width: str = "3em") -> html.I:
    """Stands in for a number until the first snapshot, and never again."""
    return html.I(className="skeleton", style={"width": width}, **aria(hidden="true"))


def top_bar(current: str = "/map", content: str = ids.MAP_VIEW) -> html.Header:
    """Name, pages, what the reader must know about the data on screen, and who is signed in.

    `content` is the id of the element that the skip link jumps to.
    """
    return html.Header(
        [
            worded("skip" if current == "/map" else "skip.content", html.A, **_skip(content)),
            worded("org", className="org"),
            html.Nav(
                [_page_link(page, current) for page in PAGES], className="nav", **data(label="nav")
            ),
            html.Span(className="spread"),
            *(_gauges() if current in WITH_DATA else ()),
            *((_walls_menu(),) if current in WITH_WALLS else ()),
            _user_menu(current),
            html.Button(id=ids.LANGUAGE, className="language", **data(label="language.switch")),
            html.Time("--:--:--", id=ids.CLOCK, className="clock num", **aria(live="off")),
        ],
        className="top",
    )


def _skip(content: str) -> dict[str, str]:
    return {"href": f"#{content}", "className": "skip"}


def _page_link(page: tuple[str, str, str | None], current: str) -> Component:
    """Pages that need a right stay hidden until `user_menu.js` knows that the visitor has it."""
    href, word, right = page
    props: dict[str, Any] = {"hidden": True, **data(right=right)} if right else {}
    if href == current:
        props |= {"className": "on", **aria(current="page")}
    if href not in DIGITS or current not in WITH_DIGITS:
        return worded(word, html.A, href=href, **props)
    cap = html.Kbd(DIGITS[href], **aria(hidden="true"))
    props |= aria(keyshortcuts=DIGITS[href])
    return html.A([worded(word), cap], href=href, **props)


def _gauges() -> tuple[Component, ...]:
    return (
        html.Div(
            [html.B(skeleton(), id=ids.DROPPED, className="num"), worded("dropped")],
            className="gauge",
        ),
        html.Span(id=ids.BADGE, className="badges"),
    )


def _walls_menu() -> html.Details:
    """Stays hidden for those who may not direct walls; `wall_menu.js` fills it when it opens."""
    return html.Details(
        [
            html.Summary(worded("walls"), **data(label="walls.open")),
            html.Div(className="menu walls"),
        ],
        id=ids.WALLS,
        className="user",
        hidden=True,
    )


def _user_menu(current: str) -> html.Details:
    """Stays hidden where nobody is signed in, and on a wall."""
    return html.Details(
        [
            html.Summary(html.Span(**data(part="name")), **data(label="user")),
            html.Div(
                [
                    html.P(
                        [html.Span(**data(part="role")), html.Span(**data(part="area"))],
                        className="who",
                    ),
                    html.Nav(
                        [_page_link(page, current) for page in MENU_PAGES],
                        **data(label="nav.more"),
                    ),
                    worded("user.password", html.Button, **data(part="password")),
                    html.Form(
                        worded("user.sign_out", html.Button, type="submit"),
                        method="post",
                        action="/logout",
                    ),
                ],
                className="menu",
            ),
        ],
        id=ids.USER,
        className="user",
        hidden=True,
    )


def banner() -> html.Div:
    """Empty while all is well; pushes the page down when it speaks."""
    return html.Div(
        [html.Div(id=ids.BANNER), html.Div(id=ids.NOTICE, hidden=True)],
        className="banners",
        role="status",
        **aria(live="polite"),
    )


def foot(keys: Sequence[Key] = MAP_KEYS, help_word: str | None = None) -> html.Footer:
    """Keys on the left, the age of every feed on the right.

    With `help_word` a button that opens the help stands behind the keys.
    """
    hints: list[Component] = [
        html.Span([html.Kbd(key.cap), worded(key.word)], className="hint")
        for key in keys
        if key.in_foot
    ]
    if help_word is not None:
        inner = [html.Kbd("?"), worded(help_word)]
        hints.append(html.Button(inner, id=ids.HELP, className="hint", type="button"))
    return html.Footer(
        [
            html.Div(hints, className="hints"),
            html.Ul(id=ids.FEEDS, className="feeds", **data(label="feeds")),
        ],
        className="foot",
    )
