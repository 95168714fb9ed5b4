"""Handing over a shift: the sheet as it is now or as it was signed; `handover.js` fills it."""

from dash import html

from layouts import ids
from layouts.shell import banner, data, top_bar, worded


def handover() -> html.Div:
    """The frame before the first answer. What JavaScript writes anew stands apart from the note."""
    return html.Div(
        [
            top_bar("/handover", ids.CONTENT),
            banner(),
            html.Main(
                [
                    html.Div(
                        [
                            worded("handover.title", html.H2),
                            html.Span(id=ids.HANDOVER_AGE, className="age num"),
                            html.Span(id=ids.HANDOVER_BUTTONS, className="exports"),
                        ],
                        className="head",
                    ),
                    html.Div(id=ids.HANDOVER_WAITS, role="status"),
                    html.Article(
                        worded("handover.loading", html.P, className="none"),
                        id=ids.HANDOVER_SHEET,
                        tabIndex=-1,
                        **data(label="handover.sheet"),
                    ),
                    html.Form(id=ids.HANDOVER_FORM, className="fields", hidden=True),
                    html.Section(id=ids.HANDOVER_HISTORY, **data(label="handover.history")),
                ],
                id=ids.CONTENT,
                className="office handover",
                tabIndex=-1,
            ),
        ],
        id=ids.PAGE,
        className="page without-foot",
    )
