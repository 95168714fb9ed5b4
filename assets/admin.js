"use strict";
/* What the pages for administrators share: language, clock, notices, the names of areas, tables. */
(function (scope) {
  const boot = JSON.parse(document.getElementById("boot").textContent);
  const areas = new Map(boot.areas.map(([code, name, name_en, tier, parent]) => [code, { code, name, name_en, tier, parent }]));
  const NOTICE_MS = 8000;
  const AGAIN_MS = 5000;

  /** "关上街道 · 双凤社区", without the region itself; the code where the pack has no such area. */
  function areaName(code) {
    const line = [];
    for (let area = areas.get(code); area; area = area.parent && areas.get(area.parent)) line.unshift(area);
    if (!line.length) return code || "";
    const shown = line.length > 1 ? line.slice(1) : line;
    return shown.map(gridOrName).join(" · ");
  }

  const gridOrName = (area) =>
    area.tier === "grid" ? scope.words.say("grid.name", { n: scope.words.gridNumber(area) }) : scope.words.name(area);

  class Admin {
    /** page: {word, start(), draw(), now()?, shell?}: draw writes everything in the language of the screen. */
    constructor(page) {
      this.page = page;
      this.view = { lang: scope.view_lang(location.search) };
      this._speak();
      scope.bindUserMenu({ me: boot.me, tell: (text) => this.tell(text) });
      document.getElementById("language").addEventListener("click", () => this._switch());
      setInterval(() => this._tick(), 1000);
      this._tick();
    }

    _speak() {
      const { words: w } = scope;
      const wanted = this.view.lang || (boot.lang === "browser" ? (/^en\b/i.test(navigator.language) ? "en" : "zh") : boot.lang);
      w.use(boot.words, wanted);
      const lang = w.language();
      document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
      const region = boot.region[lang];
      document.title = `${w.say(this.page.word)} · ${w.say("org", { region })}`;
      w.apply(document.getElementById("one-map"), { region });
      scope.put(document.getElementById("language"), w.say("language.other"));
      scope.drawUserMenu(boot.me, boot.me ? areaName(boot.me.area) : "");
    }

    _switch() {
      this.view.lang = scope.words.language() === "zh" ? "en" : "zh";
      const query = new URLSearchParams(location.search);
      query.set("lang", this.view.lang);
      history.replaceState(null, "", `${location.pathname}?${query}`);
      this._speak();
      this.page.draw();
    }

    _tick() {
      scope.put(document.getElementById("clock"), scope.words.hms(this.page.now?.() ?? Date.now()));
    }

    tell(text) {
      if (this.page.shell) return this.page.shell.tell(text);
      const node = document.getElementById("notice");
      node.hidden = !text;
      scope.put(node, text);
      clearTimeout(this.told);
      this.told = setTimeout(() => (node.hidden = true), NOTICE_MS);
    }

    /** GET until it is answered; [status, body]. A refusal is an answer. */
    async read(path) {
      for (;;) {
        const [status, body] = await scope.send("GET", path);
        if (status && status < 500) return [status, body];
        this.tell(scope.words.say("admin.failed"));
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  scope.view_lang = (search) => {
    const lang = new URLSearchParams(search).get("lang");
    return lang === "zh" || lang === "en" ? lang : null;
  };

  const SHANGHAI_MS = 8 * 3600e3;

  /** ISO time -> "2026-11-22 14:32:07" in Shanghai, or "never". */
  function moment(iso) {
    if (!iso) return scope.words.say("admin.never");
    const ms = Date.parse(iso);
    return `${new Date(ms + SHANGHAI_MS).toISOString().slice(0, 10)} ${scope.words.hms(ms)}`;
  }

  /** ISO time -> "3 min ago", or "never". */
  const ago = (iso) => (iso ? scope.words.say("admin.ago", { age: scope.words.age((Date.now() - Date.parse(iso)) / 1000) }) : scope.words.say("admin.never"));

  /** One row of cells: texts, or nodes to be taken in. */
  function row(body, cells) {
    const line = scope.element("tr", "", body);
    for (const [i, cell] of cells.entries()) {
      const node = scope.element(i ? "td" : "th", "", line);
      if (!i) node.scope = "row";
      node.append(cell);
    }
    return line;
  }

  /** One row across the whole table. */
  function only(body, text) {
    const cell = scope.element("td", "none", scope.element("tr", "", body));
    cell.colSpan = body.parentNode.tHead.rows[0].cells.length;
    cell.textContent = text;
  }

  /** Selects, one a tier below the visitor's own area, the next one filled by the one before. */
  class AreaChoice {
    constructor(form, label, chosen) {
      this.box = scope.element("fieldset", "field areas", form);
      scope.element("legend", "", this.box).textContent = label;
      this.top = boot.me?.area ?? boot.root;
      this._draw(chosen && areas.has(chosen) ? chosen : this.top);
    }

    get code() {
      return this.chosen;
    }

    /** What problems stand at. */
    get node() {
      return this.box.querySelector("select") || this.box;
    }

    _draw(code) {
      this.chosen = code;
      for (const node of this.box.querySelectorAll("select, span")) node.remove();
      const line = this._line(code);
      scope.element("span", "", this.box).textContent = gridOrName(areas.get(this.top));
      line.forEach((area, depth) => {
        const below = [...areas.values()].filter((other) => other.parent === area.code);
        if (!below.length) return;
        const select = scope.element("select", "", this.box);
        select.setAttribute("aria-label", scope.words.say(`tier.${below[0].tier}`));
        option(select, "", scope.words.say("admin.whole"));
        for (const other of below) option(select, other.code, gridOrName(other));
        select.value = line[depth + 1]?.code ?? "";
        select.addEventListener("change", () => {
          const at = [...this.box.querySelectorAll("select")].indexOf(select);
          this._draw(select.value || area.code);
          this.box.querySelectorAll("select")[at]?.focus();
        });
      });
    }

    /** The visitor's own area first, the chosen one last. */
    _line(code) {
      const line = [];
      for (let area = areas.get(code); area; area = area.parent && areas.get(area.parent)) {
        line.unshift(area);
        if (area.code === this.top) return line;
      }
      return [areas.get(this.top)];
    }
  }

  function option(select, value, text) {
    const node = scope.element("option", "", select);
    node.value = value;
    node.textContent = text;
  }

  /** Name of a department or team of the region pack; null for an id it lacks. */
  function unitName(id) {
    const unit = boot.departments.find(([held]) => held === id);
    return unit ? unit[scope.words.language() === "en" ? 2 : 1] : null;
  }

  /** A secret, shown this once: gone from the page when the box closes. */
  function showOnce(title, secret) {
    const { words: w } = scope;
    const box = scope.dialog(title);
    const shown = scope.element("output", "secret num", box);
    shown.textContent = secret;
    shown.tabIndex = 0;
    const row = scope.element("div", "buttons", box);
    const copy = scope.form.button(row, w.say("admin.copy"), "button primary");
    copy.addEventListener("click", async () => {
      if (await copied(secret, shown)) scope.put(copy, w.say("admin.copied"));
    });
    scope.form.button(row, w.say("admin.close")).addEventListener("click", () => box.close());
    box.showModal();
    copy.focus();
  }

  /** Without https there is no clipboard: the text is marked, to be copied by hand. */
  async function copied(text, shown) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      getSelection().selectAllChildren(shown);
      return document.execCommand("copy");
    }
  }

  /** Asks before what cannot be undone. */
  function confirmThen(text, verb, action) {
    const box = scope.dialog(text);
    const row = scope.element("div", "buttons", box);
    const yes = scope.form.button(row, verb, "button primary");
    yes.addEventListener("click", () => {
      box.close();
      action();
    });
    const no = scope.form.button(row, scope.words.say("cancel"));
    no.addEventListener("click", () => box.close());
    box.showModal();
    no.focus();
  }

  /** Dash has drawn the layout: start, once. */
  function mountPage(Page) {
    if (!scope.page) {
      scope.page = new Page();
      scope.page.start();
    }
    return "true";
  }

  scope.boot = boot;
  Object.assign(scope, { mountPage, Admin, AreaChoice, areaName, unitName, moment, ago, tableRow: row, tableOnly: only, option, showOnce, confirmThen });
})((window.one_map = window.one_map || {}));
