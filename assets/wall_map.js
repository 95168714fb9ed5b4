"use strict";
/* The map of one scene as SVG: shapes and labels are made once, then only restyled and reworded. */
(function (scope) {
  const { put, flag } = scope;
  const w = scope.words;
  const p = scope.picture;
  const LOOK = {
    // sizes of tokens.css: name, number, note
    street: ["map-name", "map-num", "text"],
    community: ["text", "map-num-s", "text"],
    grid: ["text", "map-num-xs", "text"],
  };
  const SIGN = 60; // px of a priority's sign
  const PLATE = 33; // its dark ground
  const EDGE = 16;
  const LEGEND = { w: 330, h: 400 };
  const CUT = 26; // px on each side of a gap between two screens that no label may reach

  const { make, ringsOf, projection, pathOf } = scope.wallShapes;
  const { textWidth } = scope.wallValues;
  const v = () => scope.wallValues;
  const sizes = (tier) => LOOK[tier].map((name) => scope.wallValues.size(name));

  class AreaMap {
    /** spec: {code, page, w, h, x, y, measure, plain, lines}; plain: names alone; lines: gaps of a mosaic. */
    constructor(root, spec) {
      Object.assign(this, spec);
      this.tree = this.page.tree;
      this.tier = this.tree.children(this.code)[0]?.tier || "grid";
      this.root = root;
      this.svg = make("svg", { width: this.w, height: this.h, viewBox: `0 0 ${this.w} ${this.h}`, role: "img", "aria-label": w.name(this.tree.get(this.code)) }, root);
      const pads = { left: EDGE + 20, right: EDGE + 20, top: EDGE, bottom: EDGE + 40 };
      const found = projection(this.tree.shape(this.code).geometry, this, pads);
      this.project = found.project;
      this.scale = found.scale;
      this._shapes();
      this._labels();
      this._signs = make("g", {}, this.svg);
      this.signs = [];
      this._legend();
      this._scaleBar();
    }

    _path(code, className, parent) {
      return make("path", { d: pathOf(this.tree.shape(code).geometry, this.project), class: className }, parent);
    }

    _shapes() {
      const around = make("g", {}, this.svg);
      const order = { neighbour_district: 0, delegated_street: 1, lake: 2 };
      const features = [...this.page.context.features].sort((a, b) => order[a.properties.kind] - order[b.properties.kind]);
      for (const feature of features)
        make("path", { d: pathOf(feature.geometry, this.project), class: `ground ${feature.properties.kind}` }, around);
      for (const area of this.tree.lineage(this.code).flatMap((one) => this.tree.children(one.code)))
        if (area.code !== this.code && !this.tree.lineage(this.code).some((one) => one.code === area.code))
          if (!this.tree.lineage(area.code).some((one) => one.code === this.code)) this._path(area.code, "beside", around);
      const fills = make("g", {}, this.svg);
      this.fills = new Map(this.tree.children(this.code).map((area) => [area.code, this._path(area.code, `fill ${area.tier}`, fills)]));
      if (!this.fills.size) this.fills.set(this.code, this._path(this.code, "fill", fills));
      const hairs = make("g", {}, this.svg);
      this.bareLayer = make("g", {}, this.svg);
      this.bare = new Map();
      this.grids = this.measure === "cover" || this.tier === "community";
      for (const child of this.tree.children(this.code))
        for (const below of this.tree.children(child.code)) this._path(below.code, `hair ${this.measure === "cover" ? "strong" : ""}`, hairs);
      this._path(this.code, "outline", make("g", {}, this.svg));
    }

    /** Everything that a label may take up, by the largest that it may have to hold. */
    _forms(area) {
      const [name, number, note] = sizes(this.tier);
      const title = w.shortName(area);
      const titled = textWidth(title, name, 700) + 2 * PLATE;
      if (this.plain) return [{ w: titled + 30, h: name * 1.3, rows: 1 }];
      const digits = textWidth(this._longest(), number, 600);
      const noted = (text) => Math.max(titled, digits, textWidth(text, note, 700) + 44);
      const high = name * 1.2 + number * 1.1;
      const inLine = textWidth(`${title} ${this._longest()}`, name, 700) + 2 * PLATE;
      return [
        { w: noted(w.say("map.overdue", { n: this.tier === "street" ? 999 : 99 })), h: high + note * 1.5, rows: 3 },
        { w: noted(w.say("map.overdue", { n: 9 })), h: high + note * 1.5, rows: 3 },
        { w: Math.max(titled, digits), h: high, rows: 2 },
        { w: inLine, h: name * 1.3, rows: 1, inLine: true },
      ];
    }

    /** The longest number that a label may have to hold. */
    _longest() {
      if (this.measure === "cameras") return "99.9";
      if (this.measure === "cover") return this.tier === "street" ? "999/999" : "99/99";
      return this.tier === "street" ? "9,999" : "999";
    }

    _labels() {
      const frame = [EDGE, EDGE, this.w - EDGE, this.h - EDGE];
      const items = this.tree.children(this.code).map((area) => {
        const [x, y] = this.project(...area.label);
        const rings = ringsOf(this.tree.shape(area.code).geometry).map((ring) => ring.map(([lon, lat]) => this.project(lon, lat)));
        return { key: area.code, area, x, y, rings, forms: this._forms(area) };
      });
      const hull = ringsOf(this.tree.shape(this.code).geometry).map((ring) => ring.map(([lon, lat]) => this.project(lon, lat)));
      this.corner = this._corner(hull);
      const obstacles = [...this._cuts(), ...(this.plain ? [] : [this._cornerBox(this.corner)]), this._scaleBox()];
      items.sort((a, b) => b.area.km2 - a.area.km2);
      this.placed = scope.labels.place(items, { frame, obstacles, hull, step: 34, dear: 16 });
      const names = make("g", { class: "around" }, this.svg);
      this._names(names, frame, hull, [...obstacles, ...this.placed.map((one) => one.box)]);
      const layer = make("g", { class: "labels" }, this.svg);
      this.labels = new Map(this.placed.map((one) => [one.key, this._label(one, layer)]));
    }

    _cornerBox(corner) {
      const [x, y] = [corner.endsWith("left") ? 0 : this.w - LEGEND.w, corner.startsWith("top") ? 0 : this.h - LEGEND.h];
      return [x, y, x + LEGEND.w, y + LEGEND.h];
    }

    /** The corner for the legend that least of the area reaches into, the lower left one by choice. */
    _corner(hull) {
      const inside = (corner) => {
        const [x0, y0, x1, y1] = this._cornerBox(corner);
        let n = 0;
        for (let i = 0; i <= 8; i++)
          for (let j = 0; j <= 8; j++) n += scope.labels.inside(hull, x0 + ((x1 - x0) * i) / 8, y0 + ((y1 - y0) * j) / 8);
        return n;
      };
      const corners = ["bottom-left", "bottom-right", "top-left", "top-right"].map((corner) => [corner, inside(corner)]);
      return corners.reduce((best, one) => (one[1] < best[1] ? one : best))[0];
    }

    _scaleBox() {
      const x = this.corner === "bottom-right" ? 0 : this.w - 420;
      return [x, this.h - 70, x + 420, this.h];
    }

    /** The gaps between the screens of a mosaic, as boxes that nothing may reach into. */
    _cuts() {
      const { x, y } = this.lines || { x: [], y: [] };
      return [
        ...x.map((at) => [at - this.x - CUT, -1, at - this.x + CUT, this.h + 1]),
        ...y.map((at) => [-1, at - this.y - CUT, this.w + 1, at - this.y + CUT]),
      ];
    }

    /** Names of lakes and of what is not counted here, where there is room. */
    _names(layer, frame, hull, obstacles) {
      let hasDelegated = false;
      for (const { properties, geometry } of this.page.context.features) {
        const delegated = properties.kind === "delegated_street";
        if (properties.kind === "neighbour_district" || (delegated && hasDelegated)) continue;
        const text = delegated ? w.say("map.delegated") : w.name(properties);
        const size = scope.wallValues.SIZE.text;
        const rings = ringsOf(geometry).map((ring) => ring.map(([lon, lat]) => this.project(lon, lat)));
        const spot = scope.labels.roomiest(rings, textWidth(text, size, 400) * 1.1, size, { frame, hull, obstacles });
        if (!spot) continue;
        hasDelegated = hasDelegated || delegated;
        const node = make("text", { x: spot.x, y: spot.y + size * 0.36, class: "place" }, layer);
        put(node, text);
      }
    }

    _label({ key, area, box, form, forms, leader }, layer) {
      const [name, number, note] = sizes(this.tier);
      const group = make("g", {}, layer);
      const x = (box[0] + box[2]) / 2;
      if (leader) {
        const [from, to] = leader;
        make("path", { d: `M${from.join(",")}L${to.join(",")}`, class: "leader" }, group);
        make("circle", { cx: from[0], cy: from[1], r: 6, class: "leader-end" }, group);
      }
      const { rows, inLine } = forms[form];
      let y = box[1] + name;
      const title = make("text", { x, y, class: "name", "font-size": name }, group);
      put(title, w.shortName(area));
      const right = x + textWidth(inLine ? `${w.shortName(area)} 99` : w.shortName(area), name, 700) / 2;
      const found = { title, sign: [right + PLATE + 8, y - name * 0.36], key };
      if (inLine) {
        put(title, `${w.shortName(area)} `);
        found.number = make("tspan", { class: "count" }, title);
        return found;
      }
      y += number;
      if (rows > 1) found.number = make("text", { x, y, class: "count", "font-size": number }, group);
      if (rows > 2) {
        y += note * 1.3;
        found.plate = make("rect", { x: x - 10, y: y - note, width: 20, height: note * 1.3, rx: 4, class: "plate" }, group);
        found.note = make("text", { x, y, class: "note", "font-size": note }, group);
        found.noteAt = x;
      }
      return found;
    }

    update(view) {
      const { picture } = view;
      const cover = this.measure === "cover";
      const layer = cover ? "uncovered" : this.measure || "overdue";
      const of = p.source(layer);
      for (const [code, node] of this.fills) {
        const area = picture.children.get(code);
        const look = area ? this._look(layer, area, of, view) : "none";
        if (node.dataset.look !== look) {
          node.dataset.look = look;
          node.setAttribute("class", `fill ${this.tier} ${look}`);
        }
      }
      for (const [code, label] of this.labels) this._reword(label, picture.children.get(code), view);
      this._uncovered(view);
      this._drawSigns(view);
      this._relegend();
    }

    _look(layer, area, source, view) {
      if (this.measure === "cover") return v().isOld(v().trust(view, area, "staff")) ? "q0 old" : "q0";
      const k = p.grade(layer, area.tier, p.measure(layer, area));
      const of = v().trust(view, area, source);
      const none = k < 0 || of.unheard || of.fresh === "lost";
      return `${none ? "few" : `q${k}`} ${v().isOld(of) ? "old" : ""}`;
    }

    _reword(label, area, view) {
      if (!area || !label.number) return;
      const found = this._words(area, view);
      const lost = found.of.unheard || found.of.fresh === "lost";
      const { of } = found;
      const [text, note, hot] = lost ? ["—", "", false] : [found.text, found.note, found.hot];
      const old = v().isOld(of);
      put(label.number, text);
      flag(label.number, "val-stale", old);
      if (!label.note) return;
      const apart = of.fresh === "stale" && of.asOf && !this._isOld(view); // else its whole area says so
      const said = apart ? w.say("fresh.asof", { time: w.hm(of.asOf) }) : note;
      if (label.note.textContent !== said || label.hot !== hot) {
        put(label.note, said);
        label.hot = hot;
        const width = said ? textWidth(said, sizes(this.tier)[2], hot ? 700 : 400) + 32 : 0;
        label.plate.setAttribute("x", label.noteAt - width / 2);
        label.plate.setAttribute("width", width);
      }
      label.note.setAttribute("class", `note ${hot && !old ? "hot" : ""} ${apart ? "is-old" : old ? "is-dim" : ""}`);
      label.plate.setAttribute("class", `plate ${hot ? "" : "is-clear"}`);
    }

    /** Is the area of the map as a whole not of now? */
    _isOld(view) {
      const source = this.measure === "cover" ? "staff" : p.source(this.measure || "overdue");
      return v().isOld(v().trust(view, view.picture.area, source));
    }

    /** The number of an area on this map, and the small print below it. */
    _words(area, view) {
      const m = area.metrics;
      if (this.measure === "cameras") {
        const of = v().trust(view, area, "cameras");
        const expected = m.cameras_total - m.cameras_maintenance;
        const rate = expected ? (100 * m.cameras_online) / expected : null;
        return { text: of.unheard || rate === null ? "—" : rate.toFixed(1), note: w.say("wall.offline", { n: w.count(expected - m.cameras_online) }), hot: false, of };
      }
      if (this.measure === "cover") {
        const of = v().trust(view, area, "staff");
        const bare = m.grids_total - m.grids_covered;
        return { text: of.unheard ? "—" : `${m.grids_covered}/${m.grids_total}`, note: bare ? w.say("map.uncovered", { n: bare }) : w.say("wall.all_covered"), hot: false, of };
      }
      const of = v().trust(view, area, "incidents");
      const hot = p.flagged(area);
      const overdue = m.incidents_overdue ? w.say("map.overdue", { n: m.incidents_overdue }) : w.say("map.no_overdue");
      const text = of.unheard || of.fresh === "lost" ? "—" : w.count(m.incidents_open);
      return { text, note: hot ? `! ${overdue}` : overdue, hot, of };
    }

    /** Grids that nobody is in: only where the scene is of them, or near enough. */
    _uncovered(view) {
      if (!this.grids) return;
      const known = view.picture.area.freshness_by?.staff !== "lost";
      const wanted = new Set(known ? view.wall?.uncovered || [] : []);
      for (const [code, node] of this.bare)
        if (!wanted.has(code)) {
          node.remove();
          this.bare.delete(code);
        }
      for (const code of wanted)
        if (!this.bare.has(code) && this.tree.has(code)) this.bare.set(code, this._path(code, "bare", this.bareLayer));
    }

    /** One sign for each child with an open priority 1 case; where grids are seen, one for each case. */
    _drawSigns(view) {
      if (this.measure) return;
      const found = new Map();
      for (const one of view.picture.incidents.values()) {
        if (one.priority !== 1 || !this.tree.has(one.area)) continue;
        const child = this.tree.lineage(one.area).find((area) => this.fills.has(area.code));
        if (!child) continue;
        const held = found.get(child.code) || { code: child.code, n: 0, waits: false };
        held.n += 1;
        held.waits = held.waits || Boolean(view.wall?.cases[one.id]?.waits_since);
        found.set(child.code, held);
      }
      const wanted = [...found.values()].filter(({ code }) => this.labels.has(code));
      const waiting = wanted.filter((one) => one.waits).length;
      while (this.signs.length > wanted.length) this.signs.pop().remove();
      while (this.signs.length < wanted.length) this.signs.push(this._sign());
      wanted.forEach((held, i) => this._setSign(this.signs[i], held, held.waits && waiting <= 3 && !view.cut));
    }

    _sign() {
      const group = make("g", { class: "sign" }, this._signs);
      make("circle", { r: PLATE, class: "plate" }, group);
      make("g", { class: "g1" }, group).innerHTML =
        `<g transform="translate(${-SIGN * 0.4} ${-SIGN * 0.4}) scale(${(SIGN * 0.8) / 24})">${scope.glyphs.PRIORITY[1]}</g>`;
      const badge = make("g", { class: "badge" }, group);
      make("rect", { x: 12, y: -44, width: 40, height: 40, rx: 6 }, badge);
      make("text", { x: 32, y: -12, class: "badge-number" }, badge);
      return group;
    }

    _setSign(node, { code, n, waits }, blinks) {
      const [x, y] = this.labels.get(code).sign;
      const place = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
      if (node.getAttribute("transform") !== place) node.setAttribute("transform", place);
      node.children[1].setAttribute("class", `g1 ${waits && blinks ? "unack" : ""}`);
      const badge = node.children[2];
      badge.style.display = n > 1 ? "" : "none";
      put(badge.lastChild, n > 9 ? "9+" : String(n));
    }

    // ---- legend and scale ------------------------------------------------------------------------

    _legend() {
      this.legend = scope.element("div", `map-legend at-${this.corner}`, this.root);
      this.legendKey = "";
    }

    _relegend() {
      if (this.plain) return;
      const layer = this.measure || "overdue";
      const key = `${layer} ${w.language()}`;
      if (this.legendKey === key) return;
      this.legendKey = key;
      const rows = layer === "cover" ? [["bare", w.say("wall.legend.uncovered")]] : p.legend(layer, this.tier).map((text, k) => [`q${k}`, text]);
      if (this.tier === "community" && layer === "overdue") rows.push(["bare", w.say("wall.legend.uncovered")]);
      else if (layer !== "cover") rows.push(["delegated", w.say("map.delegated.short")]);
      const title = layer === "cover" ? "" : w.say(`wall.legend.${layer}`);
      this.legend.innerHTML = `<div class="t3"></div>${rows.map(([look]) => `<div><i class="${look}"></i><span></span></div>`).join("")}`;
      put(this.legend.firstChild, title);
      rows.forEach(([, text], i) => put(this.legend.children[i + 1].lastChild, text));
    }

    _scaleBar() {
      const [, lat] = this.tree.get(this.code).label;
      const perPx = (40075016.686 * Math.cos((lat * Math.PI) / 180)) / this.scale;
      const metres = [10000, 5000, 2000, 1000, 500, 200, 100].find((m) => m / perPx <= 240) || 100;
      const width = metres / perPx;
      const left = this.corner === "bottom-right";
      const [x, y] = [left ? EDGE : this.w - EDGE - width - 140, this.h - EDGE - 12];
      make("path", { d: `M${x},${y - 14}V${y}H${x + width}V${y - 14}`, class: "scale" }, this.svg);
      const text = make("text", { x: x + width + 16, y: y + 6, class: "scale-text" }, this.svg);
      put(text, metres >= 1000 ? w.say("scale.km", { n: metres / 1000 }) : w.say("scale.m", { n: metres }));
    }
  }

  scope.wallMap = { AreaMap };
})((window.one_map = window.one_map || {}));
