"use strict";
/* Where everything on a wall stands, in design px: bays, which panels are put into one below the
   other, and the gaps between the screens of a mosaic, which no text may cross. Pure. */
(function (scope) {
  const MARGIN = 72;
  const GUTTER = 64;
  const TILE = 48; // kept free on each side of a gap between two screens
  const FEEDS = 84;
  const HEAD = { normal: 150, mosaic: 150, wide: 112, core: 112 };
  const SIDE = { normal: [840, 868], mosaic: [840, 868], core: [840, 840] };
  const PULSE = 326;
  const ROOM = 44; // between the head and what is below it
  const GAP = 36; // between two panels
  const GAP_MAX = 64;

  const rect = (x, y, w, h) => ({ x, y, w, h });

  /** {head: [left, middle, right], feeds: [rect], bays: {left: [], map, middle: [], right: [], bottom}, lines: {x: [], y: []}}. */
  function layout(fit) {
    if (fit.frame === "wide") return wide(fit);
    if (fit.frame === "mosaic") return mosaic(fit);
    if (fit.frame === "core") return core(fit);
    return normal(fit);
  }

  function normal({ width, height }) {
    const head = HEAD.normal;
    const y = head + ROOM;
    const h = height - y - PULSE - FEEDS;
    const [left, right] = SIDE.normal;
    const mapX = MARGIN + left + GUTTER;
    return {
      head: thirds(width, head),
      feeds: [rect(MARGIN, height - FEEDS, width - 2 * MARGIN, FEEDS)],
      bays: {
        left: [rect(MARGIN, y, left, h)],
        map: rect(mapX, y, width - MARGIN - right - GUTTER - mapX, h),
        middle: [rect(mapX, y, width - MARGIN - right - GUTTER - mapX, h)],
        right: [rect(width - MARGIN - right, y, right, h)],
        bottom: rect(MARGIN, height - FEEDS - PULSE, width - 2 * MARGIN, PULSE),
      },
      lines: { x: [], y: [] },
    };
  }

  /** Title, scene bar and clock side by side; the middle takes what is left. */
  const thirds = (width, head) => {
    const side = Math.min(1500, (width - 2 * MARGIN) * 0.4);
    return [
      rect(MARGIN, 0, side, head),
      rect(MARGIN + side, 0, width - 2 * (MARGIN + side), head),
      rect(width - MARGIN - side, 0, side, head),
    ];
  };

  function core({ width, height }) {
    const head = HEAD.core;
    const y = head + ROOM;
    const h = height - y - FEEDS;
    const [left] = SIDE.core;
    return {
      head: [
        rect(MARGIN, 0, 560, head), rect(MARGIN + 560, 0, width - 2 * MARGIN - 1200, head),
        rect(width - MARGIN - 640, 0, 640, head),
      ],
      feeds: [rect(MARGIN, height - FEEDS, width - 2 * MARGIN, FEEDS)],
      bays: {
        left: [rect(MARGIN, y, left, h)],
        map: null,
        middle: [],
        right: [rect(MARGIN + left + GUTTER, y, width - 2 * MARGIN - left - GUTTER, h)],
        bottom: null,
      },
      lines: { x: [], y: [] },
    };
  }

  /** Three parts of two columns each, so that three screens side by side cut nothing. */
  function wide({ width, height, columns }) {
    const head = HEAD.wide;
    const y = head + 24;
    const h = height - y - FEEDS - 8;
    const part = width / 3;
    const column = (k, half, share = 0.5) => {
      const x0 = k * part + (k ? TILE : MARGIN);
      const w = part - (k === 1 ? 2 * TILE : MARGIN + TILE) - GUTTER;
      return half ? rect(x0 + w * share + GUTTER, y, w * (1 - share), h) : rect(x0, y, w * share, h);
    };
    const cuts = columns > 1 ? Array.from({ length: columns - 1 }, (_, i) => ((i + 1) * width) / columns) : [];
    return {
      head: [
        rect(MARGIN, 0, part - MARGIN - TILE, head), rect(part + TILE, 0, part - 2 * TILE, head),
        rect(2 * part + TILE, 0, part - MARGIN - TILE, head),
      ],
      feeds: cells(width, height, 3),
      bays: {
        left: [column(0, 0, 0.49), column(0, 1, 0.49)],
        map: column(1, 0, 0.48),
        middle: [column(1, 0, 0.48)],
        right: [column(1, 1, 0.48), column(2, 0, 0.53), column(2, 1, 0.53)],
        bottom: null,
      },
      lines: { x: cuts, y: [] },
    };
  }

  /** The feed strip in as many parts as there are screens in the bottom row. */
  const cells = (width, height, n) =>
    Array.from({ length: n }, (_, i) => {
      const x0 = (i * width) / n + (i ? TILE : MARGIN);
      const x1 = ((i + 1) * width) / n - (i === n - 1 ? MARGIN : TILE);
      return rect(x0, height - FEEDS, x1 - x0, FEEDS);
    });

  function mosaic({ width, height, columns, rows }) {
    const head = HEAD.mosaic;
    const [tw, th] = [width / columns, height / rows];
    const span = (c0, c1) => [c0 * tw + (c0 ? TILE : MARGIN), (c1 + 1) * tw - (c1 === columns - 1 ? MARGIN : TILE)];
    const top = (row) => (row ? row * th + TILE * 0.7 : head + ROOM / 2);
    const bottom = (row) => (row + 1) * th - (row === rows - 1 ? FEEDS + 8 : TILE * 0.7);
    const cell = (c0, c1, r0, r1) => {
      const [x0, x1] = span(c0, c1);
      return rect(x0, top(r0), x1 - x0, bottom(r1) - top(r0));
    };
    const stack = (column, from = 0) =>
      Array.from({ length: rows - from }, (_, i) => cell(column, column, from + i, from + i));
    const last = columns - 1;
    const inner = columns > 2 ? [1, last - 1] : [last, last];
    const lines = {
      x: Array.from({ length: last }, (_, i) => (i + 1) * tw),
      y: Array.from({ length: rows - 1 }, (_, i) => (i + 1) * th),
    };
    const [m0, m1] = columns > 2 ? inner : [0, last];
    // beside the bars below the map, where that is more than one screen wide
    const below = Array.from({ length: m1 - m0 }, (_, i) => cell(m0 + 1 + i, m0 + 1 + i, rows - 1, rows - 1));
    const headCell = (c0, c1) => {
      const [x0, x1] = span(c0, c1);
      return rect(x0, 0, x1 - x0, head);
    };
    return {
      head: columns > 2 ? [headCell(0, 0), headCell(m0, m0), headCell(last, last)] : halves(headCell(0, 0), headCell(last, last)),
      feeds: cells(width, height, columns),
      bays: {
        left: stack(0),
        map: columns > 2 ? cell(...inner, 0, rows - 2) : cell(last, last, 0, rows - 2),
        middle: stack(columns > 2 ? m0 : last).slice(0, -1), // of text: one bay for each screen
        right: columns > 2 ? [...stack(last), ...below] : stack(last, rows - 1),
        bottom: columns > 2 ? cell(m0, m0, rows - 1, rows - 1) : null,
      },
      lines,
    };
  }

  /** Two screens: the scene bar stands beside the title. */
  const halves = (one, other) => [
    { ...one, w: one.w * 0.55 }, { ...one, x: one.x + one.w * 0.57, w: one.w * 0.43 }, other,
  ];

  /** Puts panels into bays, one below the other. panels: [{name, full, compact, grow}] with heights;
      {placed: [{name, x, y, w, h, compact}], left: [names that found no room]}. */
  function pack(panels, bays) {
    const full = fill(panels, bays, "full");
    if (!full.left.length) return full;
    const compact = fill(panels, bays, "compact");
    return compact.left.length < full.left.length ? compact : full;
  }

  function fill(panels, bays, size) {
    const rows = bays.map(() => []);
    const left = [];
    let at = 0;
    for (const panel of panels) {
      const h = panel[size];
      let bay = at;
      while (bay < bays.length && used(rows[bay], size) + (rows[bay].length ? GAP : 0) + h > bays[bay].h) bay += 1;
      if (bay === bays.length) left.push(panel.name);
      else {
        rows[bay].push(panel);
        at = bay;
      }
    }
    return { placed: rows.flatMap((row, i) => stacked(row, bays[i], size)), left };
  }

  const used = (row, size) => row.reduce((sum, panel, i) => sum + panel[size] + (i ? GAP : 0), 0);

  /** What is left of a bay goes to the panels that can use it, else between them. */
  function stacked(row, bay, size) {
    const spare = bay.h - used(row, size);
    const growing = row.filter((panel) => panel.grow);
    const more = growing.length ? spare / growing.length : 0;
    const gap = growing.length || row.length < 2 ? GAP : Math.min(GAP_MAX, GAP + spare / (row.length - 1));
    let { y } = bay;
    return row.map((panel) => {
      const h = panel[size] + (panel.grow ? more : 0);
      const placed = { name: panel.name, x: bay.x, y, w: bay.w, h, compact: size === "compact" };
      y += h + gap;
      return placed;
    });
  }

  scope.wallBays = { layout, pack, GAP };
  if (typeof module !== "undefined") module.exports = scope.wallBays;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
