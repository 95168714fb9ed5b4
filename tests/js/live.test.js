"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Live, pauseMs } = require("../../assets/live.js");

const START = Date.parse("2026-11-22T06:00:00Z");
const AREA = "area/530111";

/** A page with sockets and a clock of its own. */
function page({ random = () => 1 } = {}) {
  const world = { ms: START, sockets: [], seen: [] };
  const note = (kind) => (...args) => world.seen.push([kind, ...args]);
  world.live = new Live({
    connect: () => {
      const socket = { sent: [], closed: false, send: (text) => socket.sent.push(JSON.parse(text)) };
      socket.close = () => (socket.closed = true);
      world.sockets.push(socket);
      return socket;
    },
    now: () => world.ms,
    random,
    on: { snapshot: note("snapshot"), delta: note("delta"), error: note("error"), cut: note("cut"), recovered: note("recovered") },
  });
  world.socket = () => world.sockets.at(-1);
  world.wait = (ms) => {
    for (let gone = 0; gone < ms; gone += 250) {
      world.ms += 250;
      world.live.tick();
    }
  };
  world.frame = (topic, sequence, body) =>
    world.socket().onmessage({ data: JSON.stringify({ topic, sequence, as_of: new Date(world.ms).toISOString(), ...body }) });
  world.snapshot = (topic, sequence) => world.frame(topic, sequence, { snapshot: { n: sequence } });
  world.delta = (topic, sequence) => world.frame(topic, sequence, { delta: { n: sequence } });
  world.kinds = () => world.seen.map(([kind]) => kind);
  world.begin = (topic = AREA) => {
    world.live.want([topic]);
    world.live.tick();
    world.socket().onopen();
  };
  return world;
}

test("subscribes when the socket opens, takes the snapshot and every next delta", () => {
  const w = page();
  w.begin();
  assert.deepEqual(w.socket().sent, [{ subscribe: AREA }]);
  w.snapshot(AREA, 41);
  w.delta(AREA, 42);
  w.delta(AREA, 43);
  assert.deepEqual(w.kinds(), ["snapshot", "delta", "delta"]);
  assert.equal(w.live.status().state, "live");
});

test("who has a case open is told, kept, and told anew after a reconnect", () => {
  const w = page();
  let n_told = 0;
  w.live.on.watching = () => (n_told += 1);
  w.begin("desk/530111");
  w.snapshot("desk/530111", 1);
  w.live.look("C1");
  w.live.look("C1");
  assert.deepEqual(w.socket().sent.slice(1), [{ open: "C1" }]);
  w.socket().onmessage({ data: JSON.stringify({ watching: { C1: ["chen", "li"], C2: ["li"] } }) });
  w.socket().onmessage({ data: JSON.stringify({ watching: { C1: ["chen"], C2: [] } }) });
  assert.equal(n_told, 2);
  assert.deepEqual([...w.live.watching], [["C1", ["chen"]]]);
  w.socket().onclose({});
  w.wait(2000);
  w.socket().onopen();
  assert.deepEqual(w.socket().sent, [{ subscribe: "desk/530111", since: 1 }, { open: "C1" }]);
  assert.equal(w.live.watching.size, 0);
  w.live.look(null);
  assert.deepEqual(w.socket().sent.at(-1), { open: null });
});

test("a delta seen before is dropped, and one before the snapshot too", () => {
  const w = page();
  w.begin();
  w.delta(AREA, 40);
  w.snapshot(AREA, 41);
  w.delta(AREA, 41);
  w.delta(AREA, 12);
  assert.deepEqual(w.kinds(), ["snapshot"]);
});

test("a gap asks for a snapshot without since and applies nothing until it comes", () => {
  const w = page();
  w.begin();
  w.snapshot(AREA, 41);
  w.delta(AREA, 43);
  w.delta(AREA, 44);
  assert.deepEqual(w.socket().sent.slice(1), [{ unsubscribe: AREA }, { subscribe: AREA }]);
  w.snapshot(AREA, 44);
  w.delta(AREA, 45);
  assert.deepEqual(w.kinds(), ["snapshot", "snapshot", "delta"]);
});

test("a snapshot out of turn replaces the picture, whatever its number", () => {
  const w = page();
  w.begin();
  w.snapshot(AREA, 900);
  w.snapshot(AREA, 3);
  w.delta(AREA, 4);
  assert.deepEqual(w.kinds(), ["snapshot", "snapshot", "delta"]);
});

test("after a cut it resumes with since, and says for how long it was away", () => {
  const w = page();
  w.begin();
  w.snapshot(AREA, 41);
  w.socket().onclose();
  assert.equal(w.live.status().state, "cut");
  w.wait(3000);
  assert.equal(w.sockets.length, 2);
  w.socket().onopen();
  assert.deepEqual(w.socket().sent, [{ subscribe: AREA, since: 41 }]);
  assert.equal(w.live.status().state, "cut", "open is not yet healed: nothing came");
  w.delta(AREA, 42);
  assert.equal(w.live.status().state, "live");
  assert.deepEqual(w.seen.at(-1), ["recovered", 3000]);
});

test("five seconds without a frame are late, fifteen are a cut, counted from the last frame", () => {
  const w = page();
  w.begin();
  w.snapshot(AREA, 1);
  w.wait(5000);
  assert.equal(w.live.status().state, "live");
  w.wait(250);
  assert.equal(w.live.status().state, "late");
  const half = w.socket();
  w.wait(10_000);
  const status = w.live.status();
  assert.equal(status.state, "cut");
  assert.equal(status.silent, true);
  assert.equal(status.since, START);
  assert.equal(half.closed, true, "a half-open socket is given up");
});

test("what an abandoned socket still says or does is ignored", () => {
  const w = page();
  w.begin();
  w.snapshot(AREA, 1);
  const old = w.socket();
  const { onmessage } = old;
  old.onclose();
  w.wait(1000);
  assert.equal(old.onmessage, null);
  assert.notEqual(w.socket(), old);
  onmessage({ data: JSON.stringify({ topic: AREA, sequence: 2, delta: {} }) });
  assert.deepEqual(w.kinds(), ["snapshot", "cut"]);
});

test("it tries again for ever, and no pause is longer than ten seconds", () => {
  const w = page();
  w.live.want([AREA]);
  w.live.tick();
  for (let i = 0; i < 3600 * 4; i++) {
    if (w.live.socket) w.socket().onclose();
    w.wait(250);
  }
  assert.ok(w.sockets.length > 340, `${w.sockets.length} attempts in an hour`);
  assert.equal(w.kinds().filter((kind) => kind === "cut").length, 1, "one cut, however many attempts");
});

test("a socket that neither opens nor fails is given up after eight seconds", () => {
  const w = page();
  w.live.want([AREA]);
  w.live.tick();
  w.wait(20_000);
  assert.ok(w.sockets.length >= 2);
  assert.equal(w.sockets[0].closed, true);
});

test("pauses grow to ten seconds and half of each is chance", () => {
  assert.equal(pauseMs(0, () => 1), 500);
  assert.equal(pauseMs(0, () => 0), 250);
  assert.equal(pauseMs(3, () => 1), 4000);
  assert.equal(pauseMs(500, () => 1), 10_000);
  assert.equal(pauseMs(500, () => 0), 5000);
});

test("only the topics wanted stay subscribed", () => {
  const w = page();
  w.begin();
  w.live.want([AREA, "feeds"]);
  w.live.want(["feeds"]);
  assert.deepEqual(w.socket().sent.slice(1), [{ subscribe: "feeds" }, { unsubscribe: AREA }]);
  w.snapshot(AREA, 5);
  assert.deepEqual(w.kinds(), [], "a frame of a topic left behind is not shown");
});

test("one silent topic among others is asked for again", () => {
  const w = page();
  w.begin();
  w.live.want([AREA, "feeds"]);
  w.snapshot(AREA, 1);
  w.snapshot("feeds", 1);
  for (let i = 2; i < 9; i++) {
    w.wait(1000);
    w.delta("feeds", i);
  }
  assert.deepEqual(w.socket().sent.slice(2, 4), [{ unsubscribe: AREA }, { subscribe: AREA }]);
  assert.equal(w.live.status().state, "live");
});

test("a refusal is told and does no harm", () => {
  const w = page();
  w.begin();
  w.frame("area/1", undefined, { error: "no such topic" });
  assert.deepEqual(w.seen, [["error", "area/1", "no such topic"]]);
  w.socket().onmessage({ data: "{not json" });
  assert.equal(w.live.status().state, "live");
});

test("the offset follows the server's clock", () => {
  const w = page();
  w.begin();
  const frame = { topic: AREA, sequence: 1, as_of: new Date(w.ms + 90_000).toISOString(), snapshot: {} };
  w.socket().onmessage({ data: JSON.stringify(frame) });
  assert.equal(w.live.offset, 90_000);
});

test("a socket that breaks while sending is a cut, not an exception", () => {
  const w = page();
  w.begin();
  w.socket().send = () => {
    throw new Error("broken");
  };
  w.live.want(["feeds"]);
  assert.equal(w.live.status().state, "cut");
});

/** A server that answers, but whose picture is of `asOf`: the store or the board is away. */
function asks(w, asOf) {
  for (const { subscribe } of w.socket().sent.splice(0)) {
    if (!subscribe) continue;
    const frame = { topic: subscribe, sequence: 1, as_of: new Date(asOf).toISOString(), snapshot: {} };
    w.socket().onmessage({ data: JSON.stringify(frame) });
  }
}

test("a picture that stands still is late, then cut off, though the server answers", () => {
  const w = page();
  w.begin();
  asks(w, START);
  w.delta(AREA, 2);
  const states = new Map();
  for (let second = 1; second <= 40; second++) {
    w.wait(1000);
    asks(w, START);
    states.set(second, w.live.status().state);
  }
  assert.deepEqual([4, 6, 14, 16, 40].map((second) => states.get(second)), ["live", "late", "late", "cut", "cut"]);
  const status = w.live.status();
  assert.deepEqual([status.stalled, status.since, status.asOf], [true, START, START]);
  assert.equal(w.live.offset, 0, "an old picture does not set the clock back");
  w.delta(AREA, 2);
  assert.equal(w.live.status().state, "live");
});

test("a page opened on an old picture knows its age from the server's clock", () => {
  const w = page();
  w.live.keepServerTime(0);
  w.begin();
  asks(w, START - 60_000);
  assert.deepEqual([w.live.status().state, w.live.status().since, w.live.offset], ["cut", START - 60_000, 0]);
});

test("the age of an old picture is known also when the server's clock is heard of later", () => {
  const w = page();
  w.begin();
  asks(w, START - 60_000);
  assert.equal(w.live.status().state, "live", "until then it passes for the present");
  w.live.keepServerTime(-500);
  assert.deepEqual([w.live.status().state, w.live.offset], ["cut", -500]);
});

test("deltas are new, whatever this machine's clock says", () => {
  const w = page();
  w.begin();
  w.snapshot(AREA, 1);
  w.ms += 3600e3; // set forward
  w.live.heardAt = w.ms;
  w.socket().onmessage({ data: JSON.stringify({ topic: AREA, sequence: 2, as_of: new Date(START + 1000).toISOString(), delta: {} }) });
  assert.equal(w.live.status().state, "live");
});

test("every socket that closes or never opens is told once, with its code", () => {
  const w = page();
  const codes = [];
  w.live.on.closed = (code) => codes.push(code);
  w.begin();
  w.snapshot(AREA, 1);
  w.socket().onclose({ code: 4401 });
  assert.deepEqual(codes, [4401]);
  w.wait(1500);
  w.socket().onclose({ code: 1006 });
  assert.deepEqual(codes, [4401, 1006]);
  w.live.tick();
  assert.equal(codes.length, 2, "waiting for the next attempt asks nothing");
});

test("a clock that is set anew while the page runs is followed at the next delta", () => {
  const w = page();
  w.begin();
  w.snapshot(AREA, 1);
  w.delta(AREA, 2);
  const held = w.live.offset;
  w.ms += 3_600_000; // by hand, or by the network's time; the server's goes on as it did
  const frame = { topic: AREA, sequence: 3, as_of: new Date(w.ms - 3_600_000).toISOString(), delta: {} };
  w.socket().onmessage({ data: JSON.stringify(frame) });
  assert.ok(Math.abs(w.live.offset - (held - 3_600_000)) < 1000, String(w.live.offset));
});
