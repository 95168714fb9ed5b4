"use strict";
/* The composer's whistle on its way: drafted or blown at once, and what the screen makes of the answer. */
(function (scope) {
  const say = (key, values) => scope.words.say(key, values);

  /** What POST /api/whistles wants of a composer's wish. approves: may this officer approve it? */
  function bodyOf(incident, wish, approves) {
    const body = { incident, kind: wish.kind, called: wish.called, key: wish.key };
    if (wish.note) body.note = wish.note;
    if (approves && wish.kind !== "emergency") body.approve = true;
    return body;
  }

  /** The answer of a begun whistle as that of a step of its case: the case itself comes by the socket. */
  function asStep([status, body], held) {
    if (status !== 201) return [status, body];
    const said = body.whistle.state === "drafted" ? "done.whistle.draft" : "done.whistle";
    const whistles = [...(held?.whistles || []).filter((one) => one.id !== body.whistle.id), body.whistle];
    return [200, { said, version: held?.version, incident: held && { ...held, whistles } }];
  }

  scope.whistleWire = { bodyOf, asStep };
  if (typeof module !== "undefined") {
    module.exports = scope.whistleWire;
    return;
  }

  const tierOf = (page) => page.tree?.get(page.me?.area)?.tier ?? null;
  const willOf = (kind, page) => scope.whistleFacts.willOf(kind, page.me, tierOf(page));

  /** Sends the clicks of a case pane; whistles go to their own address. */
  scope.whistleWire.sender = (pane) => async (path, wish, timeoutMs) => {
    if (wish.action !== "whistle") return pane._send(path, wish, timeoutMs);
    const incident = decodeURIComponent(path.split("/")[3]);
    const approves = willOf(wish.kind, pane.page) === "approver";
    const answer = await pane._send("/api/whistles", bodyOf(incident, wish, approves), timeoutMs);
    return asStep(answer, pane.held?.id === incident ? pane.held : null);
  };

  /** Says in the composer whether its whistle is blown at once or waits for the street. */
  scope.whistleWire.explain = (composer, page) => {
    if (composer.action !== "whistle") return;
    const box = composer.root.querySelector("[data-field=kind]");
    const line = box?.querySelector(".whistle-will") || (box && scope.element("p", "whistle-will", box));
    line?.setAttribute("role", "status");
    scope.put(line, say(`whistle.will.${willOf(composer.draft.kind, page)}`));
  };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
