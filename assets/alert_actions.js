"use strict";
/* What can be done with an alert or with all of a group, its keys and fields, and why one is not possible. */
(function (scope) {
  const KEYS = [
    ["a", "acknowledge"],
    ["d", "assign"],
    ["s", "shelve"],
    ["u", "unshelve"],
    ["t", "take_out"],
    ["b", "put_back"],
    ["i", "raise_incident"],
  ];
  const FIELDS = { assign: ["assignee"], shelve: ["until", "note"], take_out: ["note"], raise_incident: ["maybe"] };
  const SHELF_MIN = [15, 60, 240];
  const SHELF_MAX_MS = 4 * 3600e3;
  const ASKING = ["unacknowledged", "acknowledged", "returned"];
  // states in which an alert can be so acted on, as the table of transitions has it; for groups, whose alerts are not asked one by one
  const FROM = {
    acknowledge: ["unacknowledged", "returned"],
    assign: ASKING,
    shelve: [...ASKING, "suppressed"],
    unshelve: ["shelved"],
    take_out: [...ASKING, "suppressed", "shelved"],
    put_back: ["out_of_service"],
  };

  const rowOf = (held, action) => held.actions.find((row) => row.action === action) || null;
  const verbOf = (key) => KEYS.find(([cap]) => cap === key)?.[1] || null;
  const capOf = (action) => KEYS.find(([, verb]) => verb === action)[0].toUpperCase();

  /** The verb that Enter does: the server names the next step first. */
  function primaryOf(held) {
    const [first] = held.actions;
    return first?.allowed && ["acknowledge", "unshelve", "put_back"].includes(first.action) ? first.action : null;
  }

  /** Alerts of a group that an action is for: [{id, version}]. */
  const seenFor = (items, action) => items.filter((row) => FROM[action]?.includes(row.state)).map(({ id, version }) => ({ id, version }));

  /** What can be done with all of a group: as actions of one alert. head: whole alert of the group, whose objections of role and
      tier are everybody's inside. */
  function groupActions(items, head) {
    const every = KEYS.map(([, action]) => action).filter((action) => action in FROM);
    const rows = every.map((action) => {
      const n = seenFor(items, action).length;
      const own = rowOf(head, action);
      if (own && !own.allowed && own.code !== "state") return { ...own, n };
      return n ? { action, allowed: true, n } : { action, allowed: false, code: "state", n };
    });
    return rows.sort((a, b) => Number(b.allowed && b.action === "acknowledge") - Number(a.allowed && a.action === "acknowledge"));
  }

  /** "15:30" of today or tomorrow in Shanghai -> epoch ms after now; null when that is no time of a day. */
  function clockToMs(text, nowMs) {
    const found = /^(\d{1,2})[:：](\d{2})$/.exec(text.trim());
    if (!found || Number(found[1]) > 23 || Number(found[2]) > 59) return null;
    const SHANGHAI_MS = 8 * 3600e3;
    const day = Math.floor((nowMs + SHANGHAI_MS) / 86400e3) * 86400e3 - SHANGHAI_MS;
    const at = day + (Number(found[1]) * 60 + Number(found[2])) * 60e3;
    return at > nowMs ? at : at + 86400e3;
  }

  /** Fields of a form -> {wish} or {problem: [field, word]}. draft: {minutes, clock, preset, note, assignee}. */
  function wishOf(action, draft, nowMs) {
    const fields = FIELDS[action] || [];
    const wish = {};
    if (fields.includes("assignee")) {
      if (!draft.assignee?.trim()) return { problem: ["assignee", "alert.needs.assignee"] };
      wish.assignee = draft.assignee.trim();
    }
    if (fields.includes("until")) {
      const untilMs = draft.clock?.trim() ? clockToMs(draft.clock, nowMs) : draft.minutes ? nowMs + draft.minutes * 60e3 : null;
      if (untilMs === null) return { problem: ["until", "alert.needs.until"] };
      if (untilMs > nowMs + SHELF_MAX_MS) return { problem: ["until", "alert.needs.until.short"] };
      wish.until = new Date(Math.min(untilMs, nowMs + SHELF_MAX_MS - 1000)).toISOString();
    }
    const note = [draft.preset, draft.note?.trim()].filter(Boolean).join("：");
    if (fields.includes("note") && !note) return { problem: ["note", "alert.needs.note"] };
    return { wish: note ? { ...wish, note } : wish };
  }

  scope.alertActions = { KEYS, FIELDS, SHELF_MIN, rowOf, verbOf, capOf, primaryOf, seenFor, groupActions, clockToMs, wishOf };
  if (typeof module !== "undefined") module.exports = scope.alertActions;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
