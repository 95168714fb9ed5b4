"use strict";
/* Whistles of the whole desk: the mark on a row of the list, how many wait, and the list of them with the figures. */
(function (scope) {
  const KEY = "y";
  const say = (key, values) => scope.words.say(key, values);
  const facts = () => scope.whistleFacts;

  class WhistleDesk {
    /** page: the desk. */
    constructor(page) {
      this.page = page;
      this.dialog = null;
      this.book = new scope.WhistleBook({
        send: (path) => scope.send("GET", path),
        area: () => page.view.area,
        changed: () => this._changed(),
      });
      this.button = scope.element("button", "small button whistle-switch", document.querySelector(".finder"));
      this.button.type = "button";
      this.button.addEventListener("click", () => this.open());
      this.button.setAttribute("aria-haspopup", "dialog");
      document.addEventListener("keydown", (event) => this._key(event));
    }

    get units() {
      return this.page.pane?.whistleSection.units ?? null;
    }

    // ---- what is known ----------------------------------------------------------------------------

    tick() {
      if (!this.page.offline && !document.hidden) this.book.tick();
      this._drawButton();
    }

    moved(rows) {
      this.book.moved(Object.keys(rows));
    }

    took(row) {
      this.book.took(row);
    }

    /** The whistle of a case that most needs a look, or null. */
    of(id) {
      return facts().leading(this.book.whistles(id));
    }

    _changed() {
      this.page.queue?.redraw();
      this.page.places?.draw();
      this._drawButton();
      if (this.dialog) this._fill();
    }

    /** Those that wait for this desk, and the others under way; what waits longest first. */
    _sorted() {
      const all = this.book.all();
      const mine = all.filter((one) => facts().awaited(one, this.units));
      return { mine, others: all.filter((one) => facts().isOpen(one) && !mine.includes(one)) };
    }

    // ---- on a row ---------------------------------------------------------------------------------

    /** Marks a row of the list; answers what is read aloud of it. */
    mark(node, id) {
      const held = id && this.of(id);
      const text = held ? scope.whistleParts.summary(held, this.page.now()) : "";
      const waits = Boolean(held && facts().awaited(held, this.units));
      const key = `${text}${waits}`;
      if (node.dataset.key === key) return text;
      node.dataset.key = key;
      scope.flag(node, "waits", waits);
      node.innerHTML = text ? scope.whistleParts.sign() : ""; // a sign of ours
      node.append(text);
      return text;
    }

    // ---- the button -------------------------------------------------------------------------------

    _drawButton() {
      const { mine } = this._sorted();
      const open = this.book.all().filter(facts().isOpen).length;
      const key = JSON.stringify([mine.length, open, scope.words.language()]);
      if (this.button.dataset.key === key) return;
      this.button.dataset.key = key;
      this.button.replaceChildren(say("whistle.queue"));
      if (mine.length) scope.element("b", "num", this.button).textContent = scope.words.count(mine.length);
      const cap = scope.element("kbd", "", this.button);
      cap.textContent = KEY.toUpperCase();
      cap.setAttribute("aria-hidden", "true");
      this.button.setAttribute("aria-keyshortcuts", KEY.toUpperCase());
      const text = say("whistle.queue.of", { n: mine.length, open });
      this.button.setAttribute("aria-label", text);
      this.button.title = text;
    }

    _key(event) {
      const isOther = event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat;
      if (isOther || event.key.toLowerCase() !== KEY || scope.deskKeys.lettersOff() || document.querySelector("dialog[open]")) return;
      if (event.target.matches?.("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])")) return;
      event.preventDefault();
      this.open();
    }

    // ---- the list ---------------------------------------------------------------------------------

    open() {
      const opener = document.activeElement;
      this.dialog = scope.dialog(say("whistle.queue"));
      this.dialog.classList.add("whistle-dialog");
      this.list = scope.element("div", "whistle-list", this.dialog);
      this.figures = new scope.WhistleFigures(scope.element("section", "whistle-figures", this.dialog), this.page);
      const row = scope.element("div", "buttons", this.dialog);
      const close = scope.form.button(row, say("whistle.queue.close"));
      close.addEventListener("click", () => this.dialog.close());
      this.dialog.addEventListener("close", () => {
        this.dialog = null;
        if (opener?.isConnected) opener.focus();
      });
      this.drawn = null;
      this._fill();
      this.dialog.showModal();
      (this.list.querySelector("button") || close).focus();
    }

    _fill() {
      const { mine, others } = this._sorted();
      const nowMs = this.page.now();
      const key = JSON.stringify([mine, others, this.book.failed, scope.words.language()]);
      if (key === this.drawn) return;
      this.drawn = key;
      const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
      this.list.replaceChildren();
      if (this.book.failed) scope.element("p", "whistle-failed", this.list).textContent = say("whistle.queue.failed");
      this._group("whistle.queue.mine", mine, nowMs, "whistle.queue.none");
      this._group("whistle.queue.others", others, nowMs, "whistle.queue.none.open");
      if (this.book.isCut) scope.element("p", "t3", this.list).textContent = say("whistle.queue.cut", { n: this.book.all().length });
      if (focused) this.list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    }

    _group(word, rows, nowMs, none) {
      const head = scope.element("h3", "", this.list);
      head.append(say(word), " ");
      scope.element("span", "num t3", head).textContent = scope.words.count(rows.length);
      const list = scope.element("ul", "", this.list);
      for (const one of rows) this._line(list, one, nowMs);
      if (!rows.length) scope.element("p", "t3", this.list).textContent = say(none);
    }

    _line(list, one, nowMs) {
      const button = scope.element("button", "whistle-line", scope.element("li", "", list));
      button.type = "button";
      button.dataset.id = one.id;
      button.innerHTML = scope.whistleParts.sign(); // a sign of ours
      const title = scope.element("bdi", "whistle-name", button);
      title.textContent = scope.whistleMap.titleOf(one);
      scope.element("bdi", "t2", button).textContent = this.page.placeName(one.area);
      scope.element("span", "", button).textContent = say(`whistle.${one.kind}`);
      scope.element("span", "num", button).textContent = scope.whistleParts.summary(one, nowMs);
      const step = facts().awaited(one, this.units);
      scope.element("b", "", button).textContent = step ? say(`do.whistle.${step}`) : "";
      button.addEventListener("click", () => this._choose(one));
    }

    /** Opens the case, where the next thing to do with the whistle has the focus. */
    _choose(one) {
      this.dialog.close();
      const { whistleSection } = this.page.pane;
      whistleSection.wanted = one.incident;
      this.page.select(one.incident, { at: "once" });
      whistleSection.arrive();
    }
  }

  scope.WhistleDesk = WhistleDesk;
})((window.one_map = window.one_map || {}));
