"use strict";
/* How departments answered whistles in the last days, as a table. No rate is said of few. */
(function (scope) {
  /** A share of 0 to 1 with its n, or that there are too few. say: words. */
  function rateText(value, n, say) {
    if (value === null || value === undefined) return say("whistle.figures.few", { n });
    return say("whistle.figures.of", { value: `${(100 * value).toFixed(1)}%`, n });
  }

  /** Whistles for a hundred cases: they are few, so small numbers keep two places. */
  const perHundred = (share) => (100 * share).toFixed(share < 0.1 ? 2 : 1);

  /** Minutes, without a fraction from ten on. */
  const minutesText = (value) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

  /** "median 12 · p90 31 (n=40)"; "—" where nobody did it yet. */
  function timesText({ n, median, p90 }, say) {
    if (!n) return "—";
    const value = say("whistle.figures.median", { median: minutesText(median), p90: minutesText(p90) });
    return say("whistle.figures.of", { value, n });
  }

  /** Mean marks of 1 to 5 with their n. */
  const marksText = ({ n, mean }, say) => (n ? say("whistle.figures.of", { value: mean.toFixed(1), n }) : "—");

  /** One row of the table as texts. name: of the department. */
  function cellsOf(row, name, say) {
    return [
      name,
      String(row.called),
      String(row.answered),
      rateText(row.answer_rate, row.judged, say),
      timesText(row.minutes.acknowledge, say),
      timesText(row.minutes.finish, say),
      marksText(row.speed, say),
      marksText(row.quality, say),
    ];
  }

  scope.whistleFigures = { perHundred, rateText, timesText, marksText, cellsOf };
  if (typeof module !== "undefined") {
    module.exports = scope.whistleFigures;
    return;
  }

  const COLUMNS = ["department", "called", "answered", "answer_rate", "answer", "finish", "speed", "quality"];
  const say = (key, values) => scope.words.say(key, values);

  class WhistleFigures {
    /** root: where it stands; page: the desk. Reads the figures once. */
    constructor(root, page) {
      this.root = root;
      this.page = page;
      scope.element("h3", "", root).textContent = say("whistle.figures");
      this.state = scope.element("p", "t2", root);
      this._load();
    }

    async _load() {
      const query = new URLSearchParams({ area: this.page.view.area });
      const [status, body] = await scope.send("GET", `/api/whistles/figures?${query}`);
      if (status === 200) this._draw(body);
      else scope.put(this.state, say("whistle.figures.failed"));
    }

    _draw(body) {
      const nowMs = this.page.now();
      const time = (iso) => scope.words.moment(Date.parse(iso), nowMs);
      const per100 = body.whistles_per_case === null ? say("whistle.figures.few", { n: body.n_cases }) : perHundred(body.whistles_per_case);
      const all = say("whistle.figures.rate", { n: body.n_whistles, cases: scope.words.count(body.n_cases), rate: per100 });
      scope.put(this.state, `${say("whistle.figures.period", { from: time(body.from), to: time(body.to) })} · ${all}`);
      if (!body.departments.length) {
        scope.element("p", "t3", this.root).textContent = say("whistle.figures.none");
        return;
      }
      this._table(body.departments);
      scope.element("p", "t3", this.root).textContent = say("whistle.figures.least", { n: body.least_samples });
    }

    _table(rows) {
      const box = scope.element("div", "whistle-table", this.root);
      box.tabIndex = 0; // it may scroll
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", say("whistle.figures"));
      const table = scope.element("table", "", box);
      const head = scope.element("tr", "", scope.element("thead", "", table));
      for (const name of COLUMNS) {
        const cell = scope.element("th", "", head);
        cell.scope = "col";
        cell.textContent = say(`whistle.figures.${name}`);
      }
      const body = scope.element("tbody", "", table);
      for (const row of rows) {
        const line = scope.element("tr", "", body);
        line.dataset.department = row.department;
        cellsOf(row, scope.whistleParts.named(row), say).forEach((text, i) => {
          const cell = scope.element(i ? "td" : "th", i ? "num" : "", line);
          if (!i) cell.scope = "row";
          cell.textContent = text;
        });
      }
    }
  }

  scope.WhistleFigures = WhistleFigures;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
