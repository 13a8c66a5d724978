// The page of the running exam, kept for a reload without network. Needs a secure context and a browser with service
// workers; elsewhere the page stays in memory only. assets/worker.js gives back what is kept here.
export const PAGE = "thuocdo-page"; // at most one page: the running exam of one person
export const OWNER = "X-Sitting-Owner";
export const KEPT_AT = "X-Kept-At";
const WORKER = "/sittings/worker.js";

const able = () => Boolean(self.isSecureContext && self.caches && navigator.serviceWorker);

/** Whether from now on the page survives a reload without network. */
export function startWorker() {
  if (!able()) return Promise.resolve(false);
  return navigator.serviceWorker.register(WORKER).then(() => navigator.serviceWorker.ready).then(() => true, () => false);
}

/** Puts the page in the place of any other; `headers` are those the server sends with it. */
export async function keepPage(path, html, headers) {
  if (!self.caches) return;
  const own = new Headers(headers);
  for (const name of ["Content-Encoding", "Content-Length"]) own.delete(name);
  own.set("Content-Type", "text/html; charset=utf-8");
  own.set(KEPT_AT, Date.now());
  await caches.delete(PAGE);
  const cache = await caches.open(PAGE);
  await cache.put(path, new Response(html, { headers: own }));
}

/** A page that was opened before the worker was there is asked for once more, when its own loading is done. */
export async function keepThisPage(path) {
  if (!able() || await caches.match(path, { cacheName: PAGE })) return;
  const page = await fetch(path, { credentials: "same-origin" });
  if (page.ok && page.headers.get(OWNER)) await keepPage(path, await page.text(), page.headers);
}

/** After the receipt, at sign-out and before the next person: nothing of the page is left. */
export function forgetPage() {
  return self.caches ? caches.delete(PAGE).catch(() => false) : Promise.resolve(false);
}

/** On every page: whoever signs out, and whoever is about to sign in, finds nothing of the page of the one before. */
export function forgetAtDoors() {
  if (/^\/account\/(sign-in|first)$/.test(location.pathname)) forgetPage();
  document.addEventListener("submit", (event) => {
    if (/\/sign-out$/.test(event.target.action)) forgetPage();
  });
}

/** The page of somebody else goes as soon as this person opens the room. */
export async function forgetOthers(owner) {
  if (!self.caches || !(await caches.has(PAGE))) return;
  const cache = await caches.open(PAGE);
  for (const address of await cache.keys()) {
    const page = await cache.match(address);
    if (page && page.headers.get(OWNER) !== owner) await forgetPage();
  }
}
