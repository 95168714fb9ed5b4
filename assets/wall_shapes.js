"use strict";
/* Shapes of areas as SVG paths, and the small map that says where an area lies. */
(function (scope) {
  const { put, flag } = scope;
  const w = scope.words;
  const p = scope.picture;
  const v = scope.wallValues;
  const SVG = "http://www.w3.org/2000/svg";

  const make = (tag, attributes, parent) => {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (parent) parent.append(node);
    return node;
  };

  const ringsOf = (geometry) => (geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat());

  /** Longitude and latitude to px of the panel: the area fits its free part. */
  function projection(geometry, { w: width, h: height }, pads) {
    const points = ringsOf(geometry).flat().map(([lon, lat]) => scope.marks.mercator(lon, lat));
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const scale = Math.min((width - pads.left - pads.right) / (x1 - x0), (height - pads.top - pads.bottom) / (y1 - y0));
    const dx = pads.left + (width - pads.left - pads.right - (x1 - x0) * scale) / 2;
    const dy = pads.top + (height - pads.top - pads.bottom - (y1 - y0) * scale) / 2;
    const project = (lon, lat) => {
      const [x, y] = scope.marks.mercator(lon, lat);
      return [(x - x0) * scale + dx, (y - y0) * scale + dy];
    };
    return { project, scale };
  }

  const pathOf = (geometry, project) =>
    ringsOf(geometry)
      .map((ring) => `M${ring.map(([lon, lat]) => project(lon, lat).map((n) => n.toFixed(1)).join(",")).join("L")}Z`)
      .join("");

  /** Where an area lies in its whole, as one small filled shape. */
  class Locator {
    constructor(root, { code, page, h }) {
      Object.assign(this, { code, page });
      this.head = v.heading(root, "wall.locator");
      const body = scope.element("div", "locator", root);
      this.lines = [0, 1, 2].map(() => scope.element("div", "", scope.element("div", "", body)));
      const box = { w: 300, h: h - 6 };
      const svg = make("svg", { width: box.w, height: box.h, viewBox: `0 0 ${box.w} ${box.h}`, class: "locator-map" }, root);
      const { tree } = page;
      const above = tree.get(code).parent;
      const { project } = projection(tree.shape(above).geometry, box, { left: 4, right: 4, top: 4, bottom: 4 });
      for (const area of tree.children(above)) make("path", { d: pathOf(tree.shape(area.code).geometry, project), class: area.code === code ? "here" : "other" }, svg);
    }

    update(view) {
      const { tree } = this.page;
      this.head.say();
      const area = tree.get(this.code);
      const below = area.tier === "street" ? w.say("count.community", { n: tree.children(this.code).length }) : "";
      put(this.lines[0], [below, w.say("count.grid", { n: tree.gridCount(this.code) })].filter(Boolean).join(" · "));
      const m = view.picture.area.metrics;
      const own = area.tier === "street" ? m.incidents_open - m.incidents_at_district : m.incidents_at_community;
      const old = v.isOld(v.trust(view, view.picture.area, "incidents"));
      const share = p.share(own, m.incidents_open);
      put(this.lines[1], share === null ? "" : w.say("wall.held_here", { share: share.toFixed(1) }));
      put(this.lines[2], w.say("wall.staff_here", { n: w.count(m.staff_on_duty) }));
      for (const line of this.lines) flag(line, "val-stale", old);
    }
  }

  scope.wallShapes = { make, ringsOf, projection, pathOf, Locator };
})((window.one_map = window.one_map || {}));
