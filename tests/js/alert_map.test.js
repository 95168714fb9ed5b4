"use strict";
const { test } = require("node:test");
const assert = require("node:assert");
const { blinking, isMarked } = require("../../assets/alert_map.js");

const group = (more) => ({ state: "unacknowledged", kind: "site_without_view", priority: 3, cause: null, ...more });

test("each tier's map shows what is urgent enough for it, and every cause", () => {
  for (const [tier, least] of [["district", 2], ["street", 3], ["community", 4], ["grid", 4]])
    for (const priority of [1, 2, 3, 4]) {
      assert.equal(isMarked(group({ priority }), tier), priority <= least, `${tier} ${priority}`);
      assert.equal(isMarked(group({ priority, cause: "device-gone:sw" }), tier), true);
    }
});

test("what is set aside has no bell, nor what its case says already", () => {
  for (const state of ["shelved", "suppressed", "out_of_service"]) assert.equal(isMarked(group({ state, priority: 1 }), "grid"), false);
  for (const kind of ["incident_at_limit", "incident_overdue", "p1_unacknowledged"]) assert.equal(isMarked(group({ kind, priority: 1 }), "grid"), false);
  for (const state of ["acknowledged", "returned"]) assert.equal(isMarked(group({ state, priority: 1 }), "district"), true);
});

test("of many only three blink, the most urgent ones", () => {
  const groups = [2, 2, 1, 2, 3, 1].map((priority, key) => group({ priority, key }));
  assert.deepEqual(blinking([...groups, group({ priority: 1, state: "acknowledged" })]).map((one) => one.key), [2, 5, 0]);
});
