const SWITCH = "td-keys";

/** What a person types into keeps its keys. */
const isTyping = (target) =>
  target.matches?.("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])");

/** A button that wants something written first leads there while it is empty. */
function press(holder) {
  const wanted = holder.dataset.wants && document.getElementById(holder.dataset.wants);
  if (wanted && !wanted.value.trim()) wanted.focus();
  else holder.click();
}

/** data-keys="j ArrowRight": these keys press the element; the switch turns them off on this machine. */
export function listenForKeys() {
  const holders = Array.from(document.querySelectorAll("[data-keys]"));
  if (holders.length === 0) return;
  const toggle = document.querySelector("[data-keys-switch]");
  document.querySelector("[data-keys-help]")?.removeAttribute("hidden");
  if (toggle) {
    toggle.checked = localStorage.getItem(SWITCH) !== "off";
    toggle.addEventListener("change", () => localStorage.setItem(SWITCH, toggle.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
    if (localStorage.getItem(SWITCH) === "off") return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const holder = holders.find((element) => element.dataset.keys.split(" ").includes(key));
    if (!holder) return;
    event.preventDefault();
    press(holder);
  });
}
