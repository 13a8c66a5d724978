import { sendable } from "./kinds.js";
import { put, putButton } from "./page.js";
import { noteOn } from "./way.js";

const LATER_MS = 300;

/** "Báo câu hỏi có vấn đề": a note on a question, told when its field is left; `on.noted(slot, response)`. */
export function startNotes(form, words, given, on) {
  const known = new Map();
  const fields = new Map();
  const textOf = (slot) => sendable(fields.get(slot).value.trim());

  const tell = (slot) => {
    const text = textOf(slot);
    if (text === known.get(slot)) return;
    known.set(slot, text);
    on.noted(slot, text ? [text] : []);
    on.say(text ? words.noteHere : words.note);
  };

  for (const field of form.querySelectorAll("[data-note]")) {
    const slot = Number(field.name.slice(1));
    const box = field.parentNode;
    fields.set(slot, field);
    field.addEventListener("change", () => tell(slot));
    putButton(box, words.noteDone, "btn btn-small", () => {
      tell(slot);
      const empty = !known.get(slot);
      box.open = empty;
      hint.textContent = empty ? words.noteEmpty : "";
      if (empty) on.say(words.noteEmpty);
      (empty ? field : box.querySelector("summary")).focus();
    });
    const hint = put(box, "p", "");
  }

  const write = (slot, response) => {
    if (!fields.has(slot)) return;
    fields.get(slot).value = response[0] || "";
    known.set(slot, textOf(slot));
  };

  return {
    put: write,
    /** Where it is opened: whether there is a note, and whether it has arrived. */
    show(unsent) {
      for (const slot of known.keys()) {
        const text = words[!known.get(slot) ? "note" : unsent.has(noteOn(slot)) ? "noteHere" : "noted"];
        const summary = fields.get(slot).parentNode.querySelector("summary");
        // Not while a press that left the field is still under way: nothing moves away from under the finger.
        if (summary.textContent !== text) setTimeout(() => { summary.textContent = text; }, LATER_MS);
      }
    },
    /** As the server knows them. */
    reset() {
      for (const slot of fields.keys()) write(slot, [(given || {})[slot]]);
    },
    /** What is in a field is a note now. */
    flush() {
      for (const slot of fields.keys()) tell(slot);
    },
    again(slot) {
      known.delete(slot);
      if (fields.has(slot)) tell(slot);
    },
  };
}
