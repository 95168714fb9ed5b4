"use strict";
/* How a whistle looks: its sign, its head, its departments with their steps, clocks, answers and marks. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);
  const facts = () => scope.whistleFacts;
  const when = (iso, nowMs) => scope.words.moment(Date.parse(iso), nowMs);
  const named = (row) => scope.caseFacts.named(row, "name");
  const { sign } = scope.whistleMap;

  /** Who drafted, approved and blew it, and when. moves: of the case. */
  function lineage(held, moves, nowMs) {
    const blew = moves.find((move) => (move.whistle || move.id) === held.id && (move.step ?? "blow") === "blow");
    const time = (iso) => when(iso, nowMs);
    const parts = [];
    if (held.drafted_at && held.drafted_at !== held.blown_at) parts.push(say("whistle.drafted", { by: held.drafted_by, time: time(held.drafted_at) }));
    if (held.approved_at && held.approved_at !== held.blown_at) parts.push(say("whistle.approved", { by: held.approved_by, time: time(held.approved_at) }));
    if (held.blown_at) parts.push(say(blew ? "whistle.blown" : "whistle.blown.at", { by: blew?.by, time: time(held.blown_at) }));
    if (held.reminded_at) parts.push(say("whistle.reminded", { time: time(held.reminded_at) }));
    if (held.withdrawn_at) parts.push(say("whistle.withdrawn", { time: time(held.withdrawn_at) }));
    return parts.join(" · ");
  }

  function escalation(held, nowMs) {
    const names = new Map(held.called.map((part) => [part.department, named(part)]));
    const told = held.escalations.map((up) =>
      say("whistle.escalation", { department: names.get(up.department), clock: say(`whistle.clock.${up.clock}`), time: when(up.at, nowMs) }));
    return told.length ? say("whistle.escalated", { what: told.join(say("case.comma")) }) : "";
  }

  /** The head of a whistle, below `box`; answers its heading. */
  function drawHead(box, held, moves, nowMs) {
    const head = scope.element("h4", "whistle-head", box);
    head.tabIndex = -1;
    head.dataset.focus = `${held.id} head`;
    head.innerHTML = sign(); // a sign of ours
    scope.element("b", "", head).textContent = say(`whistle.${held.kind}`);
    const { called, answered } = facts().countsOf(held, nowMs);
    const state = scope.element("span", `whistle-state ${held.state}`, head);
    const isWaiting = held.state === "blown";
    state.textContent = isWaiting ? say("whistle.sum.answered", { n: answered, of: called }) : say(`whistle.state.${held.state}`);
    line(box, "whistle-who", lineage(held, moves, nowMs));
    line(box, "whistle-up", escalation(held, nowMs));
    if (held.note) line(box, "whistle-note", `${say("whistle.note")} · ${held.note}`);
    if (held.ended_note) line(box, "whistle-note", `${say("whistle.ended.note")} · ${held.ended_note}`);
    return head;
  }

  function line(box, look, text) {
    if (!text) return;
    const node = scope.element("p", look, box);
    node.dir = "auto";
    node.textContent = text;
  }

  /** One called department below `list`; answers {row, clock: drawn anew each second, verbs: where buttons go}. */
  function drawPart(list, held, part, nowMs) {
    const row = scope.element("li", "whistle-part", list);
    row.dataset.department = part.department;
    const top = scope.element("div", "whistle-top", row);
    const name = scope.element("bdi", "whistle-name", top);
    name.textContent = named(part);
    scope.element("span", `whistle-stand ${part.state}`, top).textContent = held.blown_at ? say(`whistle.part.${part.state}`) : "";
    const clock = drawClock(top, held, part, nowMs);
    const verbs = scope.element("div", "whistle-verbs", top);
    if (held.blown_at) drawSteps(row, held, part, nowMs);
    drawAnswer(row, part, nowMs);
    return { row, clock, verbs };
  }

  function drawSteps(row, held, part, nowMs) {
    const steps = scope.element("ol", "whistle-steps", row);
    steps.setAttribute("aria-label", say("whistle.steps", { name: named(part) }));
    for (const step of facts().stepsOf(held, part)) {
      const node = scope.element("li", `case-step ${step.status}`, steps);
      scope.element("i", "", node);
      scope.element("b", "", node).textContent = say(`whistle.step.${step.name}`);
      const time = step.status === "skipped" ? say("whistle.step.skipped") : step.at ? when(step.at, nowMs) : "";
      scope.element("span", "num", node).textContent = time;
      if (step.status === "current") node.setAttribute("aria-current", "step");
    }
  }

  function drawClock(row, held, part, nowMs) {
    const box = scope.element("span", "whistle-clock", row);
    const nodes = { box, words: scope.element("span", "num", box), plate: scope.element("b", "num", box), bar: scope.element("i", "", scope.element("span", "whistle-bar", box)) };
    const clock = { ...nodes, held, part };
    tickClock(clock, nowMs);
    return clock;
  }

  /** The clock that runs: its share in a bar and in words; overdue as a plate with its ink reversed. */
  function tickClock({ box, words, plate, bar, held, part }, nowMs) {
    const state = facts().clockOf(held, part, nowMs);
    box.hidden = !state && !part.missed.length;
    if (!state) return scope.put(words, part.missed.length ? missedText(part) : "");
    const share = Math.floor(100 * state.share);
    const until = say("whistle.until", { clock: say(`whistle.clock.${state.clock}`), time: scope.words.moment(state.dueMs, nowMs) });
    const time = scope.caseFacts.duration(state.leftMs);
    scope.put(plate, state.isOverdue ? say("whistle.over", { time }) : "");
    const running = state.isOverdue ? say("whistle.over.share", { share }) : say("whistle.left", { time, share });
    scope.put(words, `${until} · ${running}`);
    box.className = `whistle-clock${state.isOverdue ? " overdue" : state.isNear ? " near" : ""}`;
    bar.style.width = `${Math.min(100, share)}%`;
    bar.parentNode.hidden = false;
    return undefined;
  }

  const missedText = (part) => say("whistle.missed", { clocks: part.missed.map((name) => say(`whistle.clock.${name}`)).join(say("case.comma")) });

  /** The four elements of an answer, and the marks that were given for it. */
  function drawAnswer(row, part, nowMs) {
    const { answer, ratings } = part;
    if (!answer && !ratings) return;
    const list = scope.element("dl", "whistle-answer", row);
    const told = (word, text) => {
      if (!text) return;
      const pair = scope.element("div", "", list);
      scope.element("dt", "", pair).textContent = say(word);
      const value = scope.element("dd", "", pair);
      value.dir = "auto";
      value.textContent = text;
    };
    if (answer) {
      told("whistle.answer.at", `${when(answer.at, nowMs)} · ${answer.by}`);
      told("whistle.answer.contact", answer.contact);
      told("whistle.answer.measures", answer.measures);
      told("whistle.answer.promised", answer.promised_at && when(answer.promised_at, nowMs));
    }
    if (ratings) told("do.whistle.rate", say("whistle.rated", ratings));
  }

  scope.whistleParts = { sign, summary: scope.whistleMap.summary, drawHead, drawPart, tickClock, named };
})((window.one_map = window.one_map || {}));
