"use strict";
/* Where the chosen case is: the grids of its community, the devices near it, other cases of its grid. SVG, no tiles. */
(function (scope) {
  const NEAR_M = 300;
  const NEAR_SHARE = 136 / 600; // of the width: one scale for every case, so that distances compare
  const BAR_M = 500;
  const DEGREE_M = 111320; // of latitude
  const FEW = 24; // more cameras than that are drawn as small marks
  const FRESH_MS = 30000; // how long the numbers of a community are good for
  const SVG = "http://www.w3.org/2000/svg";

  /** Degrees -> picture, its middle at a point. size: {width, height} of the picture; mPerPx: metres. */
  function projection([lon0, lat0], mPerPx, { width, height }) {
    const ky = DEGREE_M / mPerPx;
    const kx = ky * Math.cos((lat0 * Math.PI) / 180);
    return ([lon, lat]) => [(lon - lon0) * kx + width / 2, height / 2 - (lat - lat0) * ky];
  }

  const rings = (shape) => (shape.geometry.type === "Polygon" ? [shape.geometry.coordinates] : shape.geometry.coordinates).flat();

  function boundsOf(shape) {
    const points = rings(shape).flat();
    const lons = points.map((point) => point[0]);
    const lats = points.map((point) => point[1]);
    return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  }

  const path = (shape, project) =>
    rings(shape).map((ring) => `M${ring.map((point) => project(point).map((v) => v.toFixed(1)).join(" ")).join("L")}Z`).join("");

  class PlacePane {
    constructor(root, page) {
      this.root = root;
      this.page = page;
      this.bounds = new Map(); // code -> of its shape
      this.known = new Map(); // community -> {at, answer}; grid -> {at, area}
      this.held = null; // the row or the case that is shown
      this._frame();
    }

    _frame() {
      const { element } = scope;
      const head = element("div", "place-head", this.root);
      this.title = element("span", "", head);
      this.link = element("a", "", head);
      this.picture = document.createElementNS(SVG, "svg");
      this.picture.setAttribute("role", "img");
      this.root.append(this.picture);
      new ResizeObserver(() => this.draw()).observe(this.picture);
      this.keys = element("div", "place-keys", this.root);
      this.facts = element("dl", "place-facts", this.root);
    }

    /** What is shown: a row of the list or a whole case; null: the desk's own area. */
    show(held) {
      const isSame = held?.id === this.held?.id;
      if (isSame && held && this.held.cameras && !("cameras" in held)) held = { ...held, cameras: this.held.cameras };
      this.held = held;
      this.draw();
      if (held) this._ask();
    }

    /** The numbers of its community and its grid, asked now and then. */
    async _ask() {
      const { held } = this;
      const grid = held.area;
      if (!this.page.tree?.has(grid) || this.page.tree.get(grid).tier !== "grid") return;
      const community = this.page.tree.get(grid).parent;
      const query = new URLSearchParams({ area: community, queue: "all", limit: 500 });
      const asked = [this._fetch(community, `/api/queue?${query}`), this._fetch(grid, `/api/areas/${grid}`)];
      if ((await Promise.all(asked)).some(Boolean) && this.held?.id === held.id) this.draw();
    }

    /** True when something new is known. */
    async _fetch(code, path) {
      const before = this.known.get(code);
      if (before && Date.now() - before.at < FRESH_MS) return false;
      this.known.set(code, { at: Date.now(), answer: before?.answer ?? null });
      const [status, answer] = await scope.send("GET", path);
      if (status !== 200) this.known.set(code, { at: 0, answer: before?.answer ?? null });
      else this.known.set(code, { at: Date.now(), answer });
      return status === 200;
    }

    /** Now and then, while the page is looked at. */
    refresh() {
      if (this.held && !this.page.offline && !document.hidden) this._ask();
    }

    /** The picture is as large as its place, in 1/16 rem, so that its text keeps its size; false while it has none. */
    _measure() {
      const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
      const { width, height } = this.picture.getBoundingClientRect();
      Object.assign(this, { width: width / unit, height: height / unit, nearPx: (NEAR_SHARE * width) / unit });
      this.picture.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
      return width > 0 && height > 0;
    }

    // ---- drawn ----------------------------------------------------------------------------------

    draw() {
      const { words: w } = scope;
      const { page, held } = this;
      if (!page.tree || !this._measure()) return;
      this.picture.replaceChildren();
      this.names = [];
      this.link.replaceChildren(w.say("place.open_map"), " ");
      scope.element("kbd", "", this.link).textContent = "M";
      this.link.href = page.mapAddress();
      const isKnown = held && page.tree.has(held.area);
      const isPlaced = isKnown && page.tree.get(held.area).tier === "grid" && !(held.isAlert && held.cameras);
      if (isKnown && held.isAlert && !isPlaced) this._alert(held);
      else if (isPlaced) this._case(held);
      else this._area(held);
      this.facts.hidden = this.keys.hidden = !isPlaced;
    }

    /** Nothing chosen: the area of the desk with what lies in it. */
    _area(held) {
      const { words: w, put } = scope;
      const { tree, view } = this.page;
      this._ground(view.area);
      put(this.title, "");
      scope.element("b", "", this.title).textContent = w.name(tree.get(view.area));
      this.title.append(" ", held ? w.say("place.outside") : w.say("place.none"));
      this.picture.setAttribute("aria-label", w.name(tree.get(view.area)));
    }

    /** An alert is as wide as its area: all of it, with the cameras that it is about. */
    _alert(held) {
      const { words: w } = scope;
      const area = this.page.tree.get(held.area);
      const project = this._ground(held.area);
      this._cameras(held, project);
      const at = held.lon !== null && held.lat !== null ? [held.lon, held.lat] : area.label;
      const [x, y] = project(at);
      this._sign(held.priority, x, y, 32);
      const { total = 0, online = 0 } = held.cameras || {};
      const counted = held.cameras ? w.say("place.cameras.count", { n: total, online }) : "";
      this.title.replaceChildren();
      scope.element("b", "", this.title).textContent = w.name(area);
      this.title.append(" ", counted);
      this.picture.setAttribute("aria-label", [w.name(area), counted].filter(Boolean).join(w.say("desk.comma")));
    }

    /** A whole area with what lies in it; answers its projection. */
    _ground(code) {
      const { tree } = this.page;
      const [west, south, east, north] = this._bounds(code);
      const middle = [(west + east) / 2, (south + north) / 2];
      const tall = (north - south) * DEGREE_M;
      const wide = (east - west) * DEGREE_M * Math.cos((middle[1] * Math.PI) / 180);
      const project = projection(middle, Math.max(wide / (this.width - 60), tall / (this.height - 60)), this);
      for (const child of tree.children(code)) this._shape(child.code, project, "ground");
      this._shape(code, project, "edge");
      for (const child of tree.children(code)) this._name(child, project);
      return project;
    }

    _case(held) {
      const { tree } = this.page;
      const grid = tree.get(held.area);
      const hasPoint = held.lon !== null && held.lat !== null;
      const here = hasPoint ? [held.lon, held.lat] : grid.label;
      const project = projection(here, NEAR_M / this.nearPx, this);
      this._grounds(grid, project);
      if (hasPoint) this._circle();
      this._cameras(held, project);
      this._others(held, project);
      this.picture.append(...this.names); // above the devices
      if (hasPoint) this._glyph(held);
      this._bar();
      this._words(held, grid, hasPoint);
    }

    _bounds(code) {
      if (!this.bounds.has(code)) this.bounds.set(code, boundsOf(this.page.tree.shape(code)));
      return this.bounds.get(code);
    }

    /** Every community in sight, the grids of the one that matters, and the responsible grid last. */
    _grounds(grid, project) {
      const { tree } = this.page;
      const inSight = (code) => {
        const [west, south, east, north] = this._bounds(code);
        const [x1, y1] = project([west, north]);
        const [x2, y2] = project([east, south]);
        return x2 > 0 && x1 < this.width && y2 > 0 && y1 < this.height;
      };
      const shapes = [...tree.shapes.values()].map((shape) => shape.properties);
      const communities = shapes.filter((area) => area.tier === "community" && inSight(area.code));
      for (const area of communities) if (area.code !== grid.parent) this._shape(area.code, project, "far");
      const grids = tree.children(grid.parent).filter((area) => inSight(area.code));
      for (const area of grids) this._shape(area.code, project, area.code === grid.code ? "ground own" : "ground");
      this._shape(grid.parent, project, "edge");
      this._shape(grid.code, project, "chosen");
      for (const area of [...communities.filter((one) => one.code !== grid.parent), ...grids]) this._name(area, project, area.code === grid.code);
    }

    _shape(code, project, className) {
      this._add("path", { d: path(this.page.tree.shape(code), project), class: `land ${className}` });
    }

    _name(area, project, isOwn = false) {
      const [x, y] = project(area.label);
      if (x < 20 || x > this.width - 20 || y < 16 || y > this.height - 10) return;
      const name = this._add("text", { x, y, class: isOwn ? "land-name own" : "land-name" });
      name.textContent = scope.words.shortName(area);
      this.names.push(name);
    }

    _circle() {
      const [x, y] = [this.width / 2, this.height / 2];
      this._add("circle", { cx: x, cy: y, r: this.nearPx, class: "near-circle" });
      this._add("text", { x: x + this.nearPx * 0.72, y: y + this.nearPx * 0.72 + 14, class: "land-name" }).textContent = `${NEAR_M} m`;
    }

    _cameras(held, project) {
      const items = held.cameras?.items || [];
      const size = items.length > FEW ? 0.62 : items.length > 8 ? 1 : 1.4;
      // what is down is drawn last: it must not lie under what works
      for (const [, , lon, lat, , status] of [...items].sort((a, b) => (a[5] === "online" ? 0 : 1) - (b[5] === "online" ? 0 : 1))) {
        const [x, y] = project([lon, lat]);
        const sign = this._add("g", { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${size})` });
        sign.append(...camera(status === "online"));
      }
    }

    /** Open cases of the same grid, besides this one. */
    _sameGrid(held) {
      const answer = this.known.get(this.page.tree.get(held.area).parent)?.answer;
      return answer ? answer.items.filter((row) => row.area === held.area) : null;
    }

    _others(held, project) {
      for (const row of this._sameGrid(held) || []) {
        if (row.id === held.id || row.lon === null || row.lat === null) continue;
        const [x, y] = project([row.lon, row.lat]);
        this._sign(row.priority, x, y, 15);
        scope.whistleMap.placePin(this, row.id, x, y, 15);
      }
    }

    _glyph(held) {
      this._sign(held.priority, this.width / 2, this.height / 2, 32);
      scope.whistleMap.placePin(this, held.id, this.width / 2, this.height / 2, 32);
    }

    /** A priority sign of `size` px on its plate. */
    _sign(priority, x, y, size) {
      this._add("circle", { cx: x, cy: y, r: size * 0.73, class: "plate" });
      const holder = this._add("svg", { x: x - size / 2, y: y - size / 2, width: size, height: size, viewBox: "0 0 24 24", class: `g${priority}` });
      holder.innerHTML = scope.glyphs.priority(priority, ""); // a sign of ours
      holder.firstChild.setAttribute("aria-hidden", "true");
    }

    _bar() {
      const length = (BAR_M / NEAR_M) * this.nearPx;
      const [x, y] = [this.width - length - 60, this.height - 18];
      this._add("path", { d: `M${x} ${y - 5}V${y}H${x + length}V${y - 5}`, class: "scale-bar" });
      this._add("text", { x: x + length + 6, y: y + 2, class: "land-name start" }).textContent = `${BAR_M} m`;
    }

    _add(tag, attributes) {
      const node = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      this.picture.append(node);
      return node;
    }

    // ---- in words -------------------------------------------------------------------------------

    _words(held, grid, hasPoint) {
      const { words: w, element } = scope;
      const { tree } = this.page;
      const community = tree.get(grid.parent);
      const desk = this.known.get(community.code)?.answer;
      const name = w.name(community);
      this.title.replaceChildren();
      element("b", "", this.title).textContent = name;
      const grids = w.say("count.grid", { n: tree.children(community.code).length });
      const said = desk ? w.say("place.community", { grids, open: w.count(desk.counts.all), overdue: w.count(desk.counts.overdue) }) : grids;
      this.title.append(" ", said, hasPoint ? "" : ` · ${w.say("place.unknown")}`);
      const { total = 0, online = 0 } = held.cameras || {};
      this.picture.setAttribute("aria-label", w.say("place.label", { community: name, total, online }));
      this._keys();
      this._facts(held);
    }

    _keys() {
      const { words: w, element } = scope;
      this.keys.replaceChildren();
      const key = (sign, word) => {
        const node = element("span", "", this.keys);
        node.append(sign, w.say(word));
      };
      key(cameraKey(true), "place.online");
      key(cameraKey(false), "place.offline");
      key(element("i", "own-key", null), "place.grid");
      element("span", "spread t3", this.keys).textContent = w.say("place.devices");
    }

    _facts(held) {
      const { words: w, element } = scope;
      const metrics = this.known.get(held.area)?.answer?.metrics;
      const same = this._sameGrid(held);
      const cover = metrics && (metrics.grids_covered ? "place.cover.yes" : "place.cover.no");
      const facts = [
        ["place.cameras", held.cameras && w.say("place.cameras.count", { n: held.cameras.total, online: held.cameras.online })],
        ["place.same_grid", same && w.say("place.same_grid.count", { n: same.length })],
        ["place.cover", cover && w.say(cover)],
        ["place.checkins", metrics && w.say("place.checkins.count", { n: metrics.checkins_last_hour })],
      ];
      this.facts.replaceChildren();
      for (const [word, text] of facts) {
        const row = element("div", "", this.facts);
        element("dt", "", row).textContent = w.say(word);
        element("dd", "num", row).textContent = text || "—";
      }
    }
  }

  /** The parts of a camera sign round 0, 0; struck through when it is down. */
  function camera(isUp) {
    const part = (tag, attributes) => {
      const node = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      return node;
    };
    const cls = isUp ? "cam" : "cam down";
    const parts = [
      part("rect", { x: -7, y: -5, width: 10, height: 10, rx: 1.5, class: cls }),
      part("path", { d: "M3 -1.5 8 -4.5V4.5L3 1.5Z", class: cls }),
    ];
    return isUp ? parts : [...parts, part("path", { d: "M-9 9 10 -9", class: "cam strike" })];
  }

  function cameraKey(isUp) {
    const node = document.createElementNS(SVG, "svg");
    node.setAttribute("viewBox", "-11 -10 22 20");
    node.setAttribute("class", "cam-key");
    node.setAttribute("aria-hidden", "true");
    node.append(...camera(isUp));
    return node;
  }

  scope.deskMap = { PlacePane, projection };
})((window.one_map = window.one_map || {}));
