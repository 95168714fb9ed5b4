"use strict";
/* One hand-over as a sheet, on the screen and on paper: who, counts, then the lists. */
(function (scope) {
  const QUEUES = ["todo", "escalated", "returned", "waiting", "below", "all", "overdue", "suspended"];
  const TIERS = ["district", "street", "community"];
  const say = (key, values) => scope.words.say(key, values);
  const english = () => scope.words.language() === "en";
  const n = (count) => scope.words.count(count);

  /** ISO times of a shift -> "2026-07-15 08:00 – 14:32", the second date left out on the same day. */
  function span(from, until) {
    const [first, last] = [scope.moment(from), scope.moment(until)].map((text) => text.slice(0, 16));
    return say("handover.span", { from: first, until: first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last });
  }

  /** What is left of a paused clock, in the words of `key`; negative: it was overdue before. */
  function left(key, ms) {
    if (ms === null) return say(`${key}.none`);
    return ms < 0 ? say(`${key}.late`) : say(key, { age: scope.words.age(ms / 1000) });
  }

  /** The deadline of a listed case: {text, overdue}; `at` is the instant of the list, ISO. */
  function due(item, at) {
    if (item.due_at) return { text: scope.words.moment(Date.parse(item.due_at), Date.parse(at)), overdue: item.overdue };
    return { text: left("handover.paused", item.left_ms), overdue: false };
  }

  /** What an officer's act still waits for. */
  function awaited(act) {
    if (act.action === "whistle") {
      const names = act.awaited.map((unit) => (english() ? unit.name_en : unit.name));
      return say("handover.await.whistle", { units: names.join(english() ? ", " : "、") });
    }
    if (act.action !== "suspend") return say("handover.await.supervise");
    return left("handover.await.suspend", act.left_ms);
  }

  const department = (item) => (english() && item.department_name_en) || item.department_name || "—";

  /** Text from outside: its direction is its own. */
  function outside(parent, text) {
    const node = scope.element("bdi", "", parent);
    node.textContent = text;
    return node;
  }

  class Sheet {
    constructor(root) {
      this.root = root;
    }

    /** held: a draft or a whole hand-over, as the API tells it. */
    draw(held) {
      const key = document.activeElement?.closest?.("#handover-sheet") && document.activeElement.dataset.key;
      this.at = held.at;
      this.root.replaceChildren();
      this._facts(held);
      this._counts(held);
      this._notes(held);
      this._urgent(held);
      this._departments(held);
      this._officers(held);
      this._done(held);
      this._signatures(held);
      if (key) this.root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
    }

    _facts(held) {
      const list = scope.element("dl", "facts", this.root);
      const fact = (key, text) => {
        const box = scope.element("div", "", list);
        scope.element("dt", "", box).textContent = say(key);
        return outside(scope.element("dd", "", box), text);
      };
      fact("handover.area", `${scope.areaName(held.area)} · ${say(`tier.${held.tier}`)}`);
      fact("handover.shift", span(held.began_at, held.at));
      fact("handover.from", held.from);
      fact("handover.to", held.to ? say("handover.at", { name: held.to, time: scope.moment(held.signed_at) }) : say("handover.nobody"));
      fact("handover.state", say(`handover.state.${held.state}`));
      if (held.origins.length) fact("handover.data", held.origins.map((kind) => say(`badge.${kind}`)).join(" · ")).className = "simbadge";
    }

    _counts(held) {
      const row = scope.element("div", "counted", this.root);
      this._numbers(row, "handover.counts", QUEUES.map((queue) => [say(`handover.queue.${queue}`), held.counts[queue]]));
      const by = this._numbers(row, "handover.priorities", [1, 2, 3, 4].map((p) => [say("priority", { n: p }), held.priorities[p]]));
      [...by.querySelectorAll("dt")].forEach((node, i) => {
        const label = node.textContent;
        node.innerHTML = scope.glyphs.priority(i + 1, label);
      });
      this._numbers(row, "handover.tiers", TIERS.map((tier) => [say(`tier.${tier}`), held.tiers[tier]]));
    }

    _numbers(parent, label, pairs) {
      const box = scope.element("section", "numbers", parent);
      scope.element("h3", "", box).textContent = say(label);
      const list = scope.element("dl", "", box);
      for (const [name, count] of pairs) {
        const pair = scope.element("div", "", list);
        scope.element("dt", "", pair).textContent = name;
        scope.element("dd", "num", pair).textContent = n(count);
      }
      return box;
    }

    _urgent(held) {
      const columns = ["case", "place", "case_state", "held_by", "department", "due", "why"];
      this._table(held, "urgent", columns, (item) => [
        this._case(item), scope.areaName(item.area), say(`state.${item.state}`), say(`tier.${item.tier}`), bdi(department(item)),
        this._due(item), item.why.map((why) => say(`handover.why.${why}`)).join(english() ? ", " : "，"),
      ]);
    }

    _departments(held) {
      const columns = ["department", "case", "place", "case_state", "due"];
      this._table(held, "departments", columns, (item) => [
        bdi(department(item)), this._case(item), scope.areaName(item.area), say(`state.${item.state}`), this._due(item),
      ]);
    }

    _officers(held) {
      const columns = ["when", "by", "what", "case", "place", "awaits", "note.of"];
      this._table(held, "officers", columns, (act) => [
        this._when(act), bdi(act.by), say(`handover.do.${act.action}`), this._case(act), scope.areaName(act.area), awaited(act), bdi(act.note || "—"),
      ]);
    }

    _when(act) {
      const box = document.createElement("span");
      scope.element("span", "num", box).textContent = scope.words.moment(Date.parse(act.at), Date.parse(this.at));
      if (act.earlier) scope.element("small", "", box).textContent = ` ${say("handover.earlier")}`;
      return box;
    }

    /** Title and number, as a way to the desk. */
    _case(item) {
      const link = document.createElement("a");
      const query = new URLSearchParams({ case: item.id });
      const lang = new URLSearchParams(location.search).get("lang");
      if (lang) query.set("lang", lang);
      link.href = `/desk?${query}`;
      link.dataset.key = `${this.list}/${item.id}/${item.at || ""}`;
      outside(link, item.title).className = "title";
      outside(link, item.id).className = "number";
      return link;
    }

    _due(item) {
      const { text, overdue } = due(item, this.at);
      const box = document.createElement("span");
      scope.element("span", "num", box).textContent = text;
      if (overdue) scope.element("b", "late", box).textContent = say("handover.overdue");
      return box;
    }

    /** A list with how many of how many it shows; cells(item) are texts or nodes. */
    _table(held, name, columns, cells) {
      this.list = name;
      const items = held[name];
      const box = scope.element("section", "list", this.root);
      const head = scope.element("h3", "", box);
      scope.element("span", "", head).textContent = say(`handover.${name}`);
      const counts = { shown: n(items.length), total: n(held.totals[name]) };
      const shown = scope.element("span", "num shown", head);
      shown.textContent = ` ${say("handover.shown", counts)}`;
      shown.setAttribute("aria-label", say("handover.shown.label", counts));
      if (!items.length) return void (scope.element("p", "none", box).textContent = say("handover.empty"));
      const table = scope.element("table", name, scope.element("div", "wide", box));
      table.setAttribute("aria-label", say(`handover.${name}`));
      const row = scope.element("tr", "", scope.element("thead", "", table));
      for (const key of ["priority", ...columns]) {
        const cell = scope.element("th", key.replace(".", "-"), row);
        cell.scope = "col";
        cell.textContent = say(`handover.${key}`);
      }
      const body = scope.element("tbody", "", table);
      for (const item of items) {
        const line = scope.element("tr", "", body);
        const sign = scope.element("td", "sign", line);
        sign.innerHTML = scope.glyphs.priority(item.priority, say("priority", { n: item.priority }));
        cells(item).forEach((cell, i) => scope.element("td", columns[i].replace(".", "-"), line).append(cell));
      }
    }

    _done(held) {
      const box = scope.element("section", "list done", this.root);
      scope.element("h3", "", box).textContent = say("handover.done");
      const sums = [say("handover.reported", { n: n(held.reported) }), say("handover.ended", { n: n(held.ended) })];
      scope.element("p", "", box).textContent = sums.join(" · ");
      if (held.counted_from !== held.began_at)
        scope.element("p", "", box).textContent = say("handover.done.since", { time: scope.moment(held.counted_from) });
      if (!held.done.length) return void (scope.element("p", "none", box).textContent = say("handover.nothing_done"));
      const table = scope.element("table", "narrow", box);
      const row = scope.element("tr", "", scope.element("thead", "", table));
      for (const key of ["action", "desk", "elsewhere"]) {
        const cell = scope.element("th", "", row);
        cell.scope = "col";
        cell.textContent = say(`handover.done.${key}`);
      }
      const body = scope.element("tbody", "", table);
      for (const done of held.done) scope.tableRow(body, [say(`handover.do.${done.action}`), n(done.at_desk), n(done.elsewhere)]);
    }

    _notes(held) {
      if (held.state === "draft") return;
      this._note("handover.note", held.note);
      if (held.signed_note) this._note("handover.note.signed", held.signed_note);
    }

    _note(key, text) {
      const box = scope.element("section", "list", this.root);
      scope.element("h3", "", box).textContent = say(key);
      outside(scope.element("p", "note", box), text || say("handover.note.none"));
    }

    /** On paper alone: lines to sign on. */
    _signatures() {
      const box = scope.element("div", "signatures", this.root);
      for (const side of ["from", "to"]) scope.element("span", "", box).textContent = say(`handover.signature.${side}`);
    }
  }

  function bdi(text) {
    const node = document.createElement("bdi");
    node.textContent = text;
    return node;
  }

  Object.assign(scope, { HandoverSheet: Sheet, handoverSheet: { span, due, awaited, department } });
  if (typeof module !== "undefined") module.exports = scope.handoverSheet;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
