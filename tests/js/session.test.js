"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Session, signInAddress } = require("../../assets/session.js");

const OFFICER = { name: "li.na", role: "officer", area: "11", kind: "account" };
const WALL = { name: "hall", role: "wall", area: "1", kind: "display" };

function visit(me, answer) {
  const seen = [];
  let asked = 0;
  const note = (name) => () => seen.push(name);
  const session = new Session({
    me,
    ask: () => {
      asked += 1;
      return answer();
    },
    on: { leave: note("leave"), changed: note("changed"), cutOff: note("cutOff") },
  });
  return { session, seen, asked: () => asked };
}

const says = (status, body) => async () => ({ status, ok: status < 300, json: async () => body });

test("whoever is no longer signed in goes to the sign-in page", async () => {
  const v = visit(OFFICER, says(401));
  await v.session.check();
  assert.deepEqual(v.seen, ["leave"]);
});

test("a wall stays with its last picture and says so once", async () => {
  const v = visit(WALL, says(401));
  await v.session.check();
  await v.session.check();
  assert.deepEqual(v.seen, ["cutOff"]);
  assert.equal(v.session.signedOut, true);
  v.session.heard();
  assert.equal(v.session.signedOut, false);
});

test("a server that is away, or broken, ends no session", async () => {
  const away = visit(OFFICER, async () => {
    throw new TypeError("network");
  });
  await away.session.check();
  const broken = visit(OFFICER, says(503));
  await broken.session.check();
  assert.deepEqual([...away.seen, ...broken.seen], []);
});

test("other rights than the page was made for: it is made again", async () => {
  const same = visit(OFFICER, says(200, { ...OFFICER }));
  await same.session.check();
  assert.deepEqual(same.seen, []);
  const moved = visit(OFFICER, says(200, { ...OFFICER, area: "12" }));
  await moved.session.check();
  assert.deepEqual(moved.seen, ["changed"]);
});

test("one question at a time, and none where nobody signs in", async () => {
  let answer;
  const v = visit(OFFICER, () => new Promise((resolve) => (answer = resolve)));
  const first = v.session.check();
  v.session.check();
  answer({ status: 200, ok: true, json: async () => OFFICER });
  await first;
  assert.equal(v.asked(), 1);
  const nobody = visit(null, says(401));
  await nobody.session.check();
  assert.equal(nobody.asked(), 0);
});

test("the sign-in page knows where to come back to", () => {
  assert.equal(signInAddress("/map?area=1&lang=en"), "/login?problem=expired&next=%2Fmap%3Farea%3D1%26lang%3Den");
});
