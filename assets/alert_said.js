"use strict";
/* What is said of an alert or a group: its title, its clock, its state in a word and a sign. */
(function (scope) {
  const SIGNS = {
    unacknowledged: '<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 3v1"/>',
    acknowledged: '<path d="M4 12.5 9.5 18 20 6.5"/>',
    returned: '<path d="M9 5 4 10l5 5"/><path d="M4 10h11a5 5 0 0 1 0 10"/>',
    shelved: '<path d="M3 17h18M5 17v-6h6v6m2 0V7h6v10"/>',
    suppressed: '<circle cx="12" cy="12" r="9"/><path d="M5.5 5.5l13 13"/>',
    out_of_service: '<path d="M6 3v18M6 4h12l-3 4 3 4H6"/>',
    normal: '<path d="M4 12h16"/>',
    chattering: '<path d="M2 12h4l2-7 4 14 4-14 2 7h4"/>',
    bell: '<path d="M6 17V11a6 6 0 0 1 12 0v6M4 17h16M10 20.5h4"/>',
  };

  const say = (key, values) => scope.words.say(key, values);
  const ms = (iso) => (iso ? Date.parse(iso) : null);
  const named = (row, name) => (scope.words.language() === "en" && row[`${name}_en`]) || row[name] || "";

  /** Seconds as "5:40", as words from a day on. */
  const length = (lengthMs) => (lengthMs < 86400e3 ? scope.words.digits(lengthMs / 1000) : scope.words.age(lengthMs / 1000));

  /** {clock, note: what the clock counts, sign, state} of an alert's row or of a group at an instant. */
  function describe(held, nowMs) {
    const chatters = held.chattering || held.n_chattering > 0;
    const sign = chatters && held.state !== "suppressed" ? "chattering" : held.state;
    const state = say(`alert.state.${held.state}`);
    const word = chatters ? say("alert.chattering", { state }) : state;
    const since = ms(held.rang_at ?? held.first?.raised_at ?? held.raised_at);
    const age = length(Math.max(0, nowMs - since));
    if (held.state === "shelved" && held.shelved) {
      const untilMs = ms(held.shelved.until);
      const time = scope.words.moment(untilMs, nowMs);
      return { sign, state: say("alert.state.shelved.until", { time }), clock: length(Math.max(0, untilMs - nowMs)), note: say("alert.clock.left") };
    }
    if (["returned", "suppressed", "out_of_service", "normal", "shelved"].includes(held.state)) return { sign, state: word, clock: "—", note: "" };
    return { sign, state: word, clock: age, note: say("alert.clock.age") };
  }

  /** How many are inside a group: "300 路" of cameras, else "12 条"; "" for one. */
  function inside(group) {
    if (group.cameras) return say("alert.cameras", { n: scope.words.count(group.cameras) });
    return group.n > 1 ? say("alert.inside", { n: scope.words.count(group.n) }) : "";
  }

  /** "3.5 %", "12 分": a value in the unit of its rule. */
  function measured(value, unit) {
    const text = Number.isInteger(value) ? scope.words.count(value) : String(Math.round(value * 10) / 10);
    return say(`alert.unit.${unit}`, { n: text });
  }

  /** An icon of the state, drawn beside its word. */
  const icon = (name) =>
    `<svg class="alert-sign" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">${SIGNS[name] || SIGNS.normal}</svg>`;

  /** Draws the sign of priority into a node as the state wants it; blinks: among those that do. */
  function glyph(node, held, blinks) {
    const key = `${held.priority}${held.state}${blinks}${scope.words.language()}`;
    if (node.dataset.key === key) return;
    node.dataset.key = key;
    node.innerHTML = scope.glyphs.priority(held.priority, say("priority", { n: held.priority })); // a sign of ours
    scope.flag(node.firstChild, "unack", blinks);
    scope.flag(node.firstChild, "is-returned", held.state === "returned" || held.state === "normal");
    scope.flag(node.firstChild, "is-dim", ["shelved", "suppressed", "out_of_service"].includes(held.state));
  }

  scope.alertSaid = { describe, inside, measured, named, icon, glyph, length, SIGNS };
  if (typeof module !== "undefined") {
    scope.words = require("./words.js");
    module.exports = scope.alertSaid;
  }
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
