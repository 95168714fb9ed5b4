"use strict";
/* Panels of numbers: the open cases and how they change, priorities, rates, cameras, cover. */
(function (scope) {
  const { put, flag, element } = scope;
  const w = scope.words;
  const p = scope.picture;
  const v = scope.wallValues;
  const ON_TIME_TARGET = 95; // per cent
  const FEW = 30; // below this many cases, no rate of a day

  /** One large number: open cases, with what they were at other times. */
  class Hero {
    constructor(root, { code, page, w: width }) {
      Object.assign(this, { code, page, width });
      this.head = v.heading(root, "wall.open");
      this.number = element("div", "hero num", root);
      this.value = element("b", "", this.number);
      this.sign = element("i", "", root.querySelector("h2"));
      this.line = element("div", "hero-line", root);
    }

    update(view) {
      const { area } = view.picture;
      const of = v.trust(view, area, "incidents");
      const open = area.metrics.incidents_open;
      this.head.say();
      put(this.value, of.unheard ? "—" : of.fresh === "lost" ? w.say("fresh.none") : w.count(open));
      flag(this.number, "is-word", of.fresh === "lost" && !of.unheard);
      flag(this.value, "val-stale", of.fresh === "stale");
      flag(this.value, "val-lost", of.fresh === "lost" && !of.unheard);
      v.sign(this.sign, of.fresh);
      const old = v.isOld(of) || of.unheard;
      flag(this.line, "is-old", old);
      const parts = old ? [[v.caption(view, of, w.count(open), []).join(""), ""]] : this._changes(view, open);
      v.parts(this.line, parts, this.width);
    }

    /** [[words, number]]: beside midnight and a week ago; of a street also its part of the district. */
    _changes(view, open) {
      const { tree, top } = this.page;
      const parts = [];
      const above = this.code === top ? null : view.above;
      if (above) {
        const order = [...above.children.values()].map((one) => one.metrics.incidents_open).sort((a, b) => b - a);
        const name = w.name(tree.get(above.area.code));
        parts.push([w.say("wall.rank", { n: order.indexOf(open) + 1, of: order.length }), ""]);
        const share = p.share(open, above.area.metrics.incidents_open);
        if (share !== null) parts.push([w.say("wall.share_of", { name }), `${share.toFixed(1)}%`]);
      }
      const held = view.wall?.open;
      if (held && held.week_ago !== null) {
        const day = w.say(`weekday.${scope.wallTime.weekday(view.now)}`);
        parts.push([w.say("wall.since_week", { day }), v.signed(open - held.week_ago)]);
      }
      if (held && !above) parts.push([w.say("wall.since_midnight"), v.signed(open - held.midnight)]);
      return parts;
    }
  }

  /** Four lines: sign, name, bar, number. */
  const priorityRows = (root) =>
    [1, 2, 3, 4].map((n) => {
      const row = element("div", "prio", root);
      const glyph = element("i", "", row);
      const name = element("span", "prio-name", row);
      const bar = element("i", "", element("span", "prio-bar", row));
      return { n, glyph, name, bar, value: element("b", "num", row) };
    });

  class Priorities {
    constructor(root) {
      this.rows = priorityRows(root);
    }

    update(view) {
      const { area } = view.picture;
      const of = v.trust(view, area, "incidents");
      const counts = [1, 2, 3, 4].map((n) => area.metrics[`incidents_open_p${n}`]);
      const most = Math.max(1, ...counts);
      for (const { n, glyph, name, bar, value } of this.rows) {
        const count = counts[n - 1];
        v.priorityGlyph(glyph, n);
        put(name, w.say(`wall.priority.${n}`));
        put(value, of.unheard || of.fresh === "lost" ? "—" : w.count(count));
        flag(value, "val-stale", v.isOld(of));
        setBar(bar, of.fresh === "lost" ? 0 : count / most);
      }
    }
  }

  /** Four figures, two by two. names: of FIGURES. */
  class Figures {
    constructor(root, { code, page, figures, w: width }) {
      Object.assign(this, { code, page, names: figures });
      const box = element("div", "figures", root);
      this.figures = figures.map(() => new v.Figure(box, (width - 48) / 2));
    }

    update(view) {
      this.names.forEach((name, i) => this.figures[i].set(view, FIGURES[name](view, this)));
    }
  }

  const target = (n) => w.say("wall.target", { n });

  function onTime(name, view, part, whole) {
    const of = v.trust(view, view.picture.area, "incidents");
    if (whole < FEW) return { name, value: "—", note: [w.say("wall.few", { n: whole, least: FEW })], of };
    const share = p.share(part, whole);
    const note = [w.say("wall.of", { part: w.count(part), whole: w.count(whole) }), target(ON_TIME_TARGET)];
    return { name, value: v.percent(share), unit: "%", note, miss: share < ON_TIME_TARGET, of };
  }

  function cameras(view, owner) {
    const held = p.online(view.picture.area.metrics, owner);
    const of = v.trust(view, view.picture.area, "cameras");
    const name = w.say(`wall.cameras.${owner}`);
    if (!held.total) return { name, value: "—", note: [w.say("kpi.no_cameras")], of };
    const note = [w.say("kpi.offline", { n: w.count(held.down), total: w.count(held.expected) }), target(`${held.target}%`)];
    return { name, value: v.percent(held.rate), unit: "%", note, miss: held.rate !== null && held.rate < held.target, of };
  }

  /** Names of the children with most of something: "金马 5 · 矣六 3". */
  function worst(view, page, count) {
    return [...view.picture.children.values()]
      .map((area) => [w.shortName(page.tree.get(area.code)), count(area.metrics), area.code])
      .filter(([, n]) => n > 0)
      .sort((a, b) => b[1] - a[1] || (a[2] < b[2] ? -1 : 1))
      .slice(0, 3)
      .map(([name, n]) => `${name} ${n}`);
  }

  const bare = (m) => m.grids_total - m.grids_covered;

  const FIGURES = {
    due(view) {
      const m = view.picture.area.metrics;
      return onTime(w.say("wall.on_time.due"), view, m.incidents_closed_on_time_today, m.incidents_due_today);
    },
    handled(view) {
      const whole = view.wall ? view.wall.hours.closed.reduce((a, b) => a + b, 0) : 0;
      return onTime(w.say("wall.on_time.handled"), view, view.wall?.closed_in_time ?? 0, whole);
    },
    overdue(view) {
      const m = view.picture.area.metrics;
      const share = p.share(m.incidents_overdue, m.incidents_open);
      const oldest = view.wall?.oldest_due_at;
      const parts = [share === null ? "" : w.say("wall.of_open", { share: share.toFixed(1) })];
      if (oldest) parts.push(w.say("wall.longest", { age: w.age((view.now - Date.parse(oldest)) / 1000) }));
      return {
        name: w.say("wall.overdue"), value: w.count(m.incidents_overdue), unit: w.say("wall.cases"),
        note: parts, miss: p.flagged(view.picture.area),
        of: v.trust(view, view.picture.area, "incidents"),
      };
    },
    covered(view, { page }) {
      const m = view.picture.area.metrics;
      const names = worst(view, page, bare);
      const note = bare(m) ? [w.say("map.uncovered", { n: bare(m) }), ...names] : [w.say("wall.all_covered")];
      return {
        name: w.say("wall.covered"), value: w.count(m.grids_covered), unit: `/ ${w.count(m.grids_total)}`,
        note, of: v.trust(view, view.picture.area, "staff"),
      };
    },
    staff(view) {
      const m = view.picture.area.metrics;
      return {
        name: w.say("kpi.staff"), value: w.count(m.staff_on_duty), note: [w.say("wall.staff.note")],
        of: v.trust(view, view.picture.area, "staff"),
      };
    },
    checkins(view) {
      const m = view.picture.area.metrics;
      const per = m.grids_total ? (m.checkins_last_hour / m.grids_total).toFixed(1) : "—";
      return {
        name: w.say("table.checkins"), value: w.count(m.checkins_last_hour),
        note: [w.say("wall.per_grid", { n: per })], of: v.trust(view, view.picture.area, "staff"),
      };
    },
    bare(view) {
      const m = view.picture.area.metrics;
      const share = p.share(bare(m), m.grids_total);
      return {
        name: w.say("wall.uncovered"), value: w.count(bare(m)), note: share === null ? [] : [w.say("wall.of_grids", { share: share.toFixed(1) })],
        of: v.trust(view, view.picture.area, "staff"),
      };
    },
    soon(view) {
      const m = view.picture.area.metrics;
      return {
        name: w.say("kpi.soon"), value: w.count(m.incidents_due_soon), unit: w.say("wall.cases"),
        of: v.trust(view, view.picture.area, "incidents"),
      };
    },
    reported(view) { return dayFigure(view, "reported", 0); },
    closed(view) { return dayFigure(view, "closed", 1); },
    public: (view) => cameras(view, "public"),
    social: (view) => cameras(view, "social"),
    fault: (view) => cameraState(view, "fault"),
    maintenance: (view) => cameraState(view, "maintenance"),
    unknown: (view) => cameraState(view, "unknown"),
    offline: (view) => cameraState(view, "offline"),
  };

  function cameraState(view, state) {
    const m = view.picture.area.metrics;
    const parts = ["public", "social"].map((owner) => `${w.say(`camera.${owner}`)} ${w.count(m[`cameras_${state}_${owner}`])}`);
    return {
      name: w.say(`wall.camera.${state}`), value: w.count(m[`cameras_${state}`]), note: parts,
      of: v.trust(view, view.picture.area, "cameras"),
    };
  }

  /** Of today so far, beside the same weekday until the same minute. */
  function dayFigure(view, name, k) {
    const today = view.wall ? view.wall.hours[name].reduce((a, b) => a + b, 0) : 0;
    const before = view.wall?.so_far;
    const day = w.say(`weekday.${scope.wallTime.weekday(view.now)}`);
    const note = [before
      ? w.say("wall.beside", { day, n: w.count(before[k]), change: v.signed(today - before[k]) })
      : w.say("wall.no_week", { day })];
    return { name: w.say(`wall.${name}_today`), value: w.count(today), note, of: v.trust(view, view.picture.area, "incidents") };
  }

  /** One rate with its target on an axis from 90 per cent. */
  class Bullet {
    constructor(root, owner, width) {
      Object.assign(this, { owner, width });
      this.root = element("div", "bullet", root);
      const head = element("div", "bullet-head", this.root);
      this.name = element("span", "", head);
      const value = element("span", "bullet-value num", head);
      this.miss = element("em", "", value);
      put(this.miss, "!");
      this.value = element("b", "", value);
      this.unit = element("small", "", value);
      const axis = element("div", "bullet-axis", this.root);
      this.bar = element("i", "", axis);
      this.tick = element("u", "", axis);
      this.note = element("div", "fig-note", this.root);
    }

    update(view) {
      const { metrics } = view.picture.area;
      const held = p.online(metrics, this.owner);
      const of = v.trust(view, view.picture.area, "cameras");
      const old = v.isOld(of);
      const miss = held.rate !== null && held.rate < held.target && !old;
      put(this.name, `${w.say(`wall.cameras.short.${this.owner}`)} ${w.count(held.total)}`);
      put(this.value, held.rate === null || of.unheard ? "—" : of.fresh === "lost" ? w.say("fresh.none") : v.percent(held.rate));
      put(this.unit, held.rate === null || of.fresh === "lost" ? "" : "%");
      this.miss.hidden = !miss;
      flag(this.root, "is-miss", miss);
      flag(this.value, "val-stale", of.fresh === "stale");
      flag(this.value, "val-lost", of.fresh === "lost" && !of.unheard);
      flag(this.note, "is-old", old);
      const place = (rate) => `${Math.max(0, Math.min(100, (rate - 90) * 10))}%`;
      this.bar.style.width = held.rate === null || of.fresh === "lost" ? "0" : place(held.rate);
      this.tick.style.left = place(held.target);
      const parts = [w.say("wall.offline", { n: w.count(held.down) }), target(`${held.target}%`)];
      const said = v.caption(view, of, `${v.percent(held.rate)}%`, [...parts, ...this._behind(view)]);
      put(this.note, v.fitted(said, this.width, v.SIZE.cap));
    }

    /** Children too small to make their area stale: named, where there is room. */
    _behind(view) {
      if (view.cut) return [];
      const found = p.membersBehind(view.picture, "cameras").slice(0, 1);
      return found.map(({ code, asOf }) => {
        const name = w.shortName(view.tree.get(code));
        return asOf ? w.say("fresh.asof.area", { name, time: w.moment(asOf, view.now) }) : `${name} ${w.say("fresh.none")}`;
      });
    }
  }

  class Cameras {
    constructor(root, { w: width }) {
      this.head = v.heading(root, "wall.cameras.online", "wall.cameras.devices");
      this.bullets = ["public", "social"].map((owner) => new Bullet(root, owner, width));
    }

    update(view) {
      this.head.say();
      for (const bullet of this.bullets) bullet.update(view);
    }
  }

  /** A bar of 0..1; nothing is no bar, and the least is still to be seen. */
  const setBar = (node, share) => {
    node.style.width = share > 0 ? `max(5px, ${(100 * share).toFixed(1)}%)` : "0";
  };
  v.setBar = setBar;

  const APART = 36; // design px between two parts of a line

  /** Words and numbers in one line, [[words, number]], as many as it holds. */
  v.parts = (node, all, width) => {
    const parts = [];
    let left = width + APART;
    for (const [text, value] of all) {
      left -= v.textWidth(text, v.SIZE.text) + (value ? 12 + v.textWidth(value, v.SIZE.text, 600) : 0) + APART;
      if (left >= 0 || !parts.length) parts.push([text, value]);
    }
    while (node.children.length > parts.length) node.lastChild.remove();
    parts.forEach(([text, value], i) => {
      let part = node.children[i];
      if (!part) {
        part = element("span", "", node);
        element("i", "", part);
        element("b", "num", part);
      }
      put(part.children[0], text);
      put(part.children[1], value);
    });
  };

  scope.wallPanels = { Hero, Priorities, Figures, Cameras, priorityRows };
})((window.one_map = window.one_map || {}));
