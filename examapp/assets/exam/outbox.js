// What was answered here, written to the browser's storage before it is sent and kept until the receipt.
// A page load is a writer with a key of its own, so two tabs never write over each other.
const SPACE = "thuocdo.sitting.";
const MOST = 200; // events a message may carry
const ROOM = 60000; // bytes
const LONG = 200; // characters of an answer from which older ones need not be kept beside the newest

export function keepsAnswers() {
  try {
    localStorage.setItem(`${SPACE}probe`, "1");
    localStorage.removeItem(`${SPACE}probe`);
    return true;
  } catch {
    return false;
  }
}

function keysOf(ref) {
  const keys = [];
  for (let i = 0; i < localStorage.length; i += 1) {
    const key = localStorage.key(i);
    if (key.startsWith(`${SPACE}${ref}.`)) keys.push(key);
  }
  return keys;
}

/** The sittings of which something lies on this device. */
export function keptSittings() {
  try {
    const names = Object.keys(localStorage).filter((key) => key.startsWith(SPACE) && key.includes(".", SPACE.length));
    return Array.from(new Set(names.map((key) => key.slice(SPACE.length).split(".")[0])));
  } catch {
    return [];
  }
}

/** Leaves nothing of this sitting on the device. */
export function wipe(ref) {
  try {
    for (const key of keysOf(ref)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept, so there is nothing to wipe.
  }
}

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0").slice(-2)).join("").slice(0, 22);
}

/** Logs of other page loads of this sitting, as far as they can be read. */
function readLogs(ref) {
  const logs = [];
  for (const key of keysOf(ref)) {
    const writer = key.slice(`${SPACE}${ref}.`.length);
    try {
      const log = JSON.parse(localStorage.getItem(key));
      if (Array.isArray(log.events)) logs.push({ writer, token: log.token, epoch: log.epoch, events: log.events });
    } catch {
      // Not one of ours, or cut off: left where it is.
    }
  }
  return logs;
}

/** The newest that fit into a message: an older one that comes later then bounds nothing of what was answered before it. */
function message(events) {
  const taken = [];
  let room = ROOM;
  for (const event of events.slice(-MOST).reverse()) {
    const sent = event.slice(0, 4);
    room -= new TextEncoder().encode(JSON.stringify(sent)).length + 1;
    if (room < 0) break;
    taken.unshift(sent);
  }
  return taken;
}

/** Without the long answers that have arrived, as has a newer one to the same question. */
function withoutOldTexts(events) {
  const newest = new Map();
  for (const event of events) if (event[4]) newest.set(event[1], event);
  return events.filter((event) => !event[4] || newest.get(event[1]) === event || JSON.stringify(event[2]).length < LONG);
}

/** Events are [seq, slot, response, answered, sent (0 or 1)]. Without an epoch what was sent is taken as sent. */
export function openOutbox(config) {
  const ref = config.ref;
  const epoch = config.epoch;
  const own = { writer: randomName(), token: config.token, epoch, events: [] };
  const logs = [];
  let kept = keepsAnswers();
  const loose = new Map(); // by slot: what was typed and never tried to send; the next answer takes its place
  let seq = 0;
  if (kept) logs.push(...readLogs(ref));
  logs.push(own);
  for (const log of logs) {
    if (epoch && log.epoch !== epoch) {
      for (const event of log.events) event[4] = 0;
      log.epoch = epoch;
    }
  }

  const write = (log) => {
    if (!kept) return;
    try {
      const content = { token: log.token, epoch: log.epoch, events: log.events };
      localStorage.setItem(`${SPACE}${ref}.${log.writer}`, JSON.stringify(content));
    } catch {
      kept = false; // full, or taken away: from here on in memory only, and the page says so
    }
  };

  const waiting = (log) => log.events.filter((event) => !event[4]);

  return {
    get kept() { return kept; },
    writer: own.writer,
    nextSeq: () => (seq += 1),
    add(slot, response, at, typing) {
      const event = [(seq += 1), slot, response, at, 0];
      own.events = own.events.filter((other) => other !== loose.get(slot)).concat([event]);
      loose.delete(slot);
      if (typing) loose.set(slot, event);
      write(own);
    },
    get waits() { return logs.some((log) => waiting(log).length); },
    batch() {
      const log = logs.find((one) => one !== own && waiting(one).length) || (waiting(own).length ? own : null);
      if (!log) return null;
      loose.clear();
      return { writer: log.writer, token: log.token, events: message(waiting(log)) };
    },
    onlyOwnLeft() {
      const left = waiting(own);
      return logs.every((log) => log === own || !waiting(log).length) && message(left).length === left.length;
    },
    ownWaiting() {
      loose.clear();
      return message(waiting(own));
    },
    acknowledge(writer, numbers) {
      const log = logs.find((one) => one.writer === writer);
      for (const event of log.events) if (numbers.includes(event[0])) event[4] = 1;
      log.events = withoutOldTexts(log.events);
      write(log);
    },
    /** The database is another one than before (a backup was restored): everything goes again. */
    sendAllAgain(newEpoch) {
      for (const log of logs) {
        log.epoch = newEpoch;
        for (const event of log.events) event[4] = 0;
        write(log);
      }
    },
    slotOf: (number) => (own.events.find((event) => event[0] === number) || [])[1],
    /** Slots with something unsent. */
    unsentSlots: () => new Set([].concat(...logs.map((log) => waiting(log).map((event) => event[1])))),
    /** [{writer, event, lease}] of everything unsent, oldest first. */
    unsent() {
      const all = [];
      for (const log of logs) {
        const lease = Number(String(log.token).split(".")[1]);
        for (const event of waiting(log)) all.push({ writer: log.writer, lease, event });
      }
      return all.sort((a, b) => a.lease - b.lease || a.event[3] - b.event[3] || a.event[0] - b.event[0]);
    },
    flags() {
      try {
        return new Set(JSON.parse(localStorage.getItem(`${SPACE}${ref}.flags`) || "[]"));
      } catch {
        return new Set();
      }
    },
    keepFlags(flags) {
      try {
        localStorage.setItem(`${SPACE}${ref}.flags`, JSON.stringify(Array.from(flags)));
      } catch {
        // Flags then hold for this page only.
      }
    },
    /** After the receipt: nothing is left to send, and nothing is left here. */
    wipe() {
      for (const log of logs) log.events = [];
      wipe(ref);
    },
  };
}
