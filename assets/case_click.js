"use strict";
/* One click on a case: sent under one key until somebody says whether it was done. Touches no document and no global.

   A click is noted before it is sent and forgotten when it is answered, so that a page that was reloaded in between
   asks for it again: the same key is the same click, so asking does nothing twice. */
(function (scope) {
  const FIRST_PAUSE_MS = 500;
  const LONGEST_PAUSE_MS = 5000;
  const TIMEOUT_MS = 8000;
  const NOTED = "onemap.clicks";

  /** Pause after the nth attempt (from 1) that nobody answered. */
  const pauseMs = (n) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (n - 1));

  const ofCase = (click) => `/api/incidents/${encodeURIComponent(click.id)}/actions`;

  /** What an answer says of the click: "done", "refused", "signed out", or "unknown": ask again. */
  function verdict(status) {
    if (status === 200) return "done";
    if (status === 401) return "signed out";
    return status === 0 || status === 408 || status === 429 || status >= 500 ? "unknown" : "refused";
  }

  class Clicks {
    /** send(path, body, timeoutMs): [status, body]; store: a Storage; pause(ms): promise; who: the account's name;
        on: {unsure(click, n), settled(click, outcome)}; outcome: {verdict, status, body, n: attempts};
        path(click): where it goes; noted: under which name clicks are noted. */
    constructor({ send, store, pause, who, on, path = ofCase, noted = NOTED }) {
      Object.assign(this, { send, store, pause, who, on, path, noted });
      this.pending = new Map(); // id of the case -> click
    }

    /** Sends a click, unless another one on the same case is under way. wish: the body of the request, with its key.
        more: what the screen needs to say of it, as JSON. Answers whether it was taken. */
    do(id, wish, more = {}) {
      if (this.pending.has(id)) return false;
      this._begin({ id, wish, more, who: this.who, unsure: false });
      return true;
    }

    /** Clicks that a page before this one sent and heard no answer to. */
    resume() {
      for (const click of this._noted()) {
        if (click.who === this.who && !this.pending.has(click.id)) this._begin({ ...click, unsure: true });
      }
      this._note();
    }

    of(id) {
      return this.pending.get(id) || null;
    }

    _begin(click) {
      this.pending.set(click.id, click);
      this._note();
      this._ask(click);
    }

    async _ask(click) {
      const path = this.path(click);
      let doubted = false;
      for (let n = 1; ; n++) {
        if (click.unsure) this.on.unsure(click, n);
        const [status, body] = await this.send(path, click.wish, TIMEOUT_MS);
        const said = verdict(status);
        if (said === "signed out") return; // stays noted: asked for again after the sign-in
        if (said === "unknown" || (!doubted && this._isOwn(click, body))) {
          doubted = said !== "unknown";
          click.unsure = true;
          this.on.unsure(click, n);
          await this.pause(pauseMs(n));
          continue;
        }
        this.pending.delete(click.id);
        this._note();
        this.on.settled(click, { verdict: said, status, body, n });
        return;
      }
    }

    /** Outrun by a move that may be this very click, done by a request whose answer was lost: asked once more. */
    _isOwn(click, body) {
      const winner = body?.code === "outrun" ? body.winner : null;
      return click.unsure && winner?.by === this.who && (winner.step ?? winner.action) === (click.wish.step ?? click.wish.action);
    }

    _note() {
      try {
        this.store.setItem(this.noted, JSON.stringify([...this.pending.values()]));
      } catch {
        // a full or forbidden store: the click is sent all the same
      }
    }

    _noted() {
      try {
        const held = JSON.parse(this.store.getItem(this.noted) || "[]");
        return Array.isArray(held) ? held.filter((click) => click?.id && click.wish?.key) : [];
      } catch {
        return [];
      }
    }
  }

  /** POST of JSON: [status, body | null]; status 0 when nobody answered in time. */
  async function post(path, body, timeoutMs) {
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        cache: "no-store",
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const json = /json/.test(answer.headers.get("content-type") || "");
      return [answer.status, json ? await answer.json() : null];
    } catch {
      return [0, null];
    }
  }

  scope.clicks = { Clicks, post, pauseMs, verdict, NOTED };
  if (typeof module !== "undefined") module.exports = scope.clicks;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
