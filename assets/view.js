"use strict";
/* What the page looks at: read from the URL, written to the URL, and moved by keys. Pure. */
(function (scope) {
  /** "?area=..." -> view. boot: {root, top?, lang, layers, overlays, default_overlays, systems}; has(code): does it exist? */
  function read(search, boot, has) {
    const query = new URLSearchParams(search);
    const asked = query.get("area");
    const area = asked && has(asked) ? asked : (boot.top ?? boot.root);
    const select = query.get("select");
    const layer = query.get("layer");
    const system = query.get("system");
    const known = Object.hasOwn(boot.systems, system ?? "");
    const overlays = query.has("overlays") ? query.get("overlays").split(",") : boot.default_overlays;
    return {
      area,
      select: select && has(select) && select !== area ? select : null,
      layer: boot.layers.includes(layer) ? layer : boot.layers[0],
      overlays: boot.overlays.filter((name) => overlays.includes(name)),
      system: known ? system : null,
      lang: ["zh", "en"].includes(query.get("lang")) ? query.get("lang") : null,
      table: query.get("view") === "table",
      unknown: asked && !has(asked) ? asked : null,
      noSystem: system && !known ? system : null,
    };
  }

  /** View -> "?area=...", always with the area, else only what differs from the default. */
  function write(view, boot) {
    const query = new URLSearchParams({ area: view.area });
    if (view.select) query.set("select", view.select);
    if (view.layer !== boot.layers[0]) query.set("layer", view.layer);
    if (view.overlays.join() !== boot.overlays.filter((o) => boot.default_overlays.includes(o)).join())
      query.set("overlays", view.overlays.join());
    if (view.system) query.set("system", view.system);
    if (view.lang) query.set("lang", view.lang);
    if (view.table) query.set("view", "table");
    return `?${query.toString().replace(/%2C/g, ",")}`;
  }

  /** The language: URL, else the server's setting, which may leave it to the browser. */
  function language(view, boot, browser) {
    if (view.lang) return view.lang;
    if (boot.lang !== "browser") return boot.lang;
    return /^en\b/i.test(browser || "") ? "en" : "zh";
  }

  const AHEAD = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  /** The next area in the direction of an arrow key. spots: [{code, x, y}], y downwards. */
  function neighbour(spots, from, key) {
    const here = spots.find((spot) => spot.code === from);
    if (!here) return spots[0]?.code ?? null;
    const [dx, dy] = AHEAD[key];
    let best = null;
    for (const spot of spots) {
      const along = (spot.x - here.x) * dx + (spot.y - here.y) * dy;
      const aside = Math.abs((spot.x - here.x) * dy) + Math.abs((spot.y - here.y) * dx);
      if (spot === here || along <= 0 || aside > 2 * along) continue;
      const cost = along + 1.5 * aside;
      if (!best || cost < best.cost) best = { code: spot.code, cost };
    }
    return best ? best.code : from;
  }

  scope.view = { read, write, language, neighbour };
  if (typeof module !== "undefined") module.exports = scope.view;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
