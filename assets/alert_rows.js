"use strict";
/* Draws alerts into the list of the desk: groups, what is unfolded in them, or all one by one. Text is never markup. */
(function (scope) {
  const BLINKING_MAX = 3; // as in desk_rows.js: glyphs, those of the cases among them
  const UNSPOKEN = /[\u0000-\u001f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g; // controls and marks of direction
  const MORE = "more:"; // begins the name of the row that fetches the next page

  class AlertRows {
    /** root: the listbox; alerts: see alert_desk.js. */
    constructor(root, alerts) {
      this.root = root;
      this.alerts = alerts;
      this.page = alerts.page;
      this.body = scope.element("div", "alert-rows", null);
      this.body.setAttribute("role", "presentation");
      this.nodes = new Map(); // name -> {node, parts}
      this.numbers = 0;
    }

    /** sections: [{label: word, rows: [{id, n?}]}] in the order of the screen. */
    draw(sections) {
      const { element, words: w } = scope;
      if (this.body.parentNode !== this.root) this.root.prepend(this.body);
      const held = this.nodes;
      this.nodes = new Map();
      this.heads = [];
      this.body.replaceChildren();
      for (const { state, ids, n } of sections) {
        const group = element("div", "group", this.body);
        group.setAttribute("role", "group");
        const head = element("div", "group-head", group);
        head.setAttribute("aria-hidden", "true"); // the group's own name says the same
        const sign = element("i", "", head);
        const label = element("span", "", head);
        element("span", "num", head).textContent = w.count(n);
        this.heads.push({ group, sign, label, state });
        for (const id of ids) {
          const row = held.get(id) || this._row(id);
          this.nodes.set(id, row);
          group.append(row.node);
        }
      }
      this.update();
      this.mark(false);
    }

    _row(id) {
      const { element } = scope;
      const node = element("div", "case-row alert-row", null);
      node.setAttribute("role", "option");
      node.id = `alert-row-${(this.numbers += 1)}`;
      node.dataset.alert = id;
      if (id.startsWith(MORE)) return { node, parts: { title: element("span", "alert-more", node) } };
      const glyph = element("i", "", node);
      const what = element("div", "what", node);
      const title = element("bdi", "case-title", what);
      const line = element("div", "case-line", what);
      const fold = element("span", "alert-fold num", line);
      const place = element("bdi", "case-place", line);
      const first = element("bdi", "case-place", line);
      const right = element("div", "case-right", node);
      const clock = element("div", "case-clock num", right);
      const said = element("div", "case-state", right);
      const sign = element("span", "", said);
      const state = element("span", "", said);
      return { node, parts: { glyph, title, fold, place, first, clock, said, sign, state } };
    }

    /** Everything that a second or a frame may have changed. */
    update() {
      const crowd = this.alerts.n_blinking + this.page.rows.n_unseen > BLINKING_MAX;
      for (const { group, sign, label, state } of this.heads || []) {
        const text = scope.words.say(`alert.head.${state}`);
        scope.put(label, text);
        if (group.getAttribute("aria-label") !== text) group.setAttribute("aria-label", text);
        const first = (crowd && state === "unacknowledged") || state === "all" ? this.alerts.mostUrgentBlinking() : null;
        if (first) scope.alertSaid.glyph(sign, first, true);
        else if (sign.firstChild) {
          sign.replaceChildren();
          delete sign.dataset.key;
        }
      }
      for (const [id, row] of this.nodes) this._update(id, row, crowd);
    }

    _update(id, { node, parts }, crowd) {
      const { put, flag, words: w } = scope;
      if (id.startsWith(MORE)) return put(parts.title, this.alerts.moreText(id.slice(MORE.length)));
      const held = this.alerts.held(id);
      if (!held) return undefined;
      const isGroup = scope.alertList.isGroup(id);
      const isGone = this.alerts.isGone(id);
      const shown = isGone ? { ...held, state: "normal" } : held;
      const told = scope.alertSaid.describe(shown, this.page.now());
      const count = isGroup ? scope.alertSaid.inside(held) : "";
      const isOpen = isGroup && this.alerts.isOpen(id);
      put(parts.title, scope.alertSaid.named(held, "title"));
      put(parts.fold, count && `${held.n > 1 ? (isOpen ? "▾ " : "▸ ") : ""}${count}`);
      put(parts.place, this.page.placeName(held.area) || this.alerts.areaName(held.area));
      const hasFirst = isGroup && held.n > 1 && held.first && held.cause === null;
      const rule = scope.alertSaid.named(held, "rule_name");
      const isRule = rule === parts.title.textContent; // of a group that has no cause its rule is the title
      put(parts.first, hasFirst ? w.say("alert.first", { title: scope.alertSaid.named(held.first, "title") }) : isRule ? "" : rule);
      put(parts.clock, told.clock);
      const isOther = isGroup && !isGone && !this.alerts.list.isOwn(held);
      put(parts.state, isOther ? w.say("alert.of.tier", { state: told.state, tier: w.say(`tier.${held.tier}`) }) : told.state);
      if (parts.sign.dataset.sign !== told.sign) {
        parts.sign.dataset.sign = told.sign;
        parts.sign.innerHTML = scope.alertSaid.icon(told.sign); // a sign of ours
      }
      scope.alertSaid.glyph(parts.glyph, shown, !crowd && this.alerts.blinks(id));
      flag(parts.said, "is-urgent", shown.state === "unacknowledged" && !isOther);
      flag(node, "gone", isGone);
      flag(node, "is-inside", !isGroup && this.alerts.isInside(id));
      flag(node, "is-aside", scope.alertList.SET_ASIDE.includes(shown.state));
      this._speak(node, parts, held, { told, isOpen, isGroup });
      return undefined;
    }

    _speak(node, parts, held, { told, isOpen, isGroup }) {
      const { words: w } = scope;
      const values = { p: held.priority, title: parts.title.textContent, place: parts.place.textContent, state: told.state, age: told.clock };
      const said = [w.say("alert.row", values), parts.fold.textContent.replace(/^[▸▾] /, ""), parts.first.textContent];
      const folded = isGroup && held.n > 1 ? w.say(isOpen ? "alert.unfolded" : "alert.folded") : "";
      const label = [...said, folded].filter(Boolean).join(w.say("desk.comma")).replace(UNSPOKEN, "");
      if (node.getAttribute("aria-label") !== label) node.setAttribute("aria-label", label);
    }

    /** The chosen row, for those who see and those who hear. */
    mark(show) {
      const id = this.page.view.alert;
      for (const [other, { node }] of this.nodes) {
        scope.flag(node, "is-selected", other === id);
        node.setAttribute("aria-selected", String(other === id));
      }
      const chosen = this.nodes.get(id);
      if (chosen) this.root.setAttribute("aria-activedescendant", chosen.node.id);
      if (chosen && show) chosen.node.scrollIntoView({ block: "nearest" });
    }
  }

  scope.alertRows = { AlertRows, MORE };
})((window.one_map = window.one_map || {}));
