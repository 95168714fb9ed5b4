"use strict";
/* From the picture of the area looked at to polygons, colours, labels and marks on the map. */
(function (scope) {
  const BELOW = { district: "street", street: "community", community: "grid", grid: null };
  /** Priorities drawn when this tier is looked at, and those of them drawn one by one at their place. */
  const DRAWN = { district: [1], street: [1, 2], community: [1, 2, 3, 4], grid: [1, 2, 3, 4] };
  const SINGLE = { district: [], street: [1], community: DRAWN.community, grid: DRAWN.grid };
  const RAMP = (k) => `var(--q${k + 1})`;

  class Composer {
    /** page: {tree, map, scene, marks, view(), picture(), status(), now(), rectangles()}. */
    constructor(page) {
      this.page = page;
      this.signature = "";
      this.placed = [];
      this.names = [];
      this.fresh = true; // the view moved: place everything again
    }

    /** What is drawn as a rate for grids falls back to counts. */
    layer() {
      const { view, tree } = this.page;
      return scope.picture.effective(view().layer, BELOW[tree.get(view().area).tier] || "grid");
    }

    children() {
      const { view, tree } = this.page;
      return tree.children(view().area);
    }

    polygons() {
      const { view, tree, map } = this.page;
      const area = tree.get(view().area);
      const inner = BELOW[area.tier];
      const wanted = this._around(area);
      for (const child of this.children()) wanted.push({ role: "fill", code: child.code, className: `fill ${inner}` });
      if (!inner) wanted.push({ role: "fill", code: area.code, className: "fill only" });
      if (inner && BELOW[inner]) {
        for (const child of this.children())
          for (const below of tree.children(child.code))
            wanted.push({ role: "line", code: below.code, className: "hair" });
      }
      const bare = this._uncovered();
      this.uncovered = bare.join();
      for (const code of bare) wanted.push({ role: "line", code, className: "uncovered" });
      wanted.push({ role: "halo", code: area.code, className: "outline" });
      const select = view().select;
      if (select && tree.has(select)) {
        wanted.push({ role: "halo", code: select, className: "selected-ground" });
        wanted.push({ role: "halo", code: select, className: "selected" });
      }
      map.show(wanted);
    }

    /** Outlines of what lies beside the area, so that one knows where one is. */
    _around(area) {
      const { tree } = this.page;
      return tree
        .lineage(area.code)
        .flatMap((ancestor) => tree.children(ancestor.code))
        .filter((other) => other.code !== area.code)
        .map((other) => ({ role: "line", code: other.code, className: `ghost ${other.tier}` }));
    }

    /** Did a grid gain or lose its cover since the polygons were chosen? */
    coverChanged() {
      return this._uncovered().join() !== this.uncovered;
    }

    _uncovered() {
      const { view, tree, picture } = this.page;
      const held = picture();
      if (!held || !view().overlays.includes("uncovered") || tree.get(view().area).tier !== "community") return [];
      return [...held.children.values()]
        .filter((grid) => this._staffKnown(grid) && grid.metrics.grids_covered === 0)
        .map((grid) => grid.code);
    }

    /** Without a word from any staff feed a grid is not uncovered: nobody knows. */
    _staffKnown(area) {
      return !area.freshness_by || area.freshness_by.staff !== "lost";
    }

    /** The freshness of one area's colour; a cut connection makes everything stale. */
    freshness(area, source) {
      return scope.picture.fresh(area, source, this._isCut());
    }

    _isCut() {
      return this.page.status().state === "cut";
    }

    paint() {
      const { picture, map, tree, view } = this.page;
      const layer = this.layer();
      const here = tree.get(view().area);
      const held = picture();
      const cameras = held ? this.freshness(held.area, "cameras") : "live";
      map.map.getContainer().classList.toggle("old-cameras", cameras === "stale" || cameras === "lost");
      if (here.tier === "grid") {
        map.paint(here.code, "fill only", "var(--q1)");
        return;
      }
      for (const child of this.children()) {
        const area = held?.children.get(child.code);
        map.paint(child.code, `fill ${child.tier}`, area ? this._colour(layer, area) : "var(--s1)");
      }
    }

    _colour(layer, area) {
      const k = scope.picture.grade(layer, area.tier, scope.picture.measure(layer, area));
      if (k < 0) return "url(#few)";
      const fresh = this.freshness(area, scope.picture.source(layer));
      return fresh === "stale" || fresh === "lost" ? `url(#stale${k + 1})` : RAMP(k);
    }

    /** Draws the top canvas. Positions are kept while only numbers change. */
    draw() {
      const { scene, map, picture } = this.page;
      if (!map.scale) return;
      const u = this.page.unit();
      scene.begin(u);
      const held = picture();
      const incidents = held ? this._incidents(held) : [];
      const labels = held ? this._labels(held) : [];
      this._place(labels, incidents, u);
      for (const { text, x, y } of this.names) scene.drawName(text, x, y);
      const boxes = [...this.room.obstacles];
      for (const spot of this.placed) boxes.push(spot.box, ...this._draw(spot));
      this._drawIncidents(incidents, boxes, u);
    }

    _draw(spot) {
      const { scene } = this.page;
      if (!spot.plate) {
        scene.drawLabel(spot);
        return [];
      }
      const [x0, y0, x1, y1] = spot.box;
      return [scene.cameraPlate((x0 + x1) / 2, (y0 + y1) / 2, spot.plate)];
    }

    _drawIncidents(incidents, boxes, u) {
      const { scene, tree, view, now } = this.page;
      const size = 22 * u;
      const here = tree.get(view().area);
      this.hasClocks = false; // is there a running clock on the canvas?
      for (const { incident, x, y } of [...incidents].reverse()) scene.drawIncident(incident, x, y, size);
      const taken = [...boxes, ...incidents.map(({ x, y }) => scope.labels.box(x, y, size * 1.4, size * 1.4))];
      for (const { incident, x, y } of incidents) {
        const named = here.tier === "grid" || (view().select && incident.area === view().select);
        if (!named) continue;
        this.hasClocks = true;
        const clock = scope.words.clock(incident, now());
        const box = scene.drawTag(`${scope.incidentTitle(incident)} ${clock.text}`, x, y, size, taken, clock.overdue);
        if (box) taken.push(box);
      }
    }

    /** Incidents drawn one by one: P1 at street tier, all chosen ones below. */
    _incidents(held) {
      const { view, tree, map } = this.page;
      const tier = tree.get(view().area).tier;
      const shown = SINGLE[tier].filter((p) => view().overlays.includes(`p${p}`));
      const found = [];
      for (const incident of scope.picture.urgent(this.page.systems.marks(held))) {
        if (!shown.includes(incident.priority)) continue;
        const [ax, ay] = map.project(incident.lon, incident.lat);
        if (ax < 0 || ay < 0 || ax > map.width || ay > map.height) continue;
        const [x, y] = scope.labels.apart(found, ax, ay, 22 * this.page.unit());
        found.push({ incident, x, y });
      }
      return found;
    }

    /** Cut-offs, to be said on screen: {incidents, cameras}, each [shown, total] or null. */
    cutOffs() {
      const { picture, tree, view, systems } = this.page;
      const held = picture();
      const tier = tree.get(view().area).tier;
      if (held && systems.chosen) return { incidents: systems.shown(held, tier), cameras: this._camerasCut(held) };
      if (!held || tier === "district" || tier === "street") return null;
      return {
        incidents: [held.incidents.size, Math.max(held.incidentsTotal, held.incidents.size)],
        cameras: this._camerasCut(held),
      };
    }

    _camerasCut(held) {
      return held.cameras ? [this.page.marks.shown, held.area.metrics.cameras_total] : null;
    }

    _labels(held) {
      const layer = this.layer();
      const labels = [];
      for (const child of this.children()) {
        const area = held.children.get(child.code);
        if (area) labels.push(this._label(layer, child, area));
      }
      return labels.sort((a, b) => b.km2 - a.km2);
    }

    _label(layer, child, area) {
      const { words, picture } = scope;
      const m = area.metrics;
      const fresh = this.freshness(area, picture.source(layer));
      const stale = fresh === "stale" || fresh === "lost";
      const flag = !stale && layer === "overdue" && picture.flagged(area);
      const label = {
        key: child.code, tier: child.tier, km2: child.km2, name: words.shortName(child), flag, stale, dim: stale,
        value: this._value(layer, area), note: null, extra: null, signs: this._signs(area),
      };
      if (stale && child.tier !== "grid") label.note = this._oldNote(area, picture.source(layer), fresh);
      else if (flag) label.note = `! ${words.say("map.overdue", { n: words.count(m.incidents_overdue) })}`;
      else if (child.tier === "street") label.note = this._note(layer, m);
      if (this._staffKnown(area)) label.extra = this._extra(child, m);
      label.extraStale = this.freshness(area, "staff") === "stale";
      return label;
    }

    /** Of when a number is that is not live. */
    _oldNote(area, source, fresh) {
      const { words, picture } = scope;
      const { now, picture: held } = this.page;
      const ms = picture.asOf(area, source, this._isCut(), Date.parse(held().asOf));
      if (picture.isUnheard(area, source)) return words.say("feed.never");
      return ms === null ? words.say(`fresh.${fresh}`) : words.say("fresh.asof", { time: words.moment(ms, now()) });
    }

    _value(layer, area) {
      const { words, picture } = scope;
      if (picture.isUnheard(area, picture.source(layer))) return "—";
      if (layer === "overdue" || layer === "open") return words.count(area.metrics.incidents_open);
      const measured = picture.measure(layer, area);
      if (measured.value === null) return "—";
      if (layer === "load" || layer === "checkins") return measured.value.toFixed(1);
      if (measured.few) {
        const m = area.metrics;
        const bad = layer === "cameras" ? measured.n - m.cameras_online : m.grids_total - m.grids_covered;
        return `${bad} / ${measured.n}`;
      }
      return `${measured.value.toFixed(1)}%`;
    }

    _note(layer, m) {
      const { say, count } = scope.words;
      if (layer === "cameras") {
        const expected = m.cameras_total - m.cameras_maintenance;
        return say("kpi.offline", { n: count(expected - m.cameras_online), total: count(expected) });
      }
      if (layer === "uncovered") return `${m.grids_covered} / ${m.grids_total}`;
      if (layer === "checkins") return say("map.checkins", { n: count(m.checkins_last_hour) });
      if (layer === "load") return say("map.open", { n: count(m.incidents_open) });
      return m.incidents_overdue ? say("map.overdue", { n: count(m.incidents_overdue) }) : say("map.no_overdue");
    }

    _extra(child, m) {
      const { view } = this.page;
      const { say } = scope.words;
      const parts = [];
      const gone = m.grids_total - m.grids_covered;
      if (view().overlays.includes("uncovered") && child.tier !== "grid" && gone > 0)
        parts.push(say("map.uncovered", { n: gone }));
      if (view().overlays.includes("checkins")) parts.push(say("map.checkins", { n: m.checkins_last_hour }));
      return parts.join(" · ") || null;
    }

    /** Priorities shown as one sign with a count beside the label; those drawn one by one are left out. */
    _signs(area) {
      const above = { street: "district", community: "street" }[area.tier];
      if (!above) return [];
      return DRAWN[above]
        .filter((p) => !SINGLE[above].includes(p) && this.page.view().overlays.includes(`p${p}`))
        .map((priority) => ({ priority, n: this.page.systems.open(area, priority) }))
        .filter(({ n }) => n > 0);
    }

    _plates(held) {
      const { view, tree } = this.page;
      if (tree.get(view().area).tier !== "community") return [];
      const owners = ["public", "social"].filter((owner) => view().overlays.includes(owner));
      if (!owners.length) return [];
      return [...held.children.values()].map((area) => {
        const sums = owners.map((owner) => scope.picture.online(area.metrics, owner));
        const total = sums.reduce((sum, part) => sum + part.total, 0);
        const down = sums.reduce((sum, part) => sum + part.down, 0);
        const fresh = this.freshness(area, "cameras");
        return { code: area.code, total, down, stale: fresh === "stale" || fresh === "lost" };
      });
    }

    /** Finds places when the view, the words or the set of things changed; else only fills in the numbers. */
    _place(labels, incidents, u) {
      const { map, scene, tree, picture } = this.page;
      const plates = picture() ? this._plates(picture()) : [];
      const signature = JSON.stringify([
        labels.map((l) => [l.key, l.name, (l.value || "").length, (l.note || "").length, !!l.extra, l.flag, l.signs.length]),
        incidents.map(({ incident }) => incident.id), plates.length, u,
      ]);
      if (this.fresh || signature !== this.signature) {
        this.room = this._roomNow(incidents, u);
        const items = labels.map((label) => this._item(label, scene.forms(label), map, tree));
        for (const plate of plates) {
          const at = items.find((item) => item.key === plate.code);
          if (at) items.push({ ...at, key: `plate:${plate.code}`, forms: [scene.plateSize(plate.total, plate.down)], optional: true, y: at.y + 34 * u });
        }
        this.placed = scope.labels.place(items, this.room);
        if (this.fresh || this._namesCovered()) this._nameContext();
        this.signature = signature;
        this.fresh = false;
      }
      const byKey = new Map(labels.map((label) => [label.key, label]));
      const plateOf = new Map(plates.map((plate) => [`plate:${plate.code}`, plate]));
      for (const spot of this.placed) {
        if (plateOf.has(spot.key)) spot.plate = plateOf.get(spot.key);
        else spot.forms = scene.forms(Object.assign(spot.label, byKey.get(spot.key)));
        spot.signs = spot.label?.signs || [];
      }
    }

    _item(label, forms, map, tree) {
      const shape = tree.shape(label.key);
      const [x, y] = map.project(...shape.properties.label);
      return { key: label.key, x, y, rings: map.rings(shape.geometry), forms, label, signs: label.signs };
    }

    _roomNow(incidents, u) {
      const { map, tree, view, rectangles } = this.page;
      const size = 30 * u;
      return {
        frame: [6 * u, 6 * u, map.width - 6 * u, map.height - 6 * u],
        obstacles: [...rectangles(), ...incidents.map(({ x, y }) => scope.labels.box(x, y, size, size))],
        hull: map.rings(tree.shape(view().area).geometry),
        step: 16 * u,
      };
    }

    _namesCovered() {
      return this.names.some(({ box }) => this.placed.some((spot) => scope.labels.overlap(box, spot.box, 0)));
    }

    /** Names of lakes, delegated streets and neighbours, each in its roomiest visible spot. */
    _nameContext() {
      const { map, scene } = this.page;
      const { say } = scope.words;
      this.names = [];
      const taken = [...this.room.obstacles, ...this.placed.map((spot) => spot.box)];
      const u = scene.u;
      const ringsFor = (geometry) => sparse(map.rings(geometry), 4 * u);
      const set = (text, geometry, hull) => {
        const w = scene.measure(text, scene.font(400, 14 * u)) + text.length * 1.2 * u;
        const spot = scope.labels.roomiest(ringsFor(geometry), w, 20 * u, { frame: this.room.frame, obstacles: taken, hull });
        if (!spot) return false;
        const box = scope.labels.box(spot.x, spot.y, w, 20 * u);
        this.names.push({ text, x: spot.x, y: spot.y, box });
        taken.push(box);
        return true;
      };
      for (const area of this._siblings()) set(scope.words.name(area), this.page.tree.shape(area.code).geometry, this.room.hull);
      const hull = ringsFor(this.page.tree.shape(scope.boot.root).geometry);
      let delegated = false;
      for (const feature of map.context.features) {
        const ours = feature.properties.kind === "delegated_street";
        if (ours && delegated) continue;
        const text = ours ? say("map.delegated") : this._contextName(feature.properties);
        if (text && set(text, feature.geometry, hull)) delegated = delegated || ours;
      }
    }

    /** The areas beside the one looked at, one tier up at most. */
    _siblings() {
      const { tree, view } = this.page;
      const here = tree.get(view().area);
      return here.parent ? tree.children(here.parent).filter((other) => other.code !== here.code) : [];
    }

    _contextName(properties) {
      return scope.words.language() === "zh" ? properties.name : properties.name_en || null;
    }
  }

  /** Leaves out points nearer than `least` px to the one before: enough to find room for a name. */
  function sparse(rings, least) {
    return rings
      .map((ring) => {
        const kept = [];
        for (const point of ring) {
          const last = kept[kept.length - 1];
          if (!last || Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) >= least) kept.push(point);
        }
        return kept;
      })
      .filter((ring) => ring.length > 2);
  }

  scope.Composer = Composer;
  scope.tiers = { BELOW, DRAWN };
})((window.one_map = window.one_map || {}));
