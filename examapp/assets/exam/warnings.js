import { focusPaper, say, steadily } from "./attention.js";
import { byId } from "./page.js";

const WARNINGS = [10, 5, 1]; // minutes

/** Says once that time runs out; who comes back late hears the latest only. Returns what is told how much is left. */
export function makeWarnings(words, whole) {
  const bar = byId("warning");
  const warnings = WARNINGS.filter((minutes) => (minutes + 1) * 60000 < whole); // none as soon as the exam begins
  let warned = Infinity;
  const set = (text) => {
    if (bar.hidden === !text) byId("warning-text").textContent = text;
    else steadily(byId("paper"), () => {
      byId("warning-text").textContent = text;
      bar.hidden = !text;
    });
  };
  const follow = (left) => {
    const text = words.left.replace("{n}", Math.ceil(left / 60000));
    if (byId("warning-text").textContent !== text) byId("warning-text").textContent = text;
  };
  byId("warning-hide").addEventListener("click", () => {
    set("");
    focusPaper();
  });
  return (left) => {
    const due = Math.min(...warnings.filter((minutes) => left <= minutes * 60000 && left > 0), Infinity);
    if (due < warned) {
      const text = words.left.replace("{n}", Math.ceil(left / 60000));
      set(text);
      say(text);
    } else if (due === Infinity && warned !== Infinity) set("");
    else if (!bar.hidden) follow(left);
    warned = due;
  };
}
