"use strict";
/* Top right: who is signed in, signing out, a new password; and the links that the visitor has rights for. */
(function (scope) {
  /** The word of an answer of POST /api/me/password, and the field it stands at. */
  function passwordProblem(status, field) {
    if (status === 403) return ["old", "user.password.wrong"];
    if (status === 429) return ["old", "user.password.wait"];
    if (status === 422) return [field === "old" ? "old" : "new", "user.password.rule"];
    return ["again", "error.away"];
  }

  /** me: as in the boot text; tell(text): the notice line. */
  function bindUserMenu({ me, tell }) {
    const menu = document.getElementById("user");
    if (!me || me.kind === "display") return;
    menu.hidden = false;
    menu.querySelector("[data-part=password]").addEventListener("click", () => {
      menu.open = false;
      askForPassword(me, tell);
    });
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
      event.preventDefault();
    });
  }

  /** Names in the language of the screen, links that keep it. areaName: text. */
  function drawUserMenu(me, areaName) {
    const { put, words: w } = scope;
    const lang = new URLSearchParams(location.search).get("lang");
    for (const link of document.querySelectorAll(".nav a, .menu a")) {
      link.hidden = Boolean(link.dataset.right) && !me?.rights.includes(link.dataset.right);
      link.href = link.pathname + (lang ? `?lang=${lang}` : "");
    }
    if (!me || me.kind === "display") return;
    const menu = document.getElementById("user");
    const role = w.say(`role.${me.role}`);
    put(menu.querySelector("[data-part=name]"), me.name);
    put(menu.querySelector("[data-part=role]"), role);
    put(menu.querySelector("[data-part=area]"), areaName);
    menu.querySelector("summary").setAttribute("aria-label", `${w.say("user")} ${me.name} ${role} ${areaName}`);
  }

  function askForPassword(me, tell) {
    const { words: w } = scope;
    const dialog = scope.dialog(w.say("user.password"));
    const form = scope.element("form", "fields", dialog);
    const name = input(form, "username", "text", "", "");
    name.value = me.name;
    name.parentNode.hidden = true; // for password managers
    const old = input(form, "old", "password", w.say("user.password.old"), "current-password");
    const next = input(form, "new", "password", w.say("user.password.new"), "new-password");
    hint(next, w.say("user.password.rule"));
    const again = input(form, "again", "password", w.say("user.password.again"), "new-password");
    const row = scope.element("div", "buttons", form);
    button(row, w.say("user.password.save"), "button primary").type = "submit";
    button(row, w.say("cancel")).addEventListener("click", () => dialog.close());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      clearProblems(form);
      if (next.value !== again.value) return problem(again, w.say("user.password.unlike"));
      const change = send("POST", "/api/me/password", { old: old.value, new: next.value });
      const [status, body] = await scope.session.renewing(change);
      if (status === 204) {
        dialog.close();
        return tell(w.say("user.password.done"));
      }
      const [field, word] = passwordProblem(status, body?.field);
      return problem({ old, new: next, again }[field], w.say(word));
    });
    dialog.showModal();
    old.focus();
  }

  /** A modal box that is thrown away when it closes; Esc closes it and goes no further. */
  function dialog(title) {
    const node = scope.element("dialog", "dialog", document.body);
    const heading = scope.element("h2", "", node);
    heading.id = `dialog-${document.querySelectorAll("dialog").length}`;
    heading.textContent = title;
    node.setAttribute("aria-labelledby", heading.id);
    node.addEventListener("keydown", (event) => event.stopPropagation()); // keys of the page below
    node.addEventListener("close", () => node.remove());
    return node;
  }

  function input(parent, name, type, label, autocomplete) {
    const box = scope.element("div", "field", parent);
    const text = scope.element("label", "", box);
    text.textContent = label;
    const node = scope.element("input", "", box);
    Object.assign(node, { name, type, autocomplete, id: `field-${name}`, required: true });
    text.htmlFor = node.id;
    return node;
  }

  function hint(node, text) {
    const small = scope.element("small", "", node.parentNode);
    small.textContent = text;
    small.id = `${node.id}-hint`;
    node.setAttribute("aria-describedby", small.id);
  }

  function button(parent, text, className = "button") {
    const node = scope.element("button", className, parent);
    node.type = "button";
    node.textContent = text;
    return node;
  }

  /** Says beside a field what is wrong with it, and goes there. */
  function problem(node, text) {
    const box = node.closest(".field") || node.parentNode;
    const said = box.querySelector(".problem") || scope.element("p", "problem", box);
    said.setAttribute("role", "alert");
    said.textContent = `! ${text}`;
    said.id = `${node.id || node.name}-problem`;
    node.setAttribute("aria-invalid", "true");
    node.setAttribute("aria-describedby", said.id);
    node.focus();
  }

  function clearProblems(form) {
    for (const said of form.querySelectorAll(".problem")) said.remove();
    for (const node of form.querySelectorAll("[aria-invalid]")) {
      node.removeAttribute("aria-invalid");
      node.removeAttribute("aria-describedby");
    }
  }

  /** JSON there and back: [status, body | null]; 0 when nobody answered; 401 leads to the sign-in page. */
  async function send(method, path, body) {
    try {
      const headers = body === undefined ? {} : { "Content-Type": "application/json" };
      const answer = await fetch(path, { method, headers, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body) });
      if (answer.status === 401) location.assign(scope.session.signInAddress(location.pathname + location.search));
      const json = /json/.test(answer.headers.get("content-type") || "");
      return [answer.status, json ? await answer.json() : null];
    } catch {
      return [0, null];
    }
  }

  Object.assign(scope, { bindUserMenu, drawUserMenu, dialog, send, form: { input, hint, button, problem, clearProblems, passwordProblem } });
  if (typeof module !== "undefined") module.exports = { passwordProblem };
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
