/** A page that has to wait its turn sends its form again by itself, spread a little so that not all come at once. */
export function sendAgain() {
  const form = document.querySelector("form[data-again]");
  if (!form) return;
  const wait = Number(form.dataset.again) * 1000;
  setTimeout(() => form.submit(), wait + Math.random() * 500);
}
