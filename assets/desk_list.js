"use strict";
/* The cases of one page of a queue. What is listed stays where it is until the list is taken anew. Pure. */
(function (scope) {
  const ENDED = new Set(["rejected", "closed", "cancelled"]);

  class CaseList {
    constructor() {
      this.rows = new Map(); // id -> the newest row
      this.order = []; // ids as they stand on the screen
      this.n_first = 0; // so many of them stand in the first group: not acknowledged when the list was taken
      this.gone = new Map(); // id -> what became of it: {queue} | {state} | {filter} | {}
      this.fresh = new Map(); // id -> row of cases that came and are not shown yet
      this.inside = new Map(); // id of a case in a row of several -> id of the row
      this.open = new scope.deskFolds.OpenFolds();
      this.total = this.cases = 0; // rows and cases
      this.asOf = null; // epoch ms; null before the first list
      this.takenAt = null; // server time of the list that the order is of
      this.isWhole = true; // the queue has no other page
    }

    /** Takes the list anew: answer of GET /api/queue. */
    take(answer) {
      const { items } = answer;
      const { isUnseen } = scope.deskFolds;
      const first = items.filter(isUnseen);
      const listed = [...first, ...items.filter((row) => !isUnseen(row))];
      this.rows = new Map();
      this.inside.clear();
      this.open.clear();
      for (const row of listed) this._put(row);
      this.order = listed.map((row) => row.id);
      this.n_first = first.length;
      this.gone.clear();
      this.fresh.clear();
      this._told(answer);
      this.takenAt = this.asOf;
      this.isWhole = items.length === answer.total;
    }

    /** The newest row of a case that is listed, by itself or in an open row. */
    row(id) {
      return this.rows.get(id) ?? this.open.rows.get(id);
    }

    _put(row) {
      this.rows.set(row.id, row);
      for (const id of row.inside?.ids || []) this.inside.set(id, row.id);
    }

    /** Of a queue of several pages only what was reported since, or stood in a row here, is sure not to stand on another one. */
    _isNew(row) {
      return this.isWhole || this.inside.has(row.id) || Date.parse(row.reported_at) > this.takenAt;
    }

    /** Brings the rows up to an answer, and moves none. */
    merge(answer) {
      const found = new Set();
      for (const row of answer.items) {
        found.add(row.id);
        if (this.rows.has(row.id)) this._keep(row);
        else if (this.open.rows.has(row.id)) this._memberChanged(row.id, row, () => null);
        else if (this._isNew(row)) this.fresh.set(row.id, row);
      }
      for (const id of this.order) if (!found.has(id) && !this.gone.has(id)) this.gone.set(id, {});
      for (const id of [...this.fresh.keys()]) if (!found.has(id)) this.fresh.delete(id);
      this._told(answer);
    }

    _told(answer) {
      this.total = answer.total;
      this.cases = answer.total_cases ?? answer.total;
      this.asOf = Date.parse(answer.as_of);
    }

    /** Rows that moved: {id: row | null}. wanted(row): does it belong here? Answers the ids newly counted. */
    change(rows, wanted) {
      const came = [];
      const told = Object.entries(rows);
      const isMember = ([id]) => this.open.rows.has(id); // these first: a row that shuts forgets what was in it
      for (const [id, row] of [...told.filter(isMember), ...told.filter((one) => !isMember(one))]) {
        if (this.rows.has(id)) this._changed(id, row, wanted);
        else if (this.open.rows.has(id)) this._memberChanged(id, row, wanted);
        else if (this._joins(row, wanted)) this.fresh.delete(id);
        else if (row && !wanted(row) && this._isNew(row)) {
          if (!this.fresh.has(id)) came.push(id);
          this.fresh.set(id, row);
        } else this.fresh.delete(id);
      }
      return came;
    }

    /** Whether a case is in a row that is listed, or counted: that row tells of it. */
    _joins(row, wanted) {
      if (!row?.fold || row.fold === row.id || wanted(row)) return false;
      const into = [...this.open.ids.keys()].find((id) => this.rows.get(id).fold === row.fold);
      if (into) this.open.add(into, row);
      return into !== undefined || [...this.rows.values(), ...this.fresh.values()].some((other) => other.fold === row.fold && other.inside);
    }

    /** A case listed below an open row: one that is in it no more stands alone, right there. */
    _memberChanged(id, row, wanted) {
      const of = this.open.of(id);
      if (row && row.fold === this.rows.get(of).fold && !wanted(row)) {
        this.open.rows.set(id, row);
        return;
      }
      this.open.drop(id);
      if (!row || wanted(row) || (row.fold && row.fold !== id)) return;
      const at = this.order.indexOf(of);
      if (at < this.n_first) this.n_first += 1;
      this.order.splice(at + 1, 0, id);
      this._put(row);
    }

    _changed(id, row, wanted) {
      if (!row) {
        this.gone.set(id, {});
        return;
      }
      const before = this.rows.get(id);
      this._put(row);
      if (this.open.ids.has(id) && !row.inside) this.open.shut(id);
      const isElsewhere = row.fold && row.fold !== id && !row.inside;
      const joined = isElsewhere && (before.fold !== row.fold || this.gone.get(id)?.fold);
      const why = wanted(row) ?? (joined ? { fold: true } : null);
      if (why) this.gone.set(id, why);
      else this.gone.delete(id);
    }

    _keep(row) {
      if (row.version < this.rows.get(row.id).version) return;
      this._put(row);
      this.gone.delete(row.id);
    }

    /** [{first: bool, ids}] without empty ones. */
    groups() {
      const parts = [
        { first: true, ids: this.order.slice(0, this.n_first) },
        { first: false, ids: this.order.slice(this.n_first) },
      ];
      return parts.filter((part) => part.ids.length);
    }

    /** The id `steps` further than another; the first or last one where the list ends or nothing was chosen. */
    step(from, steps) {
      return step(this.open.with(this.order), from, steps);
    }

    /** Where to go when a case has left: the next that is still here, else the one before. */
    after(id) {
      const at = this.order.indexOf(id);
      const here = (other) => other !== id && !this.gone.has(other);
      return this.order.slice(at + 1).find(here) ?? this.order.slice(0, Math.max(0, at)).reverse().find(here) ?? null;
    }
  }

  /** The id `steps` further in an order; see CaseList.step. */
  function step(order, from, steps) {
    if (!order.length) return null;
    const at = order.indexOf(from);
    if (at < 0) return steps > 0 ? order[0] : order[order.length - 1];
    return order[Math.max(0, Math.min(order.length - 1, at + steps))];
  }

  /** Why a row does not stand in the list of a view, as `gone` says it; null when it does. names(area): words of its place. */
  function leaves(row, view, { nowMs, isListed, systems, names }) {
    if (!row.queue || ENDED.has(row.state)) return { state: row.state };
    if (!inQueue(row, view.queue, nowMs)) return { queue: row.queue };
    const unlike = (name, key) => view[name] && String(row[key]) !== view[name];
    if (unlike("priority", "priority") || unlike("department", "department") || unlike("class", "class")) return { filter: true };
    if (isListed) return null; // title, place, class and channel of a case stay what they are
    if (view.system && row.system !== view.system && !systems.get(view.system)?.includes(row.channel)) return { filter: true };
    return view.q && !mentions(row, view.q.toLowerCase(), names) ? { filter: true } : null;
  }

  function inQueue(row, queue, nowMs) {
    if (queue === "all") return true;
    if (queue === "suspended") return row.state === "suspended";
    if (queue === "overdue") return row.state !== "suspended" && Boolean(row.due_at) && Date.parse(row.due_at) < nowMs;
    return row.queue === queue;
  }

  const mentions = (row, text, names) =>
    [row.title, row.id, row.class_name, row.class_name_en, ...names(row.area)].some((name) => (name || "").toLowerCase().includes(text));

  /** The share of its limit that is used up, 0 to 1; null without a running clock. Piecewise, because clocks pause. */
  function used(row, nowMs) {
    const marks = (row.marks_at || []).map((at) => at && Date.parse(at));
    if (marks.length !== 3 || marks.some((at) => !at)) return null;
    const points = [[Date.parse(row.reported_at), 0], [marks[0], 0.5], [marks[1], 0.8], [marks[2], 1]];
    for (let i = 1; i < points.length; i++) {
      const [[from, low], [to, high]] = [points[i - 1], points[i]];
      if (nowMs < to) return low + (high - low) * Math.max(0, (nowMs - from) / (to - from));
    }
    return 1;
  }

  /** The clock of a row: {kind, text, said, note, part}. clocks: of the desk topic. kind: ended paused none over still near run. */
  function clock(row, nowMs, clocks) {
    const { say, digits, age } = scope.words;
    if (ENDED.has(row.state)) return { kind: "ended", text: "", said: say(`state.${row.state}`), note: "", part: null };
    if (row.state === "suspended") return { kind: "paused", text: say("desk.paused"), said: say("desk.paused.for"), note: "", part: 1 };
    if (!row.due_at) return { kind: "none", text: "—", said: say("desk.none.due"), note: "", part: null };
    const left = (Date.parse(row.due_at) - nowMs) / 1000;
    const part = used(row, nowMs);
    if (left < 0) return { kind: "over", text: left > -86400 ? `+${digits(left)}` : `+${age(-left)}`, said: say("desk.over", { age: age(-left) }), note: "", part: 1 };
    const still = clocks?.[row.clock];
    if (still && Date.parse(still.until) > nowMs) return standing(row, nowMs, still, part);
    const kind = part !== null && part >= 0.8 ? "near" : "run";
    const shown = scope.words.clock(row, nowMs).text;
    return { kind, text: shown, said: /^[\d:]+$/.test(shown) && left < 86400 ? say("desk.left", { age: age(left) }) : say("desk.to", { time: shown }), note: "", part };
  }

  /** Outside the hours that count digits would run to no purpose: the time it is due instead, and when it goes on. */
  function standing(row, nowMs, still, part) {
    const { say, moment } = scope.words;
    const due = moment(Date.parse(row.due_at), nowMs);
    const key = still.provisional ? "desk.resumes.provisional" : "desk.resumes";
    return { kind: "still", text: due, said: say("desk.to", { time: due }), note: say(key, { time: moment(Date.parse(still.until), nowMs) }), part };
  }

  /** What a row says of its state: [text, is it urgent?]. */
  function state(row, nowMs) {
    const { say } = scope.words;
    if (row.inside?.unacknowledged && row.acknowledged !== false) return [say("desk.fold.unacknowledged", { n: row.inside.unacknowledged }), true];
    if (row.acknowledged === false) return [say("desk.unacknowledged.for", { age: since(row, nowMs) }), true];
    const parts = [say(`state.${row.state}`)];
    if (row.supervised) parts.push(say("desk.mark.supervised"));
    else if (row.escalated) parts.push(say("desk.mark.escalated"));
    else if (row.n_reworks) parts.push(say("desk.mark.reworked", { n: row.n_reworks }));
    else if (row.n_returns) parts.push(say("desk.mark.returned", { n: row.n_returns }));
    if (row.provisional) parts.push(say("desk.provisional"));
    return [parts.join(" · "), false];
  }

  /** How long ago it was reported, short. */
  function since(row, nowMs) {
    const seconds = Math.max(0, (nowMs - Date.parse(row.reported_at)) / 1000);
    return seconds < 86400 ? scope.words.digits(seconds) : scope.words.age(seconds);
  }

  /** What became of a case that left the list. */
  function fate(gone) {
    const { say } = scope.words;
    if (gone.state) return say(`state.${gone.state}`);
    if (gone.queue) return say("desk.gone.queue", { queue: say(`queue.${gone.queue}`) });
    if (gone.fold) return say("desk.gone.fold");
    return say(gone.filter ? "desk.gone.filter" : "desk.gone.forgotten");
  }

  scope.deskList = { CaseList, step, leaves, used, clock, state, fate, ENDED };
  if (typeof module !== "undefined") {
    scope.words = require("./words.js");
    scope.deskFolds = require("./desk_folds.js");
    module.exports = scope.deskList;
  }
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
