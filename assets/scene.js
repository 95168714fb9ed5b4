"use strict";
/* What stands on the top canvas: labels with values, plates, incident signs, names of what lies around. */
(function (scope) {

  const count = (n) => scope.words.count(n);

  class Scene {
    /** ink: colours and font; unit: px per 1/16 rem. */
    constructor(canvas, ink) {
      this.canvas = canvas;
      this.c = canvas.getContext("2d");
      this.ink = ink;
      this.hits = []; // {x, y, r, incident}: what can be clicked
      this.widths = new Map();
    }

    frame({ width, height, ratio }) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      Object.assign(this, { width, height, ratio });
    }

    font(weight, px) {
      return `${weight} ${px}px ${this.ink.font}`;
    }

    measure(text, font) {
      const key = `${font}|${text}`;
      let width = this.widths.get(key);
      if (width === undefined) {
        if (this.widths.size > 4000) this.widths.clear();
        this.c.font = font;
        width = this.c.measureText(text).width;
        this.widths.set(key, width);
      }
      return width;
    }

    text(text, x, y, { font, fill, halo = true, align = "center", spacing = "0px" }) {
      const c = this.c;
      c.font = font;
      c.textAlign = align;
      c.letterSpacing = spacing;
      if (halo) {
        c.lineWidth = 2.5 * this.u;
        c.strokeStyle = this.ink["map-halo"];
        c.lineJoin = "round";
        c.strokeText(text, x, y);
      }
      c.fillStyle = fill;
      c.fillText(text, x, y);
      c.letterSpacing = "0px";
    }

    plate(x, y, w, h, fill = this.ink.plate) {
      this.c.fillStyle = fill;
      this.c.beginPath();
      this.c.roundRect(x, y, w, h, 3 * this.u);
      this.c.fill();
    }

    /** The lines of one label: [{text, weight, size, fill, plate?}], sizes in px at 16 px/rem. */
    lines(label) {
      const big = label.tier === "street";
      const rows = [{ text: label.name, weight: 700, size: big ? 17 : 14, fill: this.ink.t1 }];
      if (label.value !== null)
        rows.push({
          text: label.value, weight: 600, size: big ? 27 : 20, fill: label.dim ? this.ink.t3 : this.ink.t1, dashed: label.stale,
        });
      if (label.note) {
        rows.push({
          text: label.note, weight: label.flag ? 700 : 400, size: big ? 13 : 12, plate: label.flag,
          fill: label.flag ? this.ink.p2 : label.stale ? this.ink.dq : this.ink.t1,
        });
      }
      if (label.extra)
        rows.push({ text: label.extra, weight: 400, size: 12, fill: label.extraStale ? this.ink.t3 : this.ink.t2 });
      return rows;
    }

    /** Full form, without its notes, and number alone: what a label may shrink to. */
    forms(label) {
      const rows = this.lines(label);
      const all = [rows];
      if (rows.length > 3 && label.stale) all.push(rows.slice(0, 3));
      if (rows.length > 2 && !label.flag) all.push(rows.slice(0, 2));
      return all.map((form) => {
        const widths = form.map((row) => this.measure(row.text, this.font(row.weight, row.size * this.u)));
        const signs = label.signs.length ? 30 * this.u : 0;
        const h = Math.max(form.reduce((sum, row) => sum + row.size * 1.16 + (row.plate ? 7 : 0), 0) * this.u, label.signs.length * 30 * this.u);
        return { rows: form, w: Math.max(...widths) + 6 * this.u + 2 * signs, h: h + 4 * this.u, text: Math.max(...widths) };
      });
    }

    drawLabel(placed) {
      const { c, u } = this;
      const form = placed.forms[placed.form];
      const [x0, y0, x1, y1] = placed.box;
      const x = (x0 + x1) / 2;
      if (placed.leader) this.drawLeader(placed.leader);
      // marks may lie under the label of a grid
      if (placed.label.tier === "grid") this.plate(x0, y0, x1 - x0, y1 - y0, this.ink["map-plate"]);
      const height = form.rows.reduce((sum, row) => sum + row.size * 1.16 + (row.plate ? 7 : 0), 0) * u;
      let y = (y0 + y1 - height) / 2;
      for (const row of form.rows) {
        const font = this.font(row.weight, row.size * u);
        const space = row.plate ? 7 * u : 0;
        if (row.plate) {
          const w = this.measure(row.text, font) + 16 * u;
          this.plate(x - w / 2, y + 2 * u, w, row.size * 1.16 * u + 6 * u);
        }
        this.text(row.text, x, y + row.size * u + space * 0.55, { font, fill: row.fill, halo: !row.plate });
        if (row.dashed) this.underline(x, y + row.size * 1.13 * u, this.measure(row.text, font));
        y += row.size * 1.16 * u + space;
      }
      placed.signs.forEach(({ priority, n }, k) => {
        const sx = x + form.text / 2 + 19 * u;
        const sy = (y0 + y1) / 2 + (k - (placed.signs.length - 1) / 2) * 31 * u;
        scope.glyphs.drawPriority(c, priority, sx, sy, 21 * u, this.ink);
        if (n > 1) this.badge(String(n), sx + 13 * u, sy - 9 * u);
      });
    }

    /** Under a number that is not of now. */
    underline(x, y, w) {
      const { c, u } = this;
      c.save();
      c.strokeStyle = this.ink.dq;
      c.lineWidth = 1.5 * u;
      c.setLineDash([4 * u, 3 * u]);
      c.beginPath();
      c.moveTo(x - w / 2, y);
      c.lineTo(x + w / 2, y);
      c.stroke();
      c.restore();
    }

    badge(text, x, y) {
      const font = this.font(700, 11 * this.u);
      const w = this.measure(text, font) + 6 * this.u;
      this.plate(x - w / 2, y - 7 * this.u, w, 14 * this.u, this.ink.t1);
      this.text(text, x, y + 4 * this.u, { font, fill: this.ink.ink, halo: false });
    }

    drawLeader([from, to]) {
      const c = this.c;
      c.strokeStyle = this.ink.t2;
      c.lineWidth = this.u;
      c.beginPath();
      c.moveTo(...from);
      c.lineTo(...to);
      c.stroke();
      c.fillStyle = this.ink.t1;
      c.beginPath();
      c.arc(from[0], from[1], 2.5 * this.u, 0, 2 * Math.PI);
      c.fill();
    }

    /** Cameras of one grid: all of them and those down. Returns its box. */
    cameraPlate(x, y, { total, down, stale }) {
      const { c, u } = this;
      const font = this.font(400, 12 * u);
      const [a, b] = [count(total), count(down)];
      const [wa, wb] = [this.measure(a, font), this.measure(b, font)];
      const w = 8 * u + 20 * u + wa + 12 * u + 22 * u + wb + 6 * u;
      const left = x - w / 2;
      this.plate(left, y - 12 * u, w, 24 * u);
      scope.glyphs.drawCamera(c, left + 15 * u, y, u, false, this.ink);
      const fill = stale ? this.ink.t3 : this.ink.t1;
      this.text(a, left + 28 * u, y + 4.5 * u, { font, fill, halo: false, align: "left" });
      const second = left + 28 * u + wa + 12 * u;
      if (stale) this.underline(left + 28 * u + wa / 2, y + 8 * u, wa);
      scope.glyphs.drawCamera(c, second + 9 * u, y, u, true, this.ink);
      this.text(b, second + 23 * u, y + 4.5 * u, { font, fill, halo: false, align: "left" });
      if (stale) this.underline(second + 23 * u + wb / 2, y + 8 * u, wb);
      return [left, y - 12 * u, left + w, y + 12 * u];
    }

    plateSize(total, down) {
      const font = this.font(400, 12 * this.u);
      return {
        w: 68 * this.u + this.measure(count(total), font) + this.measure(count(down), font), h: 24 * this.u,
      };
    }

    drawIncident(incident, x, y, size) {
      scope.glyphs.drawPriority(this.c, incident.priority, x, y, size, this.ink);
      this.hits.push({ x, y, r: size * 0.75, incident });
    }

    /** Class and running clock beside an incident, where there is room. Returns its box or null. */
    drawTag(text, x, y, size, taken, overdue) {
      const u = this.u;
      const font = this.font(700, 13 * u);
      const w = this.measure(text, font) + 14 * u;
      const h = 24 * u;
      for (const left of [x + size * 0.95, x - size * 0.95 - w]) {
        const b = [left, y - h / 2, left + w, y + h / 2];
        if (taken.some((other) => scope.labels.overlap(b, other))) continue;
        if (b[0] < 0 || b[2] > this.width) continue;
        this.plate(b[0], b[1], w, h, overdue ? this.ink.t1 : this.ink.plate);
        this.text(text, left + w / 2, y + 5 * u, { font, fill: overdue ? this.ink.ink : this.ink.t1, halo: false });
        return b;
      }
      return null;
    }

    /** Name of a lake, a neighbour, the delegated streets. */
    drawName(text, x, y) {
      const u = this.u;
      this.text(text, x, y + 5 * u, {
        font: this.font(400, 14 * u), fill: this.ink.t3, halo: false, spacing: `${1.2 * u}px`,
      });
    }

    begin(u) {
      this.u = u;
      this.hits.length = 0;
      this.c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.c.clearRect(0, 0, this.width, this.height);
      this.c.textBaseline = "alphabetic";
    }

    /** The incident under a canvas point, or null. */
    at(x, y) {
      for (let i = this.hits.length - 1; i >= 0; i--) {
        const hit = this.hits[i];
        if (Math.hypot(hit.x - x, hit.y - y) <= Math.max(12, hit.r)) return hit;
      }
      return null;
    }
  }

  scope.Scene = Scene;
})((window.one_map = window.one_map || {}));
