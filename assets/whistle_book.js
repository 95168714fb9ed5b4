"use strict";
/* The whistles of an area as a page knows them: asked for anew now and then, and soon after a case moved. */
(function (scope) {
  const LIMIT = 200; // of one answer
  const STATES = ["drafted", "approved", "blown", "withdrawn"]; // in these somebody has something to do
  const KNOWN_MS = 600; // a case with a whistle moved
  const OTHER_MS = 5000; // any other moved: it may have got one
  const LONGEST_MS = 60000; // clocks that ran out are found by then
  const AGAIN_MS = 4000;

  class Book {
    /** send(path): promise of [status, body]; area(): its code; changed(): something is new; now(): ms. */
    constructor({ send, area, changed, now = Date.now }) {
      Object.assign(this, { send, area, changed, now });
      this.byCase = new Map(); // id of a case -> its whistles, the oldest first
      this.of = null; // the area that they are of
      this.failed = false;
      this.isCut = false; // there are more than are held
      this.dueAt = 0;
      this.asking = 0;
    }

    /** Whistles of a case that somebody has something to do with. */
    whistles(id) {
      return this.byCase.get(id) || [];
    }

    all() {
      return [...this.byCase.values()].flat();
    }

    /** Cases moved: ids. */
    moved(ids) {
      if (!ids.length) return;
      this._within(ids.some((id) => this.byCase.has(id)) ? KNOWN_MS : OTHER_MS);
    }

    _within(lengthMs) {
      this.dueAt = Math.min(this.dueAt, this.now() + lengthMs);
    }

    /** A whistle as somebody here was just told it is. */
    took(row) {
      const others = this.whistles(row.incident).filter((one) => one.id !== row.id);
      const rows = STATES.includes(row.state) ? [...others, row] : others;
      if (rows.length) this.byCase.set(row.incident, rows);
      else this.byCase.delete(row.incident);
      this._within(KNOWN_MS);
      this.changed();
    }

    /** Now and then; asks when it is time. */
    async tick() {
      if (this.of !== this.area()) this.dueAt = 0;
      if (this.now() < this.dueAt) return;
      this.dueAt = this.now() + LONGEST_MS;
      await this._ask();
    }

    async _ask() {
      const [area, number] = [this.area(), (this.asking += 1)];
      const found = await this._rows(area);
      if (number !== this.asking) return;
      this.failed = found === null;
      if (found) this._hold(found, area);
      else this._within(AGAIN_MS);
      this.changed();
    }

    /** All rows of the states that matter; null when they could not be had. */
    async _rows(area) {
      const answers = await Promise.all(STATES.map((state) => this.send(`/api/whistles?${new URLSearchParams({ area, state, limit: LIMIT })}`)));
      if (answers.some(([status]) => status !== 200)) return null;
      this.isCut = answers.some(([, body]) => body.total > body.items.length);
      return answers.flatMap(([, body]) => body.items);
    }

    _hold(rows, area) {
      this.of = area;
      this.byCase = new Map();
      const began = (row) => Date.parse(row.drafted_at ?? row.blown_at ?? 0);
      for (const row of [...rows].sort((a, b) => began(a) - began(b))) this.byCase.set(row.incident, [...this.whistles(row.incident), row]);
    }
  }

  scope.WhistleBook = Book;
  if (typeof module !== "undefined") module.exports = { Book, KNOWN_MS, OTHER_MS, LONGEST_MS };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
