// Seals what is kept on the device with the lease's secret, which the exam's own page has from the server and nobody else
// (ChaCha20-Poly1305: the browser's own cryptography is missing where a hall has no HTTPS). sittings/sealed.py opens it.
import { ChaCha20Poly1305 } from "@stablelib/chacha20poly1305";

const PIECE = 8192; // arguments a call may have

const bytesOf = (text) => new TextEncoder().encode(text);

/** Base64 for addresses, without padding. */
export function toText(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromText(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
}

const cipherOf = (secret) => new ChaCha20Poly1305(fromText(secret));
const boundTo = (ref, lease, writer) => bytesOf(`${ref}.${lease}.${writer}`);

/** `content` can be opened with the secret of this lease only, for this sitting and this writer only. */
export function seal(secret, ref, lease, writer, content) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const data = cipherOf(secret).seal(nonce, bytesOf(JSON.stringify(content)), boundTo(ref, lease, writer));
  return { v: 1, lease, nonce: toText(nonce), data: toText(data) };
}

/** What was sealed; null where it cannot be opened with what this page was given. */
export function unseal(secret, ref, log) {
  try {
    const data = cipherOf(secret).open(fromText(log.nonce), fromText(log.data), boundTo(ref, log.lease, log.writer));
    return data && JSON.parse(new TextDecoder().decode(data));
  } catch {
    return null;
  }
}
