"use strict";
/* What a wall keeps over a reload or a night without power: its last picture, its place, the time of the server. */
(function (scope) {
  const PICTURE = "onemap.wall.picture";
  const PLACE = "onemap.wall.place";
  const NAME = "onemap.wall.screen";

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null; // of another program, or no room was left: as if there were none
    }
  }

  function write(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      localStorage.removeItem(key); // half a picture is worse than none
    }
  }

  /** A name of this browser's own, so that screens of one display can be told apart. */
  function screenName() {
    const held = read(NAME);
    if (typeof held === "string") return held;
    const made = Array.from(crypto.getRandomValues(new Uint8Array(10)), (n) => (n % 36).toString(36)).join("");
    write(NAME, made);
    return made;
  }

  scope.wallKeep = {
    /** {region, version, topics: {name: {snapshot, asOf}}, feeds, offset}; null when there is none of this region. */
    picture(region) {
      const held = read(PICTURE);
      return held && held.region === region && held.topics ? held : null;
    },
    keepPicture: (picture) => write(PICTURE, picture),
    place: () => read(PLACE),
    keepPlace: (place) => write(PLACE, place),
    screenName,
  };
})((window.one_map = window.one_map || {}));
