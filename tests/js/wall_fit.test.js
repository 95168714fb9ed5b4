"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { read, fit, READABLE } = require("../../assets/wall_fit.js");

const wall = (width, height, more = {}) => fit({ width, height, d: null, p: null, mosaic: null, ...more });
const near = (a, b, by = 1e-6) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

/** Minutes of arc of a text of `px` real pixels: the height of a capital, 0.727 of it, seen from d. */
const arcOf = (px, p, d) => (2 * Math.atan((0.727 * px * p) / 1000 / (2 * d)) * 180 * 60) / Math.PI;

test("the reference wall is drawn as designed, and its text has 20 minutes of arc at 8 m", () => {
  const held = wall(3840, 2160, { d: 8, p: 1.5625 });
  assert.equal(held.frame, "normal");
  near(held.u, 1);
  near(held.arc, 20);
  near(arcOf(READABLE * held.u, 1.5625, 8), 20, 0.1);
});

test("what matters never has less than 20 minutes of arc, whatever the wall", () => {
  for (const [width, height] of [[3840, 2160], [1920, 1080], [5760, 1080], [2560, 1440], [7680, 2160]])
    for (const d of [1, 2, 3, 5, 8, 12, 20])
      for (const p of [0.3, 0.63, 0.9, 1.25, 1.5625, 2.5]) {
        const held = wall(width, height, { d, p });
        if (held.frame !== "none") assert.ok(arcOf(READABLE * held.u, p, d) >= 19.9, `${width} ${d} ${p}`);
      }
});

test("a wall that cannot keep its whole frame readable shows its core, and else says how near one must stand", () => {
  assert.equal(wall(1920, 1080, { d: 1.5, p: 0.63 }).frame, "normal");
  assert.equal(wall(1920, 1080, { d: 3, p: 0.63 }).frame, "core");
  const far = wall(1920, 1080, { d: 8, p: 0.63 });
  assert.equal(far.frame, "none");
  near(far.reach, 1.6128);
  near(far.reachCore, 3.2256);
});

test("nearer readers do not make it smaller: it fills the wall", () => {
  near(wall(3840, 2160, { d: 2, p: 1.5625 }).u, 1);
  near(wall(7680, 4320, { d: 2, p: 0.8 }).u, 2);
});

test("the frame follows from the shape, and a mosaic from the address", () => {
  assert.equal(wall(1920, 1080).frame, "normal");
  assert.equal(wall(5760, 1080).frame, "wide");
  assert.equal(wall(3840, 1600).frame, "wide");
  assert.equal(wall(1920, 1200).frame, "normal");
  const held = wall(5760, 3240, { mosaic: { columns: 3, rows: 3 } });
  assert.deepEqual([held.frame, held.columns, held.rows], ["mosaic", 3, 3]);
  assert.equal(wall(5760, 1080, { mosaic: { columns: 3, rows: 1 } }).frame, "wide");
});

test("the address is read, and what is wrong in it is named", () => {
  assert.deepEqual(read("?d=8&p=1.56&mosaic=3x2"), { d: 8, p: 1.56, mosaic: { columns: 3, rows: 2 }, wrong: [] });
  assert.deepEqual(read(""), { d: null, p: null, mosaic: null, wrong: [] });
  assert.deepEqual(read("?d=far&p=-1&mosaic=1x1").wrong, ["d", "p", "mosaic"]);
  assert.deepEqual(read("?d=&p=1e9&mosaic=99x1").wrong, ["p", "mosaic"]);
});
