"use strict";
/* The groups of alerts of one desk, as the topic alerts/CODE tells them. What is listed stays where it is until it is taken anew. Pure. */
(function (scope) {
  const LOUD = ["unacknowledged", "returned", "acknowledged"];
  const SILENT = ["shelved", "suppressed", "out_of_service"];
  const OF_CASES = ["incident_at_limit", "p1_unacknowledged"]; // their case stands in the list itself
  const RANK = new Map([...LOUD, ...SILENT].map((state, place) => [state, place]));

  class AlertList {
    constructor() {
      this.told = null; // snapshot, brought up to date by deltas; null before the first
      this.groups = new Map();
      this.order = []; // keys as they stand on the screen
      this.fresh = new Set(); // keys that came and are not shown yet
      this.gone = new Set(); // keys that are shown and are no more
    }

    /** The snapshot of the topic. shows(group): does it belong on the screen? */
    take(snapshot, shows) {
      this.told = { ...snapshot };
      this.groups = new Map(Object.entries(snapshot.groups || {}));
      this.settle(shows);
    }

    /** Brings everything up to a delta; moves nothing. */
    merge(delta, shows) {
      if (!this.told) return;
      const { groups, rows, refetch, ...rest } = delta;
      Object.assign(this.told, rest);
      for (const [key, group] of Object.entries(groups || {})) {
        if (group) this.groups.set(key, group);
        else this.groups.delete(key);
      }
      if (groups) this._note(shows);
    }

    _note(shows) {
      this.gone = new Set(this.order.filter((key) => !this.groups.has(key) || !shows(this.groups.get(key))));
      const here = new Set(this.order);
      this.fresh = new Set([...this.groups].filter(([key, group]) => shows(group) && !here.has(key)).map(([key]) => key));
    }

    /** Takes the order anew: what asks most first. */
    settle(shows) {
      this.order = [...this.groups.values()].filter(shows).sort(worstFirst).map((group) => group.key);
      this.fresh.clear();
      this.gone.clear();
    }

    /** The key `steps` further; null where the list ends on that side. */
    step(from, steps) {
      const at = this.order.indexOf(from);
      const to = at < 0 ? (steps > 0 ? 0 : this.order.length - 1) : at + Math.sign(steps);
      return this.order[to] ?? null;
    }
  }

  function worstFirst(a, b) {
    return RANK.get(a.state) - RANK.get(b.state) || a.priority - b.priority || Date.parse(b.last_at) - Date.parse(a.last_at) || (a.key < b.key ? -1 : 1);
  }

  /** Whether a group stands above the cases: it asks something of this desk, and no case in the list says the same. */
  const isBesideCases = (group) => LOUD.includes(group.state) && !OF_CASES.includes(group.kind);

  /** Groups of a tab of its own. withSilent: also what is shelved, suppressed or out of service. */
  const isInTab = (group, withSilent) => withSilent || LOUD.includes(group.state);

  /** Cases that have an alert of their own: case -> its worst group. */
  function ofCases(groups) {
    const found = new Map();
    for (const group of groups.values()) {
      if (!OF_CASES.includes(group.kind)) continue;
      for (const id of group.incidents) if (!found.has(id) || worstFirst(group, found.get(id)) < 0) found.set(id, group);
    }
    return found;
  }

  /** What stands inside, in words: cameras of a cut, else alerts; "" for a single alert. */
  function inside(group) {
    const { say, count } = scope.words;
    const parts = [];
    if (group.cameras !== null) parts.push(say("alert.cameras", { n: count(group.cameras) }));
    if (group.n > 1) parts.push(say("alert.inside", { n: count(group.n) }));
    return parts.join(say("desk.comma"));
  }

  /** State of a row in words and whether it is urgent: [text, urgent]. */
  function stateOf(group, nowMs) {
    const { say, digits, age } = scope.words;
    const word = say(`alert.state.${group.state}`);
    if (group.state !== "unacknowledged") return [group.n_chattering ? `${word} · ${say("alert.chattering")}` : word, false];
    const seconds = Math.max(0, (nowMs - Date.parse(group.last_at)) / 1000);
    return [say("alert.unacknowledged.for", { age: seconds < 3600 ? digits(seconds) : age(seconds) }), true];
  }

  /** Since when: the first of the group, short. */
  function since(group, nowMs) {
    const { digits, age } = scope.words;
    const seconds = Math.max(0, (nowMs - Date.parse(group.first.raised_at)) / 1000);
    return seconds < 86400 ? digits(seconds) : age(seconds);
  }

  const named = (thing) => (scope.words.language() === "en" && thing.title_en) || thing.title;
  const ruleName = (thing) => (scope.words.language() === "en" && thing.rule_name_en) || thing.rule_name;

  /** Value beside its limit, in the rule's unit. */
  function measured(alert) {
    const unit = (value) => scope.words.say(`alert.unit.${alert.unit}`, { n: Math.round(value * 10) / 10 });
    return scope.words.say("alert.measured", { value: unit(alert.value), threshold: unit(alert.threshold) });
  }

  /** "1 / 10 分": the desk's own rate for each officer, and whether it is over what is acceptable. */
  function meter(load) {
    const short = (value) => (value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1));
    const part = (name) => ({
      text: short(load.per_officer[name]),
      target: load.targets[name][0],
      over: load.per_officer[name] > load.targets[name][0],
    });
    return { tenMinutes: part("n_10_min"), hour: part("n_hour") };
  }

  scope.alertList = { AlertList, isBesideCases, isInTab, ofCases, inside, stateOf, since, named, ruleName, measured, meter, LOUD, SILENT, OF_CASES };
  if (typeof module !== "undefined") {
    scope.words = require("./words.js");
    module.exports = scope.alertList;
  }
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
