"use strict";
/* What the map waits for: the shapes, fetched at once, before Dash has drawn anything, and Leaflet's own map. */
(function (scope) {
  const shapes = { serverOffset: null }; // server minus own clock, to the second

  async function fetchFor(name) {
    for (let n = 1; ; n++) {
      try {
        const answer = await fetch(`/region/${name}.geojson`);
        const sentAt = Date.parse(answer.headers.get("date"));
        if (sentAt) shapes.serverOffset = sentAt - Date.now();
        if (answer.ok) return await answer.json();
        if (answer.status === 401) scope.page?.session.check();
      } catch {
        // the server is away: try again
      }
      scope.page?.shell?.tell(scope.words.say("error.region", { n }), 5);
      await new Promise((resolve) => setTimeout(resolve, scope.live.pauseMs(n, Math.random)));
    }
  }

  shapes.fetched = Promise.all([fetchFor("areas"), fetchFor("context")]);
  /** dash-leaflet makes the map; this hands it over. */
  shapes.leaflet = new Promise((resolve) => {
    if (window.L) window.L.Map.addInitHook(function () { resolve(this); });
  });
  scope.shapes = shapes;
})((window.one_map = window.one_map || {}));
