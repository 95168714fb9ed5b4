"use strict";
/* Signs of life, the wake lock, and the copy of the page that opens when the server is away. */
(function (scope) {
  const EVERY_MS = 1000;
  const FPS_EVERY_MS = 10000;
  const FONTS = ["inter-latin-wght-normal", "noto-sans-sc-400", "noto-sans-sc-700"].map((name) => `/assets/fonts/${name}.woff2`);

  class Signs {
    /** page: {scene name, state, version, screen}; what a sign tells is asked for by tell(). */
    constructor(tell, version) {
      this.tell = tell;
      this.fps = 0;
      this.startedAt = performance.now();
      this._watchdog(version);
      setInterval(() => this._beat(), EVERY_MS);
      setInterval(() => this._count(), FPS_EVERY_MS);
      this._count();
      this._stayAwake();
      document.addEventListener("visibilitychange", () => this._stayAwake());
    }

    /** Speaks for the page from a thread of its own: it still does when the page stands still. */
    _watchdog(version) {
      try {
        this.worker = new Worker(`/assets/wall_watchdog.js?v=${version}`);
      } catch {
        this.worker = null; // a browser without workers: the wall is silent, and that is seen
      }
    }

    _beat() {
      const heap = performance.memory ? Math.round(performance.memory.usedJSHeapSize / 2 ** 20) : null;
      this.worker?.postMessage({
        ...this.tell(), fps: this.fps, heap_mb: heap, up_s: Math.round((performance.now() - this.startedAt) / 1000),
        width: window.innerWidth, height: window.innerHeight,
      });
    }

    /** Frames of one second. */
    _count() {
      const began = performance.now();
      let n = 0;
      const frame = (now) => {
        if (now - began < 1000) {
          n += 1;
          requestAnimationFrame(frame);
        } else this.fps = Math.round((n * 1000) / (now - began));
      };
      requestAnimationFrame(frame);
    }

    async _stayAwake() {
      if (document.hidden || !navigator.wakeLock) return;
      try {
        this.lock = await navigator.wakeLock.request("screen");
      } catch {
        // the system does not grant it: the kiosk's own settings keep the screen on
      }
    }
  }

  /** From now on the page opens from its own copy where the server is away; plain HTTP has no such thing. */
  async function keepCopy(version, assets) {
    if (!navigator.serviceWorker) return;
    try {
      await navigator.serviceWorker.register("/wall-service.js", { scope: "/wall" });
      const { active } = await navigator.serviceWorker.ready;
      active.postMessage({ version, assets: [...assets, "/region/areas.geojson", "/region/context.geojson", ...FONTS] });
    } catch {
      // without a copy the wall lives on as long as its page is open
    }
  }

  scope.wallSigns = { Signs, keepCopy };
})((window.one_map = window.one_map || {}));
