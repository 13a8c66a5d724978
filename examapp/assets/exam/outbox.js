// What was answered here, written to the browser's storage before it is sent and kept until the receipt; there it lies
// sealed. A page load is a writer with a key of its own, so two tabs never write over each other.
import { unsentCode } from "./code.js";
import { seal, unseal } from "./seal.js";
import { fitting, keepsAnswers, nameOf, sealedLogs, wipe } from "./storage.js";

export { keepsAnswers };

const MOST = 200; // events a message may carry
const ROOM = 60000; // bytes
const LONG = 200; // characters of an answer from which older ones need not be kept beside the newest
const HEAVY = 250000; // characters of a log, from which only the newest long answer of a question is kept
const NEVER = [400, 403, 404, 413]; // sending a log again would not help

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0").slice(-2)).join("").slice(0, 22);
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

/** Without long answers that newer ones to the same question replace: none of those that arrived, and of what waits the
    newest two, because the very last may come a moment after zero. */
function withoutOldTexts(events) {
  const keep = JSON.stringify(events).length > HEAVY ? 1 : 2;
  const newer = new Map(); // slot, and whether it arrived: how many came after
  return events.slice().reverse().filter((event) => {
    const arrived = newer.get(`${event[1]} 1`) || 0;
    const waits = newer.get(`${event[1]} 0`) || 0;
    newer.set(`${event[1]} ${event[4]}`, (event[4] ? arrived : waits) + 1);
    return JSON.stringify(event[2]).length < LONG || (event[4] ? !arrived : waits < keep);
  }).reverse();
}

/** Events are [seq, slot, response, answered, sent (0 or 1)]. `config` has ref, lease, epoch, token, and secrets by lease. */
export function openOutbox(config) {
  const ref = config.ref;
  const epoch = config.epoch;
  const secrets = config.secrets || {};
  const own = { writer: randomName(), lease: config.lease, epoch, events: [] };
  const logs = []; // those that can be read
  const closed = []; // those that cannot: they go as they stand
  const settled = new Set(); // writers of other leases or closed, about which the server has said its word
  const loose = new Map(); // by slot: what was typed and never tried to send; the next answer takes its place
  let kept = keepsAnswers();
  let wiped = false;
  let seq = 0;

  for (const sealed of kept ? sealedLogs(ref) : []) {
    const content = unseal(secrets[sealed.lease] || "", ref, sealed);
    if (content) logs.push({ writer: sealed.writer, lease: sealed.lease, epoch: content.epoch, events: content.events });
    else closed.push(sealed);
  }
  logs.push(own);
  for (const log of logs) {
    if (epoch && log.epoch !== epoch) {
      for (const event of log.events) event[4] = 0;
      log.epoch = epoch;
    }
  }

  const sealOf = (log) => seal(secrets[log.lease], ref, log.lease, log.writer, { epoch: log.epoch, events: log.events });

  const write = (log) => {
    if (!kept || wiped) return;
    try {
      localStorage.setItem(nameOf(ref, log.writer), JSON.stringify(sealOf(log)));
    } catch {
      kept = false; // full, or taken away: from here on in memory only, and the page says so
    }
  };

  const waiting = (log) => log.events.filter((event) => !event[4]);
  const asSent = (log) => Object.assign({ writer: log.writer }, sealOf(log));
  const isOther = (log) => log.lease !== config.lease;
  const sendable = (log) => !isOther(log) && waiting(log).length;
  // What a save cannot carry, because its token is of this lease.
  const otherClosed = () => closed.filter((log) => !settled.has(log.writer));
  const otherOpen = () => logs.filter((log) => isOther(log) && waiting(log).length && !settled.has(log.writer));
  const noOthers = () => !otherClosed().length && !otherOpen().length;
  const asRows = (choose) => {
    const all = [];
    for (const log of logs) {
      for (const event of log.events) if (choose(event)) all.push({ writer: log.writer, lease: log.lease, event });
    }
    return all.sort((a, b) => a.lease - b.lease || a.event[3] - b.event[3] || a.event[0] - b.event[0]);
  };
  const unsent = () => asRows((event) => !event[4]);
  /** Writers of other pages on this device, opened since, all of whose answers have arrived. */
  const otherTabs = () => {
    const known = logs.map((log) => log.writer);
    const others = kept ? sealedLogs(ref).filter((log) => !known.includes(log.writer)) : [];
    return others.filter((log) => {
      const content = unseal(secrets[log.lease] || "", ref, log);
      return content && content.events.every((event) => event[4]);
    }).map((log) => log.writer);
  };

  return {
    get kept() { return kept; },
    writer: own.writer,
    nextSeq: () => (seq += 1),
    add(slot, response, at, typing) {
      const event = [(seq += 1), slot, response, at, 0];
      own.events = withoutOldTexts(own.events.filter((other) => other !== loose.get(slot)).concat([event]));
      loose.delete(slot);
      if (typing) loose.set(slot, event);
      write(own);
    },
    get waits() { return !noOthers() || logs.some(sendable); },
    /** Sealed logs to be delivered as they stand: of other leases, or closed to this page. */
    others: () => fitting(otherClosed().concat(otherOpen().map(asSent))),
    /** The word of the server about a delivery of `sent`; false when it was none, and it has to go again. */
    delivered(sent, status, reply) {
      if (reply.ack) {
        for (const log of logs) {
          const numbers = reply.ack[log.writer];
          if (!numbers || !isOther(log)) continue;
          for (const event of log.events) if (numbers.includes(event[0])) event[4] = 1;
          write(log);
        }
      } else if (!NEVER.includes(status) || !reply.error) return false;
      for (const log of sent) if (!reply.writer || reply.writer === log.writer) settled.add(log.writer);
      return true;
    },
    batch() {
      const log = logs.find((one) => one !== own && sendable(one)) || (sendable(own) ? own : null);
      if (!log) return null;
      loose.clear();
      return { writer: log.writer, token: config.token, events: message(waiting(log)) };
    },
    onlyOwnLeft() {
      const left = waiting(own);
      return noOthers() && logs.every((log) => log === own || !sendable(log)) && message(left).length === left.length;
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
      settled.clear();
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
    unsent,
    /** The same with what has arrived, for a page that was kept through a reload and does not know it. */
    known: () => asRows(() => true),
    /** The emergency file: logs with what has not arrived, sealed, under the code that the page shows. For QR codes they
        hold nothing else, so that it takes few of them. */
    file(forCodes) {
      const code = unsentCode(ref, unsent());
      const held = (log) => (forCodes ? Object.assign({}, log, { events: waiting(log) }) : log);
      const sealed = logs.filter((log) => waiting(log).length).map((log) => asSent(held(log)));
      const content = { format: "thuocdo-outbox", version: 1, ref, code, logs: closed.concat(sealed) };
      return { name: `thuocdo-${ref.slice(0, 6)}-${code}.json`, text: JSON.stringify(content) };
    },
    /** Numbers of questions: "flags", and the "place" where the candidate is; when and under which lease was asked to
        "submit"; the newest notice that was "hidden". */
    recall(what) {
      try {
        return JSON.parse(localStorage.getItem(nameOf(ref, what)) || "[]");
      } catch {
        return [];
      }
    },
    remember(what, slots) {
      if (wiped) return;
      try {
        localStorage.setItem(nameOf(ref, what), JSON.stringify(slots));
      } catch {
        // Then they hold for this page only.
      }
    },
    /** After the receipt nothing of what arrived is left here. A log nobody has taken stays, sealed, for the next page. */
    wipe() {
      wiped = true;
      const arrived = logs.filter((log) => log === own || !waiting(log).length).map((log) => log.writer);
      wipe(ref, arrived.concat(otherTabs()));
      for (const log of logs) log.events = [];
    },
  };
}
