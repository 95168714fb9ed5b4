"use strict";
/* A thread of its own beside the wall's page: tells the server every five seconds that the page lives,
   or for how long it has stood still. */
const EVERY_MS = 5000;
const FIRST_MS = 2000;
let held = null; // what the page said last
let heardAt = 0;

self.onmessage = (event) => {
  held = event.data;
  heardAt = performance.now();
};

async function tell() {
  if (!held) return;
  const frozen = Math.floor((performance.now() - heardAt) / 1000);
  const body = JSON.stringify({ ...held, frozen_s: frozen > 2 ? frozen : 0 });
  try {
    await fetch("/api/screen", { method: "POST", headers: { "content-type": "application/json" }, body });
  } catch {
    // the server is away: the next sign tells as much
  }
}

setTimeout(tell, FIRST_MS);
setInterval(tell, EVERY_MS);
