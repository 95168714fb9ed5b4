"""The alert rules: a list, or one of them with its form and its trial; `rules.js` fills it."""

from dash import html

from layouts import ids
from layouts.shell import banner, data, top_bar, worded


def rules() -> html.Div:
    """The frame before the first answer."""
    return html.Div(
        [
            top_bar("/rules", ids.CONTENT),
            banner(),
            html.Main(
                [
                    html.Div(
                        [
                            worded("rules.title", html.H2),
                            html.Span(id=ids.RULES_AGE, className="age num"),
                        ],
                        className="head",
                    ),
                    html.Div(
                        worded("admin.loading", html.P, className="none"),
                        id=ids.RULES_SHOWN,
                        **data(label="rules.title"),
                    ),
                ],
                id=ids.CONTENT,
                className="office rules",
                tabIndex=-1,
            ),
        ],
        id=ids.PAGE,
        className="page without-foot",
    )
