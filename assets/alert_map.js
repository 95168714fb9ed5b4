"use strict";
/* Alerts on the one map: a bell for each group that asks for an eye, with a popup that stays through updates. */
(function (scope) {
  const MARKED = { district: 2, street: 3, community: 4, grid: 4 }; // least urgent priority that each tier's map shows
  const LOUD = ["unacknowledged", "returned", "acknowledged"];
  const OF_CASES = ["incident_at_limit", "incident_overdue", "p1_unacknowledged"]; // their case has a mark of its own
  const BLINKING_MAX = 3;
  const BESIDE = 26; // 1/16 rem: right above its place
  const APART = 34; // 1/16 rem: between two bells
  const ROOM = 28; // 1/16 rem: between a popup and its bell
  const EDGE = 12; // px: between a popup and the edge of the map
  const say = (key, values) => scope.words.say(key, values);
  const BELL =
    '<path d="M12 3.2a5.6 5.6 0 0 0-5.6 5.6v4.4L4.6 16.4h14.8l-1.8-3.2V8.8A5.6 5.6 0 0 0 12 3.2Z" fill="currentColor"/>' +
    '<path d="M9.8 18.2a2.2 2.2 0 0 0 4.4 0" fill="none" stroke="currentColor" stroke-width="1.8"/>';

  /** Whether a map of a tier shows a group. Pure. */
  function isMarked(group, tier) {
    if (!LOUD.includes(group.state) || OF_CASES.includes(group.kind)) return false;
    return group.cause !== null || group.priority <= MARKED[tier];
  }

  /** Those whose bell blinks, the most urgent of all. Pure. */
  const blinking = (groups) =>
    groups.filter((group) => group.state === "unacknowledged" && group.priority <= 2).sort((a, b) => a.priority - b.priority).slice(0, BLINKING_MAX);

  const named = (thing) => (scope.words.language() === "en" && thing.title_en) || thing.title;

  class AlertPins {
    /** root: the view of the map; page: the one map; watch: gets the frames of the topic bells/CODE. */
    constructor(root, page, watch) {
      Object.assign(this, { page, groups: new Map(), nodes: new Map(), spots: new Map(), chosen: null });
      this.box = scope.element("div", "whistle-pins alert-pins", root);
      for (const name of ["pointerdown", "mousedown", "click", "dblclick", "wheel"]) this.box.addEventListener(name, (event) => event.stopPropagation());
      this.box.addEventListener("keydown", (event) => this._key(event));
      watch.listener = (told) => this._heard(told);
      if (watch.last) this._heard(watch.last);
    }

    get isOn() {
      return this.page.view().overlays.includes("alerts");
    }

    _heard(told) {
      const groups = { ...told.groups };
      if ("origins" in told) for (const key of this.groups.keys()) groups[key] ??= null; // a snapshot: what it does not name is over
      for (const [key, group] of Object.entries(groups)) {
        if (!group) this._over(key);
        else this.groups.set(key, group);
        if (group && key === this.chosen) this.ended = null; // it came again
      }
      if (told.groups) this.page.mark("canvas");
      if (told.groups && this.page.tree) scope.drawHints(this.page);
      if (this.chosen) this._popup();
    }

    /** What is over leaves the map, but not from under the eyes of who reads it. */
    _over(key) {
      const held = this.groups.get(key);
      this.groups.delete(key);
      if (held && this.chosen === key) this.ended = { ...held, endedAt: this.page.now() };
    }

    /** The groups that the map of this area has to mark. */
    _asked() {
      const { tree } = this.page;
      const { area } = this.page.view();
      if (!this.isOn || !tree?.has(area)) return [];
      const { tier } = tree.get(area);
      const inside = (code) => tree.has(code) && tree.lineage(code).some((one) => one.code === area);
      return [...this.groups.values()].filter((group) => isMarked(group, tier) && inside(group.at));
    }

    /** Whether a group has a place on the map: its own, else its grid. */
    _isPlaced(group) {
      return group.lon !== null || this.page.tree.get(group.at).tier === "grid";
    }

    /** How many groups ask for an eye here, and how many of them have no place on the map. */
    count() {
      const asked = this._asked();
      return { n: asked.length, unplaced: asked.filter((group) => !this._isPlaced(group)).length };
    }

    _shown() {
      return this.page.map?.scale ? this._asked().filter((group) => this._isPlaced(group)) : [];
    }

    _at(group) {
      const { map, tree } = this.page;
      const [x, y] = map.project(...(group.lon !== null ? [group.lon, group.lat] : tree.get(group.at).label));
      const beside = BESIDE * this.page.unit(); // what lies below stays within reach
      return [x + beside, y - beside];
    }

    draw() {
      const shown = this._shown();
      const keys = new Set(shown.map((group) => group.key));
      for (const [key, node] of this.nodes) {
        if (keys.has(key) || key === this.chosen) continue;
        node.remove();
        this.nodes.delete(key);
      }
      const points = scope.whistleMap.spread(shown.map((group) => this._at(group)), APART * this.page.unit());
      this.spots = new Map(shown.map((group, i) => [group.key, points[i]]));
      this._keepOpen();
      const rings = blinking(shown);
      for (const group of shown) this._pin(group, rings.includes(group));
      if (this.chosen) this._popup();
    }

    /** What is read stays where its place is, also when the map shows it no more. */
    _keepOpen() {
      const held = this.groups.get(this.chosen) || this.ended;
      if (!held || this.spots.has(this.chosen)) return;
      const [x, y] = this._at(held);
      this.spots.set(this.chosen, [x, y]);
      const node = this.nodes.get(this.chosen);
      if (node) node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    }

    _pin(group, blinks) {
      let node = this.nodes.get(group.key);
      if (!node) {
        node = scope.element("button", "whistle-pin alert-pin", this.box);
        node.type = "button";
        node.addEventListener("click", () => this._choose(group.key));
        this.nodes.set(group.key, node);
      }
      const look = `${group.priority}${group.state}${blinks}${group.n}`;
      if (node.dataset.look !== look) {
        node.dataset.look = look;
        node.className = `whistle-pin alert-pin p${group.priority} st-${group.state}`;
        node.innerHTML = `<svg class="g g${group.priority}${blinks ? " unack" : ""}" viewBox="0 0 24 24" aria-hidden="true">${BELL}</svg><b class="num">${group.priority}</b>`; // signs of ours
      }
      const [x, y] = this.spots.get(group.key);
      node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      const label = say("alert.pin", { p: group.priority, title: named(group), state: say(`alert.state.${group.state}`) });
      if (node.getAttribute("aria-label") !== label) node.setAttribute("aria-label", label);
      node.setAttribute("aria-expanded", String(this.chosen === group.key));
    }

    _key(event) {
      event.stopPropagation();
      if (event.key !== "Escape" || !this.chosen) return;
      event.preventDefault();
      this._shut();
    }

    _choose(key) {
      if (this.chosen === key) return this._shut();
      this.ended = null;
      this.chosen = key;
      this.draw();
      (this.link.hidden ? this.close : this.link).focus();
    }

    _shut() {
      this.nodes.get(this.chosen)?.focus();
      this.chosen = this.ended = null;
      this.popup?.remove();
      this.popup = null;
      this.draw();
    }

    /** Brings the popup up to date; it stays where it is and keeps the focus, also when the alert is over. */
    _popup() {
      const group = this.groups.get(this.chosen) || this.ended;
      if (!group || !this.spots.has(this.chosen)) return;
      if (!this.popup) this._frame();
      const nowMs = this.page.now();
      const { words: w, put } = scope;
      put(this.title, named(group));
      const time = w.moment(Date.parse(group.first.raised_at), nowMs);
      put(this.state, this.ended ? say("alert.pin.over", { time: w.hms(this.ended.endedAt) }) : `${say(`alert.state.${group.state}`)} · ${say("alert.pin.since", { time })}`);
      const inside = [group.cameras !== null && say("alert.pin.cameras", { n: w.count(group.cameras) }), group.n > 1 && say("alert.pin.inside", { n: w.count(group.n) })];
      put(this.inside, inside.filter(Boolean).join(" · "));
      const rule = (w.language() === "en" && group.rule_name_en) || group.rule_name;
      put(this.rule, say("alert.pin.rule", { rule }));
      const lang = this.page.view().lang ? { lang: this.page.view().lang } : {};
      const address = `/desk?${new URLSearchParams({ alert: group.ids[0], ...lang })}`;
      if (this.link.getAttribute("href") !== address) this.link.setAttribute("href", address);
      this.link.hidden = !scope.boot.me?.rights?.includes("see_alert"); // the desk is not for everybody
      put(this.link, say("alert.pin.open"));
      put(this.close, say("alert.pin.close"));
      this._stand(this.spots.get(this.chosen));
    }

    _stand([x, y]) {
      const { offsetWidth: width, offsetHeight: height } = this.popup;
      const view = this.box.getBoundingClientRect();
      const room = ROOM * this.page.unit();
      const left = x + room + width + EDGE <= view.width ? x + room : Math.max(EDGE, x - room - width);
      const top = Math.max(EDGE, Math.min(y - room, view.height - height - EDGE));
      this.popup.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    }

    _frame() {
      this.popup = scope.element("section", "whistle-popup alert-popup", this.box);
      this.title = scope.element("b", "", this.popup);
      this.title.dir = "auto";
      for (const name of ["state", "inside", "rule"]) this[name] = scope.element("p", "", this.popup);
      const row = scope.element("div", "buttons", this.popup);
      this.link = scope.element("a", "small button", row);
      this.close = scope.element("button", "small button", row);
      this.close.type = "button";
      this.close.addEventListener("click", () => this._shut());
    }
  }

  scope.alertMap = { AlertPins, isMarked, blinking };
  if (typeof module !== "undefined") module.exports = scope.alertMap;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
