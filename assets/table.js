"use strict";
/* The table view (T): the same numbers as on the map, for those who read rather than look. */
(function (scope) {
  /** Heading, source (null: judged by ourselves, the banner says when that stands), and text from the metrics. */
  const COLUMNS = [
    ["children.open", "incidents", (m, w) => w.count(m.incidents_open)],
    ["P1", "incidents", (m, w) => w.count(m.incidents_open_p1)],
    ["P2", "incidents", (m, w) => w.count(m.incidents_open_p2)],
    ["P3", "incidents", (m, w) => w.count(m.incidents_open_p3)],
    ["P4", "incidents", (m, w) => w.count(m.incidents_open_p4)],
    ["children.overdue", "incidents", (m, w) => w.count(m.incidents_overdue)],
    ["table.rate", "incidents", (m) => percent(scope.picture.share(m.incidents_overdue, m.incidents_open), m.incidents_open)],
    ["table.reported", "incidents", (m, w) => w.count(m.incidents_reported_today)],
    ["table.closed", "incidents", (m, w) => w.count(m.incidents_closed_today)],
    ["table.alerts", null, (m, w) => w.count(m.alerts_active)],
    ["table.covered", "staff", (m, w) => `${w.count(m.grids_covered)} / ${w.count(m.grids_total)}`],
    ["table.checkins", "staff", (m, w) => w.count(m.checkins_last_hour)],
    ["table.public", "cameras", (m) => online(m, "public")],
    ["table.social", "cameras", (m) => online(m, "social")],
  ];
  const percent = (value, n) => (value === null || n < scope.picture.SMALL ? "—" : `${value.toFixed(1)}%`);

  function online(m, owner) {
    const { rate, expected } = scope.picture.online(m, owner);
    return percent(rate, expected);
  }

  class TableView {
    constructor(root, page) {
      this.root = root;
      this.page = page;
    }

    reset() {
      this.rows = null;
      this.root.replaceChildren();
    }

    update(picture) {
      if (!picture || this.root.hidden) return;
      this.pictureMs = Date.parse(picture.asOf);
      if (!this.rows) this._build(picture);
      for (const [code, row] of this.rows) {
        const area = code === picture.area.code ? picture.area : picture.children.get(code);
        if (area) this._fill(row, area);
      }
    }

    _build(picture) {
      const { words: w, element, put } = scope;
      const { tree, view } = this.page;
      const here = tree.get(view().area);
      const below = scope.tiers.BELOW[here.tier];
      const bar = element("div", "table-head", this.root);
      const title = w.say("table.caption", { name: w.name(here), tier: below ? w.say(`tiers.${below}`) : "" });
      const close = element("button", "button", bar);
      close.innerHTML = "<span></span><kbd>T</kbd>";
      put(close.firstChild, w.say("table.close"));
      close.addEventListener("click", () => this.page.toggleTable());
      const table = element("table", "", this.root);
      put(element("caption", "", table), title);
      const head = element("tr", "", element("thead", "", table));
      for (const key of ["children.name", ...COLUMNS.map(([name]) => name), "table.fresh"]) {
        const cell = element("th", "", head);
        cell.scope = "col";
        put(cell, /^P\d$/.test(key) ? key : w.say(key));
      }
      const body = element("tbody", "", table);
      this.rows = new Map();
      for (const child of tree.children(here.code)) this.rows.set(child.code, this._row(body, w.name(child), child.code));
      const total = this._row(body, w.say("table.total"), null);
      total.className = "total";
      this.rows.set(picture.area.code, total);
    }

    _row(body, name, code) {
      const { element, put } = scope;
      const row = element("tr", "", body);
      const head = element("th", "", row);
      head.scope = "row";
      put(head, name);
      for (let i = 0; i <= COLUMNS.length; i++) element("td", "num", row);
      if (code) {
        row.tabIndex = 0;
        row.dataset.code = code;
        row.addEventListener("click", () => this.page.select(code));
        row.addEventListener("dblclick", () => this.page.drill(code));
      }
      return row;
    }

    _fill(row, area) {
      const { words: w, put, flag } = scope;
      const cut = this.page.status().state === "cut";
      COLUMNS.forEach(([, source, text], i) => {
        const known = source ? scope.picture.fresh(area, source, cut) : cut ? "stale" : "live";
        put(row.cells[i + 1], source && scope.picture.isUnheard(area, source) ? "—" : text(area.metrics, w));
        flag(row.cells[i + 1], "val-stale", known === "stale" || known === "lost");
      });
      const { fresh, asOf } = scope.picture.oldest(area, cut, this.pictureMs);
      const cell = row.cells[COLUMNS.length + 1];
      const time = asOf === null ? "" : ` ${w.say("fresh.asof", { time: w.moment(asOf, this.page.now()) })}`;
      put(cell, w.say(`fresh.${fresh}`) + time);
      cell.className = `fr-${fresh}`;
      flag(row, "is-selected", area.code === this.page.view().select);
    }
  }

  scope.TableView = TableView;
})((window.one_map = window.one_map || {}));
