"use strict";
/* The inline form of one step: whom to, what came of it, why. What is typed is kept by case and verb. */
(function (scope) {
  const PRESETS = [1, 2, 3, 4];
  const KINDS = ["daily", "hard", "emergency"];
  const FOUND = 6; // departments shown of a search
  const CALLED_MAX = 8;
  const AT_FIRST = 3; // departments of a form that opened by itself
  const NOTE_MAX = 1000;
  const CHOICES = ["department", "called", "result", "condition", "tier", "preset"]; // one of them takes the digits

  /** The note that is sent: the reason chosen, then what was typed. */
  function noteOf(preset, typed, comma) {
    return [preset, typed.trim()].filter(Boolean).join(comma).slice(0, NOTE_MAX);
  }

  /** Departments that a text is in the name of, the best known first; never those on the list already. */
  function searched(departments, text, listed) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    const fits = (one) => [one.name, one.name_en].some((name) => name.toLowerCase().includes(wanted));
    return departments.filter((one) => !listed.has(one.id) && fits(one)).slice(0, FOUND);
  }

  scope.caseComposer = { noteOf, searched };
  if (typeof module !== "undefined") {
    module.exports = scope.caseComposer;
    return;
  }

  const say = (key, values) => scope.words.say(key, values);
  const named = (row, name) => scope.caseFacts.named(row, name);

  class Composer {
    /** root: where it stands; on: {submit(), shut(), changed(), departments(): promise of all}. */
    constructor(root, on) {
      Object.assign(this, { root, on });
      this.drafts = new Map(); // "case verb" -> what was chosen and typed
      this.action = null;
      root.addEventListener("submit", (event) => {
        event.preventDefault();
        on.submit();
      });
      root.addEventListener("keydown", (event) => this._key(event));
    }

    /** Shows the form of a verb, as it was left. isPinned: opened by hand, so Esc shuts it. */
    show(held, action, { isPinned, isTop }) {
      const fields = scope.caseActions.fieldsOf(held, action);
      const drawn = JSON.stringify([held.id, action, isPinned, isTop, scope.words.language(), held.recommended, held.conditions, scope.caseActions.rowOf(held, action)]);
      Object.assign(this, { held, action, fields, isPinned, isTop });
      if (drawn === this.drawn) return;
      this.drawn = drawn;
      this.draft = this._draft(held, action, fields);
      this._draw();
    }

    hide() {
      this.action = this.drawn = null;
      this.root.hidden = true;
      this.root.replaceChildren();
    }

    /** Whether something was written for the verb that would be a pity to lose. */
    holdsWords() {
      return Boolean(this.action && (this.draft.note || this.draft.search));
    }

    forget(id, action) {
      this.drafts.delete(`${id} ${action}`);
      if (this.action === action && this.held.id === id) this.drawn = null;
    }

    /** The fields of the request: {wish} or {problem: [field, text]}. */
    wish() {
      const { draft, fields } = this;
      const preset = fields.includes("preset") && draft.preset ? say(`preset.${this.action}.${draft.preset}`) : "";
      const note = noteOf(preset, draft.note, say("case.semicolon"));
      const wish = {};
      for (const name of fields) {
        if (name === "called") wish.called = [...draft.called];
        else if (!["note", "preset"].includes(name) && draft[name] != null) wish[name] = draft[name];
      }
      if (note) wish.note = note;
      const needs = scope.caseActions.rowOf(this.held, this.action)?.needs || [];
      const missing = needs.find((name) => !(name === "called" ? wish.called?.length : wish[name]));
      return missing ? { problem: [missing, say(`case.need.${missing}`)] } : { wish };
    }

    /** Says at its field what is wrong, and goes there. */
    problem(field, text) {
      const box = this.root.querySelector(`[data-field="${field}"]`) || this.root.querySelector("[data-field=note]") || this.root;
      this.root.querySelector(".problem")?.remove();
      const said = scope.element("p", "problem", box);
      said.setAttribute("role", "alert");
      said.id = "case-problem";
      said.textContent = `! ${text}`;
      const node = box.querySelector("input:checked, textarea, input");
      node?.setAttribute("aria-describedby", said.id);
      node?.focus();
    }

    focus() {
      (this.root.querySelector("input:checked") || this.root.querySelector("input, textarea"))?.focus();
    }

    /** A digit chooses; true when there was something to choose. */
    digit(n) {
      if (n > AT_FIRST && this.root.querySelector("[data-focus=all]")) this._showAll();
      const node = this.root.querySelector(`[data-nth="${n}"]`);
      node?.click();
      return Boolean(node);
    }

    _draft(held, action, fields) {
      const key = `${held.id} ${action}`;
      if (!this.drafts.has(key)) this.drafts.set(key, { note: "", search: "", called: new Set(), added: [] });
      const draft = this.drafts.get(key);
      const row = scope.caseActions.rowOf(held, action);
      const first = held.recommended.find((one) => this.isTop || !one.needs_whistle);
      if (fields.includes("department")) draft.department ??= first?.department ?? null;
      if (fields.includes("result")) draft.result ??= row?.results?.[0];
      if (fields.includes("tier")) draft.tier ??= row?.tiers?.[0];
      if (fields.includes("kind")) draft.kind ??= KINDS[0];
      if (fields.includes("condition")) draft.condition ??= held.limit.condition;
      return draft;
    }

    _key(event) {
      const isText = event.target.matches("textarea, input[type=search]");
      if (event.key === "Escape") this._escape(event);
      else if (event.isComposing) return;
      else if (event.key === "Enter" && !event.shiftKey && !event.target.matches("button")) this._enter(event);
      else if (/^[1-8]$/.test(event.key) && !isText && !event.ctrlKey && !event.metaKey && !event.altKey) {
        if (this.digit(Number(event.key))) stop(event);
      } else if (isText) event.stopPropagation(); // letters are letters here
    }

    _escape(event) {
      stop(event);
      if (this.isPinned) this.on.shut();
      else event.target.blur();
    }

    _enter(event) {
      stop(event);
      if (event.repeat) return;
      const found = event.target.matches("input[type=search]") && this.root.querySelector(".found button");
      if (found) found.click();
      else this.on.submit();
    }

    // ---- drawn ----------------------------------------------------------------------------------

    _draw() {
      const focus = focusOf(this.root);
      this.root.hidden = false;
      this.root.replaceChildren();
      const head = scope.element("h3", "", this.root);
      head.id = "case-composer";
      head.textContent = say(`compose.${this.action}`);
      this.root.setAttribute("aria-labelledby", head.id);
      const hint = say(`compose.${this.action}.hint`);
      if (!hint.startsWith("compose.")) scope.element("small", "", head).textContent = hint;
      for (const name of this.fields) this[`_${name}`]();
      if (this.isPinned) this._buttons();
      focusAgain(this.root, focus);
    }

    _buttons() {
      const row = scope.element("div", "case-send", this.root);
      const send = scope.element("button", "case-btn primary", row);
      send.type = "submit";
      scope.element("span", "", send).textContent = scope.caseActions.verbText(this.action);
      scope.element("kbd", "", send).textContent = "↵";
      this.sender = send;
      const shut = scope.element("button", "case-btn", row);
      shut.type = "button";
      scope.element("span", "", shut).textContent = say("cancel");
      scope.element("kbd", "", shut).textContent = "Esc";
      shut.addEventListener("click", () => this.on.shut());
      scope.element("span", "case-send-why", row);
    }

    /** Why it cannot be sent; "" when it can. */
    block(text, isBusy) {
      if (!this.isPinned || !this.action) return;
      this.sender.setAttribute("aria-disabled", String(Boolean(text)));
      scope.flag(this.sender, "busy", isBusy);
      scope.put(this.root.querySelector(".case-send-why"), isBusy ? "" : text);
    }

    _group(name, label) {
      const box = scope.element("fieldset", `case-field ${name}`, this.root);
      box.dataset.field = name;
      scope.element("legend", "sr", box).textContent = label;
      return box;
    }

    _option(box, { name, value, type = "radio", nth, parts, isChosen }) {
      const label = scope.element("label", "case-opt", box);
      const input = scope.element("input", "", label);
      Object.assign(input, { type, name: `case-${name}`, value, checked: isChosen });
      input.dataset.focus = `${name} ${value}`;
      parts.forEach((text, i) => {
        const part = scope.element(i ? "span" : "b", "", label);
        part.dir = "auto";
        part.textContent = text;
      });
      if (nth) {
        input.dataset.nth = nth;
        scope.element("kbd", "", label).textContent = nth;
      }
      input.addEventListener("change", () => {
        if (type === "checkbox") this.draft.called[input.checked ? "add" : "delete"](value);
        else this.draft[name] = name === "condition" ? Number(value) : value;
        this.on.changed();
      });
    }

    _choice(name, values, text) {
      const box = this._group(name, say(`case.choose.${name}`));
      const takesDigits = this.fields.find((one) => CHOICES.includes(one)) === name;
      values.forEach((value, i) => {
        const isChosen = this.draft[name] === value || String(this.draft[name]) === String(value);
        this._option(box, { name, value: String(value), nth: takesDigits && i < 8 ? i + 1 : null, parts: text(value), isChosen });
      });
    }

    _result() {
      const { results } = scope.caseActions.rowOf(this.held, this.action);
      this._choice("result", results || [], (value) => [say(`result.${value}`)]);
    }

    _tier() {
      this._choice("tier", scope.caseActions.rowOf(this.held, this.action).tiers || [], (value) => [say(`tier.${value}`)]);
    }

    _kind() {
      this._choice("kind", KINDS, (value) => [say(`whistle.${value}`)]);
    }

    _preset() {
      this._choice("preset", PRESETS, (value) => [say(`preset.${this.action}.${value}`)]);
    }

    _condition() {
      this._choice("condition", this.held.conditions.map((one) => one.condition), (value) => {
        const one = this.held.conditions.find((held) => held.condition === value);
        return [say("case.condition", { n: value }), one.text || "", say(`case.amount.${one.clock}`, { n: one.amount })];
      });
    }

    _department() {
      this._departments("department", "radio");
    }

    _called() {
      this._departments("called", "checkbox");
    }

    _departments(name, type) {
      const box = this._group(name, say(`case.choose.${name}`));
      const recommended = this.held.recommended.map((one) => ({ ...one, id: one.department }));
      const listed = [...recommended, ...this.draft.added.filter((one) => !recommended.some((held) => held.id === one.id))];
      const isShort = !this.isPinned && !this.draft.isLong && listed.length > AT_FIRST + 1;
      listed.forEach((one, i) => {
        if (isShort && i >= AT_FIRST && this.draft.department !== one.id) return;
        const isChosen = name === "called" ? this.draft.called.has(one.id) : this.draft.department === one.id;
        const parts = [named(one, "name"), distance(one.distance_m), load(one), one.needs_whistle ? say("case.needs_whistle") : ""];
        this._option(box, { name, value: one.id, type, nth: i < CALLED_MAX ? i + 1 : null, parts, isChosen });
      });
      if (isShort) this._more(box, listed.length);
      else this._search(box, name, new Set(listed.map((one) => one.id)));
    }

    _more(box, n) {
      const button = scope.element("button", "case-link more-departments", box);
      button.type = "button";
      button.dataset.focus = "all";
      button.textContent = say("case.departments.all", { n });
      button.addEventListener("click", () => {
        this._showAll();
        this.root.querySelector("[data-focus=search]")?.focus();
      });
    }

    _showAll() {
      this.draft.isLong = true;
      this._draw();
    }

    _search(box, name, listed) {
      const input = scope.element("input", "case-search", box);
      Object.assign(input, { type: "search", placeholder: say("case.search"), value: this.draft.search });
      input.setAttribute("aria-label", say("case.search"));
      input.dataset.focus = "search";
      const found = scope.element("ul", "found", box);
      const draw = async () => {
        this.draft.search = input.value;
        const all = input.value.trim() ? await this.on.departments() : [];
        if (input.isConnected) this._found(found, name, searched(all, input.value, listed));
      };
      input.addEventListener("input", draw);
      if (input.value) draw();
    }

    _found(list, name, departments) {
      list.replaceChildren();
      for (const one of departments) {
        const button = scope.element("button", "case-opt", scope.element("li", "", list));
        button.type = "button";
        for (const text of [named(one, "name"), load(one), one.needs_whistle ? say("case.needs_whistle") : ""]) {
          scope.element("span", "", button).textContent = text;
        }
        button.addEventListener("click", () => this._add(name, one));
      }
    }

    _add(name, one) {
      this.draft.added.push({ ...one, distance_m: null });
      if (name === "called") this.draft.called.add(one.id);
      else this.draft.department = one.id;
      this.draft.search = "";
      this._draw();
      this.root.querySelector(`[data-focus="${name} ${CSS.escape(one.id)}"]`)?.focus();
      this.on.changed();
    }

    _note() {
      const box = scope.element("div", "case-field note", this.root);
      box.dataset.field = "note";
      const input = scope.element("textarea", "", box);
      const label = say(this.fields.includes("preset") ? "case.note.reason" : `case.note.${this.action === "handle" ? "handle" : "free"}`);
      Object.assign(input, { rows: 1, maxLength: NOTE_MAX, placeholder: label, value: this.draft.note, dir: "auto" });
      input.setAttribute("aria-label", label);
      input.dataset.focus = "note";
      input.addEventListener("input", () => {
        this.draft.note = input.value;
        this.on.changed();
      });
    }
  }

  const distance = (metres) => {
    if (metres == null) return "";
    return metres < 1000 ? say("scale.m", { n: metres }) : say("scale.km", { n: (metres / 1000).toFixed(1) });
  };
  const load = (one) => say(one.full ?? one.load >= one.takes ? "case.load.full" : "case.load", { n: one.load });

  function stop(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  /** Where the focus is below a node, and the mark in its text. */
  function focusOf(root) {
    const node = root.contains(document.activeElement) ? document.activeElement : null;
    const isText = node?.matches("textarea, input[type=search]");
    return node && { at: node.dataset.focus, mark: isText ? [node.selectionStart, node.selectionEnd] : null };
  }

  function focusAgain(root, focus) {
    const node = focus?.at && root.querySelector(`[data-focus="${CSS.escape(focus.at)}"]`);
    node?.focus();
    if (node && focus.mark) node.setSelectionRange(...focus.mark);
  }

  Object.assign(scope.caseComposer, { Composer, focusOf, focusAgain });
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
