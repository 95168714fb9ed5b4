"""Puts the pages on the web server: one Dash application each, without a trailing slash."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dash import Dash
from dash.development.base_component import Component
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks import mount
from dashboard.domain.areas import Region
from dashboard.domain.departments import Departments
from dashboard.domain.incident_classes import Classes
from dashboard.domain.rights import Principal, Role
from dashboard.domain.systems import Systems
from layouts import (
    access_words,
    alert_words,
    case_words,
    data_words,
    desk_words,
    handover_words,
    ids,
    rules_words,
    system_words,
    wall_words,
    whistle_words,
    words,
)
from layouts.accounts import ROLES, accounts
from layouts.alarms import alarms
from layouts.audit import audit
from layouts.data import data_page
from layouts.desk import KEYS, QUEUES, SORTS, desk
from layouts.handover import handover
from layouts.one_map import COLOURINGS, DEFAULT_OVERLAYS, OVERLAYS, one_map
from layouts.rules import rules

ASSETS = Path(__file__).resolve().parent.parent / "assets"
# a page that needs one takes it off this list
UNUSED_SCRIPTS = ("/dash/dcc/", "/dash/dash_table/")
DASH_SOCKET = "/_dash-ws-callback"
SHARED_PATHS = ("assets/", "_dash-component-suites/", "_favicon.ico")
NAMED = ("accounts", "alarms", "audit", "data", "desk", "handover", "rules")  # pages at /name
# scripts that other pages use as well, and all whose names begin with desk, case, alert or whistle
DESK_ASSETS = (
    r"(tokens|shell)\.css|(words|dom|session|user_menu|glyphs|tree|reach|picture|live|shell|wall_menu)\.js"
    r"|(desk|case|alert|whistle)\w*\.(js|css)"
)
DATA_SCRIPTS = "|glyphs|picture|live|shell|page_keys|alert_watch|data|data_view|data_rows"
RULES_SCRIPTS = "|glyphs|rules|rules_facts|rules_fields|rules_form|rules_list|rules_trial"
BOOT_MARK = "[the boot text of this request]"

INDEX = """<!DOCTYPE html>
<html lang="{lang}" data-theme="desk">
<head>
{%metas%}
<title>{%title%}</title>
{preloads}
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

Whoami = Callable[[], Principal | None]
Words = Mapping[str, tuple[str, str]]


class PageSettings(Protocol):
    """What the pages read of the settings."""

    @property
    def lang(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Pack:
    """What of the region pack the pages name."""

    region: Region
    departments: Departments
    systems: Systems
    classes: Classes


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKind:
    """What tells one page from the others. `assets_ignored` is a regular expression."""

    path: str  # "/" or "/name/", as Dash wants it
    word: str
    layout: Component
    assets_ignored: str
    scripts_unused: Sequence[str] = UNUSED_SCRIPTS
    preloads: Sequence[str] = ()
    words: Words
    boot: Mapping[str, object]


def create_pages(
    server: FastAPI,
    settings: PageSettings,
    pack: Pack,
    whoami: Whoami,
) -> Sequence[str]:
    """Mount the pages on `server`; everything they load comes from this machine.

    `whoami` tells who asks for the page of this very request. Answers the hashes of the inline
    scripts, for the Content-Security-Policy.
    """
    hashes: set[str] = set()
    for kind in _kinds(pack):
        app = _create_page(server, settings, pack.region, (kind, whoami))
        hashes.update(app.csp_hashes())
    server.add_middleware(
        SamePage, paths={"/map": "/", **{f"/{name}": f"/{name}/" for name in NAMED}}
    )
    return sorted(hashes)


def _kinds(pack: Pack) -> tuple[PageKind, ...]:
    departments = _departments(pack.departments)
    office = {"areas": _areas(pack.region), "roles": ROLES, "departments": departments}
    without_map = (*UNUSED_SCRIPTS, "/dash_leaflet/")
    shared = r"(tokens|shell|admin)\.css|(words|dom|session|user_menu|admin{})\.js"
    return (
        PageKind(
            path="/",
            word="page.one_map",
            layout=one_map(pack.systems),
            assets_ignored=(
                r"^(login|admin|accounts|alarms|audit|desk|case|data|handover|rules|wall(?!_menu)|alert(?!_(watch|map))"
                r"|whistle_(pane|parts|form|wire|desk|figures))"
            ),
            preloads=("/region/areas.geojson", "/region/context.geojson"),
            words={
                **system_words.WORDS,
                **system_words.names(pack.systems),
                **whistle_words.ON_MAP,
                **alert_words.WATCH,
                **wall_words.WALLS,
            },
            boot={
                "systems": {
                    one.id: {"status": one.status, "kpis": one.kpis}
                    for one in pack.systems.values()
                },
                "layers": COLOURINGS,
                "overlays": OVERLAYS,
                "default_overlays": DEFAULT_OVERLAYS,
            },
        ),
        PageKind(
            path="/accounts/",
            word="page.accounts",
            layout=accounts(),
            assets_ignored=rf"^(?!({shared.format('|accounts')})$)",
            scripts_unused=without_map,
            words={**access_words.ADMIN, **access_words.ACCOUNTS, **wall_words.WALLS},
            boot=office,
        ),
        PageKind(
            path="/audit/",
            word="page.audit",
            layout=audit(),
            assets_ignored=rf"^(?!({shared.format('|audit')})$)",
            scripts_unused=without_map,
            words={**access_words.ADMIN, **access_words.AUDIT},
            boot=office,
        ),
        PageKind(
            path="/data/",
            word="page.data",
            layout=data_page(),
            assets_ignored=rf"^(?!({shared.format(DATA_SCRIPTS)}|data\.css)$)",
            scripts_unused=without_map,
            words={**access_words.ADMIN, **data_words.DATA, **alert_words.WATCH},
            boot=office,
        ),
        PageKind(
            path="/handover/",
            word="page.handover",
            layout=handover(),
            assets_ignored=rf"^(?!({shared.format('|glyphs|handover|handover_sheet')}|handover\.css)$)",
            scripts_unused=without_map,
            words={**access_words.ADMIN, **handover_words.HANDOVER},
            boot=office,
        ),
        PageKind(
            path="/alarms/",
            word="page.alarms",
            layout=alarms(),
            assets_ignored=rf"^(?!({shared.format('|glyphs|alarms|alarms_bars')}|alarms\.css)$)",
            scripts_unused=without_map,
            words={**access_words.ADMIN, **rules_words.ALARMS},
            boot=office,
        ),
        PageKind(
            path="/rules/",
            word="page.rules",
            layout=rules(),
            assets_ignored=rf"^(?!({shared.format(RULES_SCRIPTS)}|rules\.css)$)",
            scripts_unused=without_map,
            words={**access_words.ADMIN, **rules_words.RULES},
            boot={**office, "classes": _service_classes(pack.classes)},
        ),
        PageKind(
            path="/desk/",
            word="page.desk",
            layout=desk(),
            assets_ignored=rf"^(?!({DESK_ASSETS})$)",
            scripts_unused=without_map,
            preloads=("/region/areas.geojson",),
            words={
                **desk_words.DESK,
                **case_words.CASE,
                **alert_words.ALERT,
                **alert_words.WATCH,
                **wall_words.WALLS,
            },
            boot=_desk_boot(pack),
        ),
    )


def _create_page(
    server: FastAPI, settings: PageSettings, region: Region, page: tuple[PageKind, Whoami]
) -> Dash:
    kind, whoami = page
    language = settings.lang if settings.lang in words.LANGUAGES else "zh"
    names = {"zh": region.name, "en": region.name_en}
    boot: dict[str, object] = {
        "lang": settings.lang,
        "root": region.root.code,
        "region": names,
        "words": {tongue: words.table(tongue, kind.words) for tongue in words.LANGUAGES},
        **kind.boot,
    }
    app = OneMapDash(
        "one_map",
        server=server,  # type: ignore[arg-type]  # Dash's own types know Flask only
        assets_folder=str(ASSETS),
        assets_ignore=kind.assets_ignored,
        url_base_pathname=kind.path,
        index_string=_index(language, kind.preloads),
        title=words.word("org", language, region=names[language]),
        update_title=None,  # type: ignore[arg-type]  # None is documented: leaves the title alone
        serve_locally=True,
        compress=False,
    )
    app.kind, app.boot, app.whoami = kind, boot, whoami
    _close_dash_socket(app, server)
    app.layout = kind.layout
    mount.register(app)
    if kind.path == "/":
        # names the bundles that all pages share, so that each page may be the first
        app._generate_scripts_html()
    return app


class OneMapDash(Dash):
    """Dash without the component libraries that the page does not use, and with who asks for it."""

    kind: PageKind
    boot: Mapping[str, object]
    whoami: Whoami

    def interpolate_index(self, *positional: str, **parts: str) -> str:
        tags = parts["scripts"].split("\n")
        unused = self.kind.scripts_unused
        kept = [tag for tag in tags if not any(name in tag for name in unused)]
        parts["scripts"] = "\n".join(kept)
        for name in ("scripts", "css", "favicon"):
            parts[name] = _shared(parts[name], self.kind.path)
        page: str = super().interpolate_index(*positional, **parts)  # type: ignore[no-untyped-call]
        return page.replace(BOOT_MARK, _text({**self.boot, "me": me_of(self.whoami())}))


class SamePage:
    """Serves one path as another, because Dash knows one address of a page and wants a slash."""

    def __init__(self, app: ASGIApp, paths: Mapping[str, str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self._paths:
            path = self._paths[scope["path"]]
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


def _close_dash_socket(app: Dash, server: FastAPI) -> None:
    """No callback uses Dash's own socket, so no page opens it and nobody can.

    Its catch-all route goes too: an unknown path is a 404, not this page.
    """
    backend: Any = app.backend
    backend.websocket_capability = False
    backend._setup_catchall = lambda: None
    server.router.routes[:] = [
        route
        for route in server.router.routes
        if not getattr(route, "path", "").endswith(DASH_SOCKET)
    ]


def _shared(tags: str, base: str) -> str:
    """One address for what several pages load, so that a browser keeps it once."""
    for path in SHARED_PATHS:
        tags = tags.replace(f'"{base}{path}', f'"/{path}')
    return tags


def me_of(principal: Principal | None) -> dict[str, object] | None:
    """Who is signed in, as the page's JavaScript reads it."""
    if principal is None:
        return None
    return {
        "name": principal.name,
        "role": principal.role.value,
        "area": principal.area,
        "department": principal.department or None,
        "kind": "display" if principal.role is Role.WALL else "account",
        "rights": sorted(right.value for right in principal.rights),
    }


def _areas(region: Region) -> list[tuple[str, str, str, str, str | None]]:
    """Code, names, tier and parent of every area: where an account may belong."""
    return [
        (area.code, area.name, area.name_en, area.tier.value, area.parent)
        for area in region.by_code.values()
    ]


def _departments(departments: Departments) -> list[tuple[str, str, str]]:
    """Id and names of every unit: where an account may work."""
    return [(unit.id, unit.name, unit.name_en) for unit in departments.values()]


def _service_classes(classes: Classes) -> list[tuple[str, str, str]]:
    """Code, as alert rules name it, and names of every class an incident may be raised with."""
    return [(one.service_code, one.name, one.name_en) for one in classes.values()]


def _desk_boot(pack: Pack) -> dict[str, object]:
    """What the desk offers to choose from; names in Chinese and English."""
    return {
        "queues": QUEUES,
        "sorts": SORTS,
        "keys": [(key.cap, key.word, key.group) for key in KEYS],
        "departments": _departments(pack.departments),
        "systems": [
            (one.id, one.name, one.name_en, [channel.value for channel in one.channels])
            for one in pack.systems.values()
        ],
        "classes": [(one.code, one.name, one.name_en) for one in pack.classes.values()],
    }


def _text(boot: Mapping[str, object]) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(boot, ensure_ascii=False).replace("<", "\\u003c")


def _index(language: str, preloads: Sequence[str]) -> str:
    links = [
        f'<link rel="preload" href="{path}" as="fetch" crossorigin="anonymous">'
        for path in preloads
    ]
    values = {
        "{lang}": {"zh": "zh-CN", "en": "en"}[language],
        "{preloads}": "\n".join(links),
        "{boot_id}": ids.BOOT,
        "{boot}": BOOT_MARK,
    }
    page = INDEX
    for mark, value in values.items():
        page = page.replace(mark, value)
    return page
