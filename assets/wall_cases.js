"use strict";
/* Urgent cases one by one with their clocks, and whistles. No text that somebody wrote: the class alone. */
(function (scope) {
  const { put, flag, element } = scope;
  const w = scope.words;
  const v = scope.wallValues;
  const CARD = [200, 176]; // design px, and where there is little room
  const ROW = 90;
  const HEAD = 78;
  const BLINKING = 3; // glyphs that may blink at once; more: the heading does instead

  const named = (row) => (w.language() === "en" && row.class_name_en) || row.class_name || w.say("urgent.untitled");

  /** Open cases of a priority with what the wall topic adds: {case, waitsMs, whistle}. */
  function casesOf(view, priority) {
    return scope.picture
      .urgent(view.picture.incidents)
      .filter((one) => one.priority === priority)
      .map((one) => {
        const more = view.wall?.cases[one.id];
        return { one, waitsMs: more?.waits_since ? Date.parse(more.waits_since) : null, whistle: more?.whistle || null };
      });
  }

  /** Time left, state and what more there is to say of one case. */
  function told(view, { one, waitsMs, whistle }) {
    const clock = w.clock(one, view.now);
    if (waitsMs !== null) {
      const age = w.age((view.now - waitsMs) / 1000);
      return { clock, state: [w.say("wall.unacknowledged", { age })], waits: true };
    }
    const parts = [];
    if (whistle) parts.push(w.say(`wall.whistle.${whistle}`));
    else if (clock.overdue) parts.push(w.say("wall.is_overdue"));
    else if (clock.near) parts.push(w.say("wall.near"));
    return { clock, state: [w.say(`state.${one.state}`), ...parts], waits: false };
  }

  /** Share of its limit that a case has used, 0..1; null while its clock stands still. */
  function used(one, nowMs) {
    if (!one.due_at || !one.reported_at) return null;
    const [from, to] = [Date.parse(one.reported_at), Date.parse(one.due_at)];
    return to > from ? Math.max(0, Math.min(1, (nowMs - from) / (to - from))) : 1;
  }

  class Card {
    constructor(width) {
      this.width = width;
      this.root = element("div", "card", null);
      this.glyph = element("div", "card-glyph", this.root);
      const lines = element("div", "card-lines", this.root);
      const [first, second] = [0, 1].map(() => element("div", "card-line", lines));
      this.title = element("span", "card-title", first);
      this.clock = element("span", "card-clock num", first);
      this.place = element("span", "card-place", second);
      this.state = element("span", "card-state", second);
      this.bar = element("i", "", element("div", "card-bar", this.root));
    }

    set(view, held, blinks, tree) {
      const { clock, state, waits } = told(view, held);
      const { one } = held;
      v.priorityGlyph(this.glyph, one.priority, waits && blinks && !view.cut);
      const room = this.width - 104 - 32;
      const long = clock.text.length > 8; // days: smaller, so that the class keeps its room
      const left = room - v.textWidth(clock.text, long ? v.SIZE.title : v.SIZE.card, 600) - 28;
      const isWide = v.textWidth(named(one), v.SIZE.title, 700) > left;
      flag(this.clock, "is-long", long);
      flag(this.title, "is-long", isWide);
      put(this.title, v.fitted([named(one)], left, isWide ? v.SIZE.body : v.SIZE.title, 700));
      const [saying, weight] = [v.fitted(state, 0.62 * room, v.SIZE.text, waits ? 700 : 400), waits ? 700 : 400];
      const beside = room - v.textWidth(saying, v.SIZE.text, weight) - 20;
      put(this.place, tree.has(one.area) ? v.fitted(placeOf(tree, one.area, view.code), beside, v.SIZE.text) : "");
      put(this.clock, clock.paused ? w.say("state.suspended") : clock.text);
      put(this.state, saying);
      const look = clock.overdue ? "is-over" : clock.near ? `is-near p${one.priority}` : "";
      const name = `card ${look} ${waits ? "is-waiting" : ""} ${view.old.incidents ? "is-old" : ""}`;
      if (this.root.className !== name) this.root.className = name;
      const share = used(one, view.now);
      this.bar.style.width = share === null ? "0" : `${(100 * share).toFixed(1)}%`;
    }
  }

  /** 关上, 双凤社区, 03 网格, without what the reader of the scene knows. */
  function placeOf(tree, code, seenFrom) {
    const known = new Set(tree.lineage(seenFrom).map((area) => area.code));
    return tree
      .lineage(code)
      .filter((area) => !known.has(area.code))
      .map((area) => {
        if (area.tier === "grid") return w.say("grid.name", { n: w.gridNumber(area) });
        return area.tier === "street" || w.language() === "en" ? w.shortName(area) : w.name(area);
      });
  }

  class Row {
    constructor(width) {
      this.width = width;
      this.root = element("div", "case-row", null);
      this.glyph = element("i", "", this.root);
      this.title = element("span", "case-title", this.root);
      this.place = element("span", "case-place", this.root);
      this.clock = element("b", "case-clock num", this.root);
    }

    set(view, held, blinks, tree) {
      const { clock, waits } = told(view, held);
      const { one } = held;
      v.priorityGlyph(this.glyph, one.priority, waits && blinks && !view.cut);
      const room = (this.width - 56 - 3 * 24 - v.textWidth("+99:59:59", v.SIZE.title, 500)) / 2.2;
      put(this.title, v.fitted([named(one)], 1.2 * room, v.SIZE.body));
      put(this.place, tree.has(one.area) ? v.fitted(placeOf(tree, one.area, view.code).slice(0, 1), room, v.SIZE.text) : "");
      put(this.clock, clock.paused ? w.say("state.suspended") : clock.text);
      const name = `case-row ${clock.overdue ? "is-over" : ""} ${view.old.incidents ? "is-old" : ""}`;
      if (this.root.className !== name) this.root.className = name;
    }
  }

  /** Priority 1 as cards, with `rows` also priority 2 as rows, as many as there is room for. */
  class Urgent {
    constructor(root, { code, page, w: width, h, compact, rows = false }) {
      Object.assign(this, { code, page, width, h, withRows: rows, cards: [], rows: [] });
      this.card = CARD[compact ? 1 : 0];
      root.style.setProperty("--card", `${this.card}px`);
      this.head = v.heading(root, "wall.urgent", "wall.time_left");
      this.headNode = root.querySelector("h2");
      this.box = element("div", "cards", root);
      this.none = element("div", "none", root);
      this.second = v.heading(root, "wall.important", "wall.time_left");
      this.secondNode = root.querySelectorAll("h2")[1];
      this.list = element("div", "rows", root);
      this.noneSecond = element("div", "none", root);
      this.more = element("div", "more", root);
    }

    update(view) {
      const first = casesOf(view, 1);
      const second = this.withRows ? casesOf(view, 2) : [];
      const room = this._room(first.length, second.length);
      const waiting = first.filter((one) => one.waitsMs !== null).length;
      this.head.say();
      flag(this.headNode, "unack-many", waiting > BLINKING);
      v.keep(this.box, this.cards, Math.min(room.cards, first.length), () => new Card(this.width));
      this.cards.forEach((card, i) => card.set(view, first[i], waiting <= BLINKING, this.page.tree));
      this.none.hidden = first.length > 0;
      put(this.none, w.say("wall.no_urgent"));
      this.secondNode.hidden = !this.withRows;
      this.second.say();
      const blinking = waiting + second.filter((one) => one.waitsMs !== null).length <= BLINKING;
      v.keep(this.list, this.rows, Math.min(room.rows, second.length), () => new Row(this.width));
      this.rows.forEach((row, i) => row.set(view, second[i], blinking, this.page.tree));
      const left = [first.length - this.cards.length, second.length - this.rows.length];
      const parts = left.map((n, i) => (n > 0 ? w.say("wall.more", { n, p: i + 1 }) : "")).filter(Boolean);
      this.noneSecond.hidden = !this.withRows || second.length > 0;
      put(this.noneSecond, w.say("wall.no_important"));
      put(this.more, parts.join(" · "));
    }

    /** How many of each the height holds. */
    _room(nFirst, nSecond) {
      const free = this.h - HEAD - 56; // the heading, and the line of what found no room
      if (!this.withRows) return { cards: Math.max(1, Math.floor(free / this.card)), rows: 0 };
      const most = Math.max(1, Math.floor((free - HEAD - 2 * ROW) / this.card));
      const cards = Math.min(most, Math.max(1, nFirst));
      const rows = Math.max(0, Math.floor((free - HEAD - (nFirst ? cards * this.card : 110)) / ROW));
      return { cards, rows: Math.min(rows, nSecond) };
    }
  }

  /** Whistles in two lines: how many are where, and who waits longest. */
  class Whistles {
    constructor(root, { page, w: width }) {
      Object.assign(this, { page, width });
      this.head = v.heading(root, "wall.whistles");
      this.lines = [0, 1].map(() => {
        const line = element("div", "line", root);
        return { text: element("span", "", line), value: element("b", "num", line) };
      });
    }

    update(view) {
      this.head.say();
      const held = view.wall?.whistles;
      const [counts, longest] = this.lines;
      const waits = held ? w.say("wall.whistles.waiting", { n: held.waiting }) : "";
      const said = held ? ["open", "on_scene", "on_way"].map((name) => w.say(`wall.whistles.${name}`, { n: held[name] })) : ["—"];
      put(counts.text, v.fitted(said, this.width - 24 - v.textWidth(waits, v.SIZE.text, 600), v.SIZE.text));
      put(counts.value, waits);
      const first = held?.parts.find((part) => part.state === "called") || held?.parts.find((part) => part.due);
      const clock = first ? clockOf(view, first) : "";
      const route = first ? [w.say("wall.whistles.longest", routeOf(this.page.tree, first))] : [held ? w.say("wall.whistles.none") : ""];
      put(longest.text, v.fitted(route, this.width - 70 - v.textWidth(clock, v.SIZE.text, 600), v.SIZE.text));
      put(longest.value, clock);
      flag(longest.value, "is-over", Boolean(first?.due && Date.parse(first.due.due_at) < view.now));
      for (const { text, value } of this.lines) for (const node of [text, value]) flag(node, "val-stale", view.old.incidents);
    }
  }

  /** From where, and whom. */
  function routeOf(tree, part) {
    const street = tree.has(part.area) ? tree.lineage(part.area).find((area) => area.tier === "street") : null;
    return { from: street ? w.shortName(street) : "", to: departmentOf(part) };
  }

  const departmentOf = (part) => (w.language() === "en" && part.department_en) || part.department;

  /** 12 分 / 30: time since the blow, of what there was. */
  function clockOf(view, part) {
    if (!part.blown_at || !part.due) return "";
    const blown = Date.parse(part.blown_at);
    const gone = w.age((view.now - blown) / 1000);
    return w.say("wall.of_minutes", { gone, n: Math.round((Date.parse(part.due.due_at) - blown) / 60000) });
  }

  /** Whistles one by one. */
  class WhistleList {
    constructor(root, { page, w: width, h }) {
      Object.assign(this, { page, width, h, rows: [] });
      this.head = v.heading(root, "wall.whistles", "wall.whistles.list");
      this.box = element("div", "rows", root);
      this.none = element("div", "none", root);
      this.more = element("div", "more", root);
    }

    update(view) {
      this.head.say();
      const held = view.wall?.whistles;
      const parts = held?.parts || [];
      const room = Math.max(1, Math.floor((this.h - HEAD - 60) / 150));
      v.keep(this.box, this.rows, Math.min(room, parts.length), () => new Part(this.width));
      this.rows.forEach((row, i) => row.set(view, parts[i], this.page.tree));
      const all = held ? held.waiting + held.on_way + held.on_scene + held.done : 0;
      const left = all - this.rows.length;
      this.none.hidden = all > 0;
      put(this.none, held ? w.say("wall.whistles.none") : w.say("wall.waiting"));
      put(this.more, left > 0 ? w.say("wall.whistles.more", { n: left }) : "");
    }
  }

  class Part {
    constructor(width) {
      this.width = width;
      this.root = element("div", "part", null);
      const first = element("div", "part-line", this.root);
      this.kind = element("span", "part-kind", first);
      this.unit = element("span", "part-unit", first);
      this.state = element("b", "", first);
      const second = element("div", "part-line t2", this.root);
      this.place = element("span", "", second);
      this.clock = element("span", "num", second);
    }

    set(view, part, tree) {
      const [kind, state, clock] = [w.say(`wall.whistle.${part.kind}`), w.say(`wall.part.${part.state}`), clockOf(view, part)];
      const beside = v.textWidth(kind, v.SIZE.text) + v.textWidth(state, v.SIZE.text, 700) + 2 * 24;
      put(this.kind, kind);
      put(this.unit, v.fitted([departmentOf(part)], this.width - beside - 12, v.SIZE.body, 700));
      put(this.state, state);
      const places = tree.has(part.area) ? placeOf(tree, part.area, view.code).slice(0, 2) : [];
      put(this.place, v.fitted([named(part), ...places], this.width - 70 - v.textWidth(clock, v.SIZE.text), v.SIZE.text));
      put(this.clock, clock);
      flag(this.clock, "is-over", Boolean(part.due && Date.parse(part.due.due_at) < view.now));
      flag(this.root, "is-old", view.old.incidents);
    }
  }

  scope.wallCases = { Urgent, Whistles, WhistleList, placeOf };
})((window.one_map = window.one_map || {}));
