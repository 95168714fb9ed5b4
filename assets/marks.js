"use strict";
/* Many points on one canvas: typed arrays, a grid of cells, and only what changed is drawn again.

   48,000 points: a change costs the few points round it; a whole redraw is cut into slices of SLICE_MS. */
(function (scope) {
  const CELL = 32; // CSS px
  const SLICE_MS = 8;
  const OWNERS = { public: 0, social: 1 };
  const STATES = { online: 0, offline: 1, fault: 2, maintenance: 3, unknown: 4 };

  /** Longitude and latitude in degrees to the unit square of Web Mercator. */
  function mercator(lon, lat) {
    const s = Math.sin((lat * Math.PI) / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)];
  }

  class Marks {
    constructor(canvas, ink) {
      this.canvas = canvas;
      this.context = canvas.getContext("2d");
      this.ink = ink;
      this.index = new Map(); // id -> position in the arrays
      this.items = []; // the items themselves, for the tooltip
      this._room(256);
      this.n = 0;
      this.shown = 0;
      this.mask = { owners: [true, true], states: [true, true, true, true, true] };
      this.dirty = new Set();
      this.radius = 3;
      this.pass = null; // the whole redraw under way
      this.work = null; // handle of the next animation frame
    }

    _room(size) {
      const grow = (type, old) => {
        const next = new type(size);
        if (old) next.set(old);
        return next;
      };
      this.mx = grow(Float64Array, this.mx);
      this.my = grow(Float64Array, this.my);
      this.x = grow(Float32Array, this.x);
      this.y = grow(Float32Array, this.y);
      this.owner = grow(Uint8Array, this.owner);
      this.state = grow(Uint8Array, this.state);
      this.next = grow(Int32Array, this.next);
    }

    /** Replaces all points. items: iterable of [id, name, lon, lat, owner, state, seen_at_ms]. */
    set(items) {
      this.index.clear();
      this.items.length = 0;
      this.n = 0;
      for (const item of items) this._add(item);
      this.redraw();
    }

    /** One point is new, changed (item) or gone (null). */
    change(id, item) {
      const i = this.index.get(id);
      if (item === null) {
        if (i !== undefined) this._remove(i);
      } else if (i === undefined) {
        this._add(item);
        this._place(this.n - 1);
        this._link(this.n - 1);
        this._touch(this.n - 1);
      } else {
        const state = STATES[item[5]] ?? 4;
        this.items[i] = item;
        if (state === this.state[i]) return;
        this.shown += this._visible(i) ? -1 : 0;
        this.state[i] = state;
        this.shown += this._visible(i) ? 1 : 0;
        this._touch(i);
      }
    }

    _add(item) {
      const i = this.n++;
      if (i >= this.mx.length) this._room(Math.ceil(this.mx.length * 1.6));
      [this.mx[i], this.my[i]] = mercator(item[2], item[3]);
      this.owner[i] = OWNERS[item[4]] ?? 1;
      this.state[i] = STATES[item[5]] ?? 4;
      this.items[i] = item;
      this.index.set(item[0], i);
      if (this._visible(i)) this.shown += 1;
    }

    _remove(i) {
      const last = --this.n;
      this.index.delete(this.items[i][0]);
      if (i !== last) {
        for (const row of [this.mx, this.my, this.owner, this.state]) row[i] = row[last];
        this.items[i] = this.items[last];
        this.index.set(this.items[i][0], i);
      }
      this.items.length = last;
      this.redraw();
    }

    /** Which owners and states are drawn. */
    filter(owners, states) {
      this.mask = { owners, states };
      this.redraw();
    }

    /** Canvas of width x height CSS px; scale = world size in px, left/top = world px at its corner. */
    frame({ width, height, scale, left, top, ratio, radius }) {
      Object.assign(this, { width, height, scale, left, top, ratio, radius });
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.columns = Math.ceil(width / CELL) + 2;
      this.rows = Math.ceil(height / CELL) + 2;
      this._sprites();
      this.redraw();
    }

    _sprites() {
      const half = Math.ceil(this.radius * 1.8) + 1;
      this.half = half;
      this.sprites = [];
      for (const owner of [0, 1]) {
        for (const state of [0, 1, 2, 3, 4]) {
          const sprite = document.createElement("canvas");
          sprite.width = sprite.height = Math.ceil(2 * half * this.ratio);
          const c = sprite.getContext("2d");
          c.scale(this.ratio, this.ratio);
          scope.glyphs.drawMark(c, half, half, this.radius, owner, state, this.ink);
          this.sprites.push(sprite);
        }
      }
    }

    _visible(i) {
      return this.mask.owners[this.owner[i]] && this.mask.states[this.state[i]];
    }

    _place(i) {
      this.x[i] = this.mx[i] * this.scale - this.left;
      this.y[i] = this.my[i] * this.scale - this.top;
    }

    _cell(i) {
      const column = Math.floor(this.x[i] / CELL) + 1;
      const row = Math.floor(this.y[i] / CELL) + 1;
      if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return -1;
      return row * this.columns + column;
    }

    _link(i) {
      const cell = this.head ? this._cell(i) : -1;
      if (cell < 0) return;
      this.next[i] = this.head[cell];
      this.head[cell] = i;
    }

    _touch(i) {
      if (!this.scale || this.pass) return; // a whole redraw is coming or under way and will show it
      this.dirty.add(i);
      this._schedule();
    }

    /** Draw everything again, in slices. */
    redraw() {
      this.shown = 0;
      for (let i = 0; i < this.n; i++) this.shown += this._visible(i) ? 1 : 0;
      if (!this.scale) return;
      this.dirty.clear();
      this.pass = { step: 0, i: 0 };
      this._schedule();
    }

    _schedule() {
      if (this.work === null) this.work = requestAnimationFrame(() => this._run());
    }

    _run() {
      this.work = null;
      if (this.pass) this._slice(performance.now() + SLICE_MS);
      else this._mend();
      if (this.pass) this._schedule();
    }

    /** Step 0 places and links all points, step 1 draws those online, step 2 the others on top. */
    _slice(until) {
      const pass = this.pass;
      const c = this.context;
      if (pass.step === 0 && pass.i === 0) {
        this.head = new Int32Array(this.columns * this.rows).fill(-1);
        c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        c.clearRect(0, 0, this.width, this.height);
      }
      while (pass.step < 3) {
        for (; pass.i < this.n; pass.i++) {
          if ((pass.i & 255) === 255 && performance.now() > until) return;
          if (pass.step === 0) {
            this._place(pass.i);
            this._link(pass.i);
          } else if ((this.state[pass.i] === 0) === (pass.step === 1)) this._draw(pass.i);
        }
        pass.i = 0;
        pass.step += 1;
        if (performance.now() > until) return;
      }
      this.pass = null;
    }

    _draw(i) {
      if (!this._visible(i)) return;
      const [x, y, half] = [this.x[i], this.y[i], this.half];
      if (x < -half || y < -half || x > this.width + half || y > this.height + half) return;
      const sprite = this.sprites[this.owner[i] * 5 + this.state[i]];
      this.context.drawImage(sprite, x - half, y - half, 2 * half, 2 * half);
    }

    /** Draws again only the boxes of the points that changed. */
    _mend() {
      const c = this.context;
      for (const i of this.dirty) {
        if (i >= this.n) continue;
        const [x, y, half] = [this.x[i], this.y[i], this.half];
        c.save();
        c.beginPath();
        c.rect(x - half, y - half, 2 * half, 2 * half);
        c.clip();
        c.clearRect(x - half, y - half, 2 * half, 2 * half);
        const near = this._near(x, y, 2 * half);
        for (const j of near) if (this.state[j] === 0) this._draw(j);
        for (const j of near) if (this.state[j] !== 0) this._draw(j);
        c.restore();
      }
      this.dirty.clear();
    }

    _near(x, y, reach) {
      const found = [];
      const clamp = (v, top) => Math.min(Math.max(v, 0), top);
      const c0 = clamp(Math.floor((x - reach) / CELL) + 1, this.columns - 1);
      const c1 = clamp(Math.floor((x + reach) / CELL) + 1, this.columns - 1);
      const r0 = clamp(Math.floor((y - reach) / CELL) + 1, this.rows - 1);
      const r1 = clamp(Math.floor((y + reach) / CELL) + 1, this.rows - 1);
      for (let row = r0; row <= r1; row++) {
        for (let column = c0; column <= c1; column++) {
          for (let i = this.head[row * this.columns + column]; i >= 0; i = this.next[i]) {
            if (Math.abs(this.x[i] - x) <= reach && Math.abs(this.y[i] - y) <= reach) found.push(i);
          }
        }
      }
      return found.sort((a, b) => a - b);
    }

    /** The drawn item nearest to a canvas point, within `reach` px, or null. */
    at(x, y, reach) {
      if (!this.head || this.pass) return null;
      let best = null;
      for (const i of this._near(x, y, reach)) {
        if (!this._visible(i)) continue;
        const d = Math.hypot(this.x[i] - x, this.y[i] - y);
        if (d <= reach && (!best || d < best.d)) best = { d, i };
      }
      return best && { item: this.items[best.i], x: this.x[best.i], y: this.y[best.i] };
    }
  }

  scope.marks = { Marks, mercator };
  if (typeof module !== "undefined") module.exports = scope.marks;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
