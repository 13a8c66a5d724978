import { makeClock, remaining } from "./clock.js";
import { startKinds } from "./kinds.js";

const SOON = 5 * 60000;

/** Questions in an ordinary form, outside an exam: what their kinds add by script, and the clock of a mock exam. */
export function practise() {
  for (const form of document.querySelectorAll("form[data-practice]:not([data-started])")) {
    const say = (text) => { document.getElementById("say").textContent = text; };
    form.dataset.started = "yes";
    startKinds(form, say);
    if (form.dataset.left) countDown(form, say);
  }
}

/** At the end of the time the form hands itself in. */
function countDown(form, say) {
  const clock = makeClock(0, Number(form.dataset.left));
  let told = clock.left() <= SOON;
  const timer = setInterval(() => {
    const left = clock.left();
    document.getElementById("clock").textContent = remaining(left);
    if (!told && left <= SOON) {
      told = true;
      say(form.dataset.words);
    }
    if (left > 0) return;
    clearInterval(timer);
    form.querySelector("[name=then][value=submit]").click();
  }, 500);
}
