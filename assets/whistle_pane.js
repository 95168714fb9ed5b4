"use strict";
/* The whistles of the chosen case: drawn below its facts, worked on by buttons and forms. */
(function (scope) {
  const NOTED = "onemap.whistle.clicks";
  const say = (key, values) => scope.words.say(key, values);
  const facts = () => scope.whistleFacts;
  const verbText = (step) => say(`do.whistle.${step}`);

  class WhistleSection {
    /** root: where it stands in the case pane; pane: the case pane. */
    constructor(root, pane) {
      Object.assign(this, { root, pane, drafts: new Map(), form: null, newer: new Map(), units: null, clocks: [] });
      this.clicks = new scope.clicks.Clicks({
        send: (path, body, timeoutMs) => pane._send(path, body, timeoutMs),
        store: sessionStorage,
        pause: (length) => new Promise((resolve) => setTimeout(resolve, length)),
        who: pane.page.me?.name,
        path: (click) => `/api/whistles/${encodeURIComponent(click.id)}/actions`,
        noted: NOTED,
        on: { unsure: (click) => this._unsure(click), settled: (click, outcome) => this._settled(click, outcome) },
      });
      // a key that is held down presses a button once
      root.addEventListener("keydown", (event) => event.repeat && event.target.matches("button") && /^(Enter| )$/.test(event.key) && event.preventDefault());
      this.clicks.resume();
      if (pane.page.me?.role === "department") this._learnUnits();
    }

    /** Which departments the account stands for: its own and all below it. */
    async _learnUnits() {
      this.units = facts().unitsOf(this.pane.page.me.department, await this.pane._departments());
      this.redraw();
    }

    /** The case's whistles, each as new as anybody here knows it. */
    whistles() {
      const { held } = this.pane;
      return (held?.whistles || []).map((row) => {
        const known = this.newer.get(row.id);
        return known && known.at >= held.version && newerThan(known.row, row) ? known.row : row;
      });
    }

    redraw() {
      if (this.pane.held) this.draw(this.pane.held);
    }

    draw(held) {
      const { page } = this.pane;
      const whistles = this.whistles();
      if (this.form && !whistles.some((one) => one.id === this.form.held.id)) this.form = null;
      const busy = whistles.map((one) => this.clicks.of(one.id)?.wish.key);
      const key = JSON.stringify([held.id, whistles, scope.words.language(), page.offline, busy, this.form?.number, [...(this.units || [])]]);
      this.root.hidden = !whistles.length;
      if (key === this.drawn) return;
      this.drawn = key;
      const focus = scope.caseComposer.focusOf(this.root);
      const within = focus && document.activeElement.closest("[data-whistle]")?.dataset.whistle;
      this.clocks = [];
      this.root.replaceChildren();
      scope.element("h3", "", this.root).textContent = say("whistle.title");
      this.root.setAttribute("aria-label", say("whistle.title"));
      for (const one of [...whistles].reverse()) this._whistle(one, held, page.now());
      scope.caseComposer.focusAgain(this.root, focus);
      if (within && !this.root.contains(document.activeElement)) this._goOn(within);
      this.arrive();
    }

    tick(nowMs) {
      if (this.pane.page.offline !== this.wasOffline) this.redraw();
      this.wasOffline = this.pane.page.offline;
      for (const clock of this.clocks) scope.whistleParts.tickClock(clock, nowMs);
    }

    _whistle(one, held, nowMs) {
      const box = scope.element("article", `whistle ${one.state}`, this.root);
      box.dataset.whistle = one.id;
      scope.whistleParts.drawHead(box, one, held.history, nowMs);
      const list = scope.element("ul", "whistle-parts", box);
      for (const part of one.called) {
        const drawn = scope.whistleParts.drawPart(list, one, part, nowMs);
        this.clocks.push(drawn.clock);
        for (const verb of facts().partVerbsOf(one, part, this.units)) this._button(drawn.verbs, one, verb, part);
        if (this._isOpen(one, part)) drawn.row.append(this._formNode(one, part));
      }
      const verbs = facts().verbsOf(one);
      const acts = scope.element("div", "whistle-acts", box);
      acts.setAttribute("role", "group");
      acts.setAttribute("aria-label", say("whistle.actions"));
      for (const verb of verbs) this._button(acts, one, verb, null);
      if (verbs.length) scope.element("p", "case-why", acts).textContent = this._why(one, verbs);
      if (this._isOpen(one, null)) box.append(this._formNode(one, null));
    }

    /** Why the next step cannot be taken, in words; "" when it can. */
    _why(one, verbs) {
      const first = verbs.find((verb) => !verb.allowed);
      return this._blocked(one) || (first ? whyNot(one, first.step, first.code) : "");
    }

    _blocked(one) {
      const click = this.clicks.of(one.id);
      if (click) return say(click.unsure ? "case.unsure" : "whistle.busy", { verb: verbText(click.wish.step) });
      return this.pane.page.offline ? say("case.offline") : "";
    }

    _button(row, one, { step, allowed, code }, part) {
      const node = scope.element("button", "case-btn", row);
      node.type = "button";
      const mark = [one.id, step, part?.department].filter(Boolean).join(" ");
      Object.assign(node.dataset, { step, focus: mark });
      node.textContent = verbText(step);
      if (part) node.setAttribute("aria-label", `${verbText(step)}${say("case.comma")}${scope.whistleParts.named(part)}`);
      const against = this._blocked(one) || (allowed ? "" : whyNot(one, step, code));
      const click = this.clicks.of(one.id);
      const isBusy = click?.wish.step === step && (click.wish.department ?? null) === (part?.department ?? null);
      scope.flag(node, "primary", !against && !["remind", "cancel", "withdraw"].includes(step));
      scope.flag(node, "busy", isBusy);
      if (isBusy) node.setAttribute("aria-busy", "true");
      if (facts().FIELDS[step]) node.setAttribute("aria-expanded", String(Boolean(this._isOpen(one, part) && this.form.step === step)));
      node.setAttribute("aria-disabled", String(Boolean(against)));
      if (against) Object.assign(node, { title: against, ariaDescription: against });
      node.addEventListener("click", (event) => event.detail > 1 || this.use(one, step, part, against));
    }

    // ---- what the officer does --------------------------------------------------------------------

    use(one, step, part, against) {
      if (against) return this.pane.said.tell(against);
      if (!facts().FIELDS[step]) return this._do(one, facts().wishOf(one, step, part?.department ?? null, {}), part);
      if (this._isOpen(one, part) && this.form.step === step) return this._shut();
      this._open(one, step, part);
    }

    _open(held, step, part) {
      const name = `${held.id} ${step} ${part?.department ?? ""}`;
      if (!this.drafts.has(name)) this.drafts.set(name, {});
      const on = { send: () => this._submit(), shut: () => this._shut(), now: () => this.pane.page.now() };
      this.form = new scope.WhistleForm({ held, step, part }, this.drafts.get(name), on);
      this.form.number = (this.forms = (this.forms || 0) + 1);
      this.redraw();
      this.form.node.scrollIntoView({ block: "nearest" });
      this.form.focus();
    }

    _isOpen(one, part) {
      return this.form?.held.id === one.id && (this.form.part?.department ?? null) === (part?.department ?? null);
    }

    /** The form that is open, moved as it is into what is drawn anew; it speaks of the newest whistle. */
    _formNode(one, part) {
      const { form } = this;
      const row = facts().rowOf(one, form.step);
      Object.assign(form, { held: one, part });
      const isFree = row?.allowed || row?.code === "not_done" || (part && facts().partVerbsOf(one, part, this.units).some((verb) => verb.step === form.step && verb.allowed));
      const against = this._blocked(one) || (isFree ? "" : whyNot(one, form.step, row?.code));
      form.against = against;
      form.block(against, Boolean(this.clicks.of(one.id)));
      return form.node;
    }

    _shut() {
      const { held, step, part } = this.form;
      this.form = null;
      this.redraw();
      this._at(held, step, part)?.focus();
    }

    _at(held, step, part) {
      const mark = [held.id, step, part?.department].filter(Boolean).join(" ");
      return this.root.querySelector(`[data-focus="${CSS.escape(mark)}"]`);
    }

    _submit() {
      const { form } = this;
      if (form.against) return this.pane.said.tell(form.against);
      const { wish, problem } = form.wish();
      if (problem) return form.problem(...problem);
      this._do(form.held, wish, form.part);
    }

    _do(one, wish, part) {
      const more = { incident: one.incident, title: scope.whistleMap.titleOf(one), name: part ? scope.whistleParts.named(part) : "" };
      if (this.clicks.do(one.id, { ...wish, key: scope.caseKey() }, more)) this.redraw();
    }

    // ---- what came of it --------------------------------------------------------------------------

    _unsure(click) {
      this.pane.said.tell(this._of(click, say("case.unsure", { verb: verbText(click.wish.step) })));
      this.redraw();
    }

    _settled(click, { verdict, status, body }) {
      const hadFocus = this.root.contains(document.activeElement);
      if (body?.whistle) this._take(body.whistle);
      if (verdict === "done") this._done(click);
      else this._refused(click, status, body);
      this.redraw();
      if (hadFocus && document.activeElement.matches("body, .whistle-head")) this._goOn(click.id);
    }

    /** A whistle as the server says it is; the case itself comes by the socket. */
    _take(row) {
      if (this.pane.held?.id === row.incident) this.newer.set(row.id, { row, at: this.pane.held.version });
      this.pane.page.whistles?.took(row);
    }

    _done(click) {
      const { step, department } = click.wish;
      this.drafts.delete(`${click.id} ${step} ${department ?? ""}`);
      if (this.form?.held.id === click.id && this.form.step === step) this.form = null;
      this.pane.said.told = click.more.incident;
      this.pane.said.tell(this._of(click, [say(`done.whistle.${step}`), click.more.name].filter(Boolean).join(" · ")));
    }

    _refused(click, status, body) {
      const why = this._whyRefused(click, status, body);
      this.pane.said.tell(this._of(click, why));
      if (status === 422 && this.form?.held.id === click.id && this.form.step === click.wish.step) this.form.problem(body?.field, why);
    }

    _whyRefused(click, status, body) {
      const { step } = click.wish;
      if (body?.code === "outrun") return this._outrun(step, body.winner);
      if (status === 404) return say("whistle.gone");
      const held = this.whistles().find((one) => one.id === click.id);
      if (body?.code && held) return whyNot(held, step, body.code);
      if (status !== 422) return say("whistle.why.other", { verb: verbText(step) });
      const told = say(`whistle.wrong.${body?.field}`);
      return told.startsWith("whistle.wrong.") ? say("whistle.wrong", { reason: body?.reason ?? "" }) : told;
    }

    /** Somebody was first: who, what and when. */
    _outrun(step, winner) {
      const verb = verbText(step);
      if (!winner) return say("whistle.outrun.unknown", { verb });
      return say("whistle.outrun", { verb, by: winner.by, what: say(`did.whistle.${winner.step}`), time: scope.words.hms(Date.parse(winner.at)) });
    }

    _of(click, text) {
      return click.more.incident === this.pane.id ? text : `${click.more.title || click.more.incident} · ${text}`;
    }

    /** The button that had the focus is gone: the next thing to do has it, or the head of the whistle. */
    _goOn(id) {
      const box = this.root.querySelector(`[data-whistle="${CSS.escape(id)}"]`);
      (box?.querySelector("button[aria-disabled=false]") || box?.querySelector(".whistle-head"))?.focus();
    }

    /** The case was chosen for its whistle: the focus goes there once it is drawn. */
    arrive() {
      if (this.wanted && this.wanted === this.pane.held?.id && this.focus()) this.wanted = null;
    }

    /** Goes to the first thing that can be done here; true when there was one. */
    focus() {
      const node = this.root.querySelector("button.primary[aria-disabled=false]") || this.root.querySelector("button[aria-disabled=false], .whistle-head");
      node?.scrollIntoView({ block: "nearest" });
      node?.focus();
      return Boolean(node);
    }
  }

  /** A row that tells of more steps than another: of the whole, or of one of its departments. */
  const newerThan = (a, b) => steps(a) >= steps(b);
  const steps = (row) => row.version + row.called.reduce((sum, part) => sum + part.version, 0);

  /** Why a step cannot be taken, in words. */
  function whyNot(held, step, code) {
    const values = { verb: verbText(step), state: say(`whistle.state.${held.state}`) };
    const told = say(`whistle.why.${code}`, values);
    return told === `whistle.why.${code}` ? say("whistle.why.other", values) : told;
  }

  Object.assign(scope, { WhistleSection });
})((window.one_map = window.one_map || {}));
