"use strict";
/* Tells of new alerts outside the page: to a screen reader, and by the browser's notifications while the page is hidden. */
(function (scope) {
  const KNOWN_MAX = 1000;

  /** P1 and P2 that were not ringing before: what rang again counts as well. known: Set of "id since", changed in place. */
  function fresh(known, ringing) {
    const came = ringing.filter((one) => one.priority <= 2 && !known.has(`${one.id} ${one.since}`));
    for (const one of ringing) known.add(`${one.id} ${one.since}`);
    for (const key of known) {
      if (known.size <= KNOWN_MAX) break;
      known.delete(key);
    }
    return came;
  }

  class Notices {
    constructor(alerts) {
      this.alerts = alerts;
      this.known = new Set();
      this._look();
      document.addEventListener("visibilitychange", () => this._look());
      this.live = {};
      for (const [priority, how] of [[1, "assertive"], [2, "polite"]]) {
        const node = scope.element("div", "sr", document.getElementById("one-map"));
        node.setAttribute("aria-live", how);
        this.live[priority] = node;
      }
    }

    /** ringing: of the topic; isFirst: what rang before this page was there is no news. */
    heard(ringing, isFirst) {
      const came = fresh(this.known, ringing);
      if (isFirst || !came.length) return;
      for (const priority of [1, 2]) {
        const found = came.filter((one) => one.priority === priority);
        if (!found.length || (priority === 2 && this.alerts.isFlood)) continue;
        scope.put(this.live[priority], this._text(found));
        if (document.hidden) this._notify(found[0], this._text(found));
      }
    }

    _text(found) {
      const [one] = found;
      const values = { p: one.priority, title: scope.alertSaid.named(one, "title"), place: this.alerts.areaName(one.area), n: found.length - 1 };
      return scope.words.say(found.length > 1 ? "alert.news.more" : "alert.news", values);
    }

    _notify(one, text) {
      if (this.permission !== "granted") return;
      try {
        const shown = new Notification(scope.words.say("alert.news.title", { p: one.priority }), { body: text, tag: one.id });
        shown.onclick = () => {
          window.focus();
          this.alerts.page.selectAlert(one.id);
          shown.close();
        };
      } catch {
        // this browser wants a service worker for it: the sound and the page say it
      }
    }

    /** "granted", "denied", "default", or null where there are none. */
    get permission() {
      return this.allowed;
    }

    /** The browser's word is asked for seldom: it is not at hand, and each question waits for it. */
    _look() {
      this.allowed = typeof Notification === "undefined" ? null : Notification.permission;
    }

    /** Only ever by a click. */
    async ask() {
      await Notification.requestPermission();
      this._look();
      this.alerts.bar.draw();
    }
  }

  scope.alertNotices = { Notices, fresh };
  if (typeof module !== "undefined") module.exports = scope.alertNotices;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
