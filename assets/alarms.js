"use strict";
/* The page of the alerts' load, over /api/alerts/load. Which desk is looked at stands in the address. */
(function (scope) {
  const POLL_MS = 5000; // it also says when nobody judges
  const CUT_POLL_MS = 3000;
  const JUDGED_MS = 15000; // longer ago: the rules are not judged any more
  const SAMPLE = 30; // alerts
  const SPANS = ["n_10_min", "n_hour", "n_day"];
  const say = (key, values) => scope.words.say(key, values);
  const byId = (id) => document.getElementById(id);
  const english = () => scope.words.language() === "en";
  const named = (item, name) => (english() && item[`${name}_en`]) || item[name];

  /** How long before the answer, made at `nowMs` of the server's clock, the rules were last judged, if that is too long; ms or null. */
  function unjudged(judgedAt, nowMs) {
    const ms = nowMs - Date.parse(judgedAt);
    return ms > JUDGED_MS ? ms : null;
  }

  /** Fewer than these make no share. */
  const isFew = (load) => load.n_day < SAMPLE;

  /** Rows of the quality table: [word, value as text, target as text, met: true, false, null (no target) or "few"]. */
  function measures(load) {
    const { short, percent } = scope.alarmsBars;
    const { targets } = load;
    const row = (name, value, target, format) => {
      if (value === null) return [`alarms.${name}`, say("alarms.nothing"), told(target, format), null];
      return [`alarms.${name}`, format(value), told(target, format), target ? value <= target[1] : null];
    };
    return [
      row("max_10_min", load.max_10_min_24h, targets.max_10_min, short),
      ofShares(load, row("share_top_ten", load.share_top_ten, targets.share_top_ten, percent)),
      row("flood", load.flood.share_24h, targets.flood_share, percent),
      row("n_chattering", load.n_chattering, targets.n_chattering, short),
      row("n_fleeting", load.n_fleeting, targets.n_fleeting, short),
      row("n_stale", load.n_stale, targets.n_stale, short),
      row("n_standing", load.n_standing, targets.n_standing, short),
      row("n_shelved", load.n_shelved, targets.n_shelved, short),
    ];
  }

  const ofShares = (load, [word, value, target, met]) => [word, value, target, met !== null && isFew(load) ? "few" : met];

  function told(target, format) {
    if (!target) return say("alarms.no_target");
    return target[1] ? say("alarms.at_most", { n: format(target[1]) }) : say("alarms.zero");
  }

  class AlarmsPage {
    word = "page.alarms";

    start() {
      this.admin = new scope.Admin(this);
      this.area = new URLSearchParams(location.search).get("area") || scope.boot.me.area;
      this.load = this.refused = this.cutSince = this.got = null;
      this._drawAreas();
      window.addEventListener("offline", () => this._poll());
      window.addEventListener("online", () => this._poll());
      document.addEventListener("visibilitychange", () => document.hidden || this._poll());
      setInterval(() => this._drawAge(), 1000);
      this._poll();
    }

    draw() {
      this._drawAreas();
      this._drawAll();
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
      const [status, load, nowMs] = await answered(`/api/alerts/load?${new URLSearchParams({ area: this.area })}`);
      if (asked !== this.asked || status === 401) return;
      this.refused = [403, 404, 422].includes(status) ? "alarms.no_area" : null;
      this.waits = status === 503;
      if (this.refused) this.load = this.cutSince = null;
      else if (status !== 200) this.cutSince = this.cutSince ?? Date.now();
      else {
        this.cutSince = null;
        Object.assign(this, { load, unjudged: unjudged(load.judged_at, nowMs), got: [Date.now(), nowMs] });
      }
      this._drawAll();
    }

    _choose(area) {
      Object.assign(this, { area, load: null });
      const query = new URLSearchParams(location.search);
      query.set("area", area);
      history.replaceState(null, "", `${location.pathname}?${query}`);
      this._drawAge();
      return this._poll();
    }

    // ---- drawing -----------------------------------------------------------------------------

    /** The desks inside the visitor's own area: every area but grids, which have none. */
    _drawAreas() {
      const box = byId("alarms-area");
      box.replaceChildren();
      const select = scope.element("select", "", box);
      select.setAttribute("aria-label", say("alarms.area"));
      for (const [code, , , tier] of scope.boot.areas)
        if (tier !== "grid" && this._isWithin(code)) scope.option(select, code, scope.areaName(code));
      if (![...select.options].some((one) => one.value === this.area)) scope.option(select, this.area, scope.areaName(this.area));
      select.value = this.area;
      select.addEventListener("change", () => this._choose(select.value));
    }

    _isWithin(code) {
      const parents = new Map(scope.boot.areas.map(([held, , , , parent]) => [held, parent]));
      for (let at = code; at; at = parents.get(at)) if (at === scope.boot.me.area) return true;
      return false;
    }

    /** Of when the numbers are; that we are cut off; that nothing is judged. */
    _drawAge() {
      const time = this.load && scope.moment(this.load.as_of);
      const age = this.load && scope.words.age((Date.now() - this.got[0] + this.got[1] - Date.parse(this.load.as_of)) / 1000);
      scope.put(byId("alarms-age"), this.load ? say("alarms.as_of", { time, age, every: POLL_MS / 1000 }) : "");
      const text = this._complaint(time);
      scope.flag(byId("banner"), "banner", Boolean(text));
      scope.put(byId("banner"), text);
    }

    _complaint(time) {
      if (this.cutSince !== null) {
        const age = scope.words.age((Date.now() - this.cutSince) / 1000);
        if (this.load) return say("alarms.cut", { time, age });
        return say(this.waits ? "alarms.waits" : "alarms.cut.never");
      }
      if (!this.load || !this.unjudged) return "";
      return say("alarms.unjudged", { time: scope.moment(this.load.judged_at), age: scope.words.age(this.unjudged / 1000) });
    }

    _drawAll() {
      this._drawAge();
      scope.flag(byId("content"), "is-old", this.cutSince !== null || Boolean(this.unjudged && this.load));
      if (this.refused) {
        this.told = null;
        for (const name of ["alarms-load", "alarms-marks", "alarms-priorities"]) only(body(name), say(this.refused));
        return this._drawActors([]);
      }
      if (!this.load) return undefined;
      const told = JSON.stringify([this.load, scope.words.language()]);
      if (told === this.told) return undefined;
      this.told = told;
      this._drawLoad();
      this._drawMarks();
      this._drawPriorities();
      return this._drawActors(this.load.bad_actors);
    }

    _drawLoad() {
      const box = body("alarms-load");
      box.replaceChildren();
      const { load } = this;
      const tier = say(`tier.${load.tier}`);
      scope.element("p", "t2", box).textContent = say("alarms.load.said", { tier: english() ? tier.toLowerCase() : tier, n: load.seats });
      const list = scope.element("div", "bullets", box);
      for (const name of SPANS) this._bullet(list, name);
      const { flood } = load;
      const line = scope.element("p", flood.on ? "flood is-on" : "flood", box);
      line.textContent = flood.on
        ? `! ${say("alarms.flood.on", { time: scope.moment(flood.since), n: flood.n_10_min })}`
        : say("alarms.flood.off", { n: flood.n_10_min });
    }

    _bullet(list, name) {
      const { bullet, short, verdict } = scope.alarmsBars;
      const [value, targets] = [this.load.per_officer[name], this.load.targets[name]];
      const is = verdict(value, targets);
      const texts = { name: say(`alarms.span.${name}`), value: short(value), words: say(`alarms.${is}`), low: targets[0], high: targets[1] };
      const row = scope.element("div", "line", list);
      scope.element("span", "what", row).textContent = texts.name;
      const number = scope.element("span", `value num is-${is}`, row);
      scope.element("b", "", number).textContent = short(value);
      scope.element("small", "", number).textContent = say("alarms.per");
      bullet(row, { value, targets, label: say("alarms.bar", texts) });
      const words = scope.element("span", `verdict is-${is}`, row);
      words.textContent = is === "within" ? texts.words : `! ${texts.words}`;
      scope.element("small", "num", words).textContent = say("alarms.all_seats", { n: scope.words.count(this.load[name]) });
    }

    _drawMarks() {
      const box = body("alarms-marks");
      box.replaceChildren();
      const table = scope.element("table", "measures", box);
      const head = scope.element("tr", "", scope.element("thead", "", table));
      for (const name of ["measure", "value", "target", "verdict"]) {
        const cell = scope.element("th", "", head);
        cell.scope = "col";
        cell.textContent = say(`alarms.${name}`);
      }
      const rows = scope.element("tbody", "", table);
      for (const [word, value, target, met] of measures(this.load)) {
        const told = met === null ? "—" : say(met === "few" ? "alarms.few" : met ? "alarms.met" : "alarms.missed");
        const line = scope.tableRow(rows, [say(word), value, target, met === false ? `! ${told}` : told]);
        scope.flag(line, "is-missed", met === false);
      }
    }

    _drawPriorities() {
      const box = body("alarms-priorities");
      box.replaceChildren();
      const { priorities, priority_targets: targets } = this.load;
      if (!priorities) return only(box, say("alarms.nothing"));
      const said = [say("alarms.priorities.said"), ...(isFew(this.load) ? [say("alarms.few")] : [])];
      scope.element("p", "t2", box).textContent = said.join(" · ");
      const list = scope.element("div", "bullets", box);
      for (const p of [1, 2, 3, 4]) this._share(list, p, priorities[`p${p}`], targets[`p${p}`]);
      return undefined;
    }

    _share(list, p, value, target) {
      if (target === undefined && !value) return; // the standard has three levels
      const { percent, share } = scope.alarmsBars;
      const texts = { p, value: percent(value), target: target === undefined ? "" : percent(target) };
      const row = scope.element("div", "line", list);
      const name = scope.element("span", "what", row);
      name.innerHTML = scope.glyphs.priority(p, say("priority", { n: p }));
      scope.element("b", "value num", row).textContent = texts.value;
      share(row, { value, target, label: say(target === undefined ? "alarms.priority.bar.none" : "alarms.priority.bar", texts) });
      const words = scope.element("span", "verdict", row);
      if (target === undefined) words.textContent = say("alarms.priority.none");
      else if (isFew(this.load)) words.textContent = "—";
      else words.textContent = value > target ? `${p < 3 ? "! " : ""}${say("alarms.priority.more")}` : say("alarms.priority.less");
      scope.flag(words, "is-above", p < 3 && target !== undefined && !isFew(this.load) && value > target);
      if (target !== undefined) scope.element("small", "num", words).textContent = say("alarms.priority.target", { n: texts.target });
    }

    _drawActors(actors) {
      const part = byId("alarms-actors");
      const rows = part.querySelector("tbody");
      const focused = rows.contains(document.activeElement) && document.activeElement.dataset.key;
      rows.replaceChildren();
      const n = this.load?.n_bad_actors;
      const counts = { shown: scope.words.count(actors.length), total: scope.words.count(n ?? 0) };
      scope.put(part.querySelector("[data-part=said]"), n ? say("alarms.actors.said", counts) : "");
      if (!actors.length) return scope.tableOnly(rows, say(this.refused ?? "alarms.actors.none"));
      actors.forEach((actor, i) => this._actor(rows, actor, i + 1));
      if (focused) rows.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
      return undefined;
    }

    _actor(rows, actor, rank) {
      const name = document.createElement("span");
      name.className = "actor";
      scope.element("span", "rank num", name).textContent = String(rank);
      const sign = scope.element("span", "", name);
      sign.innerHTML = scope.glyphs.priority(actor.priority, say("priority", { n: actor.priority }));
      scope.element("bdi", "", name).textContent = named(actor, "title");
      scope.tableRow(rows, [
        name, named(actor, "rule_name"), scope.areaName(actor.area), say("alarms.rang.times", { n: actor.n_24h }),
        marks(actor), this._links(actor),
      ]);
    }

    _links(actor) {
      const box = document.createElement("span");
      box.className = "actions";
      const rule = link(box, "/rules", { rule: actor.rule }, "alarms.to_rule", named(actor, "rule_name"));
      rule.dataset.key = `rule ${actor.alert}`;
      const slot = scope.element("span", actor.listed ? "slot" : "slot gone", box);
      if (!actor.listed) slot.textContent = say("alarms.gone");
      else link(slot, "/desk", { alert: actor.alert }, "alarms.to_desk", named(actor, "title")).dataset.key = `desk ${actor.alert}`;
      return box;
    }
  }

  const SHAPES = { chattering: "≋", fleeting: "◔", stale: "▬" };

  /** What is wrong with a source: a sign and words for each. */
  function marks(actor) {
    const box = document.createElement("span");
    box.className = "wrongs";
    const counts = { chattering: actor.n_chattering_24h, fleeting: actor.n_fleeting_24h, stale: actor.stale ? 1 : 0 };
    for (const [name, n] of Object.entries(counts)) {
      if (!n) continue;
      const mark = scope.element("span", "wrong", box);
      const sign = scope.element("i", "", mark);
      sign.textContent = SHAPES[name];
      sign.setAttribute("aria-hidden", "true");
      mark.append(say(`alarms.mark.${name}`, { n }));
    }
    if (!box.children.length) box.textContent = "—";
    return box;
  }

  function link(parent, path, query, word, name) {
    const node = scope.element("a", "button", parent);
    const lang = new URLSearchParams(location.search).get("lang");
    node.href = `${path}?${new URLSearchParams(lang ? { ...query, lang } : query)}`;
    node.textContent = say(word);
    node.setAttribute("aria-label", say(`${word}.label`, { name }));
    return node;
  }

  const body = (id) => byId(id).querySelector("[data-part=body]");

  function only(box, text) {
    box.replaceChildren();
    scope.element("p", "none", box).textContent = text;
  }

  /** GET: [status, body | null, the server's clock in ms]; status 0 when nobody answered. */
  async function answered(path) {
    try {
      const answer = await fetch(path, { cache: "no-store" });
      if (answer.status === 401) location.assign(scope.session.signInAddress(location.pathname + location.search));
      const nowMs = Date.parse(answer.headers.get("date") || "") || Date.now();
      return [answer.status, await answer.json().catch(() => null), nowMs];
    } catch {
      return [0, null, Date.now()];
    }
  }

  if (typeof module !== "undefined") module.exports = { unjudged, measures };
  else
    window.dash_clientside = Object.assign({}, window.dash_clientside, {
      one_map: { mount: () => scope.mountPage(AlarmsPage) },
    });
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
