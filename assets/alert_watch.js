"use strict";
/* The dead man's switch: says on every page when the alerts stand still. No new alert is no news that all is well. */
(function (scope) {
  const LIMIT_MS = 15000;

  /** What must be said: null while the alerts are judged, else {never, forMs}. judgedMs: the last whole judgement by server
      time, or null; sinceMs: since when this page waits for one. All epoch ms of one clock. */
  function verdict(judgedMs, sinceMs, nowMs) {
    const forMs = nowMs - (judgedMs ?? sinceMs);
    return forMs > LIMIT_MS ? { never: judgedMs === null, forMs } : null;
  }

  class AlertWatch {
    /** page: {now()} by server time. area: whose topic the watch asks for itself; null: none, as where the page hands it frames. */
    constructor(page, area = null) {
      Object.assign(this, { page, area, judgedMs: null, startedAt: Date.now() });
    }

    topics() {
      return this.area ? [`bells/${this.area}`] : [];
    }

    takes(topic) {
      return topic === `bells/${this.area}`;
    }

    /** The rows, once there is a page to put them on. */
    _frame() {
      this.node = scope.element("div", "alert-stands", document.querySelector(".banners"));
      this.node.setAttribute("aria-live", "off"); // its seconds are no news; that it stands is told below
      this.node.hidden = true;
      this.told = scope.element("div", "sr", document.querySelector(".banners"));
      this.told.setAttribute("role", "alert");
    }

    /** A snapshot or a delta of a topic bells/CODE or alerts/CODE. */
    heard(told) {
      if (told.judged_at) this.judgedMs = Date.parse(told.judged_at);
      if ("origins" in told) this.last = told; // a snapshot: for who comes to listen later
      this.listener?.(told);
    }

    /** Another area is looked at: its frame is still to come. */
    again() {
      this.judgedMs = null;
      this.startedAt = Date.now();
    }

    /** Once a second. */
    tick() {
      if (!document.querySelector(".banners")) return;
      if (!this.node) this._frame();
      const nowMs = this.page.now();
      const found = verdict(this.judgedMs, this.startedAt + nowMs - Date.now(), nowMs);
      this.node.hidden = !found;
      scope.put(this.told, found ? scope.words.say("watch.stopped") : "");
      if (!found) return;
      const look = scope.words.language();
      if (this.node.dataset.look !== look) {
        this.node.dataset.look = look;
        this.node.className = "banner alert-stands";
        this.node.innerHTML = `${scope.glyphs.fresh("lost", scope.words.say("fresh.lost"))}<b></b><span class="t2"></span>`; // a sign of ours
      }
      const age = scope.words.age(found.forMs / 1000);
      scope.put(this.node.children[1], scope.words.say(found.never ? "watch.never.for" : "watch.stopped.for", { age }));
      scope.put(this.node.children[2], scope.words.say("watch.means"));
    }
  }

  /** The area that a page without alerts of its own watches: the visitor's, walls included; null for nobody. */
  const areaFor = (boot) => (boot.me?.rights.includes("see") ? boot.me.area : null);

  scope.alertWatch = { AlertWatch, verdict, areaFor, LIMIT_MS };
  if (typeof module !== "undefined") module.exports = scope.alertWatch;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
