"use strict";
/* The signs: priorities, freshness, cameras. Once as SVG for the page, once on canvas for the map. */
(function (scope) {
  const svg = (body, label, cls) =>
    `<svg class="g ${cls}" viewBox="0 0 24 24" role="img" aria-label="${label}">${body}</svg>`;
  const numeral = (n, y, size, fill) =>
    `<text x="12" y="${y}" font-size="${size}" font-weight="700" text-anchor="middle" fill="${fill}">${n}</text>`;

  const PRIORITY = {
    1: `<rect x="1.5" y="1.5" width="21" height="21" rx="2" fill="currentColor"/>${numeral(1, 16.6, 13, "var(--ink)")}`,
    2:
      '<path d="M12 1.2 23.2 21.8H.8Z" fill="currentColor" stroke="currentColor" stroke-width="1" stroke-linejoin="round"/>' +
      numeral(2, 18.6, 11.5, "var(--ink)"),
    3: `<path d="M12 .8 23.2 12 12 23.2 .8 12Z" fill="currentColor"/>${numeral(3, 16.3, 11.5, "var(--ink)")}`,
    4:
      '<circle cx="12" cy="12" r="9.9" fill="none" stroke="currentColor" stroke-width="2.2"/>' +
      numeral(4, 16.4, 12.5, "currentColor"),
  };
  const FRESH = {
    live: '<circle cx="12" cy="12" r="6" fill="currentColor"/>',
    late:
      '<circle cx="12" cy="12" r="7.5" fill="none" stroke="currentColor" stroke-width="2"/>' +
      '<path d="M12 4.5a7.5 7.5 0 0 1 0 15Z" fill="currentColor"/>',
    stale:
      '<circle cx="12" cy="12" r="7.5" fill="none" stroke="currentColor" stroke-width="2.2" stroke-dasharray="3.4 2.6"/>',
    lost:
      '<circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="2"/>' +
      '<path d="M7.5 7.5l9 9m0-9l-9 9" stroke="currentColor" stroke-width="2.2"/>',
    paused: '<path d="M8.5 6v12M15.5 6v12" stroke="currentColor" stroke-width="2.6"/>',
  };

  const priority = (n, label) => svg(PRIORITY[n], label, `g${n}`);
  const fresh = (state, label) => svg(FRESH[state] || FRESH.lost, label, `fr-${state}`);

  /** Draws the priority sign of `size` px round x, y on its dark plate. */
  function drawPriority(c, n, x, y, size, ink) {
    const k = size / 24;
    c.fillStyle = ink.plate;
    c.beginPath();
    c.arc(x, y, 17.5 * k, 0, 2 * Math.PI);
    c.fill();
    c.fillStyle = c.strokeStyle = ink[`p${n}`];
    c.beginPath();
    if (n === 1) c.roundRect(x - 10.5 * k, y - 10.5 * k, 21 * k, 21 * k, 2 * k);
    if (n === 2) polygon(c, [[x, y - 10.8 * k], [x + 11.2 * k, y + 9.8 * k], [x - 11.2 * k, y + 9.8 * k]]);
    if (n === 3) polygon(c, [[x, y - 11.2 * k], [x + 11.2 * k, y], [x, y + 11.2 * k], [x - 11.2 * k, y]]);
    if (n === 4) {
      c.lineWidth = 2.2 * k;
      c.arc(x, y, 9.9 * k, 0, 2 * Math.PI);
      c.stroke();
    } else c.fill();
    c.fillStyle = n === 4 ? ink.p4 : ink.ink;
    c.font = `700 ${12.5 * k}px ${ink.font}`;
    c.textAlign = "center";
    c.fillText(String(n), x, y + (n === 2 ? 6.2 : 4.5) * k);
  }

  function polygon(c, points) {
    points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.closePath();
  }

  /** A little camera, struck through when `down`. */
  function drawCamera(c, x, y, k, down, ink) {
    c.lineWidth = 1.5 * k;
    c.strokeStyle = ink.t1;
    c.fillStyle = ink.t2;
    c.beginPath();
    c.roundRect(x - 7 * k, y - 5 * k, 10 * k, 10 * k, 1.5 * k);
    polygon(c, [[x + 3 * k, y - 1.5 * k], [x + 8 * k, y - 4.5 * k], [x + 8 * k, y + 4.5 * k], [x + 3 * k, y + 1.5 * k]]);
    if (!down) {
      c.fill();
      return;
    }
    c.stroke();
    c.beginPath();
    c.moveTo(x - 9 * k, y + 8 * k);
    c.lineTo(x + 10 * k, y - 8 * k);
    c.stroke();
  }

  /** One camera mark: public round, social square; online filled, otherwise hollow; offline and fault struck through. */
  function drawMark(c, x, y, r, owner, state, ink) {
    const up = state === 0;
    c.beginPath();
    if (owner === 0) c.arc(x, y, r, 0, 2 * Math.PI);
    else c.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
    c.fillStyle = up ? ink.online : ink.plate;
    c.fill();
    if (up) return;
    c.lineWidth = Math.max(1, r * 0.36);
    c.strokeStyle = state === 1 || state === 2 ? ink.t1 : ink.t3;
    c.stroke();
    if (state === 3 || state === 4) return;
    c.beginPath();
    c.moveTo(x - r * 1.4, y + r * 1.4);
    c.lineTo(x + r * 1.4, y - r * 1.4);
    c.stroke();
  }

  scope.glyphs = { priority, fresh, drawPriority, drawCamera, drawMark, PRIORITY, FRESH };
  if (typeof module !== "undefined") module.exports = scope.glyphs;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
