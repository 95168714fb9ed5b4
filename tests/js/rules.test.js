"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const words = require("../../assets/words.js");

global.window = { one_map: { words } };
const fields = require("../../assets/rules_fields.js");
const { heights, RuleTrial } = require("../../assets/rules_trial.js");
const { byKind } = require("../../assets/rules_list.js");

const RULE = {
  id: "device-gone", version: 3, threshold: 80, on_delay_s: 60, off_delay_s: 0, acknowledge_within_s: 1800, again_after_s: 0,
  priority: 3, area: null, hours: ["08:00", "20:00"], response: "查电源", response_en: "Check the power", enabled: true,
};
const inputs = (more) => ({ ...fields.inputsOf(RULE), ...more });

test("a form that nobody touched changes nothing", () => {
  assert.equal(fields.problemOf(inputs()), null);
  assert.deepEqual(fields.changesOf(RULE, fields.fieldsOf(inputs())), {});
  const bare = { ...RULE, hours: null };
  assert.deepEqual(fields.changesOf(bare, fields.fieldsOf(fields.inputsOf(bare))), {});
});

test("what differs is a change, as the API takes it", () => {
  const held = inputs({ threshold: " 62.5 ", from: "", to: "", area: "530111001", enabled: "off", response: " 查链路 " });
  assert.deepEqual(fields.changesOf(RULE, fields.fieldsOf(held)), {
    threshold: 62.5, hours: null, area: "530111001", enabled: false, response: "查链路",
  });
});

test("what cannot be used is named with its input", () => {
  const cases = [
    [{ threshold: "-1" }, ["threshold", "threshold"]],
    [{ threshold: "1e3" }, ["threshold", "threshold"]],
    [{ threshold: "" }, ["threshold", "threshold"]],
    [{ off_delay_s: "1.5" }, ["off_delay_s", "seconds"]],
    [{ again_after_s: "604801" }, ["again_after_s", "seconds"]],
    [{ from: "8:00" }, ["from", "hours"]],
    [{ from: "" }, ["from", "hours"]],
    [{ to: "08:00" }, ["from", "hours"]],
    [{ to: "24:01" }, ["from", "hours"]],
    [{ response: " " }, ["response", "response"]],
    [{ response_en: "x".repeat(301) }, ["response_en", "response"]],
  ];
  for (const [more, expected] of cases) assert.deepEqual(fields.problemOf(inputs(more)), expected, JSON.stringify(more));
  assert.equal(fields.problemOf(inputs({ to: "24:00" })), null);
});

test("when somebody was first, what was not touched follows and what was written stays", () => {
  const theirs = { ...RULE, version: 4, threshold: 90, priority: 2 };
  const held = fields.rebased(inputs({ threshold: "70" }), RULE, theirs);
  assert.deepEqual([held.threshold, held.priority], ["70", "2"]);
  assert.deepEqual(fields.changesOf(theirs, fields.fieldsOf(held)), { threshold: 70 });
});

test("a refusal of the server stands at its own input", () => {
  assert.deepEqual(fields.refusedAt("hours[0]"), ["from", "hours"]);
  assert.deepEqual(fields.refusedAt("on_delay_s"), ["on_delay_s", "seconds"]);
  assert.deepEqual(fields.refusedAt("note"), ["note", "note"]);
  assert.deepEqual(fields.refusedAt("parameters.speed"), ["note", null]);
});

test("the busiest day is the tallest, and a day with one can still be seen", () => {
  const days = [0, 1, 200].map((raised) => ({ raised }));
  assert.deepEqual(heights(days), [0, 0.06, 1]);
  assert.deepEqual(heights([{ raised: 0 }]), [0]);
});

test("a trial is of the same fields in whatever order they come", () => {
  assert.equal(RuleTrial.sense({ a: 1, b: [2] }), RuleTrial.sense({ b: [2], a: 1 }));
  assert.notEqual(RuleTrial.sense({ a: 1 }), RuleTrial.sense({ a: 2 }));
});

test("rules of one kind stand together", () => {
  const rules = [["a", 1], ["b", 2], ["c", 1]].map(([id, kind]) => ({ id, kind }));
  assert.deepEqual(byKind(rules).map((rule) => rule.id), ["a", "c", "b"]);
});
