"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { read, write, language, neighbour } = require("../../assets/view.js");

const BOOT = {
  root: "1", lang: null, layers: ["overdue", "open"], overlays: ["p1", "p2", "public"], default_overlays: ["p1", "public"],
  systems: { order: {}, water: {} },
};
const has = (code) => ["1", "11", "111"].includes(code);

test("an empty address is the whole region with the defaults", () => {
  const view = read("", BOOT, has);
  assert.deepEqual(view, {
    area: "1", select: null, layer: "overdue", overlays: ["p1", "public"], system: null, lang: null, table: false,
    unknown: null, noSystem: null,
  });
  assert.equal(write(view, BOOT), "?area=1");
});

test("what is written is read back the same", () => {
  const view = { area: "11", select: "111", layer: "open", overlays: ["p2"], system: "water", lang: "en", table: true, unknown: null, noSystem: null };
  assert.deepEqual(read(write(view, BOOT), BOOT, has), view);
  assert.deepEqual(read(write({ ...view, overlays: [] }, BOOT), BOOT, has).overlays, []);
});

test("what does not exist falls back and is told", () => {
  const view = read("?area=99&select=98&layer=nice&overlays=p2,zz&lang=fr", BOOT, has);
  assert.equal(view.area, "1");
  assert.equal(view.unknown, "99");
  assert.equal(view.select, null);
  assert.equal(view.layer, "overdue");
  assert.deepEqual(view.overlays, ["p2"]);
  assert.equal(view.lang, null);
});

test("a system that does not exist filters nothing and is told", () => {
  for (const name of ["fire", "constructor", "__proto__"]) {
    const view = read(`?system=${name}`, BOOT, has);
    assert.equal(view.system, null);
    assert.equal(view.noSystem, name);
    assert.equal(write(view, BOOT), "?area=1");
  }
  assert.equal(read("?system=", BOOT, has).noSystem, null);
});

test("the address decides the language, then the setting, which may leave it to the browser", () => {
  assert.equal(language({ lang: "en" }, { lang: "zh" }, "zh-CN"), "en");
  assert.equal(language({ lang: null }, { lang: "zh" }, "en-US"), "zh");
  assert.equal(language({ lang: null }, { lang: "browser" }, "en-US"), "en");
  assert.equal(language({ lang: null }, { lang: "browser" }, "zh-CN"), "zh");
  assert.equal(language({ lang: null }, { lang: "browser" }, "fr"), "zh");
});

test("arrow keys go to the nearest area ahead and stay where there is none", () => {
  const spots = [{ code: "a", x: 0, y: 0 }, { code: "b", x: 10, y: 2 }, { code: "c", x: 30, y: 0 }, { code: "d", x: 0, y: 20 }];
  assert.equal(neighbour(spots, null, "ArrowUp"), "a");
  assert.equal(neighbour(spots, "a", "ArrowRight"), "b");
  assert.equal(neighbour(spots, "a", "ArrowDown"), "d");
  assert.equal(neighbour(spots, "a", "ArrowLeft"), "a");
  assert.equal(neighbour([], null, "ArrowUp"), null);
});
