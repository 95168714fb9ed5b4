"use strict";
/* Directs walls from the map and the desk: send what is looked at, let a wall follow, skip, take it back. */
(function (scope) {
  const LOOK_MS = 5000;
  const KINDS = ["alerts", "cameras", "cover", "weekday"];
  const { put, element } = scope;
  const say = (key, values) => scope.words.say(key, values);

  /** The scene of an area as walls have it: of a grid its community. lineage: areas, the root first. */
  const sceneOf = (lineage) => `area/${lineage.filter((area) => area.tier !== "grid").pop().code}`;

  class WallMenu {
    /** page: {me, tree(), here(): code that is looked at, tell(text)}. */
    constructor(page) {
      Object.assign(this, { page, walls: [], followed: null, sent: null });
      this.root = document.getElementById("walls");
      if (!page.me?.rights.includes("direct")) return;
      this.root.hidden = false;
      this.box = this.root.lastChild;
      this.root.addEventListener("toggle", () => this._toggled());
      document.addEventListener("click", (event) => {
        if (!this.root.contains(event.target)) this.root.open = false;
      });
      this.root.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !this.root.open) return;
        this.root.open = false;
        this.root.querySelector("summary").focus();
        event.stopPropagation();
        event.preventDefault();
      });
    }

    _toggled() {
      clearInterval(this.timer);
      if (!this.root.open) return;
      this.look();
      this.timer = setInterval(() => this.look(), LOOK_MS);
    }

    async look() {
      try {
        const answer = await fetch("/api/walls", { cache: "no-store" });
        if (answer.ok) this.walls = (await answer.json()).items;
      } catch {
        return; // the page itself says that the server is away
      }
      this._draw();
    }

    _draw() {
      const open = this.box.querySelector("select")?.value;
      this.box.replaceChildren();
      if (!this.walls.length) {
        put(element("p", "who", this.box), say("walls.none"));
        return;
      }
      this._choice(open);
      for (const wall of this.walls) this._row(wall);
    }

    /** What is sent: where the page is, or one of the other scenes. */
    _choice(chosen) {
      const label = element("label", "who", this.box);
      put(element("span", "", label), say("walls.what"));
      this.select = element("select", "", label);
      const lineage = this._lineage();
      const here = lineage.filter((area) => area.tier !== "grid").pop();
      this._option("", say("walls.here", { name: scope.words.name(here) }));
      for (const kind of KINDS) this._option(kind, say(`walls.scene.${kind}`));
      this.select.value = chosen ?? "";
    }

    _option(value, text) {
      const option = element("option", "", this.select);
      option.value = value;
      put(option, text);
    }

    _lineage() {
      return this.page.tree().lineage(this.page.here());
    }

    _row(wall) {
      const row = element("div", "wall-row", this.box);
      row.dataset.wall = wall.name;
      put(element("b", "", row), wall.name);
      put(element("span", "t2", row), this._state(wall));
      const buttons = element("span", "wall-buttons", row);
      const follows = this.followed === wall.name;
      const acts = [["show", say("walls.show")], ["follow", say(follows ? "walls.following" : "walls.follow")], ["skip", say("walls.skip")], ["release", say("walls.release")]];
      for (const [name, text] of acts) {
        const button = element("button", "", buttons);
        button.type = "button";
        button.dataset.act = name;
        button.setAttribute("aria-label", `${text} ${wall.name}`);
        if (name === "follow") button.setAttribute("aria-pressed", String(follows));
        put(button, text);
        button.addEventListener("click", () => this._act(wall, name));
      }
    }

    _state(wall) {
      if (wall.signs.length && wall.signs.every((sign) => sign.health === "silent")) return say("walls.silent");
      if (!wall.order?.scene) return say("walls.rotating");
      return say("walls.shown_by", { by: wall.order.by, scene: this._name(wall.order.scene) });
    }

    _name(scene) {
      const [kind, code] = scene.split("/");
      if (kind !== "area") return say(`walls.scene.${kind}`);
      return this.page.tree().has(code) ? scope.words.name(this.page.tree().get(code)) : code;
    }

    _act(wall, name) {
      if (name === "follow") return this._follow(wall);
      if (this.followed === wall.name) this.followed = null;
      const kind = this.select.value;
      const scene = name !== "show" ? null : kind ? `${kind}/${wall.area}` : sceneOf(this._lineage());
      return this.order(wall.name, name, scene);
    }

    _follow(wall) {
      this.followed = this.followed === wall.name ? null : wall.name;
      this.sent = null;
      this._draw();
      if (this.followed) this.moved();
    }

    /** The page looks at something else: the wall that follows goes along. */
    moved() {
      if (!this.followed) return;
      const scene = sceneOf(this._lineage());
      if (scene === this.sent) return;
      this.sent = scene;
      this.order(this.followed, "show", scene);
    }

    async order(name, act, scene) {
      const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
      const body = scene ? { do: act, scene } : { do: act };
      let reason = say("error.away");
      try {
        const answer = await fetch(`/api/walls/${encodeURIComponent(name)}/order`, {
          method: "POST", headers: { "content-type": "application/json", "idempotency-key": key }, body: JSON.stringify(body),
        });
        if (answer.ok) {
          this.page.tell(say(`walls.done.${act}`, { wall: name, scene: scene ? this._name(scene) : "" }));
          if (this.root.open) await this.look();
          return;
        }
        reason = (await answer.json()).reason || reason;
      } catch {
        // said below
      }
      this.followed = this.followed === name ? null : this.followed;
      this.page.tell(say("walls.failed", { reason }));
    }
  }

  scope.wallMenu = { WallMenu, sceneOf };
  if (typeof module !== "undefined") module.exports = scope.wallMenu;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
