"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const words = require("../../assets/words.js");
const alertWatch = require("../../assets/alert_watch.js");

// A page's scripts share one window; here it is this object.
global.window = { one_map: { words, alertWatch, moment: (iso) => iso.slice(0, 19) } };
const view = require("../../assets/data_view.js");
const { isPlain } = require("../../assets/page_keys.js");

const EN = {
  "age.s": "{n} s", "age.m": "{n} min", "age.ms": "{n} min {s} s",
  "data.withheld": "withheld", "data.withheld.why": "also elsewhere", "data.never": "never",
  "data.kind.recorded": "recorded", "data.limits.text": "live {live}, late {late}, stale {stale}",
  "data.behind.stale": "{area} not of now", "data.outlet.ago": "{age} ago", "data.outlet.nothing": "none", "data.outlet.some": "some",
  "data.outlet.withheld": "administrators only", "data.outlet.of.text": "{area} {n}", "data.outlet.counts.text": "{delivered}/{lost}/{missed}",
  "data.outlet.error.at": "{time}, {n} failed|{time}, {n} failed", "data.judged.ago": "{age} ago", "data.judged.never": "never",
  "data.judged.runs": "said after {limit}", "data.judged.stands": "stands still",
  "data.picture.never": "none yet", "data.picture.age": "{age} ago", "data.picture.cut": "stands at {time}", "data.picture.live": "as of {time}",
};
words.use({ en: EN, zh: EN }, "en");
const NOW = Date.parse("2026-07-15T06:32:00Z");
const FEED = { name: "a", title: "甲", title_en: "A", kind: "recorded", label: "night", area: null, freshness: "live", last_at: "2026-07-15T06:31:50Z", period_s: 10, accepted: 1, rejected: 0, duplicates: 0, dropped_private: 0, rate_per_min: 6 };
const feed = (more) => ({ ...FEED, ...more });

test("what is worst comes first, equals by name, whatever order they came in", () => {
  const feeds = [feed({ name: "b" }), feed({ name: "a" }), feed({ name: "d", freshness: "late" }), feed({ name: "c", freshness: "lost" }), feed({ name: "e", freshness: "stale" })];
  assert.deepEqual(view.worstFirst(feeds).map((f) => f.name), ["c", "e", "d", "a", "b"]);
  assert.deepEqual(view.worstFirst([...feeds].reverse()).map((f) => f.name), ["c", "e", "d", "a", "b"]);
});

test("cut off from the server, nothing is fresher than stale and what is lost stays lost", () => {
  assert.deepEqual(["live", "late", "stale", "lost"].map((freshness) => view.fresh({ freshness }, true)), ["stale", "stale", "stale", "lost"]);
  assert.deepEqual(["live", "late", "stale", "lost"].map((freshness) => view.fresh({ freshness }, false)), ["live", "late", "stale", "lost"]);
});

test("the tally names only what there is, worst first", () => {
  assert.deepEqual(view.tally([feed({}), feed({}), feed({ freshness: "lost" })], false), [["lost", 1], ["live", 2]]);
  assert.deepEqual(view.tally([], false), []);
});

test("a badge for each kind that is not real and has delivered, once", () => {
  const feeds = [feed({}), feed({}), feed({ kind: "simulated", label: null, accepted: null }), feed({ kind: "simulated", label: "x", accepted: 0 }), feed({ kind: "live" })];
  assert.deepEqual(view.origins(feeds), [{ kind: "recorded", label: "night" }, { kind: "simulated", label: null }]);
  assert.deepEqual(view.origins([feed({ accepted: null, last_at: null })]), []);
});

test("the limits have the floors of the server", () => {
  assert.deepEqual(view.limits(5), { live: 5, late: 60, stale: 120 });
  assert.deepEqual(view.limits(600), { live: 600, late: 1800, stale: 6000 });
});

test("a count that is not to be known is not a zero", () => {
  assert.deepEqual(view.counted(0), { text: "0", withheld: false });
  assert.deepEqual(view.counted(12406), { text: "12,406", withheld: false });
  assert.deepEqual(view.counted(null), { text: "withheld", withheld: true });
});

test("an open feed tells its limits, what it stands behind, and why counts are withheld", () => {
  const rows = new Map(view.feedDetails(feed({ freshness: "stale", accepted: null, dropped_private: null }), { areaName: "Guandu", isCut: false, nowMs: NOW }));
  assert.equal(rows.get("data.last"), "2026-07-15T06:31:50 (10 s ago)");
  assert.equal(rows.get("data.limits"), "live 10 s, late 1 min, stale 2 min");
  assert.equal(rows.get("data.behind"), "Guandu not of now");
  assert.equal(rows.get("data.private"), "withheld");
  assert.equal(rows.get("data.accepted"), "also elsewhere");
  assert.equal(view.kindOf(FEED), "recorded night");
  assert.equal(view.since(null, NOW), "never");
});

test("an alert of its silence is found by the name behind the rule, and by no other", () => {
  const groups = { k: { kind: "feed_silent", ids: ["feed-silent:a"] }, l: { kind: "device_gone", ids: ["gone:b"] }, m: null };
  assert.equal(view.hasAlert(groups, "a"), true);
  assert.equal(view.hasAlert(groups, "b"), false);
});

const OUTLET = { name: "ops", kind: "webhook", state: "ok", delivered_age_s: 60, oldest_age_s: null, setting: null };
const SETTING = { target: "https://x.example/hook", area: null, priority: 2, n_waiting: 3, n_lost: 1, n_missed: 2, n_delivered: 9, created_at: "2026-07-15T00:00:00Z", paused_at: null, paused_why: null, error: "refused", error_at: "2026-07-15T06:00:00Z", attempts: 4, lost: [] };

test("ages of an outlet go on since the answer; who may not know where it leads is told so", () => {
  assert.deepEqual(view.outletCells(OUTLET, 5), { delivered: "1 min 5 s ago", waiting: "none", oldest: "none", lost: "withheld", target: "administrators only" });
  assert.equal(view.outletCells({ ...OUTLET, oldest_age_s: 30 }, 5).oldest, "35 s");
  assert.equal(view.outletCells({ ...OUTLET, oldest_age_s: 30 }, 5).waiting, "some");
  assert.equal(view.outletCells({ ...OUTLET, delivered_age_s: null }, 5).delivered, "never");
  assert.deepEqual(view.outletDetails(OUTLET, "Guandu"), []);
});

test("administrators see the target, the counts and the last error", () => {
  const told = view.outletCells({ ...OUTLET, setting: SETTING }, 0);
  assert.deepEqual([told.waiting, told.lost, told.target], ["3", "3", "https://x.example/hook"]);
  const rows = new Map(view.outletDetails({ ...OUTLET, setting: SETTING }, "Guandu"));
  assert.equal(rows.get("data.outlet.of"), "Guandu P2");
  assert.equal(rows.get("data.outlet.error"), "refused");
  assert.equal(rows.get("data.outlet.error.when"), "2026-07-15T06:00:00, 4 failed");
});

test("outlets: failing before late before paused before working, each with a sign of its own", () => {
  const all = ["ok", "paused", "failing", "late"].map((state) => ({ name: state, state }));
  assert.deepEqual(view.worstOutletFirst(all).map((o) => o.state), ["failing", "late", "paused", "ok"]);
  assert.equal(new Set(all.map(view.sign)).size, 4);
});

test("judging that stands still is not said to run", () => {
  assert.deepEqual(view.judged(NOW - 1000, NOW - 60000, NOW), { figure: "1 s ago", meaning: "said after 15 s", stands: false });
  assert.deepEqual(view.judged(NOW - 20000, NOW - 60000, NOW), { figure: "20 s ago", meaning: "stands still", stands: true });
  assert.equal(view.judged(null, NOW - 1000, NOW).stands, false);
  assert.equal(view.judged(null, NOW - 20000, NOW).stands, true);
});

test("the picture is as old as its newest frame and old when cut off", () => {
  assert.deepEqual(view.picture({ asOf: null, state: "connecting" }, NOW), { figure: "none yet", meaning: "", isOld: true });
  assert.deepEqual(view.picture({ asOf: NOW - 2000, state: "live" }, NOW), { figure: "2 s ago", meaning: "as of 14:31:58", isOld: false });
  assert.equal(view.picture({ asOf: NOW - 30000, state: "cut" }, NOW).isOld, true);
});

test("a digit leads to a page only by itself and not while text is written", () => {
  const press = (more) => isPlain({ key: "5", target: { closest: () => null }, ...more });
  assert.equal(press({}), true);
  for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { shiftKey: true }, { repeat: true }, { isComposing: true }, { defaultPrevented: true }, { key: "0" }, { key: "a" }, { target: { closest: () => ({}) } }])
    assert.equal(press(more), false, JSON.stringify(more));
});
