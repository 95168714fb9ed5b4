"use strict";
/* Which panels a scene is made of, and the scene itself: built once, hidden, brought up to date, shown. */
(function (scope) {
  const { element } = scope;
  const w = scope.words;
  /** Heights in design px: as designed, and where there is little room. */
  const SIZES = {
    hero: [500, 370], priorities: [404, 348], figures: [510, 470],
    urgent: [740, 490], urgentRows: [800, 600], whistles: [240, 240], cameras: [490, 480],
    locator: [290, 280], children: [740, 560], alertHero: [500, 370], alertPriorities: [404, 348], alerts: [620, 480], whistleList: [560, 420],
    dayReported: [600, 380], dayClosed: [600, 380], pulse: [326, 330],
  };
  const PANELS = {
    hero: (root, spec) => new scope.wallPanels.Hero(root, spec),
    priorities: (root, spec) => new scope.wallPanels.Priorities(root, spec),
    figures: (root, spec) => new scope.wallPanels.Figures(root, spec),
    urgent: (root, spec) => new scope.wallCases.Urgent(root, spec),
    whistles: (root, spec) => new scope.wallCases.Whistles(root, spec),
    whistleList: (root, spec) => new scope.wallCases.WhistleList(root, spec),
    cameras: (root, spec) => new scope.wallPanels.Cameras(root, spec),
    locator: (root, spec) => new scope.wallShapes.Locator(root, spec),
    children: (root, spec) => new scope.wallLists.Children(root, spec),
    alertHero: (root, spec) => new scope.wallLists.AlertHero(root, spec),
    alertPriorities: (root, spec) => new scope.wallLists.AlertPriorities(root, spec),
    alerts: (root, spec) => new scope.wallLists.Alerts(root, spec),
    dayReported: (root, spec) => new scope.wallCharts.DayChart(root, spec),
    dayClosed: (root, spec) => new scope.wallCharts.DayChart(root, spec),
    pulse: (root, spec) => new scope.wallCharts.Pulse(root, spec),
    strip: (root, spec) => new scope.wallLists.Strip(root, spec),
    map: (root, spec) => new scope.wallMap.AreaMap(root, spec),
  };

  const one = (name, more = {}) => {
    const [full, compact] = SIZES[more.size || name];
    return { name, full, compact, grow: Boolean(more.grow), more };
  };

  /** {left, right, middle, bottom} of a scene. tier: of its area; frame: where it stands. */
  function recipe(kind, tier, frame, isTop) {
    const wide = frame === "wide";
    const core = frame === "core";
    const pulse = wide ? [one("pulse", { grow: true })] : [];
    // an ultra-wide wall has room for what is urgent beside every scene
    const always = wide ? [one("urgent", { grow: true }), one("whistles")] : [];
    if (kind === "alerts") {
      const list = one("alerts", { grow: true, size: wide || core ? "children" : "alerts" });
      return {
        left: [one("alertHero"), one("alertPriorities"), ...(core ? [] : [one("figures", { figures: ["overdue", "soon", "due", "handled"] })]), ...pulse],
        middle: core ? null : [list], map: null,
        right: [...(core ? [list] : wide ? [one("whistleList", { grow: true })] : []), one("urgent", { grow: wide }), ...(wide ? [one("whistles"), one("cameras")] : [one("whistleList", { grow: true })])],
        bottom: "pulse",
      };
    }
    if (kind === "cameras") {
      return {
        left: [one("cameras"), one("figures", { figures: ["offline", "fault", "maintenance", "unknown"] }), ...pulse],
        map: { measure: "cameras", plain: wide }, right: [one("children", { look: "cameras", grow: true }), ...always], bottom: "pulse",
      };
    }
    if (kind === "cover") {
      return {
        left: [one("figures", { figures: ["covered", "bare", "staff", "checkins"] }), one("priorities"), ...pulse],
        map: { measure: "cover", plain: wide }, right: [one("children", { look: "cover", grow: true }), ...always, ...(wide ? [one("cameras")] : [])], bottom: "pulse",
      };
    }
    if (kind === "weekday") {
      const charts = [one("dayReported", { of: "reported", grow: true }), one("dayClosed", { of: "closed", grow: true })];
      return {
        left: [one("hero"), one("figures", { figures: ["reported", "closed", "due", "handled"] }), ...pulse],
        middle: core ? null : charts, map: null,
        right: [one("children", { look: "weekday", grow: true }), ...always, ...(wide ? [one("cameras")] : [])], bottom: null,
      };
    }
    if (isTop && tier === "district") {
      return {
        left: [one("hero"), one("priorities"), ...(core ? [] : [one("figures", { figures: ["due", "handled", "overdue", "covered"] })]), ...pulse],
        map: { plain: wide },
        right: [...(wide ? [one("children", { look: "overdue", grow: true })] : []), one("urgent", { grow: true }), one("whistles"), one("cameras")],
        bottom: "pulse",
      };
    }
    return {
      left: [one("hero"), one("priorities"), ...(core ? [] : [one("figures", { figures: ["overdue", "covered", "public", "social"] })])],
      map: { plain: wide && tier !== "community" },
      right: [
        ...(wide || core ? [] : [one("locator")]),
        ...(wide ? [one("children", { look: "overdue", grow: true })] : []),
        one("urgent", { size: "urgentRows", rows: true, grow: true }), one("whistles"),
      ],
      bottom: tier === "street" && !wide ? "strip" : "pulse",
    };
  }

  /** The title of a scene, and what stands in front of it. */
  function titles(scene, page) {
    const area = page.tree.get(scene.code);
    const isTop = scene.code === page.top;
    const name = w.name(area);
    if (scene.kind === "area" && isTop) return { org: page.org(), title: w.say(`wall.scene.area.${area.tier}`, { name }) };
    if (scene.kind === "area") return { org: w.name(page.tree.get(area.parent)), title: name };
    return { org: isTop ? page.org() : name, title: w.say(`wall.scene.${scene.kind}`) };
  }

  class SceneView {
    /** page: {tree, context, top, fit, ...}; root: where it is put. */
    constructor(root, scene, page) {
      Object.assign(this, { scene, page, panels: [], dropped: [] });
      this.root = element("section", "scene", root);
      this.root.dataset.scene = scene.id;
      const area = page.tree.get(scene.code);
      const layout = scope.wallBays.layout(page.fit);
      const found = recipe(scene.kind, area.tier, page.fit.frame, scene.code === page.top);
      this._put(found, layout);
    }

    _put(found, { bays, lines }) {
      let { left, right, map, middle, bottom } = bays;
      if (!found.bottom && bottom && map && !lines.y.length) {
        const more = bottom.h; // nothing below: the columns reach down
        left = left.map((bay) => ({ ...bay, h: bay.h + more }));
        right = right.map((bay) => ({ ...bay, h: bay.h + more }));
        middle = middle.map((bay) => ({ ...bay, h: bay.h + more }));
        bottom = null;
      }
      this._column(found.left, left);
      this._column(found.right, right);
      if (found.middle) this._column(found.middle, middle);
      else if (found.map && map) this._panel({ name: "map", more: found.map }, map, lines);
      if (found.bottom && bottom) this._panel({ name: found.bottom, more: {} }, bottom, lines);
    }

    _column(panels, bays) {
      const { placed, left } = scope.wallBays.pack(panels, bays);
      this.dropped.push(...left);
      for (const place of placed) {
        const panel = panels.find((it) => it.name === place.name);
        this._panel(panel, place, { x: [], y: [] });
      }
    }

    _panel(panel, place, lines) {
      const root = element("div", `panel panel-${panel.name} ${place.compact ? "is-compact" : ""}`, this.root);
      for (const [name, px] of [["left", place.x], ["top", place.y], ["width", place.w], ["height", place.h]]) root.style[name] = `${px}px`;
      const spec = { code: this.scene.code, page: this.page, x: place.x, y: place.y, w: place.w, h: place.h, compact: place.compact, lines, ...panel.more };
      this.panels.push(PANELS[panel.name](root, spec));
    }

    /** Brings every panel up to date. Nothing is drawn before the first numbers are there. */
    update(view) {
      if (!view.picture) return;
      for (const panel of this.panels) panel.update(view);
      this.drawn = true;
    }

    show(on) {
      this.root.classList.toggle("on", on);
    }

    remove() {
      this.root.remove();
    }
  }

  /** Topics that a scene needs. */
  function topicsOf(scene, page) {
    const found = [`area/${scene.code}`, `wall/${scene.code}`];
    if (scene.kind === "alerts") found.push(`bells/${scene.code}`);
    if (scene.kind === "area" && scene.code !== page.top) found.push(`area/${page.tree.get(scene.code).parent}`);
    return found;
  }

  scope.wallScenes = { SceneView, titles, topicsOf };
})((window.one_map = window.one_map || {}));
