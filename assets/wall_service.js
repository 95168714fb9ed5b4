"use strict";
/* Opens the wall's page from a copy when the server does not answer: power back before the network is. */
const PREFIX = "onemap-wall-";
const WAIT_MS = 4000; // for the server, before the copy is shown

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** The page says what it is made of; copies of other versions go. */
self.addEventListener("message", (event) => event.waitUntil(keep(event.data)));

async function keep({ version, assets }) {
  const name = PREFIX + version;
  const cache = await caches.open(name);
  await cache.addAll(assets);
  const page = await fetch("/wall", { cache: "no-store" });
  if (page.ok && !page.redirected) await cache.put("/wall", page);
  for (const other of await caches.keys()) if (other.startsWith(PREFIX) && other !== name) await caches.delete(other);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const isPage = request.mode === "navigate" && url.pathname === "/wall";
  const isPart = url.pathname.startsWith("/assets/") || url.pathname.startsWith("/region/");
  if (isPage || isPart) event.respondWith(answer(request, isPage ? "/wall" : request));
});

async function answer(request, key) {
  try {
    const found = await fetch(request, { signal: AbortSignal.timeout(WAIT_MS) });
    if (found.status < 500) return found;
  } catch {
    // away, or too slow
  }
  return (await caches.match(key, { ignoreVary: true })) || Response.error();
}
