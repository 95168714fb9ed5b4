"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const facts = require("../../assets/whistle_facts.js");
const { bodyOf, asStep } = require("../../assets/whistle_wire.js");
const { Book, KNOWN_MS, OTHER_MS, LONGEST_MS } = require("../../assets/whistle_book.js");
const figures = require("../../assets/whistle_figures.js");
const { trailOf } = require("../../assets/case_trail.js");
const { Clicks } = require("../../assets/case_click.js");

const MIN = 60e3;
const T0 = Date.parse("2026-07-15T06:00:00Z");
const at = (minutes) => new Date(T0 + minutes * MIN).toISOString();
const part = (department, state = "called", more = {}) => ({
  department, state, version: 0, acknowledged_at: null, arrived_at: null, handling_at: null, done_at: null,
  answer: null, due: null, missed: [], ratings: null, ...more,
});
const action = (name, code) => ({ action: name, needs: [], allowed: !code, code });
const whistle = (more = {}) => ({
  id: "w1", incident: "GD-1", kind: "daily", state: "blown", version: 1, drafted_at: at(0), blown_at: at(0),
  called: [part("paishui"), part("gongshui")], actions: [], ...more,
});

test("the steps of a department: done, skipped, current, ahead", () => {
  const held = whistle();
  const stood = part("paishui", "done", { acknowledged_at: at(3), arrived_at: at(9), done_at: at(30) });
  assert.deepEqual(facts.stepsOf(held, stood).map((step) => step.status), ["done", "done", "done", "skipped", "done"]);
  const called = facts.stepsOf(held, part("paishui"));
  assert.deepEqual(called.map((step) => step.status), ["done", "current", "ahead", "ahead", "ahead"]);
  assert.equal(called[0].at, at(0));
  const drafted = whistle({ state: "drafted", blown_at: null });
  assert.deepEqual(facts.stepsOf(drafted, part("paishui")).map((step) => step.status), Array(5).fill("ahead"));
  const over = facts.stepsOf(whistle({ state: "withdrawn" }), part("paishui"));
  assert.equal(over[1].status, "ahead"); // nobody is awaited any more
});

test("a clock runs from the blow, is near at 80 % and overdue after its time", () => {
  const held = whistle();
  const one = part("paishui", "called", { due: { clock: "acknowledge", due_at: at(30), used: 0, overdue: false } });
  const states = [15, 24, 30, 31].map((minutes) => facts.clockOf(held, one, T0 + minutes * MIN));
  assert.deepEqual(states.map((state) => state.isNear), [false, true, true, true]);
  assert.deepEqual(states.map((state) => state.isOverdue), [false, false, false, true]);
  assert.equal(states[0].share, 0.5);
  assert.equal(states[3].leftMs, -MIN);
  assert.equal(facts.clockOf(held, part("paishui", "done"), T0), null);
});

test("a whistle in short says what it waits for", () => {
  const stood = (...states) => whistle({ called: states.map((state, i) => part(`d${i}`, state)) });
  const keys = [stood("called", "acknowledged", "done"), stood("acknowledged", "done"), stood("done", "done")].map((one) => facts.summaryOf(one, T0));
  assert.deepEqual(keys.map((one) => one.key), ["whistle.sum.answered", "whistle.sum.done", "whistle.sum.all_done"]);
  assert.deepEqual(keys[0].values, { n: 2, of: 3, done: 1 });
  assert.equal(facts.summaryOf(whistle({ state: "drafted" }), T0).key, "whistle.sum.drafted");
});

test("of several whistles an open one leads, and of those the newest", () => {
  const [old, open, newer] = [whistle({ id: "a", state: "archived", drafted_at: at(9) }), whistle({ id: "b" }), whistle({ id: "c", drafted_at: at(5) })];
  assert.equal(facts.leading([old, open, newer]).id, "c");
  assert.equal(facts.leading([old]).id, "a");
  assert.equal(facts.leading([]), null);
});

test("a department sees the next step of its own part alone, its teams' included", () => {
  const departments = [{ id: "paishui", parent: null }, { id: "team", parent: "paishui" }, { id: "squad", parent: "team" }, { id: "gongshui", parent: null }];
  const units = facts.unitsOf("paishui", departments);
  assert.deepEqual([...units], ["paishui", "team", "squad"]);
  const held = whistle({ actions: [action("acknowledge"), action("arrive", "part")] });
  assert.deepEqual(facts.partVerbsOf(held, held.called[0], units), [{ step: "acknowledge", allowed: true, code: undefined }]);
  assert.deepEqual(facts.partVerbsOf(held, held.called[1], units), []);
  const later = whistle({ called: [part("squad", "on_scene")], actions: [action("handle"), action("finish")] });
  assert.deepEqual(facts.partVerbsOf(later, later.called[0], units).map((verb) => verb.step), ["handle", "finish"]);
});

test("a desk sees what the state allows, with the reason when it may not, and nothing for other posts", () => {
  const drafted = whistle({ state: "drafted", blown_at: null, actions: [action("approve", "tier"), action("blow", "approve_first"), action("cancel", "role")] });
  assert.deepEqual(facts.verbsOf(drafted).map(({ step, allowed, code }) => [step, allowed, code]), [["approve", false, "tier"], ["blow", false, "approve_first"]]);
  const blown = whistle({ actions: [action("withdraw", "not_done"), action("remind")] });
  assert.deepEqual(facts.verbsOf(blown).map((verb) => verb.allowed), [true, true]); // with a reason it may be withdrawn
});

test("what a whistle waits for at this desk", () => {
  const may = (state, name, more) => whistle({ state, actions: [action(name)], ...more });
  assert.equal(facts.awaited(may("drafted", "approve"), null), "approve");
  assert.equal(facts.awaited(may("approved", "blow"), null), "blow");
  assert.equal(facts.awaited(may("withdrawn", "rate"), null), "rate");
  assert.equal(facts.awaited(may("blown", "withdraw"), null), null);
  assert.equal(facts.awaited(may("blown", "withdraw", { called: [part("paishui", "done")] }), null), "withdraw");
  assert.equal(facts.awaited(whistle({ state: "drafted", actions: [action("approve", "tier")] }), null), null);
  const units = new Set(["gongshui"]);
  assert.equal(facts.awaited(whistle(), units), "acknowledge");
  assert.equal(facts.awaited(whistle({ called: [part("paishui"), part("gongshui", "done")] }), units), null);
});

test("a step's request carries the version of what it changes, and only what it takes", () => {
  const held = whistle({ version: 7, called: [part("paishui", "called", { version: 2 })] });
  const draft = { contact: " 李站长 ", measures: "抢修", promised_at: at(60), note: "x" };
  assert.deepEqual(facts.wishOf(held, "acknowledge", "paishui", draft), {
    step: "acknowledge", version: 2, department: "paishui", contact: "李站长", measures: "抢修", promised_at: at(60),
  });
  assert.deepEqual(facts.wishOf(held, "rate", "paishui", { speed: 4, quality: 5 }), { step: "rate", version: 7, department: "paishui", speed: 4, quality: 5 });
  assert.deepEqual(facts.wishOf(held, "withdraw", null, { note: "" }), { step: "withdraw", version: 7 });
});

test("a form names the first field that is missing; withdrawing before all are done needs why", () => {
  const held = whistle({ actions: [{ action: "acknowledge", needs: ["contact", "measures", "promised_at"], allowed: true }, action("withdraw", "not_done")] });
  assert.equal(facts.missing(held, "acknowledge", { contact: "李" }), "measures");
  assert.equal(facts.missing(held, "acknowledge", { contact: "李", measures: "修", promised_at: at(1) }), null);
  assert.equal(facts.missing(held, "withdraw", { note: "  " }), "note");
  assert.equal(facts.missing(whistle({ actions: [action("withdraw")] }), "withdraw", {}), null);
});

test("clocks are Shanghai's", () => {
  assert.equal(facts.fromClock("2026-07-15T14:30"), "2026-07-15T06:30:00.000Z");
  assert.equal(facts.toClock(Date.parse("2026-07-15T06:30:00Z")), "2026-07-15T14:30");
  assert.equal(facts.fromClock("soon"), null);
});

test("the composer knows whether a whistle is blown at once", () => {
  const may = { rights: ["approve"] };
  assert.equal(facts.willOf("emergency", { rights: [] }, "community"), "emergency");
  assert.equal(facts.willOf("daily", may, "street"), "approver");
  assert.equal(facts.willOf("daily", may, "community"), "approval");
  assert.equal(facts.willOf("hard", { rights: ["command"] }, "street"), "approval");
});

test("a composer's wish becomes a whistle, and its answer a step of the case", () => {
  const wish = { action: "whistle", version: 3, key: "k", kind: "daily", called: ["paishui"] };
  assert.deepEqual(bodyOf("GD-1", wish, true), { incident: "GD-1", kind: "daily", called: ["paishui"], key: "k", approve: true });
  assert.equal("approve" in bodyOf("GD-1", { ...wish, kind: "emergency" }, true), false);
  const held = { id: "GD-1", version: 3, whistles: [whistle({ id: "old" })] };
  const [status, body] = asStep([201, { whistle: whistle({ id: "new", state: "drafted" }) }], held);
  assert.deepEqual([status, body.said, body.incident.whistles.map((one) => one.id)], [200, "done.whistle.draft", ["old", "new"]]);
  assert.equal(asStep([201, { whistle: whistle() }], null)[1].incident, null);
  assert.deepEqual(asStep([409, { code: "tier" }], held), [409, { code: "tier" }]);
});

test("a book asks again soon for a case it knows, later for others, and when the area changes", async () => {
  let [now, area, asked] = [0, "A", []];
  const send = async (path) => {
    asked.push(path);
    const isBlown = path.includes("state=blown");
    return [200, { total: isBlown ? 1 : 0, items: isBlown ? [whistle()] : [] }];
  };
  let n_changed = 0;
  const book = new Book({ send, area: () => area, changed: () => { n_changed += 1; }, now: () => now });
  await book.tick();
  assert.equal(asked.length, 4);
  assert.equal(book.whistles("GD-1").length, 1);
  book.moved(["GD-9"]);
  now = OTHER_MS - 1;
  await book.tick();
  assert.equal(asked.length, 4);
  book.moved(["GD-1"]);
  now += KNOWN_MS;
  await book.tick();
  assert.equal(asked.length, 8);
  area = "B";
  await book.tick();
  assert.equal(asked.length, 12);
  assert.ok(asked[11].includes("area=B"));
  now += LONGEST_MS;
  await book.tick();
  assert.equal(asked.length, 16);
  assert.equal(n_changed, 4);
});

test("a book keeps what it has while the server is away, and takes what it is told", async () => {
  let status = 200;
  const send = async () => [status, { total: 0, items: [] }];
  const book = new Book({ send, area: () => "A", changed: () => {}, now: () => 0 });
  await book.tick();
  book.took(whistle());
  status = 503;
  book.dueAt = 0;
  await book.tick();
  assert.equal(book.failed, true);
  assert.equal(book.all().length, 1);
  book.took(whistle({ state: "archived" }));
  assert.equal(book.all().length, 0);
});

test("no rate is said of few, and times carry their n", () => {
  const say = (key, values) => `${key} ${JSON.stringify(values)}`;
  assert.match(figures.rateText(null, 29, say), /few.*29/);
  assert.match(figures.rateText(0.952, 42, say), /95\.2%.*42/);
  assert.equal(figures.timesText({ n: 0, median: null, p90: null }, say), "—");
  assert.match(figures.timesText({ n: 3, median: 4.25, p90: 31.6 }, say), /4\.3.*32/);
  assert.equal(figures.marksText({ n: 0, mean: null }, say), "—");
  assert.deepEqual([figures.perHundred(0.0001), figures.perHundred(0.25)], ["0.01", "25.0"]);
});

test("an audit entry of a whistle's step is one line with the move it tells of", () => {
  const move = { id: "m", at: at(1), action: "whistle", step: "approve", by: "li", at_desk: true, whistle: "w1" };
  const entry = { at: at(1), actor: "li", role: "dispatcher", action: "whistle.approve", outcome: "done" };
  const items = trailOf({ history: [move], escalations: [], reported_at: null }, [entry]);
  assert.deepEqual(items.map((item) => [item.kind, item.move?.id]), [["act", "m"]]);
});

test("clicks of whistles go to their own address and are noted under their own name", async () => {
  const [paths, store] = [[], new Map()];
  const clicks = new Clicks({
    send: async (path) => [(paths.push(path), 409), { code: "outrun", winner: { step: "approve", by: "wang" } }],
    store: { getItem: (key) => store.get(key), setItem: (key, value) => store.set(key, value) },
    pause: async () => {},
    who: "li",
    path: (click) => `/api/whistles/${click.id}/actions`,
    noted: "whistles",
    on: { unsure: () => {}, settled: (_click, outcome) => paths.push(outcome.verdict) },
  });
  clicks.do("w1", { step: "approve", key: "k" });
  assert.deepEqual([...store.keys()], ["whistles"]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(paths, ["/api/whistles/w1/actions", "refused"]);
});
