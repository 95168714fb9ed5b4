"use strict";
/* What the desk looks at: read from the URL, written to the URL, asked of the API. Pure. */
(function (scope) {
  const PAGE = 200; // rows of one page
  const FOLD_MAX = 500; // cases of one row that are shown
  const TEXT_MAX = 100; // what the API takes
  const WORDS = ["q", "department", "class"];

  /** "?queue=..." -> view. boot: {queues, sorts, systems, top}; may(code): does the area exist, inside the asker's? */
  function read(search, boot, may) {
    const query = new URLSearchParams(search);
    const asked = query.get("area");
    const one = (name, of) => (of.includes(query.get(name)) ? query.get(name) : null);
    const view = {
      area: asked && may(asked) ? asked : boot.top,
      queue: one("queue", boot.queues) ?? boot.queues[0],
      sort: one("sort", boot.sorts) ?? boot.sorts[0],
      system: one("system", boot.systems.map(([id]) => id)),
      priority: one("priority", ["1", "2", "3", "4"]),
      case: query.get("case") || null,
      alert: query.get("case") ? null : query.get("alert") || null, // an alert's id, or group: and its key
      lang: one("lang", ["zh", "en"]),
      from: Math.max(0, Math.min(1e6, Math.floor(Number(query.get("from")) / PAGE) * PAGE || 0)),
      unknown: asked && !may(asked) ? asked : null,
    };
    for (const name of WORDS) view[name] = (query.get(name) || "").slice(0, TEXT_MAX) || null;
    return view;
  }

  /** View -> "?queue=...": only what differs from the default. */
  function write(view, boot) {
    const query = new URLSearchParams();
    if (view.area !== boot.top) query.set("area", view.area);
    if (view.queue !== boot.queues[0]) query.set("queue", view.queue);
    if (view.sort !== boot.sorts[0]) query.set("sort", view.sort);
    for (const name of ["q", "system", "priority", "department", "class"]) if (view[name]) query.set(name, view[name]);
    if (view.from) query.set("from", view.from);
    if (view.case) query.set("case", view.case);
    else if (view.alert) query.set("alert", view.alert);
    if (view.lang) query.set("lang", view.lang);
    const text = query.toString();
    return text ? `?${text}` : "";
  }

  /** The part of a view that decides which cases are listed, as GET /api/queue wants it. */
  function asked(view, limit = PAGE) {
    const query = new URLSearchParams({ area: view.area, queue: view.queue, sort: view.sort, limit, offset: view.from, folded: true });
    for (const name of ["q", "system", "priority", "department", "class"]) if (view[name]) query.set(name, view[name]);
    return query.toString();
  }

  /** The cases in one row of that list, the first reported first. */
  function askedOfFold(view, id) {
    const query = new URLSearchParams(asked({ ...view, from: 0, sort: "oldest" }, FOLD_MAX));
    query.delete("folded");
    query.set("fold", id);
    return query.toString();
  }

  /** Whose queues a case's fold is of: the asker's own unless another area is looked at. */
  const scopeOf = (view, boot) => (view.area === boot.top ? "" : `?area=${encodeURIComponent(view.area)}`);

  /** Whether a list of the view has all cases of a row in it, so that what is told live of the row holds. */
  const isWhole = (view) => !["overdue", "suspended"].includes(view.queue) && !filtersOn(view) && !view.q;

  /** How many filters are on, the search not counted. */
  const filtersOn = (view) => ["system", "priority", "department", "class"].filter((name) => view[name]).length;

  scope.deskView = { read, write, asked, askedOfFold, scopeOf, isWhole, filtersOn, PAGE };
  if (typeof module !== "undefined") module.exports = scope.deskView;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
