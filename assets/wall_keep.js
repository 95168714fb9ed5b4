"use strict";
/* What a wall keeps over a reload or a night without power: its last picture, its place, the time of the server. */
(function (scope) {
  const PICTURE = "onemap.wall.picture";
  const PLACE = "onemap.wall.place";
  const NAME = "onemap.wall.screen";
  const FRAME = "onemap.wall.frame";
  const RELOADED = "onemap.wall.reloaded";

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

  /** What is on screen, as markup: the page that follows on this one shows it until it has drawn its own. */
  function keepFrame(root) {
    const copy = root.cloneNode(true);
    for (const node of copy.querySelectorAll(".scene:not(.on)")) node.remove();
    for (const node of copy.querySelectorAll("[style]")) {
      node.dataset.css = node.getAttribute("style"); // a policy forbids styles in markup: they are set one by one
      node.removeAttribute("style");
    }
    try {
      sessionStorage.setItem(FRAME, copy.innerHTML);
    } catch {
      sessionStorage.removeItem(FRAME);
    }
  }

  /** Puts the last page's frame below `root`; null when there is none. */
  function lastFrame(root) {
    const kept = sessionStorage.getItem(FRAME);
    if (!kept) return null;
    sessionStorage.removeItem(FRAME);
    const holder = scope.element("div", "last-frame", root);
    holder.innerHTML = kept;
    for (const node of holder.querySelectorAll("[data-css]")) node.style.cssText = node.dataset.css;
    return holder;
  }

  scope.wallKeep = {
    keepFrame,
    lastFrame,
    /** When this wall loaded itself anew last, epoch ms by its own clock; 0: never. */
    reloadedAt: () => Number(sessionStorage.getItem(RELOADED)) || 0,
    keepReload: (ms) => sessionStorage.setItem(RELOADED, String(ms)),
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
