import { put, putButton } from "./page.js";

/** Offers a text as a file; where the browser cannot save one, it opens beside the page. */
export function saveFile(name, text) {
  const link = document.createElement("a");
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.href = address;
  if ("download" in link) link.download = name;
  else link.target = "_blank";
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

/** What stands in the place of the paper: texts, a code to be read aloud, acts {label, href | act, primary, told}. QR codes
    that are shown in it (qr.js) stay while the code is the same. */
export function showEnding(box, title, texts, code, acts) {
  const known = [title, ...texts, code, ...acts.map((one) => [one.label, one.told])].join("\n");
  if (box.dataset.known === known && !box.hidden) return;
  const isNew = box.hidden || box.dataset.title !== title;
  const focused = document.activeElement;
  const held = box.contains(focused) && focused.textContent;
  const codes = code && box.dataset.code === code && box.querySelector(".codes");
  box.dataset.known = known;
  box.dataset.title = title;
  box.dataset.code = code;
  box.textContent = "";
  put(box, "h2", title);
  for (const text of texts) if (text) put(box, "p", text);
  if (code) put(box, "p", code, "receipt-code");
  const row = put(box, "div", "", "actions");
  for (const one of acts) {
    const css = one.primary ? "btn btn-primary" : "btn";
    if (one.href) put(row, "a", one.label, css).href = one.href;
    else putButton(row, one.label, css, one.act);
  }
  for (const one of acts) if (one.told) put(box, "p", one.told, "muted small");
  if (codes) box.appendChild(codes);
  box.hidden = false;
  if (codes && codes.contains(focused)) focused.focus();
  else if (isNew) box.focus();
  else if (held) (Array.from(row.children).find((one) => one.textContent === held) || box).focus();
}
