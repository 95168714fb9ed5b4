"use strict";
/* The side panel: numbers of the selected area, its most urgent incidents, its children. Text changes only where it differs. */
(function (scope) {
  let w; // scope.words and scope.picture: loaded after this file
  let p;
  const SOURCES = ["incidents", "cameras", "staff"];
  const MEMBERS_TOLD = 2;
  const LOWEST = { district: 2, street: 3, community: 4, grid: 4 }; // priority in a picture, by tier
  const URGENT = { district: 3, street: 3, community: 4, grid: 8 };

  const { put, flag, element } = scope;

  /** The heading of an incident in the language of the screen. */
  function incidentTitle(incident) {
    const own = w.language() === "en" ? incident.class_name_en || incident.title : incident.title || incident.class_name;
    return own || w.say("urgent.untitled");
  }

  /** What a number was before its feed was lost: with its unit or its whole, without its share. */
  function lastValue(value, small) {
    if (value === "—") return "";
    const tail = small === "%" ? small : small.startsWith("/") ? ` ${small}` : "";
    return w.say("fresh.last", { value: value + tail });
  }

  class Panel {
    /** page: {tree, now(), status(), select(code), drill(code), show(incident)}. */
    constructor(root, page) {
      w = scope.words;
      p = scope.picture;
      this.root = root;
      this.page = page;
      this.part = (name) => root.querySelector(`[data-part="${name}"]`);
      this.urgentList = root.querySelector("#urgent");
      this.childrenBox = root.querySelector("#children");
      this.rows = new Map(); // code -> table row
      this.tiles = new Map(); // name of a KPI -> its parts
      this.frozen = false;
      this.childrenBox.addEventListener("pointerenter", () => (this.frozen = true));
      this.childrenBox.addEventListener("pointerleave", () => (this.frozen = false));
      for (const node of root.querySelectorAll("[data-glyph]")) {
        const n = Number(node.dataset.glyph.slice(1));
        node.innerHTML = scope.glyphs.priority(n, w.say("priority", { n }));
      }
    }

    /** Everything again: another area or another language. */
    reset(area) {
      this.area = area;
      this.rows.clear();
      this.childrenBox.replaceChildren();
      this.urgentList.replaceChildren();
      for (const node of this.root.querySelectorAll("[data-glyph]")) {
        const n = Number(node.dataset.glyph.slice(1));
        node.firstChild.setAttribute("aria-label", w.say("priority", { n }));
      }
      put(this.part("title"), this._title(area));
      put(this.part("subtitle"), this._subtitle(area));
      put(this.part("code"), area.code);
      const below = scope.tiers.BELOW[area.tier];
      put(this.part("children-title"), below ? w.say(`tiers.${below}`) : w.say("cameras.list"));
      put(this.part("children-hint"), below ? w.say("children.hint") : "");
      put(this.part("urgent-title"), w.say("urgent.title"));
    }

    _title(area) {
      return area.tier === "grid"
        ? w.say("grid.name", { n: w.gridNumber(area) })
        : w.name(area);
    }

    _subtitle(area) {
      const { tree } = this.page;
      const parts = [];
      const parent = area.parent && tree.get(area.parent);
      if (parent && parent.tier !== "district") parts.push(w.name(parent));
      const below = scope.tiers.BELOW[area.tier];
      if (below) parts.push(w.say(`count.${below}`, { n: tree.children(area.code).length }));
      if (below && below !== "grid") parts.push(w.say("count.grid", { n: tree.gridCount(area.code) }));
      if (area.tier === "grid") parts.push(w.say("area.km2", { n: area.km2.toFixed(2) }));
      return parts.join(" · ");
    }

    /** Numbers, list and table from the picture of the area. */
    update(picture) {
      if (!picture) return;
      this.updateNumbers(picture);
      this._urgent(picture);
      if (scope.tiers.BELOW[this.area.tier]) this._children(picture);
      else this._cameras(picture);
    }

    /** The numbers alone, which follow every frame. */
    updateNumbers(picture) {
      if (!picture) return;
      this.pictureMs = Date.parse(picture.asOf);
      this._asOf(picture);
      this._kpis(picture.area);
      this.page.systems.drawPanel(this, picture);
      for (const n of [1, 2, 3, 4]) {
        const node = this.root.querySelector(`[data-priority="${n}"] .num`);
        put(node, p.isUnheard(picture.area, "incidents") ? "—" : w.count(picture.area.metrics[`incidents_open_p${n}`]));
        const fresh = this._fresh(picture.area, "incidents");
        flag(node, "val-stale", fresh === "stale" || fresh === "lost");
      }
    }

    _fresh(area, source) {
      return p.fresh(area, source, this.page.status().state === "cut");
    }

    /** 截至 14:21, or nothing for what is live or was never heard. */
    _asOfText(area, source) {
      const ms = p.asOf(area, source, this.page.status().state === "cut", this.pictureMs);
      return ms === null ? "" : w.say("fresh.asof", { time: w.moment(ms, this.page.now()) });
    }

    /** Of when a list is, beside its heading. */
    _caption(name, area, source) {
      const look = `old num fr-${this._fresh(area, source)}`;
      if (this.part(name).className !== look) this.part(name).className = look;
      put(this.part(name), this._asOfText(area, source));
    }

    _asOf(picture) {
      const status = this.page.status();
      const late = (this.page.now() - this.pictureMs) / 1000;
      const parts = [["", w.say("fresh.asof.age", { time: w.hms(this.pictureMs) })]];
      if (status.state !== "live" && late >= 5) parts.push(["", w.say("live.late", { age: w.age(late) })]);
      if (status.state !== "cut") for (const source of SOURCES) parts.push(...this._oldParts(picture, source));
      const node = this.part("as-of");
      while (node.children.length > parts.length) node.lastChild.remove();
      parts.forEach(([fresh, text], i) => {
        const part = node.children[i] || element("span", "", node);
        const look = fresh && `fr-${fresh}`;
        if (part.className !== look) part.className = look;
        put(part, text);
      });
      flag(node, "is-stale", status.state === "cut");
    }

    /** What to say of one source that is not live, or of members whose feeds are too few to make it so. */
    _oldParts(picture, source) {
      const fresh = this._fresh(picture.area, source);
      const name = w.say(`source.${source}`);
      if (p.isUnheard(picture.area, source)) return [[fresh, `${name} ${w.say("feed.never")}`]];
      if (fresh !== "live") return [[fresh, `${name} ${w.say(`fresh.${fresh}`)} ${this._asOfText(picture.area, source)}`.trim()]];
      const behind = p.membersBehind(picture, source);
      const told = behind.slice(0, MEMBERS_TOLD).map(({ code, asOf }) => {
        const member = w.shortName(this.page.tree.get(code));
        if (asOf === null) return `${member} ${w.say("fresh.lost")}`;
        return w.say("fresh.asof.area", { name: member, time: w.moment(asOf, this.page.now()) });
      });
      if (behind.length > told.length) told.push(w.say("feeds.more", { n: behind.length - told.length }));
      return told.length ? [["stale", `${name} ${told.join(", ")}`]] : [];
    }

    _kpis(area) {
      const m = area.metrics;
      const count = w.count;
      const overdue = p.share(m.incidents_overdue, m.incidents_open);
      this._kpi("open", area, "incidents", { value: count(m.incidents_open) });
      this._kpi("overdue", area, "incidents", {
        value: count(m.incidents_overdue), miss: p.flagged(area),
        small: m.incidents_open >= p.SMALL ? `${overdue.toFixed(1)}%` : "",
      });
      this._kpi("today", area, "incidents", {
        value: count(m.incidents_reported_today), small: `/ ${count(m.incidents_closed_today)}`,
      });
      this._kpi("covered", area, "staff", {
        value: count(m.grids_covered), small: `/ ${count(m.grids_total)}`, miss: m.grids_covered < 0.95 * m.grids_total,
      });
      for (const owner of ["public", "social"]) this._kpi(owner, area, "cameras", this._online(m, owner));
      this._kpi("on_time", area, "incidents", this._onTime(area));
      this._kpi("soon", area, "incidents", { value: count(m.incidents_due_soon) });
      this._kpi("staff", area, "staff", { value: count(m.staff_on_duty) });
    }

    _online(m, owner) {
      const { total, expected, down, rate, target } = p.online(m, owner);
      if (!total) return { value: "—", note: w.say("kpi.no_cameras") };
      const note = w.say("kpi.offline", { n: w.count(down), total: w.count(expected) });
      if (expected < p.SMALL) return { value: `${expected - down}`, small: `/ ${expected}`, note };
      return { value: rate.toFixed(1), small: "%", miss: rate < target, note };
    }

    _onTime(area) {
      const m = area.metrics;
      const due = m.incidents_due_today;
      if (!due) return { value: "—" };
      if (due < p.SMALL) return { value: w.count(m.incidents_closed_on_time_today), small: `/ ${w.count(due)}` };
      return { value: p.share(m.incidents_closed_on_time_today, due).toFixed(1), small: "%" };
    }

    _kpi(name, area, source, { value, small = "", miss = false, note = "" }) {
      const { number, print, em, note: line, age } = this._tile(name);
      const fresh = this._fresh(area, source);
      const lost = fresh === "lost";
      put(number, lost ? w.say("fresh.none") : value);
      put(print, lost ? "" : small);
      if (em.hidden !== !(miss && fresh !== "lost")) em.hidden = !(miss && fresh !== "lost");
      flag(number, "val-stale", fresh === "stale");
      flag(number, "val-lost", lost);
      const since = this._asOfText(area, source);
      put(line, lost ? since && lastValue(value, small) : note);
      put(age.lastChild, fresh === "live" ? "" : since || w.say(p.isUnheard(area, source) ? "feed.never" : `fresh.${fresh}`));
      this._sign(age, fresh);
    }

    _sign(age, fresh) {
      const look = `${fresh}${w.language()}`;
      if (age.dataset.fresh === look) return;
      age.dataset.fresh = look;
      age.className = `kpi-age fr-${fresh}`;
      const word = w.say(`fresh.${fresh}`);
      age.title = word;
      age.firstChild.innerHTML = fresh === "live" ? "" : scope.glyphs.fresh(fresh, word);
    }

    _tile(name) {
      if (!this.tiles.has(name)) {
        const part = (selector) => this.root.querySelector(`[data-kpi="${name}"] ${selector}`);
        this.tiles.set(name, {
          number: part(".value"), print: part("small"), em: part("em"), note: part(".kpi-note"), age: part(".kpi-age"),
        });
      }
      return this.tiles.get(name);
    }

    _urgent(picture) {
      this._caption("urgent-as-of", picture.area, "incidents");
      const list = p.urgent(this.page.systems.marks(picture)).slice(0, URGENT[this.area.tier]);
      put(this.part("urgent-title"), list.length ? w.say("urgent", { n: list.length }) : w.say("urgent.title"));
      while (this.urgentList.children.length > Math.max(1, list.length)) this.urgentList.lastChild.remove();
      if (!list.length) {
        this._noUrgent(picture);
        return;
      }
      list.forEach((incident, i) => this._urgentRow(incident, i));
    }

    _noUrgent(picture) {
      const li = this.urgentList.children[0] || element("li", "", this.urgentList);
      if (li.dataset.id) li.replaceChildren();
      delete li.dataset.id;
      li.className = "none";
      const most = { district: "P1 P2", street: "P1–P3" }[this.area.tier];
      const open = picture.area.metrics.incidents_open;
      const { systems } = this.page;
      if (p.isUnheard(picture.area, "incidents")) put(li, w.say("fresh.none"));
      else if (systems.chosen) put(li, systems.noneUrgent(picture.area, LOWEST[this.area.tier]));
      else put(li, most && open ? w.say("urgent.none.high", { priorities: most }) : w.say("urgent.none"));
    }

    _urgentRow(incident, i) {
      let li = this.urgentList.children[i];
      if (!li || !li.querySelector("button")) {
        li?.remove();
        li = element("li", "", null);
        this.urgentList.insertBefore(li, this.urgentList.children[i] || null);
        li.innerHTML = '<button><i></i><span class="what"><b></b><span></span></span><span class="left num"></span></button>';
        li.firstChild.addEventListener("click", () => this.page.show(li.incident));
      }
      li.className = "";
      const button = li.firstChild;
      if (li.dataset.id !== incident.id || li.dataset.lang !== w.language()) {
        li.dataset.id = incident.id;
        li.dataset.lang = w.language();
        button.firstChild.innerHTML = scope.glyphs.priority(incident.priority, w.say("priority", { n: incident.priority }));
      }
      li.incident = incident;
      const clock = w.clock(incident, this.page.now());
      const place = this.page.tree.place(incident.area, this.area);
      const state = w.say(`state.${incident.state}`);
      put(button.querySelector("b"), incidentTitle(incident));
      put(button.querySelector(".what span"), [place, clock.paused ? "" : state].filter(Boolean).join(" · "));
      const left = button.querySelector(".left");
      put(left, clock.text);
      const look = clock.paused ? "paused" : clock.overdue ? "over" : clock.near ? `near p${incident.priority}` : "";
      if (left.className !== `left num ${look}`) left.className = `left num ${look}`;
      const label = w.say("incident.label", {
        p: incident.priority, title: incidentTitle(incident), place, state, clock: clock.text.replace(/:\d\d$/, ""),
      });
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
    }

    _children(picture) {
      const grids = scope.tiers.BELOW[this.area.tier] === "grid";
      this._caption("children-as-of", picture.area, "incidents");
      if (!this.rows.size) this._table(grids);
      const areas = [...picture.children.values()];
      const most = Math.max(1, ...areas.map((area) => area.metrics.incidents_open));
      for (const area of areas) this._row(area, most, grids);
      this._order(areas);
    }

    _table(grids) {
      const heads = grids
        ? ["number", "", "open", "overdue", "offline", "cover"]
        : ["name", "", "open", "overdue", "grids"];
      const table = element("table", grids ? "grids" : "", null);
      const row = element("tr", "", element("thead", "", table));
      for (const head of heads) {
        const cell = element("th", "", row);
        cell.scope = "col";
        put(cell, head ? w.say(`children.${head}`) : "");
      }
      this.body = element("tbody", "", table);
      this.childrenBox.replaceChildren(table);
    }

    _row(area, most, grids) {
      let row = this.rows.get(area.code);
      if (!row) {
        row = element("tr", "", this.body);
        row.tabIndex = 0;
        row.dataset.code = area.code;
        row.innerHTML = `<td></td><td class="bar"><i></i></td>${"<td class=num></td>".repeat(grids ? 4 : 3)}`;
        row.addEventListener("click", () => this.page.select(area.code));
        row.addEventListener("dblclick", () => this.page.drill(area.code));
        put(row.cells[0], w.shortName(this.page.tree.get(area.code)));
        row.cells[0].title = w.name(this.page.tree.get(area.code));
        this.rows.set(area.code, row);
      }
      const m = area.metrics;
      row.cells[1].firstChild.style.width = `${Math.round((100 * m.incidents_open) / most)}%`;
      put(row.cells[2], p.isUnheard(area, "incidents") ? "—" : w.count(m.incidents_open));
      put(row.cells[3], m.incidents_overdue ? w.count(m.incidents_overdue) : "—");
      const camerasUnheard = grids && p.isUnheard(area, "cameras");
      put(row.cells[4], camerasUnheard ? "—" : grids ? w.count(m.cameras_total - m.cameras_maintenance - m.cameras_online) : w.count(m.grids_total));
      if (grids) put(row.cells[5], p.isUnheard(area, "staff") ? "—" : w.say(m.grids_covered ? "cover.yes" : "cover.no"));
      const fresh = this._fresh(area, "incidents");
      flag(row, "is-stale", fresh === "stale" || fresh === "lost");
      flag(row, "is-selected", area.code === this.page.view().select);
    }

    /** Most open first; never while a hand or the focus is on the table. */
    _order(areas) {
      if (this.frozen || this.childrenBox.contains(document.activeElement)) return;
      areas.sort((a, b) => b.metrics.incidents_open - a.metrics.incidents_open || (a.code < b.code ? -1 : 1));
      areas.forEach((area, i) => {
        const row = this.rows.get(area.code);
        if (this.body.children[i] !== row) this.body.insertBefore(row, this.body.children[i] || null);
      });
    }

    /** Without the grid's own name in front, which the reader knows. */
    _cameraName(name) {
      const known = this.area.name;
      return name.startsWith(known) && name.length > known.length ? name.slice(known.length) : name;
    }

    /** At a grid: its cameras, those down first. */
    _cameras(picture) {
      const cameras = [...(picture.cameras?.values() || [])];
      const rank = { fault: 0, offline: 0, unknown: 1, maintenance: 2, online: 3 };
      cameras.sort((a, b) => rank[a[5]] - rank[b[5]] || (a[1] < b[1] ? -1 : 1));
      const shown = cameras.slice(0, 60);
      put(this.part("children-hint"), w.say("map.shown", { shown: shown.length, total: w.count(picture.area.metrics.cameras_total) }));
      this._caption("children-as-of", picture.area, "cameras");
      const fresh = this._fresh(picture.area, "cameras");
      const old = fresh === "stale" || fresh === "lost";
      const key = JSON.stringify([w.language(), old, shown.map((c) => [c[0], c[5], c[6] && w.hm(c[6])])]);
      if (key === this.cameraKey && this.childrenBox.firstChild) return;
      this.cameraKey = key;
      const table = element("table", old ? "cameras is-old" : "cameras", null);
      const row = element("tr", "", element("thead", "", table));
      for (const head of ["children.name", "cameras.owner", "cameras.state", "cameras.seen"]) put(element("th", "", row), w.say(head));
      const body = element("tbody", "", table);
      for (const [, name, , , owner, state, seen] of shown) {
        const line = element("tr", state === "online" ? "" : "is-down", body);
        const seenAt = seen ? w.moment(seen, this.page.now()) : "—";
        for (const text of [this._cameraName(name), w.say(`camera.${owner}`), w.say(`camera.${state}`), seenAt]) put(element("td", "", line), text);
      }
      this.childrenBox.replaceChildren(table);
    }
  }

  Object.assign(scope, { Panel, incidentTitle });
})((window.one_map = window.one_map || {}));
