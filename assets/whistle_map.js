"use strict";
/* Whistle pins: on the one map as buttons with a popup that stays, on the desk's place map as signs. */
(function (scope) {
  const SVG = "http://www.w3.org/2000/svg";
  const TICK_MS = 1000;
  const BESIDE = 34; // 1/16 rem: beside the sign of its case
  const ROOM = 28; // 1/16 rem: between a popup and what it belongs to
  const EDGE = 12; // px: between a popup and the edge of the map
  const say = (key, values) => scope.words.say(key, values);
  const facts = () => scope.whistleFacts;
  const named = (row) => (scope.words.language() === "en" && row.name_en) || row.name;
  /** As the list has it: an English page has the name of the class. */
  const titleOf = (held) => (scope.words.language() === "en" && held.title_en) || held.title;
  // a whistle seen from its side, on the 24 x 24 field of all signs
  const SHAPE =
    '<circle cx="13" cy="14.2" r="6.2" fill="none" stroke="currentColor" stroke-width="2.2"/>' +
    '<path d="M3.6 7.4H14" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/>' +
    '<path d="M3.6 7.4V11.4H7.2" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/>' +
    '<circle cx="13" cy="14.2" r="1.7" fill="currentColor"/>';

  /** The sign as markup of ours. */
  const sign = () => `<svg class="g whistle-sign" viewBox="0 0 24 24" aria-hidden="true">${SHAPE}</svg>`;

  /** Where a whistle stands, in short words. */
  function summary(held, nowMs) {
    const { key, values } = facts().summaryOf(held, nowMs);
    const { overdue } = facts().countsOf(held, nowMs);
    return overdue ? `${say(key, values)} · ${say("whistle.overdue", { n: overdue })}` : say(key, values);
  }

  /** Of each case the whistle that is open: [held]. */
  const openOf = (book) => [...book.byCase.values()].map((rows) => facts().leading(rows.filter(facts().isOpen))).filter(Boolean);

  /** What the clock of a called department says: {text, isOverdue}. */
  function clockText(held, part, nowMs) {
    const state = facts().clockOf(held, part, nowMs);
    if (!state) return { text: "", isOverdue: false };
    const until = say("whistle.until", { clock: say(`whistle.clock.${state.clock}`), time: scope.words.moment(state.dueMs, nowMs) });
    const time = scope.words.age(Math.abs(state.leftMs) / 1000);
    const share = Math.floor(100 * state.share);
    return { text: `${until} · ${say(state.isOverdue ? "whistle.over" : "whistle.left", { time, share })}`, isOverdue: state.isOverdue };
  }

  class WhistlePins {
    /** root: the view of the map; page: the one map. */
    constructor(root, page) {
      Object.assign(this, { page, nodes: new Map(), chosen: null });
      this.box = scope.element("div", "whistle-pins", root);
      this.book = new scope.WhistleBook({
        send: (path) => scope.send("GET", path),
        area: () => page.view().area,
        changed: () => this._changed(),
      });
      // what is clicked here is not for the map below
      for (const name of ["pointerdown", "mousedown", "click", "dblclick", "wheel"]) this.box.addEventListener(name, (event) => event.stopPropagation());
      this.box.addEventListener("keydown", (event) => this._key(event));
      setInterval(() => this.tick(), TICK_MS);
    }

    get isOn() {
      return this.page.view().overlays.includes("whistles") && Boolean(scope.boot.me?.rights?.includes("see_case"));
    }

    /** Each second. */
    tick() {
      if (this.isOn && this.page.status().state !== "cut" && !document.hidden) this.book.tick();
      if (this.chosen) this._popup();
    }

    /** Incidents of the picture moved. */
    moved(ids) {
      this.book.moved(ids);
    }

    _changed() {
      const before = [...this.nodes.keys()].join();
      this.draw();
      scope.drawHints(this.page);
      if (before === [...this.nodes.keys()].join()) return;
      this.page.composer.fresh = true; // labels find their place anew
      this.page.mark("canvas");
    }

    count() {
      return this.book.of === this.page.view().area ? openOf(this.book).length : null;
    }

    /** Where a case is on the canvas: at its place, else on its grid; null where the map knows no such grid. */
    _at(held) {
      const { map, tree } = this.page;
      const isPlaced = held.lon !== null && held.lat !== null;
      if (!isPlaced && !tree.has(held.area)) return null;
      const [x, y] = map.project(...(isPlaced ? [held.lon, held.lat] : tree.get(held.area).label));
      return [x - BESIDE * this.page.unit(), y];
    }

    draw() {
      const held = this.isOn && this.page.map?.scale ? openOf(this.book) : [];
      const ids = new Set(held.map((one) => one.incident));
      for (const [id, node] of this.nodes) if (!ids.has(id)) this._drop(id, node);
      for (const one of held) this._pin(one);
      if (this.chosen) this._popup();
    }

    _drop(id, node) {
      node.remove();
      this.nodes.delete(id);
      if (this.chosen === id) this._shut();
    }

    _pin(one) {
      let node = this.nodes.get(one.incident);
      if (!node) {
        node = scope.element("button", "whistle-pin", this.box);
        node.type = "button";
        node.dataset.case = one.incident;
        node.innerHTML = sign(); // a sign of ours
        node.addEventListener("click", () => this._choose(one.incident));
        this.nodes.set(one.incident, node);
      }
      const at = this._at(one);
      node.hidden = !at;
      if (at) node.style.transform = `translate(${Math.round(at[0])}px, ${Math.round(at[1])}px)`;
      scope.flag(node, "drafted", one.state !== "blown");
      scope.flag(node, "overdue", facts().countsOf(one, this.page.now()).overdue > 0);
      const label = say("whistle.pin", { kind: say(`whistle.${one.kind}`), title: titleOf(one), state: summary(one, this.page.now()) });
      if (node.getAttribute("aria-label") !== label) node.setAttribute("aria-label", label);
      node.setAttribute("aria-expanded", String(this.chosen === one.incident));
    }

    _key(event) {
      event.stopPropagation();
      if (event.key !== "Escape" || !this.chosen) return;
      event.preventDefault();
      this._shut();
    }

    // ---- the popup --------------------------------------------------------------------------------

    _choose(id) {
      if (this.chosen === id) return this._shut();
      this.chosen = id;
      this.draw();
      this.popup.querySelector("a").focus();
    }

    _shut() {
      this.nodes.get(this.chosen)?.focus();
      this.chosen = null;
      this.popup?.remove();
      this.popup = null;
      for (const node of this.nodes.values()) node.setAttribute("aria-expanded", "false");
    }

    /** Brings the popup up to date; it stays where it is and keeps the focus. */
    _popup() {
      const one = facts().leading(this.book.whistles(this.chosen).filter(facts().isOpen));
      const at = one && this._at(one);
      if (!at) return;
      if (!this.popup) this._frame();
      const nowMs = this.page.now();
      const { popup } = this;
      scope.put(this.title, `${say(`whistle.${one.kind}`)} · ${titleOf(one)}`);
      scope.put(this.state, summary(one, nowMs));
      this._parts(one, nowMs);
      const lang = this.page.view().lang ? { lang: this.page.view().lang } : {};
      const address = `/desk?${new URLSearchParams({ queue: "all", case: one.incident, ...lang })}`;
      if (this.link.getAttribute("href") !== address) this.link.setAttribute("href", address);
      scope.put(this.link, say("whistle.popup.open"));
      scope.put(this.close, say("whistle.popup.close"));
      this._stand(at);
    }

    /** Right of the case's sign, or left of the pin where there is no room; always whole inside the view. */
    _stand([x, y]) {
      const { offsetWidth: width, offsetHeight: height } = this.popup;
      const view = this.box.getBoundingClientRect();
      const room = ROOM * this.page.unit();
      const right = x + 2 * room;
      const left = right + width + EDGE <= view.width ? right : Math.max(EDGE, x - room - width);
      const top = Math.max(EDGE, Math.min(y - room, view.height - height - EDGE));
      this.popup.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    }

    _frame() {
      this.popup = scope.element("section", "whistle-popup", this.box);
      this.title = scope.element("b", "", this.popup);
      this.title.dir = "auto";
      this.state = scope.element("p", "", this.popup);
      this.list = scope.element("ul", "", this.popup);
      const row = scope.element("div", "buttons", this.popup);
      this.link = scope.element("a", "small button", row);
      this.close = scope.element("button", "small button", row);
      this.close.type = "button";
      this.close.addEventListener("click", () => this._shut());
    }

    _parts(one, nowMs) {
      while (this.list.children.length > one.called.length) this.list.lastChild.remove();
      one.called.forEach((part, i) => {
        const node = this.list.children[i] || this._line();
        const [name, state, clock] = node.children;
        scope.put(name, named(part));
        scope.put(state, say(one.blown_at ? `whistle.part.${part.state}` : "whistle.pin.none"));
        const { text, isOverdue } = clockText(one, part, nowMs);
        scope.put(clock, text);
        scope.flag(clock, "overdue", isOverdue);
      });
    }

    _line() {
      const node = scope.element("li", "", this.list);
      scope.element("bdi", "", node);
      scope.element("span", "", node);
      scope.element("small", "num", node);
      return node;
    }
  }

  /** A pin on the SVG of the place map, beside the sign of a case. size: of that sign. */
  function placePin(pane, id, x, y, size) {
    const held = pane.page.whistles?.of(id);
    if (!held || !facts().isOpen(held)) return;
    const left = x - size * 1.35;
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", `whistle-place${held.state === "blown" ? "" : " drafted"}`);
    group.setAttribute("transform", `translate(${left.toFixed(1)} ${y.toFixed(1)}) scale(${(size / 32).toFixed(2)})`);
    group.innerHTML = `<title></title><circle r="20" class="plate"/><g transform="translate(-12 -12)">${SHAPE}</g>`; // signs of ours
    group.firstChild.textContent = say("whistle.pin", { kind: say(`whistle.${held.kind}`), title: titleOf(held), state: summary(held, pane.page.now()) });
    pane.picture.append(group);
    if (size < 24) return;
    const text = pane._add("text", { x: left - size * 0.75, y: y + 4, class: "whistle-place-text" });
    text.textContent = summary(held, pane.page.now());
  }

  scope.whistleMap = { WhistlePins, placePin, titleOf, sign, summary, openOf };
})((window.one_map = window.one_map || {}));
