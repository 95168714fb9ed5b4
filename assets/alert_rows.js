"use strict";
/* Draws the groups of alerts above the cases: one option a group, updated in place. Text from outside is isolated and never markup. */
(function (scope) {
  const BLINKING_MAX = 3; // glyphs; when there are more the head of the list blinks for all of them
  const UNSPOKEN = /[\u0000-\u001f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g; // controls and marks of direction

  class AlertRows {
    /** root: the section; desk: the alerts of the page. */
    constructor(root, desk) {
      this.root = root;
      this.desk = desk;
      this.nodes = new Map(); // key -> {node, parts}
      this._frame();
    }

    _frame() {
      const { element } = scope;
      const head = element("div", "group-head alert-head", this.root);
      this.headGlyph = element("i", "", head);
      this.title = element("span", "", head);
      this.freshButton = element("button", "fresh", head);
      this.freshButton.type = "button";
      this.freshButton.addEventListener("click", () => this.desk.settle());
      this.silentButton = element("button", "silent", head);
      this.silentButton.type = "button";
      this.silentButton.addEventListener("click", () => this.desk.toggleSilent());
      this.total = element("b", "num", head);
      this.box = element("div", "alert-rows", this.root);
      this.box.setAttribute("role", "listbox");
      this.box.tabIndex = -1;
      this.box.addEventListener("click", (event) => {
        const node = event.target.closest("[role=option]");
        if (node) this.desk.select(node.dataset.key);
      });
    }

    /** Puts the rows up in the order of the list; those that were there keep their element. */
    draw(list) {
      const held = this.nodes;
      this.nodes = new Map();
      for (const key of list.order) this.nodes.set(key, held.get(key) || this._row(key));
      this.box.replaceChildren(...[...this.nodes.values()].map(({ node }) => node));
      this.update(list);
    }

    _row(key) {
      const { element } = scope;
      const node = element("div", "case-row alert-row", null);
      node.setAttribute("role", "option");
      node.id = `alert-row-${(this.n = (this.n || 0) + 1)}`;
      node.dataset.key = key;
      const glyph = element("i", "", node);
      const what = element("div", "what", node);
      const title = element("bdi", "case-title", what);
      const line = element("div", "case-line", what);
      const place = element("bdi", "case-place", line);
      const inside = element("span", "alert-inside num", line);
      const right = element("div", "case-right", node);
      const clock = element("div", "case-clock num", right);
      const said = element("div", "case-state", right);
      return { node, parts: { glyph, title, place, inside, clock, said } };
    }

    /** Everything that a second or a frame may have changed. */
    update(list) {
      const { words: w, put } = scope;
      const rings = [...this.nodes.keys()].filter((key) => !list.gone.has(key) && isBlinking(list.groups.get(key)));
      this.isCrowd = rings.length > BLINKING_MAX;
      for (const [key, row] of this.nodes) this._update(row, list.groups.get(key), list.gone.has(key));
      const counts = list.told?.counts || {};
      put(this.title, w.say("alert.list", { n: w.count(counts.unacknowledged || 0) }));
      this.box.setAttribute("aria-label", this.title.textContent);
      this._headGlyph(this.isCrowd ? rings.map((key) => list.groups.get(key)) : []);
      this._buttons(list, counts);
      const active = this.nodes.get(this.desk.chosen);
      if (active) this.box.setAttribute("aria-activedescendant", active.node.id);
      else this.box.removeAttribute("aria-activedescendant");
    }

    _buttons(list, counts) {
      const { words: w, put } = scope;
      put(this.freshButton, list.fresh.size ? w.say("alert.fresh", { n: list.fresh.size }) : "");
      this.freshButton.hidden = !list.fresh.size;
      const parts = scope.alertList.SILENT.filter((state) => counts[state]).map((state) => `${w.say(`alert.state.${state}`)} ${w.count(counts[state])}`);
      put(this.silentButton, parts.join(" · "));
      this.silentButton.hidden = !parts.length;
      this.silentButton.setAttribute("aria-pressed", String(this.desk.withSilent));
      put(this.total, w.count(list.order.length));
    }

    _update({ node, parts }, group, gone) {
      const { put, flag, words: w } = scope;
      const chosen = this.desk.chosen === node.dataset.key;
      flag(node, "is-selected", chosen);
      flag(node, "gone", gone || !group);
      node.setAttribute("aria-selected", String(chosen));
      if (!group) return put(parts.said, w.say("alert.gone"));
      const nowMs = this.desk.page.now();
      const [state, urgent] = gone ? [w.say(`alert.state.${group.state}`), false] : scope.alertList.stateOf(group, nowMs);
      const title = scope.alertList.named(group);
      const place = this.desk.page.placeName(group.area);
      put(parts.title, title);
      put(parts.place, group.n > 1 || group.kind === "device_gone" ? [scope.alertList.ruleName(group), place].filter(Boolean).join(" · ") : [scope.alertList.ruleName(group), place].filter((part) => part && part !== title).join(" · "));
      put(parts.inside, scope.alertList.inside(group));
      put(parts.clock, scope.alertList.since(group, nowMs));
      put(parts.said, state);
      flag(parts.said, "is-urgent", urgent);
      flag(node, "unseen", urgent);
      for (const name of ["returned", "acknowledged", "shelved", "suppressed", "out_of_service"]) flag(node, `st-${name}`, group.state === name);
      this._glyph(parts.glyph, group, !gone && !this.isCrowd && isBlinking(group));
      const spoken = w.say("alert.row", { p: group.priority, title, place, state, inside: parts.inside.textContent }).replace(UNSPOKEN, "");
      if (node.getAttribute("aria-label") !== spoken) node.setAttribute("aria-label", spoken);
    }

    _headGlyph(groups) {
      if (!groups.length) {
        this.headGlyph.replaceChildren();
        delete this.headGlyph.dataset.look;
      } else this._glyph(this.headGlyph, groups.reduce((a, b) => (b.priority < a.priority ? b : a)), true);
    }

    _glyph(node, group, blinks) {
      const look = `${group.priority}${blinks}${scope.words.language()}`;
      if (node.dataset.look === look) return;
      node.dataset.look = look;
      node.innerHTML = scope.glyphs.priority(group.priority, scope.words.say("priority", { n: group.priority })); // a sign of ours
      scope.flag(node.firstChild, "unack", blinks);
    }

    show(key) {
      this.nodes.get(key)?.node.scrollIntoView({ block: "nearest" });
    }
  }

  const isBlinking = (group) => group?.state === "unacknowledged" && group.priority <= 2;

  scope.AlertRows = AlertRows;
})((window.one_map = window.one_map || {}));
