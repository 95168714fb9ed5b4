"""Joins the wall page to the region pack and to who asks for it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from callbacks.pages import me_of
from dashboard.domain.areas import Region
from dashboard.domain.playlist import Playlist
from dashboard.doorkeeper import asking
from dashboard.replies import NO_STORE
from dashboard.version import program_version
from dashboard.wall_pack import load_playlist
from layouts import alert_words, wall_words, words
from layouts.wall import SCRIPTS, STYLES, WallView, wall_page

ALERT_STATES = {
    key: pair for key, pair in alert_words.ALERT.items() if key.startswith("alert.state.")
}
SERVICE = Path(__file__).resolve().parent.parent / "assets" / "wall_service.js"


class WallSettings(Protocol):
    """What the page reads of the settings."""

    @property
    def lang(self) -> str: ...
    @property
    def region(self) -> Path: ...


class Wall:
    """The routes /wall and /wall-service.js."""

    def __init__(self, settings: WallSettings, region: Region, playlist: Playlist) -> None:
        self._lang = settings.lang
        self._names = {"zh": region.name, "en": region.name_en}
        self._boot: Mapping[str, object] = {
            "lang": settings.lang,
            "root": region.root.code,
            "region": self._names,
            "words": {
                tongue: words.table(tongue, ALERT_STATES, wall_words.WALL)
                for tongue in words.LANGUAGES
            },
            "playlist": {
                "entries": [
                    {"scene": one.scene.value, "of": one.of.value, "dwell_s": one.dwell_s}
                    for one in playlist.entries
                ],
                "hold_s": playlist.hold_s,
            },
            "version": program_version(),
            "assets": assets(),
        }

    async def show(self, request: Request) -> Response:
        """In the language of the address, else of the settings."""
        wanted = request.query_params.get("lang", self._lang)
        language = wanted if wanted in words.LANGUAGES else "zh"
        boot = {**self._boot, "me": me_of(asking())}
        view = WallView(language=language, region=self._names, version=program_version(), boot=boot)
        return HTMLResponse(wall_page(view), headers=NO_STORE)

    async def service(self) -> Response:
        """At the root, because a service worker may only serve what lies below its own address."""
        headers = {"Cache-Control": "no-cache"}
        return FileResponse(SERVICE, media_type="text/javascript", headers=headers)

    def router(self) -> APIRouter:
        routes = APIRouter(include_in_schema=False)
        routes.add_api_route("/wall", self.show, methods=["GET", "HEAD"])
        routes.add_api_route("/wall-service.js", self.service, methods=["GET", "HEAD"])
        return routes


def assets() -> Sequence[str]:
    """Addresses of all that the page loads, for the copy that a wall keeps."""
    version = program_version()
    names = [*(f"{name}.js" for name in SCRIPTS), *STYLES, "wall_watchdog.js"]
    return [f"/assets/{name}?v={version}" for name in names]


def create_wall(settings: WallSettings, region: Region) -> Wall:
    """Raises RegionError."""
    return Wall(settings, region, load_playlist(settings.region))
