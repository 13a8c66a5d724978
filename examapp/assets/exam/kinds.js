// What the fields of a question say, and how an answer is put back into them: one entry a kind of question.
// A box is an element with data-kind; a response has the shape that this kind takes in question_bank/kinds.
import { essay } from "./essay.js";
import { ordering } from "./ordering.js";

const number = (field) => Number(field.value);
const fieldsOf = (box) => Array.from(box.querySelectorAll("input, select, textarea:not([data-note])"));
const partsOf = (box) => Array.from(box.querySelectorAll("[data-part]"));

/** Half of a surrogate pair cannot be sent; a field cut off in the middle of one loses what is outside the plane. */
export function sendable(text) {
  try {
    encodeURIComponent(text);
    return text;
  } catch {
    return text.replace(/[\ud800-\udfff]/g, "");
  }
}

const typed = (field) => (field.value.trim() ? sendable(field.value) : "");

/** Options to tick: the numbers of those that are. */
const ticks = {
  read: (box) => fieldsOf(box).filter((field) => field.checked).map(number),
  write(box, response) {
    for (const field of fieldsOf(box)) field.checked = response.includes(number(field));
  },
};

/** A part is a field, or a group of radios. */
function readPart(part) {
  if (part.tagName === "SELECT") return number(part);
  if (part.tagName === "INPUT") return typed(part);
  return ticks.read(part)[0] || 0;
}

function writePart(part, value) {
  if (part.tagName === "SELECT" || part.tagName === "INPUT") part.value = value || (part.tagName === "SELECT" ? 0 : "");
  else ticks.write(part, [value]);
}

/** Several parts: for each its number, or what was typed into it. */
const parts = {
  read: (box) => partsOf(box).map(readPart),
  write(box, response) {
    partsOf(box).forEach((part, index) => writePart(part, response[index]));
  },
};

const text = {
  read: (box) => [typed(fieldsOf(box)[0])],
  write(box, response) {
    const field = fieldsOf(box)[0];
    field.value = response[0] || "";
    field.dispatchEvent(new Event("input")); // for whoever counts; it does not rise to the form
  },
};

/** Questions that share a situation. */
const together = {
  read: (box) => boxesIn(box).map(readAnswer),
  write(box, response) {
    boxesIn(box).forEach((one, index) => writeAnswer(one, response[index] || []));
  },
};

const KINDS = {
  single_choice: ticks,
  multiple_response: ticks,
  true_false: ticks,
  true_false_cluster: parts,
  matching: parts,
  ordering,
  numeric: text,
  short_text: text,
  gap_text: parts,
  essay: Object.assign({}, text, essay),
  case: together,
};

const boxesIn = (box) => Array.from(box.querySelectorAll("[data-kind]"));
const isGiven = (part) => (Array.isArray(part) ? part.some(isGiven) : part !== 0 && part !== "");

/** Whether the field is written into, so that its answer waits for a pause. */
export const isTyped = (field) => field.tagName === "TEXTAREA" || (field.tagName === "INPUT" && field.type === "text");

/** The response; an empty list when no part of it is answered. */
export function readAnswer(box) {
  const response = KINDS[box.dataset.kind].read(box);
  return isGiven(response) ? response : [];
}

export function writeAnswer(box, response) {
  KINDS[box.dataset.kind].write(box, response);
}

/** Puts on what works by script only; `say` speaks to a screen reader. */
export function startKinds(form, say) {
  for (const box of boxesIn(form)) {
    const kind = KINDS[box.dataset.kind];
    if (kind.start) kind.start(box, say);
  }
}
