"""The API's description: for programs at /openapi.json, for people at /api/docs."""

import json
import re
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from swagger_ui_bundle import swagger_ui_path

from dashboard.domain.rights import Principal, Right
from dashboard.doorkeeper import Asker
from dashboard.rules import find_rule

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>One Map API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""
START = """"use strict";
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true });
"""
SCHEMA = re.compile(r'"#/components/schemas/([^"]+)"')
SWAGGER_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}


async def docs_page() -> HTMLResponse:
    """For people, from this machine alone."""
    return HTMLResponse(PAGE)


async def docs_file(
    name: Literal["swagger-ui-bundle.js", "swagger-ui.css", "start.js"],
) -> Response:
    if name == "start.js":
        return Response(START, media_type="text/javascript")
    return FileResponse(Path(swagger_ui_path) / name, media_type=SWAGGER_FILES[name])


async def description(request: Request, asker: Asker) -> JSONResponse:
    """What the asker may call, and nothing else."""
    whole: dict[str, Any] = request.app.openapi()
    paths = {path: _allowed(path, calls, asker) for path, calls in whole["paths"].items()}
    shown = {**whole, "paths": {path: calls for path, calls in paths.items() if calls}}
    schemas = whole.get("components", {}).get("schemas")
    if schemas:
        shown["components"] = {**whole["components"], "schemas": _named(shown["paths"], schemas)}
    return JSONResponse(shown)


def _named(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The shapes that these calls name, and those which these name in turn."""
    found: set[str] = set()
    new = set(SCHEMA.findall(json.dumps(paths)))
    while new:
        found |= new
        named = json.dumps([schemas[name] for name in new])
        new = set(SCHEMA.findall(named)) - found
    return {name: schema for name, schema in schemas.items() if name in found}


def _allowed(path: str, calls: dict[str, Any], asker: Principal) -> dict[str, Any]:
    found = {}
    for method, call in calls.items():
        rule = find_rule(method.upper(), path)
        if rule is not None and (not isinstance(rule.need, Right) or rule.need in asker.rights):
            found[method] = call
    return found


def router() -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/openapi.json", description)
    routes.add_api_route("/api/docs", docs_page)
    routes.add_api_route("/api/docs/{name}", docs_file)
    return routes
