"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { CaseList } = require("../../assets/desk_list.js");
const { shown, isUnseen } = require("../../assets/desk_folds.js");
const { askedOfFold, isWhole } = require("../../assets/desk_view.js");

const NOW = Date.parse("2026-07-15T06:32:07Z");
const at = (minutes) => new Date(NOW + minutes * 60e3).toISOString();
const row = (id, more = {}) => ({
  id, queue: "todo", state: "handling", priority: 3, acknowledged: true, version: 1, fold: null, inside: null,
  reported_at: at(-60), due_at: at(60), marks_at: [at(0), at(36), at(60)], ...more,
});
const inside = (...ids) => ({ total: ids.length, ids, priority: 2, due_at: at(30), unacknowledged: 0, channels: {} });
const member = (id, more = {}) => row(id, { fold: "a", ...more });
const primary = (...ids) => member("a", { inside: inside("a", ...ids) });
const taken = (...items) => {
  const list = new CaseList();
  list.take({ items, total: items.length, total_cases: 9, as_of: at(0) });
  return list;
};
const shownIds = (list) => list.open.with(list.order);
const fits = () => null;

test("a row of several cases shows its highest priority and its earliest deadline", () => {
  assert.equal(shown(row("x")).priority, 3);
  const of = shown(primary("b"));
  assert.deepEqual([of.priority, of.due_at, of.marks_at, of.acknowledged], [2, at(30), null, true]);
  const same = shown(member("a", { inside: { ...inside("a", "b"), due_at: at(60) } }));
  assert.equal(same.marks_at.length, 3);
});

test("a row with one unseen case in it stands with those that nobody has acknowledged", () => {
  const hidden = member("a", { inside: { ...inside("a", "b"), unacknowledged: 1 } });
  assert.equal(isUnseen(hidden), true);
  assert.equal(isUnseen(primary("b")), false);
  assert.equal(taken(row("x"), hidden).n_first, 1);
});

test("an open row has its other cases right below it, and steps go through them", () => {
  const list = taken(row("x"), primary("b", "c"), row("y"));
  list.open.open("a", [primary("b", "c"), member("b"), member("c")]);
  assert.deepEqual(shownIds(list), ["x", "a", "b", "c", "y"]);
  assert.equal(list.step("a", 1), "b");
  assert.equal(list.step("c", 1), "y");
  assert.equal(list.row("b").id, "b");
  list.open.shut("a");
  assert.deepEqual(shownIds(list), ["x", "a", "y"]);
  assert.equal(list.row("b"), undefined);
});

test("a case that is taken out of an open row stands alone right there; put back it says so", () => {
  const list = taken(row("x"), primary("b", "c"), row("y"));
  list.open.open("a", [primary("b", "c"), member("b"), member("c")]);
  list.change({ b: row("b", { version: 2 }), a: primary("c") }, fits);
  assert.deepEqual(shownIds(list), ["x", "a", "c", "b", "y"]);
  assert.equal(list.fresh.size, 0);
  list.change({ b: member("b", { version: 3 }), a: primary("b", "c") }, fits);
  assert.deepEqual(list.gone.get("b"), { fold: true });
  list.change({ b: member("b", { version: 3 }) }, fits);
  assert.deepEqual(list.gone.get("b"), { fold: true }, "told twice it is the same");
});

test("the last case that is taken out stands alone, whichever of the two is told of first", () => {
  for (const first of ["a", "b"]) {
    const list = taken(row("x"), primary("b"), row("y"));
    list.open.open("a", [primary("b"), member("b")]);
    const told = { a: row("a", { version: 2 }), b: row("b", { version: 2 }) };
    list.change(Object.fromEntries([first, first === "a" ? "b" : "a"].map((id) => [id, told[id]])), fits);
    assert.deepEqual(shownIds(list), ["x", "a", "b", "y"], `${first} first`);
    assert.equal(list.fresh.size, 0);
  }
});

test("a case that is taken out of a shut row is counted as new, on whatever page", () => {
  const list = taken(primary("b", "c"));
  list.isWhole = false;
  list.change({ b: row("b", { version: 2 }), other: row("other"), a: primary("c") }, fits);
  assert.deepEqual([...list.fresh.keys()], ["b"]);
});

test("a new similar case changes the row's count and is not counted as a new row", () => {
  const list = taken(primary("b"));
  assert.deepEqual(list.change({ n: member("n"), a: primary("b", "n") }, fits), []);
  assert.equal(list.fresh.size, 0);
  assert.equal(list.rows.get("a").inside.total, 3);
  list.open.open("a", [primary("b", "n"), member("b"), member("n")]);
  list.change({ m: member("m"), a: primary("b", "n", "m") }, fits);
  assert.deepEqual(shownIds(list), ["a", "b", "n", "m"]);
});

test("when the primary ends, the row of the next one is counted and nothing is lost", () => {
  for (const turned of [false, true]) {
    const list = taken(primary("b", "c"));
    list.open.open("a", [primary("b", "c"), member("b"), member("c")]);
    const next = { b: row("b", { fold: "b", inside: inside("b", "c") }), c: row("c", { fold: "b" }) };
    const ended = { a: row("a", { queue: null, state: "closed" }) };
    list.change(turned ? { ...next, ...ended } : { ...ended, ...next }, (one) => (one.queue ? null : { state: one.state }));
    assert.deepEqual(list.gone.get("a"), { state: "closed" });
    assert.ok(list.fresh.has("b") || list.order.includes("b"));
    assert.ok(!list.fresh.has("c") && !list.order.includes("c"));
  }
});

test("the cases of a row are asked for as the list is, all at once", () => {
  const view = { area: "1", queue: "todo", sort: "due", q: "水", system: null, priority: "2", department: null, class: null, from: 400 };
  const query = new URLSearchParams(askedOfFold(view, "a/1"));
  assert.deepEqual(
    ["fold", "folded", "q", "priority", "sort", "offset", "limit"].map((name) => query.get(name)),
    ["a/1", null, "水", "2", "oldest", "0", "500"],
  );
  assert.equal(isWhole(view), false);
  assert.equal(isWhole({ ...view, q: null, priority: null }), true);
  assert.equal(isWhole({ ...view, q: null, priority: null, queue: "overdue" }), false);
});
