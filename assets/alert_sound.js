"use strict";
/* Sounds until somebody acknowledges: which of the alerts sound is pure; one tab of a browser makes the tones, by oscillators. */
(function (scope) {
  const P1_EVERY_MS = 1600;
  const P2_EVERY_MS = 10000;
  const CLAIM_MS = 400; // another tab may say meanwhile that it sounds already
  const VISIBLE_MS = 3000; // a tab in sight that says nothing so long is gone
  const HIDDEN_MS = 65000; // browsers wake a hidden tab once a minute only
  const EVERY_MS = { 1: P1_EVERY_MS, 2: P2_EVERY_MS };
  // [Hz, starts s, lasts s, loudness 0-1, shape]
  const TONES = {
    1: [[880, 0, 0.16, 0.5, "square"], [660, 0.2, 0.16, 0.5, "square"], [880, 0.4, 0.16, 0.5, "square"], [660, 0.6, 0.16, 0.5, "square"]],
    2: [[523, 0, 0.35, 0.22, "sine"]],
  };

  /** The level to sound at: 0 silent, 1 urgent, 2 soft. ringing: of the topic; mute: {at, until} or null. */
  function level(ringing, { mute, isFlood, nowMs }) {
    const isMuted = Boolean(mute) && Date.parse(mute.until) > nowMs;
    const sounds = (one) => {
      if (one.priority > 2 || (one.priority === 2 && (isFlood || isMuted))) return false;
      return !isMuted || Date.parse(one.since) > Date.parse(mute.at); // a P1 after the mute began goes through it
    };
    return ringing.filter(sounds).reduce((least, one) => (least ? Math.min(least, one.priority) : one.priority), 0);
  }

  /** Which tab of this browser sounds: the most urgent level, then one in sight, then the first by name. */
  class Leader {
    /** id: of this tab; post(message): to the other tabs. */
    constructor(id, post) {
      Object.assign(this, { id, post, level: 0, hidden: false, peers: new Map(), claimedAt: null });
    }

    /** What this tab wants to sound; told at once when it changed, and now and then. */
    want(wanted, hidden, nowMs, beat = false) {
      const changed = wanted !== this.level || hidden !== this.hidden;
      if (wanted && !this.level) this.claimedAt = nowMs;
      if (!wanted) this.claimedAt = null;
      Object.assign(this, { level: wanted, hidden });
      if (changed || beat) this.post({ id: this.id, level: wanted, hidden });
    }

    heard(message, nowMs) {
      if (message.id === this.id) return;
      if (message.gone || !message.level) this.peers.delete(message.id);
      else this.peers.set(message.id, { ...message, at: nowMs });
    }

    leave() {
      this.post({ id: this.id, gone: true });
    }

    /** May this tab sound now? */
    leads(nowMs) {
      if (!this.level || nowMs - this.claimedAt < CLAIM_MS) return false;
      for (const [id, peer] of this.peers) if (nowMs - peer.at > (peer.hidden ? HIDDEN_MS : VISIBLE_MS)) this.peers.delete(id);
      return [...this.peers.values()].every((peer) => rank(this) < rank(peer));
    }
  }

  const rank = (tab) => `${tab.level}${tab.hidden ? 1 : 0}${tab.id}`;

  class AlertSound {
    /** on: {changed()} when the sound may or may not be heard. */
    constructor(on) {
      this.on = on;
      this.level = 0;
      this.muteUntil = null;
      this.nextAt = 0;
      this.beatAt = 0;
      this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("one-map.alert-sound");
      this.leader = new Leader(scope.caseKey(), (message) => this.channel?.postMessage(message));
      if (this.channel) this.channel.onmessage = ({ data }) => this.leader.heard(data, Date.now());
      window.addEventListener("pagehide", () => this.leader.leave());
      this._prepare();
    }

    /** A browser lets a page sound after somebody used it; any use will do. Not as the pointer goes down: the row that says the
        sound is off goes then, and what was aimed at is elsewhere when the pointer comes up. */
    _prepare() {
      const Context = window.AudioContext || window.webkitAudioContext;
      if (!Context) return;
      this.context = new Context();
      this.context.onstatechange = () => this.on.changed();
      for (const name of ["click", "keydown"]) document.addEventListener(name, () => this.enable(), { capture: true });
    }

    get enabled() {
      return this.context?.state === "running";
    }

    async enable() {
      if (!this.context || this.enabled) return;
      await this.context.resume().catch(() => undefined); // it stays off, and the page says so
      this.on.changed();
    }

    /** What is to be heard from now on. */
    set(wanted, muteUntil) {
      if (wanted && wanted !== this.level) this.nextAt = 0;
      this.level = wanted;
      this.muteUntil = muteUntil;
      this.tick();
    }

    /** A few times a second. */
    tick() {
      const nowMs = Date.now();
      const beat = nowMs - this.beatAt >= 1000;
      if (beat) this.beatAt = nowMs;
      this.leader.want(this.enabled ? this.level : 0, document.hidden, nowMs, beat && this.level > 0);
      if (!this.enabled || nowMs < this.nextAt || !this.leader.leads(nowMs)) return;
      this.nextAt = nowMs + EVERY_MS[this.level];
      for (const tone of TONES[this.level]) this._tone(tone);
    }

    _tone([hertz, starts, lasts, loudness, shape]) {
      const { context } = this;
      const from = context.currentTime + starts;
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.type = shape;
      oscillator.frequency.value = hertz;
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(loudness, from + 0.01);
      gain.gain.setValueAtTime(loudness, from + lasts - 0.04);
      gain.gain.linearRampToValueAtTime(0, from + lasts);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(from);
      oscillator.stop(from + lasts);
    }

    /** {enabled, ringing: 0 | 1 | 2, muted_until: ISO | null, leads}. */
    state() {
      return { enabled: this.enabled, ringing: this.level, muted_until: this.muteUntil, leads: this.leader.leads(Date.now()) };
    }
  }

  scope.alertSounds = { AlertSound, Leader, level };
  if (typeof module !== "undefined") module.exports = scope.alertSounds;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
