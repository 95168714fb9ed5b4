"use strict";
/* Above the desk: the load of this seat beside the standard, the flood, the switch of the sound and who muted it. */
(function (scope) {
  const MUTE_MIN = [1, 5, 15, 30];
  const say = (key, values) => scope.words.say(key, values);

  /** 1.25 -> "1.3", 4 -> "4". */
  const figure = (n) => String(Math.round(n * 10) / 10);

  /** Which rates of a load are over what an officer can take: {n_10_min, n_hour}. targets: [acceptable, most]. */
  function over(load) {
    const is = (name) => load.per_officer[name] > (load.targets[name]?.[0] ?? Infinity);
    return { n_10_min: is("n_10_min"), n_hour: is("n_hour") };
  }

  class AlertBar {
    constructor(root, alerts) {
      Object.assign(this, { root, alerts, page: alerts.page });
      this._meter();
      this._sound();
      this._rows();
    }

    // ---- the meter ------------------------------------------------------------------------------

    _meter() {
      const { element } = scope;
      this.meter = element("a", "gauge alert-meter", null);
      document.querySelector(".top .spread").after(this.meter);
      const line = element("span", "alert-rates", this.meter);
      this.mark = element("i", "alert-over", line);
      this.mark.textContent = "!";
      this.rates = element("b", "num", line);
      this.target = element("span", "num", this.meter);
      this.meter.hidden = true;
    }

    _drawMeter() {
      const load = this.alerts.told?.load;
      this.meter.hidden = !load;
      if (!load) return;
      const high = over(load);
      this.mark.hidden = !high.n_10_min && !high.n_hour;
      scope.put(this.rates, say("alert.meter", { n: figure(load.per_officer.n_10_min), hour: figure(load.per_officer.n_hour) }));
      const [min, hour] = [load.targets.n_10_min[0], load.targets.n_hour[0]];
      scope.put(this.target, say("alert.meter.target", { n: min, hour }));
      const query = new URLSearchParams({ area: this.page.view.area });
      if (this.page.view.lang) query.set("lang", this.page.view.lang);
      this.meter.href = `/alarms?${query}`;
      const label = `${this.rates.textContent}, ${this.target.textContent}${this.mark.hidden ? "" : `, ${say("alert.meter.over")}`}`;
      this.meter.setAttribute("aria-label", label);
      scope.flag(this.rates, "val-stale", this.page.offline);
    }

    // ---- the sound ------------------------------------------------------------------------------

    _sound() {
      const { element } = scope;
      this.menu = element("details", "user alert-sound", null);
      this.meter.after(this.menu);
      this.summary = element("summary", "", this.menu);
      this.state = element("span", "", this.summary);
      const box = element("div", "menu", this.menu);
      this.why = element("p", "who", box);
      this.on = this._choice(box, () => this.alerts.sound.enable());
      this.mutes = MUTE_MIN.map((minutes) => this._choice(box, () => this.mute(minutes)));
      this.unmute = this._choice(box, () => this.mute(0));
      this.notify = this._choice(box, () => this.alerts.notices.ask());
      document.addEventListener("click", (event) => {
        if (!this.menu.contains(event.target)) this.menu.open = false;
      });
      this.menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !this.menu.open) return;
        this.menu.open = false;
        this.summary.focus();
        event.stopPropagation();
        event.preventDefault();
      });
    }

    _choice(box, chosen) {
      const node = scope.element("button", "", box);
      node.type = "button";
      node.addEventListener("click", () => {
        this.menu.open = false;
        chosen();
      });
      return node;
    }

    /** minutes 0: sound again. */
    async mute(minutes) {
      const body = { area: this.page.view.area, minutes, key: scope.caseKey() };
      for (let n = 1; n <= 4; n++) {
        const [status, answer] = await scope.clicks.post("/api/alerts/mute", body, 8000);
        if (status === 200) {
          if (this.alerts.told) this.alerts.told.mute = answer.mute;
          this.alerts._sounds();
          return this.draw();
        }
        if (scope.clicks.verdict(status) !== "unknown") return this.page.tell(say("alert.mute.refused", { why: answer?.detail || status }));
        await new Promise((resolve) => setTimeout(resolve, scope.clicks.pauseMs(n)));
      }
      return this.page.tell(say("error.away"));
    }

    _muted() {
      const mute = this.alerts.told?.mute;
      return mute && Date.parse(mute.until) > this.page.now() ? mute : null;
    }

    _drawSound() {
      const { enabled, ringing } = this.alerts.sound.state();
      const mute = this._muted();
      const left = mute ? scope.words.digits((Date.parse(mute.until) - this.page.now()) / 1000) : "";
      const word = !enabled ? "alert.sound.off" : mute ? "alert.sound.muted" : ringing ? `alert.sound.rings.${ringing}` : "alert.sound.on";
      scope.put(this.state, say(word, { left }));
      scope.put(this.why, mute ? say("alert.mute.by", { by: mute.by, time: scope.words.hms(Date.parse(mute.until)) }) : say("alert.sound.rule"));
      this.on.hidden = enabled;
      scope.put(this.on, say("alert.sound.enable"));
      this.mutes.forEach((node, i) => scope.put(node, say("alert.mute.for", { n: MUTE_MIN[i] })));
      this.unmute.hidden = !mute;
      scope.put(this.unmute, say("alert.mute.end"));
      const permission = this.alerts.notices?.permission;
      this.notify.hidden = !permission;
      this.notify.disabled = permission !== "default";
      scope.put(this.notify, say(`alert.notify.${permission || "default"}`));
      this.summary.setAttribute("aria-label", say("alert.sound.menu", { state: this.state.textContent }));
    }

    // ---- rows under the top bar -------------------------------------------------------------------

    _rows() {
      const { element } = scope;
      this.silent = element("button", "banner alert-silent", this.root);
      this.silent.type = "button";
      this.silent.innerHTML = scope.alertSaid.icon("bell"); // a sign of ours
      this.silentText = element("b", "", this.silent);
      this.silentHint = element("span", "t2", this.silent);
      this.silent.addEventListener("click", () => this.alerts.sound.enable());
      this.flood = element("div", "banner alert-flood", this.root);
      this.flood.innerHTML = scope.alertSaid.icon("chattering"); // a sign of ours
      this.floodText = element("b", "num", this.flood);
      this.floodHint = element("span", "t2", this.flood);
      this.ungroup = scope.form.button(this.flood, "", "small button right");
      this.ungroup.addEventListener("click", () => this.alerts.ungroup());
      this.mutedRow = element("div", "banner alert-muted", this.root);
      this.mutedText = element("b", "num", this.mutedRow);
      this.mutedHint = element("span", "t2", this.mutedRow);
    }

    _drawRows() {
      const { told } = this.alerts;
      this.silent.hidden = this.alerts.sound.state().enabled;
      scope.put(this.silentText, say("alert.sound.off"));
      scope.put(this.silentHint, say("alert.sound.enable"));
      this.flood.hidden = !this.alerts.isFlood;
      if (this.alerts.isFlood) this._drawFlood(told);
      const mute = this._muted();
      this.mutedRow.hidden = !mute;
      if (!mute) return;
      const left = scope.words.digits((Date.parse(mute.until) - this.page.now()) / 1000);
      scope.put(this.mutedText, say("alert.mute.row", { by: mute.by, time: scope.words.hms(Date.parse(mute.until)), left }));
      scope.put(this.mutedHint, say("alert.mute.through"));
    }

    _drawFlood(told) {
      scope.put(this.floodText, say("alert.flood", { n: scope.words.count(told.flood.n_10_min), groups: scope.words.count(told.n_groups) }));
      scope.put(this.floodHint, say("alert.flood.means"));
      const total = scope.alertList.ASKING.reduce((sum, state) => sum + (told.counts[state] || 0), 0);
      const text = this.alerts.flat ? say("alert.fold.all") : say("alert.unfold.all", { n: scope.words.count(total) });
      if (this.ungroup.dataset.text === text) return;
      this.ungroup.dataset.text = text;
      this.ungroup.replaceChildren(text);
      scope.element("kbd", "", this.ungroup).textContent = "H";
    }

    draw() {
      this._drawMeter();
      this._drawSound();
      this._drawRows();
    }
  }

  scope.alertBar = { AlertBar, over, figure };
  if (typeof module !== "undefined") module.exports = scope.alertBar;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
