// The short code of what is still on the device when time is over: SHA-256 by hand, because an exam room may have no HTTPS
// and browsers offer their own only there. The server takes the same code (sittings/unsent.py, settle.short_code).
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const primes = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
const part = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
const K = primes.map((p) => part(Math.cbrt(p)));
const rotate = (x, n) => (x >>> n) | (x << (32 - n));

/** SHA-256 of bytes, as eight words. */
function sha256(bytes) {
  const h = primes.slice(0, 8).map((p) => part(Math.sqrt(p)));
  const size = (((bytes.length + 8) >> 6) + 1) * 64;
  const data = new Uint8Array(size);
  data.set(bytes);
  data[bytes.length] = 128;
  const view = new DataView(data.buffer);
  view.setUint32(size - 4, bytes.length * 8);
  const w = new Int32Array(64);
  for (let block = 0; block < size; block += 64) {
    for (let i = 0; i < 64; i += 1) {
      if (i < 16) {
        w[i] = view.getInt32(block + 4 * i);
      } else {
        const a = w[i - 15];
        const b = w[i - 2];
        const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
        const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
      }
    }
    const v = h.slice(); // a to h of the standard
    for (let i = 0; i < 64; i += 1) {
      const a = v[0];
      const e = v[4];
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (v[7] + s1 + ((e & v[5]) ^ (~e & v[6])) + K[i] + w[i]) | 0;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (s0 + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]))) | 0;
      v.pop();
      v[3] = (v[3] + t1) | 0;
      v.unshift((t1 + t2) | 0);
    }
    v.forEach((value, i) => { h[i] = (h[i] + value) | 0; });
  }
  return h;
}

/** Ten characters in two groups, to be read aloud. */
export function codeOf(bytes) {
  const words = sha256(bytes);
  const bit = (n) => (words[n >> 5] >>> (31 - (n & 31))) & 1;
  let code = "";
  for (let i = 0; i < 10; i += 1) {
    let value = 0;
    for (let n = 5 * i; n < 5 * i + 5; n += 1) value = value * 2 + bit(n);
    code += (i === 5 ? "-" : "") + ALPHABET[value];
  }
  return code;
}

/** The code of unsent events ({writer, event: [seq, slot, response]}) of a sitting. */
export function unsentCode(ref, unsent) {
  const order = (a, b) => (a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : a.event[0] - b.event[0]);
  const lines = unsent.slice().sort(order).map((one) => [one.writer, ...one.event.slice(0, 2), JSON.stringify(one.event[2])].join(":"));
  return codeOf(new TextEncoder().encode([ref, ...lines].join("\n")));
}
