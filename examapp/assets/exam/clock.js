const SLEPT_MS = 2000;

/** Server time as this device knows it: set at each contact, carried on by the monotonic clock in between. */
export function makeClock(now, left) {
  let mono = performance.now();
  let wall = Date.now();
  let passed = 0; // since the last contact
  let base = { now, left };

  // Some devices stop the monotonic clock while they sleep; then the wall clock has gone further, and its step counts.
  const advance = () => {
    const step = performance.now() - mono;
    const walked = Date.now() - wall;
    mono += step;
    wall += walked;
    passed += walked > step + SLEPT_MS ? walked : step;
    return passed;
  };

  return {
    set(serverNow, serverLeft) {
      advance();
      passed = 0;
      base = { now: serverNow, left: serverLeft };
    },
    now: () => Math.round(base.now + advance()),
    left: () => Math.max(0, base.left - advance()),
  };
}

const KEPT = "thuocdo.clock";

/** Writes down how the clock stood at a contact; `ref` of the sitting. */
export function keepClock(ref, now, left) {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ref, now, left, at: Date.now() }));
  } catch {
    // Then a page kept through a reload counts from when it was made, until its next contact.
  }
}

/** A page that was kept on the device through a reload tells an old time; the last contact, written down, knows more. */
export function recallClock(ref, now, left) {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT));
    if (kept.ref === ref && kept.now >= now) {
      const passed = Math.max(0, Date.now() - kept.at);
      return { now: kept.now + passed, left: Math.max(0, kept.left - passed) };
    }
  } catch {
    // Nothing was written down.
  }
  return { now, left };
}

export function forgetClock() {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // Nothing was written down.
  }
}

/** 09:45 in Vietnam, whatever the device's own zone. */
export function hours(ms) {
  return new Date(ms + 7 * 3600000).toISOString().slice(11, 16);
}

/** 31:42, or 1:05:09 above an hour. */
export function remaining(ms) {
  const seconds = Math.ceil(ms / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const tail = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${tail}` : tail;
}
