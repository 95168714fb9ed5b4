"use strict";
/* The areas of the region pack as the page knows them: names, parents, shapes. */
(function (scope) {
  class Tree {
    /** areas: the FeatureCollection of /region/areas.geojson. */
    constructor(areas) {
      this.shapes = new Map(areas.features.map((feature) => [feature.properties.code, feature]));
      this.below = new Map();
      for (const { properties } of areas.features) {
        if (!this.below.has(properties.parent)) this.below.set(properties.parent, []);
        this.below.get(properties.parent).push(properties);
      }
      for (const list of this.below.values()) list.sort((a, b) => (a.code < b.code ? -1 : 1));
    }

    has(code) {
      return this.shapes.has(code);
    }

    get(code) {
      return this.shapes.get(code).properties;
    }

    shape(code) {
      return this.shapes.get(code);
    }

    children(code) {
      return this.below.get(code) || [];
    }

    /** The area and all above it, the root first. */
    lineage(code) {
      const line = [];
      for (let area = this.get(code); area; area = area.parent && this.get(area.parent)) line.unshift(area);
      return line;
    }

    gridCount(code) {
      const area = this.get(code);
      if (area.tier === "grid") return 1;
      return this.children(code).reduce((sum, child) => sum + this.gridCount(child.code), 0);
    }

    /** Where a grid is, without what the reader of `seenFrom` knows already; in English without the tier, for room. */
    place(code, seenFrom) {
      if (!this.has(code)) return "";
      const { name, shortName, language, say, gridNumber } = scope.words;
      const named = language() === "en" ? shortName : name;
      const known = new Set(this.lineage(seenFrom.code).map((area) => area.code));
      return this.lineage(code)
        .filter((area) => !known.has(area.code) && area.tier !== "street")
        .map((area) => (area.tier === "grid" ? say("grid.name", { n: gridNumber(area) }) : named(area)))
        .join(" · ");
    }
  }

  scope.Tree = Tree;
})((window.one_map = window.one_map || {}));
