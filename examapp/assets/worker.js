// The service worker of the candidate's pages: gives the page of the running exam back when a reload finds no network.
// It answers for exam pages and for the files they are made of, and for nothing else.
import { KEPT_AT, keepPage, OWNER, PAGE } from "./exam/kept.js";

/* global BUILD, FILES -- put in by build.mjs */
const ASSETS = `thuocdo-assets-${BUILD}`;
const EXAM = /^\/sittings\/[0-9a-z]{26}$/;
const ASSET = /^\/static\/build\/(exam|favicon|qr)-[0-9a-f]{12}\.(js|css|svg)$/;
const PATIENCE_MS = 4000;
const DAY_MS = 86400000;

const after = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Older files stay as long as a page is kept that may be made of them. */
async function tidy() {
  if (await caches.has(PAGE)) return;
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("thuocdo-assets-") && name !== ASSETS);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keptPage(path) {
  const page = await caches.match(path, { cacheName: PAGE });
  if (!page) return null;
  const age = Date.now() - Number(page.headers.get(KEPT_AT));
  if (age < DAY_MS) return { page, age: Math.max(0, age) };
  await caches.delete(PAGE);
  return null;
}

/** The page tells its script how old its clock is. */
async function asKept(kept) {
  const html = await kept.page.text();
  return new Response(html.replace('id="paper"', `id="paper" data-age="${kept.age}"`), { headers: kept.page.headers });
}

/** What the server said, kept when it is the exam; whatever else it says of this address (submitted, signed out,
    somebody else's) ends what was kept. A busy server says nothing. */
async function heard(path, response) {
  if (response.status >= 500 || response.status === 429) return;
  if (response.ok && response.headers.get(OWNER)) await keepPage(path, await response.text(), response.headers);
  else if (await caches.match(path, { cacheName: PAGE })) await caches.delete(PAGE);
}

async function openPage(event, path) {
  const kept = await keptPage(path);
  const fresh = fetch(event.request).then((response) => {
    event.waitUntil(heard(path, response.clone()).catch(() => {}));
    return response;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  const response = await Promise.race([fresh.catch(() => null), after(PATIENCE_MS)]);
  return response && response.status < 500 ? response : asKept(kept);
}

async function openAsset(request) {
  return (await caches.match(request)) || fetch(request);
}

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(ASSETS).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (ASSET.test(url.pathname)) event.respondWith(openAsset(request));
  else if (request.mode === "navigate" && EXAM.test(url.pathname)) event.respondWith(openPage(event, url.pathname));
});
