"use strict";
/* The page of accounts, sessions and wall displays, over /api/accounts, /api/sessions and /api/displays. */
(function (scope) {
  const REFRESH_MS = 10000;
  const LIVE_S = 60; // a screen heard since then is on
  const DEPARTMENT = "department"; // the role
  const PATHS = ["accounts", "sessions", "displays"];
  const say = (key, values) => scope.words.say(key, values);

  /** The word for an error answer, by the field it names. */
  function problemKey(status, field) {
    if (status === 409 && field !== "version") return "problem.name.taken";
    if (status === 409) return "problem.stale";
    if (status === 404) return "problem.gone";
    if (status === 403) return field === "area" || !field ? "problem.area" : "admin.forbidden";
    if (status === 422 && ["name", "role", "area", "department", "password"].includes(field)) return `problem.${field}`;
    return "error.away";
  }

  /** The scene of a wall in words: 摄像机设备, or the area that it shows. */
  function sceneName(scene) {
    const [kind, code] = scene.split("/");
    if (kind === "area") return scope.areaName(code);
    return code ? say(`walls.scene.${kind}`) : say("displays.no_scene");
  }

  /** Frames a second, memory of the page, and how long it has been up. */
  const vitals = ({ fps, heap_mb: heap, up_s: up }) =>
    [say("displays.fps", { n: fps }), heap === null ? "" : say("displays.heap", { n: heap }), scope.words.age(up)].filter(Boolean).join(" · ");

  class Accounts {
    word = "page.accounts";

    start() {
      this.held = {};
      this.admin = new scope.Admin(this);
      const add = (name) => document.querySelector(`#${name} [data-part=add]`);
      add("accounts").addEventListener("click", () => this._addAccount());
      add("displays").addEventListener("click", () => this._addDisplay());
      this.refresh();
      setInterval(() => document.hidden || this.refresh(), REFRESH_MS);
    }

    async refresh() {
      await Promise.all(PATHS.map((name) => this._read(name)));
    }

    async _read(name) {
      const [status, body] = await this.admin.read(`/api/${name}`);
      if (status === 401) return;
      this.held[name] = status === 200 ? body.items : null;
      this._table(name);
    }

    draw() {
      for (const name of PATHS) if (name in this.held) this._table(name);
    }

    /** Rows are made anew; the focus stays where it was. */
    _table(name) {
      const body = document.querySelector(`#${name} tbody`);
      const focused = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      const items = this.held[name];
      const text = JSON.stringify([scope.words.language(), items]);
      const same = body.dataset.shown === text;
      if (same && !document.querySelector(`#${name} [data-ago]`)) return;
      body.dataset.shown = text;
      body.replaceChildren();
      if (!items) scope.tableOnly(body, say("admin.forbidden"));
      else if (!items.length) scope.tableOnly(body, say("admin.none"));
      else for (const item of items) this[`_row_${name}`](body, item);
      if (focused) body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    }

    _button(key, text, label, action) {
      const box = document.createElement("div");
      const button = scope.form.button(box, text);
      button.dataset.key = key;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", action);
      return button;
    }

    _row_accounts(body, item) {
      const own = item.name === scope.boot.me?.name;
      const line = scope.tableRow(body, [
        item.name, say(`role.${item.role}`), this._department(item), scope.areaName(item.area), say(`accounts.state.${item.state}`),
        say(item.has_password ? "accounts.has_password" : "accounts.no_password"),
        String(item.tokens.length), String(item.sessions), this._ago(item.signed_in_at),
        this._button(`account ${item.name}`, say("accounts.edit"), say("accounts.edit.label", { name: item.name }), () => this._edit(item)),
      ]);
      line.classList.toggle("is-off", item.state === "disabled");
      line.classList.toggle("is-own", own);
    }

    /** A name; a department account that has none, or one the region pack no longer has, says so. */
    _department({ role, department }) {
      if (role !== DEPARTMENT) return "—";
      const gap = `! ${say("accounts.department.missing")}`;
      return scope.unitName(department) ?? (department ? `${gap} (${department})` : gap);
    }

    _row_sessions(body, item) {
      const name = item.account;
      scope.tableRow(body, [
        name, say(`sessions.kind.${item.kind}`), scope.areaName(item.area), item.address, this._agent(item.agent),
        scope.moment(item.began_at), this._ago(item.seen_at), String(item.live),
        this._button(`session ${item.id}`, say("sessions.end"), say("sessions.end.label", { name, address: item.address }), () =>
          this._do("DELETE", `/api/sessions/${item.id}`, say("sessions.ended", { name }))),
      ]);
    }

    _row_displays(body, item) {
      const { name } = item;
      const told = [...item.screens, ...item.signs].map((one) => one.seen_at);
      const seen = told.sort().at(-1) ?? null;
      const screens = item.screens.map((screen) => screen.address).join("、");
      const actions = document.createElement("span");
      actions.className = "actions";
      actions.append(this._button(`renew ${name}`, say("displays.renew"), `${say("displays.renew")} ${name}`, () => this._addDisplay(item)));
      if (!item.revoked)
        actions.append(this._button(`display ${name}`, say("displays.revoke"), say("displays.revoke.label", { name }), () =>
          scope.confirmThen(say("displays.revoke.sure", { name }), say("displays.revoke"), () =>
            this._do("DELETE", `/api/displays/${encodeURIComponent(name)}`, say("displays.revoked.done", { name })))));
      const line = scope.tableRow(body, [name, scope.areaName(item.area), this._displayState(item, seen), screens || "—", this._lines(item.signs, (sign) => sceneName(sign.scene)), this._lines(item.signs, vitals), this._lines(item.signs, (sign) => (sign.current ? sign.version : say("displays.outdated", { version: sign.version }))), seen ? this._ago(seen) : "—", actions]);
      line.classList.toggle("is-off", item.revoked);
    }

    _displayState(item, seen) {
      if (item.revoked) return say("displays.revoked");
      if (!seen) return say("displays.unopened");
      const [sign] = item.signs;
      if (sign?.health === "frozen") return say("displays.frozen", { age: scope.words.age(sign.frozen_s) });
      if (sign?.health === "alive") return say(`displays.picture.${sign.state}`);
      const live = item.screens.some((screen) => screen.live > 0) || Date.now() - Date.parse(seen) < LIVE_S * 1000;
      return say(live ? "displays.live" : "displays.silent");
    }

    /** One line for each screen of a wall. */
    _lines(signs, text) {
      const node = document.createElement("span");
      node.className = "lines";
      for (const sign of signs.filter((one) => one.health !== "silent")) scope.put(scope.element("span", "", node), text(sign));
      if (!node.firstChild) node.textContent = "—";
      return node;
    }

    /** An age, which grows: its table is drawn again. */
    _ago(iso) {
      const node = document.createElement("span");
      node.dataset.ago = "";
      node.className = "num";
      node.textContent = scope.ago(iso);
      if (iso) node.title = scope.moment(iso);
      return node;
    }

    _agent(agent) {
      const node = document.createElement("span");
      node.textContent = shortAgent(agent);
      node.title = agent;
      return node;
    }

    /** An act of one click. */
    async _do(method, path, done) {
      const [status, body] = await scope.send(method, path);
      if (status < 300 && status) this.admin.tell(done);
      else if (status !== 401) this.admin.tell(say(problemKey(status, body?.field)));
      await this.refresh();
    }

    _addAccount() {
      const box = scope.dialog(say("accounts.add"));
      const form = scope.element("form", "fields", box);
      const name = scope.form.input(form, "name", "text", say("accounts.name"), "off");
      scope.form.hint(name, say("problem.name"));
      const role = roleSelect(form);
      const unit = new DepartmentChoice(form, role);
      const area = new scope.AreaChoice(form, say("accounts.area"));
      const password = scope.form.input(form, "password", "password", say("accounts.password"), "new-password");
      scope.form.hint(password, say("problem.password"));
      const nodes = { name, role, department: unit.node, get area() { return area.node; }, password };
      const body = () => ({ name: name.value.trim(), role: role.value, department: unit.id, area: area.code, password: password.value });
      this._form(box, form, say("accounts.add"), nodes, async () => {
        const [status, answer] = await scope.send("POST", "/api/accounts", body());
        return [status, answer, say("accounts.saved", { name: name.value.trim() })];
      });
      box.showModal();
      name.focus();
    }

    /** display: one that gets a new address, or none. */
    _addDisplay(display) {
      const box = scope.dialog(say(display ? "displays.renew" : "displays.add"));
      const form = scope.element("form", "fields", box);
      const name = scope.form.input(form, "name", "text", say("displays.name"), "off");
      scope.form.hint(name, say("problem.name"));
      name.value = display?.name ?? "";
      name.readOnly = Boolean(display);
      const area = new scope.AreaChoice(form, say("accounts.area"), display?.area);
      const nodes = { name, get area() { return area.node; } };
      this._form(box, form, say(display ? "displays.renew" : "displays.add"), nodes, async () => {
        const [status, answer] = await scope.send("POST", "/api/displays", { name: name.value.trim(), area: area.code });
        if (status === 201) setTimeout(() => scope.showOnce(say("displays.made"), location.origin + answer.path));
        return [status, answer, ""];
      });
      box.showModal();
      name.focus();
    }

    /** Buttons of a form, and what its answer says: act() -> [status, body, done]. */
    _form(box, form, verb, nodes, act) {
      const row = scope.element("div", "buttons", form);
      scope.form.button(row, verb, "button primary").type = "submit";
      scope.form.button(row, say("cancel")).addEventListener("click", () => box.close());
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        scope.form.clearProblems(form);
        const [status, answer, done] = await act();
        if (status >= 200 && status < 300) {
          box.close();
          this.admin.tell(done);
        } else this._say(nodes, status, answer);
        await this.refresh();
      });
    }

    _say(nodes, status, answer) {
      const node = nodes[answer?.field] || Object.values(nodes)[0];
      scope.form.problem(node, say(problemKey(status, answer?.field)));
    }

    /** Everything about one account. */
    _edit(item) {
      const { name } = item;
      const box = scope.dialog(say("accounts.heading", { name }));
      if (name === scope.boot.me?.name) {
        scope.element("p", "t2", box).textContent = say("accounts.self");
        this._tokens(box, item);
        this._closing(box);
        return;
      }
      const form = scope.element("form", "fields", box);
      const role = roleSelect(form, item.role);
      const unit = new DepartmentChoice(form, role, item.department);
      const area = new scope.AreaChoice(form, say("accounts.area"), item.area);
      const nodes = { role, department: unit.node, get area() { return area.node; } };
      this._save(box, form, item, nodes, () => ({ role: role.value, department: unit.id, area: area.code }), say("accounts.saved", { name }));
      const off = item.state === "disabled";
      const turn = scope.form.button(form.querySelector(".buttons"), say(off ? "accounts.enable" : "accounts.disable"));
      turn.addEventListener("click", () => this._patch(box, item, nodes, { disabled: !off }, say(off ? "accounts.enabled" : "accounts.disabled", { name })));
      this._password(box, item);
      this._tokens(box, item);
      this._closing(box);
    }

    _closing(box) {
      const row = scope.element("div", "buttons end", box);
      scope.form.button(row, say("admin.close")).addEventListener("click", () => box.close());
      box.showModal();
    }

    _save(box, form, item, nodes, change, done) {
      const row = scope.element("div", "buttons", form);
      scope.form.button(row, say("accounts.save"), "button primary").type = "submit";
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this._patch(box, item, nodes, change(), done);
      });
    }

    /** When somebody else was first, the box opens again with what holds now. */
    async _patch(box, item, nodes, change, done) {
      scope.form.clearProblems(box);
      const path = `/api/accounts/${encodeURIComponent(item.name)}`;
      const [status, answer] = await scope.send("PATCH", path, { version: item.version, ...change });
      await this.refresh();
      if (status === 200) {
        box.close();
        this.admin.tell(done);
      } else if (status === 409) this._again(box, item);
      else this._say(nodes, status, answer);
    }

    _again(box, item) {
      box.close();
      const now = this.held.accounts?.find((other) => other.name === item.name);
      this.admin.tell(say(now ? "problem.stale" : "problem.gone"));
      if (!now) return;
      this._edit(now);
      const opened = [...document.querySelectorAll("dialog")].at(-1);
      const note = scope.element("p", "stale-note");
      note.setAttribute("role", "alert");
      note.textContent = `! ${say("problem.stale")}`;
      opened.querySelector("h2").after(note);
    }

    _password(box, item) {
      scope.element("h3", "", box).textContent = say("accounts.password.new");
      const form = scope.element("form", "fields", box);
      const password = scope.form.input(form, "password", "password", say("accounts.password"), "new-password");
      scope.form.hint(password, say("problem.password"));
      const row = scope.element("div", "buttons", form);
      scope.form.button(row, say("accounts.password.new")).type = "submit";
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        scope.form.clearProblems(form);
        const path = `/api/accounts/${encodeURIComponent(item.name)}/password`;
        const [status, answer] = await scope.send("POST", path, { version: item.version, password: password.value });
        password.value = "";
        await this.refresh();
        if (status === 204) {
          box.close();
          this.admin.tell(say("accounts.password.done", { name: item.name }));
        } else if (status === 409) this._again(box, item);
        else this._say({ password }, status, answer);
      });
    }

    _tokens(box, item) {
      scope.element("h3", "", box).textContent = say("accounts.tokens");
      const list = scope.element("ul", "tokens", box);
      if (!item.tokens.length) scope.element("li", "t3", list).textContent = say("accounts.token.none");
      const path = `/api/accounts/${encodeURIComponent(item.name)}/tokens`;
      for (const { id, created_at, used_at } of item.tokens) {
        const line = scope.element("li", "", list);
        const used = say("accounts.token.used", { time: used_at ? scope.ago(used_at) : say("admin.never") });
        scope.element("span", "num", line).textContent = `${id} · ${say("accounts.token.created", { time: scope.moment(created_at) })} · ${used}`;
        line.append(this._button(`token ${id}`, say("accounts.token.revoke"), say("accounts.token.revoke.label", { id }), () =>
          scope.confirmThen(say("accounts.token.revoke.sure", { id }), say("accounts.token.revoke"), () => {
            box.close();
            this._do("DELETE", `${path}/${id}`, say("accounts.token.revoked", { id }));
          })));
      }
      const row = scope.element("div", "buttons", box);
      scope.form.button(row, say("accounts.token.add")).addEventListener("click", async () => {
        const [status, answer] = await scope.send("POST", path);
        box.close();
        if (status === 201) scope.showOnce(say("accounts.token.made", { name: item.name }), answer.token);
        else this.admin.tell(say(problemKey(status, answer?.field)));
        await this.refresh();
      });
    }
  }

  /** A department or team, asked for with the role of one and with no other. */
  class DepartmentChoice {
    constructor(form, role, chosen) {
      this.node = labelledSelect(form, "department");
      scope.option(this.node, "", say("accounts.department.choose"));
      for (const [id] of scope.boot.departments) scope.option(this.node, id, scope.unitName(id));
      this.node.value = chosen ?? "";
      if (this.node.selectedIndex < 0) this.node.value = ""; // the region pack no longer has it
      this.role = role;
      const show = () => (this.node.parentNode.hidden = role.value !== DEPARTMENT);
      role.addEventListener("change", show);
      show();
    }

    /** null: none was chosen, or the role has none. */
    get id() {
      return (this.role.value === DEPARTMENT && this.node.value) || null;
    }
  }

  function labelledSelect(form, name) {
    const box = scope.element("div", "field", form);
    const label = scope.element("label", "", box);
    label.textContent = say(`accounts.${name}`);
    label.htmlFor = `field-${name}`;
    const select = scope.element("select", "", box);
    select.id = label.htmlFor;
    return select;
  }

  function roleSelect(form, chosen) {
    const select = labelledSelect(form, "role");
    for (const role of scope.boot.roles) scope.option(select, role, say(`role.${role}`));
    select.value = chosen ?? scope.boot.roles[0];
    return select;
  }

  /** "Mozilla/5.0 (...) Chrome/130.0" -> "Chrome 130". */
  function shortAgent(agent) {
    const found = /(Edg|Firefox|Chrome|Version)\/(\d+)/.exec((agent || "").replace(/.*(Edg\/\d+)/, "$1"));
    if (!found) return (agent || "—").slice(0, 24);
    return `${{ Edg: "Edge", Version: "Safari" }[found[1]] || found[1]} ${found[2]}`;
  }

  if (typeof module !== "undefined") module.exports = { problemKey, shortAgent };
  else
    window.dash_clientside = Object.assign({}, window.dash_clientside, {
      one_map: { mount: () => scope.mountPage(Accounts) },
    });
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
