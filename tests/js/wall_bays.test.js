"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { fit, tiles } = require("../../assets/wall_fit.js");
const { layout, pack, GAP } = require("../../assets/wall_bays.js");

const WALLS = [
  [3840, 2160, null], [1920, 1080, null], [1920, 1200, null], [5760, 1080, null], [5760, 1080, "3x1"],
  [5760, 3240, "3x3"], [3840, 2160, "2x2"], [7680, 3240, "4x3"], [5760, 2160, "3x2"], [7680, 4320, "4x4"],
];
const layoutOf = ([width, height, mosaic]) => {
  const held = fit({ width, height, d: null, p: null, mosaic: tiles(mosaic) });
  return { held, found: layout(held) };
};
const rects = ({ head, feeds, bays }) => [...head, ...feeds, ...bays.left, ...bays.right, bays.map, bays.bottom].filter(Boolean);
const overlap = (a, b) => a.x < b.x + b.w - 0.01 && b.x < a.x + a.w - 0.01 && a.y < b.y + b.h - 0.01 && b.y < a.y + a.h - 0.01;

test("nothing lies on anything else or beyond the wall", () => {
  for (const wall of WALLS) {
    const { held, found } = layoutOf(wall);
    const all = rects(found);
    all.forEach((a, i) => {
      assert.ok(a.w > 0 && a.h > 0 && a.x >= 0 && a.y >= 0, JSON.stringify([wall, a]));
      assert.ok(a.x + a.w <= held.width + 0.01 && a.y + a.h <= held.height + 0.01, JSON.stringify([wall, a]));
      all.slice(i + 1).forEach((b) => assert.ok(!overlap(a, b), JSON.stringify([wall, a, b])));
    });
  }
});

test("of a mosaic only the map lies across a gap between screens", () => {
  for (const wall of WALLS.filter(([, , mosaic]) => mosaic)) {
    const { found } = layoutOf(wall);
    for (const one of rects(found).filter((it) => it !== found.bays.map)) {
      for (const x of found.lines.x) assert.ok(x <= one.x || x >= one.x + one.w, JSON.stringify([wall, one, x]));
      for (const y of found.lines.y) assert.ok(y <= one.y || y >= one.y + one.h, JSON.stringify([wall, one, y]));
    }
  }
});

const panel = (name, full, compact = full, grow = false) => ({ name, full, compact, grow });
const bay = (h, x = 0) => ({ x, y: 10, w: 100, h });

test("panels stand below each other, the spare room between them", () => {
  const { placed, left } = pack([panel("a", 100), panel("b", 100)], [bay(260)]);
  assert.deepEqual(placed.map(({ name, y, h }) => [name, y, h]), [["a", 10, 100], ["b", 10 + 100 + 60, 100]]);
  assert.deepEqual(left, []);
});

test("one that grows takes the spare room", () => {
  const { placed } = pack([panel("a", 100), panel("b", 100, 100, true)], [bay(400)]);
  assert.deepEqual(placed.map(({ name, y, h }) => [name, y, h]), [["a", 10, 100], ["b", 110 + GAP, 400 - 100 - GAP]]);
});

test("what does not fit goes to the next bay, then all become compact, and what is left is told", () => {
  const two = pack([panel("a", 100), panel("b", 100)], [bay(150), bay(150, 200)]);
  assert.deepEqual(two.placed.map(({ name, x }) => [name, x]), [["a", 0], ["b", 200]]);
  const tight = pack([panel("a", 100, 50), panel("b", 100, 50)], [bay(150)]);
  assert.deepEqual(tight.placed.map(({ name, compact }) => [name, compact]), [["a", true], ["b", true]]);
  assert.deepEqual(pack([panel("a", 100), panel("b", 100)], [bay(150)]).left, ["b"]);
});
