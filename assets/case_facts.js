"use strict";
/* What a case is: its clock, its way from the report to the close, its facts. The first half is pure. */
(function (scope) {
  const HOUR_MS = 3600e3;
  const UNIT_MS = { urgent_hour: HOUR_MS, work_hour: HOUR_MS, natural_day: 24 * HOUR_MS, work_day: 24 * HOUR_MS };
  const STEPS = ["report", "file", "dispatch", "handle", "feedback", "inspect", "close"];
  const ENDED = ["closed", "rejected", "cancelled"];
  // the step that a move finishes, as a place in STEPS
  const FINISHES = { file: 1, dispatch: 2, handle: 4, solve: 4, close: 6, force_close: 6 };

  const ms = (iso) => (iso ? Date.parse(iso) : null);
  const isEnded = (held) => ENDED.includes(held.state);

  // ---- the clock --------------------------------------------------------------------------------

  /** The whole limit in ms of its own clock, with the extensions. */
  const allowedMs = (held) => held.limit.amount * UNIT_MS[held.limit.clock] * (1 + held.n_extensions);

  /** How a case's clock stands. still: {reason, until} while its kind of clock stands still by itself; openMs: open time
      left on it now. Answers {kind, leftMs, share: used up, 0 to 1, isNear}; kinds: running, still, overdue, suspended,
      in_time, late (ended after its time), stopped (ended without one). leftMs is negative when it is over. */
  function clockOf(held, nowMs, still, openMs) {
    const due = ms(held.due_at);
    if (isEnded(held)) {
      const leftMs = due === null || !held.closed_at ? null : due - ms(held.closed_at);
      if (held.state !== "closed" || leftMs === null) return { kind: "stopped", leftMs: null, share: 1, isNear: false };
      return { kind: leftMs < 0 ? "late" : "in_time", leftMs, share: leftMs < 0 ? 1 : shareOf(held, leftMs), isNear: false };
    }
    if (held.state === "suspended") {
      const leftMs = held.left_ms ?? 0;
      return { kind: "suspended", leftMs, share: shareOf(held, leftMs), isNear: false };
    }
    if (due === null) return { kind: "stopped", leftMs: null, share: 0, isNear: false };
    if (due < nowMs) return { kind: "overdue", leftMs: due - nowMs, share: 1, isNear: false };
    const leftMs = openMs ?? due - nowMs;
    const share = shareOf(held, leftMs);
    return { kind: still ? "still" : "running", leftMs, share, isNear: share >= 0.8, isPastHalf: share >= 0.5 };
  }

  const shareOf = (held, leftMs) => Math.min(1, Math.max(0, 1 - leftMs / allowedMs(held)));

  // ---- the way ----------------------------------------------------------------------------------

  /** Moves that hold: without those taken back, and without the taking back. */
  function holding(history) {
    const undone = new Set(history.map((move) => move.undoes).filter(Boolean));
    return history.filter((move) => move.action !== "undo" && !undone.has(move.id));
  }

  /** The seven steps: {steps: [{name, at, by, status: done | skipped | current | ahead}], backs: [{from, to, n, action}]}. */
  function wayOf(held) {
    const done = [{ at: held.reported_at, by: null }, null, null, null, null, null, null];
    const backs = new Map();
    for (const move of holding(held.history)) take(done, backs, move);
    const last = done.reduce((found, step, i) => (step ? i : found), 0);
    const current = isEnded(held) ? -1 : last + 1;
    const steps = STEPS.map((name, i) => ({ name, ...done[i], status: statusOf(done, i, last, current) }));
    return { steps, backs: [...backs.values()] };
  }

  function take(done, backs, move) {
    const told = { at: move.at, by: move.by };
    if (move.action === "return") back(done, backs, move, 3, 2);
    if (move.action === "rework") back(done, backs, move, 5, 3);
    if (move.action === "dispatch") done.fill(null, 3);
    if (move.action === "inspect") done[5] = move.result && move.result !== "passed" ? null : told;
    const finished = FINISHES[move.action];
    if (finished === undefined) return;
    if (finished === 4) done[3] = told;
    done[finished] = told;
  }

  /** Steps are open again from `to` on. */
  function back(done, backs, move, from, to) {
    done.fill(null, to);
    const held = backs.get(move.action) || { from, to, n: 0, action: move.action };
    held.n += 1;
    backs.set(move.action, held);
  }

  function statusOf(done, i, last, current) {
    if (done[i]) return "done";
    if (i < last) return "skipped";
    return i === current ? "current" : "ahead";
  }

  scope.caseClock = { clockOf, allowedMs, UNIT_MS };
  scope.caseWay = { wayOf, holding, STEPS };
  if (typeof module !== "undefined") {
    module.exports = { clockOf, wayOf, holding, allowedMs };
    return;
  }

  // ---- drawn ------------------------------------------------------------------------------------

  const say = (key, values) => scope.words.say(key, values);
  const when = (iso, nowMs) => scope.words.moment(ms(iso), nowMs);
  const named = (row, name) => (scope.words.language() === "en" && row[`${name}_en`]) || row[name];

  /** ms -> "54:20", "1:58:31", or days and hours from a day on. */
  function duration(lengthMs) {
    const seconds = Math.abs(lengthMs) / 1000;
    return seconds < 86400 ? scope.words.digits(seconds) : scope.words.age(seconds);
  }

  const clockText = (state) => {
    if (state.leftMs === null) return "—";
    const text = duration(state.leftMs);
    if (state.kind === "overdue") return `+${text}`;
    if (state.kind === "in_time" || state.kind === "late") return say(`case.clock.${state.kind}`, { time: text });
    return text;
  };

  /** What stands under the clock, a list of texts. */
  function clockNotes(held, state, still, nowMs) {
    const notes = [say(`case.clock.${state.kind}.note`)];
    if (held.due_at && state.kind !== "suspended" && !isEnded(held)) notes.push(say("case.clock.due", { time: when(held.due_at, nowMs) }));
    if (state.kind === "suspended" && held.paused_by) notes.push(say("case.clock.approved", { by: held.paused_by.by }));
    if (state.kind === "still") notes.push(say(`case.still.${still.reason}`), say("case.clock.resumes", { time: when(still.until, nowMs) }));
    if (!isEnded(held)) notes.push(say(`case.mode.${held.limit.clock}`));
    if (held.n_extensions) notes.push(say("case.clock.extended", { n: held.n_extensions, limit: amount(held.limit) }));
    return notes;
  }

  const amount = (limit) => say(`case.amount.${limit.clock}`, { n: limit.amount });

  /** root: {big, note, doubt, bar, fill}; draws the clock as it stands at an instant. */
  function drawClock(root, held, nowMs, still, openMs) {
    const state = clockOf(held, nowMs, still, openMs);
    const { put } = scope;
    put(root.big, clockText(state));
    put(root.note, clockNotes(held, state, still, nowMs).join(" · "));
    const doubts = [held.provisional && say("case.clock.provisional"), held.limit.assumed && say("case.clock.assumed")];
    put(root.doubt, doubts.filter(Boolean).join(" · "));
    root.clock.className = `case-timer ${state.kind}${state.isNear ? ` near w${held.priority}` : ""}${state.isPastHalf ? " half" : ""}`;
    root.bar.className = `case-sla ${state.kind}${state.isNear ? ` near w${held.priority}` : ""}`;
    root.fill.style.width = `${(100 * state.share).toFixed(1)}%`;
    root.bar.setAttribute("aria-label", say("case.clock.label", { percent: Math.floor(100 * state.share), time: clockText(state) }));
  }

  /** The marks of the bar, with when each is reached. */
  function drawMarks(box, held, nowMs) {
    const marks = [50, 80, 100].map((percent, i) => ({ percent, at: held.marks_at?.[i] }));
    box.replaceChildren();
    for (const { percent, at } of marks) {
      scope.element("u", "", box).style.left = `${percent}%`;
      if (percent === 100) continue;
      const text = scope.element("em", "num", box);
      text.style.left = `${percent}%`;
      text.textContent = say(`case.mark.${percent}`) + (at ? ` ${when(at, nowMs)}` : "");
    }
  }

  function drawWay(box, held, nowMs) {
    const { steps, backs } = wayOf(held);
    box.replaceChildren();
    for (const step of steps) {
      const node = scope.element("li", `case-step ${step.status}`, box);
      scope.element("i", "", node);
      scope.element("b", "", node).textContent = say(`case.step.${step.name}`);
      scope.element("span", "num", node).textContent = step.at ? when(step.at, nowMs) : stepText(held, step);
      const by = scope.element("em", "", node);
      by.dir = "auto";
      by.textContent = step.by || (step.name === "report" ? channelOf(held) : "");
      if (step.status === "current") node.setAttribute("aria-current", "step");
    }
    for (const one of backs) drawBack(box, one);
  }

  function stepText(held, step) {
    if (step.status === "skipped") return say("case.step.skipped");
    return step.status === "current" ? say(`state.${held.state}`) : "";
  }

  function drawBack(box, { from, to, n, action }) {
    const arc = scope.element("li", "case-back", box);
    arc.style.left = `calc(${(100 * to) / 7}% + .375rem)`;
    arc.style.width = `${(100 * (from - to)) / 7}%`;
    scope.element("span", "", arc).textContent = say(`case.back.${action}`, { n });
  }

  const channelOf = (held) => (held.channel ? say(`channel.${held.channel}`) : "");

  // ---- facts ------------------------------------------------------------------------------------

  /** [word, text] pairs; nothing is said of what never happened. */
  function factsOf(held, others, nowMs) {
    const rows = [
      ["class", [say("case.class", { code: held.class }), named(held, "class_name")].filter(Boolean).join(" ")],
      ["limit", limitText(held)],
      ["source", [channelOf(held), held.feed].filter(Boolean).join(" · ")],
      ["similar", null],
      ["system", named(held, "system_name")],
      ["tier", held.tier && [say(`case.tier.${held.tier}`), ...escalated(held, nowMs)].join(" · ")],
      ["department", named(held, "department_name")],
      ["counts", countsText(held)],
      ["supervised", held.supervised && say("case.supervised.yes")],
      ["appeal", held.appeal && say(`case.appeal.${held.appeal}`)],
      ["confirmed", held.confirmed && say(`result.${held.confirmed}`)],
      ["inspected", held.inspected && say(`result.${held.inspected}`)],
      ["watching", others.length > 0 && others.join(say("case.comma"))],
    ];
    return rows.filter(([name, text]) => text || name === "similar");
  }

  function limitText(held) {
    const { limit } = held;
    const met = held.conditions.find((one) => one.condition === limit.condition);
    const parts = [`${amount(limit)}${say(`case.limit.${limit.clock}`)}`];
    if (held.conditions.length > 1) parts.push(say("case.condition", { n: limit.condition }));
    if (met?.text) parts.push(met.text);
    return parts.join(" · ");
  }

  function escalated(held, nowMs) {
    const last = held.escalations.at(-1);
    return last ? [say("case.escalated", { time: when(last.at, nowMs), why: say(`escalation.${last.reason}`) })] : [];
  }

  function countsText(held) {
    const counts = [["returns", held.n_returns], ["reworks", held.n_reworks], ["extensions", held.n_extensions]];
    return counts.filter(([, n]) => n > 0).map(([name, n]) => say(`case.n.${name}`, { n })).join(" · ");
  }

  /** toggle: opens or shuts the list of similar cases. */
  function drawFacts(box, held, { others, nowMs, isOpen, toggle }) {
    box.replaceChildren();
    for (const [name, text] of factsOf(held, others, nowMs)) {
      scope.element("dt", "", box).textContent = say(`case.fact.${name}`);
      const value = scope.element("dd", "", box);
      value.dir = "auto";
      value.dataset.fact = name;
      if (name === "similar") drawSimilarCount(value, held, isOpen, toggle);
      else value.textContent = text;
    }
  }

  /** Whether the live row tells that the case came to lie in a row with others, or left it; the case is told, too. */
  function refold(held, row) {
    const primary = row.fold ?? null;
    if ((held.fold?.primary ?? null) === primary) return false;
    held.fold = primary && { primary };
    return true;
  }

  function drawSimilarCount(value, held, isOpen, toggle) {
    const { total } = held.similar;
    if (!total) {
      value.textContent = say("case.similar", { n: 0 });
      return;
    }
    if (held.fold) scope.element("span", "case-folded", value).textContent = say("case.folded");
    const button = scope.element("button", "case-link", value);
    button.type = "button";
    button.dataset.focus = "similar";
    button.setAttribute("aria-expanded", String(isOpen));
    button.append(say("case.similar", { n: total }), " ");
    scope.element("kbd", "", button).textContent = "L";
    button.addEventListener("click", toggle);
  }

  function drawSimilar(box, held, isOpen, nowMs) {
    box.hidden = !isOpen || !held.similar.total;
    box.replaceChildren();
    if (box.hidden) return;
    for (const row of held.similar.items) {
      const line = scope.element("li", "", box);
      scope.element("b", "", line).textContent = `P${row.priority}`;
      const title = scope.element("bdi", "", line);
      title.textContent = titleOf(row);
      scope.element("span", "", line).textContent = say(`state.${row.state}`);
      scope.element("span", "num", line).textContent = row.reported_at ? when(row.reported_at, nowMs) : "";
      scope.element("bdi", "num", line).textContent = row.id;
    }
  }

  /** As the list has it: an English page has the name of the class. */
  const titleOf = (held) =>
    (scope.words.language() === "en" && held.class_name_en) || held.title || held.class_name || say("urgent.untitled");

  /** The reporter's own words, and photos as what they are: addresses that nothing here loads. */
  function drawReport(box, held) {
    box.replaceChildren();
    held.photos.forEach((address, i) => {
      const photo = scope.element("figure", "case-photo", box);
      scope.element("figcaption", "", photo).textContent = say("case.photo", { n: i + 1 });
      const text = scope.element("bdi", "", photo);
      text.textContent = address;
      text.title = address;
    });
    const told = scope.element("div", "case-text", box);
    const texts = [held.title !== titleOf(held) && held.title, held.text].filter(Boolean);
    for (const line of texts) {
      const text = scope.element("p", "", told);
      text.dir = "auto";
      text.textContent = line;
    }
    scope.element("small", "", told).textContent = say(texts.length ? "case.text.unchanged" : "case.text.none");
  }

  scope.caseFacts = { drawClock, drawMarks, drawWay, drawFacts, drawSimilar, refold, drawReport, titleOf, duration, named, when };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
