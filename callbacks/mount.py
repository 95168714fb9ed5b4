"""Joins Dash to a page: its JavaScript starts when Dash has drawn the layout.

Live data goes through `assets/live.js` and the API, never through a callback.
"""

from dash import ClientsideFunction, Dash, Input, Output

from layouts import ids


def register(app: Dash) -> None:
    """Add the page's callback to `app`; the page's script is the one that has `mount`."""
    app.clientside_callback(
        ClientsideFunction("one_map", "mount"),
        Output(ids.PAGE, "data-mounted"),
        Input(ids.PAGE, "id"),
    )
