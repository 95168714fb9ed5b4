"use strict";
/* The scenes of one wall, from the playlist of the region pack. Pure. A scene is named KIND/CODE. */
(function (scope) {
  const KINDS = ["area", "alerts", "cameras", "cover", "weekday"];
  const DWELL_S = 20; // of a scene that is no entry of the playlist

  /** Every entry as its scenes: [{id, kind, code, dwell_s}]. children(code): codes right below. */
  function expand(entries, top, children) {
    return entries.flatMap(({ scene, of, dwell_s }) => {
      const codes = of === "children" ? children(top) : [top];
      return codes.map((code) => ({ id: `${scene}/${code}`, kind: scene, code, dwell_s }));
    });
  }

  /** A scene by its name; null for one that there is none of. tierOf(code): null outside the wall's area. */
  function find(id, tierOf) {
    const [kind, code, more] = String(id).split("/");
    if (more !== undefined || !KINDS.includes(kind)) return null;
    const tier = tierOf(code);
    if (!tier || tier === "grid") return null;
    return { id: `${kind}/${code}`, kind, code, dwell_s: DWELL_S };
  }

  /** Where a new priority 1 incident is shown: the scene of its street, or of the smallest area around
      it that the wall shows. lineage: codes of its place, the root first; tierOf as above. */
  function placeOf(lineage, tierOf) {
    const inside = lineage.filter((code) => tierOf(code));
    const street = inside.find((code) => tierOf(code) === "street");
    const code = street || inside.filter((one) => tierOf(one) !== "grid").pop();
    return code ? `area/${code}` : null;
  }

  scope.wallList = { expand, find, placeOf };
  if (typeof module !== "undefined") module.exports = scope.wallList;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
