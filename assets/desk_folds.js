"use strict";
/* Similar cases in one row: what such a row shows, and opening it to its cases in place. The first half is pure. */
(function (scope) {
  /** A row as the list shows it: with the highest priority and the earliest deadline of the cases in it. */
  function shown(row) {
    const { inside } = row;
    if (!inside) return row;
    const other = inside.due_at && inside.due_at !== row.due_at;
    const clock = other ? { due_at: inside.due_at, marks_at: null, state: row.state === "suspended" ? "filed" : row.state } : {};
    return { ...row, ...clock, priority: inside.priority, acknowledged: inside.unacknowledged === 0 };
  }

  /** Whether nobody has acknowledged the case, or one of those in its row. */
  const isUnseen = (row) => (row.inside ? row.inside.unacknowledged > 0 : row.acknowledged === false);

  /** The rows that stand open: id of a row -> ids of the other cases in it, which are listed below it. */
  class OpenFolds {
    constructor() {
      this.ids = new Map();
      this.rows = new Map(); // id of a member -> its row
    }

    clear() {
      this.ids.clear();
      this.rows.clear();
    }

    open(id, members) {
      const others = members.filter((row) => row.id !== id);
      this.ids.set(id, others.map((row) => row.id));
      for (const row of others) this.rows.set(row.id, row);
    }

    shut(id) {
      for (const one of this.ids.get(id) || []) this.rows.delete(one);
      this.ids.delete(id);
    }

    /** The row under which a member is listed; null when it is in none. */
    of(member) {
      for (const [id, members] of this.ids) if (members.includes(member)) return id;
      return null;
    }

    /** Ids of rows with those of their members that are listed below them. */
    with(ids) {
      return this.ids.size ? ids.flatMap((id) => [id, ...(this.ids.get(id) || [])]) : ids;
    }

    /** A member is in the row no more. */
    drop(member) {
      const id = this.of(member);
      const left = this.ids.get(id).filter((other) => other !== member);
      this.rows.delete(member);
      if (left.length) this.ids.set(id, left);
      else this.ids.delete(id);
    }

    /** A case that came into an open row stands below its others. */
    add(id, row) {
      const members = this.ids.get(id);
      if (!members.includes(row.id)) members.push(row.id);
      this.rows.set(row.id, row);
    }
  }

  scope.deskFolds = { shown, isUnseen, OpenFolds };
  if (typeof module !== "undefined") {
    module.exports = scope.deskFolds;
    return;
  }

  /** Opens and shuts rows of the list; takes cases out of them. */
  class Folds {
    constructor(page) {
      this.page = page;
      document.getElementById("queue").addEventListener("click", (event) => this._clicked(event), true);
    }

    /** The signs in a row are for the pointer; keys and the case pane do the same. */
    _clicked(event) {
      const sign = event.target.closest("[data-fold]");
      const id = sign?.closest("[role=option]")?.dataset.id;
      if (!id) return;
      event.stopPropagation();
      if (sign.dataset.fold === "open") this.show(id, !this.page.list.open.ids.has(id));
      else this._takeOut(id);
    }

    /** Opens the row that a case stands in, or shuts it. */
    show(id, isOpen) {
      const { list } = this.page;
      const row = list.open.of(id) ?? id;
      if (!list.rows.get(row)?.inside) return;
      if (isOpen) this._open(row);
      else this._shut(row);
    }

    async _open(id) {
      const { page } = this;
      if (page.list.open.ids.has(id)) return;
      const list = page.list;
      const [status, answer] = await scope.send("GET", `/api/queue?${scope.deskView.askedOfFold(page.view, id)}`);
      if (list !== page.list || !list.rows.has(id)) return;
      if (status !== 200) return page.tell(scope.words.say("desk.fold.failed"));
      list.open.open(id, answer.items);
      this._redraw();
    }

    _shut(id) {
      const { list, view } = this.page;
      const isChosen = list.open.of(view.case) === id;
      list.open.shut(id);
      this._redraw();
      if (isChosen) this.page.select(id, { at: "once" });
    }

    _redraw() {
      this.page.rows.draw(this.page.list);
      this.page.queue.drawState();
    }

    /** Sent for the case itself, at the version on the screen: the bar says so and offers the undo. */
    _takeOut(id) {
      const { page } = this;
      const row = page.list.row(id);
      if (page.offline) return page.tell(scope.words.say("case.offline"));
      page.select(id, { at: "once" });
      const wish = { action: "unfold", version: row.version, key: scope.caseKey() };
      page.pane.clicks.do(id, wish, { title: scope.deskRows.titleOf(row) });
      page.pane.redraw();
    }
  }

  scope.deskFolds.Folds = Folds;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
