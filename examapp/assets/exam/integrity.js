// Pages left and returned to: only where the round records it and the candidate was told. Kept in memory, sent when it can be.
import { post } from "./line.js";

const ADDRESS = "/sittings/integrity";
const PAUSE_MS = 5000;
const MOST = 100; // in a message

/** Watches the page from here on; `config` has writer and token. */
export function watchIntegrity(config, clock) {
  let seq = 0;
  let waiting = [];
  let busy = false;

  function send() {
    if (busy || !waiting.length) return;
    busy = true;
    const events = waiting.slice(0, MOST);
    post(ADDRESS, config.token, { writer: config.writer, events }, (status, reply) => {
      busy = false;
      if (status === 200) waiting = waiting.filter((event) => !reply.ack.includes(event[0]));
      else if (status >= 400 && status < 500) waiting = [];
      if (waiting.length) setTimeout(send, PAUSE_MS);
    });
  }

  document.addEventListener("visibilitychange", () => {
    waiting.push([(seq += 1), document.visibilityState === "hidden" ? "left" : "returned", clock.now()]);
    setTimeout(send, document.visibilityState === "hidden" ? 0 : 1000);
  });
}
