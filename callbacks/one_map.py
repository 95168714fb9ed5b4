"""Joins Dash to the one map: the page's JavaScript starts when Dash has drawn the layout.

Live data goes through `assets/live.js` and never through a callback.
"""

from dash import ClientsideFunction, Dash, Input, Output

from layouts import ids


def register(app: Dash) -> None:
    """Add the page's callbacks to `app`."""
    app.clientside_callback(
        ClientsideFunction("one_map", "mount"),
        Output(ids.PAGE, "data-mounted"),
        Input(ids.PAGE, "id"),
    )
