"use strict";
/* Digits that lead to a page: those that stand as aria-keyshortcuts at a link of the top bar. */
(function (scope) {
  const SWITCH = "one-map.desk.letters"; // the desk's switch of single-key shortcuts holds for the whole machine (WCAG 2.1.4)

  function areOff() {
    try {
      return localStorage.getItem(SWITCH) === "off";
    } catch {
      return false;
    }
  }

  /** Does this key press lead anywhere? Not with a modifier, while text is written, or below an open dialog. */
  function isPlain(event) {
    const { ctrlKey, metaKey, altKey, shiftKey, isComposing, repeat, defaultPrevented, key, target } = event;
    if (ctrlKey || metaKey || altKey || shiftKey || isComposing || repeat || defaultPrevented || !/^[1-9]$/.test(key)) return false;
    return !target?.closest?.("input, textarea, select, dialog, [contenteditable]");
  }

  function pressed(event) {
    if (!isPlain(event) || document.querySelector("dialog[open]") || areOff()) return;
    const link = document.querySelector(`.nav a[aria-keyshortcuts="${event.key}"]`);
    if (!link || link.hidden || link.getAttribute("aria-current")) return;
    event.preventDefault();
    link.click();
  }

  scope.pageKeys = { isPlain };
  if (typeof module !== "undefined") module.exports = scope.pageKeys;
  else document.addEventListener("keydown", pressed);
})(typeof window === "undefined" ? {} : (window.one_map = window.one_map || {}));
