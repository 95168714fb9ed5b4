"""The load that the alerts are for a desk, beside the standard; `alarms.js` fills it."""

from dash import html

from layouts import ids
from layouts.accounts import table
from layouts.shell import banner, data, top_bar, worded

ACTOR_COLUMNS = (
    "alarms.source",
    "alarms.rule",
    "alarms.place",
    "alarms.rang",
    "alarms.wrong",
)


def alarms() -> html.Div:
    """Four parts, each with the quantity as its title; empty until the API has answered."""
    return html.Div(
        [
            top_bar("/alarms", ids.CONTENT),
            banner(),
            html.Main(
                [
                    html.Div(
                        [
                            worded("alarms.title", html.H2),
                            html.Span(id=ids.ALARMS_AREA, className="choice"),
                            html.Span(id=ids.ALARMS_AGE, className="age num"),
                        ],
                        className="head",
                    ),
                    _part(ids.ALARMS_LOAD),
                    html.Div(
                        [_part(ids.ALARMS_MARKS), _part(ids.ALARMS_PRIORITIES)], className="halves"
                    ),
                    _actors(),
                ],
                id=ids.CONTENT,
                className="office alarms",
                tabIndex=-1,
            ),
        ],
        id=ids.PAGE,
        className="page without-foot",
    )


def _part(name: str) -> html.Section:
    word = name.replace("-", ".")
    return html.Section(
        [
            worded(word, html.H3),
            html.Div(worded("admin.loading", html.P, className="none"), **data(part="body")),
        ],
        id=name,
        **data(label=word),
    )


def _actors() -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    worded("alarms.actors", html.H3),
                    html.Span(className="t2", **data(part="said")),
                ],
                className="head",
            ),
            html.Div(table(ACTOR_COLUMNS, "alarms.actors"), className="wide"),
        ],
        id=ids.ALARMS_ACTORS,
        **data(label="alarms.actors"),
    )
