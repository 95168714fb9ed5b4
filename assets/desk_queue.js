"use strict";
/* The list as the server gives it and as live rows change it: fetching, trying again, what is told of what came. */
(function (scope) {
  const CALM_MS = 60; // least time between two drawings for live rows
  const RELOAD_MS = 400; // several reasons to ask again are one
  const LIMIT_MAX = 500; // what one answer may hold

  class Queue {
    /** box: the listbox; page: the desk. */
    constructor(box, page) {
      this.box = box;
      this.page = page;
      this.list = new scope.deskList.CaseList();
      this.failed = null; // {why, attempt} while the last list could not be fetched
      this.listedFor = null; // the question that the list answers
      this.asking = 0;
      this.taking = false; // asked for as it is now, and not answered yet
      this.filling = false; // asked for because nothing stood there; the alerts stay as they are
      this.meanwhile = null; // {told, rows} what frames said while an answer is on its way, which may be older
      this.drawnAt = 0;
      this.dirty = new Set(); // ids of rows that a frame told of and that are not drawn yet
    }

    /** Fetches the queue. keep: the rows stay where they are; what came is counted, what left is dimmed. fill: see _fill. */
    async load({ keep = false, fill = false }) {
      clearTimeout(this.again);
      const number = (this.asking += 1);
      const { view } = this.page;
      document.querySelector(".list").classList.toggle("is-alerts", view.queue === "alerts");
      const isOther = scope.deskView.asked(view) !== this.listedFor;
      if (view.queue === "alerts") return keep && !isOther ? undefined : this._noCases();
      this.filling = fill || (this.filling && keep);
      this.taking ||= !keep; // who asks again meanwhile must not undo a click
      const keeps = !this.taking && !isOther;
      scope.flag(this.box, "is-other", isOther && this.list.order.length); // what stands there is of another queue
      this.box.setAttribute("aria-busy", "true");
      this.meanwhile = { told: {}, rows: {} };
      const [status, answer] = await scope.send("GET", `/api/queue?${scope.deskView.asked(view, keeps ? LIMIT_MAX : undefined)}`);
      if (number !== this.asking) return;
      this.box.removeAttribute("aria-busy");
      if (status === 200) this._listed(answer, keeps);
      else this._unlisted(status, { keep: !this.taking, fill: this.filling });
      this.drawState();
    }

    /** The tab of the alerts lists none. */
    _noCases() {
      this.failed = null;
      this.meanwhile = null;
      this.taking = false;
      this.list = new scope.deskList.CaseList();
      this.list.take({ items: [], total: 0, as_of: new Date(this.page.now()).toISOString() });
      this.listedFor = scope.deskView.asked(this.page.view);
      scope.flag(this.box, "is-other", false);
      this.box.removeAttribute("aria-busy");
      this.page.rows.draw(this.list);
      this.page.alerts.take();
      this.drawState();
    }

    _listed(answer, keeps) {
      this.failed = null;
      const isFilled = this.filling;
      this.taking = this.filling = false;
      this.page.counted({ ...answer, ...this.meanwhile.told });
      if (keeps) {
        this.list.merge(answer);
        this._catchUp();
        this._fill();
        this.redraw();
      } else {
        this.list.take(answer);
        this._catchUp();
        this.listedFor = scope.deskView.asked(this.page.view);
        scope.flag(this.box, "is-other", false);
        this.page.rows.draw(this.list);
        if (!isFilled) this.page.alerts.take();
        this.page.rows.mark(true);
      }
      if (this.page.view.case && !this.page.pane?.held) this.page.chosen("later");
    }

    _unlisted(status, how) {
      this.meanwhile = null;
      const { say } = scope.words;
      const attempt = (this.failed?.attempt ?? 0) + 1;
      this.failed = { why: status ? say("desk.failed.status", { n: status }) : say("desk.failed.away"), attempt };
      if (scope.deskView.asked(this.page.view) !== this.listedFor) this._emptied();
      this.again = setTimeout(() => this.load(how), scope.live.pauseMs(attempt, Math.random));
    }

    /** Another queue was asked for and could not be had: the old one must not stand under its name. */
    _emptied() {
      this.list = new scope.deskList.CaseList();
      this.listedFor = null;
      this.page.rows.draw(this.list);
    }

    /** Anything may have moved: asks again soon, and moves no row. */
    reload() {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.load({ keep: true }), RELOAD_MS);
    }

    /** Where no row stands none can be moved: what comes is taken in at once. */
    _fill() {
      if (this.list.order.length || !this.list.fresh.size || this.taking) return;
      this.load({ fill: true });
    }

    /** Takes the new cases in; what was dimmed goes. */
    takeNew() {
      const { list } = this.page.alerts;
      if (this.list.fresh.size || this.list.gone.size) this.load({});
      else if (list.fresh.size || list.gone.size) this.page.alerts.take();
    }

    _wanted(row) {
      const names = (code) => (this.page.tree.has(code) ? this.page.tree.lineage(code).flatMap((area) => [area.name, area.name_en]) : []);
      const isListed = this.list.rows.has(row.id);
      return scope.deskList.leaves(row, this.page.view, { nowMs: this.page.now(), isListed, systems: this.page.systems, names });
    }

    /** All numbers anew. Nobody told what moved before them and after the answer that is there, or on its way, was made. */
    anew(told) {
      this.heard({ ...told, refetch: this.meanwhile !== null || this.list.asOf !== null });
    }

    /** A frame: {counts, ...} that are others now, and rows that moved. */
    heard({ rows, refetch, ...told }) {
      this.page.counted(told);
      Object.assign(this.meanwhile?.told ?? {}, told);
      if (rows) this.changed(rows);
      if (refetch) this.reload();
    }

    /** Rows that moved: {id: row | null}. */
    changed(rows) {
      const shown = rows[this.page.view.case];
      if (shown) this.page.pane?.changed(shown);
      Object.assign(this.meanwhile?.rows ?? {}, rows);
      if (this.list.asOf === null || this.page.view.queue === "alerts") return;
      this._announce(this._change(rows));
      this._fill();
      this.redrawCalmly(Object.keys(rows));
    }

    /** Into the list; answers the ids newly counted. */
    _change(rows) {
      const isShort = !scope.deskView.isWhole(this.page.view); // it has a part of each row's cases only
      return this.list.change(isShort ? this._withoutFolds(rows) : rows, (row) => this._wanted(row));
    }

    /** What was told since the question: at worst it is told twice, and in its order. */
    _catchUp() {
      this._change(this.meanwhile.rows);
      this.meanwhile = null;
    }

    /** What is told of a row as a whole is not of this list: it keeps what the server said of it, and asks again. */
    _withoutFolds(rows) {
      const found = {};
      for (const [id, row] of Object.entries(rows)) {
        const held = this.list.row(id);
        if (row && (row.fold || held?.fold)) this.reload();
        if (!row || held || !row.fold) found[id] = row && { ...row, fold: held?.fold ?? null, inside: held?.inside ?? null };
      }
      return found;
    }

    /** New P1 at once, P2 when there is a pause; the others are silent. */
    _announce(ids) {
      const rows = ids.map((id) => this.list.fresh.get(id)).filter((row) => row.priority <= 2);
      if (!rows.length) return;
      const row = rows.sort((a, b) => a.priority - b.priority)[0];
      this.page.told.setAttribute("aria-live", row.priority === 1 ? "assertive" : "polite");
      scope.put(this.page.told, `P${row.priority}${scope.words.say("desk.comma")}${scope.deskRows.titleOf(row)}${scope.words.say("desk.comma")}${this.page.placeName(row.area)}`);
    }

    /** only: ids of the rows that a frame told of; null for all, as once a second. */
    redraw(only = null) {
      this.drawnAt = performance.now();
      clearTimeout(this.drawing);
      this.dirty.clear();
      if (!this.page.tree) return;
      if (this.page.rows.isOther(this.list)) this.page.rows.draw(this.list);
      else this.page.rows.update(this.list, only);
      if (only) this.page.alerts.redrawCalmly();
      else this.page.alerts.redraw();
      this.drawState();
    }

    /** Draws the rows that changed, with all that changes within a moment. */
    redrawCalmly(ids) {
      for (const id of ids) this.dirty.add(id);
      const wait = this.drawnAt + CALM_MS - performance.now();
      clearTimeout(this.drawing);
      if (wait <= 0) this.redraw(new Set(this.dirty));
      else this.drawing = setTimeout(() => this.redraw(new Set(this.dirty)), wait);
    }

    drawState() {
      this.page.state.draw(this.list);
      this.page.filters.fresh(this.list.fresh.size);
      this.page.filters.pager(this.list);
      document.querySelector(".list").classList.toggle("has-none", this.list.asOf !== null && !this.list.order.length);
    }
  }

  scope.deskQueue = { Queue };
})((window.one_map = window.one_map || {}));
