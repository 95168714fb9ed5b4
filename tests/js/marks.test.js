"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Marks, mercator } = require("../../assets/marks.js");

/** A canvas that only counts what is drawn on it; frames run when asked. */
function board() {
  const drawn = { images: 0, cleared: 0 };
  const context = new Proxy({}, {
    get: (_t, name) => (...args) => {
      if (name === "drawImage") drawn.images += 1;
      if (name === "clearRect") drawn.cleared += args[2] * args[3];
    },
    set: () => true,
  });
  const queue = [];
  global.requestAnimationFrame = (work) => queue.push(work);
  const marks = new Marks({ getContext: () => context }, {});
  marks._sprites = function () {
    this.half = 6;
    this.sprites = Array(10).fill({});
  };
  const run = () => {
    let n = 0;
    while (queue.length && n < 10_000) {
      queue.shift()();
      n += 1;
    }
    return n;
  };
  marks.frame({ width: 1000, height: 800, scale: 1e6, left: 0, top: 0, ratio: 1, radius: 3 });
  run();
  return { marks, drawn, run };
}

const lonOf = (x) => (x / 1e6 - 0.5) * 360;
const latOf = (y) => (2 * Math.atan(Math.exp((0.5 - y / 1e6) * 2 * Math.PI)) - Math.PI / 2) * (180 / Math.PI);
const camera = (id, x, y, state = "online", owner = "public") => [id, id, lonOf(x), latOf(y), owner, state, null];
const many = (n) => Array.from({ length: n }, (_, i) => camera(`c${i}`, (i * 7919) % 1000, (i * 104729) % 800));

test("Mercator agrees with itself at the equator and in Kunming", () => {
  assert.deepEqual(mercator(0, 0), [0.5, 0.5]);
  const [x, y] = mercator(102.75, 24.97);
  assert.ok(Math.abs(x - 0.785417) < 1e-6 && Math.abs(y - 0.428376) < 1e-4);
});

test("all points are drawn once, a change draws only its surroundings", () => {
  const { marks, drawn, run } = board();
  marks.set(many(2000));
  run();
  assert.equal(drawn.images, 2000);
  drawn.images = drawn.cleared = 0;
  marks.change("c7", camera("c7", (7 * 7919) % 1000, (7 * 104729) % 800, "offline"));
  run();
  assert.ok(drawn.images >= 1 && drawn.images < 60, `${drawn.images} drawn for one change`);
  assert.ok(drawn.cleared <= 144);
});

test("a confirmation of the same state draws nothing", () => {
  const { marks, drawn, run } = board();
  marks.set([camera("a", 10, 10)]);
  run();
  drawn.images = 0;
  marks.change("a", camera("a", 10, 10));
  assert.equal(run(), 0);
  assert.equal(drawn.images, 0);
});

test("points come, go and are counted as shown", () => {
  const { marks, run } = board();
  marks.set([camera("a", 10, 10), camera("b", 50, 50, "offline"), camera("c", 90, 90, "fault", "social")]);
  run();
  assert.equal(marks.shown, 3);
  marks.filter([true, false], [true, true, true, true, true]);
  assert.equal(marks.shown, 2);
  marks.change("d", camera("d", 12, 12));
  assert.equal(marks.shown, 3);
  marks.change("a", null);
  run();
  assert.equal(marks.n, 3);
  assert.equal(marks.shown, 2);
  marks.change("nobody", null);
  assert.equal(marks.n, 3);
});

test("the nearest visible point under the pointer is found", () => {
  const { marks, run } = board();
  marks.set([camera("a", 100, 100), camera("b", 106, 100, "offline")]);
  run();
  assert.equal(marks.at(105, 100, 8).item[0], "b");
  marks.filter([true, true], [true, false, true, true, true]);
  run();
  assert.equal(marks.at(105, 100, 8).item[0], "a");
  assert.equal(marks.at(500, 500, 8), null);
});

test("a whole redraw of 48,000 points is cut into slices", () => {
  const { marks, drawn, run } = board();
  marks.set(many(48_000));
  const frames = run();
  assert.equal(drawn.images, 48_000);
  assert.ok(frames >= 2, `${frames} frames`);
});
