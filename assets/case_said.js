"use strict";
/* What came of a click: the bar that says so and counts down the undo, and what a screen reader is told. */
(function (scope) {
  const UNDO_MS = 10000;
  const CALM_MS = 350; // the second half of a double click or of a double Enter does nothing
  const say = (key, values) => scope.words.say(key, values);
  const ms = (iso) => (iso ? Date.parse(iso) : null);

  class Said {
    /** box: the bar; live: the region that is read aloud; pane: the case pane. */
    constructor(box, live, pane) {
      Object.assign(this, { box, live, pane, undo: null, text: "", told: null }); // told: id of the case that the text is of
      this.words = scope.element("b", "", box);
      this.words.dir = "auto";
      this.button = scope.element("button", "case-link num", box);
      this.button.type = "button";
      this.button.dataset.do = "undo";
      this.button.setAttribute("aria-keyshortcuts", "Z");
      this.left = scope.element("span", "", this.button);
      scope.element("kbd", "", this.button).textContent = "Z";
      this.button.addEventListener("click", () => pane.undo());
      this._draw();
    }

    announce(text) {
      this.live.textContent = "";
      this.live.textContent = text;
    }

    /** Says something in the bar and aloud; with an undo, for as long as that lasts. */
    tell(text, undo = null) {
      this.text = text;
      this.undo = undo;
      this.announce(text);
      this._draw();
    }

    /** Another case was chosen: what can still be undone stays. */
    clear() {
      this.told = null;
      if (this.undo || !this.text || this.pending) return;
      this.text = "";
      this._draw();
    }

    /** A step that was taken before this page was loaded can be undone too. */
    found(held) {
      if (this.undo || !held.undo) return;
      const until = ms(held.undo.at) + UNDO_MS;
      if (until <= this.pane.page.now()) return;
      const step = held.undo.action === "whistle" && held.history.at(-1).step;
      const action = step ? `whistle.${step}` : held.undo.action;
      if (this.told !== held.id) this.text = say(`done.${action}`);
      this.undo = { id: held.id, version: held.version, action, until };
      this._draw();
    }

    tick(nowMs) {
      if (!this.undo) return;
      if (this.undo.until <= nowMs) {
        this.undo = null;
        this.text = "";
      }
      this._draw();
    }

    _draw() {
      this.box.hidden = !this.text;
      scope.put(this.words, this.text);
      this.button.hidden = !this.undo;
      if (!this.undo) return;
      const seconds = Math.max(0, Math.ceil((this.undo.until - this.pane.page.now()) / 1000));
      scope.put(this.left, say("case.undo", { n: seconds }));
    }

    // ---- answers ----------------------------------------------------------------------------------

    unsure(click, n) {
      this.pending = click.id;
      const text = this._of(click, say("case.unsure", { verb: scope.caseActions.verbText(click.wish.action) }));
      if (n > 1) text === this.text || ((this.text = text), this._draw());
      else this.tell(text);
      this.pane.redraw();
    }

    settled(click, outcome) {
      this.pending = null;
      this.undo = null;
      this.pane.calm(CALM_MS);
      if (outcome.verdict === "done") this._done(click, outcome.body);
      else this._refused(click, outcome);
    }

    /** Of a case that is not on the screen: with its title. */
    _of(click, text) {
      return click.id === this.pane.id ? text : `${click.more.title || click.id} · ${text}`;
    }

    _done(click, body) {
      const { pane } = this;
      const before = pane.id === click.id ? pane.held : null;
      const { action } = click.wish;
      const done = action === "undo" ? say("case.undone", { verb: scope.caseActions.verbText(click.more.undone) }) : say(body.said || `done.${action}`);
      this.told = click.id;
      const text = [done, click.more.to].filter(Boolean).join(" ");
      const until = ms(body.undo_until);
      const undo = until > pane.page.now() ? { id: click.id, version: body.version, action, until, title: click.more.title } : null;
      const leaves = before && body.incident && action !== "undo" && scope.caseActions.hasLeft(before, body.incident);
      const told = click.unsure ? say("case.known.done", { what: text }) : text;
      this.tell(leaves ? `${click.more.title} · ${told}` : this._of(click, told), undo);
      pane.done(click, body.incident);
      if (body.incident) pane.page.acted(body);
      if (leaves) pane.page.leave(click.id);
    }

    _refused(click, { status, body }) {
      const { pane } = this;
      if (body?.incident && click.id === pane.id) pane.take(body.incident, null);
      const why = this._why(click, status, body);
      const text = this._of(click, click.unsure ? say("case.known.undone", { why }) : why);
      this.tell(text);
      pane.redraw();
      if (status === 422 && click.id === pane.id && pane.composer.action === click.wish.action) pane.composer.problem(body?.field, why);
    }

    _why(click, status, body) {
      const { action } = click.wish;
      if (body?.code === "outrun") return this._outrun(click, body);
      if (body?.code && this.pane.held) return scope.caseActions.whyNot(this.pane.held, action, body.code, body.possible);
      if (status === 404) return say("case.gone");
      if (status !== 422) return say("why.other", { verb: scope.caseActions.verbText(action) });
      const told = say(`case.wrong.${body?.field}`);
      return told.startsWith("case.wrong.") ? say("case.wrong", { reason: body?.reason ?? "" }) : told;
    }

    /** Somebody was first: who, what and when. */
    _outrun(click, { winner }) {
      const verb = scope.caseActions.verbText(click.wish.action);
      if (!winner) return say("case.outrun.unknown", { verb });
      const time = scope.words.hms(ms(winner.at));
      return say("case.outrun", { verb, by: winner.by, what: scope.caseTrail.moveText(winner), time });
    }
  }

  /** Names one click; randomUUID wants https, the numbers below do not. */
  scope.caseKey = () =>
    crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  scope.caseSaid = { Said, UNDO_MS, CALM_MS };
})((window.one_map = window.one_map || {}));
