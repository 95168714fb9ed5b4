"use strict";
/* Draws the list: one option a case, updated in place. Text from outside is isolated and never markup. */
(function (scope) {
  const BLINKING_MAX = 3; // glyphs; when there are more the head of their group blinks for all of them
  const TITLE_MAX = 300; // characters; more than any screen is wide
  const UNSPOKEN = /[\u0000-\u001f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g; // controls and marks of direction

  class Rows {
    /** root: the listbox; page: the desk. */
    constructor(root, page) {
      this.root = root;
      this.page = page;
      this.nodes = new Map(); // id -> {node, parts}
      this.numbers = 0;
      root.addEventListener("click", (event) => {
        const node = event.target.closest("[role=option]");
        if (node?.dataset.id) page.select(node.dataset.id, { at: "once" });
      });
    }

    /** Puts the rows of a list up; those that were there keep their element. */
    draw(list) {
      const { words: w, element } = scope;
      const held = this.nodes;
      this.nodes = new Map();
      for (const node of this.root.querySelectorAll(":scope > .group, :scope > .bones")) node.remove(); // the alerts' rows stay
      this.heads = [];
      for (const { first, ids } of list.groups()) {
        const group = element("div", "group", this.root);
        group.setAttribute("role", "group");
        const head = element("div", "group-head", group);
        head.setAttribute("aria-hidden", "true"); // the group's own name says the same
        element("i", "", head);
        element("span", "", head);
        element("span", "num", head).textContent = w.count(ids.length);
        this.heads.push({ group, head, first });
        for (const id of list.open.with(ids)) {
          const row = held.get(id) || this._row(id);
          this.nodes.set(id, row);
          group.append(row.node);
        }
      }
      this.update(list);
      this.mark(false);
    }

    /** Whether a case came into an open row, or left one. */
    isOther(list) {
      const ids = list.open.with(list.order);
      const drawn = this.nodes.keys();
      return ids.length !== this.nodes.size || ids.some((id) => id !== drawn.next().value);
    }

    _row(id) {
      const { element } = scope;
      const node = element("div", "case-row", null);
      node.setAttribute("role", "option");
      node.id = `case-row-${(this.numbers += 1)}`;
      node.dataset.id = id;
      const glyph = element("i", "", node);
      const what = element("div", "what", node);
      const title = element("bdi", "case-title", what);
      const line = element("div", "case-line", what);
      const place = element("bdi", "case-place", line);
      const whistle = element("span", "case-whistle", line);
      const fold = element("span", "case-fold", line);
      fold.setAttribute("aria-hidden", "true"); // the name of the row says it, keys do it
      const bell = element("span", "case-bell", line);
      const also = element("bdi", "also", line);
      const right = element("div", "case-right", node);
      const clock = element("div", "case-clock num", right);
      const said = element("div", "case-state", right);
      const bar = element("div", "case-bar", node);
      const fill = element("i", "", bar);
      for (const at of [50, 80]) element("u", `at-${at}`, bar);
      return { node, parts: { glyph, title, place, fold, whistle, bell, also, clock, said, bar, fill } };
    }

    /** Everything that a second may have changed; of the rows named in `only`, what a frame has. */
    update(list, only = null) {
      const { words: w, put } = scope;
      const unseen = list.order.filter((id) => !list.gone.has(id) && isBlinking(list.rows.get(id)));
      this.list = list;
      this.n_unseen = unseen.length;
      const wasCrowd = this.isCrowd;
      this.isCrowd = unseen.length + this.page.alerts.n_blinking > BLINKING_MAX;
      if (wasCrowd !== this.isCrowd) only = null;
      for (const { group, head, first } of this.heads || []) {
        const text = w.say(first ? "desk.group.unacknowledged" : `desk.group.${this.page.view.sort}`);
        put(head.children[1], text);
        if (group.getAttribute("aria-label") !== text) group.setAttribute("aria-label", text);
        this._headGlyph(head.firstChild, first && this.isCrowd ? unseen.map((id) => list.rows.get(id)) : []);
      }
      for (const [id, row] of this.nodes) if (!only || only.has(id)) this._update(row, list.row(id), list.gone.get(id));
    }

    _update({ node, parts }, own, gone) {
      const row = scope.deskFolds.shown(own);
      const { put, flag, words: w } = scope;
      const nowMs = this.page.now();
      const clock = scope.deskList.clock(row, nowMs, this.page.clocks);
      const [state, urgent] = gone ? [scope.deskList.fate(gone), false] : scope.deskList.state(own, nowMs);
      const title = titleOf(row);
      put(parts.title, title);
      put(parts.place, this.page.placeName(row.area));
      const names = this.page.watching(row.id);
      put(parts.also, names.length ? w.say("desk.also", { names: names.join(w.say("desk.comma")) }) : "");
      this._bell(parts.bell, gone ? null : this.page.alerts.bells.get(row.id));
      this.page.whistles.mark(parts.whistle, gone ? null : row.id);
      put(parts.clock, gone && clock.kind === "ended" ? "" : clock.text);
      put(parts.said, !gone && clock.note ? clock.note : state);
      const fold = this._fold(parts.fold, own, gone);
      this._glyph(parts.glyph, row, !gone && !this.isCrowd && isBlinking(row));
      this._look(node, parts, { clock, gone, urgent, priority: row.priority });
      flag(parts.said, "is-urgent", urgent);
      const label = w.say("desk.row", {
        p: row.priority, title, place: this.page.placeName(row.area), clock: clock.said, state: [gone ? state : short(own, state), fold].filter(Boolean).join(w.say("desk.comma")),
      });
      const more = [parts.whistle.textContent, parts.bell.textContent, parts.also.textContent].filter(Boolean);
      const spoken = [label, ...more].join(w.say("desk.comma")).replace(UNSPOKEN, "");
      if (node.getAttribute("aria-label") !== spoken) node.setAttribute("aria-label", spoken);
      node.title = row.provisional ? w.say("desk.provisional.title") : "";
    }

    /** The sign of a row of several cases, or of one of them below it; answers its words. */
    _fold(sign, row, gone) {
      const { say } = scope.words;
      const isMember = this.list.open.rows.has(row.id);
      const isOpen = this.list.open.ids.has(row.id);
      const kind = isMember ? "out" : row.inside && !gone ? "open" : "";
      if (sign.dataset.fold !== kind) sign.dataset.fold = kind;
      sign.hidden = !kind;
      if (!kind) delete sign.dataset.fold;
      const text = row.inside ? say("desk.fold", { n: row.inside.total }) : "";
      scope.put(sign, isMember ? `${say("do.unfold")} I` : text && `${text} ${isOpen ? "▾" : "▸"}`);
      return isMember ? say("desk.fold.member") : kind && text;
    }

    /** An alert that speaks of the case has no row of its own in this list. */
    _bell(node, bell) {
      const text = bell ? scope.words.say("alert.bell", { name: scope.alertSaid.named(bell.group, "rule_name") }) : "";
      scope.flag(node, "rings", Boolean(bell?.rings));
      if (node.textContent === text) return;
      node.innerHTML = bell ? scope.alertSaid.icon("bell") : ""; // a sign of ours
      node.append(text);
    }

    _headGlyph(node, rows) {
      if (!rows.length) node.replaceChildren();
      else this._glyph(node, rows.map(scope.deskFolds.shown).reduce((a, b) => (b.priority < a.priority ? b : a)), true);
      if (!rows.length) delete node.dataset.key;
    }

    _glyph(node, row, blinks) {
      const key = `${row.priority}${blinks}${scope.words.language()}`;
      if (node.dataset.key === key) return;
      node.dataset.key = key;
      node.innerHTML = scope.glyphs.priority(row.priority, scope.words.say("priority", { n: row.priority })); // a sign of ours
      scope.flag(node.firstChild, "unack", blinks);
    }

    _look(node, parts, { clock, gone, urgent, priority }) {
      const look = `case-row p${priority} ${clock.kind}${gone ? " gone" : ""}${urgent ? " unseen" : ""}${this.list.open.rows.has(node.dataset.id) ? " is-member" : ""}`;
      const chosen = this.page.view.case === node.dataset.id;
      const whole = chosen ? `${look} is-selected` : look;
      if (node.className !== whole) node.className = whole;
      if (node.getAttribute("aria-selected") !== String(chosen)) node.setAttribute("aria-selected", String(chosen));
      parts.bar.hidden = clock.part === null || Boolean(gone);
      const width = `${((clock.part ?? 0) * 100).toFixed(1)}%`;
      if (parts.fill.style.width !== width) parts.fill.style.width = width;
    }

    /** The chosen row, for those who see and those who hear. */
    mark(show) {
      const id = this.page.view.case;
      const held = this.nodes.get(id);
      for (const [other, { node }] of this.nodes) {
        scope.flag(node, "is-selected", other === id);
        node.setAttribute("aria-selected", String(other === id));
      }
      if (held) this.root.setAttribute("aria-activedescendant", held.node.id);
      else if (!this.page.view.alert) this.root.removeAttribute("aria-activedescendant");
      if (held && show) held.node.scrollIntoView({ block: "nearest" });
    }
  }

  const isBlinking = (row) => scope.deskFolds.isUnseen(row) && scope.deskFolds.shown(row).priority <= 2;

  const short = (row, state) => (row.acknowledged === false ? scope.words.say("desk.unacknowledged") : state);

  function titleOf(row) {
    const { language, say } = scope.words;
    const named = (language() === "en" && row.class_name_en) || row.class_name;
    return ((language() === "en" ? named || row.title : row.title || named) || say("desk.untitled")).slice(0, TITLE_MAX);
  }

  scope.deskRows = { Rows, titleOf };
})((window.one_map = window.one_map || {}));
