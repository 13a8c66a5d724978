// The paper on the screen: one question at a time, the list with its states, the review before submission.
const byId = (id) => document.getElementById(id);

/** `on.answered(slot, options)` is called at each change; `on.submit()` when the candidate confirms. */
export function openPaper(form, words, outbox, on) {
  const questions = Array.from(form.querySelectorAll(".q"));
  const slots = questions.map((question) => Number(question.id.slice(1)));
  const flags = outbox.flags();
  const cells = new Map();
  let here = 0;
  let locked = false;

  const inputs = (slot) => Array.from(byId(`q${slot}`).querySelectorAll("input"));
  const chosen = (slot) => inputs(slot).filter((input) => input.checked).map((input) => Number(input.value));
  const choose = (slot, options) => {
    for (const input of inputs(slot)) input.checked = options.includes(Number(input.value));
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
      const state = !chosen(slot).length ? "empty" : unsent.has(slot) ? "unsent" : "done";
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
    byId("clear").hidden = !chosen(slots[here]).length;
  }

  function tell(slot) {
    on.answered(slot, chosen(slot));
  }

  function lock() {
    locked = true;
    mode("");
    for (const id of ["columns", "bar"]) byId(id).hidden = true;
    for (const question of questions) question.disabled = true;
  }

  buildGrid();
  form.addEventListener("change", (event) => {
    const question = event.target.closest(".q");
    if (question && !locked) tell(Number(question.id.slice(1)));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => {
    choose(slots[here], []);
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
      for (const input of form.querySelectorAll(".q input")) input.checked = input.defaultChecked;
      const fresh = new Set(slots.filter((slot) => chosen(slot).length));
      for (const one of unsent) {
        const slot = one.event[1];
        if (cells.has(slot) && (one.lease === lease || !fresh.has(slot))) choose(slot, one.event[2]);
      }
      const start = slots.findIndex((slot) => `#q${slot}` === location.hash);
      go(Math.max(0, start), false);
    },
    answerAgain(slot) {
      if (cells.has(slot)) tell(slot);
    },
  };
}
