"use strict";
/* Is the visitor still signed in? Asked when the live socket was refused or closed. Touches no document and no global. */
(function (scope) {
  class Session {
    /** me: {area, role, kind} or null; ask(): a fetch answer of /api/me; on: {leave(), changed(), cutOff()}. */
    constructor({ me, ask, on }) {
      this.me = me;
      this.ask = ask;
      this.on = on;
      this.asking = false;
      this.signedOut = false; // a wall that was cut off; others have left the page
    }

    /** Asks once; a second call while the answer is under way asks nothing. */
    async check() {
      if (this.asking || !this.me) return;
      this.asking = true;
      try {
        const answer = await this.ask();
        if (answer.status === 401) this._ended();
        else if (answer.ok) this._still(await answer.json());
      } catch {
        // the server is away, not the session
      } finally {
        this.asking = false;
      }
    }

    /** Numbers came: whoever gets them is signed in. */
    heard() {
      this.signedOut = false;
    }

    _ended() {
      if (this.me.kind !== "display") this.on.leave();
      else if (!this.signedOut) {
        this.signedOut = true;
        this.on.cutOff();
      }
    }

    _still(me) {
      this.signedOut = false;
      if (me.area !== this.me.area || me.role !== this.me.role || me.name !== this.me.name) this.on.changed();
    }
  }

  /** Where to sign in again, and come back from. */
  const signInAddress = (here, problem = "expired") =>
    `/login?${new URLSearchParams({ problem, next: here })}`;

  scope.session = { Session, signInAddress };
  if (typeof module !== "undefined") module.exports = scope.session;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
