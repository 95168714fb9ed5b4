"use strict";
/* What the feeds page says of a feed, an outlet and the judging of the alerts. Pure: no document, no clock. */
(function (scope) {
  const RANK = { live: 0, late: 1, stale: 2, lost: 3 };
  const OUTLET_RANK = { ok: 0, paused: 1, late: 2, failing: 3 };
  const SIGNS = { ok: "live", late: "late", failing: "lost", paused: "paused" };
  const say = (key, values) => scope.words.say(key, values);
  const age = (seconds) => scope.words.age(seconds);

  /** How fresh a feed is on this screen: one that is cut off from the server knows nothing better than stale. */
  const fresh = (feed, isCut) => (isCut && (RANK[feed.freshness] ?? 3) < RANK.stale ? "stale" : feed.freshness);

  /** The feeds, worst first; equals by name, so that no row moves while nothing changes. */
  const worstFirst = (feeds) => [...feeds].sort((a, b) => (RANK[b.freshness] ?? 3) - (RANK[a.freshness] ?? 3) || (a.name < b.name ? -1 : 1));

  const worstOutletFirst = (outlets) =>
    [...outlets].sort((a, b) => (OUTLET_RANK[b.state] ?? 3) - (OUTLET_RANK[a.state] ?? 3) || (a.name < b.name ? -1 : 1));

  /** [[freshness, how many]] of what there is, worst first. */
  function tally(feeds, isCut) {
    const n = {};
    for (const feed of feeds) n[fresh(feed, isCut)] = (n[fresh(feed, isCut)] ?? 0) + 1;
    return ["lost", "stale", "late", "live"].filter((word) => n[word]).map((word) => [word, n[word]]);
  }

  /** Until how many seconds of silence a feed is live, late, stale: the rule of dashboard/domain/feeds.py. */
  const limits = (period_s) => ({ live: period_s, late: Math.max(3 * period_s, 60), stale: Math.max(10 * period_s, 120) });

  /** What is not real among feeds that have delivered, once each. Counts may be withheld: then whoever was heard counts. */
  function origins(feeds) {
    const made = feeds.filter((feed) => feed.kind !== "live" && (feed.accepted ?? (feed.last_at ? 1 : 0)));
    const told = new Map(made.map(({ kind, label }) => [JSON.stringify([kind, label]), { kind, label }]));
    return [...told.keys()].sort().map((key) => told.get(key));
  }

  const titleOf = (feed) => (scope.words.language() === "en" ? feed.title_en : feed.title) || feed.name;

  /** A count, or that it is not for this visitor to know: {text, withheld}. */
  const counted = (n) => (n === null ? { text: say("data.withheld"), withheld: true } : { text: scope.words.count(n), withheld: false });

  /** Seconds since an ISO instant, in words; "never" without one. */
  const since = (iso, nowMs) => (iso ? age((nowMs - Date.parse(iso)) / 1000) : say("data.never"));

  /** "simulated drill of May": what kind of feed it is, and its label. */
  const kindOf = (feed) => [say(`data.kind.${feed.kind}`), feed.label].filter(Boolean).join(" ");

  /** What opens below a feed: [[word, text]]. areaName: of the area it reports for; alerts: ids of alerts of its silence. */
  function feedDetails(feed, { areaName, isCut, nowMs }) {
    const rows = [["data.id", feed.name]];
    const last = feed.last_at && `${scope.moment(feed.last_at)} (${scope.words.say("data.outlet.ago", { age: since(feed.last_at, nowMs) })})`;
    rows.push(["data.last", last || say("data.never")]);
    const until = Object.fromEntries(Object.entries(limits(feed.period_s)).map(([word, s]) => [word, age(s)]));
    rows.push(["data.limits", say("data.limits.text", until)]);
    rows.push(["data.behind", say(`data.behind.${fresh(feed, isCut)}`, { area: areaName })]);
    rows.push(["data.private", counted(feed.dropped_private).text]);
    if (feed.accepted === null) rows.push(["data.accepted", say("data.withheld.why")]);
    return rows;
  }

  /** Is there an alert that this feed is silent among the groups of the topic alerts/CODE? */
  const hasAlert = (groups, name) =>
    Object.values(groups).some((group) => group?.kind === "feed_silent" && group.ids.some((id) => id.slice(id.indexOf(":") + 1) === name));

  /** Cells of one outlet's row after its name and state. */
  function outletCells(outlet, passed_s) {
    const { setting } = outlet;
    const ago = (s) => (s === null ? say("data.never") : say("data.outlet.ago", { age: age(s + passed_s) }));
    const waits = outlet.oldest_age_s !== null;
    return {
      delivered: ago(outlet.delivered_age_s),
      waiting: setting ? scope.words.count(setting.n_waiting) : say(waits ? "data.outlet.some" : "data.outlet.nothing"),
      oldest: waits ? age(outlet.oldest_age_s + passed_s) : say("data.outlet.nothing"),
      lost: setting ? scope.words.count(setting.n_lost + setting.n_missed) : say("data.withheld"),
      target: setting ? setting.target : say("data.outlet.withheld"),
    };
  }

  /** What opens below an outlet for those who administer it: [[word, text]]; nothing for others. */
  function outletDetails({ setting }, areaName) {
    if (!setting) return [];
    const rows = [["data.outlet.of", say("data.outlet.of.text", { area: areaName, n: `P${setting.priority}` })]];
    rows.push(["data.outlet.counts", say("data.outlet.counts.text", { delivered: scope.words.count(setting.n_delivered), lost: scope.words.count(setting.n_lost), missed: scope.words.count(setting.n_missed) })]);
    rows.push(["data.outlet.created", scope.moment(setting.created_at)]);
    if (setting.paused_at) rows.push(["data.outlet.paused.at", scope.moment(setting.paused_at)]);
    if (setting.paused_why) rows.push(["data.outlet.paused", setting.paused_why]);
    if (setting.error) rows.push(["data.outlet.error", setting.error]);
    if (setting.error && setting.error_at && setting.attempts) rows.push(["data.outlet.error.when", say("data.outlet.error.at", { time: scope.moment(setting.error_at), n: setting.attempts })]);
    for (const lost of setting.lost) rows.push(["data.outlet.given_up", `${scope.moment(lost.lost_at)} · ${lost.alert} · ${lost.error}`]);
    return rows;
  }

  /** The dead man's switch in words: {figure, meaning, stands}. judgedMs: the last judgement by server time, null: none yet. */
  function judged(judgedMs, startedMs, nowMs) {
    const stopped = scope.alertWatch.verdict(judgedMs, startedMs, nowMs);
    const figure = judgedMs === null ? say("data.judged.never") : say("data.judged.ago", { age: age((nowMs - judgedMs) / 1000) });
    const meaning = stopped ? say("data.judged.stands") : say("data.judged.runs", { limit: age(scope.alertWatch.LIMIT_MS / 1000) });
    return { figure, meaning, stands: Boolean(stopped) };
  }

  /** Of when the whole picture is: {figure, meaning, isOld}. status: as live.js tells it. */
  function picture(status, nowMs) {
    if (!status.asOf) return { figure: say("data.picture.never"), meaning: "", isOld: true };
    const isOld = status.state === "cut";
    const time = scope.words.hms(status.asOf);
    const meaning = say(isOld ? "data.picture.cut" : "data.picture.live", { time });
    return { figure: say("data.picture.age", { age: age((nowMs - status.asOf) / 1000) }), meaning, isOld };
  }

  const sign = (outlet) => SIGNS[outlet.state] || "lost";

  scope.dataView = { fresh, worstFirst, worstOutletFirst, tally, limits, origins, titleOf, counted, since, kindOf, feedDetails, hasAlert, outletCells, outletDetails, judged, picture, sign };
  if (typeof module !== "undefined") module.exports = scope.dataView;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
