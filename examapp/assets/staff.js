// Additions to pages that work without them. Nothing here decides anything.
import htmx from "htmx.org";
import { forgetAtDoors } from "./exam/kept.js";
import { deliverLeftovers, finishLeaving } from "./exam/leftovers.js";
import { sendAgain } from "./staff/again.js";
import { guardForms } from "./staff/guard.js";
import { checkFiles } from "./staff/files.js";
import { listenForKeys } from "./staff/keys.js";
import { shrinkPhotos } from "./staff/photos.js";
import { enableSelection } from "./staff/selection.js";

htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0;
htmx.config.attributesToSettle = []; // nothing moves, and a style attribute would be refused
htmx.config.defaultSettleDelay = 0; // what was swapped in hears at once: an early change would be lost

/** Filters send themselves when a select changes; the button stays for the search box. */
function sendFilters() {
  for (const form of document.querySelectorAll("form[data-autosubmit]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select")) form.requestSubmit();
    });
    form.addEventListener("submit", () => dropEmpty(form));
  }
}

/** Empty fields stay out of the address, so that it can be read and sent on. */
function dropEmpty(form) {
  for (const control of form.elements) {
    if (control.name && control.value === "") control.disabled = true;
  }
  window.addEventListener("pageshow", () => {
    for (const control of form.elements) control.disabled = false;
  }, { once: true });
}

function showPrintButtons() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** A menu closes with Escape, by a click elsewhere, and gives the focus back. */
function closeMenus() {
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

document.addEventListener("DOMContentLoaded", () => {
  sendAgain();
  forgetAtDoors();
  if (finishLeaving()) return;
  deliverLeftovers();
  guardForms();
  checkFiles();
  shrinkPhotos();
  enableSelection();
  sendFilters();
  showPrintButtons();
  closeMenus();
  listenForKeys();
  document.querySelector("[data-focus]")?.focus();
});
