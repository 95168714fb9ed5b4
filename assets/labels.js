"use strict";
/* Where labels go: inside their polygon where they fit, else outside with a leader. Pure; all in screen pixels. */
(function (scope) {
  const GAP = 3; // px kept free round every label
  const CELLS = 240; // across the frame, when room for a name is looked for

  /** Is the point inside the rings (even-odd)? rings: [[[x, y], ...], ...] */
  function inside(rings, x, y) {
    let odd = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [xi, yi] = ring[i];
        const [xj, yj] = ring[j];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
      }
    }
    return odd;
  }

  const box = (x, y, w, h) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
  const overlap = (a, b, gap = GAP) =>
    a[0] < b[2] + gap && a[2] > b[0] - gap && a[1] < b[3] + gap && a[3] > b[1] - gap;
  const within = (a, b) => a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];

  /** Does the segment p-q cross the box? */
  function crosses(p, q, b) {
    let [t0, t1] = [0, 1];
    const d = [q[0] - p[0], q[1] - p[1]];
    for (const axis of [0, 1]) {
      if (d[axis] === 0) {
        if (p[axis] < b[axis] || p[axis] > b[axis + 2]) return false;
        continue;
      }
      const near = (b[axis] - p[axis]) / d[axis];
      const far = (b[axis + 2] - p[axis]) / d[axis];
      t0 = Math.max(t0, Math.min(near, far));
      t1 = Math.min(t1, Math.max(near, far));
    }
    return t0 <= t1;
  }

  const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  const cut = (a, b, c, d) => side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);

  /** How much of the box, shrunk by a tenth, lies inside the rings: all nine probes or not. */
  function holds(rings, b) {
    const [dx, dy] = [(b[2] - b[0]) * 0.06, (b[3] - b[1]) * 0.06];
    for (const fx of [0, 0.5, 1]) {
      for (const fy of [0, 0.5, 1]) {
        const x = b[0] + dx + fx * (b[2] - b[0] - 2 * dx);
        const y = b[1] + dy + fy * (b[3] - b[1] - 2 * dy);
        if (!inside(rings, x, y)) return false;
      }
    }
    return true;
  }

  const STEPS = [[0, 0]];
  for (const r of [0.35, 0.7, 1.05, 1.4]) {
    for (let k = 0; k < 12; k++) STEPS.push([r * Math.cos((k * Math.PI) / 6), r * Math.sin((k * Math.PI) / 6)]);
  }

  function placeInside(item, taken, frame) {
    for (let f = 0; f < item.forms.length; f++) {
      const { w, h } = item.forms[f];
      for (const [ox, oy] of STEPS) {
        const b = box(item.x + ox * Math.max(w, 60) * 0.6, item.y + oy * h * 0.8, w, h);
        if (!within(b, frame) || taken.some((other) => overlap(b, other))) continue;
        if (holds(item.rings, b)) return { ...item, form: f, box: b, leader: null };
      }
    }
    return null;
  }

  /** The nearest free place outside, away from `hull` where there is one. */
  function placeOutside(item, taken, leaders, room) {
    for (let form = 0; form < item.forms.length; form++) {
      const spot = search(item, form, taken, leaders, room);
      if (spot) return spot;
    }
    return null;
  }

  function search(item, form, taken, leaders, room) {
    const { w, h } = item.forms[form];
    let best = null;
    for (let ring = 1; ring <= 22; ring++) {
      for (let k = 0; k < 24; k++) {
        const angle = (k * Math.PI) / 12;
        const reach = ring * room.step;
        const b = box(item.x + Math.cos(angle) * (reach + w / 2), item.y + Math.sin(angle) * (reach + h / 2), w, h);
        const cost = reach + (Math.abs(Math.sin(angle)) > 0.9 ? 4 : 0) + intrusion(room.hull, b) * room.step * (room.dear || 5);
        if (best && cost >= best.cost) continue;
        if (!free(item, b, taken, leaders, room)) continue;
        best = { cost, b };
      }
    }
    if (!best) return null;
    return { ...item, form, box: best.b, leader: leader(item, best.b) };
  }

  /** How many of the box's corners lie on the drawn areas. */
  const intrusion = (hull, b) =>
    [[b[0], b[1]], [b[2], b[1]], [b[0], b[3]], [b[2], b[3]]].filter(([x, y]) => inside(hull, x, y)).length;

  function free(item, b, taken, leaders, room) {
    if (!within(b, room.frame) || taken.some((other) => overlap(b, other))) return false;
    const line = leader(item, b);
    return (
      !taken.some((other) => crosses(line[0], line[1], other)) &&
      !leaders.some((other) => cut(line[0], line[1], other[0], other[1]) || crosses(other[0], other[1], b))
    );
  }

  /** From the area to the nearest point of the label's box. */
  function leader(item, b) {
    const x = Math.min(Math.max(item.x, b[0]), b[2]);
    const y = Math.min(Math.max(item.y, b[1]), b[3]);
    return [[item.x, item.y], [x, y]];
  }

  /** items: [{key, x, y, rings, forms: [{w, h}], optional?: never put outside}];
      room: {frame, obstacles, hull, step, dear?: steps that a corner on the areas is worth}. Returns the placed ones with {form, box, leader}. */
  function place(items, room) {
    const taken = [...room.obstacles];
    const leaders = [];
    const placed = [];
    const left = [];
    for (const item of items) {
      const spot = placeInside(item, taken, room.frame);
      if (spot) {
        taken.push(spot.box);
        placed.push(spot);
      } else if (!item.optional && within([item.x, item.y, item.x, item.y], room.frame)) left.push(item);
    }
    for (const item of left) {
      const spot = placeOutside(item, taken, leaders, room);
      if (!spot) continue;
      taken.push(spot.box);
      if (spot.leader) leaders.push(spot.leader);
      placed.push(spot);
    }
    return placed;
  }

  /** A place for one more sign of `size` px: x, y itself or beside it where other signs stand already. */
  function apart(signs, x, y, size) {
    for (let k = 0; k < 7; k++) {
      const angle = ((k - 1) * Math.PI) / 3;
      const px = k ? x + size * 1.1 * Math.cos(angle) : x;
      const py = k ? y + size * 1.1 * Math.sin(angle) : y;
      if (!signs.some((other) => Math.hypot(other.x - px, other.y - py) < size)) return [px, py];
    }
    return [x, y];
  }

  /** The frame in cells: how many lie inside `rings` and outside `hull`, summed from the top left corner. */
  class Room {
    constructor(rings, hull, [x0, y0, x1, y1]) {
      this.size = Math.max(4, (x1 - x0) / CELLS);
      this.x0 = x0;
      this.y0 = y0;
      this.columns = Math.floor((x1 - x0) / this.size);
      this.rows = Math.floor((y1 - y0) / this.size);
      this.sums = new Int32Array((this.columns + 1) * (this.rows + 1));
      const [inner, outer] = [this._crossings(rings), this._crossings(hull)];
      const row = new Uint8Array(this.columns);
      for (let r = 0; r < this.rows; r++) {
        row.fill(0);
        this._between(row, inner[r], 1);
        this._between(row, outer[r], 0);
        this._sum(r, row);
      }
    }

    /** Where rings cross the middle of each row, from left to right. */
    _crossings(rings) {
      const rows = Array.from({ length: this.rows }, () => []);
      const row = (y) => Math.ceil((y - this.y0) / this.size - 0.5); // the first whose middle is at y or below
      for (const ring of rings) {
        for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
          const [p, q] = ring[i][1] < ring[j][1] ? [ring[i], ring[j]] : [ring[j], ring[i]];
          const end = Math.min(this.rows, row(q[1]));
          for (let r = Math.max(0, row(p[1])); r < end; r++) {
            const y = this.y0 + (r + 0.5) * this.size;
            rows[r].push(((q[0] - p[0]) * (y - p[1])) / (q[1] - p[1]) + p[0]);
          }
        }
      }
      for (const xs of rows) xs.sort((p, q) => p - q);
      return rows;
    }

    _between(row, xs, value) {
      const column = (x) => Math.min(this.columns, Math.max(0, Math.ceil((x - this.x0) / this.size - 0.5)));
      for (let k = 0; k + 1 < xs.length; k += 2) row.fill(value, column(xs[k]), column(xs[k + 1]));
    }

    _sum(r, row) {
      const width = this.columns + 1;
      let here = 0;
      for (let c = 0; c < this.columns; c++) {
        here += row[c];
        this.sums[(r + 1) * width + c + 1] = this.sums[r * width + c + 1] + here;
      }
    }

    /** Is every cell that the box, shrunk by a tenth, reaches into one of them? */
    holds([x0, y0, x1, y1]) {
      const [dx, dy] = [(x1 - x0) * 0.06, (y1 - y0) * 0.06];
      const c0 = Math.floor((x0 + dx - this.x0) / this.size);
      const c1 = Math.ceil((x1 - dx - this.x0) / this.size);
      const r0 = Math.floor((y0 + dy - this.y0) / this.size);
      const r1 = Math.ceil((y1 - dy - this.y0) / this.size);
      if (c0 < 0 || r0 < 0 || c1 > this.columns || r1 > this.rows) return false;
      const at = (r, c) => this.sums[r * (this.columns + 1) + c];
      return at(r1, c1) - at(r0, c1) - at(r1, c0) + at(r0, c0) === (c1 - c0) * (r1 - r0);
    }
  }

  /** The middle of the roomiest visible spot of a polygon for a w x h text, or null. */
  function roomiest(rings, w, h, room) {
    let best = null;
    const free = new Room(rings, room.hull, room.frame);
    const [x0, y0, x1, y1] = room.frame;
    for (let i = 0; i < 26; i++) {
      for (let j = 0; j < 18; j++) {
        const x = x0 + ((x1 - x0) * (i + 0.5)) / 26;
        const y = y0 + ((y1 - y0) * (j + 0.5)) / 18;
        const b = box(x, y, w, h);
        if (!free.holds(b) || room.obstacles.some((o) => overlap(b, o, 8))) continue;
        let grow = 1;
        while (grow < 8 && free.holds(box(x, y, w * (1 + grow * 0.5), h * (1 + grow * 1.5)))) grow += 1;
        if (!best || grow > best.grow) best = { grow, x, y };
      }
    }
    return best;
  }

  scope.labels = { place, inside, overlap, crosses, roomiest, apart, box };
  if (typeof module !== "undefined") module.exports = scope.labels;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
