"use strict";
/* How large everything on a wall is, and which frame it stands in. Pure.

   Design sizes are px of the reference wall: 6 m and 3840 px wide, read from 8 m. There text that
   matters has 41 px, which is 20 minutes of arc; `u` is how many real px one of these is. */
(function (scope) {
  const REFERENCE = { d: 8, p: 1.5625 }; // metres, mm per px
  const READABLE = 41; // design px of the smallest text that matters
  const ARC_MINUTES = 20;
  const WIDE = 2.4; // width by height from which a wall is ultra-wide
  const FRAMES = { normal: [3840, 2160], wide: [5760, 1080], mosaic: [3840, 2160], core: [1920, 1080] };
  const D = [0.5, 60]; // metres
  const P = [0.1, 20]; // mm
  const TILES = 6; // most screens of a mosaic in one direction

  /** A number of the address, or null: not given, no number, or out of its bounds. */
  function bounded(text, [low, high]) {
    if (text === null || text.trim() === "") return null;
    const value = Number(text);
    return Number.isFinite(value) && value >= low && value <= high ? value : null;
  }

  /** "3x2" -> {columns: 3, rows: 2}; null for what is none. */
  function tiles(text) {
    const found = /^([1-9])x([1-9])$/.exec(text || "");
    if (!found) return null;
    const [columns, rows] = [Number(found[1]), Number(found[2])];
    return columns <= TILES && rows <= TILES && columns * rows > 1 ? { columns, rows } : null;
  }

  /** What the address says of the wall: {d, p, mosaic, wrong: [names]}. */
  function read(search) {
    const given = new URLSearchParams(search);
    const found = { d: bounded(given.get("d"), D), p: bounded(given.get("p"), P), mosaic: tiles(given.get("mosaic")) };
    const wrong = Object.keys(found).filter((name) => given.get(name) && found[name] === null);
    return { ...found, wrong };
  }

  const scaleOf = (name, width, height) => Math.min(width / FRAMES[name][0], height / FRAMES[name][1]);

  function frameOf(width, height, mosaic) {
    if (mosaic && mosaic.rows > 1 && mosaic.columns > 1) return "mosaic";
    return width / height >= WIDE ? "wide" : "normal";
  }

  /** Width and height in px; d in metres and p in mm per px, or null where the wall is not known.

      {frame, u, width, height, columns, rows, arc, reach}: the canvas in design px, the screens it is
      made of, minutes of arc of the smallest text that matters, and up to how many metres the whole
      frame can be read; both null where d or p is not known. Frame "none": not even its core can. */
  function fit({ width, height, d, p, mosaic }) {
    const whole = frameOf(width, height, mosaic);
    const known = d !== null && p !== null;
    const needed = known ? (d / p) * (REFERENCE.p / REFERENCE.d) : 0;
    const frame = [whole, "core"].find((name) => scaleOf(name, width, height) >= needed) || "none";
    const u = scaleOf(frame === "none" ? "core" : frame, width, height);
    const tiled = frame === "mosaic" || (whole === "wide" && mosaic && frame === "wide");
    return {
      frame, u, width: width / u, height: height / u, whole,
      columns: tiled ? mosaic.columns : 1,
      rows: tiled ? mosaic.rows : 1,
      arc: known ? (ARC_MINUTES * u) / needed : null,
      reach: p === null ? null : (scaleOf(whole, width, height) * p * REFERENCE.d) / REFERENCE.p,
      reachCore: p === null ? null : (scaleOf("core", width, height) * p * REFERENCE.d) / REFERENCE.p,
    };
  }

  scope.wallFit = { read, fit, tiles, READABLE };
  if (typeof module !== "undefined") module.exports = scope.wallFit;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
