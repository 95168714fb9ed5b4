"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const words = require("../../assets/words.js");

// A page's scripts share one window; here it is this object.
const page = { one_map: { words, moment: (iso) => iso.replace("T", " ").slice(0, 19) } };
const WORDS = {
  en: {
    "handover.span": "{from} to {until}",
    "handover.paused": "paused, {age} left",
    "handover.paused.none": "paused",
    "handover.paused.late": "paused, overdue before",
    "handover.await.whistle": "To answer: {units}",
    "handover.await.supervise": "To be handled",
    "handover.await.suspend": "To be resumed, {age} left",
    "handover.await.suspend.late": "To be resumed; overdue before",
    "handover.lost": "look again",
    "handover.lost.signed": "{name} signed at {time}",
    "handover.lost.withdrawn": "{name} withdrew at {time}",
    "handover.lost.handed": "{name} handed over at {time}",
    "age.h": "{n} h {m} min",
  },
};

global.window = page;
const { span, due, awaited } = require("../../assets/handover_sheet.js");
const { lost } = require("../../assets/handover.js");
words.use(WORDS, "en");

const AT = "2026-07-15T06:32:00.000Z";

test("a shift within a day names the day once", () => {
  assert.equal(span("2026-07-15T00:00:00Z", "2026-07-15T08:30:00Z"), "2026-07-15 00:00 to 08:30");
  assert.equal(span("2026-07-14T22:00:00Z", "2026-07-15T08:30:00Z"), "2026-07-14 22:00 to 2026-07-15 08:30");
});

test("a deadline is an instant; a paused one says what is left or that it was over", () => {
  assert.deepEqual(due({ due_at: AT, overdue: true }, AT), { text: "14:32", overdue: true });
  const paused = (left_ms) => due({ due_at: null, left_ms, overdue: false }, AT).text;
  assert.equal(paused(5 * 3600e3), "paused, 5 h 0 min left");
  assert.equal(paused(-1), "paused, overdue before");
  assert.equal(paused(null), "paused");
});

test("what an act waits for is said in words", () => {
  const units = [{ name: "排水", name_en: "Drainage" }, { name: "道路", name_en: "Roads" }];
  assert.equal(awaited({ action: "whistle", awaited: units }), "To answer: Drainage, Roads");
  assert.equal(awaited({ action: "supervise", awaited: [] }), "To be handled");
  assert.equal(awaited({ action: "suspend", left_ms: 3600e3 }), "To be resumed, 1 h 0 min left");
  assert.equal(awaited({ action: "suspend", left_ms: -5 }), "To be resumed; overdue before");
});

test("who was second is told who was first", () => {
  const held = { from: "li", at: AT, to: "wang", signed_at: AT, withdrawn_by: "zhao", withdrawn_at: AT };
  assert.equal(lost({ ...held, state: "signed" }), "wang signed at 2026-07-15 06:32:00");
  assert.equal(lost({ ...held, state: "withdrawn" }), "zhao withdrew at 2026-07-15 06:32:00");
  assert.equal(lost({ ...held, state: "handed" }), "li handed over at 2026-07-15 06:32:00");
  assert.equal(lost(null), "look again");
});
