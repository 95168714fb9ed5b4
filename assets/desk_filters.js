"use strict";
/* Above the list: queue tabs with counts, whose desk it is, the search box, filters; below it the pages of the list. */
(function (scope) {
  const SEARCH_PAUSE_MS = 300;
  const NBSP = "\u00a0";

  class Filters {
    constructor(page) {
      this.page = page;
      this.byId = (id) => document.getElementById(id);
      this.timer = null;
      this.isOpen = false;
      this.n_on = 0;
      this._bind();
      this.speak();
    }

    _bind() {
      const { page } = this;
      this.tabs = [...this.byId("tabs").querySelectorAll("[role=tab]")];
      for (const tab of this.tabs) tab.addEventListener("click", () => page.go({ queue: tab.dataset.queue, from: 0 }));
      this.byId("tabs").addEventListener("keydown", (event) => this._alongTabs(event));
      this.search = scope.element("input", "", null);
      Object.assign(this.search, { type: "search", maxLength: 100, autocomplete: "off", spellcheck: false });
      this.byId("search").prepend(this.search);
      this.search.addEventListener("input", () => this._typed());
      this.search.addEventListener("keydown", (event) => event.key === "Enter" && this._searched());
      this.switch = this.byId("filter-switch");
      this.switch.addEventListener("click", () => this._open(!this.isOpen));
      this.byId("new-cases").addEventListener("click", () => page.queue.takeNew());
    }

    /** Arrow keys go along the tabs, as tabs do. */
    _alongTabs(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const at = this.tabs.indexOf(document.activeElement);
      this.tabs.at((at + step) % this.tabs.length).focus();
      event.preventDefault();
    }

    _typed() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this._searched(), SEARCH_PAUSE_MS);
    }

    _searched() {
      clearTimeout(this.timer);
      const q = this.search.value.trim() || null;
      if (q !== this.page.view.q) this.page.go({ q, from: 0 }, { push: false });
    }

    _open(open) {
      this.isOpen = open;
      this.byId("queue-filters").hidden = !open;
      this.switch.setAttribute("aria-expanded", String(open));
    }

    // ---- what there is to choose ----------------------------------------------------------------

    /** Names in the language of the screen. */
    speak() {
      const { words: w } = scope;
      const { page } = this;
      const named = ([id, zh, en]) => [id, w.language() === "en" ? en : zh];
      const any = (name) => ["", w.say("desk.filter.any"), name];
      this.search.placeholder = w.say("desk.search");
      this.search.setAttribute("aria-label", w.say("desk.search"));
      this._select(this.byId("sort"), "sort", w.say("desk.sort"), page.boot.sorts.map((id) => [id, w.say(`sort.${id}`)]));
      const choices = {
        system: page.boot.systems.map(named),
        priority: [1, 2, 3, 4].map((n) => [String(n), `P${n}`]),
        department: page.boot.departments.map(named),
        class: page.boot.classes.map((one) => [one[0], `${one[0]} ${named(one)[1]}`]),
      };
      for (const [name, options] of Object.entries(choices))
        this._select(document.querySelector(`[data-filter=${name}]`), name, w.say(`desk.filter.${name}`), [any(name), ...options]);
      this.areas();
      this.draw();
    }

    /** The tiers of command inside the asker's area. */
    areas() {
      const { page } = this;
      const node = this.byId("area");
      if (!page.tree) return;
      const top = page.tree.get(page.boot.top);
      const options = [[top.code, scope.words.name(top)]];
      const below = (code, depth) => {
        for (const area of page.tree.children(code)) {
          if (area.tier === "grid") continue;
          options.push([area.code, NBSP.repeat(3 * depth) + scope.words.name(area)]);
          below(area.code, depth + 1);
        }
      };
      below(top.code, 1);
      if (options.length > 1) this._select(node, "area", scope.words.say("desk.area"), options);
      else node.textContent = options[0][1];
    }

    _select(root, name, label, options) {
      let node = root.querySelector("select");
      if (!node) {
        node = scope.element("select", "", root);
        node.addEventListener("change", () => this.page.go({ [name]: node.value || null, from: 0 }));
      }
      node.setAttribute("aria-label", label);
      node.dataset.name = name;
      node.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
      this._choose(node);
    }

    /** What the address asks for stays chosen, even where it is none of ours. */
    _choose(node) {
      const value = this.page.view[node.dataset.name] || "";
      if (![...node.options].some((option) => option.value === value)) node.append(new Option(value, value));
      node.value = value;
    }

    // ---- drawn from the view and the counts -------------------------------------------------------

    draw() {
      const { view } = this.page;
      for (const node of document.querySelectorAll(".list select")) this._choose(node);
      if (document.activeElement !== this.search) this.search.value = view.q || "";
      const on = scope.deskView.filtersOn(view);
      scope.put(this.switch.querySelector("b"), on ? String(on) : "");
      if (on && !this.n_on) this._open(true); // later it is open or shut as the officer leaves it
      this.n_on = on;
      this.counts();
    }

    counts() {
      const { words: w, put, flag } = scope;
      const { view, counts, tiers } = this.page;
      for (const tab of this.tabs) {
        const on = tab.dataset.queue === view.queue;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        flag(tab, "on", on);
        const n = tab.dataset.queue === "alerts" ? this._alerts() : counts?.[tab.dataset.queue];
        if (n !== undefined) put(tab.querySelector("b"), w.count(n));
      }
      if (!tiers) return;
      const node = this.byId("tiers");
      const parts = Object.entries(tiers).map(([tier, n]) => `${w.say(`desk.tier.${tier}`)} ${w.count(n)}`);
      put(node, `${parts.join(" + ")} = ${w.count(counts.all)}`);
      node.title = w.say("desk.tiers");
    }

    /** How many alerts ask something of this desk; undefined before the first frame. */
    _alerts() {
      const { alerts } = this.page;
      return alerts?.told ? alerts.list.nAsking() : undefined;
    }

    /** "1-200 of 743" and the ways to the other pages. */
    pager(list) {
      const { words: w } = scope;
      const { view } = this.page;
      const node = this.byId("pager");
      node.hidden = !list.order.length;
      const isFolded = list.cases !== list.total;
      const values = { from: view.from + 1, to: w.count(view.from + list.order.length), total: w.count(list.total), cases: w.count(list.cases) };
      const text = isFolded ? w.say("desk.shown.folded", values) : w.say("desk.shown", values);
      const key = JSON.stringify([text, w.language()]);
      if (node.dataset.key === key) return;
      node.dataset.key = key;
      node.replaceChildren();
      scope.element("span", "num", node).textContent = text;
      const { PAGE } = scope.deskView;
      const other = (from, word) => {
        const button = scope.form.button(node, w.say(word), "small button");
        button.addEventListener("click", () => this.page.go({ from }));
      };
      if (view.from) other(Math.max(0, view.from - PAGE), "desk.page.previous");
      if (view.from + list.order.length < list.total) other(view.from + PAGE, "desk.page.next");
    }

    /** How many cases and alerts came that the list does not show. */
    fresh(nCases) {
      const node = this.byId("new-cases");
      const { alerts } = this.page;
      const n = nCases + (alerts?.nFresh ?? 0);
      node.hidden = !n;
      if (!n) return;
      const urgent = alerts?.freshUrgent() ? ` · ${scope.words.say("alert.fresh.urgent")}` : "";
      const text = scope.words.say("desk.new", { n: scope.words.count(n) }) + urgent;
      if (node.dataset.text === text) return;
      node.dataset.text = text;
      node.replaceChildren(text);
      scope.element("kbd", "", node).textContent = "N";
      node.setAttribute("aria-label", `${text}, ${scope.words.say("desk.key.new")}`);
    }
  }

  /** What stands in the place of rows, or above them: nothing there, not fetched, or of when. */
  class QueueState {
    constructor(page) {
      this.page = page;
      this.node = document.getElementById("queue-state");
    }

    draw(list) {
      const { page } = this;
      const failed = page.queue.failed;
      if (list.asOf === null) return failed ? this._box("failed", page) : this._hide();
      if (page.offline || failed) return this._age(list, failed);
      const isEmpty = page.view.queue === "alerts" ? page.alerts.told && !page.alerts.order().length : !list.order.length;
      return isEmpty ? this._box("empty", page) : this._hide();
    }

    _hide() {
      this._show("", () => {});
    }

    /** Draws only what differs from what stands there: a button keeps its focus. */
    _show(key, fill) {
      const whole = key && key + scope.words.language();
      if (this.node.dataset.key === whole) return;
      this.node.dataset.key = whole;
      this.node.hidden = !key;
      this.node.className = "queue-state";
      this.node.replaceChildren();
      fill();
    }

    _age(list, failed) {
      const { words: w, element } = scope;
      const { page } = this;
      const time = w.hms(list.asOf);
      this._show(`age ${failed?.why || ""}`, () => {
        this.node.classList.add("is-old");
        element("span", "num", this.node);
        if (failed && !page.offline) this._button("desk.retry", () => page.queue.load({ keep: true }));
      });
      const age = w.age((page.now() - list.asOf) / 1000);
      scope.put(this.node.firstChild, failed && !page.offline ? w.say("desk.failed.kept", { time }) : w.say("desk.kept", { time, age }));
    }

    _box(kind, page) {
      const { words: w, element } = scope;
      const { view, counts } = page;
      const isFiltered = Boolean(view.q || scope.deskView.filtersOn(view));
      const other = counts && page.boot.queues.find((queue) => queue !== view.queue && counts[queue]);
      const key = kind === "failed" ? `failed ${page.queue.failed.why}` : `empty ${view.queue} ${isFiltered} ${other} ${other && counts[other]}`;
      this._show(key, () => {
        this.node.classList.add("box");
        const head = element("h2", "", this.node);
        const body = element("p", "", this.node);
        if (kind === "failed") {
          head.textContent = w.say("desk.failed");
          body.textContent = w.say("desk.failed.why", { why: page.queue.failed.why });
          this._button("desk.retry", () => page.queue.load({}));
        } else this._empty({ head, body, isFiltered, other });
      });
    }

    _empty({ head, body, isFiltered, other }) {
      const { words: w } = scope;
      const { page } = this;
      head.textContent = w.say(isFiltered ? "desk.empty.filtered" : `desk.empty.${page.view.queue}`);
      if (isFiltered) this._button("desk.filter.clear", () => page.go({ q: null, system: null, priority: null, department: null, class: null, from: 0 }));
      else if (other) {
        const queue = w.say(`queue.${other}`);
        body.textContent = w.say("desk.empty.others", { queue, n: w.count(page.counts[other]) });
        const button = this._button("desk.empty.see", () => page.go({ queue: other, from: 0 }), { queue });
        scope.element("kbd", "", button).textContent = String(page.boot.queues.indexOf(other) + 1);
      }
    }

    _button(word, pressed, values) {
      const button = scope.form.button(this.node, scope.words.say(word, values), "small button");
      button.addEventListener("click", pressed);
      return button;
    }
  }

  scope.deskFilters = { Filters, QueueState };
})((window.one_map = window.one_map || {}));
