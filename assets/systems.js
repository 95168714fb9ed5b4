"use strict";
/* The filter by a service system: which marks it leaves, and its KPIs in the side panel.

   A case names the systems in whose queues it stands; what the map does not hold of a system is
   counted by the topic systems/CODE. The functions above the class are pure. */
(function (scope) {
  const KIND = "systems/";
  const SLOTS = 5;
  /** Priorities of the marks that stand one by one, by the tier looked at. */
  const SINGLE = { street: [1], community: [1, 2, 3, 4], grid: [1, 2, 3, 4] };

  /** The open cases in a system's queue: Map of id -> incident; all where there is no filter. */
  function within(incidents, system) {
    if (!system) return incidents;
    return new Map([...incidents].filter(([, incident]) => incident.systems?.includes(system)));
  }

  /** Applies a change in place: {systems: {id: row}, children: {code: {id: [n]} | null}}. */
  function merge(held, delta) {
    for (const part of ["systems", "children"])
      for (const [key, value] of Object.entries(delta[part] || {})) {
        if (value === null) delete held[part][key];
        else held[part][key] = value;
      }
  }

  /** Which source a KPI lives on. */
  function source(kpi) {
    if (/^cameras?_/.test(kpi)) return "cameras";
    return /^(staff_|grids_|checkins_)/.test(kpi) ? "staff" : "incidents";
  }

  /** How a tile says {id, value, n?, also?}; few: below this many no rate. -> {value, small, note}. */
  function told(kpi, { count, say }, few) {
    if (kpi.value === null) return { value: "—", small: "", note: "" };
    if (kpi.n === undefined)
      return { value: count(kpi.value), small: "", note: kpi.also ? say("system.also", { n: count(kpi.also) }) : "" };
    if (kpi.n < few) return { value: count(kpi.value * kpi.n), small: `/ ${count(kpi.n)}`, note: "" };
    return { value: (100 * kpi.value).toFixed(1), small: "%", note: "" };
  }

  class Systems {
    /** page: the one map. boot: {systems: {id: {status, kpis}}, me}. */
    constructor(page, boot) {
      this.page = page;
      this.boot = boot;
      this.held = new Map(); // area code -> {systems, children}
    }

    get chosen() {
      return this.page.view().system;
    }

    /** What has to be subscribed to for a view; what is not looked at any more is forgotten. */
    topics(area, select) {
      const codes = this.chosen ? [area, select].filter(Boolean) : [];
      for (const code of this.held.keys()) if (!codes.includes(code)) this.held.delete(code);
      return codes.map((code) => KIND + code);
    }

    takes = (topic) => topic.startsWith(KIND);

    snapshot(topic, snapshot) {
      this.held.set(topic.slice(KIND.length), snapshot);
      this.page.mark("paint", "canvas", "panel");
    }

    delta(topic, delta) {
      const held = this.held.get(topic.slice(KIND.length));
      if (!held || !Object.keys(delta).length) return;
      merge(held, delta);
      this.page.markCalmly("paint", "canvas", "panel");
    }

    /** The chosen system's numbers in an area; undefined until they are here. */
    row = (code) => this.held.get(code)?.systems[this.chosen];

    /** The incidents of a picture that the filter leaves. */
    marks = (held) => within(held.incidents, this.chosen);

    /** Open cases of one priority in an area or in a child of the area looked at. */
    open(area, priority) {
      if (!this.chosen) return area.metrics[`incidents_open_p${priority}`];
      const held = this.held.get(this.page.view().area);
      if (area.code === this.page.view().area) return this.row(area.code)?.open_by_priority[priority - 1];
      return held?.children[area.code]?.[this.chosen]?.[priority - 1] ?? 0;
    }

    /** [shown, total] of the marks that stand one by one; null where there are none, or the total is not here yet. */
    shown(held, tier) {
      const row = this.row(held.area.code);
      if (!row || !SINGLE[tier]) return null;
      const marks = [...this.marks(held).values()].filter((one) => SINGLE[tier].includes(one.priority));
      const total = SINGLE[tier].reduce((sum, p) => sum + row.open_by_priority[p - 1], 0);
      return [marks.length, Math.max(total, marks.length)];
    }

    /** What to say where the list of the most urgent is empty; most: the lowest priority that it holds. */
    noneUrgent(area, most, { say, count } = scope.words) {
      const row = this.row(area.code);
      if (!row) return "";
      const n = row.open_by_priority.slice(0, most).reduce((sum, one) => sum + one, 0);
      if (n) return say("system.urgent.beyond", { n: count(n) });
      const left = row.open_by_priority.slice(most).some((one) => one > 0);
      return left ? say("system.urgent.none.high", { p: most }) : say("system.urgent.none");
    }

    /** The radio buttons of the layers panel, and what their proposal mark means. */
    drawChoices() {
      const { say } = scope.words;
      for (const button of document.querySelectorAll("#systems .choice")) {
        const on = button.dataset.name === (this.chosen ?? "");
        button.setAttribute("aria-checked", String(on));
        button.tabIndex = on ? 0 : -1;
      }
      for (const node of document.querySelectorAll(".proposal")) node.title = say("system.proposal.title");
    }

    /** The part of the side panel; panel: of the area whose picture this is. */
    drawPanel(panel, picture) {
      const section = document.getElementById("system");
      const id = this.chosen;
      if (section.hidden !== !id) section.hidden = !id;
      if (!id) return;
      this._head(section, id);
      const row = this.row(picture.area.code);
      this.boot.systems[id].kpis.forEach((name, i) => {
        const kpi = row?.kpis.find((one) => one.id === name);
        scope.put(section.querySelector(`[data-kpi=system${i}] .kpi-name`), scope.words.say(`system.kpi.${name}`));
        const text = kpi ? told(kpi, scope.words, scope.picture.SMALL) : { value: "…", small: "", note: "" };
        panel._kpi(`system${i}`, picture.area, source(name), text);
      });
      for (let i = 0; i < SLOTS; i++)
        section.querySelector(`[data-kpi=system${i}]`).hidden = i >= this.boot.systems[id].kpis.length;
    }

    _head(section, id) {
      const view = this.page.view();
      scope.put(section.querySelector("[data-part=system-name]"), scope.words.say(`system.name.${id}`));
      section.querySelector(".proposal").hidden = this.boot.systems[id].status !== "proposal";
      const link = section.querySelector("a");
      link.hidden = !this.boot.me?.rights.includes("see_case");
      const query = new URLSearchParams({ area: view.select || view.area, system: id });
      if (view.lang) query.set("lang", view.lang);
      const address = `/desk?${query}`;
      if (link.getAttribute("href") !== address) link.setAttribute("href", address);
    }
  }

  scope.systems = { within, merge, source, told };
  scope.Systems = Systems;
  if (typeof module !== "undefined") module.exports = { ...scope.systems, Systems };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
