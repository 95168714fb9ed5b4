"use strict";
/* Words, numbers, ages and clocks in the language of the screen. The words come from layouts/words.py. */
(function (scope) {
  const SHANGHAI_MS = 8 * 3600e3; // no daylight saving
  const MINUS = "−";
  let table = {};
  let language = "zh";

  /** All words: {zh: {key: text}, en: {...}}. */
  function use(words, lang) {
    language = words[lang] ? lang : "zh";
    table = words[language];
  }

  /** One text with its braces filled; "one|other" is chosen by values.n. */
  function say(key, values = {}) {
    let text = table[key];
    if (text === undefined) return key;
    if (!text.includes("{") && !text.includes("|")) return text;
    if (text.includes("|")) text = text.split("|")[Number(values.n) === 1 ? 0 : 1];
    return text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));
  }

  /** 12406 -> "12,406". */
  const count = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");

  const two = (n) => String(n).padStart(2, "0");
  const shanghai = (ms) => new Date(ms + SHANGHAI_MS); // read with getUTC...

  /** Epoch ms -> "14:32:07" in Shanghai. */
  const hms = (ms) => shanghai(ms).toISOString().slice(11, 19);
  /** Epoch ms -> "14:32" in Shanghai. */
  const hm = (ms) => hms(ms).slice(0, 5);
  /** Epoch ms -> "14:32", with the date in front unless it is today. */
  const moment = (ms, nowMs) =>
    dayOf(ms) === dayOf(nowMs) ? hm(ms) : `${shanghai(ms).toISOString().slice(5, 10)} ${hm(ms)}`;
  const dayOf = (ms) => Math.floor((ms + SHANGHAI_MS) / 86400e3);

  /** Seconds -> words, two units at most. */
  function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return say("age.s", { n: s });
    const m = Math.floor(s / 60);
    if (m < 10 && s % 60) return say("age.ms", { n: m, s: s % 60 });
    if (m < 60) return say("age.m", { n: m });
    if (m < 1440) return say("age.h", { n: Math.floor(m / 60), m: m % 60 });
    return say("age.d", { n: Math.floor(m / 1440), h: Math.floor((m % 1440) / 60) });
  }

  /** Seconds -> "54:20" or "1:58:31". */
  function digits(seconds) {
    const s = Math.floor(Math.abs(seconds));
    const minutes = Math.floor(s / 60);
    if (minutes < 60) return `${two(minutes)}:${two(s % 60)}`;
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
  }

  /** The clock of one incident: {text, overdue, near}; near from 80 % of the time used. Times in epoch ms. */
  function clock(incident, nowMs) {
    if (incident.state === "suspended") return { text: say("state.suspended"), overdue: false, near: false, paused: true };
    if (!incident.due_at) return { text: "—", overdue: false, near: false };
    const due = Date.parse(incident.due_at);
    const reported = Date.parse(incident.reported_at);
    const left = (due - nowMs) / 1000;
    if (left < 0) {
      const text = left > -86400 ? `+${digits(left)}` : `+${age(-left)}`;
      return { text, overdue: true, near: false };
    }
    const near = due > reported && (nowMs - reported) / (due - reported) >= 0.8;
    if (left < 86400 && (left < 6 * 3600 || dayOf(due) === dayOf(nowMs)))
      return { text: digits(left), overdue: false, near };
    if (dayOf(due) - dayOf(nowMs) === 1)
      return { text: say("clock.tomorrow", { time: hm(due) }), overdue: false, near };
    return { text: moment(due, nowMs), overdue: false, near };
  }

  const TAIL = { zh: /(街道|社区|居委会|村委会)$/, en: / (Subdistrict|Community|District)$/ };

  /** The name in the language of the screen: {name, name_en} -> text. */
  const name = (area) => (language === "en" && area.name_en) || area.name;

  /** The name without its tier, for labels: 关上街道 -> 关上, grid 7 -> 07. */
  function shortName(area) {
    if (area.tier === "grid") return gridNumber(area);
    const full = name(area);
    const cut = full.replace(TAIL[language], "");
    return cut || full;
  }

  function gridNumber(area) {
    const found = /第(\d+)网格|Grid (\d+)/.exec(`${area.name} ${area.name_en || ""}`);
    return found ? two(Number(found[1] || found[2])) : area.code.slice(-3);
  }

  /** Writes every data-word text and data-label name below an element. */
  function apply(root, values) {
    for (const node of root.querySelectorAll("[data-word]")) {
      const text = say(node.dataset.word, values);
      if (node.textContent !== text) node.textContent = text;
    }
    for (const node of root.querySelectorAll("[data-label]")) {
      node.setAttribute("aria-label", say(node.dataset.label, values));
      if (node.dataset.zoom) node.title = say(node.dataset.label);
    }
  }

  scope.words = {
    use, say, count, hms, hm, moment, age, digits, clock, name, shortName, gridNumber, apply, MINUS,
    language: () => language,
  };
  if (typeof module !== "undefined") module.exports = scope.words;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
