"use strict";
/* Every rule as one row of a table, in the order of their kinds. */
(function (scope) {
  const COLUMNS = ["name", "response", "threshold", "delays", "tier", "area", "hours", "version", "state", "n_listed", "n_raised_24h"];
  const say = (key, values) => scope.words.say(key, values);

  /** Rules of one kind stand together, in the order of the pack. */
  function byKind(rules) {
    const kinds = [...new Set(rules.map((rule) => rule.kind))];
    return kinds.flatMap((kind) => rules.filter((rule) => rule.kind === kind));
  }

  /** open(id): a rule was chosen. */
  function draw(box, rules, open) {
    const focused = box.contains(document.activeElement) && document.activeElement.dataset.key;
    box.replaceChildren();
    if (!rules.length) return void (scope.element("p", "none", box).textContent = say("rules.empty"));
    const table = scope.element("table", "", scope.element("div", "wide", box));
    table.setAttribute("aria-label", say("rules.title"));
    const head = scope.element("tr", "", scope.element("thead", "", table));
    for (const name of COLUMNS) {
      const cell = scope.element("th", name, head);
      cell.scope = "col";
      cell.textContent = say(`rules.${name}`);
    }
    const body = scope.element("tbody", "", table);
    for (const rule of byKind(rules)) row(body, rule, open);
    if (focused) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  function row(body, rule, open) {
    const { named, atLeast, hours, place, responder, seconds } = scope.rulesFacts;
    const line = scope.tableRow(body, [
      nameOf(rule, open), named(rule, "response"), atLeast(rule),
      `${seconds(rule.on_delay_s)} / ${seconds(rule.off_delay_s)}`, responder(rule), place(rule), hours(rule),
      versionOf(rule), say(rule.enabled ? "rules.on" : "rules.off"),
      scope.words.count(rule.n_listed), scope.words.count(rule.n_raised_24h),
    ]);
    COLUMNS.forEach((name, i) => line.cells[i].classList.add(name));
    scope.flag(line, "is-off", !rule.enabled);
  }

  function nameOf(rule, open) {
    const box = document.createElement("span");
    box.className = "rule-name";
    const sign = scope.element("span", "", box);
    sign.innerHTML = scope.glyphs.priority(rule.priority, say("priority", { n: rule.priority }));
    const text = scope.element("span", "", box);
    const link = scope.element("a", "", text);
    link.dataset.key = rule.id;
    link.href = scope.rulesAddress(rule.id);
    link.textContent = scope.rulesFacts.named(rule, "name");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(rule.id);
    });
    scope.element("small", "", text).textContent = scope.rulesFacts.kindOf(rule);
    return box;
  }

  function versionOf(rule) {
    const box = document.createElement("span");
    box.textContent = String(rule.version);
    box.title = scope.rulesFacts.version(rule);
    if (rule.changed_by) scope.element("small", "", box).textContent = `${rule.changed_by} ${scope.moment(rule.changed_at).slice(0, 16)}`;
    return box;
  }

  scope.rulesList = { byKind, draw };
  if (typeof module !== "undefined") module.exports = scope.rulesList;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
