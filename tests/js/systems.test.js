"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { within, merge, source, told, Systems } = require("../../assets/systems.js");

const words = { count: (n) => String(Math.round(n)), say: (key, { n } = {}) => `${key} ${n}` };
const incidents = new Map([
  ["a", { id: "a", priority: 1, systems: ["water"] }],
  ["b", { id: "b", priority: 2, systems: ["order", "water"] }],
  ["c", { id: "c", priority: 1, systems: ["order"] }],
]);

test("a case is shown by every system in whose queue it stands", () => {
  assert.deepEqual([...within(incidents, "water").keys()], ["a", "b"]);
  assert.deepEqual([...within(incidents, "order").keys()], ["b", "c"]);
  assert.deepEqual([...within(incidents, "none").keys()], []);
  assert.equal(within(incidents, null), incidents);
});

test("a change replaces what it names, and null takes it away", () => {
  const held = { systems: { water: { open: 1 }, order: { open: 2 } }, children: { 11: { water: [1, 0, 0, 0] }, 12: {} } };
  merge(held, { systems: { water: { open: 3 } }, children: { 11: null, 13: { order: [0, 1, 0, 0] } } });
  assert.deepEqual(held, {
    systems: { water: { open: 3 }, order: { open: 2 } }, children: { 12: {}, 13: { order: [0, 1, 0, 0] } },
  });
  merge(held, {});
  assert.equal(held.systems.water.open, 3);
});

test("a KPI is as fresh as its source", () => {
  assert.equal(source("camera_online_rate"), "cameras");
  assert.equal(source("cameras_fault"), "cameras");
  assert.equal(source("grids_covered"), "staff");
  assert.equal(source("checkins_last_hour"), "staff");
  assert.equal(source("open"), "incidents");
});

test("a rate of few is told as its parts, one of none as a dash, never as nought", () => {
  assert.deepEqual(told({ value: null, n: 0 }, words, 8), { value: "—", small: "", note: "" });
  assert.deepEqual(told({ value: 2 / 3, n: 3 }, words, 8), { value: "2", small: "/ 3", note: "" });
  assert.deepEqual(told({ value: 0.9, n: 10 }, words, 8), { value: "90.0", small: "%", note: "" });
});

test("a count says how many of its cases are at home elsewhere", () => {
  assert.deepEqual(told({ value: 5, also: 2 }, words, 8), { value: "5", small: "", note: "system.also 2" });
  assert.equal(told({ value: 5, also: 0 }, words, 8).note, "");
});

function looking(view, snapshot) {
  const marked = [];
  const page = { view: () => ({ area: "1", select: null, ...view }), mark: (...names) => marked.push(...names), markCalmly: () => {} };
  const systems = new Systems(page, { systems: {}, me: null });
  if (snapshot) systems.snapshot("systems/1", snapshot);
  return systems;
}
const rows = (open) => ({ water: { open_by_priority: open } });

test("topics are asked for only while there is a filter", () => {
  assert.deepEqual(looking({ system: null }).topics("1", "11"), []);
  assert.deepEqual(looking({ system: "water" }).topics("1", "11"), ["systems/1", "systems/11"]);
  assert.deepEqual(looking({ system: "water" }).topics("1", null), ["systems/1"]);
});

test("marks beyond those sent are counted, never hidden", () => {
  const systems = looking({ system: "water" }, { systems: rows([9, 40, 0, 3]), children: {} });
  const held = { area: { code: "1" }, incidents };
  assert.deepEqual(systems.shown(held, "community"), [2, 52]);
  assert.deepEqual(systems.shown(held, "street"), [1, 9]);
  assert.equal(systems.shown(held, "district"), null);
  assert.equal(looking({ system: "water" }).shown(held, "community"), null);
});

test("signs count the filter's cases, and the area's own without one", () => {
  const child = { code: "11", metrics: { incidents_open_p1: 7 } };
  const snapshot = { systems: rows([4, 0, 0, 0]), children: { 11: { water: [3, 0, 0, 0] } } };
  assert.equal(looking({ system: null }).open(child, 1), 7);
  const systems = looking({ system: "water" }, snapshot);
  assert.equal(systems.open(child, 1), 3);
  assert.equal(systems.open({ code: "12", metrics: { incidents_open_p1: 7 } }, 1), 0);
  assert.equal(systems.open({ code: "1", metrics: {} }, 1), 4);
});

test("what is looked at no more is forgotten", () => {
  const systems = looking({ system: "water" }, { systems: rows([1, 0, 0, 0]), children: {} });
  assert.ok(systems.row("1"));
  systems.topics("2", null);
  assert.equal(systems.row("1"), undefined);
});

test("an empty list of the most urgent says what is left out of it", () => {
  const said = (open, most) => {
    const systems = looking({ system: "water" }, { systems: rows(open), children: {} });
    return systems.noneUrgent({ code: "1" }, most, words);
  };
  assert.equal(said([0, 0, 0, 0], 2), "system.urgent.none undefined");
  assert.equal(said([0, 0, 4, 0], 2), "system.urgent.none.high undefined");
  assert.equal(said([0, 5, 4, 0], 2), "system.urgent.beyond 5");
  assert.equal(looking({ system: "water" }).noneUrgent({ code: "1" }, 2, words), "");
});
