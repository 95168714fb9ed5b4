"use strict";
/* The page of the alert rules, over /api/alert-rules. Which one is open stands in the address. */
(function (scope) {
  const POLL_MS = 15000;
  const CUT_POLL_MS = 3000;
  const say = (key, values) => scope.words.say(key, values);
  const byId = (id) => document.getElementById(id);
  const chosen = () => new URLSearchParams(location.search).get("rule");

  /** The address of one rule, or of all of them, in the language of this one. */
  scope.rulesAddress = (id) => {
    const query = new URLSearchParams(location.search);
    if (id) query.set("rule", id);
    else query.delete("rule");
    const text = query.toString();
    return location.pathname + (text ? `?${text}` : "");
  };

  class RulesPage {
    word = "page.rules";

    start() {
      this.admin = new scope.Admin(this);
      Object.assign(this, { rules: null, cutSince: null, got: null, id: chosen(), form: null, opened: null });
      window.addEventListener("popstate", () => this._show(chosen()));
      window.addEventListener("offline", () => this._poll());
      window.addEventListener("online", () => this._poll());
      document.addEventListener("visibilitychange", () => document.hidden || this._poll());
      setInterval(() => this._drawAge(), 1000);
      this._poll();
    }

    /** In the language of the screen: what was written stays, a trial is made again on demand. */
    draw() {
      this._drawAge();
      if (!this.rules) return;
      const held = this.form && [this.form.base, this.form.inputs(), this.form.nodes.note.value];
      this.opened = null;
      this._drawAll();
      if (held && this.form) {
        this.form.base = held[0];
        this.form.draw(held[1], held[2]);
      }
    }

    // ---- reading -----------------------------------------------------------------------------

    async _poll() {
      clearTimeout(this.timer);
      const asked = (this.asked = {});
      if (!document.hidden) await this._read(asked);
      if (asked !== this.asked) return;
      this.timer = setTimeout(() => this._poll(), this.cutSince === null ? POLL_MS : CUT_POLL_MS);
    }

    async _read(asked) {
      const [status, told] = await scope.send("GET", "/api/alert-rules");
      if (asked !== this.asked || status === 401) return;
      if (status !== 200) this.cutSince = this.cutSince ?? Date.now();
      else Object.assign(this, { cutSince: null, rules: told.rules, got: Date.now() });
      this._drawAge();
      this.form?.enable();
      if (status === 200) this._drawAll();
    }

    // ---- what the form asks of its page --------------------------------------------------------

    isCut() {
      return this.cutSince !== null;
    }

    reread() {
      return this._poll();
    }

    saved(rule) {
      this.rules = this.rules.map((held) => (held.id === rule.id ? rule : held));
      this.admin.tell(say("rules.saved", { name: scope.rulesFacts.named(rule, "name"), n: rule.version }));
      this._drawFacts(rule);
      this._drawHistory(rule);
    }

    // ---- drawing -----------------------------------------------------------------------------

    _go(id) {
      history.pushState(null, "", scope.rulesAddress(id));
      this._show(id);
    }

    _show(id) {
      const before = this.id;
      Object.assign(this, { id, form: null, opened: null });
      byId("rules-shown").replaceChildren();
      this._drawAll();
      byId("content").scrollTop = 0;
      const back = id ? ".back" : `[data-key="${CSS.escape(before || "")}"]`;
      byId("rules-shown").querySelector(back)?.focus();
    }

    _drawAge() {
      const time = this.got && scope.moment(new Date(this.got).toISOString());
      scope.put(byId("rules-age"), this.got ? say("rules.as_of", { time, age: scope.words.age((Date.now() - this.got) / 1000) }) : "");
      const cut = this.cutSince !== null;
      scope.flag(byId("banner"), "banner", cut);
      const age = cut ? scope.words.age((Date.now() - this.cutSince) / 1000) : "";
      scope.put(byId("banner"), cut ? say(this.got ? "rules.cut" : "rules.cut.never", { time, age }) : "");
    }

    _drawAll() {
      if (!this.rules) return;
      const box = byId("rules-shown");
      if (!this.id) {
        scope.rulesList.draw(box, this.rules, (id) => this._go(id));
        return;
      }
      const rule = this.rules.find((held) => held.id === this.id);
      if (!rule) this._missing(box);
      else if (this.opened !== this.id) this._open(box, rule);
      else {
        this._drawFacts(rule);
        this.form?.rebase(rule);
      }
    }

    _back(box) {
      const link = scope.element("a", "back", box);
      link.href = scope.rulesAddress(null);
      link.textContent = `← ${say("rules.back")}`;
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this._go(null);
      });
    }

    _missing(box) {
      box.replaceChildren();
      this._back(box);
      scope.element("p", "none", box).textContent = say("rules.none", { id: this.id });
    }

    _open(box, rule) {
      this.opened = this.id;
      box.replaceChildren();
      this._back(box);
      const title = scope.element("h3", "title", box);
      title.innerHTML = scope.glyphs.priority(rule.priority, say("priority", { n: rule.priority }));
      scope.element("bdi", "", title).textContent = scope.rulesFacts.named(rule, "name");
      scope.element("small", "", title).textContent = scope.rulesFacts.kindOf(rule);
      const halves = scope.element("div", "rule-halves", box);
      const left = scope.element("div", "", halves);
      this.facts = scope.element("section", "", left);
      this.past = scope.element("section", "", left);
      const right = scope.element("div", "", halves);
      const form = scope.element("section", "", right);
      const trial = scope.element("section", "trial", right);
      this._drawFacts(rule);
      this._drawHistory(rule);
      if (scope.boot.me.rights.includes("administer")) this.form = new scope.RuleForm(form, trial, rule, this);
      else this._onlyTrial(form, trial, rule);
    }

    _drawFacts(rule) {
      const text = JSON.stringify([rule, scope.words.language()]);
      if (this.facts.dataset.shown === text) return;
      this.facts.dataset.shown = text;
      scope.rulesFacts.draw(this.facts, rule);
    }

    _drawHistory(rule) {
      this.past.replaceChildren();
      scope.rulesFacts.history(this.past, rule);
    }

    /** Who may not change a rule can still ask what it would have raised. */
    _onlyTrial(box, trialBox, rule) {
      scope.element("p", "t2", box).textContent = say("rules.only_administrators");
      const trial = new scope.RuleTrial(trialBox, rule);
      scope.form.button(box, say("rules.trial")).addEventListener("click", () => trial.run({}));
    }
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    one_map: { mount: () => scope.mountPage(RulesPage) },
  });
})((window.one_map = window.one_map || {}));
