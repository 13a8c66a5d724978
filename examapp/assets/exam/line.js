// The line to the server: one message at a time, tried again with growing pauses and as soon as the network is back.
export const DELIVER = "/sittings/deliver";
const TIMEOUT_MS = 20000; // what the server allows for a message under way (standing.TRANSIT_MS)
const IDLE_MS = 18000; // and up to 7 s more: added time is on the page within 30 s
const IDLE_MORE_MS = 7000;
const TYPING_MS = 8000; // what is being typed goes no oftener
const LONGEST_PAUSE_MS = 30000;
const NEVER = [400, 401, 403, 404, 413]; // trying again would not help

/** A word of this server: other boxes on the way, such as a Wi-Fi that wants a sign-in, refuse as well, but not for good. */
const isFinal = (status, reply) => NEVER.includes(status) && Boolean(reply.error);
const idle = () => IDLE_MS + Math.random() * IDLE_MORE_MS;

export function post(url, token, body, done) {
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.timeout = TIMEOUT_MS;
  request.setRequestHeader("Content-Type", "application/json");
  request.setRequestHeader("X-Sitting-Token", token);
  request.onloadend = () => {
    let reply = {};
    try {
      reply = JSON.parse(request.responseText);
    } catch {
      // Not the server's answer: a proxy's page, or none at all.
    }
    done(request.status, reply);
  };
  request.send(JSON.stringify(body));
}

/** `on` has reply(reply), changed(), submitted(reply). */
export function openLine(config, outbox, clock, on) {
  let busy = false;
  let failures = 0;
  let reached = false; // at the last failure: a server that is busy, or none at all
  let timer = 0;
  let due = 0; // when it rings
  let submission = null; // the event that submits, once asked for
  let ended = false;
  let refused = false;

  const later = (ms) => {
    clearTimeout(timer);
    due = performance.now() + ms;
    if (!ended && !refused) timer = setTimeout(pump, ms);
  };

  const failed = (status) => {
    failures += 1;
    reached = status > 0;
    const pause = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** Math.min(failures - 1, 5));
    later(pause * (0.75 + Math.random() / 2));
  };

  const understood = (status, reply) => (status === 200 || status === 409) && typeof reply.left_ms === "number";

  const take = (writer, reply) => {
    failures = 0;
    clock.set(reply.now, reply.left_ms);
    // A conflict is kept by the server as evidence under its number; the page's answer then goes again under a new one.
    outbox.acknowledge(writer, reply.ack.concat(reply.conflicts || []));
    if (reply.epoch && reply.epoch !== config.epoch) {
      config.epoch = reply.epoch;
      outbox.sendAllAgain(reply.epoch);
    }
    on.reply(reply);
  };

  const send = (batch) => {
    busy = true;
    on.changed();
    const body = { writer: batch.writer, events: batch.events, epoch: config.epoch };
    post(config.save, batch.token, body, (status, reply) => {
      busy = false;
      if (understood(status, reply)) take(batch.writer, reply);
      else if (isFinal(status, reply)) refuse();
      else failed(status);
      on.changed();
      if (!failures && !refused) later(submission || outbox.waits ? 0 : idle());
    });
  };

  /** Logs of another lease, or that this page cannot open, go as they stand. */
  const deliver = (logs) => {
    busy = true;
    post(DELIVER, "", { ref: config.ref, logs }, (status, reply) => {
      busy = false;
      if (outbox.delivered(logs, status, reply)) {
        failures = 0;
        later(0);
      } else failed(status);
      on.changed();
    });
  };

  const refuse = () => {
    refused = true;
  };

  const sendSubmission = () => {
    busy = true;
    on.changed();
    const body = { writer: outbox.writer, events: outbox.ownWaiting(), epoch: config.epoch, submit: submission };
    post(config.submit, config.token, body, (status, reply) => {
      busy = false;
      if (status === 200 && reply.receipt) {
        ended = true;
        on.submitted(reply);
      } else if (status === 200 || (status === 409 && reply.error === "lease")) {
        submission = null;
        failures = 0;
        later(0); // the next reply tells: another device, a stopped sitting, or one that waits for the council
      } else if (isFinal(status, reply)) refuse();
      else failed(status);
      on.changed();
    });
  };

  function pump() {
    clearTimeout(timer);
    if (busy || ended || refused) return;
    const others = outbox.others();
    if (others.length) deliver(others);
    else if (submission && outbox.onlyOwnLeft()) sendSubmission();
    else send(outbox.batch() || { writer: outbox.writer, token: config.token, events: [] });
  }

  addEventListener("online", () => { failures = 0; pump(); });
  document.addEventListener("visibilitychange", pump);
  addEventListener("offline", pump); // fails at once, and the page says so
  later(idle());

  return {
    pump,
    /** Never later than it was to go before. */
    soon(typing) {
      const ms = failures ? 1000 : typing ? TYPING_MS : 300;
      if (!busy && performance.now() + ms < due) later(ms);
    },
    submit(seq, at) {
      if (!submission) submission = [seq, at];
      pump();
    },
    end() {
      ended = true;
      clearTimeout(timer);
    },
    get failing() { return failures > 0; },
    get reached() { return reached; },
    get refused() { return refused; },
    get submitting() { return submission !== null; },
  };
}
