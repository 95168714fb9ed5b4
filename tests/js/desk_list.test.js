"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { CaseList, leaves, used, clock, state } = require("../../assets/desk_list.js");
const { read, write, asked } = require("../../assets/desk_view.js");
const words = require("../../assets/words.js");

const NOW = Date.parse("2026-07-15T06:32:07Z"); // 14:32:07 in Shanghai
const at = (minutes) => new Date(NOW + minutes * 60e3).toISOString();
const WORDS = {
  "desk.paused": "暂停", "desk.paused.for": "挂账", "desk.left": "剩余 {age}", "desk.over": "超时 {age}", "desk.to": "至 {time}", "age.m": "{n} 分",
  "desk.resumes": "{time} 恢复计时", "desk.resumes.provisional": "{time} 恢复（未公布）", "clock.tomorrow": "明日 {time}",
  "desk.unacknowledged.for": "未确认 {age}", "state.handling": "处置中", "state.closed": "已结案", "desk.mark.escalated": "已升级", "desk.none.due": "无",
  "age.ms": "{n} 分 {s} 秒", "age.s": "{n} 秒", "age.h": "{n} 时 {m} 分", "age.d": "{n} 天 {h} 时",
};
words.use({ zh: WORDS }, "zh");

const row = (id, more = {}) => ({
  id, queue: "todo", state: "handling", priority: 3, acknowledged: true, version: 1, title: id, area: "g", class: "01-10",
  system: "grid", channel: "collector", department: null, clock: "work_hour",
  reported_at: at(-60), due_at: at(60), marks_at: [at(0), at(36), at(60)], ...more,
});
const answer = (...items) => ({ items, total: items.length, as_of: at(0) });
const taken = (...items) => {
  const list = new CaseList();
  list.take(answer(...items));
  return list;
};
const fits = () => null;

test("those not acknowledged come first, each group in the server's order", () => {
  const list = taken(row("a"), row("b", { acknowledged: false }), row("c"), row("d", { acknowledged: false }));
  assert.deepEqual(list.order, ["b", "d", "a", "c"]);
  assert.deepEqual(list.groups(), [{ first: true, ids: ["b", "d"] }, { first: false, ids: ["a", "c"] }]);
});

test("a live row changes in place, also when it would stand elsewhere now", () => {
  const list = taken(row("a", { acknowledged: false }), row("b"));
  list.change({ b: row("b", { priority: 1, acknowledged: false, version: 2 }) }, fits);
  assert.deepEqual(list.order, ["a", "b"]);
  assert.equal(list.n_first, 1);
  assert.equal(list.rows.get("b").priority, 1);
});

test("a case that left stays and says what became of it, until the list is taken anew", () => {
  const list = taken(row("a"), row("b"), row("c"));
  list.change({ a: row("a", { queue: null, state: "closed" }), b: null }, () => ({ state: "closed" }));
  assert.deepEqual(list.order, ["a", "b", "c"]);
  assert.deepEqual(list.gone.get("a"), { state: "closed" });
  assert.deepEqual(list.gone.get("b"), {});
  list.take(answer(row("c")));
  assert.deepEqual(list.order, ["c"]);
  assert.equal(list.gone.size, 0);
});

test("a case that comes back is not dimmed any more", () => {
  const list = taken(row("a"));
  list.change({ a: row("a") }, () => ({ queue: "waiting" }));
  list.change({ a: row("a") }, fits);
  assert.equal(list.gone.size, 0);
});

test("new cases are only counted, once each, and uncounted when they leave again", () => {
  const list = taken(row("a"));
  assert.deepEqual(list.change({ n: row("n") }, fits), ["n"]);
  assert.deepEqual(list.change({ n: row("n", { version: 2 }) }, fits), []);
  assert.equal(list.fresh.size, 1);
  assert.deepEqual(list.order, ["a"]);
  list.change({ n: row("n", { queue: null }) }, () => ({ state: "closed" }));
  assert.equal(list.fresh.size, 0);
});

test("an answer after an outage moves nothing: gone are dimmed, new ones counted, older rows ignored", () => {
  const list = taken(row("a"), row("b", { version: 5 }));
  list.merge(answer(row("n"), row("b", { version: 4, title: "old" })));
  assert.deepEqual(list.order, ["a", "b"]);
  assert.ok(list.gone.has("a"));
  assert.ok(list.fresh.has("n"));
  assert.equal(list.rows.get("b").title, "b");
});

test("of a queue with several pages only what was reported since is new", () => {
  const list = new CaseList();
  list.take({ items: [row("a")], total: 3, as_of: at(0) });
  list.change({ other: row("other"), n: row("n", { reported_at: at(1) }) }, fits);
  assert.deepEqual([...list.fresh.keys()], ["n"]);
  list.merge({ items: [row("a"), row("other"), row("m", { reported_at: at(2) })], total: 3, as_of: at(3) });
  assert.deepEqual([...list.fresh.keys()], ["m"]);
});

test("the next case after one that left is the next that is still here", () => {
  const list = taken(row("a"), row("b"), row("c"));
  list.gone.set("b", {});
  assert.equal(list.after("a"), "c");
  assert.equal(list.after("c"), "a");
  assert.equal(taken(row("a")).after("a"), null);
});

test("steps stop at both ends, and begin there when nothing is chosen", () => {
  const list = taken(row("a"), row("b"), row("c"));
  assert.equal(list.step(null, 1), "a");
  assert.equal(list.step("gone away", -1), "c");
  assert.equal(list.step("b", -Infinity), "a");
  assert.equal(list.step("b", Infinity), "c");
  assert.equal(list.step("c", 1), "c");
  assert.equal(new CaseList().step(null, 1), null);
});

const view = { queue: "todo", q: null, system: null, priority: null, department: null, class: null };
const about = (more = {}) => ({ nowMs: NOW, isListed: false, systems: new Map([["party", ["leader"]]]), names: () => ["小板桥街道"], ...more });

test("why a case does not stand in a list", () => {
  assert.equal(leaves(row("a"), view, about()), null);
  assert.deepEqual(leaves(row("a", { queue: null, state: "closed" }), view, about()), { state: "closed" });
  assert.deepEqual(leaves(row("a", { queue: "waiting" }), view, about()), { queue: "waiting" });
  assert.deepEqual(leaves(row("a"), { ...view, priority: "1" }, about()), { filter: true });
  assert.deepEqual(leaves(row("a"), { ...view, system: "party" }, about()), { filter: true });
  assert.equal(leaves(row("a", { channel: "leader" }), { ...view, system: "party" }, about()), null);
  assert.equal(leaves(row("a"), { ...view, system: "party" }, about({ isListed: true })), null);
  assert.equal(leaves(row("a"), { ...view, q: "小板桥" }, about()), null);
  assert.deepEqual(leaves(row("a"), { ...view, q: "官渡" }, about()), { filter: true });
  assert.equal(leaves(row("a", { queue: "below" }), { ...view, queue: "all" }, about()), null);
  assert.deepEqual(leaves(row("a"), { ...view, queue: "overdue" }, about()), { queue: "todo" });
  assert.equal(leaves(row("a", { due_at: at(-1) }), { ...view, queue: "overdue" }, about()), null);
  assert.deepEqual(leaves(row("a", { due_at: at(-1), state: "suspended" }), { ...view, queue: "overdue" }, about()), { queue: "todo" });
});

test("the share that is used follows the marks, because clocks pause", () => {
  const paused = row("a", { reported_at: at(-60), marks_at: [at(60), at(600), at(660)] });
  assert.equal(used(paused, NOW - 3600e3), 0);
  assert.equal(used(paused, NOW), 0.25);
  assert.equal(used(paused, NOW + 60 * 60e3), 0.5);
  assert.equal(used(paused, NOW + 600 * 60e3), 0.8);
  assert.equal(used(paused, NOW + 999 * 60e3), 1);
  assert.equal(used(row("a", { marks_at: [null, null, null] }), NOW), null);
  assert.equal(used(row("a", { marks_at: undefined }), NOW), null);
});

test("every kind of clock", () => {
  const kinds = (more, clocks) => clock(row("a", more), NOW, clocks);
  assert.deepEqual(kinds({}).kind, "run");
  assert.equal(kinds({}).text, "1:00:00");
  assert.equal(kinds({}).said, "剩余 1 时 0 分");
  assert.equal(kinds({ marks_at: [at(-50), at(-1), at(60)] }).kind, "near");
  const over = kinds({ due_at: at(-26) });
  assert.deepEqual([over.kind, over.text, over.part], ["over", "+26:00", 1]);
  assert.equal(kinds({ state: "suspended", due_at: null }).text, "暂停");
  assert.equal(kinds({ state: "closed" }).kind, "ended");
  assert.equal(kinds({ due_at: null }).kind, "none");
  const still = kinds({}, { work_hour: { reason: "outside_hours", until: at(28), provisional: false } });
  assert.deepEqual([still.kind, still.text, still.note], ["still", "15:32", "15:00 恢复计时"]);
  const unsure = kinds({}, { work_hour: { reason: "holiday", until: at(28), provisional: true } });
  assert.equal(unsure.note, "15:00 恢复（未公布）");
  assert.equal(kinds({}, { work_hour: null, urgent_hour: { until: at(28) } }).kind, "run");
});

test("what a row says of its state", () => {
  assert.deepEqual(state(row("a", { acknowledged: false, reported_at: at(-5) }), NOW), ["未确认 05:00", true]);
  assert.deepEqual(state(row("a", { escalated: true }), NOW), ["处置中 · 已升级", false]);
});

const BOOT = { queues: ["todo", "waiting"], sorts: ["urgency", "due"], systems: [["grid", "网格", "Grid", []]], top: "1" };
const may = (code) => ["1", "11"].includes(code);

test("an empty address is the asker's own desk, and is written empty", () => {
  const first = read("", BOOT, may);
  assert.deepEqual([first.area, first.queue, first.sort, first.case, first.from], ["1", "todo", "urgency", null, 0]);
  assert.equal(write(first, BOOT), "");
});

test("what is written is read back the same", () => {
  const whole = {
    area: "11", queue: "waiting", sort: "due", q: "a&b=<c> 垃圾", system: "grid", priority: "2", department: "x y", class: "01-10",
    case: "2026/07?#1", alert: null, lang: "en", from: 400, unknown: null,
  };
  assert.deepEqual(read(write(whole, BOOT), BOOT, may), whole);
});

test("what is not there falls back, and an area outside is told", () => {
  const odd = read(`?area=99&queue=zz&sort=x&priority=9&system=none&lang=fr&from=-7&q=${"长".repeat(500)}`, BOOT, may);
  assert.deepEqual([odd.area, odd.unknown, odd.queue, odd.sort, odd.priority, odd.system, odd.lang, odd.from], ["1", "99", "todo", "urgency", null, null, null, 0]);
  assert.equal(odd.q.length, 100);
  assert.equal(read("?from=399", BOOT, may).from, 200);
});

test("the language, the choice and who looks do not ask for another list", () => {
  const one = read("?case=a&lang=zh", BOOT, may);
  const other = read("?case=b&lang=en", BOOT, may);
  assert.equal(asked(one), asked(other));
  assert.notEqual(asked(one), asked({ ...one, q: "x" }));
});
