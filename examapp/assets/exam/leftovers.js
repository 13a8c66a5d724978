import { post } from "./line.js";
import { keptSittings, openOutbox, wipe } from "./outbox.js";

const SAVE = "/sittings/save";

/** Sends what is still on this device of one sitting, by the token it was kept with; `done(over)` when nothing is left. */
function deliver(ref, epoch, done) {
  const outbox = openOutbox({ ref, token: "", epoch });
  let over = false;
  const next = () => {
    const batch = outbox.batch();
    if (!batch) {
      done(over);
      return;
    }
    post(SAVE, batch.token, { writer: batch.writer, events: batch.events, epoch: "" }, (status, reply) => {
      if (!reply.ack) return; // no network, or a refusal: it stays here for another time
      over = reply.submitted || reply.left_ms === 0;
      outbox.acknowledge(batch.writer, reply.ack.concat(reply.conflicts || []));
      next();
    });
  };
  next();
}

/**
 * On pages around the exam: a device that lost its network keeps answers until somebody, perhaps the next person at this
 * PC, opens one. The sitting whose receipt is shown is wiped when all of it has arrived; others when their time is over.
 */
export function deliverLeftovers(receipt) {
  const shown = receipt ? receipt.dataset.wipe : "";
  for (const ref of keptSittings()) {
    deliver(ref, ref === shown ? receipt.dataset.epoch : "", (over) => {
      if (over || ref === shown) wipe(ref);
    });
  }
}
