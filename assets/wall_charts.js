"use strict";
/* Hours of the day as bars: today beside the same weekday a week ago. SVG, made once, then restyled. */
(function (scope) {
  const { put, flag, element } = scope;
  const w = scope.words;
  const v = scope.wallValues;
  const HOURS = 24;
  const AXIS = 60; // px below the bars for the hours
  const TOP = 54; // px above them for the words at the present

  /** Bars of reports and closes by the hour, a dashed line for a week ago, and where now is. */
  class Bars {
    constructor(root, { w: width, h, label }) {
      const { make } = scope.wallShapes;
      this.size = { width, height: h, base: h - AXIS };
      this.svg = make("svg", { width, height: h, viewBox: `0 0 ${width} ${h}`, role: "img", "aria-label": label }, root);
      const step = width / HOURS;
      this.step = step;
      const bar = (i, k) => make("rect", { x: i * step + step * (0.08 + 0.38 * k), width: step * 0.34, y: 0, height: 0, class: `bar${k}` }, this.svg);
      this.bars = Array.from({ length: HOURS }, (_, i) => [bar(i, 0), bar(i, 1)]);
      make("path", { d: `M0,${this.size.base}H${width}`, class: "axis" }, this.svg);
      this.line = make("path", { class: "week", d: "" }, this.svg);
      for (let hour = 0; hour < HOURS; hour += 3) {
        const text = make("text", { x: hour * step + 4, y: h - 12, class: "hour" }, this.svg);
        put(text, `${String(hour).padStart(2, "0")}:00`);
      }
      this.now = make("path", { class: "now", d: "" }, this.svg);
      this.word = make("text", { class: "now-word", y: 34 }, this.svg);
    }

    /** hours: {reported, closed, week_ago: {reported} | null}. */
    set(hours, nowMs, old) {
      const { base, width } = this.size;
      const before = hours.week_ago?.reported || [];
      const most = Math.max(10, ...hours.reported, ...hours.closed, ...before);
      const height = (n) => (n / most) * (base - TOP);
      this.bars.forEach((pair, i) =>
        [hours.reported[i], hours.closed[i]].forEach((n, k) => {
          const h = height(n).toFixed(1);
          if (pair[k].getAttribute("height") === h) return;
          pair[k].setAttribute("height", h);
          pair[k].setAttribute("y", (base - h).toFixed(1));
        }),
      );
      const points = before.map((n, i) => `${((i + 0.46) * this.step).toFixed(1)},${(base - height(n)).toFixed(1)}`);
      this.line.setAttribute("d", points.length ? `M${points.join("L")}` : "");
      const x = scope.wallTime.hour(nowMs) * this.step;
      this.now.setAttribute("d", `M${x.toFixed(1)},6V${base}`);
      put(this.word, w.say("wall.now", { time: w.hm(nowMs) }));
      const end = x > width - 220;
      this.word.setAttribute("x", (end ? x - 12 : x + 12).toFixed(1));
      this.word.setAttribute("text-anchor", end ? "end" : "start");
      flag(this.svg, "is-old", old);
    }
  }

  /** Today's pulse: its key on the left, its bars on the right; narrow bays have the key above. */
  class Pulse {
    constructor(root, { w: width, h }) {
      this.narrow = width < 2000;
      root.classList.toggle("is-narrow", this.narrow);
      const left = element("div", "pulse-key", root);
      this.head = v.heading(left, "wall.pulse", "wall.pulse.hint");
      this.rows = ["bar0", "bar1", "week"].map((look) => {
        const row = element("div", "key", left);
        element("i", look, row);
        return element("span", "", row);
      });
      const keyW = this.narrow ? 0 : 904;
      const keyH = this.narrow ? 170 : 0;
      this.bars = new Bars(element("div", "pulse-bars", root), { w: width - keyW, h: h - keyH - (this.narrow ? 10 : 30), label: w.say("wall.pulse") });
    }

    update(view) {
      this.head.say();
      const { hours } = view.wall || {};
      if (!hours) return;
      const sum = (list) => list.reduce((a, b) => a + b, 0);
      const day = w.say(`weekday.${scope.wallTime.weekday(view.now)}`);
      put(this.rows[0], w.say("wall.pulse.reported", { n: w.count(sum(hours.reported)) }));
      put(this.rows[1], w.say("wall.pulse.closed", { n: w.count(sum(hours.closed)) }));
      put(this.rows[2], hours.week_ago ? w.say("wall.pulse.week", { day }) : w.say("wall.no_week", { day }));
      for (const row of this.rows.slice(0, 2)) flag(row, "val-stale", view.old.incidents);
      this.bars.set(hours, view.now, view.old.incidents);
    }
  }

  /** One of the two, as large as half a scene. name: reported or closed. */
  class DayChart {
    constructor(root, { w: width, h, of: name }) {
      this.name = name;
      this.head = v.heading(root, `wall.day.${name}`, "");
      this.bars = new Bars(root, { w: width, h: h - 66, label: w.say(`wall.day.${name}`) });
    }

    update(view) {
      const { hours } = view.wall || {};
      const day = w.say(`weekday.${scope.wallTime.weekday(view.now)}`);
      this.head.say(hours?.week_ago ? w.say("wall.day.hint", { day }) : w.say("wall.no_week", { day }));
      if (!hours) return;
      const zeros = hours[this.name].map(() => 0);
      const week = hours.week_ago ? { reported: hours.week_ago[this.name] } : null;
      this.bars.set({ reported: hours[this.name], closed: zeros, week_ago: week }, view.now, view.old.incidents);
    }
  }

  /** A small line over 24 hours on a scale that its neighbours share. */
  class Spark {
    constructor(root, width, height) {
      const { make } = scope.wallShapes;
      Object.assign(this, { width, height });
      this.svg = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "spark", "aria-hidden": "true" }, root);
      this.line = make("path", { d: "" }, this.svg);
      this.end = make("circle", { r: 6 }, this.svg);
    }

    set(values, most) {
      const x = (i) => ((i / Math.max(1, values.length - 1)) * (this.width - 14)).toFixed(1);
      const y = (n) => (this.height - 8 - (n / Math.max(1, most)) * (this.height - 16)).toFixed(1);
      this.line.setAttribute("d", `M${values.map((n, i) => `${x(i)},${y(n)}`).join("L")}`);
      this.end.setAttribute("cx", x(values.length - 1));
      this.end.setAttribute("cy", y(values[values.length - 1]));
    }
  }

  scope.wallCharts = { Pulse, DayChart, Spark };
})((window.one_map = window.one_map || {}));
