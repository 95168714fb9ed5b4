"use strict";
/* The one map page: joins the URL, the socket, the map and the panel. Started by Dash when the layout stands. */
(function (scope) {
  const TICK_MS = 250;
  const CALM_MS = 200; // least time between two drawings of lists, labels and colours
  const INK = ["plate", "t1", "t2", "t3", "p1", "p2", "p3", "p4", "ink", "dq", "acc", "online", "map-halo", "map-plate"];
  const boot = JSON.parse(document.getElementById("boot").textContent);

  class Page {
    constructor() {
      this.pictures = new Map(); // area code -> picture
      this.dirty = new Set();
      this.calm = new Set();
      this.calmAt = 0;
      this.calmTimer = null;
      this.live = new scope.live.Live({
        connect: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`),
        now: Date.now,
        random: Math.random,
        on: {
          snapshot: (topic, snapshot, asOf) => this._snapshot(topic, snapshot, asOf),
          delta: (topic, delta, asOf) => this._delta(topic, delta, asOf),
          error: (_topic, reason) => this.shell.tell(scope.words.say("error.refused", { reason })),
          cut: () => this._cut(),
          recovered: (cutFor) => this._healed(cutFor),
          closed: () => this.session.check(),
        },
      });
      this.session = new scope.session.Session({
        me: boot.me,
        ask: () => fetch("/api/me", { cache: "no-store" }),
        on: {
          leave: () => location.assign(scope.session.signInAddress(location.pathname + location.search)),
          changed: () => location.reload(),
          cutOff: () => this.shell.update(),
        },
      });
      this.reach = new scope.Reach(boot);
      boot.top = this.reach.top;
      this.systems = new scope.Systems(this, boot);
      this.state = scope.view.read(location.search, boot, (code) => this.reach.maybe(code));
      this._speak();
      this.shell = new scope.Shell(this);
      this.watch = new scope.alertWatch.AlertWatch(this, scope.alertWatch.areaFor(boot));
      this._measure();
    }

    /** Reading a style costs a layout: only when the window changed. */
    _measure() {
      this.u = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    }

    view = () => this.state; // arrow fields: the parts of the page take these apart from it
    now = () => Date.now() + this.live.offset;
    status = () => this.live.status();
    picture = (code = this.state.area) => this.pictures.get(code) || null;
    /** Pixels per 1/16 rem: 1 at 1920 wide, 2 at 3840. */
    unit = () => this.u;

    /** Language before anything else: the frame is worded at once, the map follows. */
    _speak() {
      const lang = scope.view.language(this.state, boot, navigator.language);
      scope.words.use(boot.words, lang);
      document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
      const org = scope.words.say("org", { region: boot.region[lang] });
      document.title = `${scope.words.say("page.one_map")} · ${org}`;
      const root = document.getElementById("one-map");
      if (!root) return;
      scope.words.apply(root, { region: boot.region[lang] });
      scope.put(document.getElementById("language"), scope.words.say("language.other"));
    }

    async start() {
      this._speak();
      this.live.want(this._topics());
      this.live.tick();
      this.timer = setInterval(() => this._tick(), TICK_MS);
      for (const name of ["online", "pageshow"]) window.addEventListener(name, () => this.live.hurry());
      document.addEventListener("visibilitychange", () => document.hidden || this.live.hurry());
      const [[areas, context], map] = await Promise.all([scope.shapes.fetched, scope.shapes.leaflet]);
      if (scope.shapes.serverOffset !== null) this.live.keepServerTime(scope.shapes.serverOffset);
      this.tree = new scope.Tree(areas);
      this.state = this._read();
      scope.bindUserMenu({ me: boot.me, tell: (text) => this.shell.tell(text) });
      this._drawUser();
      this._refuseUnknown();
      this.walls = new scope.wallMenu.WallMenu({ me: boot.me, tree: () => this.tree, here: () => this.selected(), tell: (text) => this.shell.tell(text) });
      this._build(map, context);
      scope.bindControls(this);
      this.look({ fit: true });
      window.addEventListener("popstate", () => this._fromUrl());
      document.fonts.ready.then(() => this._redrawText());
    }

    _build(map, context) {
      const style = getComputedStyle(document.documentElement);
      const ink = Object.fromEntries(INK.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
      ink.font = style.getPropertyValue("--font").trim();
      this.map = new scope.AreaMap(map, this.tree.shapes, context, {
        pick: (code, point) => this._picked(code, point),
        drill: (code) => this.drill(code),
        moving: () => this.mark("canvas"),
        hover: (point) => scope.hover(this, point),
        reset: (frame) => this._frame(frame),
      });
      this.map.hatch(this.unit());
      this.scene = new scope.Scene(this.map.topCanvas, ink);
      this.marks = new scope.marks.Marks(this.map.marksCanvas, ink);
      this.composer = new scope.Composer(this);
      this.panel = new scope.Panel(document.getElementById("panel"), this);
      this.table = new scope.TableView(document.getElementById("table-view"), this);
      this.whistles = new scope.whistleMap.WhistlePins(document.getElementById("map-view"), this);
      this.alerts = new scope.alertMap.AlertPins(document.getElementById("map-view"), this, this.watch);
      new ResizeObserver(() => this._resized()).observe(map.getContainer());
    }

    rectangles = () => scope.rectangles();

    _refuseUnknown() {
      const { unknown } = this.state;
      if (unknown) this.shell.tell(this.reach.refusal(this.tree, unknown));
      else if (this.state.noSystem) this.shell.tell(scope.words.say("system.unknown", { id: this.state.noSystem }));
    }

    _read() { return scope.view.read(location.search, boot, (code) => this.reach.holds(this.tree, code)); }

    _drawUser() { scope.drawUserMenu(boot.me, boot.me ? scope.words.name(this.tree.get(this.reach.top)) : ""); }

    /** The view changed: topics, polygons, panel, everything. */
    look({ fit = false } = {}) {
      const select = this.selected();
      this.walls.moved();
      this.live.want(this._topics());
      for (const code of this.pictures.keys())
        if (code !== this.state.area && code !== select) this.pictures.delete(code);
      if (this.panel.area?.code !== select || this.panel.lang !== scope.words.language()) {
        this.panel.reset(this.tree.get(select));
        this.panel.lang = scope.words.language();
      }
      document.getElementById("table-view").hidden = !this.state.table;
      for (const covered of document.querySelectorAll("#layers, #map-view .zoom")) covered.inert = this.state.table;
      this.table.reset();
      scope.drawControls(this);
      if (fit) this.fit();
      this._marksFromPicture();
      this.composer.fresh = true;
      this.mark("polygons", "paint", "canvas", "panel", "badges");
    }

    /** The area the side panel speaks of. */
    selected() { return this.state.select || this.state.area; }

    _topics() {
      const wanted = [`area/${this.state.area}`, "feeds", ...this.watch.topics(), ...this.systems.topics(this.state.area, this.state.select)];
      if (this.state.select) wanted.push(`area/${this.state.select}`);
      return wanted;
    }

    fit() {
      const u = this.unit();
      const rects = document.getElementById("layers");
      const left = rects.offsetParent && !rects.hidden ? rects.offsetWidth + 40 * u : 40 * u;
      this.legendHeight = document.getElementById("legend").offsetHeight;
      const bottom = this.legendHeight + 28 * u;
      this.map.fit(this.state.area, { left, top: 56 * u, right: 76 * u, bottom });
    }

    /** Its text may have made the legend higher: nothing may lie under it. */
    legendGrew() {
      if (document.getElementById("legend").offsetHeight === this.legendHeight) return;
      this.legendHeight = document.getElementById("legend").offsetHeight;
      this.composer.fresh = true;
      if (!this.map.moved) this.fit();
      this.mark("canvas");
    }

    /** Changes the view and writes it into the URL. */
    go(change, { push = false, fit = false } = {}) {
      this.state = { ...this.state, ...change };
      const url = location.pathname + scope.view.write(this.state, boot);
      if (push) history.pushState(null, "", url);
      else history.replaceState(null, "", url);
      this.look({ fit });
    }

    _fromUrl() {
      const before = this.state;
      this.state = this._read();
      this._refuseUnknown();
      if (before.lang !== this.state.lang) this._speak();
      this.look({ fit: before.area !== this.state.area });
    }

    select(code) {
      if (code === this.state.area) code = null;
      if (code !== this.state.select) this.go({ select: code });
    }

    drill(code) {
      if (code && code !== this.state.area) this.go({ area: code, select: null }, { push: true, fit: true });
    }

    up() {
      const here = this.tree.get(this.state.area);
      if (this.state.select) this.go({ select: null });
      else if (here.parent && here.code !== this.reach.top) this.go({ area: here.parent, select: here.code }, { push: true, fit: true });
    }

    toggleTable() { this.go({ table: !this.state.table }); }

    speak(lang) {
      this.state = { ...this.state, lang };
      this._speak();
      this.shell.update();
      this.go({});
      this._drawUser();
    }

    /** An incident in the panel was chosen: go where it is. */
    show(incident) {
      if (!this.tree.has(incident.area)) return;
      const grid = this.tree.get(incident.area);
      if (this.state.area === grid.code) return;
      this.go({ area: grid.parent, select: grid.code }, { push: this.state.area !== grid.parent, fit: true });
    }

    _picked(code, point) {
      const hit = this.scene.at(point.x, point.y);
      const beside = code ? null : this.reach.beside(this.tree, this.map, point);
      if (beside) this.shell.tell(this.reach.refusal(this.tree, beside));
      document.getElementById("map-view").focus({ preventScroll: true });
      if (hit && this.tree.get(this.state.area).tier !== "grid") this.select(scope.childHolding(this, hit.incident.area));
      else if (this.tree.get(this.state.area).tier !== "grid") this.select(code);
    }

    _snapshot(topic, snapshot, asOf) {
      if (this.watch.takes(topic)) return this.watch.heard(snapshot);
      if (this.systems.takes(topic)) return this.systems.snapshot(topic, snapshot);
      if (topic === "feeds") return this.shell.feedsArrived(snapshot);
      const code = topic.slice(5);
      const picture = scope.picture.fromSnapshot(snapshot);
      picture.asOf = asOf;
      this.pictures.set(code, picture);
      if (code === this.state.area) {
        this._marksFromPicture();
        this.mark("paint", "canvas", "badges");
      }
      this.mark("panel");
    }

    _delta(topic, delta, asOf) {
      if (this.watch.takes(topic)) return this.watch.heard(delta);
      if (this.systems.takes(topic)) return this.systems.delta(topic, delta);
      if (topic === "feeds") {
        if (delta.feeds) this.shell.feedsArrived({ ...this.shell.picture, ...delta });
        return;
      }
      const code = topic.slice(5);
      const picture = this.pictures.get(code);
      if (!picture) return;
      picture.asOf = asOf;
      const changed = scope.picture.applyDelta(picture, delta);
      if (changed.incidents) this.whistles?.moved(Object.keys(delta.incidents || {}));
      if (code === this.state.area) this._changedHere(picture, changed);
      if (code !== this.selected()) return;
      if (changed.areas.length) this.mark("numbers");
      if (changed.areas.length || changed.incidents || changed.cameras.length) this.markCalmly("panel");
    }

    _changedHere(picture, changed) {
      if (changed.areas.length) this.markCalmly("paint", "canvas");
      if (changed.incidents) this.markCalmly("canvas");
      if (changed.origins) this.mark("badges");
      if (!this.marks) return;
      for (const id of changed.cameras) this.marks.change(id, picture.cameras.get(id) || null);
    }

    _marksFromPicture() {
      if (!this.marks) return;
      const { overlays } = this.state;
      const has = (name) => overlays.includes(name);
      const down = has("down");
      this.marks.mask = { owners: [has("public"), has("social")], states: [has("online"), down, down, down, down] };
      this.marks.set(this.picture()?.cameras?.values() || []);
    }

    /** Greys or ungreys everything; true while cut off. */
    _cut() {
      const cut = this.status().state === "cut";
      if (document.body.classList.toggle("is-cut", cut) !== this.wasCut) this.mark("paint", "canvas", "panel");
      this.wasCut = cut;
      return cut;
    }

    /** The connection is back; so are the numbers, unless the server itself has none that are new. */
    _healed(cutFor) {
      this.session.heard();
      if (!this._cut()) this.shell.healed(cutFor);
    }

    _frame(frame) {
      const tier = this.tree.get(this.state.area).tier;
      this.scene.frame(frame);
      this.marks.frame({ ...frame, radius: (tier === "grid" ? 6 : 3) * this.unit() });
      this.composer.fresh = true;
      this.draw();
      scope.drawScale(this);
    }

    _resized() {
      this._measure();
      this.map.hatch(this.unit());
      this.map.map.invalidateSize({ animate: false, pan: false });
      if (!this.map.moved) this.fit();
    }

    _redrawText() {
      this.scene.widths.clear();
      this.composer.fresh = true;
      this.mark("canvas");
    }

    /** Notes what must be drawn at the next animation frame. */
    mark(...names) {
      for (const name of names) this.dirty.add(name);
      if (this.asked || !this.tree) return;
      this.asked = true;
      requestAnimationFrame(() => {
        this.asked = false;
        this._flush();
      });
    }

    /** The same for what need not follow every frame: drawn at once, then not again for CALM_MS. */
    markCalmly(...names) {
      for (const name of names) this.calm.add(name);
      const wait = this.calmAt + CALM_MS - performance.now();
      if (wait <= 0) this._calmDown();
      else this.calmTimer ??= setTimeout(() => this._calmDown(), wait);
    }

    _calmDown() {
      clearTimeout(this.calmTimer);
      this.calmTimer = null;
      this.calmAt = performance.now();
      this.mark(...this.calm);
      this.calm.clear();
    }

    _flush() {
      const dirty = this.dirty;
      this.dirty = new Set();
      if (!this.panel) return;
      if (dirty.has("polygons") || (dirty.has("paint") && this.composer.coverChanged())) this.composer.polygons();
      if (dirty.has("polygons") || dirty.has("paint")) this.composer.paint();
      if (dirty.has("numbers")) this.panel.updateNumbers(this.picture(this.selected()));
      if (dirty.has("panel")) this.panel.update(this.picture(this.selected()));
      if (dirty.has("badges")) this.shell.badges(this.picture()?.origins || []);
      if (dirty.has("polygons") || dirty.has("paint")) scope.drawHints(this);
      if (dirty.has("paint") || dirty.has("panel")) this.table.update(this.picture());
      if (dirty.has("canvas")) this.draw();
    }

    draw() {
      for (const pins of [this.whistles, this.alerts]) pins.draw(); // first: labels keep off the pins
      this.composer.draw();
      scope.drawCutOffs(this);
    }

    /** Four times a second the socket, once a second the clocks. */
    _tick() {
      const before = this.last;
      this.live.tick();
      const status = this.last = this.status();
      if (this.wasCut && !this._cut()) this.shell.healed(Date.now() - before.since);
      else this._cut();
      const second = Math.floor(this.now() / 1000);
      if (second === this.second && before?.state === status.state) return;
      this.second = second;
      this.shell.update();
      this.watch.tick();
      this.mark("panel");
      if (this.composer?.hasClocks) this.mark("canvas");
    }
  }

  scope.boot = boot;
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    one_map: {
      mount: () => {
        if (!scope.page) {
          scope.page = new Page();
          scope.page.start();
        }
        return "true";
      },
    },
  });
})((window.one_map = window.one_map || {}));
