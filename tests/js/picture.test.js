"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const p = require("../../assets/picture.js");

const area = (code, metrics, more = {}) => ({
  code, tier: "street", freshness: "live", freshness_by: { cameras: "live", incidents: "live", staff: "live" }, metrics, ...more,
});
const snapshot = () => ({
  area: area("1", { incidents_open: 9 }, { tier: "district" }),
  children: [area("11", { incidents_open: 5, incidents_overdue: 1 }), area("12", { incidents_open: 4 })],
  incidents: { shown: 1, total: 3, items: [{ id: "a", priority: 2 }] },
  cameras: { shown: 1, total: 1, items: [["c1", "gate", 102, 25, "public", "online", 1]] },
});

test("a delta changes only what it names and says so", () => {
  const held = p.fromSnapshot(snapshot());
  const changed = p.applyDelta(held, {
    areas: { 11: { metrics: { incidents_open: 6 }, freshness_by: { cameras: "stale" } }, 99: { metrics: {} } },
    incidents: { a: null, b: { id: "b", priority: 1 } },
    incidents_total: 4,
    cameras: { c1: ["c1", "gate", 102, 25, "public", "offline", 2] },
  });
  assert.deepEqual(held.children.get("11").metrics, { incidents_open: 6, incidents_overdue: 1 });
  assert.deepEqual(held.children.get("11").freshness_by, { cameras: "stale", incidents: "live", staff: "live" });
  assert.deepEqual([...held.incidents.keys()], ["b"]);
  assert.equal(held.incidentsTotal, 4);
  assert.equal(held.cameras.get("c1")[5], "offline");
  assert.deepEqual(changed, { areas: ["11"], incidents: true, cameras: ["c1"], origins: false });
});

test("an empty delta changes nothing", () => {
  const held = p.fromSnapshot(snapshot());
  assert.deepEqual(p.applyDelta(held, {}), { areas: [], incidents: false, cameras: [], origins: false });
});

test("most urgent first: priority, suspended last, deadline", () => {
  const row = (id, priority, due_at, state = "handling") => [id, { id, priority, due_at, state, reported_at: "2026" }];
  const sorted = p.urgent(new Map([
    row("late", 2, "2026-11-22T09:00:00Z"), row("soon", 2, "2026-11-22T08:00:00Z"), row("first", 1, "2026-12-01T00:00:00Z"),
    row("hung", 2, "2026-11-22T07:00:00Z", "suspended"), row("open", 3, null),
  ]));
  assert.deepEqual(sorted.map(({ id }) => id), ["first", "soon", "late", "hung", "open"]);
});

test("fewer than eight make no rate but a hatch", () => {
  const few = p.measure("overdue", area("1", { incidents_open: 7, incidents_overdue: 7 }));
  assert.equal(p.grade("overdue", "street", few), -1);
  const enough = p.measure("overdue", area("1", { incidents_open: 8, incidents_overdue: 1 }));
  assert.equal(enough.value, 12.5);
  assert.equal(p.grade("overdue", "street", enough), 4);
});

for (const [value, grade] of [[0, 0], [1.99, 0], [2, 1], [5.9, 2], [7.99, 3], [8, 4], [100, 4]]) {
  test(`the breaks are fixed: ${value} % of a street is class ${grade}`, () => {
    assert.equal(p.grade("overdue", "street", { value, n: 50, few: false }), grade);
  });
}

test("every measure has four rising breaks at every tier and five texts", () => {
  for (const [name, tiers] of Object.entries(p.BREAKS)) {
    for (const [tier, breaks] of Object.entries(tiers)) {
      assert.equal(breaks.length, 4);
      assert.deepEqual([...breaks].sort((a, b) => a - b), breaks);
      assert.equal(p.legend(name, tier).length, 5);
    }
  }
});

test("the legend of grids counts: at most one, two, three, four, five and more", () => {
  assert.deepEqual(p.legend("open", "grid"), ["≤1", "2", "3", "4", "≥5"]);
  assert.deepEqual(p.legend("overdue", "street"), ["<2", "2–4", "4–6", "6–8", "≥8"]);
});

test("cameras under maintenance are not expected to be online", () => {
  const metrics = { cameras_total_public: 100, cameras_online_public: 90, cameras_maintenance_public: 10 };
  assert.deepEqual(p.online(metrics, "public"), { total: 100, expected: 90, down: 0, rate: 100, target: 98 });
  assert.equal(p.online({}, "social").rate, null);
});

test("grids are coloured by counts, never by rates", () => {
  assert.equal(p.effective("overdue", "grid"), "open");
  assert.equal(p.effective("overdue", "street"), "overdue");
  assert.equal(p.effective("cameras", "grid"), "cameras");
});

test("the overdue flag is a limit of its tier and needs enough incidents", () => {
  const street = (open, overdue, tier = "street") =>
    p.flagged(area("1", { incidents_open: open, incidents_overdue: overdue }, { tier }));
  assert.equal(street(100, 8), true);
  assert.equal(street(100, 7), false);
  assert.equal(street(100, 8, "community"), false);
  assert.equal(street(4, 4), false);
});

test("the worse freshness wins", () => {
  assert.equal(p.worse("live", "late"), "late");
  assert.equal(p.worse("lost", "stale"), "lost");
});

const PICTURE = Date.parse("2026-11-22T06:32:00Z");
const aged = (code, freshness, by, more = {}) =>
  area(code, {}, {
    freshness, freshness_by: { cameras: by[0], incidents: by[1], staff: by[2] },
    as_of_by: { cameras: null, incidents: null, staff: null, ...more },
  });

test("a number that is live has no time of its own, one that is not has its feed's", () => {
  const street = aged("1", "lost", ["live", "stale", "lost"], { incidents: "2026-11-22T06:21:00Z" });
  assert.equal(p.asOf(street, "cameras", false, PICTURE), null);
  assert.equal(p.asOf(street, "incidents", false, PICTURE), Date.parse("2026-11-22T06:21:00Z"));
  assert.equal(p.asOf(street, "staff", false, PICTURE), null, "never heard");
});

test("cut off, everything is stale and of the picture's moment, but for what was old before", () => {
  const street = aged("1", "lost", ["live", "stale", "lost"], { incidents: "2026-11-22T06:21:00Z" });
  assert.deepEqual(["cameras", "incidents", "staff"].map((source) => p.fresh(street, source, true)), ["stale", "stale", "lost"]);
  assert.equal(p.asOf(street, "cameras", true, PICTURE), PICTURE);
  assert.equal(p.asOf(street, "incidents", true, PICTURE), Date.parse("2026-11-22T06:21:00Z"));
  assert.equal(p.asOf(street, "staff", true, PICTURE), null, "never heard");
});

test("a delta that makes a number live again takes its time away", () => {
  const held = p.fromSnapshot({ area: aged("1", "late", ["late", "live", "live"], { cameras: "2026-11-22T06:30:00Z" }) });
  const as_of_by = { cameras: null, incidents: null, staff: null };
  p.applyDelta(held, { areas: { 1: { freshness: "live", freshness_by: { cameras: "live" }, as_of_by } } });
  assert.equal(p.asOf(held.area, "cameras", false, PICTURE), null);
});

test("a row is as old as the oldest of its worst sources", () => {
  const street = aged("1", "stale", ["stale", "late", "stale"], {
    cameras: "2026-11-22T06:25:00Z", incidents: "2026-11-22T06:01:00Z", staff: "2026-11-22T06:20:00Z",
  });
  assert.deepEqual(p.oldest(street, false, PICTURE), { fresh: "stale", asOf: Date.parse("2026-11-22T06:20:00Z") });
  assert.deepEqual(p.oldest(aged("2", "live", ["live", "live", "live"]), false, PICTURE), { fresh: "live", asOf: null });
  assert.deepEqual(p.oldest(aged("2", "live", ["live", "live", "live"]), true, PICTURE), { fresh: "stale", asOf: PICTURE });
});

test("members whose feeds are too few to make their area stale are named", () => {
  const held = p.fromSnapshot({
    area: aged("1", "live", ["live", "live", "live"]),
    children: [
      aged("11", "stale", ["live", "stale", "live"], { incidents: "2026-11-22T06:21:00Z" }),
      aged("12", "late", ["live", "late", "live"], { incidents: "2026-11-22T06:30:00Z" }),
      aged("13", "lost", ["live", "lost", "live"], { incidents: "2026-11-22T05:00:00Z" }),
    ],
  });
  assert.deepEqual(p.membersBehind(held, "incidents").map(({ code }) => code), ["13", "11"]);
  assert.deepEqual(p.membersBehind(held, "cameras"), []);
  held.area.freshness_by.incidents = "stale";
  assert.deepEqual(p.membersBehind(held, "incidents"), [], "then the area speaks for itself");
});

test("where no feed ever reported, 0 is not a count", () => {
  const street = aged("1", "lost", ["live", "lost", "lost"], { incidents: "2026-11-22T06:21:00Z" });
  assert.deepEqual(["cameras", "incidents", "staff"].map((source) => p.isUnheard(street, source)), [false, false, true]);
  assert.equal(p.isUnheard(area("1", {}, { freshness_by: { staff: "lost" } }), "staff"), false, "a server that does not tell");
});
