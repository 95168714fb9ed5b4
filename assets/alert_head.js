"use strict";
/* Above the rows: how many alerts there are, which are set aside behind a switch, and in the tab the counts of all states. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);

  class AlertHead {
    constructor(root, alerts) {
      Object.assign(this, { root, alerts });
      const { element } = scope;
      this.name = element("b", "", root);
      this.counts = element("span", "num", root);
      this.flat = scope.form.button(root, "", "small button");
      this.aside = scope.form.button(root, "", "small button");
      this.flat.addEventListener("click", () => alerts.ungroup());
      this.aside.addEventListener("click", () => alerts.showAside(!alerts.aside));
    }

    draw() {
      const { alerts } = this;
      const counts = (alerts.isTab ? alerts.told?.counts : alerts.list.own()) || {};
      const n = scope.alertList.ASKING.reduce((sum, state) => sum + (counts[state] || 0), 0);
      const every = alerts.told?.counts || {};
      const nAside = scope.alertList.SET_ASIDE.reduce((sum, state) => sum + (every[state] || 0), 0);
      this.root.hidden = alerts.told !== null && !alerts.isTab && !n && !nAside;
      scope.put(this.name, say("alert.head"));
      scope.put(this.counts, alerts.told ? this._counts(counts) : say("alert.waiting"));
      this._aside(every, nAside);
      this._flat();
    }

    _counts(counts) {
      const { alerts } = this;
      const part = (word, n) => n && say(word, { n: scope.words.count(n) });
      const states = (alerts.isTab ? [...scope.alertList.ASKING, ...scope.alertList.SET_ASIDE] : scope.alertList.ASKING)
        .map((state) => part(`alert.count.${state}`, counts[state]));
      const own = alerts.isTab && part("alert.count.own", alerts.list.nAsking());
      const urgent = alerts.isFlood
        ? [1, 2, 3, 4].map((p) => (alerts.told.unacknowledged_by_priority[`p${p}`] ? `P${p} ${scope.words.count(alerts.told.unacknowledged_by_priority[`p${p}`])}` : 0))
        : [];
      const { list } = alerts;
      const shown = Math.min(list.order.length, alerts.max);
      const total = alerts.isTab ? Math.max(alerts.told.n_groups, list.order.length) : list.order.length;
      const cut = !alerts.flat && shown < total ? say("alert.groups.shown", { shown, total: scope.words.count(total) }) : 0;
      return [...urgent, own, ...states, cut].filter(Boolean).join(" · ") || say("alert.none");
    }

    _aside(counts, n) {
      const { alerts } = this;
      this.aside.hidden = !n || alerts.isTab;
      const texts = scope.alertList.SET_ASIDE.filter((state) => counts[state]).map((state) => say(`alert.count.${state}`, { n: scope.words.count(counts[state]) }));
      scope.put(this.aside, texts.join(" · "));
      this.aside.setAttribute("aria-pressed", String(alerts.aside));
    }

    _flat() {
      const { alerts } = this;
      const total = scope.alertList.ASKING.reduce((sum, state) => sum + (alerts.told?.counts[state] || 0), 0);
      this.flat.hidden = !alerts.isTab || !(total || alerts.flat);
      const text = alerts.flat ? say("alert.fold.all") : say("alert.unfold.all", { n: scope.words.count(total) });
      if (this.flat.dataset.text === text) return;
      this.flat.dataset.text = text;
      this.flat.replaceChildren(text);
      scope.element("kbd", "", this.flat).textContent = "H";
    }
  }

  scope.alertHead = { AlertHead };
})((window.one_map = window.one_map || {}));
