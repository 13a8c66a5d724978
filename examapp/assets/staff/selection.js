/** The tick in a table's head ticks the whole page; [data-selected-count] of the same form tells how many. */
export function enableSelection() {
  for (const head of document.querySelectorAll("[data-select-all]")) {
    const table = head.closest("table");
    const scope = head.closest("form") || table;
    const rows = () => Array.from(table.querySelectorAll("tbody input[type=checkbox]"));
    const counter = scope.querySelector("[data-selected-count]");
    const show = () => {
      const ticked = rows().filter((row) => row.checked).length;
      head.checked = ticked > 0 && ticked === rows().length;
      head.indeterminate = ticked > 0 && !head.checked;
      if (counter) counter.textContent = ticked.toLocaleString(document.documentElement.lang);
    };
    head.hidden = false;
    head.addEventListener("change", () => {
      for (const row of rows()) row.checked = head.checked;
      show();
    });
    table.addEventListener("change", show);
    show();
  }
}
