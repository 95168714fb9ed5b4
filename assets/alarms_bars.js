"use strict";
/* Numbers beside the standard: what they come to, and the bars that say so. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);

  /** Where a value stands: "within", "above" (what is acceptable) or "over" (what is manageable). targets: [low, high]. */
  function verdict(value, [low, high]) {
    if (value <= low) return "within";
    return value <= high ? "above" : "over";
  }

  /** The end of the axis, in the unit of the values: everything fits, and a quarter is free above the limit. */
  const axisEnd = (value, high) => Math.max(value, high * 1.25) || 1;

  /** At most one decimal: 0.3333 -> "0.3", 12 -> "12". */
  const short = (n) => (n < 10 ? String(Math.round(n * 10) / 10) : scope.words.count(n));

  /** 0.123 -> "12.3 %". */
  const percent = (share) => `${Math.round(share * 1000) / 10} %`;

  const width = (node, share) => (node.style.width = `${Math.min(100, share * 100)}%`);

  /** A number with what it may be: bands up to both targets, a bar, and marks with their numbers. */
  function bullet(parent, { value, targets, label }) {
    const [low, high] = targets;
    const end = axisEnd(value, high);
    const box = scope.element("div", `bullet is-${verdict(value, targets)}`, parent);
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", label);
    width(scope.element("i", "band high", box), high / end);
    width(scope.element("i", "band low", box), low / end);
    if (value) width(scope.element("i", "bar", box), value / end);
    const apart = (high - low) / end > 0.2; // otherwise the second mark tells both numbers
    mark(box, low / end, apart ? [["acceptable", low]] : []);
    mark(box, high / end, apart ? [["manageable", high]] : [["acceptable", low], ["manageable", high]]);
    return box;
  }

  /** A line at a share of the axis, with its numbers on the side where there is room. */
  function mark(box, at, texts) {
    const node = scope.element("span", at > 0.7 ? "mark end" : "mark", box);
    node.style.left = `${at * 100}%`;
    if (texts.length) scope.element("b", "num", node).textContent = texts.map(([name, n]) => say(`alarms.${name}`, { n: short(n) })).join(" · ");
  }

  /** One share of one whole, with the mark of the standard's where it has one. Shares 0..1. */
  function share(parent, { value, target, label }) {
    const box = scope.element("div", "bullet share", parent);
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", label);
    if (value) width(scope.element("i", "bar", box), value);
    if (target === undefined) return box;
    mark(box, target, []);
    return box;
  }

  scope.alarmsBars = { verdict, axisEnd, short, percent, bullet, share };
  if (typeof module !== "undefined") module.exports = scope.alarmsBars;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
