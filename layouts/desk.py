"""The duty desk: queues on the left, the case in the middle, place and trail on the right."""

from dash import html

from layouts import ids
from layouts.shell import Key, aria, banner, data, foot, skeleton, top_bar, worded

# the tabs in this order carry the digits 1 to 9; `alerts` holds no cases
QUEUES = (
    *("todo", "escalated", "returned", "waiting", "overdue", "suspended", "below", "all"),
    "alerts",
)
SORTS = ("urgency", "due", "newest", "oldest")
FILTERS = ("system", "priority", "department", "class")
# one table: the help dialog shows it all, the foot those that are `in_foot`
KEYS = (
    Key("J", "desk.key.next", group="list", in_foot=True),
    Key("K", "desk.key.previous", group="list", in_foot=True),
    Key("↵", "desk.key.primary", group="case", in_foot=True),
    Key("/", "desk.key.search", group="list", in_foot=True),
    Key("N", "desk.key.new", group="list", in_foot=True),
    Key("1–9", "desk.key.queue", group="list"),
    Key("M", "desk.key.map", group="list"),
    Key("Esc", "desk.key.escape", group="list"),
    Key("A", "desk.key.acknowledge", group="case"),
    Key("D", "desk.key.dispatch", group="case"),
    Key("W", "desk.key.whistle", group="case"),
    Key("E", "desk.key.escalate", group="case"),
    Key("R", "desk.key.return", group="case"),
    Key("S", "desk.key.suspend", group="case"),
    Key("C", "desk.key.close", group="case"),
    Key("U", "desk.key.resume", group="case"),
    Key("X", "desk.key.extend", group="case"),
    Key("G", "desk.key.assign", group="case"),
    Key("O", "desk.key.solve", group="case"),
    Key("V", "desk.key.confirm", group="case"),
    Key("F", "desk.key.reject", group="case"),
    Key("P", "desk.key.supervise", group="case"),
    Key("Y", "desk.key.whistles", group="list"),
    Key("L", "desk.key.similar", group="case"),
    Key("I", "desk.key.unfold", group="case"),
    Key("Z", "desk.key.undo", group="case", in_foot=True),
    Key("H", "desk.key.alert.flat", group="list"),
    Key("?", "desk.key.help", group="list"),
    Key("A", "desk.key.alert.acknowledge", group="alert"),
    Key("D", "desk.key.alert.assign", group="alert"),
    Key("S", "desk.key.alert.shelve", group="alert"),
    Key("U", "desk.key.alert.unshelve", group="alert"),
    Key("T", "desk.key.alert.take_out", group="alert"),
    Key("B", "desk.key.alert.put_back", group="alert"),
    Key("I", "desk.key.alert.raise", group="alert"),
    Key("→", "desk.key.alert.unfold", group="alert"),
    Key("←", "desk.key.alert.fold", group="alert"),
)
ROWS_AT_FIRST = 8


def desk() -> html.Div:
    """The whole page before its first queue; `desk.js` fills it.

    `case` and `trail` are filled by `case.js`.
    """
    return html.Div(
        [
            top_bar("/desk", ids.QUEUE),
            html.Div([banner(), _alert_bar()]),
            html.Main([_list(), _case(), _alert(), _beside()], className="desk"),
            foot(KEYS, help_word="desk.help.all"),
            html.Div(id=ids.TOLD, className="sr", role="status", **aria(live="polite")),
        ],
        id=ids.PAGE,
        className="page",
    )


def _list() -> html.Section:
    """Selects and the search box are made by `desk_filters.js`: Dash's own load a library."""
    return html.Section(
        [
            html.Div(
                [_tab(number, queue) for number, queue in enumerate(QUEUES, 1)],
                id=ids.TABS,
                className="tabs",
                role="tablist",
                **data(label="desk.queues"),
            ),
            html.Div(
                [
                    html.Span(id=ids.AREA, className="select"),
                    html.Span(id=ids.TIERS, className="tiers num"),
                ],
                className="reach",
            ),
            html.Div(
                [
                    _search(),
                    html.Span(id=ids.SORT, className="select"),
                    html.Button(
                        [worded("desk.filter"), html.B(className="num")],
                        id=ids.FILTER_SWITCH,
                        className="small button",
                        type="button",
                        **aria(expanded="false", controls=ids.QUEUE_FILTERS),
                    ),
                ],
                className="finder",
            ),
            html.Div(
                [_filter(name) for name in FILTERS],
                id=ids.QUEUE_FILTERS,
                className="filters",
                hidden=True,
                role="group",
                **data(label="desk.filter"),
            ),
            html.Div(id=ids.QUEUE_STATE, className="queue-state", hidden=True, role="status"),
            html.Div(id=ids.ALERT_HEAD, className="alert-head", role="group",
                     **data(label="desk.alerts")),
            html.Button(id=ids.NEW_CASES, className="new-cases", type="button", hidden=True,
                        **data(label="desk.key.new")),
            html.Div(
                [_bones() for _ in range(ROWS_AT_FIRST)],
                id=ids.QUEUE,
                className="queue",
                role="listbox",
                tabIndex=0,
                **data(label="desk.queue"),
            ),
            html.Div(id=ids.PAGER, className="pager", hidden=True),
        ],
        className="column list",
        **data(label="desk.list"),
    )  # fmt: skip


def _tab(number: int, queue: str) -> html.Button:
    return html.Button(
        [
            worded(f"queue.{queue}"),
            html.B(skeleton("1.2em"), className="num"),
            html.Kbd(str(number), **aria(hidden="true")),
        ],
        type="button",
        role="tab",
        **data(queue=queue),
        **aria(selected="false", controls=ids.QUEUE),
    )


def _filter(name: str) -> html.Span:
    return html.Span(
        [worded(f"desk.filter.{name}", className="filter-name"), html.Span(**data(filter=name))],
        className="filter",
    )


def _search() -> html.Span:
    return html.Span(html.Kbd("/", **aria(hidden="true")), id=ids.SEARCH, className="search")


def _bones() -> html.Div:
    """A row before the first queue is here."""
    return html.Div(
        [skeleton("1.5rem"), html.Div([skeleton("9em"), skeleton("12em")]), skeleton("4em")],
        className="case-row bones",
        **aria(hidden="true"),
    )


def _case() -> html.Section:
    return html.Section(
        id=ids.CASE, className="column case", tabIndex=-1, **data(label="desk.case")
    )


def _alert() -> html.Section:
    """Stands in the place of the case while an alert is chosen; filled by `alert_pane.js`."""
    return html.Section(
        id=ids.ALERT,
        className="column case",
        tabIndex=-1,
        hidden=True,
        **data(label="desk.alert"),
    )


def _alert_bar() -> html.Section:
    """What the whole desk must know of its alerts: no sound, muted, a flood."""
    return html.Section(id=ids.ALERT_BAR, **data(label="desk.alerts"))


def _beside() -> html.Aside:
    return html.Aside(
        [
            html.Section(
                id=ids.PLACE,
                className="place",
                **data(label="desk.place"),
            ),
            html.Section(id=ids.TRAIL, className="trail", **data(label="desk.trail")),
            html.Section(
                id=ids.ALERT_TRAIL, className="trail", hidden=True, **data(label="desk.alert.trail")
            ),
        ],
        className="column beside",
    )
