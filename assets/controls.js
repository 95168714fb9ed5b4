"use strict";
/* What the hand touches: breadcrumbs, layer panel, zoom, keys, tooltip; and the notes round the map. */
(function (scope) {
  const RULES = { overdue: "overdue", open: "open" };

  function bindControls(page) {
    const view = document.getElementById("map-view");
    document.addEventListener("keydown", (event) => keyPressed(page, event));
    document.getElementById("language").addEventListener("click", () =>
      page.speak(scope.words.language() === "zh" ? "en" : "zh"));
    view.addEventListener("click", (event) => {
      const zoom = event.target.closest("[data-zoom]");
      if (!zoom) return;
      if (zoom.dataset.zoom === "home") page.fit();
      else page.map.zoom(zoom.dataset.zoom === "in" ? 0.5 : -0.5);
    });
    for (const button of document.querySelectorAll("#colourings .choice"))
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") !== "true") page.go({ layer: button.dataset.name });
      });
    for (const button of document.querySelectorAll("#overlays .choice"))
      button.addEventListener("click", () => page.go({ overlays: toggled(page, button.dataset.name) }));
    for (const button of document.querySelectorAll("#systems .choice"))
      button.addEventListener("click", () => page.go({ system: button.dataset.name || null }));
  }

  function toggled(page, name) {
    const on = page.view().overlays;
    return scope.boot.overlays.filter((other) => (other === name ? !on.includes(name) : on.includes(other)));
  }

  function keyPressed(page, event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    if (act(page, event.key, target)) event.preventDefault();
  }

  /** Returns true when the key was ours. */
  function act(page, key, target) {
    const onMap = target === document.body || target.closest("#map-view") === target || target.closest(".leaflet-container");
    const row = target.closest("tr[data-code]");
    if (key === "Escape") return page.view().table ? page.toggleTable() ?? true : page.up() ?? true;
    if (key === "t" || key === "T") return page.toggleTable() ?? true;
    if (key === "l" || key === "L") return toggleLayers(page);
    if (key === "+" || key === "=") return page.map.zoom(0.5) ?? true;
    if (key === "-" || key === "_") return page.map.zoom(-0.5) ?? true;
    if (row && key === "Enter") return page.drill(row.dataset.code) ?? true;
    if (row && key === " ") return page.select(row.dataset.code) ?? true;
    if (row && (key === "ArrowDown" || key === "ArrowUp")) return step(row, key === "ArrowDown");
    if (target.matches('[role="radio"]') && /^Arrow(Up|Down)$/.test(key)) return stepRadio(target, key === "ArrowDown");
    if (!onMap) return false;
    if (key === "Home") return page.fit() ?? true;
    if (key === "Enter" && page.view().select) return page.drill(page.view().select) ?? true;
    if (key.startsWith("Arrow")) return moveFocus(page, key);
    return false;
  }

  function step(row, down) {
    (down ? row.nextElementSibling : row.previousElementSibling)?.focus();
    return true;
  }

  function stepRadio(button, down) {
    const next = down ? button.nextElementSibling : button.previousElementSibling;
    next?.focus();
    next?.click();
    return true;
  }

  function moveFocus(page, key) {
    const spots = page.tree.children(page.view().area).map((child) => {
      const [x, y] = page.map.project(...child.label);
      return { code: child.code, x, y };
    });
    if (!spots.length) return true;
    const code = scope.view.neighbour(spots, page.view().select, key);
    page.select(code);
    speakFocus(page, code);
    return true;
  }

  function speakFocus(page, code) {
    const { words: w } = scope;
    const area = page.picture()?.children.get(code);
    const name = w.name(page.tree.get(code));
    const text = area
      ? w.say("map.focus", { name, open: area.metrics.incidents_open, overdue: area.metrics.incidents_overdue })
      : name;
    scope.put(document.getElementById("spoken"), text);
  }

  function toggleLayers(page) {
    const node = document.getElementById("layers");
    node.hidden = !node.hidden;
    page.composer.fresh = true;
    if (!page.map.moved) page.fit();
    page.mark("canvas");
    return true;
  }

  /** Breadcrumbs, choices, legend: whatever follows from the view and the language. */
  function drawControls(page) {
    const { words: w } = scope;
    const here = page.tree.get(page.view().area);
    document.getElementById("map-view").setAttribute("aria-label", w.say("map", { name: w.name(here) }));
    drawCrumbs(page, here);
    for (const button of document.querySelectorAll("#colourings .choice")) {
      const on = button.dataset.name === page.composer.layer();
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on ? 0 : -1;
    }
    for (const button of document.querySelectorAll("#overlays .choice"))
      button.setAttribute("aria-checked", String(page.view().overlays.includes(button.dataset.name)));
    page.systems.drawChoices();
    drawLegend(page, here);
    drawHints(page);
    if (page.map.scale) drawScale(page);
  }

  function drawCrumbs(page, here) {
    const { words: w, element, put } = scope;
    const nav = document.getElementById("crumbs");
    nav.replaceChildren();
    const line = page.tree.lineage(here.code);
    line.forEach((area, i) => {
      if (i) put(element("span", "t3", nav), "›");
      const last = i === line.length - 1;
      const above = !page.reach.holds(page.tree, area.code);
      const node = element(last ? "b" : above ? "span" : "button", above ? "t3" : "", nav);
      put(node, area.tier === "grid" ? w.say("grid.name", { n: w.gridNumber(area) }) : w.name(area));
      if (!last && !above) node.addEventListener("click", () => page.go({ area: area.code, select: line[i + 1].code }, { push: true, fit: true }));
    });
    for (let tier = scope.tiers.BELOW[here.tier]; tier; tier = scope.tiers.BELOW[tier]) {
      put(element("span", "t3", nav), "›");
      put(element("span", "ahead", nav), w.say(`tier.${tier}`));
    }
    const hints = [];
    if (page.view().select) {
      const chosen = page.tree.get(page.view().select);
      hints.push(w.say("crumbs.selected", { name: chosen.tier === "grid" ? w.say("grid.name", { n: w.gridNumber(chosen) }) : w.name(chosen) }));
    }
    if (scope.tiers.BELOW[here.tier]) hints.push(w.say("crumbs.hint.drill"));
    if (here.parent && here.code !== page.reach.top) hints.push(w.say("crumbs.hint.up", { name: w.name(page.tree.get(here.parent)) }));
    hints.forEach((hint) => put(element("em", "", nav), hint));
  }

  function swatch(fill) {
    return `<svg class="swatch" viewBox="0 0 24 14" aria-hidden="true"><rect x=".5" y=".5" width="23" height="13" fill="${fill}"/></svg>`;
  }

  function drawLegend(page, here) {
    const { words: w, element, glyphs } = scope;
    const node = document.getElementById("legend");
    node.replaceChildren();
    const below = scope.tiers.BELOW[here.tier];
    const add = (sign, text) => {
      const item = element("span", "key", node);
      item.innerHTML = sign;
      item.append(text);
    };
    if (below) {
      const layer = page.composer.layer();
      element("span", "", node).textContent = w.say(`legend.${layer}`);
      scope.picture.legend(layer, below).forEach((text, k) => add(swatch(`var(--q${k + 1})`), text));
      if (layer === "overdue" || layer === "uncovered" || layer === "cameras") add(swatch("url(#few-key)"), w.say("legend.few"));
      if (here.tier === "district") add(swatch("url(#delegated-key)"), w.say("map.delegated.short"));
    }
    for (const n of scope.tiers.DRAWN[here.tier])
      if (page.view().overlays.includes(`p${n}`)) add(glyphs.priority(n, w.say("priority", { n })), `P${n}`);
    if (here.tier === "community" || here.tier === "grid") cameraKeys(add, w, here);
    if (below && RULES[page.composer.layer()]) element("span", "t3", node).textContent = page.systems.chosen ? w.say("legend.big.all") : w.say("legend.big");
    const { chosen } = page.systems;
    if (chosen) element("span", "filtered", node).textContent = w.say("legend.system", { name: w.say(`system.name.${chosen}`) });
    element("span", "t3 cut-offs", node);
  }

  function cameraKeys(add, w, here) {
    const mark = (shape) => `<svg class="swatch mark" viewBox="0 0 14 14" aria-hidden="true">${shape}</svg>`;
    add(mark('<circle cx="7" cy="7" r="4.2" class="up"/>'), w.say("legend.public"));
    add(mark('<rect x="3.2" y="3.2" width="7.6" height="7.6" class="up"/>'), w.say("legend.social"));
    add(mark('<circle cx="7" cy="7" r="4" class="down"/><path d="M1.6 12.4 12.4 1.6" class="down"/>'), w.say("legend.down"));
    if (here.tier === "community")
      add('<svg class="swatch" viewBox="0 0 24 14" aria-hidden="true"><rect x="1" y="1" width="22" height="12" class="dashed"/></svg>', w.say("legend.uncovered.mark"));
  }

  /** The small print behind every choice: how many, or from which tier on. */
  function drawHints(page) {
    const { words: w, put } = scope;
    const here = page.tree.get(page.view().area);
    const held = page.picture();
    const below = scope.tiers.BELOW[here.tier] || "grid";
    for (const button of document.querySelectorAll("#colourings .choice")) {
      const name = button.dataset.name;
      const few = scope.picture.effective(name, below) !== name;
      const hint = few ? w.say("layers.hint.few") : name === "load" || name === "checkins" ? w.say("layers.hint.per_grid") : w.say(`tier.${below}`);
      put(button.querySelector("em"), hint);
      button.setAttribute("aria-disabled", String(few));
    }
    document.getElementById("layers").classList.toggle("no-colour", here.tier === "grid");
    for (const button of document.querySelectorAll("#overlays .choice")) {
      const { name } = button.dataset;
      const hint = button.querySelector("em");
      put(hint, overlayHint(page, name, here.tier));
      const fresh = held && overlaySource(name) ? page.composer.freshness(held.area, overlaySource(name)) : "live";
      scope.flag(hint, "val-stale", fresh === "stale" && /\d/.test(hint.textContent));
    }
  }

  const overlaySource = (name) => // null: of no feed's
    name === "alerts" || name === "whistles" ? null : /^p\d$/.test(name) ? "incidents" : name === "uncovered" || name === "checkins" ? "staff" : "cameras";

  function overlayHint(page, name, tier) {
    const { words: w } = scope;
    const held = page.picture();
    const priority = /^p(\d)$/.exec(name);
    if (priority && !scope.tiers.DRAWN[tier].includes(Number(priority[1])))
      return w.say(tier === "district" && priority[1] === "2" ? "tier.street" : "layers.hint.community");
    if (!held) return "";
    if (name === "alerts") return page.alerts ? w.count(page.alerts.count().n) : "";
    if (name === "whistles") return page.whistles?.count() == null ? "" : w.count(page.whistles.count());
    if (held.area.freshness_by?.[overlaySource(name)] === "lost") return "—";
    if (priority) {
      const n = page.systems.open(held.area, Number(priority[1]));
      return n === undefined ? "" : w.count(n);
    }
    const m = held.area.metrics;
    const counts = {
      uncovered: m.grids_total - m.grids_covered, checkins: m.checkins_last_hour,
      public: m.cameras_total_public, social: m.cameras_total_social, online: m.cameras_online,
      down: m.cameras_total - m.cameras_online,
    };
    return w.count(counts[name] || 0);
  }

  function drawCutOffs(page) {
    const node = document.querySelector("#legend .cut-offs");
    if (!node) return;
    const { words: w } = scope;
    const cut = page.composer.cutOffs();
    const parts = [];
    if (cut?.incidents?.[1]) parts.push(w.say("map.shown.incidents", { shown: w.count(cut.incidents[0]), total: w.count(cut.incidents[1]) }));
    if (page.alerts?.count().unplaced) parts.push(w.say("map.shown.alerts", { n: w.count(page.alerts.count().unplaced) }));
    if (cut?.cameras) parts.push(w.say("map.shown.cameras", { shown: w.count(cut.cameras[0]), total: w.count(cut.cameras[1]) }));
    const text = parts.join(" · ");
    if (node.textContent === text) return;
    scope.put(node, text);
    page.legendGrew();
  }

  function drawScale(page) {
    const { words: w } = scope;
    let node = document.querySelector(".scale");
    if (!node) {
      node = scope.element("div", "scale", document.getElementById("map-view"));
      node.innerHTML = "<i></i><span class=num></span>";
    }
    drawShapesNote(page);
    const { metres, px } = page.map.scaleBar(110 * page.unit());
    node.firstChild.style.width = `${px}px`;
    scope.put(node.lastChild, metres >= 1000 ? w.say("scale.km", { n: metres / 1000 }) : w.say("scale.m", { n: metres }));
  }

  /** Says so while the pack's boundaries are not the official ones. */
  function drawShapesNote(page) {
    const { element, put, words: w } = scope;
    const here = page.tree.get(page.view().area);
    const node = document.querySelector(".shapes") || element("div", "shapes", document.getElementById("map-view"));
    put(node, here.geometry_source === "official" ? "" : w.say("map.shapes"));
  }

  /** Boxes on the map where no label may stand, in px of the map. */
  function rectangles() {
    const view = document.getElementById("map-view").getBoundingClientRect();
    return [...document.querySelectorAll(".crumbs, .layers, .zoom, .legend, .scale, .shapes, .whistle-pin")]
      .filter((node) => !node.hidden)
      .map((node) => node.getBoundingClientRect())
      .map((r) => [r.left - view.left, r.top - view.top, r.right - view.left, r.bottom - view.top]);
  }

  /** The child of the looked-at area that holds a grid. */
  function childHolding(page, grid) {
    const line = page.tree.lineage(grid).map((area) => area.code);
    return line[line.indexOf(page.view().area) + 1] || null;
  }

  /** Name, state and age of the camera or incident under the pointer. */
  function hover(page, point) {
    let node = document.querySelector(".tip");
    const camera = point && page.marks?.at(point.x, point.y, 8 * page.unit());
    const incident = point && page.scene?.at(point.x, point.y);
    if (!camera && !incident) {
      if (node) node.hidden = true;
      return;
    }
    if (!node) {
      node = scope.element("div", "tip", document.getElementById("map-view"));
      node.innerHTML = "<b></b><span></span>";
    }
    const [title, text] = incident ? aboutIncident(page, incident.incident) : aboutCamera(page, camera.item);
    scope.put(node.firstChild, title);
    scope.put(node.lastChild, text);
    const at = incident || camera;
    node.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
    node.hidden = false;
  }

  function aboutIncident(page, incident) {
    const { words: w } = scope;
    const clock = w.clock(incident, page.now());
    return [`P${incident.priority} ${scope.incidentTitle(incident)}`, `${w.say(`state.${incident.state}`)} · ${clock.text}`];
  }

  function aboutCamera(page, [, name, , , owner, state, seen]) {
    const { words: w } = scope;
    const age = seen ? ` · ${w.say("cameras.seen")} ${w.age((page.now() - seen) / 1000)}` : "";
    return [name, `${w.say(`camera.${owner}`)} · ${w.say(`camera.${state}`)}${age}`];
  }

  Object.assign(scope, { bindControls, drawControls, drawHints, drawCutOffs, drawScale, rectangles, childHolding, hover });
})((window.one_map = window.one_map || {}));
