"""Every element id that Python and JavaScript both name; `assets/*.js` uses the same strings."""

PAGE = "one-map"
BANNER = "banner"
NOTICE = "notice"
CLOCK = "clock"
BADGE = "badge"
DROPPED = "dropped"
LANGUAGE = "language"
FEEDS = "feeds"
USER = "user"
MAP = "map"
MAP_VIEW = "map-view"
CRUMBS = "crumbs"
LAYERS = "layers"
COLOURINGS = "colourings"
OVERLAYS = "overlays"
LEGEND = "legend"
TABLE_VIEW = "table-view"
SPOKEN = "spoken"
PANEL = "panel"
URGENT = "urgent"
CHILDREN = "children"
BOOT = "boot"

ON_THE_MAP = tuple(
    value for name, value in sorted(globals().items()) if name.isupper() and isinstance(value, str)
)

ACCOUNTS = "accounts"
SESSIONS = "sessions"
DISPLAYS = "displays"
FILTERS = "filters"
ENTRIES = "entries"
EXPORTS = "exports"
CHECKED = "checked"
OLDER = "older"
CONTENT = "content"
HANDOVER_AGE = "handover-age"
HANDOVER_BUTTONS = "handover-buttons"
HANDOVER_WAITS = "handover-waits"
HANDOVER_SHEET = "handover-sheet"
HANDOVER_FORM = "handover-form"
HANDOVER_HISTORY = "handover-history"

ALL = tuple(
    value for name, value in sorted(globals().items()) if name.isupper() and isinstance(value, str)
)
