// Photos of codes are sent no larger than they have to be to be read: a camera makes several times of that, and networks are weak.
const LIGHT = 1024 * 1024; // such a file goes as it is
const LONGEST = 2600; // points; several codes beside each other can still be read
const QUALITY = 0.8;

async function smaller(file) {
  if (file.size <= LIGHT) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
  return blob && blob.size < file.size ? new File([blob], file.name, { type: blob.type }) : file;
}

/** One after the other, because each needs much memory; what cannot be made smaller stays as it is. */
export function shrinkPhotos() {
  for (const input of document.querySelectorAll("input[data-shrink]")) {
    input.addEventListener("change", async () => {
      const chosen = Array.from(input.files);
      const list = new DataTransfer();
      for (const file of chosen) list.items.add(await smaller(file).catch(() => file));
      const isStill = chosen.length === input.files.length && chosen.every((file, at) => file === input.files[at]);
      if (!isStill || chosen.every((file, at) => file === list.files[at])) return;
      input.files = list.files;
      input.dispatchEvent(new Event("change")); // its name and size are told anew
    });
  }
}
