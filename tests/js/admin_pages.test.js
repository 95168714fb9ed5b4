"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { problemKey, shortAgent } = require("../../assets/accounts.js");
const { readFilters, asQuery } = require("../../assets/audit.js");
const { passwordProblem } = require("../../assets/user_menu.js");

test("every refusal has its word", () => {
  assert.equal(problemKey(409, "version"), "problem.stale");
  assert.equal(problemKey(409, "name"), "problem.name.taken");
  assert.equal(problemKey(404), "problem.gone");
  assert.equal(problemKey(403, "area"), "problem.area");
  assert.equal(problemKey(422, "password"), "problem.password");
  assert.equal(problemKey(422, "what"), "error.away");
  assert.equal(problemKey(0), "error.away");
});

test("a browser is known by its name and number", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
  assert.equal(shortAgent(chrome), "Chrome 130");
  assert.equal(shortAgent(`${chrome} Edg/131.0`), "Edge 131");
  assert.equal(shortAgent("Mozilla/5.0 (X11) Gecko/20100101 Firefox/128.0"), "Firefox 128");
  assert.equal(shortAgent(""), "—");
});

test("filters are read from the address, without what is empty or foreign", () => {
  assert.deepEqual(readFilters("?actor=li.na&outcome=&lang=en&before=9"), { actor: "li.na" });
});

test("times of the filters are Beijing's, whole minutes at both ends", () => {
  const query = asQuery({ since: "2026-11-22T14:00", until: "2026-11-22T14:00", actor: "li.na" });
  assert.equal(query.get("since"), "2026-11-22T14:00:00+08:00");
  assert.equal(query.get("until"), "2026-11-22T14:00:59.999+08:00");
  assert.equal(query.get("actor"), "li.na");
});

test("a password that is refused says so at its own field", () => {
  assert.deepEqual(passwordProblem(403, "old"), ["old", "user.password.wrong"]);
  assert.deepEqual(passwordProblem(422, "password"), ["new", "user.password.rule"]);
  assert.deepEqual(passwordProblem(0), ["again", "error.away"]);
});
