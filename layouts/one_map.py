"""The one map: the district on a vector map, layers on the left, the selected area on the right."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import dash_leaflet as dl
from dash import html
from dash.development.base_component import Component

from dashboard.domain.systems import ServiceSystem
from layouts import ids
from layouts.shell import aria, banner, data, foot, skeleton, top_bar, worded

NO_SYSTEMS: Mapping[str, ServiceSystem] = MappingProxyType({})
CENTRE = [24.98, 102.75]  # degrees; the page fits the region as soon as its shapes are there
COLOURINGS = ("overdue", "open", "load", "cameras", "uncovered", "checkins")
OVERLAYS = (
    "p1",
    "p2",
    "p3",
    "p4",
    "whistles",
    "alerts",
    "uncovered",
    "checkins",
    "public",
    "social",
    "online",
    "down",
)
DEFAULT_OVERLAYS = (
    "p1",
    "p2",
    "p3",
    "p4",
    "whistles",
    "alerts",
    "uncovered",
    "public",
    "social",
    "online",
    "down",
)
KPIS = (("open", "overdue", "today"), ("covered", "public", "social"), ("on_time", "soon", "staff"))


SYSTEM_KPIS = 5  # the most that a system has


def one_map(systems: Mapping[str, ServiceSystem] = NO_SYSTEMS) -> html.Div:
    """The whole page before its first snapshot; `one_map.js` fills it.

    `systems`: those of the region pack by id, to filter the marks by.
    """
    return html.Div(
        [
            top_bar(),
            banner(),
            html.Main([_map_view(systems), _side_panel()], className="main"),
            foot(),
        ],
        id=ids.PAGE,
        className="page",
    )


def _map_view(systems: Mapping[str, ServiceSystem]) -> html.Section:
    return html.Section(
        [
            dl.Map(
                [],
                id=ids.MAP,
                center=CENTRE,
                zoom=12,
                zoomSnap=0,
                zoomDelta=0.5,
                wheelPxPerZoomLevel=160,
                zoomControl=False,
                attributionControl=False,
                doubleClickZoom=False,
                boxZoom=False,
                keyboard=False,
                zoomAnimation=False,
                fadeAnimation=False,
                className="leaflet",
            ),
            html.Nav(id=ids.CRUMBS, className="crumbs", **data(label="crumbs")),
            _layers(systems),
            _zoom(),
            html.Div(id=ids.LEGEND, className="legend", role="note", **data(label="legend")),
            html.Div(id=ids.TABLE_VIEW, className="table-view", hidden=True),
            html.Div(id=ids.SPOKEN, className="sr", role="status", **aria(live="polite")),
        ],
        id=ids.MAP_VIEW,
        className="map-view",
        tabIndex=0,
        role="application",
    )


def _layers(systems: Mapping[str, ServiceSystem]) -> html.Div:
    return html.Div(
        [
            html.H3([worded("layers.colour"), worded("layers.colour.hint", html.Small)]),
            html.Div(
                [_choice("radio", name, f"layer.{name}") for name in COLOURINGS],
                id=ids.COLOURINGS,
                role="radiogroup",
                **data(label="layers.colour"),
            ),
            html.H3(
                [
                    worded("layers.system"),
                    *([_proposal()] if _is_any_proposed(systems) else []),
                ],
                hidden=not systems,
            ),
            html.Div(
                [
                    _choice("radio", name, f"system.name.{name}" if name else "system.all")
                    for name in ("", *systems)
                ],
                id=ids.SYSTEMS,
                hidden=not systems,
                role="radiogroup",
                **data(label="layers.system"),
            ),
            html.H3(worded("layers.overlay")),
            html.Div(
                [_choice("checkbox", name, f"overlay.{name}") for name in OVERLAYS],
                id=ids.OVERLAYS,
                role="group",
                **data(label="layers.overlay"),
            ),
        ],
        id=ids.LAYERS,
        className="layers",
        role="region",
        **data(label="layers"),
    )


def _is_any_proposed(systems: Mapping[str, ServiceSystem]) -> bool:
    return any(one.status == "proposal" for one in systems.values())


def _proposal(**props: Any) -> Component:
    """Says that a name is not official; `systems.js` writes its title."""
    return worded("system.proposal", className="proposal", **props)


def _choice(role: str, name: str, word: str) -> html.Button:
    """One radio or check box; its state lives in the URL and is shown by `aria-checked`."""
    return html.Button(
        [html.I(className=role), worded(word), html.Em()],
        className="choice",
        role=role,
        **data(name=name),
        **aria(checked="false"),
    )


def _zoom() -> html.Div:
    buttons = (("in", "+"), ("out", "−"), ("home", "⌂"))
    return html.Div(
        [html.Button(sign, **data(zoom=name, label=f"zoom.{name}")) for name, sign in buttons],
        className="zoom",
        role="group",
        **data(label="zoom"),
    )


def _side_panel() -> html.Aside:
    return html.Aside(
        [
            html.H1(skeleton("6em"), **data(part="title")),
            html.Div(
                [
                    html.Span(skeleton("9em"), **data(part="subtitle")),
                    html.Span(**data(part="code")),
                ],
                className="subtitle",
            ),
            html.Div(className="as-of num", **data(part="as-of"), **aria(live="off")),
            _system(),
            _kpis(KPIS[0]),
            html.Div(
                [_priority(number) for number in (1, 2, 3, 4)],
                className="priorities",
                role="group",
                **data(label="priorities"),
            ),
            *[_kpis(row) for row in KPIS[1:]],
            html.H3(
                [
                    html.Span(**data(part="urgent-title")),
                    html.Small(className="old num", **data(part="urgent-as-of")),
                    worded("urgent.sort", html.Small),
                ]
            ),
            html.Ol(id=ids.URGENT, className="urgent"),
            html.H3(
                [
                    html.Span(**data(part="children-title")),
                    html.Small(className="old num", **data(part="children-as-of")),
                    html.Small(**data(part="children-hint")),
                ]
            ),
            html.Div(id=ids.CHILDREN, className="children"),
        ],
        id=ids.PANEL,
        className="panel",
        **data(label="panel"),
    )


def _system() -> html.Section:
    """The system that the map is filtered by: its name, its KPIs, the way to its queue."""
    return html.Section(
        [
            html.H2(
                [
                    html.Span(**data(part="system-name")),
                    _proposal(hidden=True),
                    worded("system.queue", html.A, href="/desk", hidden=True),
                ]
            ),
            html.Div(
                [_tile(f"system{n}", html.Span(className="kpi-name")) for n in range(SYSTEM_KPIS)],
                className="kpis",
            ),
        ],
        id=ids.SYSTEM,
        className="system",
        hidden=True,
        **data(label="system.panel"),
    )


def _kpis(names: tuple[str, ...]) -> html.Div:
    return html.Div([_kpi(name) for name in names], className="kpis")


def _kpi(name: str) -> html.Div:
    return _tile(name, worded(f"kpi.{name}", className="kpi-name"))


def _tile(name: str, heading: Component) -> html.Div:
    """Name, `!` when out of target, number, small print; if not live the sign and of when."""
    return html.Div(
        [
            heading,
            html.B(
                [
                    html.Em("!", hidden=True, role="img", **data(label="kpi.miss")),
                    html.Span(skeleton(), className="value"),
                    html.Small(),
                ],
                className="num",
            ),
            html.Span(className="kpi-note"),
            html.Span([html.I(), html.Span(className="num")], className="kpi-age"),
        ],
        className="kpi",
        **data(kpi=name),
    )


def _priority(number: int) -> html.Div:
    return html.Div(
        [html.I(**data(glyph=f"p{number}")), html.Span(skeleton("1.5em"), className="num")],
        **data(priority=str(number)),
    )
