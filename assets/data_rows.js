"use strict";
/* A table whose rows stay the same nodes while their texts change, and open to what is behind them. */
(function (scope) {
  class Rows {
    /** body: tbody; columns: names of the cells after the row's heading. */
    constructor(body, columns) {
      Object.assign(this, { body, columns });
      this.held = new Map(); // id -> {line, cells, unfold, more}
    }

    /** items: [{id, name, fill(cells, line), details() -> [[word, text]], link?: {href, word}}], in their order. */
    draw(items) {
      if (!this.held.size) this.body.replaceChildren();
      for (const [id, row] of this.held) {
        if (items.some((item) => item.id === id)) continue;
        row.line.remove();
        row.more?.remove();
        this.held.delete(id);
      }
      const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
      items.forEach((item, i) => this._row(item, i));
      if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true });
    }

    /** One sentence across the table instead of rows. */
    only(text) {
      if (!this.held.size && this.body.textContent === text) return;
      this.held.clear();
      this.body.replaceChildren();
      scope.tableOnly(this.body, text);
    }

    _row(item, i) {
      const row = this.held.get(item.id) ?? this._made(item);
      this._place(row, i);
      row.unfold.setAttribute("aria-label", scope.words.say("data.unfold", { name: item.name }));
      item.fill(row.cells, row.line);
      row.item = item;
      if (row.more) this._fill(row);
    }

    _made(item) {
      const line = scope.element("tr", "", this.body);
      line.dataset.id = item.id;
      const cells = { name: scope.element("th", "name", line) };
      cells.name.scope = "row";
      for (const column of this.columns) cells[column] = scope.element("td", column, line);
      const unfold = scope.form.button(scope.element("td", "", line), "", "unfold");
      unfold.setAttribute("aria-expanded", "false");
      const row = { line, cells, unfold, more: null, item };
      line.addEventListener("click", (event) => !event.target.closest("a") && !String(getSelection()) && this._toggle(row));
      this.held.set(item.id, row);
      return row;
    }

    /** Line i of those that are not opened parts of others. */
    _place(row, i) {
      const lines = [...this.body.children].filter((node) => !node.classList.contains("more"));
      if (lines[i] === row.line) return;
      this.body.insertBefore(row.line, lines[i] ?? null);
      if (row.more) row.line.after(row.more);
    }

    _toggle(row) {
      const isOpen = Boolean(row.more);
      row.unfold.setAttribute("aria-expanded", String(!isOpen));
      if (isOpen) {
        row.more.remove();
        row.more = null;
        return;
      }
      row.more = scope.element("tr", "more");
      row.line.after(row.more);
      const cell = scope.element("td", "", row.more);
      cell.colSpan = row.line.cells.length;
      scope.element("dl", "", cell);
      this._fill(row);
    }

    /** Texts change in place; the list is made anew only when it has other lines. */
    _fill(row) {
      const list = row.more.querySelector("dl");
      const rows = row.item.details();
      if (list.children.length !== 2 * rows.length) {
        list.replaceChildren();
        for (const _row of rows) list.append(document.createElement("dt"), document.createElement("dd"));
      }
      rows.forEach(([word, text], i) => {
        scope.put(list.children[2 * i], scope.words.say(word));
        const told = list.children[2 * i + 1];
        if (told.firstElementChild?.tagName !== "BDI") scope.element("bdi", "", told);
        scope.put(told.firstElementChild, text);
      });
      this._link(row);
    }

    _link(row) {
      const { link } = row.item;
      let node = row.more.querySelector("a");
      if (!link) return node?.remove();
      node = node ?? scope.element("a", "", row.more.firstElementChild);
      node.href = link.href;
      scope.put(node, scope.words.say(link.word));
    }
  }

  /** Up and down between the rows of all tables, beside Tab. */
  function moves(root) {
    root.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
      const all = [...root.querySelectorAll(".unfold")];
      const at = all.indexOf(document.activeElement);
      const next = at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[at + step];
      if (!next) return;
      next.focus();
      next.closest("tr").scrollIntoView({ block: "nearest" });
      event.preventDefault();
    });
  }

  scope.dataRows = { Rows, moves };
})((window.one_map = window.one_map || {}));
