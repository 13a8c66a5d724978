/** How much has been written, said under the field. */
export const essay = {
  start(box) {
    const field = box.querySelector("textarea");
    const line = box.querySelector(".written");
    const show = () => {
      const count = (field.value.match(/\S+/g) || []).length;
      line.textContent = line.dataset.words.replace("{n}", count).replace("{signs}", field.value.length);
    };
    field.addEventListener("input", show);
    field.addEventListener("change", show);
    show();
  },
};
