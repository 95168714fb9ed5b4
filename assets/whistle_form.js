"use strict";
/* The small form of one step of a whistle: whom one spoke with, by when, why, marks. What is typed is kept. */
(function (scope) {
  const NOTE_MAX = 1000;
  const MINUTE_MS = 60000;
  const say = (key, values) => scope.words.say(key, values);
  const facts = () => scope.whistleFacts;

  class WhistleForm {
    /** at: {held, step, part or null}; draft: what was typed before; on: {send(), shut(), now()}. */
    constructor(at, draft, on) {
      Object.assign(this, at, { draft, on });
      this.node = scope.element("form", "case-form whistle-form", null);
      this.node.noValidate = true;
      this.node.addEventListener("submit", (event) => {
        event.preventDefault();
        on.send();
      });
      this.node.addEventListener("keydown", (event) => this._key(event));
      this._draw();
    }

    /** What the step needs to know, as the request has it. */
    fields() {
      const { clock, ...draft } = this.draft;
      return this.step === "acknowledge" ? { ...draft, promised_at: clock ? facts().fromClock(clock) : null } : draft;
    }

    /** {wish} or {problem: [field, text]}. */
    wish() {
      const { held, step, part } = this;
      const draft = this.fields();
      const field = facts().missing(held, step, draft);
      if (field) return { problem: [field, say(`whistle.need.${field}`)] };
      return { wish: facts().wishOf(held, step, part?.department ?? null, draft) };
    }

    focus() {
      (this.node.querySelector("input:checked") || this.node.querySelector("textarea, input"))?.focus();
    }

    /** Says at its field what is wrong, and goes there. */
    problem(field, text) {
      this.node.querySelector(".problem")?.remove();
      const box = this.node.querySelector(`[data-field="${field}"]`) || this.node;
      const said = scope.element("p", "problem", box);
      said.setAttribute("role", "alert");
      said.id = "whistle-problem";
      said.textContent = `! ${text}`;
      const node = box.querySelector("input:checked, textarea, input");
      node?.setAttribute("aria-describedby", said.id);
      node?.focus();
    }

    block(text, isBusy) {
      this.sender.setAttribute("aria-disabled", String(Boolean(text)));
      scope.flag(this.sender, "busy", isBusy);
      scope.put(this.why, isBusy ? "" : text);
    }

    // ---- keys -------------------------------------------------------------------------------------

    _key(event) {
      const { target, key } = event;
      const isText = target.matches("textarea, input[type=datetime-local]");
      if (key === "Escape") return stop(event), this.on.shut();
      if (event.isComposing) return undefined;
      if (key === "Enter" && !event.shiftKey && !target.matches("button")) {
        stop(event);
        return event.repeat ? undefined : this.on.send();
      }
      if (isText) event.stopPropagation(); // letters are letters here
      else if (/^[1-5]$/.test(key) && this.step === "rate" && !event.ctrlKey && !event.metaKey && !event.altKey) {
        stop(event);
        this._mark(Number(key), target);
      }
      return undefined;
    }

    /** A digit marks what has the focus, then what has no mark yet. */
    _mark(n, target) {
      const name = target.closest("[data-field]")?.dataset.field ?? "speed";
      const node = this.node.querySelector(`[data-field="${name}"] input[value="${n}"]`);
      node.checked = true;
      this.draft[name] = n;
      const next = name === "speed" ? this.node.querySelector('[data-field="quality"] input') : this.sender;
      next.focus();
    }

    // ---- drawn ------------------------------------------------------------------------------------

    _draw() {
      const { step, part } = this;
      const head = scope.element("h3", "", this.node);
      head.id = "whistle-form";
      head.textContent = say(`whistle.form.${step}`, { name: part ? scope.caseFacts.named(part, "name") : "" });
      this.node.setAttribute("aria-labelledby", head.id);
      const isOpen = step === "withdraw" && facts().rowOf(this.held, step)?.code === "not_done";
      const hint = say(`whistle.form.${step}.${isOpen ? "open" : "hint"}`);
      if (!hint.startsWith("whistle.form")) scope.element("small", "", head).textContent = hint;
      for (const name of facts().FIELDS[step]) {
        if (name === "promised_at") this._promised();
        else if (name === "speed" || name === "quality") this._marks(name);
        else this._text(name);
      }
      this._buttons();
    }

    _field(name, tag) {
      const box = scope.element(tag, `case-field ${name}`, this.node);
      box.dataset.field = name;
      return box;
    }

    _text(name) {
      const box = this._field(name, "div");
      const input = scope.element("textarea", "", box);
      const label = say(`whistle.field.${name}`);
      Object.assign(input, { rows: 1, maxLength: NOTE_MAX, placeholder: label, value: this.draft[name] ?? "", dir: "auto" });
      input.setAttribute("aria-label", label);
      input.dataset.focus = `form ${name}`;
      input.addEventListener("input", () => { this.draft[name] = input.value; });
    }

    /** Times to choose from, and a clock for any other. */
    _promised() {
      const box = this._field("promised_at", "div");
      const label = say("whistle.field.promised_at");
      scope.element("span", "whistle-label", box).textContent = label;
      const input = scope.element("input", "", null);
      input.type = "datetime-local";
      input.value = this.draft.clock ?? "";
      input.setAttribute("aria-label", label);
      input.dataset.focus = "form promised_at";
      for (const minutes of facts().PROMISES) {
        const button = scope.element("button", "case-btn", box);
        button.type = "button";
        button.dataset.focus = `form promise ${minutes}`;
        button.textContent = say(`whistle.promise.${minutes}`);
        button.addEventListener("click", () => {
          // clocks show whole minutes: never less than was said
          const atMs = Math.ceil((this.on.now() + minutes * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
          this.draft.clock = input.value = facts().toClock(atMs);
        });
      }
      box.append(input);
      input.addEventListener("input", () => { this.draft.clock = input.value; });
    }

    _marks(name) {
      const box = this._field(name, "fieldset");
      const label = say(`whistle.field.${name}`);
      scope.element("legend", "sr", box).textContent = label;
      const shown = scope.element("span", "whistle-label", box);
      shown.textContent = label;
      shown.setAttribute("aria-hidden", "true");
      for (const n of facts().MARKS) {
        const option = scope.element("label", "case-opt", box);
        const input = scope.element("input", "", option);
        Object.assign(input, { type: "radio", name: `whistle-${name}`, value: String(n), checked: this.draft[name] === n });
        input.dataset.focus = `form ${name} ${n}`;
        scope.element("b", "num", option).textContent = String(n);
        input.addEventListener("change", () => { this.draft[name] = n; });
      }
    }

    _buttons() {
      const row = scope.element("div", "case-send", this.node);
      this.sender = this._button(row, say(`do.whistle.${this.step}`), "↵", "case-btn primary");
      this.sender.type = "submit";
      this._button(row, say("cancel"), "Esc", "case-btn").addEventListener("click", () => this.on.shut());
      this.why = scope.element("span", "case-send-why", row);
    }

    _button(row, text, cap, look) {
      const button = scope.element("button", look, row);
      button.type = "button";
      button.dataset.focus = `form ${cap}`;
      scope.element("span", "", button).textContent = text;
      scope.element("kbd", "", button).textContent = cap;
      return button;
    }
  }

  function stop(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  scope.WhistleForm = WhistleForm;
})((window.one_map = window.one_map || {}));
