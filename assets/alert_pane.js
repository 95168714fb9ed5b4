"use strict";
/* The alert pane: one alert whole, or a group with what is inside; what it expects of an officer, and what can be done. */
(function (scope) {
  const AGAIN_MS = 3000;
  const INSIDE_MAX = 500; // as many as one request can act on
  const TRIES = 6;
  const say = (key, values) => scope.words.say(key, values);

  class AlertPane {
    /** root: the section; alerts: see alert_desk.js. */
    constructor(root, alerts) {
      Object.assign(this, { root, alerts, page: alerts.page, id: null, held: null, items: null, total: 0, busy: null, verb: null });
      const part = (tag, name, parent = root) => scope.element(tag, name, parent);
      this.empty = part("p", "case-empty");
      this.body = part("div", "case-body");
      this.view = new scope.alertFacts.AlertFacts(this.body, this);
      this.form = new scope.AlertForm(part("form", "case-form", this.body), {
        submit: () => this.submit(), shut: () => this._shut(), me: this.page.me?.name || "",
      });
      this.form.hide();
      this.saidBox = part("div", "case-said");
      this.saidBox.setAttribute("role", "status");
      this.foot = part("footer", "case-foot");
      this.acts = part("div", "case-acts", this.foot);
      this.acts.setAttribute("role", "group");
      this.why = part("p", "case-why", this.foot);
      this.why.setAttribute("role", "status");
      this.root.hidden = true;
      this._said("");
    }

    get isGroup() {
      return scope.alertList.isGroup(this.id);
    }

    // ---- which one ------------------------------------------------------------------------------

    /** id: of an alert, the name of a group's row, or null. */
    show(id) {
      document.getElementById("case").hidden = Boolean(id);
      document.getElementById("trail").hidden = Boolean(id);
      this.root.hidden = !id;
      if (id === this.id && (this.held || this.loading)) return;
      Object.assign(this, { id, held: null, items: null, verb: null });
      this.form.hide();
      this._said("");
      this._empty("alert.loading");
      if (id) this.load();
    }

    /** The alert that stands for what is shown: that of a group is its cause, else its first. */
    _headId() {
      if (!this.isGroup) return this.id;
      const group = this.alerts.held(this.id);
      return group && (group.cause && group.ids.includes(group.cause) ? group.cause : group.first.id);
    }

    async load() {
      const { id } = this;
      this.loading = true;
      try {
        await this._ask(id);
      } finally {
        if (id === this.id) this.loading = false;
      }
    }

    async _ask(id) {
      for (;;) {
        const head = this._headId();
        if (!head) return this._empty(this.alerts.told ? "alert.gone" : "alert.loading");
        const isMany = this.isGroup && this.alerts.held(id).n > 1;
        const query = isMany && new URLSearchParams({ area: this.page.view.area, group: scope.alertList.keyOf(id), limit: INSIDE_MAX });
        const asked = [scope.send("GET", `/api/alerts/${encodeURIComponent(head)}`), isMany ? scope.send("GET", `/api/alerts?${query}`) : [200, null]];
        const [[status, held], [listed, inside]] = await Promise.all(asked);
        if (id !== this.id) return undefined;
        if (status === 200 && listed === 200) return this.take(held, inside);
        if (status === 404 || status === 403) return this._gone();
        if (status === 401) return undefined;
        if (!this.held) this._empty("alert.away");
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        if (id !== this.id) return undefined;
      }
    }

    /** It is normal now: what was known stays to be read, and nothing can be done with it. */
    _gone() {
      if (!this.held) return this._empty("alert.gone");
      this.held = { ...this.held, state: "normal", active: false, actions: [] };
      this.items = null;
      return this._draw();
    }

    take(held, inside) {
      if (this.held?.id === held.id && held.version < this.held.version) return;
      this.held = held;
      this.items = inside?.items ?? null;
      this.total = inside?.total ?? 1;
      this._draw();
    }

    /** Live rows: {id: row | null}. */
    changed(rows) {
      if (!this.held || this.busy) return;
      const own = rows[this.held.id];
      if (own === null) this._gone();
      else if ((own && own.version > this.held.version) || this.items?.some((row) => row.id in rows)) this.reload();
    }

    groupChanged() {
      if (this.isGroup && !this.held && !this.loading && this.id) this.load();
      else if (this.isGroup && this.items && this.alerts.held(this.id)?.n !== this.total) this.reload();
    }

    reload() {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.id && !this.loading && this.load(), 250);
    }

    _empty(word) {
      this.body.hidden = this.foot.hidden = true;
      this.empty.hidden = false;
      scope.put(this.empty, say(word));
      this.emptyWord = word;
      this.view.clear();
    }

    tick() {
      if (this.root.hidden) return;
      if (this.lang !== scope.words.language()) {
        this.lang = scope.words.language();
        if (this.held) this._draw();
        else if (this.emptyWord) this._empty(this.emptyWord);
      }
      if (this.held) this.view.tick(this.held, this.page.now());
      if (this.held && this.drawnOffline !== this.page.offline) this._drawActions();
    }

    _draw() {
      this.empty.hidden = true;
      this.body.hidden = this.foot.hidden = false;
      this.view.draw(this.held, this.isGroup ? this.alerts.held(this.id) : null, this.items, this.total);
      const { many } = this.view;
      this.page.places.show({ ...this.held, ...(many && { area: many.area, lon: null, lat: null, cameras: null }), isAlert: true });
      this._drawActions();
    }

    // ---- what can be done -------------------------------------------------------------------------

    /** As actions of one alert; of a group for all inside. */
    _offered() {
      const actions = this.items ? scope.alertActions.groupActions(this.items, this.held) : this.held.actions;
      return { ...this.held, actions };
    }

    _against(action) {
      if (this.busy) return say("alert.busy", { verb: say(`alert.do.${this.busy}`) });
      if (this.page.offline) return say("case.offline");
      const row = scope.alertActions.rowOf(this._offered(), action);
      if (row?.allowed) return "";
      if (!row) return say(this.held.state === "normal" ? "alert.why.normal" : "alert.why.one");
      const key = `alert.why.${row.code}`;
      const told = say(key, { state: say(`alert.state.${this.held.state}`), tier: say(`tier.${this.held.tier}`), id: this.held.incident || "" });
      return told === key ? row.reason || say("case.offline") : told;
    }

    _drawActions() {
      const offered = this._offered();
      const focused = document.activeElement?.closest?.("[data-do]")?.dataset.do;
      const had = this.acts.contains(document.activeElement);
      this.drawnOffline = this.page.offline;
      this.acts.replaceChildren();
      this.acts.setAttribute("aria-label", say("alert.actions"));
      const primary = scope.alertActions.primaryOf(offered);
      const verbs = scope.alertActions.KEYS.map(([, action]) => action).filter((action) => this._isShown(offered, action));
      for (const action of verbs) this._button(action, action === primary, offered);
      if (had && focused) this.acts.querySelector(`[data-do=${focused}]`)?.focus();
      this._explain(null);
    }

    /** Taking back stands only where there is something to take back; a group is no one case. */
    _isShown(offered, action) {
      const row = scope.alertActions.rowOf(offered, action);
      if (["unshelve", "put_back"].includes(action)) return Boolean(row?.allowed);
      return !(this.items && action === "raise_incident");
    }

    _button(action, isPrimary, offered) {
      const node = scope.element("button", "case-btn", this.acts);
      node.type = "button";
      node.dataset.do = action;
      const n = this.items ? scope.alertActions.rowOf(offered, action)?.n : 0;
      scope.element("span", "", node).textContent = n ? say("alert.do.all", { verb: say(`alert.do.${action}`), n }) : say(`alert.do.${action}`);
      const cap = scope.alertActions.capOf(action);
      scope.element("kbd", "", node).textContent = isPrimary ? `↵ ${cap}` : cap;
      node.setAttribute("aria-keyshortcuts", isPrimary ? `Enter ${cap}` : cap);
      scope.flag(node, "primary", isPrimary && !this.verb);
      scope.flag(node, "busy", this.busy === action);
      const against = this._against(action);
      node.setAttribute("aria-disabled", String(Boolean(against)));
      if (against) {
        node.setAttribute("aria-description", against);
        node.title = against;
        for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => this._explain(action));
      } else if (scope.alertActions.FIELDS[action]) node.setAttribute("aria-expanded", String(this.verb === action));
      node.addEventListener("click", (event) => event.detail > 1 || this.use(action));
    }

    /** Why a verb is not possible; null: the first that is not. */
    _explain(action) {
      const asked = action || scope.alertActions.KEYS.map(([, verb]) => verb).find((verb) => this._isShown(this._offered(), verb) && this._against(verb));
      const cut = this.items && this.total > this.items.length ? say("alert.many.cut", { total: scope.words.count(this.total), n: this.items.length }) : "";
      if (cut && !action) scope.put(this.why, cut);
      else scope.put(this.why, asked ? `${say(`alert.do.${asked}`)}${say("alert.colon")}${this._against(asked)}` : "");
    }

    // ---- keys -----------------------------------------------------------------------------------

    /** Keys the router has no use for; true when one was used here. */
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !this.held) return false;
      const key = event.key.toLowerCase();
      if (key === "arrowright" || key === "arrowleft") return this._foldKey(event, key);
      if (/^[1-8]$/.test(key)) return Boolean(this.verb) && this.form.digit(Number(key));
      if (key === "escape") return Boolean(this.verb) && this._used(event, () => this._shut());
      if (key === "enter") return this._enterKey(event);
      const verb = scope.alertActions.verbOf(key);
      return Boolean(verb) && this._used(event, () => this.use(verb));
    }

    _foldKey(event, key) {
      if (event.target.closest?.("input, select, summary, [role=tablist]")) return false;
      return this._used(event, () => (key === "arrowright" ? this.isGroup && this.alerts.unfold(this.id) : this.alerts.fold(this.id)));
    }

    _enterKey(event) {
      if (event.target.matches?.("button, a[href], summary")) return false; // it is pressed by itself
      const primary = scope.alertActions.primaryOf(this._offered());
      if (!this.verb && !primary) return false;
      return this._used(event, () => (this.verb ? this.submit() : this.use(primary)));
    }

    _used(event, action) {
      if (!event.repeat) action();
      event.preventDefault();
      return true;
    }

    use(action) {
      if (!this.held || this.page.now() < (this.calmUntil || 0)) return;
      const against = this._against(action);
      if (against) {
        this._explain(action);
        return;
      }
      if (!scope.alertActions.FIELDS[action]) {
        this._do(action, {});
        return;
      }
      this.verb = action;
      this._drawActions();
      this.form.show(action, this.held);
    }

    _shut() {
      const { verb } = this;
      this.verb = null;
      this.form.hide();
      this._drawActions();
      (this.acts.querySelector(`[data-do=${verb}]`) || this.view.title).focus();
    }

    submit() {
      const { wish, problem } = this.form.wish(this.page.now());
      if (problem) this.form.problem(...problem);
      else this._do(this.form.action, wish);
    }

    // ---- done -----------------------------------------------------------------------------------

    async _do(action, fields) {
      const { id, held, items } = this;
      if (this.busy) return;
      this.busy = action;
      this._drawActions();
      const wish = { action, key: scope.caseKey(), ...fields };
      const [path, body] = items
        ? ["/api/alerts/actions", { ...wish, alerts: scope.alertActions.seenFor(items, action).slice(0, INSIDE_MAX) }]
        : [`/api/alerts/${encodeURIComponent(held.id)}/actions`, { ...wish, version: held.version }];
      const [status, answer] = await this._send(path, body, action);
      this.busy = null;
      if (id !== this.id) return;
      this._settled(action, status, answer);
      this.calmUntil = this.page.now() + 350; // the second half of a double key does nothing
    }

    /** Asks under the same key until somebody says whether it was done. */
    async _send(path, body, action) {
      for (let n = 1; ; n++) {
        const [status, answer] = await scope.clicks.post(path, body, 12000);
        if (status === 401) location.assign(scope.session.signInAddress(location.pathname + location.search));
        if (scope.clicks.verdict(status) !== "unknown" || n === TRIES) return [status, answer];
        this._said(say("alert.unsure", { verb: say(`alert.do.${action}`), n }));
        await new Promise((resolve) => setTimeout(resolve, scope.clicks.pauseMs(n)));
      }
    }

    _settled(action, status, answer) {
      const verb = say(`alert.do.${action}`);
      if (status === 200 && answer.results) return this._doneMany(verb, answer);
      if (status === 200) return this._done(action, answer);
      if (status === 409 && answer?.code === "outrun") return this._outrun(answer);
      if (status === 422 && this.verb && this.form.fields[answer?.field]) this.form.problem(answer.field, answer.field === "assignee" ? say("alert.needs.assignee.known") : answer.reason);
      this._said(say("alert.refused", { verb, why: this._refusal(status, answer) }));
      this.load();
      return this._drawActions();
    }

    _refusal(status, answer) {
      const key = `alert.why.${answer?.code}`;
      const told = say(key, { state: say(`alert.state.${this.held.state}`), tier: say(`tier.${this.held.tier}`), id: this.held.incident || "" });
      if (answer?.code && told !== key) return told;
      return answer?.reason || answer?.detail || (status ? String(status) : say("error.away"));
    }

    _close() {
      this.verb = null;
      this.form.hide();
    }

    _done(action, answer) {
      const hadFocus = this.root.contains(document.activeElement);
      this._close();
      const incident = answer.alert?.incident || this.held.incident;
      this._said(say(`alert.done.${action}`, { id: incident || "", by: answer.alert?.assignee || "" }), action === "raise_incident" ? incident : null);
      if (answer.alert) this.take(answer.alert, null);
      else this._gone();
      if (hadFocus && !this.root.contains(document.activeElement)) this.view.title.focus();
    }

    _doneMany(verb, { done, results }) {
      this._close();
      const others = results.filter((row) => row.status !== 200);
      const codes = [...new Set(others.map((row) => row.code || row.status))];
      const why = codes.map((code) => (say(`alert.many.${code}`) === `alert.many.${code}` ? String(code) : say(`alert.many.${code}`)));
      this._said(say(others.length ? "alert.done.some" : "alert.done.many", { verb, n: done, total: results.length, why: why.join(say("case.comma")) }));
      this.load();
      this._drawActions();
    }

    /** Somebody was first: who, and how it is now. */
    _outrun({ winner, alert }) {
      this._said(winner ? say("alert.outrun", { by: winner.by || say("alert.by.rule"), what: say(`alert.what.${winner.what}`) }) : say("alert.outrun.unknown"));
      if (alert) this.take(alert, null);
      else this._gone();
    }

    _said(text, incident = null) {
      this.saidBox.hidden = !text;
      this.saidBox.replaceChildren();
      if (!text) return;
      scope.element("b", "", this.saidBox).textContent = text;
      if (!incident) return;
      const link = scope.form.button(this.saidBox, say("alert.open.case"), "case-link");
      link.addEventListener("click", () => this.page.select(incident, { at: "once" }));
    }
  }

  scope.AlertPane = AlertPane;
})((window.one_map = window.one_map || {}));
