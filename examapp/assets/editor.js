// The editor of questions: rich text over plain text areas, a filter over long lists. The page works without it.
import { startRichText } from "./editor/rich.js";
import { startFilters } from "./editor/filter.js";

/** Buttons that only say "now": with script the choice itself does it. */
function hidePlainButtons(root) {
  for (const button of root.querySelectorAll("[data-plain]")) button.hidden = true;
}

/** After rows or kinds have changed the preview follows. */
function follow(root) {
  if (root.matches?.("#content-fields")) root.dispatchEvent(new Event("input", { bubbles: true }));
}

function start(root) {
  hidePlainButtons(root);
  startRichText(root);
  startFilters(root);
  follow(root);
}

document.addEventListener("DOMContentLoaded", () => start(document));
document.addEventListener("htmx:load", (event) => start(event.target));
