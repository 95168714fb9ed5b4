"use strict";
/* The page of the audit trail, over /api/audit. What is searched for stands in the address. */
(function (scope) {
  const FIELDS = ["actor", "action", "subject", "outcome", "since", "until"];
  const PAGE = 50;
  const ACTS = /^act\./;
  const say = (key, values) => scope.words.say(key, values);
  const known = (key, otherwise) => (say(key) === key ? otherwise : say(key));

  /** "?actor=li.na&since=2026-11-22T14:00" -> the same as an object, without what is empty or not ours. */
  function readFilters(search) {
    const query = new URLSearchParams(search);
    return Object.fromEntries(FIELDS.map((name) => [name, query.get(name) || ""]).filter(([, value]) => value));
  }

  const ENDS = { since: ["00:00", "00"], until: ["23:59", "59.999"] }; // a day or a minute, whole

  /** Filters as the API takes them: "2026-11-22" or "2026-11-22 14:00" is a time of Beijing; what is neither stays. */
  function asQuery(filters) {
    const query = new URLSearchParams(filters);
    for (const [name, [clock, seconds]] of Object.entries(ENDS)) {
      const found = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?$/.exec(query.get(name) || "");
      if (found) query.set(name, `${found[1]}T${found[2] || clock}:${seconds}+08:00`);
    }
    return query;
  }

  /** Why, as the server writes it down: English, whatever the screen speaks. */
  const WHY = {
    "signed out": "why.signed_out",
    "cut off by an administrator": "why.cut_off",
    "not allowed": "why.not_allowed",
    "an unknown or ended session or token": "why.unknown",
    "no such name and password": "why.no_such",
    "the name is another's, or disabled": "why.disabled",
    "no such display": "why.no_display",
    "wrong password": "why.wrong",
    "further ones this minute are not noted": "why.more",
  };
  const why = (detail) => detail.split("; ").map((part) => (WHY[part] ? say(WHY[part]) : part)).join(scope.words.language() === "en" ? "; " : "；");

  class Audit {
    word = "page.audit";

    start() {
      this.items = [];
      this.admin = new scope.Admin(this);
      this.form = document.getElementById("filters");
      this.filters = readFilters(location.search);
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this._go();
      });
      this.older = document.querySelector("#older button");
      this.older.hidden = true;
      this.older.addEventListener("click", () => this._load(this.next));
      window.addEventListener("popstate", () => {
        this.filters = readFilters(location.search);
        this._drawForm();
        this._load(null);
      });
      this._drawForm();
      this._load(null);
    }

    draw() {
      this._read();
      this._drawForm();
      this._drawHead();
      this._drawRows();
    }

    /** What stands in the form, into `filters`. */
    _read() {
      const entered = FIELDS.map((name) => [name, this.form.elements[name].value.trim()]);
      this.filters = Object.fromEntries(entered.filter(([, value]) => value));
    }

    _go() {
      this._read();
      const query = new URLSearchParams(this.filters);
      if (this.admin.view.lang) query.set("lang", this.admin.view.lang);
      history.pushState(null, "", `${location.pathname}?${query}`);
      this._load(null);
    }

    _drawForm() {
      this.form.replaceChildren();
      const { input } = scope.form;
      const text = (name, type) => {
        const node = input(this.form, name, type, say(`audit.${name}`), "off");
        node.required = false;
        node.value = this.filters[name] || "";
      };
      text("actor", "text");
      this._select("action", Object.keys(scope.boot.words.zh).filter((key) => ACTS.test(key)).map((key) => [key.slice(4), say(key)]));
      text("subject", "text");
      this._select("outcome", ["done", "refused"].map((name) => [name, say(`audit.outcome.${name}`)]));
      for (const name of ["since", "until"]) {
        text(name, "text");
        const node = this.form.elements[name];
        node.placeholder = say("audit.time.form");
        node.pattern = "\\d{4}-\\d\\d-\\d\\d([ T]\\d\\d:\\d\\d)?";
        node.title = say("audit.time.form");
      }
      const row = scope.element("div", "buttons", this.form);
      scope.form.button(row, say("audit.apply"), "button primary").type = "submit";
      scope.form.button(row, say("audit.clear")).addEventListener("click", () => {
        for (const name of FIELDS) this.form.elements[name].value = "";
        this._go();
      });
    }

    _select(name, choices) {
      const box = scope.element("div", "field", this.form);
      const label = scope.element("label", "", box);
      label.textContent = say(`audit.${name}`);
      const select = scope.element("select", "", box);
      Object.assign(select, { name, id: `field-${name}` });
      label.htmlFor = select.id;
      scope.option(select, "", say("audit.any"));
      const chosen = this.filters[name];
      if (chosen && !choices.some(([value]) => value === chosen)) choices.push([chosen, chosen]);
      for (const [value, word] of choices) scope.option(select, value, word);
      select.value = chosen || "";
    }

    /** before: `next` of the page before, null for the newest. */
    async _load(before) {
      const asked = (this.asked = {});
      const query = asQuery(this.filters);
      query.set("limit", PAGE);
      if (before) query.set("before", before);
      const [status, body] = await this.admin.read(`/api/audit?${query}`);
      if (asked !== this.asked || status === 401) return;
      if (status !== 200) {
        this.items = null;
        this.older.hidden = true;
        this.refused = status === 403 ? "admin.forbidden" : "error.away";
        this._drawRows();
        return;
      }
      const focus = before && document.activeElement === this.older ? (this.items?.length ?? 0) : null;
      this.items = before ? [...(this.items || []), ...body.items] : body.items;
      this.next = body.next;
      this.total = body.total;
      this.checked = body.checked;
      this._drawHead();
      this._drawRows();
      if (focus !== null && !this.next) document.querySelectorAll("#entries .unfold")[focus]?.focus();
    }

    _drawHead() {
      const node = document.getElementById("checked");
      const { checked } = this;
      if (this.total === undefined) return;
      const n = scope.words.count(this.total);
      const state = !checked ? say("audit.unchecked") : say(checked.ok ? "audit.checked" : "audit.broken", { n: scope.words.count(checked.n), time: scope.moment(checked.at) });
      scope.put(node, `${say("audit.total", { n })} · ${checked && !checked.ok ? "! " : ""}${state}`);
      scope.flag(node, "is-broken", checked && !checked.ok);
      const links = document.getElementById("exports");
      links.replaceChildren();
      for (const format of ["csv", "jsonl"]) {
        const link = scope.element("a", "button", links);
        const query = asQuery(this.filters);
        query.set("format", format);
        link.href = `/api/audit/export?${query}`;
        link.download = "";
        link.textContent = say(`audit.export.${format}`);
      }
    }

    _drawRows() {
      const body = document.querySelector("#entries tbody");
      const open = new Set([...body.querySelectorAll("[aria-expanded=true]")].map((node) => node.dataset.n));
      const focused = document.activeElement?.dataset?.n;
      body.replaceChildren();
      this.older.hidden = !this.items || !this.next;
      if (!this.items) return scope.tableOnly(body, say(this.refused));
      if (!this.items.length && !this.next) return scope.tableOnly(body, say("admin.none"));
      for (const item of this.items) this._row(body, item, open.has(String(item.n)));
      if (focused) body.querySelector(`[data-n="${focused}"]`)?.focus();
    }

    _row(body, item, isOpen) {
      const unfold = scope.form.button(document.createElement("div"), "", "unfold");
      unfold.dataset.n = item.n;
      unfold.setAttribute("aria-label", say("audit.unfold", { n: item.n }));
      const line = scope.tableRow(body, [
        scope.moment(item.at), actor(item.actor), item.role ? known(`role.${item.role}`, item.role) : "—", address(item.address),
        known(`act.${item.action}`, item.action), subject(item.subject), known(`audit.outcome.${item.outcome}`, item.outcome), unfold,
      ]);
      line.classList.toggle("is-refused", item.outcome === "refused");
      line.addEventListener("click", () => !String(getSelection()) && this._toggle(line, unfold, item));
      unfold.setAttribute("aria-expanded", "false");
      if (isOpen) this._toggle(line, unfold, item);
    }

    _toggle(line, unfold, item) {
      const isOpen = unfold.getAttribute("aria-expanded") === "true";
      unfold.setAttribute("aria-expanded", String(!isOpen));
      if (isOpen) return line.nextElementSibling.remove();
      const more = scope.element("tr", "more");
      line.after(more);
      const cell = scope.element("td", "", more);
      cell.colSpan = line.cells.length;
      const list = scope.element("dl", "", cell);
      for (const [key, text] of details(item)) {
        scope.element("dt", "", list).textContent = say(key);
        scope.element("dd", "", list).textContent = text;
      }
    }
  }

  const actor = (name) => (name === "command line" ? say("admin.command_line") : name || say("admin.nobody"));
  const address = (text) => (text === "command line" ? say("admin.command_line") : text || "—");

  /** "account/li.na" -> "账号 li.na". */
  function subject(text) {
    const at = (text || "").indexOf("/");
    if (at < 0) return text || "—";
    const kind = known(`subject.${text.slice(0, at)}`, null);
    return kind ? `${kind} ${text.slice(at + 1)}` : text;
  }

  function details(item) {
    const rows = [["audit.n", scope.words.count(item.n)]];
    if (item.area) rows.push(["audit.area", scope.areaName(item.area)]);
    if (item.version !== undefined && item.version !== null) rows.push(["audit.version", String(item.version)]);
    if (item.before) rows.push(["audit.before", pairs(item.before)]);
    if (item.after) rows.push(["audit.after", pairs(item.after)]);
    if (item.detail) rows.push(["audit.detail", why(item.detail)]);
    return rows;
  }

  /** {role: "viewer", area: "530111"} -> one line each, in words where there are any. */
  function pairs(values) {
    const word = {
      role: (v) => known(`role.${v}`, v), area: (v) => scope.areaName(v), department: (v) => scope.unitName(v) ?? v, how: (v) => known(`how.${v}`, v),
      disabled: (v) => known(`audit.disabled.${v}`, String(v)),
    };
    return Object.entries(values)
      .map(([key, value]) => `${known(`audit.${key}`, key)}: ${word[key]?.(value) ?? (typeof value === "string" ? value : JSON.stringify(value))}`)
      .join("\n");
  }

  if (typeof module !== "undefined") module.exports = { readFilters, asQuery };
  else
    window.dash_clientside = Object.assign({}, window.dash_clientside, {
      one_map: { mount: () => scope.mountPage(Audit) },
    });
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
