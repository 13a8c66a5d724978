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

/** Larger text and stronger contrast, by buttons `data-view="text-large"` and `data-view="contrast"`, kept on the device. */
export function keepView() {
  const root = document.documentElement;
  const buttons = Array.from(document.querySelectorAll("[data-view]"));
  const show = (names) => {
    for (const name of CHOICES) root.classList.toggle(name, names.includes(name));
    for (const button of buttons) button.setAttribute("aria-pressed", String(names.includes(button.dataset.view)));
  };
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const name = button.dataset.view;
      const names = kept();
      const next = names.includes(name) ? names.filter((other) => other !== name) : names.concat(name);
      keep(next);
      show(next);
    });
  }
  show(kept());
}
