"use strict";
/* The feeds page: feeds and judging of the alerts over the live socket, the ways out over /api/outlets while it is looked at. */
(function (scope) {
  const TICK_MS = 250;
  const POLL_MS = 10000;
  const { boot } = scope;
  const byId = (id) => document.getElementById(id);
  const say = (key, values) => scope.words.say(key, values);
  let view; // its script may come after this one

  class DataPage {
    word = "page.data";
    effect = "live.effect";

    constructor() {
      view = scope.dataView;
      this.live = new scope.live.Live({
        connect: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`),
        now: Date.now,
        random: Math.random,
        on: {
          snapshot: (topic, snapshot) => this._heard(topic, snapshot),
          delta: (topic, delta) => this._heard(topic, delta),
          error: (_topic, reason) => this.shell.tell(say("error.refused", { reason })),
          cut: () => this._draw(),
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
      this.watch = new scope.alertWatch.AlertWatch(this, scope.alertWatch.areaFor(boot));
      this.groups = {}; // of the alerts, by key
      this.outlets = null; // {rows, got: Date.now()} of the last answer
      this.away = false; // the last question for the outlets got no answer
    }

    now = () => Date.now() + this.live.offset;
    status = () => this.live.status();

    start() {
      this.admin = new scope.Admin(this);
      this.shell = new scope.Shell(this);
      this.feedRows = new scope.dataRows.Rows(document.querySelector("#feed-rows tbody"), ["fresh", "age", "period", "rate", "accepted", "rejected", "duplicates", "kind", "area"]);
      this.outletRows = new scope.dataRows.Rows(document.querySelector("#outlets tbody"), ["kind", "state", "delivered", "waiting", "oldest", "lost", "target"]);
      scope.dataRows.moves(byId("content"));
      this.live.want(["feeds", ...this.watch.topics()]);
      this.live.tick();
      setInterval(() => this._tick(), TICK_MS);
      for (const name of ["online", "pageshow"]) window.addEventListener(name, () => this.live.hurry());
      document.addEventListener("visibilitychange", () => {
        if (document.hidden) return;
        this.live.hurry();
        this._poll();
      });
      this._poll();
      this.draw();
    }

    /** In the language of the screen. */
    draw() {
      this.shell.update();
      this._draw();
    }

    // ---- what comes ----------------------------------------------------------------------------

    _heard(topic, told) {
      if (this.watch.takes(topic)) return this._alerts(told);
      if (topic !== "feeds" || !told.feeds) return;
      this.shell.feedsArrived({ ...this.shell.picture, ...told });
      this._draw();
    }

    _alerts(told) {
      this.watch.heard(told);
      if (told.origins) this.groups = {}; // a snapshot: all of it is told again
      for (const [key, group] of Object.entries(told.groups || {})) {
        if (group) this.groups[key] = group;
        else delete this.groups[key];
      }
    }

    _healed(cutFor) {
      this.session.heard();
      if (this.status().state !== "cut") this.shell.healed(cutFor);
      this._draw();
    }

    /** Every ten seconds while somebody looks. */
    async _poll() {
      clearTimeout(this.timer);
      const asked = (this.asked = {});
      const [status, body] = await scope.send("GET", "/api/outlets");
      if (asked !== this.asked || status === 401) return;
      this.away = status !== 200;
      if (!this.away) this.outlets = { rows: body.outlets, got: Date.now() };
      this._drawOutlets();
      this.timer = setTimeout(() => document.hidden || this._poll(), POLL_MS);
    }

    /** Four times a second the socket, once a second what is drawn. */
    _tick() {
      this.live.tick();
      const { state } = this.status();
      const second = Math.floor(this.now() / 1000);
      if (second === this.second && state === this.state) return;
      Object.assign(this, { second, state });
      this.watch.tick();
      this.draw();
    }

    // ---- drawing -------------------------------------------------------------------------------

    _draw() {
      if (!this.shell) return;
      this.isCut = this.status().state === "cut";
      document.body.classList.toggle("is-cut", this.isCut);
      this._drawFeeds();
      this._drawOutlets();
      this._drawFacts();
    }

    _drawFeeds() {
      const { picture } = this.shell;
      if (!picture) return;
      const feeds = view.worstFirst(picture.feeds);
      this._drawTally(feeds);
      this.shell.badges(view.origins(feeds));
      if (!feeds.length) return this.feedRows.only(say("data.none"));
      this.feedRows.draw(feeds.map((feed) => this._feedItem(feed)));
    }

    _drawTally(feeds) {
      const parts = [say("data.tally.all", { n: feeds.length }), ...view.tally(feeds, this.isCut).map(([word, n]) => `${say(`fresh.${word}`)} ${n}`)];
      scope.put(byId("feed-tally"), parts.join(" · "));
    }

    _feedItem(feed) {
      const areaName = scope.areaName(feed.area ?? boot.root);
      return {
        id: feed.name,
        name: view.titleOf(feed),
        fill: (cells, line) => this._fillFeed(feed, areaName, { cells, line }),
        details: () => this._feedDetails(feed, areaName),
        link: view.hasAlert(this.groups, feed.name) ? { href: "/desk", word: "data.alert.open" } : null,
      };
    }

    _feedDetails(feed, areaName) {
      return view.feedDetails(feed, { areaName, isCut: this.isCut, nowMs: this.now() });
    }

    _fillFeed(feed, areaName, { cells, line }) {
      const fresh = view.fresh(feed, this.isCut);
      line.className = `source fr-line-${fresh}`;
      text(cells.name, view.titleOf(feed));
      signed(cells.fresh, fresh, say(`fresh.${fresh}`));
      scope.put(cells.age, view.since(feed.last_at, this.now()));
      scope.put(cells.period, scope.words.age(feed.period_s));
      for (const [column, n] of [["rate", feed.rate_per_min], ["accepted", feed.accepted], ["rejected", feed.rejected], ["duplicates", feed.duplicates]]) {
        const { text: told, withheld } = view.counted(n);
        scope.put(cells[column], told);
        scope.flag(cells[column], "withheld", withheld);
      }
      text(cells.kind, view.kindOf(feed));
      scope.flag(cells.kind, "made-up", feed.kind !== "live");
      scope.put(cells.area, areaName);
    }

    _drawOutlets() {
      const { outlets } = this;
      const passed_s = outlets ? (Date.now() - outlets.got) / 1000 : 0;
      const away = outlets ? "data.outlets.away" : "data.outlets.away.never";
      scope.put(byId("outlets-age"), this.away ? say(away, { age: scope.words.age(passed_s) }) : "");
      if (!outlets) return this.outletRows.only(say(this.away ? "data.outlets.away.never" : "data.outlets.loading"));
      if (!outlets.rows.length) return this.outletRows.only(say("data.outlets.none"));
      this.outletRows.draw(view.worstOutletFirst(outlets.rows).map((outlet) => outletItem(outlet, passed_s)));
    }

    _drawFacts() {
      const shown = view.picture(this.status(), this.now());
      fact("picture-age", shown.figure, shown.meaning, shown.isOld);
      this._drawPrivacy();
      byId("judged").hidden = !this.watch.area;
      if (!this.watch.area) return;
      const { judgedMs, startedAt } = this.watch;
      const judged = view.judged(judgedMs, startedAt + this.live.offset, this.now());
      fact("judged", judged.figure, judged.meaning, judged.stands);
    }

    _drawPrivacy() {
      const { picture } = this.shell;
      if (!picture) return;
      const dropped = picture.dropped_private_today;
      const { text: told, withheld } = view.counted(dropped);
      fact("privacy", told, say(withheld ? "data.privacy.withheld" : "data.privacy.meaning"), this.isCut || withheld);
      const parts = picture.feeds.filter((feed) => feed.dropped_private).sort((a, b) => b.dropped_private - a.dropped_private);
      const list = byId("privacy").querySelector("[data-part=parts]");
      while (list.children.length > parts.length) list.lastChild.remove();
      while (list.children.length < parts.length) list.append(document.createElement("li"));
      parts.forEach((feed, i) => text(list.children[i], say("data.privacy.of", { name: view.titleOf(feed), n: scope.words.count(feed.dropped_private) })));
      scope.flag(list, "has-parts", parts.length);
      list.setAttribute("aria-label", say("data.privacy.since"));
      list.dataset.title = say("data.privacy.since");
    }
  }

  function outletItem(outlet, passed_s) {
    const { setting } = outlet;
    const areaName = scope.areaName(setting?.area ?? boot.root);
    return {
      id: outlet.name,
      name: outlet.name,
      fill: (cells, line) => {
        const told = view.outletCells(outlet, passed_s);
        line.className = `source outlet-${outlet.state}`;
        text(cells.name, outlet.name);
        const kind = say(`data.outlet.kind.${outlet.kind}`);
        scope.put(cells.kind, setting?.drill ? `${kind} · ${say("data.outlet.drill")}` : kind);
        signed(cells.state, view.sign(outlet), say(`data.outlet.state.${outlet.state}`));
        for (const column of ["delivered", "waiting", "oldest", "lost"]) scope.put(cells[column], told[column]);
        text(cells.target, told.target);
        for (const column of ["lost", "target"]) scope.flag(cells[column], "withheld", !setting);
      },
      details: () => {
        const rows = view.outletDetails(outlet, areaName);
        return rows.length ? rows : [["data.outlet.target", say("data.outlet.withheld")]];
      },
      link: null,
    };
  }

  /** A text from outside, which may run in its own direction. */
  function text(node, told) {
    const held = node.firstElementChild?.tagName === "BDI" ? node.firstElementChild : scope.element("bdi", "", node);
    scope.put(held, told);
  }

  /** A sign of ours and its word; the sign is for the eye, the word for all. */
  function signed(node, sign, word) {
    const look = sign + word;
    if (node.dataset.look === look) return;
    node.dataset.look = look;
    node.innerHTML = `<i aria-hidden="true">${scope.glyphs.fresh(sign, "")}</i><span></span>`;
    scope.put(node.lastElementChild, word);
    node.dataset.sign = sign;
  }

  function fact(id, figure, meaning, isOld) {
    const part = (name) => byId(id).querySelector(`[data-part=${name}]`);
    scope.put(part("figure"), figure);
    scope.put(part("meaning"), meaning);
    scope.flag(byId(id), "is-old", isOld);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    one_map: { mount: () => scope.mountPage(DataPage) },
  });
})((window.one_map = window.one_map || {}));
