"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const w = require("../../assets/words.js");

const WORDS = {
  zh: { "age.s": "{n} 秒", "age.m": "{n} 分", "age.ms": "{n} 分 {s} 秒", "age.h": "{n} 小时 {m} 分", "age.d": "{n} 天 {h} 时",
    "clock.tomorrow": "明日 {time}", "state.suspended": "挂账" },
  en: { "count.grid": "{n} grid|{n} grids", "age.s": "{n} s" },
};
test.beforeEach(() => w.use(WORDS, "zh"));

const NOW = Date.parse("2026-11-22T06:32:07Z"); // 14:32:07 in Shanghai
const at = (seconds) => new Date(NOW + seconds * 1000).toISOString();
const incident = (left, used = 0) => ({ reported_at: at(-used), due_at: at(left), state: "handling" });

test("clocks show Shanghai, whatever the machine's zone", () => {
  assert.equal(w.hms(NOW), "14:32:07");
  assert.equal(w.moment(NOW, NOW), "14:32");
  assert.equal(w.moment(NOW - 86400e3, NOW), "11-21 14:32");
});

for (const [seconds, text] of [[0, "0 秒"], [59.9, "59 秒"], [192, "3 分 12 秒"], [660, "11 分"], [3600, "1 小时 0 分"], [90000, "1 天 1 时"]]) {
  test(`an age of ${seconds} s reads ${text}`, () => assert.equal(w.age(seconds), text));
}

for (const [left, used, text, overdue, near] of [
  [712, 3600, "11:52", false, true],
  [3260, 300, "54:20", false, false],
  [7111, 60, "1:58:31", false, false],
  [-1570, 9999, "+26:10", true, false],
  [-100_000, 9999, "+1 天 3 时", true, false],
  [27 * 3600, 60, "明日 17:32", false, false],
  [100 * 3600, 60, "11-26 18:32", false, false],
]) {
  test(`${left} s left reads ${text}`, () => assert.deepEqual(w.clock(incident(left, used), NOW), { text, overdue, near }));
}

test("a suspended incident has no running clock, one without a limit a dash", () => {
  assert.equal(w.clock({ ...incident(-60), state: "suspended" }, NOW).text, "挂账");
  assert.equal(w.clock({ reported_at: at(0), due_at: null }, NOW).text, "—");
});

test("names lose their tier on labels; grids keep their number in both languages", () => {
  const street = { tier: "street", name: "关上街道", name_en: "Guanshang Subdistrict" };
  const grid = { tier: "grid", code: "530111001001007", name: "关上社区第7网格", name_en: "Guanshang Grid 7" };
  assert.equal(w.shortName(street), "关上");
  assert.equal(w.shortName(grid), "07");
  w.use(WORDS, "en");
  assert.equal(w.shortName(street), "Guanshang");
  assert.equal(w.name(street), "Guanshang Subdistrict");
  assert.equal(w.gridNumber({ name: "甲", code: "123" }), "123");
});

test("English counts one and many; a word that is missing shows its key", () => {
  w.use(WORDS, "en");
  assert.equal(w.say("count.grid", { n: 1 }), "1 grid");
  assert.equal(w.say("count.grid", { n: 7 }), "7 grids");
  assert.equal(w.say("no.such"), "no.such");
  assert.equal(w.count(1234567), "1,234,567");
});
