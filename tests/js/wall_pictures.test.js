"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const WallPictures = require("../../assets/wall_pictures.js")(require("../../assets/picture.js"));

const AREA = "area/1";
const area = (open) => ({
  area: { code: "1", metrics: { incidents_open: open } }, children: [{ code: "11", metrics: {} }],
  incidents: { items: [{ id: "a" }], total: 1 }, origins: [],
});

function held() {
  const one = new WallPictures();
  one.snapshot(AREA, area(5), "T0");
  one.snapshot("wall/1", { cases: { a: { whistle: null } }, children: {}, uncovered: ["x"] }, "T0");
  one.snapshot("bells/1", { groups: { g: { n: 1 } }, n_groups: 1 }, "T0");
  one.snapshot("feeds", { feeds: [] }, "T0");
  return one;
}

test("what is told changes what is held, key by key where that is how it is told", () => {
  const one = held();
  assert.equal(one.delta(AREA, { areas: { 1: { metrics: { incidents_open: 6 } } } }, "T1"), true);
  assert.equal(one.areas.get("1").area.metrics.incidents_open, 6);
  one.delta("wall/1", { cases: { a: null, b: { whistle: "hard" } }, uncovered: [] }, "T1");
  assert.deepEqual(one.walls.get("1"), { cases: { b: { whistle: "hard" } }, children: {}, uncovered: [] });
  one.delta("bells/1", { groups: { g: null }, n_groups: 0 }, "T1");
  assert.deepEqual(one.bells.get("1"), { groups: {}, n_groups: 0 });
  assert.equal(one.delta(AREA, {}, "T2"), false);
  assert.equal(one.areas.get("1").asOf, "T2", "a frame without news is of its moment all the same");
  assert.equal(one.delta("area/9", { areas: {} }, "T2"), false);
});

test("a topic that is not followed any more is old until its next snapshot", () => {
  const one = held();
  assert.equal(one.isFollowed(AREA), true);
  one.follow(new Set(["feeds"]));
  assert.deepEqual([one.isAway(AREA), one.isFollowed(AREA), one.isFollowed("feeds")], [true, false, true]);
  one.snapshot(AREA, area(7), "T3");
  assert.deepEqual([one.isAway(AREA), one.isFollowed(AREA)], [false, true]);
  assert.equal(one.isFollowed("area/11"), false);
});

test("what is kept gives the same pictures again", () => {
  const one = held();
  one.delta(AREA, { incidents: { b: { id: "b" } } }, "T1");
  const other = new WallPictures();
  for (const [topic, { snapshot, asOf }] of Object.entries(JSON.parse(JSON.stringify(one.whole())))) other.snapshot(topic, snapshot, asOf);
  assert.deepEqual([...other.areas.get("1").incidents.keys()], ["a", "b"]);
  assert.equal(other.areas.get("1").asOf, "T1");
  assert.deepEqual(other.whole(), one.whole());
});
