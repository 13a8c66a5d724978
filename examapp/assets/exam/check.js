import { keepsAnswers } from "./outbox.js";

const SLOW_MS = 3000;
const CLOCK_MS = 90000;

/** What this device can do, in words with a sign beside them; said again when it changes. */
export function checkDevice(list, words) {
  const lines = new Map();
  list.textContent = "";

  const say = (name, state, text) => {
    const known = lines.get(name);
    const line = known || list.appendChild(document.createElement("li"));
    lines.set(name, line);
    line.textContent = "";
    const tag = line.appendChild(document.createElement("span"));
    tag.className = `tag ${{ good: "good", note: "warn", bad: "bad" }[state] || "neutral"}`;
    tag.textContent = words[state];
    line.appendChild(document.createTextNode(` ${text}`));
  };

  for (const name of ["storage", "line", "clock", "page", "paper"]) say(name, "checking", ""); // their places from the beginning
  if (keepsAnswers()) say("storage", "good", words.storageGood);
  else say("storage", "bad", words.storageBad);

  return {
    /** After a contact that took `took` ms and told the server's time; without arguments after one that failed. */
    contact(took, serverNow) {
      if (took === undefined) return say("line", "bad", words.lineBad);
      const slow = took > SLOW_MS;
      say("line", slow ? "note" : "good", (slow ? words.lineSlow : words.lineGood).replace("{n}", Math.round(took)));
      const off = Date.now() - took / 2 - serverNow;
      const minutes = Math.round(Math.abs(off) / 60000);
      if (Math.abs(off) < CLOCK_MS) return say("clock", "good", words.clockGood);
      return say("clock", "note", words.clockOff.replace("{n}", minutes));
    },
    page(kept) {
      say("page", kept ? "good" : "note", kept ? words.pageKept : words.pageLost);
    },
    paper(here) {
      say("paper", "good", here ? words.paperHere : words.paperLater);
    },
  };
}
