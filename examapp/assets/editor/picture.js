// Images in a text: kept by the server under what they are ("media:…"), with words for those who do not see them.
import { Node, mergeAttributes } from "@tiptap/core";

const MEDIA = "media:";

export const Picture = Node.create({
  name: "picture",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes: () => ({ src: { default: "" }, alt: { default: "" } }),
  parseHTML: () => [{ tag: `img[src^="${MEDIA}"]` }],
  renderHTML: ({ HTMLAttributes }) => ["img", mergeAttributes(HTMLAttributes)],
  addNodeView() {
    return ({ node, editor, getPos }) => {
      const image = document.createElement("img");
      image.src = dialog().dataset.images + node.attrs.src.slice(MEDIA.length);
      image.alt = node.attrs.alt;
      image.addEventListener("dblclick", () => {
        editor.commands.setNodeSelection(getPos());
        askForPicture(editor, node.attrs);
      });
      return { dom: image };
    };
  },
});

function dialog() {
  return document.getElementById("picture-dialog");
}

/** The server's digest of the file, or an error whose message says what is wrong with it. */
async function upload(box, file) {
  const body = new FormData();
  body.append("image", file);
  body.append("csrf_token", box.querySelector("[name=csrf_token]").value);
  const answer = await fetch(box.dataset.upload, { method: "POST", body, headers: { Accept: "application/json" } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.message || box.dataset.failed);
  return said.sha256;
}

/** Asks for a file and its description, then puts the image where the cursor is; with `known`, mends the description. */
export function askForPicture(editor, known = null) {
  const box = dialog();
  const form = box.querySelector("form");
  const [file, alt] = [form.elements.file, form.elements.alt];
  const fault = box.querySelector("[data-fault]");
  const say = (words) => {
    fault.textContent = words;
    fault.hidden = !words;
  };
  form.reset();
  say("");
  file.closest(".field").hidden = Boolean(known);
  alt.value = known?.alt ?? "";
  form.onsubmit = async (event) => {
    event.preventDefault();
    const words = alt.value.trim();
    if (!known && !file.files[0]) return say(box.dataset.noFile);
    if (!words) return say(box.dataset.noAlt);
    try {
      const src = known ? known.src : MEDIA + (await upload(box, file.files[0]));
      box.close();
      return editor.chain().focus().insertContent({ type: "picture", attrs: { src, alt: words } }).run();
    } catch (error) {
      return say(error instanceof TypeError ? box.dataset.failed : error.message);
    }
  };
  box.querySelector("[data-cancel]").onclick = () => box.close();
  box.showModal();
}
