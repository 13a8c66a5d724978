/** "đất đai" and "Dat dai" alike. */
function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d");
}

/** A box over a long list of ticks shows what matches; what is ticked stays in sight. */
function filterList(list) {
  const box = list.querySelector("[data-filter]");
  const count = list.querySelector("[data-filter-count]");
  const lines = Array.from(list.querySelectorAll("[data-filter-line]"));
  const groups = Array.from(list.querySelectorAll("[data-filter-group]"));
  const tell = () => {
    const ticked = lines.filter((line) => line.querySelector("input").checked).length;
    if (count) count.textContent = count.dataset.filterCount.replace("{n}", ticked.toLocaleString(document.documentElement.lang));
  };
  const show = () => {
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    for (const line of lines) {
      const text = fold(line.textContent);
      line.hidden = !line.querySelector("input").checked && !words.every((word) => text.includes(word));
    }
    for (const group of groups) {
      const seen = group.querySelectorAll("[data-filter-line]:not([hidden])").length > 0;
      group.hidden = !seen;
      if (words.length > 0 && seen) group.open = true;
    }
  };
  box.parentElement.hidden = false;
  box.addEventListener("input", (event) => {
    event.stopPropagation(); // a search is no change of the form
    show();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  list.addEventListener("change", tell);
  tell();
}

export function startFilters(root) {
  for (const list of root.querySelectorAll("[data-filter-list]")) {
    if (list.dataset.started) continue;
    list.dataset.started = "yes";
    filterList(list);
  }
}
