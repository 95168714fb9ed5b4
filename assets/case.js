"use strict";
/* The case pane: one case whole, what can be done with it, and its audit trail beside it. */
(function (scope) {
  const DEPARTMENTS_MS = 60000; // how long the list of departments is good for
  const AGAIN_MS = 3000;
  const say = (key, values) => scope.words.say(key, values);
  const ms = (iso) => (iso ? Date.parse(iso) : null);

  class CasePane {
    /** caseRoot, trailRoot: where they stand; page: see the desk page. */
    constructor({ caseRoot, trailRoot, page }) {
      Object.assign(this, { page, id: null, held: null, trail: null, verb: null, calmAt: 0, missed: 0, lang: page.lang });
      Object.assign(this, scope.caseFrame(caseRoot));
      this.said = new scope.caseSaid.Said(this.box, this.live, this);
      this.trailView = new scope.caseTrail.Trail(trailRoot);
      this.bar = new scope.caseActions.ActionBar(this.acts, { use: (action, node) => this.use(action, node) });
      this.composer = new scope.caseComposer.Composer(this.form, {
        submit: () => this.submit(),
        shut: () => this._shut(),
        changed: () => this.redraw(),
        departments: () => this._departments(),
      });
      this.clicks = new scope.clicks.Clicks({
        send: scope.whistleWire.sender(this),
        store: sessionStorage,
        pause: (length) => new Promise((resolve) => setTimeout(resolve, length)),
        who: page.me?.name,
        on: { unsure: (click, n) => this.said.unsure(click, n), settled: (click, outcome) => this.said.settled(click, outcome) },
      });
      this.whistleSection = new scope.WhistleSection(this.whistles, this);
      this._empty("case.none");
      this.clicks.resume();
    }

    // ---- which case -----------------------------------------------------------------------------

    /** The selection of the list changed; null clears. */
    show(id) {
      if (id === this.id && (this.held || this.loading === id)) return;
      this.id = id;
      this.verb = null;
      this.isOpen = false;
      Object.assign(this, { held: null, trail: null, missed: 0 });
      this.composer.hide();
      this.said.clear();
      this._empty(id ? "case.loading" : "case.none");
      if (id) this._load(id);
    }

    /** A live row of the shown case. */
    changed(row) {
      if (row?.id !== this.id) return;
      if (!this.held) return void (this.missed = row.version); // the answer that is on its way may be older
      if (scope.caseFacts.refold(this.held, row)) this._draw();
      if (row.version <= this.held.version) return;
      if (this.clicks.of(this.id)) this.missed = row.version; // the answer of the click brings the case
      else this._load(this.id);
    }

    async _load(id) {
      this.loading = id;
      try {
        await this._ask(id);
      } finally {
        if (this.loading === id) this.loading = null;
      }
    }

    async _ask(id) {
      for (;;) {
        const [status, body] = await scope.send("GET", `/api/incidents/${encodeURIComponent(id)}${scope.deskView.scopeOf(this.page.view, this.page.boot)}`);
        if (id !== this.id) return;
        if (status === 200) {
          this.take(body, body.trail);
          if (this.missed <= this.held.version) return;
          this.missed = 0; // a live row told of a newer one meanwhile
          continue;
        }
        if (status === 404 || status === 403) return this._empty("case.gone");
        if (status === 401) return;
        if (!this.held) this._empty("case.away");
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        if (id !== this.id) return;
      }
    }

    /** A case as the server says it is; trail null: keep the one that was read before. */
    take(held, trail) {
      if (held.id !== this.id || (this.held && held.version < this.held.version)) return;
      this.held = "fold" in held ? held : { ...held, fold: this.held?.fold ?? null }; // an action's answer says nothing of it
      this.trail = trail || this.trail;
      Object.assign(this, { still: held.standstill, openMs: held.open_left_ms, openAt: this.page.now() });
      this.said.found(held);
      this.page.place(held);
      this._draw();
    }

    _empty(word) {
      this.body.hidden = this.acts.hidden = true;
      this.empty.hidden = false;
      this.emptyWord = word;
      scope.put(this.empty, say(word));
      this.trailView.draw(null, null, this.page.now());
    }

    // ---- time -----------------------------------------------------------------------------------

    /** Each second, server time in ms. */
    tick(nowMs) {
      if (this.lang !== this.page.lang) this._speak();
      if (this.held) this._tickCase(nowMs);
      this.said.tick(nowMs);
    }

    _speak() {
      this.lang = this.page.lang;
      if (this.held) this._draw();
      else this._empty(this.emptyWord);
    }

    _tickCase(nowMs) {
      const clocks = this.page.clocks;
      const still = clocks && this.held.clock in clocks ? clocks[this.held.clock] : this.still;
      if (this.openMs !== null && !still) this.openMs = Math.max(0, this.openMs - (nowMs - this.openAt));
      this.openAt = nowMs;
      this.still = still && ms(still.until) > nowMs ? still : null;
      scope.caseFacts.drawClock(this.clockParts, this.held, nowMs, this.still, this.openMs);
      const others = this._others().join();
      if (others !== this.drawnOthers) this._drawFacts();
      if (this.page.offline !== this.drawnOffline) this._drawActions();
      this.whistleSection.tick(nowMs);
      if (this.page.tree !== this.drawnTree) this._drawWhere();
    }

    // ---- drawn ----------------------------------------------------------------------------------

    _draw() {
      const [held, nowMs] = [this.held, this.page.now()];
      this.empty.hidden = true;
      this.body.hidden = this.acts.hidden = false;
      this.glyph.innerHTML = scope.glyphs.priority(held.priority, say("priority", { n: held.priority })); // a sign of ours
      scope.flag(this.glyph.firstChild, "unack", held.acknowledged === false);
      scope.put(this.title, scope.caseFacts.titleOf(held));
      this._drawWhere();
      this._tickCase(nowMs);
      scope.caseFacts.drawMarks(this.marks, held, nowMs);
      this.way.setAttribute("aria-label", say("case.way"));
      scope.caseFacts.drawWay(this.way, held, nowMs);
      this._drawFacts();
      this.whistleSection.draw(held);
      scope.caseFacts.drawReport(this.report, held);
      this._drawActions();
      this.trailView.draw(held, this.trail, nowMs, this.page.me);
    }

    _drawWhere() {
      this.drawnTree = this.page.tree;
      this.where.replaceChildren();
      const place = this._placeName(this.held.area);
      scope.element("bdi", "", this.where).textContent = place;
      scope.element("bdi", "num", this.where).textContent = this.held.id;
    }

    /** "关上街道 · 双凤社区 · 03 网格"; the code where the page knows no such area. */
    _placeName(code) {
      const tree = this.page.tree;
      if (!code || !tree?.has(code)) return code || "";
      const line = tree.lineage(code).slice(1);
      return line.map((area) => (area.tier === "grid" ? say("grid.name", { n: scope.words.gridNumber(area) }) : scope.words.name(area))).join(" · ");
    }

    _others() {
      return this.page.watching?.(this.id) || [];
    }

    _drawFacts() {
      const others = this._others();
      this.drawnOthers = others.join();
      const focus = scope.caseComposer.focusOf(this.facts);
      const nowMs = this.page.now();
      scope.caseFacts.drawFacts(this.facts, this.held, { others, nowMs, isOpen: this.isOpen, toggle: () => this._toggleSimilar() });
      scope.caseFacts.drawSimilar(this.similar, this.held, this.isOpen, nowMs);
      scope.caseComposer.focusAgain(this.facts, focus);
    }

    _toggleSimilar() {
      this.isOpen = !this.isOpen;
      this._drawFacts();
      this.page.folds?.show(this.id, this.isOpen);
    }

    /** Why nothing can be done with the case now; "" when something can. */
    _blocked() {
      const click = this.clicks.of(this.id);
      if (click) return say(click.unsure ? "case.unsure" : "case.busy", { verb: scope.caseActions.verbText(click.wish.action) });
      return this.page.offline ? say("case.offline") : "";
    }

    _drawActions() {
      if (!this.held) return;
      const { held } = this;
      const blocked = this._blocked();
      this.drawnOffline = this.page.offline;
      this._chooseComposer();
      const click = this.clicks.of(this.id);
      this.bar.draw(held, { blocked, label: this._primaryLabel(), busy: click?.wish.action || null, open: this.verb });
      this.acts.setAttribute("aria-busy", String(Boolean(click) || this.isCalm));
      const verb = this.composer.action;
      if (verb) this.composer.block(this.bar.against(verb), click?.wish.action === verb);
      scope.whistleWire.explain(this.composer, this.page);
    }

    /** The form that was opened by hand; else the one of the next step, open from the start. */
    _chooseComposer() {
      const { held, composer } = this;
      const primary = scope.caseActions.primaryOf(held);
      if (!this.verb && composer.action && composer.action !== primary && composer.held.id === held.id && composer.holdsWords()) {
        this.verb = composer.action; // somebody was first: what was written stays
      }
      const action = this.verb || (primary && scope.caseActions.allowed(held, primary) ? primary : null);
      if (!action || !scope.caseActions.fieldsOf(held, action).length) return composer.hide();
      composer.show(held, action, { isPinned: Boolean(this.verb), isTop: this._isTop() });
    }

    /** Whether the officer sits at the district, which sends departments without a whistle. */
    _isTop() {
      return this.page.tier ? this.page.tier === "district" : this.page.me?.area === scope.boot?.root;
    }

    _primaryLabel() {
      const { held, composer } = this;
      const primary = scope.caseActions.primaryOf(held);
      if (!primary) return "";
      const chosen = !this.verb && composer.action === primary ? composer.draft.result : null;
      if (chosen) return say(`do.${primary}.${chosen}`);
      const isFirst = primary === "dispatch" && !held.acknowledged && held.state === "filed";
      return isFirst ? say("do.dispatch.first") : scope.caseActions.verbText(primary);
    }

    // ---- what the officer does --------------------------------------------------------------------

    /** Keys the router has no use for; true when one was used here. */
    key(event) {
      if (event.defaultPrevented) return true;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
      if (event.target.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]")) return false;
      const key = event.key.toLowerCase();
      if (key === "z" && this.said.undo) return this._used(event, () => this.undo());
      if (!this.held) return false;
      if (/^[1-8]$/.test(key)) return Boolean(this.composer.action) && this.composer.digit(Number(key));
      if (key === "escape") return Boolean(this.verb) && this._used(event, () => this._shut());
      if (key === "enter") return this._enterKey(event);
      if (key === "l" && this.held.similar.total) return this._used(event, () => this._toggleSimilar());
      const verb = scope.caseActions.verbOf(this.held, key);
      return Boolean(verb) && this._used(event, () => this.use(verb, this.bar.button(verb)));
    }

    _used(event, action) {
      if (!event.repeat) action();
      event.preventDefault();
      return true;
    }

    _enterKey(event) {
      if (event.target.matches?.("button, a[href], summary")) return false; // it is pressed by itself
      const primary = scope.caseActions.primaryOf(this.held);
      if (!this.verb && !primary) return false;
      return this._used(event, () => (this.verb ? this.submit() : this.use(primary, this.bar.button(primary))));
    }

    /** A button or its key: sends the verb, or opens its form. */
    use(action, opener) {
      const { held } = this;
      if (!held || this.isCalm) return;
      const against = this.bar.against(action);
      if (against) return this._refuse(action, against);
      const isPrimary = action === scope.caseActions.primaryOf(held);
      if (isPrimary && (!this.verb || this.verb === action)) return this.submit(action);
      if (!scope.caseActions.fieldsOf(held, action).length) return this._do(action, {});
      if (scope.caseActions.ASKS_FIRST.includes(action)) return this._askFirst(action, opener);
      this._open(action);
    }

    _open(action) {
      this.verb = action;
      this._drawActions();
      this.form.scrollIntoView({ block: "nearest" });
      this.composer.focus();
    }

    /** Shuts the form that was opened by hand; the focus goes back to its verb. */
    _shut() {
      const { verb } = this;
      this.verb = null;
      if (verb && this.composer.holdsWords()) this.composer.hide(); // what was typed waits for the next time
      this._drawActions();
      (this.bar.button(verb) || this.title).focus();
    }

    _refuse(action, against) {
      this.bar.explain(action);
      this.said.announce(against);
    }

    /** What cannot be taken back later asks first. */
    _askFirst(action, opener) {
      const box = scope.dialog(say(`ask.${action}`));
      box.classList.add("case-dialog");
      const text = scope.element("p", "", box);
      text.dir = "auto";
      text.textContent = say(`ask.${action}.text`, { id: this.held.id });
      const row = scope.element("div", "buttons", box);
      const yes = scope.form.button(row, say(`ask.${action}.yes`), "button primary");
      const no = scope.form.button(row, `${say("cancel")} Esc`);
      let isMeant = false;
      yes.addEventListener("click", () => {
        isMeant = true;
        box.close();
      });
      no.addEventListener("click", () => box.close());
      box.addEventListener("close", () => (isMeant ? this._open(action) : opener?.focus()));
      box.showModal();
      no.focus();
    }

    /** Sends what the open form says; without one, the verb alone. */
    submit(action = this.composer.action) {
      if (!this.held || this.isCalm) return;
      const against = this.bar.against(action);
      if (against) return this._refuse(action, against);
      if (this.composer.action !== action) return this._do(action, {});
      const { wish, problem } = this.composer.wish();
      if (problem) return this.composer.problem(...problem);
      this._do(action, wish);
    }

    _do(action, fields) {
      const { held } = this;
      const wish = { action, version: held.version, key: scope.caseKey(), ...fields };
      const told = { title: this.title.textContent, to: this._sentTo(fields) };
      if (this.clicks.do(held.id, wish, told)) this._drawActions();
    }

    /** Names of the departments a wish speaks of, for the bar that says what was done. */
    _sentTo(fields) {
      const ids = fields.department ? [fields.department] : fields.called || [];
      const known = new Map([...this.composer.draft?.added || [], ...this.held.recommended].map((one) => [one.department || one.id, one]));
      return ids.map((id) => (known.has(id) ? scope.caseFacts.named(known.get(id), "name") : id)).join(say("case.comma"));
    }

    /** Takes back the step that the bar names. */
    undo() {
      const { undo } = this.said;
      if (!undo || this.clicks.of(undo.id) || this.page.offline) return;
      const wish = { action: "undo", version: undo.version, key: scope.caseKey() };
      if (this.clicks.do(undo.id, wish, { title: undo.title, undone: undo.action })) this.redraw();
    }

    // ---- what came of it --------------------------------------------------------------------------

    async _send(path, body, timeoutMs) {
      const [status, answer] = await scope.clicks.post(path, body, timeoutMs);
      if (status === 401) location.assign(scope.session.signInAddress(location.pathname + location.search));
      return [status, answer];
    }

    /** A click of ours was done, and the case is so now. */
    done(click, incident) {
      this.composer.forget(click.id, click.wish.action);
      if (click.id !== this.id || !incident) return;
      const hadFocus = this.root.contains(document.activeElement);
      this.verb = null;
      this.take(incident, null);
      if (hadFocus && !this.root.contains(document.activeElement)) this.title.focus();
    }

    /** Nothing is taken for a click for a moment. */
    calm(lengthMs) {
      this.calmAt = performance.now() + lengthMs;
      setTimeout(() => {
        this.redraw();
        if (this.held && this.missed > this.held.version) this._load(this.id);
        this.missed = 0;
      }, lengthMs + 1);
    }

    get isCalm() { return this.calmAt > performance.now(); }

    redraw() { if (this.held) this._drawActions(); }

    async _departments() {
      if (this.units && this.page.now() - this.unitsAt < DEPARTMENTS_MS) return this.units;
      const [status, body] = await scope.send("GET", "/api/departments");
      if (status === 200) Object.assign(this, { units: body.departments, unitsAt: this.page.now() });
      return this.units || [];
    }
  }

  scope.CasePane = CasePane;
})((window.one_map = window.one_map || {}));
