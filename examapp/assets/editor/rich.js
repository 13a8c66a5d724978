// Rich text over a plain text area. The area keeps its text for readers without script; the hidden field beside it
// carries the HTML, which the server cleans again whatever arrives.
import { Editor } from "@tiptap/core";
import { Bold } from "@tiptap/extension-bold";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Italic } from "@tiptap/extension-italic";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Subscript } from "@tiptap/extension-subscript";
import { Superscript } from "@tiptap/extension-superscript";
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";
import { Text } from "@tiptap/extension-text";
import { UndoRedo } from "@tiptap/extensions";
import { Picture, askForPicture } from "./picture.js";

const INLINE = [Document, Paragraph, Text, Bold, Italic, Subscript, Superscript, HardBreak, UndoRedo, Picture];
// Without the widths that the library writes as style attributes: the page's policy allows none.
const PlainTable = Table.extend({ renderHTML: () => ["table", ["tbody", 0]] }).configure({ resizable: false });
const BLOCKS = [BulletList, OrderedList, ListItem, ListKeymap, PlainTable, TableRow, TableHeader, TableCell];

const ACTS = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  subscript: (chain) => chain.unsetSuperscript().toggleSubscript(),
  superscript: (chain) => chain.unsetSubscript().toggleSuperscript(),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  table: (chain) => chain.insertTable({ rows: 3, cols: 2, withHeaderRow: true }),
  addRow: (chain) => chain.addRowAfter(),
  addColumn: (chain) => chain.addColumnAfter(),
  dropRow: (chain) => chain.deleteRow(),
  dropColumn: (chain) => chain.deleteColumn(),
  dropTable: (chain) => chain.deleteTable(),
};

/** Plain text as paragraphs; the area's own line ends stay line ends. */
function fromPlain(text) {
  const escape = (line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return text.split("\n").map((line) => `<p>${escape(line)}</p>`).join("");
}

function toolbar(area, editor, whole) {
  const bar = document.getElementById("rich-tools").content.firstElementChild.cloneNode(true);
  bar.setAttribute("aria-label", `${bar.getAttribute("aria-label")}: ${area.dataset.label}`);
  for (const button of bar.querySelectorAll("[data-whole]")) if (!whole) button.remove();
  bar.addEventListener("mousedown", (event) => {
    if (event.target.closest("button")) event.preventDefault(); // the text keeps the focus
  });
  bar.addEventListener("click", (event) => {
    const name = event.target.closest("button")?.dataset.rich;
    if (name === "picture") askForPicture(editor);
    else if (name) ACTS[name](editor.chain().focus()).run();
  });
  return bar;
}

/** Which buttons are on, and those of a table only inside one. */
function follow(bar, editor) {
  for (const button of bar.querySelectorAll("button[data-rich]")) {
    const name = button.dataset.rich;
    if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(editor.isActive(name)));
    if (button.dataset.in) button.hidden = !editor.isActive(button.dataset.in);
  }
}

function enrich(area) {
  const whole = area.dataset.richText === "whole";
  const carrier = document.getElementById(`${area.id}-html`);
  const label = document.querySelector(`label[for="${area.id}"]`);
  const box = document.createElement("div");
  box.className = whole ? "rich" : "rich rich-line";
  area.after(box);
  label.id ||= `${area.id}-label`;
  area.dataset.label = label.textContent.trim();
  const editor = new Editor({
    element: box,
    extensions: whole ? INLINE.concat(BLOCKS) : INLINE,
    content: carrier.value || fromPlain(area.value),
    injectCSS: false,
    editorProps: {
      attributes: {
        id: `${area.id}-rich`,
        class: `form-control rich-text${whole ? " rich-whole" : ""}`,
        role: "textbox",
        lang: "vi",
        "aria-multiline": "true",
        "aria-labelledby": label.id,
        ...(area.getAttribute("aria-describedby") && { "aria-describedby": area.getAttribute("aria-describedby") }),
        ...(area.getAttribute("aria-invalid") && { "aria-invalid": "true" }),
      },
    },
  });
  const bar = toolbar(area, editor, whole);
  box.prepend(bar);
  label.removeAttribute("for");
  label.addEventListener("click", () => editor.commands.focus());
  area.hidden = area.disabled = true; // not sent: the hidden field speaks
  carrier.disabled = false;
  const keep = () => {
    carrier.value = editor.isEmpty ? "<p></p>" : editor.getHTML();
  };
  keep();
  editor.on("update", () => {
    keep();
    carrier.dispatchEvent(new Event("input", { bubbles: true }));
  });
  editor.on("transaction", () => follow(bar, editor));
  follow(bar, editor);
  if (area.hasAttribute("autofocus")) editor.commands.focus();
}

export function startRichText(root) {
  for (const area of root.querySelectorAll("textarea[data-rich-text]:not([disabled])")) enrich(area);
}
