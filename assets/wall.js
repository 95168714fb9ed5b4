"use strict";
/* The wall: joins the address, the socket, the playlist and the scenes. Runs for weeks without a hand on it. */
(function (scope) {
  const TICK_MS = 250;
  const PAUSE_MS = 2000; // the longest between two tries to reach the server: there are few walls, and they must be back soon
  const KEEP_MS = 20000; // between two copies of the picture
  const READY_MS = 2500; // before a change, the next scene is made ready
  const SHIFT_MS = 600000; // against burn-in
  const SHIFTS = [[0, 0], [2, 0], [2, 2], [0, 2]]; // px
  const RELOAD_SPREAD_MS = 4000; // so that all walls do not come at once
  const RELOAD_APART_MS = 60000; // while servers of two programs answer in turn, a wall must not go back and forth
  const WAIT_MS = 2000; // for the numbers of a scene, before it is shown with what there is
  const SPARE_SCENES = 6; // kept besides those of the playlist
  const PALETTES = ["standard", "safe", "red-good"];
  const boot = JSON.parse(document.getElementById("boot").textContent);
  const w = scope.words;

  class Wall {
    constructor() {
      this.query = new URLSearchParams(location.search);
      this.given = scope.wallFit.read(location.search);
      this.top = boot.me?.area || boot.root;
      this.held = new scope.WallPictures();
      this.scenes = new Map();
      this.shownId = null;
      this.reloadAt = null;
      this.keptAt = 0;
      this.session = new scope.session.Session({
        me: boot.me,
        ask: () => fetch("/api/me", { cache: "no-store" }),
        on: {
          leave: () => location.assign(scope.session.signInAddress(location.pathname + location.search)),
          changed: () => this._reload(),
          cutOff: () => this.draw(),
        },
      });
      this.live = new scope.live.Live({
        connect: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`),
        now: Date.now,
        random: Math.random,
        longestPauseMs: PAUSE_MS,
        on: {
          snapshot: (topic, snapshot, asOf) => this._snapshot(topic, snapshot, asOf),
          delta: (topic, delta, asOf) => this._delta(topic, delta, asOf),
          screen: (told) => this._ordered(told),
          opened: () => this.live.say({ screen: true }),
          recovered: () => this.session.heard(),
          closed: () => this.session.check(),
        },
      });
      this._speak();
    }

    now = () => Date.now() + this.live.offset;

    _speak() {
      const wanted = [this.query.get("lang"), boot.lang, navigator.language.slice(0, 2)].find((one) => boot.words[one]);
      w.use(boot.words, wanted || "zh");
      document.documentElement.lang = w.language() === "zh" ? "zh-CN" : "en";
      const palette = this.query.get("palette");
      document.documentElement.dataset.palette = PALETTES.includes(palette) ? palette : PALETTES[0];
      if (palette && !PALETTES.includes(palette)) this.given.wrong.push("palette");
      document.title = `${w.say("page.wall")} · ${this.org()}`;
    }

    org = () => w.say("org", { region: boot.region[w.language()] });
    isCut = () => ["cut", "connecting"].includes(this.live.status().state) && (this.live.status().state === "cut" || this.kept !== null || Date.now() - this.live.startedAt > 5000);
    asOf = () => this.live.status().asOf ?? this.kept?.asOf ?? null;
    origins = () => this.held.areas.get(this.top)?.origins || [];

    async start() {
      this.root = document.getElementById("wall");
      this._measure();
      this.last = scope.wallKeep.lastFrame(this.root);
      this._takeKept();
      this.live.want(this._always());
      this.live.tick();
      const [areas, context] = await scope.shapes.fetched;
      await Promise.race([document.fonts.ready, new Promise((done) => setTimeout(done, 1000))]);
      this.tree = new scope.Tree(areas);
      this.context = context;
      if (scope.shapes.serverOffset !== null) this.live.keepServerTime(scope.shapes.serverOffset);
      this._makeRota();
      this._build();
      this.signs = new scope.wallSigns.Signs(() => this._sign(), boot.version);
      scope.wallSigns.keepCopy(boot.version, boot.assets);
      this.timer = setInterval(() => this.tick(), TICK_MS);
      for (const name of ["online", "pageshow"]) window.addEventListener(name, () => this.live.hurry());
      document.addEventListener("visibilitychange", () => document.hidden || this.live.hurry());
      window.addEventListener("resize", () => this._resized());
      window.addEventListener("keydown", (event) => this._key(event));
      window.addEventListener("pagehide", () => this._keepAll());
      this.tick();
    }

    // ---- size and scenes -----------------------------------------------------------------------

    _measure() {
      const { d, p, mosaic } = this.given;
      this.fit = scope.wallFit.fit({ width: window.innerWidth, height: window.innerHeight, d, p, mosaic });
      const style = document.documentElement.style;
      style.setProperty("--u", this.fit.u);
      style.setProperty("--wall-w", `${this.fit.width}px`);
      style.setProperty("--wall-h", `${this.fit.height}px`);
    }

    _resized() {
      this._measure();
      this._build();
      this.draw();
    }

    /** The frame and no scene: they are made when they are needed, and kept. */
    _build() {
      this.scenes.clear();
      this.root.replaceChildren(...(this.last ? [this.last] : []));
      this.root.className = `frame-${this.fit.frame}`;
      if (this.fit.frame === "none") {
        this._tooFar();
        return;
      }
      this.frame = new scope.WallFrame(this.root, this);
      this.stage = scope.element("main", "stage", this.root);
      this.shownId = null;
    }

    /** A wall that cannot be read says so instead of shrinking. */
    _tooFar() {
      const { d, p } = this.given;
      const box = scope.element("div", "too-far", this.root);
      scope.put(scope.element("h1", "", box), w.say("wall.too_far", { d }));
      const values = { width: window.innerWidth, p, reach: this.fit.reach.toFixed(1), core: this.fit.reachCore.toFixed(1) };
      scope.put(scope.element("p", "", box), w.say("wall.too_far.help", values));
    }

    tierOf = (code) => {
      if (!this.tree.has(code)) return null;
      return this.tree.lineage(code).some((area) => area.code === this.top) ? this.tree.get(code).tier : null;
    };

    _makeRota() {
      const { entries, hold_s } = boot.playlist;
      const children = (code) => this.tree.children(code).filter((area) => area.tier !== "grid").map((area) => area.code);
      const scenes = scope.wallList.expand(entries, this.top, children);
      const find = (id) => scope.wallList.find(id, this.tierOf);
      this.rota = new scope.wallRota.Rota({ scenes, find, hold_s });
      const kept = scope.wallKeep.place();
      if (kept && kept.top === this.top) this.rota.resume(this.now(), kept);
      const wanted = this.query.get("scene");
      if (wanted && !this.rota.pin(this.now(), wanted.includes("/") ? wanted : `${wanted}/${this.top}`)) this.given.wrong.push("scene");
    }

    /** Makes a scene if there is none yet, and asks for its numbers. */
    ready(scene) {
      let held = this.scenes.get(scene.id);
      if (!held) {
        held = new scope.wallScenes.SceneView(this.stage, scene, this);
        this.scenes.set(scene.id, held);
        this._forgetScenes();
      }
      held.update(this.view(scene));
      return held;
    }

    /** A wall that follows a desk sees many areas: the scenes of those it has left go. */
    _forgetScenes() {
      const listed = new Set(this.rota.scenes.map((one) => one.id));
      const spare = [...this.scenes.keys()].filter((id) => !listed.has(id) && id !== this.shownId);
      for (const id of spare.slice(0, Math.max(0, spare.length - SPARE_SCENES))) {
        this.scenes.get(id).remove();
        this.scenes.delete(id);
      }
    }

    /** What a scene is drawn from. */
    view(scene) {
      const picture = this.held.areas.get(scene.code) || null;
      const cut = this.isCut() || this.held.isAway(`area/${scene.code}`);
      const above = scene.code === this.top ? null : this.held.areas.get(this.tree.get(scene.code).parent) || null;
      const old = picture ? Object.fromEntries(["incidents", "cameras", "staff"].map((source) => [source, scope.wallValues.isOld(scope.wallValues.trust({ cut, pictureMs: 0 }, picture.area, source))])) : {};
      return {
        code: scene.code, picture, above, cut, old, tree: this.tree, now: this.now(),
        unjudged: cut || Boolean(this.unjudged()), wall: this.held.walls.get(scene.code) || null, bells: this.held.bells.get(scene.code) || null,
        pictureMs: picture ? Date.parse(picture.asOf) : null,
      };
    }

    /** The alerts stand still: {never, forMs}; null while they are judged. */
    unjudged() {
      const judged = this.held.bells.get(this.top)?.judged_at;
      const since = this.live.startedAt + this.live.offset;
      return scope.alertWatch.verdict(judged ? Date.parse(judged) : null, since, this.now());
    }

    // ---- the tick --------------------------------------------------------------------------------

    tick() {
      this.live.tick();
      if (this.fit.frame === "none") return;
      const now = this.now();
      this._urgent(now);
      const scene = this.rota.at(now);
      const next = this.rota.next();
      const status = this.rota.status(now);
      const isNear = next && (status.mode !== "rotating" || status.leftMs < READY_MS + TICK_MS);
      this._want(scene, next);
      if (scene.id !== this.shownId) this._change(scene);
      const second = Math.floor(now / 1000);
      if (second !== this.second || this.dirty) {
        this.second = second;
        this.dirty = false;
        this.draw();
        if (isNear && next.id !== this.shownId) this.ready(next);
      }
      if (Date.now() - this.keptAt > KEEP_MS) this._keepAll();
      if (this.reloadAt !== null && Date.now() >= this.reloadAt && !this.isCut()) this._loadAnew();
    }

    _always = () => ["feeds", `area/${this.top}`, `wall/${this.top}`, `bells/${this.top}`];

    _want(scene, next) {
      const wanted = new Set(this._always());
      for (const one of [scene, next]) if (one) for (const topic of scope.wallScenes.topicsOf(one, this)) wanted.add(topic);
      this.live.want([...wanted]);
      this.held.follow(wanted);
    }

    /** Are all numbers of a scene here, and of now? While the server is away: as good as they will be. */
    _isReady(scene) {
      if (this.isCut()) return true;
      return scope.wallScenes.topicsOf(scene, this).every((topic) => this.held.isFollowed(topic));
    }

    /** From one scene to the next in one frame: the new one is complete before the old one goes. */
    _change(scene) {
      if (this.waitsFor?.id !== scene.id) this.waitsFor = { id: scene.id, since: Date.now() };
      const held = this.ready(scene);
      const isLate = Date.now() - this.waitsFor.since > WAIT_MS;
      if (this.shownId !== null && !isLate && !(held.drawn && this._isReady(scene))) return;
      this.waitsFor = null;
      for (const [id, one] of this.scenes) one.show(id === scene.id);
      this.shownId = scene.id;
      if (held.drawn) this._dropLast();
      this._shift();
      scope.wallKeep.keepPlace({ ...this.rota.kept(), top: this.top });
    }

    draw() {
      if (!this.frame || !this.rota) return;
      const id = this.shownId;
      const held = id && this.scenes.get(id);
      if (held) held.update(this.view(held.scene));
      if (held?.drawn) this._dropLast();
      this.frame.update(held ? held.scene : this.rota.shown(), held ? held.dropped.length : 0);
    }

    /** The frame of the page before goes once this one has drawn its own. */
    _dropLast() {
      this.last?.remove();
      this.last = null;
    }

    /** Two pixels every ten minutes. */
    _shift() {
      const [x, y] = SHIFTS[Math.floor(Date.now() / SHIFT_MS) % SHIFTS.length];
      this.root.style.translate = `${x}px ${y}px`;
    }

    /** Priority 1 cases that nobody has acknowledged, and where they are shown. */
    _urgent(now) {
      const cases = this.held.walls.get(this.top)?.cases;
      const picture = this.held.areas.get(this.top);
      if (!cases || !picture || this.isCut()) return;
      const waiting = [];
      for (const one of picture.incidents.values()) {
        const since = cases[one.id]?.waits_since;
        if (one.priority !== 1 || !since || !this.tree.has(one.area)) continue;
        const lineage = this.tree.lineage(one.area).map((area) => area.code);
        waiting.push({ id: one.id, since: Date.parse(since), scene: scope.wallList.placeOf(lineage, this.tierOf) });
      }
      this.rota.urgent(now, waiting);
    }

    // ---- what comes --------------------------------------------------------------------------------

    _snapshot(topic, snapshot, asOf) {
      this.held.snapshot(topic, snapshot, asOf);
      this.dirty = true;
    }

    _delta(topic, delta, asOf) {
      if (this.held.delta(topic, delta, asOf)) this.dirty = true;
    }

    /** What the desk or the program says to this wall. */
    _ordered(told) {
      if (told.version !== boot.version) this._reload();
      if (!this.rota) return;
      this.rota.order(this.now(), told);
      this.dirty = true;
    }

    _reload() {
      const soon = Date.now() + Math.random() * RELOAD_SPREAD_MS;
      this.reloadAt ??= Math.max(soon, scope.wallKeep.reloadedAt() + RELOAD_APART_MS);
    }

    /** Behind its own last frame. */
    _loadAnew() {
      this.reloadAt = Infinity;
      this._keepAll();
      scope.wallKeep.keepReload(Date.now());
      scope.wallKeep.keepFrame(this.root);
      location.replace(location.href);
    }

    // ---- what is kept --------------------------------------------------------------------------------

    _takeKept() {
      const kept = scope.wallKeep.picture(boot.root);
      this.kept = kept && kept.top === this.top && kept.version === boot.version ? kept : null;
      if (!this.kept) return;
      this.live.keepServerTime(kept.offset);
      for (const [topic, { snapshot, asOf }] of Object.entries(kept.topics)) this._snapshot(topic, snapshot, asOf);
    }

    _keepAll() {
      this.keptAt = Date.now();
      if (this.rota) scope.wallKeep.keepPlace({ ...this.rota.kept(), top: this.top });
      if (this.live.status().asOf === null) return; // nothing new since it was taken from there
      const kept = { region: boot.root, top: this.top, version: boot.version, offset: this.live.offset, asOf: this.asOf() };
      scope.wallKeep.keepPicture({ ...kept, topics: this.held.whole() });
    }

    _sign() {
      const scene = this.shownId || (this.fit.frame === "none" ? "too-far" : "starting");
      return { screen: scope.wallKeep.screenName(), scene, state: this.live.status().state, version: boot.version };
    }

    /** For somebody who stands by: arrows skip, P stays or goes on. */
    _key(event) {
      if (event.ctrlKey || event.altKey || event.metaKey || !this.rota) return;
      const now = this.now();
      if (event.key === "ArrowRight") this.rota.skip(now, 1);
      else if (event.key === "ArrowLeft") this.rota.skip(now, -1);
      else if (event.key === "p" || event.key === "P") this.rota.pinned ? this.rota.release(now) : this.rota.pin(now);
      else return;
      event.preventDefault();
      this.tick();
    }
  }

  scope.page = new Wall();
  scope.page.start();
})((window.one_map = window.one_map || {}));
