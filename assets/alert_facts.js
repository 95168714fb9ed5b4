"use strict";
/* One alert in words: its state, what is expected, its value beside its threshold, its cause, what is below it, its history. */
(function (scope) {
  const CHILDREN_MAX = 20;
  const OF_ALL = ["priority", "rule"]; // facts that hold for every alert of a group
  const say = (key, values) => scope.words.say(key, values);
  const named = (row, name) => scope.alertSaid.named(row, name);
  const ms = (iso) => (iso ? Date.parse(iso) : null);

  class AlertFacts {
    /** root: body of the pane; pane: the alert pane. */
    constructor(root, pane) {
      Object.assign(this, { root, pane, page: pane.page, shown: CHILDREN_MAX });
      const { element } = scope;
      const head = element("header", "case-head", root);
      this.glyph = element("span", "case-glyph", head);
      const names = element("div", "", head);
      this.title = element("h2", "", names);
      this.title.dir = "auto";
      this.title.tabIndex = -1;
      this.where = element("p", "case-where", names);
      const clock = element("div", "case-timer", head);
      clock.setAttribute("aria-live", "off");
      this.big = element("b", "num", clock);
      this.note = element("span", "num", clock);
      this.state = element("p", "alert-state", root);
      this.expects = element("section", "alert-expects", root);
      this.facts = element("dl", "case-facts", root);
      this.inside = element("section", "alert-children", root);
      this.history = document.getElementById("alert-trail");
    }

    clear() {
      this.history.hidden = true;
    }

    draw(held, group, items, total) {
      const nowMs = this.page.now();
      // of a group that has no cause no alert stands for the others
      this.many = items && group && group.cause === null ? group : null;
      scope.put(this.title, named(items && group ? group : held, "title"));
      this._where(items && group ? group.area : held.area, this.many ? scope.alertSaid.inside(group) : held.id);
      this._expects(held);
      this._facts(held, nowMs);
      if (items) this._list(items, total, say("alert.inside.head"), true);
      else this._list(held.children.items, held.children.total, say("alert.children"), false);
      this._history(held, nowMs);
      this.tick(held, nowMs);
    }

    /** Once a second. */
    tick(held, nowMs) {
      const shown = this.many || held;
      const told = scope.alertSaid.describe(shown, nowMs);
      scope.alertSaid.glyph(this.glyph, shown, false); // the row blinks: at most three glyphs do at once
      scope.put(this.big, told.clock);
      scope.put(this.note, told.note);
      const more = this.many ? this._states() : this._more(held, nowMs);
      const text = held.shelved && more ? more : [told.state, more].filter(Boolean).join(" · ");
      const key = `${told.sign}${text}`;
      if (this.state.dataset.key === key) return;
      this.state.dataset.key = key;
      this.state.innerHTML = scope.alertSaid.icon(told.sign); // a sign of ours
      scope.element("span", "", this.state).textContent = text;
    }

    /** How many of a group are in each state. */
    _states() {
      const { SET_ASIDE, ASKING } = scope.alertList;
      const { states } = this.many;
      return [...ASKING, ...SET_ASIDE].filter((state) => states[state]).map((state) => say(`alert.count.${state}`, { n: states[state] })).join(" · ");
    }

    /** Why it is not asking: cause, by whom, until when, at once. */
    _more(held, nowMs) {
      const at = (iso) => scope.words.moment(ms(iso), nowMs);
      if (held.shelved) return say("alert.shelved.by", { by: held.shelved.by, time: at(held.shelved.until), why: held.shelved.reason });
      if (held.out) return say("alert.out.by", { by: held.out.by, time: at(held.out.at), why: held.out.reason });
      if (held.suppressed_by) return say("alert.suppressed.by", { id: held.suppressed_by });
      if (held.acknowledged_by) return say("alert.acknowledged.by", { by: held.acknowledged_by, time: at(held.acknowledged_at) });
      return "";
    }

    _where(area, text) {
      this.where.replaceChildren();
      scope.element("bdi", "", this.where).textContent = this.page.pane._placeName(area) || this.pane.alerts.areaName(area);
      scope.element("bdi", "num", this.where).textContent = text;
    }

    _expects(held) {
      this.expects.replaceChildren();
      const text = named(held, "response");
      this.expects.hidden = !text;
      if (!text) return;
      scope.element("h3", "", this.expects).textContent = say("alert.expects");
      const node = scope.element("p", "", this.expects);
      node.dir = "auto";
      node.textContent = text;
    }

    _facts(held, nowMs) {
      const at = (iso) => iso && scope.words.moment(ms(iso), nowMs);
      const { measured } = scope.alertSaid;
      const rows = [
        ["value", say("alert.value.of", { value: measured(held.value, held.unit), threshold: measured(held.threshold, held.unit) })],
        ["priority", `P${held.priority} · ${say(`tier.${held.tier}`)}`],
        ["since", held.cleared_at ? say("alert.since.cleared", { from: at(held.raised_at), to: at(held.cleared_at) }) : at(held.raised_at)],
        ["often", say("alert.often.n", { n: held.n_raised, again: held.n_again })],
        ["rule", this._rule(held)],
        ["assignee", held.assignee],
        ["cause", held.suppressed_by && this._link(held.suppressed_by, () => this.page.selectAlert(held.suppressed_by))],
        ["incident", held.incident && this._link(held.incident, () => this.page.select(held.incident, { at: "once" }))],
        ["cameras", held.cameras && say("place.cameras.count", { n: scope.words.count(held.cameras.total), online: scope.words.count(held.cameras.online) })],
        ["chattering", held.chattering && say("alert.chattering.yes", { n: held.n_activations })],
        ["stale", held.stale && say("alert.stale.yes")],
      ];
      this.facts.replaceChildren();
      for (const [name, value] of rows) {
        if (!value || (this.many && !OF_ALL.includes(name))) continue;
        scope.element("dt", "", this.facts).textContent = say(`alert.fact.${name}`);
        const node = scope.element("dd", "", this.facts);
        node.dir = "auto";
        node.append(value);
      }
    }

    _rule(held) {
      const link = scope.element("a", "case-link", null);
      const query = new URLSearchParams({ rule: held.rule });
      if (this.page.view.lang) query.set("lang", this.page.view.lang);
      link.href = `/rules?${query}`;
      link.textContent = say("alert.rule.version", { name: named(held, "rule_name"), n: held.rule_version });
      return link;
    }

    _link(text, pressed) {
      const node = scope.form.button(null, text, "case-link");
      node.addEventListener("click", pressed);
      return node;
    }

    /** Alerts inside a group or below a cause, so many at first. */
    _list(rows, total, title, isGroup) {
      this.inside.replaceChildren();
      this.inside.hidden = !total;
      if (!total) return;
      const head = scope.element("h3", "", this.inside);
      scope.element("span", "", head).textContent = title;
      const shown = rows.slice(0, this.shown);
      scope.element("small", "num", head).textContent = say("alert.shown", { shown: scope.words.count(shown.length), total: scope.words.count(total) });
      const list = scope.element("ul", "case-similar alert-inside", this.inside);
      for (const row of shown) this._line(list, row);
      if (shown.length >= rows.length) return;
      const more = scope.form.button(this.inside, say("alert.show.more"), "small button");
      more.addEventListener("click", () => {
        this.shown += 100;
        this._list(rows, total, title, isGroup);
      });
    }

    _line(list, row) {
      const nowMs = this.page.now();
      const node = scope.element("li", "", list);
      scope.alertSaid.glyph(scope.element("span", "", node), row, false);
      const name = this._link(named(row, "title"), () => this.page.selectAlert(row.id));
      scope.element("bdi", "", node).append(name);
      scope.element("bdi", "", node).textContent = this.page.placeName(row.area) || this.pane.alerts.areaName(row.area);
      scope.element("span", "num", node).textContent = scope.words.moment(ms(row.raised_at), nowMs);
      scope.element("span", "", node).textContent = scope.alertSaid.describe(row, nowMs).state;
    }

    /** Beside it, where a case has its audit trail; the newest first. */
    _history(held, nowMs) {
      this.history.hidden = false;
      this.history.replaceChildren();
      const head = scope.element("h3", "", this.history);
      head.textContent = say("alert.history");
      scope.element("span", "", head).textContent = say("alert.history.n", { n: held.history.length });
      const list = scope.element("ol", "case-trail", this.history);
      list.tabIndex = 0;
      list.setAttribute("aria-label", say("alert.history"));
      for (const line of [...held.history].reverse()) {
        const node = scope.element("li", "", list);
        scope.element("time", "num", node).textContent = scope.words.moment(ms(line.at), nowMs) === scope.words.hm(ms(line.at)) ? scope.words.hms(ms(line.at)) : scope.words.moment(ms(line.at), nowMs);
        scope.element("bdi", "", node).textContent = line.by || say("alert.by.rule");
        const parts = [say(`alert.what.${line.what}`), line.note, line.value !== null && scope.alertSaid.measured(line.value, held.unit), line.rang && say("alert.rang")];
        scope.element("span", "", node).textContent = parts.filter(Boolean).join(" · ");
      }
    }
  }

  scope.alertFacts = { AlertFacts };
})((window.one_map = window.one_map || {}));
