"use strict";
/* The duty desk: joins the address, the socket, the list, the case pane and the place. */
(function (scope) {
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    one_map: { mount: () => "true" },
  });
})((window.one_map = window.one_map || {}));
