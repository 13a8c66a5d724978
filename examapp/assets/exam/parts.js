// An emergency file cut into parts of a QR code each; sittings/parts.py joins them. Nothing of a page here.
import { codeOf } from "./code.js";

export const MOST = 99; // parts of one file
const ROOM = 460; // bytes of the file in a part; with its head they stay inside version 17, medium correction

/** Parts of one length: a head of signs that says whose they are, which, of how many, and what all of them make; then bytes. */
export function cut(code, bytes) {
  const total = Math.ceil(bytes.length / ROOM);
  const size = Math.ceil(bytes.length / total);
  const whole = codeOf(bytes);
  const parts = [];
  for (let n = 1; n <= total; n += 1) {
    const head = new TextEncoder().encode(`TD1:${code}:${whole}:${n}/${total}:`);
    const body = bytes.subarray((n - 1) * size, n * size);
    const part = new Uint8Array(head.length + body.length);
    part.set(head);
    part.set(body, head.length);
    parts.push(part);
  }
  return parts;
}
