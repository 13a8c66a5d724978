const KILO = 1024;

/** "3,4 MB": with the comma or point of the page's language. */
function readable(bytes) {
  const [amount, unit] = bytes < KILO * KILO ? [bytes / KILO, "KB"] : [bytes / KILO / KILO, "MB"];
  return `${amount.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`;
}

/** Says the name and size of the chosen file, and at once when it is over the limit; the server decides. */
export function checkFiles() {
  for (const input of document.querySelectorAll("input[type=file]")) {
    const note = document.querySelector(`[data-file-note="${input.id}"]`);
    if (!note) continue;
    input.addEventListener("change", () => {
      const limit = Number(input.dataset.maxBytes || Infinity);
      const files = Array.from(input.files);
      const large = files.find((file) => file.size > limit);
      note.textContent = files.map((file) => `${file.name} (${readable(file.size)})`).join("; ");
      if (large) note.textContent += `. ${note.dataset.tooLarge.replace("{limit}", readable(limit))}`;
      note.classList.toggle("field-error", Boolean(large));
    });
  }
}
