"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Clicks, pauseMs, verdict, NOTED } = require("../../assets/case_click.js");
const { primaryOf, verbsOf, verbOf, fieldsOf, hasLeft } = require("../../assets/case_actions.js");

const WISH = { action: "file", version: 1, key: "k1" };

function store(held = {}) {
  return { held, getItem: (name) => held[name] ?? null, setItem: (name, text) => (held[name] = text) };
}

/** Clicks against a server that gives these answers in turn; what happened, and when all is settled. */
function clicks(answers, { kept = store(), who = "chen" } = {}) {
  const sent = [];
  const said = [];
  let over;
  const settled = new Promise((resolve) => (over = resolve));
  const made = new Clicks({
    send: async (path, body) => {
      sent.push([path, body.key, JSON.parse(kept.held[NOTED] || "[]").length]);
      return answers.shift();
    },
    store: kept,
    pause: async (ms) => said.push(`pause ${ms}`),
    who,
    on: {
      unsure: (_click, n) => said.push(`unsure ${n}`),
      settled: (_click, outcome) => {
        said.push(outcome.verdict);
        over(outcome);
      },
    },
  });
  return { made, sent, said, settled, kept };
}

test("a click is noted before it is sent, and forgotten when answered", async () => {
  const { made, sent, said, settled, kept } = clicks([[200, { version: 2 }]]);
  assert.equal(made.do("a/b", WISH), true);
  await settled;
  assert.deepEqual(sent, [["/api/incidents/a%2Fb/actions", "k1", 1]]);
  assert.deepEqual(said, ["done"]);
  assert.equal(kept.held[NOTED], "[]");
});

test("a second click on the same case waits; one on another case does not", async () => {
  const { made, sent } = clicks([[200, {}], [200, {}]]);
  assert.deepEqual([made.do("a", WISH), made.do("a", { ...WISH, key: "k2" }), made.do("b", { ...WISH, key: "k3" })], [true, false, true]);
  assert.equal(sent.length, 2);
});

test("without an answer the same click is asked again, ever more slowly, until there is one", async () => {
  const { made, sent, said, settled } = clicks([[0, null], [503, {}], [200, {}]]);
  made.do("a", WISH);
  assert.equal((await settled).n, 3);
  assert.deepEqual(new Set(sent.map(([, key]) => key)), new Set(["k1"]));
  assert.deepEqual(said, ["unsure 1", "pause 500", "unsure 2", "unsure 2", "pause 1000", "unsure 3", "done"]);
  assert.deepEqual([1, 2, 4, 5, 50].map(pauseMs), [500, 1000, 4000, 5000, 5000]);
});

test("a page that is loaded again asks for what the one before it left open, for the same person alone", async () => {
  const kept = store();
  clicks([new Promise(() => {})], { kept }).made.do("a", WISH);
  const stranger = clicks([], { kept: store({ ...kept.held }), who: "li" });
  stranger.made.resume();
  assert.equal(stranger.sent.length, 0);
  const { made, sent, settled } = clicks([[200, {}]], { kept });
  made.resume();
  assert.equal((await settled).verdict, "done");
  assert.equal(sent[0][1], "k1");
});

test("a click that was outrun by itself is asked once more", async () => {
  const own = { code: "outrun", winner: { by: "chen", action: "file" } };
  const lost = clicks([[0, null], [409, own], [200, {}]]);
  lost.made.do("a", WISH);
  assert.equal((await lost.settled).verdict, "done");
  const beaten = clicks([[0, null], [409, own], [409, own]]);
  beaten.made.do("a", WISH);
  assert.equal((await beaten.settled).verdict, "refused");
});

test("signed out, the click stays noted and nothing is said", async () => {
  const { made, said, kept } = clicks([[401, null]]);
  made.do("a", WISH);
  await new Promise(setImmediate);
  assert.deepEqual(said, []);
  assert.equal(JSON.parse(kept.held[NOTED]).length, 1);
});

test("what an answer says", () => {
  assert.deepEqual([200, 401, 403, 409, 422, 404, 0, 429, 500, 503].map(verdict).map((word) => word[0]).join(""), "dsrrrruuuu");
});

const row = (action, code) => ({ action, needs: [], allowed: !code, ...(code ? { code } : {}) });
const held = (next, rows, more = {}) => ({ next, state: "reported", conditions: [], actions: rows, ...more });

test("Enter does what has to come before the next step", () => {
  assert.equal(primaryOf(held("file", [row("file")])), "file");
  assert.equal(primaryOf(held("file", [row("file", "confirm_first"), row("confirm")])), "confirm");
  assert.equal(primaryOf(held("file", [row("file", "not_found"), row("reject")])), "reject");
  assert.equal(primaryOf(held("inspect", [row("inspect"), row("rework")], { state: "handled", inspected: "failed" })), "rework");
  assert.equal(primaryOf(held("accept", [row("accept", "role")])), "accept");
  assert.equal(primaryOf(held("appeal", [row("appeal", "role"), row("judge", "no_appeal")])), null);
});

test("one key is what fits: a return for a department, a rework for the desk", () => {
  assert.equal(verbOf(held("handle", [row("return"), row("rework", "role")]), "r"), "return");
  assert.equal(verbOf(held("inspect", [row("return", "role"), row("rework", "state")]), "r"), "rework");
  assert.equal(verbOf(held("file", []), "q"), null);
});

test("the bar leaves out the primary verb, and one of suspending and resuming", () => {
  const verbs = verbsOf(held("dispatch", []), "dispatch").map((verb) => verb.action);
  assert.ok(!verbs.includes("dispatch") && verbs.includes("suspend") && !verbs.includes("resume"));
  assert.ok(verbsOf(held("resume", [], { state: "suspended" }), "resume").every((verb) => verb.action !== "suspend"));
});

test("filing asks for a condition only where there are several", () => {
  assert.deepEqual(fieldsOf(held("file", []), "file"), []);
  assert.deepEqual(fieldsOf(held("file", [], { conditions: [1, 2] }), "file"), ["condition", "note"]);
  assert.deepEqual(fieldsOf(held("close", []), "close"), []);
});

test("a case has left when its next step is another's, or it has ended", () => {
  const mine = held("dispatch", [row("dispatch")]);
  assert.equal(hasLeft(mine, held("accept", [row("accept", "role")], { state: "dispatched" })), true);
  assert.equal(hasLeft(mine, mine), false);
  assert.equal(hasLeft(mine, held("appeal", [], { state: "closed" })), true);
  assert.equal(hasLeft(held("accept", [row("accept", "role")]), held("accept", [row("accept", "role")])), false);
});
