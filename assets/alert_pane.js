"use strict";
/* One alert, or all of a group: what it expects of the officer, what is inside, and what can be done. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);
  const KEYS = { acknowledge: "A", assign: "D", shelve: "S", unshelve: "U", take_out: "T", put_back: "B", raise_incident: "I" };
  const NEXT = { unacknowledged: "acknowledge", returned: "acknowledge", acknowledged: "raise_incident", shelved: "unshelve", out_of_service: "put_back" };
  const FORMS = new Set(["assign", "shelve", "take_out"]);
  const SHELVES_MIN = [15, 60, 240];
  const INSIDE_SHOWN = 200;
  const MANY_MAX = 500; // of one request
  const ATTEMPTS = 40;

  class AlertPane {
    constructor(root, desk) {
      Object.assign(this, { root, desk, page: desk.page, key_: null, held: null, items: [], total: 0, form: null, said: "", busy: false, asking: 0 });
      this._frame();
    }

    _frame() {
      const { element } = scope;
      this.body = element("div", "case-body", this.root);
      this.head = element("div", "alert-title", this.body);
      this.glyph = element("div", "case-glyph", this.head);
      const what = element("div", "", this.head);
      this.title = element("h2", "", what);
      this.title.tabIndex = -1;
      this.where = element("p", "case-where", what);
      this.timer = element("div", "case-timer", this.head);
      this.response = element("p", "alert-response", this.body);
      this.facts = element("dl", "case-facts", this.body);
      this.members = element("section", "alert-members", this.body);
      this.history = element("section", "alert-history", this.body);
      this.formBox = element("form", "case-form", this.body);
      this.formBox.hidden = true;
      this.formBox.addEventListener("submit", (event) => {
        event.preventDefault();
        this._submit();
      });
      this.note = element("div", "case-said", this.root);
      this.note.setAttribute("role", "status");
      this.note.hidden = true;
      this.foot = element("div", "case-foot", this.root);
      this.acts = element("div", "case-acts", this.foot);
      this.why = element("p", "case-why", this.foot);
    }

    // ---- which ------------------------------------------------------------------------------------

    /** A group's key or an alert's id; null for none. */
    show(key) {
      if (key === this.key_) return;
      Object.assign(this, { key_: key, held: null, items: [], total: 0, form: null, said: "" });
      this.root.hidden = !key;
      if (!key) return;
      this.draw();
      this._load();
    }

    refresh() {
      if (this.key_) this._load();
    }

    /** Frames of the topic: anything of what is shown changed. */
    changed(rows, groups) {
      if (!this.key_) return;
      const ids = new Set([this.held?.id, ...this.items.map((row) => row.id)]);
      if (this.key_ in groups || Object.keys(rows).some((id) => ids.has(id) || rows[id]?.group === this.key_)) this._soon();
    }

    _soon() {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this._load(), 250);
    }

    get group() { return this.desk.list.groups.get(this.key_) || null; }

    /** The alert to ask for whole: the cause, or the only one; null for many. */
    _single() {
      const { group, key_ } = this;
      if (!group) return /^(cause|rule|place) /.test(key_) ? null : key_;
      if (group.cause && group.ids.includes(group.cause)) return group.cause;
      return group.n === 1 ? group.ids[0] : null;
    }

    async _load() {
      const number = (this.asking += 1);
      const { key_: key } = this;
      const id = this._single();
      const wholes = id ? scope.send("GET", `/api/alerts/${encodeURIComponent(id)}`) : Promise.resolve([0, null]);
      const query = new URLSearchParams({ area: this.page.view.area, group: key, limit: INSIDE_SHOWN });
      const many = this.group && this.group.n > 1 ? scope.send("GET", `/api/alerts?${query}`) : Promise.resolve([0, null]);
      const [[status, whole], [, listed]] = await Promise.all([wholes, many]);
      if (number !== this.asking || key !== this.key_) return;
      if (whole && status === 200) this.held = whole;
      else if (status === 404) this.over = true;
      if (listed?.items) Object.assign(this, { items: listed.items, total: listed.total });
      if (this.held) this.page.placeOfAlert(this.held);
      else if (this.items.length) this.page.placeOfAlert(this.items[0]);
      this.draw();
    }

    // ---- drawn ------------------------------------------------------------------------------------

    draw() {
      if (!this.key_) return;
      const one = this.held || this.group;
      this.over = !this.group && !this.held;
      if (!one) {
        scope.put(this.title, say(this.asking ? "alert.over" : "alert.loading"));
        return;
      }
      this.glyph.innerHTML = scope.glyphs.priority(one.priority, say("priority", { n: one.priority })); // a sign of ours
      scope.flag(this.glyph.firstChild, "unack", one.state === "unacknowledged");
      this.root.className = `column alert st-${one.state}`;
      scope.put(this.title, scope.alertList.named(this.group || one));
      this.title.dir = "auto";
      this._where(one);
      scope.put(this.response, this.held ? say("alert.response", { text: this._spoken(this.held, "response") }) : "");
      this._facts(one);
      this._members();
      this._history();
      this._actions(one);
      this.tick();
    }

    _spoken(thing, name) {
      return (scope.words.language() === "en" && thing[`${name}_en`]) || thing[name];
    }

    _where(one) {
      this.where.replaceChildren();
      scope.element("bdi", "", this.where).textContent = this.page.fullPlaceName(one.area);
      const inside = this.group ? scope.alertList.inside(this.group) : "";
      if (inside) scope.element("span", "num", this.where).textContent = inside;
    }

    tick() {
      const one = this.held || this.group;
      if (!one) return;
      const nowMs = this.page.now();
      const at = Date.parse(this.held?.raised_at || this.group?.first.raised_at);
      const text = scope.words.digits(Math.max(0, (nowMs - at) / 1000));
      if (!this.timer.firstChild) this.timer.innerHTML = "<b class=num></b><span></span>";
      scope.put(this.timer.children[0], text);
      scope.put(this.timer.children[1], `${say(`alert.state.${one.state}`)} · ${say("alert.since", { time: scope.words.moment(at, nowMs) })}`);
    }

    _facts(one) {
      this.facts.replaceChildren();
      const fact = (word, text, href) => {
        if (!text) return;
        scope.element("dt", "", this.facts).textContent = say(word);
        const cell = scope.element("dd", "", this.facts);
        const node = href ? scope.element("a", "case-link", cell) : scope.element("bdi", "", cell);
        if (href) node.href = href;
        node.textContent = text;
      };
      const { held } = this;
      fact("alert.fact.rule", `${scope.alertList.ruleName(one)}${held ? ` · ${say("alert.version", { n: held.rule_version })}` : ""}`, `/rules?rule=${encodeURIComponent(one.rule)}`);
      if (this.group && this.group.n > 1) fact("alert.fact.first", `${scope.alertList.named(this.group.first)} · ${this._time(this.group.first.raised_at)}`);
      if (!held) return;
      fact("alert.fact.value", scope.alertList.measured(held));
      fact("alert.fact.often", say("alert.often", { n: held.n_raised, again: held.n_again }) + (held.chattering ? ` · ${say("alert.chattering")}` : "") + (held.stale ? ` · ${say("alert.stale")}` : ""));
      if (held.acknowledged_by) fact("alert.fact.acknowledged", `${held.acknowledged_by} · ${this._time(held.acknowledged_at)}`);
      fact("alert.fact.assignee", held.assignee);
      if (held.shelved) fact("alert.fact.shelved", say("alert.shelved.until", { by: held.shelved.by, time: this._time(held.shelved.until), reason: held.shelved.reason }));
      if (held.out) fact("alert.fact.out", `${held.out.by} · ${this._time(held.out.at)} · ${held.out.reason}`);
      if (held.suppressed_by) fact("alert.fact.cause", held.suppressed_by, `/desk?alert=${encodeURIComponent(held.suppressed_by)}`);
      if (held.incident) fact("alert.fact.incident", held.incident, `/desk?case=${encodeURIComponent(held.incident)}`);
      if (held.cameras) fact("alert.fact.cameras", say("alert.cameras.online", { total: scope.words.count(held.cameras.total), online: scope.words.count(held.cameras.online) }));
    }

    _time(at) {
      return at ? scope.words.moment(Date.parse(at), this.page.now()) : "";
    }

    /** The alerts inside a group, the cause left out; "shown / total". */
    _members() {
      const rows = this.items.filter((row) => row.id !== this.held?.id);
      this.members.hidden = !rows.length;
      this.members.replaceChildren();
      if (!rows.length) return;
      const total = this.total - (this.held ? 1 : 0);
      scope.element("h3", "", this.members).textContent = say("alert.members", { shown: scope.words.count(rows.length), total: scope.words.count(total) });
      const list = scope.element("ul", "case-similar", this.members);
      for (const row of rows) {
        const item = scope.element("li", "", list);
        scope.element("i", "", item).innerHTML = scope.glyphs.priority(row.priority, say("priority", { n: row.priority })); // a sign of ours
        const button = scope.element("a", "case-link", item);
        button.href = `/desk?alert=${encodeURIComponent(row.id)}`;
        scope.element("bdi", "", button).textContent = scope.alertList.named(row);
        scope.element("bdi", "", item).textContent = this.page.placeName(row.area);
        scope.element("span", "num", item).textContent = this._time(row.raised_at);
        scope.element("span", "", item).textContent = say(`alert.state.${row.state}`);
      }
    }

    _history() {
      const lines = [...(this.held?.history || [])].reverse();
      this.history.hidden = !lines.length;
      this.history.replaceChildren();
      if (!lines.length) return;
      scope.element("h3", "", this.history).textContent = say("alert.history");
      const list = scope.element("ul", "case-trail", this.history);
      for (const line of lines) {
        const item = scope.element("li", "", list);
        const time = scope.element("time", "num", item);
        time.dateTime = line.at;
        time.textContent = scope.words.hms(Date.parse(line.at));
        scope.element("bdi", "", item).textContent = line.by || say("alert.by.rule", { n: line.rule_version });
        scope.element("span", "", item).textContent = [say(`alert.what.${line.what}`), line.note].filter(Boolean).join(" · ");
      }
    }

    // ---- what can be done ---------------------------------------------------------------------------

    /** What stands against an action of what is shown: "" for nothing. A group takes what any of it takes. */
    _against(action) {
      if (this.page.offline) return say("case.offline");
      if (this.busy) return say("alert.busy");
      if (this.held) {
        const row = this.held.actions.find((one) => one.action === action);
        if (row?.allowed) return "";
        return say(`alert.against.${row?.code || "state"}`);
      }
      return action === "raise_incident" || action === "assign" ? say("alert.against.many") : "";
    }

    _primary() {
      return NEXT[(this.held || this.group)?.state] || null;
    }

    _actions(one) {
      const focus = this.acts.contains(document.activeElement) ? document.activeElement.dataset.action : null;
      this.acts.replaceChildren();
      const primary = this._primary();
      const every = Object.keys(KEYS).sort((a, b) => (b === primary) - (a === primary));
      for (const action of every) {
        const against = this._against(action);
        const button = scope.element("button", `case-btn${action === primary && !against ? " primary" : ""}`, this.acts);
        button.type = "button";
        button.dataset.action = action;
        scope.element("span", "", button).textContent = say(`alert.do.${action}`);
        if (!this.held && this.group?.n > 1 && !against) scope.element("span", "num", button).textContent = scope.words.count(this.group.n);
        scope.element("kbd", "", button).textContent = action === primary ? "↵" : KEYS[action];
        button.setAttribute("aria-disabled", String(Boolean(against)));
        if (against) button.title = against;
        button.addEventListener("click", () => this.use(action));
        if (action === focus) button.focus();
      }
      scope.put(this.why, one.state === "suppressed" ? say("alert.why.suppressed") : "");
      scope.put(this.note, this.said);
      this.note.hidden = !this.said;
    }

    /** A button or its key. */
    use(action) {
      const against = this._against(action);
      if (against) return scope.put(this.why, `${say(`alert.do.${action}`)}: ${against}`);
      if (FORMS.has(action)) return this._open(action);
      this._do(action, {});
    }

    _open(action) {
      const { element } = scope;
      this.form = action;
      this.formBox.replaceChildren();
      this.formBox.hidden = false;
      element("h3", "", this.formBox).textContent = say(`alert.form.${action}`);
      if (action === "shelve") this._minutes();
      if (action === "assign") this._input("assignee", "alert.field.assignee", this.page.me?.name || "");
      else this._input("note", "alert.field.reason", "");
      this.problem = element("p", "problem", this.formBox);
      const send = element("div", "case-send", this.formBox);
      const yes = element("button", "case-btn primary", send);
      yes.type = "submit";
      element("span", "", yes).textContent = say(`alert.do.${action}`);
      element("kbd", "", yes).textContent = "↵";
      const no = element("button", "case-btn", send);
      no.type = "button";
      element("span", "", no).textContent = say("cancel");
      element("kbd", "", no).textContent = "Esc";
      no.addEventListener("click", () => this._shut());
      this.formBox.scrollIntoView({ block: "nearest" });
      this.formBox.querySelector("input:not([type=radio])").focus();
    }

    _minutes() {
      const set = scope.element("fieldset", "case-field preset", this.formBox);
      set.setAttribute("aria-label", say("alert.field.until"));
      SHELVES_MIN.forEach((minutes, place) => {
        const label = scope.element("label", "case-opt", set);
        const radio = scope.element("input", "", label);
        Object.assign(radio, { type: "radio", name: "minutes", value: String(minutes), checked: place === 1 });
        const until = this.page.now() + minutes * 60000;
        scope.element("b", "", label).textContent = say("alert.shelve.for", { age: scope.words.age(minutes * 60), time: scope.words.hm(until) });
      });
    }

    _input(name, word, value) {
      const label = scope.element("label", "alert-field", this.formBox);
      scope.element("span", "", label).textContent = say(word);
      const input = scope.element("input", "case-search", label);
      Object.assign(input, { name, value, maxLength: name === "note" ? 1000 : 64, autocomplete: "off" });
    }

    _submit() {
      const fields = {};
      for (const input of this.formBox.querySelectorAll("input[name=note], input[name=assignee]")) fields[input.name] = input.value.trim();
      const missing = Object.entries(fields).find(([, value]) => !value);
      if (missing) return scope.put(this.problem, say(`alert.missing.${missing[0]}`));
      const minutes = this.formBox.querySelector("input[name=minutes]:checked")?.value;
      if (minutes) fields.until = new Date(this.page.now() + Number(minutes) * 60000 - 2000).toISOString();
      this._do(this.form, fields);
    }

    _shut() {
      this.form = null;
      this.formBox.hidden = true;
      this.title.focus();
    }

    /** Sends it until somebody answers: the same key is the same click. */
    async _do(action, fields) {
      this.busy = true;
      this.said = "";
      this._actions(this.held || this.group);
      const wish = { action, key: scope.caseKey(), ...fields };
      const [path, body] = this.held
        ? [`/api/alerts/${encodeURIComponent(this.held.id)}/actions`, { ...wish, version: this.held.version }]
        : ["/api/alerts/actions", { ...wish, alerts: this.items.slice(0, MANY_MAX).map(({ id, version }) => ({ id, version })) }];
      const [status, answer] = await this._ask(path, body);
      this.busy = false;
      this._answered(action, status, answer);
    }

    async _ask(path, body) {
      for (let n = 1; n <= ATTEMPTS; n++) {
        const [status, answer] = await scope.clicks.post(path, body, 8000);
        if (scope.clicks.verdict(status) !== "unknown") return [status, answer];
        this.said = say("alert.unsure", { n });
        this._actions(this.held || this.group || { state: "" });
        await new Promise((resolve) => setTimeout(resolve, scope.clicks.pauseMs(n)));
      }
      return [0, null];
    }

    _answered(action, status, answer) {
      const verb = say(`alert.do.${action}`);
      if (status === 200 && answer.results) this.said = say("alert.done.many", { verb, n: answer.done, total: answer.results.length });
      else if (status === 200) {
        this.said = say("alert.done", { verb });
        if (answer.alert) this.held = answer.alert;
      } else if (status === 409 && answer?.code === "outrun") {
        const { winner } = answer;
        this.said = say("alert.outrun", { who: winner?.by || say("alert.by.rule", { n: winner?.rule_version ?? "" }), what: winner ? say(`alert.what.${winner.what}`) : "" });
        if (answer.alert) this.held = answer.alert;
      } else this.said = say("alert.refused", { verb, reason: answer?.code ? say(`alert.against.${answer.code}`) : answer?.reason || String(status) });
      if (status === 200) this._shut();
      if (status === 422 && this.form) scope.put(this.problem, this.said);
      this.draw();
      this._soon();
    }

    /** true when a key was used here. */
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
      const key = event.key.toLowerCase();
      if (key === "escape" && this.form) return this._used(event, () => this._shut());
      if (key === "enter") {
        if (event.target.matches?.("button, a[href], summary, input")) return false; // it is pressed by itself
        const primary = this._primary();
        return Boolean(primary) && this._used(event, () => this.use(primary));
      }
      const action = Object.keys(KEYS).find((one) => KEYS[one].toLowerCase() === key);
      return Boolean(action) && this._used(event, () => this.use(action));
    }

    _used(event, action) {
      if (!event.repeat) action();
      event.preventDefault();
      return true;
    }
  }

  scope.AlertPane = AlertPane;
  scope.ALERT_KEYS = KEYS;
})((window.one_map = window.one_map || {}));
