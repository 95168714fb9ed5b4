"""Puts the pages on the web server: one Dash application, `/` and `/map`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from dash import Dash
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks import one_map as one_map_callbacks
from dashboard.domain.areas import Region
from layouts import ids, words
from layouts.one_map import COLOURINGS, DEFAULT_OVERLAYS, OVERLAYS, one_map

ASSETS = Path(__file__).resolve().parent.parent / "assets"
UNUSED_SCRIPTS = ("/dash/dcc/", "/dash/dash_table/")  # a page that needs one takes it off this list
DASH_SOCKET = "/_dash-ws-callback"

INDEX = """<!DOCTYPE html>
<html lang="{lang}" data-theme="desk">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="preload" href="/region/areas.geojson" as="fetch" crossorigin="anonymous">
<link rel="preload" href="/region/context.geojson" as="fetch" crossorigin="anonymous">
<link rel="preload" href="/assets/fonts/inter-latin-wght-normal.woff2" as="font"
 type="font/woff2" crossorigin="anonymous">
{%favicon%}
{%css%}
</head>
<body>
<script type="application/json" id="{boot_id}">{boot}</script>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


class PageSettings(Protocol):
    """What the pages read of the settings."""

    @property
    def lang(self) -> str: ...


def create_pages(server: FastAPI, settings: PageSettings, region: Region) -> Sequence[str]:
    """Mount the pages on `server`; everything they load comes from this machine.

    Answers the hashes of their inline scripts, for the Content-Security-Policy.
    """
    language = settings.lang if settings.lang in words.LANGUAGES else "zh"
    names = {"zh": region.name, "en": region.name_en}
    app = OneMapDash(
        "one_map",
        server=server,  # type: ignore[arg-type]  # Dash's own types know Flask only
        assets_folder=str(ASSETS),
        index_string=_index(language, _boot(settings.lang, region)),
        title=words.word("org", language, region=names[language]),
        update_title=None,  # type: ignore[arg-type]  # None is documented: leaves the title alone
        serve_locally=True,
        compress=False,
    )
    _close_dash_socket(app, server)
    app.layout = one_map()
    one_map_callbacks.register(app)
    server.add_middleware(SamePage, path="/map")
    return app.csp_hashes()


class OneMapDash(Dash):
    """Dash without the component libraries that no page uses: less script to read at the start."""

    def interpolate_index(self, *positional: str, **parts: str) -> str:
        tags = parts["scripts"].split("\n")
        kept = [tag for tag in tags if not any(name in tag for name in UNUSED_SCRIPTS)]
        parts["scripts"] = "\n".join(kept)
        page: str = super().interpolate_index(*positional, **parts)  # type: ignore[no-untyped-call]
        return page


class SamePage:
    """Serves `path` as `/`, so that Dash, which knows one page only, serves both."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == self._path:
            scope = {**scope, "path": "/", "raw_path": b"/"}
        await self._app(scope, receive, send)


def _close_dash_socket(app: Dash, server: FastAPI) -> None:
    """No callback uses Dash's own socket, so no page opens it and nobody can.

    Its catch-all route goes too: an unknown path is a 404, not this page.
    """
    backend: Any = app.backend
    backend.websocket_capability = False
    backend._setup_catchall = lambda: None
    server.router.routes[:] = [
        route for route in server.router.routes if getattr(route, "path", None) != DASH_SOCKET
    ]


def _boot(lang: str, region: Region) -> dict[str, object]:
    """What `assets/*.js` must know before the first frame."""
    return {
        "lang": lang,
        "root": region.root.code,
        "region": {"zh": region.name, "en": region.name_en},
        "words": {language: words.table(language) for language in words.LANGUAGES},
        "layers": COLOURINGS,
        "overlays": OVERLAYS,
        "default_overlays": DEFAULT_OVERLAYS,
    }


def _index(language: str, boot: dict[str, object]) -> str:
    # `</` and `{%` must not end the element or look like one of Dash's own marks
    text = json.dumps(boot, ensure_ascii=False).replace("<", "\\u003c").replace("{%", "{ %")
    html_lang = {"zh": "zh-CN", "en": "en"}[language]
    return INDEX.replace("{lang}", html_lang).replace("{boot_id}", ids.BOOT).replace("{boot}", text)
