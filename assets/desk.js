"use strict";
/* The duty desk: joins the address, the socket, the list, the case pane and the place. Started by Dash when the layout stands. */
(function (scope) {
  const TICK_MS = 250;
  const SHOW_MS = 150; // a held-down key passes over cases without opening each: every view of one is audited
  const QUIET_MS = 30000; // nobody is at the list: it may take itself anew
  const boot = JSON.parse(document.getElementById("boot").textContent);

  class DeskPage {
    constructor() {
      this.boot = boot;
      this.me = boot.me;
      this.live = new scope.live.Live({
        connect: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`),
        now: Date.now,
        random: Math.random,
        on: {
          snapshot: (topic, snapshot) => this._snapshot(topic, snapshot),
          delta: (topic, delta) => this._delta(topic, delta),
          // one without a topic answers what is open here, and is nothing the officer can mend
          error: (topic, reason) => topic && this.tell(scope.words.say("error.refused", { reason })),
          watching: () => this.queue?.redraw(),
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
      this.effect = "desk.effect"; // what the shell says of an outage
      this.reach = new scope.Reach(boot);
      boot.top = this.reach.top;
      this.systems = new Map(boot.systems.map(([id, , , channels]) => [id, channels]));
      this.view = this._read();
      this.counts = this.tiers = this.tier = this.clocks = null;
      this.offline = false;
      this.awayAt = Date.now(); // since when no hand is at the list; null while the pointer is over it
      this.shell = new scope.Shell(this);
      this._speak();
    }

    // arrow fields: the parts of the page take these apart from it
    now = () => Date.now() + this.live.offset;
    status = () => this.live.status();
    tell = (text) => this.shell.tell(text);
    get list() { return this.queue.list; }
    get lang() { return scope.words.language(); }

    /** Names of those who have a case open, without oneself. */
    watching = (id) => (this.live.watching.get(id) || []).filter((name) => name !== this.me?.name);

    _may(code) {
      return this.tree ? this.reach.holds(this.tree, code) : this.reach.maybe(code);
    }

    _read() {
      return scope.deskView.read(location.search, boot, (code) => this._may(code));
    }

    /** Where a grid is, without what the reader of this desk knows already. */
    placeName = (code) => {
      if (!this.tree?.has(code)) return code || "";
      const { say, shortName, gridNumber } = scope.words;
      const known = new Set(this.tree.lineage(this.view.area).map((area) => area.code));
      return this.tree.lineage(code)
        .filter((area) => !known.has(area.code))
        .map((area) => (area.tier === "grid" ? say("grid.name", { n: gridNumber(area) }) : shortName(area)))
        .join(" · ");
    };

    // ---- starting -------------------------------------------------------------------------------

    _speak() {
      const lang = scope.deskLanguage(this.view, boot, navigator.language);
      scope.words.use(boot.words, lang);
      document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
      const org = scope.words.say("org", { region: boot.region[lang] });
      document.title = `${scope.words.say("page.desk")} · ${org}`;
      const root = document.getElementById("one-map");
      if (!root) return;
      scope.words.apply(root, { region: boot.region[lang] });
      scope.put(document.getElementById("language"), scope.words.say("language.other"));
    }

    async start() {
      this._speak();
      this._build();
      this.live.want(this._topics());
      this.live.tick();
      setInterval(() => this._tick(), TICK_MS);
      for (const name of ["online", "pageshow"]) window.addEventListener(name, () => this.live.hurry());
      document.addEventListener("visibilitychange", () => document.hidden || this.live.hurry());
      window.addEventListener("popstate", () => this._fromUrl());
      this.tree = new scope.Tree(await scope.deskShapes((text) => this.tell(text)));
      this.view = this._read();
      if (this.view.unknown) this.tell(this.reach.refusal(this.tree, this.view.unknown));
      this.live.want(this._topics());
      this._drawUser();
      this.walls = new scope.wallMenu.WallMenu({ me: boot.me, tree: () => this.tree, here: this.here, tell: (text) => this.tell(text) });
      this.filters.speak();
      this.places.show(null);
      await this.queue.load({});
      if (!this.view.case && !this.view.alert) this._openFirst();
    }

    /** The top case that nobody has acknowledged is open already. */
    _openFirst() {
      const [first] = this.list.groups();
      const [urgent] = this.alerts.list.sections(1);
      if (first?.first) this.select(first.ids[0], { at: "once" });
      else if (urgent?.state === "unacknowledged") this.selectAlert(urgent.entries[0]);
    }

    _build() {
      const byId = (id) => document.getElementById(id);
      scope.bindUserMenu({ me: boot.me, tell: this.tell });
      byId("language").addEventListener("click", () => this.speak(this.lang === "zh" ? "en" : "zh"));
      this.told = byId("told");
      this.queue = new scope.deskQueue.Queue(byId("queue"), this);
      this.rows = new scope.deskRows.Rows(byId("queue"), this);
      this.filters = new scope.deskFilters.Filters(this);
      this.state = new scope.deskFilters.QueueState(this);
      this.whistles = new scope.WhistleDesk(this);
      this.places = new scope.deskMap.PlacePane(byId("place"), this);
      this.folds = new scope.deskFolds.Folds(this);
      this.alerts = new scope.alertDesk.Alerts(this);
      this.keys = new scope.deskKeys.Keys(this);
      this.keys.draw();
      const list = document.querySelector(".list");
      list.addEventListener("pointerenter", () => { this.awayAt = null; });
      list.addEventListener("pointerleave", () => { this.awayAt = Date.now(); });
      document.addEventListener("keydown", () => { this.awayAt &&= Date.now(); });
      if (scope.CasePane) this.pane = new scope.CasePane({ caseRoot: byId("case"), trailRoot: byId("trail"), page: this });
      this._showSoon(0);
    }

    _drawUser() {
      scope.drawUserMenu(boot.me, scope.words.name(this.tree.get(this.reach.top)));
    }

    _topics() {
      const isSure = this.tree || this.view.area === boot.top; // before the shapes are here the address may name any area
      const alerts = this.me?.rights.includes("see_alert") ? [`alerts/${this.view.area}`] : []; // departments see none
      document.body.classList.toggle("no-alerts", !alerts.length);
      return isSure ? [`desk/${this.view.area}`, ...alerts, "feeds"] : ["feeds"];
    }

    // ---- the address ----------------------------------------------------------------------------

    /** Changes what is looked at and writes it into the URL. */
    go(change, { push = true } = {}) {
      const before = this.view;
      this.view = { ...before, ...change };
      const url = location.pathname + scope.deskView.write(this.view, boot);
      if (push) history.pushState(null, "", url);
      else history.replaceState(null, "", url);
      this._look(before);
    }

    _fromUrl() {
      const before = this.view;
      this.view = this._read();
      if (this.view.unknown) this.tell(this.reach.refusal(this.tree, this.view.unknown));
      if (before.lang !== this.view.lang) this._worded();
      this._look(before);
    }

    _look(before) {
      if (before.area !== this.view.area) {
        this.counts = this.tiers = null;
        this.alerts.again();
        this.live.want(this._topics());
      }
      this.filters.draw();
      if (before.case !== this.view.case || before.alert !== this.view.alert) this.chosen("once");
      if (scope.deskView.asked(before) !== scope.deskView.asked(this.view)) this.queue.load({});
    }

    speak(lang) {
      this.view = { ...this.view, lang };
      this._worded();
      history.replaceState(null, "", location.pathname + scope.deskView.write(this.view, boot));
    }

    _worded() {
      this._speak();
      this._drawUser();
      this.filters.speak();
      this.shell.update();
      if (this.origins) this.shell.badges(this.origins);
      this.queue?.redraw();
      this.places.draw();
      this.pane?.tick(this.now());
      this.alerts.tick();
    }

    /** What is told of the queues as a whole. */
    counted({ counts, tiers, tier, clocks }) {
      for (const [name, value] of Object.entries({ counts, tiers, tier, clocks })) if (value) this[name] = value;
      this.filters.counts();
    }

    // ---- the choice -----------------------------------------------------------------------------

    /** at: "once", or "later" when a key may be held down. */
    select(id, { at = "later" } = {}) {
      if (id === this.view.case && !this.view.alert) return;
      this._choose({ case: id, alert: null }, at);
    }

    /** id: an alert's, or the name of a group's row. */
    selectAlert(id, { at = "once" } = {}) {
      if (id !== this.view.alert) this._choose({ case: null, alert: id }, at);
    }

    _choose(change, at) {
      this.view = { ...this.view, ...change };
      history.replaceState(null, "", location.pathname + scope.deskView.write(this.view, boot));
      this.chosen(at);
    }

    move(steps) {
      const alerts = this.alerts.order();
      const id = scope.deskList.step([...alerts, ...this.list.open.with(this.list.order)], this.view.alert ?? this.view.case, steps);
      if (alerts.includes(id)) this.selectAlert(id, { at: "later" });
      else if (id) this.select(id);
    }

    chosen(at) {
      this.rows.mark(true);
      this.alerts.rows.mark(true);
      const row = this.list.row(this.view.case);
      if (row || !(this.view.case || this.view.alert)) this.places.show(row || null);
      this._showSoon(at === "once" ? 0 : SHOW_MS);
    }

    _showSoon(wait) {
      clearTimeout(this.showing);
      const show = () => {
        this.live.look(this.view.case);
        this.pane?.show(this.view.case);
        this.alerts.pane.show(this.view.alert);
        this.walls?.moved();
      };
      if (wait) this.showing = setTimeout(show, wait);
      else show();
    }

    /** The pane that keys act on. */
    get acting() {
      return this.view.alert ? this.alerts.pane : this.pane;
    }

    // ---- what the case pane asks of the page ---------------------------------------------------------

    /** The pane has loaded a case: its place and the devices near it. */
    place = (held) => {
      if (held.id === this.view.case) this.places.show(held);
    };

    /** An action was done: the newest case shows at once, before it comes by the socket. */
    acted = ({ incident }) => {
      const held = this.list.row(incident.id);
      if (!held || incident.version < held.version) return;
      const queue = scope.deskList.ENDED.has(incident.state) ? null : held.queue;
      this.queue.changed({ [incident.id]: { ...held, ...incident, queue } });
    };

    /** The case left the queue by this officer's action. */
    leave = (id) => {
      if (id !== this.view.case) return;
      this.select(this.list.after(id), { at: "once" });
    };

    /** The area of the chosen case or alert, else of the desk. */
    here = () => this.list.row(this.view.case)?.area ?? this.alerts?.pane.held?.area ?? this.places.held?.area ?? this.view.area;

    /** The place of the chosen case on the one map. */
    mapAddress() {
      const query = new URLSearchParams({ area: this.here() });
      if (this.view.lang) query.set("lang", this.view.lang);
      return `/map?${query}`;
    }

    openMap() {
      location.assign(this.mapAddress());
    }

    // ---- live -----------------------------------------------------------------------------------

    _snapshot(topic, snapshot) {
      if (topic === "feeds") return this.shell.feedsArrived(snapshot);
      if (this.alerts.takes(topic)) return this.alerts.snapshot(topic, snapshot);
      if (topic !== `desk/${this.view.area}`) return undefined;
      this._origins(snapshot.origins || []);
      return this.queue.anew(snapshot);
    }

    _delta(topic, delta) {
      if (this.alerts.takes(topic)) return this.alerts.delta(topic, delta);
      if (topic === "feeds") return delta.feeds && this.shell.feedsArrived({ ...this.shell.picture, ...delta });
      if (topic !== `desk/${this.view.area}`) return undefined;
      if (delta.origins) this._origins(delta.origins);
      if (delta.rows) this.whistles.moved(delta.rows);
      return this.queue.heard(delta);
    }

    _origins(origins) {
      this.origins = origins;
      this.shell.badges(origins);
    }

    _healed(cutFor) {
      this.session.heard();
      this._cut();
      if (!this.offline) this.shell.healed(cutFor);
    }

    _cut() {
      this.offline = this.status().state === "cut" || this.session.signedOut;
      document.body.classList.toggle("is-cut", this.offline);
    }

    /** Four times a second the socket, once a second the clocks. */
    _tick() {
      const wasOffline = this.offline;
      this.live.tick();
      this._cut();
      if (wasOffline && !this.offline && this.list.asOf !== null) this.queue.reload();
      const second = Math.floor(this.now() / 1000);
      if (second === this.second && wasOffline === this.offline) return;
      this.second = second;
      this.shell.update();
      this.queue?.redraw();
      this.pane?.tick(this.now());
      this.whistles.tick();
      this.alerts.tick();
      if (second % 10 === 0) this.places.refresh();
      this._atRest();
    }

    /** Nothing is chosen and nobody is at the list: then it may take itself anew. */
    _atRest() {
      const isAway = this.awayAt !== null && Date.now() - this.awayAt > QUIET_MS;
      if (isAway && !this.view.case && !this.view.alert && !this.offline) this.queue.takeNew();
    }
  }

  /** The language: URL, else the server's setting, which may leave it to the browser. */
  scope.deskLanguage = (view, { lang }, browser) => view.lang ?? (lang !== "browser" ? lang : /^en\b/i.test(browser || "") ? "en" : "zh");

  /** The areas of the region, asked for until they are here. */
  scope.deskShapes = async (tell) => {
    for (let n = 1; ; n++) {
      try {
        const answer = await fetch("/region/areas.geojson");
        if (answer.ok) return await answer.json();
      } catch {
        // the server is away: try again
      }
      tell(scope.words.say("error.region", { n }));
      await new Promise((resolve) => setTimeout(resolve, scope.live.pauseMs(n, Math.random)));
    }
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    one_map: {
      mount: () => {
        if (!scope.page) {
          scope.page = new DeskPage();
          scope.page.start();
        }
        return "true";
      },
    },
  });
})((window.one_map = window.one_map || {}));
