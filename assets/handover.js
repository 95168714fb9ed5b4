"use strict";
/* The page of handing over a shift, over /api/handovers. Which sheet is open stands in the address. */
(function (scope) {
  const POLL_MS = 15000;
  const CUT_POLL_MS = 3000;
  const NOTE_MAX = 2000;
  const SHOWN = 20;
  const say = (key, values) => scope.words.say(key, values);
  const byId = (id) => document.getElementById(id);

  /** 32 hexadecimal digits; crypto.randomUUID is not there without https. */
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  /** Who was first, in words: the `handover` of a 409. */
  function lost(held) {
    const who = {
      handed: held && [held.from, held.at],
      signed: held && [held.to, held.signed_at],
      withdrawn: held && [held.withdrawn_by, held.withdrawn_at],
    }[held?.state];
    return who ? say(`handover.lost.${held.state}`, { name: who[0], time: scope.moment(who[1]) }) : say("handover.lost");
  }

  class HandoverPage {
    word = "page.handover";

    start() {
      this.admin = new scope.Admin(this);
      this.sheet = new scope.HandoverSheet(byId("handover-sheet"));
      const query = new URLSearchParams(location.search);
      this.area = query.get("area") || scope.boot.me.area;
      this.chosen = query.get("id");
      this.draft = this.earlier = this.whole = null;
      this.got = null; // Date.now() of the last draft
      this.cutSince = null;
      this.refused = null; // the word of why there is nothing to show
      window.addEventListener("popstate", () => this._open(new URLSearchParams(location.search).get("id"), false));
      window.addEventListener("offline", () => this._poll());
      window.addEventListener("online", () => this._poll());
      setInterval(() => this._drawAge(), 1000);
      this._drawForm();
      this._forPaper();
      this._poll();
    }

    /** In the language of the screen. */
    draw() {
      this._drawForm();
      this._drawAll();
    }

    // ---- reading -----------------------------------------------------------------------------

    async _poll() {
      clearTimeout(this.timer);
      const asked = (this.asked = {});
      await this._read(asked);
      if (asked !== this.asked) return;
      this.timer = setTimeout(() => this._poll(), this.cutSince === null ? POLL_MS : CUT_POLL_MS);
    }

    async _read(asked) {
      const area = new URLSearchParams({ area: this.area });
      const [[status, draft], [other, earlier]] = await Promise.all([
        scope.send("GET", `/api/handovers/draft?${area}`),
        scope.send("GET", `/api/handovers?${area}&limit=${SHOWN}`),
      ]);
      if (asked !== this.asked || status === 401) return;
      this.refused = [403, 404, 422].includes(status) ? "handover.no_area" : null;
      if (this.refused) return this._drawAll();
      if (status !== 200 || other !== 200) return this._cut();
      this.cutSince = null;
      Object.assign(this, { draft, earlier, got: Date.now() });
      if (!(await this._readWhole(asked))) return;
      this._drawAll();
    }

    /** The sheet that is to be shown besides the draft; false: something newer was asked for, or nobody answered. */
    async _readWhole(asked) {
      const wanted = this.chosen || this.draft.waiting?.id || null;
      const row = [this.draft.waiting, ...this.earlier.items].find((held) => held?.id === wanted);
      if (!wanted) this.whole = null;
      else if (this.whole?.id !== wanted || (row && row.version !== this.whole.version)) {
        const [status, whole] = await scope.send("GET", `/api/handovers/${encodeURIComponent(wanted)}`);
        if (asked !== this.asked) return false;
        if (status === 404) this.refused = "handover.none";
        else if (status !== 200) {
          this._cut();
          return false;
        } else this.whole = whole;
      }
      return true;
    }

    _cut() {
      this.cutSince = this.cutSince ?? Date.now();
      this._drawAll();
    }

    /** id: null for the present. */
    _open(id, isNew = true) {
      this.chosen = id;
      this.whole = null;
      const query = new URLSearchParams(location.search);
      if (id) query.set("id", id);
      else query.delete("id");
      if (isNew) history.pushState(null, "", `${location.pathname}?${query}`);
      byId("content").scrollTop = 0;
      byId("handover-sheet").focus();
      return this._poll();
    }

    // ---- drawing -----------------------------------------------------------------------------

    shown() {
      return this.whole || (this.chosen ? null : this.draft);
    }

    _drawAll() {
      const held = this.shown();
      this._drawAge();
      this._drawButtons(held);
      this._drawWaits();
      byId("handover-form").hidden = held !== this.draft || !held;
      if (this.refused) {
        byId("handover-sheet").replaceChildren();
        scope.element("p", "none", byId("handover-sheet")).textContent = say(this.refused);
      } else if (held) this.sheet.draw(held);
      if (this.earlier) this._drawHistory();
    }

    /** Of when the sheet is; that we are cut off; that the data is old. */
    _drawAge() {
      const held = this.shown();
      const node = byId("handover-age");
      const time = this.draft && scope.moment(this.draft.as_of);
      const cut = this.cutSince !== null;
      if (held && held === this.draft) {
        const ms = Date.now() - this.got + Date.parse(held.at) - Date.parse(held.as_of);
        scope.put(node, say("handover.as_of", { time, age: scope.words.age(ms / 1000) }));
      } else scope.put(node, held ? say("handover.frozen", { time: scope.moment(held.at) }) : "");
      const banner = byId("banner");
      scope.flag(banner, "banner", cut || this._isOld());
      if (cut) scope.put(banner, say(time ? "handover.cut" : "handover.cut.never", { time, age: scope.words.age((Date.now() - this.cutSince) / 1000) }));
      else scope.put(banner, this._isOld() ? say("handover.stale", { time }) : "");
      for (const button of document.querySelectorAll("[data-writes]")) button.disabled = !this._may(button.dataset.writes);
    }

    _isOld() {
      return Boolean(this.draft) && ["stale", "lost"].includes(this.draft.freshness);
    }

    /** what: "hand_over", "sign" or "withdraw". */
    _may(what) {
      if (this.cutSince !== null || !this.draft || this.busy) return false;
      return what !== "hand_over" || (!this._isOld() && !this.draft.waiting);
    }

    _drawButtons(held) {
      const box = byId("handover-buttons");
      const focused = box.contains(document.activeElement) && document.activeElement.dataset.name;
      box.replaceChildren();
      const button = (name, key, action, className = "button") => {
        const node = scope.form.button(box, say(key), className);
        node.dataset.name = name;
        node.addEventListener("click", action);
        return node;
      };
      if (this.chosen) button("now", "handover.now", () => this._open(null));
      if (held && !this.refused) button("print", "handover.print", () => window.print());
      if (held && held === this.draft && !held.waiting) button("write", "handover.write", () => byId("field-note").focus());
      if (held?.may_withdraw) button("withdraw", "handover.withdraw", () => this._askWithdraw(held)).dataset.writes = "withdraw";
      if (held?.may_sign) button("sign", "handover.sign", () => this._askSign(held), "button primary").dataset.writes = "sign";
      for (const node of box.querySelectorAll("[data-writes]")) node.disabled = !this._may(node.dataset.writes);
      if (focused) box.querySelector(`[data-name="${focused}"]`)?.focus();
    }

    _drawWaits() {
      const held = this.draft?.waiting;
      const node = byId("handover-waits");
      const own = held && held.from === scope.boot.me.name;
      scope.put(node, held ? say(own ? "handover.waits.own" : "handover.waits", { name: held.from, time: scope.moment(held.at) }) : "");
    }

    /** Once in each language: what is being written stays. */
    _drawForm() {
      const form = byId("handover-form");
      const written = form.elements.note?.value ?? "";
      form.replaceChildren();
      const field = scope.element("div", "field", form);
      const label = scope.element("label", "", field);
      label.textContent = say("handover.note");
      label.htmlFor = "field-note";
      const note = scope.element("textarea", "", field);
      Object.assign(note, { id: "field-note", name: "note", rows: 4, maxLength: NOTE_MAX, value: written });
      scope.form.hint(note, say("handover.note.hint"));
      const row = scope.element("div", "buttons", form);
      const button = scope.form.button(row, say("handover.hand_over"), "button primary");
      button.type = "submit";
      button.dataset.writes = "hand_over";
      button.disabled = !this._may("hand_over");
      form.onsubmit = (event) => {
        event.preventDefault();
        this._handOver(note);
      };
    }

    _drawHistory() {
      const box = byId("handover-history");
      const key = box.contains(document.activeElement) && document.activeElement.dataset.id;
      box.replaceChildren();
      const head = scope.element("h3", "", box);
      scope.element("span", "", head).textContent = say("handover.history");
      const counts = { shown: scope.words.count(this.earlier.items.length), total: scope.words.count(this.earlier.total) };
      scope.element("span", "num shown", head).textContent = ` ${say("handover.shown", counts)}`;
      if (!this.earlier.items.length) return void (scope.element("p", "none", box).textContent = say("handover.empty"));
      const table = scope.element("table", "", scope.element("div", "wide", box));
      const row = scope.element("tr", "", scope.element("thead", "", table));
      for (const name of ["handed_at", "from", "to", "signed_at", "state", "queue.all", "queue.overdue"]) {
        const cell = scope.element("th", "", row);
        cell.scope = "col";
        cell.textContent = say(`handover.${name}`);
      }
      scope.element("td", "", row);
      const body = scope.element("tbody", "", table);
      for (const held of this.earlier.items) this._historyRow(body, held);
      if (key) box.querySelector(`[data-id="${key}"]`)?.focus();
    }

    _historyRow(body, held) {
      const time = scope.moment(held.at);
      const open = scope.form.button(document.createElement("div"), say("handover.open.short"));
      open.setAttribute("aria-label", say("handover.open", { time }));
      open.dataset.id = held.id;
      open.addEventListener("click", () => this._open(held.id));
      const line = scope.tableRow(body, [
        time, held.from, held.to || "—", held.signed_at ? scope.moment(held.signed_at) : "—", say(`handover.state.${held.state}`),
        scope.words.count(held.counts.all), scope.words.count(held.counts.overdue), open,
      ]);
      if (held.id === this.whole?.id) line.setAttribute("aria-current", "true");
    }

    // ---- writing -----------------------------------------------------------------------------

    async _handOver(note) {
      if (!this._may("hand_over")) return;
      scope.form.clearProblems(byId("handover-form"));
      const body = { area: this.area, note: note.value, as_of: this.draft.as_of };
      const [status, answer] = await this._write("/api/handovers", body);
      if (status === 422 && answer?.field === undefined) return scope.form.problem(note, say("handover.note.hint"));
      if (status !== 201) return this._failed(status, answer);
      note.value = "";
      return this._done("handover.told.handed", null);
    }

    /** Asks for a note; Enter signs, Esc leaves. */
    _askSign(held) {
      const box = scope.dialog(say("handover.sign"));
      const form = scope.element("form", "fields", box);
      const said = scope.element("p", "", form);
      said.textContent = say("handover.waits", { name: held.from, time: scope.moment(held.at) });
      const note = scope.form.input(form, "sign-note", "text", say("handover.sign.note"), "off");
      Object.assign(note, { required: false, maxLength: NOTE_MAX });
      const row = scope.element("div", "buttons", form);
      scope.form.button(row, say("handover.sign"), "button primary").type = "submit";
      scope.form.button(row, say("cancel")).addEventListener("click", () => box.close());
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const body = { version: held.version, note: note.value.trim() || null };
        const [status, answer] = await this._write(`/api/handovers/${encodeURIComponent(held.id)}/sign`, body);
        if (status === 0 || status >= 500) return scope.form.problem(note, say("handover.unknown"));
        box.close();
        return status === 200 ? this._done("handover.told.signed", held.id) : this._failed(status, answer);
      });
      box.showModal();
      note.focus();
    }

    _askWithdraw(held) {
      scope.confirmThen(say("handover.withdraw.ask"), say("handover.withdraw"), async () => {
        const [status, answer] = await this._write(`/api/handovers/${encodeURIComponent(held.id)}/withdraw`, { version: held.version });
        return status === 200 ? this._done("handover.told.withdrawn", null) : this._failed(status, answer);
      });
    }

    _done(word, id) {
      this.admin.tell(say(word));
      return this._open(id);
    }

    _failed(status, answer) {
      if (status === 0 || status >= 500) this.admin.tell(say("handover.unknown"));
      else this.admin.tell(status === 409 ? lost(answer?.handover) : say("handover.lost"));
      this.whole = null;
      return this._poll();
    }

    /** POST; what was not answered goes out again as it was, under its own key: it is done once. */
    async _write(path, body) {
      const sense = JSON.stringify([path, { ...body, as_of: null }]);
      if (this.pending?.sense !== sense) this.pending = { sense, body: JSON.stringify(body), key: newKey() };
      this.busy = true;
      const [status, answer] = await post(path, this.pending);
      this.busy = false;
      if (status !== 0 && status < 500) this.pending = null;
      this._drawAge();
      return [status, answer];
    }

    // ---- paper -------------------------------------------------------------------------------

    /** Paper is light: the tokens have a theme for it. */
    _forPaper() {
      const paper = matchMedia("print");
      const theme = (isPaper) => (document.documentElement.dataset.theme = isPaper ? "light" : "desk");
      paper.addEventListener("change", (event) => theme(event.matches));
      window.addEventListener("beforeprint", () => theme(true));
      window.addEventListener("afterprint", () => theme(false));
    }
  }

  /** [status, body | null]; 0 when nobody answered. */
  async function post(path, { body, key }) {
    try {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
      const answer = await fetch(path, { method: "POST", headers, cache: "no-store", body });
      if (answer.status === 401) location.assign(scope.session.signInAddress(location.pathname + location.search));
      return [answer.status, await answer.json().catch(() => null)];
    } catch {
      return [0, null];
    }
  }

  if (typeof module !== "undefined") module.exports = { lost };
  else
    window.dash_clientside = Object.assign({}, window.dash_clientside, {
      one_map: { mount: () => scope.mountPage(HandoverPage) },
    });
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
