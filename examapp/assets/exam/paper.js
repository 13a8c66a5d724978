// The paper on the screen: one question at a time, the list with its states, the review before submission.
import { say, steadily } from "./attention.js";
import { makeGrid } from "./grid.js";
import { isTyped, readAnswer, startKinds, writeAnswer } from "./kinds.js";
import { startNotes } from "./notes.js";
import { byId } from "./page.js";
import { left, makeWay, noteOn, questionOf } from "./way.js";

const PAUSE_MS = 1500; // of one who types, before the text is an answer
const PARTS = ["columns", "bar", "clock", "clock-toggle"]; // there while one can answer
const STAY_MS = 400; // the bar comes back so long after a field is left: a press on a button finds it where it was

/** `on.answered(slot, response, typing)` is called at each change and act, `on.submit()` when the candidate confirms. */
export function openPaper(form, config, outbox, on) {
  const words = config.words;
  const questions = Array.from(form.querySelectorAll(".q"));
  const slots = questions.map((question) => Number(question.id.slice(1)));
  const flags = new Set(outbox.recall("flags"));
  const way = makeWay(config, slots);
  const grid = makeGrid(slots, words, (index) => go(index));
  const notes = startNotes(form, words, config.notes, { say, noted: (slot, response) => on.answered(noteOn(slot), response) });
  const told = new Map(); // by slot: the answer as it was last told
  const pauses = new Map();
  let here = 0;
  let locked = false;
  let asks = true; // before going on where there is no way back
  let broken = false; // the line, as it was last shown

  const answer = (slot) => readAnswer(byId(`q${slot}`));
  const put = (slot, response) => writeAnswer(byId(`q${slot}`), response);
  const isEmpty = (slot) => !answer(slot).length;
  const slotOf = (element) => {
    const question = element.closest(".q");
    return question && !locked && !("note" in element.dataset) ? Number(question.id.slice(1)) : 0;
  };

  function go(index, focus = true) {
    const first = slots.findIndex(way.isOpen);
    here = Math.min(Math.max(first, index), slots.indexOf(way.end));
    questions.forEach((question, i) => { question.hidden = i !== here; });
    byId("back").disabled = here <= first;
    byId("back").hidden = way.oneWay;
    byId("bar").classList.toggle("two", way.oneWay);
    mode("");
    show(outbox.unsentSlots());
    outbox.remember("place", [slots[here]]);
    if (focus) {
      scrollTo(0, 0);
      questions[here].focus({ preventScroll: true });
    }
  }

  /** "" the question, "listing" the list on a phone, "reviewing" the review before submission: what each shows is said
      in _sitting.scss. */
  function mode(name) {
    for (const one of ["listing", "reviewing"]) document.body.classList.toggle(one, one === name);
    unask();
    if (name) {
      scrollTo(0, 0);
      byId("side").focus({ preventScroll: true });
    }
  }

  function show(unsent, failing = broken) {
    broken = failing;
    notes.show(unsent);
    const states = slots.map((slot, index) => ({
      empty: isEmpty(slot),
      state: unsent.has(slot) ? "unsent" : isEmpty(slot) ? "empty" : "done",
      flagged: flags.has(slot),
      here: index === here,
      closed: slot <= way.behind,
      ahead: slot > way.end,
    }));
    grid(states);
    const empty = states.filter((one) => one.empty);
    const lost = empty.filter((one) => one.closed).length;
    const open = empty.length - lost;
    const done = slots.length - empty.length;
    byId("count").textContent = words.count.replace("{n}", done).replace("{of}", slots.length);
    byId("progress").value = done;
    const said = [open && words.none.replace("{n}", open), lost && words.lost.replace("{n}", lost),
      !empty.length && words.all.replace("{n}", done), marked(slots)];
    byId("missing").textContent = said.filter(Boolean).join(" ");
    byId("missing").classList.toggle("good", !empty.length);
    byId("confirm").textContent = empty.length ? words.submitEmpty.replace("{n}", empty.length) : words.submit;
    showHere(states[here]);
  }

  /** Which of these questions are flagged, in words; empty when none is. */
  function marked(among) {
    const list = among.filter((slot) => flags.has(slot)).join(", ");
    return list && words.marked.replace("{list}", list);
  }

  /** Where the answer on the screen is kept, and what can be done with it. */
  function showHere(one) {
    byId("flag").setAttribute("aria-pressed", String(one.flagged));
    byId("flag").textContent = one.flagged ? words.unflag : words.flag;
    byId("clear").hidden = isEmpty(slots[here]);
    const place = byId("place");
    const text = { done: words.onServer, unsent: words.onDevice, empty: words.unanswered }[one.state];
    if (place.textContent !== text) place.textContent = text;
    place.className = `tag ${{ done: "good", unsent: broken ? "warn" : "act", empty: "neutral" }[one.state]}`;
  }

  /** On to the next question; where there is no way back, once more asked. */
  function forward() {
    const slot = slots[here];
    if (slot !== way.end) go(here + 1);
    else if (slot === slots[slots.length - 1]) mode("reviewing");
    else if (asks) ask();
    else leave();
  }

  function ask() {
    const open = slots.filter(way.isOpen);
    const missing = open.filter(isEmpty).length;
    const empty = missing && (way.oneWay ? words.leaveEmpty : words.leaveMissing.replace("{n}", missing));
    const said = [way.oneWay ? words.leaveOne : words.leaveSection, empty, marked(open)];
    byId("ask-text").textContent = said.filter(Boolean).join(" ");
    byId("ask-go").textContent = way.oneWay ? words.goOne : words.goSection;
    byId("ask-again").hidden = !way.oneWay;
    byId("ask").hidden = false;
    byId("bar").hidden = true;
    byId("ask-text").focus({ preventScroll: true });
  }

  function unask() {
    byId("ask").hidden = true;
    byId("bar").hidden = false;
  }

  function stay() {
    unask();
    byId("next").focus({ preventScroll: true });
  }

  /** Everything typed comes before the act that closes it. */
  function leave() {
    tellTyped();
    const end = way.end;
    way.pass(left(end));
    on.answered(left(end), []);
    closeBehind();
    go(slots.indexOf(end) + 1);
    say((way.oneWay ? words.closedOne : words.closedSection).replace("{n}", end));
  }

  function closeBehind() {
    if (way.behind && byId("way-notice")) byId("way-notice").hidden = true; // understood by now
    questions.forEach((question, index) => { question.disabled = locked || slots[index] <= way.behind; });
  }

  /** Tells the answer of a question where it is another one than before. */
  function tell(slot, typing = false) {
    clearTimeout(pauses.get(slot));
    pauses.delete(slot);
    const response = answer(slot);
    const now = JSON.stringify(response);
    if (told.get(slot) === now || slot <= way.behind) return;
    told.set(slot, now);
    on.answered(slot, response, typing);
  }

  /** What is still being typed is an answer now. */
  function tellTyped() {
    for (const slot of Array.from(pauses.keys())) tell(slot);
    if (!locked) notes.flush();
  }

  function lock() {
    tellTyped();
    locked = true;
    mode("");
    for (const id of PARTS) byId(id).hidden = true;
    closeBehind();
  }

  startKinds(form, say);
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
  // With the keyboard up a bar that sticks to the bottom of the screen would lie over the field that is typed into.
  let typing = 0;
  form.addEventListener("focusin", (event) => {
    if (!isTyped(event.target)) return;
    clearTimeout(typing);
    steadily(event.target, () => document.documentElement.classList.add("typing"));
  });
  form.addEventListener("focusout", () => {
    clearTimeout(typing);
    typing = setTimeout(() => document.documentElement.classList.remove("typing"), STAY_MS);
  });
  addEventListener("pagehide", tellTyped);
  document.addEventListener("visibilitychange", tellTyped);
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => {
    put(slots[here], []);
    tell(slots[here]);
    questions[here].focus({ preventScroll: true });
  });
  byId("flag").addEventListener("click", () => {
    const slot = slots[here];
    if (!flags.delete(slot)) flags.add(slot);
    outbox.remember("flags", Array.from(flags));
    show(outbox.unsentSlots());
  });
  byId("back").addEventListener("click", () => go(here - 1));
  byId("next").addEventListener("click", forward);
  byId("list").addEventListener("click", () => mode("listing"));
  byId("review").addEventListener("click", () => mode("reviewing"));
  byId("resume").addEventListener("click", () => go(here));
  byId("confirm").addEventListener("click", on.submit);
  byId("ask-stay").addEventListener("click", stay);
  // Whoever turns to something else stays: the panel would lie over it, and say what is no longer so.
  const panel = byId("ask");
  for (const turned of ["focusin", "change"]) {
    document.addEventListener(turned, (event) => { if (!panel.hidden && !panel.contains(event.target)) unask(); });
  }
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") stay(); });
  byId("ask-go").addEventListener("click", () => {
    asks = !byId("ask-no-more").checked;
    leave();
  });
  document.body.classList.add("live");

  return {
    show,
    lock,
    unlock() {
      locked = false;
      for (const id of PARTS) byId(id).hidden = false;
      closeBehind();
      go(here);
    },
    /** `held` is what the page from the server does not know yet. An older device's answer fills in only what is empty
        there. */
    restore(held, lease) {
      form.reset();
      notes.reset();
      const fresh = new Set(slots.filter((slot) => !isEmpty(slot)));
      for (const slot of slots) put(slot, answer(slot));
      way.pass(left(config.behind || 0));
      for (const one of held) {
        const slot = one.event[1];
        if (slot < 0) way.pass(slot);
        if (slot === noteOn(questionOf(slot))) notes.put(-slot, one.event[2]);
        if (slots.includes(slot) && (one.lease === lease || !fresh.has(slot))) put(slot, one.event[2]);
      }
      for (const slot of slots) told.set(slot, JSON.stringify(answer(slot)));
      closeBehind();
      const start = location.hash || `#q${outbox.recall("place")}`;
      go(Math.max(0, slots.findIndex((slot) => `#q${slot}` === start)), false);
    },
    /** The server has kept another act under this number: what the page says now goes once more. */
    answerAgain(slot) {
      if (slots.includes(slot)) {
        told.delete(slot);
        tell(slot);
      } else if (slot === noteOn(questionOf(slot))) notes.again(-slot);
      else if (slot) on.answered(slot, []);
    },
  };
}
