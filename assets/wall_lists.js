"use strict";
/* Lists of a wall: the children of an area by one measure or another, alert groups, communities side by side. */
(function (scope) {
  const { put, flag, element } = scope;
  const w = scope.words;
  const p = scope.picture;
  const v = scope.wallValues;
  const HEAD = 78;
  const [ROW, ROW_MAX] = [86, 150]; // design px of a line
  const MORE = 76; // of the line of what found no room
  const NAME = { zh: 240, en: 300 }; // of its name
  const nameWidth = () => NAME[w.language()];
  const CELL = 235; // least width of a community of the strip

  const bySize = (of) => (a, b) => of(b) - of(a) || (a.code < b.code ? -1 : 1);

  /** One line for each child: name, bar, number, two further words. */
  class Children {
    constructor(root, { page, w: width, h, look }) {
      Object.assign(this, { page, width, h, look, rows: [] });
      this.head = v.heading(root, `wall.children.${look}`);
      const line = element("div", "child-heads", root);
      this.heads = ["", "", "value", "one", "two"].map((name) => [name, element("span", "", line)]);
      this.box = element("div", `children is-${look}`, root);
      this.more = element("div", "more", root);
    }

    update(view) {
      this.head.say();
      const kind = KINDS[this.look];
      const areas = [...view.picture.children.values()].sort(bySize((area) => kind.rank(area, view)));
      for (const [name, node] of this.heads) put(node, name && w.say(`wall.children.${this.look}.${name}`));
      const free = this.h - HEAD - 50;
      const room = Math.max(1, Math.floor((free - (areas.length * ROW > free ? MORE : 0)) / ROW));
      v.keep(this.box, this.rows, Math.min(room, areas.length), () => new ChildRow(this.width));
      this.box.style.setProperty("--row", `${Math.min(ROW_MAX, Math.max(ROW, (free - (areas.length > this.rows.length ? MORE : 0)) / this.rows.length))}px`);
      const most = Math.max(1, ...areas.map((area) => kind.bar(area, view)));
      this.rows.forEach((row, i) => row.set(view, areas[i], kind, most, this.page.tree));
      const left = areas.length - this.rows.length;
      put(this.more, left > 0 ? w.say("wall.more_areas", { n: left }) : "");
    }
  }

  class ChildRow {
    constructor(width) {
      this.width = width;
      this.root = element("div", "child", null);
      const name = element("span", "child-name", this.root);
      this.swatch = element("i", "", name);
      this.name = element("span", "", name);
      this.bar = element("i", "", element("span", "child-bar", this.root));
      this.value = element("b", "num", this.root);
      this.one = element("span", "child-one num", this.root);
      this.two = element("span", "child-two num", this.root);
    }

    set(view, area, kind, most, tree) {
      const of = v.trust(view, area, kind.source);
      const said = kind.say(area, view);
      const k = kind.measure ? p.grade(kind.measure, area.tier, p.measure(kind.measure, area)) : null;
      this.swatch.className = k === null ? "" : k < 0 ? "few" : `q${k}`;
      put(this.name, v.fitted([w.shortName(tree.get(area.code))], nameWidth() - (k === null ? 0 : 44), v.SIZE.text));
      v.setBar(this.bar, of.unheard || of.fresh === "lost" ? 0 : kind.bar(area, view) / most);
      put(this.value, of.unheard || of.fresh === "lost" ? "—" : said.value);
      const lost = of.unheard || of.fresh === "lost";
      put(this.one, lost ? "" : said.one || "");
      put(this.two, lost ? "" : said.two || "");
      flag(this.one, "hot", said.hot && !v.isOld(of));
      flag(this.two, "hot", said.hotTwo && !v.isOld(of));
      [this.one, this.two].forEach((node, i) => {
        for (const look of ["d-worse", "d-better"]) flag(node, look, said.looks?.[i] === look && !v.isOld(of));
      });
      for (const node of [this.value, this.one, this.two]) flag(node, "val-stale", v.isOld(of));
    }
  }

  const rate = (area, owner) => p.online(area.metrics, owner);
  const bare = (area) => area.metrics.grids_total - area.metrics.grids_covered;
  const below = (held) => held.rate !== null && held.rate < held.target;
  const worse = (n) => (n > 0 ? "d-worse" : n < 0 ? "d-better" : "");

  const KINDS = {
    overdue: {
      source: "incidents",
      measure: "overdue",
      rank: (area) => p.share(area.metrics.incidents_overdue, area.metrics.incidents_open) ?? -1,
      bar: (area) => area.metrics.incidents_open,
      say(area) {
        const m = area.metrics;
        const share = p.share(m.incidents_overdue, m.incidents_open);
        const hot = p.flagged(area);
        return {
          value: w.count(m.incidents_open), hot,
          one: `${hot ? "! " : ""}${w.count(m.incidents_overdue)}`,
          two: share === null ? "" : `${share.toFixed(1)}%`,
        };
      },
    },
    cameras: {
      source: "cameras",
      measure: "cameras",
      rank: (area) => down(area),
      bar: (area) => down(area),
      say(area) {
        const [a, b] = [rate(area, "public"), rate(area, "social")];
        return {
          value: w.count(down(area)), hot: below(a), hotTwo: below(b),
          one: `${below(a) ? "! " : ""}${v.percent(a.rate)}%`, two: `${below(b) ? "! " : ""}${v.percent(b.rate)}%`,
        };
      },
    },
    cover: {
      source: "staff",
      rank: bare,
      bar: bare,
      say: (area) => ({
        value: w.count(bare(area)),
        one: w.say("wall.of", { part: area.metrics.grids_covered, whole: area.metrics.grids_total }),
        two: w.say("wall.staff_n", { n: area.metrics.staff_on_duty }),
      }),
    },
    weekday: {
      source: "incidents",
      rank: (area, view) => view.wall?.children[area.code]?.today[0] ?? 0,
      bar: (area, view) => view.wall?.children[area.code]?.today[0] ?? 0,
      say(area, view) {
        const held = view.wall?.children[area.code];
        if (!held) return { value: "—" };
        const [reported, closed] = held.today;
        const one = held.so_far ? v.signed(reported - held.so_far[0]) : "—";
        const two = held.so_far ? v.signed(closed - held.so_far[1]) : "—";
        return { value: w.count(reported), one, two, looks: held.so_far ? [worse(reported - held.so_far[0]), worse(held.so_far[1] - closed)] : [] };
      },
    },
  };

  function down(area) {
    const m = area.metrics;
    return m.cameras_total - m.cameras_maintenance - m.cameras_online;
  }

  /** Alert groups, the most urgent first: the rule's name and the place, never a text of a report. */
  class Alerts {
    constructor(root, { page, w: width, h }) {
      Object.assign(this, { page, width, h, rows: [] });
      this.head = v.heading(root, "wall.alerts", "");
      this.headNode = root.querySelector("h2");
      this.box = element("div", "rows", root);
      this.none = element("div", "none", root);
      this.more = element("div", "more", root);
    }

    update(view) {
      const bells = view.bells;
      const groups = bells ? Object.values(bells.groups).sort(urgency) : [];
      this.head.say(bells ? w.say("wall.alerts.judged", { time: w.hms(Date.parse(bells.judged_at)) }) : "");
      const room = Math.max(1, Math.floor((this.h - HEAD - 64) / 128));
      const waiting = groups.filter((one) => one.n_unacknowledged > 0 && one.priority <= 2).length;
      flag(this.headNode, "unack-many", waiting > 3);
      v.keep(this.box, this.rows, Math.min(room, groups.length), () => new AlertRow(this.width));
      this.rows.forEach((row, i) => row.set(view, groups[i], waiting <= 3, this.page.tree));
      this.none.hidden = groups.length > 0;
      put(this.none, bells ? w.say("wall.alerts.none") : w.say("wall.waiting"));
      const left = (bells?.n_groups ?? 0) - this.rows.length;
      put(this.more, left > 0 ? w.say("wall.alerts.more", { n: left }) : "");
    }
  }

  const urgency = (a, b) =>
    a.priority - b.priority || (b.n_unacknowledged > 0) - (a.n_unacknowledged > 0) || (a.last_at < b.last_at ? 1 : -1);

  class AlertRow {
    constructor(width) {
      this.width = width;
      this.root = element("div", "alert-row", null);
      this.glyph = element("i", "", this.root);
      const main = element("div", "alert-main", this.root);
      this.title = element("div", "alert-title", main);
      this.place = element("div", "alert-place", main);
      const side = element("div", "alert-side", this.root);
      this.state = element("b", "", side);
      this.age = element("div", "num", side);
    }

    set(view, group, blinks, tree) {
      const waits = group.n_unacknowledged > 0;
      v.priorityGlyph(this.glyph, group.priority, waits && blinks && group.priority <= 2 && !view.unjudged);
      const name = (w.language() === "en" && group.rule_name_en) || group.rule_name;
      const n = group.n > 1 ? ` × ${w.count(group.n)}` : "";
      const state = waits ? w.say("wall.alerts.waits", { n: group.n_unacknowledged }) : w.say(`alert.state.${group.state}`);
      const room = this.width - 64 - 2 * 28 - Math.max(v.textWidth(state, v.SIZE.text, 700), 220) - 16;
      put(this.title, v.fitted([name + n], room, v.SIZE.body, 700));
      const place = tree.has(group.area) ? scope.wallCases.placeOf(tree, group.area, view.code) : [];
      const parts = place.length ? place : [tree.has(group.area) ? w.name(tree.get(group.area)) : ""];
      if (group.cameras) parts.unshift(w.say("wall.alerts.cameras", { n: w.count(group.cameras) }));
      put(this.place, v.fitted(parts, room, v.SIZE.text));
      put(this.state, state);
      put(this.age, w.age((view.now - Date.parse(group.first.raised_at)) / 1000));
      flag(this.root, "is-waiting", waits);
      flag(this.root, "is-old", view.unjudged);
    }
  }

  const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
  const groupsOf = (view) => (view.bells ? Object.values(view.bells.groups) : null);

  /** How many alerts stand, and how many of them nobody has acknowledged. */
  class AlertHero {
    constructor(root, { w: width }) {
      this.width = width;
      this.head = v.heading(root, "wall.alerts.open");
      this.number = element("div", "hero num", root);
      this.value = element("b", "", this.number);
      this.line = element("div", "hero-line", root);
    }

    update(view) {
      this.head.say();
      const groups = groupsOf(view);
      put(this.value, groups ? w.count(sum(groups, (one) => one.n)) : "—");
      flag(this.value, "val-stale", view.unjudged);
      const waits = groups ? sum(groups, (one) => one.n_unacknowledged) : 0;
      v.parts(this.line, groups ? [[w.say("wall.alerts.groups"), w.count(view.bells.n_groups)], [w.say("wall.alerts.unacknowledged"), w.count(waits)]] : [], this.width);
    }
  }

  /** Open alerts by priority. */
  class AlertPriorities {
    constructor(root) {
      this.rows = scope.wallPanels.priorityRows(root);
    }

    update(view) {
      const groups = groupsOf(view);
      const counts = [1, 2, 3, 4].map((n) => (groups ? sum(groups.filter((one) => one.priority === n), (one) => one.n) : 0));
      const most = Math.max(1, ...counts);
      for (const { n, glyph, name, bar, value } of this.rows) {
        v.priorityGlyph(glyph, n);
        put(name, w.say(`wall.priority.${n}`));
        put(value, groups ? w.count(counts[n - 1]) : "—");
        flag(value, "val-stale", view.unjudged);
        v.setBar(bar, counts[n - 1] / most);
      }
    }
  }

  /** All children side by side on one scale, the most open first. */
  class Strip {
    constructor(root, { page, w: width, h }) {
      Object.assign(this, { page, width, cells: [] });
      this.head = v.heading(root, "wall.strip", "wall.strip.hint");
      this.box = element("div", "strip", root);
      this.height = h;
    }

    update(view) {
      const areas = [...view.picture.children.values()].sort(bySize((area) => area.metrics.incidents_open));
      this.head.say(w.say("wall.strip.hint", { n: areas.length }));
      const rows = this.height > 400 ? Math.max(1, Math.floor((this.height - 70) / 250)) : 1;
      const columns = Math.max(1, Math.min(Math.ceil(areas.length / rows), Math.floor(this.width / CELL)));
      const shown = Math.min(areas.length, columns * rows);
      this.box.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
      v.keep(this.box, this.cells, shown, () => new Cell((this.width - 30 * (columns - 1)) / columns));
      const left = areas.length - shown;
      if (left > 0) this.head.say(`${w.say("wall.strip.hint", { n: areas.length })} · ${w.say("wall.more_areas", { n: left })}`);
      const series = areas.slice(0, shown).map((area) => [...(view.wall?.children[area.code]?.hours || []), area.metrics.incidents_open]);
      const most = Math.max(1, ...series.flat());
      this.cells.forEach((cell, i) => cell.set(view, areas[i], series[i], most, this.page.tree));
    }
  }

  class Cell {
    constructor(width) {
      this.width = width;
      this.root = element("div", "cell", null);
      this.name = element("div", "cell-name", this.root);
      const line = element("div", "cell-line", this.root);
      this.value = element("b", "num", line);
      this.note = element("span", "", line);
      this.spark = new scope.wallCharts.Spark(this.root, Math.max(80, width), 44);
      this.cover = element("div", "cell-cover", this.root);
    }

    set(view, area, series, most, tree) {
      const of = v.trust(view, area, "incidents");
      const m = area.metrics;
      const hot = p.flagged(area) && !v.isOld(of);
      put(this.name, v.fitted([w.shortName(tree.get(area.code))], this.width, v.SIZE.text, 700));
      put(this.value, of.unheard || of.fresh === "lost" ? "—" : w.count(m.incidents_open));
      flag(this.value, "val-stale", v.isOld(of));
      const note = m.incidents_overdue ? `${hot ? "! " : ""}${w.say("map.overdue", { n: m.incidents_overdue })}` : w.say("map.no_overdue");
      const beside = v.textWidth(w.count(m.incidents_open), v.SIZE.title, 500) + 16;
      put(this.note, of.unheard || of.fresh === "lost" ? "" : m.incidents_overdue ? note : v.textWidth(note, v.SIZE.cap) <= this.width - beside ? note : "");
      flag(this.note, "hot", hot);
      this.spark.set(series, most);
      const staff = v.trust(view, area, "staff");
      const cover = { n: m.grids_covered, of: m.grids_total };
      const long = w.say("wall.strip.cover", cover);
      const said = v.textWidth(long, v.SIZE.cap) <= this.width ? long : w.say("wall.strip.cover.short", cover);
      put(this.cover, staff.unheard ? "" : said);
      flag(this.cover, "val-stale", v.isOld(staff));
    }
  }

  scope.wallLists = { Children, Alerts, AlertHero, AlertPriorities, Strip };
})((window.one_map = window.one_map || {}));
