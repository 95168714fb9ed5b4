"""The frame every page stands in: top bar, connection banner, foot with keys and feeds."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts import ids

KEYS = (
    ("← ↑ ↓ →", "key.move"),
    ("↵", "key.drill"),
    ("Esc", "key.up"),
    ("L", "key.layers"),
    ("T", "key.table"),
)


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


def top_bar() -> html.Header:
    """Name, pages that exist, and what the reader must know about the data on screen."""
    return html.Header(
        [
            worded("skip", html.A, href=f"#{ids.MAP_VIEW}", className="skip"),
            worded("org", className="org"),
            html.Nav(
                [
                    worded(
                        "page.one_map", html.A, href="/map", className="on", **aria(current="page")
                    )
                ],
                className="nav",
                **data(label="nav"),
            ),
            html.Span(className="spread"),
            html.Div(
                [html.B(skeleton(), id=ids.DROPPED, className="num"), worded("dropped")],
                className="gauge",
            ),
            html.Span(id=ids.BADGE, className="badges"),
            html.Button(id=ids.LANGUAGE, className="language", **data(label="language.switch")),
            html.Time("--:--:--", id=ids.CLOCK, className="clock num", **aria(live="off")),
        ],
        className="top",
    )


def banner() -> html.Div:
    """Empty while all is well; pushes the page down when it speaks."""
    return html.Div(
        [html.Div(id=ids.BANNER), html.Div(id=ids.NOTICE)],
        className="banners",
        role="status",
        **aria(live="polite"),
    )


def foot() -> html.Footer:
    """Keys on the left, the age of every feed on the right."""
    keys = [html.Span([html.Kbd(cap), worded(word)], className="hint") for cap, word in KEYS]
    return html.Footer(
        [
            html.Div(keys, className="hints"),
            html.Ul(id=ids.FEEDS, className="feeds", **data(label="feeds")),
        ],
        className="foot",
    )
