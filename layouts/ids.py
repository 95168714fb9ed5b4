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

TABS = "tabs"
TIERS = "tiers"
AREA = "area"
SORT = "sort"
SEARCH = "search"
FILTER_SWITCH = "filter-switch"
QUEUE_FILTERS = "queue-filters"
QUEUE_STATE = "queue-state"
NEW_CASES = "new-cases"
QUEUE = "queue"
PAGER = "pager"
CASE = "case"
PLACE = "place"
TRAIL = "trail"
TOLD = "told"
HELP = "help"

ALL = tuple(
    value for name, value in sorted(globals().items()) if name.isupper() and isinstance(value, str)
)
