"use strict";
/* The map: polygons as Leaflet SVG layers given once and restyled in place, two canvases above them. */
(function (scope) {
  const WORLD = 256;
  const PANES = { context: 210, fill: 300, line: 310, halo: 320, marks: 410, top: 420 };

  /** Every ring of a GeoJSON geometry. */
  const ringsOf = (geometry) =>
    geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
  const latLngs = (geometry) =>
    geometry.type === "Polygon"
      ? geometry.coordinates.map(flip)
      : geometry.coordinates.map((polygon) => polygon.map(flip));
  const flip = (ring) => ring.map(([lon, lat]) => [lat, lon]);

  class AreaMap {
    /** map: the Leaflet map of dash-leaflet; shapes: Map code -> feature; on: {pick, drill, moved, hover}. */
    constructor(map, shapes, context, on) {
      this.map = map;
      this.L = window.L;
      this.shapes = shapes;
      this.context = context;
      this.on = on;
      this.layers = new Map(); // role:code -> Leaflet polygon
      this.styled = new Map(); // role:code -> what it was styled with
      this.moved = false; // by hand since the last fit
      this._panes();
      this._patterns();
      this._drawContext();
      this._ground(scope.boot.root);
      this.marksCanvas = this._canvas("marks");
      this.topCanvas = this._canvas("top");
      map.on("moveend zoomend resize", () => this._reset());
      map.on("move", () => this.on.moving());
      map.on("dragstart", () => (this.moved = true));
      map.on("click", (event) => this.on.pick(null, event.containerPoint));
      map.on("mousemove", (event) => this.on.hover(event.containerPoint));
      map.on("mouseout", () => this.on.hover(null));
      map.getContainer().addEventListener("wheel", () => (this.moved = true), { passive: true });
    }

    _panes() {
      this.renderers = {};
      for (const [name, order] of Object.entries(PANES)) {
        const pane = this.map.createPane(name);
        pane.style.zIndex = String(order);
        if (name !== "fill") pane.style.pointerEvents = "none";
        if (name !== "marks" && name !== "top") this.renderers[name] = this.L.svg({ pane: name, padding: 0.3 });
      }
    }

    /** Hatches, usable by url(#...) from every SVG of the page; those of the legend grow with its keys. */
    _patterns() {
      const lines = (id, ground, stroke, gap, width) =>
        `<pattern id="${id}" width="${gap}" height="${gap}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
        `<rect width="${gap}" height="${gap}" fill="${ground}"/>` +
        `<path d="M0 0V${gap}" stroke="${stroke}" stroke-width="${width}"/></pattern>`;
      const ramp = [1, 2, 3, 4, 5]
        .map((k) => lines(`stale${k}`, `var(--q${k})`, "color-mix(in srgb, var(--dq) 45%, transparent)", 11, 2))
        .join("");
      const holder = document.createElement("div");
      holder.innerHTML =
        '<svg width="0" height="0" class="hatches" aria-hidden="true"><defs>' +
        lines("delegated", "var(--bg)", "var(--line)", 14, 2.5) +
        lines("delegated-key", "var(--bg)", "var(--line-strong)", 7, 1.5) +
        lines("few", "var(--q1)", "var(--fill-2)", 9, 1.6) +
        lines("few-key", "var(--q1)", "var(--fill)", 4.5, 1.2) +
        ramp +
        "</defs></svg>";
      this.hatches = holder.firstChild;
      document.body.append(this.hatches);
    }

    /** As wide on a large screen as everything else. */
    hatch(unit) {
      for (const pattern of this.hatches.querySelectorAll("pattern:not([id$=-key])"))
        pattern.setAttribute("patternTransform", `rotate(45) scale(${unit})`);
    }

    _drawContext() {
      const order = { neighbour_district: 0, delegated_street: 1, lake: 2 };
      const features = [...this.context.features].sort((a, b) => order[a.properties.kind] - order[b.properties.kind]);
      for (const feature of features) {
        this.L.polygon(latLngs(feature.geometry), {
          renderer: this.renderers.context, pane: "context", interactive: false,
          className: `context ${feature.properties.kind}`, fillOpacity: 1,
          fillColor: feature.properties.kind === "delegated_street" ? "url(#delegated)" : undefined,
        }).addTo(this.map);
      }
    }

    /** The ground of the region: what lies beside a drilled area is land, not lake. */
    _ground(root) {
      this.L.polygon(latLngs(this.shapes.get(root).geometry), {
        renderer: this.renderers.context, pane: "context", interactive: false, className: "context ground", fillOpacity: 1,
      }).addTo(this.map);
    }

    _canvas(pane) {
      const canvas = document.createElement("canvas");
      canvas.style.position = "absolute";
      canvas.setAttribute("aria-hidden", "true");
      this.map.getPane(pane).append(canvas);
      return canvas;
    }

    /** Shows exactly these polygons. wanted: [{role: fill|line|halo, code, className}]. */
    show(wanted) {
      const keep = new Set(wanted.map(({ role, code, className }) => `${role}:${code}:${className}`));
      for (const [key, layer] of this.layers) {
        if (keep.has(key)) continue;
        layer.remove();
        this.layers.delete(key);
        this.styled.delete(key);
      }
      for (const { role, code, className } of wanted) {
        const key = `${role}:${code}:${className}`;
        if (this.layers.has(key)) continue;
        this.layers.set(key, this._polygon(role, code, className));
      }
    }

    _polygon(role, code, className) {
      const fill = role === "fill";
      const layer = this.L.polygon(latLngs(this.shapes.get(code).geometry), {
        renderer: this.renderers[role], pane: role, interactive: fill, bubblingMouseEvents: false,
        className: `area ${className}`, fill, fillOpacity: 1, smoothFactor: 0.5,
      }).addTo(this.map);
      if (fill) {
        layer.on("click", (event) => this.on.pick(code, event.containerPoint));
        layer.on("dblclick", () => this.on.drill(code));
      }
      return layer;
    }

    /** Colours one filled polygon in place. */
    paint(code, className, fillColor) {
      const key = `fill:${code}:${className}`;
      const layer = this.layers.get(key);
      if (!layer || this.styled.get(key) === fillColor) return;
      layer.setStyle({ fillColor });
      this.styled.set(key, fillColor);
    }

    /** Fits an area into the free part of the view. pads: {left, top, right, bottom} px. */
    fit(code, pads) {
      const rings = ringsOf(this.shapes.get(code).geometry);
      const bounds = this.L.latLngBounds(rings.flatMap((ring) => flip(ring)));
      this.moved = false;
      this.map.fitBounds(bounds, {
        paddingTopLeft: [pads.left, pads.top], paddingBottomRight: [pads.right, pads.bottom], animate: false,
      });
    }

    zoom(step) {
      this.moved = true;
      this.map.setZoom(this.map.getZoom() + step, { animate: false });
    }

    /** Longitude, latitude -> canvas px. */
    project(lon, lat) {
      const [mx, my] = scope.marks.mercator(lon, lat);
      return [mx * this.scale - this.left, my * this.scale - this.top];
    }

    /** Rings of an area (or a context feature) in canvas px. */
    rings(geometry) {
      return ringsOf(geometry).map((ring) => ring.map(([lon, lat]) => this.project(lon, lat)));
    }

    /** Puts both canvases over the view again; the page draws. Leaflet tells of one move more than once. */
    _reset() {
      const size = this.map.getSize();
      const corner = this.map.containerPointToLayerPoint([0, 0]);
      const world = this.map.getPixelBounds().min;
      const place = [size, corner, world, this.map.getZoom(), window.devicePixelRatio].join();
      if (place === this.place) return;
      this.place = place;
      this.scale = WORLD * 2 ** this.map.getZoom();
      Object.assign(this, { width: size.x, height: size.y, left: world.x, top: world.y });
      for (const canvas of [this.marksCanvas, this.topCanvas]) {
        this.L.DomUtil.setPosition(canvas, corner);
        canvas.style.width = `${size.x}px`;
        canvas.style.height = `${size.y}px`;
      }
      this.on.reset({
        width: size.x, height: size.y, scale: this.scale, left: world.x, top: world.y,
        ratio: window.devicePixelRatio || 1,
      });
    }

    /** A round distance near `px` pixels: {metres, px}. */
    scaleBar(px) {
      const lat = this.map.getCenter().lat;
      const perPixel = (40075016.686 * Math.cos((lat * Math.PI) / 180)) / this.scale;
      const wanted = perPixel * px;
      const power = 10 ** Math.floor(Math.log10(wanted));
      const metres = [5, 2, 1].map((k) => k * power).find((m) => m <= wanted);
      return { metres, px: metres / perPixel };
    }
  }

  scope.AreaMap = AreaMap;
})((window.one_map = window.one_map || {}));
