"use strict";
/* Which scene a wall shows when: rotation, a hand that pins or skips, orders from a desk, and the new
   priority 1 incident that takes the wall to its place. Pure: time is given, epoch milliseconds. */
(function (scope) {
  const LEAST_MS = 5000; // what is left of a scene that was interrupted
  const TOLD_MS = 60000; // a priority 1 incident is new for so long

  class Rota {
    /** scenes: [{id, dwell_s}], at least one; find(id): a scene that is not in the list, or null. */
    constructor({ scenes, find, hold_s }) {
      this.scenes = scenes;
      this.find = find;
      this.holdMs = hold_s * 1000;
      this.place = 0;
      this.began = null; // of the scene of the list that is shown, or would be
      this.pinned = null; // scene
      this.pinnedBy = ""; // whoever ordered it from a desk; empty: somebody at the wall
      this.taken = null; // {id, scene, until}: an incident that has the wall
      this.waiting = []; // further ones: {id, scene}
      this.known = null; // ids of incidents seen so far; null: the first ones are not new
      this.skips = null; // of the orders heard so far
    }

    /** The scene to be shown now, at every tick. */
    at(now) {
      if (this.began === null) this.began = now;
      if (this.taken && now >= this.taken.until) this._giveBack(now);
      if (!this.taken && !this.pinned) {
        const dwell = this.scenes[this.place].dwell_s * 1000;
        if (this.scenes.length > 1 && now - this.began >= dwell) this._next(now, 1);
      }
      return this.shown();
    }

    shown() {
      return this.taken?.scene || this.pinned || this.scenes[this.place];
    }

    /** The one after it, to be made ready; null when nothing follows. */
    next() {
      if (this.taken) return this.waiting[0]?.scene || this.pinned || this.scenes[this.place];
      if (this.pinned || this.scenes.length < 2) return null;
      return this.scenes[(this.place + 1) % this.scenes.length];
    }

    /** What the scene bar says: {place, total, mode: rotating|pinned|taken|alone, leftMs, share}. */
    status(now) {
      const total = this.scenes.length;
      const base = { place: this.place, total, by: this.pinnedBy };
      if (this.taken) return { ...base, mode: "taken", leftMs: Math.max(0, this.taken.until - now), share: 0 };
      if (this.pinned) return { ...base, mode: "pinned", leftMs: 0, share: 0 };
      if (total < 2) return { ...base, mode: "alone", leftMs: 0, share: 0 };
      const dwell = this.scenes[this.place].dwell_s * 1000;
      const gone = Math.min(dwell, Math.max(0, now - (this.began ?? now)));
      return { ...base, mode: "rotating", leftMs: dwell - gone, share: gone / dwell };
    }

    _next(now, step) {
      const total = this.scenes.length;
      this.place = (this.place + step + total) % total;
      this.began = now;
    }

    // ---- by hand -------------------------------------------------------------------------------

    /** To the next scene or the one before; lets go of a pin and of an incident. */
    skip(now, step = 1) {
      if (this.taken) {
        this.waiting.length = 0;
        this._giveBack(now);
        return;
      }
      this.pinned = null;
      this._next(now, step);
    }

    /** Stays with the scene that is shown, or goes on. */
    pin(now, id = this.shown().id, by = "") {
      const scene = this.scenes.find((one) => one.id === id) || this.find(id);
      if (!scene) return false;
      this.pinned = scene;
      this.pinnedBy = by;
      const place = this.scenes.findIndex((one) => one.id === id);
      if (place >= 0) this.place = place;
      this.began = now;
      return true;
    }

    release(now) {
      if (!this.pinned) return;
      this.pinned = null;
      this.pinnedBy = "";
      this.began = now;
    }

    /** What the server told: {scene: id | null, skips, by}. The same again changes nothing. */
    order(now, { scene, skips, by }) {
      const ordered = this.pinnedBy ? this.pinned?.id : null;
      if (scene && (scene !== ordered || by !== this.pinnedBy)) this.pin(now, scene, by || "-");
      if (!scene && this.pinnedBy) this.release(now);
      if (this.skips !== null && skips > this.skips) this.skip(now);
      this.skips = skips;
    }

    // ---- new incidents ---------------------------------------------------------------------------

    /** All priority 1 incidents that wait to be acknowledged: [{id, since, scene}], since in epoch ms.

        One that is new takes the wall; one that is acknowledged lets it go. What was there before the
        wall looked is not new, nor what is older than a minute. */
    urgent(now, incidents) {
      const ids = new Set(incidents.map((one) => one.id));
      const first = this.known === null;
      const fresh = incidents.filter((one) => !first && !this.known.has(one.id) && now - one.since < TOLD_MS && one.scene);
      this.known = ids;
      this.waiting = this.waiting.filter((one) => ids.has(one.id));
      for (const one of fresh) this.waiting.push({ id: one.id, scene: one.scene });
      if (this.taken && !ids.has(this.taken.id)) this.taken.until = Math.min(this.taken.until, now + LEAST_MS);
      if (!this.taken && this.waiting.length) this._take(now);
    }

    _take(now) {
      const dwell = this.scenes[this.place].dwell_s * 1000;
      this.left = this.began === null ? dwell : Math.max(LEAST_MS, dwell - (now - this.began));
      this._show(now);
    }

    _show(now) {
      const { id, scene } = this.waiting.shift();
      const found = this.scenes.find((one) => one.id === scene) || this.find(scene);
      if (found) this.taken = { id, scene: found, until: now + this.holdMs };
    }

    _giveBack(now) {
      this.taken = null;
      while (this.waiting.length && !this.taken) this._show(now);
      if (this.taken) return;
      this.began = now - (this.scenes[this.place].dwell_s * 1000 - (this.left ?? 0));
    }

    // ---- over a reload -----------------------------------------------------------------------------

    /** What a page that is loaded anew goes on with. */
    kept() {
      const { place, began, pinnedBy, skips } = this;
      return { scene: this.scenes[place].id, began, pinned: this.pinned?.id || null, pinnedBy, skips };
    }

    /** Goes on where another page was; a scene that is gone leaves the wall at its first. */
    resume(now, kept) {
      const place = this.scenes.findIndex((one) => one.id === kept.scene);
      if (place < 0) return;
      this.place = place;
      this.began = kept.began === null || kept.began > now ? now : kept.began;
      this.skips = kept.skips;
      if (kept.pinned && this.pin(now, kept.pinned, kept.pinnedBy)) this.began = now;
    }
  }

  scope.wallRota = { Rota, LEAST_MS };
  if (typeof module !== "undefined") module.exports = scope.wallRota;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
