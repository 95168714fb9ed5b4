"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Reach } = require("../../assets/reach.js");
const { read } = require("../../assets/view.js");

const PARENT = { 1: null, 11: "1", 12: "1", 111: "11", 1111: "111" };
const tree = {
  has: (code) => code in PARENT,
  lineage: (code) => {
    const line = [];
    for (let at = String(code); at; at = PARENT[at]) line.unshift({ code: at });
    return line;
  },
};
const BOOT = { root: "1", layers: ["overdue"], overlays: [], default_overlays: [], systems: {} };

test("without anybody signed in the whole region is in reach", () => {
  const reach = new Reach({ root: "1", me: null });
  assert.equal(reach.top, "1");
  assert.equal(reach.isWhole, true);
  assert.equal(reach.holds(tree, "12"), true);
  assert.equal(reach.maybe("anything"), true, "nothing is known before the shapes are there");
});

test("a street holds itself and what is inside, not its neighbour and not the district", () => {
  const reach = new Reach({ root: "1", me: { area: "11" } });
  assert.deepEqual(["1", "11", "12", "111", "1111", "99"].map((code) => reach.holds(tree, code)), [false, true, false, true, true, false]);
  assert.equal(reach.maybe("12"), false);
  assert.equal(reach.maybe("11"), true);
});

test("an address outside falls back to the own area and is told", () => {
  const reach = new Reach({ root: "1", me: { area: "11" } });
  const view = read("?area=12&select=12", { ...BOOT, top: reach.top }, (code) => reach.holds(tree, code));
  assert.equal(view.area, "11");
  assert.equal(view.select, null);
  assert.equal(view.unknown, "12");
});
