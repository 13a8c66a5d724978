// Where the reader's attention is: what is spoken, what stays in its place, where the focus goes.
import { byId } from "./page.js";

/** Spoken once by a screen reader; nothing is seen of it. */
export function say(text) {
  byId("say").textContent = text;
}

/** Changes something above the element without moving the element. */
export function steadily(element, change) {
  const before = element.getBoundingClientRect().top;
  change();
  scrollBy(0, element.getBoundingClientRect().top - before);
}

/** For when what had the focus goes away: to the question, or to what is shown in its place. */
export function focusPaper() {
  const places = [byId("paper").querySelector(".q:not([hidden])"), byId("side"), byId("ending")];
  const shown = places.find((place) => place.offsetParent);
  if (shown) shown.focus({ preventScroll: true });
}
