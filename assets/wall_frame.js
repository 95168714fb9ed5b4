"use strict";
/* What stands round every scene: its title, the scene bar, clock and badges, the age of every feed, and the banner. */
(function (scope) {
  const { put, flag, element } = scope;
  const w = scope.words;
  const APART = 36; // design px between two feeds
  const SEGMENTS_PX = 760;
  const RANK = { live: 0, late: 1, stale: 2, lost: 3 };

  class Frame {
    constructor(root, page) {
      Object.assign(this, { page, cells: [] });
      const layout = scope.wallBays.layout(page.fit);
      const [left, middle, right] = layout.head.map((rect) => this._box(root, "head", rect));
      this.org = element("span", "org", left);
      this.title = element("span", "title", left);
      this.segments = element("div", "segments", middle);
      this.next = element("div", "next", middle);
      this.badge = element("span", "badges", right);
      this.date = element("span", "date num", right);
      this.clock = element("span", "clock num", right);
      const top = Math.max(...layout.head.map((rect) => rect.h));
      const line = element("i", "rule", root);
      line.style.top = `${top}px`;
      const strip = element("i", "rule", root);
      strip.style.top = `${layout.feeds[0].y}px`;
      this.strips = layout.feeds.map((rect) => ({ root: this._box(root, "feeds", rect), rect, nodes: [] }));
      // what broke, and of when the picture is: in two parts where a gap between screens lies between
      this.banners = layout.feeds.slice(0, 2).map((rect) => this._box(root, "wall-banner", rect));
      for (const banner of this.banners) banner.hidden = true;
      this.titleWidth = layout.head[0].w;
      this.told = element("div", "told", middle);
    }

    _box(root, name, rect) {
      const node = element("div", name, root);
      for (const [side, px] of [["left", rect.x], ["top", rect.y], ["width", rect.w], ["height", rect.h]]) node.style[side] = `${px}px`;
      return node;
    }

    /** Once a second, and at every change of scene. */
    update(scene, dropped) {
      const { page } = this;
      const now = page.now();
      const { org, title } = scope.wallScenes.titles(scene, page);
      const { textWidth, SIZE } = scope.wallValues;
      const both = textWidth(org, SIZE.body) + 36 + textWidth(title, SIZE.h1, 700) + 30;
      put(this.org, both <= this.titleWidth ? org : "");
      put(this.title, title);
      put(this.clock, w.hms(now));
      put(this.date, `${scope.wallTime.date(now)} ${w.say(`weekday.${scope.wallTime.weekday(now)}`)}`);
      this._bar(now);
      this._badges();
      this._feeds(now);
      this._banner(now);
      const [wrong] = page.given.wrong;
      put(this.told, wrong ? w.say(`wall.wrong.${wrong}`) : dropped ? w.say("wall.dropped", { n: dropped }) : "");
    }

    _bar(now) {
      const status = this.page.rota.status(now);
      const { mode, total, place } = status;
      const n = Math.max(1, total);
      while (this.segments.children.length > n) this.segments.lastChild.remove();
      while (this.segments.children.length < n) element("u", "", element("i", "", this.segments));
      this.segments.style.width = `${Math.min(SEGMENTS_PX, n * 134)}px`;
      [...this.segments.children].forEach((node, i) => {
        flag(node, "on", i === place && mode === "rotating");
        node.firstChild.style.width = i === place && mode === "rotating" ? `${(100 * status.share).toFixed(1)}%` : "0";
      });
      put(this.next, this._next(status));
    }

    _next({ mode, leftMs, by, total, place }) {
      const seconds = Math.ceil(leftMs / 1000);
      if (mode === "taken") return w.say("wall.taken", { n: seconds });
      if (mode === "pinned") return by ? w.say("wall.pinned.by", { by }) : w.say("wall.pinned");
      if (mode === "alone") return "";
      const next = this.page.rota.next();
      const { title } = scope.wallScenes.titles(next, this.page);
      return w.say("wall.next", { place: place + 1, total, n: seconds, title });
    }

    _badges() {
      const origins = this.page.origins();
      const key = JSON.stringify([w.language(), origins]);
      if (this.badge.dataset.key === key) return;
      this.badge.dataset.key = key;
      this.badge.replaceChildren();
      for (const { kind, label } of origins) {
        if (kind !== "simulated" && kind !== "recorded") continue;
        put(element("span", "simbadge", this.badge), [w.say(`badge.${kind}`), label].filter(Boolean).join(" "));
      }
    }

    /** Those that need an eye stay: as many as the strip has room for, the rest are counted. */
    _feeds(now) {
      const cut = this.page.isCut();
      const all = [...(this.page.held.feeds?.feeds || [])].sort((a, b) => RANK[b.freshness] - RANK[a.freshness] || (a.name < b.name ? -1 : 1));
      const said = all.map((feed) => sayFeed(feed, now, cut));
      const rows = this.strips.map(() => []);
      const more = scope.wallValues.textWidth(w.say("feeds.more", { n: all.length }), scope.wallValues.SIZE.text) + APART;
      let at = this.strips.length - 1; // the worst stand at the end, where the eye ends too
      let left = this.strips[at].rect.w;
      let shown = 0;
      for (const one of said) {
        const spare = at === 0 && shown < said.length - 1 ? more : 0;
        while (at >= 0 && left - one.width < (at === 0 ? spare : 0)) {
          at -= 1;
          left = at >= 0 ? this.strips[at].rect.w : 0;
        }
        if (at < 0) break;
        rows[at].unshift(one);
        left -= one.width + APART;
        shown += 1;
        // a gap between screens parts the strip: the feeds are spread over all of it
        if (rows[at].length >= Math.ceil(said.length / this.strips.length) && at > 0) {
          at -= 1;
          left = this.strips[at].rect.w;
        }
      }
      const hidden = said.length - shown;
      const covered = cut || this.page.unjudged();
      this.strips.forEach((strip, i) => {
        scope.wallValues.keep(strip.root, strip.nodes, rows[i].length, () => new FeedNode());
        strip.nodes.forEach((node, k) => node.set(rows[i][k], k === 0 && i === 0 ? hidden : 0));
        strip.root.style.visibility = covered && i < 2 ? "hidden" : "";
      });
    }

    /** In place of the feeds: what broke, and of when the picture is. */
    _banner(now) {
      const { page } = this;
      const status = page.live.status();
      const cut = page.isCut();
      const stands = cut ? null : page.unjudged();
      for (const banner of this.banners) banner.hidden = !cut && !stands;
      if (stands) this._say(w.say("wall.unjudged", { age: w.age(stands.forMs / 1000) }), w.say("wall.unjudged.help"));
      if (!cut) return;
      const asOf = page.asOf();
      const age = w.age((Date.now() - status.since) / 1000);
      const why = status.stalled ? "stalled" : status.silent ? "silent" : status.state === "connecting" ? "connecting" : "cut";
      let head = w.say(`wall.${why}`, { age, n: status.attempt });
      if (page.session.signedOut) head = w.say("live.signed_out.never");
      const frozen = asOf ? w.say("wall.frozen", { time: w.moment(asOf, now), age: w.age((now - asOf) / 1000) }) : w.say("live.never");
      this._say(head, page.session.signedOut ? w.say("live.signed_out.help") : frozen);
    }

    _say(head, help) {
      const texts = this.banners.length > 1 ? [[head], [help]] : [[head, help]];
      this.banners.forEach((banner, i) => {
        if (!banner.firstChild) banner.innerHTML = "<i></i><b></b><span></span>";
        scope.wallValues.sign(banner.children[0], i ? "live" : "stale");
        put(banner.children[1], i ? "" : texts[i][0]);
        put(banner.children[2], i ? texts[i][0] : texts[i][1] || "");
      });
    }
  }

  /** One feed in words: {fresh, name, age, width}. */
  function sayFeed(feed, now, cut) {
    const fresh = cut ? scope.picture.worse(feed.freshness, "stale") : feed.freshness;
    const name = (w.language() === "en" ? feed.title_en : feed.title) || feed.name;
    const heard = feed.last_at ? w.age((now - Date.parse(feed.last_at)) / 1000) : w.say("feed.never");
    const age = fresh === "live" ? heard : `${w.say(`fresh.${fresh}`)} ${heard}`;
    const { textWidth, SIZE } = scope.wallValues;
    return { fresh, name, age, width: 32 + 2 * 12 + textWidth(name, SIZE.text) + textWidth(age, SIZE.text) };
  }

  class FeedNode {
    constructor() {
      this.root = element("div", "feed", null);
      this.glyph = element("i", "", this.root);
      this.name = element("b", "", this.root);
      this.age = element("span", "num", this.root);
    }

    set({ fresh, name, age }, hidden) {
      if (this.root.dataset.fresh !== fresh + w.language()) {
        this.root.dataset.fresh = fresh + w.language();
        this.root.className = `feed fr-${fresh}`;
        this.glyph.innerHTML = scope.glyphs.fresh(fresh, w.say(`fresh.${fresh}`));
      }
      put(this.name, hidden ? `${w.say("feeds.more", { n: hidden })} · ${name}` : name);
      put(this.age, age);
    }
  }

  scope.WallFrame = Frame;
})((window.one_map = window.one_map || {}));
