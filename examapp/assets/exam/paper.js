// The paper on the screen: one question at a time, the list with its states, the review before submission.
import { isTyped, readAnswer, startKinds, writeAnswer } from "./kinds.js";

const PAUSE_MS = 1500; // of one who types, before the text is an answer
const byId = (id) => document.getElementById(id);

/** `on.answered(slot, response, typing)` is called at each change; `on.submit()` when the candidate confirms. */
export function openPaper(form, words, outbox, on) {
  const questions = Array.from(form.querySelectorAll(".q"));
  const slots = questions.map((question) => Number(question.id.slice(1)));
  const flags = outbox.flags();
  const cells = new Map();
  let here = 0;
  let locked = false;

  const told = new Map(); // by slot: the answer as it was last told
  const pauses = new Map();

  const answer = (slot) => readAnswer(byId(`q${slot}`));
  const put = (slot, response) => writeAnswer(byId(`q${slot}`), response);
  const slotOf = (element) => {
    const question = element.closest(".q");
    return question && !locked ? Number(question.id.slice(1)) : 0;
  };

  function buildGrid() {
    slots.forEach((slot, index) => {
      const item = document.createElement("li");
      const cell = document.createElement("button");
      cell.type = "button";
      cell.textContent = slot;
      cell.addEventListener("click", () => go(index));
      item.appendChild(cell);
      byId("grid").appendChild(item);
      cells.set(slot, cell);
    });
  }

  function go(index, focus = true) {
    here = Math.max(0, Math.min(slots.length - 1, index));
    questions.forEach((question, i) => { question.hidden = i !== here; });
    byId("back").disabled = here === 0;
    mode("");
    show(outbox.unsentSlots());
    if (focus) {
      scrollTo(0, 0);
      questions[here].focus({ preventScroll: true });
    }
  }

  /** "" the question, "listing" the list on a phone, "reviewing" the review before submission. */
  function mode(name) {
    document.body.classList.toggle("listing", name === "listing");
    document.body.classList.toggle("reviewing", name === "reviewing");
    const reviewing = name === "reviewing";
    byId("side-text").hidden = !reviewing;
    byId("review").hidden = reviewing;
    byId("confirm").hidden = !reviewing;
    byId("resume").hidden = name === "";
    byId("missing").hidden = !reviewing;
    if (name) {
      scrollTo(0, 0);
      byId("side").focus({ preventScroll: true });
    }
  }

  function show(unsent) {
    const counts = { done: 0, unsent: 0, empty: 0 };
    for (const slot of slots) {
      const state = !answer(slot).length ? "empty" : unsent.has(slot) ? "unsent" : "done";
      counts[state] += 1;
      const cell = cells.get(slot);
      const flagged = flags.has(slot);
      const current = slot === slots[here];
      const css = [state === "empty" ? "" : state, flagged ? "flag" : "", current ? "here" : ""].join(" ").trim();
      if (cell.className !== css) cell.className = css;
      const said = [state === "empty" ? words.empty : words.answered, unsent.has(slot) ? words.here : "", flagged ? words.flagged : ""];
      cell.setAttribute("aria-label", [words.question.replace("{n}", slot), ...said].filter(Boolean).join(", "));
      if (current) cell.setAttribute("aria-current", "step");
      else cell.removeAttribute("aria-current");
    }
    const total = slots.length - counts.empty;
    byId("key-done").textContent = counts.done;
    byId("key-unsent").textContent = counts.unsent;
    byId("key-empty").textContent = counts.empty;
    byId("key-flag").textContent = flags.size;
    byId("count").textContent = words.count.replace("{n}", total).replace("{of}", slots.length);
    byId("progress").value = total;
    byId("missing").textContent = counts.empty
      ? words.none.replace("{n}", counts.empty)
      : words.all.replace("{n}", slots.length);
    const flagged = flags.has(slots[here]);
    byId("flag").setAttribute("aria-pressed", String(flagged));
    byId("flag").textContent = flagged ? words.unflag : words.flag;
    byId("clear").hidden = !answer(slots[here]).length;
  }

  /** Tells the answer of a question where it is another one than before. */
  function tell(slot, typing = false) {
    clearTimeout(pauses.get(slot));
    pauses.delete(slot);
    const response = answer(slot);
    const now = JSON.stringify(response);
    if (told.get(slot) === now) return;
    told.set(slot, now);
    on.answered(slot, response, typing);
  }

  /** What is still being typed is an answer now. */
  function tellTyped() {
    for (const slot of Array.from(pauses.keys())) tell(slot);
  }

  function lock() {
    tellTyped();
    locked = true;
    mode("");
    for (const id of ["columns", "bar"]) byId(id).hidden = true;
    for (const question of questions) question.disabled = true;
  }

  buildGrid();
  startKinds(form, (text) => { byId("say").textContent = text; });
  form.addEventListener("change", (event) => {
    const slot = slotOf(event.target);
    if (slot) tell(slot);
  });
  form.addEventListener("input", (event) => {
    const slot = isTyped(event.target) && slotOf(event.target);
    if (!slot) return;
    clearTimeout(pauses.get(slot));
    pauses.set(slot, setTimeout(() => tell(slot, true), PAUSE_MS));
  });
  addEventListener("pagehide", tellTyped);
  document.addEventListener("visibilitychange", tellTyped);
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => {
    put(slots[here], []);
    tell(slots[here]);
  });
  byId("flag").addEventListener("click", () => {
    const slot = slots[here];
    if (!flags.delete(slot)) flags.add(slot);
    outbox.keepFlags(flags);
    show(outbox.unsentSlots());
  });
  byId("back").addEventListener("click", () => go(here - 1));
  byId("next").addEventListener("click", () => (here === slots.length - 1 ? mode("reviewing") : go(here + 1)));
  byId("list").addEventListener("click", () => mode("listing"));
  byId("review").addEventListener("click", () => mode("reviewing"));
  byId("resume").addEventListener("click", () => go(here));
  byId("confirm").addEventListener("click", on.submit);
  for (const id of ["head", "under", "bar", "side"]) byId(id).hidden = false;
  byId("plain").hidden = true;
  document.body.classList.add("live");

  return {
    show,
    lock,
    unlock() {
      locked = false;
      for (const id of ["columns", "bar"]) byId(id).hidden = false;
      for (const question of questions) question.disabled = false;
      go(here);
    },
    /** What the page from the server does not know yet. An older device's answer fills in only what is empty there. */
    restore(unsent, lease) {
      form.reset();
      const fresh = new Set(slots.filter((slot) => answer(slot).length));
      for (const slot of slots) put(slot, answer(slot));
      for (const one of unsent) {
        const slot = one.event[1];
        if (cells.has(slot) && (one.lease === lease || !fresh.has(slot))) put(slot, one.event[2]);
      }
      for (const slot of slots) told.set(slot, JSON.stringify(answer(slot)));
      const start = slots.findIndex((slot) => `#q${slot}` === location.hash);
      go(Math.max(0, start), false);
    },
    answerAgain(slot) {
      told.delete(slot);
      if (cells.has(slot)) tell(slot);
    },
  };
}
