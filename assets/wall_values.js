"use strict";
/* How numbers stand on a wall: in a slot of their own, with what can be said against them. */
(function (scope) {
  const { put, flag, element } = scope;
  const w = scope.words;
  const p = scope.picture;

  /** How far one source's numbers of an area can be trusted now: {fresh, asOf, unheard}; asOf in epoch ms or null. */
  function trust(view, area, source) {
    if (!area) return { fresh: "lost", asOf: null, unheard: true };
    return {
      fresh: p.fresh(area, source, view.cut),
      asOf: p.asOf(area, source, view.cut, view.pictureMs),
      unheard: p.isUnheard(area, source),
    };
  }

  const isOld = ({ fresh }) => fresh === "stale" || fresh === "lost";

  /** 截至 14:21, for what is not of now; else what else there is to say: the parts of a small print. */
  function caption(view, { fresh, asOf, unheard }, value, otherwise) {
    if (unheard) return [w.say("wall.unheard")];
    if (asOf === null) return otherwise;
    const time = w.moment(asOf, view.now);
    if (fresh === "lost") return [w.say("wall.last", { value, time })];
    if (fresh === "stale") return [w.say("fresh.asof", { time })];
    return [w.say("wall.late", { age: w.age((view.now - asOf) / 1000) }), ...otherwise];
  }

  /** +41, −7 or ±0. */
  const signed = (n) => (n > 0 ? `+${w.count(n)}` : n < 0 ? `${w.MINUS}${w.count(-n)}` : "±0");

  const style = getComputedStyle(document.documentElement);
  /** Design px of a size of tokens.css. */
  const size = (name) => parseFloat(style.getPropertyValue(`--w-${name}`));
  const SIZE = Object.fromEntries(["cap", "text", "body", "title", "h1", "card"].map((name) => [name, size(name)]));
  const canvas = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  let family = null;

  /** Design px that a text takes up. */
  function textWidth(text, size, weight = 400) {
    const key = `${weight} ${size} ${text}`;
    let width = widths.get(key);
    if (width === undefined) {
      family ??= style.getPropertyValue("--font").trim();
      canvas.font = `${weight} ${size}px ${family}`;
      width = canvas.measureText(text.replace(/\d/g, "0")).width; // all digits are as wide as this one
      if (widths.size > 4000) widths.clear();
      widths.set(key, width);
    }
    return width;
  }

  /** As many of the parts as the width holds, the first always: cut short with … where it is too long by itself. */
  function fitted(parts, width, size, weight = 400, joint = " · ") {
    const said = parts.filter(Boolean);
    while (said.length > 1 && textWidth(said.join(joint), size, weight) > width) said.pop();
    let text = said.join(joint);
    if (textWidth(text, size, weight) <= width) return text;
    while (text.length > 1 && textWidth(`${text}…`, size, weight) > width) text = text.slice(0, -1);
    return `${text.trimEnd()}…`;
  }

  const percent = (share) => (share === null ? "—" : share.toFixed(1));

  /** A heading with a small text behind it. */
  function heading(root, key, smallKey) {
    const node = element("h2", "", root);
    const text = element("span", "", node);
    const small = smallKey === undefined ? null : element("small", "", node); // "": said later
    return {
      say: (smallText) => {
        put(text, w.say(key));
        if (small) put(small, smallText ?? (smallKey && w.say(smallKey)));
      },
    };
  }

  /** Heading, number, small print. The slot is as wide as its largest number, whatever it holds. */
  class Figure {
    constructor(root, width) {
      this.width = width;
      this.root = element("div", "fig", root);
      this.label = element("div", "fig-label", this.root);
      this.name = element("span", "", this.label);
      this.sign = element("i", "", this.label);
      const line = element("div", "fig-value num", this.root);
      this.miss = element("em", "", line);
      put(this.miss, "!");
      this.value = element("b", "", line);
      this.unit = element("small", "", line);
      this.note = element("div", "fig-note", this.root);
    }

    /** miss: out of target; of: as trust() says. */
    set(view, { name, value, unit = "", note = [], miss = false, of }) {
      const old = isOld(of);
      const gone = of.fresh === "lost";
      put(this.name, name);
      put(this.value, of.unheard ? "—" : gone ? w.say("fresh.none") : value);
      put(this.unit, gone || of.unheard ? "" : unit);
      put(this.note, fitted(caption(view, of, `${value}${unit}`, note), this.width, SIZE.cap));
      this.miss.hidden = !miss || old;
      flag(this.value, "val-stale", of.fresh === "stale");
      flag(this.value, "val-lost", gone && !of.unheard);
      flag(this.note, "is-old", old);
      sign(this.sign, of.fresh);
    }
  }

  /** The sign of what is not live; nothing while all is well. */
  function sign(node, fresh) {
    const shown = fresh === "live" ? "" : fresh;
    if (node.dataset.fresh === shown + w.language()) return;
    node.dataset.fresh = shown + w.language();
    node.innerHTML = shown && scope.glyphs.fresh(shown, w.say(`fresh.${shown}`));
  }

  /** A priority's sign, made once; `blinks` while nobody has acknowledged it. */
  function priorityGlyph(node, n, blinks = false) {
    if (node.dataset.priority !== String(n)) {
      node.dataset.priority = String(n);
      node.innerHTML = scope.glyphs.priority(n, w.say("priority", { n }));
    }
    flag(node.firstChild, "unack", blinks);
  }

  /** Exactly `n` children of a kind: what is there stays. make(i) -> node. */
  function keep(root, nodes, n, make) {
    while (nodes.length > n) nodes.pop().root.remove();
    while (nodes.length < n) {
      const made = make(nodes.length);
      root.append(made.root);
      nodes.push(made);
    }
    return nodes;
  }

  const SHANGHAI_MS = 8 * 3600e3;
  const shanghai = (ms) => new Date(ms + SHANGHAI_MS); // read with getUTC...
  /** Days and hours in Shanghai: weekday 0..6 from Sunday, date 2026-07-15, hour 0..24 with its part. */
  scope.wallTime = {
    weekday: (ms) => shanghai(ms).getUTCDay(),
    date: (ms) => shanghai(ms).toISOString().slice(0, 10),
    hour: (ms) => ((ms + SHANGHAI_MS) % 86400e3) / 3600e3,
  };

  scope.wallValues = { SIZE, size, textWidth, fitted, trust, isOld, caption, signed, percent, heading, Figure, sign, priorityGlyph, keep };
})((window.one_map = window.one_map || {}));
