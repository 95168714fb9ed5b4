"use strict";
/* The area that the visitor may see: the top of his map. Pure but for the notice it words. */
(function (scope) {
  class Reach {
    /** boot: {root, me: {area} | null}. */
    constructor(boot) {
      this.root = boot.root;
      this.top = boot.me?.area ?? boot.root;
      this.isWhole = this.top === this.root;
    }

    /** Before the shapes are there nothing but the top is sure to lie inside. */
    maybe(code) {
      return this.isWhole || code === this.top;
    }

    /** Is it the top, or inside? tree: {has, lineage}. */
    holds(tree, code) {
      return tree.has(code) && tree.lineage(code).some((area) => area.code === this.top);
    }

    /** Why an asked-for area is not shown. */
    refusal(tree, code) {
      const { say, name } = scope.words;
      if (tree.has(code)) return say("error.outside", { name: name(tree.get(code)) });
      return say("error.area", { code, region: name(tree.get(this.top)) });
    }

    /** The code of the street beside the top that holds a point of the map, or null. */
    beside(tree, map, point) {
      if (this.isWhole) return null;
      const under = (code) => scope.labels.inside(map.rings(tree.shape(code).geometry), point.x, point.y);
      if (under(this.top)) return null;
      for (const area of tree.lineage(this.top))
        for (const other of tree.children(area.parent))
          if (other.code !== area.code && under(other.code)) return other.code;
      return null;
    }
  }

  scope.Reach = Reach;
  if (typeof module !== "undefined") module.exports = { Reach };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
