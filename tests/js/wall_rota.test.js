"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Rota, LEAST_MS } = require("../../assets/wall_rota.js");
const { expand, find, placeOf } = require("../../assets/wall_list.js");

const SCENES = [{ id: "area/1", dwell_s: 40 }, { id: "alerts/1", dwell_s: 20 }, { id: "area/11", dwell_s: 10 }];
const T = 1_784_097_127_000;
const S = 1000;

function rota(more = {}) {
  return new Rota({ scenes: SCENES, find: (id) => (id.startsWith("area/") ? { id, dwell_s: 20 } : null), hold_s: 60, ...more });
}

const shownAt = (held, ...seconds) => seconds.map((s) => held.at(T + s * S).id);
const urgent = (id, since, scene = "area/12") => ({ id, since, scene });

test("each scene stays for its time, and the first follows the last", () => {
  assert.deepEqual(shownAt(rota(), 0, 39.9, 40, 59.9, 60, 70), ["area/1", "area/1", "alerts/1", "alerts/1", "area/11", "area/1"]);
});

test("the bar counts down to the next scene", () => {
  const held = rota();
  held.at(T);
  assert.deepEqual(held.status(T + 10 * S), { place: 0, total: 3, by: "", mode: "rotating", leftMs: 30 * S, share: 0.25 });
  assert.equal(held.next().id, "alerts/1");
});

test("a wall that slept goes on with one scene, not with all it missed", () => {
  const held = rota();
  held.at(T);
  assert.equal(held.at(T + 86_400 * S).id, "alerts/1");
  assert.equal(held.at(T + 86_401 * S).id, "alerts/1");
});

test("a new priority 1 incident takes the wall to its place for a minute, then the scene goes on where it was", () => {
  const held = rota();
  held.urgent(T, []);
  held.at(T);
  held.urgent(T + 30 * S, [urgent("p", T + 29 * S)]);
  assert.equal(held.at(T + 30 * S).id, "area/12");
  assert.deepEqual([held.status(T + 50 * S).mode, held.status(T + 50 * S).leftMs], ["taken", 40 * S]);
  assert.equal(held.at(T + 89.9 * S).id, "area/12");
  assert.equal(held.at(T + 90 * S).id, "area/1");
  assert.equal(held.at(T + 99.9 * S).id, "area/1", "the ten seconds that were left of it");
  assert.equal(held.at(T + 100 * S).id, "alerts/1");
});

test("of what was there before the wall looked, and of what is old, nothing is new", () => {
  const held = rota();
  held.at(T);
  held.urgent(T, [urgent("a", T - S)]);
  assert.equal(held.at(T).id, "area/1");
  held.urgent(T + S, [urgent("a", T - S), urgent("old", T - 61 * S)]);
  assert.equal(held.at(T + S).id, "area/1");
});

test("a second one waits for its minute; each is shown", () => {
  const held = rota();
  held.urgent(T, []);
  held.at(T);
  held.urgent(T + S, [urgent("a", T + S)]);
  const both = [urgent("a", T + S), urgent("b", T + 5 * S, "area/13")];
  held.urgent(T + 5 * S, both);
  assert.deepEqual(shownAt(held, 60, 61, 120, 121), ["area/12", "area/13", "area/13", "area/1"]);
});

test("an acknowledged one lets the wall go soon", () => {
  const held = rota();
  held.urgent(T, []);
  held.at(T);
  held.urgent(T + S, [urgent("a", T + S)]);
  held.urgent(T + 10 * S, []);
  assert.deepEqual(shownAt(held, 14.9, 15), ["area/12", "area/1"]);
  assert.equal(LEAST_MS, 5 * S);
});

test("a pinned wall is taken too, and goes back to what was pinned", () => {
  const held = rota();
  held.urgent(T, []);
  held.pin(T, "alerts/1");
  held.urgent(T + S, [urgent("a", T + S)]);
  assert.deepEqual(shownAt(held, 2, 61, 500), ["area/12", "alerts/1", "alerts/1"]);
});

test("an order from a desk stays until it is taken back; the same order again changes nothing", () => {
  const held = rota();
  held.at(T);
  held.order(T, { scene: "area/99", skips: 0, by: "li.na" });
  assert.deepEqual(shownAt(held, 0, 500), ["area/99", "area/99"]);
  assert.deepEqual([held.status(T).mode, held.status(T).by], ["pinned", "li.na"]);
  held.order(T + 501 * S, { scene: "area/99", skips: 0, by: "li.na" });
  held.order(T + 502 * S, { scene: null, skips: 0, by: "li.na" });
  assert.deepEqual(shownAt(held, 502, 541.9, 542), ["area/1", "area/1", "alerts/1"]);
});

test("an order to skip is done once, and not by a page that was loaded after it", () => {
  const held = rota();
  held.at(T);
  held.order(T, { scene: null, skips: 7, by: "" });
  assert.equal(held.at(T).id, "area/1", "it was given before this page was there");
  held.order(T + S, { scene: null, skips: 8, by: "li.na" });
  assert.equal(held.at(T + S).id, "alerts/1");
  held.order(T + 2 * S, { scene: null, skips: 8, by: "li.na" });
  assert.equal(held.at(T + 2 * S).id, "alerts/1");
});

test("what somebody pinned at the wall itself no desk lets go by saying nothing", () => {
  const held = rota();
  held.at(T);
  held.pin(T);
  held.order(T + S, { scene: null, skips: 0, by: "" });
  assert.equal(held.at(T + 500 * S).id, "area/1");
  held.release(T + 500 * S);
  assert.equal(held.at(T + 540 * S).id, "alerts/1");
});

test("an unknown scene is not pinned", () => {
  const held = rota();
  assert.equal(held.pin(T, "nothing/1"), false);
  assert.equal(held.at(T).id, "area/1");
});

test("a page that is loaded anew goes on where the other was", () => {
  const one = rota();
  one.at(T);
  one.at(T + 45 * S);
  const other = rota();
  other.resume(T + 50 * S, one.kept());
  assert.deepEqual(shownAt(other, 50, 64.9, 65), ["alerts/1", "alerts/1", "area/11"]);
  const third = rota();
  third.resume(T, { scene: "gone/1", began: T, pinned: null, pinnedBy: "", skips: 3 });
  assert.equal(third.at(T).id, "area/1");
});

test("a pin is kept over a reload, and whose it is", () => {
  const one = rota();
  one.at(T);
  one.order(T, { scene: "area/77", skips: 0, by: "li.na" });
  const other = rota();
  other.resume(T + 5 * S, JSON.parse(JSON.stringify(one.kept())));
  assert.equal(other.at(T + 900 * S).id, "area/77");
  other.order(T + 900 * S, { scene: null, skips: 0, by: "li.na" });
  assert.equal(other.at(T + 900 * S).id, "area/1");
});

// ---- the list -------------------------------------------------------------------------------------

const TIERS = { 1: "district", 11: "street", 12: "street", 111: "community", 1111: "grid" };
const tierOf = (code) => TIERS[code] || null;

test("an entry of the children is one scene for each of them", () => {
  const entries = [{ scene: "area", of: "top", dwell_s: 40 }, { scene: "area", of: "children", dwell_s: 15 }];
  const scenes = expand(entries, "1", () => ["11", "12"]);
  assert.deepEqual(scenes.map((one) => [one.id, one.dwell_s]), [["area/1", 40], ["area/11", 15], ["area/12", 15]]);
});

test("a scene is found by its name inside the wall's area, never for a grid", () => {
  assert.equal(find("cameras/11", tierOf).kind, "cameras");
  for (const id of ["nothing/11", "area/99", "area/1111", "area", "area/11/x", null]) assert.equal(find(id, tierOf), null);
});

test("an incident is shown at its street, on a community's wall at the community", () => {
  assert.equal(placeOf(["1", "11", "111", "1111"], tierOf), "area/11");
  const ofStreet = (code) => (code === "1" ? null : tierOf(code));
  assert.equal(placeOf(["1", "11", "111", "1111"], ofStreet), "area/11");
  const ofCommunity = (code) => (code.length < 3 ? null : tierOf(code));
  assert.equal(placeOf(["1", "11", "111", "1111"], ofCommunity), "area/111");
  assert.equal(placeOf(["9"], tierOf), null);
});
