// The paper that came locked into the waiting room (sittings/prefetch.py): nonce, then AES-256-GCM over the gzipped page.
import { keepPage, OWNER } from "./kept.js";

const NONCE = 12;
const CARRIED = [
  "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", OWNER,
];

/** Whether this browser can open one at all; crypto.subtle is there over HTTPS only. */
export const opensLocked = () => Boolean(self.crypto && crypto.subtle && self.DecompressionStream && self.Response);

/** The page as HTML; refused when key, digest or a single byte is another's. */
export async function unlock(bytes, digest, keyText) {
  const raw = Uint8Array.from(atob(keyText), (sign) => sign.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: bytes.slice(0, NONCE), additionalData: new TextEncoder().encode(digest) };
  const packed = await crypto.subtle.decrypt(how, key, bytes.slice(NONCE));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Puts the exam into this page, as if it had been loaded from its own address; kept for a reload as well. */
export function showPaper(html, reply, header) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const form = page.getElementById("paper");
  form.setAttribute("data-exam", JSON.stringify(reply.sitting));
  form.querySelector("[name=token]").setAttribute("value", reply.sitting.token);
  const headers = new Headers();
  for (const name of CARRIED) if (header(name)) headers.set(name, header(name));
  keepPage(reply.url, `<!doctype html>${page.documentElement.outerHTML}`, headers).catch(() => {});
  history.replaceState(null, "", reply.url);
  document.title = page.title;
  document.documentElement.replaceChild(document.adoptNode(page.body), document.body);
  scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true }); // another page, for whoever hears it
}
