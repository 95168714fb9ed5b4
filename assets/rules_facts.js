"use strict";
/* One rule in words: short for the list, whole for its own page, and its earlier changes. */
(function (scope) {
  const HISTORY = 20;
  const OF_CASES = ["incident_overdue", "p1_unacknowledged", "similar_cluster"]; // as urgent as their cases
  const say = (key, values) => scope.words.say(key, values);
  const english = () => scope.words.language() === "en";
  const named = (item, name) => (english() && item[`${name}_en`]) || item[name];
  const known = (key) => (say(key) === key ? null : say(key));
  const number = (n) => String(Math.round(n * 100) / 100);

  const amount = (rule, n) => say(`rules.unit.${rule.unit}`, { n: number(n) });
  const atLeast = (rule) => (rule.threshold ? say("rules.at_least", { value: amount(rule, rule.threshold) }) : say("rules.at_least.any"));
  /** What is measured, unless the name says the same. */
  const kindOf = (rule) => (say(`rules.kind.${rule.kind}`) === named(rule, "name") ? "" : say(`rules.kind.${rule.kind}`));
  const hours = (rule) => (rule.hours ? say("rules.between", { from: rule.hours[0], to: rule.hours[1] }) : say("rules.always"));
  const place = (rule) => (rule.area ? scope.areaName(rule.area) : say("rules.everywhere"));
  const responder = (rule) => say("rules.tier.of", { tier: say(`tier.${rule.tier}`) });
  const seconds = (s) => (s ? scope.words.age(s) : "0");

  function version(rule) {
    if (!rule.changed_by) return say("rules.version.first");
    return say("rules.version.n", { n: rule.version, name: rule.changed_by, time: scope.moment(rule.changed_at) });
  }

  /** One field of a rule as a reader sees it, for "before -> after". */
  function shown(rule, name, value) {
    if (name === "threshold") return amount(rule, value);
    if (name === "enabled") return say(value ? "rules.on" : "rules.off");
    if (name === "priority") return `P${value}`;
    if (name === "area") return place({ area: value });
    if (name === "hours") return hours({ hours: value });
    if (name === "tier") return responder({ tier: value });
    if (scope.rulesFields.SECONDS.includes(name)) return seconds(value);
    if (name === "latched") return say(value ? "rules.fact.latched" : "rules.fact.latched.not");
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  const LABELS = { response: "rules.response.zh", response_en: "rules.response.en", enabled: "rules.state" };
  const label = (name) => known(LABELS[name] || `rules.${name}`) || name;

  function limit(rule, name) {
    const s = rule[name];
    return s ? say(`rules.fact.${name}`, { age: scope.words.age(s) }) : say(`rules.fact.${name}.zero`);
  }

  function priority(rule) {
    const sign = say("priority", { n: rule.priority });
    if (rule.kind === "device_gone") return say("rules.fact.priority.of_many", { priority: sign });
    return OF_CASES.includes(rule.kind) ? say("rules.fact.priority.of_cases") : sign;
  }

  function className(code) {
    const found = scope.boot.classes.find(([held]) => held === code);
    return found ? `${code} ${found[english() ? 2 : 1]}` : code;
  }

  function warning(cap) {
    if (!cap) return say("rules.cap.none");
    const grades = ["urgency", "severity", "certainty"].map((name) => cap[name] && (known(`rules.cap.${name}.${cap[name]}`) || cap[name]));
    const join = english() ? ", " : "，";
    return [named(cap, "event"), ...grades, named(cap, "instruction")].filter(Boolean).join(join);
  }

  /** [name, text] of every field. */
  function facts(rule) {
    const parameters = Object.entries(rule.parameters).map(([name, n]) => say(`rules.parameter.${name}`, { n }));
    const join = english() ? "; " : "；";
    return [
      [say("rules.kind"), say(`rules.about.${rule.kind}`)],
      [say("rules.threshold"), rule.threshold ? say("rules.fact.threshold", { value: amount(rule, rule.threshold) }) : say("rules.fact.threshold.zero")],
      ...(parameters.length ? [[say("rules.parameters"), parameters.join(join)]] : []),
      ...scope.rulesFields.SECONDS.map((name) => [say(`rules.${name}`), limit(rule, name)]),
      [say("rules.latched"), say(rule.latched ? "rules.fact.latched" : "rules.fact.latched.not")],
      [say("rules.response"), named(rule, "response")],
      [say("rules.priority"), priority(rule)],
      [say("rules.tier"), responder(rule)],
      [say("rules.area"), rule.area ? say("rules.fact.area", { name: place(rule) }) : say("rules.everywhere")],
      [say("rules.hours"), rule.hours ? say("rules.fact.hours", { from: rule.hours[0], to: rule.hours[1] }) : say("rules.always")],
      [say("rules.incident_class"), rule.incident_class ? className(rule.incident_class) : say("rules.fact.incident_class.none")],
      [say("rules.cap"), warning(rule.cap)],
      [say("rules.version"), version(rule)],
      [say("rules.state"), say(rule.enabled ? "rules.on" : "rules.off")],
      [say("rules.n_listed"), scope.words.count(rule.n_listed)],
      [say("rules.n_raised_24h"), scope.words.count(rule.n_raised_24h)],
    ];
  }

  function draw(box, rule) {
    box.replaceChildren();
    scope.element("h3", "", box).textContent = say("rules.facts");
    const list = scope.element("dl", "explained", box);
    for (const [name, text] of facts(rule)) {
      scope.element("dt", "", list).textContent = name;
      scope.element("bdi", "", scope.element("dd", "", list)).textContent = text;
    }
  }

  /** A button that reads the rule's changes from the audit trail, for who may read that. */
  function history(box, rule) {
    if (!scope.boot.me.rights.includes("audit")) return;
    scope.element("h3", "", box).textContent = say("rules.history");
    const button = scope.form.button(box, say("rules.history.read"));
    button.addEventListener("click", async () => {
      const query = new URLSearchParams({ action: "rule.change", subject: `rule/${rule.id}`, limit: HISTORY });
      const [status, body] = await scope.send("GET", `/api/audit?${query}`);
      if (!box.isConnected) return;
      box.replaceChildren();
      scope.element("h3", "", box).textContent = say("rules.history");
      if (status !== 200) scope.element("p", "none", box).textContent = say("rules.history.failed");
      else entries(box, rule, body.items.filter((item) => item.subject === `rule/${rule.id}`));
    });
  }

  function entries(box, rule, items) {
    if (!items.length) return void (scope.element("p", "none", box).textContent = say("rules.history.none"));
    const list = scope.element("ol", "changes", box);
    list.tabIndex = -1;
    for (const { at, actor, before, after, detail } of items) {
      const item = scope.element("li", "", list);
      scope.element("b", "num", item).textContent = say("rules.history.item", { time: scope.moment(at), name: actor });
      for (const name of Object.keys(after || {})) {
        if (["version", "changed_ms", "changed_by"].includes(name)) continue;
        scope.element("bdi", "", scope.element("p", "", item)).textContent = say("rules.change.line", {
          name: label(name), before: shown(rule, name, before?.[name]), after: shown(rule, name, after[name]),
        });
      }
      if (detail) scope.element("bdi", "", scope.element("p", "t2", item)).textContent = detail;
    }
    list.focus();
  }

  scope.rulesFacts = { named, kindOf, atLeast, hours, place, responder, seconds, version, shown, label, facts, draw, history };
  if (typeof module !== "undefined") module.exports = scope.rulesFacts;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
