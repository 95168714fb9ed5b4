"use strict";
/* One socket to /live for the whole page: topics, sequence numbers, gaps, silence, and coming back for ever.

   The class touches no document and no global: socket, time and chance are given, so that
   tests/js/live.test.js runs it with a clock of its own. Times are epoch milliseconds. */
(function (scope) {
  const LATE_MS = 5000; // no frame: the page's data is late
  const CUT_MS = 15000; // no frame, or none that is newer: cut off, whatever the socket says
  const DIAL_MS = 8000; // a socket that has not opened by then is given up
  const JUMP_MS = 30000; // no frame is so late: the own clock was set anew
  const FIRST_PAUSE_MS = 500;
  const LONGEST_PAUSE_MS = 10000;

  /** Pause before attempt n (from 0), half of it by chance. */
  function pauseMs(attempt, random, longest = LONGEST_PAUSE_MS) {
    const whole = Math.min(longest, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
    return whole / 2 + (random() * whole) / 2;
  }

  class Live {
    /** connect(): a WebSocket; on: {snapshot, delta, error, watching, screen, opened, cut, recovered, closed}. */
    constructor({ connect, now, random, on, longestPauseMs = LONGEST_PAUSE_MS }) {
      this.connect = connect;
      this.longestPauseMs = longestPauseMs;
      this.now = now;
      this.random = random;
      this.on = on;
      this.topics = new Map(); // topic -> {sequence: number | null, askedAt, heardAt}
      this.socket = null;
      this.open = false;
      this.attempt = 0;
      this.dialAt = 0; // when to dial next; 0 = at the next tick
      this.dialledAt = 0;
      this.heardAt = null; // any frame
      this.asOf = null; // server time of the newest frame
      this.movedAt = 0; // when that frame came
      this.movedBy = null; // "snapshot" | "delta"; a delta is new when it comes, a snapshot may be old
      this.offset = 0; // server minus own clock
      this.cutAt = null; // since when cut off; null while all is well
      this.watching = new Map(); // case id -> names of those who have it open; desk topics tell
      this.opened = null; // the case that is open here
      this.silent = false; // cut because nothing came, not because the socket closed
      this.startedAt = now();
    }

    /** Look at exactly these topics from now on. */
    want(topics) {
      for (const topic of [...this.topics.keys()]) {
        if (topics.includes(topic)) continue;
        this.topics.delete(topic);
        this._send({ unsubscribe: topic });
      }
      for (const topic of topics) {
        if (this.topics.has(topic)) continue;
        this.topics.set(topic, { sequence: null, askedAt: this.now(), heardAt: this.now() });
        this._send({ subscribe: topic });
      }
    }

    /** Tells the other desks which case is open here; null: none. */
    look(id) {
      if (id === this.opened) return;
      this.opened = id;
      this._send({ open: id });
    }

    /** Says something besides topics; nothing while there is no connection. */
    say(message) {
      this._send(message);
    }

    /** To be called a few times a second. */
    tick() {
      const now = this.now();
      if (!this.socket) {
        if (now >= this.dialAt) this._dial();
        return;
      }
      if (!this.open) {
        if (now - this.dialledAt > DIAL_MS) this._lost(false);
        return;
      }
      const since = Math.max(this.heardAt ?? 0, this.openedAt);
      if (this.topics.size && now - since > CUT_MS) this._lost(true);
      else this._askAgain(now);
    }

    /** The network is back or the page is shown again: do not wait for the pause to end. */
    hurry() {
      if (!this.socket) this.dialAt = 0;
      this.tick();
    }

    /** The server's clock by another way than a frame, which may be as old as its picture. */
    keepServerTime(offset) {
      if (!this.timed || offset > this.offset) this.offset = offset;
      this.timed = true;
    }

    /** {state: connecting|live|late|cut, since, attempt, silent, stalled, asOf}: what the screen must say. */
    status() {
      const now = this.now();
      const base = { attempt: Math.max(1, this.attempt), silent: this.silent, stalled: false, asOf: this.asOf };
      if (this.cutAt !== null) return { ...base, state: "cut", since: this.cutAt };
      if (this.heardAt === null) return { ...base, state: "connecting", since: this.startedAt };
      const since = Math.min(this.heardAt, this._newAt() ?? this.heardAt);
      if (now - since > CUT_MS) return { ...base, state: "cut", stalled: true, since };
      return { ...base, state: now - since > LATE_MS ? "late" : "live", since };
    }

    /** When the numbers were last new, by this machine's clock. */
    _newAt() {
      if (this.asOf === null) return null;
      const age = this.movedBy === "snapshot" ? Math.max(0, this.movedAt + this.offset - this.asOf) : 0;
      return this.movedAt - age;
    }

    _dial() {
      this.dialledAt = this.now();
      this.attempt += 1;
      let socket;
      try {
        socket = this.connect();
      } catch {
        this._lost(false);
        return;
      }
      this.socket = socket;
      socket.onopen = () => socket === this.socket && this._opened();
      socket.onmessage = (event) => socket === this.socket && this._heard(event.data);
      socket.onclose = (event) => socket === this.socket && this._lost(false, event?.code ?? null);
    }

    _opened() {
      this.open = true;
      this.openedAt = this.now();
      for (const [topic, held] of this.topics) this._ask(topic, held, held.sequence);
      this.on.opened?.();
      if (this.opened !== null) this._send({ open: this.opened });
    }

    _ask(topic, held, since) {
      held.askedAt = this.now();
      if (topic.startsWith("desk/")) this.watching.clear(); // all of it is told again
      this._send(since === null ? { subscribe: topic } : { subscribe: topic, since });
    }

    _askAgain(now) {
      for (const [topic, held] of this.topics) {
        if (now - Math.max(held.heardAt, held.askedAt) <= LATE_MS) continue;
        this._resync(topic, held);
      }
    }

    _resync(topic, held) {
      held.sequence = null;
      this._send({ unsubscribe: topic });
      this._ask(topic, held, null);
    }

    /** code: of the close frame, null when there was none. */
    _lost(silent, code = null) {
      const socket = this.socket;
      this.socket = null;
      this.open = false;
      if (socket) {
        socket.onopen = socket.onmessage = socket.onclose = null;
        try {
          socket.close();
        } catch {
          // it was never open
        }
      }
      const now = this.now();
      if (this.cutAt === null) {
        this.silent = silent;
        this.cutAt = silent ? Math.max(this.heardAt ?? 0, this.startedAt) : now;
        this.attempt = 0;
        this.on.cut?.();
      }
      this.dialAt = now + pauseMs(this.attempt, this.random, this.longestPauseMs);
      this.on.closed?.(code); // once for every socket: was it the session that ended?
    }

    _heard(data) {
      let frame;
      try {
        frame = JSON.parse(data);
      } catch {
        return; // not ours to read: the next frame shows a gap
      }
      const now = this.now();
      if (frame.error) {
        this.heardAt = now;
        this.on.error?.(frame.topic, frame.error);
        return;
      }
      if (frame.screen) {
        this.heardAt = now;
        this.on.screen?.(frame.screen);
        return;
      }
      if (frame.watching) {
        this.heardAt = now;
        this._watched(frame.watching);
        return;
      }
      const held = this.topics.get(frame.topic);
      if (frame.as_of) this._keepTime(Date.parse(frame.as_of), now, frame.snapshot !== undefined);
      this.heardAt = now;
      if (!held) return;
      held.heardAt = now;
      const taken = this._take(frame, held);
      if (taken && this.cutAt !== null) this._recovered(now);
    }

    /** told: {case id: names}; an empty list says that nobody has it open. */
    _watched(told) {
      for (const [id, names] of Object.entries(told)) {
        if (names.length) this.watching.set(id, names);
        else this.watching.delete(id);
      }
      this.on.watching?.();
    }

    _keepTime(asOf, now, isSnapshot) {
      if (this.asOf === null || asOf > this.asOf) {
        this.asOf = asOf;
        this.movedAt = now;
        this.movedBy = isSnapshot ? "snapshot" : "delta";
      }
      const offset = asOf - now; // late frames make it smaller: rise at once, fall slowly
      if (!this.timed || offset > this.offset) this.offset = offset;
      else if (!isSnapshot) this.offset += this.offset - offset > JUMP_MS ? offset - this.offset : (offset - this.offset) / 64;
      this.timed = true;
    }

    /** Applies a snapshot or the next delta; anything else asks for a snapshot or is dropped. */
    _take(frame, held) {
      if (frame.snapshot !== undefined) {
        held.sequence = frame.sequence;
        this.on.snapshot(frame.topic, frame.snapshot, frame.as_of);
        return true;
      }
      if (held.sequence === null || frame.sequence <= held.sequence) return false;
      if (frame.sequence !== held.sequence + 1) {
        this._resync(frame.topic, held);
        return false;
      }
      held.sequence = frame.sequence;
      this.on.delta(frame.topic, frame.delta, frame.as_of);
      return true;
    }

    _recovered(now) {
      const cutFor = now - this.cutAt;
      this.cutAt = null;
      this.silent = false;
      this.attempt = 0;
      this.on.recovered?.(cutFor);
    }

    _send(message) {
      if (!this.open) return;
      try {
        this.socket.send(JSON.stringify(message));
      } catch {
        this._lost(false);
      }
    }
  }

  scope.live = { Live, pauseMs, LATE_MS, CUT_MS };
  if (typeof module !== "undefined") module.exports = scope.live;
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
