"""The audit trail: filters, entries, exports, the last check of the chain; `audit.js` fills it."""

from dash import html

from layouts import ids
from layouts.accounts import table
from layouts.shell import banner, data, top_bar, worded

COLUMNS = (
    "audit.at",
    "audit.actor",
    "audit.role",
    "audit.address",
    "audit.action",
    "audit.subject",
    "audit.outcome",
)


def audit() -> html.Div:
    """The frame before the first answer."""
    return html.Div(
        [
            top_bar("/audit", ids.CONTENT),
            banner(),
            html.Main(
                [
                    html.Div(
                        [
                            worded("audit.title", html.H2),
                            html.Span(id=ids.CHECKED, role="status"),
                            html.Span(id=ids.EXPORTS, className="exports"),
                        ],
                        className="head",
                    ),
                    html.Form(id=ids.FILTERS, className="filters", **data(label="audit.filters")),
                    html.Div(table(COLUMNS, "audit.title"), id=ids.ENTRIES, className="wide"),
                    html.Div(worded("audit.older", html.Button, className="button"), id=ids.OLDER),
                ],
                id=ids.CONTENT,
                className="office",
                tabIndex=-1,
            ),
        ],
        id=ids.PAGE,
        className="page without-foot",
    )
