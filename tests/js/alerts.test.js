"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { AlertList, bells, isToldByCases, nameOf } = require("../../assets/alert_list.js");
const { level, Leader } = require("../../assets/alert_sound.js");
const { verdict, areaFor } = require("../../assets/alert_watch.js");
const { fresh } = require("../../assets/alert_notices.js");
const { over, figure } = require("../../assets/alert_bar.js");
const acts = require("../../assets/alert_actions.js");
const said = require("../../assets/alert_said.js");
const words = require("../../assets/words.js");

const NOW = Date.parse("2026-07-15T06:32:07Z"); // 14:32:07 in Shanghai
const at = (minutes) => new Date(NOW + minutes * 60e3).toISOString();
words.use({ zh: {
  "alert.state.unacknowledged": "未确认", "alert.state.returned": "已恢复 未确认", "alert.state.shelved": "搁置", "alert.state.shelved.until": "搁置至 {time}",
  "alert.chattering": "颤动 · {state}", "alert.clock.age": "已响", "alert.clock.left": "后自动回来", "alert.cameras": "{n} 路", "alert.inside": "{n} 条",
  "alert.unit.percent": "{n} %", "alert.unit.minutes": "{n} 分钟", "alert.state.normal": "正常",
} }, "zh");

const group = (key, more = {}) => ({
  key, kind: "device_gone", priority: 3, state: "unacknowledged", n: 1, n_chattering: 0, cause: null, incidents: [], ids: [key],
  first: { id: key, title: key, raised_at: at(-5) }, last_at: at(-5), cameras: null, ...more,
});
const held = (...groups) => Object.fromEntries(groups.map((one) => [one.key, one]));
const all = () => true;
const listed = (...groups) => {
  const list = new AlertList();
  list.change(held(...groups), all);
  list.take(all);
  return list;
};

// ---- the list -------------------------------------------------------------------------------------

test("what nobody has seen stands first, then what came back, then by priority and time", () => {
  const list = listed(
    group("known", { state: "acknowledged", priority: 1 }), group("back", { state: "returned" }), group("old", { last_at: at(-9) }),
    group("new", { last_at: at(-1) }), group("urgent", { priority: 1, last_at: at(-30) }), group("shelf", { state: "shelved", priority: 1 }),
  );
  assert.deepEqual(list.order, ["urgent", "new", "old", "back", "known", "shelf"]);
  assert.deepEqual(list.sections().map((one) => one.state), ["unacknowledged", "returned", "acknowledged", "shelved"]);
});

test("a listed row never moves: what came is counted, what ended stays until the list is taken anew", () => {
  const list = listed(group("a"), group("b"));
  const before = [...list.order];
  assert.deepEqual(list.change(held(group("c", { priority: 1 }), group("b", { state: "acknowledged" })), all), ["c"]);
  assert.deepEqual(list.change({ c: group("c", { priority: 1 }) }, all), [], "counted once");
  list.change({ a: null }, all);
  assert.deepEqual(list.order, before);
  assert.ok(list.gone.has("a") && list.groups.has("a"), "its words are still there to be read");
  assert.equal(list.groups.get("b").state, "acknowledged");
  list.change({ a: null, c: null }, all);
  assert.equal(list.fresh.size, 0, "what went before it was shown is not counted any more");
  list.take((one) => !list.gone.has(one.key));
  assert.deepEqual(list.order, ["b"]);
});

test("a snapshot marks what it does not hold as gone", () => {
  const list = listed(group("a"), group("b"));
  assert.deepEqual(list.snapshot(held(group("b"), group("c")), all), ["c"]);
  assert.deepEqual([...list.gone], ["a"]);
});

test("a group unfolds in pages below its row and folds again", () => {
  const list = listed(group("a", { n: 3 }), group("b"));
  const row = (id) => ({ id, state: "unacknowledged" });
  list.unfold("a", { items: [row("1"), row("2")], total: 3 });
  list.unfold("a", { items: [row("2"), row("3")], total: 3 }, true);
  assert.deepEqual(list.sections()[0].entries, [nameOf("a"), "1", "2", "3", nameOf("b")]);
  assert.equal(list.holder("3"), "a");
  assert.equal(list.holder("9"), null);
  list.changed({ 1: null, 2: { id: "2", state: "acknowledged" } });
  assert.equal(list.rows.get("1").state, "normal");
  assert.equal(list.rows.get("2").state, "acknowledged");
  assert.ok(list.fold("a"));
  assert.deepEqual(list.sections()[0].entries, [nameOf("a"), nameOf("b")]);
});

test("an answer that is older than what was told since brings nothing back", () => {
  const list = listed(group("a", { n: 2 }));
  const row = (id, version, state = "unacknowledged") => ({ id, version, state });
  list.unfold("a", { items: [row("1", 1), row("2", 4)], total: 2 });
  list.changed({ 1: row("1", 2, "acknowledged"), 2: null });
  list.fetched([row("1", 1), row("2", 4)]);
  assert.deepEqual(["1", "2"].map((id) => list.rows.get(id).state), ["acknowledged", "normal"]);
  list.fetched([row("1", 3, "returned"), row("2", 5)]);
  assert.deepEqual(["1", "2"].map((id) => list.rows.get(id).state), ["returned", "unacknowledged"]);
});

test("a group of one says what its alert says, unless that is older news", () => {
  const list = listed(group("a", { state: "shelved" }));
  list.fetched([{ id: "a", state: "shelved", shelved: { until: at(30) } }]);
  assert.equal(list.held(nameOf("a")).shelved.until, at(30));
  list.change({ a: group("a") }, all);
  assert.equal(list.held(nameOf("a")).shelved, undefined);
});

test("an alert that speaks of listed cases marks them, and only then has no row of its own", () => {
  const cases = new Map([["1", {}], ["2", {}]]);
  const near = group("near", { kind: "incident_at_limit", priority: 2, n: 2, incidents: ["1", "2"] });
  assert.equal(isToldByCases(near, cases), true);
  assert.equal(isToldByCases({ ...near, n: 3 }, cases), false, "one more is inside than is named");
  assert.equal(isToldByCases({ ...near, incidents: ["1", "9"] }, cases), false);
  assert.equal(isToldByCases({ ...near, kind: "similar_cluster" }, cases), false);
  const fresh1 = group("new", { kind: "p1_unacknowledged", priority: 1, incidents: ["2"] });
  const found = bells([near, fresh1, group("aside", { kind: "incident_at_limit", state: "shelved", incidents: ["3"] })], [{ incident: "2" }]);
  assert.deepEqual([...found].map(([id, one]) => [id, one.group.key, one.rings]).sort(), [["1", "near", false], ["2", "new", true]]);
});

test("a desk answers for its own tier: the others are listed in the tab alone, and do not blink", () => {
  const list = new AlertList();
  list.tier = "street";
  list.change(held(
    group("1", { priority: 1, tier: "district", states: { unacknowledged: 1 } }),
    group("2", { priority: 2, tier: "street", n: 3, states: { unacknowledged: 2, shelved: 1 } }),
  ), all);
  list.take(all);
  assert.deepEqual(list.blinking(), ["2"]);
  assert.deepEqual(list.own(), { unacknowledged: 2, shelved: 1 });
  assert.equal(list.nAsking(), 2);
});

test("only what nobody has seen of P1 and P2 blinks", () => {
  const list = listed(group("1", { priority: 1 }), group("2", { priority: 2 }), group("3"), group("4", { priority: 1, state: "returned" }));
  assert.deepEqual(list.blinking(), ["1", "2"]);
  assert.deepEqual(list.blinking(1), ["1"], "of those that are shown");
  list.gone.add("1");
  assert.deepEqual(list.blinking(), ["2"]);
});

// ---- the sound ------------------------------------------------------------------------------------

test("P1 before P2, none for P3 and P4, only P1 in a flood", () => {
  const ring = (priority, minutes = -1) => ({ priority, since: at(minutes) });
  const calm = { mute: null, isFlood: false, nowMs: NOW };
  assert.equal(level([], calm), 0);
  assert.equal(level([ring(3), ring(4)], calm), 0);
  assert.equal(level([ring(2), ring(3)], calm), 2);
  assert.equal(level([ring(2), ring(1)], calm), 1);
  assert.equal(level([ring(2)], { ...calm, isFlood: true }), 0);
  assert.equal(level([ring(2), ring(1)], { ...calm, isFlood: true }), 1);
});

test("a mute ends by itself, and a P1 that came after it began sounds through it", () => {
  const mute = { at: at(-3), until: at(2) };
  const heard = (one, nowMs = NOW) => level([one], { mute, isFlood: false, nowMs });
  assert.equal(heard({ priority: 1, since: at(-4) }), 0);
  assert.equal(heard({ priority: 1, since: at(-2) }), 1);
  assert.equal(heard({ priority: 2, since: at(-2) }), 0);
  assert.equal(heard({ priority: 2, since: at(-4) }, NOW + 121e3), 2);
});

test("of several tabs one sounds: the more urgent, then one in sight; another takes over when it leaves or falls silent", () => {
  const tabs = [];
  const tell = (from, message) => tabs.forEach((tab) => tab !== from && tab.heard(message, clock));
  let clock = 0;
  for (const id of ["a", "b"]) {
    const tab = new Leader(id, (message) => tell(tab, message));
    tabs.push(tab);
  }
  const [a, b] = tabs;
  const leads = () => tabs.filter((tab) => tab.leads(clock)).map((tab) => tab.id);
  a.want(2, false, clock);
  b.want(2, false, clock);
  assert.deepEqual(leads(), [], "each waits a moment for the others");
  clock = 500;
  assert.deepEqual(leads(), ["a"]);
  a.want(2, true, clock);
  assert.deepEqual(leads(), ["b"], "one in sight goes first");
  a.want(1, true, clock);
  assert.deepEqual(leads(), ["a"], "a P1 goes first");
  clock = 40e3;
  b.want(2, false, clock, true);
  assert.deepEqual(leads(), ["a"], "a hidden tab is woken once a minute only");
  a.leave();
  assert.ok(b.leads(clock));
  a.want(0, true, clock);
  assert.deepEqual(leads(), ["b"]);
  a.want(2, false, clock, true);
  clock += 4000;
  assert.ok(b.leads(clock), "a tab in sight that says nothing is gone");
});

// ---- the dead man's switch, the load, the news ----------------------------------------------------

test("the alerts stand still from 15 s without a judgement on, or when none ever came", () => {
  assert.equal(verdict(NOW, NOW - 60e3, NOW + 15e3), null);
  assert.deepEqual(verdict(NOW, 0, NOW + 40e3), { never: false, forMs: 40e3 });
  assert.equal(verdict(null, NOW, NOW + 10e3), null);
  assert.deepEqual(verdict(null, NOW, NOW + 16e3), { never: true, forMs: 16e3 });
});

test("a page watches its visitor's area, also on a wall, which may only see", () => {
  assert.equal(areaFor({ me: { area: "11", rights: ["see"] } }), "11");
  assert.equal(areaFor({ me: { area: "11", rights: ["report"] } }), null);
  assert.equal(areaFor({ me: null }), null);
});

test("a load is over its target above it, not at it", () => {
  const load = (n_10_min, n_hour) => ({ per_officer: { n_10_min, n_hour }, targets: { n_10_min: [1, 2], n_hour: [6, 12] } });
  assert.deepEqual(over(load(1, 6)), { n_10_min: false, n_hour: false });
  assert.deepEqual(over(load(1.1, 5)), { n_10_min: true, n_hour: false });
  assert.deepEqual([figure(4), figure(3.6666), figure(0)], ["4", "3.7", "0"]);
});

test("news are P1 and P2 that ring now and did not, also when they ring again", () => {
  const known = new Set();
  const ring = (id, priority, since = at(-1)) => ({ id, priority, since });
  assert.deepEqual(fresh(known, [ring("a", 1), ring("b", 3)]).map((one) => one.id), ["a"]);
  assert.deepEqual(fresh(known, [ring("a", 1), ring("c", 2)]).map((one) => one.id), ["c"]);
  assert.deepEqual(fresh(known, [ring("a", 1, at(0))]).map((one) => one.id), ["a"]);
});

// ---- in words -------------------------------------------------------------------------------------

test("a row tells its state and what its clock counts", () => {
  const row = { state: "unacknowledged", rang_at: at(-5), raised_at: at(-50), chattering: false };
  assert.deepEqual(said.describe(row, NOW), { sign: "unacknowledged", state: "未确认", clock: "05:00", note: "已响" });
  const shelf = { state: "shelved", shelved: { until: at(88) }, raised_at: at(-5) };
  assert.deepEqual(said.describe(shelf, NOW), { sign: "shelved", state: "搁置至 16:00", clock: "1:28:00", note: "后自动回来" });
  assert.deepEqual(said.describe({ ...row, state: "returned" }, NOW).clock, "—");
  assert.deepEqual(said.describe({ ...row, chattering: true }, NOW).sign, "chattering");
});

test("how many are inside: cameras where it is about cameras", () => {
  assert.deepEqual([said.inside(group("a", { n: 12, cameras: 1300 })), said.inside(group("a", { n: 12 })), said.inside(group("a"))], ["1,300 路", "12 条", ""]);
  assert.deepEqual([said.measured(80.123, "percent"), said.measured(5, "minutes")], ["80.1 %", "5 分钟"]);
});

// ---- what can be done -----------------------------------------------------------------------------

const offer = (action, allowed, code) => ({ action, allowed, needs: [], ...(code ? { code } : {}) });

test("Enter does the next step that the server names, if it is possible", () => {
  assert.equal(acts.primaryOf({ actions: [offer("acknowledge", true), offer("shelve", true)] }), "acknowledge");
  assert.equal(acts.primaryOf({ actions: [offer("acknowledge", false, "tier")] }), null);
  assert.equal(acts.primaryOf({ actions: [offer("shelve", true)] }), null, "nothing that has to be asked for");
  assert.equal(acts.primaryOf({ actions: [] }), null);
});

test("a group is acted on where its alerts allow it, at the versions seen", () => {
  const items = [{ id: "1", version: 3, state: "unacknowledged" }, { id: "2", version: 5, state: "acknowledged" }, { id: "3", version: 1, state: "suppressed" }];
  assert.deepEqual(acts.seenFor(items, "acknowledge"), [{ id: "1", version: 3 }]);
  assert.deepEqual(acts.seenFor(items, "shelve").map((one) => one.id), ["1", "2", "3"]);
  assert.deepEqual(acts.seenFor(items, "unshelve"), []);
  const head = { actions: [offer("acknowledge", false, "state"), offer("take_out", false, "role"), offer("shelve", true)] };
  const rows = Object.fromEntries(acts.groupActions(items, head).map((row) => [row.action, row]));
  assert.equal(rows.acknowledge.allowed, true, "the head's own state is no objection to the others");
  assert.equal(rows.take_out.code, "role");
  assert.equal(rows.unshelve.code, "state");
});

test("a shelf needs an end within four hours and a reason", () => {
  const wish = (draft) => acts.wishOf("shelve", draft, NOW);
  assert.deepEqual(wish({ preset: "已知" }).problem, ["until", "alert.needs.until"]);
  assert.deepEqual(wish({ minutes: 15 }).problem, ["note", "alert.needs.note"]);
  assert.deepEqual(wish({ clock: "25:00", preset: "x" }).problem, ["until", "alert.needs.until"]);
  assert.deepEqual(wish({ clock: "18:33", preset: "x" }).problem, ["until", "alert.needs.until.short"]);
  assert.deepEqual(wish({ clock: "15:30", preset: "已知", note: " 等回话 " }).wish, { until: "2026-07-15T07:30:00.000Z", note: "已知：等回话" });
  const longest = wish({ minutes: 240, note: "x" }).wish.until;
  assert.ok(Date.parse(longest) < NOW + 4 * 3600e3, "the server's clock may be a little behind");
  assert.deepEqual(acts.wishOf("assign", { assignee: " " }, NOW).problem, ["assignee", "alert.needs.assignee"]);
  assert.deepEqual(acts.wishOf("assign", { assignee: " zhang " }, NOW).wish, { assignee: "zhang" });
});

test("a time of day that is over means tomorrow's", () => {
  assert.equal(acts.clockToMs("00:10", NOW), Date.parse("2026-07-15T16:10:00Z"));
  assert.equal(acts.clockToMs("14：40", NOW), Date.parse("2026-07-15T06:40:00Z"));
  assert.equal(acts.clockToMs("7", NOW), null);
});
