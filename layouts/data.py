"""The feeds page: what the picture stands on, and what leaves the program; `data.js` fills it."""

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.accounts import table
from layouts.shell import Key, banner, data, foot, top_bar, worded

FEED_COLUMNS = (
    "data.feed",
    "data.fresh",
    "data.age",
    "data.period",
    "data.rate",
    "data.accepted",
    "data.rejected",
    "data.duplicates",
    "data.kind",
    "data.area",
)
OUTLET_COLUMNS = (
    "data.outlet",
    "data.outlet.kind",
    "data.outlet.state",
    "data.outlet.delivered",
    "data.outlet.waiting",
    "data.outlet.oldest",
    "data.outlet.lost",
    "data.outlet.target",
)
KEYS = (
    Key("↑ ↓", "data.key.move", in_foot=True),
    Key("↵", "data.key.open", in_foot=True),
)


def data_page() -> html.Div:
    """The frame before the first picture."""
    return html.Div(
        [
            top_bar("/data", ids.CONTENT),
            banner(),
            html.Main(
                [
                    html.Div([_feeds(), _outlets()], className="columns"),
                    html.Aside(
                        [_fact(name, title) for name, title in FACTS], **data(label="data.trust")
                    ),
                ],
                id=ids.CONTENT,
                className="office sources",
                tabIndex=-1,
            ),
            foot(KEYS),
        ],
        id=ids.PAGE,
        className="page",
    )


FACTS = (
    (ids.PICTURE_AGE, "data.picture"),
    (ids.PRIVACY, "data.privacy"),
    (ids.JUDGED, "data.judged"),
)


def _feeds() -> Component:
    head = [worded("data.title", html.H2), html.Span(id=ids.FEED_TALLY, className="tally")]
    return html.Section(
        [
            html.Div(head, className="head"),
            html.Div(table(FEED_COLUMNS, "data.title"), id=ids.FEED_ROWS, className="wide"),
        ]
    )


def _outlets() -> Component:
    head = [worded("data.outlets", html.H2), html.Span(id=ids.OUTLETS_AGE, className="tally num")]
    return html.Section(
        [
            html.Div(head, className="head"),
            html.Div(table(OUTLET_COLUMNS, "data.outlets"), id=ids.OUTLETS, className="wide"),
        ]
    )


def _fact(name: str, title: str) -> Component:
    """One figure in large with what it means below; without a right to it, it stays hidden."""
    return html.Section(
        [
            worded(title, html.H2),
            html.P(className="figure num", **data(part="figure")),
            html.P(className="meaning", **data(part="meaning")),
            html.Ul(className="parts", **data(part="parts")),
        ],
        id=name,
        hidden=name == ids.JUDGED,
    )
