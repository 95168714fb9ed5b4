"use strict";
/* What a wall holds of the topics it has looked at, of now and of before. Touches no document. */
(function (scope) {
  const BY_KEY = { wall: ["children", "cases"], bells: ["groups"] }; // parts of which only what changed is told

  class WallPictures {
    constructor() {
      this.areas = new Map(); // code -> picture of its topic
      this.walls = new Map(); // code -> wall topic
      this.bells = new Map();
      this.feeds = null;
      this.asOf = new Map(); // topic -> when it came first, as text
      this.away = new Set(); // topics that are not followed just now: what is held of them is old
    }

    snapshot(topic, snapshot, asOf) {
      this.asOf.set(topic, asOf);
      this.away.delete(topic);
      const [kind, code] = topic.split("/");
      if (kind === "feeds") this.feeds = snapshot;
      else if (kind === "area") {
        const picture = scope.picture.fromSnapshot(snapshot);
        picture.asOf = asOf;
        this.areas.set(code, picture);
      } else if (kind === "wall") this.walls.set(code, snapshot);
      else if (kind === "bells") this.bells.set(code, snapshot);
    }

    /** Whether anything changed. */
    delta(topic, delta, asOf) {
      const [kind, code] = topic.split("/");
      if (kind === "feeds") this.feeds = { ...this.feeds, ...delta };
      else if (kind === "area") {
        const picture = this.areas.get(code);
        if (!picture) return false;
        picture.asOf = asOf;
        scope.picture.applyDelta(picture, delta);
      } else merge((kind === "wall" ? this.walls : this.bells).get(code), delta, BY_KEY[kind]);
      return Object.keys(delta).length > 0;
    }

    /** From now on these alone are followed. wanted: Set of topics. */
    follow(wanted) {
      for (const topic of this.asOf.keys()) if (!wanted.has(topic)) this.away.add(topic);
    }

    isAway(topic) {
      return this.away.has(topic);
    }

    isFollowed(topic) {
      return this.asOf.has(topic) && !this.away.has(topic);
    }

    /** Every topic as its snapshot would be now: {topic: {snapshot, asOf}}. */
    whole() {
      const found = {};
      for (const [topic, asOf] of this.asOf) {
        const [kind, code] = topic.split("/");
        if (kind === "feeds") found[topic] = { snapshot: this.feeds, asOf };
        else if (kind === "wall") found[topic] = { snapshot: this.walls.get(code), asOf };
        else if (kind === "bells") found[topic] = { snapshot: this.bells.get(code), asOf };
        else found[topic] = snapshotOf(this.areas.get(code));
      }
      return found;
    }
  }

  function snapshotOf(one) {
    return {
      asOf: one.asOf,
      snapshot: {
        area: one.area, lineage: one.lineage, children: [...one.children.values()],
        incidents: { items: [...one.incidents.values()], total: one.incidentsTotal }, origins: one.origins,
      },
    };
  }

  /** Lays a delta over a snapshot; of some parts key by key, where null takes one out. */
  function merge(held, delta, byKey) {
    if (!held) return;
    for (const [name, value] of Object.entries(delta)) {
      if (!byKey.includes(name)) held[name] = value;
      else
        for (const [key, one] of Object.entries(value)) {
          if (one === null) delete held[name][key];
          else held[name][key] = one;
        }
    }
  }

  scope.WallPictures = WallPictures;
  if (typeof module !== "undefined") module.exports = (picture) => {
    scope.picture = picture;
    return WallPictures;
  };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
