"use strict";
/* Top bar, banner and foot: the clock, what the data is, the age of every feed, and since when we are cut off. */
(function (scope) {
  const RECOVERED_MS = 10000;
  const FEEDS_SHOWN = 6;

  class Shell {
    /** page: {now(), status(), session, effect?}; effect: the word of what an outage means here. */
    constructor(page) {
      this.page = page;
      this.byId = (id) => document.getElementById(id);
      this.recovered = null; // {at, cutFor} while the notice stands
      this.notice = null; // {text, until}
      this.feeds = new Map(); // name -> element
      this.picture = null; // the feeds topic
    }

    /** Once a second, and when something changed. */
    update() {
      const { words: w, put } = scope;
      put(this.byId("clock"), w.hms(this.page.now()));
      this._banner();
      this._notice();
      this._feeds();
    }

    tell(text, seconds = 8) {
      this.notice = { text, until: Date.now() + seconds * 1000 };
      this._notice();
    }

    healed(cutFor) {
      this.recovered = { at: Date.now(), cutFor };
    }

    _notice() {
      const node = this.byId("notice");
      if (this.notice && Date.now() > this.notice.until) this.notice = null;
      scope.put(node, this.notice ? this.notice.text : "");
      node.hidden = !this.notice;
    }

    _banner() {
      const { words: w } = scope;
      const status = this.page.status();
      const age = w.age((Date.now() - status.since) / 1000);
      if (this.page.session.signedOut) {
        const time = status.asOf && w.hms(status.asOf);
        const head = time ? w.say("live.signed_out", { time, age: w.age((this.page.now() - status.asOf) / 1000) }) : w.say("live.signed_out.never");
        this._say("lost", head, w.say("live.signed_out.help"), "");
      } else if (status.state === "cut") {
        this.recovered = null;
        const key = status.stalled ? "live.stalled" : status.silent ? "live.silent" : "live.cut";
        const frozen = status.asOf ? w.say("live.frozen", { time: w.hms(status.asOf) }) : w.say("live.never");
        this._say("stale", w.say(key, { age, n: status.attempt }), frozen, w.say(this.page.effect || "live.effect"));
      } else if (status.state === "late") this._say("late", w.say("live.late", { age }), "", "");
      else this._sayRecovered(status);
    }

    _sayRecovered(status) {
      const { words: w } = scope;
      const left = this.recovered ? Math.ceil((this.recovered.at + RECOVERED_MS - Date.now()) / 1000) : 0;
      if (left <= 0) {
        this.recovered = null;
        this._say(null);
        return;
      }
      this._say(
        "live",
        w.say("live.recovered", { age: w.age(this.recovered.cutFor / 1000) }),
        status.asOf ? w.say("live.caught_up", { time: w.hms(status.asOf) }) : "",
        w.say("live.closing", { n: left }),
      );
    }

    _say(fresh, head, body, right) {
      const node = this.byId("banner");
      if (!fresh) {
        if (node.dataset.fresh) {
          node.replaceChildren();
          delete node.dataset.fresh;
          node.className = "";
        }
        return;
      }
      const look = fresh + scope.words.language();
      if (node.dataset.fresh !== look) {
        node.dataset.fresh = look;
        node.className = `banner ${fresh}`;
        node.innerHTML = `${scope.glyphs.fresh(fresh, scope.words.say(`fresh.${fresh}`))}<b></b><span class="t2"></span><span class="right"></span>`;
      }
      [head, body, right].forEach((text, i) => scope.put(node.children[i + 1], text));
    }

    /** SIMULATED and RECORDED: what the screen holds besides the present. */
    badges(origins) {
      const { words: w } = scope;
      const key = JSON.stringify([w.language(), origins]);
      const node = this.byId("badge");
      if (node.dataset.key === key) return;
      node.dataset.key = key;
      node.replaceChildren();
      for (const { kind, label } of origins) {
        if (kind !== "simulated" && kind !== "recorded") continue;
        const badge = scope.element("span", "simbadge", node);
        badge.title = w.say(`badge.${kind}.title`);
        scope.put(badge, [w.say(`badge.${kind}`), label].filter(Boolean).join(" "));
      }
    }

    feedsArrived(picture) {
      this.picture = picture;
      this._feeds();
    }

    _feeds() {
      const { words: w, put } = scope;
      if (!this.picture) return;
      const list = this.byId("feeds");
      const cut = this.page.status().state === "cut";
      const dropped = this.picture.dropped_private_today; // null: not for this visitor to know
      this.byId("dropped").closest(".gauge").hidden = dropped === null;
      put(this.byId("dropped"), w.count(dropped ?? 0));
      scope.flag(this.byId("dropped"), "val-stale", cut);
      const all = [...(this.picture.feeds || [])].sort(worstLast);
      const feeds = all.slice(-FEEDS_SHOWN); // those that need an eye stay
      for (const [name, node] of this.feeds) {
        if (!feeds.some((feed) => feed.name === name)) {
          node.remove();
          this.feeds.delete(name);
        }
      }
      for (const feed of feeds) this._feed(feed, list, cut ? scope.picture.worse(feed.freshness, "stale") : feed.freshness);
      this._order(feeds, list);
      this._none(feeds, list);
      this._more(all.length - feeds.length, list);
    }

    _more(n, list) {
      let more = list.querySelector(".more");
      if (!n) {
        more?.remove();
        return;
      }
      more = more || scope.element("li", "more", null);
      scope.put(more, scope.words.say("feeds.more", { n }));
      if (list.firstChild !== more) list.prepend(more);
    }

    _feed(feed, list, fresh) {
      const { words: w, put } = scope;
      let node = this.feeds.get(feed.name);
      if (!node) {
        node = scope.element("li", "", list);
        node.innerHTML = "<i></i><span></span><b class=num></b>";
        this.feeds.set(feed.name, node);
      }
      if (node.dataset.fresh !== fresh + w.language()) {
        node.dataset.fresh = fresh + w.language();
        node.className = `feed fr-${fresh}`;
        node.children[0].innerHTML = scope.glyphs.fresh(fresh, w.say(`fresh.${fresh}`));
      }
      const title = (w.language() === "en" ? feed.title_en : feed.title) || feed.name;
      put(node.children[1], title);
      const last = feed.last_at ? Date.parse(feed.last_at) : null;
      put(node.children[2], last === null ? w.say("feed.never") : w.age((this.page.now() - last) / 1000));
    }

    _order(feeds, list) {
      feeds.forEach((feed, i) => {
        const node = this.feeds.get(feed.name);
        const at = i + (list.querySelector(".more") ? 1 : 0);
        if (list.children[at] !== node) list.insertBefore(node, list.children[at] || null);
      });
    }

    _none(feeds, list) {
      let none = list.querySelector(".none");
      if (feeds.length) {
        none?.remove();
        return;
      }
      none = none || scope.element("li", "none", list);
      scope.put(none, scope.words.say("feeds.none"));
    }
  }

  const RANK = { live: 0, late: 1, stale: 2, lost: 3 };
  const worstLast = (a, b) =>
    (RANK[a.freshness] ?? 3) - (RANK[b.freshness] ?? 3) || (a.name < b.name ? -1 : 1);

  scope.Shell = Shell;
})((window.one_map = window.one_map || {}));
