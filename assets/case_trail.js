"use strict";
/* Who did what with a case: audit entries, moves of outside systems and automatic escalations, the newest first. */
(function (scope) {
  const NEAR_MS = 5000; // an entry and the move it tells of were written in one step
  const VIEW = "incident.view";

  const ms = (iso) => Date.parse(iso);

  /** Entries of the trail joined with the moves they tell of; moves that no entry tells of stand for themselves.
      held: the case; trail: audit entries, or null. Answers items, newest first:
      {kind: view | act | move | up | report, at, actor, role, n, move, entry, up}. */
  function trailOf(held, trail) {
    const free = new Set(held.history);
    const items = (trail || []).map((entry) => itemOf(entry, free));
    for (const move of free) items.push({ kind: "move", at: move.at, actor: move.by, role: move.at_desk ? null : "outside", move });
    for (const up of held.escalations) {
      if (up.reason !== "officer") items.push({ kind: "up", at: up.at, actor: null, role: "rule", up });
    }
    if (held.reported_at) items.push({ kind: "report", at: held.reported_at, actor: null, role: "report" });
    return grouped(items.sort((a, b) => ms(b.at) - ms(a.at)));
  }

  function itemOf(entry, free) {
    const told = { at: entry.at, actor: entry.actor, role: entry.role, entry };
    if (entry.action === VIEW) return { kind: "view", n: 1, ...told };
    const move = [...free].find((one) => entry.outcome === "done" && tells(entry, one));
    free.delete(move);
    return { kind: "act", ...told, move };
  }

  const tells = (entry, move) =>
    move.at_desk && move.by === entry.actor && [`incident.${move.action}`, `${move.action}.${move.step}`].includes(entry.action) && Math.abs(ms(move.at) - ms(entry.at)) < NEAR_MS;

  /** Views with nothing between them, one line for each who looked. */
  function grouped(items) {
    const found = [];
    let run = new Map();
    for (const item of items) {
      if (item.kind !== "view") run = new Map();
      const held = item.kind === "view" && run.get(item.actor);
      if (held) held.n += 1;
      else {
        const copy = { ...item };
        found.push(copy);
        if (item.kind === "view") run.set(item.actor, copy);
      }
    }
    return found;
  }

  scope.caseTrail = { trailOf };
  if (typeof module !== "undefined") {
    module.exports = scope.caseTrail;
    return;
  }

  const say = (key, values) => scope.words.say(key, values);

  /** One move in words: what, to whom, with what result, why. */
  function moveText(move) {
    const parts = [say(move.step ? `did.whistle.${move.step}` : `did.${move.action}`)];
    if (move.department && (move.step || ["dispatch", "accept"].includes(move.action))) parts.push(scope.caseFacts.named(move, "department_name") || move.department);
    if (move.called.length) parts.push(move.called.map((one) => scope.caseFacts.named(one, "name") || one.id).join(say("case.comma")));
    if (move.kind) parts.push(orPlain("whistle", move.kind));
    if (move.result) parts.push(orPlain("result", move.result));
    if (move.tier) parts.push(orPlain("tier", move.tier));
    if (move.condition) parts.push(say("case.condition", { n: move.condition }));
    if (move.note) parts.push(move.note);
    return parts.join(" · ");
  }

  /** A word of the screen, or what an outside system wrote as it is. */
  function orPlain(group, value) {
    const key = `${group}.${value}`;
    const text = say(key);
    return text === key ? value : text;
  }

  function textOf(item, held) {
    if (item.kind === "view") return say("trail.viewed", { n: item.n });
    if (item.kind === "report") return [say("trail.reported"), held.channel && say(`channel.${held.channel}`)].filter(Boolean).join(" · ");
    if (item.kind === "up") return say("trail.up", { tier: say(`tier.${item.up.tier}`), why: say(`escalation.${item.up.reason}`) });
    if (item.move) return moveText(item.move);
    const action = item.entry.action.replace(/^incident\./, "");
    const text = orPlain("did", action);
    return [text, item.entry.outcome === "refused" && say("trail.refused"), item.entry.detail].filter(Boolean).join(" · ");
  }

  const roleText = (role) => (role ? orPlain(["outside", "rule", "report"].includes(role) ? "trail.role" : "role", role) : "");

  class Trail {
    constructor(root) {
      this.head = scope.element("h3", "", root);
      this.title = scope.element("b", "", this.head);
      this.count = scope.element("span", "num", this.head);
      this.list = scope.element("ol", "case-trail", root);
      this.list.tabIndex = 0; // it may scroll
    }

    /** me: who looks; a move of their own is shown with their role before the trail is read again. */
    draw(held, trail, nowMs, me) {
      this.me = me;
      scope.put(this.title, say("trail"));
      this.list.setAttribute("aria-label", say("trail"));
      const items = held ? trailOf(held, trail) : [];
      const n = items.reduce((sum, item) => sum + (item.n || 1), 0);
      scope.put(this.count, held ? say("trail.note", { n }) : "");
      this.list.replaceChildren();
      for (const item of items) this._line(item, held, nowMs);
    }

    _line(item, held, nowMs) {
      const line = scope.element("li", item.kind, this.list);
      const time = scope.element("time", "num", line);
      time.dateTime = item.at;
      time.textContent = timeText(ms(item.at), nowMs);
      const who = scope.element("bdi", "", line);
      who.textContent = [item.actor, roleText(item.role || this._ownRole(item))].filter(Boolean).join(" · ");
      const what = scope.element("span", "", line);
      what.dir = "auto";
      what.textContent = textOf(item, held);
    }

    _ownRole(item) {
      return item.move?.at_desk && item.actor === this.me?.name ? this.me.role : null;
    }
  }

  /** With seconds today, with the date before. */
  function timeText(atMs, nowMs) {
    const text = scope.words.moment(atMs, nowMs);
    return text.includes(" ") ? text : scope.words.hms(atMs);
  }

  Object.assign(scope.caseTrail, { Trail, moveText });
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
