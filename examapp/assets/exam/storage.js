// What is kept on this device of sittings, by name and as it stands: for pages that cannot, and must not, read it.
const SPACE = "thuocdo.sitting.";
const WRITER = /^[\w-]{8,22}$/; // "flags" is none

const ROOM = 400000; // characters of a delivery
const MOST = 50; // logs of one

export const nameOf = (ref, what) => `${SPACE}${ref}.${what}`;

export function keepsAnswers() {
  try {
    localStorage.setItem(`${SPACE}probe`, "1");
    localStorage.removeItem(`${SPACE}probe`);
    return true;
  } catch {
    return false;
  }
}

const names = () => {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(SPACE) && key.includes(".", SPACE.length));
  } catch {
    return [];
  }
};

/** The sittings of which something lies on this device. */
export function keptSittings() {
  return Array.from(new Set(names().map((key) => key.slice(SPACE.length).split(".")[0])));
}

/** The logs of page loads of this sitting, sealed: {writer, lease, nonce, data}. What is cut off or not ours is none. */
export function sealedLogs(ref) {
  const logs = [];
  for (const key of names()) {
    const writer = key.slice(nameOf(ref, "").length);
    if (!key.startsWith(nameOf(ref, "")) || !WRITER.test(writer)) continue;
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      if (kept.data) logs.push({ writer, lease: kept.lease, nonce: kept.nonce, data: kept.data });
    } catch {
      // Left where it is.
    }
  }
  return logs;
}

/** As many as a delivery may carry, the first in any case. */
export function fitting(logs) {
  let room = ROOM;
  return logs.slice(0, MOST).filter((log, index) => {
    room -= log.data.length + 120;
    return !index || room >= 0;
  });
}

/** Takes away a log that has arrived, unless its page has written on since. */
export function dropLog(ref, log) {
  try {
    const kept = localStorage.getItem(nameOf(ref, log.writer));
    if (kept && JSON.parse(kept).nonce === log.nonce) localStorage.removeItem(nameOf(ref, log.writer));
  } catch {
    // Then it stays, unreadable, and goes once more.
  }
}

/** Leaves nothing of this sitting on the device but logs that nobody has taken yet; says whether there are such. */
export function wipe(ref, taken = []) {
  try {
    for (const writer of taken) localStorage.removeItem(nameOf(ref, writer));
    if (sealedLogs(ref).length) return true;
    for (const key of names()) if (key.startsWith(nameOf(ref, ""))) localStorage.removeItem(key);
  } catch {
    // Nothing was kept, so there is nothing to wipe.
  }
  return false;
}
