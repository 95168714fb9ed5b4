"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const words = require("../../assets/words.js");

// A page's scripts share one window; here it is this object.
global.window = { one_map: { words } };
const { verdict, axisEnd, short, percent } = require("../../assets/alarms_bars.js");
const { unjudged, measures } = require("../../assets/alarms.js");
words.use({
  en: {
    "alarms.at_most": "at most {n}", "alarms.zero": "none", "alarms.no_target": "no target", "alarms.nothing": "nothing rang",
  },
}, "en");

const LOAD = {
  n_day: 40, max_10_min_24h: 11, share_top_ten: 0.5, flood: { share_24h: 0.004 }, n_chattering: 1, n_fleeting: 0, n_stale: 5,
  n_standing: 7, n_shelved: 2,
  targets: {
    max_10_min: [10, 10], share_top_ten: [0.05, 0.05], flood_share: [0.01, 0.01], n_chattering: [0, 0], n_fleeting: [0, 0], n_stale: [5, 5],
  },
};
const found = (load) => Object.fromEntries(measures(load).map(([word, ...rest]) => [word, rest]));

test("a load is within, above acceptable, or above manageable; both limits belong to what is below", () => {
  assert.deepEqual([0, 6, 6.01, 12, 12.01].map((n) => verdict(n, [6, 12])), ["within", "within", "above", "above", "over"]);
});

test("the axis holds the value and both limits", () => {
  assert.equal(axisEnd(1, 12), 15);
  assert.equal(axisEnd(50, 12), 50);
  assert.equal(axisEnd(0, 0), 1);
});

test("numbers are short, shares have one decimal", () => {
  assert.deepEqual([0, 0.333, 9.96, 1234.4].map(short), ["0", "0.3", "10", "1,234"]);
  assert.equal(percent(0.1234), "12.3 %");
});

test("each measure stands beside its target, and one without says so", () => {
  const rows = found(LOAD);
  assert.deepEqual(rows["alarms.max_10_min"], ["11", "at most 10", false]);
  assert.deepEqual(rows["alarms.flood"], ["0.4 %", "at most 1 %", true]);
  assert.deepEqual(rows["alarms.n_chattering"], ["1", "none", false]);
  assert.deepEqual(rows["alarms.n_stale"], ["5", "at most 5", true]);
  assert.deepEqual(rows["alarms.n_standing"], ["7", "no target", null]);
});

test("a share of a few alerts is not judged, and none is no zero", () => {
  assert.equal(found(LOAD)["alarms.share_top_ten"][2], false);
  assert.equal(found({ ...LOAD, n_day: 29 })["alarms.share_top_ten"][2], "few");
  assert.deepEqual(found({ ...LOAD, share_top_ten: null })["alarms.share_top_ten"], ["nothing rang", "at most 5 %", null]);
});

test("rules judged longer ago than 15 s are not judged any more", () => {
  const at = "2026-07-15T06:32:00.000Z";
  assert.equal(unjudged(at, Date.parse(at) + 15000), null);
  assert.equal(unjudged(at, Date.parse(at) + 16000), 16000);
});
