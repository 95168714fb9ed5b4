"use strict";
/* Alerts on the duty desk: joins the topic, the rows above the cases, the pane, the meter and the flood banner. */
(function (scope) {
  const TAB = "alerts"; // ?alerts=1: the list holds nothing else

  class AlertDesk {
    /** page: the desk; the nodes are named in layouts/desk.py. */
    constructor(page) {
      const byId = (id) => document.getElementById(id);
      this.page = page;
      this.may = (page.me?.rights || []).includes("see_alert");
      this.section = byId("alerts");
      this.section.hidden = !this.may;
      byId("alert-tab").hidden = !this.may;
      this.list = new scope.alertList.AlertList();
      this.withSilent = false;
      this.rows = new scope.AlertRows(this.section, this);
      this.pane = new scope.AlertPane(byId("alert"), this);
      this.meterNode = byId("alert-meter");
      this.banner = byId("alert-flood");
      byId("alert-tab").addEventListener("click", () => this.toggleTab());
      this.banner.querySelector("button")?.addEventListener("click", () => this.toggleTab(true));
    }

    get chosen() { return this.page.view.alert; }
    get isTab() { return Boolean(this.page.view.alerts); }

    topics() {
      return this.may ? [`alerts/${this.page.view.area}`] : [];
    }

    _shows = (group) =>
      this.isTab ? scope.alertList.isInTab(group, this.withSilent) : scope.alertList.isBesideCases(group) || (this.withSilent && scope.alertList.SILENT.includes(group.state));

    // ---- what the socket says -------------------------------------------------------------------

    snapshot(snapshot) {
      const isFirst = !this.list.told;
      if (isFirst) this.list.take(snapshot, this._shows);
      else this.list.merge({ ...snapshot, groups: this._replaced(snapshot.groups) }, this._shows);
      this._changed(isFirst);
      this.pane.refresh();
    }

    /** A snapshot in place of what was missed: what it does not name is gone. */
    _replaced(groups) {
      const gone = Object.fromEntries([...this.list.groups.keys()].filter((key) => !(key in groups)).map((key) => [key, null]));
      return { ...gone, ...groups };
    }

    delta(delta) {
      const before = this.list.told?.flood?.on;
      this.list.merge(delta, this._shows);
      if (before !== undefined && delta.flood && delta.flood.on !== before) this.list.settle(this._shows);
      this._changed(before !== this.list.told?.flood?.on);
      this._announce(delta.ringing);
      if (delta.rows || delta.groups) this.pane.changed(delta.rows || {}, delta.groups || {});
    }

    /** The list may take itself anew while nothing of it is chosen and no hand is at it. */
    _changed(anew) {
      const isFree = !this.chosen && this.page.awayAt !== null;
      if (anew || isFree) {
        this.list.settle(this._shows);
        this.rows.draw(this.list);
      } else this.rows.update(this.list);
      this.draw();
    }

    /** New P1 at once, P2 when there is a pause; the others are silent. */
    _announce(ringing) {
      if (!ringing) return;
      const known = this.known || new Map();
      const came = ringing.filter((row) => known.get(row.id) !== row.since && row.priority <= 2);
      this.known = new Map(ringing.map((row) => [row.id, row.since]));
      if (!came.length) return;
      const row = came[0];
      this.page.told.setAttribute("aria-live", row.priority === 1 ? "assertive" : "polite");
      scope.put(this.page.told, scope.words.say("alert.announced", { p: row.priority, title: scope.alertList.named(row), place: this.page.placeName(row.area) }));
    }

    // ---- drawn ----------------------------------------------------------------------------------

    draw() {
      const { told } = this.list;
      if (!told) return;
      this.section.classList.toggle("is-empty", !this.list.order.length && !this.list.fresh.size);
      document.querySelector(".list").classList.toggle("alerts-only", this.isTab);
      const tab = document.getElementById("alert-tab");
      tab.setAttribute("aria-selected", String(this.isTab));
      tab.classList.toggle("on", this.isTab);
      scope.put(tab.querySelector("b"), scope.words.count(told.counts.unacknowledged));
      this._meter(told.load);
      this._flood(told);
    }

    _meter(load) {
      const { say } = scope.words;
      const { tenMinutes, hour } = scope.alertList.meter(load);
      this.meterNode.hidden = false;
      scope.put(this.meterNode.querySelector("b"), say("alert.meter", { ten: tenMinutes.text, hour: hour.text }));
      scope.put(this.meterNode.querySelector("span"), say("alert.meter.target", { ten: tenMinutes.target, hour: hour.target }));
      this.meterNode.classList.toggle("over", tenMinutes.over || hour.over);
    }

    _flood({ flood, n_groups: groups }) {
      const { say, count } = scope.words;
      this.banner.hidden = !flood.on;
      if (flood.on) scope.put(this.banner.querySelector("span"), say("alert.flood", { n: count(flood.n_10_min), groups: count(groups) }));
    }

    /** Once a second. */
    tick() {
      if (!this.may || !this.list.told) return;
      this.rows.update(this.list);
      this.pane.tick();
    }

    speak() {
      this.rows.update(this.list);
      this.draw();
      this.pane.draw();
    }

    /** The alert that a case of the list has, in words; "" for none. */
    ofCase(id) {
      const group = this.cases?.get(id);
      return group && group.state === "unacknowledged" ? scope.alertList.ruleName(group) : "";
    }

    // ---- the choice -----------------------------------------------------------------------------

    select(key) {
      if (key === this.chosen) return;
      this.page.selectAlert(key);
    }

    /** The page's view has changed. */
    shown() {
      this.rows.update(this.list);
      this.rows.show(this.chosen);
      this.pane.show(this.chosen);
      document.querySelector(".desk").classList.toggle("has-alert", Boolean(this.chosen));
    }

    /** One step of J or K: true when it stays among the alerts or comes to them. */
    step(steps) {
      if (this.chosen === null || this.chosen === undefined) {
        const atTop = !this.page.view.case || this.page.list.order[0] === this.page.view.case;
        if (steps > 0 ? this.page.view.case : !atTop) return false;
      }
      const key = this.list.step(this.chosen, steps);
      if (key === null) return false;
      this.select(key);
      return true;
    }

    settle() {
      this.list.settle(this._shows);
      this.rows.draw(this.list);
      this.draw();
    }

    toggleSilent() {
      this.withSilent = !this.withSilent;
      this.settle();
    }

    toggleTab(on = !this.isTab) {
      this.page.go({ alerts: on ? "1" : null });
      this.settle();
    }

    key(event) {
      return this.chosen ? this.pane.key(event) : false;
    }
  }

  scope.AlertDesk = AlertDesk;
  scope.ALERT_TAB = TAB;
})((window.one_map = window.one_map || {}));
