"use strict";
/* Alerts on the duty desk: joins the topic alerts/CODE with the list, the pane, the bar above and the sound. */
(function (scope) {
  const IN_LIST_MAX = 6; // groups above the cases; the tab has them all
  const PAGE = 100; // alerts of one page of a group or of the list that is not folded
  const CALM_MS = 300;
  const ASIDE = "aside "; // begins the name of the row that fetches more of those set aside
  const EMPTY = { counts: {}, unacknowledged_by_priority: {}, flood: { on: false, n_10_min: 0 }, load: null, mute: null, ringing: [], n_ringing: 0, n_groups: 0 };

  class Alerts {
    /** page: the desk. */
    constructor(page) {
      this.page = page;
      this.list = new scope.alertList.AlertList();
      this.told = null; // the topic without its groups; null before its first frame
      this.aside = false; // are those set aside shown above the cases?
      this.setAside = new Map(); // state -> {ids, total} of those set aside, one by one: in a group they may lie beside others
      this.flat = null; // {ids, total} of the list that is not folded
      this.bells = new Map();
      this.rows = new scope.alertRows.AlertRows(document.getElementById("queue"), this);
      this.head = new scope.alertHead.AlertHead(document.getElementById("alert-head"), this);
      this.pane = new scope.AlertPane(document.getElementById("alert"), this);
      this.sound = new scope.alertSounds.AlertSound({ changed: () => this.bar?.draw() });
      this.bar = new scope.alertBar.AlertBar(document.getElementById("alert-bar"), this);
      this.watch = new scope.alertWatch.AlertWatch(page);
      this.notices = new scope.alertNotices.Notices(this);
      scope.alertSound = { state: () => this.sound.state() }; // what a test can hear
      document.getElementById("queue").addEventListener("click", (event) => this._clicked(event));
      setInterval(() => this.sound.tick(), 200);
    }

    get topic() {
      return `alerts/${this.page.view.area}`;
    }

    get isTab() {
      return this.page.view.queue === "alerts";
    }

    get isFlood() {
      return Boolean(this.told?.flood.on);
    }

    // ---- live -----------------------------------------------------------------------------------

    takes(topic) {
      return topic.startsWith("alerts/");
    }

    snapshot(topic, snapshot) {
      if (topic !== this.topic) return;
      const isFirst = this.told === null;
      this.told = { ...EMPTY, ...snapshot };
      this.list.tier = snapshot.tier;
      this.watch.heard(snapshot);
      const came = this.list.snapshot(snapshot.groups, (group) => this._wanted(group));
      if (isFirst) this.take(); // before anything is drawn that would say there are none
      this._heard(came, { isFirst });
      if (!isFirst) this._refetch();
    }

    delta(topic, delta) {
      if (topic !== this.topic || !this.told) return;
      const { groups, rows, refetch, ...told } = delta;
      Object.assign(this.told, told);
      this.watch.heard(delta);
      if (rows) this._changed(rows);
      const came = groups ? this.list.change(groups, (group) => this._wanted(group)) : [];
      if (Object.keys(delta).some((name) => name !== "judged_at")) this._heard(came, { isFirst: false });
      if (refetch) this._refetch();
    }

    _changed(rows) {
      this.list.changed(rows);
      this.pane.changed(rows);
    }

    /** More changed than a frame holds: what is unfolded or open is asked for again. */
    _refetch() {
      for (const key of this.list.open.keys()) this._fetch(key, 0, false);
      this.pane.reload();
    }

    _heard(came, { isFirst }) {
      const before = this.bells;
      this.bells = scope.alertList.bells(this.list.groups.values(), this.told.ringing);
      this._sounds();
      this.notices.heard(this.told.ringing, isFirst);
      if (!isFirst && came.length && this._mayTake()) this.take();
      this.page.queue.redrawCalmly(scope.alertList.differing(before, this.bells)); // the marks of the cases as well
      this.pane.groupChanged();
    }

    _sounds() {
      const mute = this.told?.mute && Date.parse(this.told.mute.until) > this.page.now() ? this.told.mute : null;
      const ringing = this.page.offline ? [] : this.told?.ringing || [];
      this.sound.set(scope.alertSounds.level(ringing, { mute, isFlood: this.isFlood, nowMs: this.page.now() }), mute?.until ?? null);
    }

    /** Nobody has a hand at the list and nothing is chosen: what came may stand there at once. */
    _mayTake() {
      return this.page.awayAt !== null && !this.page.view.alert && !this.page.view.case;
    }

    /** Another area: nothing of the old one stays. */
    again() {
      this.told = null;
      this.flat = null;
      this.setAside.clear();
      this.list = new scope.alertList.AlertList();
      this.bells = new Map();
      this.watch.again();
      this.sound.set(0, null);
      this.take();
    }

    // ---- the list -------------------------------------------------------------------------------

    _wanted(group) {
      if (this.isTab) return true;
      if (!this.list.isOwn(group)) return false;
      return !scope.alertList.SET_ASIDE.includes(group.state) && !scope.alertList.isToldByCases(group, this.page.list.rows);
    }

    get max() {
      return this.isTab ? Infinity : IN_LIST_MAX;
    }

    get nFresh() {
      return this.list.fresh.size;
    }

    freshUrgent() {
      return [...this.list.fresh].some((key) => this.list.groups.get(key)?.priority === 1);
    }

    take() {
      this.list.take((group) => this._wanted(group));
      this.draw();
      if (this.told?.counts.shelved && this.isTab) this._askShelved();
      if (this.aside && !this.isTab) for (const state of scope.alertList.SET_ASIDE) this._fetchAside(state, 0);
    }

    /** A group does not say until when its alert is shelved. */
    async _askShelved() {
      const query = new URLSearchParams({ area: this.page.view.area, state: "shelved", limit: 500 });
      const [status, answer] = await scope.send("GET", `/api/alerts?${query}`);
      if (status !== 200) return;
      this.list.fetched(answer.items);
      this.redraw();
    }

    /** The rows anew: after the list was taken, a fold, another queue. */
    draw() {
      this.bells = scope.alertList.bells(this.list.groups.values(), this.told?.ringing || []);
      this.rows.draw(this._sections());
      this.redraw();
    }

    _sections() {
      if (this.isTab && this.flat) return this._flatSections();
      const groups = this.list.sections(this.max).map(({ state, entries }) => ({
        state,
        ids: entries.flatMap((id) => this._withMore(id)),
        n: entries.filter(scope.alertList.isGroup).length,
      }));
      return this.aside && !this.isTab ? [...groups, ...this._asideSections()] : groups;
    }

    _asideSections() {
      return [...this.setAside].filter(([, { total }]) => total).map(([state, { ids, total }]) => ({
        state,
        ids: ids.length < total ? [...ids, scope.alertRows.MORE + ASIDE + state] : ids,
        n: total,
      }));
    }

    /** Behind the last one of an unfolded group that has more: the row that fetches them. */
    _withMore(id) {
      const key = this.list.holder(id);
      const open = this.list.open.get(key);
      if (!open || open.ids.length >= open.total || id !== open.ids[open.ids.length - 1]) return [id];
      return [id, scope.alertRows.MORE + key];
    }

    _flatSections() {
      const ids = this.flat.ids.length < this.flat.total ? [...this.flat.ids, scope.alertRows.MORE] : this.flat.ids;
      return ids.length ? [{ state: "all", ids, n: this.flat.total }] : [];
    }

    /** As what was drawn a moment ago: soon. */
    redrawCalmly() {
      clearTimeout(this.drawing);
      const wait = (this.drawnAt ?? 0) + CALM_MS - performance.now();
      if (wait <= 0) this.redraw();
      else this.drawing = setTimeout(() => this.redraw(), wait);
    }

    redraw() {
      clearTimeout(this.drawing);
      this.drawnAt = performance.now();
      if (!this.page.tree) return;
      this.rows.update();
      this.head.draw();
      this.bar.draw();
      this.page.filters.fresh(this.page.list.fresh.size);
      this.page.filters.counts();
    }

    /** Once a second. */
    tick() {
      this.watch.tick();
      this._sounds();
      this.pane.tick();
      this.bar.draw();
    }

    // ---- what the rows ask ----------------------------------------------------------------------

    held(id) {
      return this.list.held(id);
    }

    isGone(id) {
      return scope.alertList.isGroup(id) ? this.list.gone.has(scope.alertList.keyOf(id)) : this.list.rows.get(id)?.state === "normal";
    }

    isOpen(id) {
      return this.list.open.has(scope.alertList.keyOf(id));
    }

    isInside(id) {
      return this.list.holder(id) !== null && !scope.alertList.isGroup(id) && !this.flat;
    }

    get n_blinking() {
      return this.list.blinking(this.max).length;
    }

    blinks(id) {
      return scope.alertList.isGroup(id) ? !this.isGone(id) && this.list.blinks(this.held(id)) : false;
    }

    mostUrgentBlinking() {
      const groups = this.list.blinking(this.max).map((key) => this.list.groups.get(key));
      return groups.length ? groups.reduce((a, b) => (b.priority < a.priority ? b : a)) : null;
    }

    areaName(code) {
      const { tree } = this.page;
      return tree?.has(code) ? scope.words.name(tree.get(code)) : code;
    }

    moreText(key) {
      const open = key.startsWith(ASIDE) ? this.setAside.get(key.slice(ASIDE.length)) : key ? this.list.open.get(key) : this.flat;
      return open ? scope.words.say("alert.more", { shown: scope.words.count(open.ids.length), total: scope.words.count(open.total) }) : "";
    }

    /** Rows in the order of the screen, for the keys. */
    order() {
      return [...this.rows.nodes.keys()].filter((id) => !id.startsWith(scope.alertRows.MORE));
    }

    // ---- folding --------------------------------------------------------------------------------

    _clicked(event) {
      const node = event.target.closest("[data-alert]");
      if (!node) return;
      const id = node.dataset.alert;
      if (id.startsWith(scope.alertRows.MORE)) return this._more(id.slice(scope.alertRows.MORE.length));
      if (event.target.closest(".alert-fold")?.textContent && this.held(id)?.n > 1) this.toggle(id);
      this.page.selectAlert(id);
    }

    _more(key) {
      if (key.startsWith(ASIDE)) this._fetchAside(key.slice(ASIDE.length), this.setAside.get(key.slice(ASIDE.length)).ids.length);
      else if (key) this._fetch(key, this.list.open.get(key).ids.length, true);
      else this._fetchFlat(this.flat.ids.length);
    }

    toggle(id) {
      if (this.isOpen(id)) this.fold(id);
      else this.unfold(id);
    }

    unfold(id) {
      const group = this.held(id);
      if (!group || group.n < 2) return;
      const open = this.list.open.get(group.key);
      if (!open) this._fetch(group.key, 0, false);
      else if (open.ids.length < open.total) this._fetch(group.key, open.ids.length, true);
    }

    /** Folds the group that a row is or lies in, and chooses it. */
    fold(id) {
      const key = this.list.holder(id);
      if (key === null || !this.list.fold(key)) return false;
      this.draw();
      if (!scope.alertList.isGroup(id)) this.page.selectAlert(scope.alertList.nameOf(key));
      return true;
    }

    async _fetch(key, offset, more) {
      const query = new URLSearchParams({ area: this.page.view.area, group: key, offset, limit: PAGE });
      const [status, answer] = await scope.send("GET", `/api/alerts?${query}`);
      if (status !== 200) return this.page.tell(scope.words.say("alert.failed"));
      this.list.unfold(key, answer, more);
      return this.draw();
    }

    // ---- one by one -----------------------------------------------------------------------------

    /** The list of the tab folded, or all one by one. */
    async ungroup() {
      if (!this.isTab) this.page.go({ queue: "alerts", from: 0 });
      if (this.flat) {
        this.flat = null;
        return this.take();
      }
      return this._fetchFlat(0);
    }

    async _fetchFlat(offset) {
      const query = new URLSearchParams({ area: this.page.view.area, offset, limit: PAGE });
      const [status, { items, total } = {}] = await scope.send("GET", `/api/alerts?${query}`);
      if (status !== 200) return this.page.tell(scope.words.say("alert.failed"));
      this.list.fetched(items);
      const before = offset && this.flat ? this.flat.ids : [];
      this.flat = { ids: [...new Set([...before, ...items.map((row) => row.id)])], total };
      return this.draw();
    }

    showAside(on) {
      this.aside = on;
      this.setAside.clear();
      this.take();
    }

    async _fetchAside(state, offset) {
      const query = new URLSearchParams({ area: this.page.view.area, state, offset, limit: PAGE });
      const [status, answer] = await scope.send("GET", `/api/alerts?${query}`);
      if (status !== 200) return this.page.tell(scope.words.say("alert.failed"));
      this.list.fetched(answer.items);
      const before = offset ? this.setAside.get(state)?.ids || [] : [];
      this.setAside.set(state, { ids: [...new Set([...before, ...answer.items.map((row) => row.id)])], total: answer.total });
      return this.draw();
    }
  }

  scope.alertDesk = { Alerts };
})((window.one_map = window.one_map || {}));
