// The list of questions. Each cell says its state in its shape, its colour and its name.
import { byId, put, putButton } from "./page.js";

/** `on(index)` is called when a cell is pressed. */
export function makeGrid(slots, words, on) {
  const cells = slots.map((slot, index) => putButton(put(byId("grid"), "li", ""), slot, "", () => on(index)));

  /** `states` by slot in their order: {state: "empty" | "unsent" | "done", flagged, here, closed, ahead}. */
  return function show(states) {
    const counts = { done: 0, unsent: 0, empty: 0, flag: 0, closed: 0, ahead: 0 };
    states.forEach((one, index) => {
      const cell = cells[index];
      if (one.state !== "empty" || !one.closed) counts[one.state] += 1;
      if (one.flagged) counts.flag += 1;
      if (one.closed) counts.closed += 1;
      if (one.ahead) counts.ahead += 1;
      const css = [one.state, one.flagged && "flag", one.here && "here", one.closed && "closed"].filter(Boolean).join(" ");
      if (cell.className !== css) cell.className = css;
      cell.disabled = one.closed || one.ahead;
      const said = [words.question.replace("{n}", slots[index]), words[`${one.state}Cell`], one.flagged && words.flagged,
        one.closed && words.closedCell, one.ahead && words.aheadCell];
      cell.setAttribute("aria-label", said.filter(Boolean).join(", "));
      if (one.here) cell.setAttribute("aria-current", "step");
      else cell.removeAttribute("aria-current");
    });
    for (const name of Object.keys(counts)) byId(`key-${name}`).textContent = counts[name];
    for (const name of ["closed", "ahead"]) byId(`key-${name}-line`).hidden = !counts[name];
    return counts;
  };
}
