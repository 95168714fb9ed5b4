"use strict";
/* The picture of one area topic, and what its numbers mean. Pure: no document, no clock. */
(function (scope) {
  const SMALL = 8; // below this many, no rate
  const STATES = ["online", "offline", "fault", "maintenance", "unknown"];
  const TARGETS = { public: 98, social: 95 }; // per cent online
  /** Above this per cent an area's overdue rate is flagged. */
  const FLAG = { district: 8, street: 8, community: 16, grid: 16 };

  /** Fixed breaks, four for five classes, agreed per measure and tier: never taken from the data. */
  const BREAKS = {
    overdue: { street: [2, 4, 6, 8], community: [4, 8, 12, 16], grid: [4, 8, 12, 16] },
    open: { street: [60, 90, 120, 150], community: [5, 8, 11, 14], grid: [2, 3, 4, 5] },
    load: { street: [0.5, 1, 1.5, 2], community: [0.5, 1, 1.5, 2], grid: [1, 2, 3, 4] },
    cameras: { street: [2, 4, 6, 8], community: [2, 4, 6, 8], grid: [2, 4, 8, 12] },
    uncovered: { street: [1, 2, 5, 10], community: [1, 2, 5, 10], grid: [1, 2, 5, 10] },
    checkins: { street: [0.5, 1, 1.5, 2], community: [0.5, 1, 1.5, 2], grid: [1, 2, 3, 4] },
  };
  const COUNTS = new Set(["open"]); // measures of whole numbers

  /** Snapshot -> the picture kept in memory. */
  function fromSnapshot(snapshot) {
    const by = (items, key) => new Map((items || []).map((item) => [item[key], item]));
    return {
      area: snapshot.area,
      lineage: snapshot.lineage || [],
      children: by(snapshot.children, "code"),
      incidents: by(snapshot.incidents?.items, "id"),
      incidentsTotal: snapshot.incidents?.total ?? 0,
      cameras: snapshot.cameras ? by(snapshot.cameras.items, 0) : null,
      camerasTotal: snapshot.cameras?.total ?? 0,
      origins: snapshot.origins || [],
    };
  }

  /** Applies one delta in place. Returns what changed: {areas: [code], incidents, cameras: [id], origins}. */
  function applyDelta(picture, delta) {
    const changed = { areas: [], incidents: false, cameras: [], origins: false };
    for (const [code, part] of Object.entries(delta.areas || {})) {
      const area = code === picture.area.code ? picture.area : picture.children.get(code);
      if (!area) continue;
      mergeArea(area, part);
      changed.areas.push(code);
    }
    changed.incidents = patch(picture.incidents, delta.incidents) > 0;
    if (delta.incidents_total !== undefined && delta.incidents_total !== picture.incidentsTotal) {
      picture.incidentsTotal = delta.incidents_total;
      changed.incidents = true;
    }
    if (picture.cameras && patch(picture.cameras, delta.cameras)) changed.cameras = Object.keys(delta.cameras);
    if (delta.cameras_total !== undefined) picture.camerasTotal = delta.cameras_total;
    if (delta.origins) {
      picture.origins = delta.origins;
      changed.origins = true;
    }
    return changed;
  }

  function mergeArea(area, part) {
    for (const [key, value] of Object.entries(part)) {
      const merge = value && typeof value === "object" && !Array.isArray(value);
      area[key] = merge ? { ...area[key], ...value } : value;
    }
  }

  function patch(held, changes) {
    let n = 0;
    for (const [id, value] of Object.entries(changes || {})) {
      if (value === null) held.delete(id);
      else held.set(id, value);
      n += 1;
    }
    return n;
  }

  /** Open incidents, most urgent first: priority, running before suspended, then deadline, then age. */
  function urgent(incidents) {
    const due = (incident) => (incident.due_at ? Date.parse(incident.due_at) : Infinity);
    const paused = (incident) => (incident.state === "suspended" ? 1 : 0);
    return [...incidents.values()].sort(
      (a, b) => a.priority - b.priority || paused(a) - paused(b) || due(a) - due(b) || (a.reported_at < b.reported_at ? -1 : 1),
    );
  }

  const share = (part, whole) => (whole > 0 ? (100 * part) / whole : null);

  /** Per cent of cameras of one ownership that are online; maintenance does not count. */
  function online(metrics, owner) {
    const total = metrics[`cameras_total_${owner}`] || 0;
    const expected = total - (metrics[`cameras_maintenance_${owner}`] || 0);
    const up = metrics[`cameras_online_${owner}`] || 0;
    return { total, expected, down: expected - up, rate: share(up, expected), target: TARGETS[owner] };
  }

  /** A measure of one area: {value, n, few}; value in the unit of its legend, null without a denominator. */
  function measure(name, area) {
    const m = area.metrics;
    const grids = m.grids_total || 0;
    switch (name) {
      case "overdue":
        return rated(share(m.incidents_overdue, m.incidents_open), m.incidents_open);
      case "open":
        return { value: m.incidents_open, n: m.incidents_open, few: false };
      case "load":
        return { value: grids ? m.incidents_open / grids : null, n: grids, few: false };
      case "cameras": {
        const expected = m.cameras_total - m.cameras_maintenance;
        return rated(share(expected - m.cameras_online, expected), expected);
      }
      case "uncovered":
        return rated(share(grids - m.grids_covered, grids), grids);
      default:
        return { value: grids ? m.checkins_last_hour / grids : null, n: grids, few: false };
    }
  }

  const rated = (value, n) => ({ value, n, few: n < SMALL });

  /** The colouring really used: rates are not drawn for grids, which hold too few. */
  const effective = (name, tier) => (tier === "grid" && (name === "overdue" || name === "uncovered") ? "open" : name);

  /** 0..4 by the fixed breaks, or -1: no rate, hatch. */
  function grade(name, tier, measured) {
    if (measured.value === null || measured.few) return -1;
    const breaks = BREAKS[name][tier] || BREAKS[name].street;
    let k = 0;
    while (k < breaks.length && measured.value >= breaks[k]) k += 1;
    return k;
  }

  /** The five texts of the legend. */
  function legend(name, tier) {
    const b = BREAKS[name][tier] || BREAKS[name].street;
    if (COUNTS.has(name) && b[1] - b[0] === 1) {
      return [`≤${b[0] - 1}`, ...b.slice(0, 3).map(String), `≥${b[3]}`];
    }
    const top = COUNTS.has(name) ? -1 : 0;
    return [`<${b[0]}`, ...b.slice(1).map((v, i) => `${b[i]}–${v + top}`), `≥${b[3]}`];
  }

  /** Is the overdue rate above the limit of its tier? */
  function flagged(area) {
    const m = area.metrics;
    return m.incidents_open >= SMALL && share(m.incidents_overdue, m.incidents_open) >= FLAG[area.tier];
  }

  /** How far one source's numbers of an area can be trusted; on a picture that is cut off nothing is better than stale. */
  function fresh(area, source, cut) {
    const own = (area.freshness_by && area.freshness_by[source]) || area.freshness || "live";
    return cut ? worse(own, "stale") : own;
  }

  /** Of when one source's numbers of an area are, epoch ms; null while live, or where nothing was ever heard. */
  function asOf(area, source, cut, pictureMs) {
    const own = area.as_of_by && area.as_of_by[source];
    if (own) return Date.parse(own);
    return cut && fresh(area, source) !== "lost" ? pictureMs : null;
  }

  /** Did no feed ever report anything of this source? Then 0 is not a count. */
  const isUnheard = (area, source) => Boolean(area.as_of_by) && fresh(area, source) === "lost" && !area.as_of_by[source];

  /** The worst source of an area: {fresh, asOf}, the oldest of those equally bad. */
  function oldest(area, cut, pictureMs) {
    const found = { fresh: cut ? worse(area.freshness || "live", "stale") : area.freshness || "live", asOf: null };
    for (const source of Object.keys(area.freshness_by || {})) {
      if (fresh(area, source, cut) !== found.fresh) continue;
      const ms = asOf(area, source, cut, pictureMs);
      if (ms !== null && (found.asOf === null || ms < found.asOf)) found.asOf = ms;
    }
    return found;
  }

  /** Children too small to make their area stale with them: [{code, asOf}] of those that are, the oldest first. */
  function membersBehind(picture, source) {
    const own = fresh(picture.area, source);
    if (own === "stale" || own === "lost") return [];
    return [...picture.children.values()]
      .filter((child) => RANK[fresh(child, source)] >= RANK.stale)
      .map((child) => ({ code: child.code, asOf: asOf(child, source) }))
      .sort((a, b) => (a.asOf ?? 0) - (b.asOf ?? 0) || (a.code < b.code ? -1 : 1));
  }

  const RANK = { live: 0, late: 1, stale: 2, lost: 3 };
  /** The worse of two freshness words. */
  const worse = (a, b) => (RANK[b] > RANK[a] ? b : a);
  /** Which source a measure lives on. */
  const SOURCE = { cameras: "cameras", uncovered: "staff", checkins: "staff" };
  const source = (name) => SOURCE[name] || "incidents";

  scope.picture = {
    fromSnapshot, applyDelta, urgent, online, measure, effective, grade, legend, flagged, worse, source, share,
    fresh, asOf, isUnheard, oldest, membersBehind,
    SMALL, STATES, TARGETS, BREAKS,
  };
  if (typeof module !== "undefined") module.exports = scope.picture;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
