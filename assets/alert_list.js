"use strict";
/* The alerts of a desk as they stand on the screen: groups of the live topic, unfolded or not. What is listed stays where it is
   until it is taken anew; what came meanwhile is counted. Pure. */
(function (scope) {
  const ASKING = ["unacknowledged", "returned", "acknowledged"]; // states that ask something of an officer, in this order
  const SET_ASIDE = ["shelved", "suppressed", "out_of_service"]; // listed behind a switch
  const OF_THE_QUEUE = ["incident_at_limit", "incident_overdue", "p1_unacknowledged"]; // these speak of a case, which has a row of its own
  const GROUP = "group:"; // begins the name of a group's row; any other name is an alert's id

  const isGroup = (id) => Boolean(id) && id.startsWith(GROUP);
  const nameOf = (key) => GROUP + key;
  const keyOf = (id) => id.slice(GROUP.length);
  const isBlinking = (held) => held.state === "unacknowledged" && held.priority <= 2;

  const PLACE = new Map([...ASKING, ...SET_ASIDE].map((state, place) => [state, place]));

  /** By state, then priority, then the newest first. */
  function byUrgency(a, b) {
    return PLACE.get(a.state) - PLACE.get(b.state) || a.priority - b.priority || Date.parse(b.last_at) - Date.parse(a.last_at) || (a.key < b.key ? -1 : 1);
  }

  /** Whether all that a group says is said by rows of cases that stand in the list. */
  const isToldByCases = (group, cases) =>
    OF_THE_QUEUE.includes(group.kind) && group.n === group.incidents.length && group.incidents.every((id) => cases.has(id));

  /** Case id -> {group, rings}: which cases an alert speaks of; the most urgent one wins. */
  function bells(groups, ringing) {
    const rings = new Set(ringing.map((one) => one.incident).filter(Boolean));
    const found = new Map();
    for (const group of [...groups].sort(byUrgency)) {
      if (!OF_THE_QUEUE.includes(group.kind) || SET_ASIDE.includes(group.state)) continue;
      for (const id of group.incidents) if (!found.has(id)) found.set(id, { group, rings: rings.has(id) });
    }
    return found;
  }

  /** Cases whose bell is another one than before. */
  function differing(before, after) {
    const found = [];
    for (const [id, bell] of after) {
      const was = before.get(id);
      if (!was || was.rings !== bell.rings || was.group.rule !== bell.group.rule) found.push(id);
    }
    for (const id of before.keys()) if (!after.has(id)) found.push(id);
    return found;
  }

  const ROWS_MAX = 3000; // alerts kept besides those that stand on the screen

  class AlertList {
    constructor() {
      this.tier = null; // of the desk: it has to answer the alerts of its own tier
      this.groups = new Map(); // key -> the newest
      this.order = []; // keys as they stand on the screen
      this.parts = new Map(); // key -> the state that it stood under when it was listed
      this.gone = new Set(); // keys that are normal now, or not for this view
      this.fresh = new Set(); // keys that came and are not shown yet
      this.open = new Map(); // key -> {ids, total} of unfolded groups
      this.rows = new Map(); // id -> row of alerts that were fetched
    }

    /** Lists what is wanted of the groups held. wanted(group): does it belong in this view? */
    take(wanted) {
      const found = [...this.groups.values()].filter(wanted).sort(byUrgency);
      this.order = found.map((group) => group.key);
      this.parts = new Map(found.map((group) => [group.key, group.state]));
      this.gone.clear();
      this.fresh.clear();
      for (const key of [...this.open.keys()]) if (!this.parts.has(key)) this.open.delete(key);
      if (this.rows.size > ROWS_MAX) this._forget();
    }

    /** A desk is open for weeks: rows of alerts that are long over go. */
    _forget() {
      const shown = new Set([...this.open.values()].flatMap(({ ids }) => ids));
      for (const [id, row] of this.rows) if (row.state === "normal" && !shown.has(id)) this.rows.delete(id);
    }

    /** Everything anew: a snapshot. The rows stay; what is not in it is gone. */
    snapshot(groups, wanted) {
      const missing = [...this.groups.keys()].filter((key) => !(key in groups));
      return this.change({ ...groups, ...Object.fromEntries(missing.map((key) => [key, null])) }, wanted);
    }

    /** Groups that changed: {key: group | null}. Answers the keys newly counted. */
    change(groups, wanted) {
      const came = [];
      for (const [key, group] of Object.entries(groups)) {
        if (group) this.groups.set(key, group);
        else if (!this.parts.has(key)) this.groups.delete(key);
        const belongs = Boolean(group) && wanted(group);
        if (this.parts.has(key)) this._stays(key, belongs);
        else if (!belongs) this.fresh.delete(key);
        else if (!this.fresh.has(key)) {
          this.fresh.add(key);
          came.push(key);
        }
      }
      return came;
    }

    _stays(key, belongs) {
      if (belongs) this.gone.delete(key);
      else this.gone.add(key);
    }

    /** Alerts that changed: {id: row | null}. */
    changed(rows) {
      for (const [id, row] of Object.entries(rows)) {
        if (row) this.rows.set(id, row);
        else if (this.rows.has(id)) this.rows.set(id, { ...this.rows.get(id), state: "normal" });
      }
    }

    /** Rows of an answer, which may be older than what was told while it was on its way. */
    fetched(rows) {
      for (const row of rows) {
        const held = this.rows.get(row.id);
        const isOlder = held && (row.version < held.version || (row.version === held.version && held.state === "normal"));
        if (!isOlder) this.rows.set(row.id, row);
      }
    }

    /** What is known of a row of the list: of a group of one its alert, once that is known and no older. */
    held(id) {
      if (!isGroup(id)) return this.rows.get(id);
      const group = this.groups.get(keyOf(id));
      const row = group?.n === 1 ? this.rows.get(group.ids[0]) : null;
      return row && row.state === group.state ? { ...row, ...group } : group;
    }

    /** A page of what is inside a group. */
    unfold(key, { items, total }, more = false) {
      const before = more ? this.open.get(key)?.ids || [] : [];
      this.fetched(items);
      this.open.set(key, { ids: [...before, ...items.map((row) => row.id).filter((id) => !before.includes(id))], total });
    }

    fold(key) {
      return this.open.delete(key);
    }

    /** The group that a row lies in, or is. */
    holder(id) {
      if (isGroup(id)) return keyOf(id);
      for (const [key, { ids }] of this.open) if (ids.includes(id)) return key;
      return null;
    }

    /** [{state, entries: [row names]}] as they stand, what is unfolded below its group; at most `max` groups. */
    sections(max = Infinity) {
      const found = new Map();
      for (const key of this.order.slice(0, max)) {
        const state = this.parts.get(key);
        if (!found.has(state)) found.set(state, []);
        found.get(state).push(nameOf(key), ...(this.open.get(key)?.ids || []));
      }
      return [...found].map(([state, entries]) => ({ state, entries }));
    }

    /** Does a group ask something of this very desk? */
    isOwn(group) {
      return this.tier === null || group.tier === this.tier;
    }

    blinks(group) {
      return isBlinking(group) && this.isOwn(group);
    }

    /** {state: n} of the alerts that this desk has to answer. */
    own() {
      const counts = {};
      for (const group of this.groups.values()) {
        if (!this.isOwn(group) || this.gone.has(group.key)) continue;
        for (const [state, n] of Object.entries(group.states)) counts[state] = (counts[state] || 0) + n;
      }
      return counts;
    }

    /** How many of them ask something. */
    nAsking() {
      const counts = this.own();
      return ASKING.reduce((sum, state) => sum + (counts[state] || 0), 0);
    }

    /** Groups that still stand and blink. */
    blinking(max = Infinity) {
      return this.order.slice(0, max).filter((key) => !this.gone.has(key) && this.blinks(this.groups.get(key)));
    }
  }

  scope.alertList = { AlertList, ASKING, SET_ASIDE, OF_THE_QUEUE, isGroup, nameOf, keyOf, isBlinking, byUrgency, isToldByCases, bells, differing };
  if (typeof module !== "undefined") module.exports = scope.alertList;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
