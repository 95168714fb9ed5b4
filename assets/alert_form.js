"use strict";
/* The form under an alert: until when, why, who; drawn for one action, filled from presets or by hand. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);
  const REASONS = { shelve: ["planned", "known", "sensor"], take_out: ["repair", "removed", "sensor"] };

  class AlertForm {
    /** root: a form element; on: {submit(), shut(), me: name}. */
    constructor(root, on) {
      Object.assign(this, { root, on, action: null, draft: {} });
      root.noValidate = true;
      root.addEventListener("submit", (event) => {
        event.preventDefault();
        on.submit();
      });
    }

    hide() {
      this.action = null;
      this.root.hidden = true;
      this.root.replaceChildren();
    }

    show(action, held) {
      this.action = action;
      this.draft = { assignee: held.assignee || "", minutes: null, clock: "", preset: "", note: "" };
      this.fields = {};
      this.root.hidden = false;
      this.root.replaceChildren();
      scope.element("h3", "", this.root).textContent = say(`alert.do.${action}`);
      for (const name of scope.alertActions.FIELDS[action]) this[`_${name}`](action);
      const row = scope.element("div", "case-send", this.root);
      const send = scope.form.button(row, `${say(`alert.do.${action}`)} `, "case-btn primary");
      send.type = "submit";
      scope.element("kbd", "", send).textContent = "↵";
      const shut = scope.form.button(row, `${say("cancel")} `, "case-btn");
      scope.element("kbd", "", shut).textContent = "Esc";
      shut.addEventListener("click", () => this.on.shut());
      this.root.scrollIntoView({ block: "nearest" });
      this.root.querySelector("input, textarea").focus();
    }

    _field(name, label) {
      const box = scope.element("div", "field alert-field", this.root);
      const text = scope.element("label", "", box);
      text.textContent = say(label);
      this.fields[name] = box;
      return { box, text };
    }

    _input(name, label, { tag = "input", placeholder = "", max = 64 } = {}) {
      const { box, text } = this._field(name, label);
      const node = scope.element(tag, tag === "textarea" ? "case-search" : "", box);
      Object.assign(node, { id: `alert-field-${name}`, name, maxLength: max, autocomplete: "off", placeholder });
      text.htmlFor = node.id;
      node.value = this.draft[name] || "";
      node.addEventListener("input", () => { this.draft[name] = node.value; });
      return { box, node };
    }

    _assignee() {
      const { box, node } = this._input("assignee", "alert.field.assignee");
      const me = scope.form.button(box, say("alert.field.me", { name: this.on.me }), "small button");
      me.addEventListener("click", () => {
        node.value = this.draft.assignee = this.on.me;
        node.focus();
      });
    }

    /** Radio buttons of one choice. items: [[value, text]]. */
    _choices(name, label, items, chosen) {
      const box = scope.element("fieldset", `case-field preset alert-${name}`, this.root);
      scope.element("legend", "sr", box).textContent = say(label);
      this.fields[name] = box;
      for (const [value, text] of items) {
        const option = scope.element("label", "case-opt", box);
        const node = scope.element("input", "", option);
        Object.assign(node, { type: "radio", name: `alert-${name}`, value });
        scope.element("b", "", option).textContent = text;
        node.addEventListener("change", () => chosen(value));
      }
      return box;
    }

    _until() {
      const items = scope.alertActions.SHELF_MIN.map((n) => [String(n), say(n < 60 ? "alert.shelf.min" : "alert.shelf.h", { n: n < 60 ? n : n / 60 })]);
      this._choices("until", "alert.field.until", items, (value) => {
        this.draft.minutes = Number(value);
        this.draft.clock = clock.value = "";
      });
      const clock = this._input("clock", "alert.field.clock", { placeholder: "15:30", max: 5 }).node;
    }

    _note(action) {
      const items = REASONS[action].map((name) => [name, say(`alert.reason.${action}.${name}`)]);
      this._choices("note", "alert.field.reason", items, (value) => { this.draft.preset = say(`alert.reason.${action}.${value}`); });
      this._maybe();
      this.fields.note = this.fields.note_text;
    }

    _maybe() {
      const { node } = this._input("note", "alert.field.note", { tag: "textarea", max: 500 });
      node.rows = 2;
      this.fields.note_text = this.fields.note;
    }

    /** A digit chooses among the first choices. */
    digit(n) {
      const options = this.root.querySelectorAll("fieldset input");
      if (!options[n - 1]) return false;
      options[n - 1].click();
      return true;
    }

    problem(field, word) {
      const box = this.fields[field];
      scope.form.clearProblems(this.root);
      const node = box.querySelector("input, textarea");
      scope.form.problem(node, say(word));
    }

    wish(nowMs) {
      return scope.alertActions.wishOf(this.action, this.draft, nowMs);
    }
  }

  scope.AlertForm = AlertForm;
})((window.one_map = window.one_map || {}));
