"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { clockOf, wayOf } = require("../../assets/case_facts.js");
const { trailOf } = require("../../assets/case_trail.js");
const { noteOf, searched } = require("../../assets/case_composer.js");

const H = 3600e3;
const T0 = Date.parse("2026-07-15T06:00:00Z");
const at = (hours) => new Date(T0 + hours * H).toISOString();
const held = (more) => ({
  state: "handling",
  due_at: at(4),
  reported_at: at(0),
  closed_at: null,
  limit: { amount: 4, clock: "urgent_hour", condition: 1 },
  n_extensions: 0,
  history: [],
  escalations: [],
  ...more,
});

test("a clock is running, past half, near, overdue", () => {
  const kinds = [0.5, 2.5, 3.3, 5].map((hours) => clockOf(held(), T0 + hours * H, null, null));
  assert.deepEqual(kinds.map((one) => one.kind), ["running", "running", "running", "overdue"]);
  assert.deepEqual(kinds.map((one) => Boolean(one.isPastHalf)), [false, true, true, false]);
  assert.deepEqual(kinds.map((one) => one.isNear), [false, false, true, false]);
  assert.equal(kinds[3].leftMs, -H);
  assert.equal(kinds[0].share, 0.125);
});

test("a clock outside its hours counts open time alone", () => {
  const work = held({ limit: { amount: 4, clock: "work_hour", condition: 1 }, due_at: at(20) });
  const state = clockOf(work, T0 + H, { reason: "outside_hours", until: at(2) }, 3 * H);
  assert.deepEqual([state.kind, state.leftMs, state.share], ["still", 3 * H, 0.25]);
});

test("a suspended clock shows what is left, an extended one has the limit again", () => {
  const state = clockOf(held({ state: "suspended", due_at: null, left_ms: H }), T0 + 9 * H, null, null);
  assert.deepEqual([state.kind, state.leftMs, state.share], ["suspended", H, 0.75]);
  assert.equal(clockOf(held({ n_extensions: 1, due_at: at(8) }), T0 + 4 * H, null, null).share, 0.5);
});

test("an ended case was in time or late, and one that was never worked on is neither", () => {
  const ended = (hours, state = "closed") => clockOf(held({ state, closed_at: at(hours) }), T0 + 99 * H, null, null);
  assert.deepEqual([ended(3).kind, ended(3).leftMs], ["in_time", H]);
  assert.deepEqual([ended(5).kind, ended(5).leftMs], ["late", -H]);
  assert.equal(ended(3, "rejected").kind, "stopped");
});

const move = (id, action, more = {}) => ({ id, action, at: at(1), by: "chen", at_desk: true, undoes: null, called: [], ...more });
const statuses = (history, more) => wayOf(held({ history, ...more })).steps.map((step) => step.status[0]).join("");

test("steps are done, current, ahead", () => {
  assert.equal(statuses([]), "dcaaaaa");
  const main = [move(1, "file"), move(2, "dispatch"), move(3, "accept"), move(4, "handle")];
  assert.equal(statuses(main.slice(0, 2)), "dddcaaa");
  assert.equal(statuses(main.slice(0, 3)), "dddcaaa");
  assert.equal(statuses(main), "dddddca");
  assert.equal(statuses([...main, move(5, "inspect", { result: "passed" })]), "ddddddc");
  assert.equal(statuses([...main, move(5, "inspect", { result: "failed" })]), "dddddca");
  assert.equal(statuses([move(1, "solve")]), "dssddca");
});

test("a step that was taken back was not taken", () => {
  assert.equal(statuses([move(1, "file"), move(2, "dispatch"), move(3, "undo", { undoes: 2 })]), "ddcaaaa");
});

test("returns and reworks lead back, counted on one arc each", () => {
  const once = [move(1, "file"), move(2, "dispatch"), move(3, "return")];
  assert.equal(statuses(once), "ddcaaaa");
  const { backs } = wayOf(held({ history: [...once, move(4, "dispatch"), move(5, "return"), move(6, "dispatch"), move(7, "handle"), move(8, "rework")] }));
  assert.deepEqual(backs, [
    { from: 3, to: 2, n: 2, action: "return" },
    { from: 5, to: 3, n: 1, action: "rework" },
  ]);
});

const entry = (action, hours, more = {}) => ({ action, at: at(hours), actor: "chen", role: "officer", outcome: "done", detail: null, ...more });

test("an audit entry and the move it tells of are one line; other moves stand for themselves", () => {
  const history = [move("a", "file", { at: at(1) }), move("b", "accept", { at: at(2), by: "out", at_desk: false })];
  const items = trailOf(held({ history }), [entry("incident.file", 1)]);
  assert.deepEqual(items.map((item) => [item.kind, item.move?.id]), [["move", "b"], ["act", "a"], ["report", undefined]]);
});

test("views without anything between are one line for each who looked", () => {
  const trail = [
    entry("incident.view", 5),
    entry("incident.view", 4, { actor: "li" }),
    entry("incident.view", 3),
    entry("incident.file", 2),
    entry("incident.view", 1),
  ];
  const items = trailOf(held(), trail).filter((item) => item.kind === "view");
  assert.deepEqual(items.map((item) => [item.actor, item.n]), [["chen", 2], ["li", 1], ["chen", 1]]);
});

test("automatic escalations are told, an officer's own is a move already", () => {
  const escalations = [{ at: at(3), reason: "mark_80", tier: "street" }, { at: at(4), reason: "officer", tier: "district" }];
  assert.deepEqual(trailOf(held({ escalations }), null).map((item) => item.kind), ["up", "report"]);
});

test("a note is the reason and what was typed, no longer than the server takes", () => {
  assert.equal(noteOf("误报", " 已电话核对 ", "；"), "误报；已电话核对");
  assert.equal(noteOf("", "", "；"), "");
  assert.equal(noteOf("误报", "x".repeat(2000), "；").length, 1000);
});

test("departments are found by either name, without those on the list", () => {
  const all = [{ id: "a", name: "区水务局", name_en: "Water Bureau" }, { id: "b", name: "区排水公司", name_en: "Drainage" }];
  assert.deepEqual(searched(all, "水", new Set(["b"])).map((one) => one.id), ["a"]);
  assert.deepEqual(searched(all, "drain", new Set()).map((one) => one.id), ["b"]);
  assert.deepEqual(searched(all, "  ", new Set()), []);
});
