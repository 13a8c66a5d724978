const CHOICES = ["text-large", "contrast"];
const KEY = "thuocdo.view";

/** What was chosen on this device; empty where the browser keeps nothing (private window, full storage). */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) || "[]").filter((name) => CHOICES.includes(name));
  } catch {
    return [];
  }
}

function keep(names) {
  try {
    localStorage.setItem(KEY, JSON.stringify(names));
  } catch {
    // The choice then holds for this page only.
  }
}

let listens = false;

function show(names) {
  for (const name of CHOICES) document.documentElement.classList.toggle(name, names.includes(name));
  for (const button of document.querySelectorAll("[data-view]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(names.includes(button.dataset.view)));
  }
}

function change(event) {
  const button = event.target.closest("[data-view]");
  if (!button) return;
  const name = button.dataset.view;
  const names = shown();
  const next = names.includes(name) ? names.filter((other) => other !== name) : names.concat(name);
  keep(next);
  show(next);
}

const shown = () => CHOICES.filter((name) => document.documentElement.classList.contains(name));

/** Larger text and stronger contrast, by buttons `data-view="text-large"` and `data-view="contrast"`, kept on the device.
    May be called again when a page was put into the document. */
export function keepView() {
  if (!listens) document.addEventListener("click", change);
  listens = true;
  show(kept());
}
