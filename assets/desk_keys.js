"use strict";
/* The keys of the desk: which of them the list takes, which go to the case pane, and the help that tells them all. */
(function (scope) {
  const SWITCH = "one-map.desk.letters"; // "off": single-key shortcuts are off on this machine (WCAG 2.1.4)
  const PAGE_STEP = 10;
  const STEPS = { j: 1, k: -1, arrowdown: 1, arrowup: -1, pagedown: PAGE_STEP, pageup: -PAGE_STEP, home: -Infinity, end: Infinity };

  /** The memory of this browser, which may be forbidden. */
  function lettersOff() {
    try {
      return localStorage.getItem(SWITCH) === "off";
    } catch {
      return false;
    }
  }

  function setLetters(on) {
    try {
      if (on) localStorage.removeItem(SWITCH);
      else localStorage.setItem(SWITCH, "off");
    } catch {
      // then they stay as they are
    }
  }

  const isTyping = (node) =>
    node.matches?.("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox]):not([type=button])") ?? false;

  class Keys {
    constructor(page) {
      this.page = page;
      document.addEventListener("keydown", (event) => this._pressed(event));
      document.getElementById("help").addEventListener("click", () => this.help());
    }

    _pressed(event) {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
      if (isTyping(event.target)) this._typing(event);
      else if (this._used(event)) event.preventDefault();
    }

    /** Only Esc in the search box, which leads back to the list. */
    _typing(event) {
      if (event.key !== "Escape" || !event.target.closest(".list")) return;
      document.getElementById("queue").focus();
      event.preventDefault();
    }

    _used(event) {
      const { page } = this;
      if (event.ctrlKey || event.metaKey || event.altKey) return page.acting?.key(event) || false;
      const isSign = event.key.length === 1 && event.key !== " ";
      if (isSign && lettersOff()) return false;
      const key = event.key.toLowerCase();
      if (/^[1-9]$/.test(key)) return page.acting?.key(event) || this._queue(Number(key));
      if (key in STEPS) return this._step(event, key);
      if (key === "enter") return page.acting?.key(event) || false;
      if (key === "escape") return this._escape(event);
      const own = { "/": () => page.filters.search.select(), "?": () => this.help(), n: () => page.queue.takeNew(), m: () => page.openMap(), h: () => page.alerts.ungroup() }[key];
      if (!own) return page.acting?.key(event) || false;
      if (!event.repeat) own();
      return true;
    }

    _queue(number) {
      const queue = this.page.boot.queues[number - 1];
      if (!queue) return false;
      if (queue !== this.page.view.queue) this.page.go({ queue, from: 0 });
      return true;
    }

    /** Arrows and the like belong to what has the focus, unless that is the list or nothing. */
    _step(event, key) {
      const isLetter = key.length === 1;
      const free = event.target === document.body || event.target.closest?.("#queue");
      if (!isLetter && !free) return this.page.acting?.key(event) || false;
      this.page.move(STEPS[key]);
      return true;
    }

    _escape(event) {
      const { page } = this;
      if (page.acting?.key(event)) return true;
      const queue = document.getElementById("queue");
      const wasHere = document.activeElement === queue || document.activeElement === document.body;
      queue.focus();
      if (wasHere && (page.view.case || page.view.alert)) page.select(null, { at: "once" });
      return true;
    }

    /** All keys from the one table of layouts/desk.py, and the switch of the single-key ones. */
    help() {
      const { words: w, element } = scope;
      const dialog = scope.dialog(w.say("desk.help"));
      for (const group of ["list", "case", "alert"]) {
        element("h3", "", dialog).textContent = w.say(`desk.help.${group}`);
        const table = element("dl", "keys", dialog);
        for (const [cap, word, of] of this.page.boot.keys) {
          if (of !== group) continue;
          const row = element("div", "", table);
          element("kbd", "", element("dt", "", row)).textContent = cap;
          element("dd", "", row).textContent = w.say(word);
        }
      }
      this._switch(dialog);
      const buttons = element("div", "buttons", dialog);
      const close = scope.form.button(buttons, w.say("desk.help.close"));
      close.addEventListener("click", () => dialog.close());
      const opener = document.activeElement;
      dialog.addEventListener("close", () => opener?.focus?.());
      dialog.showModal();
      close.focus();
    }

    _switch(dialog) {
      const { words: w, element } = scope;
      const label = element("label", "letters", dialog);
      const box = element("input", "", label);
      box.type = "checkbox";
      box.checked = !lettersOff();
      element("span", "", label).textContent = w.say("desk.help.letters");
      element("small", "help-hint", dialog).textContent = w.say("desk.help.letters.hint");
      box.addEventListener("change", () => {
        setLetters(box.checked);
        this.draw();
      });
    }

    /** Caps of keys that are off are not shown as if they worked. */
    draw() {
      document.body.classList.toggle("letters-off", lettersOff());
    }
  }

  scope.deskKeys = { Keys, lettersOff };
})((window.one_map = window.one_map || {}));
