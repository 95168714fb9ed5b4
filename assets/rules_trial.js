"use strict";
/* What a rule, with the fields of its form, would have raised in the last seven days. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);

  /** How tall each day's bar is, as shares of the tallest; a day with any has a bar that can be seen. */
  function heights(byDay) {
    const most = Math.max(1, ...byDay.map((day) => day.raised));
    return byDay.map(({ raised }) => (raised ? Math.max(0.06, raised / most) : 0));
  }

  class RuleTrial {
    constructor(box, rule) {
      this.box = box;
      this.rule = rule;
      this.sense = null; // the fields of the trial that is shown
      this.box.setAttribute("aria-live", "polite");
      this.box.tabIndex = -1;
    }

    /** Fields in any order come to the same text. */
    static sense(fields) {
      return JSON.stringify(Object.entries(fields).sort());
    }

    isOf(fields) {
      return this.sense === RuleTrial.sense(fields);
    }

    /** Says so when the form went on. */
    compare(fields) {
      const old = this.box.querySelector(".old");
      if (old) old.hidden = this.sense === null || this.isOf(fields);
    }

    /** Answers [status, body]; 200, and the 422 of a kind without a history, count as looked at. */
    async run(fields) {
      this.box.replaceChildren();
      scope.element("p", "none", this.box).textContent = say("rules.trial.busy");
      const [status, told] = await scope.send("POST", `/api/alert-rules/${encodeURIComponent(this.rule.id)}/trial`, fields);
      this.box.replaceChildren();
      this.sense = null;
      if (status === 200) this._draw(told);
      else if (status === 422 && told?.field === "kind") this._only("rules.trial.no_history");
      else if (status !== 422) this._only("rules.trial.failed");
      if (status === 200 || told?.field === "kind") this.sense = RuleTrial.sense(fields);
      return [status, told];
    }

    _only(word) {
      scope.element("p", "none", this.box).textContent = say(word);
    }

    _draw(told) {
      scope.element("h3", "", this.box).textContent = say("rules.trial");
      const old = scope.element("p", "old", this.box);
      old.textContent = `! ${say("rules.trial.old")}`;
      old.hidden = true;
      scope.element("p", "finding", this.box).textContent = say("rules.trial.raised", { n: told.raised });
      const span = { from: scope.moment(told.from).slice(0, 16), to: scope.moment(told.to).slice(0, 16) };
      const said = scope.element("p", "t2 num", this.box);
      said.textContent = `${say("rules.trial.span", span)} · `;
      scope.element(told.complete ? "span" : "b", "", said).textContent = say(told.complete ? "rules.trial.complete" : "rules.trial.partial");
      scope.element("p", "t3", this.box).textContent = say("rules.trial.about");
      this._days(told.by_day);
      this._examples(told.examples);
    }

    _days(byDay) {
      if (!byDay.length) return;
      const list = scope.element("ul", "days", this.box);
      list.setAttribute("aria-label", say("rules.trial.by_day"));
      heights(byDay).forEach((height, i) => {
        const item = scope.element("li", "", list);
        scope.element("b", "num", item).textContent = scope.words.count(byDay[i].raised);
        const bar = scope.element("i", "", scope.element("span", "", item));
        bar.style.height = `${height * 100}%`;
        scope.element("small", "num", item).textContent = byDay[i].day.slice(5);
      });
    }

    _examples(examples) {
      if (!examples.length) return void this._only("rules.trial.none");
      scope.element("h4", "", this.box).textContent = say("rules.trial.examples");
      const table = scope.element("table", "", scope.element("div", "wide", this.box));
      const head = scope.element("tr", "", scope.element("thead", "", table));
      for (const name of ["what", "where", "when", "how_long"]) {
        const cell = scope.element("th", "", head);
        cell.scope = "col";
        cell.textContent = say(`rules.trial.${name}`);
      }
      const body = scope.element("tbody", "", table);
      for (const one of [...examples].reverse()) {
        const title = document.createElement("bdi");
        title.textContent = scope.rulesFacts.named(one, "title");
        const lasted = one.ended_at ? scope.words.age((Date.parse(one.ended_at) - Date.parse(one.at)) / 1000) : say("rules.trial.lasts");
        scope.tableRow(body, [title, one.area ? scope.areaName(one.area) : "—", scope.moment(one.at).slice(5, 16), lasted]);
      }
    }
  }

  scope.RuleTrial = RuleTrial;
  if (typeof module !== "undefined") module.exports = { RuleTrial, heights };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
