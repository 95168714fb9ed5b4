"use strict";
/* The few things every page does to its document. */
(function (scope) {
  /** Sets the text of a node if it differs. */
  function put(node, text) {
    if (node && node.textContent !== text) node.textContent = text;
  }

  function flag(node, name, on) {
    if (node.classList.contains(name) !== Boolean(on)) node.classList.toggle(name, Boolean(on));
  }

  function element(tag, className, parent) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (parent) parent.append(node);
    return node;
  }

  Object.assign(scope, { put, flag, element });
})((window.one_map = window.one_map || {}));
