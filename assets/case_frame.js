"use strict";
/* The parts of the case pane, empty: they stay, and what is in them is drawn anew. */
(function (scope) {
  const part = (tag, name, parent) => scope.element(tag, `case-${name}`, parent);

  function headOf(body) {
    const head = part("header", "head", body);
    const glyph = part("span", "glyph", head);
    const names = scope.element("div", "", head);
    const title = scope.element("h2", "", names);
    title.dir = "auto";
    title.tabIndex = -1; // takes the focus when what had it is gone
    const where = part("p", "where", names);
    const clock = part("div", "timer", head);
    clock.setAttribute("aria-live", "off");
    const big = scope.element("b", "num", clock);
    const note = scope.element("span", "num", clock);
    const doubt = scope.element("em", "", clock);
    return { glyph, title, where, clock: { clock, big, note, doubt } };
  }

  /** root: the section; answers its parts by name, `clock` holds those of the clock. */
  function caseFrame(root) {
    const empty = part("p", "empty", root);
    const body = part("div", "body", root);
    const { clock, ...head } = headOf(body);
    const bar = part("div", "sla", body);
    bar.setAttribute("role", "img");
    const fill = scope.element("i", "", part("div", "track", bar));
    const marks = part("div", "marks", bar);
    const names = { way: "ol", facts: "dl", similar: "ul", whistles: "section", report: "div", form: "form" };
    const parts = Object.fromEntries(Object.entries(names).map(([name, tag]) => [name, part(tag, name, body)]));
    parts.form.noValidate = true;
    const box = part("div", "said", root);
    const live = scope.element("div", "sr", root);
    live.setAttribute("aria-live", "polite");
    const acts = part("footer", "foot", root);
    // a key that is held down presses a button once
    acts.addEventListener("keydown", (event) => event.repeat && /^(Enter| )$/.test(event.key) && event.preventDefault());
    return { root, empty, body, ...head, marks, clockParts: { ...clock, bar, fill }, ...parts, box, live, acts };
  }

  scope.caseFrame = caseFrame;
})((window.one_map = window.one_map || {}));
