"use strict";
/* What can be done with a case: the next lawful step, the verbs with their keys, and why one is not possible. */
(function (scope) {
  // key -> verbs in the order of preference: the first that is possible takes the key
  const KEYS = [
    ["a", ["acknowledge"]],
    ["d", ["dispatch"]],
    ["w", ["whistle"]],
    ["e", ["escalate"]],
    ["r", ["return", "rework"]],
    ["s", ["suspend"]],
    ["u", ["resume"]],
    ["c", ["close"]],
    ["x", ["extend"]],
    ["g", ["assign"]],
    ["o", ["solve"]],
    ["v", ["confirm"]],
    ["f", ["reject"]],
    ["p", ["supervise"]],
    ["i", ["unfold", "fold"]],
  ];
  const LESS_USED = ["x", "g", "o", "v", "f", "p", "i"]; // stand in the second row
  const REST = { before: ["cancel", "force_close"], after: ["appeal", "judge"] };
  const ASKS_FIRST = ["cancel", "force_close"];
  // what a composer asks for; a verb that is not in here is sent at once
  const FIELDS = {
    file: ["condition", "note"],
    confirm: ["result", "note"],
    inspect: ["result", "note"],
    judge: ["result", "preset", "note"],
    dispatch: ["department", "note"],
    whistle: ["kind", "called", "note"],
    assign: ["tier", "note"],
    handle: ["note"],
    return: ["preset", "note"],
    rework: ["preset", "note"],
    suspend: ["preset", "note"],
    extend: ["preset", "note"],
    cancel: ["preset", "note"],
    force_close: ["preset", "note"],
    appeal: ["preset", "note"],
    reject: ["preset", "note"],
    escalate: ["preset", "note"],
    solve: ["preset", "note"],
  };

  const rowOf = (held, action) => held.actions.find((row) => row.action === action);
  const allowed = (held, action) => Boolean(rowOf(held, action)?.allowed);

  /** The verb that Enter does: the next step of the main line, or what has to come before it; it may be refused. */
  function primaryOf(held) {
    const first = held.next;
    const why = first && rowOf(held, first)?.code;
    if (why === "confirm_first" && allowed(held, "confirm")) return "confirm";
    if (why === "not_found" && allowed(held, "reject")) return "reject";
    if (held.inspected === "failed" && held.state === "handled" && allowed(held, "rework")) return "rework";
    if (first === "appeal" && !allowed(held, first)) return allowed(held, "judge") ? "judge" : null;
    return first || null;
  }

  /** The fields that a composer for the verb has in this case; none: it is sent at once. */
  function fieldsOf(held, action) {
    if (action === "file" && held.conditions.length < 2) return [];
    return FIELDS[action] || [];
  }

  /** The verb a key means in this case; the first that is possible, else the first. */
  function verbOf(held, key) {
    const [, verbs] = KEYS.find(([cap]) => cap === key) || [];
    if (!verbs || (key === "i" && !isFoldable(held))) return null;
    return verbs.find((verb) => allowed(held, verb)) || verbs.find((verb) => rowOf(held, verb)?.code !== "role") || verbs[0];
  }

  /** Whether it has to be said how a case is folded: it lies in a row with others, or was taken out of one. */
  const isFoldable = (held) => Boolean(held.fold) || rowOf(held, "unfold")?.code === "apart";

  /** Verbs of the bar beside the primary one: [{key, action}]. Resuming stands in for suspending. */
  function verbsOf(held, primary) {
    return KEYS.map(([key]) => ({ key, action: verbOf(held, key) })).filter(
      ({ key, action }) => action !== primary && action !== (held.state === "suspended" ? "suspend" : "resume") && (key !== "i" || isFoldable(held)),
    );
  }

  /** Whether a step took the case out of this officer's hands: its next step was theirs, and is not any more. */
  function hasLeft(before, after) {
    if (["closed", "rejected", "cancelled"].includes(after.state)) return true;
    const isMine = (held) => Boolean(primaryOf(held)) && allowed(held, primaryOf(held));
    return isMine(before) && !isMine(after);
  }

  /** Verbs without a key: what ends an open case, what can follow a closed one. */
  const restOf = (held, primary) => REST[held.state === "closed" ? "after" : "before"].filter((action) => action !== primary);

  scope.caseActions = { hasLeft, KEYS, restOf, ASKS_FIRST, primaryOf, fieldsOf, verbOf, verbsOf, rowOf, allowed };
  if (typeof module !== "undefined") {
    module.exports = scope.caseActions;
    return;
  }

  const say = (key, values) => scope.words.say(key, values);
  const verbText = (action) => say(`do.${action}`);

  /** Why a verb cannot be used, and what can: one sentence. */
  function whyNot(held, action, code, possible) {
    const values = {
      verb: verbText(action),
      state: say(`state.${held.state}`),
      tier: held.tier ? say(`tier.${held.tier}`) : "",
    };
    if (code === "state" && action === "close" && !["closed", "rejected", "cancelled"].includes(held.state)) return say("why.close", values);
    const open = possible ?? held.actions.filter((row) => row.allowed).map((row) => row.action);
    const instead = open.filter((verb) => !["acknowledge", "unfold", "fold"].includes(verb)).map(verbText);
    const told = say(`why.${code}`, values);
    if (code !== "state") return told === `why.${code}` ? say("why.other", values) : told;
    return told + (instead.length ? say("why.instead", { verbs: instead.join(say("case.comma")) }) : say("why.nothing"));
  }

  class ActionBar {
    /** root: where it stands; on: {use(action, button)}. */
    constructor(root, on) {
      this.on = on;
      this.main = scope.element("div", "case-acts", root);
      this.rest = scope.element("div", "case-acts more", root);
      this.why = scope.element("p", "case-why", root);
      this.why.id = "case-why";
      this.why.setAttribute("role", "status");
      for (const row of [this.main, this.rest]) row.setAttribute("role", "group");
    }

    /** blocked: why nothing at all can be done now, or "". label: text of the primary verb. busy: the verb under way. */
    draw(held, { blocked, label, busy, open }) {
      Object.assign(this, { held, blocked });
      const focused = document.activeElement?.closest?.("[data-do]");
      const kept = focused && (this.main.contains(focused) || this.rest.contains(focused)) ? focused.dataset.do : null;
      this.main.replaceChildren();
      this.rest.replaceChildren();
      this.main.setAttribute("aria-label", say("case.actions"));
      this.rest.setAttribute("aria-label", say("case.actions.more"));
      const primary = primaryOf(held);
      if (primary) this._button(this.main, primary, { cap: open ? "" : "↵", label, busy, isPrimary: !open, isOpen: open === primary });
      scope.element("span", "", this.rest).textContent = say("case.actions.more");
      for (const { key, action } of verbsOf(held, primary)) {
        const row = LESS_USED.includes(key) ? this.rest : this.main;
        this._button(row, action, { cap: key.toUpperCase(), busy, isOpen: open === action });
      }
      for (const action of restOf(held, primary)) this._button(this.rest, action, { busy, isOpen: open === action });
      if (kept) this.button(kept)?.focus();
      this.explain(null);
    }

    _button(row, action, { cap, label, busy, isPrimary, isOpen }) {
      const node = scope.element("button", "case-btn", row);
      node.type = "button";
      node.dataset.do = action;
      scope.element("span", "", node).textContent = label || verbText(action);
      if (cap) scope.element("kbd", "", node).textContent = cap;
      if (cap) node.setAttribute("aria-keyshortcuts", cap === "↵" ? "Enter" : cap);
      scope.flag(node, "primary", isPrimary);
      scope.flag(node, "busy", busy === action);
      if (busy === action) node.setAttribute("aria-busy", "true");
      if (!isPrimary && scope.caseActions.fieldsOf(this.held, action).length) node.setAttribute("aria-expanded", String(Boolean(isOpen)));
      const against = this.against(action);
      node.setAttribute("aria-disabled", String(Boolean(against)));
      if (against) {
        node.setAttribute("aria-description", against);
        node.title = against;
        for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => this.explain(action));
        for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => this.explain(null));
      }
      node.addEventListener("click", (event) => event.detail > 1 || this.on.use(action, node));
    }

    /** Why the verb cannot be used now; "" when it can. */
    against(action) {
      if (this.blocked) return this.blocked;
      const row = rowOf(this.held, action);
      return row && !row.allowed ? whyNot(this.held, action, row.code) : "";
    }

    button(action) {
      return this.main.querySelector(`[data-do=${action}]`) || this.rest.querySelector(`[data-do=${action}]`);
    }

    /** Says why a verb is not possible; null: what most wonder about. */
    explain(action) {
      const primary = primaryOf(this.held);
      const asked = action || (primary && this.against(primary) ? primary : "close");
      const told = asked && rowOf(this.held, asked) && !allowed(this.held, asked) ? this.against(asked) : this.blocked;
      scope.put(this.why, told || say("case.why.undo"));
    }
  }

  Object.assign(scope.caseActions, { ActionBar, whyNot, verbText });
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
