"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { place, inside, overlap, crosses, roomiest, apart } = require("../../assets/labels.js");

const square = (x, y, size) => [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]];
const item = (key, x, y, size, more = {}) => ({
  key, x: x + size / 2, y: y + size / 2, rings: square(x, y, size), forms: [{ w: 60, h: 40 }], ...more,
});
const room = (more = {}) => ({ frame: [0, 0, 800, 600], obstacles: [], hull: square(300, 200, 200), step: 16, ...more });

test("a label stands inside its polygon where it fits", () => {
  const [spot] = place([item("a", 300, 200, 200)], room());
  assert.equal(spot.leader, null);
  assert.deepEqual(spot.box, [370, 280, 430, 320]);
});

test("it moves within its polygon to leave an obstacle free", () => {
  const obstacle = [380, 290, 420, 310];
  const [spot] = place([item("a", 300, 200, 200)], room({ obstacles: [obstacle] }));
  assert.equal(spot.leader, null);
  assert.equal(overlap(spot.box, obstacle, 0), false);
  assert.ok(inside(square(300, 200, 200), spot.box[0] + 5, spot.box[1] + 5));
});

test("too small a polygon gets its label outside the drawn areas, with a leader to it", () => {
  const [spot] = place([item("a", 310, 210, 30)], room());
  assert.deepEqual(spot.leader[0], [325, 225]);
  const [x0, y0, x1, y1] = spot.box;
  for (const [x, y] of [[x0, y0], [x1, y0], [x0, y1], [x1, y1]]) assert.equal(inside(square(300, 200, 200), x, y), false);
});

test("twenty crowded labels never overlap and no leader crosses a label", () => {
  const items = [];
  for (let i = 0; i < 20; i++) items.push(item(`a${i}`, 300 + (i % 5) * 40, 200 + Math.floor(i / 5) * 50, 38));
  const placed = place(items, room());
  assert.ok(placed.length >= 14, `${placed.length} of 20 placed`);
  for (const a of placed) {
    for (const b of placed) {
      if (a === b) continue;
      assert.equal(overlap(a.box, b.box, 0), false, `${a.key} on ${b.key}`);
      if (a.leader) assert.equal(crosses(a.leader[0], a.leader[1], b.box), false, `leader of ${a.key} through ${b.key}`);
    }
  }
});

test("what is optional is left out rather than put outside; what is off screen is not drawn", () => {
  assert.deepEqual(place([item("a", 310, 210, 30, { optional: true })], room()), []);
  assert.deepEqual(place([item("b", 900, 900, 30)], room()), []);
});

test("a smaller form is used where the full one does not fit", () => {
  const [spot] = place([item("a", 300, 200, 70, { forms: [{ w: 100, h: 60 }, { w: 40, h: 30 }] })], room());
  assert.equal(spot.form, 1);
  assert.equal(spot.leader, null);
});

test("signs at one place stand side by side, the first at the place itself", () => {
  const signs = [];
  for (let i = 0; i < 7; i++) {
    const [x, y] = apart(signs, 100, 100, 22);
    signs.push({ x, y });
  }
  assert.deepEqual(signs[0], { x: 100, y: 100 });
  signs.forEach((a, i) => signs.slice(i + 1).forEach((b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 22)));
  assert.deepEqual(apart(signs, 100, 100, 22), [100, 100], "no room left: on top of the others");
});

test("a name stands in the roomiest part of a polygon, off the drawn areas", () => {
  const spot = roomiest(square(0, 0, 600), 80, 20, room());
  assert.ok(spot);
  assert.equal(inside(square(300, 200, 200), spot.x, spot.y), false);
  assert.equal(roomiest(square(0, 0, 30), 80, 20, room()), null);
});
