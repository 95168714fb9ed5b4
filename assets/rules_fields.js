"use strict";
/* What the form of a rule holds, as texts, and what of it is a change. Touches no document. */
(function (scope) {
  const SECONDS = ["on_delay_s", "off_delay_s", "acknowledge_within_s", "again_after_s"];
  const SECONDS_MAX = 604800;
  const RESPONSE_MAX = 300;
  const NOTE_MAX = 1000;
  const HOUR = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

  /** A rule as the API tells it -> the texts of its form. area "": everywhere. */
  function inputsOf(rule) {
    const [from, to] = rule.hours || ["", ""];
    const texts = Object.fromEntries(["threshold", ...SECONDS, "priority"].map((name) => [name, String(rule[name])]));
    const { response, response_en } = rule;
    return { ...texts, area: rule.area || "", from, to, response, response_en, enabled: rule.enabled ? "on" : "off" };
  }

  const PROBLEMS = [
    ["threshold", "threshold", (inputs) => /^\d+(\.\d+)?$/.test(inputs.threshold.trim())],
    ...SECONDS.map((name) => [name, "seconds", (inputs) => /^\d+$/.test(inputs[name].trim()) && Number(inputs[name]) <= SECONDS_MAX]),
    ["from", "hours", ({ from, to }) => isHours(from.trim(), to.trim())],
    ["response", "response", ({ response }) => isText(response, RESPONSE_MAX)],
    ["response_en", "response", ({ response_en }) => isText(response_en, RESPONSE_MAX)],
  ];
  const isText = (text, most) => text.trim().length > 0 && text.trim().length <= most;
  const isHours = (from, to) => (!from && !to) || (HOUR.test(from) && HOUR.test(to) && from !== to);

  /** The first input that cannot be used, and the word of what was expected: ["from", "hours"]; null: none. */
  function problemOf(inputs) {
    const found = PROBLEMS.find(([, , holds]) => !holds(inputs));
    return found ? found.slice(0, 2) : null;
  }

  /** Inputs without a problem -> the fields of a rule, as the API takes them. */
  function fieldsOf(inputs) {
    const numbers = Object.fromEntries(["threshold", ...SECONDS, "priority"].map((name) => [name, Number(inputs[name])]));
    const hours = inputs.from.trim() ? [inputs.from.trim(), inputs.to.trim()] : null;
    const [response, response_en] = [inputs.response.trim(), inputs.response_en.trim()];
    return { ...numbers, area: inputs.area || null, hours, response, response_en, enabled: inputs.enabled === "on" };
  }

  /** What of the fields differs from the rule. */
  function changesOf(rule, fields) {
    const told = { area: null, hours: null, ...rule };
    return Object.fromEntries(Object.entries(fields).filter(([name, value]) => JSON.stringify(told[name]) !== JSON.stringify(value)));
  }

  /** Somebody changed the rule: what was not touched takes the new values, what was written stays. */
  function rebased(inputs, before, after) {
    const [was, is] = [inputsOf(before), inputsOf(after)];
    return Object.fromEntries(Object.entries(inputs).map(([name, text]) => [name, text === was[name] ? is[name] : text]));
  }

  /** Field of a 422 -> [input, word]; the word is null for one that the form does not know. */
  function refusedAt(field) {
    const name = (field || "").split(/[.[]/)[0];
    if (name === "hours") return ["from", "hours"];
    if (SECONDS.includes(name)) return [name, "seconds"];
    if (name === "response" || name === "response_en") return [name, "response"];
    return ["threshold", "priority", "area", "note"].includes(name) ? [name, name] : ["note", null];
  }

  scope.rulesFields = { SECONDS, NOTE_MAX, inputsOf, problemOf, fieldsOf, changesOf, rebased, refusedAt };
  if (typeof module !== "undefined") module.exports = scope.rulesFields;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
