"use strict";
/* The form of one rule: what would change, its trial, and saving a new version with the reason. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);
  const fields = scope.rulesFields;

  /** 32 hexadecimal digits; crypto.randomUUID is not there without https. */
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  /** What so many seconds are. */
  function hint(name, text) {
    if (!/^\d{1,6}$/.test(text)) return "";
    if (Number(text) >= 60) return say("rules.hint.age", { age: scope.words.age(Number(text)) });
    return Number(text) === 0 && !name.endsWith("_delay_s") ? say("rules.hint.never") : "";
  }

  class RuleForm {
    /** page: {tell(text), isCut(), reread(): all rules anew, saved(rule)}. */
    constructor(box, trialBox, rule, page) {
      Object.assign(this, { box, base: rule, page });
      this.trial = new scope.RuleTrial(trialBox, rule);
      this.draw(fields.inputsOf(rule), "");
    }

    /** In the language of the screen, with the texts that are given. */
    draw(inputs = this.inputs(), note = this.nodes.note.value) {
      const told = this.said?.textContent ?? "";
      this.box.replaceChildren();
      this.nodes = {};
      scope.element("h3", "", this.box).textContent = say("rules.form");
      const form = (this.form = scope.element("form", "fields rule", this.box));
      form.noValidate = true;
      this._values(form, inputs);
      this._texts(form, inputs);
      this.nodes.note = this._area(form, "note", say("rules.note"), note, 2);
      this.nodes.note.required = true;
      this._changes(form);
      this._buttons(form);
      this.said = scope.element("p", "said", form);
      this.said.setAttribute("role", "alert");
      scope.put(this.said, told);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this._save();
      });
      for (const name of ["input", "change"]) form.addEventListener(name, () => this._moved());
      this._moved();
    }

    _values(form, inputs) {
      const grid = scope.element("div", "pairs", form);
      this._input(grid, "threshold", say(`rules.label.${this.base.unit}`), inputs.threshold, "decimal");
      this._select(grid, "enabled", say("rules.state"), inputs.enabled, [["on", say("rules.on")], ["off", say("rules.off")]]);
      this._select(grid, "priority", say("rules.priority"), inputs.priority, [1, 2, 3, 4].map((n) => [String(n), say("priority", { n })]));
      for (const name of fields.SECONDS) {
        const node = this._input(grid, name, say(`rules.field.${name}`), inputs[name], "numeric");
        scope.form.hint(node, "");
      }
      for (const name of ["from", "to"]) this._input(grid, name, say(`rules.field.${name}`), inputs[name], "text");
      scope.form.hint(this.nodes.from, say("rules.hint.hours"));
      this.choice = new scope.AreaChoice(form, say("rules.area"), inputs.area || undefined);
      this.choiceWas = [this.choice.code, inputs.area]; // whose own area is less than the region cannot choose it
    }

    _texts(form, inputs) {
      this.nodes.response = this._area(form, "response", say("rules.response.zh"), inputs.response, 2);
      this.nodes.response_en = this._area(form, "response_en", say("rules.response.en"), inputs.response_en, 2);
      this.nodes.response.lang = "zh-CN";
      this.nodes.response_en.lang = "en";
    }

    _input(parent, name, label, value, mode) {
      const node = (this.nodes[name] = scope.form.input(parent, name, "text", label, "off"));
      Object.assign(node, { value, inputMode: mode, required: name !== "from" && name !== "to" });
      return node;
    }

    _labelled(parent, tag, name, label) {
      const box = scope.element("div", "field", parent);
      const text = scope.element("label", "", box);
      text.textContent = label;
      const node = scope.element(tag, "", box);
      Object.assign(node, { id: `field-${name}`, name });
      text.htmlFor = node.id;
      return node;
    }

    _select(parent, name, label, value, options) {
      const node = (this.nodes[name] = this._labelled(parent, "select", name, label));
      for (const [key, text] of options) scope.option(node, key, text);
      node.value = value;
    }

    _area(parent, name, label, value, rows) {
      const node = this._labelled(parent, "textarea", name, label);
      Object.assign(node, { value, rows });
      return node;
    }

    _changes(form) {
      const box = scope.element("div", "field", form);
      scope.element("span", "t2", box).textContent = say("rules.changes");
      this.list = scope.element("ul", "will", box);
    }

    _buttons(form) {
      const row = scope.element("div", "buttons", form);
      const tried = scope.form.button(row, say("rules.trial"));
      tried.addEventListener("click", () => this._try());
      scope.form.button(row, say("rules.save"), "button primary").type = "submit";
      scope.form.button(row, say("rules.reset")).addEventListener("click", () => {
        this.draw(fields.inputsOf(this.base), "");
        this.tell("");
        this.nodes.threshold.focus();
      });
      this.enable();
    }

    /** Nothing is sent while the server is away or an answer is awaited. */
    enable() {
      for (const node of this.form.querySelectorAll(".buttons .button:not(:last-child)")) node.disabled = this.busy || this.page.isCut();
    }

    tell(text) {
      scope.put(this.said, text);
    }

    // ---- what is in it -----------------------------------------------------------------------

    inputs() {
      const texts = Object.fromEntries(Object.keys(fields.inputsOf(this.base)).map((name) => [name, this.nodes[name]?.value]));
      const { code } = this.choice;
      const [was, area] = this.choiceWas;
      return { ...texts, area: code === was ? area : code === scope.boot.root ? "" : code };
    }

    /** What is to change; null: an input cannot be used. */
    changes() {
      const inputs = this.inputs();
      return fields.problemOf(inputs) ? null : fields.changesOf(this.base, fields.fieldsOf(inputs));
    }

    _moved() {
      for (const name of fields.SECONDS) {
        scope.put(this.nodes[name].parentNode.querySelector("small"), hint(name, this.nodes[name].value.trim()));
      }
      const changes = this.changes();
      this._list(changes);
      if (changes) this.trial.compare(changes);
    }

    _list(changes) {
      const { label, shown } = scope.rulesFacts;
      this.list.replaceChildren();
      const lines = Object.entries(changes || {}).map(([name, after]) =>
        say("rules.change.line", { name: label(name), before: shown(this.base, name, this.base[name] ?? null), after: shown(this.base, name, after) }));
      for (const text of lines.length ? lines : [say("rules.changes.none")]) {
        scope.element("bdi", "", scope.element("li", lines.length ? "" : "t3", this.list)).textContent = text;
      }
    }

    /** Says at its input what cannot be used; true: something cannot. */
    _objects() {
      scope.form.clearProblems(this.form);
      this.tell("");
      const found = fields.problemOf(this.inputs());
      if (found) this._problem(...found);
      return Boolean(found);
    }

    _problem(input, word, values) {
      const node = input === "area" ? this.choice.node : this.nodes[input];
      scope.form.problem(node, say(`rules.problem.${word}`, values));
    }

    // ---- trying and saving -------------------------------------------------------------------

    async _try() {
      if (this._objects() || this.busy) return null;
      const changes = this.changes();
      const [status, told] = await this._while(this.trial.run(changes));
      if (status === 422 && told?.field !== "kind") this._refused(told);
      else if (status === 403) this.tell(say("rules.forbidden"));
      this.trial.compare(this.changes() || {});
      return status;
    }

    async _save() {
      if (this._objects() || this.busy) return;
      const [changes, note] = [this.changes(), this.nodes.note.value.trim()];
      if (!Object.keys(changes).length) return void this.tell(`! ${say("rules.problem.unchanged")}`);
      if (!note || note.length > fields.NOTE_MAX) return void this._problem("note", "note");
      if (changes.enabled && !this.trial.isOf(changes)) return void (await this._tryFirst());
      this._answered(...(await this._while(this._put({ version: this.base.version, note, fields: changes }))));
    }

    /** A rule is not switched on before its trial was seen. */
    async _tryFirst() {
      await this._try();
      if (!this.trial.isOf(this.changes() || {})) return;
      this.tell(`! ${say("rules.try_first")}`);
      this.trial.box.focus();
    }

    async _while(request) {
      this.busy = true;
      this.enable();
      const answer = await request;
      this.busy = false;
      this.enable();
      return answer;
    }

    /** What was not answered goes out again under its own key: it is done once. */
    async _put(body) {
      const sense = JSON.stringify(body);
      if (this.pending?.sense !== sense) this.pending = { sense, key: newKey() };
      const answer = await scope.send("PUT", `/api/alert-rules/${encodeURIComponent(this.base.id)}`, { ...body, key: this.pending.key });
      if (answer[0] && answer[0] < 500) this.pending = null;
      return answer;
    }

    _answered(status, told) {
      if (status === 200) this._saved(told);
      else if (status === 409) this.page.reread(); // rebase() follows when it is here
      else if (status === 422) this._refused(told);
      else if (status === 403) this.tell(say("rules.forbidden"));
      else if (status === 404) this.tell(say("rules.none", { id: this.base.id }));
      else if (status !== 401) this.tell(`! ${say("rules.unknown")}`);
    }

    _saved(rule) {
      this.base = rule;
      this.draw(fields.inputsOf(rule), "");
      this.tell("");
      this.page.saved(rule);
      this.nodes.threshold.focus();
    }

    _refused(told) {
      const [input, word] = fields.refusedAt(told?.field);
      if (word) this._problem(input, word);
      else this._problem(input, "other", { field: told?.field ?? "", reason: told?.reason ?? "" });
    }

    /** The rule as it is now: somebody may have been first. */
    rebase(rule) {
      if (rule.version <= this.base.version || this.busy) return;
      const inputs = fields.rebased(this.inputs(), this.base, rule);
      const focused = this.form.contains(document.activeElement) && document.activeElement.id;
      this.base = rule;
      this.draw(inputs, this.nodes.note.value);
      this.tell(`! ${say("rules.outrun", { name: rule.changed_by, time: scope.moment(rule.changed_at), n: rule.version })}`);
      if (focused) document.getElementById(focused)?.focus();
    }
  }

  scope.RuleForm = RuleForm;
})((window.one_map = window.one_map || {}));
