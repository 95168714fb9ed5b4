"use strict";
/* What a whistle is, for the screen: steps, clocks, who is awaited, what may be done. Touches no document. */
(function (scope) {
  const OPEN = ["drafted", "approved", "blown"];
  const STATES = ["called", "acknowledged", "on_scene", "handling", "done"];
  const AT = { acknowledged: "acknowledged_at", on_scene: "arrived_at", handling: "handling_at", done: "done_at" };
  // what a department may do next, by where it stands
  const NEXT = { called: ["acknowledge"], acknowledged: ["arrive"], on_scene: ["handle", "finish"], handling: ["finish"], done: [] };
  // what a desk may do, by the state of the whistle; the first is the usual next step
  const VERBS = {
    drafted: ["approve", "blow", "cancel"],
    approved: ["blow", "cancel"],
    blown: ["withdraw", "remind"],
    withdrawn: ["archive"],
  };
  const OF_DEPARTMENT = ["acknowledge", "arrive", "handle", "finish"];
  // what a form asks for; a step that is not in here is sent at once
  const FIELDS = {
    acknowledge: ["contact", "measures", "promised_at"],
    withdraw: ["note"],
    cancel: ["note"],
    rate: ["speed", "quality"],
  };
  const MARKS = [1, 2, 3, 4, 5];
  const PROMISES = [30, 60, 120, 240, 1440]; // minutes from now, to choose from

  const ms = (iso) => (iso ? Date.parse(iso) : null);
  const isOpen = (held) => OPEN.includes(held.state);
  const rowOf = (held, step) => held.actions.find((row) => row.action === step);

  /** The five steps of a called department: [{name, at, status: done | skipped | current | ahead}]; nothing before the blow. */
  function stepsOf(held, part) {
    const at = STATES.indexOf(part.state);
    return STATES.map((name, i) => {
      const time = i === 0 ? held.blown_at : part[AT[name]];
      if (!held.blown_at) return { name, at: null, status: "ahead" };
      if (i > at) return { name, at: null, status: i === at + 1 && held.state === "blown" ? "current" : "ahead" };
      return { name, at: time, status: time ? "done" : "skipped" };
    });
  }

  /** The clock that runs for a part at an instant: {clock, dueMs, leftMs, share: used up, over 1 when overdue, isOverdue, isNear}. */
  function clockOf(held, part, nowMs) {
    if (!part.due || !held.blown_at) return null;
    const [from, dueMs] = [ms(held.blown_at), ms(part.due.due_at)];
    const share = Math.max(0, nowMs - from) / Math.max(1, dueMs - from);
    return { clock: part.due.clock, dueMs, leftMs: dueMs - nowMs, share, isOverdue: nowMs > dueMs, isNear: share >= 0.8 };
  }

  /** Departments: {called, answered, done, overdue} at an instant. */
  function countsOf(held, nowMs) {
    const { called } = held;
    return {
      called: called.length,
      answered: called.filter((part) => part.state !== "called").length,
      done: called.filter((part) => part.state === "done").length,
      overdue: called.filter((part) => clockOf(held, part, nowMs)?.isOverdue).length,
    };
  }

  /** Where a whistle stands in short: {key, values}, a word of layouts/whistle_words.py. */
  function summaryOf(held, nowMs) {
    const counts = countsOf(held, nowMs);
    const values = { n: counts.answered, of: counts.called, done: counts.done };
    if (held.state !== "blown") return { key: `whistle.sum.${held.state}`, values };
    if (counts.done === counts.called) return { key: "whistle.sum.all_done", values };
    return { key: counts.answered < counts.called ? "whistle.sum.answered" : "whistle.sum.done", values };
  }

  /** Of several whistles of one case the one that most needs a look: open before ended, the newest first. */
  function leading(whistles) {
    const open = whistles.filter(isOpen);
    return (open.length ? open : whistles).reduce((a, b) => (!a || began(b) >= began(a) ? b : a), null);
  }

  const began = (held) => ms(held.drafted_at) ?? ms(held.blown_at) ?? 0;

  /** Whether a part is this department's own. units: ids that the account goes by. */
  const isOwn = (part, units) => Boolean(units?.has(part.department));

  /** Ids of a department and of all below it. departments: [{id, parent}]. */
  function unitsOf(department, departments) {
    const found = new Set(department ? [department] : []);
    for (let n = -1; n !== found.size; ) {
      n = found.size;
      for (const one of departments) if (found.has(one.parent)) found.add(one.id);
    }
    return found;
  }

  /** What can be done to the whole: [{step, allowed, code}]; what is never for this post is left out. */
  function verbsOf(held) {
    return (VERBS[held.state] || [])
      .map((step) => ({ step, row: rowOf(held, step) }))
      .filter(({ row }) => row && (row.allowed || !["role", "state"].includes(row.code)))
      .map(({ step, row }) => ({ step, allowed: row.allowed || row.code === "not_done", code: row.code }));
  }

  /** What can be done with one called department: its own next steps, or marks for it. */
  function partVerbsOf(held, part, units) {
    if (held.state === "withdrawn" && !part.ratings) {
      const row = rowOf(held, "rate");
      return row && row.code !== "role" ? [{ step: "rate", allowed: row.allowed, code: row.code }] : [];
    }
    if (held.state !== "blown" || !isOwn(part, units)) return [];
    // the server speaks of the one department that the account stands for; where there are several each speaks for itself
    const isSole = held.called.filter((one) => isOwn(one, units)).length === 1;
    return NEXT[part.state].map((step) => {
      const row = rowOf(held, step);
      return { step, allowed: isSole ? Boolean(row?.allowed) : true, code: isSole ? row?.code : undefined };
    });
  }

  /** What a whistle waits for at this desk: the name of a step, or null. units: of a department's account, else null. */
  function awaited(held, units) {
    if (units) {
      const own = held.state === "blown" ? held.called.find((part) => isOwn(part, units) && part.state !== "done") : null;
      return own ? NEXT[own.state].at(-1) : null;
    }
    const may = (step) => rowOf(held, step)?.allowed;
    if (held.state === "drafted") return may("approve") ? "approve" : null;
    if (held.state === "approved") return may("blow") ? "blow" : null;
    if (held.state === "withdrawn") return may("rate") ? "rate" : null;
    const isDone = held.state === "blown" && held.called.every((part) => part.state === "done");
    return isDone && may("withdraw") ? "withdraw" : null;
  }

  /** The version that a step is decided on: a department's is its own part's. */
  function versionOf(held, step, department) {
    if (!OF_DEPARTMENT.includes(step)) return held.version;
    return held.called.find((part) => part.department === department)?.version ?? held.version;
  }

  /** What a form asks for and does not have: a name of a field, or null. */
  function missing(held, step, draft) {
    const needs = new Set(rowOf(held, step)?.needs || []);
    if (step === "withdraw" && rowOf(held, step)?.code === "not_done") needs.add("note");
    const asked = (FIELDS[step] || []).filter((name) => needs.has(name));
    return asked.find((name) => !String(draft[name] ?? "").trim()) ?? null;
  }

  /** The body of a step's request, without its key. Only what the step takes. */
  function wishOf(held, step, department, draft) {
    const wish = { step, version: versionOf(held, step, department) };
    if (OF_DEPARTMENT.includes(step) || step === "rate") wish.department = department;
    for (const name of FIELDS[step] || []) {
      const value = typeof draft[name] === "string" ? draft[name].trim() : draft[name];
      if (value !== undefined && value !== null && value !== "") wish[name] = value;
    }
    return wish;
  }

  /** "2026-07-15T15:30" as Shanghai's clocks show it -> an instant; null for what is none. */
  function fromClock(text) {
    const at = Date.parse(`${text}:00+08:00`);
    return Number.isNaN(at) ? null : new Date(at).toISOString();
  }

  /** An instant in ms -> "2026-07-15T15:30" as Shanghai's clocks show it. */
  const toClock = (atMs) => new Date(atMs + 8 * 3600e3).toISOString().slice(0, 16);

  /** Whether the composer's whistle is blown at once, and why: "emergency", "approver", or "approval" where it waits for the street's. */
  function willOf(kind, me, tier) {
    if (kind === "emergency") return "emergency";
    const approves = me?.rights?.includes("approve") && ["street", "district"].includes(tier);
    return approves ? "approver" : "approval";
  }

  scope.whistleFacts = {
    OPEN, STATES, FIELDS, MARKS, PROMISES, OF_DEPARTMENT, isOpen, rowOf, stepsOf, clockOf, countsOf, summaryOf, leading,
    unitsOf, isOwn, verbsOf, partVerbsOf, awaited, versionOf, missing, wishOf, fromClock, toClock, willOf,
  };
  if (typeof module !== "undefined") module.exports = scope.whistleFacts;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
