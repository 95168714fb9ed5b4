"""The wall page: a document of its own, so that it stands without anything it does not need.

No Dash runtime: a wall draws its last picture before any request is answered, runs for weeks, and
has nothing on it to click.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layouts import ids, words

# in this order: each may use what those before it have put on the one name `one_map`
SCRIPTS: Sequence[str] = (
    "words",
    "dom",
    "glyphs",
    "labels",
    "marks",
    "tree",
    "picture",
    "live",
    "session",
    "fetched",
    "alert_watch",
    "wall_fit",
    "wall_list",
    "wall_rota",
    "wall_bays",
    "wall_keep",
    "wall_pictures",
    "wall_values",
    "wall_shapes",
    "wall_map",
    "wall_panels",
    "wall_cases",
    "wall_lists",
    "wall_charts",
    "wall_scenes",
    "wall_frame",
    "wall_signs",
    "wall",
)
STYLES = ("tokens.css", "wall.css")

DOCUMENT = """<!DOCTYPE html>
<html lang="{html_lang}" data-theme="wall">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="expect" href="#{drawn}" blocking="render">
<link rel="preload" href="/region/areas.geojson" as="fetch" crossorigin="anonymous">
<link rel="preload" href="/region/context.geojson" as="fetch" crossorigin="anonymous">
{styles}
</head>
<body>
<script type="application/json" id="{boot_id}">{boot}</script>
<div id="{wall}"></div>
{scripts}
<i id="{drawn}" hidden></i>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallView:
    """`region`: its names by language; `boot`: what the page's JavaScript starts from."""

    language: str
    region: Mapping[str, str]
    version: str
    boot: Mapping[str, object]


def wall_page(view: WallView) -> str:
    """The whole document."""
    org = words.word("org", view.language, region=view.region[view.language])
    return DOCUMENT.format(
        html_lang={"zh": "zh-CN", "en": "en"}[view.language],
        title=f"{words.word('page.wall', view.language)} · {org}",
        drawn=ids.DRAWN,
        wall=ids.WALL,
        styles="\n".join(
            f'<link rel="stylesheet" href="/assets/{name}?v={view.version}">' for name in STYLES
        ),
        boot_id=ids.BOOT,
        # JSON that cannot end the element it stands in
        boot=json.dumps(view.boot, ensure_ascii=False).replace("<", "\\u003c"),
        scripts="\n".join(
            f'<script src="/assets/{name}.js?v={view.version}"></script>' for name in SCRIPTS
        ),
    )
